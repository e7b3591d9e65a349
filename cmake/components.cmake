# SPDX-License-Identifier: GPL-2.0-or-later
# The kinds of target there are. Each takes its sources from its folder, so a new file needs no edit here.

# component_sources(RESULT PLACE...): the sources below folders, without a program's main.cpp, and single sources
function(component_sources result)
    set(all "")
    foreach(place IN LISTS ARGN)
        if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${place})
            file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${place}/*.cpp)
            list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${place}/main.cpp)
        else()
            set(sources ${PROJECT_SOURCE_DIR}/${place})
        endif()
        list(APPEND all ${sources})
    endforeach()
    set(${result} ${all} PARENT_SCOPE)
endfunction()

# system_library(RESULT NAME): the target that links a library of the distribution
#
# What the static program uses too is linked by name, so that each program gets the archive or the shared library.
function(system_library result name)
    if(TARGET ${name})
        set(target ${name})
    elseif(name STREQUAL "fmt")
        find_package(fmt REQUIRED GLOBAL)
        set(target fmt::fmt)
    elseif(name STREQUAL "nlohmann_json")
        find_package(nlohmann_json 3 REQUIRED GLOBAL)
        set(target nlohmann_json::nlohmann_json)
    elseif(name STREQUAL "tinyxml2")
        find_package(PkgConfig REQUIRED)
        pkg_check_modules(tinyxml2 REQUIRED QUIET IMPORTED_TARGET GLOBAL tinyxml2)
        set(target PkgConfig::tinyxml2)
    elseif(name STREQUAL "boost_program_options")
        find_path(BOOST_PROGRAM_OPTIONS_INCLUDE boost/program_options.hpp REQUIRED)
        set(target -lboost_program_options)
    elseif(name STREQUAL "blkid")
        find_package(PkgConfig REQUIRED)
        pkg_check_modules(blkid REQUIRED QUIET blkid)
        set(target ${blkid_STATIC_LIBRARIES})
    else()
        find_package(PkgConfig REQUIRED)
        pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET GLOBAL lib${name})
        set(target PkgConfig::${name})
    endif()
    set(${result} ${target} PARENT_SCOPE)
endfunction()

# precompile(TARGET HEADER...): what most sources of a target read. Only the presets of the tests do so; the release build
# sees every source with its own includes only. GCC takes warnings about the inner parts of a precompiled library header
# for warnings about our code, so those of bounds are the release build's to give.
function(precompile target)
    if(VFIO_EARLY_PRECOMPILE)
        target_precompile_headers(${target} PRIVATE ${ARGN})
        target_compile_options(${target} PRIVATE
            $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict>)
    endif()
endfunction()

# add_component(NAME FOLDER folder-or-source... [NO_EXCEPTIONS] LINK target-or-library...): a static library
#
# NO_EXCEPTIONS: it is also a part of vfio-early, in which nothing throws and nothing catches.
function(add_component name)
    cmake_parse_arguments(PARSE_ARGV 1 component NO_EXCEPTIONS "" "FOLDER;LINK")
    component_sources(sources ${component_FOLDER})
    if(NOT sources)
        add_library(${name} INTERFACE)
        return()
    endif()
    add_library(${name} STATIC ${sources})
    foreach(library IN LISTS component_LINK)
        system_library(target ${library})
        target_link_libraries(${name} PUBLIC ${target})
    endforeach()
    target_link_libraries(${name} PRIVATE vfio_early_options PUBLIC vfio_early_top)
    if(component_NO_EXCEPTIONS)
        target_link_libraries(${name} PRIVATE vfio_early_no_exceptions)
    endif()
endfunction()

# add_model_component(NAME FOLDER folder): a static library that can see nothing but itself and the C++ library.
#
# Its include path is a generated tree that holds this one folder, so "early/system/..." does not exist there; a
# check before compilation refuses what could still be reached (a relative path, a header of the system). That
# it links nothing is proved by its unit test, which takes in the whole archive.
function(add_model_component name)
    cmake_parse_arguments(PARSE_ARGV 1 component "" FOLDER "")
    component_sources(sources ${component_FOLDER})
    if(NOT sources)
        add_library(${name} INTERFACE)
        return()
    endif()
    set(tree ${PROJECT_BINARY_DIR}/model_include)
    cmake_path(GET component_FOLDER PARENT_PATH parent)
    file(MAKE_DIRECTORY ${tree}/${parent})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${component_FOLDER} ${tree}/${component_FOLDER} SYMBOLIC)

    file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${component_FOLDER}/*.hpp)
    set(stamp ${PROJECT_BINARY_DIR}/${name}_is_pure.stamp)
    set(check ${PROJECT_SOURCE_DIR}/cmake/check_model_includes.cmake)
    add_custom_command(OUTPUT ${stamp}
        COMMAND ${CMAKE_COMMAND} -DFOLDER=${component_FOLDER} -DTOP=${PROJECT_SOURCE_DIR} -P ${check}
        COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
        DEPENDS ${sources} ${headers} ${check}
        COMMENT "Checking that ${component_FOLDER} includes no effects" VERBATIM)
    add_custom_target(${name}_is_pure DEPENDS ${stamp})

    add_library(${name} STATIC ${sources})
    add_dependencies(${name} ${name}_is_pure)
    target_include_directories(${name} PRIVATE ${tree})
    target_link_libraries(${name} PRIVATE vfio_early_options vfio_early_no_exceptions INTERFACE vfio_early_top)
endfunction()

# add_early_program(NAME SOURCE file LINK component...): the one file that an initramfs image carries
function(add_early_program name)
    cmake_parse_arguments(PARSE_ARGV 1 program "" SOURCE LINK)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${program_SOURCE})
        return()
    endif()
    add_executable(${name} ${program_SOURCE})
    target_link_libraries(${name} PRIVATE vfio_early_options vfio_early_no_exceptions ${program_LINK})
    if(VFIO_EARLY_STATIC)
        find_static_flags(static_flags)
        target_link_options(${name} PRIVATE ${static_flags})
    endif()
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
endfunction()

# add_hook_program(NAME SOURCE file LINK component...): a program of the installed system
function(add_hook_program name)
    cmake_parse_arguments(PARSE_ARGV 1 program "" SOURCE LINK)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${program_SOURCE})
        return()
    endif()
    add_executable(${name} ${program_SOURCE})
    target_link_libraries(${name} PRIVATE vfio_early_options ${program_LINK})
    target_link_options(${name} PRIVATE -pie)
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
endfunction()

# add_test_support(NAME FOLDER folder-or-source...): what several test programs share: builders, fixtures, simulations.
# It links no component: each test program brings its own, and takes from here only what it uses.
function(add_test_support name)
    cmake_parse_arguments(PARSE_ARGV 1 support "" "" "FOLDER")
    component_sources(sources ${support_FOLDER})
    add_library(${name} STATIC EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(${name} PRIVATE vfio_early_options PUBLIC vfio_early_top)
    target_compile_definitions(${name} PRIVATE VFIO_EARLY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endfunction()

# add_unit_test(NAME FOLDER folder COMPONENT component): one program and one ctest entry a component, label unit
function(add_unit_test name)
    cmake_parse_arguments(PARSE_ARGV 1 test "" "FOLDER;COMPONENT" "")
    component_sources(sources ${test_FOLDER})
    if(NOT sources)
        return()
    endif()
    find_package(GTest REQUIRED GLOBAL)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE test_support)
    # The whole archive: a component that needs symbols of a component it does not link fails here.
    if(VFIO_EARLY_SANITIZE OR NOT test_COMPONENT STREQUAL "vfio_early_model")
        target_link_libraries(${name} PRIVATE ${test_COMPONENT})
    else()
        target_link_libraries(${name} PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,${test_COMPONENT}>")
    endif()
    target_link_libraries(${name} PRIVATE vfio_early_options vfio_early_top GTest::gtest_main)
    add_dependencies(${name} fake_modules)
    target_compile_definitions(${name} PRIVATE VFIO_EARLY_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                               VFIO_EARLY_FAKE_MODULES="${FAKE_MODULES}")
    add_test(NAME ${VFIO_EARLY_TEST_PREFIX}${name} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${VFIO_EARLY_TEST_PREFIX}${name} PROPERTIES LABELS unit TIMEOUT 240)
    if(VFIO_EARLY_SANITIZE)
        # No hot code: optimized, the tests take twice as long to compile.
        target_compile_options(${name} PRIVATE -O0)
    endif()
    precompile(${name} <gtest/gtest.h> ${common_headers})
endfunction()

# add_fuzzers(FOLDER folder LINK component...): one libFuzzer program a source; ctest runs each for a moment, label fuzz
function(add_fuzzers)
    cmake_parse_arguments(PARSE_ARGV 0 fuzz "" "FOLDER" "LINK")
    component_sources(sources ${fuzz_FOLDER})
    add_custom_target(fuzzers)
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        add_executable(${name} ${source})
        add_dependencies(fuzzers ${name})
        target_link_libraries(${name} PRIVATE vfio_early_options vfio_early_top ${fuzz_LINK})
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        set(corpus ${PROJECT_SOURCE_DIR}/${fuzz_FOLDER}/corpus/${name})
        set(found ${PROJECT_BINARY_DIR}/fuzz_found/${name})
        file(MAKE_DIRECTORY ${found})
        if(NOT EXISTS ${corpus})
            set(corpus "")
        endif()
        set(dictionary ${PROJECT_SOURCE_DIR}/${fuzz_FOLDER}/${name}.dict)
        if(EXISTS ${dictionary})
            set(dictionary -dict=${dictionary})
        else()
            set(dictionary "")
        endif()
        add_test(NAME ${name} COMMAND ${name} -max_total_time=10 -timeout=5 ${dictionary} ${found} ${corpus})
        set_tests_properties(${name} PROPERTIES LABELS fuzz)
    endforeach()
endfunction()
