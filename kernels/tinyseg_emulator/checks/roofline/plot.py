"""Work and roofs as a picture: arithmetic intensity across, operations per second upwards, both logarithmic."""

from __future__ import annotations

import html
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from tinyseg_kernels.errors import InvalidInput

from .estimate import roof
from .gpus import GPUS, Gpu
from .work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#4c72b0", "#dd8452", "#55a868", "#c44e52", "#8172b3", "#937860", "#00798c", "#b8860b", "#7f7f7f")
MARKERS = "os^Dvp*X"
KERNELS = len(MARKERS)


def figure(works: Sequence[Work], title: str) -> Figure:
    """Return the picture: a roof for each GPU, and each kernel from its intensity without caches to the best one.

    The flat part of a roof is the peak of the unit that most kernels keep busiest. A kernel's marks have the colour of
    the GPU; one that uses a faster unit, such as tensor cores, may lie above this roof.

    Raises:
        InvalidInput: No work was counted that moves bytes and computes.
    """
    from matplotlib.figure import Figure

    drawn = [work for work in works if work.counts is not None and work.flops and work.least][:KERNELS]
    if not drawn:
        raise InvalidInput("the roofline has nothing to show: no launch moved bytes and computed with floats")
    busiest = [found.unit for work in drawn for gpu in GPUS if (found := roof(work, gpu)).unit in gpu.peaks]
    unit = max(dict.fromkeys(busiest), key=busiest.count) if busiest else "fp32"
    made = Figure(figsize=(9.5, 6.2), layout="constrained")
    axes = made.subplots()
    intensities = [x for work in drawn for x in _intensities(work)]
    have = [gpu for gpu in GPUS if unit in gpu.peaks]
    ridges = [gpu.peaks[unit] / gpu.bandwidth for gpu in have]
    low, high = min([*intensities, 0.1]) / 2, max([*intensities, *ridges]) * 3
    for gpu, colour in zip(GPUS, COLOURS, strict=True):
        if gpu in have:
            _draw_roof(axes, gpu, unit, low, high, colour)
            for work, marker in zip(drawn, MARKERS, strict=False):
                _draw_work(axes, work, marker, gpu, colour)
    for work, marker in zip(drawn, MARKERS, strict=False):  # for the legend alone
        name = f"{work.kernel} {work.grid} {work.block}"
        axes.plot([], [], marker=marker, color="#444444", linestyle="none", label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_xlabel(
        "arithmetic intensity: operations per byte of global memory\n(full: each byte moves once; empty: no caches)"
    )
    axes.set_ylabel("operations per second at most")
    axes.set_title(f"{title}: roofline, roofs of {unit}")
    axes.grid(visible=True, which="major", alpha=0.3)
    made.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
    return made


def _intensities(work: Work) -> tuple[float, float]:
    return work.flops / max(work.moved, work.least), work.flops / work.least


def _draw_roof(axes: Axes, gpu: Gpu, unit: str, low: float, high: float, colour: str) -> None:
    ridge = gpu.peaks[unit] / gpu.bandwidth
    across = [low, ridge, high]
    axes.plot(across, [low * gpu.bandwidth, gpu.peaks[unit], gpu.peaks[unit]], color=colour, label=gpu.name)


def _draw_work(axes: Axes, work: Work, marker: str, gpu: Gpu, colour: str) -> None:
    """Draw a kernel below a roof: a full mark where every byte moves once, an empty one without caches."""
    found = roof(work, gpu)
    across = _intensities(work)
    ends = (work.flops / found.seconds_uncached, work.flops / found.seconds)
    axes.plot(across, ends, color=colour, linewidth=0.8, linestyle=":")
    axes.plot(across[:1], ends[:1], marker=marker, color=colour, markerfacecolor="white", markersize=5, zorder=3)
    axes.plot(across[1:], ends[1:], marker=marker, color=colour, markersize=5, zorder=3)


def save_plot(path: Path, works: Sequence[Work], title: str, kind: str) -> None:
    """Write the picture to a file, as 'png', 'svg' or 'pdf'.

    Raises:
        InvalidInput: There is nothing to show.
    """
    figure(works, title).savefig(path, dpi=150, format=kind)


def svg(works: Sequence[Work], title: str) -> str:
    """Return the picture as an element of HTML.

    Raises:
        InvalidInput: There is nothing to show.
    """
    buffer = StringIO()
    figure(works, title).savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    name = html.escape(f"Roofline of {', '.join(dict.fromkeys(work.kernel for work in works))}", quote=True)
    return text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{name}"', 1)
