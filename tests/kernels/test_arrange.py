"""concatenate, add, flatten and reshape against JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels import arrange
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case, placed
from tests.kernels.contract import OperationContract


def concatenate(*x: Any, axis: int = -1) -> tuple[Any, Any]:
    """Call with the arrays as arguments, as the other operations are."""
    return arrange.concatenate_forward(x, axis=axis)


def add(*x: Any) -> tuple[Any, Any]:
    """Call with the arrays as arguments, as the other operations are."""
    return arrange.add_forward(x)


def join_in_jax(*x: Any, axis: int = -1) -> jax.Array:
    """Concatenate."""
    return jnp.concatenate(x, axis=axis)


def flatten_in_jax(x: Any) -> jax.Array:
    """Keep the batch, join the rest."""
    return jnp.reshape(x, (x.shape[0], -1))


def join(
    name: str, *shapes: tuple[int, ...], scattered: bool = False, along_batch: bool = False, **options: Any
) -> Case:
    """Make a case of concatenate."""
    named = {f"x[{k}]": shape for k, shape in enumerate(shapes)}
    return Case(
        f"concatenate-{name}",
        concatenate,
        arrange.concatenate_backward,
        join_in_jax,
        named,
        options,
        batched=() if along_batch else tuple(named),
        scattered=scattered,
    )


def total(name: str, count: int, shape: tuple[int, ...], *, scattered: bool = False) -> Case:
    """Make a case of add."""
    named = {f"x[{k}]": shape for k in range(count)}
    return Case(
        f"add-{name}",
        add,
        arrange.add_backward,
        lambda *x: sum(x),
        named,
        batched=tuple(named),
        scattered=scattered,
    )


def flat(name: str, shape: tuple[int, ...], *, scattered: bool = False) -> Case:
    """Make a case of flatten."""
    functions = (arrange.flatten_forward, arrange.flatten_backward, flatten_in_jax)
    return Case(f"flatten-{name}", *functions, {"x": shape}, scattered=scattered)


def shaped(name: str, before: tuple[int, ...], after: tuple[int, ...], *, scattered: bool = False) -> Case:
    """Make a case of reshape; the whole shape is given, so an empty batch has another one."""
    functions = (arrange.reshape_forward, arrange.reshape_backward, jnp.reshape)
    return Case(f"reshape-{name}", *functions, {"x": before}, {"shape": after}, batched=(), scattered=scattered)


class TestArrange(OperationContract):
    """concatenate, add, flatten, reshape."""

    cases = (
        join("channels", (2, 3, 4, 2), (2, 3, 4, 5)),
        join("one", (2, 3, 4)),
        join("three", (2, 3, 1), (2, 3, 4), (2, 3, 2)),
        join("rows", (2, 3, 4, 2), (2, 1, 4, 2), axis=1),
        join("rows-from-behind", (2, 3, 4, 2), (2, 1, 4, 2), axis=-3),
        join("batch", (2, 3), (4, 3), axis=0, along_batch=True),
        join("scattered", (2, 3, 2), (2, 3, 4), scattered=True),
        total("one", 1, (2, 3, 4)),
        total("two", 2, (2, 3, 4, 2)),
        total("four", 4, (3, 5)),
        total("scattered", 3, (2, 3, 4), scattered=True),
        flat("images", (2, 3, 4, 5)),
        flat("vectors", (4, 3)),
        flat("numbers", (4,)),
        flat("scattered", (3, 4, 2), scattered=True),
        shaped("split", (2, 12), (2, 3, 4)),
        shaped("join", (2, 3, 4), (6, 4)),
        shaped("same", (2, 3), (2, 3)),
        shaped("scattered", (3, 4, 2), (2, 12), scattered=True),
    )

    def test_add_does_not_return_its_only_input(self, rung: str, rng: np.random.Generator) -> None:
        x = placed(rng.standard_normal((2, 3)))
        y, _ = arrange.add_forward([x])
        x[...] = 0
        assert to_host(y).all()

    @pytest.mark.parametrize("forward", [arrange.concatenate_forward, arrange.add_forward])
    @pytest.mark.parametrize(
        ("x", "message"),
        [
            ([], "expected a list of at least one array, got list"),
            (np.ones((2, 3)), "expected a list of at least one array, got ndarray"),
            (
                [np.ones((2, 3)), np.ones((2, 3), np.float32)],
                r"expected x\[1\] of the same dtype as x\[0\] \(float64\), got float32",
            ),
        ],
    )
    def test_no_group_of_arrays(self, rung: str, forward: Callable[..., Any], x: Any, message: str) -> None:
        with pytest.raises(InvalidInput, match=message):
            forward([placed(array) for array in x] if isinstance(x, list) else x)

    @pytest.mark.parametrize(
        ("shapes", "axis", "message"),
        [
            (((2, 3, 4), (2, 5, 4)), -1, r"agree on all axes but -1, got \[\(2, 3, 4\), \(2, 5, 4\)\]"),
            (((2, 3, 4), (2, 3)), 1, r"agree on all axes but 1, got \[\(2, 3, 4\), \(2, 3\)\]"),
            (((2, 3), (2, 3, 1)), 1, r"agree on all axes but 1"),
            (((2, 3), (2, 3)), 2, r"axis 2 does not exist in arrays of shape \(2, 3\)"),
            (((2, 3), (2, 3)), -3, r"axis -3 does not exist in arrays of shape \(2, 3\)"),
        ],
    )
    def test_arrays_that_cannot_be_joined(self, rung: str, shapes: Any, axis: int, message: str) -> None:
        with pytest.raises(InvalidInput, match=f"concatenate: .*{message}"):
            arrange.concatenate_forward([placed(np.ones(shape)) for shape in shapes], axis=axis)

    def test_add_does_not_broadcast(self, rung: str) -> None:
        with pytest.raises(InvalidInput, match=r"add: expected arrays of the same shape, got \[\(2, 3\), \(1, 3\)\]"):
            arrange.add_forward([placed(np.ones((2, 3))), placed(np.ones((1, 3)))])

    @pytest.mark.parametrize("shape", [(5,), (2, -1), (-2, -3), (2, 3, 2), ()])
    def test_a_shape_of_another_size_is_refused(self, rung: str, shape: tuple[int, ...]) -> None:
        with pytest.raises(InvalidInput, match=r"reshape: 6 numbers of shape \(2, 3\) do not fit into shape"):
            arrange.reshape_forward(placed(np.ones((2, 3))), shape=shape)

    def test_flatten_needs_a_batch(self, rung: str) -> None:
        with pytest.raises(InvalidInput, match=r"flatten: expected x \(N, \.\.\.\), got shape \(\)"):
            arrange.flatten_forward(placed(np.array(1.0)))
