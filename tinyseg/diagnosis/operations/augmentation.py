"""augmentation: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..operation import Hypothesis, Operation
from ..traits import FLOAT32, IMAGE_NOT_SQUARE, SEVERAL_CHANNELS, Trait, traits_of

CROPPED = Trait("a crop", mishandled="crop-mishandled")
FLIPPED = Trait("a flip", mishandled="flip-mishandled")
TURNED = Trait("turns", mishandled="turns-mishandled")
SHIFTED = Trait("a shift", mishandled="shift-mishandled")
FRACTIONS = Trait("places between pixels", mishandled="interpolation-mishandled")
ZOOMED = Trait("a zoom", mishandled="zoom-mishandled")
COLOURED = Trait("a change of colours", mishandled="colours-mishandled")
ONE_BY_ONE = Trait("one change alone")

Pair = tuple[float, float]
PLAIN: Mapping[str, object] = {
    "crop": None,
    "flip": False,
    "turns": 0,
    "zoom": 1.0,
    "shift": (0.0, 0.0),
    "contrast": 1.0,
    "brightness": 0.0,
    "void": 255,
}
ROWS: tuple[tuple[tuple[int, int, int], Mapping[str, object], Trait | None], ...] = (
    ((2, 3, 1), {"flip": True}, None),
    ((2, 3, 1), {"turns": 1}, None),
    ((3, 2, 1), {"turns": 2}, None),
    ((2, 4, 1), {"turns": 3}, None),
    ((4, 5, 1), {"crop": (1, 2, 2, 3)}, None),
    ((3, 4, 1), {"shift": (1.0, 0.0)}, None),
    ((3, 4, 1), {"shift": (0.0, -2.0)}, None),
    ((3, 3, 1), {"shift": (0.25, 0.0)}, None),
    ((2, 4, 1), {"shift": (0.0, -0.25)}, None),
    ((2, 3, 1), {"contrast": 2.0, "brightness": 1.0}, None),
    ((4, 4, 1), {"zoom": 2.0}, None),
    ((5, 7, 2), {"zoom": 0.5, "void": 11}, None),
    ((5, 4, 3), {"contrast": 0.5, "brightness": -0.25, "shift": (1.0, 1.0)}, None),
    ((4, 7, 2), {"flip": True, "turns": 1}, None),
    ((6, 5, 1), {"flip": True, "turns": 3, "void": 11}, None),
    ((7, 8, 2), {"crop": (2, 1, 4, 5), "flip": True}, None),
    ((8, 6, 3), {"crop": (0, 2, 5, 3), "turns": 1}, None),
    ((6, 7, 2), {"shift": (1.25, -0.75), "void": 11}, None),
    ((9, 7, 1), {"zoom": 1.6, "shift": (0.3, -0.9)}, None),
    ((8, 11, 2), {"zoom": 0.7, "shift": (-1.2, 2.3), "void": 4}, None),
    ((7, 10, 2), {"turns": 1, "shift": (2.0, 0.25), "zoom": 2.0}, None),
    ((6, 9, 3), {"flip": True, "shift": (0.0, 1.25), "contrast": 1.5}, None),
    ((12, 9, 3), {"crop": (2, 1, 8, 7), "flip": True, "turns": 3, "zoom": 1.3, "shift": (0.7, -1.1)}, None),
    (
        (10, 14, 3),
        {
            "crop": (1, 3, 8, 10),
            "flip": True,
            "turns": 1,
            "zoom": 0.8,
            "shift": (-0.7, 1.4),
            "contrast": 1.25,
            "brightness": 0.1,
            "void": 11,
        },
        FLOAT32,
    ),
    ((9, 9, 2), {"turns": 2, "zoom": 1.3, "shift": (0.6, 0.2), "brightness": 0.5, "contrast": 0.75}, None),
)
"""Shape of the image, options that are not plain, what is special. No place lies just between two pixels."""


class Augmentation(Operation):
    """An image and its mask, changed together."""

    name = "augmentation"
    arrays = ("image", "mask")
    results = ("image", "mask")
    gradients = ()
    has_cache = False
    contract = (
        "forward(image, mask, *, crop, flip, turns, zoom, shift, contrast, brightness, void) -> (image, mask): image "
        "(H, W, C) of floats, mask (H, W) of integers. In this order: both cut to crop = (top, left, height, width), "
        "or not if it is None; both mirrored left to right if flip; both turned by `turns` quarter turns against the "
        "clock; pixel (i, j) taken from row (i - (H - 1) / 2) / zoom + (H - 1) / 2 - shift[0], the same for columns "
        "with shift[1]: the image bilinear, the mask from the nearest pixel; places outside 0 to H - 1 or 0 to W - 1 "
        "give 0 and `void`; then image * contrast + brightness"
    )

    def cases(self) -> list[Case]:
        """Each change alone, on few pixels; then several at once."""
        return [_case(number, *row) for number, row in enumerate(ROWS)]

    def right(self, case: Case) -> Outputs:
        """Change both with the same numbers."""
        return _run(case, Way(), Way())

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """The axes of both."""
        return {"image": ("H", "W", "C"), "mask": ("H", "W")}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Each step done in another way: for both, for the image alone, for the mask alone."""
        for cause, way, detail in MASK_ONLY:  # before those for both: they say more where the image is right
            yield Hypothesis(cause, lambda case, way=way: _run(case, Way(), way), detail)
        for cause, way, detail in IMAGE_ONLY:
            yield Hypothesis(cause, lambda case, way=way: _run(case, way, Way()), detail)
        for step, change in UNDONE.items():
            yield Hypothesis("mask-not-changed", lambda case, c=change: _run(case, Way(), c), f"by the {step}")
            yield Hypothesis("image-not-changed", lambda case, c=change: _run(case, c, Way()), f"by the {step}")
            yield Hypothesis("step-missing", lambda case, c=change: _run(case, c, c), f"the {step}")
        for cause, way, detail in BOTH:
            yield Hypothesis(cause, lambda case, way=way: _run(case, way, way), detail)
        yield Hypothesis("mask-not-changed", lambda case: {"mask": case.arrays["mask"]}, "at all")
        yield Hypothesis("image-not-changed", lambda case: {"image": case.arrays["image"]}, "at all")


