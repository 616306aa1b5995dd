"""The table of docs/export.md: for each layer the operations of ONNX that its configurations are drawn as.

python -m tests.models.as_onnx.table
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from tests.layers.cases import CASES
from tinyseg.layers import Input
from tinyseg.models import Model
from tinyseg.models.onnx.export import draw
from tinyseg.models.onnx.reading.operations import OPERATIONS

PAGE = Path(__file__).parents[3] / "docs" / "export.md"
MARKS = ("<!-- layers -->", "<!-- operations -->", "<!-- end -->")
AROUND = {"Identity", "Transpose"}
"""What names results and turns axes, around any layer."""


def layers_table() -> str:
    """Return the rows of layers."""
    found: dict[str, set[str]] = {}
    for case in CASES:
        layer = case.layer("float32")
        drawn = [Input(shape[1:]) for shape in case.shapes]
        model = Model(drawn, layer(drawn if layer.several_inputs else drawn[0]))
        found.setdefault(case.name, set()).update(node.operation for node in draw(model).drawing.nodes)
    rows = [f"| {name} | {', '.join(sorted(found[name] - AROUND)) or 'nothing'} |" for name in sorted(found)]
    return "\n".join(["| layer | operations, of all its configurations |", "|---|---|", *rows])


def operations_list() -> str:
    """Return the operations that are read."""
    return textwrap.fill(", ".join(sorted(OPERATIONS)) + ".", 118)


def filled(text: str) -> str:
    """Return the page with both made anew."""
    head, rest = text.split(MARKS[0])
    end = rest.split(MARKS[2], 1)[1]
    between = "Operations that are read:"
    return f"{head}{MARKS[0]}\n\n{layers_table()}\n\n{between}\n\n{MARKS[1]}\n\n{operations_list()}\n\n{MARKS[2]}{end}"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
