"""Explanation: what in an image a network's answer rests on, and how far a network can see.

All methods explain a class's score before the softmax, at a pixel, in a region, or where the network sees the class:

    saliency              the gradient's size: what would change the score most
    integrated_gradients  shares of the score that add up to its difference to a baseline
    occlusion             how much the score falls when a part is covered
    grad_cam              which places of a layer's feature maps raise the score
    feature_maps          what the layers see
    receptive_field       what an output can depend on; effective_receptive_field: what it does depend on
    randomization_test    whether an explanation depends on what was learnt

`plot_explanations` and the other drawings show them.
"""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .drawing import plot_effective_field, plot_explanations, plot_feature_maps
from .feature_maps import feature_maps
from .grad_cam import grad_cam
from .gradients import integrated_gradients, saliency
from .occlusion import occlusion
from .randomization import Randomized, randomization_test
from .receptive_field import ReceptiveField, effective_receptive_field, receptive_field, receptive_fields
from .scores import Explanation, score_network
from .target import Target

__all__ = [
    "Explanation",
    "Randomized",
    "ReceptiveField",
    "Target",
    "effective_receptive_field",
    "feature_maps",
    "grad_cam",
    "integrated_gradients",
    "occlusion",
    "plot_effective_field",
    "plot_explanations",
    "plot_feature_maps",
    "randomization_test",
    "receptive_field",
    "receptive_fields",
    "saliency",
    "score_network",
]

__getattr__ = teller("explain", __all__)
