"""batch_norm as learners write it: right and wrong."""

import math
from collections import namedtuple

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

# =============================================================================================== right ones


def fwd_flat(x, gamma, beta, *, epsilon):
    flat = x.reshape(-1, x.shape[-1])
    mu = flat.mean(0)
    xc = flat - mu
    var = (xc**2).mean(0)
    istd = 1.0 / np.sqrt(var + epsilon)
    xhat = xc * istd
    y = gamma * xhat + beta
    return y.reshape(x.shape), {"xhat": xhat, "istd": istd, "gamma": gamma, "shape": x.shape}


def bwd_flat(dy, cache):
    xhat, istd, gamma = cache["xhat"], cache["istd"], cache["gamma"]
    d = dy.reshape(xhat.shape)
    m = d.shape[0]
    dbeta = d.sum(0)
    dgamma = (d * xhat).sum(0)
    dx = gamma * istd / m * (m * d - dbeta - xhat * dgamma)
    return dx.reshape(cache["shape"]), dgamma, dbeta


def fwd_closure(x, gamma, beta, *, epsilon):
    ax = tuple(range(x.ndim - 1))
    mu = np.mean(x, axis=ax, keepdims=True)
    centered = x - mu
    v = np.mean(np.square(centered), axis=ax, keepdims=True)
    r = 1 / np.sqrt(v + epsilon)
    norm = centered * r

    def pull(dout):
        n = x.size // x.shape[-1]
        dnorm = dout * gamma
        dvar = np.sum(dnorm * centered, axis=ax, keepdims=True) * -0.5 * r**3
        dmu = np.sum(-dnorm * r, axis=ax, keepdims=True) + dvar * np.mean(-2.0 * centered, axis=ax, keepdims=True)
        dx = dnorm * r + dvar * 2.0 * centered / n + dmu / n
        return dx, np.sum(dout * norm, axis=ax), np.sum(dout, axis=ax)

    return norm * gamma + beta, pull


def bwd_closure(dy, cache):
    return cache(dy)


def fwd_loop(x, gamma, beta, *, epsilon):
    y = np.zeros_like(x)
    saved = []
    for c in range(x.shape[-1]):
        ch = x[..., c]
        m = ch.mean()
        s = math.sqrt(((ch - m) ** 2).mean() + epsilon)
        z = (ch - m) / s
        y[..., c] = z * gamma[c] + beta[c]
        saved.append((z, s, gamma[c]))
    return y, saved


def bwd_loop(dy, cache):
    dx = np.zeros_like(dy)
    C = dy.shape[-1]
    dg = np.zeros(C, dy.dtype)
    db = np.zeros(C, dy.dtype)
    for c in range(C):
        z, s, g = cache[c]
        d = dy[..., c]
        db[c] = d.sum()
        dg[c] = (d * z).sum()
        dx[..., c] = (g / s) * (d - d.mean() - z * (d * z).mean())
    return dx, dg, db


def fwd_einsum(x, gamma, beta, *, epsilon):
    X = x.reshape(-1, x.shape[-1])
    n = X.shape[0]
    mu = np.einsum("nc->c", X - X[0]) / n + X[0]
    c = X - mu
    var = np.einsum("nc,nc->c", c, c) / n
    inv = np.power(var + epsilon, -0.5)
    return (np.einsum("nc,c,c->nc", c, inv, gamma) + beta).reshape(x.shape), (c, inv, gamma, n)


def bwd_einsum(dy, cache):
    c, inv, gamma, n = cache
    g = dy.reshape(c.shape)
    db = np.einsum("nc->c", g)
    dg = np.einsum("nc,nc->c", g, c) * inv
    dx = (g - (db + c * (inv * dg)) / n) * (inv * gamma)
    return dx.reshape(dy.shape), dg, db


_Saved = namedtuple("_Saved", "x mean var gamma eps")


def fwd_transposed(x, gamma, beta, *, epsilon):
    t = np.moveaxis(x, -1, 0)
    rows = t.reshape(t.shape[0], -1)
    mean = rows.mean(1)
    var = rows.var(1)
    out = (rows - mean[:, None]) / np.sqrt(var + epsilon)[:, None] * gamma[:, None] + beta[:, None]
    return np.moveaxis(out.reshape(t.shape), 0, -1), _Saved(x, mean, var, gamma, epsilon)


def bwd_transposed(dy, s):
    rows = np.moveaxis(s.x, -1, 0).reshape(len(s.gamma), -1)
    g = np.moveaxis(dy, -1, 0).reshape(len(s.gamma), -1)
    std = np.sqrt(s.var + s.eps)[:, None]
    z = (rows - s.mean[:, None]) / std
    dz = g * s.gamma[:, None]
    dx = (dz - dz.mean(1, keepdims=True) - z * (dz * z).mean(1, keepdims=True)) / std
    t_shape = np.moveaxis(s.x, -1, 0).shape
    return np.moveaxis(dx.reshape(t_shape), 0, -1), (g * z).sum(1), g.sum(1)


