"""MatMul and Gemm with constants: Dense."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.types import Array

from ..files import Node
from ..values import Reading, Refused, Tensor, Value, constant, tensor
from .table import reads


@reads("MatMul")
def matmul(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """x @ kernel along the last axis."""
    if len(inputs) != 2 or not isinstance(inputs[0], Tensor):
        raise Refused("needs a product of a tensor with a constant")
    return _dense(reading, inputs[0], constant(inputs[1], "the second factor"), None)


@reads("Gemm")
def gemm(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """alpha * x @ kernel + beta * bias."""
    if node.attributes.get("transA"):
        raise Refused("transposes the batch")
    if len(inputs) < 2:
        raise Refused("has no matrix")
    kernel = constant(inputs[1], "the matrix") * np.float32(node.attributes.get("alpha", 1.0))
    kernel = kernel.T if node.attributes.get("transB") else kernel
    bias = None
    if len(inputs) > 2 and inputs[2] is not None:
        bias = constant(inputs[2], "the summand") * np.float32(node.attributes.get("beta", 1.0))
    return _dense(reading, tensor(inputs[0]), kernel, bias)  # type: ignore[arg-type]


def _dense(reading: Reading, x: Tensor, kernel: Array, bias: Array | None) -> Tensor:
    if kernel.ndim != 2 or 0 in kernel.shape or kernel.shape[0] != x.shape[-1] or len(x.shape) < 2:
        raise Refused(f"a matrix of shape {kernel.shape} for a tensor of shape {x.shape}")
    weights = {"kernel": kernel}
    if bias is not None:
        if bias.size not in (1, kernel.shape[1]):
            raise Refused(f"a summand of shape {bias.shape}")
        weights["bias"] = np.broadcast_to(bias.reshape(-1), kernel.shape[1])
    if x.columns is not None:  # the rows in the order in which a flattened image is stored here
        rows = np.empty_like(kernel)
        rows[x.columns] = kernel
        weights["kernel"] = rows
    elif x.order[-1] != len(x.shape) - 1:
        raise Refused(
            f"along the last axis of shape {x.shape}, which is stored as {x.order}: needs a layer that transposes"
        )
    return reading.add("Dense", {"units": kernel.shape[1], "use_bias": bias is not None}, x, weights=weights)
