"""An image of a run explained by all methods, as files: what `tinyseg explain` writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, BoolArray, Pair

from tinyseg.datasets import read_image, standardize
from tinyseg.layers import ReLU
from tinyseg.models.model import Model
from tinyseg.runs import RunFolder
from tinyseg.runs.folder import write_json
from tinyseg.segmentation.tiled import reflected, up_to_multiple
from tinyseg.utils.files import atomic_path
from tinyseg.visualization import save_figure

from .drawing import plot_effective_field, plot_explanations, plot_feature_maps
from .feature_maps import feature_maps
from .grad_cam import grad_cam
from .gradients import integrated_gradients, saliency
from .occlusion import occlusion
from .receptive_field import effective_receptive_field, receptive_field
from .scores import Explanation, score_network, tensors
from .target import as_target

Progress: TypeAlias = Callable[[int, int], None]
METHODS = ("saliency", "integrated-gradients", "occlusion", "grad-cam")
PATCHES = 12
"""Patches along the shorter side of the image."""


@dataclass(frozen=True)
class Written:
    """What was written, and what it says in short.

    Attributes:
        files: In their order.
        class_name: The class that was explained.
        explanations: One for each method.
    """

    files: list[Path]
    class_name: str
    explanations: list[Explanation]


def explain_image(
    run: Path,
    image_file: Path,
    out: Path,
    *,
    class_name: str | None = None,
    pixel: Pair | None = None,
    layer: str | None = None,
    methods: Sequence[str] = METHODS,
    progress: Callable[[str], Progress] = lambda title: lambda done, total: None,
) -> Written:
    """Explain one image with a run's best model.

    Writes NAME_explained.png (all maps), NAME_feature_maps.png, with a pixel NAME_receptive_field.png, and
    NAME_explained.npz and .json with the maps' numbers and the figures of the methods.

    Args:
        run: Folder of a run.
        image_file: An image.
        out: Folder to write into.
        class_name: The class; when None that of the highest score at the pixel, or the largest one but the background.
        pixel: (row, column); all pixels of the class when None.
        layer: For Grad-CAM; the deepest when None.
        methods: Some of `METHODS`.
        progress: Makes a function of (done, all) for a title.

    Raises:
        InvalidInput: No run, image, class, pixel, layer or method of that name.
    """
    folder = RunFolder(run)
    description, model = folder.read_description(), folder.load_model()
    names = description.class_names
    if class_name is not None and class_name not in names:
        raise InvalidInput(f"--class: expected one of {', '.join(names)}, got {class_name!r}")
    if unknown := [method for method in methods if method not in METHODS]:
        raise InvalidInput(f"--method: expected some of {', '.join(METHODS)}, got {', '.join(unknown)}")
    picture = read_image(image_file, description.channels)
    height, width = picture.shape[:2]
    if pixel is not None and not (0 <= pixel[0] < height and 0 <= pixel[1] < width):
        raise InvalidInput(f"--pixel: expected a row below {height} and a column below {width}, got {pixel}")
    multiple = description.settings.multiple_of
    prepared = (model.preprocessing or standardize)(picture)
    x = reflected(prepared, [up_to_multiple(n, multiple) for n in (height, width)])
    network = score_network(model)
    # What is asked about are pixels of the image, and none of those that it was filled up with.
    scores = np.asarray(network.predict_on_batch(x[None]))[0, :height, :width]
    index = None if class_name is None else names.index(class_name)
    target = as_target(scores, _largest(scores) if index is None and pixel is None else index, pixel, None)
    region = _filled(target.where, x.shape) if pixel is None else None
    how: dict[str, Any] = {"class_index": target.class_index, "pixel": pixel, "region": region}
    size = max(min(height, width) // PATCHES, 2)
    work: dict[str, Callable[[], Explanation]] = {
        "saliency": lambda: saliency(network, x, noise=0.1, **how),
        "integrated-gradients": lambda: integrated_gradients(
            network, x, progress=progress("integrated gradients"), **how
        ),
        "occlusion": lambda: occlusion(network, x, size=size, progress=progress("occlusion"), **how),
        "grad-cam": lambda: grad_cam(network, x, layer=layer, weights="local" if pixel else "mean", **how),
    }
    found = [replace(work[method]().cropped(height, width), target=target) for method in methods]
    return _write(out, image_file.stem, picture, network, x, found, names, pixel, progress)


def _largest(scores: Array) -> int:
    """Return the class of the most pixels, but not class 0, as a rule the background, if there is another one."""
    classes = (scores[..., 0] > 0).astype(int) if scores.shape[-1] == 1 else scores.argmax(axis=-1)
    counts = np.bincount(classes.ravel(), minlength=2)
    return int(counts[1:].argmax()) + 1 if counts[1:].any() else 0


def _filled(where: BoolArray | None, shape: tuple[int, ...]) -> BoolArray | None:
    if where is None:
        return None
    region = np.zeros(shape[:2], bool)
    region[: where.shape[0], : where.shape[1]] = where
    return region


def _write(
    out: Path,
    name: str,
    picture: Array,
    network: Model,
    x: Array,
    found: list[Explanation],
    names: Sequence[str],
    pixel: Pair | None,
    progress: Callable[[str], Progress],
) -> Written:
    out.mkdir(parents=True, exist_ok=True)
    files = [out / f"{name}_explained.png", out / f"{name}_feature_maps.png"]
    save_figure(plot_explanations(picture, found, names), files[0])
    save_figure(plot_feature_maps(feature_maps(network, x, _shown(network))), files[1])
    if pixel is not None:
        files.append(out / f"{name}_receptive_field.png")
        effective = effective_receptive_field(network, x[None], pixel=pixel, progress=progress("receptive field"))
        computed = receptive_field(network, pixel=pixel, image_size=(x.shape[0], x.shape[1]))
        save_figure(plot_effective_field(effective[: picture.shape[0], : picture.shape[1]], computed), files[-1])
    files += [out / f"{name}_explained.npz", out / f"{name}_explained.json"]
    with atomic_path(files[-2]) as temporary, temporary.open("wb") as file:
        arrays: dict[str, Any] = {each.method.replace(" ", "_"): each.values for each in found}
        np.savez_compressed(file, **arrays)
    target = found[0].target
    content = {
        "class": names[target.class_index],
        "where": target.chosen,
        "score": found[0].score,
        "methods": {each.method: each.details for each in found},
    }
    write_json(files[-1], content)
    return Written(files, names[target.class_index], found)


def _shown(network: Model, most: int = 8) -> list[str]:
    """Return the layers whose maps are drawn: activations and the scores, at most `most`, evenly along the network."""
    found = {name: tensor for name, tensor in tensors(network).items() if len(tensor.shape) == 4}
    names = [
        name
        for name, tensor in found.items()
        if isinstance(tensor.node.layer, ReLU) or hasattr(tensor.node.layer, "activation")
    ]
    chosen = np.unique(np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int))
    return [names[k] for k in chosen]
