"""relu as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

# ----------------------------------------------------------------------------------- right


def loop_f(x):
    y = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        if x[i] > 0:
            y[i] = x[i]
    return y, {"x": x}


def loop_b(dy, cache):
    out = np.zeros(dy.shape, dy.dtype)
    for i, v in np.ndenumerate(cache["x"]):
        if v > 0:
            out[i] = dy[i]
    return out


def closure_f(x):
    on = x > 0
    return np.where(on, x, x.dtype.type(0)), lambda dy: np.where(on, dy, dy.dtype.type(0))


def heaviside_b(dy, cache):
    return dy * np.heaviside(cache, 0).astype(dy.dtype)


def index_f(x):
    y = x.copy()
    y[y < 0] = 0
    return y, y.copy()


def index_b(dy, y):
    dx = dy.copy()
    dx[y <= 0] = 0
    return dx


CORRECT = [
    Correct("loops", loop_f, loop_b),
    Correct("closure with where", closure_f, lambda dy, c: c(dy)),
    Correct("maximum and heaviside", lambda x: (np.maximum(x, 0), x), heaviside_b),
    Correct("boolean index", index_f, index_b),
    Correct("(x + |x|) / 2", lambda x: ((x + np.abs(x)) / 2, (x > 0,)), lambda dy, c: np.einsum("...,...->...", dy, c[0].astype(dy.dtype))),
    Correct("clip and sign", lambda x: (np.clip(x, 0, None), dict(sign=np.sign(x))), lambda dy, c: np.where(c["sign"] == 1, dy, 0 * dy)),
    Correct("backward alone", None, lambda dy, y: dy * (y != 0)),
]

# ----------------------------------------------------------------------------------- wrong


def keep(f):
    """A forward that keeps x for the backward below."""
    return lambda x: (f(x), x)


def by_x(dy, x):
    return dy * (x > 0)


def in_place(x):
    x[x < 0] = 0
    return x, x


def six(x):
    return np.minimum(np.maximum(x, 0), 6), x


def six_b(dy, x):
    return dy * ((x > 0) & (x < 6))


def leaky(x):
    return np.where(x > 0, x, 0.01 * x), x


def leaky_b(dy, x):
    return np.where(x > 0, dy, 0.01 * dy)


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0))), x


def elu_b(dy, x):
    return dy * np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


def rows(x):
    out = np.zeros_like(x)
    for i in range(len(x)):
        if np.any(x[i] > 0):
            out[i] = x[i]
    return out, x


def two_loops(x):
    y = np.zeros_like(x)
    h, w = x.shape
    for i in range(h):
        for j in range(w):
            y[i, j] = max(0, x[i, j])
    return y, x


def skip_last(x):
    flat = x.ravel()
    y = flat.copy()
    for i in range(flat.size - 1):
        y[i] = flat[i] if flat[i] > 0 else 0
    return y.reshape(x.shape), x


def order_cf(x):
    return x, np.maximum(x, 0)


def eps_zero(x):
    return np.where(x > 1e-6, x, 0.0), x


def crossed(x):
    return np.maximum(x, 0), -x


def index_cache(x):
    return np.maximum(x, 0), np.argwhere(x > 0)


def index_cache_b(dy, where):
    dx = np.zeros_like(dy)
    for (i, j) in where:
        dx[i, j] = dy[i, j]
    return dx


_mask = [None]


def stateful(x):
    _mask[0] = x > 0
    return x * _mask[0], None


def softplus(x):
    return np.logaddexp(0, x), x


def softplus_b(dy, x):
    return dy / (1 + np.exp(-np.clip(x, -700, None)))


def aliased(x):
    y = np.maximum(x, 0)
    cache = y
    y /= 1 if y.max() <= 1 else y.max()
    return y, cache


# backward alone: the library's cache is y itself


def at_zero(dy, y):
    return np.where(y >= 0, dy, 0)


def times_y(dy, y):
    return dy * y


def mask_only(dy, y):
    return (y > 0).astype(dy.dtype)


def passed_on(dy, y):
    return dy


def by_dy(dy, y):
    return np.maximum(dy, 0)


def both_masks(dy, y):
    return np.where((y > 0) & (dy > 0), dy, 0)


def overwrite_dy(dy, y):
    dy[y <= 0] = 0
    return dy


def inverted(dy, y):
    g = dy.copy()
    g[y > 0] = 0
    return g


def half_at_zero(dy, y):
    return dy * np.where(y > 0, 1.0, np.where(y == 0, 0.5, 0.0)).astype(dy.dtype)


def greater_one(dy, y):
    return dy * (y >= 1)


def int_mask(dy, y):
    return (dy * (y > 0)).astype(int)


def wide(dy, y):
    mask = np.zeros(y.shape)
    mask[y > 0] = 1
    return dy * mask


def any_channel(dy, y):
    return dy * (y > 0).any(axis=-1, keepdims=True)


def negated(dy, y):
    return -dy * (y > 0)


def filtered(dy, y):
    return dy[y > 0]


def cache_called(dy, cache):
    (x,) = cache
    return dy * (x > 0)


def overwrite_y(dy, y):
    np.multiply(dy, y > 0, out=y)
    return y


BUGS = [
    Bug("in_place", in_place, by_x, "the negative numbers are set to 0 in x itself, so the caller's input is changed"),
    Bug("minimum", keep(lambda x: np.minimum(x, 0)), by_x, "min(x, 0) instead of max(x, 0): the negative numbers are kept"),
    Bug("absolute", keep(np.abs), lambda dy, x: dy * np.sign(x), "the absolute value instead of max(x, 0): negative numbers become positive instead of 0"),
    Bug("six", six, six_b, "capped at 6 (relu6)"),
    Bug("leaky", leaky, leaky_b, "negative numbers are multiplied by 0.01 instead of set to 0 (a leaky relu)"),
    Bug("elu", elu, elu_b, "exp(x) - 1 for negative x instead of 0 (an ELU)"),
    Bug("softplus", softplus, softplus_b, "softplus log(1 + exp(x)), the smooth version, instead of max(x, 0)"),
    Bug("whole_rows", rows, by_x, "decides for a whole row (x[i] along axis 0) instead of for each number: a row with anything positive in it is kept whole"),
    Bug("global_max", keep(lambda x: x if x.max() > 0 else np.zeros_like(x)), by_x, "looks at x.max() of the whole array instead of at each number"),
    Bug("python_max", keep(lambda x: max(0, x)), by_x, "Python's max(0, x) on an array: a crash, its truth value is ambiguous (but for arrays of one element)"),
    Bug("maximum_of_axis", keep(lambda x: np.max(x, 0)), by_x, "np.max(x, 0) is the maximum along axis 0, not np.maximum(x, 0): wrong shape"),
    Bug("two_axes_only", two_loops, by_x, "h, w = x.shape: crashes for any number of axes but two"),
    Bug("last_forgotten", skip_last, by_x, "the loop stops one early, so the last number is never rectified"),
    Bug("results_swapped", order_cf, None, "returns (x, y): x comes first, where y should be, and is unrectified"),
    Bug("threshold", eps_zero, by_x, "numbers up to 1e-6 become 0, the limit should be 0 itself"),
    Bug("ones", keep(lambda x: (x > 0).astype(x.dtype)), by_x, "returns the mask (0 or 1) instead of x times the mask: a step function"),
    Bug("float32", keep(lambda x: np.maximum(x, 0).astype("float32")), by_x, "the result is converted to float32 although the input is float64"),
    Bug("integers", keep(lambda x: np.maximum(x, 0).astype(int)), by_x, "the result is converted to int, which cuts off the decimals"),
    Bug("scaled", aliased, lambda dy, y: dy * (y > 0), "the result is divided by its maximum when that is above 1"),
    Bug("cache_negated", crossed, by_x, "the cache holds -x, so backward lets the gradient through where x is negative"),
    Bug("index_of_two_axes", index_cache, index_cache_b, "backward unpacks each index into (i, j): it crashes unless the array has two axes"),
    Bug("mask_global", stateful, lambda dy, c: dy * _mask[0], "the mask is kept in a module variable, so the next forward overwrites the state that this backward needs"),
    Bug("no_cache", lambda x: np.maximum(x, 0), by_x, "forward returns y alone: there is no cache, so its result is not a pair"),
    Bug("at_zero", None, at_zero, "y >= 0 is always true, so dy is passed on everywhere (it should be y > 0)"),
    Bug("times_y", None, times_y, "dy is multiplied by y itself instead of by the 0/1 mask"),
    Bug("mask_only", None, mask_only, "returns the derivative (0 or 1) without multiplying it by dy"),
    Bug("passed_on", None, passed_on, "dy is returned unchanged; the mask is forgotten"),
    Bug("relu_of_dy", None, by_dy, "the relu is applied to dy instead of masking by where x was positive"),
    Bug("guided", None, both_masks, "negative dy are set to 0 too (guided backpropagation), only where x is positive should count"),
    Bug("overwrites_dy", None, overwrite_dy, "dy is masked in place, so the caller's dy is changed"),
    Bug("inverted", None, inverted, "the mask is inverted: dy passes where x was not positive"),
    Bug("half_at_zero", None, half_at_zero, "half of dy is let through where y is 0; it looks at y, so this is everywhere x was negative too"),
    Bug("above_one", None, greater_one, "lets dy through only where y is at least 1 instead of above 0"),
    Bug("integers_back", None, int_mask, "dx is converted to int, so its decimals are cut off"),
    Bug("any_channel", None, any_channel, "one mask for all channels of a position (any over the last axis) instead of one for each number"),
    Bug("negated", None, negated, "dx has the wrong sign"),
    Bug("filtered", None, filtered, "dy[y > 0] picks the numbers out into a flat array: wrong shape"),
    Bug("unpacks", None, cache_called, "unpacks the cache as a tuple of one, but it is the array: a crash (or, with length 1, only its first row)"),
    Bug("overwrites_cache", None, overwrite_y, "dx is written into the cached y (out=), so a second backward masks by the signs of the first one's dx, and the forward's result is changed"),
]

# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("float64_mask", None, wide))
