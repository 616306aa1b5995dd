"""The structures and functions of the host side's runtime for ctypes; runtime/program.h has the same."""

from __future__ import annotations

import ctypes
from functools import cache

from .. import native
from .build import program_runtime


class Config(ctypes.Structure):
    """What stands between <<< and >>>; include/launch_request.h."""

    _fields_ = [
        ("grid", native.Index),
        ("block", native.Index),
        ("shared", ctypes.c_size_t),
        ("stream", ctypes.c_void_p),
        ("file", ctypes.c_char_p),
        ("line", ctypes.c_int),
        ("cooperative", ctypes.c_bool),
    ]


class Request(ctypes.Structure):
    """A launch."""

    _fields_ = [
        ("kernel", ctypes.c_char_p),
        ("signature", ctypes.c_char_p),
        ("run", ctypes.c_void_p),
        ("arguments", ctypes.POINTER(ctypes.c_void_p)),
        ("count", ctypes.c_int),
        ("function", ctypes.c_void_p),
        ("config", ctypes.POINTER(Config)),
    ]


class Allocation(ctypes.Structure):
    """A stretch of the device's memory, or of memory that the host shares with it."""

    _fields_ = [
        ("begin", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("space", ctypes.c_int),
        ("freed", ctypes.c_int),
        ("made_file", ctypes.c_char_p),
        ("made_line", ctypes.c_int),
        ("ended_file", ctypes.c_char_p),
        ("ended_line", ctypes.c_int),
        ("element_kind", ctypes.c_int),
        ("element_size", ctypes.c_int),
    ]


PARAMETERS = 64 << 10
"""Bytes for the parameters of a launch."""

LaunchCallback = ctypes.CFUNCTYPE(
    None, ctypes.POINTER(Request), ctypes.POINTER(native.Launch), ctypes.POINTER(native.Failure)
)
EndCallback = ctypes.CFUNCTYPE(None)


@cache
def host_runtime() -> ctypes.CDLL:
    """Return the runtime of the host side; compiled when it is first used on this machine."""
    native.runtime()
    library = ctypes.CDLL(str(program_runtime()), mode=ctypes.RTLD_GLOBAL)
    library.tinyseg_program_allocations.restype = ctypes.POINTER(Allocation)
    library.tinyseg_program_allocations.argtypes = [ctypes.POINTER(ctypes.c_size_t)]
    library.tinyseg_program_parameters.restype = ctypes.c_void_p
    library.tinyseg_program_memory.argtypes = [ctypes.c_size_t]
    library.tinyseg_program_library.argtypes = [
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_size_t, ctypes.c_char_p,
    ]  # fmt: skip
    return library


def allocations() -> list[Allocation]:
    """Return all that the program has allocated, what it has freed included."""
    count = ctypes.c_size_t()
    first = host_runtime().tinyseg_program_allocations(ctypes.byref(count))
    return [first[k] for k in range(count.value)]
