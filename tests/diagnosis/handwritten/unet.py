"""unet as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def mix(x, filters):
    channel, new = np.ogrid[: x.shape[-1], :filters]
    return x @ (np.sin(1.0 + 3 * channel + 2 * new) / np.sqrt(x.shape[-1])).astype(x.dtype)


def conv(x, filters):
    return np.tanh(mix(x, filters))


def pool(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))


def up(x):
    return x.repeat(2, axis=1).repeat(2, axis=2)


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


def twice(x, filters):
    return conv(conv(x, filters), filters)


def fill(x, depth):
    m = 2**depth
    return np.pad(x, ((0, 0), (0, -x.shape[1] % m), (0, -x.shape[2] % m), (0, 0)))


# ----------------------------------------------------------------------------------- right


def recursive(x, depth, filters, classes):
    """A level is: two convolutions, whatever is below, and back up."""

    def level(x, filters, left):
        skip = twice(x, filters)
        if left == 0:
            return skip
        below = conv(up(level(pool(skip), 2 * filters, left - 1)), filters)
        return twice(np.concatenate((skip, below), -1), filters)

    y = level(fill(x, depth), filters, depth)
    return mix(y, classes)[:, : x.shape[1], : x.shape[2], :]


def lists(x, *, depth, filters, classes):
    h, w = x.shape[1], x.shape[2]
    H, W = h, w
    while H % 2**depth:
        H += 1
    while W % 2**depth:
        W += 1
    y = np.zeros((x.shape[0], H, W, x.shape[3]), x.dtype)
    y[:, :h, :w] = x
    sizes = [filters << k for k in range(depth + 1)]
    kept = {}
    for k, f in enumerate(sizes[:-1]):
        kept[k] = conv(conv(y, f), f)
        y = pool(kept[k])
    y = conv(y, sizes[-1])
    y = conv(y, sizes[-1])
    for k in range(depth - 1, -1, -1):
        y = conv(up(y), sizes[k])
        both = np.empty(y.shape[:3] + (2 * sizes[k],), y.dtype)
        both[..., : sizes[k]] = kept[k]
        both[..., sizes[k] :] = y
        y = conv(conv(both, sizes[k]), sizes[k])
    return mix(y, classes)[:, :h, :w]


def image_by_image(x, depth, filters, classes):
    return np.concatenate([recursive(one[None], depth, filters, classes) for one in x])


def conv_before_up(x, depth, filters, classes):
    """The convolution is 1x1 and up copies pixels: their order does not matter."""
    h, w = x.shape[1:3]
    x, skips = fill(x, depth), []
    for k in range(depth):
        skips.append(twice(x, filters * 2**k))
        x = pool(skips[-1])
    x = twice(x, filters * 2**depth)
    while skips:
        skip = skips.pop()
        f = skip.shape[-1]
        x = twice(np.dstack([np.moveaxis(skip, 0, 2).reshape(*skip.shape[1:3], -1, f), np.moveaxis(up(conv(x, f)), 0, 2)]) if False else np.concatenate([skip, up(conv(x, f))], axis=3), f)
    return mix(x, classes)[:, :h, :w]


CORRECT = [Correct(f.__name__, f, None) for f in (recursive, lists, image_by_image, conv_before_up)]

# ----------------------------------------------------------------------------------- wrong


def run(x, depth, filters, classes, join=lambda s, y: np.concatenate([s, y], -1), f=None, two_down=True):
    f = f or (lambda k: filters * 2**k)
    h, w = x.shape[1:3]
    x, skips = fill(x, depth), []
    for k in range(depth):
        x = twice(x, f(k)) if two_down else conv(x, f(k))
        skips.append(x)
        x = pool(x)
    x = twice(x, f(depth))
    for k in range(depth - 1, -1, -1):
        x = conv(up(x), f(k))
        x = twice(join(skips[k], x), f(k))
    return mix(x, classes)[:, :h, :w]


@wrong("[below, skip]: in the wrong order")
def behind(x, depth, filters, classes):
    return run(x, depth, filters, classes, lambda s, y: np.concatenate([y, s], -1))


@wrong("the skip is added")
def residual(x, depth, filters, classes):
    return run(x, depth, filters, classes, lambda s, y: s + y)


@wrong("no skips: an encoder and a decoder only")
def hourglass(x, depth, filters, classes):
    return run(x, depth, filters, classes, lambda s, y: y)


@wrong("the larger of skip and what comes from below")
def larger(x, depth, filters, classes):
    return run(x, depth, filters, classes, lambda s, y: np.maximum(s, y))


@wrong("the number of filters is the same on all levels")
def constant(x, depth, filters, classes):
    return run(x, depth, filters, classes, f=lambda k: filters)


@wrong("filters * (level + 1) in place of filters * 2 ** level")
def linear(x, depth, filters, classes):
    return run(x, depth, filters, classes, f=lambda k: filters * (k + 1))


@wrong("one convolution per level on the way down")
def thin(x, depth, filters, classes):
    return run(x, depth, filters, classes, two_down=False)


@wrong("the convolution after up is missing")
def no_reduction(x, depth, filters, classes):
    h, w = x.shape[1:3]
    x, skips = fill(x, depth), []
    for k in range(depth):
        x = twice(x, filters * 2**k)
        skips.append(x)
        x = pool(x)
    x = twice(x, filters * 2**depth)
    for k in range(depth - 1, -1, -1):
        x = twice(np.concatenate([skips[k], up(x)], -1), filters * 2**k)
    return mix(x, classes)[:, :h, :w]


@wrong("the skip is what comes into a level, not what leaves its convolutions")
def early_skip(x, depth, filters, classes):
    h, w = x.shape[1:3]
    x, skips = fill(x, depth), []
    for k in range(depth):
        skips.append(x)
        x = pool(twice(x, filters * 2**k))
    x = twice(x, filters * 2**depth)
    for k in range(depth - 1, -1, -1):
        x = twice(np.concatenate([skips[k], conv(up(x), filters * 2**k)], -1), filters * 2**k)
    return mix(x, classes)[:, :h, :w]


@wrong("the bottom is pooled once more: range(depth + 1)")
def too_deep(x, depth, filters, classes):
    return run(x, depth + 1, filters, classes)


@wrong("the bottom is missing")
def no_bottom(x, depth, filters, classes):
    h, w = x.shape[1:3]
    x, skips = fill(x, depth), []
    for k in range(depth):
        x = twice(x, filters * 2**k)
        skips.append(x)
        x = pool(x)
    for k in range(depth - 1, -1, -1):
        x = twice(np.concatenate([skips[k], conv(up(x), filters * 2**k)], -1), filters * 2**k)
    return mix(x, classes)[:, :h, :w]


@wrong("the bottom has the filters of the last level")
def flat_bottom(x, depth, filters, classes):
    return run(x, depth, filters, classes, f=lambda k: filters * 2 ** min(k, max(depth - 1, 0)))


@wrong("skips are used in the order in which they were kept: the sizes do not fit from depth 2 on")
def fifo(x, depth, filters, classes):
    h, w = x.shape[1:3]
    x, skips = fill(x, depth), []
    for k in range(depth):
        x = twice(x, filters * 2**k)
        skips.append(x)
        x = pool(x)
    x = twice(x, filters * 2**depth)
    for k, skip in enumerate(skips):
        x = twice(np.concatenate([skip, conv(up(x), filters * 2**k)], -1), filters * 2**k)
    return mix(x, classes)[:, :h, :w]


@wrong("sizes that are no multiples are not filled up")
def no_fill(x, depth, filters, classes):
    skips = []
    for k in range(depth):
        x = twice(x, filters * 2**k)
        skips.append(x)
        x = pool(x)
    x = twice(x, filters * 2**depth)
    for k in range(depth - 1, -1, -1):
        x = twice(np.concatenate([skips[k], conv(up(x), filters * 2**k)], -1), filters * 2**k)
    return mix(x, classes)


@wrong("filled up, but never cut back")
def no_cut(x, depth, filters, classes):
    return run(fill(x, depth), depth, filters, classes)


@wrong("filled up evenly on both sides")
def centred(x, depth, filters, classes):
    m, (h, w) = 2**depth, x.shape[1:3]
    a, b = -h % m, -w % m
    y = np.pad(x, ((0, 0), (a // 2, a - a // 2), (b // 2, b - b // 2), (0, 0)))
    return run(y, depth, filters, classes)[:, a // 2 : a // 2 + h, b // 2 : b // 2 + w]


@wrong("filled up by reflection")
def mirrored(x, depth, filters, classes):
    m, (h, w) = 2**depth, x.shape[1:3]
    y = np.pad(x, ((0, 0), (0, -h % m), (0, -w % m), (0, 0)), mode="symmetric")
    return run(y, depth, filters, classes)[:, :h, :w]


@wrong("a softmax at the end")
def shares(x, depth, filters, classes):
    s = run(x, depth, filters, classes)
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@wrong("conv in place of mix at the end: a tanh too many")
def squashed(x, depth, filters, classes):
    return np.tanh(run(x, depth, filters, classes))


@wrong("depth is always 2")
def always_two(x, depth, filters, classes):
    return run(x, 2, filters, classes)


@wrong("the concatenation is along axis 1, rows, and the convolution goes on with it")
def along_rows(x, depth, filters, classes):
    return run(x, depth, filters, classes, lambda s, y: np.concatenate([s, y], 1))


@wrong("the first image only")
def first_image(x, depth, filters, classes):
    return run(x[:1], depth, filters, classes)
