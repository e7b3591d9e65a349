# SPDX-License-Identifier: GPL-2.0-or-later
"""Make initramfs images with the real generators, in a root with our build installed."""
import inspect
import json
import os
import pathlib
import re
import shutil
import stat

from . import chroot as chroot_module
from . import initrd
from .errors import HarnessError
from .tools import cached, hash_of, hash_tree, lock, prune, remove_tree, run, use

KEYS = {"modules", "compress", "force", "files", "hostonly"}
ORDER = "scripts/init-top/ORDER"
# Each build and each policy makes images of some 20 MB: the cache holds those of the last few builds.
KEPT_IMAGES = 150
KEPT_INSTALLS = 10
NOT_KEPT = ("boot", "dev", "proc", "run", "sys", "tmp", "var/tmp", "var/log", "var/cache")


class Image:
    """A built image in the cache, what the generator said, and what the build changed in the root."""

    def __init__(self, directory):
        self.directory = directory
        self.initrd = directory / "initrd"
        self.delta = directory / "delta"
        self._facts = json.loads((directory / "image.json").read_text())

    def facts(self):
        return dict(self._facts)


def install_tree(build, cache):
    """What `cmake --install` puts into a root, as a directory of the cache; None if nothing is built yet."""
    if not (build / "cmake_install.cmake").exists():
        raise HarnessError(f"{build} is not a build directory: build first, or give --build")
    return _keep_tree(cache, lambda fresh: run(["cmake", "--install", str(build)], env={**os.environ, "DESTDIR": str(fresh)}))


def installed_tree(cache):
    """The files of the package vfio-early that is installed on this machine, as a directory of the cache."""
    def copy(fresh):
        for name in run(["dpkg-query", "-L", "vfio-early"])[1].splitlines():
            if os.path.isdir(name) or not os.path.lexists(name):
                continue
            # the package may have /lib/systemd where a root has /lib as a link
            target = fresh / os.path.realpath(os.path.dirname(name)).lstrip("/") / os.path.basename(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, target, follow_symlinks=False)

    return _keep_tree(cache, copy)


def _keep_tree(cache, fill):
    """A directory of the cache with what `fill` puts into an empty one."""
    with lock(cache / "locks" / "install"):
        fresh = cache / "install" / "fresh"
        remove_tree(fresh)
        fresh.mkdir(parents=True)
        fill(fresh)
        kept = cache / "install" / hash_tree(fresh)
        if not kept.exists():
            fresh.rename(kept)
        use(kept)
        prune(cache / "install", KEPT_INSTALLS)
    return kept


def _is_package(install):
    return install is not None and any(install.glob("*.deb"))


def _install_package(root, directory):
    """Let apt install the .deb of `directory`, with what it depends on from the archive."""
    debs = list(directory.glob("*.deb"))
    for deb in debs:
        shutil.copy(deb, root.path / "tmp")
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "APT::Sandbox::User=root"]
    root.run([*apt, "update"])
    root.run([*apt, "install", *(f"/tmp/{deb.name}" for deb in debs)])
    root.run(["sh", "-c", "rm -rf /var/lib/apt/lists/*"])


def _configure_initramfs_tools(root, settings):
    root.write("/etc/initramfs-tools/conf.d/boot-test",
               f"MODULES={settings['modules']}\nCOMPRESS={settings['compress']}\nCOMPRESSLEVEL=1\n")
    if settings["force"]:
        root.write("/etc/initramfs-tools/modules", "\n".join(settings["force"]) + "\n")


def _configure_dracut(root, settings):
    hostonly = "yes" if settings["hostonly"] else "no"
    lines = [f'hostonly="{hostonly}"', f'compress="{settings["compress"]}"', 'early_microcode="no"']
    if settings["force"]:
        lines.append(f'force_drivers+=" {" ".join(settings["force"])} "')
    root.write("/etc/dracut.conf.d/50-boot-test.conf", "\n".join(lines) + "\n")


