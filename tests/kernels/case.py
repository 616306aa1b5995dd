"""A configuration of an operation: its inputs, its options, and what an independent library makes of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import unwrap
from typing import Any, TypeAlias

import jax
import numpy as np
from tinyseg_kernels.device import array_module, is_device_array, to_backend, to_host
from tinyseg_kernels.types import Array

from tests.kernels.backends import BACKENDS  # noqa: F401  tests take it from here

Shape: TypeAlias = tuple[int, ...]


def normal(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw from the normal distribution: both signs, no two alike."""
    return rng.standard_normal(shape)


def no_kink(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw numbers of both signs that keep away from 0, where relu has no slope."""
    return rng.uniform(0.1, 3.0, shape) * rng.choice([-1.0, 1.0], shape)


def distinct(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw numbers 0.01 apart, shuffled: a maximum stays the same one when an entry moves a little."""
    size = int(np.prod(shape))
    return (rng.permutation(size).reshape(shape) - size / 2) * 0.01


def scatter(array: Array) -> Array:
    """Return an equal array that is not contiguous.

    Its first axis runs backwards, its last has gaps, and the gaps are NaN.
    """
    storage = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan, array.dtype)
    view = storage[::-1, ..., ::2] if array.ndim > 1 else storage[::-2]
    view[...] = array
    return view


def placed(array: Array) -> Any:
    """Bring an array to where the backend in use computes; one with gaps or reversed axes has them there too."""
    there = to_backend(np.ascontiguousarray(array) if array.ndim else array)
    return there if array.flags.c_contiguous or not is_device_array(there) else scatter_on_device(there)


def scatter_on_device(array: Any) -> Any:
    """Do on the device what `scatter` does on the host."""
    storage = array_module(array).full((*array.shape[:-1], 2 * array.shape[-1]), np.nan, array.dtype)
    view = storage[::-1, ..., ::2] if array.ndim > 1 else storage[::-2]
    view[...] = array
    return view


@dataclass(frozen=True, eq=False)
class Case:
    """One configuration."""

    name: str
    forward: Callable[..., tuple[Array, Any]]
    """Called as forward(*inputs, *constants, **options)."""
    backward: Callable[..., Any]
    reference: Callable[..., jax.Array]
    """The same result from JAX, called like forward."""
    shapes: Mapping[str, Shape | None]
    """Inputs that have a gradient, in backward's order; None is passed as None."""
    options: Mapping[str, Any] = field(default_factory=dict)
    draw: Callable[[np.random.Generator, Shape], Array] = normal
    constants: Callable[[np.random.Generator, Mapping[str, Any]], Sequence[Array]] = lambda rng, shapes: ()
    """Inputs without a gradient, made to fit the shapes of the others; those of a float dtype take the case's dtype."""
    batched: tuple[str, ...] | None = None
    """Inputs whose first axis is the batch; None: the first input.

    Empty: the operation has no use for an empty batch.
    """
    scattered: bool = False
    """Inputs and dy are not contiguous."""
    large: bool = False
    """Too large for loops."""

    def __post_init__(self) -> None:
        """Take the operation itself where a test file has its portable form: the contract moves arrays itself."""
        object.__setattr__(self, "forward", unwrap(self.forward))
        object.__setattr__(self, "backward", unwrap(self.backward))

    def inputs(self, dtype: str, batch: int | None = None) -> tuple[list[Array | None], list[Array]]:
        """Return new (inputs, constants), the same numbers each time; `batch` replaces the number of images."""
        shapes = dict(self.shapes)
        if batch is not None:
            for name in self.batch_names:
                shapes[name] = (batch, *(shapes[name] or ())[1:])
        rng = self._rng()
        arrays = [None if shape is None else self.draw(rng, shape).astype(dtype) for shape in shapes.values()]
        constants = [a.astype(dtype) if a.dtype.kind == "f" else a for a in self.constants(rng, shapes)]
        if self.scattered:
            arrays = [None if a is None else scatter(a) for a in arrays]
        return arrays, constants

    @property
    def batch_names(self) -> tuple[str, ...]:
        """Names of the inputs whose first axis is the batch."""
        return (next(iter(self.shapes)),) if self.batched is None else self.batched

    def placed_inputs(self, dtype: str, batch: int | None = None) -> tuple[list[Any], list[Any]]:
        """Return `inputs` where the backend in use computes.

        On a GPU's device as they are on the host, gaps included.
        """
        inputs, constants = self.inputs(dtype, batch)
        return [None if a is None else placed(a) for a in inputs], [placed(a) for a in constants]

    def upstream(self, shape: Shape, dtype: str) -> Array:
        """Return a random dy, the same each time."""
        dy = self._rng(1).standard_normal(shape).astype(dtype)
        return scatter(dy) if self.scattered and dy.ndim else dy

    def run(self, dtype: str) -> tuple[Array, list[Array | None]]:
        """Return y and the gradients, as the backend in use computes them."""
        inputs, constants = self.placed_inputs(dtype)
        y, cache = self.forward(*inputs, *constants, **self.options)
        gradients = self.gradients(placed(self.upstream(y.shape, dtype)), cache)
        return to_host(y), [to_host(gradient) for gradient in gradients]

    def gradients(self, dy: Any, cache: Any) -> list[Any]:
        """Return backward's result as a list with one entry for each input, where the backend in use computes."""
        result = self.backward(dy, cache)
        return list(result) if isinstance(result, (tuple, list)) else [result]

    def expected(self, dtype: str) -> tuple[Array, list[Array | None]]:
        """Return y and the gradients as JAX computes them in float64 from the numbers that the dtype can hold.

        They are the same for every rung, so they are computed once.
        """
        if dtype not in self._expected:
            self._expected[dtype] = self._by_jax(dtype)
        return self._expected[dtype]

    @cached_property
    def _expected(self) -> dict[str, tuple[Array, list[Array | None]]]:
        return {}

    def _by_jax(self, dtype: str) -> tuple[Array, list[Array | None]]:
        inputs, constants = self.inputs(dtype)
        present = [a.astype(np.float64) for a in inputs if a is not None]
        constants = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in constants]
        y_shape = jax.eval_shape(self._of_present, present, constants).shape
        dy = self.upstream(y_shape, dtype).astype(np.float64)
        y, gradients = self._reference_step(present, constants, dy)
        rest = iter(gradients)
        return np.asarray(y), [None if a is None else np.asarray(next(rest)) for a in inputs]

    def _of_present(self, present: Sequence[Any], constants: Sequence[Any]) -> jax.Array:
        rest = iter(present)
        arrays = [None if shape is None else next(rest) for shape in self.shapes.values()]
        return self.reference(*arrays, *constants, **self.options)

    @cached_property
    def _reference_step(self) -> Callable[..., tuple[jax.Array, list[jax.Array]]]:
        """Compiled once for a case: y and the exact vector-Jacobian products."""

        def step(present: list[Any], constants: list[Any], dy: Any) -> tuple[jax.Array, list[jax.Array]]:
            y, pull_back = jax.vjp(lambda arrays: self._of_present(arrays, constants), present)
            return y, pull_back(dy)[0]

        return jax.jit(step)

    def _rng(self, stream: int = 0) -> np.random.Generator:
        return np.random.default_rng([zlib.crc32(self.name.encode()), stream])
