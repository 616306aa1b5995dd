"""Images named on the command line, and where their results go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from .console import progress, say

RESULTS = ("mask", "overlay")
SHOWN = 8
"""Files that are named one by one."""


@dataclass(frozen=True)
class Found:
    """An image, and where its results go.

    Attributes:
        path: The file.
        name: Its name below the folder that was given, or its own.
        out: The folder for its results; sub-folders are kept.
    """

    path: Path
    name: str
    out: Path

    def result(self, kind: str) -> Path:
        """Return the file of a result: 'mask' or 'overlay'."""
        return self.out / f"{self.path.stem}_{kind}.png"


def images_in(paths: Sequence[Path], out: Path) -> list[Found]:
    """Return the files, and for each folder the images in it and below it; say which files are left out.

    What is in `out` is no image to be read, nor are NAME_mask.png and NAME_overlay.png beside NAME, when the results go
    there.

    Raises:
        InvalidInput: What does not exist, a folder without images, two images whose results would have one name, or a
            file as `out`.
    """
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"--out: expected a folder for the results, got the file {out}")
    found: list[Found] = []
    for path in paths:
        if path.is_dir():
            found += _in_folder(path, out)
        elif path.is_file():
            found.append(Found(path, path.name, out))
        else:
            raise InvalidInput(f"{path}: no such file or folder")
    names: dict[Path, Found] = {}
    for item in found:
        other = names.setdefault(item.out / item.path.stem, item)
        if other.path != item.path:
            raise InvalidInput(
                f"{item.path} and {other.path} have the same base name, so their results would overwrite each other"
            )
    return list(names.values())


def _in_folder(folder: Path, out: Path) -> list[Found]:
    from tinyseg.datasets.listing import readable, walk

    images, others = walk(folder)
    if out.resolve() == folder.resolve():
        places = {path.with_suffix("") for path in images}
        results = [path for path in images if _source(path) in places]
    else:  # a folder of results within this one; not one around it, such as the folder one is in
        within = folder.resolve() in out.resolve().parents
        results = [path for path in images if within and out.resolve() in path.resolve().parents]
    images = [path for path in images if path not in set(results)]
    for why, left in (("results of an earlier command", results), (f"not among what is read ({readable()})", others)):
        if left:
            shown = ", ".join(path.relative_to(folder).as_posix() for path in left[:SHOWN])
            more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
            say(f"{folder}: left out, {why}: {shown}{more}")
    if not images:
        raise InvalidInput(
            f"{folder}: no PNG, JPEG or TIFF images in this folder, nor others that are read ({readable()})"
        )
    return [Found(path, str(path.relative_to(folder)), out / path.relative_to(folder).parent) for path in images]


def _source(path: Path) -> Path | None:
    """Return what an image would be a result of, without its ending."""
    for kind in RESULTS:
        if path.name.endswith(f"_{kind}.png"):
            return path.parent / path.name.removesuffix(f"_{kind}.png")
    return None


def each(found: Sequence[Found], work: Callable[[Found], None], title: str) -> list[str]:
    """Do the work for each image; return what was wrong with those that cannot be used.

    They do not stop the others.
    """
    show, wrong = progress(title), []
    for k, item in enumerate(found):
        try:
            work(item)
        except InvalidInput as error:
            wrong.append(str(error) if str(item.path) in str(error) else f"{item.path}: {error}")
        show(k + 1, len(found))
    return wrong


def tell(found: Sequence[Found], wrong: Sequence[str], out: Path) -> None:
    """Say what was written, and raise InvalidInput for what was not."""
    if len(wrong) < len(found):
        say(f"wrote masks and overlays of {len(found) - len(wrong)} images to {out}")
    if len(found) == 1 and wrong:
        raise InvalidInput(wrong[0])
    if wrong:
        raise InvalidInput("\n  ".join([f"{len(wrong)} of {len(found)} images could not be used:", *wrong]))
