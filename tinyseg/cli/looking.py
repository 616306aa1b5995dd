"""The options of `tinyseg racecheck` to look at what a kernel does: a trace, and one thread to listen to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from ..utils.files import atomic_path

if TYPE_CHECKING:
    from tinyseg_emulator.checks.findings import Findings
    from tinyseg_emulator.checks.trace import Trace

PICTURES = (".png", ".svg", ".pdf")
TraceFile = Annotated[
    Path | None,
    typer.Option("--trace", metavar="FILE.html", help="Write a page that shows what the threads of a block did."),
]
TraceBlock = Annotated[
    str | None,
    typer.Option(metavar="X,Y,Z", help="The block of the page; else those of the findings, or the first one."),
]
Thread = Annotated[
    str | None,
    typer.Option(metavar="X,Y,Z", help="Show only what this thread of a block prints; only it stops at breakpoint()."),
]
Block = Annotated[str | None, typer.Option(metavar="X,Y,Z", help="The block of --thread; else the first one.")]


Roofline = Annotated[
    bool,
    typer.Option(
        "--roofline",
        help="Count operations and the bytes that must move, and show the time at the roof of some GPUs.",
    ),
]
RooflinePlot = Annotated[
    Path | None,
    typer.Option("--roofline-plot", metavar="FILE.png", help="The same as a picture (.png, .svg or .pdf)."),
]


@dataclass
class Looking:
    """What is looked at while a file is checked.

    Args:
        trace: What the page will show, None without --trace.
        plot: Where the picture of the roofline is written, None without --roofline-plot.
    """

    trace: Trace | None
    plot: Path | None = None

    def write(self, path: Path | None, findings: Findings, title: str) -> None:
        """Write the page and the picture, as far as they are asked for."""
        if self.plot is not None:
            from tinyseg_emulator.checks.roofline.plot import save_plot

            with atomic_path(self.plot) as part:
                save_plot(part, findings.works, title, self.plot.suffix.removeprefix("."))
        if path is None or self.trace is None:
            return
        from tinyseg_emulator.trace.write import page

        with atomic_path(path) as part:
            part.write_text(page(self.trace, findings, title), encoding="utf-8")


@contextmanager
def looking(
    path: Path | None,
    trace_block: str | None,
    thread: str | None,
    block: str | None,
    as_json: bool = False,
    roofline: bool = False,
    plot: Path | None = None,
) -> Iterator[Looking]:
    """Let every launch within the block be looked at as the options say.

    What kernels print goes to stderr when the report on stdout is JSON.

    Raises:
        InvalidInput: An option that is no index, or a picture of an unknown kind.
    """
    if plot is not None and plot.suffix not in PICTURES:
        raise InvalidInput(f"--roofline-plot: expected a file that ends with {' or '.join(PICTURES)}, got {plot}")
    from tinyseg_emulator.checks.focus import focus_of, index3
    from tinyseg_emulator.checks.options import emulation
    from tinyseg_emulator.checks.trace import Trace

    chosen = None if trace_block is None else index3(trace_block, "--trace-block")
    look = Looking(None if path is None else Trace(chosen), plot)
    output = redirect_stdout(sys.stderr) if as_json else nullcontext()
    with output, emulation(trace=look.trace, focus=focus_of(thread, block), roofline=roofline or plot is not None):
        yield look
