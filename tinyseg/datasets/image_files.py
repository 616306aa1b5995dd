"""Images and masks in files: arrays in a program. What a file may be, docs/images.md says."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.files import atomic_path

from .description import VOID
from .palette import Color, default_colors
from .pictures import SUFFIXES, Picture, is_grey, read_picture

__all__ = ["SUFFIXES", "is_grey", "read_image", "read_mask", "write_image", "write_mask"]

SHOWN_COLORS = 4
"""Of colours without a class, the commonest are named."""


def read_image(path: str | os.PathLike[str], channels: int | None = None) -> Array:
    """Read an image as float32, upright.

    Values run from 0 to 1 (white) for unsigned integers of up to 16 bits. Floats, signed integers and integers of 32
    bits and more have no known white: their values are returned as they are stored, and `standardize`, which batches
    and predictions use, makes a network independent of their scale.

    Args:
        path: PNG, JPEG, TIFF, WebP, BMP, GIF or JPEG 2000; grey or colour, any depth.
        channels: 1 (colour is turned into grey), 3 (grey is repeated), or None: 1 for grey files and 3 for others.

    Returns:
        (H, W, channels).

    Raises:
        InvalidInput: No such file, not a readable image, or one whose meaning is not certain, such as a stack of pages,
            NaN or 'no data'; the text names the file.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.datasets import read_image, write_image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "image.png")
        ...     write_image(file, np.array([[0, 255]], "uint8"))
        ...     print(read_image(file, channels=3).shape)
        ...
        (1, 2, 3)
    """
    check_channels(channels)
    return read_picture(path).pixels(channels)


def check_channels(channels: int | None) -> None:
    """Raise InvalidInput for a number of channels that no network here is given."""
    if channels is not None and (isinstance(channels, bool) or channels not in (1, 3)):
        raise InvalidInput(f"channels: expected 1 (grey), 3 (red, green, blue) or None (as the file), got {channels!r}")


def read_mask(path: str | os.PathLike[str], colors: Mapping[Color, int] | None = None) -> Array:
    """Read a mask as class ids, (H, W) uint8, upright: the palette's index, or the stored grey value itself.

    Args:
        path: A file whose format keeps each value: PNG, TIFF, BMP, GIF or lossless WebP; integers, or floats that are
            whole numbers.
        colors: The id of each colour (red, green, blue), for masks that are colour images.

    Raises:
        InvalidInput: No such file, not a readable image, a lossy format, values that are no ids from 0 to 255, or
            colours without an id; the text names the file.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.datasets import read_mask, write_mask
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "mask.png")
        ...     write_mask(file, np.array([[0, 1, 2]], "uint8"))
        ...     print(read_mask(file))
        ...
        [[0 1 2]]
    """
    return read_labels(path, colors)[0]


def read_labels(
    path: str | os.PathLike[str], colors: Mapping[Color, int] | None = None, table: Array | None = None
) -> tuple[Array, bool]:
    """Read a mask as `read_mask` does; returns the ids, and whether they come from colours.

    `table`: the class of each value (256,), by which a palette is held against `colors`; None: the value is the class.
    """
    if colors is not None and not isinstance(colors, Mapping):
        raise InvalidInput(
            "colors: expected the id of each colour, such as {(0, 0, 0): 0, (255, 160, 0): 1}, "
            f"got {type(colors).__name__}; of a list, {{tuple(color): k for k, color in enumerate(colors)}}"
        )
    if colors is not None and not all(_is_color(color) and label in range(256) for color, label in colors.items()):
        raise InvalidInput(f"colors: expected colours (red, green, blue) and ids from 0 to 255, got {colors!r}")
    picture = read_picture(path)
    if picture.lossy:
        kind = "a colour image; " if picture.samples.ndim == 3 else ""
        raise InvalidInput(
            f"{path}: {kind}{picture.lossy}, so a mask's class ids are lost; save masks as PNG, from what they were "
            "made of"
        )
    samples = picture.samples
    if picture.palette is not None and not picture.palette_is_order:
        samples = picture.palette[samples]
    _refuse_mask_in_alpha(picture, samples)
    if samples.ndim == 3 and (samples == samples[:, :, :1]).all() and not (colors and _are_colors(samples, colors)):
        samples = samples[:, :, 0]
    if samples.ndim == 3:
        return _ids_of_colors(picture, samples, colors), True
    if colors and picture.palette is not None:
        _refuse_palette_in_other_order(picture, colors, table)
    return _ids_of_values(picture, samples), False


def _refuse_palette_in_other_order(picture: Picture, colors: Mapping[Color, int], table: Array | None) -> None:
    """Refuse a palette of the classes' very colours in another order: index and colour contradict each other.

    Programs that make files smaller write such palettes.
    """
    assert picture.palette is not None
    used = np.unique(picture.samples)
    by_color = [colors.get(tuple(picture.palette[k].tolist())) if k < len(picture.palette) else None for k in used]
    by_index = used if table is None else table[used]
    wrong = [k for k, label, index in zip(used, by_color, by_index, strict=True) if label not in (index, VOID)]
    if None not in by_color and wrong:
        k = wrong[0]
        raise InvalidInput(
            f"{picture.path}: the palette has the classes' colours in another order: index {k} has the colour "
            f"{picture.palette[k].tolist()}, which is class {by_color[used.tolist().index(k)]} in colors; save the "
            "mask as RGB if its colours are right, or with the palette of colors if its indices are"
        )


def _ids_of_values(picture: Picture, values: Array) -> Array:
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (np.floor(values) == values)
        if not whole.all():
            raise InvalidInput(
                f"{picture.path}: expected class ids, which are whole numbers, got {values[~whole][0]:g} in "
                f"{int((~whole).sum()):,} pixels; write ids from 0 to 255 as uint8 (255 and ignore_class = 255 for "
                "pixels without a label)"
            )
    low, high = values.min(initial=0), values.max(initial=0)
    if low < 0 or high > 255:
        below = f" and down to {low:g}" if low < 0 else ""
        if low < 0:
            cure = "write 255 for pixels without a label, and give ignore_class = 255"
        elif high == 65535:
            cure = "in a mask of 0 and 65535, write 1 for 65535"
        else:
            cure = "if each object has its own number, write its class instead, such as (mask > 0).astype('uint8')"
        raise InvalidInput(
            f"{picture.path}: expected class ids from 0 to 255, got values up to {high:g}{below}; {cure}"
        )
    return values.astype(np.uint8)


def _are_colors(samples: Array, colors: Mapping[Color, int]) -> bool:
    """Whether grey pixels are colours of classes, such as a mask that is all black, which is a class's colour."""
    known = {color for color in colors if len(set(color)) == 1}
    return all((int(value),) * 3 in known for value in np.unique(samples)) if samples.dtype == np.uint8 else False


