"""upsampling2d against JAX's resizing and Keras's layer."""

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
from tests.kernels.portable import upsampling2d_backward, upsampling2d_forward
from tests.kernels.windows import pair
from tests.support.errors import ErrorLog, relative_error


def reference(x: Any, *, size: Any, interpolation: str = "nearest") -> jax.Array:
    """Repeat the pixels, or resize with half-pixel centres."""
    height, width = pair(size)
    if interpolation == "nearest":
        return jnp.repeat(jnp.repeat(x, height, axis=1), width, axis=2)
    shape = (x.shape[0], x.shape[1] * height, x.shape[2] * width, x.shape[3])
    return jax.image.resize(x, shape, "bilinear")


class TestUpSampling2D(OperationContract):
    """upsampling2d."""

    cases = tuple(
        Case(
            f"{interpolation}-{name}",
            upsampling2d_forward,
            upsampling2d_backward,
            reference,
            {"x": shape},
            {"size": size, "interpolation": interpolation},
            scattered=name == "scattered",
        )
        for interpolation in ("nearest", "bilinear")
        for name, shape, size in (
            ("one-pixel", (1, 1, 1, 1), 3),
            ("double", (2, 3, 4, 3), 2),
            ("triple", (1, 3, 2, 2), 3),
            ("lopsided", (2, 4, 3, 2), (2, 5)),
            ("rows-only", (2, 3, 4, 1), (4, 1)),
            ("columns-only", (2, 3, 4, 2), (1, 3)),
            ("factor-1", (2, 3, 4, 2), 1),
            ("one-row", (2, 1, 5, 2), (3, 2)),
            ("scattered", (2, 3, 4, 3), (2, 3)),
        )
    )

    def test_agrees_with_keras(self, case: Case, rung: str, record_error: ErrorLog) -> None:
        (x,), _ = case.inputs("float64")
        assert x is not None
        expected = keras.layers.UpSampling2D(**case.options, dtype="float64")(np.ascontiguousarray(x))
        error = relative_error(upsampling2d_forward(x, **case.options)[0], np.asarray(expected))
        record_error("Keras float64", error)
        assert error < 1e-10

    def test_bilinear_continues_a_slope(self, rung: str) -> None:
        """By hand: a ramp stays a ramp inside, at half-pixel positions, and is flat over the outer quarter pixels."""
        x = np.array([0.0, 4.0, 8.0]).reshape(1, 1, 3, 1)
        y, _ = upsampling2d_forward(x, size=(1, 2), interpolation="bilinear")
        assert y.ravel().tolist() == [0, 1, 3, 5, 7, 8]

    @pytest.mark.parametrize(
        ("shape", "options", "message"),
        [
            ((3, 4, 2), {}, r"expected x of shape \(N, H, W, C\), that is 4 axes, got shape \(3, 4, 2\)"),
            ((1, 3, 4, 2), {"size": 0}, "size: expected an integer or a pair .* at least 1, got 0"),
            ((1, 3, 4, 2), {"size": (2, -1)}, r"size: .* got \(2, -1\)"),
            ((1, 3, 4, 2), {"size": 1.5}, "size: .* got 1.5"),
            ((1, 3, 4, 2), {"interpolation": "bilinaer"}, "unknown interpolation 'bilinaer'; did you mean 'bilinear'?"),
            ((1, 3, 4, 2), {"interpolation": "bicubic"}, r"\(known: bilinear, nearest\)"),
        ],
    )
    def test_a_mistake_is_named(
        self, rung: str, rng: np.random.Generator, shape: Any, options: Any, message: str
    ) -> None:
        with pytest.raises(InvalidInput, match=message):
            upsampling2d_forward(rng.standard_normal(shape), **{"size": 2, **options})
