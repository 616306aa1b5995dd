r"""The innermost loop of every matrix product on the CPU: a small tile of the result, held in vector registers.

    c[i, j] (+)= sum over k of a[i, k] * b[k, j]        for i < ROWS, j < COLUMNS

For each k, the COLUMNS numbers of b are loaded into a few vectors, and each a[i, k] is broadcast into one and
multiplied with them onto the sums:

        b[k]   [ . . . . . . . . | . . . . . . . . ]        2 vectors
    a[0, k] *  [ sums of row 0   |                 ]
    a[1, k] *  [ sums of row 1   |                 ]        ROWS x 2 sums stay in registers over all k
       ...

Each step does ROWS x 2 vector products for ROWS + 2 loads, which is what a core can sustain: it starts two products and
two loads in a cycle. More rows would need more registers than there are: AVX2 has 16 vectors of 8 (6 x 2 sums, 2 of b,
1 broadcast), AVX-512 has 32 of 16 (12 x 2).

Numba turns loops over arrays into vector code of its own choosing, and keeps no tile in registers. So this one loop is
written in LLVM's intermediate language, whose compiler Numba uses: everything around it is Python. a, b and c are given
by their addresses and strides, so that the same loop serves a product with a transpose, and windows of an image that
overlap, without copying either.

Source of the blocking: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types

from ...cpu.vectors.intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values
from ..compiled import inlined
from ..sizes import SIZES
from ..vectors.intrinsics import intrinsic

LANES, VECTORS, COLUMNS = SIZES.lanes, SIZES.vectors, SIZES.columns
ROWS, NARROW_ROWS = SIZES.rows, SIZES.narrow_rows

_FLOAT, _INT, _INDEX = ir.FloatType(), ir.IntType(64), ir.IntType(32)
_VECTOR = ir.VectorType(_FLOAT, LANES)


def _tile(rows: int, accumulate: bool, past_cache: bool = False, vectors: int = VECTORS) -> Callable[..., None]:
    """Make the intrinsic for a tile of this many rows and vectors.

    `accumulate` adds to what c holds, `past_cache` writes so (`non_temporal.py`).
    """

    @intrinsic
    def tile(
        typing: Typing, a: Type, a_row: Type, a_step: Type, b: Type, b_step: Type, c: Type, c_row: Type, count: Type
    ) -> Lowering:
        """Compute a tile; addresses and strides in bytes.

        From row to row of a and c, and from k to k + 1 of a and b.
        """

        def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
            _emit(builder, arguments, rows, vectors, accumulate, past_cache)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 8), generate

    return tile


def _emit(
    builder: ir.IRBuilder, arguments: Values, rows: int, vectors: int, accumulate: bool, past_cache: bool
) -> None:
    a, a_row, a_step, b, b_step, c, c_row, count = arguments
    c_rows = [builder.add(c, builder.mul(c_row, _INT(i))) for i in range(rows)]
    zero = ir.Constant(_VECTOR, [0.0] * LANES)
    initial = [load_vector(builder, c_rows[i], v) if accumulate else zero for i in range(rows) for v in range(vectors)]
    before, loop, after = builder.block, builder.append_basic_block("k"), builder.append_basic_block("store")
    builder.cbranch(builder.icmp_signed(">", count, _INT(0)), loop, after)

    new = sums_over_terms(builder, loop, after, a, a_row, a_step, b, b_step, count, initial, vectors)

    builder.position_at_end(after)
    results = [phi(builder, _VECTOR, value, before) for value in initial]
    for variable, value in zip(results, new, strict=True):
        variable.add_incoming(value, loop)
    for i in range(rows):
        for v in range(vectors):
            pointer = vector_at(builder, c_rows[i], v)
            if past_cache:
                store_past_cache(builder, results[i * vectors + v], pointer)
            else:
                builder.store(results[i * vectors + v], pointer, align=4)


def sums_over_terms(
    builder: ir.IRBuilder, loop: Any, after: Any, a: Any, a_row: Any, a_step: Any, b: Any, b_step: Any, count: Any,
    initial: list[Any], vectors: int,
) -> list[Any]:  # fmt: skip
    """Emit the block `loop`, to which the one being written leads and which goes on to `after`; return its sums.

    It adds a[i, k] * b[k] for k < count, which is at least 1, to the initial vectors of each row i, row after row:
    the loop of all micro-kernels.
    """
    before, fused = builder.block, multiply_add(builder.module)
    builder.position_at_end(loop)
    k = phi(builder, _INT, _INT(0), before)
    a_now, b_now = phi(builder, _INT, a, before), phi(builder, _INT, b, before)
    sums = [phi(builder, _VECTOR, value, before) for value in initial]
    b_vectors = [load_vector(builder, b_now, v) for v in range(vectors)]
    new = []
    for i in range(len(initial) // vectors):
        number = broadcast_number(builder, builder.add(a_now, builder.mul(a_row, _INT(i))))
        new += [builder.call(fused, [number, b_vectors[v], sums[i * vectors + v]]) for v in range(vectors)]
    k_next = builder.add(k, _INT(1))
    for variable, value in (
        (k, k_next), (a_now, builder.add(a_now, a_step)), (b_now, builder.add(b_now, b_step)),
        *zip(sums, new, strict=True),
    ):  # fmt: skip
        variable.add_incoming(value, loop)
    builder.cbranch(builder.icmp_signed("<", k_next, count), loop, after)
    return new


def store_past_cache(builder: ir.IRBuilder, vector: Any, pointer: Any) -> None:
    """Emit a store that goes to memory without the cache; the address is a multiple of the vector's size."""
    stored = builder.store(vector, pointer, align=4 * LANES)
    stored.set_metadata("nontemporal", builder.module.add_metadata([_INDEX(1)]))


