# SPDX-License-Identifier: GPL-2.0-or-later
"""What the root file system of a scenario is on: its disks and their controllers, and what an image needs for it.

The controller (or network card) is at 00:10.0, a second one at 00:13.0."""
import contextlib
import dataclasses
import pathlib

from . import disk_formats, nfs
from .roots import LABEL
from .tools import run

FIRST, SECOND = "bus=pcie.0,addr=10.0", "bus=pcie.0,addr=13.0"
KEY = "no secret at all"
CRYPT_CONF = "KEYFILE_PATTERN=/etc/keys/*.key\nASKPASS=n\n"


def _whole(root, work):
    """The root disk as it is."""
    disk = work / "root.raw"
    run(["cp", "--sparse=always", "--reflink=auto", str(root.disk), str(disk)])
    return [disk]


def _raid1(root, work):
    disks = [work / f"member{number}.raw" for number in range(2)]
    for number, disk in enumerate(disks):
        disk_formats.make_raid1_member(root.disk, disk, number, "boot-test:root")
    return disks


def _lvm_over_luks(root, work):
    plain, key, disk = work / "plain.raw", work / "root.key", work / "root.luks"
    disk_formats.make_lvm_disk(root.disk, plain, "host", "root")
    key.write_text(KEY)
    disk_formats.encrypt(plain, disk, key)
    plain.unlink()
    return [disk]


@dataclasses.dataclass
class Kind:
    devices: list  # of QEMU; the drives are disk0, disk1
    modules: list = dataclasses.field(default_factory=list)  # that an image with MODULES=list lacks
    files: dict = dataclasses.field(default_factory=dict)  # of the root, there before the image is made
    source: str = f"LABEL={LABEL}"  # root=
    make: object = _whole
    raw: bool = False  # can be read where it lies, unless a later boot is to find what one wrote


KINDS = {
    "virtio": Kind([f"virtio-blk-pci,drive=disk0,{FIRST}"], raw=True),
    "late": Kind([], raw=True),  # a step of `meanwhile` plugs it in
    "nvme": Kind([f"nvme,serial=root,drive=disk0,{FIRST}"], ["nvme"], raw=True),
    "sata": Kind([f"ahci,id=sata,{FIRST}", "ide-hd,drive=disk0,bus=sata.0"], ["ahci", "sd_mod"], raw=True),
    "md": Kind([f"nvme,serial=root,drive=disk0,{FIRST}", f"ahci,id=sata,{SECOND}", "ide-hd,drive=disk1,bus=sata.0"],
               ["nvme", "ahci", "sd_mod"], {"/etc/mdadm/mdadm.conf": "ARRAY /dev/md0 metadata=1.2 name=boot-test:root\n"},
               make=_raid1),
    "luks-lvm": Kind([f"nvme,serial=root,drive=disk0,{FIRST}"], ["nvme"],
                     {"/etc/crypttab": "unlocked /dev/nvme0n1 /etc/keys/root.key luks,initramfs\n",
                      "/etc/keys/root.key": KEY, "/etc/cryptsetup-initramfs/conf-hook": CRYPT_CONF},
                     "/dev/mapper/host-root", _lvm_over_luks),
    "nfs": Kind([f"e1000e,netdev=root,romfile=,{FIRST}"], ["nfs", "nfsv3"],
                {"/etc/fstab": ""}, "/dev/nfs"),
    # the network card in a slot of the machine, at 09:00.0
    "nfs-slot9": Kind(["e1000e,netdev=root,romfile=,bus=rp9,addr=0.0"], ["nfs", "nfsv3"],
                      {"/etc/fstab": ""}, "/dev/nfs"),
}
KINDS["late-luks-lvm"] = dataclasses.replace(KINDS["luks-lvm"], devices=[])


class RootMedium:
    """The root of one session of boots, on what its kind says."""

    def __init__(self, name):
        self.kind = KINDS[name]
        self.prefix = []  # of QEMU's command line
        self._stack = contextlib.ExitStack()

    def make(self, root, work, keep):
        """Make its disks in `work`. `keep`: what a boot writes is there in the next one."""
        if self.kind.source == "/dev/nfs":
            server = self._stack.enter_context(nfs.Server(root.tree, pathlib.Path(work) / "nfs"))
            self.prefix = server.enter
            self.arguments = ["-netdev", "user,id=root"]
            self.command_line = [f"root={self.kind.source}", f"nfsroot={server.source}", "ip=dhcp"]
        else:
            snapshot = self.kind.raw and not keep
            disks = [root.disk] if snapshot else self.kind.make(root, work)
            how = "snapshot=on" if snapshot else "cache=unsafe"
            self.arguments = [word for number, disk in enumerate(disks)
                              for word in ("-drive", f"if=none,id=disk{number},file={disk},format=raw,{how}")]
            self.command_line = [f"root={self.kind.source}", "rootflags=noatime"]
        for device in self.kind.devices:
            self.arguments += ["-device", device]

    def close(self):
        self._stack.close()
