# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that is installed besides the programs: each folder is taken as it is, so a new script, unit or
# manual page needs no edit here. Destinations are relative to the prefix (/usr), DESTDIR is honoured.

set(executable OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# install_files(DESTINATION pattern... [EXECUTABLE])
function(install_files destination)
    cmake_parse_arguments(PARSE_ARGV 1 rule "EXECUTABLE" "" "")
    foreach(pattern IN LISTS rule_UNPARSED_ARGUMENTS)
        file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${pattern})
        if(files AND rule_EXECUTABLE)
            install(PROGRAMS ${files} DESTINATION ${destination})
        elseif(files)
            install(FILES ${files} DESTINATION ${destination})
        endif()
    endforeach()
endfunction()

# install_scripts(DESTINATION folder): the whole folder, every file in it executable
function(install_scripts destination folder)
    if(EXISTS ${PROJECT_SOURCE_DIR}/${folder})
        install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/ DESTINATION ${destination}
                FILE_PERMISSIONS ${executable} DIRECTORY_PERMISSIONS ${executable})
    endif()
endfunction()

install_scripts(share/initramfs-tools/hooks initramfs-tools/hooks)
install_scripts(share/initramfs-tools/scripts initramfs-tools/scripts)
install_files(lib/dracut/modules.d/50vfio-early dracut/50vfio-early/*.sh EXECUTABLE)
install_files(lib/dracut/modules.d/50vfio-early dracut/50vfio-early/*.service)
if(VFIO_EARLY_MKINITCPIO)
    install_scripts(lib/initcpio mkinitcpio)
endif()
install_files(${CMAKE_INSTALL_FULL_SYSCONFDIR} hook/vfio-early.conf)
install_files(${CMAKE_INSTALL_FULL_SYSCONFDIR}/initramfs/post-update.d update-initramfs/* EXECUTABLE)
install_files(${CMAKE_INSTALL_FULL_SYSCONFDIR}/grub.d grub/42_vfio_early EXECUTABLE)
install_files(${CMAKE_INSTALL_FULL_SYSCONFDIR}/default/grub.d grub/*.cfg)
install_files(lib/kernel/install.d kernel-install/*.install EXECUTABLE)
install_files(lib/systemd/system systemd/*.service)
install_files(lib/systemd/catalog systemd/catalog/*.catalog)
install_files(lib/systemd/system-sleep systemd/system-sleep/* EXECUTABLE)
install_files(lib/udev/rules.d udev/*.rules)
# What an overlay of `vfio-earlyctl overlay` holds, as it lies in it.
set(overlay share/vfio-early/overlay)
install_scripts(${overlay}/scripts initramfs-tools/scripts)
install_files(${overlay}/conf/conf.d overlay/*)
install_files(${overlay}/usr/lib/systemd/system dracut/50vfio-early/*.service)
install_files(${overlay}/usr/lib/udev/rules.d udev/*.rules)
install_files(share/man/man5 man/*.5)
install_files(share/man/man8 man/*.8)
install_files(share/bash-completion/completions completions/bash/*)
install_files(share/zsh/vendor-completions completions/zsh/*)
install_files(share/fish/vendor_completions.d completions/fish/*)
install_files(${CMAKE_INSTALL_DOCDIR}/examples monitoring/*.yml monitoring/*.json)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/contrib/ansible DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
        USE_SOURCE_PERMISSIONS)
# Machines to look at without their hardware. A base stands beside what is built upon it.
foreach(example ryzen_3400g_iommu_on ryzen_3400g_iommu_off intel_two_identical_gpus server_8_gpus)
    install_files(${CMAKE_INSTALL_DOCDIR}/examples tests/machines/${example}.machine)
endforeach()
