"""The table that `model.summary()` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinyseg.layers.layer import Layer

if TYPE_CHECKING:
    from .network import Network


def _counts(layer: Layer) -> tuple[int, int]:
    total = layer.count_params()
    return total, sum(array.size for array in layer.trainable_parameters.values())


def summary_text(model: Network) -> str:
    """Return a table: one line per application of a layer, and the numbers of parameters."""
    rows = [("Layer (type)", "Output shape", "Params", "Trained", "Takes")]
    shapes: list[object] = []
    for k, step in enumerate(model.graph.steps):
        if k in model.graph.inputs:
            shape: object = model.inputs[model.graph.inputs.index(k)].shape
        else:
            arguments = [shapes[i] for i in step.inputs]
            shape = step.layer.compute_output_shape(arguments if step.layer.several_inputs else arguments[0])
        shapes.append(shape)
        total, trained = _counts(step.layer)
        mark = "" if total == 0 else "no" if trained == 0 else "yes" if trained == total else f"{trained:,}"
        inputs = ", ".join(model.graph.steps[i].layer.name for i in step.inputs)
        name = f"{step.layer.name} ({type(step.layer).__name__})"
        rows.append((name, str(shape).replace("None", "-"), f"{total:,}", mark, inputs))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:<{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]
    lines.insert(1, "-" * max(len(line) for line in lines))
    total, trained = _counts(model)
    size = sum(array.nbytes for array in model.weights) / 2**20
    lines.append(lines[1])
    lines.append(
        f"Parameters: {total:,} ({size:,.1f} MiB), of which {trained:,} are trained and {total - trained:,} are not"
    )
    return "\n".join([f"Model {model.name!r}", *lines])
