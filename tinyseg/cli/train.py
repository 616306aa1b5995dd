"""`tinyseg train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from .console import print_report, progress, say
from .going_on import named_when_interrupted
from .options import Backend, Out, Seed, use_backend
from .train_options import (
    Decoder,
    Depth,
    Encoder,
    EncoderRate,
    Epochs,
    FreezeEncoder,
    Minutes,
    Network,
    Separable,
    ValFraction,
    Weights,
    Width,
)

SHOWN = 8

if TYPE_CHECKING:
    from tinyseg.datasets import SegmentationFolder
    from tinyseg.runs import RunData, Settings


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(
        epilog="Examples:  tinyseg train nuclei --out run --epochs 30    |    tinyseg train street --out run "
        "--minutes 30 --ignore-class 11 --crop 128x160 --scale 0.3    |    tinyseg train nuclei --out run "
        "--encoder mobilenet_v2 --weights mobilenet_v2-b0353104.pth    |    tinyseg train nuclei --out run --resume"
    )(train)


def train(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            help="Folder with train/, val/, perhaps test/, each with images/ and masks/; no val/: see --val-fraction."
        ),
    ],
    out: Out,
    model: Network = "unet",
    width: Width = "16",
    depth: Depth = None,
    decoder: Decoder = "paper",
    dropout: Annotated[float, typer.Option(help="Share of activations to drop at the bottom of a U-Net.")] = 0.0,
    encoder: Encoder = None,
    weights: Weights = None,
    freeze_encoder: FreezeEncoder = False,
    encoder_rate: EncoderRate = 1.0,
    separable: Separable = False,
    epochs: Epochs = None,
    minutes: Minutes = None,
    batch_size: Annotated[int, typer.Option(help="Images per step.")] = 8,
    learning_rate: Annotated[float, typer.Option(help="Of Adam; the largest one of the schedule.")] = 2e-3,
    schedule: Annotated[str, typer.Option(help="'cosine' (to 0), 'exponential' (to 1 %) or 'constant'.")] = "cosine",
    weight_decay: Annotated[float, typer.Option(help="Above 0: AdamW.")] = 0.0,
    loss: Annotated[
        str,
        typer.Option(help="'cross-entropy', 'balanced-cross-entropy' (rare classes weigh more) or 'dice' (overlap)."),
    ] = "cross-entropy",
    val_fraction: ValFraction = None,
    split_seed: Annotated[int, typer.Option(help="Another one holds other images back.")] = 0,
    ignore_class: Annotated[
        int | None, typer.Option(help="Value in the masks that counts for nothing; also in dataset.toml.")
    ] = None,
    crop: Annotated[
        str | None, typer.Option(help="Learn from random windows: 128, or HEIGHTxWIDTH such as 128x160.")
    ] = None,
    flip: Annotated[bool, typer.Option(help="Mirror left and right at random.")] = True,
    flip_vertical: Annotated[
        bool, typer.Option("--flip-vertical", help="Also top and bottom; for images without an up.")
    ] = False,
    rotate: Annotated[float, typer.Option(help="Turn by up to this many degrees.")] = 0.0,
    scale: Annotated[
        float, typer.Option(help="Enlarge or shrink by up to this share: 0.25 is from 1/1.25 to 1.25.")
    ] = 0.0,
    brightness: Annotated[
        float, typer.Option(help="Change brightness and contrast by up to this share of the image's deviation.")
    ] = 0.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run, with its settings, bit for bit.")
    ] = False,
    backend: Backend = None,
    seed: Seed = 0,
) -> None:
    """Train on a folder of images and masks.

    Images are PNG, JPEG or TIFF, grey or RGB; masks of the same base names are palette PNG (the index is the class) or
    grey class ids. A file dataset.toml beside train/ may give class names, colours, the class to ignore, and what other
    mask values mean: docs/your_images.md explains it. The model that is best on val/ is kept.

    A dataset.toml for masks of 0 (background), 255 (cell) and 100 (unlabelled):

    classes = ["background", "cell"]

    ignore_class = 100

    mask_values = { 0 = 0, 255 = 1 }
    """
    from tinyseg.datasets import Augmentation
    from tinyseg.runs import RunFolder, Settings, train_run

    use_backend(backend)
    folder = RunFolder(out)
    folder.refuse_a_second_trainer()
    folder.refuse_to_overwrite(resume)
    settings = Settings(
        model=model,
        width=parse_width(width),
        depth=depth,
        decoder=decoder,
        dropout=dropout,
        epochs=epochs if epochs is not None or minutes is not None else 20,
        minutes=minutes,
        batch_size=batch_size,
        learning_rate=learning_rate,
        schedule=schedule,
        weight_decay=weight_decay,
        loss=loss,
        crop=None if crop is None else parse_crop(crop),
        augmentation=Augmentation(flip, flip_vertical, rotate, scale, brightness),
        ignore_class=ignore_class,
        seed=seed,
        val_fraction=val_fraction,
        split_seed=split_seed,
        encoder=encoder,
        weights=weights,
        freeze_encoder=freeze_encoder,
        encoder_rate=encoder_rate,
        separable=separable,
    )
    if resume and folder.exists:
        settings = folder.read_description().settings
        _refuse_other_settings(context)
    again = ("train", data, "--out", out, *(() if backend is None else ("--backend", backend)))
    with named_when_interrupted(out, *again):
        report = train_run(folder_data(data, settings), settings, out, resume=resume, say=say, progress=progress)
    print_report(report)
    if report.split == "val":
        say("There is no test/: the best epoch was chosen by these same images, so others may be harder.")
    say(f"Look at {out / 'predictions.png'} and {out / 'curves.png'}.")


def parse_crop(text: str) -> tuple[int, int]:
    """Read '128' or '128x160' (height x width)."""
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.strip().isdecimal() for part in parts):
        raise InvalidInput(f"--crop: expected a number such as 128, or HEIGHTxWIDTH such as 128x160, got {text!r}")
    return int(parts[0]), int(parts[-1])


def parse_width(text: str) -> int | tuple[int, ...]:
    """Read '16' or '8,24,64,96'."""
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise InvalidInput(f"--width: expected a number such as 16, or one per level such as 8,24,64,96, got {text!r}")
    return int(text) if len(parts) == 1 else tuple(int(part) for part in parts)


def _refuse_other_settings(context: typer.Context) -> None:
    """A resumed run has the settings it began with; options given now would be ignored in silence."""
    free = ("data", "out", "resume", "backend")
    given = []
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in free and source is not None and source.name == "COMMANDLINE":
            given.append(f"--{name.replace('_', '-')}")
    if given:
        raise InvalidInput(f"--resume goes on with the settings of the interrupted run; leave out {', '.join(given)}")


def left_out(folder: SegmentationFolder) -> list[str]:
    """Return a sentence on the files beside the images and masks that are not read, if there are any."""
    from tinyseg.datasets.listing import readable, walk

    places = [folder.folder / split / kind for split in (*folder.splits, ".") for kind in ("images", "masks")]
    paths = [path for place in places if place.is_dir() for path in walk(place)[1]]
    found = [path.relative_to(folder.folder).as_posix() for path in paths]
    if not found:
        return []
    more = ", ..." if len(found) > SHOWN else ""
    return [
        (
            f"{folder.folder}: {len(found)} files are left out, none that is read ({readable()}): "
            f"{', '.join(found[:SHOWN])}{more}"
        )
    ]


def folder_data(path: Path, settings: Settings) -> RunData:
    """Return the samples of a folder; what is left out of it is said."""
    from tinyseg.datasets import SegmentationFolder
    from tinyseg.runs import RunData

    folder = SegmentationFolder(
        path, ignore_class=settings.ignore_class, val_fraction=settings.val_fraction, split_seed=settings.split_seed
    )
    if settings.val_fraction is not None:
        counts = ", ".join(f"{len(pairs)} in {name}" for name, pairs in folder.splits.items())
        say(
            f"{path}: split by the images' names: {counts} (fraction {settings.val_fraction:g}, seed "
            f"{settings.split_seed})"
        )
        held, whole = len(folder.splits["val"]), len(folder.splits["train"]) + len(folder.splits["val"])
        if abs(held - settings.val_fraction * whole) > whole / 10:
            say(f"{path}: with so few images the share is rough; another --split-seed holds others back")
    for remark in (*folder.remarks(), *left_out(folder)):
        say(remark)
    return RunData(
        name=str(path),
        train=folder.samples("train"),
        val=folder.samples("val"),
        test=folder.samples("test") if "test" in folder.splits else None,
        channels=folder.channels,
        class_names=folder.class_names,
        colors=folder.colors,
    )
