# SPDX-License-Identifier: GPL-2.0-or-later
cmake_minimum_required(VERSION 3.25) # a script has no policies of its own
# cmake -DTOP=dir -DFOLDER=early/model -P check_model_includes.cmake
# Fails, naming file and line, where a source below FOLDER includes anything but FOLDER's own headers, the version
# header, and headers of the C++ library that do no input or output.

set(effects fstream iostream istream ostream iomanip sstream filesystem cstdio print thread regex locale)
file(GLOB_RECURSE files ${TOP}/${FOLDER}/*.hpp ${TOP}/${FOLDER}/*.cpp)
set(broken "")
foreach(file IN LISTS files)
    file(STRINGS ${file} lines REGEX "^[ \t]*#[ \t]*include")
    foreach(line IN LISTS lines)
        if(line MATCHES "include[ \t]*\"(${FOLDER}/[a-z0-9_/]+\\.hpp|vfio_early_version\\.hpp)\"")
            continue()
        endif()
        # A header that turns text into values and back, and needs no library.
        if(line MATCHES "include[ \t]*<nlohmann/json\\.hpp>")
            continue()
        endif()
        # Headers of the C++ library have no suffix; <unistd.h>, <libkmod.h>, <sys/...> have one.
        if(line MATCHES "include[ \t]*<([a-z_0-9]+)>" AND NOT CMAKE_MATCH_1 IN_LIST effects)
            continue()
        endif()
        cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${TOP} OUTPUT_VARIABLE name)
        list(APPEND broken "${name}: ${line}")
    endforeach()
endforeach()
if(broken)
    list(JOIN broken "\n  " text)
    message(FATAL_ERROR "${FOLDER} is pure: it may include only itself and the C++ library.\n  ${text}")
endif()
