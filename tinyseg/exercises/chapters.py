"""The chapters of the book that exercises belong to."""

from __future__ import annotations

from typing import NamedTuple


class Chapter(NamedTuple):
    """A chapter: the folder of its exercises, and its title."""

    folder: str
    title: str


CHAPTERS = {
    1: Chapter("01-images", "An image is a matrix"),
    2: Chapter("02-convolution", "Convolution by hand"),
    3: Chapter("03-convolution-gradient", "The gradient of a convolution"),
    4: Chapter("04-pooling", "Pooling"),
    5: Chapter("05-dense-and-losses", "Dense, softmax, losses"),
    6: Chapter("06-training", "Backpropagation, optimizers, batch norm"),
    7: Chapter("07-networks", "The article's network, fully convolutional"),
    8: Chapter("08-unet", "U-Net on real images"),
    9: Chapter("09-transfer", "Transfer"),
    10: Chapter("10-looking-inside", "Looking inside"),
    11: Chapter("11-fast-on-a-cpu", "Fast on a CPU"),
    12: Chapter("12-gpu-kernels", "A GPU kernel from scratch"),
    13: Chapter("13-own-layers", "Own layers, large images"),
}
"""By number. A folder keeps its name even where a title changes: learners have files in it."""