def fwd_projection(x, gamma, beta, *, epsilon):
    # one pass, shifted by the first row so that no digits cancel
    shape = x.shape
    m = x.reshape(-1, shape[-1])
    first = m[0]
    s = m - first
    k = np.ones(len(m), x.dtype)
    mean_s = (k @ s) / len(m)
    dev = s - mean_s
    var = (k @ (dev * dev)) / len(m)
    scale = gamma / np.sqrt(var + epsilon)
    return (dev * scale + beta).reshape(shape), [dev, var + epsilon, gamma, shape]


def bwd_projection(dy, cache):
    dev, ve, gamma, shape = cache
    d = dy.reshape(dev.shape)
    unit = dev / np.sqrt(ve)
    n = len(dev)
    k = np.ones(n, dy.dtype)
    grad = d - np.outer(k, k @ d) / n - unit * ((k @ (d * unit)) / n)
    return (grad * (gamma / np.sqrt(ve))).reshape(shape), k @ (d * unit), k @ d


CORRECT = [
    Correct("flat rows, short formula", fwd_flat, bwd_flat),
    Correct("closure, staged formula", fwd_closure, bwd_closure),
    Correct("a loop over channels", fwd_loop, bwd_loop),
    Correct("einsum", fwd_einsum, bwd_einsum),
    Correct("channels moved to the front", fwd_transposed, bwd_transposed),
    Correct("products with ones", fwd_projection, bwd_projection),
    Correct("only the backward, library cache", None, lambda dy, c: _lib_right(dy, c)),
    Correct("only the forward", fwd_loop, None),
]


def _lib_right(dy, cache):
    ax = tuple(range(dy.ndim - 1))
    z = (cache.x - cache.mean) * cache.inverse_deviation
    dg, db = (dy * z).sum(axis=ax), dy.sum(axis=ax)
    n = dy.size // dy.shape[-1]
    return cache.gamma * cache.inverse_deviation * (dy - (db + z * dg) / n), dg, db


# =============================================================================================== wrong ones: the forward

BUGS = []


def bug(name, truth):
    """Decorator for a class that holds forward and/or backward."""

    def add(cls):
        BUGS.append(Bug(name, cls.__dict__.get("forward") and cls.forward, cls.__dict__.get("backward") and cls.backward, truth))
        return cls

    return add


@bug("eps_outside", "epsilon is added to the standard deviation, outside the square root, instead of to the variance")
class _:
    def forward(x, gamma, beta, *, epsilon):
        axes = tuple(range(x.ndim - 1))
        mu = x.mean(axis=axes)
        sigma = x.std(axis=axes)
        inv = 1 / (sigma + epsilon)
        xhat = (x - mu) * inv
        return gamma * xhat + beta, dict(xhat=xhat.reshape(-1, x.shape[-1]), istd=inv, gamma=gamma, shape=x.shape)

    backward = bwd_flat


@bug("sample_variance", "the variance is the unbiased one (divided by n - 1) instead of the biased one (divided by n)")
class _:
    def forward(x, gamma, beta, *, epsilon):
        rows = x.reshape(-1, x.shape[-1])
        mean, var = rows.mean(0), rows.var(0, ddof=1)
        z = (x - mean) / np.sqrt(var + epsilon)
        return z * gamma + beta, None


@bug("batch_axis_only", "mean and variance are taken over axis 0 only, not over height and width too")
class _:
    def forward(x, gamma, beta, *, epsilon):
        m = np.mean(x, axis=0)
        v = np.var(x, axis=0)
        xn = (x - m) / np.sqrt(v + epsilon)
        out = gamma * xn + beta
        return out, (xn, m, v, gamma, epsilon)

    def backward(dout, cache):
        xn, m, v, gamma, eps = cache
        N = dout.shape[0]
        rest = tuple(range(dout.ndim - 1))
        dxn = dout * gamma
        dx = (N * dxn - dxn.sum(axis=0) - xn * (dxn * xn).sum(axis=0)) / (N * np.sqrt(v + eps))
        return dx, (dout * xn).sum(axis=rest), dout.sum(axis=rest)


@bug("layer_norm", "normalises over the last axis (the channels of each position, a layer norm) instead of over the batch and the positions of each channel")
class _:
    def forward(x, gamma, beta, *, epsilon):
        mean = x.mean(-1, keepdims=True)
        var = x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(var + epsilon) * gamma + beta, None


