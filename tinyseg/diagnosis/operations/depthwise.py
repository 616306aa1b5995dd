"""depthwise_conv2d: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from tinyseg_kernels.depthwise_conv2d import naive as depthwise_naive
from tinyseg_kernels.depthwise_conv2d import numpy_cpu as depthwise
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..generic import Change, left_out
from ..geometry import gather, scatter
from ..operation import Hypothesis
from .convolution import SCATTERS, Convolution


class DepthwiseConv2D(Convolution):
    """Convolution of each channel for itself."""

    name = "depthwise_conv2d"
    contract = (
        "forward(x, kernel, bias, *, strides, padding, dilation_rate) -> (y, cache): as conv2d with kernel (KH, KW, "
        "C, M) and bias (C * M,); output channel c * M + m; backward(dy, cache) -> (dx, dkernel, dbias)"
    )
    kernel_axes = ("KH", "KW", "C", "M")
    rungs = (depthwise, depthwise_naive)

    def outputs(self, channels: int, filters: int) -> int:
        """C * M."""
        return channels * filters

    def forward_sum(self, windows: Array, kernel: Array) -> Array:
        """Sum over taps."""
        y = np.einsum("nhiwjc,ijcm->nhwcm", windows, kernel)
        return y.reshape(*y.shape[:3], -1)

    def kernel_sum(self, windows: Array, dy: Array, kernel: Array) -> Array:
        """Sum over images and outputs."""
        return np.einsum("nhiwjc,nhwcm->ijcm", windows, dy.reshape(*dy.shape[:3], *kernel.shape[2:]))

    def window_terms(self, dy: Array, kernel: Array) -> Array:
        """Sum over the multiplier."""
        return np.einsum("nhwcm,ijcm->nhiwjc", dy.reshape(*dy.shape[:3], *kernel.shape[2:]), kernel)

    def mistakes(self) -> Iterator[Hypothesis]:
        """The order of output channels, and what conv2d has too."""

        def turned(a: Array, case: Case) -> Array:
            c, m = case.arrays["kernel"].shape[2:]
            return a.reshape(*a.shape[:-1], c, m).swapaxes(-1, -2).reshape(a.shape)

        def wrong_order(case: Case) -> Outputs:
            y = self.right(case)["y"] - case.arrays["bias"]
            return {"y": turned(y, case) + case.arrays["bias"]}

        def wrong_order_back(case: Case) -> Outputs:
            c, m = case.arrays["kernel"].shape[2:]
            dy = case.dy.reshape(*case.dy.shape[:-1], m, c).swapaxes(-1, -2).reshape(case.dy.shape)
            wrong = self.right(case.with_dy(dy))
            return {"dx": wrong["dx"], "dkernel": wrong["dkernel"]}

        yield Hypothesis("multiplier-order", wrong_order)
        yield Hypothesis("multiplier-order", lambda case: {"y": turned(self.right(case)["y"], case)})
        yield Hypothesis("multiplier-order", wrong_order_back)

        def summed(case: Case) -> Outputs:
            w, k = gather(case.arrays["x"], self.geometry(case)), case.arrays["kernel"]
            y = np.einsum("nhiwjc,ijcm->nhwm", w, k)
            return {"y": y + case.arrays["bias"][: y.shape[-1]]}

        yield Hypothesis("channels-summed", summed)

        def repeated(case: Case, by_channel: bool) -> Outputs:
            w, k, bias = gather(case.arrays["x"], self.geometry(case)), case.arrays["kernel"], case.arrays["bias"]
            if by_channel:
                y = np.einsum("nhiwjc,ijdm->nhwdm", w, k)
            else:
                y = np.einsum("nhiwjc,ijcm->nhwm", w, k)[..., None, :] + np.zeros((k.shape[2], 1))
            return {"y": y.reshape(*y.shape[:3], -1) + bias}

        for by_channel in (True, False):
            yield Hypothesis("channels-summed", lambda case, b=by_channel: repeated(case, b))

        def bias_as(f: Callable[[Array, int, int], Array]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                bias, (c, m) = case.arrays["bias"], case.arrays["kernel"].shape[2:]
                return {"y": self.right(case)["y"] - bias + f(bias, c, m)}

            return predict

        yield Hypothesis(
            "bias-of-another-channel", bias_as(lambda b, c, m: b.reshape(m, c).T.reshape(-1)), "in the order (M, C)"
        )
        yield Hypothesis(
            "bias-of-another-channel", bias_as(lambda b, c, m: b.reshape(c, m).T.reshape(-1)), "in the order (M, C)"
        )
        yield Hypothesis(
            "bias-of-another-channel", bias_as(lambda b, c, m: np.repeat(b[:c], m)), "that of the input channel"
        )
        yield Hypothesis(
            "bias-of-another-channel", bias_as(lambda b, c, m: np.tile(b[:m], c)), "that of the multiplier"
        )

        def mixed(case: Case) -> Outputs:
            terms = self.window_terms(case.dy, case.arrays["kernel"])
            total = np.broadcast_to(terms.sum(axis=-1, keepdims=True), terms.shape)
            return {"dx": scatter(total, self.geometry(case))}

        yield Hypothesis("channels-summed", mixed)
        for index in (0, -1):

            def one(case: Case, index: int = index) -> Outputs:
                k = case.arrays["kernel"]
                dy = case.dy.reshape(*case.dy.shape[:3], *k.shape[2:])
                kept = np.zeros_like(dy)
                kept[..., index] = dy[..., index]
                wrong = self.right(case.with_dy(kept.reshape(case.dy.shape)))
                return {"dx": wrong["dx"], "dkernel": wrong["dkernel"]}

            yield Hypothesis("multiplier-not-summed", one)

        def averaged(case: Case) -> Outputs:
            return {"dx": self.right(case)["dx"] / case.arrays["kernel"].shape[3]}

        yield Hypothesis("multiplier-averaged", averaged)

        def bias_by_channel(case: Case) -> Outputs:
            return {"dbias": self.right(case)["dbias"].reshape(case.arrays["kernel"].shape[2:]).sum(axis=1)}

        def bias_by_multiplier(case: Case) -> Outputs:
            return {"dbias": self.right(case)["dbias"].reshape(case.arrays["kernel"].shape[2:]).sum(axis=0)}

        yield Hypothesis("bias-summed-over-wrong-axes", bias_by_channel, "over the multiplier too")
        yield Hypothesis("bias-summed-over-wrong-axes", bias_by_multiplier, "over the channels too")
        yield from self._loop_mistakes()
        yield from super().mistakes()

    def _split(self, array: Array, case: Case) -> Array:
        """Return (..., C * M) as (..., C, M)."""
        return array.reshape(*array.shape[:-1], *case.arrays["kernel"].shape[2:])

    def _loop_mistakes(self) -> Iterator[Hypothesis]:
        """Loops over channels and multipliers that end early, or write into one place."""
        for axes in ({-2: "C"}, {-1: "M"}):
            for cause, change in left_out(axes):

                def forward(case: Case, change: Change = change, bias: bool = False) -> Outputs:
                    y, last = self.right(case)["y"], case.arrays["bias"] if bias else 0.0
                    part = change(self._split(y - last, case))
                    return {} if part is None else {"y": part.reshape(y.shape) + last}

                def backward(case: Case, change: Change = change) -> Outputs:
                    part = change(self._split(case.dy, case))
                    return {} if part is None else self.right(case.with_dy(part.reshape(case.dy.shape)))

                if cause.split("-")[-2] not in ("position", "entry"):
                    yield Hypothesis(cause, forward, "in y")
                    yield Hypothesis(cause, lambda c, f=forward: f(c, bias=True), "in all but bias")
                    yield Hypothesis(cause, backward, "in dy")

        def heaped(case: Case, axis: int, index: int) -> Outputs:
            dbias = self._split(self.right(case)["dbias"], case)
            heap = np.zeros_like(dbias)
            heap[(slice(None),) * axis + (index,)] = dbias.sum(axis=axis)
            return {"dbias": heap.reshape(-1)}

        for axis, word in ((0, "channel"), (1, "multiplier")):
            for index, end in ((0, "first"), (-1, "last")):
                yield Hypothesis(f"all-in-the-{end}-{word}", lambda c, a=axis, k=index: heaped(c, a, k), "in dbias")

        def last_only(case: Case, how: str) -> Outputs:
            """dx where each multiplier, window and tap replaces what was there."""
            kept = np.zeros_like(case.arrays["kernel"])
            kept[..., -1] = case.arrays["kernel"][..., -1]
            return {"dx": self.compute(case, how=how, dx_kernel=lambda _: kept)["dx"]}

        for how in SCATTERS[:3]:
            yield Hypothesis("overlaps-overwritten", lambda c, how=how: last_only(c, how), f"{how}, last multiplier")
