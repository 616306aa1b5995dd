"""conv2d as one matrix product: the matrix of windows is a result of its own, and so is its gradient."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.conv2d import numpy_cpu
from tinyseg_kernels.conv2d.cache import Conv2DCache
from tinyseg_kernels.types import Array

from ..axes import End
from ..case import Case, Outputs
from ..geometry import Geometry, gather
from ..operation import Hypothesis
from .convolution import Conv2D
from .loops import without
from .plain_convolution import STRIDED_CASES


def as_columns(windows: Array) -> Array:
    """(N, OH, KH, OW, KW, C) -> (N * OH * OW, KH * KW * C)."""
    n, oh, kh, ow, kw, c = windows.shape
    return windows.transpose(0, 1, 3, 2, 4, 5).reshape(n * oh * ow, kh * kw * c)


class Im2ColConv2D(Conv2D):
    """Strides, no padding; forward returns the columns and y, backward gets the columns back."""

    name = "conv2d_im2col"
    shapes = STRIDED_CASES
    options = ("strides",)
    results = ("columns", "y")
    gradients = ("dcolumns", "dx", "dkernel", "dbias")
    has_cache = False
    chained = True
    contract = (
        "forward(x, kernel, bias, *, strides) -> (columns, y): x (N, H, W, C), kernel (KH, KW, C, F), bias (F,), no "
        "padding; columns (N * OH * OW, KH * KW * C) in the order of (n, h, w) and (i, j, c); backward(dy, cache) -> "
        "(dcolumns, dx, dkernel, dbias) with cache = (columns, kernel, shape of x, strides)"
    )

    def right(self, case: Case) -> Outputs:
        """Ask the library for all but the columns."""
        x, kernel = case.arrays["x"], case.arrays["kernel"]
        y, cache = numpy_cpu.conv2d_forward(*case.arrays.values(), **case.options)
        result = {"columns": as_columns(gather(x, self.geometry(case))), "y": y}
        if case.dy is None:
            return result
        assert isinstance(cache, Conv2DCache)  # no ReLU was asked for
        gradients = numpy_cpu.conv2d_backward(case.dy, cache)
        result["dcolumns"] = as_columns(self.window_terms(case.dy, kernel)).astype(case.dy.dtype)
        return result | dict(zip(("dx", "dkernel", "dbias"), gradients, strict=True))

    def library_caches(self, case: Case) -> list[object]:
        """(columns, kernel, shape of x, strides)."""
        x, kernel = case.arrays["x"], case.arrays["kernel"]
        return [(as_columns(gather(x, self.geometry(case))), kernel, x.shape, case.options["strides"])]

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """Too many or too few axes."""
        right = self.right(case)
        if output not in ("columns", "dcolumns") or output not in right:
            return {}
        rows, columns = right[output].shape
        return {(columns, rows): "transposed"}

    def compute(
        self,
        case: Case,
        change: Callable[[Geometry], Geometry] = lambda g: g,
        *,
        own_output: bool = False,
        how: str = "add",
        y_kernel: Callable[[Array], Array] = lambda k: k,
        dx_kernel: Callable[[Array], Array] = lambda k: k,
        windows_of: Callable[[Array], Array] = lambda w: w,
    ) -> dict[str, Array]:
        """Compute the columns and their gradient as well."""
        changes = {"y_kernel": y_kernel, "dx_kernel": dx_kernel, "windows_of": windows_of}
        result = super().compute(case, change, own_output=own_output, how=how, **changes)
        wrong = change(self.geometry(case))
        forward = wrong.with_right_output() if own_output else wrong
        result["columns"] = as_columns(windows_of(gather(case.arrays["x"], forward)))
        if case.dy is not None:
            result["dcolumns"] = as_columns(self.window_terms(case.dy, dx_kernel(case.arrays["kernel"])))
        return result

    def mistakes(self) -> Iterator[Hypothesis]:
        """Orders of rows and columns, then what conv2d knows."""
        for order in itertools.permutations(range(3)):
            if order == (0, 1, 2):
                continue
            yield Hypothesis(
                "rows-in-another-order", lambda case, order=order: {"columns": self._rows(case, "columns", order)}
            )
            yield Hypothesis(
                "rows-in-another-order", lambda case, order=order: {"dcolumns": self._rows(case, "dcolumns", order)}
            )
            yield Hypothesis(
                "columns-in-another-order",
                lambda case, order=order: {"dcolumns": self._columns(case, "dcolumns", order)},
            )
            yield Hypothesis(
                "columns-in-another-order", lambda case, order=order: {"columns": self._columns(case, "columns", order)}
            )
        yield Hypothesis("kernel-flipped", self._turned)
        yield Hypothesis("bias-in-the-columns", lambda case: {"columns": self._with_bias(case)})
        yield from super().mistakes()
        for axes in ((2, 4), (2,), (4,)):
            yield Hypothesis(
                "taps-reversed",
                lambda case, axes=axes: self.compute(case, windows_of=lambda w: np.flip(w, axes)),
            )
        for axis, word in ((2, "row"), (4, "column")):
            for end in End:
                yield Hypothesis(
                    f"{end.value}-tap-{word}-missing",
                    lambda case, axis=axis, end=end: self.compute(case, windows_of=lambda w: without(w, axis, end)),
                )
        yield Hypothesis("kernel-gradient-not-reshaped", self._flat_kernel_gradient)
        yield Hypothesis("only-one-row-of-columns", lambda case: {"columns": self.right(case)["columns"][:1]})

    def _split(self, case: Case, output: str) -> Array:
        """Return a matrix with its six axes (N, OH, OW, KH, KW, C)."""
        n, _, _, c = case.arrays["x"].shape
        out, window = self.geometry(case).out, case.arrays["kernel"].shape[:2]
        split: Array = self.right(case)[output].reshape(n, *out, *window, c)
        return split

    def _rows(self, case: Case, output: str, order: tuple[int, ...]) -> Array:
        split = self._split(case, output)
        return split.transpose(*order, 3, 4, 5).reshape(self.right(case)[output].shape)

    def _columns(self, case: Case, output: str, order: tuple[int, ...]) -> Array:
        split = self._split(case, output)
        return split.transpose(0, 1, 2, *(3 + k for k in order)).reshape(self.right(case)[output].shape)

    def _turned(self, case: Case) -> Outputs:
        """The gradient of the columns, and of x, by the kernel turned round."""
        wrong = self.compute(case, dx_kernel=lambda k: k[::-1, ::-1])
        return {"dcolumns": wrong["dcolumns"], "dx": wrong["dx"]}

    def _with_bias(self, case: Case) -> Array:
        """A column of ones for the bias, as some textbooks have it."""
        columns = self.right(case)["columns"]
        return np.concatenate([columns, np.ones((len(columns), 1))], axis=1)

    def _flat_kernel_gradient(self, case: Case) -> Outputs:
        dkernel = self.right(case)["dkernel"]
        return {"dkernel": dkernel.reshape(-1, dkernel.shape[3])}
