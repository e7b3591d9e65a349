# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot a scenario: root, image, disks, one QEMU a boot, steps, and the check of what was seen."""
import contextlib
import json
import pathlib
import shutil
import tempfile
import time
import typing

from . import (agreement, built_kernel, built_modules, card_slots, emulation, esp, firmware, guest_agent, images, initrd,
               machines, meanwhile, newer_qemu, package, roots, second_initrd, spare_disks)
from .agent import Agent
from .card_server import CardServer
from .errors import HarnessError
from .expect import check, check_output
from .qemu import Qemu
from .root_kinds import RootMedium
from .tools import Stopwatch

# What makes a boot loader load an overlay, and the program without which it does not.
LOAD_AN_OVERLAY = ("etc/default/grub.d/50-vfio-early-overlay.cfg", "usr/lib/kernel/install.d/95-vfio-early.install",
                   "usr/sbin/vfio-early", "usr/sbin/vfio-earlyctl")
HERE = pathlib.Path(__file__).resolve().parent.parent
SECURE_FIRMWARE = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"
# What only costs time under emulation goes; what a driver does stays.
QUICK = ("mitigations=off cryptomgr.notests nokaslr random.trust_cpu=on "
         "udev.children_max=3 apparmor=0 audit=0 log_buf_len=1M quiet loglevel=4 systemd.show_status=0 panic=-1").split()


class Running(typing.NamedTuple):
    """A boot that steps are done in."""
    agent: Agent
    guest: Qemu
    cards: CardServer | None
    machine: dict