def multiply_add(module: ir.Module) -> ir.Function:
    """Return LLVM's fused multiply-add for vectors: one rounding, one instruction."""
    name = f"llvm.fma.v{LANES}f32"
    declared = module.globals.get(name)
    return declared or ir.Function(module, ir.FunctionType(_VECTOR, [_VECTOR] * 3), name)


def phi(builder: ir.IRBuilder, kind: ir.Type, value: Value, block: ir.Block) -> Value:
    """Return a variable that has this value when coming from that block."""
    variable = builder.phi(kind)
    variable.add_incoming(value, block)
    return variable


def vector_at(builder: ir.IRBuilder, address: Value, number: int) -> Value:
    return builder.inttoptr(builder.add(address, _INT(4 * LANES * number)), _VECTOR.as_pointer())


def load_vector(builder: ir.IRBuilder, address: Value, number: int) -> Value:
    return builder.load(vector_at(builder, address, number), align=4)


def broadcast_number(builder: ir.IRBuilder, address: Value) -> Value:
    """Load one number into all lanes of a vector."""
    number = builder.load(builder.inttoptr(address, _FLOAT.as_pointer()), align=4)
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, number, _INDEX(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES))


tile = _tile(ROWS, accumulate=False)
"""A full tile, overwriting c."""
tile_add = _tile(ROWS, accumulate=True)
"""A full tile, added to c."""
tile_past_cache = _tile(ROWS, accumulate=False, past_cache=True)
"""A full tile, written past the cache; c is aligned to vectors, and read by other threads only after
`non_temporal.written`."""
four_rows = _tile(4, accumulate=False)
"""Four rows, as many as keep the products from waiting for each other's sums."""
four_rows_add = _tile(4, accumulate=True)
"""Four rows, added to c."""
row = _tile(1, accumulate=False)
"""One row, for what is left over."""
row_add = _tile(1, accumulate=True)
"""One row, added to c."""
narrow_tile = _tile(NARROW_ROWS, accumulate=False, vectors=1)
"""A tile of one vector of columns and twice as many rows."""
narrow_tile_add = _tile(NARROW_ROWS, accumulate=True, vectors=1)
"""The same, added to c."""


@inlined
def height_for(columns: int) -> int:
    """Return how many rows a tile has that is to hold this many columns.

    Where one vector is enough, `tile_of` takes half of the time for each.
    """
    return NARROW_ROWS if columns <= LANES else ROWS


@inlined
def tile_of(columns: int, a: int, a_row: int, a_step: int, b: int, b_step: int, c: int, c_row: int, count: int) -> None:
    """Compute a tile of `height_for(columns)` rows with at least this many columns."""
    if columns <= LANES:
        narrow_tile(a, a_row, a_step, b, b_step, c, c_row, count)
    else:
        tile(a, a_row, a_step, b, b_step, c, c_row, count)


@inlined
def tile_of_add(
    columns: int, a: int, a_row: int, a_step: int, b: int, b_step: int, c: int, c_row: int, count: int
) -> None:
    """The same, added to c."""
    if columns <= LANES:
        narrow_tile_add(a, a_row, a_step, b, b_step, c, c_row, count)
    else:
        tile_add(a, a_row, a_step, b, b_step, c, c_row, count)
