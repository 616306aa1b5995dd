"""otsu_threshold, the second corpus."""

from itertools import accumulate

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop(image):
    counts = [0] * 256
    for row in image:
        for v in row:
            counts[v] += 1
    n = image.size
    best, chosen = -1, 0
    for t in range(256):
        below = sum(counts[:t + 1])
        above = n - below
        if below == 0 or above == 0:
            continue
        mean_below = sum(i * counts[i] for i in range(t + 1)) / below
        mean_above = sum(i * counts[i] for i in range(t + 1, 256)) / above
        between = below * above * (mean_below - mean_above) ** 2
        if between > best:
            best, chosen = between, t
    return chosen


def running(image):
    """In integers, so that nothing is rounded."""
    counts = np.bincount(image.ravel(), minlength=256).tolist()
    n, total = sum(counts), sum(i * c for i, c in enumerate(counts))
    best, chosen = (0, 1), 0
    for t, (w, s) in enumerate(zip(accumulate(counts), accumulate(i * c for i, c in enumerate(counts)))):
        if w in (0, n):
            continue
        a, b = (n * s - w * total) ** 2, w * (n - w)
        if a * best[1] > best[0] * b:
            best, chosen = (a, b), t
    return chosen


def matrix(image):
    p = np.bincount(image.ravel(), minlength=256) / image.size
    lower = np.tri(256)
    w0 = lower @ p
    w1 = 1 - w0
    m = lower @ (p * np.arange(256))
    with np.errstate(all="ignore"):
        between = w0 * w1 * (m / w0 - (m[-1] - m) / w1) ** 2
    between[(w0 < 1e-9) | (w1 < 1e-9)] = -1
    return np.argmax(between)


def within(image):
    """The least variance within."""
    v = np.sort(image.ravel()).astype(np.float64)
    scores = {}
    for t in sorted(set(v.tolist()))[:-1]:
        low, high = v[v <= t], v[v > t]
        scores[t] = ((low - low.mean()) ** 2).sum() + ((high - high.mean()) ** 2).sum()
    return min(scores, key=scores.__getitem__)


def masks(image):
    flat = image.ravel().astype(float)
    levels = np.arange(255)
    low = flat[None] <= levels[:, None]
    n0 = low.sum(1)
    n1 = flat.size - n0
    ok = (n0 > 0) & (n1 > 0)
    s0 = (low * flat).sum(1)
    score = np.zeros(255)
    score[ok] = n0[ok] * n1[ok] * (s0[ok] / n0[ok] - (flat.sum() - s0[ok]) / n1[ok]) ** 2
    return float(np.argmax(score))


def half_way(image):
    """The middle between the two levels where the split is."""
    t = loop(image)
    above = image[image > t]
    return (t + float(above.min())) / 2 if above.size and float(above.min()) > t + 1 else t


def narrow_bins(image):
    """256 bins between the darkest and the brightest pixel: none is wider than a level."""
    counts, edges = np.histogram(image, bins=256)
    centres = (edges[:-1] + edges[1:]) / 2
    w0, s0 = np.cumsum(counts), np.cumsum(counts * centres)
    w1, s1 = w0[-1] - w0, s0[-1] - s0
    ok = (w0 > 0) & (w1 > 0)
    between = np.full(256, -1.0)
    between[ok] = w0[ok] * w1[ok] * (s0[ok] / w0[ok] - s1[ok] / w1[ok]) ** 2
    return edges[1:][np.argmax(between)] if ok.any() else image.flat[0]


CORRECT = [Correct(f.__name__, f, None) for f in (loop, running, matrix, within, masks, half_way)]

KEPT = {}


def bin_number(image, **options):
    counts, _ = np.histogram(image, **options)
    levels = np.arange(len(counts))
    w0, s0 = np.cumsum(counts), np.cumsum(counts * levels)
    w1, s1 = w0[-1] - w0, s0[-1] - s0
    ok = (w0 > 0) & (w1 > 0)
    between = np.full(len(counts), -1.0)
    between[ok] = w0[ok] * w1[ok] * (s0[ok] / w0[ok] - s1[ok] / w1[ok]) ** 2
    return int(np.argmax(between))


def first_counts(counts, shape):
    return KEPT.setdefault(shape, counts)


def numpy_histogram(image, **options):
    counts, edges = np.histogram(image, **options)
    centres = (edges[:-1] + edges[1:]) / 2
    w0, s0 = np.cumsum(counts), np.cumsum(counts * centres)
    w1, s1 = w0[-1] - w0, s0[-1] - s0
    with np.errstate(all="ignore"):
        between = np.nan_to_num(w0 * w1 * (s0 / w0 - s1 / w1) ** 2, nan=-1.0, posinf=-1.0)
    return edges[1:][np.argmax(between)]


