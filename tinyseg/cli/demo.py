"""`tinyseg demo`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.types import Array

from .console import print_report, progress, say
from .going_on import named_when_interrupted
from .options import Backend, Out, Seed, use_backend

if TYPE_CHECKING:
    from tinyseg.runs import RunData

TRAIN_SCENES, VAL_SCENES, TEST_SCENES = 2000, 60, 200


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Examples:  tinyseg demo    |    tinyseg demo --out my-demo --epochs 2")(demo)


def demo(
    out: Out = Path("tinyseg-demo"),
    epochs: Annotated[int, typer.Option(help="Passes over the training scenes.", min=1)] = 4,
    scenes: Annotated[int, typer.Option(help="Number of training scenes.", min=8)] = TRAIN_SCENES,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    backend: Backend = None,
    seed: Seed = 0,
) -> None:
    """Train a small U-Net on scenes of scanned digits, in about half a minute, and draw what it sees.

    Nothing is downloaded: the digits come with scikit-learn, and tinyseg places them on textured backgrounds, several a
    scene, overlapping. Writes the model, history.csv, metrics.json, curves.png and predictions.png.
    """
    from tinyseg.datasets import Augmentation
    from tinyseg.runs import RunFolder, Settings, train_run

    use_backend(backend)
    RunFolder(out).refuse_a_second_trainer()
    RunFolder(out).refuse_to_overwrite(resume)
    started = time.monotonic()
    settings = Settings(
        width=(8, 24, 64, 96),
        depth=3,
        decoder="light",
        epochs=epochs,
        batch_size=8,
        learning_rate=4e-3,
        loss="balanced-cross-entropy",
        seed=seed,
        augmentation=Augmentation(flip=False),  # a mirrored 2 is no 2
    )
    say(f"making {scenes} scenes of scanned digits ...")
    again: list[object] = ["demo", "--out", out]
    again += [
        part
        for name, value, default in (
            ("--scenes", scenes, TRAIN_SCENES),
            ("--seed", seed, 0),
            ("--backend", backend, None),
        )
        if value != default
        for part in (name, value)
    ]
    with named_when_interrupted(out, *again):
        report = train_run(_digit_data(scenes, seed), settings, out, resume=resume, say=say, progress=progress)
    print_report(report)
    say(f"{time.monotonic() - started:.0f} s in all. Look at {out / 'predictions.png'} and {out / 'curves.png'}.")
    say(f"Next: tinyseg summary {out}   or your own images: tinyseg train --help")


def _digit_data(scenes: int, seed: int) -> RunData:
    from tinyseg.datasets import SCENE_CLASSES, default_colors, digit_scenes
    from tinyseg.runs import RunData

    def pairs(count: int, split: str) -> list[tuple[Array, Array]]:
        x, y = digit_scenes(count, split, seed)
        return list(zip(x, y, strict=True))

    return RunData(
        name="digit scenes",
        train=pairs(scenes, "train"),
        val=pairs(VAL_SCENES, "val"),
        test=pairs(TEST_SCENES, "test"),
        channels=1,
        class_names=list(SCENE_CLASSES),
        colors=default_colors(len(SCENE_CLASSES)),
    )
