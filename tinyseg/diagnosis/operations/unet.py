"""unet: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..operation import Hypothesis, Operation
from ..traits import FLOAT32, IMAGE_NOT_SQUARE, SEVERAL_CHANNELS, SEVERAL_IMAGES, Trait, traits_of

DEEP = Trait("more than one level", mishandled="levels-mishandled")
NO_LEVEL = Trait("depth 0", mishandled="depth-0-mishandled")
UNEVEN = Trait("a size that is no multiple of 2 ** depth", mistake="sizes-not-filled-up")

SHAPES: tuple[tuple[tuple[int, int, int, int], int, int, int, Trait | None], ...] = (
    ((1, 2, 2, 1), 1, 1, 1, None),
    ((1, 2, 4, 1), 1, 2, 2, None),
    ((1, 4, 4, 2), 1, 2, 3, None),
    ((2, 4, 6, 3), 1, 3, 2, None),
    ((1, 4, 8, 2), 2, 2, 2, None),
    ((1, 8, 8, 3), 2, 3, 4, None),
    ((2, 8, 12, 1), 2, 1, 2, None),
    ((1, 8, 16, 2), 3, 2, 2, None),
    ((2, 16, 8, 3), 3, 1, 3, None),
    ((1, 3, 3, 1), 1, 2, 2, None),
    ((1, 5, 4, 2), 1, 1, 2, None),
    ((1, 5, 6, 3), 2, 2, 2, None),
    ((2, 7, 9, 2), 2, 2, 3, None),
    ((1, 9, 4, 2), 3, 1, 2, None),
    ((1, 6, 11, 2), 2, 1, 2, None),
    ((1, 3, 4, 2), 0, 2, 2, None),
    ((2, 8, 8, 2), 2, 2, 2, FLOAT32),
)
"""Shape of x, depth, filters, classes, what is special."""


class UNet(Operation):
    """A U-Net from parts that are given."""

    name = "unet"
    arrays = ("x",)
    results = ("scores",)
    gradients = ()
    has_cache = False
    contract = (
        "forward(x, *, depth, filters, classes) -> scores (N, H, W, classes): x (N, H, W, C) is filled up with zeros "
        "at the bottom and right to multiples of 2 ** depth, the scores are cut back; level k has filters * 2 ** k: "
        "two convolutions, kept as skip k, then pool; two convolutions with filters * 2 ** depth; from the last level "
        "to the first: up, a convolution with the level's filters, concatenated behind skip k, two convolutions; at "
        "last mix to the classes. mix(x, f) = x @ (sin(1 + 3 c + 2 f) / sqrt(C)), conv(x, f) = tanh(mix(x, f)), pool: "
        "the largest of 2x2, up: each pixel 2x2 times"
    )

    def cases(self) -> list[Case]:
        """One level first; then more, sizes that are no multiples, no level at all."""
        return [_case(number, *row) for number, row in enumerate(SHAPES)]

    def right(self, case: Case) -> Outputs:
        """Go down, across, and up again."""
        return _run(case, Way())

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes and options."""
        n, h, w, c = case.arrays["x"].shape
        return {"N": float(n), "H": float(h), "W": float(w), "C": float(c), "filters": float(case.options["filters"])}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """The axes of the scores, which are no argument; an image that is read wrongly would cost many forwards."""
        return {"scores": ("N", "H", "W", "K")}

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """Scores that were not cut back, or have the channels of the last level."""
        n, h, w, _ = case.arrays["x"].shape
        full = [-(-size // 2 ** case.options["depth"]) * 2 ** case.options["depth"] for size in (h, w)]
        named = {
            (n, h, w, case.options["filters"]): "last-step-missing",
            (n, *full, case.options["classes"]): "not-cut-back",
        }
        named[(1, h, w, case.options["classes"])] = "only-first-image"
        return {shape: cause for shape, cause in named.items() if shape != (n, h, w, case.options["classes"])}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other skips, other numbers of filters, steps too few, sizes filled up in another way."""
        for cause, way, detail in MISTAKES:
            yield Hypothesis(cause, lambda case, way=way: _run(case, way), detail)
        for cause, change, detail in OPTION_MISTAKES:
            yield Hypothesis(cause, lambda case, change=change: _run(change(case), Way()), detail)
        yield Hypothesis("scores-squashed", lambda case: {"scores": np.tanh(self.right(case)["scores"])}, "by tanh")
        yield Hypothesis(
            "scores-squashed", lambda case: {"scores": 1 / (1 + np.exp(-self.right(case)["scores"]))}, "by a sigmoid"
        )
        yield Hypothesis(
            "scores-squashed", lambda case: {"scores": _softmax(self.right(case)["scores"])}, "by a softmax"
        )
        yield Hypothesis(
            "classes-instead-of-scores", lambda case: {"scores": self.right(case)["scores"].argmax(axis=-1)}
        )


# The right way, with some freedom to go wrong ------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """How the network is put together; the defaults are right. `level` is 0 at the top."""

    encoder: int = 2
    bottom: int = 2
    decoder: int = 2
    skips: Literal["concatenated", "added", "missing", "behind", "only", "averaged", "own", "larger"] = "concatenated"
    skip_after: int = 2
    mirrored: bool = False
    up_convolution: bool = True
    down: Callable[[int, int], int] = lambda f, level: f * 2**level
    lowest: Callable[[int, int], int] = lambda f, depth: f * 2**depth
    up: Callable[[int, int], int] = lambda f, level: f * 2**level
    joined: Callable[[int, int], int] = lambda f, level: f * 2**level
    head: Literal["mix", "conv", "none", "both"] = "mix"
    filled: Literal["end", "start", "both", "edge", "reflect", "symmetric", "ones", "cut"] = "end"
    cut: Literal["end", "start", "both", "not"] = "end"
    activation: Callable[[Array], Array] = np.tanh
    pooled: Literal["largest", "mean", "first"] = "largest"


MISTAKES: tuple[tuple[str, Way, str], ...] = (
    # skips
    ("concatenated-in-the-other-order", Way(skips="behind"), ""),
    ("skips-missing", Way(skips="missing"), ""),
    ("skips-added", Way(skips="added"), ""),
    ("skips-added", Way(skips="averaged"), "and halved"),
    ("larger-of-skip-and-below", Way(skips="larger"), ""),
    ("only-skips", Way(skips="only"), ""),
    ("joined-with-itself", Way(skips="own"), ""),
    ("skip-taken-too-early", Way(skip_after=0), "before the level's convolutions"),
    ("skip-taken-too-early", Way(skip_after=1), "after the first convolution of the level"),
    # steps
    ("one-convolution-only", Way(encoder=1, bottom=1, decoder=1), "everywhere"),
    ("one-convolution-only", Way(encoder=1), "on the way down"),
    ("one-convolution-only", Way(bottom=1), "at the bottom"),
    ("one-convolution-only", Way(decoder=1), "on the way up"),
    ("one-convolution-only", Way(encoder=1, bottom=1), "on the way down and at the bottom"),
    ("one-convolution-only", Way(encoder=1, decoder=1), "on the way down and on the way up"),
    ("convolutions-missing", Way(encoder=0), "on the way down"),
    ("convolutions-missing", Way(bottom=0), "at the bottom"),
    ("convolutions-missing", Way(decoder=0), "on the way up"),
    ("one-convolution-too-many", Way(encoder=3), "on the way down"),
    ("one-convolution-too-many", Way(bottom=3), "at the bottom"),
    ("one-convolution-too-many", Way(decoder=3), "on the way up"),
    ("up-convolution-missing", Way(up_convolution=False), ""),
    ("last-step-missing", Way(head="none"), ""),
    ("last-step-is-a-convolution", Way(head="conv"), ""),
    ("last-step-is-a-convolution", Way(head="both"), "and a mix after it"),
    ("activation-missing", Way(activation=lambda x: x), ""),
    ("another-activation", Way(activation=lambda x: np.maximum(x, 0)), "relu"),
    ("another-activation", Way(activation=lambda x: 1 / (1 + np.exp(-x))), "a sigmoid"),
    ("pooled-otherwise", Way(pooled="mean"), "the mean"),
    ("pooled-otherwise", Way(pooled="first"), "the first"),
    # filters
    (
        "filters-not-doubled",
        Way(down=lambda f, k: f, lowest=lambda f, d: f, up=lambda f, k: f, joined=lambda f, k: f),
        "anywhere",
    ),
    ("filters-not-doubled", Way(lowest=lambda f, d: f * 2 ** max(d - 1, 0)), "at the bottom"),
    ("filters-not-doubled", Way(down=lambda f, k: f), "on the way down"),
    ("filters-not-doubled", Way(up=lambda f, k: f, joined=lambda f, k: f), "on the way up"),
    ("filters-not-doubled", Way(lowest=lambda f, d: f), "at the bottom, which has as many as the first level"),
    (
        "filters-doubled-once-too-often",
        Way(
            down=lambda f, k: f * 2 ** (k + 1),
            lowest=lambda f, d: f * 2 ** (d + 1),
            up=lambda f, k: f * 2 ** (k + 1),
            joined=lambda f, k: f * 2 ** (k + 1),
        ),
        "everywhere",
    ),
    ("filters-doubled-once-too-often", Way(lowest=lambda f, d: f * 2 ** (d + 1)), "at the bottom"),
    ("filters-doubled-once-too-often", Way(up=lambda f, k: f * 2 ** (k + 1)), "in the convolution after up"),
    ("filters-doubled-once-too-often", Way(joined=lambda f, k: f * 2 ** (k + 1)), "after the concatenation"),
    (
        "filters-doubled-once-too-often",
        Way(up=lambda f, k: f * 2 ** (k + 1), joined=lambda f, k: f * 2 ** (k + 1)),
        "on the way up",
    ),
    (
        "filters-added-instead-of-doubled",
        Way(
            down=lambda f, k: f * (k + 1),
            lowest=lambda f, d: f * (d + 1),
            up=lambda f, k: f * (k + 1),
            joined=lambda f, k: f * (k + 1),
        ),
        "",
    ),
    (
        "filters-added-instead-of-doubled",
        Way(
            down=lambda f, k: f + 2 * k,
            lowest=lambda f, d: f + 2 * d,
            up=lambda f, k: f + 2 * k,
            joined=lambda f, k: f + 2 * k,
        ),
        "2 for each level",
    ),
    ("levels-in-the-wrong-order", Way(mirrored=True), ""),
    # sizes
    ("filled-up-at-the-wrong-side", Way(filled="start", cut="start"), "at the top and left"),
    ("filled-up-at-the-wrong-side", Way(filled="both", cut="both"), "on both sides"),
    ("cut-at-the-wrong-side", Way(cut="start"), "at the top and left"),
    ("cut-at-the-wrong-side", Way(cut="both"), "on both sides"),
    ("cut-at-the-wrong-side", Way(filled="start"), "at the bottom and right, filled up at the top and left"),
    ("cut-at-the-wrong-side", Way(filled="both"), "at the bottom and right, filled up on both sides"),
    ("filled-up-with-other-numbers", Way(filled="edge"), "those of the edge"),
    ("filled-up-with-other-numbers", Way(filled="reflect"), "by reflection"),
    ("filled-up-with-other-numbers", Way(filled="symmetric"), "by reflection, the edge twice"),
    ("filled-up-with-other-numbers", Way(filled="ones"), "ones"),
    ("not-cut-back", Way(cut="not"), ""),
    ("cut-instead-of-filled-up", Way(filled="cut", cut="not"), ""),
)

OPTION_MISTAKES: tuple[tuple[str, Callable[[Case], Case], str], ...] = (
    ("depth-one-off", lambda case: case.with_options(depth=max(case.options["depth"] - 1, 0)), "one too few"),
    ("depth-one-off", lambda case: case.with_options(depth=case.options["depth"] + 1), "one too many"),
    ("depth-ignored", lambda case: case.with_options(depth=1), "it is always 1"),
    ("depth-ignored", lambda case: case.with_options(depth=2), "it is always 2"),
    ("depth-ignored", lambda case: case.with_options(depth=4), "it is always 4"),
    ("filters-ignored", lambda case: case.with_options(filters=case.arrays["x"].shape[-1]), "those of the image"),
    ("filters-ignored", lambda case: case.with_options(filters=2), "always 2"),
    ("filters-ignored", lambda case: case.with_options(filters=16), "always 16"),
    ("classes-ignored", lambda case: case.with_options(classes=1), "always 1"),
    ("classes-ignored", lambda case: case.with_options(classes=2), "always 2"),
)


@cache
def _kernel(channels: int, filters: int) -> Array:
    c, f = np.ogrid[:channels, :filters]
    return np.asarray(np.sin(1.0 + 3 * c + 2 * f) / np.sqrt(channels))


def _mix(x: Array, filters: int) -> Array:
    return x @ _kernel(x.shape[-1], filters).astype(x.dtype)


def _convolved(x: Array, filters: int, times: int, way: Way) -> Array:
    for _ in range(times):
        x = way.activation(_mix(x, filters))
    return x


def _pool(x: Array, way: Way) -> Array:
    n, h, w, c = x.shape
    blocks = x.reshape(n, h // 2, 2, w // 2, 2, c)
    if way.pooled == "first":
        return blocks[:, :, 0, :, 0]
    return np.asarray(blocks.mean(axis=(2, 4)) if way.pooled == "mean" else blocks.max(axis=(2, 4)))


def _up(x: Array) -> Array:
    return x.repeat(2, axis=1).repeat(2, axis=2)


def _run(case: Case, way: Way) -> Outputs:
    depth, filters, classes = (case.options[name] for name in ("depth", "filters", "classes"))
    height, width = case.arrays["x"].shape[1:3]
    x, before = _filled(case.arrays["x"], 2**depth, way)
    skips = []
    for level in range(depth):
        stages = [x]
        for _ in range(way.encoder):
            stages.append(_convolved(stages[-1], way.down(filters, level), 1, way))
        skips.append(stages[-1] if way.skip_after == 2 else stages[way.skip_after])
        x = _pool(stages[-1], way)
    x = _convolved(x, way.lowest(filters, depth), way.bottom, way)
    for level in reversed(range(depth)):
        x = _up(x)
        named = depth - 1 - level if way.mirrored else level
        if way.up_convolution:
            x = _convolved(x, way.up(filters, named), 1, way)
        x = _joined(skips[level], x, way)
        x = _convolved(x, way.joined(filters, named), way.decoder, way)
    if way.head in ("conv", "both"):
        x = _convolved(x, classes, 1, way)
    scores = _mix(x, classes) if way.head in ("mix", "both") else x
    if way.cut == "not":
        return {"scores": scores}
    top, left = {"end": (0, 0), "start": before, "both": before}[way.cut] if way.filled != "end" else (0, 0)
    if way.filled == "end" and way.cut != "end":
        extra = (scores.shape[1] - height, scores.shape[2] - width)
        top, left = extra if way.cut == "start" else (extra[0] // 2, extra[1] // 2)
    return {"scores": scores[:, top : top + height, left : left + width]}


def _joined(skip: Array, x: Array, way: Way) -> Array:
    match way.skips:
        case "added":
            return skip + x
        case "averaged":
            return (skip + x) / 2
        case "larger":
            return np.maximum(skip, x)
        case "missing":
            return x
        case "only":
            return skip
        case "own":
            return np.concatenate([x, x], axis=-1)
        case "behind":
            return np.concatenate([x, skip], axis=-1)
        case _:
            return np.concatenate([skip, x], axis=-1)


def _filled(x: Array, multiple: int, way: Way) -> tuple[Array, tuple[int, int]]:
    """Fill up to multiples; return what stands before the image as well."""
    extra = [-size % multiple for size in x.shape[1:3]]
    if way.filled == "cut":
        return x[:, : x.shape[1] // multiple * multiple, : x.shape[2] // multiple * multiple], (0, 0)
    before = {"start": (extra[0], extra[1]), "both": (extra[0] // 2, extra[1] // 2)}.get(way.filled, (0, 0))
    widths = [(0, 0), *((b, e - b) for b, e in zip(before, extra, strict=True)), (0, 0)]
    if way.filled == "edge":
        return np.pad(x, widths, mode="edge"), before
    if way.filled in ("reflect", "symmetric"):
        return np.pad(x, widths, mode="reflect" if way.filled == "reflect" else "symmetric"), before
    return np.pad(x, widths, constant_values=1.0 if way.filled == "ones" else 0.0), before


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# Configurations ------------------------------------------------------------------------------------------------------


def _case(
    number: int, shape: tuple[int, int, int, int], depth: int, filters: int, classes: int, special: Trait | None
) -> Case:
    rng = case_rng(number, 26)
    x = rng.standard_normal(shape)
    traits = traits_of(
        {
            SEVERAL_IMAGES: shape[0] > 1,
            SEVERAL_CHANNELS: shape[3] > 1,
            IMAGE_NOT_SQUARE: shape[1] != shape[2],
            DEEP: depth > 1,
            NO_LEVEL: depth == 0,
            UNEVEN: any(size % 2**depth for size in shape[1:3]),
        },
        special,
    )
    options = {"depth": depth, "filters": filters, "classes": classes}
    return Case({"x": x.astype(np.float32) if special == FLOAT32 else x}, options, traits)
