"""conv2d: what is asked, and how it goes wrong; what depthwise_conv2d shares with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from tinyseg_kernels.conv2d import naive as conv2d_naive
from tinyseg_kernels.conv2d import numpy_cpu as conv2d
from tinyseg_kernels.types import Array
from tinyseg_kernels.windows import window_span

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..geometry import Geometry, cut_alike, gather, geometry_mistakes, index_mistakes, output_mistakes, scatter
from ..operation import Hypothesis, Operation, axis_sizes
from ..place import NamedRegion
from ..traits import FLOAT32, STRIDED
from .bias import bias_mistakes, wrong_bias_sources
from .loops import loops_one_short
from .taps import tap_mistakes
from .windows import CONVOLUTION_CASES, WindowCase, window_regions

SCATTERS = ("last window", "last tap", "first window", "mean", "maximum")


class Convolution(Operation):
    """What the two have in common. `kernel_axes` and the three sums are what differs."""

    arrays = ("x", "kernel", "bias")
    gradients: ClassVar[tuple[str, ...]] = ("dx", "dkernel", "dbias")
    kernel_axes: ClassVar[tuple[str, ...]]
    rungs: ClassVar[tuple[Any, ...]]
    shapes: ClassVar[tuple[WindowCase, ...]] = CONVOLUTION_CASES
    options: ClassVar[tuple[str, ...]] = ("strides", "padding", "dilation_rate")
    """What forward is told; who is not told of strides has a table of shapes without any."""

    # The three sums, over windows (N, OH, KH, OW, KW, C) --------------------------------------------------------------
    def forward_sum(self, windows: Array, kernel: Array) -> Array:
        """Return y without bias."""
        raise NotImplementedError

    def kernel_sum(self, windows: Array, dy: Array, kernel: Array) -> Array:
        """Return dkernel."""
        raise NotImplementedError

    def window_terms(self, dy: Array, kernel: Array) -> Array:
        """Return what each window gives to its pixels, (N, OH, KH, OW, KW, C)."""
        raise NotImplementedError

    def run(self, module: ModuleType, case: Case) -> tuple[Array, Any]:
        """Run a rung's forward."""
        forward = getattr(module, f"{self.name}_forward")
        y, cache = forward(*case.arrays.values(), **case.options)
        return y, cache

    # Contract ---------------------------------------------------------------------------------------------------------
    def cases(self) -> list[Case]:
        """Small ones that can be checked by hand first, each with one thing that is special."""
        return [self._case(shape, number) for number, shape in enumerate(self.shapes)]

    def _case(self, shape: WindowCase, number: int) -> Case:
        rng = case_rng(number, 1)
        channels, filters = shape.image[3], shape.filters
        arrays = {
            "x": shape.image,
            "kernel": (*shape.window, channels, filters),
            "bias": (self.outputs(channels, filters),),
        }
        draw = (lambda s: small_integers(rng, s)) if shape.by_hand else rng.standard_normal
        values = {name: np.asarray(draw(size), np.float64) for name, size in arrays.items()}
        if shape.special == FLOAT32:
            values = {name: value.astype(np.float32) for name, value in values.items()}
        if shape.special == STRIDED:
            values["x"], values["kernel"] = strided(values["x"]), strided(values["kernel"])
        options = {"strides": shape.strides, "padding": shape.padding, "dilation_rate": shape.dilation}
        options = {name: value for name, value in options.items() if name in self.options}
        return Case(values, options, shape.traits, lenient=shape.lenient, by_hand=shape.by_hand)

    def outputs(self, channels: int, filters: int) -> int:
        """Return the number of output channels."""
        raise NotImplementedError

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung, which the tests hold against loops and JAX."""
        y, cache = self.run(self.rungs[0], case)
        if case.dy is None:
            return {"y": y}
        backward = getattr(self.rungs[0], f"{self.name}_backward")
        return {"y": y, **dict(zip(self.gradients, backward(case.dy, cache), strict=True))}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [self.run(module, case)[1] for module in self.rungs]

    def needs(self, case: Case) -> Mapping[str, tuple[object, ...]]:
        """Without an argument, what it would say by default."""
        return {"strides": ((1, 1),), "padding": ("valid",), "dilation_rate": ((1, 1),)}

    def geometry(self, case: Case) -> Geometry:
        """Return the right geometry."""
        x, kernel = case.arrays["x"], case.arrays["kernel"]
        o = {"strides": (1, 1), "padding": "valid", "dilation_rate": (1, 1), **case.options}
        return Geometry.of(x.shape[1:3], kernel.shape[:2], o["strides"], o["padding"], o["dilation_rate"])

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """Border, overlaps."""
        right = self.right(case)[output]
        return window_regions(self.geometry(case), output, right) if right.ndim == 4 and output != "dkernel" else {}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes of image, kernel and output."""
        sizes = axis_sizes(("N", "H", "W", "C"), case.arrays["x"])
        sizes |= axis_sizes(self.kernel_axes, case.arrays["kernel"])
        return sizes | axis_sizes(("OH", "OW"), np.empty(self.geometry(case).out))

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """All inputs and dy."""
        return {
            "dy": ("N", "OH", "OW", "F"),
            "x": ("N", "H", "W", "C"),
            "kernel": self.kernel_axes,
            "bias": ("F",),
        }

    # Mistakes ---------------------------------------------------------------------------------------------------------
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
        """Compute everything from an index table, with a part of it replaced."""
        x, kernel, bias = (case.arrays[name] for name in ("x", "kernel", "bias"))
        wrong = change(self.geometry(case))
        forward = wrong.with_right_output() if own_output else wrong
        result = {"y": self.forward_sum(windows_of(gather(x, forward)), y_kernel(kernel)) + bias}
        if case.dy is not None:
            back = replace(wrong, out=case.dy.shape[1:3])
            result["dkernel"] = self.kernel_sum(windows_of(gather(x, back)), case.dy, kernel)
            result["dx"] = scatter(self.window_terms(case.dy, dx_kernel(kernel)), back, how)
        return result

    def mistakes(self) -> Iterator[Hypothesis]:
        """Kernel orientation, overlaps, bias, then the geometry, then layouts."""
        yield from self._kernel_mistakes()
        for how in SCATTERS:
            cause = {"mean": "overlaps-averaged", "maximum": "overlaps-keep-the-largest"}.get(
                how, "overlaps-overwritten"
            )
            yield Hypothesis(cause, lambda case, how=how: {"dx": self.compute(case, how=how)["dx"]}, how)
            yield Hypothesis(
                "assigned-instead-of-added", lambda case, how=how: self._last_filter_assigned(case, how), how
            )
        yield from bias_mistakes(self)
        dilated = "dilation_rate" in self.options
        for cause, change, of_dilation in geometry_mistakes():
            if of_dilation and not dilated:
                continue
            for own in (True, False):
                yield Hypothesis(cause, lambda case, change=change, own=own: self.compute(case, change, own_output=own))
        for cause, change, of_dilation in output_mistakes():
            if of_dilation and not dilated:
                continue
            yield Hypothesis(cause, lambda case, change=change: {"y": self.compute(case, change)["y"]})
        yield from wrong_bias_sources()
        yield Hypothesis("padding-not-removed", self._uncropped)
        for first in (True, False):
            yield Hypothesis(
                "padding-removed-at-the-wrong-end", lambda case, first=first: self._cropped_wrongly(case, first)
            )
        for end in (0, 1):
            yield Hypothesis(
                "padding-of-one-end-for-both", lambda case, end=end: {"dx": cut_alike(*self._padded(case), end)}
            )
        for order in itertools.permutations(range(3)):
            if order != (0, 1, 2):
                yield Hypothesis(
                    "columns-in-another-order",
                    lambda case, order=order: self.compute(case, windows_of=lambda w: _reordered(w, order)),
                )
        yield Hypothesis("stride-not-undone", self._without_gaps)
        yield Hypothesis("unreached-pixels-missing", self._reached_only)
        for part in ("x", "kernel"):
            yield Hypothesis("wrong-array-used", lambda case, part=part: self._self_product(case, part), part)
        yield image_ignored(self)
        yield Hypothesis("wrong-array-used", self._dx_of_pixels, "the image stands in the place of the kernel")
        yield Hypothesis("wrong-array-used", self._dkernel_of_weights, "the kernel stands in the place of the image")
        yield from self._product_mistakes()
        yield from self._index_mistakes()
        yield from tap_mistakes(self)
        yield from loops_one_short(self)
        yield Hypothesis("transform-not-conjugated", self._not_conjugated)

        def with_bias(case: Case, of: Callable[[Array], Any]) -> Outputs:
            x, bias = case.arrays["x"], case.arrays["bias"]
            return self.right(case.with_dy(None).with_arrays(x=x + of(bias), bias=bias * 0))

        for of in (np.mean, np.sum, lambda b: b, lambda b: b[0]):
            yield Hypothesis("bias-added-to-the-image", lambda case, of=of: with_bias(case, of))

    def _not_conjugated(self, case: Case) -> Outputs:
        """y and dkernel as circular convolutions of the padded image, which Fourier transforms without conj give."""
        g, (x, kernel, bias) = self.geometry(case), case.arrays.values()
        wide = np.pad(x, ((0, 0), *g.pads, (0, 0)))
        big = np.zeros((*wide.shape[1:3], *kernel.shape[2:]))
        big[: window_span(g.window[0], g.dilation[0]) : g.dilation[0]][
            :, : window_span(g.window[1], g.dilation[1]) : g.dilation[1]
        ] = kernel
        fx, fk = np.fft.fft2(wide, axes=(1, 2)), np.fft.fft2(big, axes=(0, 1))
        full = np.fft.ifft2(np.einsum("nhwc,hwcf->nhwf", fx, fk), axes=(1, 2)).real
        rows, columns = (slice(0, (o - 1) * s + 1, s) for o, s in zip(g.out, g.strides, strict=True))
        result = {"y": full[:, rows, columns] + bias}
        if case.dy is not None:
            up = np.zeros((*wide.shape[:3], kernel.shape[3]))
            up[:, rows, columns] = case.dy
            both = np.fft.ifft2(np.einsum("nhwc,nhwf->hwcf", fx, np.fft.fft2(up, axes=(1, 2))), axes=(0, 1)).real
            spans = [window_span(k, d) for k, d in zip(g.window, g.dilation, strict=True)]
            result["dkernel"] = both[: spans[0] : g.dilation[0], : spans[1] : g.dilation[1]]
        return result

    def _last_filter_assigned(self, case: Case, how: str) -> Outputs:
        """dx where each window of each filter replaces what was there."""
        kernel = np.zeros_like(case.arrays["kernel"])
        kernel[..., -1] = case.arrays["kernel"][..., -1]
        return {"dx": self.compute(case, how=how, dx_kernel=lambda _: kernel)["dx"]}

    def _dx_of_pixels(self, case: Case) -> Outputs:
        g, ones = self.geometry(case), np.ones_like(case.arrays["kernel"])
        return {"dx": scatter(gather(case.arrays["x"], g) * self.window_terms(case.dy, ones), g)}

    def _dkernel_of_weights(self, case: Case) -> Outputs:
        kernel = case.arrays["kernel"]
        ones = np.ones_like(gather(case.arrays["x"], self.geometry(case)))
        return {"dkernel": kernel * self.kernel_sum(ones, case.dy, kernel)}

    def _of_one_output(self, case: Case, index: int) -> Outputs:
        """dkernel and dbias of one place of dy, of all images: assigned in a loop over the outputs."""
        kept = np.zeros_like(case.dy)
        kept[:, index, index] = case.dy[:, index, index]
        wrong = self.right(case.with_dy(kept))
        return {"dkernel": wrong["dkernel"], "dbias": wrong["dbias"]}

    def _product_mistakes(self) -> Iterator[Hypothesis]:
        """What is multiplied with what in y."""

        def y_of(
            windows_of: Callable[[Array], Array], kernel_of: Callable[[Array], Array]
        ) -> Callable[[Case], Outputs]:
            return lambda case: {"y": self.compute(case.with_dy(None), windows_of=windows_of, y_kernel=kernel_of)["y"]}

        def sums(case: Case) -> Outputs:
            pixels = y_of(lambda w: w, np.ones_like)(case)["y"]
            return {"y": pixels + y_of(np.ones_like, lambda k: k)(case)["y"] - case.arrays["bias"]}

        yield Hypothesis("sum-instead-of-product", sums)
        yield Hypothesis("pixels-squared", y_of(np.square, lambda k: k))
        yield Hypothesis(
            "pixels-squared", lambda case: {"dkernel": self.compute(case, windows_of=np.square)["dkernel"]}
        )
        yield Hypothesis("weights-squared", y_of(lambda w: w, np.square))
        yield Hypothesis("kernel-ignored", y_of(lambda w: w, np.ones_like))
        yield Hypothesis("kernel-ignored", lambda case: {"dx": self.compute(case, dx_kernel=np.ones_like)["dx"]})
        for index in (-1, 0):
            yield Hypothesis(
                f"only-{'last' if index else 'first'}-position", lambda case, i=index: self._of_one_output(case, i)
            )

    def _index_mistakes(self) -> Iterator[Hypothesis]:
        """The index of a pixel, or of a tap, lacks a term or has it with the wrong sign."""
        for cause, change in index_mistakes():
            yield Hypothesis(cause, lambda case, change=change: self.compute(case, change))
        for axis in (0, 1):
            for other in (0, 1):
                yield Hypothesis(
                    "kernel-index-negative",
                    lambda case, axes=(axis, other): {
                        "y": self.compute(case, y_kernel=lambda k: _negative(k, axes))["y"]
                    },
                )

        def sideways(case: Case) -> Outputs:
            turned = lambda g: replace(g, window=g.window[::-1])  # noqa: E731
            return self.compute(case, turned, windows_of=lambda w: w.swapaxes(2, 4))

        yield Hypothesis("window-height-and-width-swapped", sideways)

    def _kernel_mistakes(self) -> Iterator[Hypothesis]:
        def on(cause_y: str, cause_dx: str, change: Callable[[Array], Array]) -> Iterator[Hypothesis]:
            yield Hypothesis(cause_dx, lambda case: {"dx": self.compute(case, dx_kernel=change)["dx"]})
            yield Hypothesis(cause_y, lambda case: {"y": self.compute(case, y_kernel=change)["y"]})
            yield Hypothesis(
                cause_y if cause_y != "kernel-flipped" else "kernel-gradient-flipped",
                lambda case: {"dkernel": change(self.right(case)["dkernel"])},
            )

        yield from on("kernel-flipped", "kernel-not-flipped", lambda k: k[::-1, ::-1])
        for axis in (0, 1):
            yield from on("kernel-flipped-in-one-axis", "kernel-flipped-in-one-axis", lambda k, a=axis: np.flip(k, a))
        yield from on(
            "kernel-height-and-width-swapped",
            "kernel-height-and-width-swapped",
            lambda k: _same_shape(k, k.swapaxes(0, 1)),
        )
        yield from on(
            "kernel-height-and-width-swapped",
            "kernel-height-and-width-swapped",
            lambda k: _same_shape(k, k.swapaxes(0, 1)[::-1, ::-1]),
        )
        yield from on("kernel-channels-swapped", "kernel-channels-swapped", lambda k: _same_shape(k, k.swapaxes(2, 3)))
        yield from on(
            "reshaped-instead-of-transposed",
            "kernel-channels-not-swapped",
            lambda k: k.reshape(*k.shape[:2], k.shape[3], k.shape[2]).swapaxes(2, 3),
        )

    def _padded(self, case: Case) -> tuple[Geometry, Array]:
        g = self.geometry(case)
        size = (g.size[0] + sum(g.pads[0]), g.size[1] + sum(g.pads[1]))
        whole = scatter(self.window_terms(case.dy, case.arrays["kernel"]), replace(g, size=size, pads=((0, 0), (0, 0))))
        return g, whole

    def _uncropped(self, case: Case) -> Outputs:
        return {"dx": self._padded(case)[1]}

    def _cropped_wrongly(self, case: Case, first: bool) -> Outputs:
        g, whole = self._padded(case)
        if first:
            return {"dx": whole[:, : g.size[0], : g.size[1]]}
        return {"dx": whole[:, g.pads[0][1] :, g.pads[1][1] :][:, : g.size[0], : g.size[1]]}

    def _reached_only(self, case: Case) -> Outputs:
        """dx without the pixels behind the last window, as the output's size alone suggests."""
        g, whole = self._padded(case)
        reach = [
            (o - 1) * s + window_span(k, d) for o, s, k, d in zip(g.out, g.strides, g.window, g.dilation, strict=True)
        ]
        return {
            "dx": whole[:, : reach[0], : reach[1]][
                :, g.pads[0][0] : g.pads[0][0] + g.size[0], g.pads[1][0] : g.pads[1][0] + g.size[1]
            ]
        }

    def _without_gaps(self, case: Case) -> Outputs:
        """dx as if the outputs stood side by side: dy was not spread by the stride."""
        g = self.geometry(case)
        close = replace(g, strides=(1, 1), out=case.dy.shape[1:3])
        return {"dx": scatter(self.window_terms(case.dy, case.arrays["kernel"]), close)}

    def _self_product(self, case: Case, part: str) -> Outputs:
        """The gradient with the array in its own place: dx from x, or dkernel from the kernel's values."""
        if part == "kernel":
            return {"dkernel": case.arrays["kernel"] * 1.0}
        return {"dx": case.arrays["x"] * 1.0}


