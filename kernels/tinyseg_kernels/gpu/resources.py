"""What each CUDA C++ kernel takes of a GPU.

Registers, shared memory, stack and spills, and the limits that a kernel must keep.

A file is compiled as on a real GPU (`gpu.cuda.OPTIONS` and `definitions`), for each floating type and each set of
constants. Lines at its top say what does not apply to it:

    // requires sm_80        tensor cores for tf32, for example: older architectures are left out, and that is reported
    // only float            (or: only double)

Constants come from the rung beside the file, or above its folder: `COMPILED_WITH` in cupy_gpu.py, a list of
dictionaries for all files of the folder, or a dictionary from a file's name to such a list. Without one a file is
compiled once, with no constants. A set with REAL_IS_FLOAT is for that floating type alone, and one with REQUIRES_SM for
no older architecture than that.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from .cuda import ADDED_BY_CUPY, OPTIONS, definitions
from .nvrtc import CompileError, Cubin, compile_cubin

PACKAGE = Path(__file__).parents[1]
ARCHITECTURES = ("sm_75", "sm_80", "sm_90")
"""Turing (T4, RTX 20), Ampere (A100), Hopper (H100)."""

STATIC_SHARED_LIMIT = 48 << 10
REGISTERS_OF_A_THREAD = 255
REGISTERS_OF_A_BLOCK = 65536
LARGEST_BLOCK = 1024

ALLOWED: Mapping[str, str] = {}
"""Kernel -> why it may spill registers or keep an array in local memory."""


@dataclass(frozen=True)
class KernelResources:
    """One kernel, compiled for one architecture, floating type and set of constants; sizes in bytes."""

    file: str
    kernel: str
    arch: str
    real: str
    constants: str
    registers: int
    shared: int
    stack: int
    spills: int
    """Stores and loads together."""
    threads: int
    """Largest block that the kernel states by __launch_bounds__; 1024, CUDA's largest, when it states none."""


@dataclass
class Report:
    """All kernels, what was left out and why, and what did not compile."""

    kernels: list[KernelResources] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def sources(words: Sequence[str] = ()) -> list[Path]:
    """Return the .cu files of the package whose path contains one of the words (all without words)."""
    paths = sorted(PACKAGE.rglob("*.cu"))
    return [path for path in paths if not words or any(word in str(path.relative_to(PACKAGE)) for word in words)]


def reals_of(text: str) -> tuple[str, ...]:
    """Return the floating types that a file supports."""
    only = re.search(r"^//\s*only (float|double)\b", text, re.MULTILINE)
    return ("float32", "float64") if only is None else ({"float": "float32", "double": "float64"}[only.group(1)],)


def least_arch(text: str) -> int:
    """Return the number of the oldest architecture that a file supports, such as 80 for sm_80."""
    required = re.search(r"^//\s*requires sm_(\d+)\b", text, re.MULTILINE)
    return 0 if required is None else int(required.group(1))


def constants_of(path: Path) -> list[dict[str, int]]:
    """Return the sets of compile-time constants that a file's rung asks for."""
    folder = next((folder for folder in path.parents[:2] if (folder / "cupy_gpu.py").exists()), None)
    if folder is None:
        return [{}]
    module = import_module(".".join([__package__.rpartition(".")[0], *folder.relative_to(PACKAGE).parts, "cupy_gpu"]))
    listed = getattr(module, "COMPILED_WITH", [{}])
    return list(listed.get(path.name, [{}]) if isinstance(listed, Mapping) else listed)


def compile_all(
    architectures: Sequence[str] = ARCHITECTURES, paths: Sequence[Path] | None = None, most: int | None = None
) -> Report:
    """Compile files (all of the package, when none are given) for every architecture, floating type and set of constants.

    With `most`, this many sets of a file at most, others for each architecture and floating type.
    """
    report = Report()
    for path in sources() if paths is None else paths:
        text = path.read_text(encoding="utf-8")
        for arch in architectures:
            if int(arch.removeprefix("sm_")) < least_arch(text):
                report.left_out.append(f"{name_of(path)} for {arch}: it requires sm_{least_arch(text)}")
                continue
            for real in reals_of(text):
                for constants in _some(constants_of(path), most, f"{path.name} {arch} {real}"):
                    if constants.get("REAL_IS_FLOAT", real == "float32") != (real == "float32"):
                        continue
                    if int(arch.removeprefix("sm_")) < constants.get("REQUIRES_SM", 0):
                        report.left_out.append(
                            f"{name_of(path)} ({_words(constants)}) for {arch}: it requires sm_{constants['REQUIRES_SM']}"
                        )
                        continue
                    try:
                        report.kernels += compile_file(path, arch, real, constants)
                    except CompileError as error:
                        report.errors.append(f"{real} {constants or ''}: {error}")
    return report


