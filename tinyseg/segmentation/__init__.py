"""Segmentation around the network: thresholds, regions, overlays, and predictions for images of any size."""

from __future__ import annotations

from .overlay import as_rgb, boundaries, brighten, color_mask, overlay
from .regions import Region, find_regions, label_regions
from .sliding import dense_scores, slide_classifier
from .thresholds import histogram, otsu_threshold, threshold, variance_between_classes
from .tiled import predict_image, predict_mask

__all__ = [
    "Region",
    "as_rgb",
    "boundaries",
    "brighten",
    "color_mask",
    "dense_scores",
    "find_regions",
    "histogram",
    "label_regions",
    "otsu_threshold",
    "overlay",
    "predict_image",
    "predict_mask",
    "slide_classifier",
    "threshold",
    "variance_between_classes",
]
