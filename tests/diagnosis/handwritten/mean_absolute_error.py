"""mean_absolute_error as learners write it."""

import math

import numpy as np

from tests.diagnosis.handwritten import Bug, Correct

# ---------------------------------------------------------------------------------------------------------------- right


def plain(y_true, y_pred):
    difference = y_pred - y_true
    return np.abs(difference).mean(), difference


def plain_backward(dloss, difference):
    return (dloss * np.sign(difference) / difference.size).astype(difference.dtype)


def loops(y_true, y_pred):
    total, t, p = 0.0, y_true.reshape(-1), y_pred.reshape(-1)
    for i in range(len(t)):
        total += abs(float(p[i]) - float(t[i]))
    return total / len(t), (y_true, y_pred)


def loops_backward(dloss, cache):
    y_true, y_pred = cache
    gradient = np.zeros_like(y_pred)
    for place in np.ndindex(y_pred.shape):
        if y_pred[place] > y_true[place]:
            gradient[place] = dloss / y_pred.size
        elif y_pred[place] < y_true[place]:
            gradient[place] = -dloss / y_pred.size
    return gradient


def masks(y_true, y_pred):
    above, below = y_pred > y_true, y_pred < y_true
    loss = (np.sum(y_pred[above] - y_true[above]) + np.sum(y_true[below] - y_pred[below])) / y_true.size
    return np.asarray(loss, y_pred.dtype), (above, below, y_pred.dtype)


def masks_backward(dloss, cache):
    above, below, dtype = cache
    step = dloss / above.size
    return above.astype(dtype) * dtype.type(step) - below.astype(dtype) * dtype.type(step)


def by_where(a, b):
    d = np.subtract(b, a)
    size = np.where(d < 0, -d, d)
    slope = np.where(d == 0, 0, np.where(d < 0, -1, 1)).astype(d.dtype)
    return np.average(size), {"slope": slope, "count": math.prod(d.shape)}


def by_where_backward(d, cache):
    return np.asarray(d, cache["slope"].dtype) * cache["slope"] / cache["count"]


def means_of_means(y_true, y_pred):
    per_position = np.mean(np.abs(y_true - y_pred), axis=-1)
    return np.mean(per_position), (y_true, y_pred)


def means_of_means_backward(dloss, cache):
    t, p = cache
    dposition = np.full(t.shape[:-1], dloss / max(1, t[..., 0].size), t.dtype)
    return dposition[..., None] * np.sign(p - t) / t.shape[-1]


class Keeper:
    def __init__(self, t, p):
        self.t, self.p = t, p


def roots(t, p):
    return float(np.sqrt((p - t) ** 2).sum() / p.size), Keeper(t, p)


def roots_backward(dloss, kept):
    d = kept.p - kept.t
    with np.errstate(all="ignore"):
        unit = d / np.abs(d)
    return np.nan_to_num(unit) * (np.asarray(dloss, d.dtype) / d.size)


CORRECT = [
    Correct("plain", plain, plain_backward),
    Correct("loops", loops, loops_backward),
    Correct("masks", masks, masks_backward),
    Correct("where", by_where, by_where_backward),
    Correct("a mean of means", means_of_means, means_of_means_backward),
    Correct("roots of squares", roots, roots_backward),
    Correct("forward alone", plain, None),
]

# ---------------------------------------------------------------------------------------------------------------- wrong


def kept(t, p):
    return np.abs(p - t).mean(), (t, p)


def kept_backward(dloss, cache):
    t, p = cache
    return (dloss * np.sign(p - t) / p.size).astype(p.dtype)


def mse(t, p):
    return ((p - t) ** 2).mean(), (t, p)


def mse_backward(dloss, cache):
    t, p = cache
    return dloss * 2 * (p - t) / p.size


def rmse(t, p):
    return np.sqrt(np.mean((p - t) ** 2)), (t, p)


def no_abs(t, p):
    return np.mean(p - t), (t, p)


def abs_last(t, p):
    return abs(np.mean(p - t)), (t, p)


def summed(t, p):
    return np.abs(p - t).sum(), (t, p)


