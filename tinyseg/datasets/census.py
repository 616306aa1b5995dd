"""Which labels the masks of a dataset hold, and whether they can be classes.

What is odd is refused with the cure, or said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .description import VOID

FEW_CLASSES = 8
"""Gaps among so few ids are no sign of anything: a class may be rare."""

MANY_OBJECTS = 8
"""From this many ids on, masks that each count from 1 without a gap are held to number objects."""


@dataclass
class Census:
    """Labels counted over masks.

    Attributes:
        pixels: By split, the number of pixels of each label (256,).
        first: The first mask that holds a label.
        counting: Whether each mask numbers 1, 2, 3 ... without a gap.
        ends: Up to where masks number.
        labels: How many labels above 0 the masks hold, mask by mask, as long as they number without a gap.
        connected: How many of them are one connected region.
    """

    pixels: dict[str, Array] = field(default_factory=dict)
    first: dict[int, Path] = field(default_factory=dict)
    counting: bool = True
    ends: set[int] = field(default_factory=set)
    labels: int = 0
    connected: int = 0

    def add(self, split: str, path: Path, ids: Array) -> None:
        """Count a mask."""
        counts = np.bincount(ids.ravel(), minlength=256)
        self.pixels[split] = self.pixels.get(split, np.zeros(256, np.int64)) + counts
        found = np.flatnonzero(counts)
        for value in found.tolist():
            self.first.setdefault(value, path)
        objects = found[found > 0]
        if len(objects):
            self.counting &= int(objects[-1]) == len(objects)
            self.ends.add(int(objects[-1]))
        if self.counting:
            self.labels += len(objects)
            self.connected += _connected(ids)

    @property
    def found(self) -> set[int]:
        """The labels that occur."""
        return set(self.first)

    @property
    def numbers_objects(self) -> bool:
        """Whether the labels look like numbers of objects.

        In each mask they go from 1 to another end, and each is one region.
        """
        many = len(self.ends) > 1 and max(self.ends) > MANY_OBJECTS
        return many and self.counting and self.connected >= 0.9 * self.labels


def _connected(ids: Array) -> int:
    """Return how many labels above 0 are one connected region."""
    from scipy.ndimage import find_objects, label

    windows = enumerate(find_objects(ids.astype(np.int32)), start=1)
    return sum(label(ids[window] == k, np.ones((3, 3)))[1] == 1 for k, window in windows if window is not None)


def count_classes(folder: Path, census: Census, ignore_class: int | None) -> int:
    """Return how many classes the masks hold.

    Raises:
        InvalidInput: Labels that do not look like class ids 0, 1, 2, ...
    """
    found = census.found - {-1 if ignore_class is None else ignore_class}
    count = max(found, default=0) + 1
    # Ids of classes lie close together. Values with wide gaps are grey levels, not ids; and VOID can be no class.
    if not found or VOID in found or (count > 2 * len(found) + 1 and count > FEW_CLASSES):
        raise InvalidInput(
            f"{folder}: the masks hold the values {listed(sorted(found))}, which do not look like class ids 0, 1, 2, "
            f"...{hint(found)}"
        )
    if census.numbers_objects:
        raise InvalidInput(
            f"{folder}: each mask numbers connected regions 1, 2, 3, ... without a gap, one up to "
            f"{max(census.ends)} and another up to {min(census.ends)}: these look like numbers "
            "of objects (instances), not class ids. Write the class of each pixel instead, such as (mask > "
            "0).astype('uint8'); "
            'or if they are classes, name them in dataset.toml: classes = ["...", ...]'
        )
    return max(count, 2)


def remarks(census: Census, class_names: Sequence[str], ignore_class: int | None = None) -> list[str]:
    """Return what is odd about the classes: those that never occur where a network learns."""
    train = census.pixels.get("train")
    if train is None:
        return []
    absent = [k for k in range(len(class_names)) if not train[k] and k != ignore_class]
    if not absent:
        return []
    elsewhere = []
    for k in absent:
        places = [f"{int(pixels[k]):,} pixels in {split}/" for split, pixels in census.pixels.items() if pixels[k]]
        if places:
            elsewhere.append(f"{class_names[k]} ({k}) has {' and '.join(places)}, such as in {census.first[k]}")
    text = f"{len(absent)} of {len(class_names)} classes never occur in train/, so that nothing can be learnt of them: "
    text += listed([class_names[k] for k in absent])
    if elsewhere:
        text += "; " + "; ".join(elsewhere[:3]) + ": a stray value, perhaps"
    return [text]


def hint(values: set[int]) -> str:
    """Say how to mend the commonest mistakes."""
    if values <= {0, 255}:
        return (
            "; black-and-white masks: write a dataset.toml beside train/ (docs/your_images.md) with\n"
            '    classes = ["background", "object"]\n    [mask_values]\n    0 = 0\n    255 = 1'
        )
    if 255 in values and len(values) > 16 and max(values - {255}) > 128:
        return (
            "; so many grey levels up to 255 come from smoothing or from lossy compression, or this is no mask: "
            "make the masks anew without it, or cut them, such as (mask > 127).astype('uint8'); if 255 marks "
            "unlabelled pixels, give ignore_class = 255 (--ignore-class 255, or in dataset.toml; "
            "docs/your_images.md)"
        )
    if 255 in values:
        return (
            "; if 255 marks unlabelled pixels, give ignore_class = 255 (--ignore-class 255, or in dataset.toml; "
            "docs/your_images.md)"
        )
    return (
        "; if one of them marks unlabelled pixels, give it as ignore_class; else map them with mask_values in "
        "dataset.toml (docs/your_images.md)"
    )


def listed(items: Sequence[object] | Array) -> str:
    """Return the first of some items as text."""
    shown = [str(item) for item in items[:8]]
    return ", ".join(shown) + (", ..." if len(items) > 8 else "") if shown else "nothing"
