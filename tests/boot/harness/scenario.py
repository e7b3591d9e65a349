# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios: what a file in scenarios/ may say, and the boots that come of it. README.md has the list."""
import pathlib
import tomllib

from . import built_kernel, esp, images, machines, meanwhile, second_initrd, suites
from .errors import HarnessError
from .expect import EXPECTATIONS
from .root_kinds import KINDS

HERE = pathlib.Path(__file__).resolve().parent.parent
FILE_KEYS = {"title", "suite", "generator", "flavour", "kernel", "root", "nightly", "matrix", "also", "disks",
             "built_modules", "boot"}
BOOT_KEYS = {"machine", "install", "policy", "dropins", "cmdline", "image", "files", "firmware", "target", "timeout",
             "steps", "expect", "unfinished", "initrd", "next_package", "meanwhile", "ends", "resumed",
             "firmware_files", "overlay", "uki", "in_boot", "from_disk"}
STEP_KEYS = {"run", "exit", "has", "lacks", "qmp", "plug", "args", "settle", "expect", "wait_for", "seconds",
             "update_image", "take_image", "take_facts"}
DEFAULTS = {"machine": "twins", "install": True, "policy": None, "dropins": {}, "cmdline": "", "image": {}, "files": {},
            "firmware": "pvh", "target": None, "timeout": 120, "steps": [], "expect": {}, "unfinished": None, "initrd": "made",
            "next_package": False, "meanwhile": [], "ends": None, "resumed": False,
            "firmware_files": None, "overlay": None, "uki": None, "in_boot": False, "from_disk": False}
# MODULES=list takes 2 s of work where MODULES=most takes 18 (ten thousand short programs), and with these modules in
# the image the native drivers race within the initramfs, which most leaves to the real root for some.
# lz4 because a guest under TCG unpacks it fastest.
RACERS = ["virtio_pci", "virtio_blk", "ext4", "bochs", "e1000e", "snd_hda_intel"]
IMAGE_DEFAULTS = {"modules": "list", "compress": "lz4", "hostonly": False}


class Scenario:
    def __init__(self, name, data):
        _known(name, data, FILE_KEYS | BOOT_KEYS)
        self.name = name
        self.title = data.get("title", name)
        self.suite = data.get("suite", "bookworm")
        self.generator = data.get("generator", "initramfs-tools")
        self.flavour = data.get("flavour", "plain")
        suites.packages_of(self.suite, self.generator, self.flavour)  # a misspelt one is an error here
        self.also = data.get("also", [])
        self.kernel = data.get("kernel")  # None: the distribution's
        if self.kernel:
            built_kernel.recipe(self.kernel)
        self.root = data.get("root", "virtio")
        if self.root not in KINDS:
            raise HarnessError(f"{name}: root = {self.root}: not one of {', '.join(KINDS)}")
        self.built_modules = data.get("built_modules")
        self.disks = data.get("disks", {})
        common = {key: value for key, value in data.items() if key in BOOT_KEYS}
        self.boots = [Boot(name, {**common, **boot}, KINDS[self.root]) for boot in data.get("boot", [{}])]
        for boot in self.boots:
            self._check_architecture(boot)

    def _check_architecture(self, boot):
        """A root runs on a machine of its own processor, and what the build directory has is for this one's."""
        architecture = suites.get(self.suite).architecture
        if boot.machine["architecture"] != architecture:
            raise HarnessError(f"{self.name}: suite = {self.suite} is for {architecture.debian}, and the machine is not")
        if architecture.foreign and boot.install is True:
            raise HarnessError(f"{self.name}: the build directory has no programs for {architecture.debian}: "
                               "install = \"package\"")