def _some(sets: list[dict[str, int]], most: int | None, label: str) -> list[dict[str, int]]:
    """Return at most this many of the sets, spread over the list, from a place that the label decides."""
    if most is None or len(sets) <= most:
        return sets
    first = zlib.crc32(label.encode()) % len(sets)
    return [sets[(first + k * len(sets) // most) % len(sets)] for k in range(most)]


def name_of(path: Path) -> str:
    """Return how a file is called in reports."""
    return str(path.relative_to(PACKAGE)) if path.is_relative_to(PACKAGE) else path.name


def compile_file(path: Path, arch: str, real: str, constants: Mapping[str, int]) -> list[KernelResources]:
    """Compile a file as the launcher does on a GPU, and return what its kernels take."""
    macros = [f"-D{name}={value}" for name, value in definitions(real, tuple(constants.items())).items()]
    cubin = compile_cubin(path.read_text(encoding="utf-8"), str(path), arch, [*OPTIONS, *macros, *ADDED_BY_CUPY])
    return [
        KernelResources(name_of(path), kernel, arch, real, _words(constants), *numbers, bounds)
        for kernel, numbers, bounds in _kernels(cubin)
    ]


def _words(constants: Mapping[str, int]) -> str:
    return " ".join(f"{name}={value}" for name, value in constants.items())


def _kernels(cubin: Cubin) -> Iterator[tuple[str, tuple[int, int, int, int], int]]:
    bounds = launch_bounds(cubin.code)
    for kernel, numbers in parse_log(cubin.log).items():
        yield kernel, numbers, bounds.get(kernel, LARGEST_BLOCK)


def parse_log(log: str) -> dict[str, tuple[int, int, int, int]]:
    """Read the assembler's report: kernel -> (registers, shared memory, stack, spills)."""
    kernels: dict[str, tuple[int, int, int, int]] = {}
    for part in log.split("Compiling entry function '")[1:]:
        kernel = part[: part.index("'")]
        own = re.search(
            rf"properties for {re.escape(kernel)}\s+ptxas\s+\.?\s*:?\s*(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads",
            part,
        )
        used = re.search(r"Used (\d+) registers(.*)", part)
        if own is None or used is None:
            raise ValueError(f"{kernel}: the assembler's report has an unknown form: {part}")
        rest = used.group(2)
        # What it calls counts as well: functions that were not inlined have frames of their own.
        stack = max(int(own.group(1)), _number(r"(\d+) bytes cumulative stack size", rest))
        spills = int(own.group(2)) + int(own.group(3))
        kernels[kernel] = (int(used.group(1)), _number(r"(\d+) bytes smem", rest), stack, spills)
    return kernels


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found.group(1)) if found else 0


def launch_bounds(cubin: bytes) -> dict[str, int]:
    """Read from machine code how many threads a block may have.

    Kernel -> product of the bounds, for kernels that state them.

    A cubin is an ELF file of 64 bits with a section .nv.info.<kernel> for each kernel: records (format, attribute,
    size, value). Attribute 5 (EIATTR_MAX_THREADS) holds the bounds along x, y and z; format 4 means that a size and a
    value of that many bytes follow.
    """
    (table,) = struct.unpack_from("<Q", cubin, 40)
    size, count, names_section = struct.unpack_from("<HHH", cubin, 58)
    sections = [struct.unpack_from("<IIQQQQ", cubin, table + k * size) for k in range(count)]
    names = sections[names_section][4]
    bounds: dict[str, int] = {}
    for name_offset, _, _, _, start, length in sections:
        begin = names + name_offset
        name = cubin[begin : cubin.index(b"\0", begin)].decode()
        if name.startswith(".nv.info."):
            for attribute, value in _records(cubin[start : start + length]):
                if attribute == 5:
                    x, y, z = struct.unpack("<III", value)
                    bounds[name.removeprefix(".nv.info.")] = x * y * z
    return bounds


def _records(section: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(section):
        form, attribute, size = struct.unpack_from("<BBH", section, place)
        length = size if form == 4 else 0  # in the other formats the value lies in the place of the size
        yield attribute, section[place + 4 : place + 4 + length]
        place += 4 + length


def violations(kernel: KernelResources) -> list[str]:
    """Return which limits a kernel breaks, as sentences."""
    problems = []
    if kernel.kernel not in ALLOWED:
        if kernel.spills:
            problems.append(f"{kernel.spills} bytes of registers are spilled to memory")
        if kernel.stack:
            problems.append(
                f"{kernel.stack} bytes of stack: an array that is indexed at run time lies in memory, not in registers"
            )
    if kernel.shared > STATIC_SHARED_LIMIT:
        problems.append(f"{kernel.shared} bytes of static shared memory, more than {STATIC_SHARED_LIMIT}")
    if kernel.registers > REGISTERS_OF_A_THREAD:
        problems.append(f"{kernel.registers} registers, more than {REGISTERS_OF_A_THREAD}")
    # Registers are handed out in groups of 8 for each thread.
    if -(-kernel.registers // 8) * 8 * kernel.threads > REGISTERS_OF_A_BLOCK:
        problems.append(
            f"{kernel.registers} registers in blocks of up to {kernel.threads} threads do not fit in {REGISTERS_OF_A_BLOCK}: "
            "state the block by __launch_bounds__"
        )
    where = f"{kernel.file} {kernel.kernel} ({kernel.arch}, {kernel.real}{', ' + kernel.constants if kernel.constants else ''})"
    return [f"{where}: {problem}" for problem in problems]
