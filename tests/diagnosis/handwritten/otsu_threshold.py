"""otsu_threshold as learners write it: right and wrong. Several t can give the same split; any of them is right."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


# ----------------------------------------------------------------------------------- right


def vectorised(image):
    hist = np.bincount(image.ravel(), minlength=256).astype(float)
    w = np.cumsum(hist)
    s = np.cumsum(hist * np.arange(256))
    n, total = w[-1], s[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (total * w - n * s) ** 2 / (w * (n - w))
    return int(np.nanargmax(np.where(np.isfinite(between), between, -1)))


def loop(image):
    best, best_t = -1.0, 0
    values = image.reshape(-1).astype(np.float64)
    for t in range(256):
        low, high = values[values <= t], values[values > t]
        if low.size == 0 or high.size == 0:
            continue
        v = low.size * high.size * (low.mean() - high.mean()) ** 2
        if v > best:
            best, best_t = v, t
    return best_t


def within(image):
    """The smallest variance within the classes."""
    x = image.astype(float).ravel()
    scores = {}
    for t in np.unique(image)[:-1]:
        a, b = x[x <= t], x[x > t]
        scores[int(t)] = a.var() * a.size + b.var() * b.size
    return min(scores, key=scores.get) if scores else int(image.flat[0])


def incremental(image):
    hist = [0] * 256
    for v in image.flat:
        hist[int(v)] += 1
    n = sum(hist)
    total = sum(i * h for i, h in enumerate(hist))
    w = s = 0
    best, at = -1.0, 0
    for t in range(256):
        w += hist[t]
        s += t * hist[t]
        if w == 0:
            continue
        if w == n:
            break
        d = s / w - (total - s) / (n - w)
        v = w * (n - w) * d * d
        if v > best:
            best, at = v, t
    return at


def probabilities(image):
    p = np.histogram(image, bins=256, range=(0, 256))[0] / image.size
    levels = np.arange(256.0)
    lower = np.tril(np.ones((256, 256)))
    omega, mu = lower @ p, lower @ (p * levels)
    ok = (omega > 1e-12) & (omega < 1 - 1e-12)
    sigma = np.full(256, -1.0)
    sigma[ok] = (mu[-1] * omega[ok] - mu[ok]) ** 2 / (omega[ok] * (1 - omega[ok]))
    return np.argmax(sigma)


def sorted_values(image):
    v = np.sort(image.ravel()).astype(np.int64)
    cum = np.cumsum(v)
    cut = np.flatnonzero(np.diff(v)) + 1  # sizes of the lower class
    low = cum[cut - 1] / cut
    high = (cum[-1] - cum[cut - 1]) / (len(v) - cut)
    k = cut[np.argmax(cut * (len(v) - cut) * (high - low) ** 2)]
    return (v[k - 1] + v[k]) / 2 if v[k] - v[k - 1] > 1 else float(v[k - 1])


CORRECT = [Correct(f.__name__, f, None) for f in (vectorised, loop, within, incremental, probabilities, sorted_values)]


# ----------------------------------------------------------------------------------- wrong


def statistics(image):
    hist = np.bincount(image.ravel(), minlength=256) / image.size
    w = np.cumsum(hist)
    m = np.cumsum(hist * np.arange(256))
    return hist, w, m


@wrong("the variance between the classes is made as small as possible instead of as large as possible (argmin for argmax)")
def argmin(image):
    _, w, m = statistics(image)
    ok = (w > 1e-12) & (w < 1 - 1e-12)
    v = np.full(256, np.inf)
    v[ok] = (m[-1] * w[ok] - m[ok]) ** 2 / (w[ok] * (1 - w[ok]))
    return int(v.argmin())


@wrong("the variance within the classes is made as large as possible instead of as small as possible")
def within_maximised(image):
    x = image.ravel().astype(float)
    best, at = -1, 0
    for t in range(255):
        a, b = x[x <= t], x[x > t]
        if len(a) and len(b):
            v = (len(a) * a.var() + len(b) * b.var()) / len(x)
            if v > best:
                best, at = v, t
    return at


@wrong("off by one: it splits by image >= t, so t is one larger than for image > t")
def greater_equal(image):
    x = image.ravel().astype(float)
    best, at = -1, 0
    for t in range(1, 256):
        fg, bg = x[x >= t], x[x < t]
        if len(fg) and len(bg):
            v = len(fg) * len(bg) * (fg.mean() - bg.mean()) ** 2
            if v > best:
                best, at = v, t
    return at


@wrong("off by one: t is one too small (the level is subtracted before returning)")
def one_less(image):
    return vectorised(image) - 1


@wrong("the difference of the means is not squared")
def not_squared(image):
    _, w, m = statistics(image)
    ok = (w > 1e-12) & (w < 1 - 1e-12)
    v = np.full(256, -1.0)
    v[ok] = w[ok] * (1 - w[ok]) * np.abs(m[ok] / w[ok] - (m[-1] - m[ok]) / (1 - w[ok]))
    return int(v.argmax())


@wrong("the classes' sizes are left out: only the squared difference of the means is maximised")
def no_weights(image):
    x = image.ravel().astype(float)
    best, at = -1, 0
    for t in range(256):
        a, b = x[x <= t], x[x > t]
        if a.size and b.size and (a.mean() - b.mean()) ** 2 > best:
            best, at = (a.mean() - b.mean()) ** 2, t
    return at


@wrong("the within-class variance is the plain sum of the two variances, not weighted by the classes' sizes")
def unweighted_within(image):
    x = image.ravel().astype(float)
    scores = [np.inf] * 256
    for t in range(256):
        a, b = x[x <= t], x[x > t]
        if a.size and b.size:
            scores[t] = a.var() + b.var()
    return int(np.argmin(scores))


@wrong("the mean of the image instead of Otsu's threshold")
def mean(image):
    return float(image.mean())


@wrong("the median of the image instead of Otsu's threshold")
def median(image):
    return float(np.median(image))


@wrong("the middle between the darkest and the brightest value instead of Otsu's threshold")
def midrange(image):
    return (int(image.min()) + int(image.max())) // 2


@wrong("a fixed threshold of 127: the image is not looked at")
def fixed(image):
    return 127


@wrong("min + max is computed in uint8, which overflows, and the middle of the range is not Otsu's threshold anyway")
def uint8_midrange(image):
    return (image.min() + image.max()) // np.uint8(2)


@wrong("the bin's index is returned for a histogram over min..max, not the grey level")
def bin_index(image):
    hist, edges = np.histogram(image, bins=256)
    p = hist / hist.sum()
    w = np.cumsum(p)
    m = np.cumsum(p * np.arange(256))
    ok = (w > 1e-12) & (w < 1 - 1e-12)
    v = np.full(256, -1.0)
    v[ok] = (m[-1] * w[ok] - m[ok]) ** 2 / (w[ok] * (1 - w[ok]))
    return int(v.argmax())


@wrong("16 bins only, so the threshold is coarse (a multiple of 16)")
def coarse(image):
    hist = np.bincount(image.ravel() // 16, minlength=16) / image.size
    w = np.cumsum(hist)
    m = np.cumsum(hist * np.arange(16))
    ok = (w > 1e-12) & (w < 1 - 1e-12)
    v = np.full(16, -1.0)
    v[ok] = (m[-1] * w[ok] - m[ok]) ** 2 / (w[ok] * (1 - w[ok]))
    return int(v.argmax()) * 16 + 15


@wrong("the sums of grey levels are kept in uint8 (cumsum with dtype uint8), which overflows")
def uint8_cumsum(image):
    hist = np.bincount(image.ravel(), minlength=256)
    w = np.cumsum(hist) / image.size
    m = np.cumsum(hist * np.arange(256), dtype=np.uint8) / image.size
    with np.errstate(all="ignore"):
        v = (m[-1] * w - m) ** 2 / (w * (1 - w))
    return int(np.argmax(np.where((w > 0) & (w < 1), v, -1)))


@wrong("the products of pixel counts are kept in 32-bit integers, which overflow for large images")
def int32_overflow(image):
    hist = np.bincount(image.ravel(), minlength=256).astype(np.int32)
    n1 = np.cumsum(hist, dtype=np.int32)
    n2 = np.int32(image.size) - n1
    s1 = np.cumsum(hist * np.arange(256, dtype=np.int32), dtype=np.int64)
    mean1 = s1 / np.maximum(n1, 1)
    mean2 = (s1[-1] - s1) / np.maximum(n2, 1)
    return int(np.argmax(n1 * n2 * (mean1 - mean2) ** 2))


@wrong("the largest variance is returned instead of the threshold where it is reached")
def returns_variance(image):
    best = 0.0
    x = image.ravel().astype(float)
    for t in range(256):
        a, b = x[x <= t], x[x > t]
        if a.size and b.size:
            best = max(best, a.size * b.size / x.size**2 * (a.mean() - b.mean()) ** 2)
    return best


@wrong("the threshold is divided by 255, but the image is uint8")
def normalised(image):
    return vectorised(image) / 255


@wrong("the search ends too early: only levels up to 127 are tried")
def half_range(image):
    x = image.ravel().astype(float)
    best, at = -1, 0
    for t in range(128):
        a, b = x[x <= t], x[x > t]
        if a.size and b.size:
            v = a.size * b.size * (a.mean() - b.mean()) ** 2
            if v > best:
                best, at = v, t
    return at


@wrong("the search stops at the first local maximum of the variance instead of going on to the largest")
def first_local_maximum(image):
    _, w, m = statistics(image)
    previous, at = -1.0, 0
    for t in range(256):
        if w[t] <= 0 or w[t] >= 1 - 1e-12:
            continue
        v = (m[-1] * w[t] - m[t]) ** 2 / (w[t] * (1 - w[t]))
        if v < previous:
            break
        previous, at = v, t
    return at


@wrong("the largest variance is never updated in the loop, so the last level with any variance wins")
def best_not_updated(image):
    _, w, m = statistics(image)
    best, at = 0.0, 0
    for t in range(256):
        if 0 < w[t] < 1 - 1e-12:
            v = (m[-1] * w[t] - m[t]) ** 2 / (w[t] * (1 - w[t]))
            if v > best:
                at = t
    return at


@wrong("the mean of the lower class is not divided by its weight (the cumulative sum is taken for the mean)")
def sum_for_mean(image):
    _, w, m = statistics(image)
    v = np.zeros(256)
    for t in range(256):
        w0, w1 = w[t], 1 - w[t]
        if w0 > 0 and w1 > 1e-12:
            v[t] = w0 * w1 * (m[t] - (m[-1] - m[t]) / w1) ** 2
    return int(np.argmax(v))


@wrong("the mean of the upper class is that of the whole image")
def whole_mean_for_upper(image):
    x = image.ravel().astype(float)
    v = np.zeros(256)
    for t in range(256):
        low = x[x <= t]
        if 0 < low.size < x.size:
            v[t] = low.size * (x.size - low.size) * (low.mean() - x.mean()) ** 2
    return int(v.argmax())


@wrong("the highest peak of the histogram (the most frequent value) instead of the split between two classes")
def peak(image):
    return int(np.bincount(image.ravel(), minlength=256).argmax())


@wrong("the entropy of the two classes is maximised (Kapur) instead of the variance between them")
def kapur(image):
    p = np.bincount(image.ravel(), minlength=256) / image.size

    def entropy(q):
        q = q[q > 0] / max(q.sum(), 1e-30)
        return -(q * np.log(q)).sum()

    return int(np.argmax([entropy(p[: t + 1]) + entropy(p[t + 1 :]) if 0 < p[: t + 1].sum() < 1 - 1e-12 else -1 for t in range(256)]))


@wrong("the middle between the two class means, iterated (Ridler and Calvard), is not the threshold with the largest variance")
def isodata(image):
    x = image.ravel().astype(float)
    t, old = x.mean(), None
    while t != old:
        a, b = x[x <= t], x[x > t]
        if not a.size or not b.size:
            break
        t, old = np.floor((a.mean() + b.mean()) / 2), t
    return t


@wrong("the iteration never ends: a binary search whose bounds stop moving before they meet (while low < high, low = middle)")
def endless(image):
    x = image.ravel().astype(float)
    low, high = 0, 255

    def variance(t):
        a, b = x[x <= t], x[x > t]
        return a.size * b.size * (a.mean() - b.mean()) ** 2 if a.size and b.size else 0.0

    while low < high:
        middle = (low + high) // 2
        if variance(middle) >= variance(middle + 1):
            high = middle
        else:
            low = middle
    return low


@wrong("a ternary search, which needs a single hill: it misses the largest variance when there are plateaus or several hills")
def ternary(image):
    _, w, m = statistics(image)
    v = np.zeros(256)
    ok = (w > 1e-12) & (w < 1 - 1e-12)
    v[ok] = (m[-1] * w[ok] - m[ok]) ** 2 / (w[ok] * (1 - w[ok]))
    low, high = 0, 255
    while high - low > 2:
        a, b = low + (high - low) // 3, high - (high - low) // 3
        if v[a] < v[b]:
            low = a
        else:
            high = b
    return (low + high) // 2


@wrong("only the first row of the image is used for the histogram")
def first_row(image):
    return vectorised(image[0])


@wrong("the colours are averaged first (mean over the last axis), also for a grey image, whose rows become single values")
def averaged(image):
    return vectorised(image.mean(axis=-1).astype(np.uint8))


@wrong("the image is stretched to 0..255 first, and the threshold is that of the stretched image")
def stretched(image):
    x = image.astype(float)
    x = (x - x.min()) / max(np.ptp(x), 1) * 255
    return vectorised(x.astype(np.uint8))


@wrong("black pixels (0) are left out of the histogram")
def without_black(image):
    keep = image[image > 0]
    return vectorised(keep) if keep.size else 0


@wrong("the pixels above the threshold are set to 255 in the caller's image: the input is changed")
def binarises(image):
    t = vectorised(image)
    image[image > t] = 255
    image[image <= t] = 0
    return t


@wrong("returns the thresholded image instead of the threshold")
def returns_mask(image):
    return image > vectorised(image)


@wrong("the weights are rounded to whole percent, so small classes get weight 0")
def percent(image):
    _, w, m = statistics(image)
    w = np.round(w, 2)
    v = np.zeros(256)
    ok = (w > 0) & (w < 1)
    v[ok] = (m[-1] * w[ok] - m[ok]) ** 2 / (w[ok] * (1 - w[ok]))
    return int(v.argmax())
