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
    rows = [("Layer (type)", "Output shape", "Params", "FLOPs", "Trained", "Takes")]
    flops = flops_of(model)
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
        work = "" if flops is None else short_count(flops[k])
        rows.append((name, str(shape).replace("None", "-"), f"{total:,}", work, mark, inputs))
    shown = [column for column in range(6) if column != 3 or flops is not None]
    sides = {column: ">" if column in (2, 3) else "<" for column in shown}
    widths = {column: max(len(row[column]) for row in rows) for column in shown}
    lines = ["  ".join(f"{row[c]:{sides[c]}{widths[c]}}" for c in shown).rstrip() for row in rows]
    lines.insert(1, "-" * max(len(line) for line in lines))
    total, trained = _counts(model)
    size = sum(array.nbytes for array in model.weights) / 2**20
    lines.append(lines[1])
    lines.append(
        f"Parameters: {total:,} ({size:,.1f} MiB), of which {trained:,} are trained and {total - trained:,} are not"
    )
    if flops is not None:
        lines.append(f"Forward pass: {short_count(sum(flops))} floating-point operations an image")
    return "\n".join([f"Model {model.name!r}", *lines])


def flops_of(model: Network) -> list[int] | None:
    """Return the operations of each step for one sample; None for a model whose input's size is not known.

    They are counted by the plain algorithms: 2 for each multiplication with its addition, products alone.
    """
    from .flops import step_flops

    if len(model.inputs) != 1 or None in model.inputs[0].shape[1:]:
        return None
    return step_flops(model, (1, *(n or 0 for n in model.inputs[0].shape[1:])), training=False)


def short_count(number: int) -> str:
    """Return a number of operations with a thousand, a million or a billion as its unit; nothing for 0."""
    for unit, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= unit:
            return f"{number / unit:.3g} {letter}"
    return str(number) if number else ""