class Session:
    """A scenario's state across its boots: its disk, its firmware variables, its failures."""

    def __init__(self, scenario, options):
        self.scenario = scenario
        self.options = options
        self.patience = getattr(options, "patience", 1)
        self.watch = Stopwatch()
        self.failures = []
        self.facts = []
        self.last_delta = None
        self.guest_image = None
        self.image_with_facts = None

    def run(self):
        """Do all boots; returns the list of failures."""
        with self.watch.measure("root"):
            self.root = roots.get(self.options.cache, self.scenario.suite, self.scenario.generator, self.scenario.flavour)
            self.kernel = self.root.kernel
            if self.scenario.kernel:
                self.kernel = built_kernel.get(self.options.cache, self.scenario.suite, self.scenario.kernel)
            self.agent = guest_agent.get(self.options, self.scenario.suite)
        self.options.logs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="vfio-early-boot-") as work:
            self.work = pathlib.Path(work)
            # Only a scenario of several boots keeps what a boot wrote.
            keep = len(self.scenario.boots) > 1
            self.medium = RootMedium(self.scenario.root)
            with contextlib.closing(self.medium):
                with self.watch.measure("disk"):
                    self.medium.make(self.root, self.work, keep)
                    self.spare_disks = spare_disks.make(self.scenario.disks, self.work)
                for number, boot in enumerate(self.scenario.boots, start=1):
                    name = f"{self.scenario.name}.{number}" if keep else self.scenario.name
                    self.failures += [f"{name}: {failure}" for failure in self._boot(name, boot)]
        return self.failures

    def summary(self):
        """What is told beside the verdict."""
        return self.watch.text()

    def _image(self, boot):
        """The image to boot with, in most cases one made in a chroot."""
        if boot.initrd == "guest":
            if not self.guest_image:
                raise HarnessError("initrd = guest: no earlier boot has a step update_image")
            return self.guest_image
        if boot.initrd == "facts":
            if not self.image_with_facts:
                raise HarnessError("initrd = facts: no earlier boot has a step take_facts")
            return self.image_with_facts
        install = None
        if boot.install in ("package", "package-shared"):
            profile = package.SHARED if boot.install == "package-shared" else None
            install = package.get(self.options.cache, self.scenario.suite, profile=profile)
        elif boot.install and getattr(self.options, "installed", False):
            install = images.installed_tree(self.options.cache)
        elif boot.install:
            install = images.install_tree(self.options.build, self.options.cache)
        modules = None
        if self.scenario.built_modules:
            modules = built_modules.get(self.options.cache, self.scenario.suite, self.kernel.release,
                                        self.scenario.built_modules)
        wanted = boot.firmware_files
        spec = {"install": install, "modules": modules, "files": boot.image_files, "settings": boot.settings,
                "firmware": firmware.get(self.options.cache, self.scenario.suite, **wanted) if wanted else None}
        return images.get(self.options.cache, self.root, self.kernel, self.scenario.generator, spec)

    def _overlay(self, boot, image):
        spec = {"install": images.install_tree(self.options.build, self.options.cache), "files": boot.image_files}
        return second_initrd.get(self.options.cache, self.root, self.kernel, spec, image)

    def _initrd(self, boot, image):
        """What the kernel gets: the image, or one file of it and of an overlay."""
        if not boot.overlay:
            return image.initrd
        return second_initrd.join(image.initrd, self._overlay(boot, image), boot.overlay, self.work / "joined.initrd")

    def _others(self, boot, image):
        """Files that the guest finds besides."""
        others = {}
        if boot.next_package:
            made = package.get(self.options.cache, self.scenario.suite, package.raise_version)
            others["next.deb"] = next(made.glob("*.deb"))
        if boot.in_boot:
            others[images.image_name(self.kernel.release).lstrip("/")] = image.initrd
            if boot.overlay:
                others["boot/vfio-early.cpio"] = self._overlay(boot, image)
                installed = images.install_tree(self.options.build, self.options.cache)
                others |= {name: installed / name for name in LOAD_AN_OVERLAY}
        return others

    def _firmware_files(self, boot):
        """Its code and an empty store of variables."""
        return emulation.firmware(self.options.cache, boot.machine["architecture"])

    def _firmware(self, boot, code=None, store=None):
        """The firmware, and its variables, which outlive a boot."""
        if boot.firmware != "uefi":
            return []
        usual = self._firmware_files(boot)
        variables = self.work / pathlib.Path(store or usual[1]).name
        if not variables.exists():
            shutil.copy(store or usual[1], variables)
        return ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code or usual[0]}",
                "-drive", f"if=pflash,unit=1,format=raw,file={variables}"]

    def _kernel(self, boot, image, cmdline):
        """What is booted, and how it comes to the machine."""
        if boot.from_disk:
            return self._firmware(boot)
        if not boot.uki:
            kernel = self.kernel.vmlinux if boot.firmware == "pvh" else self.kernel.vmlinuz
            return ["-kernel", str(kernel), *self._firmware(boot), "-initrd", str(self._initrd(boot, image)),
                    "-append", cmdline]
        spec = {"install": images.install_tree(self.options.build, self.options.cache), "files": boot.image_files,
                "cmdline": cmdline, "uki": boot.uki, "variables": str(self._firmware_files(boot)[1])}
        partition = esp.get(self.options.cache, self.root, self.kernel, spec, image)
        copy = self.work / "esp"  # the firmware and systemd-boot may write to it
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(partition.tree, copy)
        arguments = ["-drive", f"if=none,id=esp,format=raw,file=fat:rw:{copy}",
                     "-device", "virtio-blk-pci,drive=esp,bus=pcie.0,addr=14.0,bootindex=1"]
        if not boot.uki.get("secure_boot"):
            return arguments + self._firmware(boot)
        # Without this the guest itself could write to the store.
        return [*arguments, "-global", "driver=cfi.pflash01,property=secure,value=on",
                *self._firmware(boot, SECURE_FIRMWARE, partition.variables)]

    @contextlib.contextmanager
    def _cards(self, name, boot):
        """The server of the machine's cards; None if it has none."""
        cards = card_slots.cards(boot.machine)
        if not cards:
            yield None
            return
        with CardServer(cards, self.work, self.options.logs / f"{name}.cards") as server:
            yield server

    def _qemu(self, arguments, console, boot, cards):
        limit = boot.timeout * self.patience
        if not cards:
            program = emulation.machine(self.options.cache, boot.machine["architecture"])
            return Qemu(arguments, self.work, console, limit, self.medium.prefix, program)
        program = newer_qemu.get(self.options.cache)
        return Qemu(arguments, self.work, console, limit, self.medium.prefix, program, cards.alive)

    def _arguments(self, boot, image, cards):
        architecture = boot.machine["architecture"]
        cmdline = [*self.medium.command_line, "rw", f"init={roots.INIT}", f"console={architecture.console}", *QUICK,
                   *architecture.quick,
                   *machines.command_line(boot.machine)]
        cmdline.append(f"systemd.unit={boot.target or 'boot-facts.target'}")
        cmdline.append(boot.cmdline)
        sockets = cards.sockets if cards else {}
        arguments = [*machines.arguments(boot.machine, sockets),
                     *self._kernel(boot, image, " ".join(filter(None, cmdline))),
                     *self.medium.arguments, *self.spare_disks]
        # A later boot with the same image keeps the root as the last boot left it.
        if isinstance(image, images.Image) and image.directory != self.last_delta:
            delta = self.work / "delta.ext4"
            images.make_delta_disk(image, self.agent, HERE / "guest", self._others(boot, image), delta)
            arguments += ["-drive", f"if=none,id=delta,file={delta},format=raw,snapshot=on",
                          "-device", "virtio-blk-pci,drive=delta,serial=boot-delta,bus=pcie.0,addr=11.0"]
            self.last_delta = image.directory
        return arguments

    def _boot(self, name, boot):
        with self.watch.measure("image"):
            image = self._image(boot)
        console = self.options.logs / f"{name}.console"
        console.unlink(missing_ok=True)
        with self._cards(name, boot) as cards:
            with self.watch.measure("disk"):
                arguments = self._arguments(boot, image, cards)
            with self.watch.measure("boot"), self._qemu(arguments, console, boot, cards) as guest:
                try:
                    if boot.unfinished:
                        self.last_delta = None  # it may not have come as far as laying it over the root
                        return meanwhile.wait_for_console(guest, boot.unfinished)
                    return meanwhile.do(boot.meanwhile, guest) or self._observe(name, boot, image, guest, cards)
                except HarnessError as error:
                    return [f"{error}; end of {console}:\n{guest.console_tail()}\n{guest.stderr()}".rstrip()]

    def _observe(self, name, boot, image, guest, cards):
        agent = Agent(guest.port)
        if not boot.resumed:  # it was in the midst of waiting for a request
            agent.wait_ready()
        failures, outputs = [], []
        for step in boot.steps:
            failures += self._step(step, Running(agent, guest, cards, boot.machine), image, outputs)
        facts = self._facts(agent, image, cards)
        expected = {"image": {"exit": 0}, **boot.expect}
        if boot.install and (facts["report"] or {}).get("mode") == "normal":
            # Last of all: what else is seen must not come from it.
            facts["plan"] = agreement.parse_plan(agent.run(agreement.plan_command(facts["cmdline"]))[1])
            expected.setdefault("agrees", True)
        failures += check(expected, facts)
        if len(self.scenario.boots) > 1:
            agent.sync()
        saved = {key: value for key, value in facts.items() if key != "image"}
        saved["outputs"] = outputs
        (self.options.logs / f"{name}.facts.json").write_text(json.dumps(saved, indent=1))
        self.facts.append(facts)
        return failures + (self._end(boot.ends, agent, guest) if boot.ends else [])

    def _end(self, command, agent, guest):
        """Let the guest do what it does not come back from, and wait until it is gone."""
        agent.run(f"setsid sh -c 'sleep 1; {command}' >/dev/null 2>&1 &")
        while guest.alive():
            if time.monotonic() > guest.deadline:
                return [f"the guest is still there after: {command}\n{guest.console_tail()}"]
            time.sleep(0.2)
        return []

    def _facts(self, agent, image, cards):
        facts = {**agent.facts(), "image": image.facts()}
        return {**facts, "cards": cards.facts(facts["uptime"]) if cards else {}}

    def _step(self, step, running, image, outputs):
        agent, guest = running.agent, running.guest
        if "run" in step:
            code, output = agent.run(step["run"])
            outputs.append({"run": step["run"], "exit": code, "output": output})
            return check_output(step, code, output)
        if "wait_for" in step:
            return self._wait_for(step, agent)
        if "qmp" in step:
            guest.execute(step["qmp"], step.get("args"))
        elif "plug" in step:
            for properties in card_slots.plug_in(running.machine, step["plug"], running.cards.sockets):
                guest.execute("device_add", properties)
        elif "update_image" in step:
            command = images.generator_command(self.scenario.generator, self.kernel.release)
            self._take_image(agent, *agent.run(" ".join(command)))
        elif "take_image" in step:
            self._take_image(agent)
        elif "take_facts" in step:
            self._take_facts(agent, image)
        elif "settle" in step:
            agent.request("settle")
        elif "expect" in step:
            return check(step["expect"], self._facts(agent, image, running.cards))
        else:
            raise HarnessError("a step needs one of run, wait_for, qmp, plug, settle, update_image, take_image, take_facts, "
                               f"expect: {step}")
        return []

    def _take_image(self, agent, code=0, log=""):
        """Take the image that the guest has made of itself, for later boots with `initrd = "guest"`."""
        path = self.work / "guest.initrd"
        path.write_bytes(agent.get(images.image_name(self.kernel.release)))
        if not path.stat().st_size:
            raise HarnessError(f"the guest made no image (exit code {code}):\n{log}")
        self.guest_image = images.GuestImage(path, code, log)

    def _take_facts(self, agent, image):
        """What an image made now in the guest would know of the machine, put into the image of this boot.

        For later boots with `initrd = "facts"`; to run a whole generator under emulation takes a minute or two."""
        name = "etc/vfio-early.conf.d/00-facts.conf"
        code, output = agent.run('mkdir /run/facts && vfio-earlyctl image --kernel "$(uname -r)" --out /run/facts >/run/facts.list')
        source = next((line.split()[1] for line in agent.get("/run/facts.list").decode().splitlines()
                       if line.split()[2:] == [f"/{name}"]), None)
        if code != 0 or source is None:
            raise HarnessError(f"the guest made no facts (exit code {code}):\n{output}")
        path = self.work / "facts.initrd"
        initrd.add(image.initrd, name, agent.get(source), path)
        self.image_with_facts = images.GuestImage(path, code, output)

    def _wait_for(self, step, agent):
        """Repeat a shell condition until it holds."""
        limit = step.get("seconds", 30) * self.patience
        end = time.monotonic() + limit
        while agent.run(step["wait_for"])[0] != 0:
            if time.monotonic() > end:
                return [f"wait_for: '{step['wait_for']}' did not come true in {limit:g} s"]
            time.sleep(0.2)
        return []
