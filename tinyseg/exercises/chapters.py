"""The chapters of the book that exercises belong to."""

from __future__ import annotations

from typing import NamedTuple


class Chapter(NamedTuple):
    """A chapter: the folder of its exercises, and the key of its title in `words.py`."""

    folder: str
    title: str


CHAPTERS = {
    1: Chapter("01-images", "chapter-images"),
    2: Chapter("02-convolution", "chapter-convolution"),
    3: Chapter("03-convolution-gradient", "chapter-convolution-gradient"),
    4: Chapter("04-pooling", "chapter-pooling"),
    5: Chapter("05-dense-and-losses", "chapter-dense-and-losses"),
    6: Chapter("06-training", "chapter-training"),
    7: Chapter("07-networks", "chapter-networks"),
    8: Chapter("08-unet", "chapter-unet"),
    9: Chapter("09-transfer", "chapter-transfer"),
    10: Chapter("10-looking-inside", "chapter-looking-inside"),
    11: Chapter("11-fast-on-a-cpu", "chapter-fast"),
    12: Chapter("12-gpu-kernels", "chapter-gpu"),
    13: Chapter("13-own-layers", "chapter-own-layers"),
}
"""By number. A folder keeps its name even where a title changes: learners have files in it."""
