#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts vfio-early, the policy and the VFIO modules into the image. All knowledge is in vfio-earlyctl.
# Whatever fails here is a warning: a kernel upgrade must not fail with it.
# shellcheck disable=SC2154 # initdir, kernel, moddir, outfile, dracutsysrootdir and systemdsystemunitdir come from dracut

# called by dracut
check() {
    require_binaries /usr/sbin/vfio-early /usr/sbin/vfio-earlyctl
}

# called by dracut
depends() {
    return 0
}

# Called when dracut ends: one line on what a boot with the new image will do. The exit status stays as it is.
vfio_early_verdict() {
    local status=$?
    if [[ $status == 0 && -s ${outfile-} ]]; then
        /usr/sbin/vfio-earlyctl inspect --verdict "$outfile" | sed 's/^/vfio-early: /' >&2
    fi
    return "$status"
}

# dracut has no hook behind the finished image, and its own modules never see one: the last of them has run before it is
# packed. Only /etc/initramfs/post-update.d comes later, where a distribution has it. Elsewhere (dracut 059 of Debian 12,
# dracut called by hand, Fedora) this is the one place that can tell somebody that his cards will not be bound, on the day
# when he makes the image. dracut sources this file into its own shell, which ends when the image is written: our words
# come before its own trap, so that nothing of what that does is changed.
say_verdict_at_exit() {
    local words=() parent=
    [[ $BASHPID == "$$" && -z ${dracutsysrootdir-} ]] || return 0
    # The update-initramfs that newer packages of dracut have runs post-update.d behind it, and so says it by itself.
    read -r parent 2> /dev/null < "/proc/$PPID/comm"
    [[ $parent != update-initramf* ]] || return 0
    # The dracut of Debian 13 does so itself.
    if [[ -z ${NO_POST_UPDATE_HOOKS-} ]] && grep -qs /etc/initramfs/post-update.d "$0"; then
        return 0
    fi
    eval "words=($(trap -p EXIT))" # trap -- TEXT EXIT
    # shellcheck disable=SC2064 # to be expanded now
    trap "vfio_early_verdict; ${words[2]-}" EXIT
}

# called by dracut
install() {
    local stage verb source destination modules=() units=(vfio-early.service vfio-early-recover.service) version

    if ! stage=$(mktemp -d "${DRACUT_TMPDIR:-/var/tmp}/vfio-early.XXXXXX"); then
        dwarn "vfio-early: no temporary directory; the image binds nothing"
        return 0
    fi
    mkdir "$stage/root"
    if ! /usr/sbin/vfio-earlyctl image --kernel "$kernel" --out "$stage/root" --generator dracut > "$stage/list"; then
        dwarn "vfio-early: vfio-earlyctl image failed; the image binds nothing"
        rm -rf "$stage"
        return 0
    fi
    while read -r verb source destination; do
        case "$verb" in
            program)
                inst_binary "$source" "$destination" || dwarn "vfio-early: cannot copy $source"
                ;;
            file)
                # Not inst_simple: it keeps what is there already, and dracut's own install is a function.
                command install -D -m 0644 "$source" "$initdir$destination" || dwarn "vfio-early: cannot copy $source"
                ;;
            module)
                modules+=("$source")
                ;;
        esac
    done < "$stage/list"
    rm -rf "$stage"

    # In a hostonly image dracut leaves out modules that this machine does not use now.
    ((${#modules[@]} == 0)) || hostonly='' instmods "${modules[@]}" || dwarn "vfio-early: cannot copy ${modules[*]}"

    if dracut_module_included "systemd"; then
        # Older ones warn at every boot that they do not know ImportCredential=.
        read -r _ version _ < <(systemctl --version)
        ((version < 254)) || units+=(vfio-early-credentials.service)
        for source in "${units[@]}"; do
            inst_simple "$moddir/$source" "$systemdsystemunitdir/$source"
            mkdir -p "$initdir$systemdsystemunitdir/sysinit.target.wants"
            ln_r "$systemdsystemunitdir/$source" "$systemdsystemunitdir/sysinit.target.wants/$source"
        done
    else
        # 00: parse-kernel.sh, which loads what rd.driver.pre= names, is 01.
        inst_hook cmdline 00 "$moddir/vfio-early.sh"
    fi
    say_verdict_at_exit
}