def _configure_mkosi(root, settings):
    modules = "".join(f"    /{name.replace('_', '[_-]')}\\.ko\n" for name in settings["force"])
    root.write("/etc/mkosi-initrd/mkosi.conf.d/50-boot-test.conf", f"[Content]\nKernelModulesInclude=\n{modules}")
    root.write("/etc/kernel/install.conf", "layout=bls\nBOOT_ROOT=/boot\ninitrd_generator=mkosi-initrd\n")
    root.path.joinpath("usr/lib/firmware").mkdir(exist_ok=True)
    root.run(["mknod", "-m", "666", "/dev/tty", "c", "5", "0"])  # its sandbox binds it
    # The modules that are loaded here are no business of the guest.
    root.run(["sed", "-i", "/--kernel-modules-include=host/d", "/usr/lib/python3/dist-packages/mkosi/initrd.py"])
    # It fills the image with packages, by what the machine's own apt knows.
    root.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "update"])


CONFIGURE = {"dracut": _configure_dracut, "initramfs-tools": _configure_initramfs_tools, "mkosi-initrd": _configure_mkosi}


def image_name(release):
    """Where the image of a kernel is, in a root."""
    return f"/boot/initrd.img-{release}"


def generator_command(generator, release):
    """The generator's command line, as a user or a kernel package would run it."""
    if generator == "dracut":
        return ["dracut", "--force", image_name(release), release]
    if generator == "mkosi-initrd":
        made = f"/boot/*/{release}/initrd"  # below the machine's id
        return ["sh", "-c", f"kernel-install add {release} /boot/vmlinuz-{release} && mv {made} {image_name(release)}"]
    return ["update-initramfs", "-u", "-k", release]


def _supply_loader(root, program, libraries, loader):
    """Let a program of the build host run in a suite with an older C library: with all its libraries, loader included.

    Only vfio-earlyctl needs it; the program that goes into the image is static."""
    own = "/usr/local/lib/build-host"
    home = root.path / own.lstrip("/")
    home.mkdir(parents=True)
    for source in [*libraries.values(), loader]:
        shutil.copy(source, home)
    (root.path / program.lstrip("/")).rename(home / "program")
    root.write(program, f'#!/bin/sh\nexec {own}/{pathlib.Path(loader).name} --library-path {own} {own}/program "$@"\n', 0o755)


def _supply_libraries(root, program="/usr/sbin/vfio-earlyctl"):
    """Copy shared libraries that the root's suite does not have from the build host."""
    if not (root.path / program.lstrip("/")).exists():
        return
    wanted = root.run(["ldd", program], check=False)[1]
    missing = re.findall(r"^\s*(\S+) => not found", wanted, re.MULTILINE)
    built = run(["ldd", str(root.path / program.lstrip("/"))])[1]
    here = dict(re.findall(r"^\s*(\S+) => (/\S+)", built, re.MULTILINE))
    if re.search(r"version `GLIBC_\S+' not found", wanted):
        _supply_loader(root, program, here, re.search(r"^\s*(/\S+ld-linux\S+) \(", built, re.MULTILINE).group(1))
        return
    if not missing:
        return
    for name in missing:
        target = root.path / "usr/local/lib" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(here[name], target)
    root.run(["ldconfig"])


def _keep_delta(upper, delta):
    """Move what the build changed to `delta`, without run-time trees and overlay whiteouts."""
    for name in NOT_KEPT:
        shutil.rmtree(upper / name, ignore_errors=True)
    for path in upper.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISCHR(mode):
            path.unlink()
    upper.rename(delta)
    delta.chmod(0o755)


