"""Linux: let the kernel refuse this process what Python's lock refuses, even to code that writes over memory.

seccomp (`man 2 seccomp`) runs a small program for each system call, in the kernel's own instruction set for filters:
load a word, compare, jump, return. Ours compares the number of the call with those of a list. It cannot be taken back,
and needs no rights, since the process also gives up to gain any by starting another program.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Mapping

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""As the kernel names them, and the column of `CALLS`."""

CALLS: Mapping[str, tuple[int, int]] = {
    # files
    "open": (2, -1),
    "creat": (85, -1),
    "openat": (257, 56),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "truncate": (76, 45),
    "rename": (82, -1),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, -1),
    "mkdirat": (258, 34),
    "rmdir": (84, -1),
    "link": (86, -1),
    "linkat": (265, 37),
    "unlink": (87, -1),
    "unlinkat": (263, 35),
    "symlink": (88, -1),
    "symlinkat": (266, 36),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "chmod": (90, -1),
    "fchmodat": (268, 53),
    "chown": (92, -1),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "utime": (132, -1),
    "utimes": (235, -1),
    "utimensat": (280, 88),
    "futimesat": (261, -1),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "memfd_create": (319, 279),
    # other programs and processes
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, -1),
    "vfork": (58, -1),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    "unshare": (272, 97),
    "setns": (308, 268),
    # what reaches other processes or the kernel
    "socket": (41, 198),
    "socketpair": (53, 199),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    # what is the machine's
    "clock_settime": (227, 112),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
}
CLONE, CLONE3, TGKILL = (56, 220), (435, 435), (234, 131)
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
"""Where they stand in what the program is given (struct seccomp_data)."""
LOAD, EQUAL, AT_LEAST, ANY_OF, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, ABSENT = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38
CLONE_THREAD = 0x00010000
X32 = 0x40000000
SET_NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2


def program(machine: str, threads: bool, process: int) -> bytes:
    """Return the filter for a machine ('x86_64'). Of signals only those to itself are allowed, as abort sends one."""
    kernel_name, column = ARCHITECTURES[machine]
    number = [calls[column] for calls in CALLS.values() if calls[column] >= 0]
    # Each check is (instructions, jump over them unless equal): written one after the other, so that no jump is long.
    lines = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, kernel_name), (RETURN, 0, 0, REFUSE), (LOAD, 0, 0, NUMBER)]
    if machine == "x86_64":
        lines += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE)]
    for call in number:
        lines += [(EQUAL, 0, 1, call), (RETURN, 0, 0, REFUSE)]
    # A library that is told that clone3 is absent takes clone, whose flags can be looked at.
    lines += [(EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, ABSENT)]
    if threads:
        of_thread = [(LOAD, 0, 0, FIRST_ARGUMENT), (ANY_OF, 1, 0, CLONE_THREAD), (RETURN, 0, 0, REFUSE)]
        lines += [(EQUAL, 0, len(of_thread) + 1, CLONE[column]), *of_thread, (RETURN, 0, 0, ALLOW)]
    else:
        lines += [(EQUAL, 0, 1, CLONE[column]), (RETURN, 0, 0, REFUSE)]
    to_itself = [(LOAD, 0, 0, FIRST_ARGUMENT), (EQUAL, 1, 0, process), (RETURN, 0, 0, REFUSE)]
    lines += [(EQUAL, 0, len(to_itself), TGKILL[column]), *to_itself]
    lines += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def refuse_system_calls(threads: bool, system: str = sys.platform, machine: str | None = None) -> bool:
    """Set the filter; return whether it is in force: not on other systems, nor where the kernel will not have it."""
    machine = machine or platform.machine()
    if system != "linux" or machine not in ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    content = program(machine, threads, os.getpid())
    lines = ctypes.create_string_buffer(content, len(content))
    whole = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(content) // 8, ctypes.addressof(lines)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    if prctl(SET_NO_NEW_PRIVILEGES, 1, None, 0, 0) != 0:
        return False
    return bool(prctl(SET_SECCOMP, FILTER, ctypes.addressof(whole), 0, 0) == 0)
