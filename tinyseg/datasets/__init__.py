"""Data: folders of images and masks, scenes of digits that every machine has, MNIST; augmentation."""

from __future__ import annotations

from tinyseg.utils.absent import teller

from . import mnist
from .augmentation import Augmentation
from .batches import SegmentationBatches, standardize
from .description import VOID, Description
from .digit_scenes import SCENE_CLASSES, digit_scenes, single_digits
from .folder import Samples, SegmentationFolder
from .image_files import read_image, read_mask, write_image, write_mask
from .listing import list_images
from .palette import Color, default_colors

__all__ = [
    "SCENE_CLASSES",
    "VOID",
    "Augmentation",
    "Color",
    "Description",
    "Samples",
    "SegmentationBatches",
    "SegmentationFolder",
    "default_colors",
    "digit_scenes",
    "list_images",
    "mnist",
    "read_image",
    "read_mask",
    "single_digits",
    "standardize",
    "write_image",
    "write_mask",
]

__getattr__ = teller("datasets", __all__)
