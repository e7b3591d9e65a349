# SPDX-License-Identifier: GPL-2.0-or-later
"""An NFS server for one guest: nfs-ganesha over a writable view of a root, in a network namespace of its own.

The server is that of the root itself: on a build host its package would start services. A guest that is started
in the namespace too reaches it as the gateway of QEMU's user network. Nobody else can, and servers of other
scenarios have the same ports."""
import os
import pathlib
import signal
import subprocess
import time

from .errors import HarnessError
from .tools import need, run

GATEWAY = "10.0.2.2"
NFS_PORT, MOUNT_PORT = 2049, 20048
EXPORTED = "/mnt/root"  # as the server sees it
CONFIGURATION = """
NFS_CORE_PARAM {{
    Protocols = 3; NFS_Port = {nfs}; MNT_Port = {mount};
    Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; mount_path_pseudo = false;
}}
EXPORT {{
    Export_Id = 1; Path = {path}; Pseudo = /root;
    Access_Type = RW; Squash = No_Root_Squash; SecType = sys; Transports = TCP; Protocols = 3; PrivilegedPort = false;
    FSAL {{ Name = VFS; }}
}}
"""
# The server does not start without a portmapper to register with, and both want a /run.
START = """
ip link set lo up && mount --bind {work} {tree}/mnt && mount --rbind /dev {tree}/dev && mount -t proc proc {tree}/proc || exit 1
for directory in run var/lib/nfs; do mount -t tmpfs tmpfs {tree}/$directory || exit 1; done
mkdir -p {tree}/run/ganesha {tree}/run/rpcbind {tree}/var/lib/nfs/ganesha
chroot {tree} rpcbind -f -w & sleep 0.3
exec chroot {tree} ganesha.nfsd -F -L /mnt/ganesha.log -f /mnt/ganesha.conf -p /run/ganesha.pid -N NIV_EVENT
"""


class Server:
    def __init__(self, tree, work):
        need("nsenter", "ip")
        if not (tree / "usr/bin/ganesha.nfsd").exists():
            raise HarnessError("a root on NFS needs the flavour 'storage': its root brings the server")
        self.work = pathlib.Path(work)
        self.path = self.work / "root"
        self.log = self.work / "ganesha.log"
        self.tree = tree
        self.source = f"{GATEWAY}:{EXPORTED},vers=3,tcp,nolock"

    def __enter__(self):
        self.work.mkdir()
        # Not an overlay: those have no file handles that a server could give away.
        run(["cp", "-a", str(self.tree), str(self.path)])
        (self.work / "ganesha.conf").write_text(
            CONFIGURATION.format(path=EXPORTED, nfs=NFS_PORT, mount=MOUNT_PORT))
        self.process = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c",
             START.format(work=self.work, tree=self.tree)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.enter = ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"]
        try:
            self._wait()
        except HarnessError:
            self.__exit__()
            raise
        return self

    def _wait(self):
        """Until it listens, as the kernel lists for its namespace."""
        end = time.monotonic() + 20
        while f":{NFS_PORT:04X} " not in self._sockets():
            if self.process.poll() is not None or time.monotonic() > end:
                log = self.log.read_text() if self.log.exists() else ""
                raise HarnessError("the NFS server did not start:\n" + "\n".join(log.splitlines()[-10:]))
            time.sleep(0.1)

    def _sockets(self):
        folder = pathlib.Path(f"/proc/{self.process.pid}/net")
        return "".join((folder / name).read_text() for name in ("tcp", "tcp6") if (folder / name).exists())

    def __exit__(self, *unused):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
