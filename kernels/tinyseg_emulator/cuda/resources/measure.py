"""Registers, shared memory, stack and spills of the kernels that a file launches, by NVRTC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tinyseg_kernels.gpu.nvrtc import CompileError, compile_cubin, find_nvrtc
from tinyseg_kernels.gpu.resources import parse_log

from .device_part import Headers, name_of, stand_in_headers
from .occupancy import LIMITS, occupancy

_OF_CCCL = re.compile(r'open source file "(?:cuda|nv|cub|thrust)/')


@dataclass(frozen=True)
class Launched:
    """A launch of a file: the kernel's plain name, threads of a block, bytes of dynamic shared memory.

    `symbol` is the kernel's name in machine code where it is known: it tells the instances of a template apart.
    """

    kernel: str
    threads: int
    dynamic_shared: int
    symbol: str = ""


@dataclass(frozen=True)
class KernelUse:
    """What one launch takes on one architecture; sizes in bytes, occupancy in percent of the warps of an SM."""

    kernel: str
    arch: str
    threads: int
    registers: int
    shared: int
    stack: int
    spills: int
    blocks: int
    occupancy: float
    limited_by: str

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return asdict(self)


def measure(
    source: str,
    filename: str,
    launched: Sequence[Launched],
    include: Sequence[Path] = (),
    defines: Mapping[str, str | int] | None = None,
    standard: str = "c++17",
    architectures: Sequence[str] = tuple(LIMITS),
) -> tuple[list[KernelUse], str]:
    """Compile a file for each architecture, and return what its launches take; and why some are missing, or ''.

    Args:
        source: CUDA C++ of kernels, without functions of the host that NVRTC does not take.
        filename: Its name.
        launched: The launches.
        include: Folders of headers.
        defines: Macros.
        standard: The version of C++.
        architectures: Those to compile for.
    """
    nvrtc = find_nvrtc()
    if nvrtc is None:
        return [], "registers and occupancy are not shown: NVRTC is not installed (pip install 'tinyseg[test-gpu]')"
    options = [f"-std={standard}", *(f"-I{folder}" for folder in include)]
    options += [f"-D{name}={value}" for name, value in (defines or {}).items()]
    options += [f"-I{folder / 'cccl'}" for folder in nvrtc.include if (folder / "cccl").is_dir()]
    found: list[KernelUse] = []
    missing = ""
    with stand_in_headers() as headers:
        options.append(f"-I{headers.folder}")
        for arch in architectures:
            try:
                log = _compiled(source, filename, arch, options, headers)
            except CompileError as error:
                first = next((line for line in str(error).splitlines() if "error" in line), str(error))
                first = first.partition(f"for {arch}: ")[2] or first
                first += " (pip install nvidia-cuda-cccl)" if _OF_CCCL.search(first) else ""
                missing = (
                    f"registers and occupancy for {arch} are not shown: NVRTC did not compile the "
                    f"file alone: {first.strip()}"
                )
                if not found:
                    break  # it is the file, not the architecture
                continue
            found += _of(parse_log(log), arch, launched)
    return found, missing


def _compiled(source: str, filename: str, arch: str, options: Sequence[str], headers: Headers) -> str:
    """Return what the compiler prints; headers that it lacks are stood in for."""
    while True:
        try:
            return compile_cubin(source, filename, arch, options).log
        except CompileError as error:
            if not headers.add(str(error)):
                raise


def _of(
    kernels: Mapping[str, tuple[int, int, int, int]], arch: str, launched: Sequence[Launched]
) -> Iterator[KernelUse]:
    for launch in dict.fromkeys(launched):
        exact = launch.symbol in kernels
        for symbol, (registers, static, stack, spills) in kernels.items():
            if symbol != launch.symbol if exact else not _is(symbol, launch.kernel):
                continue
            shared = static + launch.dynamic_shared
            held = occupancy(arch, launch.threads, registers, shared)
            yield KernelUse(
                name_of(symbol) if exact and launch.symbol.startswith("_Z") else launch.kernel,
                arch,
                launch.threads,
                registers,
                shared,
                stack,
                spills,
                held.blocks,
                held.percent,
                held.limited_by,
            )


def _is(symbol: str, kernel: str) -> bool:
    """Return whether a symbol of the machine code is that of a kernel; a mangled one holds the name with its length."""
    bare = kernel.partition("<")[0].rpartition("::")[2]
    return symbol == bare or (symbol.startswith("_Z") and f"{len(bare)}{bare}" in symbol)
