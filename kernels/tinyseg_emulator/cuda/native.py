"""The runtime's structures and functions for ctypes; runtime/machine.h and runtime/checks.h have the same."""

from __future__ import annotations

import ctypes
from functools import cache

from ..checks.kernel_error import Index3
from .build import runtime_library


class Index(ctypes.Structure):
    """uint3."""

    _fields_ = [("x", ctypes.c_uint), ("y", ctypes.c_uint), ("z", ctypes.c_uint)]

    def triple(self) -> Index3:
        """Return x, y and z."""
        return (self.x, self.y, self.z)


class Failure(ctypes.Structure):
    """How a launch ended; `code` and `address` are set where the runtime knows them."""

    _fields_ = [
        ("failed", ctypes.c_int),
        ("line", ctypes.c_int),
        ("block", Index),
        ("thread", Index),
        ("code", ctypes.c_void_p),
        ("address", ctypes.c_void_p),
        ("size", ctypes.c_int),
        ("access", ctypes.c_int),
        ("ending", ctypes.c_int),
        ("padding", ctypes.c_int),
        ("file", ctypes.c_char * 512),
        ("text", ctypes.c_char * 1024),
    ]


class Launch(ctypes.Structure):
    """What is to be run."""

    _fields_ = [
        ("run", ctypes.c_void_p),
        ("arguments", ctypes.POINTER(ctypes.c_void_p)),
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("dynamic_shared", ctypes.c_size_t),
        ("static_shared", ctypes.c_void_p),
        ("static_shared_size", ctypes.c_size_t),
        ("order", ctypes.c_int),
        ("full_barriers", ctypes.c_int),
        ("seconds", ctypes.c_double),
        ("steps", ctypes.c_uint64),
        ("kind", ctypes.c_int),
        ("number", ctypes.c_uint32),
        ("after_count", ctypes.c_uint32),
        ("after", ctypes.POINTER(ctypes.c_uint32)),
    ]


class Stand(ctypes.Structure):
    """Threads that stood at one place when a launch was ended; of the first, its block and index."""

    _fields_ = [
        ("state", ctypes.c_int),
        ("line", ctypes.c_int),
        ("file", ctypes.c_char_p),
        ("code", ctypes.c_void_p),
        ("threads", ctypes.c_uint64),
        ("block", Index),
        ("thread", Index),
    ]


class Region(ctypes.Structure):
    """Memory that a kernel may touch."""

    _fields_ = [
        ("begin", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("read_only", ctypes.c_int),
        ("padding", ctypes.c_int),
    ]


class Touch(ctypes.Structure):
    """One side of a finding."""

    _fields_ = [("code", ctypes.c_void_p), ("access", ctypes.c_int), ("block", Index), ("thread", Index)]


class Finding(ctypes.Structure):
    """A race or an uninitialised read."""

    _fields_ = [
        ("kind", ctypes.c_int),
        ("space", ctypes.c_int),
        ("size", ctypes.c_int),
        ("value_known", ctypes.c_int),
        ("all_same", ctypes.c_int),
        ("advice", ctypes.c_int),
        ("count", ctypes.c_uint64),
        ("address", ctypes.c_void_p),
        ("between", ctypes.c_void_p),
        ("first_launch", ctypes.c_uint32),
        ("padding", ctypes.c_uint32),
        ("first", Touch),
        ("second", Touch),
        ("before", ctypes.c_ubyte * 16),
        ("after", ctypes.c_ubyte * 16),
    ]


class Undefined(ctypes.Structure):
    """An operation that C++ leaves undefined (runtime/undefined.cpp)."""

    _fields_ = [
        ("what", ctypes.c_char * 80),
        ("left", ctypes.c_char * 40),
        ("right", ctypes.c_char * 40),
        ("result", ctypes.c_char * 40),
        ("key", ctypes.c_void_p),
        ("file", ctypes.c_char_p),
        ("line", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("block", Index),
        ("thread", Index),
    ]


class Use(ctypes.Structure):
    """How warps used memory at one instruction."""

    _fields_ = [
        ("code", ctypes.c_void_p),
        ("space", ctypes.c_int),
        ("access", ctypes.c_int),
        ("size", ctypes.c_int),
        ("requests", ctypes.c_uint64),
        ("moved", ctypes.c_uint64),
        ("ideal", ctypes.c_uint64),
        ("worst", ctypes.c_double),
        ("address", ctypes.c_void_p),
        ("useful", ctypes.c_uint64),
    ]


class Footprint(ctypes.Structure):
    """Sectors of an array that must move at least once."""

    _fields_ = [("begin", ctypes.c_void_p), ("read", ctypes.c_uint64), ("written", ctypes.c_uint64)]


RACES, BOUNDS, UNINITIALISED, MEMORY_USE, FOOTPRINT = 1, 2, 4, 8, 16
"""Checks, to be added up."""

ACCESSES = ("read", "write", "atomic", "read", "write")
"""By the runtime's kinds of access; the last two are volatile."""

VOLATILE_ACCESSES = (3, 4)

ANY_LAUNCH, COOPERATIVE, ORDINARY = 0, 1, 2
"""Kinds of launch: whether its blocks may wait for each other at a barrier of the grid. ANY: nothing was said."""

FAILED, SECONDS, STEPS, INTERRUPTED, STALLED = range(5)
"""Why a launch ended before its kernel did."""

STATES = ("", "", "__syncthreads", "a warp-wide operation", "a barrier of the grid", "")
"""What a thread waits at, by its state."""

NO_ADVICE, FENCE_BEFORE, FENCE_AFTER, PLAIN_FLAG = range(4)
"""What would order the two sides of a race."""
SPACES = ("local", "shared", "shared", "global", "nowhere")
RACE = 0
"""The kind of a `Finding` that is a race."""


@cache
def runtime() -> ctypes.CDLL:
    """Return the runtime; compiled when it is first used on this machine."""
    # Global, since the kernel libraries find the runtime's functions by name.
    library = ctypes.CDLL(str(runtime_library()), mode=ctypes.RTLD_GLOBAL)
    library.tinyseg_findings.restype = ctypes.POINTER(Finding)
    library.tinyseg_undefined_operations.restype = ctypes.POINTER(Undefined)
    library.tinyseg_footprints.restype = ctypes.POINTER(Footprint)
    library.tinyseg_uses.restype = ctypes.POINTER(Use)
    library.tinyseg_dynamic_begin.restype = ctypes.c_void_p
    library.tinyseg_dynamic_begin.argtypes = [ctypes.c_size_t]
    library.tinyseg_access_count.restype = ctypes.c_uint64
    library.tinyseg_stands.restype = ctypes.POINTER(Stand)
    library.tinyseg_waiting_blocks.restype = ctypes.c_uint64
    return library
