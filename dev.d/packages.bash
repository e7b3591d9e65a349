# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the commands need from the distribution.

# set | Debian package | what it is in general terms
packages='
build | g++                          | a C++23 compiler (GCC 12 or later)
build | cmake                        | CMake 3.25 or later
build | ninja-build                  | Ninja
build | pkg-config                   | pkg-config
build | dpkg-dev                     | dpkg-source, which unpacks the source of kmod
build | libblkid-dev                 | libblkid with its static library: which drive / is on
build | libboost-program-options-dev | Boost.Program_options with its static library: command lines
build | libzstd-dev                  | libzstd with its static library: compressed modules
build | liblzma-dev                  | liblzma with its static library: compressed modules
build | zlib1g-dev                   | zlib with its static library: compressed modules
build | libarchive-dev               | libarchive: reading initramfs images
build | libfmt-dev                   | fmt: text output
build | nlohmann-json3-dev           | nlohmann-json: JSON output
build | libtinyxml2-dev              | tinyxml2: libvirt domains
build | libsystemd-dev               | libsystemd: messages for the journal
package | build-essential            | make, dpkg-buildpackage
package | debhelper                  | debhelper
unit  | libgtest-dev                 | GoogleTest
unit  | kmod                         | depmod
unit  | xz-utils                     | xz: compressed modules
unit  | zstd                         | zstd: compressed modules
unit  | pci.ids                      | the PCI ID database
unit  | shellcheck                   | ShellCheck
unit  | binutils                     | readelf
unit  | file                         | file
unit  | strace                       | strace: a run that is killed at each call that writes
unit  | python3                      | Python 3.11 or later
boot  | python3                      | Python 3.11 or later
boot  | mmdebstrap                   | mmdebstrap: Debian roots
boot  | debian-archive-keyring       | the keys of the Debian archive
boot  | qemu-system-x86              | QEMU for x86-64
boot  | qemu-utils                   | qemu-img
boot  | ovmf                         | UEFI firmware for QEMU
boot  | e2fsprogs                    | mke2fs: disk images of the roots
boot  | util-linux                   | unshare, nsenter
boot  | iproute2                     | ip: the network of a guest with its root on NFS
boot  | lz4                          | lz4: reading initramfs images
boot  | xz-utils                     | xz: reading initramfs images
boot  | zstd                         | zstd: kernels and initramfs images
bench | gnuplot-nox                  | gnuplot: plots of the measurements
'
# Releases differ in which clang they have; 19 is the first that can read the std::expected of GCC.
clang_versions='19 20 21 22'

# words_of FIELD SET...: the field (2: packages, 3: general terms) of all lines of the sets
words_of() {
    local field=$1
    shift
    awk -F' *[|] *' -v field="$field" -v sets=" $* " 'index(sets, " " $1 " ") { print $field }' <<<"$packages"
}

missing_packages() {
    local wanted
    mapfile -t wanted < <(words_of 2 "$@")
    comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort)
}

# The newest known clang that has all four parts, of those installed.
clang_installed() {
    local version
    for version in $clang_versions; do
        if type "clang++-$version" "clang-tidy-$version" "clang-format-$version" >/dev/null 2>&1 &&
            compgen -G "/usr/lib/llvm-$version/lib/clang/*/lib/*/libclang_rt.fuzzer*" >/dev/null; then
            echo "$version" && return
        fi
    done
    return 1
}

clang_packages() {
    local version
    for version in $clang_versions; do
        if apt-cache show "libclang-rt-$version-dev" >/dev/null 2>&1; then
            echo "clang-$version clang-tidy-$version clang-format-$version libclang-rt-$version-dev" && return
        fi
    done
    die "apt knows no clang of the versions $clang_versions"
}

update_apt() {
    as_root apt-get -q update
}

install_apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
}

# need_packages SET...: installs what is missing of build, unit, boot, clang
need_packages() {
    local missing clang=
    if ! type dpkg-query apt-get >/dev/null 2>&1; then
        need_programs "$@"
        return
    fi
    mapfile -t missing < <(missing_packages "$@")
    case " $* " in *' clang '*) clang_installed >/dev/null || clang=yes ;; esac
    if [ ${#missing[@]} -eq 0 ] && [ -z "$clang" ]; then
        return
    fi
    # asked for now, as what is printed below goes to a log
    as_root true || die "missing packages: ${missing[*]} ${clang:+$(clang_packages)}"
    step 'package lists' update_apt
    local all=("${missing[@]}")
    if [ -n "$clang" ]; then read -ra clang <<<"$(clang_packages)" && all+=("${clang[@]}"); fi
    step "installing ${#all[@]} Debian packages" install_apt "${all[@]}"
}

# Without apt only programs can be looked for; libraries are CMake's to miss.
need_programs() {
    local program missing=()
    for program in g++ cmake ninja pkg-config; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    case " $* " in *' boot '*)
        for program in mmdebstrap qemu-system-x86_64 mke2fs python3 unshare zstd; do
            command -v "$program" >/dev/null || missing+=("$program")
        done ;;
    esac
    [ ${#missing[@]} -gt 0 ] || return 0
    {
        echo "dev: this is no Debian, and these programs are missing: ${missing[*]}"
        echo 'What is needed in all:'
        words_of 3 "$@" | sed 's/^/  - /'
        case " $* " in *' clang '*) echo '  - clang 19 or later with clang-tidy, clang-format and its sanitizer runtime' ;; esac
        echo 'The source of kmod comes from Debian; elsewhere configure with -DVFIO_EARLY_KMOD_SOURCE=DIR,'
        echo 'or with -DVFIO_EARLY_STATIC=OFF and the development files of libkmod.'
    } >&2
    exit 1
}
