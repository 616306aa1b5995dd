"""Work and roofs as lines of a report."""

from __future__ import annotations

from collections.abc import Sequence

from .estimate import Roof, roof
from .gpus import GPUS
from .work import KINDS, TENSOR, TYPES, Work

SPECIAL = tuple(f"{kind} special" for kind in TYPES)
_UNITS = ((1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s"))
LOWER = (
    "Times are lower bounds, of peaks that are published: no latency, no start of a launch. FLOP: add and mul 1, fma 2."
)
HEADINGS = ("GPU", "at least", "without caches", "bound", "busiest unit", "share of its peak")


def roofline_text(works: Sequence[Work]) -> str:
    """Return what launches do and the roofs over them; '' for none."""
    return "\n\n".join(
        [*(_of(work) for work in works), LOWER] if any(work.counts for work in works) else map(_of, works)
    )


def roofline_json(work: Work) -> dict[str, object]:
    """Return a work with its roofs, as lists and dictionaries."""
    roofs = [] if work.counts is None else [roof(work, gpu) for gpu in GPUS]
    return {
        **work.to_json(),
        "roofs": [
            {
                "gpu": found.gpu.name,
                "arch": found.gpu.arch,
                "seconds": found.seconds,
                "seconds_without_caches": found.seconds_uncached,
                "bound": found.bound,
                "unit": found.unit,
                "absent": list(found.absent),
            }
            for found in roofs
        ],
    }


def _of(work: Work) -> str:
    times = f", {work.launches} launches together" if work.launches > 1 else ""
    lines = [f"roofline of {work.kernel!r}, grid {work.grid}, block {work.block}{times}"]
    lines += [f"    {line}" for line in (*_operations(work), *_bytes(work))]
    if work.why:
        lines.append(f"    {work.why}")
    if work.counts is None:
        return "\n".join(lines)
    lines += [f"    {line}" for line in _table([_row(roof(work, gpu)) for gpu in GPUS])]
    missing = [
        f"{gpu.name} has no unit for {', '.join(found.absent)}, which are left out there"
        for gpu in GPUS
        if (found := roof(work, gpu)).absent
    ]
    return "\n".join([*lines, *(f"    {line}" for line in missing)])


def _operations(work: Work) -> list[str]:
    if work.counts is None:
        return ["operations: not counted"]
    parts = [
        f"{work.counts[kind]:,} {kind}" for kind in KINDS if work.counts.get(kind) and kind not in (*TENSOR, *SPECIAL)
    ]
    parts += [f"{work.counts[kind]:,} {kind} operations" for kind in TENSOR if work.counts.get(kind)]
    total = f"operations: {work.flops:,}" + (f" ({', '.join(parts)})" if parts else "")
    lines = [total + (f", and {work.special:,} divisions, roots and special functions" if work.special else "")]
    if work.least:
        most, least = work.flops / work.least, work.flops / max(work.moved, work.least)
        lines.append(f"arithmetic intensity: {most:.3g} per byte that must move, {least:.3g} per byte that warps move")
    return lines


def _bytes(work: Work) -> list[str]:
    share = f", of which lanes asked for {work.useful:,} ({work.useful / work.moved:.0%})" if work.moved else ""
    lines = [f"global memory: at least {work.least:,} bytes; the requests of warps move {work.moved:,}{share}"]
    return lines + [
        f"    {buffer.name}: at least {buffer.read:,} in and {buffer.written:,} out; moved {buffer.moved:,}"
        for buffer in work.buffers
    ]


def _row(found: Roof) -> tuple[str, ...]:
    share = found.compute / found.seconds if found.seconds else 0.0
    return (
        f"{found.gpu.name} ({found.gpu.arch})",
        seconds_text(found.seconds),
        seconds_text(found.seconds_uncached),
        found.bound if found.seconds_uncached else "",
        found.unit,
        f"{share:.0%}" if found.unit else "",
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    every = [HEADINGS, *rows]
    widths = [max(len(row[k]) for row in every) for k in range(len(HEADINGS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]


def seconds_text(seconds: float) -> str:
    """Return a time with three digits and its unit."""
    factor, unit = next(((f, u) for f, u in reversed(_UNITS) if seconds >= f), _UNITS[0])
    return f"{seconds / factor:.3g} {unit}"
