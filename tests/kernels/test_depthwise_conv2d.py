"""depthwise_conv2d against JAX's grouped convolution."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import conv2d_forward, depthwise_conv2d_backward, depthwise_conv2d_forward
from tests.kernels.windows import jax_padding, pair


def reference(
    x: Any, kernel: Any, bias: Any, *, strides: Any = 1, padding: Any = "valid", dilation_rate: Any = 1
) -> jax.Array:
    """JAX's convolution in as many groups as channels."""
    height, width, channels, multiplier = kernel.shape
    y = jax.lax.conv_general_dilated(
        x,
        kernel.reshape(height, width, 1, channels * multiplier),
        pair(strides),
        jax_padding(padding),
        rhs_dilation=pair(dilation_rate),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        feature_group_count=channels,
    )
    return y if bias is None else y + bias


def make(name: str, x: tuple[int, ...], kernel: tuple[int, ...], *, bias: bool = True, **options: Any) -> Case:
    """Make a case from shapes."""
    shapes = {"x": x, "kernel": kernel, "bias": (kernel[2] * kernel[3],) if bias else None}
    scattered = options.pop("scattered", False)
    return Case(
        name, depthwise_conv2d_forward, depthwise_conv2d_backward, reference, shapes, options, scattered=scattered
    )


class TestDepthwiseConv2D(OperationContract):
    """depthwise_conv2d."""

    cases = (
        make("one-pixel", (1, 1, 1, 1), (1, 1, 1, 1)),
        make("one-filter", (2, 6, 5, 3), (3, 3, 3, 1)),
        make("two-filters", (2, 6, 5, 3), (3, 2, 3, 2), padding="same"),
        make("one-channel", (2, 5, 7, 1), (2, 3, 1, 3), bias=False),
        make("pointwise-with-gaps", (2, 5, 7, 2), (1, 1, 2, 2), strides=(2, 3)),
        make("same-even-kernel", (1, 5, 6, 2), (2, 4, 2, 1), padding="same"),
        make("same-strided", (2, 7, 8, 2), (3, 4, 2, 2), strides=(2, 3), padding="same"),
        make("gaps-and-unused-border", (2, 9, 11, 2), (2, 3, 2, 1), strides=(4, 5)),
        make("overlap", (2, 8, 7, 2), (4, 3, 2, 1), strides=(2, 1)),
        make("dilated", (1, 9, 8, 2), (3, 2, 2, 2), dilation_rate=(2, 3)),
        make("dilated-same", (2, 7, 6, 2), (3, 2, 2, 1), dilation_rate=(3, 2), padding="same"),
        make("dilated-strided", (1, 10, 9, 2), (3, 2, 2, 1), strides=(2, 3), dilation_rate=(2, 1), padding="same"),
        make("explicit-lopsided", (2, 4, 5, 2), (3, 2, 2, 2), padding=((2, 0), (1, 3))),
        make("explicit-wider-than-window", (1, 4, 3, 2), (2, 1, 2, 2), padding=((3, 4), (2, 0))),
        make("explicit-strided", (1, 5, 6, 2), (3, 3, 2, 1), strides=(3, 2), padding=((0, 2), (3, 1))),
        make("scattered", (2, 5, 6, 3), (3, 2, 3, 2), padding="same", scattered=True),
        make("scattered-strided", (2, 6, 7, 2), (3, 3, 2, 1), strides=2, scattered=True),
    )

    def test_one_channel_is_an_ordinary_convolution(self, rung: str, rng: np.random.Generator) -> None:
        x, kernel, bias = rng.standard_normal((2, 5, 6, 1)), rng.standard_normal((3, 2, 1, 4)), rng.standard_normal(4)
        np.testing.assert_allclose(
            depthwise_conv2d_forward(x, kernel, bias)[0], conv2d_forward(x, kernel, bias)[0], rtol=1e-12, atol=1e-12
        )

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"x": (5, 6, 2)}, r"expected x of shape \(N, H, W, C\), that is 4 axes, got shape \(5, 6, 2\)"),
            ({"kernel": (3, 2, 4)}, r"expected kernel of shape \(KH, KW, C, M\).*got shape \(3, 2, 4\)"),
            ({"x": (1, 5, 6, 3)}, r"expected 2 channels in the last axis of x .*got shape \(1, 5, 6, 3\)"),
            ({"bias": (4,)}, r"expected bias of shape \(8,\), got shape \(4,\)"),
            ({"strides": -2}, "strides: expected an integer or a pair of integers of at least 1, got -2"),
            ({"dilation_rate": (0, 1)}, r"dilation_rate: .* at least 1, got \(0, 1\)"),
            ({"padding": "reflect"}, "padding: expected 'valid', 'same' or .* got 'reflect'"),
            ({"x": (1, 2, 6, 2)}, r"window \(3, 2\) is larger than the image of 2 x 6 pixels with padding 'valid'"),
        ],
    )
    def test_a_mistake_is_named(self, rung: str, rng: np.random.Generator, options: Any, message: str) -> None:
        shapes = {"x": (1, 5, 6, 2), "kernel": (3, 2, 2, 4), "bias": (8,)}
        arrays = {name: rng.standard_normal(options.get(name, shape)) for name, shape in shapes.items()}
        rest = {name: value for name, value in options.items() if name not in shapes}
        with pytest.raises(InvalidInput, match=f"(depthwise_conv2d: )?{message}"):
            depthwise_conv2d_forward(**arrays, **rest)
