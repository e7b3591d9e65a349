# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of what is shipped rather than of what it does: the program file (label artifact), the scripts (label unit).

if(TARGET vfio-early AND VFIO_EARLY_STATIC AND CMAKE_BUILD_TYPE STREQUAL "Release")
    foreach(check static needs_nothing size stripped hardened)
        add_test(NAME artifact_${check}
                 COMMAND ${PROJECT_SOURCE_DIR}/tests/artifact/check_program ${check} $<TARGET_FILE:vfio-early>)
        set_tests_properties(artifact_${check} PROPERTIES LABELS artifact TIMEOUT 30)
    endforeach()
    foreach(check hardened hardened_dynamic)
        add_test(NAME artifact_earlyctl_${check}
                 COMMAND ${PROJECT_SOURCE_DIR}/tests/artifact/check_program ${check} $<TARGET_FILE:vfio-earlyctl>)
        set_tests_properties(artifact_earlyctl_${check} PROPERTIES LABELS artifact TIMEOUT 30)
    endforeach()
endif()

if(VFIO_EARLY_BOOT_TESTS)
    add_test(NAME mutations COMMAND ${PROJECT_SOURCE_DIR}/tests/fuzz/mutations $<TARGET_FILE:vfio-earlyctl>
             ${PROJECT_BINARY_DIR}/mutations_found)
    set_tests_properties(mutations PROPERTIES LABELS nightly TIMEOUT 3600)
    # Each builds the whole package, one of them twice, and one boots it.
    add_test(NAME package_reproducible COMMAND ${PROJECT_SOURCE_DIR}/tests/artifact/check_reproducible)
    add_test(NAME package_rpm COMMAND ${PROJECT_SOURCE_DIR}/tests/artifact/check_rpm ${PROJECT_BINARY_DIR}/rpm)
    add_test(NAME package_autopkgtest COMMAND ${PROJECT_SOURCE_DIR}/tests/artifact/check_autopkgtest
             ${PROJECT_BINARY_DIR}/autopkgtest)
    add_test(NAME package_source COMMAND ${PROJECT_SOURCE_DIR}/tests/artifact/check_source_package)
    add_test(NAME package_cross COMMAND ${PROJECT_SOURCE_DIR}/tests/artifact/check_cross)
    set_tests_properties(package_reproducible package_rpm package_autopkgtest package_source package_cross
                         PROPERTIES LABELS nightly TIMEOUT 3600)
endif()

if(NOT VFIO_EARLY_FUZZ AND NOT VFIO_EARLY_SANITIZE)
    add_test(NAME versions COMMAND ${PROJECT_SOURCE_DIR}/tests/scripts/check_versions $<TARGET_FILE:vfio-early>
             $<TARGET_FILE:vfio-earlyctl>)
    set_tests_properties(versions PROPERTIES LABELS unit TIMEOUT 60)
    add_test(NAME links COMMAND ${PROJECT_SOURCE_DIR}/tests/scripts/check_links)
    set_tests_properties(links PROPERTIES LABELS unit TIMEOUT 60)
    add_test(NAME layers COMMAND ${PROJECT_SOURCE_DIR}/tests/scripts/check_layers)
    set_tests_properties(layers PROPERTIES LABELS unit TIMEOUT 60)
    add_test(NAME shell_scripts COMMAND ${PROJECT_SOURCE_DIR}/tests/scripts/check_shell_scripts)
    set_tests_properties(shell_scripts PROPERTIES LABELS unit TIMEOUT 60)
    add_test(NAME dev_root COMMAND ${PROJECT_SOURCE_DIR}/tests/scripts/check_dev_root)
    set_tests_properties(dev_root PROPERTIES LABELS unit TIMEOUT 60)
endif()