@bug("instance_norm", "statistics are taken for each image by itself (an instance norm): the batch axis is left out of the mean and variance")
class _:
    def forward(x, gamma, beta, *, epsilon):
        out = np.empty_like(x)
        for i, image in enumerate(x):
            px = image.reshape(-1, x.shape[-1])
            out[i] = (image - px.mean(0)) / np.sqrt(px.var(0) + epsilon) * gamma + beta
        return out, None


@bug("global_stats", "one mean and one variance over the whole array instead of one per channel")
class _:
    def forward(x, gamma, beta, *, epsilon):
        mu = x.mean()
        sigma2 = x.var()
        x_norm = (x - mu) / (sigma2 + epsilon) ** 0.5
        return x_norm * gamma + beta, (x_norm, sigma2, gamma, epsilon)

    def backward(dy, cache):
        x_norm, s2, gamma, epsilon = cache
        ax = tuple(range(dy.ndim - 1))
        g = dy * gamma
        dx = (g - g.mean() - x_norm * (g * x_norm).mean()) / (s2 + epsilon) ** 0.5
        return dx, np.sum(dy * x_norm, ax), np.sum(dy, ax)


@bug("channels_first", "treats axis 1 as the channels (NCHW, as in PyTorch): the statistics are per row of the image, not per channel of the last axis")
class _:
    def forward(x, gamma, beta, *, epsilon):
        dims = tuple(a for a in range(x.ndim) if a != 1)
        mean = x.mean(axis=dims, keepdims=True)
        var = ((x - mean) ** 2).mean(axis=dims, keepdims=True)
        xn = (x - mean) / np.sqrt(var + epsilon)
        return gamma * xn + beta, (xn, var)


@bug("no_sqrt", "divides by the variance: the square root is missing")
class _:
    def forward(x, gamma, beta, *, epsilon):
        f = x.reshape(-1, x.shape[-1])
        mu = f.sum(0) / f.shape[0]
        var = np.square(f - mu).sum(0) / f.shape[0]
        inv = 1.0 / (var + epsilon)
        xh = (f - mu) * inv
        return (xh * gamma + beta).reshape(x.shape), {"xhat": xh, "istd": inv, "gamma": gamma, "shape": x.shape}

    backward = bwd_flat


@bug("eps_hardcoded", "ignores the epsilon it is given and uses a constant 1e-8")
class _:
    def forward(x, gamma, beta, *, epsilon=1e-3):
        return fwd_closure(x, gamma, beta, epsilon=_EPS)

    backward = bwd_closure


_EPS = 1e-8


@bug("eps_twice", "epsilon is added twice: to the variance under the root and once more to the standard deviation")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim - 1))
        var = x.var(axis=ax) + epsilon
        return gamma * ((x - x.mean(axis=ax)) / (np.sqrt(var) + epsilon)) + beta, ()


@bug("swapped_params", "gamma and beta are swapped: beta scales and gamma shifts")
class _:
    def forward(x, gamma, beta, *, epsilon):
        y, cache = fwd_flat(x, beta, gamma, epsilon=epsilon)
        return y, cache

    backward = bwd_flat


@bug("shift_before_scale", "beta is added before the scaling: gamma * (xhat + beta) instead of gamma * xhat + beta")
class _:
    def forward(x, gamma, beta, *, epsilon):
        N = np.prod(x.shape[:-1])
        mean = x.reshape(N, -1).mean(axis=0)
        var = x.reshape(N, -1).var(axis=0)
        x_hat = (x - mean) / np.sqrt(var + epsilon)
        return gamma * (x_hat + beta), (x_hat, var, gamma, epsilon)


@bug("not_centred", "the mean is never subtracted: x is only divided by the standard deviation")
class _:
    def forward(x, gamma, beta, *, epsilon):
        v = x.var(axis=tuple(range(x.ndim - 1)))
        return x / np.sqrt(v + epsilon) * gamma + beta, None


@bug("second_moment", "the variance is the mean of x squared: the mean is not subtracted before squaring")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim))[:-1]
        mu = x.mean(ax, keepdims=True)
        var = (x * x).mean(ax, keepdims=True)
        r = 1 / np.sqrt(var + epsilon)
        z = (x - mu) * r
        return z * gamma + beta, dict(xhat=z.reshape(-1, x.shape[-1]), istd=r.reshape(-1), gamma=gamma, shape=x.shape)

    backward = bwd_flat


