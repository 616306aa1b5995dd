"""Images named on the command line, and where their results go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput


def images_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files, and for each folder the images in it; raises InvalidInput for what does not exist, and for two of one base name."""
    from tinyseg.datasets import list_images

    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = list_images(path)
            if not inside:
                raise InvalidInput(f"{path}: no PNG, JPEG or TIFF images in this folder")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InvalidInput(f"{path}: no such file or folder")
    names: dict[str, Path] = {}
    for path in found:
        other = names.setdefault(path.stem, path)
        if other != path:
            raise InvalidInput(
                f"{path} and {other} have the same base name, so their results would overwrite each other"
            )
    return list(names.values())
