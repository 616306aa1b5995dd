"""plot_model: the graph of a network as a picture (SVG), without Graphviz."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from tinyseg_kernels.errors import InvalidInput

from .arguments import checks_arguments
from .files import atomic_path
from .layered_drawing import Place, placed

if TYPE_CHECKING:
    from tinyseg.layers.symbolic import Shape
    from tinyseg.models import Model

LETTER, LINE, MARGIN, GAP, BETWEEN = 7.0, 15.0, 6.0, 18.0, 20.0
"""In pixels: width of a letter, height of a line, margin in a box, gap between boxes and between rows."""

COLOURS = (
    (("InputLayer",), "#e8e8e8"),
    (("Conv", "Dense"), "#cfe2f7"),
    (("Pool", "UpSampling", "Resizing", "Cropping", "ZeroPadding"), "#f9dcc4"),
    (("Normalization",), "#e6d9f2"),
    (("Concatenate", "Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum"), "#d3ecd3"),
    (("ReLU", "ELU", "Activation", "Softmax"), "#fbf3c4"),
)
"""Words in the names of classes, and the colour of their boxes; the first entry that fits counts."""

OTHER = "#ffffff"


class Box(NamedTuple):
    """A layer as it is drawn: a bold title, and lines below it."""

    title: str
    lines: list[str]
    colour: str

    @property
    def width(self) -> float:
        """Width in pixels."""
        return max(len(line) for line in (self.title, *self.lines)) * LETTER + 2 * MARGIN

    @property
    def height(self) -> float:
        """Height in pixels."""
        return (1 + len(self.lines)) * LINE + 2 * MARGIN


@checks_arguments("utils.plot_model")
def plot_model(
    model: Model,
    to_file: str | os.PathLike[str] = "model.svg",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> Path:
    """Draw a network: a box for each layer, lines from those that it takes from.

    Args:
        model: The network; a model within it is one box (draw it by itself).
        to_file: The SVG file, which browsers and notebooks show.
        show_shapes: Whether to write the shape of each result, '-' for any length.
        show_dtype: Whether to write its dtype.
        show_layer_names: Whether to write the layers' names.
        rankdir: 'TB' from the top to the bottom, or 'LR' from left to right.
        show_layer_activations: Whether to write the activations within layers.
        show_trainable: Whether to write which layers with parameters are trained.

    Returns:
        The file.

    Raises:
        InvalidInput: A model whose input's shape is not known yet, another ending than .svg, or another direction.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.utils import plot_model
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = plot_model(Sequential([Input((3,)), Dense(2)]), Path(folder, "model.svg"), show_shapes=True)
        ...     "Dense" in file.read_text("utf-8")
        ...
        True
    """
    path = Path(os.fspath(to_file))
    if path.suffix.lower() != ".svg":
        raise InvalidInput(f"plot_model: to_file: expected a file name that ends in .svg, got {str(path)!r}")
    if rankdir not in ("TB", "LR"):
        raise InvalidInput(f"plot_model: rankdir: expected 'TB' or 'LR', got {rankdir!r}")
    if not hasattr(model, "graph"):
        raise InvalidInput(f"plot_model: expected a model whose input's shape is known, got {model!r}")
    options = {
        "show_shapes": show_shapes, "show_dtype": show_dtype, "show_layer_names": show_layer_names,
        "show_layer_activations": show_layer_activations, "show_trainable": show_trainable,
    }  # fmt: skip
    text = svg_text(model, rankdir, options)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def svg_text(model: Model, rankdir: str, options: dict[str, bool]) -> str:
    """Return the picture."""
    boxes = _boxes(model, options)
    edges = [(i, k) for k, step in enumerate(model.graph.steps) for i in step.inputs]
    down = rankdir == "TB"
    across = [box.width if down else box.height for box in boxes]
    nodes, ways = placed(across, edges, GAP)
    rows = max((node.row for node in nodes), default=0) + 1
    depths = [0.0] * rows
    for node, box in zip(nodes, boxes, strict=True):
        depths[node.row] = max(depths[node.row], box.height if down else box.width)
    starts = [MARGIN + sum(depths[:k]) + k * BETWEEN for k in range(rows)]
    places = [*nodes, *(place for way in ways for place in way)]
    left = min(place.centre - place.width / 2 for place in places) - GAP
    right = max(place.centre + place.width / 2 for place in places) + GAP

    def point(across: float, along: float) -> tuple[float, float]:
        return (across - left, along) if down else (along, across - left)

    ends = [starts[k] + depths[k] for k in range(rows)]
    parts = [_edge(way, starts, ends, nodes, boxes, point, down) for way in ways]
    for node, box in zip(nodes, boxes, strict=True):
        x, y = point(node.centre, starts[node.row])
        x, y = (x - box.width / 2, y) if down else (x, y - box.height / 2)
        parts.append(_drawn(box, x, y))
    width, height = point(right, ends[-1] + MARGIN)
    title = f"<title>{escape(str(model.name))}</title>"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
        'font-size="11.5">'
    )
    marker = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>'
        f'<rect width="{width:.1f}" height="{height:.1f}" fill="white"/>'
    )
    return "\n".join([head, title, marker, *parts, "</svg>", ""])


def _boxes(model: Model, options: dict[str, bool]) -> list[Box]:
    """Return a box for each step of the graph."""
    shapes: list[Shape] = []
    boxes = []
    for k, step in enumerate(model.graph.steps):
        layer = step.layer
        if k in model.graph.inputs:
            shape = model.inputs[model.graph.inputs.index(k)].shape
        else:
            given = [shapes[i] for i in step.inputs]
            shape = layer.compute_output_shape(given if layer.several_inputs else given[0])
        shapes.append(shape)
        lines = [layer.name] if options["show_layer_names"] else []
        activation = getattr(getattr(layer, "activation", None), "name", None)
        if options["show_layer_activations"] and activation not in (None, "linear"):
            lines.append(activation)
        if options["show_shapes"]:
            lines.append("(" + ", ".join("-" if n is None else str(n) for n in shape) + ")")
        if options["show_dtype"]:
            lines.append(str(layer.dtype or model.inputs[0].dtype))
        if options["show_trainable"] and layer.parameters:
            lines.append("trained" if layer.trainable else "frozen")
        boxes.append(Box(type(layer).__name__, lines, _colour(type(layer).__name__)))
    return boxes


def _colour(name: str) -> str:
    return next((colour for words, colour in COLOURS if any(word in name for word in words)), OTHER)


def _drawn(box: Box, x: float, y: float) -> str:
    """Return a box with its texts."""
    middle = x + box.width / 2
    texts = []
    for k, line in enumerate((box.title, *box.lines)):
        style = ' font-weight="bold"' if k == 0 else ' fill="#444"'
        at = y + MARGIN + LINE * (k + 0.75)
        texts.append(f'<text x="{middle:.1f}" y="{at:.1f}" text-anchor="middle"{style}>{escape(line)}</text>')
    outline = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="5" '
        f'fill="{box.colour}" stroke="#777"/>'
    )
    return outline + "".join(texts)


def _edge(
    way: list[Place],
    starts: list[float],
    ends: list[float],
    nodes: list[Place],
    boxes: list[Box],
    point: Callable[[float, float], tuple[float, float]],
    down: bool,
) -> str:
    """Return the line of an edge: straight beside the rows that it passes, curved between them."""
    first = boxes[next(k for k, node in enumerate(nodes) if node is way[0])]
    at = way[0].centre, starts[way[0].row] + (first.height if down else first.width)
    text = "M{:.1f} {:.1f}".format(*point(*at))
    for place in way[1:]:
        start = starts[place.row]
        middle = (at[1] + start) / 2
        corners = point(at[0], middle), point(place.centre, middle), point(place.centre, start)
        text += "C" + ",".join(f"{x:.1f} {y:.1f}" for x, y in corners)
        at = place.centre, start
        if place.is_bend:
            at = place.centre, ends[place.row]
            text += "L{:.1f} {:.1f}".format(*point(*at))
    return f'<path d="{text}" fill="none" stroke="#555" stroke-width="1.2" marker-end="url(#arrow)"/>'
