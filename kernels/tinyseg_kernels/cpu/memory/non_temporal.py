"""Writing past the cache.

To write into a line of the cache the processor first reads it from memory, although all of it is about to be
overwritten: for a result that is too large to stay there, a third of all traffic of a ReLU, half of an enlargement's. A
store with the hint "non-temporal" gathers a whole line and writes it to memory without having read it. Whoever reads
the result next finds it in memory and not in the cache, so this is for results that would have left it by then.

Measured, two Zen 3 cores with a cache of 32 MiB, max(x, 0) and then a sum over the result, in ms by the size of the
result:

    size        stored      past the cache
    2 MiB       0.22        0.28
    8 MiB       0.59        0.91
    33 MiB      5.10        4.01
    134 MiB     17.9        13.2
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from llvmlite import ir
from numba import types

from ...cpu.vectors.intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values
from ...types import Array, FloatArray
from ..gemm.micro_kernel import LANES, store_past_cache
from ..sizes import SIZES
from ..vectors.intrinsics import intrinsic
from ..vectors.vectors import VECTOR
from .buffers import ALIGNMENT

_POINTER = ir.VectorType(ir.FloatType(), LANES).as_pointer()

LINE = ALIGNMENT // 4
"""Numbers of a cache line, which are written past the cache only as a whole."""

VECTOR_IS_A_LINE = LANES == LINE
"""Otherwise a line is whole only where two vectors follow each other."""

UNKNOWN_CACHE = SIZES.cache_bytes


@cache
def cache_size(folder: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> int:
    """Return the bytes of the largest cache of a processor."""
    sizes = [UNKNOWN_CACHE] if not folder.is_dir() else []
    for path in sorted(folder.glob("index*/size")):
        text = path.read_text().strip()
        if text[:-1].isdigit() and text[-1:] in "KM":
            sizes.append(int(text[:-1]) << (10 if text.endswith("K") else 20))
    return max(sizes, default=UNKNOWN_CACHE)


def too_large_to_stay(result: FloatArray) -> bool:
    """Return whether a result (..., C) should be written past the cache, and can: its rows are aligned vectors."""
    return bool(result.nbytes >= cache_size() and result.shape[-1] % LANES == 0 and result.ctypes.data % ALIGNMENT == 0)


def too_large_to_be_near(array: Array) -> bool:
    """Return whether most of an array will have left the cache, beside what else was computed, before it is read."""
    return bool(array.nbytes >= cache_size() // 2)


@intrinsic
def write(typing: Typing, address: Type, value: Type, past_cache: Type) -> Lowering:
    """Write a vector, past the cache if so asked; the address is then a multiple of the vector's size."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        address, value, past_cache = arguments
        pointer = builder.inttoptr(address, _POINTER)
        with builder.if_else(past_cache) as (then, otherwise):
            with then:
                store_past_cache(builder, value, pointer)
            with otherwise:
                builder.store(value, pointer, align=4)
        return context.get_dummy_value()

    return types.void(types.intp, VECTOR, types.boolean), generate


@intrinsic
def written(typing: Typing) -> Lowering:
    """Wait until what was written past the cache can be read by other threads.

    The last thing a kernel does that wrote so.
    """

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate
