# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways to keep nouveau from a card, each as the files that a user of it would write, and where nouveau is.

The first of two identical cards is to be given away, both its functions; the twin is the host's."""

NAMED = ("0000:01:00.0", "0000:01:00.1")
TWIN = ("0000:03:00.0", "0000:03:00.1")
IDS = "10de:128b,10de:0e0f"
NATIVE = ("nouveau", "snd_hda_intel")
MACHINE = {"iommu": "intel", "memory_mib": 1024, "ports": {
    "1": ["card:gt710", "card:gt710-audio"], "2": ["bochs-display,xres=640,yres=480"],
    "3": ["card:gt710", "card:gt710-audio"]}}

MODPROBE = "/etc/modprobe.d/vfio.conf"
HOOKS = "/etc/initramfs-tools/hooks"
SCRIPTS = "/etc/initramfs-tools/scripts"
# Several recipes rest on /etc/modules, which a boot of the tests leaves out otherwise.
MODULES_LOAD = {"/etc/systemd/system/boot-facts.target.d/modules.conf":
                "[Unit]\nWants=systemd-modules-load.service\n"}
VFIO_IN_MODULES = {"/etc/modules": "vfio_pci\nvfio\nvfio_iommu_type1\n"}


def _script(body):
    return f'#!/bin/sh\n[ "$1" = prereqs ] && exit\n{body}\n'


def _hook(modules):
    return _script(f". /usr/share/initramfs-tools/hook-functions\nmanual_add_modules {' '.join(modules)}")


BIND = _script(f'for address in {" ".join(NAMED)}; do\n'
               '    echo vfio-pci > /sys/bus/pci/devices/$address/driver_override\ndone\n'
               'modprobe vfio-pci\n'
               f'for address in {" ".join(NAMED)}; do echo $address > /sys/bus/pci/drivers_probe; done')
VFIO_IN_IMAGE = {f"{HOOKS}/vfio": _hook(["vfio-pci", "vfio_iommu_type1"])}

# Where the native drivers are when the card's event comes.
PLACES = {
    "root": ("only in the root, as Debian's image has it without plymouth", {}),
    "image": ("in the image, too, as with plymouth or for a display that comes on early",
              {f"{HOOKS}/native": _hook(NATIVE)}),
}


def _method(says, files, **more):
    return says, {"install": False, **more, "files": {**MODULES_LOAD, **files}}


METHODS = {
    "nothing": _method("no method", {}),
    "driverctl": _method("`driverctl set-override` for both functions",
                         {f"/etc/driverctl.d/pci-{address}": "vfio-pci\n" for address in NAMED}, flavour="driverctl"),
    "ids + softdep": _method(
        "`options vfio-pci ids=`, `softdep nouveau pre: vfio-pci`, the same for snd_hda_intel; vfio-pci in the image",
        {MODPROBE: f"options vfio-pci ids={IDS}\n" + "".join(f"softdep {name} pre: vfio-pci\n" for name in NATIVE),
         **VFIO_IN_IMAGE, **VFIO_IN_MODULES}),
    "blacklist + ids": _method(
        "`blacklist nouveau`, `blacklist snd_hda_intel`, `options vfio-pci ids=`, vfio_pci in /etc/modules",
        {MODPROBE: f"options vfio-pci ids={IDS}\n" + "".join(f"blacklist {name}\n" for name in NATIVE),
         **VFIO_IN_MODULES}),
    "alias": _method(
        "`alias pci:v…d…sv…sd…bc…sc…i… vfio-pci` for both functions, `options vfio-pci ids=`, vfio-pci in the image",
        {MODPROBE: "alias pci:v000010DEd0000128Bsv00001043sd000085A0bc03sc00i00 vfio-pci\n"
                   "alias pci:v000010DEd00000E0Fsv00001043sd000085A0bc04sc03i00 vfio-pci\n"
                   f"options vfio-pci ids={IDS}\n",
         **VFIO_IN_IMAGE, **VFIO_IN_MODULES}),
    "script, init-premount": _method("driver_override and modprobe by a script in init-premount",
                                     {f"{SCRIPTS}/init-premount/vfio": BIND, **VFIO_IN_IMAGE}),
    "script, init-top": _method("the same script in init-top, named so that it comes before udev",
                                {f"{SCRIPTS}/init-top/00-vfio": BIND, **VFIO_IN_IMAGE}),
    "vfio-early": _method("`bind 01:00.* id=10de:128b,10de:0e0f`", {}, install=True, policy=f"bind 01:00.* id={IDS}\n"),
}
