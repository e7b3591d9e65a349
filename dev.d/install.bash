# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ./dev install and ./dev uninstall: the Debian package, so that dpkg knows of every file.

need_debian() {
    type dpkg-query apt-get >/dev/null 2>&1 || die "$1 is for Debian and its like; elsewhere: rpmbuild -ta (packaging/vfio-early.spec), or cmake --install build/release"
}

# dpkg-buildpackage leaves what it makes beside the source, hence the copy.
build_package() {
    local source=build/package/vfio-early
    rm -rf build/package
    mkdir -p "$source/build"
    cmake/fetch_kmod_source build/kmod-source
    tar -c --exclude=./build --exclude=./.git --exclude=./.cache . | tar -x -C "$source"
    ln -s "$PWD/build/kmod-source" "$source/build/kmod-source"
    (cd "$source" && DEB_BUILD_OPTIONS=nocheck DEB_BUILD_PROFILES=nocheck dpkg-buildpackage -b -us -uc)
}

command_install() {
    [ $# -eq 0 ] || usage_error "install: unknown argument: $1"
    need_debian install
    need_root install
    need_packages build package
    step 'building the package' build_package
    # Nobody is there to be asked for an edited policy that differs from that of an older version: it is kept.
    step 'installing the package' install_apt --reinstall -o Dpkg::Options::=--force-confold ./build/package/*.deb
    cat <<'TEXT'

Installed. Next: write /etc/vfio-early.conf, look at `vfio-earlyctl plan`, then `update-initramfs -u`.
At the boot menu, vfio_early=off on the kernel command line switches it off for one boot.
TEXT
}

command_uninstall() {
    [ $# -eq 0 ] || usage_error "uninstall: unknown argument: $1"
    need_debian uninstall
    need_root uninstall
    dpkg-query -W -f '${db:Status-Status}\n' vfio-early 2>/dev/null | grep -qx installed || die "the package vfio-early is not installed"
    step 'removing the package' env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 remove vfio-early
    echo 'Removed, and the initramfs images were made without it. The policy is kept; apt-get purge vfio-early takes that too.'
}