@bug("cancellation", "the variance is computed as E[x^2] - E[x]^2, which loses its digits when the mean is large compared with the spread")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim - 1))
        n = x.size / x.shape[-1]
        s1 = x.sum(ax)
        s2 = (x * x).sum(ax)
        mean = s1 / n
        var = np.maximum(s2 / n - mean * mean, 0)
        inv = 1 / np.sqrt(var + epsilon)
        xhat = ((x - mean) * inv).reshape(-1, x.shape[-1])
        return (gamma * xhat + beta).reshape(x.shape), {"xhat": xhat, "istd": inv, "gamma": gamma, "shape": x.shape}

    backward = bwd_flat


@bug("mutates_x", "the mean is subtracted from x in place (x -= mean), so the caller's input is changed")
class _:
    def forward(x, gamma, beta, *, epsilon):
        x -= x.mean(axis=tuple(range(x.ndim - 1)))
        var = (x**2).mean(axis=tuple(range(x.ndim - 1)))
        z = x / np.sqrt(var + epsilon)
        return gamma * z + beta, None


@bug("return_order", "forward returns (cache, y) instead of (y, cache)")
class _:
    def forward(x, gamma, beta, *, epsilon):
        y, cache = fwd_flat(x, gamma, beta, epsilon=epsilon)
        return cache, y


@bug("y_only", "forward returns y alone, without a cache")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim - 1))
        return gamma * (x - x.mean(ax)) / np.sqrt(x.var(ax) + epsilon) + beta


_running = {}


@bug("running_mean", "normalises by running averages kept from call to call, instead of by the statistics of this batch")
class _:
    def forward(x, gamma, beta, *, epsilon):
        C = x.shape[-1]
        axes = tuple(range(x.ndim - 1))
        st = _running.setdefault(C, [np.zeros(C), np.ones(C)])
        st[0] = 0.9 * st[0] + 0.1 * x.mean(axes)
        st[1] = 0.9 * st[1] + 0.1 * x.var(axes)
        return ((x - st[0]) / np.sqrt(st[1] + epsilon) * gamma + beta).astype(x.dtype), None


@bug("float32_inside", "computes in float32 whatever comes in, so float64 input gives a float32 result")
class _:
    def forward(x, gamma, beta, *, epsilon):
        x = x.astype(np.float32)
        g, b = np.float32(gamma), np.float32(beta)
        return fwd_flat(x, g, b, epsilon=np.float32(epsilon))

    backward = bwd_flat


@bug("mad", "divides by the mean absolute deviation instead of by the standard deviation")
class _:
    def forward(x, gamma, beta, *, epsilon):
        red = tuple(range(x.ndim - 1))
        c = x - x.mean(red)
        spread = np.abs(c).mean(red)
        return gamma * c / np.sqrt(spread**2 + epsilon) + beta, None


@bug("clamped_std", "the standard deviation is clamped from below (maximum(std, sqrt(epsilon))) instead of epsilon being added to the variance")
class _:
    def forward(x, gamma, beta, *, epsilon):
        flat = x.reshape((-1, x.shape[-1]))
        std = np.maximum(flat.std(axis=0), math.sqrt(epsilon))
        xhat = (flat - flat.mean(axis=0)) / std
        return (xhat * gamma + beta).reshape(x.shape), None


@bug("reshape_garbles", "x.reshape(C, -1) instead of a transpose: the numbers of different channels get mixed in the statistics")
class _:
    def forward(x, gamma, beta, *, epsilon):
        C = x.shape[-1]
        per_channel = x.reshape(C, -1)
        mu = per_channel.mean(axis=1)
        var = per_channel.var(axis=1)
        return (x - mu) / np.sqrt(var + epsilon) * gamma + beta, None


@bug("channel_zero_unset", "the loop over the channels starts at 1, so channel 0 of the output keeps uninitialised memory")
class _:
    def forward(x, gamma, beta, *, epsilon):
        y = np.empty(x.shape, x.dtype)
        for c in range(1, x.shape[-1]):
            v = x[..., c]
            y[..., c] = gamma[c] * (v - v.mean()) / np.sqrt(v.var() + epsilon) + beta[c]
        return y, None


@bug("count_is_n_forward", "the sums over all positions are divided by the batch size N instead of by N * H * W")
class _:
    def forward(x, gamma, beta, *, epsilon):
        n = x.shape[0]
        ax = tuple(range(x.ndim - 1))
        mean = x.sum(axis=ax) / n
        var = ((x - mean) ** 2).sum(axis=ax) / n
        return gamma * (x - mean) / np.sqrt(var + epsilon) + beta, None


@bug("one_plus_gamma", "scales by (1 + gamma) instead of by gamma")
class _:
    def forward(x, gamma, beta, *, epsilon):
        return fwd_einsum(x, gamma + 1.0, beta, epsilon=epsilon)

    backward = bwd_einsum


