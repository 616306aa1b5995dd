"""What a file holds, and what it means."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

LARGEST_SIDE = 32768
"""A header that claims more is taken for damage: reading would need gigabytes."""
MOST_PIXELS = 1 << 28

NO_DATA = (-9999.0, -32768.0, -99999.0)
"""Values that stand for 'nothing was measured here', besides NaN and the extremes of float32.

In floats and signed integers.
"""
LARGEST_VALUE = 1e30

LUMA = np.array([299, 587, 114])
"""Thousandths of red, green and blue in grey, of ITU-R BT.601, as in Pillow's "L".

Whole numbers: a grey picture stored as RGB gives exactly its grey levels.
"""


@dataclass
class Picture:
    """The samples of a file, as they are stored, but upright.

    Attributes:
        path: The file.
        samples: (H, W), or (H, W, 3); any dtype of integers, bool or floats.
        white: The stored value of full brightness: 255, 65535 ... None where the format does not say, that is for
            floats, signed integers and more than 16 bits.
        inverted: Brightness falls as the values grow (MinIsWhite in TIFF).
        palette: The colour of each sample (n, 3) uint8, or None.
        palette_is_order: Whether programs keep the numbers of the palette, so that they can be class ids.
        alpha: Opacity (H, W) as stored, or None.
        premultiplied: The samples are stored times alpha.
        no_data: The value that the file declares for pixels without data.
        lossy: Why the values are not those that were saved, or "".
    """

    path: Path
    samples: Array
    white: float | None
    inverted: bool = False
    palette: Array | None = None
    palette_is_order: bool = True
    alpha: Array | None = None
    premultiplied: bool = False
    no_data: float | None = None
    lossy: str = ""

    def pixels(self, channels: int | None = None) -> Array:
        """Return the picture for a network: float32 (H, W, channels).

        From 0 to 1 where white is known, else the values themselves.

        Args:
            channels: 1 (colour is turned into grey), 3 (grey is repeated), or None: 1 for grey pictures and 3 for
                others.
        """
        light, white = self._light()
        if light.ndim == 3 and channels == 1:
            light, white = _grey(light, white)
        if white is None:
            values = self._as_float32(light)
        elif light.dtype == np.float64:
            values = (light / white).astype(np.float32)
        else:
            values = light.astype(np.float32)
            values /= np.float32(white)  # in place: of a large picture there is one copy less
        if values.ndim == 2:
            values = values[:, :, None]
        if channels == 3 and values.shape[2] == 1:
            values = np.repeat(values, 3, axis=2)
        return np.ascontiguousarray(values)

    def levels(self) -> tuple[Array, float | None]:
        """Return the grey levels (H, W) for a threshold, unrounded, and the level of white (None: not known)."""
        light, white = self._light()
        return (light, white) if light.ndim == 2 else _grey(light, white)

    def _light(self) -> tuple[Array, float | None]:
        """Return samples that grow with brightness, (H, W) or (H, W, 3), and white."""
        if self.palette is not None:
            return grey_if_equal(self.palette)[self.samples], 255.0
        light: Array = self.samples.astype(np.uint8) if self.samples.dtype == bool else self.samples
        if light.dtype.kind in "fi" or self.no_data is not None:
            self._refuse_no_data(light)
        if self.premultiplied and self.alpha is not None and light.dtype.kind in "fu":
            opacity = self.alpha / (self.white or 1.0)
            opacity = opacity if light.ndim == 2 else opacity[:, :, None]
            light = np.divide(light, opacity, out=np.zeros(light.shape), where=opacity > 0)
        if self.inverted:
            white = self.white
            if white is None:
                wide = light.astype(np.float64)
                low, high = float(wide.min()), float(wide.max())
                light = (1.0 if light.dtype.kind == "f" and low >= 0 and high <= 1 else low + high) - wide
            else:
                light = light.dtype.type(white) - light
        return light, self.white

    def _refuse_no_data(self, light: Array) -> None:
        if light.dtype.kind == "f":
            finite = np.isfinite(light)
            if not finite.all():
                raise InvalidInput(
                    f"{self.path}: the image contains NaN or infinity ({int((~finite).sum()):,} pixels); fill in "
                    "what was not measured, such as np.nan_to_num(image, nan=np.nanmedian(image)), or cut it off"
                )
        if light.dtype.kind == "u" or light.size == 0:
            return  # 0 or 255 for 'no data' is black or white, no outlier
        low, high = float(light.min()), float(light.max())
        marks = [*NO_DATA] if self.no_data is None else [*NO_DATA, self.no_data]
        found = [mark for mark in marks if low <= mark <= high and (light == mark).any()]
        if low < -LARGEST_VALUE or high > LARGEST_VALUE:
            found.append(low if low < -LARGEST_VALUE else high)
        if found:
            count = int((light == found[0]).sum())
            raise InvalidInput(
                f"{self.path}: the image holds {found[0]:g} in {count:,} pixels, which stands for 'no data'; fill in "
                "what was not measured, such as by the median of the other pixels, or cut it off"
            )

    def _as_float32(self, light: Array) -> Array:
        """Return the values themselves; refuse those that float32 would make equal."""
        values = light.astype(np.float32)
        if light.dtype.itemsize > 2 and light.dtype != np.float32:
            low, high = light.min(), light.max()
            span, largest = float(high) - float(low), max(abs(float(low)), abs(float(high)))
            if span > 0 and float(np.spacing(np.float32(largest))) * 256 > span:
                raise InvalidInput(
                    f"{self.path}: the values, from {low} to {high}, lie too close together for float32, which has "
                    "24 bits; subtract the smallest one from all, and save the image again"
                )
        return values


def _grey(light: Array, white: float | None) -> tuple[Array, float | None]:
    """Return luma (H, W), in float64 and not rounded, and white."""
    wide = light.astype(np.float64)
    return (wide[:, :, 0] * LUMA[0] + wide[:, :, 1] * LUMA[1] + wide[:, :, 2] * LUMA[2]) / 1000.0, white


def grey_if_equal(palette: Array) -> Array:
    """Return (n,) of a palette whose colours are all grey, else the palette."""
    return palette[:, 0] if (palette == palette[:, :1]).all() else palette


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises into an InvalidInput that names the file, and keep what it warns of to itself."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damage that can be read around; of large sizes, which are checked
            yield
    except InvalidInput:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InvalidInput(f"{path}: not a readable image ({_one_line(error)})") from error
    except Exception as error:  # damaged files make decoders raise whatever Python has
        raise InvalidInput(f"{path}: a damaged image, perhaps truncated ({_one_line(error)})") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse sizes that no picture has, before memory is taken for them."""
    if max(width, height) > LARGEST_SIDE or width * height > MOST_PIXELS:
        raise InvalidInput(f"{path}: an image of {width} x {height} pixels is too large to be read")
    if min(width, height) < 1:
        raise InvalidInput(f"{path}: not a readable image (of {width} x {height} pixels)")