def _ids_of_colors(picture: Picture, samples: Array, colors: Mapping[Color, int] | None) -> Array:
    if not colors:
        raise InvalidInput(
            f"{picture.path}: expected a mask of class ids (palette PNG or grey image), got a colour image; save the "
            "index of each pixel's class instead of its colour, or give colors = [[red, green, blue], ...], one per "
            "class, in dataset.toml beside train/"
        )
    if samples.dtype != np.uint8:
        raise InvalidInput(
            f"{picture.path}: expected a colour mask of 8 bits per channel, got {samples.dtype}; save it as an 8-bit "
            "PNG"
        )
    codes = (samples.astype(np.int64) * (65536, 256, 1)).sum(axis=2)
    found, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    known = {red << 16 | green << 8 | blue: label for (red, green, blue), label in colors.items()}
    unknown = [(int(count), int(code)) for code, count in zip(found, counts, strict=True) if int(code) not in known]
    if unknown:
        unknown.sort(reverse=True)
        shown = ", ".join(f"[{c >> 16}, {c >> 8 & 255}, {c & 255}] in {n:,} pixels" for n, c in unknown[:SHOWN_COLORS])
        more = f" and {len(unknown) - SHOWN_COLORS} more" if len(unknown) > SHOWN_COLORS else ""
        raise InvalidInput(
            f"{picture.path}: the mask has colours of no class: {shown}{more}; add them to colors in dataset.toml, "
            "or as ignore_color if they mark unlabelled pixels; blends of two classes' colours come from smoothing: "
            "save the mask without it"
        )
    return np.array([known[int(code)] for code in found], np.uint8)[place].reshape(codes.shape)


