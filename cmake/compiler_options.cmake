# SPDX-License-Identifier: GPL-2.0-or-later
# Defines the interface targets every source of ours is compiled with: vfio_early_options (language, warnings,
# hardening) and vfio_early_top (includes are written from the top of the repository).

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Size first: the program travels in every initramfs image, and what it waits for is the kernel.
set(CMAKE_C_FLAGS_RELEASE "-Os -DNDEBUG" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-Os -DNDEBUG" CACHE STRING "" FORCE)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    include(CheckIPOSupported)
    check_ipo_supported(RESULT ipo_supported OUTPUT ipo_output LANGUAGES C CXX)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${ipo_supported})
    add_link_options(-s)
endif()

# Everything, libkmod included: unused code goes, sanitizers see all of it, the same build in any folder.
add_compile_options(-ffunction-sections -fdata-sections -fstack-protector-strong
                    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
add_link_options(-Wl,--gc-sections -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(VFIO_EARLY_SANITIZE)
    add_compile_options(-fsanitize=${VFIO_EARLY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${VFIO_EARLY_SANITIZE})
elseif(VFIO_EARLY_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "VFIO_EARLY_FUZZ needs clang (preset fuzz)")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    add_link_options(-fsanitize=address,undefined)
else()
    add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()

add_library(vfio_early_options INTERFACE)
target_compile_features(vfio_early_options INTERFACE cxx_std_23)
target_compile_options(vfio_early_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-align -Wcast-qual
    -Wformat=2 -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wundef -Wunused
    -Wimplicit-fallthrough -Wdouble-promotion
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast>
    # std::stable_sort of libstdc++ 12 uses what the standard has since deprecated; GCC knows that it may.
    $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
    # A name of one source is no shadow over that of another which is only joined to it; the other presets look for shadows.
    $<$<BOOL:${VFIO_EARLY_JOIN_SOURCES}>:-Wno-shadow>
    $<$<BOOL:${VFIO_EARLY_WERROR}>:-Werror>)

# For what vfio-early is made of: errors are values there (std::expected).
add_library(vfio_early_no_exceptions INTERFACE)
target_compile_options(vfio_early_no_exceptions INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)

configure_file(${CMAKE_CURRENT_LIST_DIR}/vfio_early_version.hpp.in
               ${PROJECT_BINARY_DIR}/generated/vfio_early_version.hpp @ONLY)
target_include_directories(vfio_early_options INTERFACE ${PROJECT_BINARY_DIR}/generated)

add_library(vfio_early_top INTERFACE)
target_include_directories(vfio_early_top INTERFACE ${PROJECT_SOURCE_DIR})

# find_static_flags(RESULT): to link one static program, position-independent where the toolchain can
function(find_static_flags result)
    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_FLAGS -fPIE)
    set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
    check_cxx_source_compiles("int main() {}" STATIC_PIE_WORKS)
    if(NOT STATIC_PIE_WORKS)
        set(${result} -static PARENT_SCOPE)
        return()
    endif()
    if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
        set(${result} -static-pie PARENT_SCOPE)
        return()
    endif()
    # Relative relocations in a tenth of the space (glibc 2.36 and later applies them in a static program too). Whether
    # they are applied only a run can tell.
    list(APPEND CMAKE_REQUIRED_LINK_OPTIONS -Wl,-z,pack-relative-relocs)
    include(CheckCXXSourceRuns)
    check_cxx_source_runs("#include <cstdio>\nint main() { return std::fputs(\"\", stdout) < 0; }" RELR_WORKS)
    if(RELR_WORKS)
        set(flags -static-pie -Wl,-z,pack-relative-relocs)
    else()
        set(flags -static-pie)
    endif()
    set(${result} ${flags} PARENT_SCOPE)
endfunction()
