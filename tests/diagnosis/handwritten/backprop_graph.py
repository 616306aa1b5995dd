"""backprop_graph as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


def evaluate(a, b, c, nodes):
    v = [a, b, c]
    for name, *i in nodes:
        x = [v[k] for k in i]
        v.append({
            "add": lambda: x[0] + x[1],
            "sub": lambda: x[0] - x[1],
            "mul": lambda: x[0] * x[1],
            "matmul": lambda: x[0] @ x[1],
            "relu": lambda: np.maximum(x[0], 0),
            "sum": lambda: np.sum(x[0]),
        }[name]())
    return v


def local(name, g, x):
    if name == "add":
        return g, g
    if name == "sub":
        return g, -g
    if name == "mul":
        return g * x[1], g * x[0]
    if name == "matmul":
        return g @ x[1].T, x[0].T @ g
    if name == "relu":
        return (g * (x[0] > 0),)
    return (g * np.ones_like(x[0]),)


# ----------------------------------------------------------------------------------- right


def dictionary(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = {len(v) - 1: np.ones_like(v[-1])}
    for k in reversed(range(len(nodes))):
        if k + 3 in g:
            name, *i = nodes[k]
            for where, part in zip(i, local(name, g[k + 3], [v[j] for j in i])):
                g[where] = g[where] + part if where in g else part
    return tuple(g.get(k, np.zeros_like(v[k])).astype(v[k].dtype) for k in range(3))


class Value:
    def __init__(self, data, parents=(), back=None):
        self.data, self.parents, self.back = data, parents, back
        self.grad = np.zeros_like(data)


def objects(a, b, c, *, nodes):
    """Values with closures, sorted by a walk through the graph."""
    values = [Value(a), Value(b), Value(c)]
    for data, (name, *i) in zip(evaluate(a, b, c, nodes)[3:], nodes):
        parents = [values[k] for k in i]
        values.append(Value(data, parents, lambda g, n=name, p=parents: local(n, g, [q.data for q in p])))
    order, seen = [], set()

    def visit(value):
        if id(value) not in seen:
            seen.add(id(value))
            for parent in value.parents:
                visit(parent)
            order.append(value)

    visit(values[-1])
    values[-1].grad = np.ones_like(values[-1].data)
    for value in reversed(order):
        if value.back:
            for parent, part in zip(value.parents, value.back(value.grad)):
                parent.grad = parent.grad + part
    return values[0].grad, values[1].grad, values[2].grad


def along_each_way(a, b, c, *, nodes):
    """Every way from the loss to an input by itself: slow, and right."""
    v = evaluate(a, b, c, nodes)
    out = [np.zeros_like(x) for x in (a, b, c)]

    def go(k, g):
        if k < 3:
            out[k] += g
            return
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g, [v[j] for j in i])):
            go(where, part)

    go(len(v) - 1, np.ones_like(v[-1]))
    return tuple(out)


def forward_mode(a, b, c, *, nodes):
    """One entry after the other is moved, and the change is followed forward."""
    inputs = [a, b, c]
    v = evaluate(a, b, c, nodes)
    results = []
    for which in range(3):
        out = np.zeros_like(inputs[which])
        for place in np.ndindex(out.shape):
            t = [np.zeros_like(x) for x in inputs]
            t[which][place] = 1
            for name, *i in nodes:
                x, d = [v[j] for j in i], [t[j] for j in i]
                if name == "add":
                    t.append(d[0] + d[1])
                elif name == "sub":
                    t.append(d[0] - d[1])
                elif name == "mul":
                    t.append(d[0] * x[1] + x[0] * d[1])
                elif name == "matmul":
                    t.append(d[0] @ x[1] + x[0] @ d[1])
                elif name == "relu":
                    t.append(np.where(x[0] > 0, d[0], 0))
                else:
                    t.append(np.sum(d[0]))
            out[place] = t[-1]
        results.append(out)
    return results


CORRECT = [Correct(f.__name__, f, None) for f in (dictionary, objects, along_each_way, forward_mode)]

# ----------------------------------------------------------------------------------- wrong


def run(a, b, c, nodes, local=local, order=None, assign=False):
    v = evaluate(a, b, c, nodes)
    g = [np.zeros_like(x) for x in v]
    g[-1] = np.ones_like(v[-1])
    for k in order(nodes) if order else range(len(v) - 1, 2, -1):
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
            g[where] = part if assign else g[where] + part
    return tuple(g[:3])


@wrong("gradients are assigned, so that a second use of a value overwrites the first")
def assigned(a, b, c, nodes):
    return run(a, b, c, nodes, assign=True)


@wrong("depth first from the loss: a node hands its gradient on when it is reached first, before all of it is there")
def by_recursion(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = [np.zeros_like(x) for x in v]
    g[-1] = np.ones_like(v[-1])
    done = set()

    def visit(k):
        if k < 3 or k in done:
            return
        done.add(k)
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
            g[where] = g[where] + part
        for where in i:
            visit(where)

    visit(len(v) - 1)
    return g[0], g[1], g[2]


@wrong("breadth first from the loss, each node once, before all of its gradient is there")
def by_levels(a, b, c, nodes):
    def order(nodes):
        seen = [len(nodes) + 2]
        for k in seen:
            seen += [j for j in dict.fromkeys(nodes[k - 3][1:]) if j > 2 and j not in seen]
        return seen

    return run(a, b, c, nodes, order=order)


@wrong("breadth first, and a node comes in again for each use: it hands on the same gradient several times")
def repeated(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = [np.zeros_like(x) for x in v]
    g[-1] = np.ones_like(v[-1])
    waiting = [len(v) - 1]
    while waiting:
        k = waiting.pop(0)
        if k < 3:
            continue
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
            g[where] = g[where] + part
            waiting.append(where)
    return g[0], g[1], g[2]


@wrong("the loop runs forward over the nodes")
def forwards(a, b, c, nodes):
    return run(a, b, c, nodes, order=lambda nodes: range(3, len(nodes) + 3))


@wrong("range(len(nodes) - 1, 0, -1): the first node is left out")
def off_by_one(a, b, c, nodes):
    return run(a, b, c, nodes, order=lambda nodes: [k + 3 for k in range(len(nodes) - 1, 0, -1)])


@wrong("the inputs of a node are put into a set, so that mul(a, a) gives one gradient")
def as_set(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = [np.zeros_like(x) for x in v]
    g[-1] = np.ones_like(v[-1])
    for k in range(len(v) - 1, 2, -1):
        name, *i = nodes[k - 3]
        parts = local(name, g[k], [v[j] for j in i])
        for where in set(i):
            g[where] = g[where] + parts[i.index(where)]
    return g[0], g[1], g[2]


@wrong("add gives the same array to both inputs, and += changes it for both")
def shared(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = [None] * len(v)
    g[-1] = np.ones_like(v[-1])
    for k in range(len(v) - 1, 2, -1):
        if g[k] is None:
            continue
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
            if g[where] is None:
                g[where] = part
            else:
                g[where] += part
    return tuple(np.zeros_like(v[k]) if g[k] is None else g[k] for k in range(3))


def with_local(name, f):
    return lambda n, g, x: f(g, x) if n == name else local(n, g, x)


@wrong("mul multiplies by its own factor instead of the other one")
def mul_own(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("mul", lambda g, x: (g * x[0], g * x[1])))


@wrong("mul forgets the gradient that came to it")
def mul_alone(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("mul", lambda g, x: (x[1] + 0, x[0] + 0)))


@wrong("sub is treated like add")
def sub_as_add(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("sub", lambda g, x: (g, g)))


@wrong("the matrices of matmul are multiplied from the wrong side")
def matmul_sides(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("matmul", lambda g, x: (x[1].T @ g, g @ x[0].T)))


@wrong("the right matrix is not transposed")
def matmul_plain(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("matmul", lambda g, x: (g @ x[1], x[0].T @ g)))


@wrong("relu masks by the sign of the gradient")
def relu_of_g(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("relu", lambda g, x: (np.maximum(g, 0),)))


@wrong("relu lets the gradient through at 0")
def relu_zero(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("relu", lambda g, x: (g * (x[0] >= 0),)))


@wrong("sum is treated like a mean")
def sum_mean(a, b, c, nodes):
    return run(a, b, c, nodes, with_local("sum", lambda g, x: (np.full(x[0].shape, g / x[0].size),)))


@wrong("the pass begins with the loss, not with 1")
def seed_loss(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = [np.zeros_like(x) for x in v]
    g[-1] = v[-1]
    for k in range(len(v) - 1, 2, -1):
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
            g[where] = g[where] + part
    return g[:3]


@wrong("arrays that are not used have no gradient: None")
def none(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = {len(v) - 1: np.ones_like(v[-1])}
    for k in range(len(v) - 1, 2, -1):
        if k in g:
            name, *i = nodes[k - 3]
            for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
                g[where] = g.get(where, 0) + part
    return g.get(0), g.get(1), g.get(2)


@wrong("arrays that are not used have the gradient 0, a number")
def number(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = {len(v) - 1: np.ones_like(v[-1])}
    for k in range(len(v) - 1, 2, -1):
        if k in g:
            name, *i = nodes[k - 3]
            for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
                g[where] = g.get(where, 0) + part
    return g.get(0, 0.0), g.get(1, 0.0), g.get(2, 0.0)


@wrong("nodes that the loss does not depend on begin with ones too")
def all_ends(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    used = {i for node in nodes for i in node[1:]}
    g = [np.zeros_like(x) if k in used or k < 3 else np.ones_like(x) for k, x in enumerate(v)]
    for k in range(len(v) - 1, 2, -1):
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
            g[where] = g[where] + part
    return g[:3]


@wrong("a node with two inputs hands on to the first only")
def first_only(a, b, c, nodes):
    return run(a, b, c, nodes, lambda n, g, x: local(n, g, x)[:1])


@wrong("central differences with a step of 1e-3 in place of backpropagation: right to six digits at best")
def differences(a, b, c, nodes):
    out = []
    for which in range(3):
        grad = np.zeros_like((a, b, c)[which])
        for place in np.ndindex(grad.shape):
            ends = []
            for step in (1e-3, -1e-3):
                arrays = [x.copy() for x in (a, b, c)]
                arrays[which][place] += step
                ends.append(evaluate(*arrays, nodes)[-1])
            grad[place] = (ends[0] - ends[1]) / 2e-3
        out.append(grad)
    return tuple(out)


@wrong("the list of gradients of all values is returned")
def whole_list(a, b, c, nodes):
    v = evaluate(a, b, c, nodes)
    g = [np.zeros_like(x) for x in v]
    g[-1] = np.ones_like(v[-1])
    for k in range(len(v) - 1, 2, -1):
        name, *i = nodes[k - 3]
        for where, part in zip(i, local(name, g[k], [v[j] for j in i])):
            g[where] = g[where] + part
    return g
