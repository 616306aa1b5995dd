"""dropout as learners write it: right and wrong. The mask is any function of the seed."""

import random

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

# ----------------------------------------------------------------------------------- right


def rng_forward(x, *, rate, seed):
    mask = np.random.default_rng(seed).random(x.shape) >= rate
    return x * mask / (1 - rate), (mask, rate)


def rng_backward(dy, cache):
    mask, rate = cache
    return dy * mask / (1 - rate)


def scaled_forward(x, *, rate, seed):
    gen = np.random.RandomState(seed)
    keep = 1.0 - rate
    u = (gen.uniform(size=x.shape) < keep).astype(x.dtype) / x.dtype.type(keep)
    return u * x, u


def closure_forward(x, *, rate, seed):
    g = np.random.Generator(np.random.PCG64([seed, 99]))
    dropped = g.random(x.size).reshape(x.shape) < rate

    def apply(a):
        out = a / (1 - rate)
        out[dropped] = 0
        return out

    return apply(x), apply


def binomial_forward(x, *, rate, seed):
    r = np.random.default_rng(seed)
    kept = r.binomial(1, 1 - rate, size=x.shape).astype(bool)
    return np.where(kept, x / (1 - rate), x.dtype.type(0)), {"kept": kept, "q": 1 - rate}


def python_forward(x, *, rate, seed):
    dice = random.Random(seed)
    flat = x.ravel()
    out = np.zeros_like(flat)
    kept = []
    for i in range(flat.size):
        if dice.random() >= rate:
            out[i] = flat[i] / (1 - rate)
            kept.append(i)
    return out.reshape(x.shape), (kept, rate)


def python_backward(dy, cache):
    kept, rate = cache
    dx = np.zeros(dy.size, dy.dtype)
    dx[kept] = dy.ravel()[kept] / (1 - rate)
    return dx.reshape(dy.shape)


def again_forward(x, *, rate, seed):
    """Keeps only what the mask is made from."""
    return rng_backward(x, (_mask(x.shape, rate, seed), rate)), (rate, seed)


def _mask(shape, rate, seed):
    return np.random.Generator(np.random.Philox(seed)).random(shape, dtype=np.float32) >= np.float32(rate)


def again_backward(dy, cache):
    rate, seed = cache
    return rng_backward(dy, (_mask(dy.shape, rate, seed), rate))


CORRECT = [
    Correct("default_rng", rng_forward, rng_backward),
    Correct("scaled mask", scaled_forward, lambda dy, u: dy * u),
    Correct("closure", closure_forward, lambda dy, f: f(dy)),
    Correct("binomial", binomial_forward, lambda dy, c: np.where(c["kept"], dy / c["q"], dy.dtype.type(0))),
    Correct("Python's random in a loop", python_forward, python_backward),
    Correct("mask made again", again_forward, again_backward),
    Correct("backward alone", None, rng_backward),
]

# ----------------------------------------------------------------------------------- wrong


def draw(x, rate, seed):
    return np.random.default_rng(seed).random(x.shape) >= rate


def not_scaled(x, *, rate, seed):
    m = draw(x, rate, seed)
    return x * m, m


def scaled_by_rate(x, *, rate, seed):
    m = draw(x, rate, seed)
    return np.where(m, x / rate if rate else x, 0.0).astype(x.dtype), (m, rate)


def multiplied(x, *, rate, seed):
    m = draw(x, rate, seed)
    return x * m * (1 - rate), (m, rate)


def swapped(x, *, rate, seed):
    mask = np.random.default_rng(seed).random(x.shape) < rate
    return x * mask / (1 - rate), (mask, rate)


def keep_prob(x, *, rate, seed):
    keep = rate or 1.0
    mask = np.random.default_rng(seed).random(x.shape) < keep
    return x * mask / keep, (mask, 1 - keep)


def unseeded(x, *, rate, seed):
    m = np.random.rand(*x.shape) >= rate
    return x * m / (1 - rate), (m, rate)


def fixed_seed(x, *, rate, seed=None):
    m = np.random.default_rng(42).random(x.shape) >= rate
    return x * m / (1 - rate), (m, rate)


_generator = np.random.default_rng(0)


def lasting_generator(x, *, rate, seed):
    mask = (_generator.random(x.shape) >= rate).astype(x.dtype)
    mask /= 1 - rate
    return x * mask, mask


_by_seed = {}


def generator_per_seed(x, *, rate, seed):
    g = _by_seed.setdefault(seed, np.random.default_rng(seed))
    m = g.random(x.shape) >= rate
    return x * m / (1 - rate), (m, rate)


def in_place(x, *, rate, seed):
    m = draw(x, rate, seed)
    x *= m
    x /= 1 - rate
    return x.copy(), (m, rate)


def per_channel(x, *, rate, seed):
    m = np.random.default_rng(seed).random(x.shape[-1]) >= rate
    return x * m / (1 - rate), (m, rate)


def per_example(x, *, rate, seed):
    m = np.random.default_rng(seed).random((x.shape[0],) + (1,) * (x.ndim - 1)) >= rate
    return x * m / (1 - rate), (m, rate)