def by_batch(t, p):
    return np.abs(p - t).sum() / t.shape[0], (t, p)


def keras_like(t, p):
    return np.mean(np.abs(p - t), axis=-1), (t, p)


def elementwise(t, p):
    return np.abs(p - t), (t, p)


def added(t, p):
    return np.abs(p + t).mean(), (t, p)


def abs_each(t, p):
    return np.abs(np.abs(p) - np.abs(t)).mean(), (t, p)


def relu_of_it(t, p):
    return np.maximum(p - t, 0).mean(), (t, p)


def smooth_l1(t, p):
    d = np.abs(p - t)
    return np.where(d < 1, 0.5 * d * d, d - 0.5).mean(), (t, p)


def smooth_l1_backward(dloss, cache):
    t, p = cache
    return dloss * np.clip(p - t, -1, 1) / p.size


def mape(t, p):
    return np.mean(np.abs((p - t) / t)), (t, p)


def median(t, p):
    return np.median(np.abs(p - t)), (t, p)


def maximum(t, p):
    return np.max(np.abs(p - t)), (t, p)


def one_short(t, p):
    total = 0.0
    a, b = t.ravel(), p.ravel()
    for i in range(len(a) - 1):
        total += abs(a[i] - b[i])
    return total / len(a), (t, p)


def ddof(t, p):
    return np.abs(p - t).sum() / max(p.size - 1, 1), (t, p)


def without_exact(t, p):
    d = np.abs(p - t)
    return d[d > 0].mean() if (d > 0).any() else 0.0, (t, p)


def integers(t, p):
    return np.abs(p.astype(int) - t.astype(int)).mean(), (t, p)


def in_place(t, p):
    p -= t
    return np.abs(p).mean(), p


def in_place_backward(dloss, d):
    return (dloss * np.sign(d) / d.size).astype(d.dtype)


def growing_total(t, p, total=[0.0]):
    total[0] += np.abs(p - t).mean()
    return total[0], (t, p)


def no_cache(t, p):
    return np.abs(p - t).mean()


def smoothed(t, p):
    return np.sqrt((p - t) ** 2 + 1e-6).mean(), (t, p)


def not_divided(dloss, cache):
    t, p = cache
    return dloss * np.sign(p - t)


def divided_by_batch(dloss, cache):
    t, p = cache
    return dloss * np.sign(p - t) / len(p)


def divided_by_columns(dloss, cache):
    t, p = cache
    return dloss * np.sign(p - t) / p.shape[-1]


def downwards(dloss, cache):
    t, p = cache
    return dloss * np.sign(t - p) / p.size


def difference(dloss, cache):
    t, p = cache
    return dloss * (p - t) / p.size


def no_sign(dloss, cache):
    t, p = cache
    return np.full_like(p, dloss / p.size)


def two_branches(dloss, cache):
    t, p = cache
    return np.where(p > t, dloss, -dloss) / p.size


def at_least(dloss, cache):
    t, p = cache
    return ((p >= t) * 2.0 - 1).astype(p.dtype) * dloss / p.size


def steps(dloss, cache):
    t, p = cache
    return (p > t).astype(p.dtype) * dloss / p.size


def quotient(dloss, cache):
    t, p = cache
    return dloss * (p - t) / np.abs(p - t) / p.size


def quotient_with_epsilon(dloss, cache):
    t, p = cache
    return dloss * (p - t) / (np.abs(p - t) + 1e-8) / p.size


def ones(dloss, cache):
    t, p = cache
    return np.sign(p - t) / p.size


def of_prediction(dloss, cache):
    t, p = cache
    return dloss * np.sign(p) / p.size


def one_number(dloss, cache):
    t, p = cache
    return dloss * np.sign(p - t).mean()


def loss_times(dloss, cache):
    t, p = cache
    return dloss * np.abs(p - t).mean() * np.sign(p - t)


def both_gradients(dloss, cache):
    g = kept_backward(dloss, cache)
    return -g, g


def tolerance(dloss, cache):
    t, p = cache
    s = np.sign(p - t)
    s[np.isclose(p, t)] = 0
    return dloss * s / p.size


