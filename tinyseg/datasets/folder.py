"""A dataset in a folder: `train/`, `val/` and perhaps `test/`, each with `images/` and `masks/`.

An image and its mask have the same base name, in the same sub-folder.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.files import as_path

from .census import Census, count_classes, hint, listed, remarks
from .description import Description, read_description
from .image_files import check_channels, is_grey, read_image, read_labels
from .listing import by_base_name, passed_over, readable
from .palette import Color
from .splitting import can_split, check_fraction, held_out, sample_name

CACHE_BYTES = 1 << 30
"""Decoded images are kept up to this size; a larger dataset is read from disk again each epoch."""

MOST_COUNTED = 5000
"""Masks of a larger dataset with named classes are not all looked through before training."""


@dataclass(frozen=True)
class Pair:
    """One image and its mask."""

    image: Path
    mask: Path


class Samples:
    """The samples of one split, decoded when asked for: `samples[k]` is (image (H, W, C) float32, ids (H, W) uint8).

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.datasets import SegmentationFolder, write_image, write_mask
        >>> folder = tempfile.TemporaryDirectory()
        >>> for part in ("train", "val"):
        ...     for kind in ("images", "masks"):
        ...         os.makedirs(os.path.join(folder.name, part, kind))
        ...     write_image(os.path.join(folder.name, part, "images", "a.png"), np.full((8, 8), 200, "uint8"))
        ...     write_mask(os.path.join(folder.name, part, "masks", "a.png"), np.eye(8, dtype="uint8"))
        ...
        >>> data = SegmentationFolder(folder.name)
        >>> image, ids = data.samples("train")[0]
        >>> image.shape, ids.shape
        ((8, 8, 1), (8, 8))
        >>> folder.cleanup()
    """

    def __init__(self, pairs: Sequence[Pair], channels: int, description: Description, classes: int) -> None:
        """Set the files, the channels to read, and what the masks' values and colours mean."""
        self.pairs, self.channels = list(pairs), channels
        self.table, self.colors = description.table(classes), description.ids_of_colors()
        self._kept: dict[int, tuple[Array, Array]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.pairs)

    def name(self, k: int) -> str:
        """Return the base name of a sample."""
        return self.pairs[k].image.stem

    def __getitem__(self, k: int) -> tuple[Array, Array]:
        """Read a sample; raises InvalidInput naming the file."""
        if k in self._kept:
            return self._kept[k]
        image = read_image(self.pairs[k].image, self.channels)
        ids = self.ids(k)
        if image.shape[:2] != ids.shape:
            turned = "; was it made from the image as it lies in the file, without its tag Orientation?"
            raise InvalidInput(
                f"{self.pairs[k].mask}: expected a mask of the image's size {image.shape[1]} x {image.shape[0]} "
                f"({self.pairs[k].image.name}), got {ids.shape[1]} x "
                f"{ids.shape[0]}{turned * (image.shape[1::-1] == ids.shape)}"
            )
        if self._bytes < CACHE_BYTES:
            self._kept[k] = image, ids
            self._bytes += image.nbytes + ids.nbytes
        return image, ids

    def ids(self, k: int) -> Array:
        """Read the mask alone."""
        values, by_color = read_labels(self.pairs[k].mask, self.colors, self.table)
        if by_color:
            return values
        labels = self.table[values]
        if (labels < 0).any():
            wrong = np.unique(values[labels < 0])
            allowed = np.flatnonzero(self.table >= 0)
            raise InvalidInput(
                f"{self.pairs[k].mask}: the mask holds the values {listed(wrong)}, which are no class; allowed: "
                f"{listed(allowed)}{hint(set(np.unique(values).tolist()))}"
            )
        return labels.astype(np.uint8)


