# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways to give functions to vfio-pci at boot, each as the files that a user of it would write.

A method is a table of scenario keys (tests/boot/README.md) made for a list of addresses and the id they share."""
import base64

MODULES = ["irqbypass", "vfio", "vfio_virqfd", "vfio_iommu_type1", "vfio-pci-core", "vfio-pci"]
SCRIPT = "/etc/initramfs-tools/scripts/init-top/00-m-method"
HOOK = "/etc/initramfs-tools/hooks/method"


def _script(body):
    return f'#!/bin/sh\n[ "$1" = prereqs ] && exit\n{body}\n'


def _hook(body=""):
    modules = " ".join(["vfio", "vfio_iommu_type1", "vfio-pci"])
    return f'#!/bin/sh\n[ "$1" = prereqs ] && exit\n. /usr/share/initramfs-tools/hook-functions\n' \
           f'manual_add_modules {modules}\n{body}\n'


def nothing(addresses, identity):
    """No method: what the boot costs anyway."""
    return {"install": False}


def vfio_early(addresses, identity):
    return {"install": True, "policy": f"bind id={identity} all with=group allow=last-network\n"}


def vfio_early_beside(addresses, identity):
    """A trial: the boot goes on as soon as the last function is pinned; modules and binds are joined before the root switch.
    Written in shell, to learn what it would bring; what a program of ours did instead of looking again and again would only be
    quicker."""
    last = f"/sys/bus/pci/devices/{addresses[-1]}/driver_override"
    return {**vfio_early(addresses, identity), "files": {
        "/etc/initramfs-tools/scripts/init-top/00-vfio-early": _script(
            f'/usr/sbin/vfio-early bind &\nuntil read -r driver < {last} && [ "$driver" = vfio-pci ]; do :; done'),
        "/etc/initramfs-tools/scripts/init-bottom/zz-join": _script(
            "until [ -e /run/vfio-early/report.jsonl ]; do sleep 0.01; done")}}


def floor(addresses, identity, program):
    """The least that must be done (floor.c), with the paths already known."""
    text = base64.b64encode(program.read_bytes()).decode()
    paths = "\n".join(f'find /lib/modules -name {name}.ko >> "$DESTDIR/floor-modules"' for name in MODULES)
    return {"install": False, "files": {
        "/usr/local/lib/floor.base64": text,
        HOOK: _hook(f'base64 -d /usr/local/lib/floor.base64 > "$DESTDIR/floor"\nchmod 755 "$DESTDIR/floor"\n{paths}\n'
                    f'printf "%s " {" ".join(addresses)} > "$DESTDIR/floor-addresses"'),
        SCRIPT: _script("exec /floor $(cat /floor-modules) -- $(cat /floor-addresses)")}}


def shell_script(addresses, identity):
    """The usual recipe: override, modprobe, and a look at the result, in the shell of the initramfs."""
    return {"install": False, "files": {
        HOOK: _hook(),
        SCRIPT: _script(f'for address in {" ".join(addresses)}; do\n'
                        f'    echo vfio-pci > /sys/bus/pci/devices/$address/driver_override\ndone\n'
                        f'modprobe vfio-pci\n'
                        f'for address in {" ".join(addresses)}; do\n'
                        f'    [ -e /sys/bus/pci/drivers/vfio-pci/$address ] || echo $address > /sys/bus/pci/drivers_probe\ndone')}}


def modprobe_ids(addresses, identity):
    """options ids=, softdep, and the module in the initramfs: takes every function of the id, the twins too."""
    return {"install": False, "files": {
        "/etc/modprobe.d/vfio.conf": f"options vfio-pci ids={identity}\nsoftdep e1000e pre: vfio-pci\nsoftdep bochs pre: vfio-pci\n",
        HOOK: _hook(), SCRIPT: _script("modprobe vfio-pci")}}


def driverctl(addresses, identity):
    """A udev rule and a service in the real root: after the initramfs, when the native driver has come and gone."""
    return {"install": False, "flavour": "driverctl",
            "files": {f"/etc/driverctl.d/pci-{address}": "vfio-pci\n" for address in addresses}}
