"""threshold: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..comparison import Finding, Kind, agrees, compare
from ..operation import Hypothesis, Operation, Predict
from ..place import NamedRegion
from ..traits import FLOAT32, IMAGE_NOT_SQUARE, SEVERAL_CHANNELS, Trait, traits_of

INVERT = Trait("invert=True", mishandled="invert-mishandled")
DEFAULT = Trait("invert left to its default", mishandled="default-mishandled")
FLOATS = Trait("floating-point images")
FRACTION = Trait("a threshold between two whole numbers", mishandled="fraction-mishandled")
OUT_OF_RANGE = Trait("a threshold outside the range of uint8", mishandled="threshold-out-of-range-mishandled")
NEGATIVE = Trait("negative numbers", mishandled="negative-numbers-mishandled")
EQUAL = NamedRegion("pixels that equal t", mishandled="equal-pixels-mishandled")

Test = Callable[[Array, float], Array]

SHAPES: tuple[tuple[tuple[int, ...], str, float, bool | None], ...] = (
    ((2, 3), "uint8", 100, False),
    ((3, 4), "uint8", 100, True),
    ((3, 2), "float64", 0.5, False),
    ((2, 3), "float64", 0.5, True),
    ((1, 1), "uint8", 20, False),
    ((1, 6), "uint8", 60, False),
    ((5, 1), "uint8", 60, True),
    ((4, 4), "uint8", 127.5, False),
    ((5, 4), "uint8", 59.75, True),
    ((4, 6), "uint8", 0, False),
    ((4, 5), "uint8", 254, False),
    ((3, 5), "uint8", 300, False),
    ((5, 3), "uint8", -1, False),
    ((5, 3), "uint8", 300, True),
    ((6, 5), "float64", -0.25, False),
    ((5, 6), "float64", 1.5, True),
    ((6, 7), "float32", 0.25, False),
    ((3, 4, 3), "uint8", 100, False),
    ((4, 3, 3), "float64", 0.5, True),
    ((5, 4, 2), "uint8", 40, True),
    ((20, 24), "float64", 0.125, False),
    ((18, 25), "uint8", 130, False),
    ((3, 4), "uint8", 90, None),
    ((4, 3), "float64", 0.5, None),
)
"""Shape, dtype, t, invert; None where the function is called without it."""

NOT_NEGATIVE = (2, 16, 23)
"""Floating-point images without negative numbers."""

_BORDER = (np.s_[:1], np.s_[-1:], np.s_[:, :1], np.s_[:, -1:])
"""First and last row, first and last column."""


class Threshold(Operation):
    """The pixels that are brighter than a number."""

    name = "threshold"
    arrays = ("image",)
    results = ("mask",)
    gradients = ()
    has_cache = False
    contract = (
        "forward(image, *, t, invert) -> mask: image (H, W) or (H, W, C) of uint8 or floats, t a number; mask has the "
        "image's shape and is True (or 1) where image > t, or with invert=True where it is not; invert may have a "
        "default, which is False"
    )

    def cases(self) -> list[Case]:
        """A few pixels first, always some that equal t; then fractions, thresholds out of range, channels.

        Last without `invert`: a function whose `invert` has no default may refuse that.
        """
        return [_case(number, *row) for number, row in enumerate(SHAPES)]

    def right(self, case: Case) -> Outputs:
        """One comparison for each pixel."""
        image, t, invert = _parts(case)
        return {"mask": (image > t) != invert}

    def compare(self, case: Case, output: str, right: object, got: object) -> Finding:
        """Numbers 0 and 1 of any type are right as well."""
        found = compare(right, got)
        return Finding(Kind.RIGHT, found.right, found.got) if agrees(found.right, found.got, 0.0) else found

    def needs(self, case: Case) -> Mapping[str, tuple[object, ...]]:
        """A function without `invert` can be run where it is False."""
        return {"invert": (False,)}

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """The pixels on which `>` and `>=` differ."""
        return {EQUAL: case.arrays["image"] == case.options["t"]}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """The largest number of uint8."""
        return {"255": 255.0}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """The axes of the result; it is no argument, so that nothing is changed."""
        return {"mask": ("H", "W")}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other comparisons, other thresholds, other results, other images."""
        yield from self._comparison_mistakes()
        yield from self._threshold_mistakes()
        yield from self._image_mistakes()
        yield from self._result_mistakes()

    def _comparison_mistakes(self) -> Iterator[Hypothesis]:
        """What is done with the option, and with pixels that equal t."""

        def of(f: Callable[[Array, float, bool], Array]) -> Predict:
            return lambda case: {"mask": f(*_parts(case))}

        yield Hypothesis("equal-counts-as-brighter", of(lambda x, t, invert: (x >= t) != invert))
        yield Hypothesis("equal-in-no-mask", of(lambda x, t, invert: x < t if invert else x > t))
        yield Hypothesis("equal-in-both-masks", of(lambda x, t, invert: x <= t if invert else x >= t))
        yield Hypothesis("darker-instead-of-brighter", of(lambda x, t, invert: (x > t) == invert))
        yield Hypothesis("darker-instead-of-brighter", of(lambda x, t, invert: (x < t) != invert))
        yield Hypothesis("darker-instead-of-brighter", of(lambda x, t, invert: x > t if invert else x < t))
        yield Hypothesis("invert-ignored", of(lambda x, t, invert: x > t))
        yield Hypothesis("invert-ignored", of(lambda x, t, invert: x >= t), "and equal pixels count as brighter")
        yield Hypothesis("always-inverted", of(lambda x, t, invert: x <= t))
        yield Hypothesis("always-inverted", of(lambda x, t, invert: x < t), "and equal pixels are left out")
        yield Hypothesis("default-inverted", _inverted_by_default)
        yield Hypothesis("equality-tested", of(lambda x, t, invert: (x == t) != invert))
        yield Hypothesis("equality-tested", of(lambda x, t, invert: (x != t) != invert), "turned round")
        for top in (255, 1):
            yield Hypothesis(
                "image-inverted-instead-of-the-mask",
                of(lambda x, t, invert, top=top: top - x > t if invert else x > t),
                f"{top} - image",
            )
        yield Hypothesis(
            "image-inverted-instead-of-the-mask",
            of(lambda x, t, invert: (255 if x.dtype == np.uint8 else 1) - x > t if invert else x > t),
        )
        yield Hypothesis(
            "image-inverted-instead-of-the-mask", of(lambda x, t, invert: x.max() - x > t if invert else x > t)
        )
        yield Hypothesis(
            "image-inverted-instead-of-the-mask",
            of(lambda x, t, invert: -x.astype(float) > t if invert else x > t),
            "the negative image",
        )
        yield Hypothesis(
            "threshold-inverted-instead-of-the-mask",
            of(lambda x, t, invert: x > ((255 if x.dtype == np.uint8 else 1) - t) if invert else x > t),
        )
        yield Hypothesis(
            "threshold-inverted-instead-of-the-mask",
            of(lambda x, t, invert: x > -t if invert else x > t),
            "the negative t",
        )
        yield Hypothesis(
            "bits-inverted", of(lambda x, t, invert: -1 - (x > t).astype(int) if invert else (x > t).astype(int))
        )
        yield Hypothesis(
            "bits-inverted",
            of(lambda x, t, invert: 255 - (x > t).astype(int) if invert else (x > t).astype(int)),
            "of 8-bit numbers",
        )
        yield Hypothesis("mask-made-negative", of(lambda x, t, invert: -1.0 * (x > t) if invert else 1.0 * (x > t)))

    def _threshold_mistakes(self) -> Iterator[Hypothesis]:
        """Another number than t."""
        for cause, f, detail in (
            ("threshold-rounded", lambda x, t: x > int(t), "cut off"),
            ("threshold-rounded", lambda x, t: x > np.floor(t), "down"),
            ("threshold-rounded", lambda x, t: x > round(t), ""),
            ("threshold-rounded", lambda x, t: x > np.ceil(t), "up"),
            ("threshold-rounded", lambda x, t: x >= int(t), "cut off, and equal pixels count as brighter"),
            ("threshold-wraps-around", lambda x, t: x > (int(t) % 256 if x.dtype == np.uint8 else t), ""),
            ("threshold-wraps-around", lambda x, t: x > int(t) % 256, "for floats too"),
            ("threshold-cut-to-the-range", lambda x, t: x > np.clip(t, 0, 255), "from 0 to 255"),
            ("threshold-cut-to-the-range", lambda x, t: x > np.clip(t, 0, 1), "from 0 to 1"),
            (
                "threshold-cut-to-the-range",
                lambda x, t: x > np.clip(t, 0, 255 if x.dtype == np.uint8 else 1),
                "of the image's type",
            ),
            ("threshold-made-positive", lambda x, t: x > abs(t), ""),
            ("threshold-made-positive", lambda x, t: x > max(t, 0), "0 in the place of a negative one"),
            ("fixed-threshold", lambda x, t: x > 127, "127"),
            ("fixed-threshold", lambda x, t: x > 128, "128"),
            ("fixed-threshold", lambda x, t: x > 127.5, "127.5"),
            ("fixed-threshold", lambda x, t: x > 100, "100"),
            ("fixed-threshold", lambda x, t: x > 0.5, "0.5"),
            ("fixed-threshold", lambda x, t: x > 0, "0"),
            ("fixed-threshold", lambda x, t: x > (127 if x.dtype == np.uint8 else 0.5), "half of the range"),
            ("threshold-from-the-image", lambda x, t: x > x.mean(), "its mean"),
            ("threshold-from-the-image", lambda x, t: x > np.median(x), "its median"),
            ("threshold-from-the-image", lambda x, t: x > (float(x.min()) + float(x.max())) / 2, "half of its range"),
            ("threshold-as-a-share", lambda x, t: x > t * float(x.max()), "of the largest number"),
            ("threshold-as-a-share", lambda x, t: x > _in_8_bits(x, t * float(x.max())), "of the largest number"),
            ("threshold-as-a-share", lambda x, t: x > t * x.mean(), "of the mean"),
            ("scales-differ", lambda x, t: x > t * 255, "as if t were 255 times as large"),
            (
                "scales-differ",
                lambda x, t: x > t * (255 if x.dtype == np.uint8 else 1),
                "t 255 times as large, for uint8",
            ),
            (
                "scales-differ",
                lambda x, t: x > t * (255 if x.dtype != np.uint8 else 1),
                "t 255 times as large, for floats",
            ),
            ("scales-differ", lambda x, t: x > t / 255, "as if t were divided by 255"),
            ("scales-differ", lambda x, t: x > t / (255 if x.dtype != np.uint8 else 1), "t divided by 255, for floats"),
            ("scales-differ", lambda x, t: x > t / (255 if x.dtype == np.uint8 else 1), "t divided by 255, for uint8"),
            ("threshold-one-off", lambda x, t: x > t + 1, "one too high"),
            ("threshold-one-off", lambda x, t: x > t - 1, "one too low"),
            ("threshold-one-off", lambda x, t: x >= t + 1, "one too high, and equal pixels count"),
            ("threshold-one-off", lambda x, t: x >= t - 1, "one too low, and equal pixels count"),
        ):
            yield Hypothesis(cause, _tested(f), detail)

    def _image_mistakes(self) -> Iterator[Hypothesis]:
        """Another image than the one that was given."""
        for cause, f, detail in (
            ("image-rounded", lambda x, t: x.astype(int) > t, "cut off"),
            ("image-rounded", lambda x, t: np.rint(x) > t, ""),
            ("image-rounded", lambda x, t: x.astype(np.int64) % 256 > t, "to 8 bits"),
            ("image-scaled-first", lambda x, t: x / float(x.max()) > t, "divided by its largest number"),
            ("image-scaled-first", lambda x, t: _stretched(x) > t, "stretched to the range from 0 to 1"),
            ("image-scaled-first", lambda x, t: x - x.mean() > t, "its mean subtracted"),
            ("sign-of-the-pixels-lost", lambda x, t: np.abs(x) > t, ""),
            ("sign-of-the-pixels-lost", lambda x, t: np.maximum(x, 0) > t, "negative ones count as 0"),
            ("difference-wraps-around", _wrapped, ""),
            ("channels-decided-together", lambda x, t: _shared(x, (x > t).any(axis=-1, keepdims=True)), "any of them"),
            ("channels-decided-together", lambda x, t: _shared(x, (x > t).all(axis=-1, keepdims=True)), "all of them"),
            ("channels-decided-together", lambda x, t: _shared(x, x.mean(-1, keepdims=True) > t), "by their mean"),
            ("channels-decided-together", lambda x, t: _shared(x, x[..., :1] > t), "by the first one"),
            ("channels-decided-together", lambda x, t: _shared(x, x.max(-1, keepdims=True) > t), "by the largest one"),
            ("whole-rows-decided", lambda x, t: np.zeros(x.shape, bool) | (x > t).any(axis=1, keepdims=True), "any"),
            ("whole-rows-decided", lambda x, t: np.zeros(x.shape, bool) | (x[:, :1] > t), "by the first pixel"),
            ("whole-rows-decided", lambda x, t: np.zeros(x.shape, bool) | (x.mean(1, keepdims=True) > t), "the mean"),
        ):
            yield Hypothesis(cause, _tested(f), detail)
        for cause, part in (
            ("last-row-missing", np.s_[-1:]),
            ("first-row-missing", np.s_[:1]),
            ("last-column-missing", np.s_[:, -1:]),
            ("first-column-missing", np.s_[:, :1]),
        ):
            yield Hypothesis(cause, _tested(lambda x, t, part=part: _without(x > t, part)))
        yield Hypothesis("border-left-out", _tested(lambda x, t: _without(x > t, *_BORDER)))
        yield Hypothesis("last-row-and-column-left-out", _tested(lambda x, t: _without(x > t, *_BORDER[1::2])))
        for how, f in (
            ("any of them", lambda x, t: (x > t).any(axis=-1)),
            ("all of them", lambda x, t: (x > t).all(axis=-1)),
            ("their mean", lambda x, t: x.mean(axis=-1) > t),
            ("the first one", lambda x, t: x[..., 0] > t),
            ("their sum", lambda x, t: x.astype(float).sum(axis=-1) > t),
        ):
            yield Hypothesis("channels-put-together", _tested(lambda x, t, f=f: f(x, t) if x.ndim == 3 else x > t), how)
        yield Hypothesis(
            "only-the-first-channel",
            _tested(lambda x, t: (x > t) & (np.arange(x.shape[-1]) < 1 if x.ndim == 3 else True)),
        )

    def _result_mistakes(self) -> Iterator[Hypothesis]:
        """Something else than a mask."""

        def of(f: Callable[[Array, Array], Array | np.generic]) -> Predict:
            """f(image, the right mask)."""
            return lambda case: {"mask": np.asarray(f(case.arrays["image"], self.right(case)["mask"]))}

        yield Hypothesis("mask-of-255", of(lambda x, m: m * 255))
        yield Hypothesis("mask-of-255", of(lambda x, m: m * (255 if x.dtype == np.uint8 else 1)), "for uint8")
        yield Hypothesis("mask-of-plus-and-minus-one", of(lambda x, m: np.where(m, 1, -1)))
        yield Hypothesis("image-instead-of-mask", of(lambda x, m: x * m), "the other pixels are 0")
        yield Hypothesis("image-instead-of-mask", of(lambda x, m: np.where(m, 255, x)), "the pixels are set to 255")
        yield Hypothesis("image-instead-of-mask", of(lambda x, m: np.where(m, 1, x)), "the pixels are set to 1")
        yield Hypothesis("image-instead-of-mask", of(lambda x, m: x))
        for invert in (False, True):
            yield Hypothesis(
                "image-instead-of-mask",
                lambda c, invert=invert: {
                    "mask": c.arrays["image"] * self.right(c.with_options(invert=invert))["mask"]
                },
                f"always as with invert={invert}",
            )
        yield Hypothesis(
            "image-instead-of-mask",
            lambda c: {"mask": np.maximum(c.arrays["image"].astype(float), c.options["t"])},
            "cut off at t",
        )
        yield Hypothesis(
            "image-instead-of-mask", lambda c: {"mask": c.arrays["image"].astype(float) - c.options["t"]}, "minus t"
        )
        yield Hypothesis("pixels-picked-out", of(lambda x, m: x[m]))
        yield Hypothesis("places-instead-of-mask", of(lambda x, m: np.argwhere(m)))
        yield Hypothesis("places-instead-of-mask", of(lambda x, m: np.flatnonzero(m)), "in the flattened image")
        yield Hypothesis("pixels-counted", of(lambda x, m: m.sum()))
        yield Hypothesis("pixels-counted", of(lambda x, m: m.mean()), "as a share")
        yield Hypothesis("pixels-counted", of(lambda x, m: m.any()), "as one answer for the whole image")
        yield Hypothesis("pixels-counted", of(lambda x, m: m.all()), "as one answer for the whole image")