class SegmentationFolder:
    """A folder of images and masks.

    Attributes:
        class_names: One per class.
        colors: One per class.
        channels: Of the images: 1 when all are grey, else 3.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.datasets import SegmentationFolder, write_image, write_mask
        >>> folder = tempfile.TemporaryDirectory()
        >>> for part in ("train", "val"):
        ...     for kind in ("images", "masks"):
        ...         os.makedirs(os.path.join(folder.name, part, kind))
        ...     write_image(os.path.join(folder.name, part, "images", "a.png"), np.full((8, 8), 200, "uint8"))
        ...     write_mask(os.path.join(folder.name, part, "masks", "a.png"), np.eye(8, dtype="uint8"))
        ...
        >>> data = SegmentationFolder(folder.name)
        >>> data.num_classes, len(data.samples("train"))
        (2, 1)
        >>> folder.cleanup()
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        ignore_class: int | None = None,
        channels: int | None = None,
        val_fraction: float | None = None,
        split_seed: int = 0,
    ) -> None:
        """Read `dataset.toml`, if there is one, and look through the masks of all splits.

        Args:
            folder: Holds `train/images`, `train/masks`, `val/images` ...
            ignore_class: Value in the masks to leave out; overrides the one in `dataset.toml`.
            channels: 1 or 3, for a network that is already trained; found from the images when None.
            val_fraction: Hold about this share of the images back as 'val', where there is no val/: of train/, or of a
                folder that holds images/ and masks/ themselves. Which ones depends on their names alone (see
                `held_out`).
            split_seed: Another one gives another split.

        Raises:
            InvalidInput: A missing folder, file or partner, or labels that cannot be class ids; the text names the
                file.
        """
        self.folder = as_path(folder, "folder")
        if not self.folder.is_dir():
            raise InvalidInput(f"{self.folder}: no such folder")
        path = self.folder / "dataset.toml"
        if not path.exists():
            for other in self.folder.iterdir():
                if other.name.lower() in ("dataset.toml", "dataset.toml.txt"):  # Windows hides the last ending
                    raise InvalidInput(f"{other}: expected the name dataset.toml, in small letters; rename the file")
        self.description = read_description(path) if path.exists() else Description()
        check_channels(channels)
        if ignore_class is not None:
            if isinstance(ignore_class, bool) or not isinstance(ignore_class, Integral) or not 0 <= ignore_class <= 255:
                raise InvalidInput(f"ignore_class: expected an integer from 0 to 255, got {ignore_class!r}")
            self.description = replace(self.description, ignore_class=ignore_class)
        self.splits = {
            name: _pairs(self.folder / name) for name in ("train", "val", "test") if (self.folder / name).is_dir()
        }
        if not self.splits and (self.folder / "images").is_dir():
            self.splits = {"all": _pairs(self.folder)}
        if val_fraction is not None:
            self.splits = _split(self.folder, self.splits, val_fraction, split_seed)
        if not self.splits:
            raise InvalidInput(
                f"{self.folder}: expected the folders train/ and val/ (perhaps test/), each with images/ and masks/, "
                f"found {listed([item.name for item in sorted(self.folder.iterdir())])}"
            )
        self._census: Census | None = None
        self.channels = channels or self._channels()
        self.class_names: list[str] = self.description.class_names(self._count_classes())
        self.colors: list[Color] = self.description.class_colors(len(self.class_names))

    @property
    def num_classes(self) -> int:
        """Return the number of classes, the ignored one not counted."""
        return len(self.class_names)

    def samples(self, split: str) -> Samples:
        """Return the samples of a split: 'train', 'val' or 'test'."""
        if not isinstance(split, str) or split not in self.splits:
            cure = ""
            if split in ("train", "val") and can_split(self.folder):
                cure = "; --val-fraction 0.2 (val_fraction=0.2) holds a fifth of the images back for it"
            raise InvalidInput(f"{self.folder}: no split {split!r}; there are {', '.join(self.splits)}{cure}")
        return Samples(self.splits[split], self.channels, self.description, self.num_classes)

    def _channels(self) -> int:
        """Return 1 when all images are grey files, else 3."""
        return 1 if all(is_grey(pair.image) for pairs in self.splits.values() for pair in pairs) else 3

    def _count_classes(self) -> int:
        if self.description.classes:
            return len(self.description.classes)
        if self.description.mask_values:
            return max(*self.description.mask_values.values(), 1) + 1  # the fewest are two, as without mask_values
        colors, by_colors = self.description.ids_of_colors(), False
        self._census = Census()
        for split, pairs in self.splits.items():
            for pair in pairs:
                values, by_color = read_labels(pair.mask, colors)
                by_colors |= by_color
                self._census.add(split, pair.mask, values)
        if by_colors:
            return len(self.description.colors)
        return count_classes(self.folder, self._census, self.description.ignore_class)

    def remarks(self) -> list[str]:
        """Return what is odd about the labels, as sentences.

        Such as classes that never occur in `train/`, and where else they do.

        Reads all masks, so that a bad one is found now.
        """
        if self._census is None:
            if sum(map(len, self.splits.values())) > MOST_COUNTED:
                return []
            self._census = Census()
            for split, pairs in self.splits.items():
                samples = self.samples(split)
                for k, pair in enumerate(pairs):
                    self._census.add(split, pair.mask, samples.ids(k))
        return remarks(self._census, self.class_names, self.description.ignore_class)


def _split(folder: Path, splits: dict[str, list[Pair]], fraction: float, seed: int) -> dict[str, list[Pair]]:
    """Return the splits with a 'val' taken out of 'train', or out of all."""
    check_fraction(fraction, seed)
    if not can_split(folder):
        what = "has a val/ already" if "val" in splits else "has neither train/ nor images/ to split"
        raise InvalidInput(f"{folder}: {what}; leave out --val-fraction (val_fraction)")
    whole = splits["all" if "all" in splits else "train"]
    try:
        held = held_out([sample_name(pair.image) for pair in whole], fraction, seed)
    except InvalidInput as error:
        raise InvalidInput(f"{folder}: {error}") from None
    parts = {"train": [p for p in whole if sample_name(p.image) not in held]}
    parts["val"] = [p for p in whole if sample_name(p.image) in held]
    return parts | {name: pairs for name, pairs in splits.items() if name == "test"}


def _pairs(split: Path) -> list[Pair]:
    folders = [split / "images", split / "masks"]
    for folder in folders:
        if not folder.is_dir():
            raise InvalidInput(f"{folder}: no such folder; a split holds images/ and masks/")
    images, masks = (by_base_name(folder) for folder in folders)
    for one, other, kind, folder in ((images, masks, "a mask", folders[1]), (masks, images, "an image", folders[0])):
        missing = sorted(set(one) - set(other))
        if missing:
            more = passed_over(folder, missing[0]) + (f" (and {len(missing) - 1} more)" if len(missing) > 1 else "")
            raise InvalidInput(
                f"{one[missing[0]]}: expected {kind} of the same base name in {folder}, found none{more}"
            )
    if not images:
        raise InvalidInput(f"{folders[0]}: the split is empty: no {readable()} files")
    return [Pair(images[name], masks[name]) for name in sorted(images)]
