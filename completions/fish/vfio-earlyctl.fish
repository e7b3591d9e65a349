# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for vfio-earlyctl(8)

# The commands and options are asked of the program itself, so that they cannot differ from it.
function __vfio_earlyctl_commands
    vfio-earlyctl --help 2>/dev/null | string match -r '^  [a-z-]+ .*' | string replace -r '^  ([a-z-]+) +(.*)' '$1\t$2' |
        string match -rv '^--'
end

function __vfio_earlyctl_command
    for word in (commandline -opc)[2..]
        if not string match -q -- '-*' $word
            echo $word
            return 0
        end
    end
    return 1
end

function __vfio_earlyctl_options
    set -l command (__vfio_earlyctl_command); or return
    vfio-earlyctl $command --help 2>/dev/null | string match -ra -- '--[a-z][a-z-]*' | sort -u
end

function __vfio_earlyctl_addresses
    ls /sys/bus/pci/devices 2>/dev/null
end

complete -c vfio-earlyctl -f
complete -c vfio-earlyctl -n 'not __vfio_earlyctl_command' -a '(__vfio_earlyctl_commands)'
complete -c vfio-earlyctl -n 'not __vfio_earlyctl_command' -l help -d 'print help'
complete -c vfio-earlyctl -n 'not __vfio_earlyctl_command' -l version -d 'print the version'
complete -c vfio-earlyctl -n '__vfio_earlyctl_command' -a '(__vfio_earlyctl_options)'
complete -c vfio-earlyctl -n 'contains -- (__vfio_earlyctl_command) add remove setup status' -a '(__vfio_earlyctl_addresses)'
complete -c vfio-earlyctl -n 'contains -- (__vfio_earlyctl_command) export' -a 'kubevirt nova proxmox nfd'
complete -c vfio-earlyctl -n 'contains -- (__vfio_earlyctl_command) check import snapshot inspect overlay' -F
complete -c vfio-earlyctl -n 'contains -- (__vfio_earlyctl_command) setup' -l write-policy -l boot-params -l image -xa 'yes no'
complete -c vfio-earlyctl -n 'contains -- (__vfio_earlyctl_command) inspect overlay' -l with -l before -l base -l key -l cert -rF
