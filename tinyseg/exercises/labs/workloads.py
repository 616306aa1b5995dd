"""Larger inputs for the operations of the exercises, and who else computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Literal

import numpy as np

from tinyseg.diagnosis.case import Case

RUNGS = {"naive": "loops in Python", "numpy_cpu": "NumPy", "numba_cpu": "compiled for the CPU"}
"""Rungs of the ladder, by the name of their module."""

IMAGES, CHANNELS = 2, 8

Step = Callable[[], object]
Parts = Literal["forward and backward", "forward", "backward"]
"""What is timed."""


@dataclass(frozen=True)
class Workload:
    """An operation at any size.

    Attributes:
        kernels: Folder of its kernels, and the beginning of its functions' names there.
        arrays: Makes the arrays for a size: about the height of an image.
        options: Keyword arguments.
        torch: Makes a step of PyTorch from (torch, tensors): the forward pass, whose result is then differentiated.
    """

    kernels: tuple[str, str]
    arrays: Callable[[np.random.Generator, int], dict[str, Any]]
    options: Mapping[str, Any]
    torch: Callable[[ModuleType, list[Any]], Any]

    def case(self, size: int) -> Case:
        """Return a configuration of a size, in float32."""
        arrays = self.arrays(np.random.default_rng(size), size)
        return Case({name: _single(array) for name, array in arrays.items()}, self.options)

    def rung_step(self, rung: str, case: Case, parts: Parts) -> Step | None:
        """Return a step of a rung of the library; None where it has no such rung."""
        folder, name = self.kernels
        if find_spec(f"tinyseg_kernels.{folder}.{rung}") is None:
            return None
        module = import_module(f"tinyseg_kernels.{folder}.{rung}")
        forward, backward = getattr(module, f"{name}_forward", None), getattr(module, f"{name}_backward", None)
        if forward is None or backward is None:
            return None
        y, cache = forward(*case.arrays.values(), **case.options)
        dy = np.ones_like(y)

        def both() -> object:
            return backward(dy, forward(*case.arrays.values(), **case.options)[1])

        steps: dict[Parts, Step] = {
            "forward and backward": both,
            "forward": lambda: forward(*case.arrays.values(), **case.options),
            "backward": lambda: backward(dy, cache),
        }
        return steps[parts]

    def torch_step(self, case: Case, parts: Parts) -> Step | None:
        """Return a step of PyTorch; None where it is not installed."""
        if find_spec("torch") is None:
            return None
        import torch

        tensors = [_tensor(torch, array) for array in case.arrays.values()]
        trained = [tensor for tensor in tensors if tensor.requires_grad]
        y = self.torch(torch, tensors)
        dy = torch.ones_like(y)

        def alone() -> object:
            with torch.no_grad():
                return self.torch(torch, tensors)

        steps: dict[Parts, Step] = {
            "forward and backward": lambda: torch.autograd.grad(self.torch(torch, tensors), trained, dy),
            "forward": alone,
            "backward": lambda: torch.autograd.grad(y, trained, dy, retain_graph=True),
        }
        return steps[parts]


def _single(array: Any) -> Any:
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def _tensor(torch: Any, array: Any) -> Any:
    """Return a tensor; images become NCHW with channels last in memory, which is PyTorch's fast layout for them."""
    tensor = torch.from_numpy(array)
    if array.ndim == 4 and array.shape[0] == IMAGES:
        tensor = tensor.permute(0, 3, 1, 2)
    if array.dtype.kind == "f":
        tensor = tensor.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    return tensor


def _image(rng: np.random.Generator, size: int) -> Any:
    return rng.standard_normal((IMAGES, size, size, CHANNELS))


def _with_kernel(*shape: int, bias: int = CHANNELS) -> Callable[[np.random.Generator, int], dict[str, Any]]:
    def arrays(rng: np.random.Generator, size: int) -> dict[str, Any]:
        kernel = rng.standard_normal(shape) / 6
        return {"x": _image(rng, size), "kernel": kernel, "bias": rng.standard_normal(bias)}

    return arrays


