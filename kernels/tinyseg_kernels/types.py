"""Types shared by all operations: arrays by the kind of their numbers, and what describes them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""An array of any dtype, of NumPy or of a device, whose arrays behave alike; docstrings say the shapes."""

FloatArray: TypeAlias = npt.NDArray[np.floating]
"""An array of float32 or float64: images, parameters, gradients, probabilities, losses."""

IntArray: TypeAlias = npt.NDArray[np.integer]
"""An array of integers: class ids, and the places that an argmax found."""

BoolArray: TypeAlias = npt.NDArray[np.bool_]
"""An array of True and False: masks."""

Real: TypeAlias = np.floating
"""A number of a float array, as compiled kernels see it."""

Argument: TypeAlias = Array | np.generic | float
"""What a GPU kernel is launched with: an array of the device, or a number."""

DType: TypeAlias = np.dtype[np.generic]
"""The dtype of an array."""

FloatDType: TypeAlias = np.dtype[np.floating]
"""float32 or float64."""

DTypeLike: TypeAlias = npt.DTypeLike
"""Any spelling of a dtype: 'float32', np.float32, np.dtype(np.float32)."""

Shape: TypeAlias = tuple[int, ...]
"""The length of each axis."""

Pair: TypeAlias = tuple[int, int]
"""(height, width)"""

Padding: TypeAlias = str | tuple[Pair, Pair]
"""'valid', 'same', or explicit ((top, bottom), (left, right))."""

KernelGradients: TypeAlias = tuple[FloatArray | None, FloatArray, FloatArray | None]
"""Gradients of an operation with a kernel: dx (None if not asked for), dkernel, dbias (None without a bias)."""

RungCache: TypeAlias = object
"""What a rung keeps of its forward: its own backward names the type (`DenseCache`), others only hand it on."""

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
