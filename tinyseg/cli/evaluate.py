"""`tinyseg evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from .console import print_report, progress, say
from .options import Backend, refuse_folder, use_backend


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg evaluate run nuclei --split test --json test.json")(evaluate)


def evaluate(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    data: Annotated[Path, typer.Argument(help="Folder with images and masks, as for `tinyseg train`.")],
    split: Annotated[
        str | None,
        typer.Option(
            help=(
                "'train', 'val' or 'test'; 'all' of a folder with images/ and masks/ only. (Default: the test "
                "split, else val, else all.)"
            )
        ),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the measures to this file.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Where to draw the confusion matrix. (Default: RUN/confusion-SPLIT.png.)")
    ] = None,
    backend: Backend = None,
) -> None:
    """Measure a trained model: pixel accuracy, IoU and Dice of each class and their means, confusion matrix.

    Pixels of all images are pooled; void pixels count for nothing; a class that occurs neither in truth nor in
    prediction is left out of the means.
    """
    from tinyseg.datasets import SegmentationFolder
    from tinyseg.datasets.splitting import can_split
    from tinyseg.runs import RunFolder, evaluate_samples
    from tinyseg.runs.folder import write_json
    from tinyseg.visualization import plot_confusion, save_figure

    use_backend(backend)
    refuse_folder("--json", json_file)
    refuse_folder("--picture", picture)
    folder = RunFolder(run)
    description = folder.read_description()
    settings = description.settings
    dataset = SegmentationFolder(
        data,
        ignore_class=settings.ignore_class,
        channels=description.channels,
        val_fraction=settings.val_fraction if split != "all" and can_split(data) else None,
        split_seed=settings.split_seed,
    )
    split = split or next(name for name in ("test", "val", "all", "train") if name in dataset.splits)
    if dataset.num_classes > len(description.class_names):
        raise InvalidInput(
            f"{data}: holds {dataset.num_classes} classes, the model of {run} was trained on "
            f"{len(description.class_names)}"
        )
    model = folder.load_model()
    report = evaluate_samples(
        model,
        dataset.samples(split),
        description.class_names,
        settings.multiple_of,
        progress(f"evaluating {split}"),
        split,
    )
    print_report(report)
    target = picture or folder.path / f"confusion-{split}.png"
    save_figure(plot_confusion(report.matrix, description.class_names), target)
    say(f"wrote {target}")
    if json_file is not None:
        write_json(json_file, {"run": str(run), "data": str(data), **report.as_json()})
        say(f"wrote {json_file}")
