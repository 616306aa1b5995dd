"""Random changes of image and mask together, which make a small dataset go further."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.types import JsonObject

from .description import VOID


@dataclass(frozen=True)
class Augmentation:
    """Flips, rotation, scale, brightness and contrast.

    The image is sampled bilinearly, the mask by its nearest pixel: between class 2 and class 4 there is no class 3.
    What comes from beyond the edge is 0 in the image (the mean, once it is standardised) and void in the mask.

    Attributes:
        flip: Mirror left and right in half of the samples.
        flip_vertical: Also top and bottom; for images without an up, such as microscopy.
        rotate: Largest angle, degrees, either way.
        scale: Largest relative change of size: 0.25 draws a factor from 1/1.25 to 1.25.
        brightness: Largest shift and relative change of contrast, in standard deviations of the image.

    Example:
        >>> import numpy as np
        >>> from tinyseg.datasets import Augmentation
        >>> image, mask = np.zeros((4, 4, 1), "float32"), np.zeros((4, 4), "uint8")
        >>> image[0, 0], mask[0, 0] = 1, 1
        >>> x, y = Augmentation(flip=True, flip_vertical=True)(image, mask, np.random.default_rng(0))
        >>> bool(((x[..., 0] == 1) == (y == 1)).all())  # image and mask move together
        True
    """

    flip: bool = True
    flip_vertical: bool = False
    rotate: float = 0.0
    scale: float = 0.0
    brightness: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, largest in (("rotate", 180.0), ("scale", 4.0), ("brightness", 1.0)):
            value = getattr(self, name)
            if not 0.0 <= value <= largest:
                raise InvalidInput(f"augmentation: {name}: expected a number from 0 to {largest:g}, got {value!r}")

    def __call__(self, image: Array, mask: Array, rng: np.random.Generator, crop: tuple[int, int] | None = None) -> Any:
        """Return a changed copy of image (H, W, C) and mask (H, W), cut to `crop` (height, width) at a random place.

        Raises:
            InvalidInput: A crop larger than the image.
        """
        turned = float(rng.uniform(-self.rotate, self.rotate)) if self.rotate else 0.0
        scaled = float(np.exp(rng.uniform(-1, 1) * math.log1p(self.scale))) if self.scale else 1.0
        if turned or scaled != 1.0:
            image, mask = _sample(image, mask, turned, scaled, crop, rng)
        elif crop is not None:
            image, mask = random_crop(image, mask, crop, rng)
        if self.flip and rng.random() < 0.5:
            image, mask = image[:, ::-1], mask[:, ::-1]
        if self.flip_vertical and rng.random() < 0.5:
            image, mask = image[::-1], mask[::-1]
        if self.brightness:
            gain, shift = 1 + rng.uniform(-1, 1) * self.brightness, rng.uniform(-1, 1) * self.brightness
            image = image * image.dtype.type(gain) + image.dtype.type(shift)
        return image, mask

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return asdict(self)


def random_crop(image: Array, mask: Array, crop: tuple[int, int], rng: np.random.Generator) -> tuple[Array, Array]:
    """Cut the same random window from image and mask."""
    top, left = _corner(mask.shape, crop, rng)
    window = (slice(top, top + crop[0]), slice(left, left + crop[1]))
    return image[window], mask[window]


def _corner(size: tuple[int, ...], crop: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    if crop[0] > size[0] or crop[1] > size[1]:
        raise InvalidInput(
            f"crop: {crop[0]} x {crop[1]} (height x width) is larger than the image, {size[0]} x {size[1]}"
        )
    return int(rng.integers(size[0] - crop[0] + 1)), int(rng.integers(size[1] - crop[1] + 1))


def _sample(
    image: Array, mask: Array, degrees: float, scale: float, crop: tuple[int, int] | None, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Rotate and scale about the image's centre, and compute only the window that is kept.

    An output position p comes from A (p - c) + c of the input, with A the rotation divided by the scale and c the
    centre.
    """
    from scipy.ndimage import affine_transform

    out = mask.shape if crop is None else crop
    corner = np.array((0, 0) if crop is None else _corner(mask.shape, crop, rng))
    angle = math.radians(degrees)
    matrix = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]) / scale
    centre = (np.array(mask.shape) - 1) / 2
    offset = centre + matrix @ (corner - centre)
    planes = [
        affine_transform(image[:, :, c], matrix, offset, tuple(out), order=1, mode="constant", cval=0.0)
        for c in range(image.shape[2])
    ]
    ids = affine_transform(mask, matrix, offset, tuple(out), order=0, mode="constant", cval=VOID)
    return np.stack(planes, axis=-1), ids
