# SPDX-License-Identifier: GPL-2.0-or-later
"""One running QEMU: its console log, its QMP socket, and the port on which the guest's agent reports."""
import json
import pathlib
import socket
import subprocess
import time

from .errors import HarnessError
from .tools import need

PORT_NAME = "boot-test"


class BootTimeout(HarnessError):
    """The guest did not get as far as it should in time."""


class Stream:
    """A Unix socket read line by line or by count, with one deadline for everything."""

    def __init__(self, path, deadline, alive):
        self.deadline = deadline
        self.alive = alive
        self.buffer = b""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        while True:
            try:
                self.socket.connect(str(path))
                return
            except OSError:
                self._check()
                time.sleep(0.02)

    def _check(self):
        if not self.alive():
            raise HarnessError("QEMU ended before the guest had reported")
        if time.monotonic() > self.deadline:
            raise BootTimeout("timeout")

    def _fill(self):
        while True:
            self._check()
            self.socket.settimeout(0.5)
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                continue
            except ConnectionError:
                data = b""
            if not data:
                # QEMU has closed it: give it the moment it needs to end, or the guest to come back
                self._check()
                time.sleep(0.05)
                continue
            self.buffer += data
            return

    def line(self):
        while b"\n" not in self.buffer:
            self._fill()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode(errors="replace")

    def exactly(self, count):
        while len(self.buffer) < count:
            self._fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def send(self, data):
        self.socket.settimeout(30)
        self.socket.sendall(data)


class Qemu:
    """A guest; a context manager that always ends the process it started."""

    def __init__(self, arguments, work, console, timeout, prefix=(), program=("qemu-system-x86_64",),
                 alive=lambda: True):
        """`prefix` and `program` begin the command line; `alive` says whether what QEMU needs still runs."""
        need(program[0])
        self.others_alive = alive
        self.work = pathlib.Path(work)
        self.console = pathlib.Path(console)
        self.deadline = time.monotonic() + timeout
        sockets = {name: self.work / f"{name}.sock" for name in ("qmp", "port", "console")}
        for path in sockets.values():
            path.unlink(missing_ok=True)
        self.command = [
            *prefix, *program, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            *arguments,
            "-qmp", f"unix:{sockets['qmp']},server=on,wait=off",
            "-chardev", f"socket,id=console,path={sockets['console']},server=on,wait=off,logfile={self.console}",
            "-serial", "chardev:console",
            "-chardev", f"socket,id=port,path={sockets['port']},server=on,wait=off",
            "-device", "virtio-serial-pci,bus=pcie.0,addr=12.0",
            "-device", f"virtserialport,chardev=port,name={PORT_NAME}"]
        self.keyboard = None
        self.errors = open(self.work / "qemu.stderr", "w+b")
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
        try:
            self.port = Stream(sockets["port"], self.deadline, self.alive)
            self.qmp = Stream(sockets["qmp"], self.deadline, self.alive)
            self.qmp.line()
            self.execute("qmp_capabilities")
        except HarnessError as error:
            self.close()
            raise HarnessError(f"{error}\n{self.stderr()}") from error

    def alive(self):
        """Whether it runs; raises HarnessError when what it needs has ended."""
        return self.process.poll() is None and self.others_alive()

    def stderr(self):
        return (self.work / "qemu.stderr").read_text(errors="replace").strip()

    def execute(self, command, arguments=None):
        """One QMP command; events that come in between are dropped."""
        request = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        self.qmp.send(json.dumps(request).encode() + b"\n")
        while True:
            answer = json.loads(self.qmp.line())
            if "error" in answer:
                raise HarnessError(f"QMP {command}: {answer['error'].get('desc')}")
            if "return" in answer:
                return answer["return"]

    def type(self, text):
        """Type on the serial console; what the guest writes goes into the console's log all the same."""
        if self.keyboard is None:
            self.keyboard = Stream(self.work / "console.sock", self.deadline, self.alive)
        self.keyboard.send(text.encode())

    def console_tail(self, lines=25):
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return "\n".join("    | " + line for line in text.splitlines()[-lines:])

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
