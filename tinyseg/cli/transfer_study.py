"""`tinyseg transfer-study`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from .console import progress, say
from .going_on import named_when_interrupted
from .options import Backend, Out, use_backend
from .train import folder_data, parse_crop, parse_width

if TYPE_CHECKING:
    from tinyseg.runs import RunData

DIGITS = "digits"
SCENES, TESTED = 500, 100


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(
        "transfer-study",
        epilog="Examples:  tinyseg transfer-study digits --out study    |    tinyseg transfer-study nuclei --out study "
        "--encoder mobilenet_v2 --weights mobilenet_v2-b0353104.pth --labels 5,10,20,50,100,200 --crop 128",
    )(transfer_study)


def transfer_study(
    data: Annotated[
        str, typer.Argument(help="A folder as for `tinyseg train`, or 'digits': scenes of scanned digits.")
    ],
    out: Out,
    encoder: Annotated[
        str | None, typer.Option(help="A known network as the way down; for a folder, such as mobilenet_v2.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="What the encoder learnt before: a file, or 'imagenet' (downloaded).")
    ] = None,
    labels: Annotated[str, typer.Option(help="Numbers of labelled images.")] = "5,10,20,50,100,200,500",
    seeds: Annotated[int, typer.Option(help="Trainings of each kind, with other images.", min=1)] = 3,
    steps: Annotated[int, typer.Option(help="Updates of each training.", min=1)] = 400,
    model: Annotated[str, typer.Option(help="'unet', 'fpn', 'deeplab' or 'lraspp'.")] = "unet",
    width: Annotated[str, typer.Option(help="Channels of the U-Net's levels, as for `tinyseg train`.")] = "16",
    decoder: Annotated[str, typer.Option(help="The U-Net's way up: 'paper' or 'light'.")] = "light",
    batch_size: Annotated[int, typer.Option(help="Images per step.")] = 8,
    learning_rate: Annotated[float, typer.Option(help="Of Adam, falling to 0.")] = 2e-3,
    encoder_rate: Annotated[float, typer.Option(help="What an encoder's rate is multiplied by, fine-tuned.")] = 0.1,
    crop: Annotated[str | None, typer.Option(help="Learn from random windows: 128, or HEIGHTxWIDTH.")] = None,
    tested: Annotated[int, typer.Option(help="Test images to measure on at most.", min=1)] = TESTED,
    backend: Backend = None,
) -> None:
    """Measure what earlier learning is worth: mean IoU against the number of labelled images.

    Each training begins from scratch, with what was learnt before frozen, or with it fine-tuned; all see the same
    images. For 'digits' the way down has learnt to name single digits; for a folder it is an encoder with weights, such
    as ImageNet's. Writes results.csv, table.txt and transfer.png. The same command goes on with a study that was
    interrupted.
    """
    from tinyseg.datasets import Augmentation
    from tinyseg.runs import Settings, TransferPlan, pretrained_on_digits, table_text
    from tinyseg.runs import transfer_study as study

    use_backend(backend)
    digits = data == DIGITS
    if digits and (encoder is not None or weights is not None):
        raise InvalidInput("--encoder and --weights: expected none for 'digits', whose images have one channel")
    if not digits and (encoder is None or weights is None):
        raise InvalidInput("transfer-study of a folder: expected --encoder and --weights, what was learnt before")
    settings = Settings(
        model=model, encoder=encoder, weights=weights, width=parse_width("8,24,64,96" if digits else width),
        decoder=decoder, batch_size=batch_size, learning_rate=learning_rate,
        encoder_rate=1.0 if digits else encoder_rate, crop=None if crop is None else parse_crop(crop),
        augmentation=Augmentation(flip=not digits),
    )  # fmt: skip
    plan = TransferPlan(parse_labels(labels), seeds, steps)
    samples = _digit_data() if digits else folder_data(Path(data), settings)
    begin = pretrained_on_digits(settings, say=say) if digits else None
    source = "naming single digits" if digits else f"{encoder}, {Path(str(weights)).name}"
    with named_when_interrupted(out, "transfer-study", data, "--out", out, "..."):
        found = study(
            samples, settings, plan, out, begin=begin, source=source, most_tested=tested, say=say, progress=progress
        )
    say(table_text(found))
    say(f"Look at {out / 'transfer.png'}.")


def parse_labels(text: str) -> tuple[int, ...]:
    """Read '5,10,20'."""
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise InvalidInput(f"--labels: expected numbers such as 5,10,20, got {text!r}")
    return tuple(sorted({int(part) for part in parts}))


def _digit_data() -> RunData:
    from tinyseg.datasets import SCENE_CLASSES, default_colors, digit_scenes
    from tinyseg.runs import RunData

    say(f"making {SCENES} scenes of scanned digits ...")
    train, test = (list(zip(*digit_scenes(n, split), strict=True)) for n, split in ((SCENES, "train"), (200, "test")))
    return RunData("digit scenes", train, test, test, 1, list(SCENE_CLASSES), default_colors(11))
