# SPDX-License-Identifier: GPL-2.0-or-later
"""The EFI system partition of a machine that boots a unified kernel image by systemd-boot, made by the real ukify.

The image is made without us, and an add-on of `vfio-earlyctl overlay --addon` lies beside it. For Secure Boot there are
keys of the test's own, and a variable store of the firmware that trusts only them."""
import inspect
import shutil

from . import chroot as chroot_module
from . import images
from .tools import cached, hash_of, remove_tree, run

KEYS = {"addon", "secure_boot", "word", "credentials", "unencrypted"}
ADDONS = ("none", "unsigned", "signed")
IMAGE = "EFI/Linux/boot-test.efi"
LOADER = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
OWNER = "9c0a3dd2-3c6f-4c0b-9a76-7f4d3f0d2a11"  # of the keys; any will do
KEPT = 6


class Esp:
    """Its files, and for Secure Boot the firmware's variables."""

    def __init__(self, directory, keys):
        self.tree = directory / "esp"
        self.variables = keys / "variables.fd" if keys else None


def get(cache, root, kernel, spec, base):
    """The partition for `spec`, a table with install, files, cmdline, uki (the table of the scenario) and variables (the
    firmware's empty store), beside the image `base`."""
    keys = _keep(cache, "keys", (root.key, inspect.getsource(_make_keys)),
                 lambda directory: _make_keys(directory, root, spec["variables"])) if spec["uki"].get("secure_boot") else None
    return Esp(_keep(cache, "partition", (
        root.key, kernel.key, spec["install"].name, sorted(spec["files"].items()), spec["cmdline"],
        sorted(spec["uki"].items()), base.directory.name, str(keys), inspect.getsource(_make)),
        lambda directory: _make(directory, root, kernel, spec, base, keys)), keys)


def _keep(cache, kind, key, make):
    return cached(cache, "partitions", f"{kind}-{hash_of(*key)}", make, KEPT)


def _make_keys(directory, root, variables):
    """A key, its certificate, and a store of the firmware's variables that trusts it and nobody else."""
    with chroot_module.overlay(root.tree, directory / "work") as view:
        view.run(["openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-noenc", "-sha256", "-days", "3650",
                  "-subj", "/CN=boot test/", "-keyout", "/key", "-out", "/cert"])
        shutil.copy(variables, view.path / "empty.fd")
        view.run(["virt-fw-vars", "--input", "/empty.fd", "--output", "/variables.fd", "--no-microsoft", "--secure-boot",
                  *(word for option in ("--set-pk", "--add-kek", "--add-db") for word in (option, OWNER, "/cert"))],
                 log=directory / "keys.log")
        for name in ("key", "cert", "variables.fd"):
            shutil.copy(view.path / name, directory / name)
    remove_tree(directory / "work")


def _make(directory, root, kernel, spec, base, keys):
    uki = spec["uki"]
    log = directory / "partition.log"
    with chroot_module.overlay(root.tree, directory / "work") as view:
        esp = view.path / "esp"
        for name in ("EFI/BOOT", "EFI/Linux", f"{IMAGE}.extra.d", "loader"):
            (esp / name).mkdir(parents=True)
        (esp / "loader/loader.conf").write_text("timeout 0\n")
        if "word" in uki:
            view.write("/esp/loader/entries/word.conf",
                       f"title word\nefi /{IMAGE}\noptions {spec['cmdline']} {uki['word']}\n")
            view.write("/esp/loader/loader.conf", "timeout 0\ndefault word.conf\n")
        sign = []
        if keys:
            for name in ("key", "cert"):
                shutil.copy(keys / name, view.path / name)
            sign = ["--secureboot-private-key=/key", "--secureboot-certificate=/cert"]
            view.run(["sbsign", "--key", "/key", "--cert", "/cert", "--output", "/esp/EFI/BOOT/BOOTX64.EFI", LOADER])
        else:
            shutil.copy(view.path / LOADER.lstrip("/"), esp / "EFI/BOOT/BOOTX64.EFI")
        shutil.copy(base.initrd, view.path / "base")
        view.run(["ukify", "build", f"--linux=/boot/vmlinuz-{kernel.release}", "--initrd=/base", f"--uname={kernel.release}",
                  f"--cmdline={spec['cmdline']}", f"--output=/esp/{IMAGE}", *sign], log=log)
        if uki["addon"] != "none":
            run(["cp", "-a", f"{spec['install']}/.", str(view.path)])
            images._supply_libraries(view)
            for name, text in spec["files"].items():
                view.write(name, text)
            options = ["--key", "/key", "--cert", "/cert"] if uki["addon"] == "signed" else []
            view.run(["vfio-earlyctl", "overlay", "--addon", f"/esp/{IMAGE}.extra.d/vfio-early.addon.efi", "--base",
                      f"/esp/{IMAGE}", "--kernel", kernel.release, *options], log=directory / "addon.log")
            view.run(["vfio-earlyctl", "inspect", f"/esp/{IMAGE}"], log=directory / "inspect.log")
        for name, text in uki.get("credentials", {}).items():
            view.write("/text", text)
            view.run(["systemd-creds", "encrypt", "--with-key=null", f"--name={name}", "/text",
                      f"/esp/{IMAGE}.extra.d/{name}.cred"])
        for name, text in uki.get("unencrypted", {}).items():
            view.write(f"/esp/{IMAGE}.extra.d/{name}.cred", text)
        shutil.copytree(esp, directory / "esp")
    remove_tree(directory / "work")
