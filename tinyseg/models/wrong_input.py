"""What to say to data whose shape does not fit a model's input."""

from __future__ import annotations

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.symbolic import SymbolicTensor


def wrong_input(label: str, tensor: SymbolicTensor, shape: tuple[int, ...]) -> InvalidInput:
    """Return the error, with a guess at what is meant."""
    expected, hint = tensor.shape, ""
    if len(shape) == len(expected) - 1:
        if expected[-1] == 1 and all(e in (None, n) for e, n in zip(expected[1:], shape[1:], strict=False)):
            hint = "; add the channel axis with x[..., None]"
        else:
            hint = "; a single sample needs a batch axis: x[None]"
    elif len(shape) == 4 and len(expected) == 4 and shape[1] == expected[3]:
        hint = "; channels come last here: x.transpose(0, 2, 3, 1)"
    return InvalidInput(f"{label}: input {tensor.name!r}: expected shape {expected}, got {shape}{hint}")
