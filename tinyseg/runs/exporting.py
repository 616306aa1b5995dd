"""A run's model for other programs: with what is done to images inside, and the names of its classes."""

from __future__ import annotations

import json
import os

from tinyseg_kernels.errors import InvalidInput

from tinyseg.models.onnx.export import Exported, export_onnx
from tinyseg.models.onnx.images import Images
from tinyseg.models.onnx.page.write import write_page
from tinyseg.utils.files import as_path

from .folder import RunFolder


def export_run(
    folder: RunFolder,
    filepath: str | os.PathLike[str],
    *,
    images: bool = True,
    opset_version: int | None = None,
    data_format: str = "channels_last",
) -> Exported | None:
    """Write a run's best model as ONNX (.onnx), or as a page for a browser (.html).

    Args:
        folder: The run's.
        filepath: Where to; the ending says what.
        images: Whether the file takes images of bytes (N, H, W, C) of any size, standardises them as in training, and
            returns the probabilities and a mask. Without, it takes what the network takes.
        opset_version: See `Model.export`.
        data_format: See `Model.export`; of a network without images inside.

    Returns:
        What was written; None for a page.

    Raises:
        InvalidInput: Another ending, or a run without a model.

    Example:
        >>> from tinyseg.datasets import default_colors
        >>> from tinyseg.runs import RunDescription, RunFolder, Settings, build_model, export_run
        >>> settings, folder = Settings(width=4, depth=2), RunFolder("exported")
        >>> folder.path.mkdir()
        >>> folder.write_description(RunDescription(settings, "blank", 1, ["background", "cell"], default_colors(2)))
        >>> build_model(settings, channels=1, classes=2).save(folder.model)
        >>> export_run(folder, "exported/page.html")
        >>> "<html" in (folder.path / "page.html").read_text("utf-8")
        True
    """
    run, model, path = folder.read_description(), folder.load_model(), as_path(filepath, "export")
    multiple = run.settings.multiple_of
    if path.suffix.lower() in (".html", ".htm"):
        write_page(
            model, path, run.class_names, run.colors, title=f"Segment images: {', '.join(run.class_names[:6])}",
            multiple_of=multiple,
        )  # fmt: skip
        return None
    if path.suffix.lower() != ".onnx":
        raise InvalidInput(f"{path}: expected a name that ends in .onnx, or in .html for a page")
    if images and data_format != "channels_last":
        raise InvalidInput("data_format: images inside are (N, H, W, C); leave them out for another order")
    return export_onnx(
        model,
        path,
        opset_version=opset_version,
        data_format=data_format,
        images=Images(multiple_of=multiple) if images else None,
        mask=images,
        class_names=run.class_names,
        metadata={"colors": json.dumps(run.colors), "data": run.data, "multiple_of": str(multiple)},
    )