BUGS = [
    Bug("255 bins", planted(matrix, ("minlength=256)", "minlength=256)[:255]"), ("np.tri(256)", "np.tri(255)"), ("np.arange(256)", "np.arange(255)")), None, "level 255 is left out"),
    Bug("counts of 255", planted(loop, ("range(t + 1, 256)", "range(t + 1, 255)")), None, "level 255 is left out of the upper mean"),
    Bug("never t = 0", planted(loop, ("for t in range(256):", "for t in range(1, 256):")), None, "t = 0 is never tried"),
    Bug("never t = 254", planted(loop, ("for t in range(256):", "for t in range(254):")), None, "t = 254 is never tried"),
    Bug("10 bins", lambda image: numpy_histogram(image), None, "the histogram has 10 bins"),
    Bug("no range", lambda image: bin_number(image, bins=256), None, "the histogram has 256 bins between minimum and maximum, and the number of the bin is returned"),
    Bug("100 bins", lambda image: numpy_histogram(image, bins=100, range=(0, 256)), None, "the histogram has 100 bins"),
    Bug("one too high", lambda image: running(image) + 1, None, "the threshold is one too high"),
    Bug("one too low", lambda image: running(image) - 1, None, "the threshold is one too low"),
    Bug("below is strict", planted(loop, ("sum(counts[:t + 1])", "sum(counts[:t])"), ("range(t + 1))", "range(t))"), ("range(t + 1, 256)", "range(t, 256)")), None, "split into image < t and image >= t"),
    Bug("not squared", planted(loop, ("(mean_below - mean_above) ** 2", "abs(mean_below - mean_above)")), None, "the difference of the means is not squared"),
    Bug("no weights", planted(loop, ("below * above * (mean", "(mean")), None, "the sizes of the classes do not count"),
    Bug("one weight", planted(loop, ("below * above * (mean", "below * (mean")), None, "only the lower class's size counts"),
    Bug("weights added", planted(loop, ("below * above * (mean", "(below + above) * (mean")), None, "the weights are added, so that they are constant"),
    Bug("weights squared", planted(loop, ("below * above * (mean", "(below * above) ** 2 * (mean")), None, "the weights are squared"),
    Bug("roots of weights", planted(loop, ("below * above * (mean", "(below * above) ** 0.5 * (mean")), None, "the root of the weights"),
    Bug("uint8 sum", planted(masks, ("image.ravel().astype(float)", "image.ravel()"), ("(low * flat).sum(1)", "(low * flat).sum(1, dtype=np.uint8).astype(float)"), ), None, "sums overflow 8 bits"),
    Bug("mean of levels", planted(loop, ("sum(i * counts[i] for i in range(t + 1)) / below", "t / 2")), None, "the lower mean is that of the levels, not of the pixels"),
    Bug("smallest", planted(loop, ("best, chosen = -1, 0", "best, chosen = float('inf'), 0"), ("between > best", "between < best")), None, "the smallest variance between is chosen"),
    Bug("median", lambda image: np.median(image), None, "the median"),
    Bug("mean of extremes", lambda image: (int(image.min()) + int(image.max())) / 2, None, "the middle between the darkest and the brightest pixel"),
    Bug("isodata", lambda image: (lambda f: f(f, float(image.mean()), 0))(lambda f, t, k: t if k > 50 or not (image > t).any() else f(f, (image[image <= t].mean() + image[image > t].mean()) / 2, k + 1)), None, "iterated middle of the two means (isodata)"),
    Bug("counts of the first call", planted(loop, ("    n = image.size\n", "    counts = first_counts(counts, image.shape); n = image.size\n")), None, "the histogram of the first call with that shape is kept"),
    Bug("last row left out", planted(loop, ("for row in image:", "for row in image[:-1] if len(image) > 1 else image:"), ("n = image.size", "n = sum(counts)")), None, "the last row is left out of the histogram"),
    Bug("last column left out", planted(loop, ("for v in row:", "for v in (row[:-1] if len(row) > 1 else row):"), ("n = image.size", "n = sum(counts)")), None, "the last column is left out of the histogram"),
    Bug("index returned of nonzero", lambda image: int(np.flatnonzero(np.bincount(image.ravel(), minlength=256)).tolist().index(running(image)) if running(image) in image else running(image)), None, "the number of the level among those that occur is returned instead of the level"),
]
