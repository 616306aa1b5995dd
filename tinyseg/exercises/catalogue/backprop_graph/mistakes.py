"""backprop_graph: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

ADD = "            gradients[i] = gradients[i] + part\n"
LOOP = "    for k in range(len(values) - 1, 2, -1):\n"
MUL = "parts = [g * x[1], g * x[0]]"
SUB = "parts = [g, -g]"
PLUS = "parts = [g, g]"
MATMUL = "parts = [g @ x[1].T, x[0].T @ g]"
RELU = "parts = [np.where(x[0] > 0, g, 0)]"
SUM = "parts = [np.full_like(x[0], g)]"
SEED = "    gradients[-1] = np.ones_like(values[-1])\n"
ZEROS = "    gradients = [np.zeros_like(value) for value in values]\n"
RETURN = "    return gradients[0], gradients[1], gradients[2]\n"
ZIP = "        for i, part in zip(inputs, parts, strict=True):\n"
SEARCH = (
    "    order, waiting = [], [len(values) - 1]\n"
    "    while waiting:\n"
    "        k = waiting.pop({place})\n"
    "        if k > 2 and k not in order:\n"
    "            order.append(k)\n"
    "            waiting += nodes[k - 3][1:]\n"
    "    for k in order:\n"
)


def _local(name: str, before: str, after: str, *causes: str) -> Mistake:
    return Mistake(name, before, after, causes)


MISTAKES = (
    Mistake("assigned", ADD, "            gradients[i] = part\n", ("gradients-overwritten",)),
    Mistake(
        "first-one-stays",
        ADD,
        "            if not np.any(gradients[i]):\n                gradients[i] = part\n",
        ("gradients-overwritten",),
    ),
    Mistake(
        "added-inside-only",
        ADD,
        "            gradients[i] = gradients[i] + part if i > 2 else part\n",
        ("gradients-overwritten",),
    ),
    Mistake(
        "added-at-the-inputs-only",
        ADD,
        "            gradients[i] = gradients[i] + part if i < 3 else part\n",
        ("gradients-overwritten",),
    ),
    Mistake(
        "averaged",
        ADD,
        "            gradients[i] = (gradients[i] + part) / 2 if np.any(gradients[i]) else part\n",
        ("gradients-averaged",),
    ),
    Mistake(
        "multiplied",
        ADD,
        "            gradients[i] = gradients[i] * part if np.any(gradients[i]) else part\n",
        ("gradients-multiplied",),
    ),
    Mistake("subtracted", ADD, "            gradients[i] = gradients[i] - part\n", ("gradients-subtracted",)),
    Mistake(
        "inputs-as-a-set",
        ZIP,
        "        for i, part in dict(zip(inputs, parts, strict=True)).items():\n",
        ("same-input-counted-once",),
    ),
    Mistake(
        "same-input-skipped",
        ZIP,
        "        if len(inputs) == 2 and inputs[0] == inputs[1]:\n"
        "            inputs, parts = inputs[:1], parts[:1]\n"
        "        for i, part in zip(inputs, parts, strict=True):\n",
        ("same-input-counted-once",),
    ),
    Mistake("breadth-first", LOOP, SEARCH.format(place=0), ("handed-on-too-early",)),
    Mistake("depth-first", LOOP, SEARCH.format(place=-1), ("handed-on-too-early",)),
    Mistake("forward-order", LOOP, "    for k in range(3, len(values)):\n", ("only-the-last-node",)),
    Mistake("first-node-skipped", LOOP, "    for k in range(len(values) - 1, 3, -1):\n", ("first-node-left-out",)),
    Mistake("last-node-skipped", LOOP, "    for k in range(len(values) - 2, 2, -1):\n", ("nothing-handed-on",)),
    Mistake(
        "returned-too-early",
        ADD,
        ADD + "        return gradients[0], gradients[1], gradients[2]\n",
        ("only-the-last-node",),
    ),
    Mistake("first-input-only", ZIP, "        for i, part in zip(inputs[:1], parts):\n", ("only-the-first-input",)),
    Mistake("node-of-the-wrong-number", "nodes[k - 3]", "nodes[k - 4]", ("another-node-visited", "exception")),
    Mistake(
        "all-values-begin-with-one",
        ZEROS,
        "    gradients = [np.zeros_like(value) if k < 3 else np.ones_like(value) for k, value in enumerate(values)]\n",
        ("every-value-begins-with-one",),
    ),
    Mistake(
        "everything-begins-with-one",
        ZEROS,
        "    gradients = [np.ones_like(value) for value in values]\n",
        ("every-value-begins-with-one",),
    ),
    Mistake("seed-is-the-loss", SEED, "    gradients[-1] = values[-1]\n", ("loss-instead-of-one",)),
    Mistake("no-seed", SEED, "", ("nothing-handed-on",)),
    Mistake("unused-is-none", ZEROS, "    gradients = [None for value in values]\n", ("exception", "result-missing")),
    Mistake(
        "unused-is-a-number", ZEROS, "    gradients = [0.0 for value in values]\n", ("unused-gradient-is-one-number",)
    ),
    Mistake(
        "shared-memory",
        ADD,
        "            if not np.any(gradients[i]):\n                gradients[i] = part\n"
        "            else:\n                gradients[i] += part\n",
        ("gradients-share-memory",),
    ),
    _local("mul-own-factor", MUL, "parts = [g * x[0], g * x[1]]", "factors-not-exchanged"),
    _local("mul-without-factor", MUL, "parts = [g, g]", "factor-missing"),
    _local("mul-by-the-product", MUL, "parts = [g * values[k], g * values[k]]", "product-instead-of-factor"),
    _local("mul-without-upstream", MUL, "parts = [x[1], x[0]]", "upstream-ignored-in-a-node"),
    _local("sub-like-add", SUB, "parts = [g, g]", "sign-of-the-subtraction-lost"),
    _local("sub-other-sign", SUB, "parts = [-g, g]", "sign-of-the-subtraction-on-the-wrong-side"),
    _local("add-shared-out", PLUS, "parts = [g / 2, g / 2]", "gradient-halved"),
    _local("add-like-mul", PLUS, "parts = [g * x[1], g * x[0]]", "factors-not-exchanged"),
    _local("add-of-ones", PLUS, "parts = [np.ones_like(g), np.ones_like(g)]", "upstream-ignored-in-a-node"),
    _local("matmul-swapped", MATMUL, "parts = [x[1].T @ g, g @ x[0].T]", "matrices-in-the-wrong-order", "exception"),
    _local("matmul-without-transposes", MATMUL, "parts = [g @ x[1], x[0] @ g]", "matrix-not-transposed", "exception"),
    _local("matmul-half-transposed", MATMUL, "parts = [g @ x[1].T, x[0] @ g]", "matrix-not-transposed", "exception"),
    _local(
        "matmul-upstream-transposed", MATMUL, "parts = [g @ x[1].T, (g.T @ x[0])]", "upstream-transposed", "exception"
    ),
    _local("matmul-like-mul", MATMUL, "parts = [g * x[1], g * x[0]]", "matrix-product-like-mul", "exception"),
    _local("relu-open", RELU, "parts = [g]", "relu-without-mask"),
    _local("relu-of-the-gradient", RELU, "parts = [np.maximum(g, 0)]", "relu-mask-of-the-upstream"),
    _local("relu-at-zero", RELU, "parts = [np.where(x[0] >= 0, g, 0)]", "relu-mask-at-zero"),
    _local("relu-times-input", RELU, "parts = [g * np.maximum(x[0], 0)]", "relu-times-the-value"),
    _local("relu-inverted", RELU, "parts = [np.where(x[0] > 0, 0, g)]", "relu-mask-inverted"),
    _local("relu-step-only", RELU, "parts = [(x[0] > 0) * 1.0]", "upstream-ignored-in-a-node"),
    _local("sum-as-mean", SUM, "parts = [np.full_like(x[0], g) / x[0].size]", "sum-taken-for-a-mean"),
    _local("sum-times-values", SUM, "parts = [g * x[0]]", "sum-times-the-values"),
    _local("sum-not-spread", SUM, "parts = [g / x[0].size]", "sum-taken-for-a-mean"),
    Mistake("two-gradients", RETURN, "    return gradients[0], gradients[1]\n", ("wrong-return",)),
    Mistake(
        "order-of-results", RETURN, "    return gradients[1], gradients[0], gradients[2]\n", ("results-in-wrong-order",)
    ),
    Mistake(
        "values-returned", RETURN, "    return values[0], values[1], values[2]\n", ("values-instead-of-gradients",)
    ),
    Mistake(
        "third-is-zero",
        RETURN,
        "    return gradients[0], gradients[1], np.zeros_like(c)\n",
        ("gradients-not-filled-in",),
    ),
    Mistake(
        "inputs-scaled",
        RETURN,
        "    a -= 0.1 * gradients[0]\n" + RETURN,
        ("input-changed",),
    ),
)
