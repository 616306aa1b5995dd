"""Where in an image a network sees a class.

To first order the score changes by sum G * dA when the activations change by dA. Grad-CAM replaces the gradient at each
place by its mean over the image, one number for each channel: how much the class gains when the channel becomes
stronger anywhere. The weighted sum of the channels is large where those are active that the class gains from; what is
negative speaks for other classes and is left out. Only the proportions within one image mean something, so each image
is divided by its own largest number, unless this is 0.

i * h // H is the row of the small map over which the row i of the image lies: it stays below h, since i < H.
"""

import numpy as np


def grad_cam(activations, gradients, *, size):
    """Weigh, add up, cut off at 0, normalise, enlarge."""
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    heat = np.maximum((activations * weights).sum(axis=-1), 0)
    largest = heat.max(axis=(1, 2), keepdims=True)
    heat = heat / np.where(largest > 0, largest, 1)
    rows = np.arange(size[0]) * heat.shape[1] // size[0]
    columns = np.arange(size[1]) * heat.shape[2] // size[1]
    return heat[:, rows][:, :, columns]
