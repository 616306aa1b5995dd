"""Exercise: backprop_graph   (chapter 6, difficulty 3 of 5)

A network is a graph: values, and nodes that make new values of them. Backpropagation goes through it from the loss back
to the inputs and computes for each value the gradient of the loss by it.

Values have numbers. Values 0, 1 and 2 are the arrays a, b and c. `nodes` is a tuple; its k-th entry (k = 0, 1, ...)
makes value 3 + k and says how: the name of an operation, then the numbers of the values that it takes.

    ("add", i, j)     value i + value j, entry by entry          ("sub", i, j)     value i - value j
    ("mul", i, j)     value i * value j, entry by entry          ("matmul", i, j)  value i @ value j, both with two axes
    ("relu", i)       the larger of value i and 0                ("sum", i)        the sum of all entries: one number

A node comes after the nodes that make its inputs. add, sub and mul take values of one shape. The last value is the
loss, one number. The function `evaluate` below, which is given, computes all values.

Write backprop_graph: it returns the gradients of the loss by a, b and c. Each has the shape of its array; it is zeros
when the loss does not depend on the array. The gradient of relu at 0 is 0. A value may be used by several nodes, and
twice by one node.

By hand, with a = [1, 2], b = [3, 4], c = [5, 6] and nodes = (("mul", 0, 1), ("add", 3, 0), ("sum", 4)):

    value 3 = [3, 8]        value 4 = [4, 10]        value 5 = 14, the loss
    gradients: da = [4, 5]      db = [1, 2]      dc = [0, 0]

a, b and c must not be changed. Allowed: NumPy and plain Python.
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
    """Return (da, db, dc)."""
    raise NotImplementedError("backprop_graph is yours to write")
