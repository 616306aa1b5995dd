"""conv2d against JAX's convolution."""

from __future__ import annotations

import tracemalloc
from typing import Any

import jax
import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import conv2d_backward, conv2d_forward
from tests.kernels.windows import jax_padding, pair


def reference(
    x: Any, kernel: Any, bias: Any, *, strides: Any = 1, padding: Any = "valid", dilation_rate: Any = 1
) -> jax.Array:
    """JAX's convolution in the same notation."""
    y = jax.lax.conv_general_dilated(
        x,
        kernel,
        pair(strides),
        jax_padding(padding),
        rhs_dilation=pair(dilation_rate),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return y if bias is None else y + bias


def make(
    name: str, x: tuple[int, ...], kernel: tuple[int, ...], *, bias: bool = True, large: bool = False, **options: Any
) -> Case:
    """Make a case from shapes."""
    shapes = {"x": x, "kernel": kernel, "bias": (kernel[3],) if bias else None}
    scattered = options.pop("scattered", False)
    return Case(name, conv2d_forward, conv2d_backward, reference, shapes, options, scattered=scattered, large=large)


class TestConv2D(OperationContract):
    """conv2d."""

    cases = (
        make("one-pixel", (1, 1, 1, 1), (1, 1, 1, 1)),
        make("pointwise", (2, 4, 5, 3), (1, 1, 3, 4)),
        make("pointwise-with-gaps", (2, 5, 7, 2), (1, 1, 2, 3), strides=(2, 3)),
        make("valid", (2, 6, 5, 2), (3, 3, 2, 3)),
        make("no-bias", (2, 6, 5, 2), (3, 2, 2, 3), bias=False),
        make("window-is-image", (2, 3, 4, 2), (3, 4, 2, 3)),
        make("tall-kernel", (1, 7, 5, 2), (5, 1, 2, 2), padding="same"),
        make("wide-kernel", (1, 5, 8, 2), (2, 5, 2, 2), padding="same"),
        make("same", (2, 5, 7, 2), (3, 3, 2, 2), padding="same"),
        make("same-even-kernel", (1, 5, 6, 2), (2, 4, 2, 2), padding="same"),
        make("same-kernel-larger-than-image", (1, 2, 3, 2), (5, 4, 2, 2), padding="same"),
        make("same-strided", (2, 7, 8, 1), (3, 4, 1, 2), strides=(2, 3), padding="same"),
        make("same-strided-even-size", (1, 8, 6, 2), (3, 3, 2, 2), strides=2, padding="same"),
        make("same-gaps", (1, 9, 8, 2), (2, 2, 2, 2), strides=(4, 3), padding="same"),
        make("overlap", (2, 8, 7, 1), (4, 3, 1, 3), strides=(2, 1)),
        make("gaps-and-unused-border", (2, 9, 11, 2), (2, 3, 2, 2), strides=(4, 5)),
        make("dilated", (1, 9, 8, 2), (3, 2, 2, 2), dilation_rate=(2, 3)),
        make("dilated-same", (2, 7, 6, 2), (3, 3, 2, 2), dilation_rate=(3, 2), padding="same"),
        make("dilated-same-even", (1, 7, 8, 2), (2, 4, 2, 2), dilation_rate=2, padding="same"),
        make("dilated-strided", (1, 10, 9, 1), (3, 2, 1, 2), strides=(2, 3), dilation_rate=(2, 1), padding="same"),
        make("explicit-lopsided", (2, 4, 5, 2), (3, 2, 2, 2), padding=((2, 0), (1, 3))),
        make("explicit-wider-than-window", (1, 4, 3, 2), (2, 1, 2, 2), padding=((3, 4), (2, 0))),
        make("explicit-strided", (1, 5, 6, 2), (3, 3, 2, 2), strides=(3, 2), padding=((0, 2), (3, 1))),
        make("explicit-wide-dilated", (1, 4, 4, 1), (2, 2, 1, 2), dilation_rate=(1, 3), padding=((4, 1), (0, 5))),
        make("scattered", (2, 5, 6, 3), (3, 2, 3, 2), padding="same", scattered=True),
        make("scattered-strided", (2, 6, 7, 2), (3, 3, 2, 3), strides=2, scattered=True),
        make("scattered-pointwise", (2, 4, 5, 3), (1, 1, 3, 2), scattered=True),
        # Several bands per image, the last one shorter.
        make("bands", (2, 61, 53, 12), (5, 5, 12, 7), padding="same", large=True),
        make("bands-strided", (2, 83, 131, 12), (5, 5, 12, 7), strides=(2, 1), padding=((1, 2), (2, 0)), large=True),
    )

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"x": (5, 6, 2)}, r"expected x of shape \(N, H, W, C\), that is 4 axes, got shape \(5, 6, 2\)"),
            ({"kernel": (3, 2, 4)}, r"expected kernel of shape \(KH, KW, C, F\).*got shape \(3, 2, 4\)"),
            ({"x": (1, 5, 6, 3)}, r"expected 2 channels in the last axis of x .*got shape \(1, 5, 6, 3\)"),
            ({"bias": (3,)}, r"expected bias of shape \(4,\) \(one number per filter\), got shape \(3,\)"),
            ({"strides": -1}, "strides: expected an integer or a pair of integers of at least 1, got -1"),
            ({"strides": (1, 0)}, r"strides: .* at least 1, got \(1, 0\)"),
            ({"strides": 1.5}, "strides: .* integer.* got 1.5"),
            ({"strides": (1, 2, 3)}, r"strides: .* got \(1, 2, 3\)"),
            ({"dilation_rate": 0}, "dilation_rate: .* at least 1, got 0"),
            ({"padding": "full"}, "padding: expected 'valid', 'same' or .* got 'full'"),
            ({"padding": ((0, -1), (0, 0))}, r"padding: expected .* got \(\(0, -1\), \(0, 0\)\)"),
            ({"padding": 1}, "padding: expected .* got 1"),
            ({"x": (1, 2, 6, 2)}, r"window \(3, 2\) is larger than the image of 2 x 6 pixels with padding 'valid'"),
            ({"dilation_rate": (3, 1)}, r"window \(3, 2\) with dilation \(3, 1\) is larger than the image of 5 x 6"),
        ],
    )
    def test_a_mistake_is_named(self, rung: str, rng: np.random.Generator, options: Any, message: str) -> None:
        shapes = {"x": (1, 5, 6, 2), "kernel": (3, 2, 2, 4), "bias": (4,)}
        arrays = {name: rng.standard_normal(options.get(name, shape)) for name, shape in shapes.items()}
        rest = {name: value for name, value in options.items() if name not in shapes}
        with pytest.raises(InvalidInput, match=f"(conv2d: )?{message}"):
            conv2d_forward(**arrays, **rest)

    def test_padding_is_read_in_any_case(self, rung: str, rng: np.random.Generator) -> None:
        x, kernel = rng.standard_normal((1, 4, 5, 2)), rng.standard_normal((3, 3, 2, 2))
        np.testing.assert_array_equal(
            conv2d_forward(x, kernel, padding="SAME")[0], conv2d_forward(x, kernel, padding="same")[0]
        )


@pytest.mark.parametrize("shape", [(24, 40, 40, 8), (1, 320, 300, 8)], ids=["batch", "large-image"])
def test_numpy_builds_no_matrix_of_all_windows(rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    """It would take KH * KW times the memory of the images, whether they are many or large."""
    x = rng.standard_normal(shape).astype(np.float32)
    kernel = rng.standard_normal((5, 5, 8, 8)).astype(np.float32)
    with backend("numpy"):
        tracemalloc.start()
        try:
            y, cache = conv2d_forward(x, kernel, padding="same")
            conv2d_backward(y, cache)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    all_windows = y[..., 0].size * kernel[..., 0].size * x.itemsize
    assert peak < all_windows / 4
