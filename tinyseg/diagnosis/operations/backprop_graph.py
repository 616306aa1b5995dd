"""backprop_graph: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, small_integers
from ..comparison import Finding, Kind
from ..observing import Learner, Observation
from ..operation import Hypothesis, Operation, Trouble
from ..traits import FLOAT32, ZEROS, Trait, traits_of

Node = tuple[str | int, ...]
Local = Callable[[Array, Sequence[Array], Array], Sequence[Array]]
"""(gradient of a value, its inputs, the value) -> what goes to each input."""

REUSED = Trait("a value that is used more than once", mistake="several-uses-mishandled")
TWICE_IN_ONE_NODE = Trait("a node with the same input twice", mistake="same-input-twice-mishandled")
UNUSED = Trait("values that the loss does not depend on", mishandled="unused-values-mishandled")
MATMUL = Trait("a matrix product", mishandled="matrix-product-mishandled")
RELU = Trait("a ReLU", mishandled="relu-mishandled")
SUBTRACTION = Trait("a subtraction", mishandled="subtraction-mishandled")
SHORTCUT = Trait("a shorter and a longer way to one value", mistake="order-mishandled")
SUM_INSIDE = Trait("a sum before the end", mishandled="inner-sum-mishandled")

GRAPHS: tuple[tuple[tuple[Node, ...], tuple[tuple[int, ...], ...], Trait | None], ...] = (
    ((("sum", 0),), ((3,), (3,), (3,)), None),
    ((("mul", 0, 1), ("sum", 3)), ((3,), (3,), (3,)), None),
    ((("add", 0, 1), ("mul", 3, 2), ("sum", 4)), ((2, 2), (2, 2), (2, 2)), None),
    ((("sub", 0, 1), ("mul", 2, 3), ("sum", 4)), ((2,), (2,), (2,)), None),
    ((("mul", 0, 1), ("add", 3, 0), ("sum", 4)), ((3,), (3,), (3,)), None),
    ((("mul", 0, 0), ("sum", 3)), ((3,), (2,), (2,)), None),
    ((("add", 0, 0), ("mul", 3, 1), ("sum", 4)), ((2,), (2,), (2,)), None),
    ((("relu", 0), ("mul", 3, 1), ("sum", 4)), ((2, 3), (2, 3), (1,)), ZEROS),
    ((("matmul", 0, 1), ("sum", 3)), ((2, 3), (3, 2), (2, 2)), None),
    ((("matmul", 0, 1), ("mul", 3, 2), ("sum", 4)), ((2, 2), (2, 2), (2, 2)), None),
    ((("matmul", 0, 1), ("relu", 3), ("matmul", 4, 2), ("mul", 5, 5), ("sum", 6)), ((4, 3), (3, 5), (5, 2)), None),
    ((("sub", 0, 0), ("add", 3, 1), ("mul", 4, 2), ("sum", 5)), ((2, 3), (2, 3), (2, 3)), None),
    ((("mul", 0, 1), ("mul", 3, 0), ("mul", 3, 4), ("add", 0, 5), ("sum", 6)), ((4,), (4,), (4,)), SHORTCUT),
    ((("add", 0, 1), ("mul", 3, 3), ("relu", 4), ("mul", 3, 5), ("sub", 6, 3), ("sum", 7)), ((5,),) * 3, SHORTCUT),
    ((("mul", 0, 1), ("mul", 0, 2), ("sum", 4)), ((3, 2), (3, 2), (3, 2)), None),
    ((("relu", 1), ("mul", 0, 1), ("mul", 4, 3), ("add", 4, 0), ("sum", 6)), ((2, 4), (2, 4), (2, 2)), None),
    ((("sum", 0), ("sum", 1), ("mul", 3, 4)), ((2, 3), (4,), (2,)), None),
    ((("mul", 0, 1), ("sum", 3), ("mul", 4, 4), ("sum", 0), ("mul", 5, 6)), ((5,), (5,), (5,)), None),
    (
        (("matmul", 0, 0), ("matmul", 3, 0), ("sub", 4, 3), ("mul", 5, 1), ("sum", 6)),
        ((3, 3), (3, 3), (3, 3)),
        SHORTCUT,
    ),
    ((("add", 0, 1), ("add", 3, 3), ("add", 4, 4), ("add", 3, 5), ("mul", 6, 2), ("sum", 7)), ((4,),) * 3, SHORTCUT),
    ((("sub", 1, 0), ("sub", 2, 3), ("sub", 4, 1), ("mul", 5, 3), ("relu", 6), ("sum", 7)), ((3, 4),) * 3, SHORTCUT),
    ((("matmul", 0, 1), ("add", 3, 2), ("relu", 4), ("mul", 5, 3), ("sum", 6)), ((3, 4), (4, 2), (3, 2)), FLOAT32),
    ((*(("add", k, k) if k % 2 else ("mul", k, 1) for k in [0, *range(3, 11)]), ("sum", 11)), ((6,),) * 3, None),
)
"""Nodes, shapes of a, b and c, what is special."""


class BackpropGraph(Operation):
    """Gradients through a graph of a few operations."""

    name = "backprop_graph"
    arrays = ("a", "b", "c")
    results = ("da", "db", "dc")
    gradients = ()
    has_cache = False
    contract = (
        "forward(a, b, c, *, nodes) -> (da, db, dc): values 0, 1 and 2 are a, b and c; nodes is a tuple of (name, "
        "number of an input, ...), the k-th makes value 3 + k; names: add, sub, mul (entry by entry), matmul, relu, "
        "sum (of all entries); the last value is the loss, one number, and da, db, dc are its gradients, zeros for "
        "what is not used"
    )

    def cases(self) -> list[Case]:
        """One node, chains, a value that is used twice; then short cuts, values that are not used, matrices."""
        return [_case(number, *row) for number, row in enumerate(GRAPHS)]

    def right(self, case: Case) -> Outputs:
        """Run over the nodes from the last to the first."""
        return _run(case, Way())

    def symbols(self, case: Case) -> Mapping[str, float]:
        """The sizes of the arrays."""
        return {f"size of {name}": float(array.size) for name, array in case.arrays.items()}

    def trouble(self, learner: Learner, judged: Sequence[Observation]) -> Trouble | None:
        """Gradients that are zero whatever the graph is, and one number where an array of zeros is right."""
        found = [o.findings for o in judged if all(name in o.findings for name in self.results)]
        right = [name for name in self.results if all(f[name].is_right for f in found)]
        others = [name for name in self.results if name not in right]
        if not found or not others:
            return None
        if all(_is_number_for_zeros(f[name]) for f in found for name in others if not f[name].is_right):
            return Trouble("unused-gradient-is-one-number", others[0], " and ".join(others), {})
        if right and all(f[name].kind is Kind.VALUE or f[name].is_right for f in found for name in others):
            words = " and ".join(others)
            if not any(np.any(f[name].got) for f in found for name in others):
                return Trouble("gradients-not-filled-in", others[0], words, {"right": ", ".join(right), "zero": words})
        return None

    def mistakes(self) -> Iterator[Hypothesis]:
        """Gradients that are not added, another order, wrong local gradients."""
        yield from self._adding_mistakes()
        yield from self._order_mistakes()
        yield from self._local_mistakes()
        yield from self._loss_mistakes()

    def _adding_mistakes(self) -> Iterator[Hypothesis]:
        """What becomes of a second gradient for one value."""

        def way(**changes: str | bool) -> Callable[[Case], Outputs]:
            return lambda case: _run(case, replace(Way(), **changes))  # type: ignore[arg-type]

        yield Hypothesis("gradients-overwritten", way(adding="last"), "the last one stays")
        yield Hypothesis(
            "gradients-overwritten",
            way(adding="last", unused=True),
            "the last one stays, if only zeros of a value that is not used",
        )
        yield Hypothesis("gradients-overwritten", way(adding="first"), "the first one stays")
        yield Hypothesis(
            "gradients-overwritten", way(adding="last among inputs"), "at a, b and c; inside they are added"
        )
        yield Hypothesis("gradients-overwritten", way(adding="last inside"), "inside; at a, b and c they are added")
        yield Hypothesis("gradients-averaged", way(adding="mean"))
        yield Hypothesis("gradients-averaged", way(adding="halves"), "each new one with what is there")
        yield Hypothesis("gradients-subtracted", way(adding="minus"))
        yield Hypothesis("gradients-subtracted", way(adding="difference"), "from the first one")
        yield Hypothesis("gradients-multiplied", way(adding="product"))
        yield Hypothesis("largest-gradient-kept", way(adding="largest"))
        yield Hypothesis("gradients-share-memory", way(aliasing="add"), "add gives one array to both of its inputs")
        yield Hypothesis("gradients-share-memory", way(aliasing="all"), "what a node gives on is the array that it got")
        yield Hypothesis("same-input-counted-once", way(twice="first"), "the first of its two gradients")
        yield Hypothesis("same-input-counted-once", way(twice="second"), "the second of its two gradients")
        yield Hypothesis("same-input-counted-once", way(twice="mul first"), "in mul")
        for order in ("queue", "stack", "recursion"):
            yield Hypothesis("gradient-handed-on-again", way(order=order, again=True))

    def _order_mistakes(self) -> Iterator[Hypothesis]:
        """When a node hands its gradient on, and which nodes do."""

        def way(**changes: str | bool | int) -> Callable[[Case], Outputs]:
            return lambda case: _run(case, replace(Way(), **changes))  # type: ignore[arg-type]

        yield Hypothesis("handed-on-too-early", way(order="queue"), "breadth first, each node once")
        yield Hypothesis("handed-on-too-early", way(order="stack"), "depth first, each node once")
        yield Hypothesis(
            "handed-on-too-early", way(order="recursion"), "by a function that calls itself, each node once"
        )
        yield Hypothesis("first-node-left-out", way(skip_first=True))
        yield Hypothesis("only-the-last-node", way(order="last only"))
        yield Hypothesis("only-the-first-input", way(inputs="first"), "of each node")
        yield Hypothesis("only-the-first-input", way(inputs="last"), "of each node the last one")
        yield Hypothesis("unused-values-count", way(begun="ends"))
        yield Hypothesis("every-value-begins-with-one", way(begun="nodes"), "but a, b and c")
        yield Hypothesis("every-value-begins-with-one", way(begun="all"))
        yield Hypothesis("another-node-visited", way(node_shift=-1), "the one before it")
        yield Hypothesis("input-numbers-one-off", way(shift=1), "one too high")
        yield Hypothesis("input-numbers-one-off", way(shift=-1), "one too low")

    def _local_mistakes(self) -> Iterator[Hypothesis]:
        """Wrong gradients of single operations."""
        for cause, name, local, detail in LOCAL_MISTAKES:

            def predict(case: Case, name: str = name, local: Local = local) -> Outputs:
                return _run(case, replace(Way(), local={**LOCAL, name: local}))

            yield Hypothesis(cause, predict, detail)
        for cause, names in (
            ("upstream-ignored-in-a-node", ("mul",)),
            ("upstream-ignored-in-a-node", ("matmul",)),
            ("upstream-ignored-in-a-node", ("relu",)),
            ("upstream-ignored-in-a-node", ("add", "sub")),
            ("upstream-ignored-in-a-node", ("sum",)),
            ("upstream-ignored-in-a-node", tuple(LOCAL)),
        ):

            def predict_alone(case: Case, names: tuple[str, ...] = names) -> Outputs:
                def alone(name: str) -> Local:
                    return lambda g, x, y: LOCAL[name](np.ones_like(g), x, y)

                return _run(case, replace(Way(), local={**LOCAL, **{name: alone(name) for name in names}}))

            yield Hypothesis(cause, predict_alone, "everywhere" if len(names) > 2 else " and ".join(names))

    def _loss_mistakes(self) -> Iterator[Hypothesis]:
        """Where the backward pass begins, and what it returns."""

        def begun(value: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
            return lambda case: _run(case, replace(Way(), seed=value))

        yield Hypothesis("loss-instead-of-one", begun(lambda loss: loss))
        yield Hypothesis("nothing-handed-on", begun(lambda loss: loss * 0))
        yield Hypothesis("gradient-of-half-the-square", begun(lambda loss: 2 * loss))

        yield Hypothesis(
            "values-instead-of-gradients", lambda case: {f"d{key}": array for key, array in case.arrays.items()}
        )
        yield Hypothesis("gradients-of-nodes", lambda case: _of_nodes(case, 3), "3, 4 and 5")


def _is_number_for_zeros(found: Finding) -> bool:
    return found.kind is Kind.SHAPE and np.shape(found.got) == () and not np.any(found.right)


# The right way, with some freedom to go wrong ------------------------------------------------------------------------


def _mul(g: Array, x: Sequence[Array], y: Array) -> Sequence[Array]:
    return g * x[1], g * x[0]


def _matmul(g: Array, x: Sequence[Array], y: Array) -> Sequence[Array]:
    return g @ x[1].T, x[0].T @ g


LOCAL: Mapping[str, Local] = {
    "add": lambda g, x, y: (g, g),
    "sub": lambda g, x, y: (g, -g),
    "mul": _mul,
    "matmul": _matmul,
    "relu": lambda g, x, y: (g * (x[0] > 0),),
    "sum": lambda g, x, y: (g * np.ones_like(x[0]),),
}
FORWARD: Mapping[str, Callable[..., Array]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "matmul": np.matmul,
    "relu": lambda x: np.maximum(x, 0),
    "sum": lambda x: np.asarray(x.sum()),
}

LOCAL_MISTAKES: tuple[tuple[str, str, Local, str], ...] = (
    ("factors-not-exchanged", "mul", lambda g, x, y: (g * x[0], g * x[1]), ""),
    ("product-instead-of-factor", "mul", lambda g, x, y: (g * y, g * y), ""),
    ("factor-missing", "mul", lambda g, x, y: (g, g), "both"),
    ("factor-missing", "mul", lambda g, x, y: (g * x[1], g), "that of the second input"),
    ("factor-missing", "mul", lambda g, x, y: (g, g * x[0]), "that of the first input"),
    ("sign-of-the-subtraction-lost", "sub", lambda g, x, y: (g, g), ""),
    ("sign-of-the-subtraction-on-the-wrong-side", "sub", lambda g, x, y: (-g, g), ""),
    ("sign-of-the-subtraction-on-the-wrong-side", "sub", lambda g, x, y: (-g, -g), "on both"),
    ("gradient-halved", "add", lambda g, x, y: (g / 2, g / 2), "between the two inputs of add"),
    ("values-instead-of-the-upstream", "add", lambda g, x, y: (x[0], x[1]), "in add"),
    ("factors-not-exchanged", "add", lambda g, x, y: (g * x[1], g * x[0]), "add is treated like mul"),
    ("matrix-not-transposed", "matmul", lambda g, x, y: (g @ x[1], x[0] @ g), "neither of them"),
    ("matrix-not-transposed", "matmul", lambda g, x, y: (g @ x[1], x[0].T @ g), "in the gradient of the left one"),
    ("matrix-not-transposed", "matmul", lambda g, x, y: (g @ x[1].T, x[0] @ g), "in the gradient of the right one"),
    ("matrices-in-the-wrong-order", "matmul", lambda g, x, y: (x[1].T @ g, g @ x[0].T), "both"),
    (
        "matrices-in-the-wrong-order",
        "matmul",
        lambda g, x, y: (x[1].T @ g, x[0].T @ g),
        "in the gradient of the left one",
    ),
    ("matrices-in-the-wrong-order", "matmul", lambda g, x, y: (g @ x[1].T, g @ x[0].T), "in that of the right one"),
    ("upstream-transposed", "matmul", lambda g, x, y: (g @ x[1].T, g.T @ x[0]), "in the gradient of the right one"),
    ("matrices-not-exchanged", "matmul", lambda g, x, y: (x[0].T @ g, g @ x[1].T), ""),
    ("matrix-product-like-mul", "matmul", lambda g, x, y: (g * x[1], g * x[0]), ""),
    ("relu-without-mask", "relu", lambda g, x, y: (g,), ""),
    ("relu-mask-at-zero", "relu", lambda g, x, y: (g * (x[0] >= 0),), ""),
    ("relu-mask-of-the-upstream", "relu", lambda g, x, y: (g * (g > 0),), ""),
    ("relu-mask-of-the-upstream", "relu", lambda g, x, y: (g * (g > 0) * (x[0] > 0),), "and of the input"),
    ("relu-mask-inverted", "relu", lambda g, x, y: (g * (x[0] < 0),), ""),
    ("relu-mask-inverted", "relu", lambda g, x, y: (g * (x[0] <= 0),), ""),
    ("relu-times-the-value", "relu", lambda g, x, y: (g * y,), ""),
    ("relu-times-the-value", "relu", lambda g, x, y: (g * x[0],), "of the input"),
    ("sum-taken-for-a-mean", "sum", lambda g, x, y: (g * np.ones_like(x[0]) / x[0].size,), ""),
    ("sum-times-the-values", "sum", lambda g, x, y: (g * x[0],), ""),
    ("sum-times-the-size", "sum", lambda g, x, y: (g * np.ones_like(x[0]) * x[0].size,), ""),
)


@dataclass(frozen=True)
class Way:
    """How gradients are handed on; the defaults are right."""

    adding: str = "sum"
    aliasing: str = ""
    twice: str = "both"
    order: str = "reverse"
    inputs: str = "all"
    again: bool = False
    unused: bool = False
    skip_first: bool = False
    begun: str = "loss"
    shift: int = 0
    node_shift: int = 0
    seed: Callable[[Array], Array] = np.ones_like
    local: Mapping[str, Local] | None = None


def _values(case: Case) -> list[Array]:
    values = list(case.arrays.values())
    for name, *inputs in case.options["nodes"]:
        values.append(FORWARD[name](*(values[k] for k in inputs)))
    return values


def _run(case: Case, way: Way) -> Outputs:
    """Hand gradients on from the loss to a, b and c."""
    nodes = case.options["nodes"]
    values = _values(case)
    used = {i for node in nodes for i in node[1:]}
    seeds = {
        "loss": [len(values) - 1],
        "ends": [k for k in range(3, len(values)) if k not in used],
        "nodes": list(range(3, len(values))),
        "all": list(range(len(values))),
    }[way.begun]
    received: list[list[Array]] = [[way.seed(v)] if k in seeds else [] for k, v in enumerate(values)]
    sums: dict[int, Array] = {k: parts[0] for k, parts in enumerate(received) if parts}
    for k in _visits(nodes, way):
        if k not in sums and way.unused:  # a gradient of zeros, which is handed on like any other
            sums[k] = np.zeros_like(values[k])
            received[k] = [sums[k]]
        if k not in sums:
            continue
        loss = k == len(values) - 1  # what the loss begins with is no gradient that came to it
        gradient = sums[k] if way.aliasing or loss else _together(received[k], way, inside=True)
        name, *inputs = nodes[k - 3 + way.node_shift]
        parts = list(zip(inputs, _given(name, gradient, [values[i] for i in inputs], values[k], way), strict=True))
        if len(inputs) == 2 and inputs[0] == inputs[1] and (way.twice.removeprefix("mul ") != "both"):
            keep = 1 if way.twice == "second" else 0
            if name == "mul" or "mul" not in way.twice:
                parts = parts[keep : keep + 1]
        if way.inputs != "all":
            parts = parts[:1] if way.inputs == "first" else parts[-1:]
        for i, part in parts:
            target = (i + way.shift) % len(values)
            if np.shape(part) != values[target].shape:
                raise ValueError("a gradient of another shape")
            received[target].append(part)
            if way.aliasing and target in sums:
                sums[target] += part  # in place: whoever holds the same array gets it too
            else:
                sums[target] = part
    result = {}
    for k, (name, array) in enumerate(case.arrays.items()):
        value = sums.get(k) if way.aliasing else _together(received[k], way, inside=False) if received[k] else None
        result[f"d{name}"] = np.zeros_like(array) if value is None else np.asarray(value, array.dtype)
    return result


def _given(name: str, gradient: Array, inputs: Sequence[Array], value: Array, way: Way) -> Sequence[Array]:
    """Return what a node gives to its inputs: new arrays, or where memory is shared the array itself."""
    parts = (way.local or LOCAL)[name](gradient, inputs, value)
    if way.aliasing == "add" and name == "add":
        both = gradient.copy()
        return both, both
    if way.aliasing == "all":
        return parts
    return [np.array(part) for part in parts]


def _together(parts: Sequence[Array], way: Way, *, inside: bool) -> Array:
    """Put the gradients together that came to one value."""
    how = way.adding
    if how in ("last among inputs", "last inside"):
        how = "last" if (how == "last inside") == inside else "sum"
    if how == "largest":
        return max(parts, key=lambda part: float(np.abs(part).sum()))
    if how in ("halves", "difference", "minus"):
        total = parts[0] if how != "minus" else np.zeros_like(parts[0])
        for part in parts[how != "minus" :]:
            total = (total + part) / 2 if how == "halves" else total - part
        return total
    if how == "product":
        return np.asarray(np.prod(np.stack(parts), axis=0))
    if how == "mean":
        return np.asarray(np.mean(np.stack(parts), axis=0))
    return parts[0] if how == "first" else parts[-1] if how == "last" else np.asarray(sum(parts))


def _visits(nodes: Sequence[Node], way: Way) -> list[int]:
    """Return the numbers of the values in the order in which their nodes hand gradients on."""
    last = len(nodes) + 2
    order = list(range(last, 2, -1))
    if way.order == "last only":
        order = [last]
    if way.order in ("queue", "stack"):
        order, waiting = [], [last]
        while waiting:
            k = waiting.pop(0 if way.order == "queue" else -1)
            if k < 3 or (k in order and not way.again):
                continue
            order.append(k)
            waiting += [int(i) for i in nodes[k - 3][1:]]
    if way.order == "recursion":
        order = []

        def visit(k: int) -> None:
            if k < 3 or (k in order and not way.again):
                return
            order.append(k)
            for i in nodes[k - 3][1:]:
                visit(int(i))

        visit(last)
    return [k for k in order if not (way.skip_first and k == 3)]


def _of_nodes(case: Case, first: int) -> Outputs:
    """The gradients of three other values, from `first` on, in the place of those of a, b and c."""
    nodes = case.options["nodes"]
    values = _values(case)
    sums = [np.zeros_like(v) for v in values]
    sums[-1] = np.ones_like(values[-1])
    for k in range(len(values) - 1, 2, -1):
        name, *inputs = nodes[k - 3]
        for i, part in zip(inputs, LOCAL[name](sums[k], [values[j] for j in inputs], values[k]), strict=True):
            sums[i] = sums[i] + part
    return {f"d{name}": sums[first + k] for k, name in enumerate(case.arrays)}


# Configurations ------------------------------------------------------------------------------------------------------


def _case(number: int, nodes: tuple[Node, ...], shapes: tuple[tuple[int, ...], ...], special: Trait | None) -> Case:
    rng = case_rng(number, 23)
    by_hand = number < 10 or sum(int(np.prod(shape)) for shape in shapes) <= 12
    arrays = {}
    for name, shape in zip(("a", "b", "c"), shapes, strict=True):
        array = small_integers(rng, shape, 1, 5) if by_hand else rng.standard_normal(shape)
        if special == ZEROS and name == "a":
            array.flat[::2] = 0
        arrays[name] = array.astype(np.float32) if special == FLOAT32 else array
    if len(shapes) > 2 and number == len(GRAPHS) - 1:
        arrays["b"] = np.sign(arrays["b"]) * (0.5 + rng.random(shapes[1]))  # a power of it stays an ordinary number
    inputs = [[k for k in node[1:] if isinstance(k, int)] for node in nodes]
    every = [k for numbers in inputs for k in numbers]
    names = [node[0] for node in nodes]
    traits = traits_of(
        {
            REUSED: any(every.count(k) > 1 for k in every),
            TWICE_IN_ONE_NODE: any(len(numbers) == 2 and numbers[0] == numbers[1] for numbers in inputs),
            UNUSED: any(k not in every for k in range(len(nodes) + 2)),
            MATMUL: "matmul" in names,
            RELU: "relu" in names,
            SUBTRACTION: "sub" in names,
            SUM_INSIDE: "sum" in names[:-1],
        },
        special,
    )
    return Case(arrays, {"nodes": nodes}, traits, by_hand=by_hand)
