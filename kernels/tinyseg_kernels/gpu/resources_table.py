"""What every CUDA C++ kernel takes of a GPU, as a table and as a page; it needs no GPU.

python -m tinyseg_kernels.gpu.resources_table                           # a table: every kernel, its registers, shared memory and spills
python -m tinyseg_kernels.gpu.resources_table --write docs/kernels.md   # the same as a page
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from .nvrtc import HOW_TO_GET, find_nvrtc
from .resources import ARCHITECTURES, LARGEST_BLOCK, KernelResources, Report, compile_all, sources, violations

HEADINGS = ("file", "kernel", "constants", "real", "arch", "registers", "shared", "stack", "spills", "block up to")


def table(kernels: Sequence[KernelResources]) -> str:
    """Return the kernels as columns of text, one line for each architecture."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    for k in kernels:
        numbers = (k.registers, k.shared, k.stack, k.spills, k.threads)
        rows.append((k.file, k.kernel, k.constants, k.real, k.arch, *map(str, numbers)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def page(report: Report, version: tuple[int, int]) -> str:
    """Return the report as Markdown.

    A section for each folder, and a row for each kernel with its architectures side by side.
    """
    slashes = " / ".join(ARCHITECTURES)
    kernels = {(k.file, k.kernel, k.real, k.constants) for k in report.kernels}
    spilling = sum(k.spills > 0 for k in report.kernels)
    lines = [
        "# CUDA C++ kernels: registers, shared memory, spills",
        "",
        "Written by `python -m tinyseg_kernels.gpu.resources_table --write docs/kernels.md`, which needs no GPU; do not edit.",
        f"Compiled with NVRTC {version[0]}.{version[1]} and the options of `gpu/cuda.py`, for {', '.join(ARCHITECTURES)}.",
        f"{len({k.kernel for k in report.kernels})} kernels in {len({k.file for k in report.kernels})} files, "
        f"{len(kernels)} with their floating types and constants, compiled {len(report.kernels)} times; {spilling} of these spill registers.",
        "",
        "*shared* is static shared memory in bytes. *block* is the largest block that the kernel states by `__launch_bounds__`.",
        "",
    ]
    for file, of_file in groupby(
        sorted(report.kernels, key=lambda k: (k.file, k.kernel, k.real, k.constants)), lambda k: k.file
    ):
        lines += [
            f"## {file}",
            "",
            f"| kernel | real | constants | registers, {slashes} | shared | spills | block |",
            "|---|---|---|---|---|---|---|",
        ]
        for (kernel, real, constants), group in groupby(of_file, lambda k: (k.kernel, k.real, k.constants)):
            of_arch = {k.arch: k for k in group}
            registers = " / ".join(str(of_arch[arch].registers) if arch in of_arch else "-" for arch in ARCHITECTURES)
            shared = max(k.shared for k in of_arch.values())
            spills = max(k.spills for k in of_arch.values())
            threads = max(k.threads for k in of_arch.values())
            block = "any" if threads == LARGEST_BLOCK else str(threads)
            lines.append(f"| `{kernel}` | {real} | {constants} | {registers} | {shared:,} | {spills} | {block} |")
        lines.append("")
    if report.left_out:
        lines += ["Left out:", "", *(f"- {line}" for line in report.left_out), ""]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of all kernels; return 1 when one of them breaks a limit."""
    parser = argparse.ArgumentParser(description="Registers, shared memory and spills of every CUDA C++ kernel.")
    parser.add_argument("words", nargs="*", help="only files whose path contains one of these words")
    parser.add_argument(
        "--arch", action="append", choices=ARCHITECTURES, help="only for this architecture; may be repeated"
    )
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="write the table as a page")
    options = parser.parse_args(arguments)
    nvrtc = find_nvrtc()
    if nvrtc is None:
        print(f"NVRTC was not found; {HOW_TO_GET}", file=sys.stderr)
        return 1
    report = compile_all(options.arch or ARCHITECTURES, sources(options.words))
    print(table(report.kernels))
    for line in report.left_out:
        print(f"left out: {line}")
    broken = [text for kernel in report.kernels for text in violations(kernel)]
    for text in [*report.errors, *broken]:
        print(f"PROBLEM: {text}", file=sys.stderr)
    if options.write is not None:
        options.write.write_text(page(report, nvrtc.version), encoding="utf-8")
    return 1 if report.errors or broken else 0


if __name__ == "__main__":
    sys.exit(main())
