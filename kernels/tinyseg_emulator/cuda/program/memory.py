"""Which allocation of a program an address belongs to, for one of its launches."""

from __future__ import annotations

import ctypes
import linecache
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from ..library import Library
from ..memory_map import MemoryMap, _Area
from ..native import Launch, runtime
from ..source_table import SourceTable
from .native import PARAMETERS, Allocation, Request, allocations, host_runtime

_CALL = re.compile(r"\bcuda(?:Malloc\w*|HostAlloc)\s*\(\s*(?:\(\s*void\s*\*\s*\*\s*\)\s*)?&?\s*([\w.>\[\]-]+)")


class LaunchedKernel:
    """A kernel as a program launches it: what `MemoryMap` and the checks ask of one."""

    def __init__(self, request: Request, table: SourceTable) -> None:
        self.name = request.kernel.decode("utf-8", "replace")
        self.plain_name = self.name.partition("<")[0].rpartition("::")[2]
        words = request.signature.decode().split()
        self.signature = [word.replace("K", "P") for word in words]
        self.read_only = [word[0] == "K" for word in words]
        self.parameters = table.parameter_names(self.plain_name, len(words))
        self.addresses = [
            ctypes.c_uint64.from_address(request.arguments[k + 1]).value if word[0] == "P" else None
            for k, word in enumerate(self.signature)
        ]
        self.reachable: dict[str, Array] = {}  # a program's allocations are known to the checks without it


def allocation_at(address: int, table: Sequence[Allocation]) -> Allocation | None:
    """Return the allocation that an address lies in, or shortly behind; what was freed too."""
    for one in table:
        if one.begin <= address < one.begin + max(one.size, 1):
            return one
    return None


def variable_of(one: Allocation) -> str:
    """Return the name of the host variable that got an allocation, as the line reads that made it."""
    return variable_at((one.made_file or b"").decode("utf-8", "replace"), one.made_line)


def variable_at(file: str, line: int) -> str:
    """Return the name of the host variable that a line allocates."""
    match = _CALL.search(linecache.getline(file, line))
    return match[1].rpartition("->")[2].rpartition(".")[2] if match else f"memory allocated at line {line}"


class ProgramMemory(MemoryMap):
    """The memory of one launch of a program: its allocations, under the names of the kernel's parameters."""

    def __init__(self, kernel: LaunchedKernel, library: Library, args: Sequence[Any], launch: Launch) -> None:
        self.table = [one for one in allocations() if one.size]
        live = [one for one in self.table if not one.freed]
        arrays: list[Any] = []
        named: set[int] = set()
        for address, word in zip(kernel.addresses, kernel.signature, strict=True):
            one = None if address is None else allocation_at(address, live)
            arrays.append(None if one is None else _view(one, word[1:]))
            named |= {one.begin} if one is not None else set()
        super().__init__(kernel, library, arrays, launch)  # type: ignore[arg-type]
        self._arguments += [
            _Area("global", variable_of(one), one.begin, one.size, _dtype(f"{chr(one.element_kind)}{one.element_size}"))
            for one in live
            if one.begin not in named
        ]
        parameters = host_runtime().tinyseg_program_parameters()
        # The parameters lie in the runtime's library, not in the program's.
        self._others.append(_Area("constant", "the parameters", parameters, PARAMETERS, None))

    def host_pointer(self, address: int) -> str:
        """Return what to say of an address that no live allocation has; '' when it is simply beyond one."""
        one = next((a for a in self.table if a.freed and a.begin <= address < a.begin + a.size), None)
        if one is not None:
            return f"memory that was freed: {variable_of(one)}, of {one.size} bytes, freed at line {one.ended_line}"
        end = runtime().tinyseg_dynamic_begin(0)
        first = self._dynamic[0].begin if self._dynamic else end
        if first - 4096 <= address < end + 4096:
            return "" if self._dynamic else "dynamic shared memory, of which this launch has 0 bytes"
        if any(a.begin - 4096 <= address < a.begin + a.size + (1 << 20) for a in self.table):
            return ""
        return "the null pointer" if address < 4096 else "host memory" if _mapped(address) else ""


def _view(one: Allocation, word: str) -> np.ndarray[Any, Any]:
    """Return an allocation as an array of the type that a parameter points to."""
    dtype = _dtype(word) or np.dtype("u1")
    count = one.size // dtype.itemsize
    if not count:
        dtype, count = np.dtype("u1"), one.size
    raw = (ctypes.c_ubyte * (count * dtype.itemsize)).from_address(one.begin)
    return np.frombuffer(raw, dtype=dtype, count=count)


def _dtype(word: str) -> np.dtype[Any] | None:
    return np.dtype(word) if re.fullmatch(r"[fiub](1|2|4|8)", word) and word not in ("f1", "b2", "b4", "b8") else None


def _mapped(address: int) -> bool:
    try:
        with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
            for line in file:
                begin, _, end = line.split(" ", 1)[0].partition("-")
                if int(begin, 16) <= address < int(end, 16):
                    return True
    except (OSError, ValueError):
        pass
    return False
