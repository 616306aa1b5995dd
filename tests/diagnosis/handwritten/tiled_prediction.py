"""tiled_prediction as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def model(tile):
    return tile - tile.mean(axis=(0, 1))


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


# ----------------------------------------------------------------------------------- right


def loops(image, size, overlap):
    H, W, C = image.shape

    def begin(n):
        if n <= size:
            return [0]
        out, k = [], 0
        while k + size < n:
            out.append(k)
            k += size - overlap
        return out + [n - size]

    top = np.zeros((H, W, C))
    bottom = np.zeros((H, W))
    for r in begin(H):
        for c in begin(W):
            tile = image[r : r + size, c : c + size]
            s = model(tile)
            h, w = tile.shape[:2]
            for i in range(h):
                for j in range(w):
                    k = min(i + 1, h - i) * min(j + 1, w - j)
                    top[r + i, c + j] += k * s[i, j]
                    bottom[r + i, c + j] += k
    return (top / bottom[..., None]).astype(image.dtype)


def triangle(n):
    up = np.arange(1, n + 1)
    return np.minimum(up, up[::-1])


def starts(n, size, overlap):
    last = max(n - size, 0)
    return sorted(set(list(range(0, last, size - overlap)) + [last]))


def sets(image, *, size, overlap):
    h, w, _ = image.shape
    acc, norm = np.zeros_like(image), np.zeros_like(image)
    for y in starts(h, size, overlap):
        for x in starts(w, size, overlap):
            part = np.s_[y : y + size, x : x + size]
            k = np.einsum("i,j->ij", triangle(min(size, h)), triangle(min(size, w)))[:, :, None].astype(image.dtype)
            acc[part] += model(image[part]) * k
            norm[part] += k
    return acc / norm


def stacked(image, size, overlap):
    """All tiles first, each in an image of its own, then a weighted average."""
    h, w, c = image.shape
    values, weights = [], []
    for y in starts(h, size, overlap):
        for x in starts(w, size, overlap):
            one, k = np.zeros_like(image), np.zeros((h, w, 1), image.dtype)
            one[y : y + size, x : x + size] = model(image[y : y + size, x : x + size])
            th, tw = one[y : y + size, x : x + size].shape[:2]
            k[y : y + size, x : x + size, 0] = triangle(th)[:, None] * triangle(tw)
            values.append(one)
            weights.append(k)
    return (np.stack(values) * np.stack(weights)).sum(0) / np.stack(weights).sum(0)


def pixel_by_pixel(image, size, overlap):
    h, w, c = image.shape
    tiles = [(y, x, model(image[y : y + size, x : x + size])) for y in starts(h, size, overlap) for x in starts(w, size, overlap)]
    out = np.zeros_like(image)
    for i in range(h):
        for j in range(w):
            a, b = 0.0, 0
            for y, x, s in tiles:
                if y <= i < y + len(s) and x <= j < x + s.shape[1]:
                    k = triangle(len(s))[i - y] * triangle(s.shape[1])[j - x]
                    a, b = a + k * s[i - y, j - x], b + k
            out[i, j] = a / b
    return out


CORRECT = [Correct(f.__name__, f, None) for f in (loops, sets, stacked, pixel_by_pixel)]

# ----------------------------------------------------------------------------------- wrong


def run(image, size, overlap, begin=starts, weight=lambda h, w: np.outer(triangle(h), triangle(w))):
    h, w, _ = image.shape
    acc, norm = np.zeros_like(image), np.zeros((h, w, 1), image.dtype)
    for y in begin(h, size, overlap):
        for x in begin(w, size, overlap):
            s = model(image[y : y + size, x : x + size])
            k = weight(*s.shape[:2])[..., None].astype(image.dtype)
            acc[y : y + size, x : x + size] += s * k
            norm[y : y + size, x : x + size] += k
    return acc / norm


@wrong("the rest at the end is not covered: 0 / 0")
def no_rest(image, size, overlap):
    return run(image, size, overlap, lambda n, s, o: list(range(0, n - s + 1, s - o)) or [0])


@wrong("the rest at the end is not covered, and stays 0 because of a guard")
def no_rest_guarded(image, size, overlap):
    h, w, _ = image.shape
    acc, norm = np.zeros_like(image), np.zeros((h, w, 1), image.dtype)
    for y in range(0, max(h - size, 0) + 1, size - overlap):
        for x in range(0, max(w - size, 0) + 1, size - overlap):
            s = model(image[y : y + size, x : x + size])
            k = np.outer(triangle(s.shape[0]), triangle(s.shape[1]))[..., None].astype(image.dtype)
            acc[y : y + size, x : x + size] += s * k
            norm[y : y + size, x : x + size] += k
    return np.divide(acc, norm, out=np.zeros_like(acc), where=norm > 0)


@wrong("the last tile is what is left, not moved back")
def short_last(image, size, overlap):
    return run(image, size, overlap, lambda n, s, o: [k for k in range(0, n, s - o) if k == 0 or k + o < n])


@wrong("the overlap is not used for the step")
def no_overlap(image, size, overlap):
    return run(image, size, 0)


@wrong("the overlap is counted on both sides: the step is size - 2 * overlap")
def double_overlap(image, size, overlap):
    return run(image, size, overlap, lambda n, s, o: starts(n, s, o if 2 * o >= s else 2 * o))


@wrong("a plain average, without weights")
def plain(image, size, overlap):
    return run(image, size, overlap, weight=lambda h, w: np.ones((h, w)))


@wrong("the later tile overwrites the earlier one")
def overwrite(image, size, overlap):
    out = np.zeros_like(image)
    for y in starts(image.shape[0], size, overlap):
        for x in starts(image.shape[1], size, overlap):
            out[y : y + size, x : x + size] = model(image[y : y + size, x : x + size])
    return out


@wrong("the smaller of the two weights, not their product")
def pyramid(image, size, overlap):
    return run(image, size, overlap, weight=lambda h, w: np.minimum(triangle(h)[:, None], triangle(w)))


@wrong("weights that are 0 at the border of a tile, so that the border of the image is 0 / 0")
def zero_border(image, size, overlap):
    return run(image, size, overlap, weight=lambda h, w: np.outer(triangle(h) - 1, triangle(w) - 1))


@wrong("a Hann window in place of the triangle")
def hann(image, size, overlap):
    return run(image, size, overlap, weight=lambda h, w: np.outer(np.hanning(h + 2)[1:-1], np.hanning(w + 2)[1:-1]))


@wrong("a constant 1e-3 is added to the sum of weights")
def guarded(image, size, overlap):
    h, w, _ = image.shape
    acc, norm = np.zeros_like(image), np.zeros((h, w, 1), image.dtype)
    for y in starts(h, size, overlap):
        for x in starts(w, size, overlap):
            s = model(image[y : y + size, x : x + size])
            k = np.outer(triangle(s.shape[0]), triangle(s.shape[1]))[..., None].astype(image.dtype)
            acc[y : y + size, x : x + size] += s * k
            norm[y : y + size, x : x + size] += k
    return acc / (norm + np.float32(1e-3))


@wrong("the weighted sum is never divided")
def only_sum(image, size, overlap):
    acc = np.zeros_like(image)
    for y in starts(image.shape[0], size, overlap):
        for x in starts(image.shape[1], size, overlap):
            s = model(image[y : y + size, x : x + size])
            acc[y : y + size, x : x + size] += s * np.outer(triangle(s.shape[0]), triangle(s.shape[1]))[..., None].astype(image.dtype)
    return acc


@wrong("the model is given the whole image")
def whole(image, size, overlap):
    return model(image)


@wrong("the tiles are put together without the model")
def no_model(image, size, overlap):
    return image.copy()


@wrong("only the rows are tiled")
def strips(image, size, overlap):
    h, w, _ = image.shape
    acc, norm = np.zeros_like(image), np.zeros((h, 1, 1), image.dtype)
    for y in starts(h, size, overlap):
        s = model(image[y : y + size])
        k = triangle(len(s))[:, None, None].astype(image.dtype)
        acc[y : y + size] += s * k
        norm[y : y + size] += k
    return acc / norm


@wrong("one list of beginnings, that of the rows, for both axes")
def square(image, size, overlap):
    h, w, _ = image.shape
    acc, norm = np.zeros_like(image), np.zeros((h, w, 1), image.dtype)
    begin = starts(h, size, overlap)
    for y in begin:
        for x in begin:
            s = model(image[y : y + size, x : x + size])
            k = np.outer(triangle(s.shape[0]), triangle(s.shape[1]))[..., None].astype(image.dtype)
            acc[y : y + size, x : x + size] += s * k
            norm[y : y + size, x : x + size] += k
    return acc / norm


@wrong("the image is filled up by reflection so that tiles fit, and cut back")
def reflected(image, size, overlap):
    step = size - overlap
    extra = [max(size - n, 0) if n <= size else -(n - size) % step for n in image.shape[:2]]
    full = np.pad(image, [(0, extra[0]), (0, extra[1]), (0, 0)], mode="symmetric")
    return run(full, size, overlap)[: image.shape[0], : image.shape[1]]


@wrong("an image that is smaller than a tile: range of a negative number, no tile at all, 0 / 0")
def small(image, size, overlap):
    return run(image, size, overlap, lambda n, s, o: [*range(0, n - s, s - o)] + [n - s] if n >= s else [])


@wrong("a running average: every later tile has the weight one half")
def running(image, size, overlap):
    out = np.full(image.shape, np.nan, image.dtype)
    for y in starts(image.shape[0], size, overlap):
        for x in starts(image.shape[1], size, overlap):
            s = model(image[y : y + size, x : x + size])
            old = out[y : y + size, x : x + size]
            out[y : y + size, x : x + size] = np.where(np.isnan(old), s, (old + s) / 2)
    return out


@wrong("each tile is normalised in place, in the caller's image")
def in_place(image, size, overlap):
    for y in starts(image.shape[0], size, overlap):
        for x in starts(image.shape[1], size, overlap):
            image[y : y + size, x : x + size] -= image[y : y + size, x : x + size].mean(axis=(0, 1))
    return image


@wrong("float32 whatever the image is")
def narrow(image, size, overlap):
    return run(image.astype(np.float32), size, overlap)


@wrong("the last tile begins at n - size - 1")
def early(image, size, overlap):
    return run(image, size, overlap, lambda n, s, o: [*starts(n, s, o)[:-1], max(n - s - 1, 0)])


@wrong("while k + size <= n: the tile that just fits is there twice")
def twice(image, size, overlap):
    def begin(n, s, o):
        if n <= s:
            return [0]
        return [k for k in range(0, n - s + 1, s - o)] + [n - s]

    return run(image, size, overlap, begin)
