"""dice_loss as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

# ----------------------------------------------------------------------------------- right


def forward(y_true, y_pred, *, epsilon):
    top = 2 * np.sum(y_true * y_pred) + epsilon
    bottom = np.sum(y_true) + np.sum(y_pred) + epsilon
    return 1 - top / bottom, (y_true, top, bottom)


def backward(dy, cache):
    t, top, bottom = cache
    return dy * (top - 2 * t * bottom) / bottom**2


def dot_forward(y_true, y_pred, *, epsilon):
    a, b = y_true.ravel(), y_pred.ravel()
    ones = np.ones_like(a)
    inter, total = a @ b, ones @ a + ones @ b

    def back(dy):
        score = (2 * inter + epsilon) / (total + epsilon)
        return dy * (score - 2 * y_true) / (total + epsilon)

    return 1 - (2 * inter + epsilon) / (total + epsilon), back


def loop_forward(y_true, y_pred, *, epsilon):
    i = s = y_pred.dtype.type(0)
    for t, p in zip(y_true.flat, y_pred.flat):
        i += t * p
        s += t + p
    return (s - 2 * i) / (s + epsilon), {"t": y_true, "i": i, "s": s, "e": epsilon}


def loop_backward(dy, c):
    out = np.zeros_like(c["t"])
    u, v = 2 * c["i"] + c["e"], c["s"] + c["e"]
    for where, t in np.ndenumerate(c["t"]):
        out[where] = -dy * (2 * t / v - u / (v * v))
    return out


def where_backward(dy, cache):
    t, top, bottom = cache
    inside, outside = dy * (top / bottom - 2) / bottom, dy * top / bottom / bottom
    return np.where(t == 1, inside, outside).astype(t.dtype)


def einsum_forward(y_true, y_pred, *, epsilon):
    axes = "abcde"[: y_true.ndim]
    i = np.einsum(f"{axes},{axes}->", y_true, y_pred)
    s = np.einsum(f"{axes}->", y_true + y_pred)
    return -((2 * i + epsilon) / (s + epsilon) - 1), (y_true, 2 * i + epsilon, s + epsilon)


CORRECT = [
    Correct("sums", forward, backward),
    Correct("dot products, closure", dot_forward, lambda dy, c: c(dy)),
    Correct("loops", loop_forward, loop_backward),
    Correct("einsum", einsum_forward, where_backward),
    Correct("forward alone", einsum_forward, None),
]


# ----------------------------------------------------------------------------------- wrong forward


def no_eps_on_top(t, p, *, epsilon):
    return 1 - 2 * (t * p).sum() / (t.sum() + p.sum() + epsilon), (t, 2 * (t * p).sum(), t.sum() + p.sum() + epsilon)


def no_eps_below(t, p, *, epsilon):
    top, bottom = 2 * (t * p).sum() + epsilon, t.sum() + p.sum()
    return 1 - top / bottom, (t, top, bottom)


def eps_inside_two(t, p, *, epsilon):
    top, bottom = 2 * ((t * p).sum() + epsilon), t.sum() + p.sum() + epsilon
    return 1 - top / bottom, (t, top, bottom)


def eps_ignored(t, p, *, epsilon=1.0):
    return forward(t, p, epsilon=1e-7)


def no_two(t, p, *, epsilon):
    intersection = (t * p).sum()
    return 1 - (intersection + epsilon) / (t.sum() + p.sum() + epsilon), (t, intersection + epsilon, t.sum() + p.sum() + epsilon)


def no_two_back(dy, cache):
    t, top, bottom = cache
    return dy * (top - t * bottom) / bottom**2


def coefficient(t, p, *, epsilon):
    loss, cache = forward(t, p, epsilon=epsilon)
    return 1 - loss, cache


def coefficient_back(dy, cache):
    return -backward(dy, cache)


def negative(t, p, *, epsilon):
    loss, cache = forward(t, p, epsilon=epsilon)
    return loss - 1, cache


def squared_below(t, p, *, epsilon):
    top = 2 * np.sum(t * p) + epsilon
    bottom = np.sum(t**2) + np.sum(p**2) + epsilon
    return 1 - top / bottom, (t, p, top, bottom)


def squared_back(dy, cache):
    t, p, top, bottom = cache
    return dy * (2 * p * top - 2 * t * bottom) / bottom**2


def per_image(t, p, *, epsilon):
    losses, caches = zip(*(forward(a, b, epsilon=epsilon) for a, b in zip(t, p)))
    return np.mean(np.array(losses, p.dtype)), caches


def per_image_back(dy, caches):
    return np.stack([backward(dy / len(caches), c) for c in caches])


def per_channel(t, p, *, epsilon):
    axes = tuple(range(t.ndim - 1))
    top = 2 * (t * p).sum(axis=axes) + epsilon
    bottom = t.sum(axis=axes) + p.sum(axis=axes) + epsilon
    return np.mean(1 - top / bottom), (t, top, bottom)


def per_channel_back(dy, cache):
    t, top, bottom = cache
    return dy * (top - 2 * t * bottom) / bottom**2 / t.shape[-1]


def along_last(t, p, *, epsilon):
    top = 2 * np.sum(t * p, axis=-1) + epsilon
    bottom = np.sum(t, axis=-1) + np.sum(p, axis=-1) + epsilon
    return 1 - top / bottom, (t, top, bottom)


def thresholded(t, p, *, epsilon):
    hard = (p > 0.5).astype(p.dtype)
    return forward(t, hard, epsilon=epsilon)


def rounded_truth(t, p, *, epsilon):
    return forward(t, np.round(p, 2), epsilon=epsilon)


def jaccard(t, p, *, epsilon):
    i = np.sum(t * p)
    u = np.sum(t) + np.sum(p) - i
    return 1 - (i + epsilon) / (u + epsilon), (t, i + epsilon, u + epsilon)


def jaccard_back(dy, cache):
    t, i, u = cache
    return -dy * (t * u - i * (1 - t)) / u**2


def logarithm(t, p, *, epsilon):
    loss, cache = forward(t, p, epsilon=epsilon)
    return -np.log(np.maximum(1 - loss, 1e-300)), cache


def logarithm_back(dy, cache):
    t, top, bottom = cache
    return -dy * (2 * t / top - 1 / bottom)


def means(t, p, *, epsilon):
    top = 2 * np.mean(t * p) + epsilon
    bottom = np.mean(t) + np.mean(p) + epsilon
    return 1 - top / bottom, (t, top, bottom, t.size)


def means_back(dy, cache):
    t, top, bottom, n = cache
    return dy * (top - 2 * t * bottom) / bottom**2 / n


def only_t_below(t, p, *, epsilon):
    top = 2 * (t * p).sum() + epsilon
    bottom = 2 * t.sum() + epsilon
    return 1 - top / bottom, (t, top, bottom)


def maximum_intersection(t, p, *, epsilon):
    top = 2 * np.minimum(t, p).sum() * 1.0 + 2 * np.minimum(1 - t, 1 - p).sum() + epsilon
    bottom = t.size + t.size + epsilon
    return 1 - top / bottom, None


def sigmoid_first(t, p, *, epsilon):
    return forward(t, 1 / (1 + np.exp(-p)), epsilon=epsilon)


def in_place(t, p, *, epsilon):
    total = t.sum() + p.sum() + epsilon
    p *= t
    top = 2 * p.sum() + epsilon
    return 1 - top / total, (t, top, total)


def returns_loss_only(t, p, *, epsilon):
    return 1 - (2 * (t * p).sum() + epsilon) / (t.sum() + p.sum() + epsilon)


def precedence(t, p, *, epsilon):
    top, bottom = 2 * (t * p).sum() + epsilon, t.sum() + p.sum() + epsilon
    return (1 - top) / bottom, (t, top, bottom)


def no_brackets(t, p, *, epsilon):
    return 1 - (2 * (t * p).sum() + epsilon) / t.sum().clip(1e-30) + p.sum() + epsilon, None


# ----------------------------------------------------------------------------------- wrong backward


def only_intersection(dy, cache):
    t, top, bottom = cache
    return -dy * 2 * t / bottom


def only_denominator(dy, cache):
    t, top, bottom = cache
    return np.ones_like(t) * dy * top / bottom**2


def wrong_sign(dy, cache):
    t, top, bottom = cache
    return dy * (2 * t * bottom - top) / bottom**2


def not_squared(dy, cache):
    t, top, bottom = cache
    return dy * (top - 2 * t * bottom) / bottom


def no_dy(dy, cache):
    t, top, bottom = cache
    return (top - 2 * t * bottom) / bottom**2


def no_two_in_back(dy, cache):
    t, top, bottom = cache
    return dy * (top - t * bottom) / bottom**2


def divided_by_size(dy, cache):
    return backward(dy, cache) / cache[0].size


def summed(dy, cache):
    return backward(dy, cache).sum()


def both_gradients(dy, cache):
    return backward(dy, cache), None


def flattened(dy, cache):
    return backward(dy, cache).reshape(-1)


def forward_p_for_t(t, p, *, epsilon):
    loss, (_, top, bottom) = forward(t, p, epsilon=epsilon)
    return loss, (p, top, bottom)


def mask_gradient(dy, cache):
    t, top, bottom = cache
    g = backward(dy, cache)
    g[t == 0] = 0
    return g


def swapped_quotient(dy, cache):
    t, top, bottom = cache
    return dy * (top - 2 * t * bottom) / top**2


def cache_without_eps(t, p, *, epsilon):
    loss, (t, top, bottom) = forward(t, p, epsilon=epsilon)
    return loss, (t, top - epsilon, bottom - epsilon)


def order_swapped(t, p, *, epsilon):
    loss, (t, top, bottom) = forward(t, p, epsilon=epsilon)
    return loss, (t, bottom, top)


_state = {}


def stateful(t, p, *, epsilon):
    loss, _state["cache"] = forward(t, p, epsilon=epsilon)
    return loss, None


def stateful_back(dy, cache):
    return backward(dy, _state["cache"])


def cache_mutated(dy, cache):
    t, top, bottom = cache
    np.multiply(t, -2 * bottom, out=t)
    t += top
    t *= dy / bottom**2
    return t.copy()


def clipped(dy, cache):
    return np.clip(backward(dy, cache), -0.01, 0.01)


BUGS = [
    Bug("no_eps_on_top", no_eps_on_top, backward, "epsilon is missing in the numerator"),
    Bug("no_eps_below", no_eps_below, backward, "epsilon is missing in the denominator, which is 0 when there is nothing at all"),
    Bug("eps_times_two", eps_inside_two, backward, "epsilon is inside the bracket that is doubled: 2 * (sum + epsilon) instead of 2 * sum + epsilon"),
    Bug("eps_ignored", eps_ignored, backward, "epsilon is fixed to 1e-7, the argument is ignored"),
    Bug("no_two", no_two, no_two_back, "the factor 2 before the intersection is missing"),
    Bug("coefficient", coefficient, coefficient_back, "returns the Dice coefficient; 1 - is missing"),
    Bug("negative", negative, backward, "returns minus the Dice coefficient instead of 1 minus it"),
    Bug("squared_below", squared_below, squared_back, "the denominator sums the squares of t and p (as in V-Net) instead of t and p"),
    Bug("per_image", per_image, per_image_back, "one Dice loss for each image (axis 0), then the mean, instead of one over everything"),
    Bug("per_channel", per_channel, per_channel_back, "one Dice loss for each channel (last axis), then the mean, instead of one over everything"),
    Bug("along_last", along_last, None, "the sums run over the last axis only, so the loss is an array instead of one number: wrong shape"),
    Bug("thresholded", thresholded, backward, "the probabilities are thresholded at 0.5 first"),
    Bug("rounded", rounded_truth, backward, "the probabilities are rounded to 2 decimals first"),
    Bug("jaccard", jaccard, jaccard_back, "the Jaccard (IoU) loss instead of the Dice loss"),
    Bug("logarithm", logarithm, logarithm_back, "minus the logarithm of the Dice coefficient instead of 1 minus it"),
    Bug("means", means, means_back, "means instead of sums, so epsilon weighs as much as epsilon times the number of pixels"),
    Bug("only_t_below", only_t_below, backward, "the denominator is 2 * sum(t) instead of sum(t) + sum(p)"),
    Bug("background_too", maximum_intersection, None, "the background counts as an overlap too: agreement on 0 is added to the intersection and all pixels to the denominator"),
    Bug("sigmoid_first", sigmoid_first, backward, "y_pred is put through a sigmoid again although it holds probabilities"),
    Bug("in_place", in_place, backward, "y_pred is multiplied by y_true in place, so an input is changed"),
    Bug("loss_only", returns_loss_only, None, "forward returns the loss alone, without a cache"),
    Bug("brackets", precedence, backward, "wrong brackets: (1 - top) / bottom instead of 1 - top / bottom"),
    Bug("no_brackets", no_brackets, None, "the denominator has no brackets, so it is divided by sum(t) only and sum(p) + epsilon is added to the loss"),
    Bug("only_intersection", forward, only_intersection, "the derivative of the denominator is left out of the gradient: it is treated as a constant"),
    Bug("only_denominator", forward, only_denominator, "the derivative of the numerator is left out of the gradient: only that of the denominator is there"),
    Bug("wrong_sign", forward, wrong_sign, "the gradient has the wrong sign: it is that of the coefficient, not of the loss"),
    Bug("not_squared", forward, not_squared, "the quotient rule's denominator is not squared"),
    Bug("no_dy", forward, no_dy, "dy is not multiplied into the gradient"),
    Bug("no_two_in_back", forward, no_two_in_back, "the factor 2 is missing in the gradient (in front of t)"),
    Bug("divided_by_size", forward, divided_by_size, "the gradient is divided by the number of pixels"),
    Bug("summed", forward, summed, "the gradient is summed to one number: wrong shape"),
    Bug("both_gradients", forward, both_gradients, "backward returns a tuple (dy_pred, None) instead of dy_pred alone"),
    Bug("flattened", forward, flattened, "the gradient is flat: it has not the shape of y_pred"),
    Bug("p_for_t", forward_p_for_t, backward, "the cache holds y_pred in place of y_true, so the gradient is that by y_true"),
    Bug("masked", forward, mask_gradient, "the gradient is set to 0 where t is 0, though those pixels are in the denominator"),
    Bug("swapped_quotient", forward, swapped_quotient, "divides by the numerator squared instead of by the denominator squared"),
    Bug("back_without_eps", cache_without_eps, backward, "backward leaves epsilon out of numerator and denominator"),
    Bug("cache_order", order_swapped, backward, "numerator and denominator are swapped in the cache"),
    Bug("stateful", stateful, stateful_back, "the cache is a module variable that the next forward overwrites: state outside the cache"),
    Bug("overwrites_truth", forward, cache_mutated, "the gradient is computed in place in the cached y_true, which changes the caller's array"),
    Bug("clipped", forward, clipped, "the gradient is clipped to [-0.01, 0.01]"),
]
