"""The kernels' table of activation functions with nodes for its mathematics: the same lines draw instead of computing.

`tinyseg_kernels.activation.binding` gives the table's functions another `exp`, `where` and so on; here these add nodes,
and the operators of the number that goes through them do, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tinyseg_kernels.activation.binding import Bound, bind_table
from tinyseg_kernels.activation.table import TABLE

from ..drawing import Drawing, Value


@dataclass(frozen=True)
class Drawn:
    """A tensor that operators add nodes to."""

    d: Drawing
    name: str

    def apply(self, operation: str, *others: Drawn | float) -> Drawn:
        """Add a node; numbers become constants."""
        names = [other.name if isinstance(other, Drawn) else self.d.constant(float(other)) for other in others]
        return Drawn(self.d, self.d.add(operation, self.name, *names))

    def __neg__(self) -> Drawn:
        """-x."""
        return self.apply("Neg")


def _operator(operation: str, reverse: bool = False) -> Callable[[Drawn, Drawn | float], Drawn]:
    def apply(self: Drawn, other: Drawn | float) -> Drawn:
        if not reverse:
            return self.apply(operation, other)
        assert not isinstance(other, Drawn)
        return Drawn(self.d, self.d.add(operation, self.d.constant(float(other)), self.name))

    return apply


for _sign, _operation in (("add", "Add"), ("sub", "Sub"), ("mul", "Mul"), ("truediv", "Div")):
    setattr(Drawn, f"__{_sign}__", _operator(_operation))
    setattr(Drawn, f"__r{_sign}__", _operator(_operation, reverse=True))
for _sign, _operation in (("gt", "Greater"), ("ge", "GreaterOrEqual"), ("lt", "Less"), ("le", "LessOrEqual")):
    setattr(Drawn, f"__{_sign}__", _operator(_operation))


def _where(condition: Drawn | bool, a: Drawn | float, b: Drawn | float) -> Drawn | float:
    """Choose; a condition of options alone is known while drawing."""
    return condition.apply("Where", a, b) if isinstance(condition, Drawn) else a if condition else b


@cache
def _table() -> dict[str, Bound]:
    return bind_table(
        {
            "exp": lambda x: x.apply("Exp"),
            "expm1": lambda x: x.apply("Exp") - 1.0,
            "log1p": lambda x: (x + 1.0).apply("Log"),
            "sqrt": lambda x: x.apply("Sqrt"),
            "tanh": lambda x: x.apply("Tanh"),
            "erfc": lambda x: 1.0 - x.apply("Erf"),
            "where": _where,
        }
    )


def of_table(d: Drawing, entry: str, x: Value, **options: float) -> Value:
    """Draw an entry of the kernels' table."""
    given = [options.get(name, default) for name, default in TABLE[entry].options.items()]
    drawn = _table()[entry].value(Drawn(d, x.name), *given, *[0.0] * (3 - len(given)))
    return Value(drawn.name, x.shape, x.channels_first)
