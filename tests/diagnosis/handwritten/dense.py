"""dense as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from scipy.linalg import blas

# =============================================================================================== right ones


def matmul_forward(x, kernel, bias):
    return x @ kernel + bias, (x, kernel)


def matmul_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


def loops_forward(x, kernel, bias):
    N, D = x.shape
    F = kernel.shape[1]
    y = np.zeros((N, F), x.dtype)
    for n in range(N):
        for f in range(F):
            s = bias[f]
            for d in range(D):
                s += x[n, d] * kernel[d, f]
            y[n, f] = s
    return y, {"x": x, "kernel": kernel}


def loops_backward(dy, cache):
    x, k = cache["x"], cache["kernel"]
    dx, dk, db = np.zeros_like(x), np.zeros_like(k), np.zeros(k.shape[1], k.dtype)
    for n in range(dy.shape[0]):
        for f in range(dy.shape[1]):
            db[f] += dy[n, f]
            for d in range(x.shape[1]):
                dx[n, d] += dy[n, f] * k[d, f]
                dk[d, f] += dy[n, f] * x[n, d]
    return dx, dk, db


def einsum_forward(x, kernel, bias):
    y = np.einsum("nd,df->nf", x, kernel) + bias[None]

    def back(dy):
        return np.einsum("nf,df->nd", dy, kernel), np.einsum("nd,nf->df", x, dy), np.einsum("nf->f", dy)

    return y, back


def call_backward(dy, back):
    return back(dy)


def extended_forward(x, kernel, bias):
    """The bias as one more row of the kernel, for an input that is always 1."""
    x1 = np.concatenate([x, np.ones((len(x), 1), x.dtype)], axis=1)
    w1 = np.vstack([kernel, bias])
    return x1.dot(w1), [x1, w1]


def extended_backward(dy, saved):
    x1, w1 = saved
    g = np.dot(x1.T, dy)
    return np.dot(dy, w1.T)[:, :-1], g[:-1], g[-1]


def rows_forward(x, kernel, bias):
    return np.stack([bias + sum(xi * row for xi, row in zip(example, kernel)) for example in x]), (x, kernel)


def rows_backward(dy, cache):
    x, kernel = cache
    dk = sum(np.outer(a, g) for a, g in zip(x, dy))
    return np.stack([kernel @ g for g in dy]), dk, sum(dy[i] for i in range(len(dy)))


def broadcast_forward(x, kernel, bias):
    return (x[:, :, None] * kernel[None]).sum(1) + bias, {"args": (x, kernel, bias)}


def broadcast_backward(dy, cache):
    x, kernel, bias = cache["args"]
    return (dy[:, None, :] * kernel).sum(-1), (x[:, :, None] * dy[:, None, :]).sum(0), np.add.reduce(dy).reshape(bias.shape)


def blas_forward(x, kernel, bias):
    gemm = blas.dgemm if x.dtype == np.float64 else blas.sgemm
    return np.ascontiguousarray(gemm(1.0, x, kernel)) + bias, (gemm, x, kernel)


def blas_backward(dy, cache):
    gemm, x, kernel = cache
    return gemm(1.0, dy, kernel, trans_b=1), gemm(1.0, x, dy, trans_a=1), dy.T.sum(1)


CORRECT = [
    Correct("matmul", matmul_forward, matmul_backward),
    Correct("loops", loops_forward, loops_backward),
    Correct("einsum closure", einsum_forward, call_backward),
    Correct("bias as a row", extended_forward, extended_backward),
    Correct("row by row", rows_forward, rows_backward),
    Correct("broadcast", broadcast_forward, broadcast_backward),
    Correct("blas", blas_forward, blas_backward),
    Correct("backward alone", None, lambda dy, c: matmul_backward(dy, c[:2])),
]

# =============================================================================================== wrong ones


def no_bias(x, kernel, bias):
    return np.dot(x, kernel), (x, kernel)


def bias_subtracted(x, kernel, bias):
    return x @ kernel - bias, (x, kernel)


def column_bias(x, kernel, bias):
    return x @ kernel + bias[:, None] if len(bias) == len(x) else x @ kernel + bias, (x, kernel)


def kernel_transposed(x, kernel, bias):
    return x @ kernel.T + bias, (x, kernel)


def elementwise(x, kernel, bias):
    return x * kernel + bias, (x, kernel)


def first_unit_only(x, kernel, bias):
    y = np.zeros((x.shape[0], kernel.shape[1]), x.dtype)
    for i in range(x.shape[0]):
        for j in range(kernel.shape[1]):
            for k in range(1, x.shape[1]):
                y[i][j] += x[i][k] * kernel[k][j]
            y[i][j] += bias[j]
    return y, (x, kernel)


def bias_in_loop(x, kernel, bias):
    y = np.zeros((x.shape[0], kernel.shape[1]), x.dtype)
    for d in range(x.shape[1]):
        y += x[:, d : d + 1] * kernel[d] + bias
    return y, (x, kernel)


def overwrites(x, kernel, bias):
    y = np.empty((x.shape[0], kernel.shape[1]), x.dtype)
    for d in range(x.shape[1]):
        y = x[:, d, None] * kernel[d]
    return y + bias, (x, kernel)


def scaled(x, kernel, bias):
    return x @ kernel / np.sqrt(x.dtype.type(x.shape[1])) + bias, (x, kernel)


def with_relu(x, kernel, bias):
    z = x @ kernel + bias
    return z * (z > 0), (x, kernel, z > 0)


def half(x, kernel, bias):
    return (x.astype("f4") @ kernel.astype("f4") + bias.astype("f4")), (x, kernel)


def mutating(x, kernel, bias):
    x *= 1.0 / max(1.0, np.abs(x).max())
    return x @ kernel + bias, (x.copy(), kernel)


def averaged(x, kernel, bias):
    m = (x @ kernel).mean(axis=0, keepdims=True)
    return x @ kernel - m + bias, (x, kernel)


def uninitialised(x, kernel, bias):
    y = np.empty((x.shape[0], kernel.shape[1]), x.dtype)
    y.fill(np.nan if x.shape[0] > 1 else 0)
    for n in range(x.shape[0] - 1):
        y[n] = x[n] @ kernel + bias
    return y, (x, kernel)


def transposed_output(x, kernel, bias):
    return (kernel.T @ x.T + bias[:, None]), (x, kernel)


_buffers = {}


def shared_buffer(x, kernel, bias):
    key = (x.shape, kernel.shape, x.dtype.char)
    y = _buffers.setdefault(key, np.zeros((x.shape[0], kernel.shape[1]), x.dtype))
    y += x @ kernel
    y += bias
    return y.copy(), (x, kernel)


def caches_nothing(x, kernel, bias):
    return x @ kernel + bias, (kernel,)


def caches_y(x, kernel, bias):
    y = x @ kernel + bias
    return y, (y, kernel)


def caches_swapped(x, kernel, bias):
    return x @ kernel + bias, (kernel, x)


# ---- backward alone: the library's cache is (x, kernel, has_bias)


def dx_kernel_not_transposed(dy, cache):
    x, kernel, _ = cache
    return dy @ kernel, x.T @ dy, dy.sum(0)


def dx_reshaped(dy, cache):
    x, kernel, _ = cache
    return dy @ kernel.reshape(kernel.shape[::-1]), x.T @ dy, dy.sum(0)


def dkernel_transposed(dy, cache):
    x, kernel, _ = cache
    return dy.dot(kernel.T), dy.T.dot(x), dy.sum(axis=0)


def dkernel_averaged(dy, cache):
    x, kernel, _ = cache
    n = x.shape[0]
    return dy @ kernel.T, x.T @ dy / n, dy.sum(axis=0) / n


def dbias_over_units(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=1)


def dbias_scalar(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.sum()


def dbias_mean(dy, cache):
    x, w, _ = cache
    return np.einsum("nf,df->nd", dy, w), np.einsum("nd,nf->df", x, dy), np.mean(dy, 0)


def dbias_rows(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0, keepdims=True)


def dbias_is_dy(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy


def dkernel_last_example(dy, cache):
    x, w, _ = cache
    dw = np.zeros(w.shape, w.dtype)
    for n in range(len(x)):
        dw = np.outer(x[n], dy[n])
    return dy @ w.T, dw, dy.sum(0)


def dkernel_of_kernel(dy, cache):
    x, w, _ = cache
    return dy @ w.T, w * dy.sum(0), dy.sum(0)


def two_gradients(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy


def order_of_parameters(dy, cache):
    x, w, _ = cache
    return x.T @ dy, dy.sum(0), dy @ w.T


def weight_decay(dy, cache, l2=1e-3):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy + l2 * w, dy.sum(0)


def clipped(dy, cache):
    x, w, _ = cache
    g = x.T @ dy
    return dy @ w.T, np.clip(g, -1, 1), dy.sum(0)


def updates_in_backward(dy, cache):
    x, w, _ = cache
    dw, db = x.T @ dy, dy.sum(0)
    w -= 0.01 * dw
    return dy @ w.T, dw, db


def dkernel_x_sum(dy, cache):
    x, w, _ = cache
    return dy @ w.T, np.outer(x.sum(0), dy.sum(0)), dy.sum(0)


def dx_sign(dy, cache):
    x, w, _ = cache
    return -(dy @ w.T), -(x.T @ dy), -dy.sum(0)


def accumulates_over_calls(dy, cache, _acc={}):
    x, w, _ = cache
    key = (w.shape, dy.dtype.char)
    _acc[key] = _acc.get(key, 0) + x.T @ dy
    return dy @ w.T, _acc[key].copy(), dy.sum(0)


def relu_backward(dy, cache):
    x, w, on = cache
    g = dy * on
    return g @ w.T, x.T @ g, g.sum(0)


def backward_for_kernel_only_cache(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(0)


BUGS = [
    Bug("no_bias", no_bias, matmul_backward, "the bias is not added"),
    Bug("bias_subtracted", bias_subtracted, None, "the bias is subtracted instead of added"),
    Bug("column_bias", column_bias, matmul_backward, "the bias is added as a column (one number per example) when batch size and units happen to be equal, instead of one per unit"),
    Bug("kernel_transposed", kernel_transposed, matmul_backward, "multiplies by the transposed kernel: a crash when units and inputs differ, wrong numbers for a square kernel"),
    Bug("elementwise", elementwise, None, "* instead of @: an element-wise product, which crashes or is broadcast to a wrong shape"),
    Bug("starts_at_one", first_unit_only, matmul_backward, "the sum over the inputs starts at index 1, so input 0 is left out"),
    Bug("bias_in_loop", bias_in_loop, matmul_backward, "the bias is added inside the loop over the inputs, so it is counted D times"),
    Bug("assigned_not_added", overwrites, None, "y is assigned in the loop over the inputs instead of added to, so only the last input counts"),
    Bug("scaled", scaled, None, "the product is divided by the square root of the number of inputs, as in attention"),
    Bug("with_relu", with_relu, relu_backward, "a relu is applied to the result, which does not belong to the dense operation (backward goes through it too)"),
    Bug("float32", half, None, "everything is converted to float32, so float64 input gives a float32 result"),
    Bug("mutates_x", mutating, matmul_backward, "x is rescaled in place by its largest absolute value when that is above 1: the input is changed and the result is wrong"),
    Bug("batch_centred", averaged, None, "the mean over the batch is subtracted from the product"),
    Bug("last_row_unset", uninitialised, None, "the loop over the batch stops one early, so the last example's row is never filled"),
    Bug("transposed_output", transposed_output, None, "the result has shape (units, batch): it is transposed"),
    Bug("shared_buffer", shared_buffer, matmul_backward, "y is added onto a buffer kept from call to call that is never set back to 0: a hidden state, so the second call differs from the first"),
    Bug("cache_without_x", caches_nothing, backward_for_kernel_only_cache, "x is not put into the cache, so unpacking it in backward crashes"),
    Bug("cache_y", caches_y, matmul_backward, "the cache holds y in place of x, so dkernel is y^T dy: wrong values and, unless inputs and units are equal, a wrong shape"),
    Bug("cache_swapped", caches_swapped, matmul_backward, "x and kernel are swapped in the cache: backward takes the one for the other, a crash in most shapes"),
    Bug("dx_not_transposed", None, dx_kernel_not_transposed, "dx uses the kernel without transposing it: a crash unless the kernel is square, and wrong values then"),
    Bug("dx_reshaped", None, dx_reshaped, "the kernel is reshaped to (F, D) instead of transposed, so its numbers stand in the wrong places in dx"),
    Bug("dkernel_transposed", None, dkernel_transposed, "dkernel is transposed: dy^T x, of shape (F, D)"),
    Bug("dkernel_averaged", None, dkernel_averaged, "dkernel and dbias are divided by the batch size"),
    Bug("dbias_over_units", None, dbias_over_units, "dbias is summed over the units (axis 1) instead of over the batch: shape (N,)"),
    Bug("dbias_scalar", None, dbias_scalar, "dbias is summed over everything: one number (shape ()) instead of one per unit"),
    Bug("dbias_mean", None, dbias_mean, "dbias is the mean over the batch instead of the sum"),
    Bug("dbias_keepdims", None, dbias_rows, "dbias has shape (1, F) instead of (F,)"),
    Bug("dbias_is_dy", None, dbias_is_dy, "dbias is dy itself: the sum over the batch is missing (shape (N, F))"),
    Bug("dkernel_last_example", None, dkernel_last_example, "in the loop over the batch dkernel is assigned instead of added to: only the last example counts"),
    Bug("dkernel_of_kernel", None, dkernel_of_kernel, "dkernel is computed from the kernel instead of from x"),
    Bug("two_gradients", None, two_gradients, "dbias is missing: only (dx, dkernel) are returned"),
    Bug("order", None, order_of_parameters, "the gradients come in the wrong order: (dkernel, dbias, dx) instead of (dx, dkernel, dbias), so shapes are wrong"),
    Bug("weight_decay", None, weight_decay, "an L2 penalty (0.001 * kernel) is added to dkernel, which does not belong to the gradient of the operation"),
    Bug("clipped", None, clipped, "dkernel is clipped to [-1, 1]"),
    Bug("updates_in_backward", None, updates_in_backward, "the kernel is updated in place inside backward, before dx is computed with it: an input is changed and dx is wrong"),
    Bug("outer_of_sums", None, dkernel_x_sum, "dkernel is the outer product of the summed x and the summed dy instead of the sum of the outer products"),
    Bug("negated", None, dx_sign, "all three gradients have the wrong sign"),
    Bug("accumulates", None, accumulates_over_calls, "dkernel is added up over the calls of backward (a default argument keeps the state), so every call but the first is wrong"),
]