def same_for_batch(x, *, rate, seed):
    m = np.random.default_rng(seed).random(x.shape[1:]) >= rate
    return x * m / (1 - rate), (m, rate)


def normal_noise(x, *, rate, seed):
    noise = np.random.default_rng(seed).normal(1, np.sqrt(rate / (1 - rate)), x.shape).astype(x.dtype)
    return x * noise, noise


def normal_compared(x, *, rate, seed):
    m = np.random.default_rng(seed).standard_normal(x.shape) >= rate
    return x * m / (1 - rate), (m, rate)


def first_ones(x, *, rate, seed):
    m = np.ones(x.size, bool)
    m[: int(round(rate * x.size))] = False
    m = m.reshape(x.shape)
    return x * m / (1 - rate), (m, rate)


def by_size(x, *, rate, seed):
    m = np.abs(x) >= np.quantile(np.abs(x), rate)
    return x * m / (1 - rate), (m, rate)


def measured_share(x, *, rate, seed):
    m = draw(x, rate, seed)
    q = float(m.mean())
    return x * m / q, (m, 1 - q)


def rounded_rate(x, *, rate, seed):
    r = int(rate)
    m = np.random.default_rng(seed).random(x.shape) >= r
    return x * m / (1 - rate), (m, rate)


def scaled_twice(x, *, rate, seed):
    u = draw(x, rate, seed) / (1 - rate)
    return (x * u / (1 - rate)).astype(x.dtype), u.astype(x.dtype)


def filled_with_mean(x, *, rate, seed):
    m = draw(x, rate, seed)
    return np.where(m, x / (1 - rate), x.mean()), (m, rate)


def inference(x, *, rate, seed, training=False):
    if not training:
        return x.copy(), (np.ones(x.shape, bool), 0.0)
    return rng_forward(x, rate=rate, seed=seed)


def float64_mask(x, *, rate, seed):
    u = (np.random.default_rng(seed).random(x.shape) >= rate) / (1 - rate)
    return x * u, u


def rate_plus_one(x, *, rate, seed):
    m = draw(x, rate, seed)
    return x * m / (1 + rate), (m, rate)


def mask_from_y(x, *, rate, seed):
    y, _ = rng_forward(x, rate=rate, seed=seed)
    return y, (y != 0, rate)


def new_mask_forward(x, *, rate, seed):
    return rng_forward(x, rate=rate, seed=seed)[0], (rate, seed)


def new_mask_backward(dy, cache):
    rate, seed = cache
    m = np.random.default_rng(seed + 1).random(dy.shape) >= rate
    return dy * m / (1 - rate)


def cache_is_rate(x, *, rate, seed):
    m = draw(x, rate, seed)
    return x * m / (1 - rate), (rate, m)


_newest = {}


def newest_mask(x, *, rate, seed):
    _newest["mask"] = draw(x, rate, seed)
    return x * _newest["mask"] / (1 - rate), rate


def newest_mask_back(dy, rate):
    return dy * _newest["mask"] / (1 - rate)


# backward alone: the library's cache is (mask, rate)


def b_not_scaled(dy, cache):
    return dy * cache[0]


def b_no_mask(dy, cache):
    return dy / (1 - cache[1])


def b_passed_on(dy, cache):
    return dy.copy()


def b_inverted(dy, cache):
    mask, rate = cache
    return dy * ~mask / (1 - rate)


def b_multiplied(dy, cache):
    mask, rate = cache
    return np.where(mask, dy * (1 - rate), 0.0).astype(dy.dtype)


def b_rate(dy, cache):
    mask, rate = cache
    return dy * mask / rate


def b_in_place(dy, cache):
    mask, rate = cache
    dy[~mask] = 0
    return dy / (1 - rate)


def b_squared(dy, cache):
    mask, rate = cache
    return mask * dy / (1 - rate) ** 2


def b_filtered(dy, cache):
    mask, rate = cache
    return dy[mask] / (1 - rate)


def b_new_mask(dy, cache):
    _, rate = cache
    return dy * (np.random.random(dy.shape) >= rate) / (1 - rate)


def b_mean_share(dy, cache):
    mask, _ = cache
    return dy * mask / mask.mean().astype(dy.dtype)


def b_half(dy, cache):
    mask, _ = cache
    return dy * mask * 2


def b_overwrites_mask(dy, cache):
    mask, rate = cache
    np.logical_not(mask, out=mask)
    out = dy / (1 - rate)
    out[mask] = 0
    return out


def b_first_row(dy, cache):
    mask, rate = cache
    return dy * mask[:1] / (1 - rate)


def b_tuple(dy, cache):
    mask, rate = cache
    return dy * mask / (1 - rate), None


def b_float32(dy, cache):
    mask, rate = cache
    scale = np.where(mask, 1 / (1 - rate), 0).astype(np.float32)
    return np.multiply(dy, scale, dtype=np.float32)


