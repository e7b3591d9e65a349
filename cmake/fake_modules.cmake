# SPDX-License-Identifier: GPL-2.0-or-later
# Defines the target fake_modules and FAKE_MODULES, a folder of small files that the real depmod takes for kernel
# modules: each tests/unit/libkmodctl/modules/NAME.S becomes NAME.ko, an ELF object with only the sections that depmod
# reads. No kernel would load one.

set(FAKE_MODULES ${PROJECT_BINARY_DIR}/fake_modules)
set(source_folder ${PROJECT_SOURCE_DIR}/tests/unit/libkmodctl/modules)
file(GLOB sources CONFIGURE_DEPENDS ${source_folder}/*.S)
file(MAKE_DIRECTORY ${FAKE_MODULES})
set(modules "")
foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_custom_command(OUTPUT ${FAKE_MODULES}/${name}.ko
        COMMAND ${CMAKE_C_COMPILER} -c ${source} -o ${FAKE_MODULES}/${name}.ko
        DEPENDS ${source} ${source_folder}/module.h COMMENT "" VERBATIM)
    list(APPEND modules ${FAKE_MODULES}/${name}.ko)
endforeach()
add_custom_target(fake_modules DEPENDS ${modules})
