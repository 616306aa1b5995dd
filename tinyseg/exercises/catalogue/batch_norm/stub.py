"""Exercise: batch_norm   (chapter 6, difficulty 4 of 5)

Batch normalisation shifts and scales each channel so that over the batch it has mean 0 and variance 1; then it gives
the network back the choice of both, with two parameters for each channel that are trained:

    forward     mean     = the mean of a channel over all its n positions
                variance = the mean of (x - mean)^2 over them
                z = (x - mean) / sqrt(variance + epsilon)
                y = gamma * z + beta

The n positions of a channel are all axes but the last: samples in (N, C), pixels of all images in (N, H, W, C).

Backward gets dy and returns the gradients of x, gamma and beta. The hard one is dx: when one x of a channel grows, the
mean and the variance change too, and with them every z of the channel.

Shapes: x, y, dy and dx (..., C); gamma, beta, dgamma and dbeta (C,). epsilon is a number.
        The types are kept: float32 in, float32 out.

By hand, two samples of one channel, with epsilon = 0:

    x = [[1], [3]]    gamma = [2]    beta = [5]
    y = [[3], [7]]                   the mean is 2, the variance 1, z is [[-1], [1]]
    dy = [[1], [4]]
    dx = [[0], [0]]                  with two samples z is -1 and 1 whatever x is
    dgamma = [3]                     1*(-1) + 4*1
    dbeta = [5]

and three samples, where dx is not 0: x = [[-3], [0], [3]], gamma = [1], beta = [0], dy = [[1], [0], [0]] give
z = [[-1.2247], [0], [1.2247]] and dx = [[0.0680], [-0.1361], [0.0680]], which adds up to 0.

Neither function may change an array that it is given. Allowed: NumPy and plain Python.
"""


def batch_norm_forward(x, gamma, beta, *, epsilon):
    """Return (y, cache); the cache is whatever batch_norm_backward needs."""
    raise NotImplementedError("batch_norm_forward is yours to write")


def batch_norm_backward(dy, cache):
    """Return (dx, dgamma, dbeta)."""
    raise NotImplementedError("batch_norm_backward is yours to write")