# The right way, with some freedom to go wrong ------------------------------------------------------------------------

Step = Literal["crop", "flip", "turns", "resample", "colours"]
ORDER: tuple[Step, ...] = ("crop", "flip", "turns", "resample", "colours")


@dataclass(frozen=True)
class Way:
    """How one of the two arrays is changed; the defaults are right."""

    order: tuple[Step, ...] = ORDER
    crop: Callable[[tuple[int, int, int, int]], tuple[int, int, int, int]] = lambda c: c
    flip: tuple[int, ...] = (1,)
    flips: Callable[[bool], bool] = lambda flip: flip
    turns: Callable[[int], int] = lambda k: k
    zoom: Callable[[float], float] = lambda z: z
    shift: Callable[[Pair, float], Pair] = lambda s, z: s
    centre: Callable[[int, int], Pair] = lambda h, w: ((h - 1) / 2, (w - 1) / 2)
    taken: Literal[
        "default",
        "nearest",
        "bilinear",
        "rounded",
        "rounded to even",
        "floor",
        "ceiling",
        "swapped",
        "rows",
        "columns",
    ] = "default"
    outside: Literal["filled", "edge", "wrapped", "half", "mixed", "zero", "255", "void", "before", "behind"] = "filled"
    contrast: Callable[[float], float] = lambda c: c
    brightness: Callable[[float], float] = lambda b: b
    colours: Literal["default", "brightness first", "around the mean", "clipped", "not where filled", "too"] = "default"


def _ordered(*steps: Step) -> Way:
    return Way(order=steps)


