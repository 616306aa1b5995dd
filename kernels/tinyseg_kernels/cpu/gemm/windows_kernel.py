"""The micro-kernel for windows of an image.

a tile of the result in registers over all runs of numbers that a window is made of, with bias and ReLU.

    c[i, j] = max(bias[j] + sum over runs r, and over k < length, of a[i * a_row + offset_a[r] + k] * b[offset_b[r] + k,
    j], least)

The channels of a window's pixels in one row of the image follow each other in memory, so a 3x3 window of three channels
is three runs of nine numbers. With `tile` and `tile_add` the sums of a tile would be written and read again between two
runs, which for so short ones takes half as long as the products; and bias and ReLU would read and write them once more.
(8 images of 128x128 with 3 channels, 16 filters, two Zen 3 cores: 2.1 ms so, 1.6 ms here.)
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir
from numba import types

from ...types import Real
from ..compiled import inlined
from ..vectors.intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values, intrinsic
from .micro_kernel import (
    LANES,
    NARROW_ROWS,
    ROWS,
    VECTORS,
    load_vector,
    phi,
    store_past_cache,
    sums_over_terms,
    vector_at,
)

_FLOAT, _INT = ir.FloatType(), ir.IntType(64)


def _windows(rows: int, vectors: int = VECTORS) -> Callable[..., None]:
    """Make the intrinsic for this many windows and vectors of columns."""

    @intrinsic
    def compute(
        typing: Typing, a: Type, a_row: Type, b: Type, offsets: Type, runs: Type, length: Type, bias: Type,
        least: Type, c: Type, c_row: Type, past_cache: Type,
    ) -> Lowering:  # fmt: skip
        """Compute a tile; addresses and strides in bytes.

        `offsets` is the address of int64 pairs, one for each run: where it begins in a and in b.
        """

        def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
            _emit(builder, arguments, rows, vectors)
            return context.get_dummy_value()

        numbers = [types.intp] * 7
        return types.void(*numbers, types.float32, types.intp, types.intp, types.boolean), generate

    return compute


def _emit(builder: ir.IRBuilder, arguments: Values, rows: int, vectors: int) -> None:
    a, a_row, b, offsets, runs, length, bias, least, c, c_row, past_cache = arguments
    initial = [load_vector(builder, bias, v) for v in range(vectors)] * rows
    lowest = _splat(builder, least)
    before = builder.block
    run_head, loop, run_tail, after = (builder.append_basic_block(name) for name in ("run", "k", "next", "store"))
    builder.cbranch(builder.icmp_signed(">", builder.mul(runs, length), _INT(0)), run_head, after)

    builder.position_at_end(run_head)
    run = phi(builder, _INT, _INT(0), before)
    run_sums = [phi(builder, value.type, value, before) for value in initial]
    pair = builder.add(offsets, builder.mul(run, _INT(16)))
    pointer = _INT.as_pointer()
    a_run = builder.add(a, builder.load(builder.inttoptr(pair, pointer)))
    b_run = builder.add(b, builder.load(builder.inttoptr(builder.add(pair, _INT(8)), pointer)))
    builder.branch(loop)

    step = _INT(4 * LANES * VECTORS)
    new = sums_over_terms(builder, loop, run_tail, a_run, a_row, _INT(4), b_run, step, length, run_sums, vectors)

    builder.position_at_end(run_tail)
    run_next = builder.add(run, _INT(1))
    for variable, value in ((run, run_next), *zip(run_sums, new, strict=True)):
        variable.add_incoming(value, run_tail)
    builder.cbranch(builder.icmp_signed("<", run_next, runs), run_head, after)

    builder.position_at_end(after)
    results = []
    for value, total in zip(initial, new, strict=True):
        result = phi(builder, value.type, value, before)
        result.add_incoming(total, run_tail)
        results.append(result)
    # A NaN is not less than the lowest number, and stays.
    results = [builder.select(builder.fcmp_ordered("<", r, lowest), lowest, r) for r in results]
    places = [
        vector_at(builder, builder.add(c, builder.mul(c_row, _INT(i))), v) for i in range(rows) for v in range(vectors)
    ]
    with builder.if_else(past_cache) as (then, otherwise):
        with then:
            for result, place in zip(results, places, strict=True):
                store_past_cache(builder, result, place)
        with otherwise:
            for result, place in zip(results, places, strict=True):
                builder.store(result, place, align=4)


def _splat(builder: ir.IRBuilder, number: Value) -> Value:
    index = ir.IntType(32)
    undefined = ir.Constant(ir.VectorType(_FLOAT, LANES), ir.Undefined)
    first = builder.insert_element(undefined, number, index(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(index, LANES), [0] * LANES))


_windows_wide, _windows_narrow = _windows(ROWS), _windows(NARROW_ROWS, 1)
_window_wide, _window_narrow = _windows(1), _windows(1, 1)


@inlined
def windows(
    a: int, a_row: int, b: int, offsets: int, runs: int, length: int, bias: int, least: Real, c: int, c_row: int,
    past_cache: bool, columns: int,
) -> None:  # fmt: skip
    """Compute a tile of `height_for(columns)` windows with at least this many columns."""
    if columns <= LANES:
        _windows_narrow(a, a_row, b, offsets, runs, length, bias, least, c, c_row, past_cache)
    else:
        _windows_wide(a, a_row, b, offsets, runs, length, bias, least, c, c_row, past_cache)


@inlined
def window(
    a: int, a_row: int, b: int, offsets: int, runs: int, length: int, bias: int, least: Real, c: int, c_row: int,
    past_cache: bool, columns: int,
) -> None:  # fmt: skip
    """Compute a single window, for what is left over."""
    if columns <= LANES:
        _window_narrow(a, a_row, b, offsets, runs, length, bias, least, c, c_row, past_cache)
    else:
        _window_wide(a, a_row, b, offsets, runs, length, bias, least, c, c_row, past_cache)
