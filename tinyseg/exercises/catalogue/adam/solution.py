"""One step of Adam (Kingma and Ba, 2015).

Why the correction: unrolled, m after t steps is (1 - beta) sum_i beta^(t-i) g_i. If all g_i were g, that would be
g (1 - beta) (1 + beta + ... + beta^(t-1)) = g (1 - beta^t): too small by the factor 1 - beta^t. Dividing by it makes
the average right from the first step on, where m' = g and v' = g^2, so that the step is learning_rate * sign(g).
"""

import numpy as np


def adam(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    """Average, correct, step."""
    new_m = beta_1 * m + (1 - beta_1) * gradient
    new_v = beta_2 * v + (1 - beta_2) * np.square(gradient)
    m_hat = new_m / (1 - beta_1**step)
    v_hat = new_v / (1 - beta_2**step)
    change = learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)
    return parameter - change, new_m, new_v
