"""augmentation as learners write it: right and wrong."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


def moved(image, mask, crop, flip, turns):
    """Steps 1 to 3."""
    if crop:
        t, l, h, w = crop
        image, mask = image[t : t + h, l : l + w], mask[t : t + h, l : l + w]
    if flip:
        image, mask = np.fliplr(image), np.fliplr(mask)
    for _ in range(turns):
        image, mask = np.rot90(image), np.rot90(mask)
    return image, mask


def places(n, zoom, shift):
    middle = (n - 1) / 2
    return [(k - middle) / zoom + middle - shift for k in range(n)]


# ----------------------------------------------------------------------------------- right


def loops(image, mask, *, crop, flip, turns, zoom, shift, contrast, brightness, void):
    image, mask = moved(image, mask, crop, flip, turns)
    H, W, C = image.shape
    new, labels = np.zeros_like(image), np.full_like(mask, void)
    for i, y in enumerate(places(H, zoom, shift[0])):
        for j, x in enumerate(places(W, zoom, shift[1])):
            if 0 <= y <= H - 1 and 0 <= x <= W - 1:
                labels[i, j] = mask[round(y), round(x)]
                r, c = math.floor(y), math.floor(x)
                a, b = y - r, x - c
                for dr, wy in ((0, 1 - a), (1, a)):
                    for dc, wx in ((0, 1 - b), (1, b)):
                        if wy * wx > 0:
                            new[i, j] += wy * wx * image[r + dr, c + dc]
    return (new * contrast + brightness).astype(image.dtype), labels


def matrices(image, mask, **o):
    """Rows and columns are mixed by two matrices of weights."""
    image, mask = moved(image, mask, o["crop"], o["flip"], o["turns"])
    H, W = mask.shape

    def weights(n, shift):
        m, near, ok = np.zeros((n, n)), np.zeros(n, int), np.zeros(n, bool)
        for k, y in enumerate(places(n, o["zoom"], shift)):
            if 0 <= y <= n - 1:
                r = min(int(y), max(n - 2, 0))
                m[k, r] += 1 - (y - r)
                if y > r:
                    m[k, r + 1] += y - r
                near[k], ok[k] = int(y + 0.5), True
        return m, near, ok

    my, ny, oy = weights(H, o["shift"][0])
    mx, nx, ox = weights(W, o["shift"][1])
    new = np.einsum("ir,jc,rck->ijk", my, mx, image)
    labels = mask[np.ix_(ny, nx)].copy()
    labels[~oy] = o["void"]
    labels[:, ~ox] = o["void"]
    return (new * o["contrast"] + o["brightness"]).astype(image.dtype), labels


def padded(image, mask, crop, flip, turns, zoom, shift, contrast, brightness, void):
    """A row and a column of zeros more, so that every pixel has neighbours."""
    image, mask = moved(image.copy(), mask.copy(), crop, flip, turns)
    H, W = mask.shape
    y, x = np.array(places(H, zoom, shift[0])), np.array(places(W, zoom, shift[1]))
    bad = ((y < 0) | (y > H - 1))[:, None] | ((x < 0) | (x > W - 1))
    y, x = y.clip(0, H - 1), x.clip(0, W - 1)
    p = np.pad(image.astype(np.float64), ((0, 1), (0, 1), (0, 0)))
    r, c = y.astype(int), x.astype(int)
    a, b = (y - r)[:, None, None], (x - c)[None, :, None]
    new = (
        p[r][:, c] * (1 - a) * (1 - b)
        + p[r + 1][:, c] * a * (1 - b)
        + p[r][:, c + 1] * (1 - a) * b
        + p[r + 1][:, c + 1] * a * b
    )
    new[bad] = 0
    labels = mask[np.rint(y).astype(int)][:, np.rint(x).astype(int)]
    labels[bad] = void
    return (contrast * new + brightness).astype(image.dtype), labels


def flipped_by_index(image, mask, *, crop=None, flip=False, turns=0, zoom=1.0, shift=(0, 0), contrast=1, brightness=0, void=255):
    i, j = np.indices(mask.shape)
    if crop is not None:
        s = np.s_[crop[0] : crop[0] + crop[2], crop[1] : crop[1] + crop[3]]
        i, j = i[s], j[s]
    if flip:
        i, j = i[:, ::-1], j[:, ::-1]
    i, j = np.rot90(i, turns), np.rot90(j, turns)
    return loops(image[i, j], mask[i, j], crop=None, flip=False, turns=0, zoom=zoom, shift=shift, contrast=contrast, brightness=brightness, void=void)


CORRECT = [Correct(f.__name__, f, None) for f in (loops, matrices, padded, flipped_by_index)]

# ----------------------------------------------------------------------------------- wrong


@wrong("the mask is not mirrored")
def image_mirror(image, mask, **o):
    if o["flip"] and o["crop"] is None and o["turns"] == 0:
        return padded(np.fliplr(image), mask, **{**o, "flip": False})
    new, _ = padded(image, mask, **o)
    return new, padded(image, mask, **{**o, "flip": False})[1]


@wrong("the mask is never changed")
def mask_as_it_is(image, mask, **o):
    return padded(image, mask, **o)[0], mask.copy()


@wrong("np.flipud in place of np.fliplr")
def upside(image, mask, **o):
    if o["crop"]:
        t, l, h, w = o["crop"]
        image, mask = image[t : t + h, l : l + w], mask[t : t + h, l : l + w]
    if o["flip"]:
        image, mask = np.flipud(image), np.flipud(mask)
    return padded(image, mask, **{**o, "crop": None, "flip": False})


@wrong("turned with the clock")
def clockwise(image, mask, **o):
    return padded(image, mask, **{**o, "turns": -o["turns"] % 4})


@wrong("turned before it is mirrored")
def turn_first(image, mask, **o):
    image, mask = moved(image, mask, o["crop"], False, o["turns"])
    return padded(image, mask, **{**o, "crop": None, "turns": 0})


@wrong("cropped at the very end")
def crop_last(image, mask, **o):
    new, labels = padded(image, mask, **{**o, "crop": None})
    return moved(new, labels, o["crop"], False, 0)


@wrong("the crop is read as (top, left, bottom, right)")
def corners(image, mask, **o):
    if o["crop"]:
        t, l, b, r = o["crop"]
        image, mask = image[t:b, l:r], mask[t:b, l:r]
    return padded(image, mask, **{**o, "crop": None})


@wrong("np.roll: what goes out comes in on the other side")
def rolled(image, mask, **o):
    image, mask = moved(image, mask, o["crop"], o["flip"], o["turns"])
    H, W = mask.shape
    y, x = np.array(places(H, o["zoom"], o["shift"][0])), np.array(places(W, o["zoom"], o["shift"][1]))
    r, c = np.floor(y).astype(int), np.floor(x).astype(int)
    a, b = (y - r)[:, None, None], (x - c)[:, None]
    g = lambda i, j: image[i % H][:, j % W]
    new = (g(r, c) * (1 - b) + g(r, c + 1) * b) * (1 - a) + (g(r + 1, c) * (1 - b) + g(r + 1, c + 1) * b) * a
    labels = mask[np.floor(y + 0.5).astype(int) % H][:, np.floor(x + 0.5).astype(int) % W]
    return (new * o["contrast"] + o["brightness"]).astype(image.dtype), labels


@wrong("the edge is repeated where the place is outside")
def clamped(image, mask, **o):
    image, mask = moved(image, mask, o["crop"], o["flip"], o["turns"])
    H, W = mask.shape
    y = np.clip(places(H, o["zoom"], o["shift"][0]), 0, H - 1)
    x = np.clip(places(W, o["zoom"], o["shift"][1]), 0, W - 1)
    r, c = y.astype(int), x.astype(int)
    r1, c1 = np.minimum(r + 1, H - 1), np.minimum(c + 1, W - 1)
    a, b = (y - r)[:, None, None], (x - c)[:, None]
    new = (image[r][:, c] * (1 - b) + image[r][:, c1] * b) * (1 - a) + (image[r1][:, c] * (1 - b) + image[r1][:, c1] * b) * a
    labels = mask[np.rint(y).astype(int)][:, np.rint(x).astype(int)]
    return (new * o["contrast"] + o["brightness"]).astype(image.dtype), labels


@wrong("the shift goes up where it should go down")
def upwards(image, mask, **o):
    return padded(image, mask, **{**o, "shift": (-o["shift"][0], o["shift"][1])})


@wrong("the shift is (columns, rows)")
def xy(image, mask, **o):
    return padded(image, mask, **{**o, "shift": o["shift"][::-1]})


@wrong("multiplied by the zoom: it makes things smaller")
def shrinks(image, mask, **o):
    return padded(image, mask, **{**o, "zoom": 1 / o["zoom"]})


@wrong("the zoom is about the first pixel")
def corner(image, mask, **o):
    image, mask = moved(image, mask, o["crop"], o["flip"], o["turns"])
    H, W = mask.shape
    shift = [s + (n - 1) / 2 / o["zoom"] * -1 + (n - 1) / 2 for s, n in zip(o["shift"], (H, W))]
    return padded(image, mask, **{**o, "crop": None, "flip": False, "turns": 0, "shift": shift})


@wrong("shift first, zoom after: the shift grows with the zoom")
def shift_grows(image, mask, **o):
    return padded(image, mask, **{**o, "shift": (o["shift"][0] / o["zoom"], o["shift"][1] / o["zoom"])})


@wrong("the image is taken from the nearest pixel too")
def blocky(image, mask, **o):
    stacked = np.arange(mask.size).reshape(mask.shape) + 1
    _, where = padded(image, stacked, **{**o, "void": 0})
    _, labels = padded(image, mask, **o)
    flat = np.concatenate([np.zeros((1, image.shape[2]), image.dtype), image.reshape(-1, image.shape[2])])
    return (flat[where] * o["contrast"] + o["brightness"]).astype(image.dtype), labels


@wrong("the mask is interpolated and rounded")
def smooth_mask(image, mask, **o):
    new, labels = padded(image, mask, **o)
    plain = {**o, "contrast": 1.0, "brightness": 0.0}
    soft, _ = padded(mask[..., None].astype(float), mask, **plain)
    _, inside = padded(image, np.ones_like(mask), **{**o, "void": 0})
    return new, np.where(inside == 1, np.floor(soft[..., 0] + 0.5), o["void"]).astype(mask.dtype)


@wrong("void is not used: 0, a class, where nothing is seen")
def zero_void(image, mask, **o):
    return padded(image, mask, **{**o, "void": 0})


@wrong("contrast and brightness are applied to the mask too")
def bright_mask(image, mask, **o):
    new, labels = padded(image, mask, **o)
    return new, (labels * o["contrast"] + o["brightness"]).astype(mask.dtype)


@wrong("the brightness is added before the contrast")
def brightness_first(image, mask, **o):
    return padded(image, mask, **{**o, "brightness": o["brightness"] * o["contrast"]})


@wrong("the colours are clipped to 0..1")
def clipped(image, mask, **o):
    new, labels = padded(image, mask, **o)
    return new.clip(0, 1), labels


@wrong("the colours are not changed")
def grey(image, mask, **o):
    return padded(image, mask, **{**o, "contrast": 1.0, "brightness": 0.0})


@wrong("(mask, image)")
def exchanged(image, mask, **o):
    return padded(image, mask, **o)[::-1]


@wrong("the image is changed in place")
def in_place(image, mask, **o):
    new, labels = padded(image, mask, **o)
    image *= o["contrast"]
    image += o["brightness"]
    return new, labels


@wrong("the image is converted to float32, whatever it was")
def narrow(image, mask, **o):
    new, labels = padded(image.astype(np.float32), mask, **o)
    return new, labels.astype(int)