def get(cache, root, kernel, generator, spec):
    """The image for `spec`, a table with install (directory, of a tree or of a .deb, or None), firmware and modules
    (directories, of trees, or None), files and settings."""
    recipe = [inspect.getsource(step) for step in (CONFIGURE[generator], generator_command, _keep_delta)]
    installed = spec["install"].name if spec["install"] else None
    if _is_package(spec["install"]):
        recipe.append(inspect.getsource(_install_package))
    if spec["modules"]:
        recipe.append(spec["modules"].name)
    firmware = spec["firmware"].name if spec["firmware"] else None
    key = hash_of(root.key, kernel.key, generator, installed, firmware, sorted(spec["files"].items()),
                  sorted(spec["settings"].items()), recipe)
    return Image(cached(cache, "images", key, lambda directory: _make(directory, root, kernel, generator, spec), KEPT_IMAGES))


def _make(directory, root, kernel, generator, spec):
    work = directory / "work"
    with chroot_module.overlay(root.tree, work, root.prefix) as view:
        if kernel.tree:
            run(["cp", "-a", f"{kernel.tree}/.", str(view.path)])
        if spec["firmware"]:
            run(["cp", "-a", f"{spec['firmware']}/.", str(view.path)])
        if spec["modules"]:
            run(["cp", "-a", f"{spec['modules']}/.", str(view.path)])
            view.run(["depmod", kernel.release])
        if _is_package(spec["install"]):
            _install_package(view, spec["install"])
        elif spec["install"]:
            run(["cp", "-a", f"{spec['install']}/.", str(view.path)])
            _supply_libraries(view)
        CONFIGURE[generator](view, spec["settings"])
        for name, text in spec["files"].items():
            view.write(name, text, 0o755 if text.startswith("#!") else 0o644)
        code, _ = view.run(generator_command(generator, kernel.release), log=directory / "generator.log", check=False)
        built = view.path / image_name(kernel.release).lstrip("/")
        if not built.exists():
            raise HarnessError(f"no image was made; see {directory}/generator.log")
        shutil.copy(built, directory / "initrd")
    _keep_delta(work / "upper", directory / "delta")
    remove_tree(work)
    if _is_package(spec["install"]):
        # Removing the package makes those images anew that are there.
        kept = directory / "delta" / image_name(kernel.release).lstrip("/")
        kept.parent.mkdir()
        shutil.copy(directory / "initrd", kept)
    facts = facts_of(directory / "initrd", code, (directory / "generator.log").read_text())
    (directory / "image.json").write_text(json.dumps(facts))


def facts_of(path, code, log):
    """What can be expected of an image and of the generator's run that made it."""
    names, contents = initrd.read(path, (ORDER,))
    return {"exit": code, "log": log, "names": names, "order": contents.get(ORDER, ""), "size": path.stat().st_size}


class GuestImage:
    """An image that a guest has made of itself. Unlike one made in a chroot it knows the machine."""

    def __init__(self, path, code, log):
        self.initrd = path
        self._facts = facts_of(path, code, log)

    def facts(self):
        return dict(self._facts)


def make_delta_disk(image, agent, guest, others, target):
    """A small disk with everything that the booted root has beyond its base: build, policy, agent, and `others`, a table
    of paths there and files."""
    tree = pathlib.Path(f"{target}.tree")
    remove_tree(tree)
    shutil.copytree(image.delta, tree, symlinks=True)
    ours = tree / "usr/lib/boot-test"
    ours.mkdir(parents=True, exist_ok=True)
    shutil.copy(agent, ours / "agent")
    for name, source in others.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, tree / name)
    units = tree / "usr/lib/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    for unit in ("boot-facts.target", "boot-coldplug.service", "boot-agent.service"):
        shutil.copy(guest / unit, units / unit)
    # In a boot to another target, whatever it is, the agent comes along.
    (units / "sysinit.target.wants").mkdir(exist_ok=True)
    (units / "sysinit.target.wants/boot-agent.service").symlink_to("../boot-agent.service")
    size = int(run(["du", "-sm", "--apparent-size", str(tree)])[1].split()[0])
    pathlib.Path(target).unlink(missing_ok=True)
    run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-E", "root_owner=0:0", "-d", str(tree), str(target),
         f"{size * 5 // 4 + 4}M"])
    remove_tree(tree)
