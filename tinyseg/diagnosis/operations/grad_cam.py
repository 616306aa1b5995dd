"""grad_cam: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, small_integers
from ..operation import Hypothesis, Operation, Predict
from ..traits import FLOAT32, IMAGE_NOT_SQUARE, SEVERAL_CHANNELS, SEVERAL_IMAGES, Trait, traits_of

NOTHING_POSITIVE = Trait(
    "an image for which no place speaks for the class",
    mistake="nothing-positive-mishandled",
    not_finite="divided-by-a-maximum-of-zero",
    unseen=True,
)
ALL_POSITIVE = Trait("an image in which every place speaks for the class", unseen=True)
ENLARGED = Trait("an image larger than the activations", mishandled="enlarging-mishandled")
UNEVEN_SIZE = Trait("a size that is no multiple", mishandled="uneven-size-mishandled")
UNEQUAL_FACTORS = Trait("unequal factors for height and width", mistake="height-and-width-swapped")
NEGATIVE_ACTIVATIONS = Trait("negative activations", mishandled="negative-activations-mishandled", unseen=True)

SHAPES: tuple[tuple[tuple[int, int, int, int], tuple[int, int], Trait | None], ...] = (
    ((1, 2, 2, 1), (2, 2), None),
    ((1, 2, 2, 2), (2, 2), None),
    ((1, 2, 3, 2), (4, 6), None),
    ((1, 3, 2, 2), (3, 4), None),
    ((2, 2, 2, 2), (4, 2), None),
    ((2, 3, 4, 3), (3, 4), None),
    ((3, 4, 3, 5), (8, 9), None),
    ((2, 4, 4, 6), (12, 8), NEGATIVE_ACTIVATIONS),
    ((1, 3, 4, 4), (7, 10), None),
    ((2, 5, 3, 4), (11, 8), None),
    ((2, 3, 3, 4), (6, 6), NOTHING_POSITIVE),
    ((3, 2, 4, 3), (4, 4), NOTHING_POSITIVE),
    ((2, 4, 5, 7), (8, 10), FLOAT32),
    ((1, 1, 6, 3), (2, 12), None),
    ((1, 3, 2, 3), (3, 2), ALL_POSITIVE),
    ((2, 3, 4, 2), (6, 8), ALL_POSITIVE),
    ((4, 5, 5, 2), (10, 15), NEGATIVE_ACTIVATIONS),
)
"""Shape of the activations, size of the image, what is special."""

SMALL = (6, 9, 16)
"""Configurations in which the weighted sums stay far below 1."""


class GradCam(Operation):
    """Where in an image a network sees a class."""

    name = "grad_cam"
    arrays = ("activations", "gradients")
    results = ("heat",)
    gradients = ()
    has_cache = False
    contract = (
        "forward(activations, gradients, *, size) -> heat (N, H, W): activations and the gradients of the class's "
        "score by them (N, h, w, K), size = (H, W); weight of a channel: the mean of its gradient over the image's "
        "places; relu of the weighted sum of the activations; divided by its largest number for each image (zeros stay "
        "zeros); enlarged so that heat[i, j] is that of row i * h // H, column j * w // W"
    )

    def cases(self) -> list[Case]:
        """A few numbers; several images, channels, sizes; an image without anything positive."""
        return [_case(number, *row) for number, row in enumerate(SHAPES)]

    def right(self, case: Case) -> Outputs:
        """Four lines, one for each step."""
        return {"heat": _enlarged(_normalised(_relu(_summed(case, _means(case)))), case)}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """The sizes of the activations."""
        n, h, w, k = case.arrays["activations"].shape
        return {"N": float(n), "h": float(h), "w": float(w), "K": float(k)}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """The axes of both arrays, and those of the result, which is no argument."""
        axes = ("N", "H", "W", "C")
        return {"activations": axes, "gradients": axes, "heat": ("N", "H", "W")}

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """A heat map that was not enlarged, or has an axis too many."""
        n, h, w, k = case.arrays["activations"].shape
        size = tuple(case.options["size"])
        return {(n, h, w): "not-enlarged", (n, h, w, k): "channels-not-summed", (n, *size, k): "channels-not-summed"}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other weights, another sum, other scales, another image."""
        yield from self._weight_mistakes()
        yield from self._sum_mistakes()
        yield from self._scale_mistakes()
        yield from self._size_mistakes()

    def _weight_mistakes(self) -> Iterator[Hypothesis]:
        """How much each channel counts."""

        def by(weights: Callable[[Array, Array], Array]) -> Predict:
            """weights(activations, gradients): broadcast against the activations."""

            def predict(case: Case) -> Outputs:
                w = weights(*map(_double, case.arrays.values()))
                return {"heat": _enlarged(_normalised(_relu(_summed(case, w))), case)}

            return predict

        for cause, weights, detail in (
            ("weights-for-all-images", lambda a, g: g.mean(axis=(0, 1, 2), keepdims=True), ""),
            ("weights-of-the-first-image", lambda a, g: g.mean(axis=(1, 2), keepdims=True)[:1], ""),
            ("gradients-not-averaged", lambda a, g: g, ""),
            ("weights-over-the-wrong-axes", lambda a, g: g.mean(axis=(1, 3), keepdims=True), "rows and channels"),
            ("weights-over-the-wrong-axes", lambda a, g: g.mean(axis=(2, 3), keepdims=True), "columns and channels"),
            ("weights-over-the-wrong-axes", lambda a, g: g.mean(axis=1, keepdims=True), "rows only"),
            ("weights-over-the-wrong-axes", lambda a, g: g.mean(axis=2, keepdims=True), "columns only"),
            ("weights-over-the-wrong-axes", lambda a, g: g.mean(axis=3, keepdims=True), "channels only"),
            ("weights-over-the-wrong-axes", lambda a, g: g.mean(axis=(1, 2, 3), keepdims=True), "channels too"),
            ("gradients-ignored", lambda a, g: np.ones_like(g), "all channels count alike"),
            ("activations-instead-of-gradients", lambda a, g: a.mean(axis=(1, 2), keepdims=True), ""),
            ("weights-sign-lost", lambda a, g: np.abs(g.mean(axis=(1, 2), keepdims=True)), ""),
            ("weights-sign-lost", lambda a, g: np.abs(g).mean(axis=(1, 2), keepdims=True), "before the mean"),
            ("weights-sign-lost", lambda a, g: np.square(g.mean(axis=(1, 2), keepdims=True)), "squared"),
            ("negative-weights-lost", lambda a, g: _relu(g.mean(axis=(1, 2), keepdims=True)), ""),
            ("negative-weights-lost", lambda a, g: _relu(g).mean(axis=(1, 2), keepdims=True), "before the mean"),
            ("largest-gradient-as-weight", lambda a, g: g.max(axis=(1, 2), keepdims=True), ""),
            ("largest-gradient-as-weight", lambda a, g: g[:, :1, :1], "the first one"),
            ("largest-gradient-as-weight", lambda a, g: np.median(g, axis=(1, 2), keepdims=True), "the median"),
            ("weights-made-to-a-share", lambda a, g: _softmax(g.mean(axis=(1, 2), keepdims=True)), "by a softmax"),
            ("weights-sign-flipped", lambda a, g: -g.mean(axis=(1, 2), keepdims=True), ""),
            ("weights-by-gradient-and-activation", lambda a, g: (g * a).mean(axis=(1, 2), keepdims=True), ""),
            ("gradients-where-active", lambda a, g: (g * (a > 0)).mean(axis=(1, 2), keepdims=True), ""),
            ("only-the-largest-channel", lambda a, g: _only_largest(g.mean(axis=(1, 2), keepdims=True)), ""),
        ):
            yield Hypothesis(cause, by(weights), detail)

    def _sum_mistakes(self) -> Iterator[Hypothesis]:
        """How channels are put together."""

        def of(f: Callable[[Array, Array, Array], Array]) -> Predict:
            """f(activations, gradients, weights) -> the map before it is normalised."""

            def predict(case: Case) -> Outputs:
                a, g = map(_double, case.arrays.values())
                return {"heat": _enlarged(_normalised(f(a, g, _means(case))), case)}

            return predict

        for cause, f, detail in (
            ("relu-missing", lambda a, g, w: (a * w).sum(axis=-1), ""),
            ("absolute-value-instead-of-relu", lambda a, g, w: np.abs((a * w).sum(axis=-1)), ""),
            ("relu-before-the-sum", lambda a, g, w: _relu(a * w).sum(axis=-1), ""),
            ("relu-of-the-activations", lambda a, g, w: _relu((_relu(a) * w).sum(axis=-1)), "and of the sum"),
            ("relu-of-the-activations", lambda a, g, w: (_relu(a) * w).sum(axis=-1), "not of the sum"),
            ("largest-instead-of-sum", lambda a, g, w: _relu((a * w).max(axis=-1)), ""),
            ("largest-instead-of-sum", lambda a, g, w: _relu(a * w)[..., 0], "the first channel"),
            ("largest-instead-of-sum", lambda a, g, w: _relu(a * w)[..., -1], "the last channel"),
            ("summed-over-the-wrong-axis", lambda a, g, w: _relu((a * w).sum(axis=1)), "rows"),
            ("summed-over-the-wrong-axis", lambda a, g, w: _relu((a * w).sum(axis=2)), "columns"),
            ("weights-added-to-the-activations", lambda a, g, w: _relu((a + w).sum(axis=-1)), ""),
            ("activations-ignored", lambda a, g, w: _relu(g.sum(axis=-1)), ""),
            ("activations-ignored", lambda a, g, w: _relu(g).sum(axis=-1), "of positive gradients"),
            ("activations-ignored", lambda a, g, w: np.abs(g).max(axis=-1), "the largest magnitude"),
            ("negative-part-shown", lambda a, g, w: _relu(-(a * w).sum(axis=-1)), ""),
            ("negative-part-shown", lambda a, g, w: np.minimum((a * w).sum(axis=-1), 0), "with its sign"),
            ("squared-sum", lambda a, g, w: np.square((a * w).sum(axis=-1)), ""),
            ("squared-sum", lambda a, g, w: np.square(_relu((a * w).sum(axis=-1))), "after the relu"),
        ):
            yield Hypothesis(cause, of(f), detail)

    def _scale_mistakes(self) -> Iterator[Hypothesis]:
        """How the map is normalised."""

        def of(f: Callable[[Array], Array]) -> Predict:
            """f(the map after relu)."""
            return lambda case: {"heat": _enlarged(f(_relu(_summed(case, _means(case)))), case)}

        def unlike(f: Callable[[Array], Array]) -> Predict:
            """f(the map before relu)."""
            return lambda case: {"heat": _enlarged(f(_summed(case, _means(case))), case)}

        def per_image(x: Array, f: Callable[[Array], Array]) -> Array:
            values = f(x.reshape(len(x), -1)).reshape(-1, 1, 1)
            return x / np.where(values > 0, values, 1)

        # Its largest number is below 0 in some images, and who divides by any but 0 turns the signs there.
        yield Hypothesis("relu-missing", unlike(lambda x: _divided(x, x.max(axis=(1, 2), keepdims=True))))
        yield Hypothesis("not-normalised", of(lambda x: x))
        yield Hypothesis(
            "not-normalised",
            lambda case: {
                "heat": _enlarged(
                    _relu(_summed(case, _double(case.arrays["gradients"]).sum((1, 2), keepdims=True))), case
                )
            },
            "and the weights are sums",
        )
        yield Hypothesis("one-maximum-for-all-images", of(lambda x: x / (x.max() if x.max() > 0 else 1)))
        yield Hypothesis("divided-by-a-maximum-of-zero", of(lambda x: x / x.max(axis=(1, 2), keepdims=True)))
        yield Hypothesis("divided-by-the-sum", of(lambda x: per_image(x, lambda v: v.sum(axis=1))))
        yield Hypothesis("divided-by-the-sum", of(lambda x: per_image(x, lambda v: v.mean(axis=1))), "by the mean")
        yield Hypothesis(
            "divided-by-the-sum", of(lambda x: per_image(x, lambda v: np.sqrt((v**2).sum(axis=1)))), "by the length"
        )
        yield Hypothesis("divided-by-the-sum", of(lambda x: per_image(x, lambda v: v.std(axis=1))), "by the deviation")
        yield Hypothesis("smallest-subtracted", of(_stretched))
        yield Hypothesis("smallest-subtracted", unlike(_stretched), "in the place of relu")
        yield Hypothesis(
            "divided-before-the-relu",
            unlike(lambda x: _relu(per_image(x, lambda v: np.abs(v).max(axis=1)))),
            "by the largest magnitude",
        )
        yield Hypothesis("maximum-of-each-row", of(lambda x: x / np.maximum(x.max(axis=2, keepdims=True), 1e-300)))
        yield Hypothesis(
            "maximum-of-each-row", of(lambda x: x / np.maximum(x.max(axis=1, keepdims=True), 1e-300)), "of each column"
        )
        yield Hypothesis("squashed", unlike(lambda x: 1 / (1 + np.exp(-x))), "by a sigmoid")
        yield Hypothesis("squashed", unlike(np.tanh), "by tanh")
        yield Hypothesis("squashed", of(np.tanh), "by tanh after the relu")
        yield Hypothesis("squashed", of(lambda x: np.minimum(x, 1)), "cut off at 1")
        yield Hypothesis("in-the-range-to-255", of(lambda x: _normalised(x) * 255))
        yield Hypothesis("in-the-range-to-255", of(lambda x: np.floor(_normalised(x) * 255)), "whole numbers")
        for small in (1.0, 1e-2, 1e-3, 1e-5, 1e-6, 1e-7):
            yield Hypothesis(
                "constant-added-to-the-maximum",
                of(lambda x, e=small: x / (x.max(axis=(1, 2), keepdims=True) + e)),
                f"{small:g}",
            )
        yield Hypothesis(
            "maximum-made-at-least-one", of(lambda x: x / np.maximum(x.max(axis=(1, 2), keepdims=True), 1))
        )
        yield Hypothesis("turned-round", of(lambda x: 1 - _normalised(x)))

    def _size_mistakes(self) -> Iterator[Hypothesis]:
        """How the map is enlarged."""

        def of(f: Callable[[Array, tuple[int, int]], Array]) -> Predict:
            """f(normalised map, size)."""
            return lambda case: {
                "heat": f(_normalised(_relu(_summed(case, _means(case)))), tuple(case.options["size"]))
            }

        yield Hypothesis("not-enlarged", of(lambda x, size: x))
        yield Hypothesis("tiled-instead-of-enlarged", of(lambda x, size: _taken(x, size, lambda i, n, m: i % n)))
        yield Hypothesis("size-swapped", of(lambda x, size: _enlarged_to(x, size[::-1])))
        yield Hypothesis(
            "size-swapped", of(lambda x, size: _enlarged_to(x.swapaxes(1, 2), size)), "rows and columns of the map"
        )
        yield Hypothesis(
            "factor-rounded",
            of(lambda x, size: _taken(x, size, lambda i, n, m: np.minimum(i // max(m // n, 1), n - 1))),
        )
        yield Hypothesis(
            "factor-rounded",
            of(lambda x, size: _taken(x, size, lambda i, n, m: np.minimum(i // -(-m // n), n - 1))),
            "up",
        )
        yield Hypothesis(
            "factor-rounded",
            of(lambda x, size: np.repeat(np.repeat(x, size[0] // x.shape[1], 1), size[1] // x.shape[2], 2)),
            "down: the map is too small",
        )
        yield Hypothesis(
            "places-rounded",
            of(lambda x, size: _taken(x, size, lambda i, n, m: np.minimum(np.rint(i * n / m).astype(int), n - 1))),
        )
        yield Hypothesis(
            "places-rounded",
            of(lambda x, size: _taken(x, size, lambda i, n, m: np.floor((i + 0.5) * n / m).astype(int))),
            "from the middle of a pixel",
        )
        yield Hypothesis(
            "corners-aligned",
            of(lambda x, size: _taken(x, size, lambda i, n, m: np.rint(i * (n - 1) / max(m - 1, 1)).astype(int))),
        )
        yield Hypothesis(
            "corners-aligned",
            of(lambda x, size: _taken(x, size, lambda i, n, m: i * (n - 1) // max(m - 1, 1))),
            "rounded down",
        )
        yield Hypothesis("bilinear-instead-of-nearest", of(_bilinear))
        yield Hypothesis(
            "bilinear-instead-of-nearest", of(lambda x, size: _bilinear(x, size, corners=True)), "corners kept"
        )
        yield Hypothesis(
            "one-factor-for-both-axes",
            of(lambda x, size: _enlarged_to(x, (size[0], size[0] * x.shape[2] // x.shape[1]))),
        )
        yield Hypothesis(
            "one-factor-for-both-axes",
            of(lambda x, size: _enlarged_to(x, (size[1] * x.shape[1] // x.shape[2], size[1]))),
        )
        yield Hypothesis("put-into-a-corner", of(_in_the_corner))
        yield Hypothesis("put-into-a-corner", of(lambda x, size: _spread(x, size)), "spread out with zeros between")
        yield Hypothesis("only-the-first-image", of(lambda x, size: _enlarged_to(x, size)[0]))
        yield Hypothesis(
            "images-added-up",
            lambda case: {
                "heat": _enlarged(_normalised(_relu(_summed(case, _means(case)).sum(axis=0, keepdims=True))), case)
            },
        )


# The steps -----------------------------------------------------------------------------------------------------------


def _double(array: Array) -> Array:
    return np.asarray(array, np.float64)


def _means(case: Case) -> Array:
    return _double(case.arrays["gradients"]).mean(axis=(1, 2), keepdims=True)


def _summed(case: Case, weights: Array) -> Array:
    return (_double(case.arrays["activations"]) * weights).sum(axis=-1)


def _relu(x: Array) -> Array:
    return np.maximum(x, 0)


def _normalised(x: Array) -> Array:
    largest = x.max(axis=(1, 2), keepdims=True)
    return x / np.where(largest > 0, largest, 1)


def _divided(x: Array, by: Array) -> Array:
    return np.asarray(x / np.where(by == 0, 1, by))


def _taken(x: Array, size: tuple[int, int], place: Callable[[Array, int, int], Array]) -> Array:
    """Enlarge: place(numbers of the rows of the image, rows of the map, rows of the image), the same for columns."""
    rows, columns = (place(np.arange(m), n, m) for n, m in zip(x.shape[1:], size, strict=True))
    return x[:, rows][:, :, columns]


def _enlarged_to(x: Array, size: tuple[int, int]) -> Array:
    return _taken(x, size, lambda i, n, m: i * n // m)


def _enlarged(x: Array, case: Case) -> Array:
    return _enlarged_to(x, tuple(case.options["size"])).astype(case.dtype)


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _only_largest(weights: Array) -> Array:
    return np.where(weights == weights.max(axis=-1, keepdims=True), weights, 0)


def _stretched(x: Array) -> Array:
    low, high = x.min(axis=(1, 2), keepdims=True), x.max(axis=(1, 2), keepdims=True)
    return (x - low) / np.where(high > low, high - low, 1)


def _bilinear(x: Array, size: tuple[int, int], *, corners: bool = False) -> Array:
    for axis, m in zip((1, 2), size, strict=True):
        n = x.shape[axis]
        at = np.linspace(0, n - 1, m) if corners else np.clip((np.arange(m) + 0.5) * n / m - 0.5, 0, n - 1)
        low = np.minimum(np.floor(at).astype(int), n - 1)
        share = (at - low).reshape([-1 if k == axis else 1 for k in range(3)])
        x = x.take(low, axis) * (1 - share) + x.take(np.minimum(low + 1, n - 1), axis) * share
    return x


def _in_the_corner(x: Array, size: tuple[int, int]) -> Array:
    image = np.zeros((len(x), *size))
    image[:, : x.shape[1], : x.shape[2]] = x[:, : size[0], : size[1]]
    return image


def _spread(x: Array, size: tuple[int, int]) -> Array:
    image = np.zeros((len(x), *size))
    image[:, :: size[0] // x.shape[1], :: size[1] // x.shape[2]] = x
    return image


# Configurations ------------------------------------------------------------------------------------------------------


def _case(number: int, shape: tuple[int, int, int, int], size: tuple[int, int], special: Trait | None) -> Case:
    rng = case_rng(number, 24)
    n, h, w, k = shape
    by_hand = number < 5
    if by_hand:
        activations, gradients = np.abs(small_integers(rng, shape, 0, 5)), small_integers(rng, shape, 0, 3)
    else:
        activations, gradients = np.abs(rng.standard_normal(shape)), rng.standard_normal(shape)
    if special == NEGATIVE_ACTIVATIONS:
        activations = rng.standard_normal(shape)
    for image in range(n):  # whatever is drawn, some channel speaks for the class, and another one against it
        gradients[image, ..., 0] = np.abs(gradients[image, ..., 0]) + 1
        activations[image, 0, 0, 0] += 6
        if k > 1:
            gradients[image, ..., -1] = -np.abs(gradients[image, ..., -1]) - 1
            activations[image, -1, -1, -1] += 9
    if special == ALL_POSITIVE:
        activations, gradients = np.abs(activations) + 0.5, np.abs(gradients)
    if special == NOTHING_POSITIVE:
        gradients[-1] = -np.abs(gradients[-1]) - 0.1
        activations[-1] = np.abs(activations[-1])
    if number in SMALL:
        activations = 0.01 * activations
    if special == FLOAT32:
        activations, gradients = activations.astype(np.float32), gradients.astype(np.float32)
    sums = np.einsum("nk,nhwk->nhw", gradients.mean(axis=(1, 2)), activations)
    traits = traits_of(
        {
            ALL_POSITIVE: bool((sums.min(axis=(1, 2)) > 0).any()),  # which may happen with any numbers
            SEVERAL_IMAGES: n > 1,
            SEVERAL_CHANNELS: k > 1,
            IMAGE_NOT_SQUARE: h != w,
            ENLARGED: size != (h, w),
            UNEVEN_SIZE: size[0] % h > 0 or size[1] % w > 0,
            UNEQUAL_FACTORS: size[0] * w != size[1] * h,
        },
        special,
    )
    return Case({"activations": activations, "gradients": gradients}, {"size": size}, traits, by_hand=by_hand)