def image_ignored(operation: Operation) -> Hypothesis:
    """Return dkernel as an image of ones would give it."""

    def predict(case: Case) -> Outputs:
        ones = case.with_arrays(x=np.ones_like(case.arrays["x"]))
        return {"dkernel": operation.right(ones)["dkernel"]}

    return Hypothesis("image-ignored", predict)


def _same_shape(old: Array, new: Array) -> Array:
    if old.shape != new.shape:
        raise ValueError("not square")
    return new


def _negative(kernel: Array, axes: tuple[int, ...]) -> Array:
    """Read kernel[-i, -j]: tap 0 stays, the others are in reverse."""
    for axis in set(axes):
        kernel = np.roll(np.flip(kernel, axis), 1, axis)
    return kernel


def _reordered(windows: Array, order: tuple[int, ...]) -> Array:
    """Read the columns (KH, KW, C) of each window in another order, as a reshape after a wrong transpose does."""
    n, oh, kh, ow, kw, c = windows.shape
    columns = windows.transpose(0, 1, 3, 2, 4, 5)
    mixed = columns.transpose(0, 1, 2, *(3 + k for k in order)).reshape(n, oh, ow, kh, kw, c)
    return mixed.transpose(0, 1, 3, 2, 4, 5)


class Conv2D(Convolution):
    """Convolution over all channels."""

    name = "conv2d"
    contract = (
        "forward(x, kernel, bias, *, strides, padding, dilation_rate) -> (y, cache): x (N, H, W, C), kernel (KH, KW, "
        "C, F), bias (F,), pairs of strides and dilation rates, padding 'valid', 'same' or ((top, bottom), (left, "
        "right)); backward(dy, cache) -> (dx, dkernel, dbias)"
    )
    kernel_axes = ("KH", "KW", "C", "F")
    rungs = (conv2d, conv2d_naive)

    def outputs(self, channels: int, filters: int) -> int:
        """F."""
        return filters

    def forward_sum(self, windows: Array, kernel: Array) -> Array:
        """Sum over taps and channels."""
        return np.einsum("nhiwjc,ijcf->nhwf", windows, kernel)

    def kernel_sum(self, windows: Array, dy: Array, kernel: Array) -> Array:
        """Sum over images and outputs."""
        return np.einsum("nhiwjc,nhwf->ijcf", windows, dy)

    def window_terms(self, dy: Array, kernel: Array) -> Array:
        """Sum over filters."""
        return np.einsum("nhwf,ijcf->nhiwjc", dy, kernel)
