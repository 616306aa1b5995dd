"""Pictures in files, read in one place.

Whatever the depth, mode, byte order, compression, planar configuration, photometric interpretation or orientation of a
file, the same scene comes out. docs/images.md has the rules.

`read_picture` gives what is stored, upright, with all that is needed to give it a meaning: `Picture.pixels` for a
network, `Picture.levels` for a threshold, `tinyseg.datasets.read_mask` for class ids. PNG, JPEG, WebP, BMP, GIF and
JPEG 2000 are read by Pillow (`pillow_files`), TIFF by tifffile and Pillow (`tiff`).
"""

from __future__ import annotations

import os

from tinyseg.utils.files import existing_file

from . import pillow_files, tiff
from .picture import Picture, reading

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".jp2", ".j2k")
"""Files of these endings are looked for in folders. What a file is, its first bytes say."""


def read_picture(path: str | os.PathLike[str]) -> Picture:
    """Read a file.

    Raises:
        InvalidInput: No such file, not a readable picture, or one whose meaning is not certain; the text names the file
            and the cure.
    """
    path = existing_file(path)
    with reading(path):
        return tiff.read(path) if tiff.is_tiff(path) else pillow_files.read(path)


def is_grey(path: str | os.PathLike[str]) -> bool:
    """Whether a picture is grey, by its header.

    A file that cannot be read counts as grey, and fails when it is read.
    """
    try:
        path = existing_file(path)
        return tiff.is_grey(path) if tiff.is_tiff(path) else pillow_files.is_grey(path)
    except Exception:  # as in `reading`
        return True


__all__ = ["SUFFIXES", "Picture", "is_grey", "read_picture"]
