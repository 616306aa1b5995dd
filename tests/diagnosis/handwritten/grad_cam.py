"""grad_cam as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


# ----------------------------------------------------------------------------------- right


def loops(activations, gradients, size):
    n, h, w, k = activations.shape
    H, W = size
    out = np.zeros((n, H, W), activations.dtype)
    for b in range(n):
        cam = np.zeros((h, w))
        for c in range(k):
            cam += gradients[b, :, :, c].mean() * activations[b, :, :, c]
        cam[cam < 0] = 0
        top = cam.max()
        if top > 0:
            cam /= top
        for i in range(H):
            for j in range(W):
                out[b, i, j] = cam[i * h // H, j * w // W]
    return out


def einsum(activations, gradients, *, size):
    h, w = activations.shape[1:3]
    alpha = np.einsum("nhwk->nk", gradients) / np.array(h * w, gradients.dtype)
    cam = np.einsum("nhwk,nk->nhw", activations, alpha).clip(0)
    top = cam.reshape(len(cam), -1).max(1)
    top[top == 0] = 1
    cam = cam / top[:, None, None]
    grid = np.ix_(range(len(cam)), [i * h // size[0] for i in range(size[0])], [j * w // size[1] for j in range(size[1])])
    return cam[grid]


def sums(activations, gradients, size):
    """Sums instead of means: the factor goes out again."""
    cam = np.maximum(0, sum(activations[..., c] * gradients[..., c].sum((1, 2))[:, None, None] for c in range(activations.shape[-1])))
    cam = np.array([x / x.max() if x.any() else x for x in cam])
    rows = (np.arange(size[0]) * activations.shape[1]) // size[0]
    cols = (np.arange(size[1]) * activations.shape[2]) // size[1]
    return np.take(np.take(cam, rows, axis=1), cols, axis=2)


def one_by_one(activations, gradients, size):
    maps = []
    for a, g in zip(activations, gradients):
        m = np.maximum(a @ g.mean(axis=(0, 1)), 0)
        m = np.divide(m, m.max(), out=np.zeros_like(m), where=m.max() > 0)
        big = np.empty(size, m.dtype)
        for i in range(size[0]):
            big[i] = m[int(i * m.shape[0] / size[0] + 1e-9)][np.floor(np.arange(size[1]) * m.shape[1] / size[1] + 1e-9).astype(int)]
        maps.append(big)
    return np.stack(maps)


CORRECT = [Correct(f.__name__, f, None) for f in (loops, einsum, sums, one_by_one)]

# ----------------------------------------------------------------------------------- wrong


def enlarge(cam, size):
    rows = np.arange(size[0]) * cam.shape[1] // size[0]
    cols = np.arange(size[1]) * cam.shape[2] // size[1]
    return cam[:, rows[:, None], cols]


def scale(cam):
    top = cam.max((1, 2), keepdims=True)
    return np.where(top > 0, cam / np.where(top > 0, top, 1), 0).astype(cam.dtype)


@wrong("the weights are means over the batch as well")
def batch_mean(activations, gradients, size):
    alpha = gradients.mean((0, 1, 2))
    return enlarge(scale(np.maximum(activations @ alpha, 0)), size)


@wrong("gradient times activation at each place: the gradients are not averaged")
def per_place(activations, gradients, size):
    return enlarge(scale(np.maximum((activations * gradients).sum(-1), 0)), size)


@wrong("no relu")
def no_relu(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    return enlarge(scale((activations * alpha).sum(-1)), size)


@wrong("relu of the weights: channels that speak against the class are left out")
def relu_weights(activations, gradients, size):
    alpha = np.maximum(gradients.mean((1, 2)), 0)[:, None, None]
    return enlarge(scale((activations * alpha).sum(-1)), size)


@wrong("relu of the gradients, as in Grad-CAM++")
def relu_gradients(activations, gradients, size):
    alpha = np.maximum(gradients, 0).mean((1, 2))[:, None, None]
    return enlarge(scale(np.maximum((activations * alpha).sum(-1), 0)), size)


@wrong("the absolute value in place of relu")
def magnitude(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    return enlarge(scale(np.abs((activations * alpha).sum(-1))), size)


@wrong("the mean over the channels, gradients are not used")
def mean_map(activations, gradients, size):
    return enlarge(scale(np.maximum(activations.mean(-1), 0)), size)


@wrong("0 / 0: an image for which nothing speaks becomes NaN")
def nan(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    cam = np.maximum((activations * alpha).sum(-1), 0)
    return enlarge(cam / cam.max((1, 2), keepdims=True), size)


@wrong("one maximum for the whole batch")
def one_top(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    cam = np.maximum((activations * alpha).sum(-1), 0)
    return enlarge(cam / cam.max(), size)


@wrong("1e-8 is added to the maximum, and it shows where maps are small")
def epsilon(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    cam = np.maximum((activations * alpha).sum(-1), 0)
    return enlarge(cam / (cam.max((1, 2), keepdims=True) + activations.dtype.type(1e-6)), size)


@wrong("min-max: the smallest number is taken off")
def min_max(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    cam = np.maximum((activations * alpha).sum(-1), 0)
    low, high = cam.min((1, 2), keepdims=True), cam.max((1, 2), keepdims=True)
    return enlarge((cam - low) / np.where(high > low, high - low, 1), size)


@wrong("not normalised")
def raw(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    return enlarge(np.maximum((activations * alpha).sum(-1), 0), size)


@wrong("not enlarged")
def small(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    return scale(np.maximum((activations * alpha).sum(-1), 0))


@wrong("np.tile in place of repeating each number")
def tile(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    cam = scale(np.maximum((activations * alpha).sum(-1), 0))
    h, w = cam.shape[1:]
    return np.tile(cam, (1, -(-size[0] // h), -(-size[1] // w)))[:, : size[0], : size[1]]


@wrong("np.repeat by whole factors: a size that is no multiple comes out too small")
def repeat(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    cam = scale(np.maximum((activations * alpha).sum(-1), 0))
    return cam.repeat(size[0] // cam.shape[1], 1).repeat(size[1] // cam.shape[2], 2)


@wrong("size is read as (width, height)")
def swapped(activations, gradients, size):
    w, h = size
    alpha = gradients.mean((1, 2))[:, None, None]
    return enlarge(scale(np.maximum((activations * alpha).sum(-1), 0)), (h, w))


@wrong("the middles of the pixels are used for the places, as OpenCV's nearest-exact does")
def middles(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    cam = scale(np.maximum((activations * alpha).sum(-1), 0))
    rows = ((np.arange(size[0]) + 0.5) * cam.shape[1] / size[0]).astype(int)
    cols = ((np.arange(size[1]) + 0.5) * cam.shape[2] / size[1]).astype(int)
    return cam[:, rows][:, :, cols]


@wrong("axes of another layout: the mean is taken over channels and columns, as for (N, K, h, w)")
def channels_first(activations, gradients, size):
    alpha = gradients.mean((2, 3), keepdims=True)
    return enlarge(scale(np.maximum((activations * alpha).sum(-1), 0)), size)


@wrong("a softmax over the weights")
def softmax(activations, gradients, size):
    alpha = gradients.mean((1, 2))
    e = np.exp(alpha - alpha.max(-1, keepdims=True))
    alpha = (e / e.sum(-1, keepdims=True))[:, None, None]
    return enlarge(scale(np.maximum((activations * alpha).sum(-1), 0)), size)


@wrong("0..255 as an image")
def picture(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    return (enlarge(scale(np.maximum((activations * alpha).sum(-1), 0)), size) * 255).astype(np.uint8)


@wrong("an axis of length 1 at the end, as images have it")
def with_axis(activations, gradients, size):
    alpha = gradients.mean((1, 2))[:, None, None]
    return enlarge(scale(np.maximum((activations * alpha).sum(-1), 0)), size)[..., None]


@wrong("the caller's activations are multiplied by the weights")
def overwrites(activations, gradients, size):
    for n in range(len(activations)):
        for k in range(activations.shape[-1]):
            activations[n, :, :, k] *= gradients[n, :, :, k].mean()
    return enlarge(scale(np.maximum(activations.sum(-1), 0)), size)