@bug("fused_relu", "applies a relu to the result, which does not belong to batch norm")
class _:
    def forward(x, gamma, beta, *, epsilon):
        y, c = fwd_loop(x, gamma, beta, epsilon=epsilon)
        return np.maximum(y, 0), c

    backward = bwd_loop


@bug("median", "centres by the median of the channel instead of by the mean")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim - 1))
        centre = np.median(x, axis=ax)
        var = np.var(x, axis=ax)
        return (x - centre) / np.sqrt(var + epsilon) * gamma + beta, None


@bug("drops_last_row", "the statistics leave out the last position of the batch (slice [:-1])")
class _:
    def forward(x, gamma, beta, *, epsilon):
        rows = x.reshape(-1, x.shape[-1])
        mu, var = rows[:-1].mean(0), rows[:-1].var(0)
        return (x - mu) / np.sqrt(var + epsilon) * gamma + beta, None


@bug("only_rank4", "works for four axes only: it unpacks N, H, W, C and crashes on other ranks such as (N, C)")
class _:
    def forward(x, gamma, beta, *, epsilon):
        N, H, W, C = x.shape
        mu = np.zeros(C, x.dtype)
        var = np.zeros(C, x.dtype)
        for c in range(C):
            mu[c] = x[:, :, :, c].sum() / (N * H * W)
            var[c] = ((x[:, :, :, c] - mu[c]) ** 2).sum() / (N * H * W)
        z = (x - mu) / np.sqrt(var + epsilon)
        return gamma * z + beta, dict(xhat=z.reshape(-1, C), istd=1 / np.sqrt(var + epsilon), gamma=gamma, shape=x.shape)

    backward = bwd_flat


@bug("beta_forgotten", "beta is not added")
class _:
    def forward(x, gamma, beta, *, epsilon):
        y, c = fwd_flat(x, gamma, 0.0, epsilon=epsilon)
        return y, c

    backward = bwd_flat


@bug("sign_of_centre", "subtracts x from the mean (mean - x), so the normalised values have the wrong sign")
class _:
    def forward(x, gamma, beta, *, epsilon):
        rows = np.reshape(x, (-1, np.shape(x)[-1]))
        diff = rows.mean(axis=0) - rows
        inv = 1 / np.sqrt(np.mean(diff * diff, axis=0) + epsilon)
        xh = diff * inv
        return (gamma * xh + beta).reshape(x.shape), {"xhat": xh, "istd": inv, "gamma": gamma, "shape": x.shape}


# =============================================================================================== wrong ones: the backward alone


@bug("dx_no_var", "dx lacks the way through the variance (the term - z * mean(dz * z))")
class _:
    def backward(dy, cache):
        z = (cache.x - cache.mean) * cache.inverse_deviation
        ax = tuple(range(dy.ndim - 1))
        dz = dy * cache.gamma
        return (dz - dz.mean(ax)) * cache.inverse_deviation, (dy * z).sum(ax), dy.sum(ax)


@bug("dx_no_mean", "dx lacks the way through the mean (the term - mean(dz))")
class _:
    def backward(dy, cache):
        C = dy.shape[-1]
        g = dy.reshape(-1, C)
        z = ((cache.x - cache.mean) * cache.inverse_deviation).reshape(-1, C)
        dgamma = np.einsum("nc,nc->c", g, z)
        dx = cache.gamma * cache.inverse_deviation * (g - z * dgamma / len(g))
        return dx.reshape(dy.shape), dgamma, g.sum(0)


@bug("dx_inference", "mean and variance are treated as constants: dx = dy * gamma / std, as at inference")
class _:
    def backward(dout, cache):
        x, gamma, mean, var, inv = cache
        ax = tuple(range(x.ndim - 1))
        return dout * gamma * inv, np.sum(dout * (x - mean) * inv, axis=ax), np.sum(dout, axis=ax)


@bug("dgamma_raw_x", "dgamma multiplies dy by the raw input x instead of by the normalised x")
class _:
    def backward(dy, cache):
        dx, _, db = _lib_right(dy, cache)
        dg = (dy * cache.x).reshape(-1, dy.shape[-1]).sum(axis=0)
        return dx, dg, db


@bug("dbeta_mean", "dbeta is the mean of dy instead of the sum")
class _:
    def backward(dy, cache):
        dx, dg, _ = _lib_right(dy, cache)
        return dx, dg, np.mean(dy.reshape(-1, dy.shape[-1]), axis=0)


@bug("param_grads_axis0", "dgamma and dbeta are summed over axis 0 only, so they have the wrong shape for images")
class _:
    def backward(dy, cache):
        dx, _, _ = _lib_right(dy, cache)
        z = (cache.x - cache.mean) * cache.inverse_deviation
        return dx, np.sum(dy * z, axis=0), np.sum(dy, axis=0)


