"""What a graph computes of constants alone, such as the size to enlarge to, is computed while it is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from ..packages import onnx_package
from .files import Node

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnx.reference import ReferenceEvaluator

MOST_NUMBERS = 1 << 24
"""In an array that is computed while reading."""

FOLDED = frozenset(
    [
        "Abs",
        "Add",
        "And",
        "Cast",
        "Ceil",
        "Concat",
        "Constant",
        "ConstantOfShape",
        "Div",
        "Equal",
        "Exp",
        "Expand",
        "Flatten",
        "Floor",
        "Gather",
        "Greater",
        "Identity",
        "Less",
        "Log",
        "Max",
        "Min",
        "Mod",
        "Mul",
        "Neg",
        "Not",
        "Or",
        "Pow",
        "Range",
        "Reciprocal",
        "ReduceMax",
        "ReduceMean",
        "ReduceMin",
        "ReduceProd",
        "ReduceSum",
        "Reshape",
        "Round",
        "Shape",
        "Size",
        "Slice",
        "Split",
        "Sqrt",
        "Squeeze",
        "Sub",
        "Tile",
        "Transpose",
        "Unsqueeze",
        "Where",
    ]
)
"""Operations that may be computed; none of them runs code of the file's."""


def constant(node: Node) -> Array:
    """Return the array of a node Constant."""
    for key in ("value", "value_float", "value_floats", "value_int", "value_ints"):
        if node.attributes.get(key) is not None:
            value = node.attributes[key]
            return np.asarray(value, np.float32 if "float" in key else None if key == "value" else np.int64)
    raise InvalidInput("expected numbers")


def fold(node: Node, inputs: Sequence[Array | None], opset: int) -> list[Array]:
    """Compute a node of constants by the package onnx's own evaluator.

    Raises:
        InvalidInput: It does not compute, or gives more numbers than are allowed.
    """
    onnx = onnx_package()
    given = {name: array for name, array in zip(node.inputs, inputs, strict=True) if name and array is not None}
    _check_size(node, [array for array in inputs if array is not None])
    helper = onnx.helper
    described = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in given.items()
    ]
    results = [helper.make_empty_tensor_value_info(name) for name in node.outputs if name]
    graph = helper.make_graph([node.proto], "folding", described, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    try:
        with np.errstate(all="ignore"):
            found = _evaluator(model).run(None, given)
    except Exception as error:  # the evaluator raises whatever its NumPy code does
        raise InvalidInput(f"cannot be computed ({type(error).__name__}: {error})") from error
    arrays = [np.asarray(array) for array in found]
    return [array.astype(np.float32) if array.dtype.kind == "f" else array for array in arrays]


def _evaluator(model: ModelProto) -> ReferenceEvaluator:
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model)


def _check_size(node: Node, arrays: Sequence[Array]) -> None:
    """Refuse what would give an array larger than the file could be asked for."""
    shapes = [array.shape for array in arrays]
    operation = node.operation
    count = sum(math.prod(shape) for shape in shapes)
    if operation == "ConstantOfShape" and arrays:
        count = _product(arrays[0])
    elif operation == "Expand" and len(arrays) == 2:
        count = max(1, math.prod(shapes[0])) * max(1, _product(arrays[1]))
    elif operation == "Tile" and len(arrays) == 2:
        count = math.prod(shapes[0]) * _product(arrays[1])
    elif operation == "Range" and len(arrays) == 3:
        start, limit, step = (float(array.reshape(-1)[0]) if array.size == 1 else math.nan for array in arrays)
        count = int(abs(limit - start) / abs(step)) if step and math.isfinite(limit - start) else MOST_NUMBERS + 1
    elif operation == "Gather" and len(arrays) == 2:
        count = math.prod(shapes[0]) * max(1, math.prod(shapes[1]))
    elif len(arrays) > 1 and operation not in ("Concat", "Reshape", "Slice", "Squeeze", "Unsqueeze", "Split"):
        rank = max(len(shape) for shape in shapes)
        count = math.prod(max([1, *(s[axis - rank] for s in shapes if rank - axis <= len(s))]) for axis in range(rank))
    if count > MOST_NUMBERS:
        raise InvalidInput(f"would give about {count:,} numbers, more than the {MOST_NUMBERS:,} that are allowed")


def _product(array: Array) -> int:
    return math.prod(int(n) for n in array.reshape(-1)[:32]) if array.size <= 32 else MOST_NUMBERS + 1
