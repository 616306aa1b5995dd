"""What a network expects of its images: the numbers that pixels become, and the size they are brought to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.utils.types import JsonObject

INTERPOLATIONS = ("bilinear", "bicubic")
ORDERS = ("rgb", "bgr")
SHOWN_AS_GREY = 1


@dataclass(frozen=True)
class Preprocessing:
    """(pixel - mean) / std for each channel, with pixels from 0 to 255; and, for a classifier, a size.

    A network that learnt from images made one way gives nonsense for images made another way, and no error. So what it
    learnt from belongs to it: `model.preprocessing` is saved and loaded with the model, and `model.preprocess` does it.

    Attributes:
        mean: Of each channel, on the scale from 0 to 255, in the order of the channels that the network takes.
        std: What each channel is divided by.
        channels: 'rgb', or 'bgr' for networks that came from Caffe.
        size: (height, width) that `preprocess` brings images to; None leaves their size.
        margin: The image is enlarged or shrunk until it covers `size` and this many pixels more, then its centre is
            cut out: torchvision's 256 and 224.
        interpolation: 'bilinear' or 'bicubic', both with antialiasing, as Pillow does it.

    Example:
        >>> import numpy as np
        >>> from tinyseg.models import Preprocessing
        >>> preprocessing = Preprocessing(mean=(127.5,) * 3, std=(127.5,) * 3)
        >>> preprocessing(np.array([[[255, 127.5, 0]]], "float32") / 255)[0, 0]
        array([ 1.,  0., -1.], dtype=float32)
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    channels: str = "rgb"
    size: tuple[int, int] | None = None
    margin: int = 32
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("mean", "std"):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        if len(self.mean) != len(self.std) or not self.mean or not np.isfinite([*self.mean, *self.std]).all():
            raise InvalidInput(
                f"Preprocessing: expected a mean and a std for each channel, got {self.mean} and {self.std}"
            )
        if min(self.std) <= 0:
            raise InvalidInput(f"Preprocessing: std: expected numbers above 0, got {self.std}")
        if self.channels not in ORDERS:
            raise unknown_name("order of channels", self.channels, ORDERS)
        if self.interpolation not in INTERPOLATIONS:
            raise unknown_name("interpolation", self.interpolation, INTERPOLATIONS)
        if self.size is not None:
            if len(self.size) != 2 or min(self.size) < 1 or self.margin < 0:
                raise InvalidInput(
                    f"Preprocessing: expected a size (height, width) and a margin of at least 0, got {self.size} and "
                    f"{self.margin}"
                )
            object.__setattr__(self, "size", (int(self.size[0]), int(self.size[1])))

    def __call__(self, image: Array) -> Array:
        """Return the numbers that the network takes, float32, for an image (H, W, C) or a batch; its size stays.

        Args:
            image: Bytes, or floats from 0 to 1. Grey images (C = 1) are repeated for a network that takes colour.

        Raises:
            InvalidInput: Floats beyond 0 .. 1, or another number of channels.
        """
        image = _bytes_scale(np.asarray(image))
        if image.ndim < 3:
            raise InvalidInput(f"preprocess: expected an image (height, width, channels), got shape {image.shape}")
        if image.shape[-1] == SHOWN_AS_GREY:
            image = np.repeat(image, len(self.mean), axis=-1)
        if image.shape[-1] != len(self.mean):
            raise InvalidInput(
                f"preprocess: expected {len(self.mean)} channels in the last axis, got shape {image.shape}"
            )
        if self.channels == "bgr":
            image = image[..., ::-1]
        return (image - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)

    def batch(self, images: Any, size: Sequence[int] | None = None) -> Array:
        """Return a batch (N, H, W, C) from an image (H, W) or (H, W, C), a batch of them, or a list of any sizes.

        Args:
            images: Bytes, or floats from 0 to 1.
            size: (height, width) instead of the model's own.
        """
        single = not isinstance(images, (list, tuple)) and np.ndim(images) in (2, 3)
        group = [np.asarray(image) for image in ([images] if single else images)]
        if not group:
            raise InvalidInput("preprocess: expected at least one image, got none")
        group = [image[..., None] if image.ndim == 2 else image for image in group]
        if any(image.ndim != 3 for image in group):
            raise InvalidInput(f"preprocess: expected images (height, width, channels), got {group[0].shape}")
        wanted = self.size if size is None else (int(size[0]), int(size[1]))
        if wanted is not None:
            group = [self._resized(image, wanted) for image in group]
        shapes = {image.shape[:2] for image in group}
        if len(shapes) > 1:
            raise InvalidInput(f"preprocess: expected images of one size, got {sorted(shapes)[:4]}; give size=")
        return np.stack([self(image) for image in group])

    def _resized(self, image: Array, size: tuple[int, int]) -> Array:
        """Enlarge or shrink an image until it covers size and margin, and cut out the centre."""
        from PIL import Image

        if 0 in image.shape:
            raise InvalidInput(f"preprocess: expected an image with pixels, got shape {image.shape}")
        numbers = _bytes_scale(image)
        height, width = image.shape[:2]
        factor = max((size[0] + self.margin) / height, (size[1] + self.margin) / width)
        new = (max(round(height * factor), size[0]), max(round(width * factor), size[1]))
        method = Image.Resampling[self.interpolation.upper()]
        planes = [
            np.asarray(Image.fromarray(np.ascontiguousarray(plane)).resize((new[1], new[0]), method))
            for plane in np.moveaxis(numbers, -1, 0)
        ]
        top, left = (new[0] - size[0]) // 2, (new[1] - size[1]) // 2
        cut = np.stack(planes, axis=-1)[top : top + size[0], left : left + size[1]]
        return np.clip(cut, 0.0, 255.0) / np.float32(255.0)  # bicubic goes beyond black and white

    def as_json(self) -> JsonObject:
        """Return JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: JsonObject) -> Preprocessing:
        """Take back what `as_json` returned."""
        size = content.get("size")
        return cls(**{**content, "size": None if size is None else tuple(size)})


def _bytes_scale(image: Array) -> Array:
    """Return an image as float32 from 0 to 255."""
    if image.dtype == np.uint8 or image.dtype == bool:
        return image.astype(np.float32) * (255.0 if image.dtype == bool else 1.0)
    if image.dtype.kind != "f":
        raise InvalidInput(f"preprocess: expected bytes, or floats from 0 to 1, got {image.dtype}")
    if image.size and not (image.min() >= -1e-3 and image.max() <= 1.001):
        raise InvalidInput(
            f"preprocess: expected floats from 0 to 1, got {image.min():g} to {image.max():g}; "
            "give images of 0 to 255 as uint8"
        )
    return image.astype(np.float32) * np.float32(255.0)