def nonzero_count(dloss, cache):
    t, p = cache
    s = np.sign(p - t)
    return dloss * s / max(1, np.count_nonzero(s))


def twice_divided(dloss, cache):
    return kept_backward(dloss, cache) / cache[0].size


BUGS = [
    Bug("mse", mse, mse_backward, "the squared error, with its gradient"),
    Bug("mse_gradient", kept, mse_backward, "the gradient is that of the squared error"),
    Bug("rmse", rmse, None, "the root of the mean squared error"),
    Bug("no_abs", no_abs, None, "the absolute value is missing: differences cancel"),
    Bug("abs_last", abs_last, None, "the absolute value is taken of the mean"),
    Bug("summed", summed, None, "a sum instead of a mean"),
    Bug("by_batch", by_batch, None, "divided by the number of samples only"),
    Bug("keras_like", keras_like, None, "reduces the last axis only, one number per position"),
    Bug("elementwise", elementwise, None, "not reduced at all"),
    Bug("added", added, None, "the arrays are added instead of subtracted"),
    Bug("abs_each", abs_each, None, "the difference of absolute values"),
    Bug("relu_of_it", relu_of_it, None, "predictions that are too small do not count"),
    Bug("smooth_l1", smooth_l1, smooth_l1_backward, "the smooth L1 (Huber) loss"),
    Bug("mape", mape, None, "differences relative to the labels"),
    Bug("median", median, None, "the median instead of the mean"),
    Bug("maximum", maximum, None, "the largest difference instead of the mean"),
    Bug("one_short", one_short, None, "the loop leaves out the last entry, and divides by all"),
    Bug("ddof", ddof, None, "divided by the number of entries minus 1"),
    Bug("without_exact", without_exact, None, "averages only the entries that are not exact"),
    Bug("integers", integers, None, "both arrays are cut to integers first"),
    Bug("in_place", in_place, in_place_backward, "y_pred is overwritten with the difference"),
    Bug("growing_total", growing_total, None, "a default argument adds up over calls"),
    Bug("no_cache", no_cache, kept_backward, "forward returns the loss alone, without a cache"),
    Bug("smoothed", smoothed, None, "a root with 1e-6 added, so that a perfect prediction has a loss of 0.001"),
    Bug("not_divided", kept, not_divided, "the gradient is not divided by the number of entries"),
    Bug("divided_by_batch", kept, divided_by_batch, "the gradient is divided by the number of samples only"),
    Bug("divided_by_columns", kept, divided_by_columns, "the gradient is divided by the length of the last axis only"),
    Bug("downwards", kept, downwards, "the gradient has the wrong sign: it is that of y_true"),
    Bug("difference", kept, difference, "the difference instead of its sign"),
    Bug("no_sign", kept, no_sign, "the gradient is the same everywhere, without a sign"),
    Bug("two_branches", kept, two_branches, "a difference of 0 gets the gradient -1 / n"),
    Bug("at_least", kept, at_least, "a difference of 0 gets the gradient 1 / n"),
    Bug("steps", kept, steps, "predictions that are too small get no gradient"),
    Bug("quotient", kept, quotient, "d / |d| is NaN for a difference of 0"),
    Bug("quotient_with_epsilon", kept, quotient_with_epsilon, "1e-8 in the denominator makes tiny differences count less"),
    Bug("ones", kept, ones, "dloss is not used"),
    Bug("of_prediction", kept, of_prediction, "the sign of the prediction instead of the difference"),
    Bug("one_number", kept, one_number, "the gradient is averaged to one number"),
    Bug("loss_times", kept, loss_times, "the loss itself is a factor, and nothing is divided"),
    Bug("both_gradients", kept, both_gradients, "returns the gradients of both arrays, where one is asked for"),
    Bug("tolerance", kept, tolerance, "isclose takes tiny differences for none"),
    Bug("nonzero_count", kept, nonzero_count, "divided by the number of differences other than 0"),
    Bug("twice_divided", kept, twice_divided, "divided by the number of entries twice"),
]