def _parts(case: Case) -> tuple[Array, float, bool]:
    return case.arrays["image"], case.options["t"], bool(case.options.get("invert", False))


def _inverted_by_default(case: Case) -> Outputs:
    image, t, invert = _parts(case)
    return {"mask": (image > t) != (invert or "invert" not in case.options)}


def _tested(f: Test) -> Predict:
    """f(image, t) in the place of image > t."""

    def predict(case: Case) -> Outputs:
        image, t, invert = _parts(case)
        return {"mask": np.asarray(f(image, t)) != invert}

    return predict


def _case(number: int, shape: tuple[int, ...], dtype: str, t: float, invert: bool | None) -> Case:
    rng = case_rng(number, 21)
    size = int(np.prod(shape))
    if dtype == "uint8":
        image = np.concatenate(
            [rng.choice([10, 40, 60, 90, 120, 130, 200, 255], size // 2), rng.integers(0, 256, size)]
        )
        image = image[:size]
    else:
        image = np.round(rng.normal(0.3, 0.6, size), 2)
    if size > 2:
        # Whatever is drawn, there are pixels on both sides of t and on it, wherever the type has room for them.
        step = 1 if dtype == "uint8" else 0.25
        some = rng.permutation(size)[:3]
        image[some] = [t, t + step, t - step]
    if dtype == "uint8":
        image = np.clip(np.floor(image), 0, 255)
    elif number in NOT_NEGATIVE:
        image = np.abs(image)
    traits = traits_of(
        {
            INVERT: bool(invert),
            DEFAULT: invert is None,
            FLOATS: dtype != "uint8",
            FLOAT32: dtype == "float32",
            FRACTION: dtype == "uint8" and t != int(t),
            OUT_OF_RANGE: dtype == "uint8" and not 0 <= t <= 255,
            NEGATIVE: bool((image < 0).any()),
            SEVERAL_CHANNELS: len(shape) == 3,
            IMAGE_NOT_SQUARE: shape[0] != shape[1],
        }
    )
    options = {"t": t} if invert is None else {"t": t, "invert": invert}
    arrays = {"image": image.reshape(shape).astype(dtype)}
    return Case(arrays, options, traits, lenient=invert is None, by_hand=size <= 12)


def _wrapped(image: Array, t: float) -> Array:
    """image - t > 0 in the image's own type, in which 50 - 100 is 206; another type where t does not fit into it."""
    if image.dtype != np.uint8 or t != int(t) or not 0 <= t <= 255:
        return image > t
    return image != t


def _stretched(image: Array) -> Array:
    low, high = float(image.min()), float(image.max())
    return (image - low) / (high - low) if high > low else image * 0.0


def _without(mask: Array, *parts: tuple[slice, ...] | slice) -> Array:
    """Return a mask that is False in some parts: there no pixel was looked at."""
    mask = mask.copy()
    for part in parts:
        mask[part] = False
    return mask


def _in_8_bits(image: Array, value: float) -> float:
    """Return what is left of a product of whole numbers in the type of an image of uint8."""
    return value % 256 if image.dtype == np.uint8 and value == int(value) else value


def _shared(image: Array, decided: Array) -> Array:
    """Spread what was decided over the channels of an image that has some."""
    if image.ndim < 3:
        raise ValueError("no channels")
    return np.broadcast_to(decided, image.shape)