BOTH: tuple[tuple[str, Way, str], ...] = (
    # order
    ("steps-in-another-order", _ordered("crop", "turns", "flip", "resample", "colours"), "turned before the flip"),
    ("steps-in-another-order", _ordered("flip", "crop", "turns", "resample", "colours"), "cropped after the flip"),
    ("steps-in-another-order", _ordered("flip", "turns", "crop", "resample", "colours"), "cropped after the turns"),
    ("steps-in-another-order", _ordered("turns", "crop", "flip", "resample", "colours"), "turned before the crop"),
    ("steps-in-another-order", _ordered("flip", "turns", "resample", "crop", "colours"), "cropped after the shift"),
    (
        "steps-in-another-order",
        _ordered("crop", "resample", "flip", "turns", "colours"),
        "shifted and zoomed before flip",
    ),
    (
        "steps-in-another-order",
        _ordered("crop", "flip", "resample", "turns", "colours"),
        "shifted and zoomed before turns",
    ),
    # flip
    ("flipped-upside-down", Way(flip=(0,)), ""),
    ("flipped-upside-down", Way(flip=(0, 1)), "and left to right"),
    ("flip-not-as-asked", Way(flips=lambda flip: True), "always"),
    ("flip-not-as-asked", Way(flips=lambda flip: not flip), "just when it is not asked for"),
    # turns
    ("turned-the-other-way", Way(turns=lambda k: -k), ""),
    ("turned-once-at-most", Way(turns=lambda k: min(k, 1)), ""),
    ("turned-by-half-turns", Way(turns=lambda k: 2 * k), ""),
    # crop
    ("crop-read-wrongly", Way(crop=lambda c: (c[1], c[0], c[2], c[3])), "left stands for top"),
    ("crop-read-wrongly", Way(crop=lambda c: (c[0], c[1], c[3], c[2])), "width stands for height"),
    ("crop-read-wrongly", Way(crop=lambda c: (c[1], c[0], c[3], c[2])), "columns stand for rows"),
    (
        "crop-read-wrongly",
        Way(crop=lambda c: (c[0], c[1], c[2] - c[0], c[3] - c[1])),
        "height and width stand for ends",
    ),
    ("crop-read-wrongly", Way(crop=lambda c: (c[0], c[1], c[2] + 1, c[3] + 1)), "one row and column too many"),
    ("crop-read-wrongly", Way(crop=lambda c: (c[0], c[1], c[2] - 1, c[3] - 1)), "one row and column too few"),
    ("crop-read-wrongly", Way(crop=lambda c: (0, 0, c[2], c[3])), "it begins in the corner"),
    # shift
    ("shifted-the-other-way", Way(shift=lambda s, z: (-s[0], -s[1])), ""),
    ("shifted-the-other-way", Way(shift=lambda s, z: (-s[0], s[1])), "up and down"),
    ("shifted-the-other-way", Way(shift=lambda s, z: (s[0], -s[1])), "left and right"),
    ("shift-swapped", Way(shift=lambda s, z: (s[1], s[0])), ""),
    ("shift-rounded", Way(shift=lambda s, z: (np.rint(s[0]), np.rint(s[1]))), ""),
    ("shift-rounded", Way(shift=lambda s, z: (np.trunc(s[0]), np.trunc(s[1]))), "cut off"),
    (
        "shift-and-zoom-in-another-order",
        Way(shift=lambda s, z: (s[0] / z, s[1] / z)),
        "the shift is divided by the zoom",
    ),
    ("shift-and-zoom-in-another-order", Way(shift=lambda s, z: (s[0] * z, s[1] * z)), "the shift is multiplied by it"),
    # zoom
    ("zoomed-the-other-way", Way(zoom=lambda z: 1 / z), ""),
    ("zoomed-about-another-point", Way(centre=lambda h, w: (0, 0)), "the first pixel"),
    ("zoomed-about-another-point", Way(centre=lambda h, w: (h / 2, w / 2)), "H / 2 and W / 2"),
    ("zoomed-about-another-point", Way(centre=lambda h, w: (h // 2, w // 2)), "H // 2 and W // 2"),
    ("zoomed-about-another-point", Way(centre=lambda h, w: ((h - 1) / 2, (h - 1) / 2)), "that of the rows for both"),
    ("zoomed-about-another-point", Way(centre=lambda h, w: ((w - 1) / 2, (h - 1) / 2)), "rows and columns swapped"),
    # outside
    ("outside-not-filled", Way(outside="edge"), "the edge is repeated"),
    ("outside-not-filled", Way(outside="wrapped"), "what goes out on one side comes in on the other"),
    ("outside-begins-later", Way(outside="half"), "half a pixel beyond the last one"),
    ("outside-at-one-end-only", Way(outside="before"), "only above and to the left"),
    ("outside-at-one-end-only", Way(outside="behind"), "only below and to the right"),
)

IMAGE_ONLY: tuple[tuple[str, Way, str], ...] = (
    ("image-not-interpolated", Way(taken="nearest"), "from the nearest pixel"),
    ("image-not-interpolated", Way(taken="floor"), "from the pixel above and to the left"),
    ("interpolation-weights-exchanged", Way(taken="swapped"), ""),
    ("interpolated-along-one-axis-only", Way(taken="rows"), "between rows"),
    ("interpolated-along-one-axis-only", Way(taken="columns"), "between columns"),
    ("outside-not-filled", Way(outside="edge"), "in the image the edge is repeated"),
    ("outside-not-filled", Way(outside="wrapped"), "in the image what goes out on one side comes in on the other"),
    ("outside-begins-later", Way(outside="half"), "in the image half a pixel beyond the last one"),
    ("outside-begins-later", Way(outside="mixed"), "the image is mixed with zeros around it"),
    ("image-filled-with-void", Way(outside="void"), ""),
    ("contrast-ignored", Way(contrast=lambda c: 1.0), ""),
    ("colours-not-changed", _ordered("crop", "flip", "turns", "resample"), ""),
    ("brightness-ignored", Way(brightness=lambda b: 0.0), ""),
    ("brightness-subtracted", Way(brightness=lambda b: -b), ""),
    ("contrast-divides", Way(contrast=lambda c: 1 / c), ""),
    ("brightness-before-contrast", Way(colours="brightness first"), ""),
    ("contrast-around-the-mean", Way(colours="around the mean"), ""),
    ("colours-clipped", Way(colours="clipped"), "to the range from 0 to 1"),
    ("colours-not-where-filled", Way(colours="not where filled"), ""),
    (
        "colours-not-where-filled",
        _ordered("colours", "crop", "flip", "turns", "resample"),
        "colours are changed before places outside are filled",
    ),
)

MASK_ONLY: tuple[tuple[str, Way, str], ...] = (
    ("mask-interpolated", Way(taken="bilinear"), "and cut off to whole numbers"),
    ("mask-interpolated", Way(taken="rounded"), "and rounded to whole numbers"),
    ("mask-interpolated", Way(taken="rounded to even"), "and rounded to whole numbers"),
    ("mask-from-the-wrong-pixel", Way(taken="floor"), "the one above and to the left of the place"),
    ("mask-from-the-wrong-pixel", Way(taken="ceiling"), "the one below and to the right of the place"),
    ("void-not-used", Way(outside="zero"), "places outside are 0 in the mask"),
    ("void-not-used", Way(outside="255"), "places outside are 255 in the mask, whatever it is"),
    ("outside-not-filled", Way(outside="edge"), "in the mask the edge is repeated"),
    ("outside-not-filled", Way(outside="wrapped"), "in the mask what goes out on one side comes in on the other"),
    ("outside-begins-later", Way(outside="half"), "in the mask half a pixel beyond the last one"),
    ("mask-flipped-upside-down", Way(flip=(0,)), ""),
    ("mask-turned-the-other-way", Way(turns=lambda k: -k), ""),
    ("mask-shifted-the-other-way", Way(shift=lambda s, z: (-s[0], -s[1])), ""),
    ("mask-shift-rounded", Way(shift=lambda s, z: (np.rint(s[0]), np.rint(s[1]))), ""),
    ("mask-shift-rounded", Way(shift=lambda s, z: (np.trunc(s[0]), np.trunc(s[1]))), "cut off"),
    ("mask-zoomed-the-other-way", Way(zoom=lambda z: 1 / z), ""),
    ("colours-of-the-mask", Way(colours="too"), ""),
)

UNDONE: Mapping[str, Way] = {
    "crop": _ordered("flip", "turns", "resample", "colours"),
    "flip": _ordered("crop", "turns", "resample", "colours"),
    "turns": _ordered("crop", "flip", "resample", "colours"),
    "shift": Way(shift=lambda s, z: (0.0, 0.0)),
    "zoom": Way(zoom=lambda z: 1.0),
    "shift and zoom": _ordered("crop", "flip", "turns", "colours"),
}


def _run(case: Case, image: Way, mask: Way) -> Outputs:
    return {
        "image": _changed(case.arrays["image"], case, image, is_mask=False),
        "mask": _changed(case.arrays["mask"], case, mask, is_mask=True),
    }


def _changed(array: Array, case: Case, way: Way, *, is_mask: bool) -> Array:
    options = case.options
    dtype = array.dtype
    filled = np.zeros(array.shape[:2], bool)
    for step in way.order:
        if step == "crop" and options["crop"] is not None:
            top, left, height, width = way.crop(options["crop"])
            array = array[top : top + height, left : left + width]
        elif step == "flip" and way.flips(options["flip"]):
            array = np.flip(array, way.flip)
        elif step == "turns":
            array = np.rot90(array, way.turns(options["turns"]))
        elif step == "resample":
            array, filled = _resampled(array, case, way, is_mask=is_mask)
        elif step == "colours" and (not is_mask or way.colours == "too"):
            array = _coloured(array, case, way, filled)
    return np.ascontiguousarray(array).astype(dtype)


def _coloured(array: Array, case: Case, way: Way, filled: Array) -> Array:
    contrast, brightness = way.contrast(case.options["contrast"]), way.brightness(case.options["brightness"])
    match way.colours:
        case "brightness first":
            return (array + brightness) * contrast
        case "around the mean":
            mean = array.mean()
            return (array - mean) * contrast + mean + brightness
        case "clipped":
            return np.clip(array * contrast + brightness, 0, 1)
        case "not where filled" if filled.any():
            return np.where(filled[..., None], array, array * contrast + brightness)
        case _:
            return array * contrast + brightness


def _resampled(array: Array, case: Case, way: Way, *, is_mask: bool) -> tuple[Array, Array]:
    """Return the shifted and zoomed array, and where it was filled."""
    zoom, shift = case.options["zoom"], case.options["shift"]
    moved, size = way.shift(shift, zoom), array.shape[:2]
    centre = way.centre(*size)
    rows, columns = ((np.arange(n) - c) / way.zoom(zoom) + c - s for n, c, s in zip(size, centre, moved, strict=True))
    slack = 0.5 if way.outside == "half" else 1 - 1e-9 if way.outside == "mixed" else 0
    inside = np.logical_and.outer(
        *((at >= -slack) & (at <= n - 1 + slack) for at, n in zip((rows, columns), size, strict=True))
    )
    if way.outside in ("edge", "wrapped"):
        inside = np.ones(size, bool)
    if way.outside == "before":
        inside = np.logical_and.outer(rows >= 0, columns >= 0)
    if way.outside == "behind":
        inside = np.logical_and.outer(rows <= size[0] - 1, columns <= size[1] - 1)
    how = way.taken if way.taken != "default" else "nearest" if is_mask else "bilinear"
    values = _taken(array, rows, columns, how, way.outside)
    fill = case.options["void"] if is_mask else 0
    fill = {"zero": 0, "255": 255, "void": case.options["void"]}.get(way.outside, fill)
    return np.where(inside if is_mask else inside[..., None], values, fill), ~inside


def _taken(array: Array, rows: Array, columns: Array, how: str, outside: str) -> Array:
    """Read the array at places between its pixels; what lies outside is anything."""

    def read(i: Array, j: Array) -> Array:
        h, w = array.shape[:2]
        if outside == "wrapped":
            return array[i % h][:, j % w]
        if outside == "mixed":
            around = np.pad(array, [(1, 1), (1, 1), *[(0, 0)] * (array.ndim - 2)])
            return around[np.clip(i + 1, 0, h + 1)][:, np.clip(j + 1, 0, w + 1)]
        return array[np.clip(i, 0, h - 1)][:, np.clip(j, 0, w - 1)]

    if how == "nearest":
        return read(np.floor(rows + 0.5).astype(int), np.floor(columns + 0.5).astype(int))
    i, j = np.floor(rows).astype(int), np.floor(columns).astype(int)
    if how in ("floor", "ceiling"):
        return read(i, j) if how == "floor" else read(np.ceil(rows).astype(int), np.ceil(columns).astype(int))
    more = [1] * (array.ndim - 2)
    a, b = (rows - i).reshape(-1, 1, *more), (columns - j).reshape(1, -1, *more)
    if how == "rows":
        b = b * 0
    if how == "columns":
        a = a * 0
    if how == "swapped":
        a, b = 1 - a, 1 - b
    upper = read(i, j) * (1 - b) + read(i, j + 1) * b
    lower = read(i + 1, j) * (1 - b) + read(i + 1, j + 1) * b
    values = upper * (1 - a) + lower * a
    if how == "rounded to even":
        return np.rint(values)
    return np.floor(values + 0.5) if how == "rounded" else values


# Configurations ------------------------------------------------------------------------------------------------------


def _case(number: int, shape: tuple[int, int, int], changed: Mapping[str, object], special: Trait | None) -> Case:
    rng = case_rng(number, 27)
    options = {**PLAIN, **changed}
    by_hand = number < 10
    image = rng.integers(0, 10, shape).astype(np.float64) if by_hand else rng.standard_normal(shape)
    mask = rng.integers(1, 5, shape[:2])
    zoom, shift = options["zoom"], options["shift"]
    assert isinstance(shift, tuple)
    traits = traits_of(
        {
            CROPPED: options["crop"] is not None,
            FLIPPED: bool(options["flip"]),
            TURNED: options["turns"] != 0,
            SHIFTED: any(shift),
            ZOOMED: zoom != 1,
            FRACTIONS: zoom != 1 or any(s != int(s) for s in shift),
            COLOURED: options["contrast"] != 1 or options["brightness"] != 0,
            ONE_BY_ONE: len(changed) == 1,
            SEVERAL_CHANNELS: shape[2] > 1,
            IMAGE_NOT_SQUARE: shape[0] != shape[1],
        },
        special,
    )
    image = image.astype(np.float32) if special == FLOAT32 else image
    return Case({"image": image, "mask": mask.astype(np.uint8)}, options, traits, by_hand=by_hand)