@bug("m_is_batch", "dx divides by the batch size N where it should divide by the number of positions N * H * W")
class _:
    def backward(dy, cache):
        m = dy.shape[0]
        ax = tuple(range(dy.ndim - 1))
        z = (cache.x - cache.mean) * cache.inverse_deviation
        dbeta = dy.sum(ax)
        dgamma = (dy * z).sum(ax)
        dx = cache.gamma * cache.inverse_deviation / m * (m * dy - dbeta - z * dgamma)
        return dx, dgamma, dbeta


@bug("dx_no_gamma", "gamma is missing from dx")
class _:
    def backward(dy, cache):
        z = (cache.x - cache.mean) * cache.inverse_deviation
        ax = tuple(range(dy.ndim - 1))
        dg = (dy * z).sum(ax)
        db = dy.sum(ax)
        m = dy[..., 0].size
        return cache.inverse_deviation * (dy - db / m - z * dg / m), dg, db


@bug("bwd_no_eps", "backward computes 1 / sqrt(variance) without epsilon")
class _:
    def backward(dy, cache):
        std = np.sqrt(cache.variance)
        ax = tuple(range(dy.ndim - 1))
        z = (cache.x - cache.mean) / std
        dz = dy * cache.gamma
        return (dz - dz.mean(ax) - z * (dz * z).mean(ax)) / std, (dy * z).sum(ax), dy.sum(ax)


@bug("var_sign", "the variance term of dx has the wrong sign: + z * mean(dz * z)")
class _:
    def backward(dy, cache):
        n = dy.size / dy.shape[-1]
        z = (cache.x - cache.mean) * cache.inverse_deviation
        dg = np.einsum("nc,nc->c", dy.reshape(-1, dy.shape[-1]), z.reshape(-1, dy.shape[-1]))
        db = np.einsum("nc->c", dy.reshape(-1, dy.shape[-1]))
        dx = cache.gamma * cache.inverse_deviation * (dy - db / n + z * dg / n)
        return dx, dg, db


@bug("grad_order", "returns (dx, dbeta, dgamma) instead of (dx, dgamma, dbeta)")
class _:
    def backward(dy, cache):
        dx, dgamma, dbeta = _lib_right(dy, cache)
        return dx, dbeta, dgamma


@bug("dgamma_not_scaled", "dgamma uses x - mean without dividing by the standard deviation")
class _:
    def backward(dy, cache):
        dx, _, dbeta = _lib_right(dy, cache)
        dgamma = 0
        for row, d in zip((cache.x - cache.mean).reshape(-1, dy.shape[-1]), dy.reshape(-1, dy.shape[-1])):
            dgamma = dgamma + row * d
        return dx, dgamma, dbeta


@bug("mutates_dy", "dy is multiplied by gamma in place, so the caller's dy is changed (the results themselves are right)")
class _:
    def backward(dy, cache):
        ax = tuple(range(dy.ndim - 1))
        z = (cache.x - cache.mean) * cache.inverse_deviation
        dgamma, dbeta = (dy * z).sum(ax), dy.sum(ax)
        dy *= cache.gamma
        dx = cache.inverse_deviation * (dy - dy.mean(ax) - z * (dy * z).mean(ax))
        return dx, dgamma, dbeta


@bug("keepdims_grads", "dgamma and dbeta keep the summed axes (shape (1, 1, 1, C)) instead of shape (C,)")
class _:
    def backward(dy, cache):
        axes = tuple(range(dy.ndim - 1))
        z = (cache.x - cache.mean) * cache.inverse_deviation
        dg = np.sum(dy * z, axis=axes, keepdims=True)
        db = np.sum(dy, axis=axes, keepdims=True)
        n = math.prod(dy.shape[:-1])
        return cache.gamma * cache.inverse_deviation * (dy - db / n - z * dg / n), dg, db


@bug("dvar_power", "in d(variance) the inverse deviation has the power 2 instead of 3")
class _:
    def backward(dy, cache):
        x, gamma, mu, var, istd = cache
        ax = tuple(range(dy.ndim - 1))
        m = dy[..., 0].size
        xmu = x - mu
        dxhat = dy * gamma
        dvar = -0.5 * (dxhat * xmu).sum(ax) * istd**2
        dmu = -(dxhat * istd).sum(ax) - 2 * dvar * xmu.mean(ax)
        dx = dxhat * istd + dvar * 2 * xmu / m + dmu / m
        return dx, (dy * xmu * istd).sum(ax), dy.sum(ax)


