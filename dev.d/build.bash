# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Configuring and building the presets of CMakePresets.json.

export CCACHE_DIR=$PWD/build/ccache
# without these ccache leaves out every source that has a precompiled header
export CCACHE_SLOPPINESS=pch_defines,time_macros

# The presets name clang 19; a release may have only a newer one.
clang_options() {
    local version
    version=$(clang_installed) || return 0
    case $1 in
        fuzz | tidy)
            echo "-DCMAKE_C_COMPILER=clang-$version -DCMAKE_CXX_COMPILER=clang++-$version"
            if [ "$1" = tidy ]; then echo "-DCMAKE_CXX_CLANG_TIDY=clang-tidy-$version;--quiet"; fi ;;
    esac
}

# configure_and_build PRESET [OPTION OF cmake --build...]
configure_and_build() {
    local options
    mapfile -t options < <(clang_options "$1" | tr ' ' '\n')
    cmake --preset "$1" "${options[@]}" && cmake --build "build/$1" "${@:2}"
}

# build_preset PRESET [OPTION OF cmake --build...]
build_preset() {
    step "building $1" configure_and_build "$@"
}

# All of build/ but what takes long to make and does not depend on our sources.
remove_builds() {
    local entry
    for entry in build/*; do
        case $entry in
            build/boot-cache | build/kmod-source | build/ccache) ;;
            *) rm -rf "$entry" ;;
        esac
    done
}
