"""winograd: a 3x3 convolution by F(2x2, 3x3), step by step, and how each step goes wrong.

The three matrices are those of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from tinyseg_kernels.conv2d import numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis, Predict
from ..place import NamedRegion
from ..traits import FLOAT32, OVERLAPS, STRIDED, Trait
from .plain_convolution import PlainConv2DForward
from .windows import WindowCase

ODD = Trait("an odd number of rows or columns of y", mishandled="odd-sizes-mishandled")
SEVERAL_TILES = Trait("several tiles", mishandled="tiles-mishandled")

CASES = (
    WindowCase((1, 4, 4, 1), (3, 3), by_hand=True),
    WindowCase((1, 4, 4, 1), (3, 3)),
    WindowCase((1, 6, 6, 1), (3, 3), by_hand=True),
    WindowCase((1, 6, 4, 1), (3, 3), by_hand=True),
    WindowCase((1, 4, 8, 1), (3, 3), by_hand=True),
    WindowCase((1, 4, 4, 2), (3, 3), by_hand=True),
    WindowCase((1, 4, 4, 1), (3, 3), 2, by_hand=True),
    WindowCase((2, 4, 4, 1), (3, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), by_hand=True),
    WindowCase((1, 5, 4, 1), (3, 3), by_hand=True),
    WindowCase((1, 4, 7, 1), (3, 3), by_hand=True),
    WindowCase((2, 8, 6, 3), (3, 3), 2),
    WindowCase((1, 6, 10, 2), (3, 3), 3),
    WindowCase((2, 7, 9, 2), (3, 3), 3),
    WindowCase((1, 7, 7, 2), (3, 3), 2),
    WindowCase((1, 9, 6, 3), (3, 3), 4),
    WindowCase((3, 6, 8, 2), (3, 3), 3, special=STRIDED),
    WindowCase((3, 6, 8, 2), (3, 3), 3, special=FLOAT32),
    WindowCase((2, 5, 8, 2), (3, 3), 3, special=STRIDED),
    WindowCase((2, 5, 8, 2), (3, 3), 3, special=FLOAT32),
)
"""One tile, several, channels, filters and images; then sizes that leave a part of the last tiles over."""

KERNEL_TRANSFORM = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
IMAGE_TRANSFORM = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.float64)
OUTPUT_TRANSFORM = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], np.float64)
"""G (4, 3), B^T (4, 4) and A^T (2, 4)."""


OF_ANY_CONVOLUTION = frozenset(
    [
        *("bias-missing", "bias-subtracted", "bias-added-repeatedly", "bias-multiplied", "bias-one-for-all"),
        *("output-one-too-few", "output-one-too-many"),
        *(f"{end}-{entry}-missing" for end in ("first", "last") for entry in ("image", "row", "column", "filter")),
    ]
)
"""What y can suffer here as in other convolutions."""


def transformed(left: Array, block: Array, right: Array | None = None) -> Array:
    """left block right^T over the axes -3 and -2 of (..., rows, columns, channels); `right` is `left` by default."""
    right = left if right is None else right
    return np.einsum("ai,...ijc,bj->...abc", left, block, right)


class Winograd(PlainConv2DForward):
    """Stride 1, no padding, kernels of 3x3."""

    name = "winograd"
    shapes = CASES
    results = ("u", "v", "m", "y")
    chained = True
    contract = (
        "forward(x, kernel, bias) -> (u, v, m, y): x (N, H, W, C), kernel (3, 3, C, F), bias (F,), no padding; u = G g "
        "G^T (4, 4, C, F), v = B^T d B (N, TH, TW, 4, 4, C) of tiles two pixels apart, m their products summed over "
        "channels (N, TH, TW, 4, 4, F), y (N, H - 2, W - 2, F) from A^T m A"
    )

    def cases(self) -> list[Case]:
        """Name odd sizes and several tiles, which are what is special here."""
        cases = []
        for case in super().cases():
            height, width = (n - 2 for n in case.arrays["x"].shape[1:3])
            more = {ODD} if height % 2 or width % 2 else set()
            several = {SEVERAL_TILES} if max(height, width) > 2 else set()
            cases.append(replace(case, traits=(case.traits - {OVERLAPS}) | more | several))
        return cases

    def right(self, case: Case) -> Outputs:
        """The steps by this file's matrices; y as the library computes it, by an ordinary convolution."""
        y, _ = numpy_cpu.conv2d_forward(*case.arrays.values())
        steps = self.steps(case)
        return {name: steps[name].astype(case.dtype) for name in ("u", "v", "m")} | {"y": y}

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """None: tiles have no border of their own."""
        return super().regions(case, output) if output == "y" else {}

    # Steps ------------------------------------------------------------------------------------------------------------
    def steps(
        self,
        case: Case,
        *,
        g: Array = KERNEL_TRANSFORM,
        b: Array = IMAGE_TRANSFORM,
        a: Array = OUTPUT_TRANSFORM,
        kernel_of: Callable[[Array], Array] = lambda k: k,
        tile_of: Callable[[Array], Array] = lambda d: d,
        tiles: Callable[[Array], Array] | None = None,
        step: int = 2,
        product: Callable[[Array, Array], Array] | None = None,
        placed: Callable[[Array], Array] | None = None,
    ) -> dict[str, Array]:
        """Compute everything, with a part of it replaced."""
        x, kernel, bias = (case.arrays[name].astype(np.float64) for name in self.arrays)
        u = np.einsum("ai,ijcf,bj->abcf", g, kernel_of(kernel), g)
        v = transformed(b, tile_of(tiles_of(x, step) if tiles is None else tiles(x)))
        m = np.einsum("nhwabc,abcf->nhwabf", v, u) if product is None else product(v, u)
        blocks = transformed(a, m)
        y = (interleaved if placed is None else placed)(blocks)
        return {"u": u, "v": v, "m": m, "y": y[:, : x.shape[1] - 2, : x.shape[2] - 2] + bias}

    # Mistakes ---------------------------------------------------------------------------------------------------------
    def mistakes(self) -> Iterator[Hypothesis]:
        """Step by step, each with what follows from it."""
        yield from self._kernel_steps()
        yield from self._image_steps()
        yield from self._product_steps()
        yield from self._output_steps()
        yield from self._matrix_slips()
        for hypothesis in super().mistakes():
            if hypothesis.cause in OF_ANY_CONVOLUTION:
                yield hypothesis._replace(predict=_of_y(hypothesis.predict))

    def _kernel_steps(self) -> Iterator[Hypothesis]:
        whole = KERNEL_TRANSFORM * np.array([[1], [2], [2], [1]])
        yield Hypothesis("kernel-transform-without-halves", lambda case: self.steps(case, g=whole))
        for factor, words in ((0.5, "rows 1 and 2 are halved once too often"), (-1, "the signs of rows 1 and 2")):
            scaled = KERNEL_TRANSFORM * np.array([[1], [factor], [factor], [1]])
            yield self._with_matrix("kernel-transform-wrong", "g", scaled, words)
        for sums in ("ai,ijcf->ajcf", "bj,ijcf->ibcf"):
            yield Hypothesis(
                "transform-on-one-side",
                lambda case, sums=sums: {"u": np.einsum(sums, KERNEL_TRANSFORM, case.arrays["kernel"])},
            )
        turned: tuple[tuple[str, Callable[[Array], Array]], ...] = (
            ("kernel-flipped", lambda k: k[::-1, ::-1]),
            ("kernel-flipped-in-one-axis", lambda k: k[::-1]),
            ("kernel-flipped-in-one-axis", lambda k: k[:, ::-1]),
            ("kernel-height-and-width-swapped", lambda k: k.swapaxes(0, 1)),
        )
        for cause, change in turned:
            yield Hypothesis(cause, lambda case, change=change: self.steps(case, kernel_of=change))

    def _image_steps(self) -> Iterator[Hypothesis]:
        yield Hypothesis("image-transform-transposed", lambda case: self.steps(case, b=IMAGE_TRANSFORM.T))

        def one_side(case: Case, rows: bool) -> Outputs:
            tiles, eye = tiles_of(case.arrays["x"], 2), np.eye(4)
            pair = (IMAGE_TRANSFORM, eye) if rows else (eye, IMAGE_TRANSFORM)
            return {"v": transformed(pair[0], tiles, pair[1])}

        for rows in (True, False):
            yield Hypothesis("transform-on-one-side", lambda case, rows=rows: one_side(case, rows))
        yield Hypothesis("image-not-transformed", lambda case: {"v": tiles_of(case.arrays["x"], 2)})
        yield Hypothesis("tile-transposed", lambda case: self.steps(case, tile_of=lambda d: d.swapaxes(3, 4)))
        for step in (1, 3, 4):
            yield Hypothesis("tiles-at-the-wrong-step", lambda case, step=step: self.steps(case, step=step), f"{step}")

        def not_moved(case: Case, axis: int) -> Outputs:
            return self.steps(case, tile_of=lambda d: np.broadcast_to(d.take([0], axis), d.shape))

        for axis in (1, 2):
            yield Hypothesis("window-does-not-move", lambda case, axis=axis: not_moved(case, axis))
        yield Hypothesis("tiles-in-another-order", lambda case: {"v": self.right(case)["v"].swapaxes(1, 2)})
        yield Hypothesis("tiles-rounded-down", lambda case: _whole_tiles(self.right(case)))
        yield Hypothesis("image-filled-up-before", lambda case: self.steps(case, tiles=_filled_before))
        yield Hypothesis("a-tile-too-many", lambda case: self.steps(case, tiles=_one_more))
        for index in (0, 1):
            yield Hypothesis(
                "tiles-on-the-diagonal", lambda case, index=index: self.steps(case, tiles=lambda x: _diagonal(x, index))
            )

    def _product_steps(self) -> Iterator[Hypothesis]:
        products: tuple[tuple[str, Callable[[Array, Array], Array]], ...] = (
            ("matrix-product-instead-of-elementwise", lambda v, u: np.einsum("nhwakc,kbcf->nhwabf", v, u)),
            ("matrix-product-instead-of-elementwise", lambda v, u: np.einsum("akcf,nhwkbc->nhwabf", u, v)),
            ("only-first-channel", lambda v, u: np.einsum("nhwab,abf->nhwabf", v[..., 0], u[:, :, 0])),
            ("only-last-channel", lambda v, u: np.einsum("nhwab,abf->nhwabf", v[..., -1], u[:, :, -1])),
            ("last-channel-missing", lambda v, u: np.einsum("nhwabc,abcf->nhwabf", v[..., :-1], u[:, :, :-1])),
            ("first-channel-missing", lambda v, u: np.einsum("nhwabc,abcf->nhwabf", v[..., 1:], u[:, :, 1:])),
            ("channels-averaged", lambda v, u: np.einsum("nhwabc,abcf->nhwabf", v, u) / v.shape[-1]),
            ("channels-summed", lambda v, u: v.sum(axis=-1)[..., None] * u.sum(axis=2)),
            ("first-filter-for-all", lambda v, u: np.einsum("nhwabc,abcf->nhwabf", v, u[..., :1] + 0 * u)),
            ("tile-transposed", lambda v, u: np.einsum("nhwabc,bacf->nhwabf", v, u)),
            ("sum-instead-of-product", lambda v, u: v.sum(axis=-1)[..., None] + u.sum(axis=2)),
        )
        for cause, product in products:
            yield Hypothesis(cause, lambda case, product=product: self.steps(case, product=product))
        yield Hypothesis("channels-not-summed", lambda case: {"m": self._apart(case)})
        yield Hypothesis("bias-in-the-products", lambda case: {"m": self.right(case)["m"] + case.arrays["bias"]})

    def _apart(self, case: Case) -> Array:
        right = self.right(case)
        return right["v"][..., None] * right["u"]

    def _output_steps(self) -> Iterator[Hypothesis]:
        def placed(cause: str, place: Callable[[Array], Array]) -> Hypothesis:
            return Hypothesis(cause, lambda case: {"y": self.steps(case, placed=place)["y"]})

        yield placed("tiles-not-interleaved", lambda blocks: _flat(blocks, (0, 1, 2, 3, 4, 5)))
        yield placed("tiles-not-interleaved", lambda blocks: _flat(blocks, (0, 3, 1, 4, 2, 5)))
        yield placed("block-transposed", lambda blocks: interleaved(blocks.swapaxes(3, 4)))
        yield placed("block-flipped", lambda blocks: interleaved(blocks[:, :, :, ::-1, ::-1]))

        def end_kept(case: Case) -> Outputs:
            whole = interleaved(transformed(OUTPUT_TRANSFORM, self.right(case)["m"]))
            rows, columns = (n - 2 for n in case.arrays["x"].shape[1:3])
            return {"y": whole[:, -rows:, -columns:] + case.arrays["bias"]}

        def not_cut(case: Case) -> Outputs:
            return {"y": interleaved(transformed(OUTPUT_TRANSFORM, self.right(case)["m"])) + case.arrays["bias"]}

        def summed_bias(case: Case) -> Outputs:
            m = self.right(case)["m"] + case.arrays["bias"]
            y = interleaved(transformed(OUTPUT_TRANSFORM, m))
            return {"y": y[:, : case.arrays["x"].shape[1] - 2, : case.arrays["x"].shape[2] - 2]}

        def part(case: Case) -> Outputs:
            """Only whole tiles: the last row or column of y is never written where the size is odd."""
            y, bias = self.right(case)["y"], case.arrays["bias"]
            rows, columns = (n // 2 * 2 for n in y.shape[1:3])
            kept = np.zeros_like(y)
            kept[:, :rows, :columns] = y[:, :rows, :columns] - bias
            return {"y": kept + bias}

        def cut(case: Case) -> Outputs:
            y = self.right(case)["y"]
            rows, columns = (n // 2 * 2 for n in y.shape[1:3])
            return {"y": y[:, :rows, :columns]}

        yield Hypothesis("wrong-end-cut-off", end_kept)
        yield Hypothesis("output-not-cut-to-size", not_cut)
        yield Hypothesis("bias-before-the-output-transform", summed_bias)
        yield Hypothesis("last-part-of-a-tile-missing", part)
        yield Hypothesis("tiles-rounded-down", cut)

    def _matrix_slips(self) -> Iterator[Hypothesis]:
        """One number of a matrix with the wrong sign, left out, or rows exchanged."""
        matrices = (
            ("kernel-transform-wrong", "g", KERNEL_TRANSFORM),
            ("image-transform-wrong", "b", IMAGE_TRANSFORM),
            ("output-transform-wrong", "a", OUTPUT_TRANSFORM),
        )
        for cause, name, matrix in matrices:
            for row, column in np.argwhere(matrix != 0):
                for factor in (-1, 0):
                    wrong = matrix.copy()
                    wrong[row, column] *= factor
                    yield self._with_matrix(cause, name, wrong, f"row {row}, column {column}")
            for row in range(len(matrix)):
                wrong = matrix.copy()
                wrong[row] *= -1
                yield self._with_matrix(cause, name, wrong, f"the sign of row {row}")
                for other in range(row):
                    order = np.arange(len(matrix))
                    order[[row, other]] = other, row
                    yield self._with_matrix(cause, name, matrix[order], f"rows {other} and {row} exchanged")

    def _with_matrix(self, cause: str, name: str, matrix: Array, detail: str) -> Hypothesis:
        return Hypothesis(cause, lambda case: self.steps(case, **{name: matrix}), detail)  # type: ignore[arg-type]


def tiles_of(x: Array, step: int, more: int = 0) -> Array:
    """Return tiles (N, TH, TW, 4, 4, C) that begin `step` pixels apart, zeros beyond the image."""
    n, height, width, c = x.shape
    rows, columns = -(-(height - 2 + more) // 2), -(-(width - 2 + more) // 2)
    wide = np.zeros((n, max((rows - 1) * step + 4, height), max((columns - 1) * step + 4, width), c), x.dtype)
    wide[:, :height, :width] = x
    tiles = np.zeros((n, rows, columns, 4, 4, c), x.dtype)
    for h, w in np.ndindex(rows, columns):
        tiles[:, h, w] = wide[:, h * step : h * step + 4, w * step : w * step + 4]
    return tiles


def _of_y(predict: Predict) -> Predict:
    """Return a prediction of y alone."""
    return lambda case: {name: value for name, value in predict(case).items() if name == "y"}


def _one_more(x: Array) -> Array:
    """One tile in each direction for H // 2 and W // 2 of them."""
    return tiles_of(x, 2, more=1)


def _filled_before(x: Array) -> Array:
    """Zeros above and on the left of odd sizes, not below and on the right."""
    return tiles_of(np.pad(x, ((0, 0), (x.shape[1] % 2, 0), (x.shape[2] % 2, 0), (0, 0))), 2)


def _diagonal(x: Array, index: int) -> Array:
    """Every tile (t, s) read at (t, t) or (s, s)."""
    _, rows, columns, *_ = tiles_of(x, 2).shape
    side = max(rows, columns)
    wide = np.zeros((len(x), 2 * side + 2, 2 * side + 2, x.shape[3]), x.dtype)
    wide[:, : x.shape[1], : x.shape[2]] = x
    square = tiles_of(wide, 2)
    places = [[(t, t) if index == 0 else (s, s) for s in range(columns)] for t in range(rows)]
    t, s = np.moveaxis(np.array(places), -1, 0)
    return square[:, t, s]


def interleaved(blocks: Array) -> Array:
    """(N, TH, TW, 2, 2, F) -> (N, 2 TH, 2 TW, F)."""
    return _flat(blocks, (0, 1, 3, 2, 4, 5))


def _flat(blocks: Array, order: tuple[int, ...]) -> Array:
    n, th, tw, rows, columns, f = blocks.shape
    return blocks.transpose(order).reshape(n, th * rows, tw * columns, f)


def _whole_tiles(right: Outputs) -> Outputs:
    """v and m without the last tiles where the size is odd."""
    _, height, width, _ = right["y"].shape
    return {name: right[name][:, : height // 2, : width // 2] for name in ("v", "m")}
