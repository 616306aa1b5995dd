"""softmax_cross_entropy as learners write it: right and wrong. The loss is one per position, but for two wrong ones."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from scipy.special import log_softmax, logsumexp

# =============================================================================================== right ones


def right_forward(logits, target):
    z = logits - logits.max(axis=-1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    loss = -np.take_along_axis(logp, np.asarray(target)[..., None].astype(int), -1)[..., 0]
    return loss, (np.exp(logp), np.asarray(target).astype(int))


def right_backward(dy, cache):
    p, t = cache
    onehot = (np.arange(p.shape[-1]) == t[..., None]).astype(p.dtype)
    return (p - onehot) * np.asarray(dy)[..., None]


def onehot_forward(logits, target):
    K = logits.shape[-1]
    hot = np.eye(K, dtype=logits.dtype)[target]
    m = np.max(logits, axis=-1, keepdims=True)
    e = np.exp(logits - m)
    s = np.sum(e, axis=-1, keepdims=True)
    lse = (np.log(s) + m)[..., 0]
    return lse - np.einsum("...k,...k->...", hot, logits), {"probs": e / s, "hot": hot}


def onehot_backward(dy, cache):
    return np.einsum("...,...k->...k", dy, cache["probs"] - cache["hot"])


def loop_forward(logits, target):
    loss = np.zeros(logits.shape[:-1], logits.dtype)
    probs = np.zeros_like(logits)
    for where in np.ndindex(*logits.shape[:-1]):
        row = logits[where]
        top = max(row)
        total = 0.0
        for v in row:
            total += np.exp(v - top)
        for k, v in enumerate(row):
            probs[where + (k,)] = np.exp(v - top) / total
        loss[where] = np.log(total) - (row[target[where]] - top)
    return loss, (probs, target)


def loop_backward(dy, cache):
    probs, target = cache
    d = np.empty_like(probs)
    for where in np.ndindex(*probs.shape[:-1]):
        for k in range(probs.shape[-1]):
            d[where + (k,)] = (probs[where + (k,)] - (1.0 if target[where] == k else 0.0)) * dy[where]
    return d


def scipy_forward(logits, target):
    rows = logits.reshape(-1, logits.shape[-1])
    ids = np.ravel(target).astype(np.int64)
    logp = log_softmax(rows, axis=1)
    picked = logp[np.arange(len(ids)), ids]

    def pullback(dy):
        g = np.exp(logp)
        g[np.arange(len(ids)), ids] -= 1
        g *= np.reshape(dy, (-1, 1))
        return g.reshape(logits.shape)

    return -picked.reshape(logits.shape[:-1]), pullback


def scipy_backward(dy, pullback):
    return pullback(dy)


def lse_forward(logits, target):
    ids = np.asarray(target, dtype=np.intp)
    lse = logsumexp(logits, axis=-1).astype(logits.dtype)
    chosen = np.where(np.arange(logits.shape[-1]) == ids[..., None], logits, 0).sum(-1)
    return lse - chosen, (logits, lse, ids)


def jacobian_backward(dy, cache):
    # the whole Jacobian of the softmax times d loss / d log p
    logits, lse, ids = cache
    logp = logits - np.asarray(lse)[..., None]
    K = logits.shape[-1]
    seed = np.zeros_like(logits)
    np.put_along_axis(seed, ids[..., None], -1, axis=-1)
    J = np.eye(K, dtype=logits.dtype) - np.exp(logp)[..., None, :]
    return np.squeeze(seed[..., None, :] @ J, axis=-2) * dy[..., None]


def class_forward(logits, target):
    K = logits.shape[-1]
    m = logits[..., 0]
    for k in range(1, K):
        m = np.maximum(m, logits[..., k])
    total = 0
    for k in range(K):
        total = total + np.exp(logits[..., k] - m)
    z = np.choose(np.asarray(target, dtype=int), [logits[..., k] for k in range(K)])
    return np.log(total) + (m - z), dict(logits=logits, m=m, total=total, target=target)


def class_backward(dy, c):
    planes = []
    for k in range(c["logits"].shape[-1]):
        planes.append(dy * (np.exp(c["logits"][..., k] - c["m"]) / c["total"] - (c["target"] == k)))
    return np.stack(planes, axis=-1)


CORRECT = [
    Correct("take_along_axis", right_forward, right_backward),
    Correct("one-hot and einsum", onehot_forward, onehot_backward),
    Correct("loops", loop_forward, loop_backward),
    Correct("scipy log_softmax, closure", scipy_forward, scipy_backward),
    Correct("logsumexp, whole Jacobian", lse_forward, jacobian_backward),
    Correct("class by class", class_forward, class_backward),
    Correct("backward alone", None, lambda dy, c: right_backward(dy, (c[0], c[1].astype(int)))),
    Correct("forward alone", onehot_forward, None),
]

# =============================================================================================== wrong ones: the forward

BUGS = []


def add(name, truth, forward=None, backward=None):
    BUGS.append(Bug(name, forward, backward, truth))


def f(logits, target):
    e = np.exp(logits)
    p = e / e.sum(-1, keepdims=True)
    return -np.log(np.take_along_axis(p, target[..., None].astype(int), -1))[..., 0], (p, target.astype(int))


add("no_max", "the maximum is not subtracted before exp, so large logits overflow (inf or nan)", f, right_backward)


def f(logits, target):
    z = logits - np.max(logits, axis=-1, keepdims=True)
    probs = np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)
    hot = np.eye(logits.shape[-1], dtype=logits.dtype)[target]
    return -np.sum(hot * np.log(probs + 1e-7), axis=-1), dict(probs=probs, hot=hot)


add("log_eps", "a small number (1e-7) is added inside the logarithm, which makes every loss slightly wrong and caps it near 16", f, onehot_backward)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(-1, keepdims=True)
    q = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.log(np.take_along_axis(q, target[..., None].astype(int), -1)[..., 0]), (p, target.astype(int))


add("clip", "the probability is clipped to [1e-12, 1 - 1e-12] before the logarithm, so the loss of a very wrong prediction stops at about 27.6", f, right_backward)


def f(logits, target):
    shifted = logits - np.max(logits)
    e = np.exp(shifted)
    p = e / e.sum(axis=-1, keepdims=True)
    loss = -np.log(np.take_along_axis(p, np.expand_dims(target, -1).astype(int), -1))
    return loss[..., 0], (p, target.astype(int))


add("global_max", "the maximum of the whole array is subtracted instead of each position's own: rows far below it underflow to 0 / 0", f, right_backward)


def f(logits, target):
    loss, cache = right_forward(logits, target)
    return -loss, cache


add("sign", "the minus sign is missing: the forward returns + log p instead of - log p", f, right_backward)


def softmax0(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def f(logits, target):
    p = softmax0(logits)
    return -np.log(np.take_along_axis(p, target[..., None].astype(int), axis=-1)[..., 0]), (p, target.astype(int))


add("axis0", "the softmax is taken over axis 0 (the batch) instead of over the last axis (the classes)", f, right_backward)


def f(logits, target):
    loss, cache = right_forward(logits, target)
    return loss.sum(), cache


add("summed", "the losses of all positions are added up to one number: the forward returns their sum, neither one per position nor the mean", f, right_backward)


def f(logits, target):
    m = logits.max(-1, keepdims=True)
    lse2 = np.log2(np.exp(logits - m).sum(-1)) + m[..., 0] / np.log(logits.dtype.type(2))
    z = np.take_along_axis(logits, target[..., None].astype(int), -1)[..., 0]
    return lse2 - z / np.log(logits.dtype.type(2)), None


add("log2", "the logarithm is to the base 2 instead of the natural one (loss in bits)", f)


def f(logits, target):
    e = np.exp(logits - logits.max(-1, keepdims=True))
    probs = e / e.sum(-1, keepdims=True)
    loss, _ = right_forward(probs, target)  # "from logits"
    return loss, (probs, target.astype(int))


add("softmax_twice", "the softmax is applied twice: its probabilities are used as if they were logits again", f, right_backward)


def f(logits, target):
    N = target.size
    rows = logits.reshape(N, -1)
    ids = target.reshape(-1).astype(int) - 1
    lp = log_softmax(rows, axis=-1)
    return -lp[range(N), ids].reshape(target.shape), None


add("one_based", "the class ids are taken to start at 1 (target - 1 is used as index)", f)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    return -np.log(p[..., target]), (p, target)


add("index_all", "p[..., target] picks the target classes of all positions for every position, so the loss has too many axes (wrong shape)", f)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    t = np.equal.outer(target, np.arange(logits.shape[-1]))
    p_safe = np.clip(p, 1e-300, 1 - 1e-16) if p.dtype == np.float64 else np.clip(p, 1e-30, np.float32(1 - 1e-7))
    return -(t * np.log(p_safe) + (1 - t) * np.log(1 - p_safe)).sum(-1).astype(logits.dtype), None


add("binary", "the binary cross-entropy of every class is added up: there is an extra (1 - t) * log(1 - p) for the other classes", f)


def f(logits, target):
    m = logits.max(axis=-1)
    log_total = np.log(np.sum(np.exp(logits - m[..., None]), axis=-1))
    correct = np.take_along_axis(logits, target[..., None].astype(np.intp), axis=-1).squeeze(-1)
    return log_total - correct, (logits, log_total)


add("max_not_added_back", "the logarithm of the sum is of the shifted logits, but the target's logit is not shifted: the maximum is not added back", f)


def f(logits, target):
    logits -= logits.max(axis=-1, keepdims=True)
    lse = np.log(np.exp(logits).sum(axis=-1))
    return lse - np.take_along_axis(logits, target[..., None].astype(int), -1)[..., 0], None


add("mutates_logits", "the maximum is subtracted from the caller's logits in place, so an input is changed", f)


def f(logits, target):
    hot = np.eye(logits.shape[-1], dtype=logits.dtype)[target]
    logp = logits - logsumexp(logits, axis=-1, keepdims=True).astype(logits.dtype)
    # np.where: 0 * -inf
    return -np.mean(np.where(hot == 1, logp, 0), axis=-1), dict(probs=np.exp(logp), hot=hot)


add("mean_over_classes", "the mean over the classes is taken instead of the sum, so the loss is divided by K", f, onehot_backward)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -np.take_along_axis(lp, target[..., None].astype(int), -1), (np.exp(lp), target.astype(int))


add("trailing_axis", "the loss keeps a last axis of length 1: wrong shape (..., 1) instead of (...)", f)


def f(logits, target):
    return right_forward(logits.astype(np.float32), target)


add("float32", "the logits are converted to float32, so a float64 input gives a float32 loss", f, right_backward)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    return -np.log(p.max(axis=-1)), (p, target.astype(int))


add("max_p", "the loss is - log of the largest probability, not of the target class's: the target is not used", f, right_backward)


def f(logits, target):
    p = np.exp(log_softmax(logits, axis=-1))
    t = np.eye(logits.shape[-1], dtype=logits.dtype)[target]
    return ((p - t) ** 2).sum(-1), (p, t)


def b(dy, cache):
    p, t = cache
    g = 2 * (p - t) * dy[..., None]
    return p * (g - (g * p).sum(-1, keepdims=True))


add("squared", "squared differences of the probabilities (a Brier score) instead of the cross-entropy", f, b)


def f(logits, target):
    t = np.eye(int(target.max()) + 1, dtype=logits.dtype)[target]
    z = logits - logits.max(-1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -(t * lp).sum(-1), dict(probs=np.exp(lp), hot=t)


add("eye_of_max", "the one-hot has target.max() + 1 classes instead of K: a crash (shapes do not fit) when the last class is not in the batch", f, onehot_backward)


def f(logits, target):
    flat = logits.reshape(-1, logits.shape[-1])
    t = target.reshape(-1).astype(int)
    lp = log_softmax(flat, axis=1)
    return -lp[np.arange(len(t)), t], (np.exp(lp), t)


add("flat_loss", "the loss comes back flat, of shape (number of positions,), instead of the target's shape", f)


def f(logits, target):
    z = logits - logits.max(axis=1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -np.take_along_axis(lp, target[..., None].astype(int), axis=-1)
    return loss[..., 0], None


add("axis1", "the softmax is over axis 1, which is the classes only for (N, K): it is wrong for images and a crash for one position", f)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    return -np.take_along_axis(p, target[..., None].astype(int), -1)[..., 0], (p, target.astype(int))


add("no_log", "the logarithm is forgotten: the loss is - p of the target class", f, right_backward)


def f(logits, target, smoothing=0.1):
    K = logits.shape[-1]
    t = np.full(logits.shape, smoothing / K, logits.dtype)
    np.put_along_axis(t, target[..., None].astype(int), 1 - smoothing + smoothing / K, -1)
    lp = log_softmax(logits, axis=-1)
    return -(t * lp).sum(-1), dict(probs=np.exp(lp), hot=t)


add("smoothing", "the target is smoothed (0.9 for the class, the 0.1 left over spread over all classes), which nobody asked for", f, onehot_backward)


def f(logits, target):
    loss, (p, t) = right_forward(logits, target)
    keep = t != 0
    return np.where(keep, loss, loss.dtype.type(0)), (p, t, keep)


def b(dy, cache):
    p, t, keep = cache
    return right_backward(dy * keep, (p, t))


add("ignores_class_0", "positions of class 0 are left out (loss 0), as if 0 were an 'ignore' label", f, b)


def f(logits, target):
    K = logits.shape[-1]
    n = target.size
    start = np.arange(n).astype(target.dtype) * target.dtype.type(K)
    flat = log_softmax(logits, axis=-1).ravel()
    return -flat[start + target.ravel()].reshape(target.shape), None


add("small_int_overflow", "flat indices are computed in the target's own dtype, which overflows (wraps around) for uint8 targets: wrong class ids are read", f)


def f(logits, target):
    loss, cache = right_forward(logits, target)
    return np.exp(loss), cache


add("perplexity", "returns exp(loss), the perplexity, instead of the loss", f, right_backward)


def f(logits, target):
    z = logits - logits.min(axis=-1, keepdims=True)
    e = np.exp(z)
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, target[..., None].astype(int), axis=-1)[..., 0]), (p, target.astype(int))


add("shift_by_min", "the minimum is subtracted instead of the maximum, so exp still overflows when the logits of a position are far apart", f, right_backward)


def f(logits, target):
    z = logits / np.abs(logits).max(axis=-1, keepdims=True)
    return right_forward(z, target)


add("divide_by_max", "the logits are divided by their largest absolute value 'for stability', which changes the softmax (only subtracting leaves it unchanged)", f, right_backward)


def f(logits, target):
    m = np.max(logits, axis=-1, keepdims=True)
    e = np.exp(logits - m)
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, target[..., None].astype(int), axis=-1)[..., 0]), (p, target.astype(int))


add("log_of_underflow", "log is taken of the finished probability, which underflows to 0 for a very unlikely class: the loss is inf instead of the finite log-sum-exp difference", f, right_backward)


def f(logits, target):
    lse = np.log(np.sum(np.exp(logits - logits.max(-1, keepdims=True)), axis=-1)) + logits.max(-1)
    total = np.zeros(target.shape, logits.dtype)
    for k in range(logits.shape[-1] - 1):
        total += np.where(target == k, lse - logits[..., k], 0)
    return total, None


add("last_class_forgotten", "the loop over the classes stops one early, so positions of the last class get loss 0", f)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    e = np.exp(z)
    rest = e.sum(-1) - np.take_along_axis(e, target[..., None].astype(int), -1)[..., 0]
    return np.log(rest) - np.take_along_axis(z, target[..., None].astype(int), -1)[..., 0], None


add("others_only", "the target's own class is left out of the sum in the denominator", f)


def f(logits, target):
    hot = np.eye(logits.shape[-1])[target]
    lp = log_softmax(logits, axis=-1)
    return -(hot * lp).sum(-1), dict(probs=np.exp(lp), hot=hot)


# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("eye_float64", f, onehot_backward))


# =============================================================================================== wrong ones: the backward alone


def hot_of(p, t):
    return np.eye(p.shape[-1], dtype=p.dtype)[t]


def b(dy, cache):
    p, target = cache
    return p - hot_of(p, target)


add("dy_ignored", "dy is not used: dlogits is p - onehot without the factor dy", None, b)


def b(dy, cache):
    probs, y = cache
    grad = probs.copy()
    np.put_along_axis(grad, y[..., None].astype(int), np.take_along_axis(grad, y[..., None].astype(int), -1) - 1, -1)
    return grad * dy[..., None] / y.size


add("divided_by_positions", "dlogits is divided by the number of positions, though the loss is one per position and no mean was taken", None, b)


def b(dy, cache):
    p, target = cache
    return (hot_of(p, target) - p) * dy[..., None]


add("onehot_minus_p", "the sign of dlogits is wrong: onehot - p instead of p - onehot", None, b)


def b(dout, cache):
    p, _ = cache
    return (p - 1) * dout[..., None]


add("minus_one_everywhere", "1 is subtracted from every class's probability, not from the target class's alone", None, b)


def b(dy, cache):
    s, t = cache
    return dy[..., None] * s * (1 - s)


add("sigmoid_derivative", "uses p * (1 - p), the derivative of a sigmoid, instead of p - onehot; the target does not occur", None, b)


def b(dy, cache):
    p, target = cache
    rows = p.reshape(-1, p.shape[-1])
    for r, k in enumerate(target.ravel()):
        rows[r, k] -= 1
    return (rows * np.reshape(dy, (-1, 1))).reshape(p.shape)


add("cache_mutated", "1 is subtracted in place from the cached probabilities, so a second backward with the same cache gives another result", None, b)


def b(dy, cache):
    p, target = cache
    d = np.zeros_like(p)
    idx = target[..., None].astype(int)
    np.put_along_axis(d, idx, (np.take_along_axis(p, idx, -1) - 1) * dy[..., None], -1)
    return d


add("only_target_entry", "only the target class's logit gets a gradient; those of the other classes (p) stay 0", None, b)


def b(dy, cache):
    p, target = cache
    return -hot_of(p, target) / p * dy[..., None]


add("no_softmax_part", "it is the gradient by the probabilities (-1 / p at the target), not by the logits: the derivative of the softmax is missing", None, b)


def b(dy, cache):
    p, target = cache
    d = p.reshape(-1, p.shape[-1]).copy()
    d[:, target.ravel()] -= 1
    return d.reshape(p.shape) * dy[..., None]


add("columns_minus_one", "d[:, target] -= 1 subtracts 1 in whole columns (for every position) instead of one entry per position", None, b)


def b(dy, cache):
    p, target = cache
    return (p - hot_of(p, target)) * dy


add("dy_not_expanded", "dy is multiplied without a new last axis, so it crashes or is broadcast along the classes of the wrong positions", None, b)


def b(dy, cache):
    p, target = cache
    return (p - hot_of(p, target)) * dy[..., np.newaxis] / p.shape[-1]


add("divided_by_classes", "dlogits is divided by the number of classes K", None, b)


def b(dy, cache):
    p, target = cache
    d = p * dy[..., None]
    t = (target.astype(int) - 1)[..., None] % p.shape[-1]
    np.put_along_axis(d, t, np.take_along_axis(d, t, -1) - dy[..., None], -1)
    return d


add("target_minus_one", "1 is subtracted at the class before the target (index target - 1)", None, b)


def b(dy, cache):
    p, target = cache
    g = (p - hot_of(p, target)) * dy[..., None]
    return g / g.shape[0] if g.ndim > 1 else g


add("divided_by_batch", "dlogits is divided by the size of axis 0 (the batch), though the forward took no mean", None, b)


def b(dy, cache):
    p, target = cache
    flat = (p - hot_of(p, target)).reshape(-1, p.shape[-1])
    return dy.reshape(-1, 1) * flat


add("flat_gradient", "dlogits has shape (number of positions, K) instead of the logits' shape", None, b)


def b(dy, cache):
    p, target = cache
    return (p - hot_of(p, target)) * dy[..., None], None


add("tuple_returned", "returns a tuple (dlogits, None) with a gradient for the target instead of dlogits alone: not an array, wrong type", None, b)


def b(dy, cache):
    p, target = cache
    y = hot_of(p, target)
    return p * (p - y) * dy[..., None]


add("extra_p", "there is a factor p too much: p * (p - onehot) instead of p - onehot", None, b)


def b(dy, cache):
    p, target = cache
    d = p.copy()
    for w in np.ndindex(target.shape):
        d[w + (int(target[w]),)] -= dy[w]
    return d


add("dy_on_half", "dy multiplies only the one-hot part: p - onehot * dy instead of (p - onehot) * dy", None, b)


def b(dy, cache):
    p, target = cache
    return (p - hot_of(p, target)) * dy.mean()


add("dy_averaged", "every position is multiplied by the mean of dy instead of by its own dy", None, b)


def b(dy, cache):
    p, target = cache
    guess = p.argmax(axis=-1)
    return (p - hot_of(p, guess)) * dy[..., None]


add("argmax_for_target", "the one-hot is made from the predicted class (argmax of p) instead of from the target", None, b)


def b(dy, cache):
    p, target = cache
    return ((p - hot_of(p, target)) * dy[..., None]).astype(np.float16).astype(p.dtype)


add("half_precision", "the gradient is rounded to float16 on the way, so only three digits are right and large values overflow", None, b)


def b(dy, cache):
    p, target = cache
    w = dy[..., None]
    w /= np.abs(w).sum() + 1e-12
    return (p - hot_of(p, target)) * w


add("dy_normalised_in_place", "dy is divided by the sum of its absolute values, in place: the gradient has the wrong scale and the caller's dy is changed", None, b)


def b(dy, cache):
    p, target = cache
    d = (p - hot_of(p, target)) * dy[..., None]
    d[p.argmax(-1) == target] = 0
    return d


add("perceptron", "positions that are already classified correctly get gradient 0, as in the perceptron rule", None, b)


def b(dy, cache):
    p, target = cache
    d = (p - hot_of(p, target)) * dy[..., None]
    return d.T


add("transposed", "dlogits comes back transposed: the order of the axes is reversed (wrong shape unless all are equal)", None, b)


def b(dy, cache):
    p, target = cache
    hot = hot_of(p, target)
    g = -hot * dy[..., None]
    return p * g - p * g.sum(axis=-1, keepdims=True)


add("log_derivative_missing", "the softmax derivative is applied to -onehot instead of to -onehot / p: the derivative of the logarithm is missing", None, b)


def b(dy, cache):
    p, target = cache
    return (p + hot_of(p, target)) * dy[..., None]


add("plus_onehot", "the one-hot is added instead of subtracted: p + onehot", None, b)

# =============================================================================================== wrong ones: both, and the cache


def f(logits, target):
    lp = log_softmax(logits, axis=-1)
    return -np.take_along_axis(lp, target[..., None].astype(int), -1)[..., 0], (lp, target.astype(int))


add("cache_log_p", "the cache holds log p, and backward uses it as p: the exp is missing", f, right_backward)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    lse = np.log(np.exp(z).sum(-1))
    return lse - np.take_along_axis(z, target[..., None].astype(int), -1)[..., 0], (np.exp(z), target.astype(int))


add("not_normalised_in_cache", "backward uses exp(z - max) without dividing it by the sum, so the 'probabilities' do not add up to 1", f, right_backward)


def f(logits, target):
    loss, cache = right_forward(logits, target)
    return loss.mean(), cache


def b(dy, cache):
    p, t = cache
    return (p - hot_of(p, t)) * dy


add("mean_without_factor", "the loss is the mean over the positions, but backward does not divide by their number", f, b)


def f(logits, target):
    z = logits - logits.max(-1, keepdims=True)
    work = np.exp(z)
    total = work.sum(-1, keepdims=True)
    work /= total
    cache = (work, target.astype(int))
    np.subtract(z, np.log(total), out=work)  # saves an array
    return -np.take_along_axis(work, target[..., None].astype(int), -1)[..., 0], cache


add("cache_overwritten", "the buffer with the cached probabilities is used again (out=) for their logarithm, which backward then takes for p", f, right_backward)


def f(logits, target):
    target -= target.min()
    loss, cache = right_forward(logits, target)
    return loss, cache


add("target_mutated", "target -= target.min() renumbers the classes in place: the caller's target is changed and, without class 0 in it, the loss is of other classes", f, right_backward)


class _Shared:
    target = None


def f(logits, target):
    _Shared.target = target
    loss, (p, _) = right_forward(logits, target)
    return loss, p


def b(dy, p):
    return right_backward(dy, (p, np.asarray(_Shared.target).astype(int)))


add("target_global", "backward takes the target from a module variable that the latest forward has set, instead of from the cache", f, b)


def f(logits, target):
    loss, _ = right_forward(logits, target)
    return loss, (logits, target)


def b(dy, cache):
    logits, target = cache
    e = np.exp(logits)
    p = e / e.sum(axis=-1, keepdims=True)
    return (p - hot_of(p, target)) * dy[..., None]


add("backward_unstable", "backward computes the softmax again without subtracting the maximum: nan for large logits, though the loss is right", f, b)


def b(dy, cache):
    logits, target = cache
    p = softmax0(logits)
    return (p - hot_of(p, target)) * dy[..., None]


add("backward_axis0", "the loss is right, but backward's softmax is over axis 0 instead of over the classes", f, b)


def f(logits, target):
    loss, (p, t) = right_forward(logits, target)
    return (p, t), loss


add("order_of_results", "forward returns (cache, loss) instead of (loss, cache)", f, right_backward)


def f(logits, target):
    loss, (p, t) = right_forward(logits, target)
    weight = (1 - np.take_along_axis(p, t[..., None], -1)[..., 0]) ** 2
    return weight * loss, (p, t, weight)


def b(dy, cache):
    p, t, w = cache
    return right_backward(dy * w, (p, t))


add("focal", "every loss is weighted with (1 - p)^2 (a focal loss), and backward treats the weight as a constant", f, b)


def f(logits, target):
    return right_forward(logits, target)[0], None


def b(dy, cache):
    p, t = cache
    return right_backward(dy, (p, t))


add("cache_none", "forward returns None as its cache, which backward cannot unpack: a crash", f, b)
