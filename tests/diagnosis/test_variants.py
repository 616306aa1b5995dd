"""Variants of mistakes that once had no name, or a statement that was false: what is said of them now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tinyseg.diagnosis import Diagnosis, diagnose

NAMED_EVERYWHERE = "In every one of them it is exactly what one known mistake gives"


def all_is_explained(found: Diagnosis, cause: str) -> bool:
    return found.cause == cause and NAMED_EVERYWHERE in found.message and "does not:" not in found.message


# Windows --------------------------------------------------------------------------------------------------------------


def same(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + (window - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def pads_of(x: Array, window: Any, strides: Any, padding: Any, dilation: Any) -> Any:
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        return tuple(same(*numbers) for numbers in zip(x.shape[1:3], window, strides, dilation, strict=True))
    return padding


def cut_at_both_ends(padded: Array, before: tuple[int, int]) -> Array:
    top, left = before
    return padded[:, top : padded.shape[1] - top, left : padded.shape[2] - left]


def test_as_much_cut_off_after_the_image_as_before_it() -> None:
    def taps(kernel: Array, options: Any, out: Any) -> Iterator[tuple[int, int, Any]]:
        for i, j in np.ndindex(kernel.shape[:2]):
            (s, t), (d, e) = options["strides"], options["dilation_rate"]
            rows, columns = (slice(b, b + (n - 1) * k + 1, k) for b, n, k in ((i * d, out[0], s), (j * e, out[1], t)))
            yield i, j, np.s_[:, rows, columns]

    def forward(x: Array, kernel: Array, bias: Array, **options: Any) -> Any:
        pads = pads_of(x, kernel.shape, options["strides"], options["padding"], options["dilation_rate"])
        wide = np.pad(x, ((0, 0), *pads, (0, 0)))
        out = [
            (n - (k - 1) * d - 1) // s + 1
            for n, k, s, d in zip(
                wide.shape[1:3], kernel.shape, options["strides"], options["dilation_rate"], strict=False
            )
        ]
        y = sum(wide[place] @ kernel[i, j] for i, j, place in taps(kernel, options, out)) + bias
        return y, (wide, kernel, options, (pads[0][0], pads[1][0]))

    def backward(dy: Array, cache: Any) -> Any:
        wide, kernel, options, before = cache
        dx, dkernel = np.zeros_like(wide), np.zeros_like(kernel)
        for i, j, place in taps(kernel, options, dy.shape[1:3]):
            dx[place] += dy @ kernel[i, j].T
            dkernel[i, j] = np.einsum("nhwc,nhwf->cf", wide[place], dy)
        return cut_at_both_ends(dx, before), dkernel, dy.sum((0, 1, 2))

    assert all_is_explained(diagnose("conv2d", forward, backward), "padding-of-one-end-for-both")


def pooling(place: Callable[[Array, int, int], tuple[Array, Array]], crop: Callable[..., Array]) -> Any:
    """The largest of each window; `place` splits its number into row and column, `crop` takes the padding off."""

    def forward(x: Array, *, pool_size: Any, strides: Any, padding: Any) -> Any:
        pads = pads_of(x, pool_size, strides, padding, (1, 1))
        wide = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=-np.inf)
        views = np.lib.stride_tricks.sliding_window_view(wide, pool_size, (1, 2))[:, :: strides[0], :: strides[1]]
        return views.max((-1, -2)), (x, wide, views, pool_size, strides, pads)

    def backward(dy: Array, cache: Any) -> Any:
        x, wide, views, pool_size, strides, pads = cache
        dx = np.zeros_like(wide)
        row, column = place(views.reshape(*views.shape[:4], -1).argmax(-1), *pool_size)
        n, i, j, c = np.indices(dy.shape)
        np.add.at(dx, (n, i * strides[0] + row, j * strides[1] + column, c), dy)
        return crop(dx, x, pads)

    return forward, backward


def test_pooled_images_cut_alike_at_both_ends() -> None:
    forward, backward = pooling(
        lambda k, h, w: (k // w, k % w), lambda dx, x, p: cut_at_both_ends(dx, (p[0][0], p[1][0]))
    )
    assert all_is_explained(diagnose("max_pool2d", forward, backward), "padding-of-one-end-for-both")


def test_windows_that_are_not_square_tell_only_where() -> None:
    def place(k: Array, h: int, w: int) -> tuple[Array, Array]:
        return np.minimum(k // h, h - 1), np.minimum(k % h, w - 1)

    def crop(dx: Array, x: Array, pads: Any) -> Array:
        top, left = pads[0][0], pads[1][0]
        return dx[:, top : top + x.shape[1], left : left + x.shape[2]]

    found = diagnose("max_pool2d", *pooling(place, crop))
    assert found.cause == "window-not-square-mishandled", str(found)
    assert "taken for each other" not in found.message
    assert "image of 3x4" not in found.message


def test_an_output_that_ends_with_the_last_stamp() -> None:
    def forward(x: Array, kernel: Array, bias: Array, *, strides: Any, padding: Any, dilation_rate: Any) -> Any:
        spans = [(k - 1) * d + 1 for k, d in zip(kernel.shape[:2], dilation_rate, strict=True)]
        sizes = [(n - 1) * s + k for n, s, k in zip(x.shape[1:3], strides, spans, strict=True)]
        y = np.zeros((len(x), *sizes, kernel.shape[2]), x.dtype)
        for a, b, i, j in np.ndindex(*x.shape[1:3], *kernel.shape[:2]):
            y[:, a * strides[0] + i * dilation_rate[0], b * strides[1] + j * dilation_rate[1]] += (
                x[:, a, b] @ kernel[i, j].T
            )
        if padding == "same":
            top, left = (max(k - s, 0) // 2 for k, s in zip(spans, strides, strict=True))
            y = y[:, top : top + x.shape[1] * strides[0], left : left + x.shape[2] * strides[1]]
        return y + bias, None

    found = diagnose("conv2d_transpose", forward)
    assert all_is_explained(found, "output-size-without-the-gap")
    assert "padding" not in found.message


def test_biases_read_in_another_order() -> None:
    from tinyseg_kernels.depthwise_conv2d import numpy_cpu

    def forward(x: Array, kernel: Array, bias: Array, **options: Any) -> Any:
        exchanged = bias.reshape(kernel.shape[2:]).T.reshape(-1)
        return numpy_cpu.depthwise_conv2d_forward(x, kernel, exchanged, **options)

    assert all_is_explained(diagnose("depthwise_conv2d", forward), "bias-of-another-channel")


def test_pixels_cut_off_where_padding_would_be_negative() -> None:
    def forward(x: Array, *, kernel_size: Any, strides: Any, dilation_rate: Any) -> Array:
        for axis, k, s, d in zip((1, 2), kernel_size, strides, dilation_rate, strict=True):
            total = (-(-x.shape[axis] // s) - 1) * s + (k - 1) * d + 1 - x.shape[axis]
            widths = [(0, 0)] * 4
            widths[axis] = (max(total, 0) // 2, max(total, 0) - max(total, 0) // 2)
            x = np.pad(x, widths)
            x = x.take(range(x.shape[axis] + min(total, 0)), axis)
        return x

    assert all_is_explained(diagnose("same_padding", forward), "negative-padding")


def test_what_no_mistake_gives_is_not_said_to_be_no_simple_slip() -> None:
    found = diagnose("relu", lambda x: (np.zeros((*x.shape, 7)), x))
    assert found.cause == "wrong-shape"
    assert "none of the known mistakes" in found.message


# Numbers --------------------------------------------------------------------------------------------------------------


def ratios(y_true: Any, y_pred: Any, classes: int) -> list[Fraction]:
    pairs = list(zip(np.ravel(y_true).tolist(), np.ravel(y_pred).tolist(), strict=True))
    unions = [sum(k in pair for pair in pairs) for k in range(classes)]
    return [Fraction(sum(pair == (k, k) for pair in pairs), n) for k, n in enumerate(unions) if n]


def test_a_fraction_is_a_number() -> None:
    def forward(y_true: Array, y_pred: Array, *, num_classes: int) -> Fraction:
        found = ratios(y_true, y_pred, num_classes)
        return sum(found, Fraction(0)) / len(found)

    assert diagnose("mean_iou", forward).passed


def test_a_score_that_python_rounds() -> None:
    def forward(y_true: Array, y_pred: Array, *, num_classes: int) -> float:
        return round(float(np.mean([float(r) for r in ratios(y_true, y_pred, num_classes)])), 2)

    assert all_is_explained(diagnose("mean_iou", forward), "rounded")


def test_each_pixel_of_a_line_taken_for_an_image() -> None:
    def forward(y_true: Array, y_pred: Array, *, num_classes: int) -> float:
        images = zip(y_true, y_pred, strict=True)
        return float(np.mean([np.mean([float(r) for r in ratios(t, p, num_classes)]) for t, p in images]))

    assert all_is_explained(diagnose("mean_iou", forward), "averaged-over-images")


def test_a_learning_rate_that_is_written_down() -> None:
    def forward(parameter: Array, gradient: Array, m: Array, v: Array, **options: Any) -> Any:
        b1, b2, t = options["beta_1"], options["beta_2"], options["step"]
        m, v = b1 * m + (1 - b1) * gradient, b2 * v + (1 - b2) * gradient**2
        step = 0.001 * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + options["epsilon"])
        return parameter - step, m, v

    assert all_is_explained(diagnose("adam", forward), "learning-rate-ignored")


# Graphs, regions, masks -----------------------------------------------------------------------------------------------


def test_zeros_of_an_unused_value_overwrite() -> None:
    values: dict[str, Callable[..., Any]] = {
        "add": np.add,
        "sub": np.subtract,
        "mul": np.multiply,
        "matmul": np.matmul,
        "relu": lambda x: np.maximum(x, 0),
        "sum": np.sum,
    }
    slopes: dict[str, Callable[..., Any]] = {
        "add": lambda g, x: (g, g),
        "sub": lambda g, x: (g, -g),
        "mul": lambda g, x: (g * x[1], g * x[0]),
        "matmul": lambda g, x: (g @ x[1].T, x[0].T @ g),
        "relu": lambda g, x: (g * (x[0] > 0),),
        "sum": lambda g, x: (g * np.ones_like(x[0]),),
    }

    def forward(a: Array, b: Array, c: Array, *, nodes: Any) -> Any:
        all_values: list[Any] = [a, b, c]
        for name, *inputs in nodes:
            all_values.append(values[name](*(all_values[k] for k in inputs)))
        gradients = [np.zeros_like(np.asarray(value)) for value in all_values]
        gradients[-1] = np.ones_like(gradients[-1])
        for k, (name, *inputs) in reversed(list(enumerate(nodes, 3))):
            for i, part in zip(inputs, slopes[name](gradients[k], [all_values[i] for i in inputs]), strict=True):
                gradients[i] = part
        return tuple(gradients[:3])

    assert all_is_explained(diagnose("backprop_graph", forward), "gradients-overwritten")


def one_pass(merge: bool) -> Callable[..., Any]:
    def forward(mask: Array, *, connectivity: int) -> Any:
        labels, count = np.zeros(mask.shape, int), 0
        before = [(0, -1), (-1, 0), (-1, -1), (-1, 1)][: connectivity // 2]
        for i, j in np.argwhere(mask):
            places = [(i + a, j + b) for a, b in before if i + a >= 0 and 0 <= j + b < mask.shape[1]]
            near = sorted({int(labels[place]) for place in places} - {0})
            count += not near
            labels[i, j] = near[0] if near else count
            for other in near[1:] if merge else ():
                labels[labels == other] = near[0]
        return labels, int(labels.max(initial=0))

    return forward


def test_labels_that_merging_leaves_with_gaps() -> None:
    assert all_is_explained(diagnose("connected_components", one_pass(True)), "numbers-with-gaps")


def test_labels_that_are_never_merged_have_no_gaps() -> None:
    found = diagnose("connected_components", one_pass(False))
    assert all_is_explained(found, "labels-never-merged")
    assert "gaps" not in found.message


def test_a_mask_that_is_mixed_and_rounded_to_even() -> None:
    from tinyseg.diagnosis.case import Case
    from tinyseg.diagnosis.operations.augmentation import Augmentation

    operation = Augmentation()

    def forward(image: Array, mask: Array, **options: Any) -> Any:
        case = Case({"image": image, "mask": mask}, options, frozenset())
        levels = Case({"image": mask[..., None].astype(float), "mask": mask}, options, frozenset())
        plain = operation.right(levels.with_options(contrast=1.0, brightness=0.0))["image"][..., 0]
        marked = Case({"image": image, "mask": np.ones_like(mask)}, options, frozenset())
        inside = operation.right(marked.with_options(void=0))["mask"] == 1
        right = operation.right(case)
        return right["image"], np.where(inside, np.rint(plain), options["void"]).astype(mask.dtype)

    assert all_is_explained(diagnose("augmentation", forward), "mask-interpolated")


# Networks and transforms ----------------------------------------------------------------------------------------------


def mix(x: Array, filters: int) -> Array:
    c, f = np.ogrid[: x.shape[-1], :filters]
    return np.asarray(x @ (np.sin(1.0 + 3 * c + 2 * f) / np.sqrt(x.shape[-1])))


def conv(x: Array, filters: int) -> Array:
    return np.tanh(mix(x, filters))


@pytest.mark.parametrize(("pooled", "words"), [("mean", "the mean"), ("first", "the first")])
def test_a_unet_that_pools_otherwise(pooled: str, words: str) -> None:
    def smaller(x: Array) -> Array:
        n, h, w, c = x.shape
        blocks = x.reshape(n, h // 2, 2, w // 2, 2, c)
        return np.asarray(blocks.mean((2, 4)) if pooled == "mean" else blocks[:, :, 0, :, 0])

    found = diagnose("unet", unet(conv, smaller))
    assert all_is_explained(found, "pooled-otherwise")
    assert words in found.message


def test_a_unet_with_another_activation() -> None:
    def largest(x: Array) -> Array:
        n, h, w, c = x.shape
        return np.asarray(x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4)))

    found = diagnose("unet", unet(lambda x, f: np.maximum(mix(x, f), 0), largest))
    assert all_is_explained(found, "another-activation")
    assert diagnose("unet", unet(conv, largest)).passed


def unet(step: Callable[[Array, int], Array], smaller: Callable[[Array], Array]) -> Callable[..., Array]:
    def both(x: Array, filters: int) -> Array:
        return step(step(x, filters), filters)

    def forward(x: Array, *, depth: int, filters: int, classes: int) -> Array:
        height, width = x.shape[1:3]
        x = np.pad(x, ((0, 0), (0, -height % 2**depth), (0, -width % 2**depth), (0, 0)))
        skips: list[Array] = []
        for level in range(depth):
            skips.append(both(x, filters * 2**level))
            x = smaller(skips[-1])
        x = both(x, filters * 2**depth)
        for level in reversed(range(depth)):
            x = np.concatenate([skips[level], step(x.repeat(2, 1).repeat(2, 2), filters * 2**level)], axis=-1)
            x = both(x, filters * 2**level)
        return np.asarray(mix(x, classes))[:, :height, :width]

    return forward


def test_quarters_in_the_transform_of_the_kernel() -> None:
    from tinyseg.diagnosis.operations.winograd import KERNEL_TRANSFORM, Winograd

    wrong = KERNEL_TRANSFORM * np.array([[1], [0.5], [0.5], [1]])

    def forward(x: Array, kernel: Array, bias: Array) -> Any:
        from tinyseg.diagnosis.case import Case

        case = Case({"x": x, "kernel": kernel, "bias": bias}, {}, frozenset())
        return tuple(Winograd().steps(case, g=wrong)[name] for name in ("u", "v", "m", "y"))

    found = diagnose("winograd", forward)
    assert all_is_explained(found, "kernel-transform-wrong")
    assert "rows 1 and 2" in found.message
