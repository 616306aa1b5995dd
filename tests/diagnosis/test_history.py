"""State from the first call, digits that are lost, two mistakes at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tinyseg.diagnosis import diagnose

KEPT = "state-kept-between-calls"


def probabilities(x: Array) -> Array:
    z = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(z / z.sum(axis=-1, keepdims=True))


def softmax_by_shape() -> tuple[Callable[..., Any], Callable[..., Any]]:
    kept: dict[tuple[int, ...], Array] = {}

    def forward(x: Array) -> Any:
        y = probabilities(x)
        return y, kept.setdefault(y.shape, y)

    return forward, lambda dy, y: y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def relu_very_first() -> tuple[Callable[..., Any], Callable[..., Any]]:
    first: list[Array] = []

    def forward(x: Array) -> Any:
        first.append(x > 0)
        return np.maximum(x, 0), first[0] if first[0].shape == x.shape else x > 0

    return forward, lambda dy, mask: dy * mask


def pooling_by_size() -> tuple[Callable[..., Any], None]:
    from tinyseg_kernels.max_pool2d import numpy_cpu

    kept: dict[Any, Any] = {}

    def forward(x: Array, *, pool_size: Any, strides: Any, padding: Any) -> Any:
        padding = kept.setdefault((x.shape[1:3], str(strides), str(pool_size)), padding)
        return numpy_cpu.max_pool2d_forward(x, pool_size=pool_size, strides=strides, padding=padding)

    return forward, None


def otsu_by_shape() -> tuple[Callable[..., Any], None]:
    from tinyseg.segmentation.thresholds import otsu_threshold

    kept: dict[tuple[int, ...], Any] = {}

    def forward(image: Array) -> Any:
        return kept.setdefault(image.shape, otsu_threshold(image))

    return forward, None


@pytest.mark.parametrize(
    ("op", "make"),
    [
        ("softmax", softmax_by_shape),
        ("relu", relu_very_first),
        ("max_pool2d", pooling_by_size),
        ("otsu_threshold", otsu_by_shape),
    ],
)
def test_what_is_kept_from_the_first_call_is_named(op: str, make: Callable[[], tuple[Any, Any]]) -> None:
    found = diagnose(op, *make())
    assert found.cause == KEPT, str(found)


def test_a_mistake_is_no_state() -> None:
    found = diagnose("softmax", lambda x: (probabilities(x), x), lambda dy, x: dy * np.sin(17 * x))
    assert found.cause == "unknown", str(found)


def dice(y_true: Array, y_pred: Array, *, epsilon: float) -> Any:
    both, total = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 1 - (2 * both + epsilon) / (total + epsilon)


def cross_entropy(logits: Array, target: Array) -> Any:
    p = probabilities(logits)
    return -np.log(np.take_along_axis(p, target[..., None].astype(int), -1)).mean()


@pytest.mark.parametrize(
    ("op", "forward", "said"),
    [
        ("dice_loss", lambda t, p, *, epsilon: (np.float16(dice(t, p, epsilon=epsilon)), None), "float16"),
        ("dice_loss", lambda t, p, *, epsilon: (np.float32(dice(t, p, epsilon=epsilon)), None), "float32"),
        ("relu", lambda x: (np.maximum(x, 0).astype(np.float16).astype(x.dtype), None), "float16"),
        ("softmax", lambda x: (probabilities(x.astype(np.float32)).astype(x.dtype), None), "float32"),
    ],
)
def test_digits_come_before_causes(op: str, forward: Callable[..., Any], said: str) -> None:
    found = diagnose(op, forward)
    assert found.cause == "precision-lost", str(found)
    assert said in found.message
    assert "second mistake" not in found.evidence


def test_a_small_mistake_is_no_lost_precision() -> None:
    def forward(x: Array) -> Any:
        z = np.exp(x - x.max(axis=-1, keepdims=True))
        return z / (z.sum(axis=-1, keepdims=True) + 1e-6), None

    assert diagnose("softmax", forward).cause == "epsilon-in-the-sum"


def test_a_mistake_of_float32_is_still_named() -> None:
    def forward(x: Array, kernel: Array, bias: Array) -> Any:
        return x.astype(np.float32) @ kernel.astype(np.float32) - bias.astype(np.float32), None

    assert diagnose("dense", forward).cause == "bias-subtracted"


def test_two_mistakes_of_different_parts_are_both_named() -> None:
    from tinyseg_kernels.conv2d import numpy_cpu

    def forward(x: Array, kernel: Array, bias: Array, **options: Any) -> Any:
        return numpy_cpu.conv2d_forward(x, np.ascontiguousarray(kernel[::-1, ::-1]), 0 * bias, **options)[0], None

    found = diagnose("conv2d", forward)
    assert found.cause == "kernel-flipped"
    assert found.evidence["second mistake"] == "bias-missing"
    assert "The bias does not reach y" in found.message


def test_two_mistakes_that_nothing_tells_apart_are_both_said() -> None:
    def forward(image: Array) -> Any:
        counts, levels = np.bincount(image.ravel(), minlength=256), np.arange(256)
        n0, s0 = np.cumsum(counts), np.cumsum(counts * levels)
        n1, s1 = n0[-1] - n0, s0[-1] - s0
        return int(np.argmax(n0 * n1 * np.abs(s0 / np.maximum(n0, 1) - s1 / np.maximum(n1, 1))))

    found = diagnose("otsu_threshold", forward)
    names = {found.cause, *found.evidence["would look the same"]}
    assert {"weights-squared", "difference-not-squared"} <= names
    assert "not squared" in found.message