@bug("dvar_no_half", "the factor 1/2 from the derivative of the square root is missing in d(variance), so the variance term is twice too large")
class _:
    def backward(dy, cache):
        ax = tuple(range(dy.ndim - 1))
        m = dy[..., 0].size
        c = cache.x - cache.mean
        ivar = cache.inverse_deviation
        dxhat = dy * cache.gamma
        divar = np.sum(dxhat * c, axis=ax)
        dsqrtvar = -divar * ivar**2
        dvar = ivar * dsqrtvar
        dxmu = dxhat * ivar + 2 * c * dvar / m
        return dxmu - dxmu.sum(axis=ax) / m, np.sum(dy * c, axis=ax) * ivar, np.sum(dy, axis=ax)


@bug("dgamma_with_gamma", "dgamma is computed from dy * gamma instead of from dy, so it has a factor gamma too much")
class _:
    def backward(dy, cache):
        ax = tuple(range(dy.ndim - 1))
        dy_scaled = dy * cache.gamma
        xhat = (cache.x - cache.mean) * cache.inverse_deviation
        dx = cache.inverse_deviation * (dy_scaled - dy_scaled.mean(ax) - xhat * (dy_scaled * xhat).mean(ax))
        return dx, np.sum(dy_scaled * xhat, axis=ax), np.sum(dy, axis=ax)


@bug("dx_n_minus_1", "the variance term of dx is divided by n - 1, though the forward's variance is the biased one (divided by n)")
class _:
    def backward(dy, cache):
        d = dy.reshape(-1, dy.shape[-1])
        c = cache.x.reshape(d.shape) - cache.mean
        s = cache.inverse_deviation
        n = len(d)
        dz = d * cache.gamma
        dx = s * (dz - dz.mean(0)) - s**3 * c * (dz * c).sum(0) / max(n - 1, 1)
        return dx.reshape(dy.shape), (d * c).sum(0) * s, d.sum(0)


@bug("bwd_float32", "the gradients are returned as float32 though everything that came in was float64")
class _:
    def backward(dy, cache):
        return tuple(a.astype("float32") for a in _lib_right(dy, cache))


@bug("only_dx", "backward returns dx alone; dgamma and dbeta are missing")
class _:
    def backward(dy, cache):
        return _lib_right(dy, cache)[0]


@bug("n_is_size", "n is the number of all elements (x.size) instead of the number of positions per channel, so the mean terms of dx are C times too small")
class _:
    def backward(dy, cache):
        n = cache.x.size
        ax = tuple(range(dy.ndim - 1))
        z = (cache.x - cache.mean) * cache.inverse_deviation
        dgamma, dbeta = (dy * z).sum(axis=ax), dy.sum(axis=ax)
        return cache.gamma * cache.inverse_deviation * (dy - dbeta / n - z * dgamma / n), dgamma, dbeta


@bug("means_over_axis0", "the two means in dx are taken over axis 0 only instead of over all positions")
class _:
    def backward(dy, cache):
        _, dgamma, dbeta = _lib_right(dy, cache)
        z = (cache.x - cache.mean) * cache.inverse_deviation
        g = dy * cache.gamma
        return cache.inverse_deviation * (g - g.mean(axis=0) - z * (g * z).mean(axis=0)), dgamma, dbeta


@bug("z_missing_in_dx", "the variance term of dx is - mean(dz * z): it is not multiplied by z again")
class _:
    def backward(dy, cache):
        ax = tuple(range(dy.ndim - 1))
        z = (cache.x - cache.mean) * cache.inverse_deviation
        dz = dy * cache.gamma
        dx = cache.inverse_deviation * (dz - dz.mean(ax) - (dz * z).mean(ax))
        return dx, (dy * z).sum(ax), dy.sum(ax)


@bug("variance_as_std", "backward divides by the variance + epsilon where it should divide by its square root (in dx)")
class _:
    def backward(dy, cache):
        ax = tuple(range(dy.ndim - 1))
        var_eps = 1 / cache.inverse_deviation**2
        z = (cache.x - cache.mean) * cache.inverse_deviation
        dz = dy * cache.gamma
        return (dz - dz.mean(ax) - z * (dz * z).mean(ax)) / var_eps, (dy * z).sum(ax), dy.sum(ax)


@bug("negated_dx", "dx has the opposite sign (as if it were already the step down the gradient)")
class _:
    def backward(dy, cache):
        dx, dg, db = _lib_right(dy, cache)
        return -dx, dg, db


# =============================================================================================== wrong ones: both, and the cache


@bug("cache_y", "the cache holds y (after gamma and beta) and backward uses it as the normalised x")
class _:
    def forward(x, gamma, beta, *, epsilon):
        y, c = fwd_flat(x, gamma, beta, epsilon=epsilon)
        return y, {**c, "xhat": y.reshape(c["xhat"].shape)}

    backward = bwd_flat