BUGS = [
    Bug("not_scaled", not_scaled, lambda dy, m: dy * m, "the kept numbers are not divided by 1 - rate"),
    Bug("scaled_by_rate", scaled_by_rate, rng_backward, "the kept numbers are divided by rate instead of by 1 - rate"),
    Bug("multiplied", multiplied, rng_backward, "the kept numbers are multiplied by 1 - rate instead of divided by it"),
    Bug("swapped", swapped, rng_backward, "the comparison is the wrong way round: numbers are kept with probability rate instead of dropped"),
    Bug("keep_prob", keep_prob, rng_backward, "rate is taken for the probability to keep a number (and scaled accordingly)"),
    Bug("unseeded", unseeded, rng_backward, "the seed is not used: the mask comes from NumPy's global generator, so it differs from call to call"),
    Bug("fixed_seed", fixed_seed, rng_backward, "the seed is fixed to 42, so the argument changes nothing"),
    Bug("lasting_generator", lasting_generator, lambda dy, m: dy * m, "one generator lives in the module and goes on from call to call, so the mask is not a function of the seed"),
    Bug("generator_per_seed", generator_per_seed, rng_backward, "the generator of a seed is kept and goes on: a second call with the same seed gives another mask"),
    Bug("in_place", in_place, rng_backward, "x is masked and scaled in place, so the caller's input is changed"),
    Bug("per_channel", per_channel, rng_backward, "one decision for each channel (last axis) instead of for each number: whole channels are dropped"),
    Bug("per_example", per_example, rng_backward, "one decision for each example (axis 0): whole examples are dropped"),
    Bug("same_for_batch", same_for_batch, rng_backward, "the mask has no batch axis: every example loses the same places"),
    Bug("noise", normal_noise, lambda dy, n: dy * n, "multiplies by Gaussian noise (Gaussian dropout) instead of setting numbers to 0"),
    Bug("normal_compared", normal_compared, rng_backward, "standard normal numbers are compared with rate instead of uniform ones, so far too many are dropped"),
    Bug("first_ones", first_ones, rng_backward, "the first rate * size numbers are dropped instead of random ones; the seed is not used"),
    Bug("smallest", by_size, rng_backward, "the numbers smallest in absolute value are dropped instead of random ones; the seed is not used"),
    Bug("measured_share", measured_share, rng_backward, "divides by the share that was actually kept (mask.mean()) instead of by 1 - rate"),
    Bug("int_rate", rounded_rate, rng_backward, "int(rate) is 0, so nothing is dropped, but everything is scaled by 1 / (1 - rate)"),
    Bug("scaled_twice", scaled_twice, lambda dy, u: dy * u, "1 / (1 - rate) is applied twice in the forward: the mask contains it already"),
    Bug("mean_filled", filled_with_mean, rng_backward, "dropped numbers become the mean of x instead of 0"),
    Bug("inference", inference, rng_backward, "does nothing: a training flag that nobody sets is False by default"),
    Bug("one_plus_rate", rate_plus_one, rng_backward, "divides by 1 + rate instead of by 1 - rate"),
    Bug("mask_from_y", mask_from_y, rng_backward, "the mask is read off as y != 0, so numbers that were 0 in x count as dropped in backward"),
    Bug("new_mask", new_mask_forward, new_mask_backward, "backward draws another mask (seed + 1) than the forward"),
    Bug("cache_order", cache_is_rate, rng_backward, "the cache is packed as (rate, mask) but unpacked as (mask, rate)"),
    Bug("newest_mask", newest_mask, newest_mask_back, "the mask is kept in a module variable that the next forward overwrites; state outside the cache"),
    Bug("b_not_scaled", None, b_not_scaled, "backward does not divide by 1 - rate"),
    Bug("b_no_mask", None, b_no_mask, "backward does not apply the mask: dropped numbers get a gradient"),
    Bug("b_passed_on", None, b_passed_on, "backward passes dy on unchanged, neither masked nor scaled"),
    Bug("b_inverted", None, b_inverted, "backward uses the inverted mask: the dropped places get the gradient"),
    Bug("b_multiplied", None, b_multiplied, "backward multiplies by 1 - rate instead of dividing"),
    Bug("b_rate", None, b_rate, "backward divides by rate instead of by 1 - rate"),
    Bug("b_in_place", None, b_in_place, "dy is masked in place: the caller's dy is changed"),
    Bug("b_squared", None, b_squared, "backward divides by (1 - rate) twice"),
    Bug("b_filtered", None, b_filtered, "dy[mask] picks the kept numbers out into a flat array: wrong shape"),
    Bug("b_new_mask", None, b_new_mask, "backward draws a new random mask instead of using the one in the cache"),
    Bug("b_mean_share", None, b_mean_share, "backward divides by the share that was kept (mask.mean()) instead of by 1 - rate"),
    Bug("b_half", None, b_half, "backward doubles the kept numbers, which is right for rate 0.5 only"),
    Bug("b_overwrites_mask", None, b_overwrites_mask, "the cached mask is inverted in place, so a second backward uses the wrong one"),
    Bug("b_first_row", None, b_first_row, "the mask of the first example (axis 0) is used for all examples"),
    Bug("b_tuple", None, b_tuple, "backward returns a tuple instead of the array dx"),
    Bug("b_float32", None, b_float32, "dx is computed in float32, whatever dy is"),
]

# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("float64_mask", float64_mask, lambda dy, u: dy * u))
