r"""dropout compiled for the CPU: the mask is drawn where it is used, eight numbers at a time, and kept as one bit each.

The generator is NumPy's, Philox4x64-10: counter block b = 1, 2, ... gives four words of 64 bits, whose lower and upper
halves are eight draws. A float32 number of NumPy's is the upper 24 bits of a half, over 2^24; here these bits are
compared with `threshold(rate)` as an integer. A round of Philox, ten in all, is

    (c0, c1, c2, c3) <- (high(F1 c2) ^ c1 ^ k0, low(F1 c2), high(F0 c0) ^ c3 ^ k1, low(F0 c0))        (k0, k1) <- (k0 + W0, k1 + W1)

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types

from ..cpu.compiled import inlined, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.threading.threads import parallel
from ..cpu.vectors.intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values, intrinsic
from ..cpu.vectors.vectors import VECTOR, store
from ..types import FloatArray, IntArray, Real
from . import numpy_cpu
from .cache import DropoutCache
from .mask import threshold

DRAWS = 8
"""Numbers drawn from one block of the generator: the bits of one byte of the mask."""

_ROUNDS = 10
_FACTOR_0, _FACTOR_1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_KEY_STEP_0, _KEY_STEP_1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_LOW, _UNUSED, _UPPER, _SIGN = np.uint64(0xFFFFFFFF), np.uint64(8), np.uint64(40), np.uint64(63)


def dropout_forward(x: FloatArray, *, rate: float, seed: int, step: int = 0) -> tuple[FloatArray, DropoutCache]:
    """x / (1 - rate) where kept, else 0."""
    if x.dtype != np.float32:
        return numpy_cpu.dropout_forward(x, rate=rate, seed=seed, step=step)
    bits = empty((-(-x.size // DRAWS),), np.uint8)
    key = (np.uint64(seed % 2**64), np.uint64(step % 2**64))
    parallel(_draw, len(bits), bits, np.uint64(threshold(rate)), *key)
    return dropout_backward(x, (bits, rate)), (bits, rate)  # the same linear function both ways


def dropout_backward(dy: FloatArray, cache: DropoutCache) -> FloatArray:
    """dy / (1 - rate) where kept, else 0."""
    bits, rate = cache
    if dy.dtype != np.float32:
        return numpy_cpu.dropout_backward(dy, cache)
    dx = empty(dy.shape, dy.dtype)
    parallel(
        _keep, -(-dy.size // LANES), np.ascontiguousarray(dy).reshape(-1), bits, dx.reshape(-1), np.float32(1 - rate)
    )
    return dx


@intrinsic
def _product(typing: Typing, a: Type, b: Type) -> Lowering:
    """Return the upper and the lower 64 bits of a product.

    One instruction, which Python's integers have no word for.
    """
    pair = types.UniTuple(types.uint64, 2)

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        wide, word = ir.IntType(128), ir.IntType(64)
        product = builder.mul(*[builder.zext(argument, wide) for argument in arguments])
        halves = [builder.trunc(builder.lshr(product, wide(64)), word), builder.trunc(product, word)]
        return context.make_tuple(builder, pair, halves)

    return pair(types.uint64, types.uint64), generate


@intrinsic
def _kept_quotients(typing: Typing, x: Type, share: Type, bits: Type) -> Lowering:
    """Return the vector at address x over `share` where the bits at an address are set, else 0.

    A bit of a mask is what vectors choose by.
    """

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        vector = context.get_value_type(VECTOR)
        numbers = builder.load(builder.inttoptr(arguments[0], vector.as_pointer()), align=4)
        word = builder.load(builder.inttoptr(arguments[2], ir.IntType(LANES).as_pointer()), align=1)
        chosen = builder.bitcast(word, ir.VectorType(ir.IntType(1), LANES))
        undefined = ir.Constant(vector, ir.Undefined)
        first = builder.insert_element(undefined, arguments[1], ir.IntType(32)(0))
        shares = builder.shuffle_vector(
            first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        )
        return builder.select(chosen, builder.fdiv(numbers, shares), ir.Constant(vector, [0.0] * LANES))

    return VECTOR(types.intp, types.float32, types.intp), generate


@inlined
def _kept(word: np.uint64, least: np.uint64) -> np.uint8:
    """Return two bits: whether the draws in the lower and in the upper half of a word are at least `least`.

    A difference below 0 has its highest bit set: no branch.
    """
    lower, upper = ((word & _LOW) >> _UNUSED) - least, (word >> _UPPER) - least
    return np.uint8(np.uint64(3) ^ ((lower >> _SIGN) | ((upper >> _SIGN) << np.uint64(1))))


@kernel
def _draw(start: int, stop: int, bits: IntArray, least: np.uint64, seed: np.uint64, step: np.uint64) -> None:
    """Draw bytes start .. stop of the mask."""
    for block in range(start, stop):
        key_0, key_1 = seed, step
        c_0, c_1, c_2, c_3 = np.uint64(block + 1), np.uint64(0), np.uint64(0), np.uint64(0)
        for _ in range(_ROUNDS):
            high_0, low_0 = _product(_FACTOR_0, c_0)
            high_1, low_1 = _product(_FACTOR_1, c_2)
            c_0, c_1, c_2, c_3 = high_1 ^ c_1 ^ key_0, low_1, high_0 ^ c_3 ^ key_1, low_0
            key_0 += _KEY_STEP_0
            key_1 += _KEY_STEP_1
        bits[block] = _kept(c_0, least) | (_kept(c_1, least) << 2) | (_kept(c_2, least) << 4) | (_kept(c_3, least) << 6)


@kernel
def _keep(start: int, stop: int, x: FloatArray, bits: IntArray, y: FloatArray, share: Real) -> None:
    """Write vectors start .. stop of x / share for the bits that are set, else 0; the last vector may be shorter."""
    last = min(stop * LANES, x.size)
    for first in range(start * LANES, last - LANES + 1, LANES):
        quotients = _kept_quotients(x.ctypes.data + first * 4, share, bits.ctypes.data + first // DRAWS)
        store(y.ctypes.data + first * 4, quotients)
    for k in range(max(start * LANES, last // LANES * LANES), last):
        y[k] = x[k] / share if (bits[k // DRAWS] >> (k % DRAWS)) & 1 else np.float32(0)
