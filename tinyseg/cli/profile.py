"""`tinyseg profile`."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from typing import Annotated, Any

import typer
from tinyseg_kernels.errors import InvalidInput

from .console import say
from .options import Backend, refuse_folder, use_backend

DEFAULT_SIZE = 128
DEFAULT_BATCH = 8


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg profile run --size 256x256 --steps 10")(profile)


def profile(
    run: Annotated[Path, typer.Argument(help="Folder of a run, or a model file.")],
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Images in a step. (Default: the run's, else 8.)")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="HxW of an image, where the model takes any. (Default: the run's crop, else about 128x128.)"),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Steps to measure.")] = 5,
    picture: Annotated[
        Path | None, typer.Option(help="Where to draw it. (Default: RUN/profile.png, or beside the model file.)")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")] = None,
    backend: Backend = None,
) -> None:
    """Show where a training step's time goes, and the memory that each layer keeps.

    Forward and backward of each layer, its operations, rate and share.

    The data are random numbers of the model's input shape; the model in the file stays as it is.
    """
    from tinyseg.models import load_model
    from tinyseg.models.profiling import profile_text, profile_training
    from tinyseg.runs import RunFolder
    from tinyseg.runs.folder import write_json
    from tinyseg.runs.size import memory_limit
    from tinyseg.visualization import plot_profile, save_figure

    use_backend(backend)
    refuse_folder("--json", json_file)
    refuse_folder("--picture", picture)
    multiple, crop = 1, None
    if run.is_file():
        model, target = load_model(run, compile=False), run.with_name(f"{run.stem}-profile.png")
    else:
        folder = RunFolder(run)
        settings = folder.read_description().settings
        model, target = folder.load_model(), folder.path / "profile.png"
        multiple, crop = settings.multiple_of, settings.crop
        batch_size = batch_size or settings.batch_size
    shape = _shape(model.inputs[0].shape[1:], _size(size) or crop, multiple)
    limit = memory_limit()
    if limit is not None and 4 * prod((batch_size or DEFAULT_BATCH, *shape)) > limit:
        raise InvalidInput(
            f"--batch-size, --size: {batch_size or DEFAULT_BATCH} images of {'x'.join(map(str, shape))} alone take "
            f"more than the {limit / 2**30:.1f} GiB of memory of this machine"
        )
    found = profile_training(model, (batch_size or DEFAULT_BATCH, *shape), steps=steps)
    say(profile_text(found))
    save_figure(plot_profile(found), picture or target)
    say(f"wrote {picture or target}")
    if json_file is not None:
        write_json(json_file, found.as_json())
        say(f"wrote {json_file}")


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,5})x([1-9]\d{0,5})", text)
    if match is None:
        raise InvalidInput(f"--size: expected HEIGHTxWIDTH, such as 256x256, got {text!r}")
    return int(match[1]), int(match[2])


def _shape(expected: Any, size: tuple[int, int] | None, multiple: int) -> tuple[int, ...]:
    """Return the shape of one input: what the model fixes, else the size asked for, else about 128."""
    free = -(-DEFAULT_SIZE // multiple) * multiple
    places = [n if n is not None else free for n in expected]
    if size is not None:
        if len(expected) != 3:
            raise InvalidInput(f"--size: the model takes no images, but inputs of shape {tuple(expected)}")
        for given, fixed in zip(size, expected, strict=False):
            if fixed not in (None, given):
                raise InvalidInput(f"--size: the model takes images of {expected[0]}x{expected[1]} only")
        places[:2] = size
    return tuple(places)