def _image_alone(rng: np.random.Generator, size: int) -> dict[str, Any]:
    return {"x": _image(rng, size)}


def _logits(rng: np.random.Generator, size: int) -> dict[str, Any]:
    return {"x": rng.standard_normal((IMAGES * size * size, 11))}


CONVOLVED: Mapping[str, Any] = {"strides": (1, 1), "padding": "valid", "dilation_rate": (1, 1)}
POOLED: Mapping[str, Any] = {"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"}


def _hwio(t: Any) -> Any:
    return t.permute(3, 2, 0, 1)


WORKLOADS: Mapping[str, Workload] = {
    "conv2d": Workload(
        ("conv2d", "conv2d"),
        _with_kernel(3, 3, CHANNELS, CHANNELS),
        CONVOLVED,
        lambda torch, t: torch.nn.functional.conv2d(t[0], _hwio(t[1]), t[2]),
    ),
    "depthwise_conv2d": Workload(
        ("depthwise_conv2d", "depthwise_conv2d"),
        _with_kernel(3, 3, CHANNELS, 1),
        CONVOLVED,
        lambda torch, t: torch.nn.functional.conv2d(t[0], t[1].permute(2, 3, 0, 1), t[2], groups=CHANNELS),
    ),
    "conv2d_transpose": Workload(
        ("conv2d_transpose", "conv2d_transpose"),
        _with_kernel(3, 3, CHANNELS, CHANNELS),
        CONVOLVED,
        lambda torch, t: torch.nn.functional.conv_transpose2d(t[0], _hwio(t[1]), t[2]),
    ),
    "max_pool2d": Workload(
        ("max_pool2d", "max_pool2d"), _image_alone, POOLED, lambda torch, t: torch.nn.functional.max_pool2d(t[0], 2)
    ),
    "avg_pool2d": Workload(
        ("avg_pool2d", "avg_pool2d"), _image_alone, POOLED, lambda torch, t: torch.nn.functional.avg_pool2d(t[0], 2)
    ),
    "dense": Workload(
        ("dense", "dense"),
        lambda rng, size: {
            "x": rng.standard_normal((8, size * size)),
            "kernel": rng.standard_normal((size * size, 32)),
            "bias": rng.standard_normal(32),
        },
        {},
        lambda torch, t: t[0] @ t[1] + t[2],
    ),
    "relu": Workload(("activation", "relu"), _image_alone, {}, lambda torch, t: torch.relu(t[0])),
    "softmax": Workload(("softmax", "softmax"), _logits, {}, lambda torch, t: torch.softmax(t[0], -1)),
    "softmax_cross_entropy": Workload(
        ("softmax_cross_entropy", "softmax_cross_entropy"),
        lambda rng, size: {
            "logits": rng.standard_normal((IMAGES * size * size, 11)),
            "target": rng.integers(0, 11, IMAGES * size * size),
        },
        {},
        lambda torch, t: torch.nn.functional.cross_entropy(t[0], t[1], reduction="none"),
    ),
    "batch_norm": Workload(
        ("batch_norm", "batch_norm_train"),
        lambda rng, size: {"x": _image(rng, size), "gamma": np.ones(CHANNELS), "beta": np.zeros(CHANNELS)},
        {"epsilon": 1e-3},
        lambda torch, t: torch.nn.functional.batch_norm(t[0], None, None, t[1], t[2], training=True, eps=1e-3),
    ),
    "upsampling2d": Workload(
        ("upsampling2d", "upsampling2d"),
        _image_alone,
        {"size": (2, 2), "interpolation": "bilinear"},
        lambda torch, t: torch.nn.functional.interpolate(t[0], scale_factor=2, mode="bilinear"),
    ),
    "dropout": Workload(
        ("dropout", "dropout"),
        _image_alone,
        {"rate": 0.3, "seed": 1},
        lambda torch, t: torch.nn.functional.dropout(t[0], 0.3),
    ),
}
"""By the name of the operation."""
