"""conv2d_transpose against the input gradient of JAX's convolution, and against Keras."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import conv2d_forward, conv2d_transpose_backward, conv2d_transpose_forward
from tests.kernels.windows import pair
from tests.support.errors import ErrorLog, relative_error


def reference(
    x: Any, kernel: Any, bias: Any, *, strides: Any = 1, padding: str = "valid", dilation_rate: Any = 1
) -> jax.Array:
    """The definition: what JAX's convolution from an image of y's size to one of x's hands back to its input."""
    steps, dilation = pair(strides), pair(dilation_rate)
    size = [
        n * s if padding == "same" else (n - 1) * s + max((k - 1) * d + 1, s)
        for n, s, k, d in zip(x.shape[1:3], steps, kernel.shape[:2], dilation, strict=True)
    ]

    def convolution(image: jax.Array) -> jax.Array:
        return jax.lax.conv_general_dilated(
            image,
            kernel,
            steps,
            padding.upper(),
            rhs_dilation=dilation,
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )

    (y,) = jax.linear_transpose(convolution, jnp.zeros((x.shape[0], *size, kernel.shape[2]), x.dtype))(x)
    return y if bias is None else y + bias


def make(name: str, x: tuple[int, ...], kernel: tuple[int, ...], *, bias: bool = True, **options: Any) -> Case:
    """Make a case from shapes."""
    shapes = {"x": x, "kernel": kernel, "bias": (kernel[2],) if bias else None}
    scattered = options.pop("scattered", False)
    return Case(
        name, conv2d_transpose_forward, conv2d_transpose_backward, reference, shapes, options, scattered=scattered
    )


class TestConv2DTranspose(OperationContract):
    """conv2d_transpose."""

    cases = (
        make("one-pixel", (1, 1, 1, 1), (1, 1, 1, 1)),
        make("stride-1", (2, 4, 5, 2), (3, 2, 3, 2)),
        make("stride-1-same", (2, 4, 5, 2), (3, 3, 3, 2), padding="same"),
        make("stride-1-same-even", (1, 4, 5, 2), (2, 4, 2, 2), padding="same"),
        make("doubling", (2, 3, 4, 3), (2, 2, 2, 3), strides=2),
        make("doubling-same", (2, 3, 4, 3), (2, 2, 2, 3), strides=2, padding="same"),
        make("doubling-no-bias", (2, 3, 4, 2), (3, 3, 1, 2), strides=2, padding="same", bias=False),
        make("overlap", (2, 4, 3, 1), (5, 4, 3, 1), strides=(2, 3)),
        make("overlap-same", (2, 4, 3, 2), (4, 5, 2, 2), strides=(2, 3), padding="same"),
        make("gaps", (2, 3, 4, 2), (2, 1, 2, 2), strides=(4, 3)),
        make("gaps-same", (2, 3, 4, 2), (2, 1, 2, 2), strides=(4, 3), padding="same"),
        make("one-axis", (1, 3, 5, 2), (3, 3, 2, 2), strides=(1, 3), padding="same"),
        make("dilated", (1, 4, 3, 2), (3, 2, 2, 2), dilation_rate=(2, 3)),
        make("dilated-same", (1, 6, 5, 2), (3, 3, 2, 2), dilation_rate=2, padding="same"),
        make("dilated-strided", (2, 3, 4, 2), (3, 2, 2, 2), strides=2, dilation_rate=(2, 3)),
        make("dilated-strided-same", (1, 4, 3, 1), (2, 3, 2, 1), strides=(3, 2), dilation_rate=2, padding="same"),
        make("scattered", (2, 3, 4, 2), (3, 2, 3, 2), strides=2, padding="same", scattered=True),
        make("scattered-stride-1", (2, 4, 3, 2), (2, 3, 2, 2), scattered=True),
    )

    def test_agrees_with_keras(self, case: Case, rung: str, record_error: ErrorLog) -> None:
        options = case.options
        if max(pair(options.get("strides", 1))) > 1 and max(pair(options.get("dilation_rate", 1))) > 1:
            return  # Keras has no transposed convolution with both
        (x, kernel, bias), _ = case.inputs("float64")
        y, _ = conv2d_transpose_forward(x, kernel, bias, **options)
        expected = keras.ops.conv_transpose(
            np.ascontiguousarray(x), np.ascontiguousarray(kernel), data_format="channels_last", **options
        )
        error = relative_error(y, np.asarray(expected) + (0 if bias is None else bias))
        record_error("Keras float64", error)
        assert error < 1e-10

    @pytest.mark.parametrize("padding", ["valid", "same"])
    @pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
    def test_is_the_adjoint_of_conv2d(
        self, rung: str, rng: np.random.Generator, padding: str, strides: tuple[int, int]
    ) -> None:
        """<conv(image), x> = <image, transpose(x)> for any image of the transposed convolution's output size."""
        x, kernel = rng.standard_normal((2, 3, 4, 5)), rng.standard_normal((3, 4, 2, 5))
        y, _ = conv2d_transpose_forward(x, kernel, strides=strides, padding=padding)
        image = rng.standard_normal(y.shape)
        convolved, _ = conv2d_forward(image, kernel, strides=strides, padding=padding)
        assert (convolved * x).sum() == pytest.approx((image * y).sum(), rel=1e-11)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"x": (5, 6, 2)}, r"expected x of shape \(N, H, W, C\), that is 4 axes, got shape \(5, 6, 2\)"),
            ({"kernel": (3, 2, 4)}, r"expected kernel of shape \(KH, KW, F, C\).*got shape \(3, 2, 4\)"),
            ({"x": (1, 5, 6, 4)}, r"expected 2 channels in the last axis of x .*got shape \(1, 5, 6, 4\)"),
            ({"bias": (2,)}, r"expected bias of shape \(4,\) \(one number per filter\), got shape \(2,\)"),
            ({"strides": (2, -1)}, r"strides: expected an integer or a pair .* at least 1, got \(2, -1\)"),
            ({"dilation_rate": 0}, "dilation_rate: .* at least 1, got 0"),
            ({"padding": "full"}, "padding: expected 'valid' or 'same', got 'full'"),
            ({"padding": ((1, 1), (1, 1))}, r"padding: expected 'valid' or 'same', got \(\(1, 1\), \(1, 1\)\)"),
        ],
    )
    def test_a_mistake_is_named(self, rung: str, rng: np.random.Generator, options: Any, message: str) -> None:
        shapes = {"x": (1, 5, 6, 2), "kernel": (3, 2, 4, 2), "bias": (4,)}
        arrays = {name: rng.standard_normal(options.get(name, shape)) for name, shape in shapes.items()}
        rest = {name: value for name, value in options.items() if name not in shapes}
        with pytest.raises(InvalidInput, match=f"(conv2d_transpose: )?{message}"):
            conv2d_transpose_forward(**arrays, **rest)
