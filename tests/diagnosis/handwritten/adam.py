"""adam as learners write it: right and wrong.

Two forms are in use: that of Keras (bias correction in the rate) and that of the paper (corrected m and v). They differ in where epsilon stands.
The names of the right ones in the paper's form say so.
"""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct


# ----------------------------------------------------------------------------------- right
def keras_like(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = m + (gradient - m) * (1 - beta_1)
    v = v + (gradient**2 - v) * (1 - beta_2)
    rate = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameter - rate * m / (np.sqrt(v) + epsilon), m, v


def paper(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient * gradient
    m_hat = m / (1 - beta_1**step)
    v_hat = v / (1 - beta_2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def loops(parameter, gradient, m, v, **h):
    p2, m2, v2 = np.array(parameter), np.array(m), np.array(v)
    b1, b2, t = h["beta_1"], h["beta_2"], h["step"]
    rate = h["learning_rate"] * (1 - b2**t) ** 0.5 / (1 - b1**t)
    for i in np.ndindex(parameter.shape):
        g = gradient[i]
        m2[i] = b1 * m[i] + (1 - b1) * g
        v2[i] = b2 * v[i] + (1 - b2) * g * g
        p2[i] = parameter[i] - rate * m2[i] / (math.sqrt(v2[i]) + h["epsilon"])
    return p2, m2, v2


def copies(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    new_m, new_v, new_p = m.copy(), v.copy(), parameter.copy()
    new_m *= beta_1
    new_m += (1 - beta_1) * gradient
    new_v *= beta_2
    new_v += (1 - beta_2) * np.square(gradient)
    c1 = c2 = 1.0
    for _ in range(step):  # powers by hand
        c1 *= beta_1
        c2 *= beta_2
    new_p -= learning_rate * (math.sqrt(1 - c2) / (1 - c1)) * new_m / (np.sqrt(new_v) + epsilon)
    return new_p, new_m, new_v


def torch_like(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    exp_avg = np.add(m * beta_1, gradient * (1 - beta_1))
    exp_avg_sq = np.add(v * beta_2, gradient * gradient * (1 - beta_2))
    correction1, correction2 = 1 - beta_1**step, 1 - beta_2**step
    denom = np.sqrt(exp_avg_sq) / math.sqrt(correction2) + epsilon
    return parameter - (learning_rate / correction1) * (exp_avg / denom), exp_avg, exp_avg_sq


def average_with_weights(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    def ema(old, new, b):
        stacked = np.stack([old, new])
        return np.tensordot(np.array([b, 1 - b], stacked.dtype), stacked, axes=1)

    moments = {"m": ema(m, gradient, beta_1), "v": ema(v, gradient * gradient, beta_2)}
    unbias = math.sqrt(-math.expm1(step * math.log(beta_2))) / -math.expm1(step * math.log(beta_1))
    delta = np.divide(moments["m"], np.sqrt(moments["v"]) + epsilon)
    return np.asarray(parameter + (-learning_rate * unbias) * delta), moments["m"], moments["v"]


CORRECT = [
    Correct("Keras", keras_like, None),
    Correct("loops", loops, None),
    Correct("copies, powers by hand", copies, None),
    Correct("tensordot, expm1", average_with_weights, None),
    Correct("paper form", paper, None),
    Correct("paper form, as in PyTorch", torch_like, None),
]

# ----------------------------------------------------------------------------------- wrong


def no_correction(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    return parameter - learning_rate * m / (np.sqrt(v) + epsilon), m, v


def step_from_zero(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    return paper(parameter, gradient, m, v, step=step + 1, learning_rate=learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)


def step_less_one(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    t = step - 1
    mh = m / (1 - np.float64(beta_1) ** t)
    vh = v / (1 - np.float64(beta_2) ** t)
    return (parameter - learning_rate * mh / (np.sqrt(vh) + epsilon)).astype(parameter.dtype), m, v


def eps_inside(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    mh, vh = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return parameter - learning_rate * mh / np.sqrt(vh + epsilon), m, v


def no_eps(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    rate = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameter - rate * m / np.sqrt(v), m, v


def eps_fixed(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon=None):
    eps = 1e-8
    return keras_like(parameter, gradient, m, v, step=step, learning_rate=learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=eps)


def betas_swapped(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    return keras_like(parameter, gradient, m, v, step=step, learning_rate=learning_rate, beta_1=beta_2, beta_2=beta_1, epsilon=epsilon)


def weights_swapped(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = (1 - beta_1) * m + beta_1 * gradient
    v = (1 - beta_2) * v + beta_2 * gradient**2
    mh, vh = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return parameter - learning_rate * mh / (np.sqrt(vh) + epsilon), m, v


def v_not_squared(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * np.abs(gradient)
    mh, vh = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return parameter - learning_rate * mh / (np.sqrt(vh) + epsilon), m, v


def v_of_m(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * m**2
    return parameter - learning_rate * (m / (1 - beta_1**step)) / (np.sqrt(v / (1 - beta_2**step)) + epsilon), m, v


def scalar_v(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * np.sum(gradient * gradient)
    rate = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameter - rate * m / (np.sqrt(v) + epsilon), m, v


def m_sum(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    rate = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameter - rate * m / (np.sqrt(v) + epsilon), m, v


def ascent(parameter, gradient, m, v, **k):
    p, m2, v2 = keras_like(parameter, gradient, m, v, **k)
    return 2 * parameter - p, m2, v2


def returned_order(parameter, gradient, m, v, **k):
    p, m, v = keras_like(parameter, gradient, m, v, **k)
    return m, v, p


def m_and_v_swapped(parameter, gradient, m, v, **k):
    p, m, v = paper(parameter, gradient, m, v, **k)
    return p, v, m


def only_parameter(parameter, gradient, m, v, **k):
    return keras_like(parameter, gradient, m, v, **k)[0]


def only_m_corrected(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    m_hat = m / (1 - beta_1**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v) + epsilon), m, v


def corrected_kept(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = (beta_1 * m + (1 - beta_1) * gradient) / (1 - beta_1**step)
    v = (beta_2 * v + (1 - beta_2) * gradient**2) / (1 - beta_2**step)
    return parameter - learning_rate * m / (np.sqrt(v) + epsilon), m, v


def in_place(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m *= beta_1
    m += (1 - beta_1) * gradient
    v *= beta_2
    v += (1 - beta_2) * gradient**2
    parameter -= learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step) * m / (np.sqrt(v) + epsilon)
    return parameter, m, v


def in_place_v(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = m * beta_1 + gradient * (1 - beta_1)
    np.multiply(v, beta_2, out=v)
    np.add(v, (1 - beta_2) * gradient**2, out=v)
    denominator = np.sqrt(v / (1 - beta_2**step)) + epsilon
    return parameter - learning_rate * m / (1 - beta_1**step) / denominator, m, v.copy()


def weight_decay(parameter, gradient, m, v, **k):
    return keras_like(parameter, gradient + 1e-2 * parameter, m, v, **k)


def amsgrad(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = np.maximum(v, beta_2 * v + (1 - beta_2) * gradient**2)
    rate = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameter - rate * m / (np.sqrt(v) + epsilon), m, v


def no_root(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    return parameter - learning_rate * (m / (1 - beta_1**step)) / (v / (1 - beta_2**step) + epsilon), m, v


def old_moments(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    rate = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    p = parameter - rate * m / (np.sqrt(v) + epsilon)
    return p, beta_1 * m + (1 - beta_1) * gradient, beta_2 * v + (1 - beta_2) * gradient**2


def times_step(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    mh, vh = m / (1 - beta_1 * step), v / (1 - beta_2 * step)
    return parameter - learning_rate * mh / (np.sqrt(vh) + epsilon), m, v


def gradient_not_m(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    return parameter - learning_rate * gradient / (np.sqrt(v / (1 - beta_2**step)) + epsilon), m, v


def nesterov(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    look = (beta_1 * m + (1 - beta_1) * gradient) / (1 - beta_1**step)
    return parameter - learning_rate * look / (np.sqrt(v / (1 - beta_2**step)) + epsilon), m, v


_t = [0]


def own_counter(parameter, gradient, m, v, *, step, **k):
    _t[0] += 1
    return paper(parameter, gradient, m, v, step=_t[0], **k)


def correction_multiplied(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    mh, vh = m * (1 - beta_1**step), v * (1 - beta_2**step)
    return parameter - learning_rate * mh / (np.sqrt(vh) + epsilon), m, v


def correction_no_root(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient**2
    rate = learning_rate * (1 - beta_2**step) / (1 - beta_1**step)
    return parameter - rate * m / (np.sqrt(v) + epsilon), m, v


def clipped_gradient(parameter, gradient, m, v, **k):
    return keras_like(parameter, np.clip(gradient, -1, 1), m, v, **k)


def float64_state(parameter, gradient, m, v, **k):
    p, m, v = keras_like(parameter, gradient, np.asarray(m, np.float64), np.asarray(v, np.float64), **k)
    return p, m, v


def delta_only(parameter, gradient, m, v, **k):
    p, m, v = keras_like(parameter, gradient, m, v, **k)
    return p - parameter, m, v


def default_betas(parameter, gradient, m, v, *, step, learning_rate, epsilon, **_):
    return keras_like(parameter, gradient, m, v, step=step, learning_rate=learning_rate, beta_1=0.9, beta_2=0.999, epsilon=epsilon)


TRUTHS = [
    (no_correction, "the bias correction (1 - beta^step) of both moments is missing"),
    (step_from_zero, "step is taken to count from 0: step + 1 stands in the bias correction"),
    (step_less_one, "the bias correction uses step - 1, which divides by 0 at the first step"),
    (eps_inside, "epsilon is added under the square root instead of to the root"),
    (no_eps, "epsilon is missing: 0 / 0 where the gradient has always been 0"),
    (eps_fixed, "epsilon is fixed to 1e-8, the argument is ignored"),
    (betas_swapped, "beta_1 and beta_2 are swapped"),
    (weights_swapped, "beta and 1 - beta are swapped in the moving averages"),
    (v_not_squared, "v averages the absolute value of the gradient instead of its square"),
    (v_of_m, "v averages the square of m instead of the square of the gradient"),
    (scalar_v, "v averages the sum of all squared gradients (one number for the whole array) instead of each one's own square"),
    (m_sum, "m lacks the factor 1 - beta_1 on the gradient, as in classical momentum"),
    (ascent, "the step is added instead of subtracted: it goes up the gradient"),
    (returned_order, "returns (m, v, parameter) instead of (parameter, m, v)"),
    (m_and_v_swapped, "m and v are swapped in the result"),
    (only_parameter, "returns the parameter alone, without m and v"),
    (only_m_corrected, "the bias of v is not corrected, only that of m"),
    (corrected_kept, "the bias-corrected moments are returned as the new m and v, so that they would be corrected again and again"),
    (in_place, "parameter, m and v are updated in place: inputs are changed and no new arrays returned"),
    (in_place_v, "v is updated in place (out=v), so an input is changed; the values are right"),
    (weight_decay, "a weight decay (0.01 * parameter) is added to the gradient, which nobody asked for"),
    (amsgrad, "v is the maximum of the old and the new average (like AMSGrad), so it never gets smaller"),
    (no_root, "the square root of v is missing in the denominator"),
    (old_moments, "the parameter is updated with the old m and v, before they are updated"),
    (times_step, "beta * step instead of beta ** step in the bias correction"),
    (gradient_not_m, "the step uses the gradient itself instead of its moving average m (RMSprop)"),
    (nesterov, "a Nesterov step: beta_1 * m + (1 - beta_1) * gradient in the place of m (Nadam)"),
    (own_counter, "counts the steps itself in a module variable and ignores the argument step: a hidden state"),
    (correction_multiplied, "the moments are multiplied by 1 - beta^step instead of divided"),
    (correction_no_root, "the correction of v stands in the rate without its square root"),
    (clipped_gradient, "the gradient is clipped to [-1, 1] first"),
    (delta_only, "returns the change of the parameter instead of the new parameter"),
    (default_betas, "beta_1 and beta_2 are fixed to 0.9 and 0.999, the arguments are ignored"),
]
BUGS = [Bug(f.__name__, f, None, truth) for f, truth in TRUTHS]

# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("float64_state", float64_state, None))
