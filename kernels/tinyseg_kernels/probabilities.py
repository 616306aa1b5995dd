r"""The logarithm of probabilities, and its gradient, where probabilities come close to 0.

The value follows Keras: probabilities are divided by their sum and clipped to 1e-7 .. 1 - 1e-7, so a loss is at most
about 16.

The gradient does not. Clipping has the slope 0, so a network that is confidently wrong would learn nothing from just
those pixels. Instead it is that of -log p itself, with p bounded below only to keep 1 / p finite. Behind a softmax or
sigmoid this gives exactly p - t, what the fused loss gives: softmax's backward multiplies by p, and p * (1 / p) = 1
however small p is.
"""

from __future__ import annotations

import numpy as np

EPSILON = 1e-7

SMALLEST = {np.float32: 1e-30, np.float64: 1e-200}
"""By type, a probability so small that its reciprocal, times any sensible weight, is still finite."""
