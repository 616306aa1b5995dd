"""Batches of images and masks for `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .augmentation import Augmentation, random_crop
from .description import VOID

SMALLEST_STD = float(np.finfo(np.float32).tiny)
"""Below it an image has one value."""


class SampleSource(Protocol):
    """Anything with samples (image (H, W, C), ids (H, W)): `Samples` of a folder, or a list of such pairs."""

    def __len__(self) -> int:
        """Return the number of samples."""

    def __getitem__(self, k: int, /) -> tuple[Array, Array]:
        """Return a sample."""


def standardize(image: Array) -> Array:
    """Return (image - mean) / standard deviation, both over the whole image, float32.

    Each image by its own numbers: exposure differs from image to image, in microscopy by factors, and is not what is to
    be learnt. So the scale in which an image is stored does not matter either. An image of one value becomes 0.

    Example:
        >>> import numpy as np
        >>> from tinyseg.datasets import standardize
        >>> standardize(np.array([[[0.0], [2.0]]]))[..., 0]
        array([[-1.,  1.]], dtype=float32)
    """
    image = np.asarray(image, np.float32)
    mean, std = float(image.mean(dtype=np.float64)), float(image.std(dtype=np.float64))
    return (image - np.float32(mean)) / np.float32(max(std, SMALLEST_STD))


def padded_size(size: Sequence[int], multiple_of: int) -> tuple[int, int]:
    """Return the next height and width that are multiples of a number."""
    return (-(-size[0] // multiple_of) * multiple_of, -(-size[1] // multiple_of) * multiple_of)


def place(array: Array, size: tuple[int, int], fill: float) -> Array:
    """Return the array in the top left corner of a larger one."""
    canvas = np.full((*size, *array.shape[2:]), fill, array.dtype)
    canvas[: array.shape[0], : array.shape[1]] = array
    return canvas


class SegmentationBatches:
    """Batches (x (N, H, W, C) float32, y (N, H, W) uint8) from samples; void pixels are labelled 255.

    Give the loss and the metrics `ignore_class=255`.

    Images of one batch that differ in size are filled up to the largest one, and to a multiple of `multiple_of`, with 0
    and void. Order, crops and augmentation depend on (seed, epoch, sample) alone: a resumed run sees the same batches
    as one that was never interrupted.

    Example:
        >>> import numpy as np
        >>> from tinyseg.datasets import SegmentationBatches
        >>> samples = [(np.zeros((8, 8, 1), "float32"), np.zeros((8, 8), "uint8"))] * 5
        >>> batches = SegmentationBatches(samples, batch_size=2)
        >>> len(batches), [x.shape for x, y, weights in batches.epoch(0)]
        (3, [(2, 8, 8, 1), (2, 8, 8, 1), (1, 8, 8, 1)])
    """

    def __init__(
        self,
        samples: SampleSource,
        batch_size: int = 8,
        *,
        crop: tuple[int, int] | None = None,
        augmentation: Augmentation | None = None,
        multiple_of: int = 1,
        shuffle: bool = False,
        seed: int = 0,
        prepare: Callable[[Array], Array] = standardize,
    ) -> None:
        """Set how to make batches.

        Args:
            samples: `SegmentationFolder(...).samples(split)`, or a list of (image, ids).
            batch_size: Samples per batch; the last one of an epoch may be smaller.
            crop: (height, width) of a random window to learn from, or None for whole images.
            augmentation: Random changes, or None.
            multiple_of: What height and width must be multiples of, 2**depth for a U-Net.
            shuffle: Whether to draw a new order each epoch.
            seed: Of order, crops and augmentation.
            prepare: What turns an image into what the network takes: `standardize`, or a model's `preprocessing`.

        Raises:
            InvalidInput: No samples, or a crop that does not fit the network.
        """
        if len(samples) == 0:
            raise InvalidInput("expected at least one sample, got none")
        if isinstance(batch_size, bool) or not hasattr(batch_size, "__index__") or batch_size < 1:
            raise InvalidInput(f"batch_size: expected an integer of at least 1, got {batch_size!r}")
        if crop is not None and (min(crop) < 1 or crop[0] % multiple_of or crop[1] % multiple_of):
            raise InvalidInput(
                f"crop: expected height and width to be multiples of {multiple_of}, got {crop[0]} x {crop[1]}"
            )
        self.samples, self.batch_size, self.crop = samples, batch_size, crop
        self.augmentation, self.multiple_of = augmentation, multiple_of
        self.shuffle, self.seed, self.prepare = shuffle, seed, prepare

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-len(self.samples) // self.batch_size)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Return the shape of x, as far as it is known."""
        height, width = self.crop or (None, None)
        return (None, height, width, self.prepare(self.samples[0][0]).shape[2])

    def epoch(self, epoch: int) -> Iterator[tuple[Array, Array, Array | None]]:
        """Yield the batches (x, y, None) of an epoch."""
        order = np.arange(len(self.samples))
        if self.shuffle:
            order = np.random.default_rng([self.seed, epoch]).permutation(order)
        for start in range(0, len(order), self.batch_size):
            group = [self._sample(int(k), epoch) for k in order[start : start + self.batch_size]]
            size = padded_size(np.max([ids.shape for _, ids in group], axis=0), self.multiple_of)
            x = np.stack([place(image, size, 0.0) for image, _ in group])
            y = np.stack([place(ids, size, VOID) for _, ids in group])
            yield x, y, None

    def _sample(self, k: int, epoch: int) -> tuple[Array, Array]:
        image, ids = self.samples[k]
        image = self.prepare(image)
        rng = np.random.default_rng([self.seed, epoch, k])
        try:
            if self.augmentation is not None:
                return self.augmentation(image, ids, rng, self.crop)
            return (image, ids) if self.crop is None else random_crop(image, ids, self.crop, rng)
        except InvalidInput as error:
            name = self.samples.name(k) if hasattr(self.samples, "name") else k
            raise InvalidInput(f"sample {name}: {error}") from None
