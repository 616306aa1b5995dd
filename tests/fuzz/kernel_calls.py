"""Right calls of every public function of the arithmetic, at random: what `kernels.py` then damages.

`RECIPES` has one entry for each forward, and for each function that has no backward. `test_kernels.py` compares their
names with the public functions that there are.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from tinyseg_kernels.backend import operations
from tinyseg_kernels.optimizer import Preparation
from tinyseg_kernels.windows import explicit_padding, output_size

CHANNELS = (1, 2, 3, 4, 5, 7, 8, 9, 11, 16, 17, 24, 32, 33)


@cache
def public_functions() -> dict[str, Callable[..., Any]]:
    """Return all functions that the operations export, by name."""
    modules = [import_module(f"tinyseg_kernels.{operation}") for operation in operations()]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if inspect.isfunction(value) and not name.startswith("_") and value.__module__ == module.__name__
    }


@dataclass
class Call:
    """A right call of `name`; of a forward the backward that takes its cache follows."""

    name: str
    args: list[Any]
    options: dict[str, Any] = field(default_factory=dict)
    backward: str | None = None
    backward_options: dict[str, Any] = field(default_factory=dict)
    changed: tuple[int, ...] = ()
    """Arguments that are changed in their place."""
    work: int = 0
    """Products, about: above some the loops of the specification take too long."""


class Draw:
    """Random arguments."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.dtype = np.dtype("float64" if rng.random() < 0.15 else "float32")
        self.small = rng.random() < 0.7

    def whole(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def one(self, values: Any) -> Any:
        return values[self.whole(0, len(values) - 1)]

    def flag(self, share: float = 0.5) -> bool:
        return bool(self.rng.random() < share)

    def channels(self) -> int:
        return int(self.one(CHANNELS[:8] if self.small else CHANNELS))

    def images(self) -> tuple[int, ...]:
        images = 0 if self.flag(0.03) else self.whole(1, 3)
        most = 7 if self.small else 20
        return (images, self.whole(1, most), self.whole(1, most), self.channels())

    def shape(self, least: int = 1) -> tuple[int, ...]:
        lengths = [self.whole(0 if self.flag(0.05) else 1, 6) for _ in range(self.whole(least, 4) - 1)]
        return (*lengths, self.channels())

    def numbers(self, *shape: int) -> np.ndarray:
        return self.rng.standard_normal(shape).astype(self.dtype)

    def shares(self, *shape: int) -> np.ndarray:
        return self.rng.uniform(0.05, 0.95, shape).astype(self.dtype)

    def pair(self, high: int = 3) -> Any:
        return self.whole(1, high) if self.flag() else (self.whole(1, high), self.whole(1, high))

    def padding(self) -> Any:
        return self.one(["valid", "same", tuple((self.whole(0, 2), self.whole(0, 2)) for _ in range(2))])


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _fitting(d: Draw, strides: bool = True) -> tuple[tuple[int, ...], tuple[int, int], dict[str, Any]]:
    """Return images and a window that fits into them, with the options of a convolution."""
    while True:
        x, window = d.images(), _pair(d.pair(5 if d.flag(0.3) else 3))
        options = {
            "strides": d.pair() if d.flag(0.4) else 1, "padding": d.padding(),
            "dilation_rate": d.pair(2) if d.flag(0.2) else 1,
        }  # fmt: skip
        pads = explicit_padding(
            options["padding"], x[1:3], window, _pair(options["strides"]), _pair(options["dilation_rate"])
        )
        if min(output_size(x[1:3], window, _pair(options["strides"]), pads, _pair(options["dilation_rate"]))) >= 1:
            return x, window, options


def _convolution(kind: str) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        x, window, options = _fitting(d)
        if kind == "depthwise_conv2d":
            m = d.whole(1, 3)
            kernel, filters = (*window, x[3], m), x[3] * m
        elif kind == "conv2d":
            filters = d.channels()
            kernel = (*window, x[3], filters)
        else:
            filters, options["padding"] = d.channels(), d.one(["valid", "same"])
            kernel = (*window, filters, x[3])
        bias = d.numbers(filters) if d.flag(0.7) else None
        options["relu"] = d.flag()
        args = [d.numbers(*x), d.numbers(*kernel), bias]
        return Call(
            f"{kind}_forward",
            args,
            options,
            f"{kind}_backward",
            {"need_dx": d.flag(0.8)},
            work=math.prod(x) * math.prod(kernel) // x[3],
        )

    return draw


def _pooling(kind: str) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        x, window, options = _fitting(d)
        padding = "valid" if not isinstance(options["padding"], str) else options["padding"]
        options = {"pool_size": window, "strides": options["strides"] if d.flag() else None, "padding": padding}
        if padding == "valid" and (x[1] < window[0] or x[2] < window[1]):
            options["padding"] = "same"
        return Call(
            f"{kind}_forward", [d.numbers(*x)], options, f"{kind}_backward", work=math.prod(x) * math.prod(window)
        )

    return draw


def _of_images(kind: str, **options: Callable[[Draw], Any]) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        x = d.images()
        return Call(
            f"{kind}_forward",
            [d.numbers(*x)],
            {name: make(d) for name, make in options.items()},
            f"{kind}_backward",
            work=math.prod(x) * 9,
        )

    return draw


def _of_any(kind: str, least: int = 1, **options: Callable[[Draw], Any]) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        x = d.shape(least)
        return Call(
            f"{kind}_forward",
            [d.numbers(*x)],
            {name: make(d) for name, make in options.items()},
            f"{kind}_backward",
            work=math.prod(x),
        )

    return draw


def _cropping(d: Draw) -> Call:
    x = d.images()
    borders = tuple((d.whole(0, (length - 1) // 2), d.whole(0, (length - 1) // 2)) for length in x[1:3])
    return Call("cropping2d_forward", [d.numbers(*x)], {"cropping": borders}, "cropping2d_backward")


def _reshape(d: Draw) -> Call:
    x = d.shape()
    return Call("reshape_forward", [d.numbers(*x)], {"shape": (*reversed(x),)}, "reshape_backward")


def _group(kind: str) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        x, count = d.shape(2), d.whole(1, 4)
        if kind == "add":
            return Call("add_forward", [[d.numbers(*x) for _ in range(count)]], {}, "add_backward")
        axis = d.whole(-len(x), len(x) - 1)
        shapes = [tuple(d.whole(1, 20) if k == axis % len(x) else n for k, n in enumerate(x)) for _ in range(count)]
        return Call("concatenate_forward", [[d.numbers(*s) for s in shapes]], {"axis": axis}, "concatenate_backward")

    return draw


def _batch_norm(kind: str) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        x = tuple(max(n, 1) for n in d.shape(2))
        per_channel: list[Any] = [d.numbers(x[-1]) if d.flag(0.8) else None for _ in range(2)]
        if kind == "inference":
            per_channel += [d.numbers(x[-1]), d.shares(x[-1])]
        options = {"overwrite_dy": d.flag(0.4)} if kind == "train" else {}
        name = f"batch_norm_{kind}"
        return Call(
            f"{name}_forward",
            [d.numbers(*x), *per_channel],
            {"relu": d.flag()},
            f"{name}_backward",
            options,
            work=math.prod(x),
        )

    return draw


def _dense(d: Draw) -> Call:
    x, units = d.shape(), d.channels()
    if not d.small and d.flag(0.3):
        x, units = (d.whole(60, 90), d.whole(20, 60)), d.whole(20, 60)
    bias = d.numbers(units) if d.flag(0.7) else None
    args = [d.numbers(*x), d.numbers(x[-1], units), bias]
    options = {"relu": d.flag()}
    return Call("dense_forward", args, options, "dense_backward", {"need_dx": d.flag(0.8)}, work=math.prod(x) * units)


def _of_two(kind: str, **options: Callable[[Draw], Any]) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        x = d.shape()
        return Call(
            f"{kind}_forward",
            [d.shares(*x), d.shares(*x)],
            {name: make(d) for name, make in options.items()},
            f"{kind}_backward",
            work=math.prod(x),
        )

    return draw


def _dice(d: Draw) -> Call:
    call = _of_two("dice")(d)
    rank = call.args[0].ndim
    axes = d.rng.permutation(rank)[: d.whole(1, rank)]
    call.options["axes"] = tuple(int(axis) for axis in axes)
    return call


def ids(d: Draw, shape: tuple[int, ...], classes: int) -> np.ndarray:
    """Draw class ids of some integer dtype."""
    return d.rng.integers(0, classes, shape).astype(d.one(["i8", "i8", "i4", "u1", "u8", ">i4"]))


def _classes(kind: str, name: str | None = None) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        shape = d.shape()
        p = d.shares(*shape) if kind == "cross_entropy" else d.numbers(*shape)
        target = ids(d, shape[:-1], shape[-1]) if name or d.flag(0.6) else d.shares(*shape)
        return Call(name or f"{kind}_forward", [p, target], {}, f"{kind}_backward", work=math.prod(shape))

    return draw


def _weighted_sum(d: Draw) -> Call:
    x = d.shape()
    weight = d.shares(*(n if d.flag(0.7) else 1 for n in x)) if d.flag() else None
    valid = d.rng.random(x) < 0.7 if d.flag() else None
    if valid is not None and weight is not None:
        weight = np.where(valid, np.broadcast_to(weight, x), 0).astype(d.dtype)
    return Call("weighted_sum_forward", [d.numbers(*x), weight, valid], {"divisor": 3.0}, "weighted_sum_backward")


def _without_ignored(d: Draw) -> Call:
    x = d.shape(2)
    gradient, valid = d.numbers(*x), d.rng.random(x[:-1]) < 0.7
    if d.flag():
        gradient[~valid] = np.nan
    else:
        gradient[~valid] = 0
    return Call("without_ignored", [gradient, valid], {}, changed=(0,))


def _confusion(d: Draw) -> Call:
    shape, classes = d.shape(), d.whole(1, 6)
    truth, found = ids(d, shape, classes), ids(d, shape, classes)
    if d.flag(0.4):
        found = d.numbers(*shape, d.channels())
    options = {
        "num_classes": classes,
        "ignore_class": d.one([None, 0, 255]),
        "weight": d.rng.random(shape) if d.flag(0.3) else None,
    }
    return Call("confusion_counts", [truth, found], options)


def _update(kind: str, slots: int) -> Callable[[Draw], Call]:
    def draw(d: Draw) -> Call:
        if d.flag(0.1):
            shapes = [(9000, 3), *(d.shape() for _ in range(d.whole(0, 3)))]
        else:
            shapes = [d.shape() for _ in range(d.whole(0, 4))]
        lists: list[Any] = [[d.shares(*shape) for shape in shapes] for _ in range(2 + slots)]
        options: dict[str, Any] = {"rate": 0.1}
        if kind == "adam":
            options |= {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7}
        elif kind == "sgd":
            options |= {"momentum": 0.9, "nesterov": d.flag()}
            lists[2] = lists[2] if d.flag() else None
        else:
            options |= {"rho": 0.9, "momentum": 0.5, "epsilon": 0.01}
            lists[3] = lists[3] if d.flag() else None
            lists[4] = [a * 0.1 for a in lists[4]] if d.flag() else None
        scales = [0.5] * len(shapes) if d.flag(0.3) else None
        preparation = Preparation(scales, 0.3 if d.flag(0.3) else None, 0.01 if d.flag(0.3) else 0.0)
        changed = (0, *range(2, 2 + slots))
        return Call(f"{kind}_update", [*lists, preparation], options, changed=changed, work=sum(map(math.prod, shapes)))

    return draw


def _clip_scales(d: Draw) -> Call:
    options = {d.one(["clipnorm", "global_clipnorm"]): 1.5}
    return Call("clip_scales", [[d.numbers(*d.shape()) for _ in range(d.whole(0, 4))]], options)


def _batch_statistics(d: Draw) -> Call:
    call = _batch_norm(d.one(["train", "inference"]))(d)
    call.backward, call.backward_options = "batch_statistics", {}
    return call


def _check_class_ids(d: Draw) -> Call:
    shape, classes = d.shape(), d.whole(1, 6)
    return Call("check_class_ids", ["fuzz", ids(d, shape, classes), classes])


RECIPES: dict[str, Callable[[Draw], Call]] = {
    **{f"{kind}_forward": _convolution(kind) for kind in ("conv2d", "conv2d_transpose", "depthwise_conv2d")},
    **{f"{kind}_forward": _pooling(kind) for kind in ("max_pool2d", "avg_pool2d")},
    **{f"{kind}_forward": _of_any(kind) for kind in ("relu", "sigmoid", "tanh", "flatten")},
    "leaky_relu_forward": _of_any("leaky_relu", negative_slope=lambda d: d.one([0.0, 0.1, 1.5])),
    "dropout_forward": _of_any("dropout", rate=lambda d: d.one([0.0, 0.3, 0.9]), seed=lambda d: d.whole(0, 99)),
    "softmax_forward": _of_any("softmax", axis=lambda d: d.one([-1, -1, 0])),
    **{
        f"global_{kind}_pool2d_forward": _of_images(f"global_{kind}_pool2d", keepdims=lambda d: d.flag())
        for kind in ("avg", "max")
    },
    "upsampling2d_forward": _of_images(
        "upsampling2d", size=lambda d: d.pair(), interpolation=lambda d: d.one(["nearest", "bilinear"])
    ),
    "zero_padding2d_forward": _of_images(
        "zero_padding2d", padding=lambda d: tuple((d.whole(0, 2), d.whole(0, 2)) for _ in range(2))
    ),
    "cropping2d_forward": _cropping,
    "reshape_forward": _reshape,
    **{f"{kind}_forward": _group(kind) for kind in ("concatenate", "add")},
    **{f"batch_norm_{kind}_forward": _batch_norm(kind) for kind in ("train", "inference")},
    "dense_forward": _dense,
    "binary_cross_entropy_forward": _of_two("binary_cross_entropy", from_logits=lambda d: d.flag()),
    **{f"{kind}_forward": _of_two(kind) for kind in ("squared_error", "absolute_error")},
    "dice_forward": _dice,
    **{f"{kind}_forward": _classes(kind) for kind in ("cross_entropy", "softmax_cross_entropy")},
    **{
        f"{kind}_of_checked_ids": _classes(kind, f"{kind}_of_checked_ids")
        for kind in ("cross_entropy", "softmax_cross_entropy")
    },
    "weighted_sum_forward": _weighted_sum,
    "without_ignored": _without_ignored,
    "confusion_counts": _confusion,
    "adam_update": _update("adam", 2),
    "sgd_update": _update("sgd", 1),
    "rmsprop_update": _update("rmsprop", 3),
    "clip_scales": _clip_scales,
    "batch_statistics": _batch_statistics,
    "check_class_ids": _check_class_ids,
}


def covered(seed: int = 0) -> set[str]:
    """Return the names of all functions that the recipes call."""
    names = set(RECIPES)
    for recipe in RECIPES.values():
        call = recipe(Draw(np.random.default_rng(seed)))
        names |= {call.name, *([call.backward] if call.backward else [])}
    return names
