"""`tinyseg export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import say


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Examples:  tinyseg export run model.onnx    |    tinyseg export run page.html")(export)


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    out: Annotated[Path, typer.Argument(help="NAME.onnx, or NAME.html for a page that segments images in a browser.")],
    images: Annotated[
        bool,
        typer.Option(
            help="The ONNX file takes images of bytes of any size, prepares them as in training, and also returns a "
            "mask; without, it takes what the network takes."
        ),
    ] = True,
    channels_first: Annotated[
        bool, typer.Option("--channels-first", help="With --no-images: arrays (N, C, H, W), as other programs have.")
    ] = False,
    opset: Annotated[
        int | None, typer.Option(help="ONNX's operators of this version; the newest official one when not given.")
    ] = None,
) -> None:
    """Write a run's model for other programs: ONNX, or a page for a browser.

    Where onnxruntime is installed, the file is run once and compared before it takes its place. docs/export.md says how
    to run it exactly in ONNX Runtime and OpenVINO. The page is one file that needs no network.
    """
    from tinyseg.runs import RunFolder
    from tinyseg.runs.exporting import export_run

    written = export_run(
        RunFolder(run), out, images=images, opset_version=opset,
        data_format="channels_first" if channels_first else "channels_last",
    )  # fmt: skip
    if written is None:
        say(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB): open it in a browser, and drop images on it")
        return
    say(str(written))
    say(f"inputs: {', '.join(written.inputs)}; outputs: {', '.join(written.outputs)}")
