# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ./dev install and ./dev uninstall

# What was installed: sha256sum's format, paths from the top of the file system it was installed into.
installed=usr/share/vfio-early/installed_files

# destination COMMAND [--destdir DIR]: prints where to install, / unless given
destination() {
    local command=$1 directory
    shift
    case $#:${1:-} in
        0:) directory=/ ;;
        2:--destdir) directory=$2 ;;
        1:--destdir=*) directory=${1#*=} ;;
        *) usage_error "$command: unknown argument: $1" ;;
    esac
    case $directory in
        /*) ;;
        *) directory=${called_from:?}/$directory ;;
    esac
    if [ "$directory" = / ]; then need_root "$command"; fi
    printf '%s\n' "${directory%/}"
}

stage() {
    rm -rf build/stage
    DESTDIR=$PWD/build/stage cmake --install build/release
}

# Copies what is staged, file by file: the folders of the system keep their modes.
copy_stage() {
    local top=$1 name
    : >build/installed_files
    while IFS= read -r name; do
        if [[ $name == etc/* && -e $top/$name ]]; then
            echo "kept $top/$name"
            continue
        fi
        mkdir -p "$top/${name%/*}"
        cp -P --preserve=mode --remove-destination "build/stage/$name" "$top/$name"
        (cd build/stage && sha256sum "$name") >>build/installed_files
    done < <(cd build/stage && find . ! -type d -printf '%P\n' | sort)
    # an earlier installation may have had more, and knows of the files of /etc that are ours
    if [ -f "$top/$installed" ]; then remove_rest "$top"; fi
    mkdir -p "$top/${installed%/*}"
    cp build/installed_files "$top/$installed"
}

# remove_file TOP NAME: the file, and the folders that are then empty
remove_file() {
    rm -f "$1/$2"
    (cd "$1/" && rmdir -p --ignore-fail-on-non-empty "${2%/*}" 2>/dev/null) || true
}

# Of the earlier list: files that are no longer installed go, those of /etc are remembered.
remove_rest() {
    local sum name
    while read -r sum name; do
        if grep -qF "  $name" build/installed_files; then continue; fi
        case $name in
            etc/*) printf '%s  %s\n' "$sum" "$name" >>build/installed_files ;;
            *) remove_file "$1" "$name" ;;
        esac
    done <"$1/$installed"
}

command_install() {
    local top
    top=$(destination install "$@")
    need_packages build
    build_preset release
    step 'staging what is installed' stage
    step 'installing' copy_stage "$top"
    grep '^kept' "$logs/installing.log" || true
    if [ -z "$top" ]; then
        cat <<'TEXT'

Installed. Next: write /etc/vfio-early.conf, look at `vfio-earlyctl plan`, then `update-initramfs -u`.
At the boot menu, vfio_early=off on the kernel command line switches it off for one boot.
TEXT
    fi
}

command_uninstall() {
    local top sum name
    top=$(destination uninstall "$@")
    [ -f "$top/$installed" ] || die "nothing was installed by ./dev install: no $top/$installed"
    while read -r sum name; do
        if [[ $name == etc/* ]] && ! echo "$sum  $top/$name" | sha256sum --check --status 2>/dev/null; then
            if [ -e "$top/$name" ]; then echo "kept $top/$name"; fi
            continue
        fi
        remove_file "$top" "$name"
    done <"$top/$installed"
    remove_file "$top" "$installed"
    if [ -z "$top" ]; then
        echo 'Removed. Next: update-initramfs -u -k all, so that the next boot no longer has it.'
    fi
}
