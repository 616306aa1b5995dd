"""What is explained: the score of one class, at one pixel, in a region, or over all pixels given that class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, BoolArray, FloatArray, Pair


@dataclass(frozen=True)
class Target:
    """A class, and where its score is read.

        S = mean over the pixels of `where` of score[pixel, class]

    A mean, so that S has the unit of a score, however many pixels there are. For an output of one channel (a sigmoid's
    score z), class 1 has the score z, and class 0 has -z.

    Attributes:
        class_index: The class.
        where: The pixels (H, W) that count; None for a classifier, which has one score for the image.
        pixel: (row, column) when it is a single one.
        chosen: How the pixels were chosen, in words.
    """

    class_index: int
    where: BoolArray | None
    pixel: Pair | None
    chosen: str

    def scores(self, output: FloatArray) -> FloatArray:
        """Return S of each sample for scores (N, K) or (N, H, W, K)."""
        values = output[..., 0] if output.shape[-1] == 1 else output[..., self.class_index]
        if self.where is not None:
            values = values[:, self.where].mean(axis=1)
        return -values if output.shape[-1] == 1 and self.class_index == 0 else values

    def gradient(self, output: FloatArray) -> FloatArray:
        """Return the gradient of the sum of all samples' S by the scores."""
        dy = np.zeros_like(output)
        sign = -1.0 if output.shape[-1] == 1 and self.class_index == 0 else 1.0
        channel = 0 if output.shape[-1] == 1 else self.class_index
        if self.where is None:
            dy[..., channel] = sign
        else:
            dy[:, self.where, channel] = sign / np.count_nonzero(self.where)
        return dy


def as_target(output: FloatArray, class_index: int | None, pixel: Pair | None, region: Array | None) -> Target:
    """Return the target that somebody asked for.

    Args:
        output: Scores of one image, (K,) or (H, W, K).
        class_index: The class; None for the one with the highest mean score there.
        pixel: (row, column); negative numbers count from the end.
        region: (H, W), True where the score counts.

    Raises:
        InvalidInput: A class or a pixel that there is not, an empty region, or pixel and region both.
    """
    if output.ndim not in (1, 3):
        raise InvalidInput(f"explain: expected a network to (N, K) or (N, H, W, K), got (N, *{output.shape})")
    where, place, chosen = _where(output, pixel, region)
    if class_index is None:
        class_index = _winner(output if where is None else output[where])
    count = max(output.shape[-1], 2)
    if isinstance(class_index, bool) or not hasattr(class_index, "__index__") or not 0 <= class_index < count:
        raise InvalidInput(f"explain: expected a class from 0 to {count - 1}, got {class_index!r}")
    if where is None and output.ndim == 3:
        where = _classes(output) == class_index
        chosen = f"the {np.count_nonzero(where)} pixels of this class"
        if not where.any():
            where, chosen = np.ones(output.shape[:2], bool), "all pixels (none is of this class)"
    return Target(int(class_index), where, place, chosen)


def _where(output: FloatArray, pixel: Pair | None, region: Array | None) -> tuple[BoolArray | None, Pair | None, str]:
    if output.ndim == 1:
        if pixel is not None or region is not None:
            raise InvalidInput(
                "explain: a classifier has one score for the whole image: expected no pixel and no region"
            )
        return None, None, "the image"
    height, width = output.shape[:2]
    if pixel is not None and region is not None:
        raise InvalidInput("explain: expected a pixel or a region, got both")
    if pixel is not None:
        row, column = (int(n) for n in pixel)
        if not (-height <= row < height and -width <= column < width):
            raise InvalidInput(
                f"explain: expected a pixel (row, column) of an output of {height} x {width}, got {tuple(pixel)}"
            )
        where = np.zeros((height, width), bool)
        where[row, column] = True
        return where, (row % height, column % width), f"the pixel ({row % height}, {column % width})"
    if region is not None:
        where = np.asarray(region) != 0
        if where.shape != (height, width):
            raise InvalidInput(f"explain: expected a region of the output's size {height, width}, got {where.shape}")
        if not where.any():
            raise InvalidInput("explain: expected a region with at least one pixel, got an empty one")
        return where, None, f"a region of {np.count_nonzero(where)} pixels"
    return None, None, ""


def _classes(output: FloatArray) -> Array:
    return (output[..., 0] > 0).astype(int) if output.shape[-1] == 1 else output.argmax(axis=-1)


def _winner(scores: FloatArray) -> int:
    """Return the class of the highest mean score of scores (..., K)."""
    mean = scores.reshape(-1, scores.shape[-1]).mean(axis=0)
    return int(mean[0] > 0) if len(mean) == 1 else int(mean.argmax())
