"""adam: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

M, V = "beta_1 * m + (1 - beta_1) * gradient", "beta_2 * v + (1 - beta_2) * np.square(gradient)"
MOMENTS = f"new_m = {M}\n    new_v = {V}\n"
C1, C2 = "new_m / (1 - beta_1**step)", "new_v / (1 - beta_2**step)"
BOTH = f"m_hat = {C1}\n    v_hat = {C2}\n"
STEP = "learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)"
RETURN = "return parameter - change, new_m, new_v"

MISTAKES = (
    Mistake("no-correction", BOTH, "m_hat, v_hat = new_m, new_v\n", ("bias-correction-missing",)),
    Mistake("m-not-corrected", C1, "new_m", ("bias-correction-of-m-missing",)),
    Mistake("v-not-corrected", C2, "new_v", ("bias-correction-of-v-missing",)),
    Mistake("step-from-zero", BOTH, BOTH.replace("**step", "**(step - 1)"), ("step-one-off",)),
    Mistake("step-counted-up", BOTH, "step = step + 1\n    " + BOTH, ("step-one-off",)),
    Mistake("power-forgotten", BOTH, BOTH.replace("**step", ""), ("power-missing-in-the-correction",)),
    Mistake("product-for-power", BOTH, BOTH.replace("**step", " * step"), ("power-as-a-product",)),
    Mistake("correction-multiplied", BOTH, BOTH.replace(" / ", " * "), ("correction-multiplied",)),
    Mistake("one-beta-for-both", C2, "new_v / (1 - beta_1**step)", ("one-beta-in-both-corrections",)),
    Mistake(
        "wrong-corrections",
        BOTH,
        f"m_hat = {C1[:5]}{C2[5:]}\n    v_hat = {C2[:5]}{C1[5:]}\n",
        ("betas-swapped-in-the-correction",),
    ),
    Mistake(
        "one-minus-forgotten",
        BOTH,
        "m_hat = new_m / beta_1**step\n    v_hat = new_v / beta_2**step\n",
        ("one-minus-missing-in-the-correction",),
    ),
    Mistake("old-m-corrected", C1, "m / (1 - beta_1**step)", ("old-moments-used",)),
    Mistake("m-not-weighted", M, "beta_1 * m + gradient", ("new-gradient-not-weighted",)),
    Mistake("m-the-wrong-way-round", M, "(1 - beta_1) * m + beta_1 * gradient", ("decay-the-wrong-way-round",)),
    Mistake("m-never-decays", M, "m + (1 - beta_1) * gradient", ("old-moment-not-weighted",)),
    Mistake("m-forgets", M, "(1 - beta_1) * gradient", ("moment-not-kept",)),
    Mistake("m-against-the-gradient", M, "beta_1 * m - (1 - beta_1) * gradient", ("gradient-subtracted",)),
    Mistake("m-fixed", M, "0.9 * m + 0.1 * gradient", ("beta-ignored",)),
    Mistake("v-not-weighted", V, "beta_2 * v + np.square(gradient)", ("new-gradient-not-weighted",)),
    Mistake(
        "v-the-wrong-way-round", V, "(1 - beta_2) * v + beta_2 * np.square(gradient)", ("decay-the-wrong-way-round",)
    ),
    Mistake("v-fixed", V, "0.999 * v + 0.001 * np.square(gradient)", ("beta-ignored",)),
    Mistake("v-without-square", V, "beta_2 * v + (1 - beta_2) * gradient", ("square-missing",)),
    Mistake(
        "v-of-magnitudes", V, "beta_2 * v + (1 - beta_2) * np.abs(gradient)", ("absolute-value-instead-of-square",)
    ),
    Mistake("v-of-m", V, "beta_2 * v + (1 - beta_2) * np.square(new_m)", ("square-of-m-instead-of-gradient",)),
    Mistake(
        "v-for-all-together", V, "beta_2 * v + (1 - beta_2) * np.sum(gradient**2)", ("square-of-the-sum-over-all",)
    ),
    Mistake("v-weight-squared", V, "beta_2 * v + ((1 - beta_2) * gradient) ** 2", ("weight-squared-too",)),
    Mistake("v-keeps-the-largest", V, f"np.maximum(v, {V})", ("largest-v-kept",)),
    Mistake(
        "betas-exchanged",
        MOMENTS,
        MOMENTS.replace("beta_1", "b")
        .replace("beta_2", "beta_1")
        .replace("b *", "beta_2 *")
        .replace("- b)", "- beta_2)"),
        ("betas-swapped",),
    ),
    Mistake(
        "in-place",
        MOMENTS,
        "m *= beta_1\n    m += (1 - beta_1) * gradient\n    new_m = m\n    new_v = " + V + "\n",
        ("input-changed",),
    ),
    Mistake(
        "epsilon-under-the-root", STEP, "learning_rate * m_hat / np.sqrt(v_hat + epsilon)", ("epsilon-inside-the-root",)
    ),
    Mistake("no-epsilon", STEP, "learning_rate * m_hat / np.sqrt(v_hat)", ("epsilon-missing",)),
    Mistake("epsilon-fixed", STEP, "learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)", ("epsilon-ignored",)),
    Mistake(
        "bracket-missing", STEP, "learning_rate * m_hat / np.sqrt(v_hat) + epsilon", ("epsilon-added-to-the-quotient",)
    ),
    Mistake("no-root", STEP, "learning_rate * m_hat / (v_hat + epsilon)", ("root-missing",)),
    Mistake("no-learning-rate", STEP, "m_hat / (np.sqrt(v_hat) + epsilon)", ("learning-rate-missing",)),
    Mistake(
        "multiplied-by-the-root",
        STEP,
        "learning_rate * m_hat * (np.sqrt(v_hat) + epsilon)",
        ("multiplied-by-the-root",),
    ),
    Mistake(
        "gradient-for-m", STEP, "learning_rate * gradient / (np.sqrt(v_hat) + epsilon)", ("gradient-instead-of-m",)
    ),
    Mistake("v-not-used", STEP, "learning_rate * m_hat", ("v-not-used",)),
    Mistake("upwards", RETURN, "return parameter + change, new_m, new_v", ("step-added",)),
    Mistake("the-change-alone", RETURN, "return -change, new_m, new_v", ("parameter-missing",)),
    Mistake("corrected-moments", RETURN, "return parameter - change, m_hat, v_hat", ("corrected-moments-returned",)),
    Mistake("old-moments", RETURN, "return parameter - change, m, v", ("old-moments-returned",)),
    Mistake(
        "another-order",
        RETURN,
        "return parameter - change, new_v, new_m",
        ("results-in-wrong-order", "moments-returned-in-wrong-order"),
    ),
    Mistake("parameter-alone", RETURN, "return parameter - change", ("wrong-return",)),
    Mistake(
        "parameter-in-place", RETURN, "parameter -= change\n    return parameter, new_m, new_v", ("input-changed",)
    ),
    Mistake(
        "decays",
        RETURN,
        "return parameter - change - learning_rate * 0.01 * parameter, new_m, new_v",
        ("weight-decay-added",),
    ),
)
