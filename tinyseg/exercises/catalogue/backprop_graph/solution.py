"""Backpropagation through a graph.

Let g_k be the gradient of the loss by value k. The loss depends on a value x through all nodes that take x, and the
chain rule adds up what comes through each of them:

    g_x = sum over the nodes y that take x of  (g_y through y's own derivative by x)

so g_y must be whole before it is handed on. Every node that takes y comes after y in the tuple: going through it from
the last to the first visits all of them before y itself, and each node once. It begins with 1, the derivative of the
loss by itself; what is never reached stays zero. For single nodes, with g the gradient of their value:

    add     g to both                       y = x1 + x2: both derivatives are 1
    sub     g to the first, -g to the second
    mul     g * x2 and g * x1               the derivative of x1 * x2 by x1 is x2
    matmul  g @ x2.T and x1.T @ g           y_ij = sum_k x1_ik x2_kj, so dL/dx1_ik = sum_j g_ij x2_kj
    relu    g where x > 0
    sum     g for every entry
"""

import numpy as np


def evaluate(a, b, c, nodes):
    """Return all values: a, b, c, then one for each node. This function is given."""
    values = [a, b, c]
    for name, *inputs in nodes:
        x = [values[i] for i in inputs]
        if name == "add":
            value = x[0] + x[1]
        elif name == "sub":
            value = x[0] - x[1]
        elif name == "mul":
            value = x[0] * x[1]
        elif name == "matmul":
            value = x[0] @ x[1]
        elif name == "relu":
            value = np.maximum(x[0], 0)
        else:
            value = np.sum(x[0])
        values.append(value)
    return values


def backprop_graph(a, b, c, *, nodes):
    """Hand gradients on, from the loss to a, b and c."""
    values = evaluate(a, b, c, nodes)
    gradients = [np.zeros_like(value) for value in values]
    gradients[-1] = np.ones_like(values[-1])
    for k in range(len(values) - 1, 2, -1):
        name, *inputs = nodes[k - 3]
        g = gradients[k]
        x = [values[i] for i in inputs]
        if name == "add":
            parts = [g, g]
        elif name == "sub":
            parts = [g, -g]
        elif name == "mul":
            parts = [g * x[1], g * x[0]]
        elif name == "matmul":
            parts = [g @ x[1].T, x[0].T @ g]
        elif name == "relu":
            parts = [np.where(x[0] > 0, g, 0)]
        else:
            parts = [np.full_like(x[0], g)]
        for i, part in zip(inputs, parts, strict=True):
            gradients[i] = gradients[i] + part
    return gradients[0], gradients[1], gradients[2]