class Boot:
    """One start of the machine: how, and what must be seen."""

    def __init__(self, name, data, root=KINDS["virtio"]):
        _known(name, data, BOOT_KEYS)
        _known(name, data.get("image", {}), images.KEYS)
        _known(name, data.get("expect", {}), EXPECTATIONS)
        for step in data.get("steps", []):
            _known(name, step, STEP_KEYS)
            _known(name, step.get("expect", {}), EXPECTATIONS)
        for step in data.get("meanwhile", []):
            _known(name, step, meanwhile.KEYS)
        values = {**DEFAULTS, **data}
        machine = values["machine"]
        self.machine = machines.load(machine) if isinstance(machine, str) else machines.load(machine.get("like"), machine)
        self.install = values["install"]
        if self.install not in (True, False, "package", "package-shared"):
            raise HarnessError(f"{name}: install = {self.install}: not one of true, false, package, package-shared")
        self.overlay = values["overlay"]
        if self.overlay not in (None, *second_initrd.PLACES):
            raise HarnessError(f"{name}: overlay = {self.overlay}: not one of {', '.join(second_initrd.PLACES)}")
        if (self.overlay or (values["uki"] or {}).get("addon", "none") != "none") and self.install:
            raise HarnessError(f"{name}: an overlay goes beside an image without us: install = false")
        self.settings = {**IMAGE_DEFAULTS, **values["image"]}
        self.settings.setdefault("force", [*RACERS, *root.modules] if self.settings["modules"] == "list" else [])
        self.image_files = {**root.files, **self.settings.pop("files", {}), **values["files"]}
        if values["policy"] is not None:
            self.image_files["/etc/vfio-early.conf"] = values["policy"]
        for drop_in, text in values["dropins"].items():
            self.image_files[f"/etc/vfio-early.conf.d/{drop_in}"] = text
        self.cmdline = values["cmdline"]
        self.firmware = values["firmware"]
        if self.firmware not in ("pvh", "bios", "uefi"):
            raise HarnessError(f"{name}: firmware = {self.firmware}: not one of pvh, bios, uefi")
        self.uki = values["uki"]
        _known(name, self.uki or {}, esp.KEYS)
        if self.uki and (self.firmware != "uefi" or self.uki.get("addon") not in esp.ADDONS):
            raise HarnessError(f"{name}: uki needs firmware = uefi, and an addon of {', '.join(esp.ADDONS)}")
        self.in_boot = values["in_boot"]
        self.from_disk = values["from_disk"]
        if self.from_disk and self.firmware != "uefi":
            raise HarnessError(f"{name}: from_disk needs firmware = uefi")
        self.firmware_files = values["firmware_files"]
        _known(name, self.firmware_files or {}, ("package", "patterns"))
        self.target = values["target"]
        self.timeout = values["timeout"]
        self.steps = values["steps"]
        self.expect = values["expect"]
        self.unfinished = values["unfinished"]
        self.ends = values["ends"]
        self.resumed = values["resumed"]
        self.meanwhile = values["meanwhile"]
        self.next_package = values["next_package"]
        self.initrd = values["initrd"]
        if self.initrd not in ("made", "guest", "facts"):
            raise HarnessError(f"{name}: initrd = {self.initrd}: not one of made, guest, facts")


def _known(name, table, known):
    """A misspelt key must not pass as an expectation that never fails."""
    unknown = set(table) - set(known)
    if unknown:
        raise HarnessError(f"{name}: unknown key: {', '.join(sorted(unknown))}")


def load(name, directory=HERE / "scenarios"):
    """The scenario of this name; NAME@SUITE/GENERATOR is the same in another root."""
    name, _, root = name.partition("@")
    path = pathlib.Path(name) if name.endswith(".toml") else directory / f"{name}.toml"
    try:
        data = tomllib.loads(path.read_text())
        if root:
            data["suite"], _, data["generator"] = root.partition("/")
        return Scenario(f"{path.stem}{'@' if root else ''}{root.replace('/', '-')}", data)
    except FileNotFoundError as error:
        raise HarnessError(f"no scenario {name} ({path})") from error
    except tomllib.TOMLDecodeError as error:
        raise HarnessError(f"{path}: {error}") from error


def names(directory=HERE / "scenarios"):
    return sorted(path.stem for path in directory.glob("*.toml"))
