"""conv2d_transpose: what is asked, and how it goes wrong.

It is conv2d's way back used as a way forward, so the geometry is that of y.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np
from tinyseg_kernels.conv2d_transpose import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..geometry import Geometry, gather, geometry_mistakes, overlap_counts, scatter
from ..operation import Hypothesis, Operation, axis_sizes
from ..place import BORDER, INTERIOR, NO_WINDOW, SEVERAL_WINDOWS, NamedRegion
from ..traits import FLOAT32, GAPS, ONE_SIDED_PADDING, OVERLAPS, PADDING, STRIDED, Trait, traits_of
from .bias import bias_gradient_mistakes, wrong_bias_sources
from .convolution import SCATTERS, image_ignored
from .loops import loops_one_short
from .taps import tap_mistakes
from .windows import WindowCase

CASES = (
    WindowCase((1, 2, 2, 1), (1, 1), by_hand=True),
    WindowCase((1, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 2, 1), (2, 2), by_hand=True),
    WindowCase((2, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 2, 2), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 2, 1), (2, 2), 2, strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 3, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 2, 1), (2, 3), by_hand=True),
    WindowCase((1, 2, 2, 1), (3, 3), strides=(2, 2), padding="same", by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), padding="same", by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), padding="same", by_hand=True),
    WindowCase((1, 2, 2, 1), (1, 1), strides=(3, 3), by_hand=True),
    WindowCase((2, 3, 3, 3), (3, 3), 3),
    WindowCase((2, 3, 4, 3), (3, 2), 2, strides=(2, 2)),
    WindowCase((2, 4, 3, 2), (3, 3), 3, strides=(2, 2), padding="same"),
    WindowCase((2, 3, 4, 2), (2, 3), 3, strides=(1, 2), padding="same"),
    WindowCase((2, 3, 4, 2), (4, 4), 3, strides=(2, 2), padding="same"),
    WindowCase((3, 3, 4, 2), (2, 3), 3, strides=(3, 2)),
    WindowCase((2, 3, 4, 2), (2, 2), 3, strides=(3, 3), padding="same"),
    WindowCase((2, 3, 4, 2), (5, 2), 2, strides=(2, 2), padding="same"),
    WindowCase((2, 4, 3, 2), (2, 4), 2, padding="same"),
    WindowCase((2, 3, 4, 2), (5, 5), 2, strides=(3, 3), padding="same"),
    WindowCase((2, 3, 4, 2), (3, 2), 3, dilation=(1, 2), lenient=True),
    WindowCase((2, 4, 4, 2), (3, 3), 3, padding="same", dilation=(2, 2), lenient=True),
    WindowCase((2, 3, 4, 2), (3, 2), 3, strides=(2, 2), padding="same", special=STRIDED),
    WindowCase((2, 3, 4, 2), (3, 2), 3, strides=(2, 2), padding="same", special=FLOAT32),
)


PLAIN_CASES = (
    *(shape for shape in CASES if shape.dilation == (1, 1) and not shape.special),
    WindowCase((1, 2, 2, 1), (2, 2), strides=(2, 1), by_hand=True),
    WindowCase((2, 3, 4, 2), (2, 3), 3, strides=(1, 2), special=STRIDED),
    WindowCase((2, 3, 4, 2), (2, 3), 3, strides=(1, 2), special=FLOAT32),
    *(shape for shape in CASES if shape.dilation == (1, 1) and shape.special),
)


class Conv2DTranspose(Operation):
    """Stamps of the kernel that add up."""

    name = "conv2d_transpose"
    arrays = ("x", "kernel", "bias")
    gradients = ("dx", "dkernel", "dbias")
    shapes: ClassVar[tuple[WindowCase, ...]] = CASES
    options: ClassVar[tuple[str, ...]] = ("strides", "padding", "dilation_rate")
    """What forward is told."""
    contract = (
        "forward(x, kernel, bias, *, strides, padding, dilation_rate) -> (y, cache): x (N, H, W, C), kernel (KH, KW, "
        "F, C), bias (F,), padding 'valid' or 'same'; as many outputs as Keras gives: n * s for 'same', (n - 1) * s + "
        "max(span, s) for 'valid'; backward(dy, cache) -> (dx, dkernel, dbias)"
    )

    def cases(self) -> list[Case]:
        """Stamps side by side first, then with overlap, gaps and padding."""
        return [self._case(shape, number) for number, shape in enumerate(self.shapes)]

    def _case(self, shape: WindowCase, number: int) -> Case:
        rng = case_rng(number, 4)
        channels, filters = shape.image[3], shape.filters
        sizes = {"x": shape.image, "kernel": (*shape.window, filters, channels), "bias": (filters,)}
        values = {
            name: small_integers(rng, size) if shape.by_hand else rng.standard_normal(size)
            for name, size in sizes.items()
        }
        if shape.special == FLOAT32:
            values = {name: value.astype(np.float32) for name, value in values.items()}
        if shape.special == STRIDED:
            values["x"], values["kernel"] = strided(values["x"]), strided(values["kernel"])
        options = {"strides": shape.strides, "padding": shape.padding, "dilation_rate": shape.dilation}
        options = {name: value for name, value in options.items() if name in self.options}
        case = Case(values, options, frozenset(), lenient=shape.lenient, by_hand=shape.by_hand)
        return replace(case, traits=self._traits(case, shape))

    def _traits(self, case: Case, shape: WindowCase) -> frozenset[Trait]:
        """Name what is special; overlaps and padding are those of the output."""
        g = self.geometry(case)
        of_the_output = {PADDING, ONE_SIDED_PADDING, OVERLAPS, GAPS}
        some = {
            PADDING: any(sum(pair) for pair in g.pads),
            ONE_SIDED_PADDING: any(a != b for a, b in g.pads),
            OVERLAPS: bool((overlap_counts(g) > 1).any()),
            GAPS: bool((overlap_counts(g) == 0).any()),
        }
        return (shape.traits - of_the_output) | traits_of(some)

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = numpy_cpu.conv2d_transpose_forward(*case.arrays.values(), **case.options)
        if case.dy is None:
            return {"y": y}
        gradients = numpy_cpu.conv2d_transpose_backward(case.dy, cache)
        return {"y": y, **dict(zip(self.gradients, gradients, strict=True))}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        rungs = (numpy_cpu, naive)
        return [rung.conv2d_transpose_forward(*case.arrays.values(), **case.options)[1] for rung in rungs]

    def needs(self, case: Case) -> Mapping[str, tuple[object, ...]]:
        """Without an argument, what it would say by default."""
        return {"strides": ((1, 1),), "padding": ("valid",), "dilation_rate": ((1, 1),)}

    def geometry(self, case: Case) -> Geometry:
        """Return the geometry of the convolution from y's size to x's."""
        x, kernel, o = case.arrays["x"], case.arrays["kernel"], {"dilation_rate": (1, 1), **case.options}
        _, cache = numpy_cpu.conv2d_transpose_forward(x, kernel, None, **o)
        return Geometry(
            cache.size, kernel.shape[:2], o["strides"], o["dilation_rate"], cache.padding, x.shape[1:3], o["padding"]
        )

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """Overlaps and border of y, border of dx."""
        right = np.asarray(self.right(case)[output])
        if output not in ("y", "dx"):
            return {}
        border = np.zeros(right.shape, bool)
        border[:, [0, -1]] = border[:, :, [0, -1]] = True
        masks = {BORDER: border, INTERIOR: ~border}
        if output == "y":
            counts = np.broadcast_to(overlap_counts(self.geometry(case))[None, :, :, None], right.shape)
            masks = {SEVERAL_WINDOWS: counts > 1, NO_WINDOW: counts == 0, **masks}
        return masks

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes of image, kernel and output."""
        sizes = axis_sizes(("N", "H", "W", "C"), case.arrays["x"])
        sizes |= axis_sizes(("KH", "KW", "F"), case.arrays["kernel"])
        return sizes | axis_sizes(("OH", "OW"), np.empty(self.geometry(case).size))

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """All inputs and dy."""
        return {
            "dy": ("N", "OH", "OW", "F"),
            "x": ("N", "H", "W", "C"),
            "kernel": ("KH", "KW", "F", "C"),
            "bias": ("F",),
        }

    # Mistakes ---------------------------------------------------------------------------------------------------------
    def compute(
        self,
        case: Case,
        change: Callable[[Geometry], Geometry] = lambda g: g,
        *,
        how: str = "add",
        y_kernel: Callable[[Array], Array] = lambda k: k,
        dx_kernel: Callable[[Array], Array] = lambda k: k,
    ) -> dict[str, Array]:
        """Compute everything from an index table, with a part of it replaced."""
        x, kernel, bias = (case.arrays[name] for name in self.arrays)
        right = self.geometry(case)
        wrong = replace(change(right), out=right.out)
        terms = np.einsum("nhwc,ijfc->nhiwjf", x, y_kernel(kernel))
        result = {"y": scatter(terms, wrong, how) + bias}
        if case.dy is not None:
            windows = gather(case.dy, wrong)
            result["dx"] = np.einsum("nhiwjf,ijfc->nhwc", windows, dx_kernel(kernel))
            result["dkernel"] = np.einsum("nhiwjf,nhwc->ijfc", windows, x)
        return result

    def mistakes(self) -> Iterator[Hypothesis]:
        """Overlaps, kernel orientation, bias, geometry, output size."""
        for how in SCATTERS:
            cause = {"mean": "overlaps-averaged", "maximum": "overlaps-keep-the-largest"}.get(
                how, "overlaps-overwritten"
            )
            yield Hypothesis(cause, lambda case, how=how: {"y": self.compute(case.with_dy(None), how=how)["y"]}, how)

        for how in SCATTERS[:3]:
            yield Hypothesis(
                "overlaps-overwritten", lambda case, how=how: self._last_assigned(case, how), f"{how}, last channel"
            )

        def turned(cause: str, change: Callable[[Array], Array]) -> Iterator[Hypothesis]:
            yield Hypothesis(cause, lambda case: {"y": self.compute(case.with_dy(None), y_kernel=change)["y"]})
            yield Hypothesis(cause, lambda case: {"dx": self.compute(case, dx_kernel=change)["dx"]})
            yield Hypothesis(cause, lambda case: {"dkernel": change(self.right(case)["dkernel"])})

        yield from turned("kernel-flipped", lambda k: k[::-1, ::-1])
        yield from turned("kernel-flipped-in-one-axis", lambda k: k[::-1])
        yield from turned("kernel-flipped-in-one-axis", lambda k: k[:, ::-1])
        yield from turned("kernel-height-and-width-swapped", lambda k: _fits(k, k.swapaxes(0, 1)))
        yield from turned("kernel-channels-swapped", lambda k: _fits(k, k.swapaxes(2, 3)))
        yield from turned(
            "kernel-channels-not-swapped", lambda k: k.reshape(*k.shape[:2], k.shape[3], k.shape[2]).swapaxes(2, 3)
        )
        yield Hypothesis(
            "kernel-channels-swapped", lambda case: {"dkernel": self.right(case)["dkernel"].swapaxes(2, 3)}
        )
        yield from self._bias_mistakes()
        yield Hypothesis("bias-only-where-stamped", self._bias_in_stamps)
        yield from self._size_mistakes()
        for cause, change, of_dilation in geometry_mistakes():
            if of_dilation and "dilation_rate" not in self.options:
                continue
            yield Hypothesis(cause, lambda case, cause=cause, change=change: self._moved(case, cause, change))
        yield Hypothesis("forward-instead-of-transposed", self._plain)
        yield Hypothesis("pixels-repeated-instead-of-spread", self._repeated)
        yield image_ignored(self)
        yield from tap_mistakes(self)
        for index in (-1, 0):
            yield Hypothesis(
                f"only-{'last' if index else 'first'}-position", lambda case, i=index: self._of_one_pixel(case, i)
            )
        yield from loops_one_short(self)

    def _last_assigned(self, case: Case, how: str) -> Outputs:
        """Y where each product replaces what was there, the products of earlier channels included."""
        kept = np.zeros_like(case.arrays["kernel"])
        kept[..., -1] = case.arrays["kernel"][..., -1]
        return {"y": self.compute(case.with_dy(None), how=how, y_kernel=lambda _: kept)["y"]}

    def _moved(self, case: Case, cause: str, change: Callable[[Geometry], Geometry]) -> Outputs:
        """Stamps at wrong places."""
        result = self.compute(case, change)
        if cause == "padding-ignored":
            del result["y"]  # with y's size as it should be, all is cut off after: that has another name
        return result

    def _of_one_pixel(self, case: Case, index: int) -> Outputs:
        """dkernel of one pixel of each image: assigned in a loop over the pixels."""
        kept = np.zeros_like(case.arrays["x"])
        kept[:, index, index] = case.arrays["x"][:, index, index]
        return {"dkernel": self.right(case.with_arrays(x=kept))["dkernel"]}

    def _bias_mistakes(self) -> Iterator[Hypothesis]:
        def y_with(weight: Callable[[Case], Array | float]) -> Callable[[Case], Outputs]:
            return lambda case: {"y": self.right(case)["y"] + (weight(case) - 1) * case.arrays["bias"]}

        def touched(case: Case) -> Array:
            return overlap_counts(self.geometry(case))[None, :, :, None]

        yield Hypothesis("bias-missing", y_with(lambda case: 0.0))
        yield Hypothesis("bias-subtracted", y_with(lambda case: -1.0))
        yield Hypothesis("bias-added-repeatedly", y_with(touched), "once per stamp")
        yield Hypothesis(
            "bias-added-repeatedly", y_with(lambda case: touched(case) + 1), "once per stamp and once more"
        )
        yield Hypothesis(
            "bias-added-repeatedly", y_with(lambda case: touched(case) * case.arrays["x"].shape[3]), "once per product"
        )
        yield Hypothesis("bias-added-repeatedly", y_with(lambda case: 2.0), "twice")
        yield Hypothesis(
            "bias-added-repeatedly", y_with(lambda case: float(case.arrays["x"].shape[3])), "once per channel"
        )
        yield from bias_gradient_mistakes()
        yield from wrong_bias_sources()

    def _bias_in_stamps(self, case: Case) -> Outputs:
        inside = overlap_counts(self.geometry(case))[None, :, :, None] > 0
        return {"y": self.right(case)["y"] + (inside - 1.0) * case.arrays["bias"]}

    def _size_mistakes(self) -> Iterator[Hypothesis]:
        """Y cut to another size, or at another place."""

        def whole(case: Case) -> tuple[Geometry, Array]:
            g = self.geometry(case)
            full = tuple(
                (o - 1) * s + (k - 1) * d + 1 for o, s, k, d in zip(g.out, g.strides, g.window, g.dilation, strict=True)
            )
            wide = replace(g, size=(full[0], full[1]), pads=((0, 0), (0, 0)))
            terms = np.einsum("nhwc,ijfc->nhiwjf", case.arrays["x"], case.arrays["kernel"])
            return g, scatter(terms, wide)

        def cut(place: Callable[[Geometry], tuple[int, int]]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                g, y = whole(case)
                top, left = place(g)
                part = y[:, max(top, 0) : max(top, 0) + g.size[0], max(left, 0) : max(left, 0) + g.size[1]]
                result = np.zeros((y.shape[0], *g.size, y.shape[3]))
                result[:, : part.shape[1], : part.shape[2]] = part
                return {"y": result + case.arrays["bias"]}

            return predict

        yield Hypothesis("padding-ignored", lambda case: {"y": whole(case)[1] + case.arrays["bias"]})
        yield Hypothesis("padding-removed-at-the-wrong-end", cut(lambda g: (0, 0)))
        for rows, columns in ((1, 1), (1, 0), (0, 1)):
            wrong = cut(lambda g, rows=rows, columns=columns: (g.pads[0][rows], g.pads[1][columns]))
            yield Hypothesis("padding-removed-at-the-wrong-end", wrong)
        yield Hypothesis("padding-removed-at-the-wrong-end", cut(lambda g: (sum(g.pads[0]), sum(g.pads[1]))))
        yield Hypothesis("output-size-without-the-gap", self._tight)
        yield Hypothesis("output-size-without-the-gap", lambda case: self._tight(case, everywhere=True))

        def resized(case: Case, size_of: Callable[[Case], tuple[int, int]]) -> Outputs:
            right, bias = self.right(case)["y"], case.arrays["bias"]
            rows, columns = size_of(case)
            y = np.zeros((len(right), rows, columns, right.shape[3])) + bias
            part = right[:, :rows, :columns]
            y[:, : part.shape[1], : part.shape[2]] = part
            return {"y": y}

        def one_more(case: Case) -> tuple[int, int]:
            g = self.geometry(case)
            more = case.options["padding"] == "valid"
            return (g.size[0] + more * g.strides[0], g.size[1] + more * g.strides[1])

        def unspread(case: Case) -> tuple[int, int]:
            g = self.geometry(case)
            return g.out if case.options["padding"] == "same" else g.size

        yield Hypothesis("output-one-stride-too-long", lambda case: resized(case, one_more))
        yield Hypothesis("output-size-ignores-the-stride", lambda case: resized(case, unspread))

        def symmetric(case: Case) -> Outputs:
            g, y = whole(case)
            p = [(k - 1) // 2 for k in g.window]
            return {"y": y[:, p[0] : y.shape[1] - p[0], p[1] : y.shape[2] - p[1]] + case.arrays["bias"]}

        yield Hypothesis("padding-symmetric", symmetric)
        yield Hypothesis("output-one-too-few", lambda case: {"y": self.right(case)["y"][:, :-1, :-1]})
        yield Hypothesis(
            "output-one-too-many",
            lambda case: {
                "y": np.pad(self.right(case)["y"] - case.arrays["bias"], ((0, 0), (0, 1), (0, 1), (0, 0)))
                + case.arrays["bias"]
            },
        )

    def _tight(self, case: Case, *, everywhere: bool = False) -> Outputs:
        """Y that ends with the last stamp, as (n - 1) * s + span says; only without padding, or everywhere."""
        g = self.geometry(case)
        tight = everywhere or case.options["padding"] == "valid"
        size = tuple(
            min((o - 1) * s + (k - 1) * d + 1 - max(before, 0), n) if tight else n
            for o, s, k, d, (before, _), n in zip(g.out, g.strides, g.window, g.dilation, g.pads, g.size, strict=True)
        )
        return {"y": self.right(case)["y"][:, : size[0], : size[1]]}

    def _repeated(self, case: Case) -> Outputs:
        """Each pixel repeated by the stride, then stamped with stride 1."""
        x, g = case.arrays["x"], self.geometry(case)
        wide = x.repeat(g.strides[0], axis=1).repeat(g.strides[1], axis=2)
        terms = np.einsum("nhwc,ijfc->nhiwjf", wide, case.arrays["kernel"])
        close = replace(g, strides=(1, 1), out=wide.shape[1:3])
        return {"y": scatter(terms, close) + case.arrays["bias"]}

    def _plain(self, case: Case) -> Outputs:
        """An ordinary convolution of x."""
        x, kernel, o = case.arrays["x"], case.arrays["kernel"], {"dilation_rate": (1, 1), **case.options}
        g = Geometry.of(x.shape[1:3], kernel.shape[:2], o["strides"], o["padding"], o["dilation_rate"])
        return {"y": np.einsum("nhiwjc,ijfc->nhwf", gather(x, g), kernel) + case.arrays["bias"]}


class PlainConv2DTranspose(Conv2DTranspose):
    """Strides and padding, no dilation."""

    shapes = PLAIN_CASES
    options = ("strides", "padding")
    contract = (
        "forward(x, kernel, bias, *, strides, padding) -> (y, cache): x (N, H, W, C), kernel (KH, KW, F, C), bias "
        "(F,), padding 'valid' or 'same'; n * s outputs for 'same', (n - 1) * s + max(k, s) for 'valid'; backward(dy, "
        "cache) -> (dx, dkernel, dbias)"
    )


def _fits(old: Array, new: Array) -> Array:
    if old.shape != new.shape:
        raise ValueError("not square")
    return new
