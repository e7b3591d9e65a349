# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Getting root where it is needed, and leaving what root has made to the owner of the checkout.

is_root() {
    [ "$(id -u)" -eq 0 ]
}

# The names of the caller's variables that root is to have, too; sudo and doas drop all others.
kept_variables=$(compgen -e | grep -xE \
    'CI|NO_COLOR|CC|CXX|(C|CXX|LD)FLAGS|(CCACHE|CMAKE|CTEST|GTEST)_.*|VFIO_EARLY_(BOOT_CACHE|UPDATE_GOLDENS)') || true

# as_root COMMAND...: runs the command as root. With CI in the environment nobody is asked for a password.
as_root() {
    local name values=()
    if is_root; then
        "$@"
        return
    fi
    if type sudo >/dev/null 2>&1; then
        sudo ${CI:+-n} ${kept_variables:+"--preserve-env=${kept_variables//$'\n'/,}"} -- "$@"
    elif type doas >/dev/null 2>&1; then
        for name in $kept_variables; do values+=("$name=${!name}"); done
        doas ${CI:+-n} -- env "${values[@]}" "$@"
    else
        die "this needs root, and there is neither sudo nor doas; use a root shell: su -c '$PWD/dev ${dev_arguments[*]}'"
    fi
}

# need_root COMMAND: goes on as root, from the beginning.
need_root() {
    is_root && return
    local status=0
    printf 'dev: %s needs root\n' "$1" >&2
    as_root "$PWD/dev" "${dev_arguments[@]}" || status=$?
    exit "$status"
}

# What root has made here belongs to the owner of the checkout, whose next ./dev build is to replace it. Only in the Debian
# roots of the boot tests do owners mean something.
leave_to_owner() {
    local owner
    is_root && [ -d build ] || return 0
    owner=$(stat -c %u:%g .)
    [ "${owner%:*}" != 0 ] || return 0
    find build docs -path build/boot-cache -prune -o -user 0 -exec chown -h "$owner" {} +
}