def _is_color(color: object) -> bool:
    """Whether something is (red, green, blue) in bytes."""
    array = np.asarray(color)
    return array.shape == (3,) and array.dtype.kind in "iu" and bool(((array >= 0) & (array <= 255)).all())


def _refuse_mask_in_alpha(picture: Picture, samples: Array) -> None:
    """Refuse a mask that is drawn in the transparency of one colour: its values would be all the same."""
    alpha = picture.alpha
    if alpha is not None and alpha.size and (alpha != alpha.flat[0]).any():
        pixels = samples.reshape(alpha.size, -1)
        if (pixels == pixels[0]).all():
            raise InvalidInput(
                f"{picture.path}: all pixels have one colour, only their transparency differs; save the mask's ids "
                "as grey, without alpha"
            )


def write_mask(path: str | os.PathLike[str], ids: Array, colors: list[Color] | None = None) -> None:
    """Write class ids (H, W) as a palette PNG: viewers show the colours, programs read the ids. Whole or not at all.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.datasets import read_mask, write_mask
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "mask.png")
        ...     write_mask(file, np.array([[0, 1, 2]], "uint8"))
        ...     print(read_mask(file))
        ...
        [[0 1 2]]
    """
    from PIL import Image

    ids = np.asarray(ids)
    wrong = ids.ndim != 2 or ids.size == 0 or ids.dtype.kind not in "iub"
    if wrong or ids.min() < 0 or ids.max() > 255:
        raise InvalidInput(f"{path}: expected class ids (H, W) from 0 to 255, got shape {ids.shape} of {ids.dtype}")
    if colors is not None and not all(map(_is_color, colors)):
        raise InvalidInput(f"{path}: colors: expected (red, green, blue) from 0 to 255 for each class, got {colors!r}")
    image = Image.fromarray(ids.astype(np.uint8))
    image.putpalette([value for color in colors or default_colors(256) for value in color])
    with atomic_path(path) as temporary:
        image.save(temporary, format="PNG")


def write_image(path: str | os.PathLike[str], pixels: Array) -> None:
    """Write pixels (H, W), (H, W, 1) or (H, W, 3) as a PNG, whole or not at all.

    Floats from 0 to 1 (a little beyond is cut), bool or bytes.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.datasets import read_image, write_image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "image.png")
        ...     write_image(file, np.array([[0, 255]], "uint8"))
        ...     print(read_image(file)[..., 0])
        ...
        [[0. 1.]]
    """
    from PIL import Image

    pixels = np.asarray(pixels)
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3)) or 0 in pixels.shape:
        raise InvalidInput(f"{path}: expected pixels (H, W), (H, W, 1) or (H, W, 3), got shape {pixels.shape}")
    low, high = pixels.min(), pixels.max()
    if pixels.dtype != np.uint8 and (pixels.dtype.kind not in "fb" or not (low >= -1 and high <= 2)):  # nor NaN
        raise InvalidInput(
            f"{path}: expected floats from 0 (black) to 1 (white), or uint8 from 0 to 255, got {pixels.dtype} from "
            f"{low:g} to {high:g}; divide by the value of white, or make bytes of them by astype('uint8')"
        )
    if pixels.dtype != np.uint8:
        pixels = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    with atomic_path(path) as temporary:
        Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, format="PNG")
