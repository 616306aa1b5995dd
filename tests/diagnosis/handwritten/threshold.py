"""threshold as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


# ----------------------------------------------------------------------------------- right


def loops(image, t, invert=False):
    mask = np.zeros(image.shape, dtype=bool)
    for place in np.ndindex(image.shape):
        mask[place] = not image[place] > t if invert else image[place] > t
    return mask


def where(image, *, t, invert):
    return np.where(image > t, 0, 1) if invert else np.where(image > t, 1, 0)


def le(image, t, invert):
    if invert:
        return np.less_equal(image, t)
    return np.greater(image, t)


def lists(image, t, invert=False):
    flat = [bool(v > t) ^ bool(invert) for v in image.ravel().tolist()]
    return np.array(flat, np.uint8).reshape(image.shape)


def xor(image, **o):
    return np.logical_xor(image > o["t"], o["invert"])


def floats(image, t, invert=False):
    mask = (image.astype(np.float64) > float(t)).astype(np.float32)
    return 1 - mask if invert else mask


def nested(image, t, invert=False):
    if image.ndim == 3:
        return np.stack([nested(image[..., c], t, invert) for c in range(image.shape[-1])], axis=-1)
    return np.array([[(v > t) != invert for v in row] for row in image])


CORRECT = [Correct(f.__name__, f, None) for f in (loops, where, le, lists, xor, floats, nested)]

# ----------------------------------------------------------------------------------- wrong


@wrong(">= in the place of >: pixels that equal t are marked")
def at_least(image, t, invert=False):
    mask = np.zeros(image.shape, bool)
    mask[image >= t] = True
    return mask != invert


@wrong("the mask of invert is image < t, so that pixels that equal t are in neither mask")
def less(image, t, invert=False):
    if invert:
        return image < t
    else:
        return image > t


@wrong("invert is accepted and never used")
def deaf(image, t, invert=False):
    return np.greater(image, t)


@wrong("the inverted image is compared in place of inverting the mask")
def negative(image, t, invert=False):
    if invert:
        image = image.max() - image
    return image > t


@wrong("the difference is taken in uint8 and wraps around below 0")
def difference(image, t, invert=False):
    return ((image - t) > 0) != invert


@wrong("t is turned into uint8, where 300 is 44, -1 is 255 and 127.5 is 127")
def eight_bits(image, t, invert=False):
    if image.dtype == np.uint8:
        t = np.array(t).astype(int).astype(np.uint8)
    return (image > t) ^ invert


@wrong("the mask is 255 where True is asked for")
def as_picture(image, t, invert=False):
    out = np.zeros(image.shape, np.uint8)
    out[(image > t) != invert] = 255
    return out


@wrong("the pixels below t are set to 0 and the image is returned, not a mask")
def cut(image, t, invert=False):
    out = image.copy()
    out[out <= t] = 0
    return out


@wrong("the mask is written into the image that was given")
def overwritten(image, t, invert=False):
    above = image > t
    image[:] = 0
    image[above != invert] = 1
    return image


@wrong("the pixels are converted to int first, which cuts off their decimals")
def ints(image, t, invert=False):
    return (image.astype(np.int32) > t) != invert


@wrong("t is converted to int")
def int_t(image, t, invert=False):
    t = int(t)
    return image <= t if invert else image > t


@wrong("range(w - 1): the last column is never compared")
def narrow(image, t, invert=False):
    h, w = image.shape[:2]
    mask = np.full(image.shape, False)
    for i in range(h):
        for j in range(w - 1):
            mask[i, j] = image[i, j] > t
    return ~mask if invert else mask


@wrong("a colour image is compared by the mean of its channels, and the mask has no channels")
def grey(image, t, invert=False):
    if image.ndim == 3:
        image = image.mean(axis=2)
    return (image > t) != invert


@wrong("a pixel of a colour image is marked in all channels when all are above t")
def every(image, t, invert=False):
    m = image > t
    if image.ndim == 3:
        m = np.repeat(m.all(axis=2)[:, :, None], image.shape[2], axis=2)
    return ~m if invert else m


@wrong("`if image[i, j] > t` for a colour image: the truth value of an array is ambiguous")
def if_pixel(image, t, invert=False):
    mask = np.zeros(image.shape, bool)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            if image[i, j] > t:
                mask[i, j] = True
    return mask != invert


@wrong("`if image > t` for the whole array: the truth value of an array is ambiguous")
def if_image(image, t, invert=False):
    if image > t:
        return np.ones(image.shape)
    return np.zeros(image.shape)


@wrong("the mean of the image is the threshold; t is overwritten")
def own_t(image, t, invert=False):
    t = image.mean()
    return (image > t) != invert


@wrong("the places of the bright pixels are returned")
def places(image, t, invert=False):
    return np.argwhere((image > t) != invert)


@wrong("~ of integers 0 and 1 gives -1 and -2")
def tilde(image, t, invert=False):
    mask = (image > t).astype(int)
    return ~mask if invert else mask


@wrong("the image is scaled to 0..1 first, t is not")
def scaled(image, t, invert=False):
    if image.dtype == np.uint8:
        image = image / 255.0
    return (image > t) != invert


@wrong("marked where darker; both branches have the wrong sign")
def darker(image, t, invert=False):
    return image >= t if invert else image < t


@wrong("the result is flattened")
def flat(image, t, invert=False):
    return np.array([(v > t) != invert for v in image.ravel()])


@wrong("the mask is kept between calls and is never cleared")
def kept(image, t, invert=False, seen={}):
    mask = seen.setdefault(image.shape, np.zeros(image.shape, bool))
    mask |= image > t
    return ~mask if invert else mask.copy()


@wrong("np.empty is written where image > t only, the rest is what was in the memory")
def unwritten(image, t, invert=False):
    mask = np.empty(image.shape)
    mask[(image > t) != invert] = 1
    return mask
