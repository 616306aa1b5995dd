"""Batch normalisation in training, forward and backward.

All for one channel with n positions, s = 1 / sqrt(variance + epsilon), z = (x - mean) s, and g = gamma dy, the gradient
by z. One x[i] reaches the loss in three ways:

    directly                z[i] grows by s:                                 s g[i]
    through the mean        which grows by 1/n, so that every z falls s/n:   -s/n sum(g)
    through the variance    which grows by 2 (x[i] - mean) / n, and s by -s^3 / 2 times that, so that every z[j] falls
                            by z[j] s^2 (x[i] - mean) / n = z[j] z[i] s / n: -s/n z[i] sum(g z)

(That the mean moves does not change the variance: the sum of x - mean is 0.) Together

    dx[i] = s (g[i] - mean of g - z[i] * mean of g z) = gamma s (dy[i] - dbeta / n - z[i] dgamma / n)

with dbeta = sum(dy), since beta is added to each y, and dgamma = sum(dy z), since gamma multiplies each z.
"""

import numpy as np


def batch_norm_forward(x, gamma, beta, *, epsilon):
    """Normalise, scale, shift. Backward needs z, and what x was multiplied by."""
    axes = tuple(range(x.ndim - 1))
    mean = np.mean(x, axis=axes)
    centred = x - mean
    variance = np.mean(centred**2, axis=axes)
    s = 1 / np.sqrt(variance + epsilon)
    z = centred * s
    return gamma * z + beta, (z, gamma, s)


def batch_norm_backward(dy, cache):
    """Sum for the parameters; for x subtract what goes through mean and variance."""
    z, gamma, s = cache
    axes = tuple(range(dy.ndim - 1))
    n = dy.size // dy.shape[-1]
    dgamma = np.sum(dy * z, axis=axes)
    dbeta = np.sum(dy, axis=axes)
    dx = gamma * s * (dy - dbeta / n - z * dgamma / n)
    return dx, dgamma, dbeta
