"""The micro-kernel for gradients of a convolution's kernel.

a tile of the result in registers over several rows of an image.

    c[i, j] += sum over rows r, and over k < length, of a[r * a_jump + k * a_step + i] * b[r * b_jump + k * b_step + j]

The pixels that a row of windows has at one of their places follow each other at equal steps, but those of the next row
do not go on from there. With `tile_add` the sums would be read and written again for each row, which for 16 pixels a
row takes a third as long as the products.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir
from numba import types

from ...cpu.vectors.intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values
from ..compiled import inlined
from ..vectors.intrinsics import intrinsic
from .micro_kernel import LANES, NARROW_ROWS, ROWS, VECTORS, load_vector, phi, sums_over_terms, vector_at

_INT = ir.IntType(64)


def _over_rows(height: int, vectors: int) -> Callable[..., None]:
    """Make the intrinsic for a tile of this many rows and vectors of columns."""

    @intrinsic
    def compute(
        typing: Typing, a: Type, a_jump: Type, a_step: Type, b: Type, b_jump: Type, b_step: Type, c: Type, c_row: Type,
        rows: Type, length: Type,
    ) -> Lowering:  # fmt: skip
        """Add to a tile; addresses and strides in bytes. There is at least one row, of at least one pixel."""

        def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
            _emit(builder, arguments, height, vectors)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 10), generate

    return compute


def _emit(builder: ir.IRBuilder, arguments: Values, height: int, vectors: int) -> None:
    a, a_jump, a_step, b, b_jump, b_step, c, c_row, rows, length = arguments
    lines = [builder.add(c, builder.mul(c_row, _INT(i))) for i in range(height)]
    initial = [load_vector(builder, line, v) for line in lines for v in range(vectors)]
    before = builder.block
    row_head, loop, row_tail, after = (builder.append_basic_block(name) for name in ("row", "k", "next", "store"))
    builder.branch(row_head)

    builder.position_at_end(row_head)
    row = phi(builder, _INT, _INT(0), before)
    a_row, b_row = phi(builder, _INT, a, before), phi(builder, _INT, b, before)
    row_sums = [phi(builder, value.type, value, before) for value in initial]
    builder.branch(loop)

    new = sums_over_terms(builder, loop, row_tail, a_row, _INT(4), a_step, b_row, b_step, length, row_sums, vectors)

    builder.position_at_end(row_tail)
    row_next = builder.add(row, _INT(1))
    for variable, value in (
        (row, row_next), (a_row, builder.add(a_row, a_jump)), (b_row, builder.add(b_row, b_jump)), *zip(row_sums, new, strict=True),
    ):  # fmt: skip
        variable.add_incoming(value, row_tail)
    builder.cbranch(builder.icmp_signed("<", row_next, rows), row_head, after)

    builder.position_at_end(after)
    for i, line in enumerate(lines):
        for v in range(vectors):
            builder.store(new[i * vectors + v], vector_at(builder, line, v), align=4)


_wide, _narrow = _over_rows(ROWS, VECTORS), _over_rows(NARROW_ROWS, 1)


@inlined
def add_over_rows(
    columns: int, a: int, a_jump: int, a_step: int, b: int, b_jump: int, b_step: int, c: int, c_row: int, rows: int,
    length: int,
) -> None:  # fmt: skip
    """Add to a tile of `height_for(columns)` rows with at least this many columns; nothing where there is no pixel."""
    if rows > 0 and length > 0:
        if columns <= LANES:
            _narrow(a, a_jump, a_step, b, b_jump, b_step, c, c_row, rows, length)
        else:
            _wide(a, a_jump, a_step, b, b_jump, b_step, c, c_row, rows, length)