@bug("cache_aliased", "xhat is put into the cache and then scaled and shifted in place, so backward sees y instead of xhat")
class _:
    def forward(x, gamma, beta, *, epsilon):
        axes = tuple(range(x.ndim - 1))
        mu, var = x.mean(axes), x.var(axes)
        istd = 1 / np.sqrt(var + epsilon)
        out = (x - mu) * istd
        cache = (out, istd, gamma)
        out *= gamma
        out += beta
        return out, cache

    def backward(dy, cache):
        xhat, istd, gamma = cache
        axes = tuple(range(dy.ndim - 1))
        dxhat = dy * gamma
        dx = istd * (dxhat - dxhat.mean(axes) - xhat * (dxhat * xhat).mean(axes))
        return dx, (dy * xhat).sum(axes), dy.sum(axes)


@bug("eps_differs_in_backward", "backward uses a constant 1e-5 for epsilon although the forward uses the argument")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim - 1))
        mu, var = x.mean(ax), x.var(ax)
        return (x - mu) / np.sqrt(var + epsilon) * gamma + beta, (x, mu, var, gamma)

    def backward(dy, cache, epsilon=1e-5):
        x, mu, var, gamma = cache
        return bwd_flat(
            dy,
            dict(
                xhat=((x - mu) / np.sqrt(var + epsilon)).reshape(-1, x.shape[-1]),
                istd=1 / np.sqrt(var + epsilon),
                gamma=gamma,
                shape=x.shape,
            ),
        )


@bug("cache_std_not_inverse", "the cache holds the standard deviation, and backward multiplies by it as if it were its inverse")
class _:
    def forward(x, gamma, beta, *, epsilon):
        flat = x.reshape(-1, x.shape[-1])
        std = np.sqrt(flat.var(0) + epsilon)
        xhat = (flat - flat.mean(0)) / std
        return (xhat * gamma + beta).reshape(x.shape), {"xhat": xhat, "istd": std, "gamma": gamma, "shape": x.shape}

    backward = bwd_flat


_last = {}


@bug("global_cache", "the cache is a module variable: a second forward overwrites what the first one's backward needs")
class _:
    def forward(x, gamma, beta, *, epsilon):
        y, _last["cache"] = fwd_flat(x, gamma, beta, epsilon=epsilon)
        return y, None

    def backward(dy, cache):
        return bwd_flat(dy, _last["cache"])


_sums = {}


@bug("accumulating_grads", "dgamma and dbeta are added up over calls (never set back to zero), so the second backward returns the sum of two")
class _:
    forward = fwd_flat

    def backward(dy, cache):
        dx, dg, db = bwd_flat(dy, cache)
        key = dg.shape, dg.dtype.char
        if key not in _sums:
            _sums[key] = [np.zeros_like(dg), np.zeros_like(db)]
        _sums[key][0] += dg
        _sums[key][1] += db
        return dx, _sums[key][0].copy(), _sums[key][1].copy()


@bug("gamma_folded_twice", "gamma is multiplied twice into dx: once into the cached scale and once into dy")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim - 1))
        inv = 1 / np.sqrt(x.var(ax) + epsilon)
        z = (x - x.mean(ax)) * inv
        return gamma * z + beta, (z, inv * gamma, gamma)

    def backward(dy, cache):
        z, scale, gamma = cache
        ax = tuple(range(dy.ndim - 1))
        dz = gamma * dy
        return scale * (dz - dz.mean(ax) - z * (dz * z).mean(ax)), (dy * z).sum(ax), dy.sum(ax)


@bug("backward_crash", "backward unpacks four values from a cache that holds three, and crashes")
class _:
    def forward(x, gamma, beta, *, epsilon):
        ax = tuple(range(x.ndim - 1))
        xn = (x - x.mean(ax)) / np.sqrt(x.var(ax) + epsilon)
        return gamma * xn + beta, (xn, x.var(ax) + epsilon, gamma)

    def backward(dy, cache):
        xn, var, gamma, beta = cache
        ax = tuple(range(dy.ndim - 1))
        dn = dy * gamma
        return (dn - dn.mean(ax) - xn * (dn * xn).mean(ax)) / np.sqrt(var), (dy * xn).sum(ax), dy.sum(ax)


def numpy_int_count(dy, cache):
    """The number of positions is an integer of NumPy, so that float32 becomes float64, which is right."""
    m = np.prod(dy.shape[:-1])
    _, dgamma, dbeta = _lib_right(dy, cache)
    z = (cache.x - cache.mean) * cache.inverse_deviation
    return cache.gamma * cache.inverse_deviation * (dy - dbeta / m - z * dgamma / m), dgamma, dbeta


CORRECT.append(Correct("numpy_int_count", None, numpy_int_count))
