# SPDX-License-Identifier: GPL-2.0-or-later
# Defines the target `libkmod`, which libkmodctl links.
#
# Debian ships no libkmod.a, so by default libkmod is compiled here from the distribution's own source package,
# patches applied (fetch_kmod_source), with xz, zstd and zlib and without its logging. With VFIO_EARLY_SHARED_KMOD
# it is the shared library that pkg-config finds.

if(VFIO_EARLY_SHARED_KMOD)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(shared_libkmod REQUIRED IMPORTED_TARGET libkmod>=30)
    add_library(libkmod ALIAS PkgConfig::shared_libkmod)
    return()
endif()

if(VFIO_EARLY_KMOD_SOURCE)
    cmake_path(ABSOLUTE_PATH VFIO_EARLY_KMOD_SOURCE BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE kmod)
else()
    # The presets build in build/NAME and share one copy.
    cmake_path(GET PROJECT_BINARY_DIR PARENT_PATH cache)
    if(NOT cache STREQUAL "${PROJECT_SOURCE_DIR}/build")
        set(cache ${PROJECT_BINARY_DIR})
    endif()
    execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/fetch_kmod_source ${cache}/kmod-source
                    COMMAND_ERROR_IS_FATAL ANY)
    set(kmod ${cache}/kmod-source/kmod)
endif()
if(NOT EXISTS ${kmod}/libkmod/libkmod.h)
    message(FATAL_ERROR "${kmod} is no source tree of kmod: it has no libkmod/libkmod.h")
endif()

file(GLOB kmod_sources ${kmod}/libkmod/*.c ${kmod}/shared/*.c)
add_library(kmod_static STATIC ${kmod_sources})
add_library(libkmod ALIAS kmod_static)

# libkmod.h alone: nothing else of the tree is ours to include.
set(kmod_include ${PROJECT_BINARY_DIR}/kmod_include)
configure_file(${kmod}/libkmod/libkmod.h ${kmod_include}/libkmod.h COPYONLY)
target_include_directories(kmod_static PRIVATE ${kmod} ${kmod}/libkmod)
target_include_directories(kmod_static SYSTEM INTERFACE ${kmod_include})

# What its configure would have found with glibc and GCC or clang. Where it was configured with autoconf,
# a switch that is off is not defined at all; with meson it is 0.
target_compile_definitions(kmod_static PRIVATE
    _GNU_SOURCE PACKAGE="kmod" VERSION="static" KMOD_FEATURES="+ZSTD +XZ +ZLIB" SYSCONFDIR="/etc"
    DISTCONFDIR="/usr/lib" MODULE_DIRECTORY="/lib/modules" ENABLE_XZ=1 ENABLE_ZSTD=1 ENABLE_ZLIB=1
    HAVE_SECURE_GETENV=1 HAVE_LINUX_MODULE_H=1 HAVE_STATIC_ASSERT=1 HAVE_NORETURN=1
    HAVE_STRUCT_STAT_ST_MTIM=1 HAVE_DECL_STRNDUPA=1 HAVE_DECL_BE32TOH=1 HAVE_DECL_BASENAME=1
    HAVE___BUILTIN_CLZ=1 HAVE___BUILTIN_TYPES_COMPATIBLE_P=1
    HAVE___BUILTIN_UADD_OVERFLOW=1 HAVE___BUILTIN_UADDL_OVERFLOW=1 HAVE___BUILTIN_UADDLL_OVERFLOW=1
    HAVE___BUILTIN_UMUL_OVERFLOW=1 HAVE___BUILTIN_UMULL_OVERFLOW=1 HAVE___BUILTIN_UMULLL_OVERFLOW=1)
if(EXISTS ${kmod}/meson.build)
    target_compile_definitions(kmod_static PRIVATE ENABLE_LOGGING=0 ENABLE_DEBUG=0 ENABLE_ELFDBG=0 ENABLE_OPENSSL=0
                               ENABLE_XZ_DLOPEN=0 ENABLE_ZSTD_DLOPEN=0 ENABLE_ZLIB_DLOPEN=0)
endif()
set_target_properties(kmod_static PROPERTIES C_STANDARD 11 C_EXTENSIONS ON C_CLANG_TIDY "")
# Its own undefined behaviour (null pointers to memmove of nothing) is not ours to judge; AddressSanitizer stays.
target_compile_options(kmod_static PRIVATE -w -fno-sanitize=undefined
                       $<$<CONFIG:Release>:-fno-asynchronous-unwind-tables>)

# By name, so that a static program gets the archives and any other the shared libraries.
target_link_libraries(kmod_static INTERFACE lzma zstd z)
