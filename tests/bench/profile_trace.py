# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the time of one program of the initramfs goes, out of the kernel's own trace of its system calls and page faults.

Tracing makes the program some 8 % slower; the shares and the counts are what this is for."""
import base64
import collections
import gzip
import re

TRACE = ("trace_event=sched:sched_process_exec,sched:sched_process_fork,sched:sched_process_exit,"
         "raw_syscalls:sys_enter,raw_syscalls:sys_exit,exceptions:page_fault_user "
         "kprobe_event=p:pin,driver_set_override trace_buf_size=16M tp_printk=off")
READ = ("mount -t tracefs none /mnt && echo 0 >/mnt/tracing_on && "
        "grep -aE '^ *(vfio-early|floor|00-vfio-early|00-m-method|[a-z]+ call)' /mnt/trace | gzip | base64")
# asm/unistd_64.h; what is not here is shown by its number
NAMES = {0: "read", 1: "write", 3: "close", 7: "poll", 8: "lseek", 9: "mmap", 10: "mprotect", 11: "munmap", 12: "brk", 16: "ioctl",
         17: "pread64", 18: "pwrite64", 21: "access", 32: "dup", 33: "dup2", 39: "getpid", 44: "sendto", 45: "recvfrom", 53: "socketpair", 56: "clone",
         61: "wait4", 62: "kill", 63: "uname", 72: "fcntl", 74: "fsync", 89: "readlink", 138: "fstatfs", 157: "prctl",
         158: "arch_prctl", 217: "getdents64", 218: "set_tid_address", 228: "clock_gettime", 231: "exit_group", 257: "openat",
         258: "mkdirat", 262: "newfstatat", 263: "unlinkat", 264: "renameat", 267: "readlinkat", 273: "set_robust_list",
         293: "pipe2", 302: "prlimit64", 313: "finit_module", 318: "getrandom", 334: "rseq", 437: "openat2", 439: "faccessat2"}
EVENT = re.compile(r"\s*(.{1,16})-(\d+)\s+\[\d+\] \S+\s+([\d.]+): (\w+): ?(.*)")


def events(output, start):
    """(milliseconds since the exec of `start`, pid, event, text) of that process and its children."""
    pids, zero, found = set(), None, []
    for line in gzip.decompress(base64.b64decode(output)).decode(errors="replace").splitlines():
        match = EVENT.match(line)
        if not match:
            continue
        pid, at, kind, text = match[2], float(match[3]) * 1000, match[4], match[5]
        if kind == "sched_process_exec" and f"filename={start} " in text and zero is None:
            pids, zero = {pid}, at
        if pid not in pids:
            continue
        if kind == "sched_process_fork":
            pids.add(re.search(r"child_pid=(\d+)", text)[1])
        found.append((at - zero, pid, kind, text))
    return found


def name_of(text):
    """The call of "NR 257 (...)"."""
    number = text.split()[1]
    return NAMES.get(int(number), number)


def finished_calls(found):
    """(when it began, when it ended, its name) of each call that came back."""
    entered = {}
    for at, pid, kind, text in found:
        if kind == "sys_enter":
            entered[pid] = at, name_of(text)
        elif kind == "sys_exit" and pid in entered:
            began, name = entered.pop(pid)
            yield began, at, name


def spent(found, marks):
    """Of each stretch of the run: its length, and the milliseconds inside each call of the kernel. The calls that wait for the
    worker or for its parent are left out, for the other is then at work."""
    ends = [("until the first pin", marks["first pin"]), ("until the last pin", marks["last pin"]),
            ("until the modules are in", marks["modules in"]), ("until the end", marks["end"])]
    stretches, start = [], 0.0
    for title, end in ends:
        inside = collections.Counter()
        for began, ended, name in finished_calls(found):
            if start <= began < end and name not in ("poll", "recvfrom", "wait4"):
                inside[name] += ended - began
        stretches.append([title, end - start, dict(inside.most_common(6)), sum(inside.values())])
        start = end
    return stretches


def summary(output, start):
    """Counts of calls and faults, and how long each stretch of the run took."""
    found = events(output, start)
    calls = collections.Counter(name_of(text) for _, _, kind, text in found if kind == "sys_enter")
    inside = sum(ended - began for began, ended, name in finished_calls(found) if name == "finit_module")

    def first(kind, text=""):
        return next((at for at, _, which, what in found if which == kind and what.startswith(text)), None)

    def last(kind, text=""):
        return max((at for at, _, which, what in found if which == kind and what.startswith(text)), default=None)

    marks = {"first file opened": first("sys_enter", "NR 257 "), "worker started": first("sched_process_fork"),
             "first pin": first("pin"), "last pin": last("pin"), "first module": first("sys_enter", "NR 313 "),
             "modules in": last("sys_exit", "NR 313 "), "end": last("sched_process_exit")}
    return {"calls": dict(calls.most_common()), "faults": sum(kind == "page_fault_user" for _, _, kind, _ in found),
            "inside_finit_module": inside, "marks": marks, "spent": spent(found, marks)}
