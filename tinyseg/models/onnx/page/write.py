"""The page, put together: one HTML text with the network, its numbers and all that computes them."""

from __future__ import annotations

import base64
import html
import json
import os
from collections.abc import Sequence
from importlib.resources import files

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.files import as_path, atomic_path

from ...network import Network
from ..export import draw
from .graph import as_graph

ENGINE, SCRIPTS = ("network.js", "images.js", "worker.js"), ("png.js", "main.js")
TILE, OVERLAP = 512, 64
"""Of `tinyseg.segmentation.predict_image`."""
LARGEST = 200_000_000
"""Bytes of parameters: a browser takes a multiple of it."""


def page(
    network: Network,
    class_names: Sequence[str],
    colors: Sequence[tuple[int, int, int]],
    *,
    title: str = "Segment images",
    standardize: bool = True,
    multiple_of: int = 1,
) -> str:
    """Return the page's HTML. It asks nothing of a network, and its policy forbids it to.

    Args:
        network: From images (N, H, W, 1 or 3) to probabilities (N, H, W, K).
        class_names: K names.
        colors: K colours from 0 to 255.
        title: The page's heading.
        standardize: Whether each image is standardised first, as in training.
        multiple_of: What the network's height and width must be multiples of.

    Raises:
        InvalidInput: Another kind of network, or layers that have no nodes.
    """
    shape, result = network.input_shape, network.output_shape
    images = network.single_output and not network.several_inputs and len(shape) == len(result) == 4
    if not images or shape[3] not in (1, 3) or result[3] != len(class_names):
        raise InvalidInput(
            f"{network.label}: a page needs images (N, H, W, 1 or 3) in, and {len(class_names)} classes of each pixel "
            f"out, got {shape} and {result}"
        )
    graph, constants = as_graph(draw(network))
    if len(constants) > LARGEST:
        raise InvalidInput(f"{network.label}: its parameters fill {len(constants):,} bytes, too many for a page")
    settings = {
        "channels": shape[3], "standardize": standardize, "multipleOf": multiple_of, "tile": TILE, "overlap": OVERLAP,
        "fixed": list(shape[1:3]),
    }  # fmt: skip
    data = {"graph": graph, "settings": settings, "classes": list(class_names), "colors": [list(c) for c in colors]}
    kind = "grey" if shape[3] == 1 else "colour"
    about = (
        f"A network of {network.count_params():,} parameters gives each pixel of a {kind} image one of "
        f"{len(class_names)} classes."
    )
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    return _filled(
        {
            "title": html.escape(title),
            "heading": html.escape(title),
            "about": html.escape(about),
            "style": _read("page.css"),
            "data": text,
            "constants": base64.b64encode(constants).decode(),
            "engine": "\n".join(map(_read, ENGINE)),
            "script": "\n".join(map(_read, SCRIPTS)),
        }
    )


def write_page(network: Network, filepath: str | os.PathLike[str], *arguments: object, **options: object) -> None:
    """Write the page, whole or not at all; arguments as for `page`."""
    path = as_path(filepath, "page")
    if path.suffix.lower() not in (".html", ".htm"):
        raise InvalidInput(f"{path}: expected a name that ends in .html")
    text = page(network, *arguments, **options)  # type: ignore[arg-type]
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _filled(parts: dict[str, str]) -> str:
    text = _read("page.html")
    for name, value in parts.items():
        before, _, after = text.partition(f"<!--{name}-->")
        text = before + value + after
    return text
