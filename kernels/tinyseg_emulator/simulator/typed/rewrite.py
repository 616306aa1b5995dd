"""Rewrites a function so that Python computes what Numba's types say.

Each operation converts its operands to the types that Numba inferred, integers wrap where they may leave their range,
and each assignment converts to the variable's type. What the source says about places stays: every new node has the
lines and columns of the one that it replaces, so errors, reports and traces tell of the kernel as it is written.
"""

from __future__ import annotations

import ast
from copy import copy, deepcopy
from types import FunctionType
from typing import Any

from .conversions import CONVERSIONS, convert
from .inference import Operation, Types
from .kinds import COMPLEX, FLOATS, INTEGERS, Kind, kind_of_value
from .operations import PREFIX, fits, range_of
from .source import FunctionNode

Range = tuple[int, int] | None

_DIM3 = {"threadIdx": (0, 1023), "blockDim": (1, 1024), "blockIdx": (0, 2**31 - 1), "gridDim": (1, 2**31 - 1)}
_GRID = (0, 2**42)
_LENGTH = (0, 2**48)
_BITWISE = {"popc", "brev", "clz", "ffs"}
"""Functions whose result depends on the width of their argument."""


class Device:
    """A device function with the types for which it is called, and the name by which the rewritten code calls it."""

    def __init__(self, function: FunctionType, arguments: tuple[Any, ...], name: str) -> None:
        self.function, self.arguments, self.name = function, arguments, name


class Rewriter(ast.NodeTransformer):
    """Rewrites one function.

    Args:
        types: What Numba inferred.
        namespace: The values of the names that the function finds outside.

    `constants` and `devices` say what the names mean that the new code uses beside `HELPERS`.
    """

    def __init__(self, types: Types, namespace: dict[str, Any]) -> None:
        self.types, self.namespace = types, namespace
        self.constants: dict[str, Any] = {}
        self.devices: list[Device] = []
        self._kinds: dict[int, Kind] = {}
        self._ranges: dict[int, Range] = {}
        self._kept: list[ast.AST] = []  # so that no id is used again
        self._temporaries = 0
        self._single: dict[str, Range] = {}
        self._locals = _assigned(types.tree.node)

    def function(self) -> FunctionNode:
        """Return the rewritten function."""
        node = self.types.tree.node
        self._numbers = self.types.tree.numbers
        if isinstance(node, ast.Lambda):
            made = ast.Lambda(deepcopy(node.args), self._as(self._expr(node.body), self.types.result))
            return ast.copy_location(made, node)
        body = self._statements(node.body)
        return ast.copy_location(
            ast.FunctionDef(name=node.name, args=deepcopy(node.args), body=body, decorator_list=[], **_type_params()),
            node,
        )

    # Statements -------------------------------------------------------------------------------------------------------

    def _statements(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for statement in statements:
            made = self.visit(statement)
            out.extend(made if isinstance(made, list) else [made])
        return out

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Copy a statement, with its parts rewritten."""
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ListComp | ast.GeneratorExp | ast.Lambda):
            return deepcopy(node)
        made = copy(node)
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                parts: list[Any] = []
                for part in value:
                    if isinstance(part, ast.expr):
                        parts.append(self._expr(part))
                    elif isinstance(part, ast.stmt):
                        parts.extend(self._statements([part]))
                    else:
                        parts.append(self.generic_visit(part) if isinstance(part, ast.AST) else part)
                setattr(made, name, parts)
            elif isinstance(value, ast.expr):
                setattr(made, name, self._expr(value))
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context | ast.operator):
                setattr(made, name, self.generic_visit(value))
            else:
                setattr(made, name, value)
        return ast.copy_location(made, node) if hasattr(node, "lineno") else made

    def visit_Assign(self, node: ast.Assign) -> Any:
        if len(node.targets) > 1:
            name = self._temporary()
            first = _at(node.value, ast.Assign([_store(name, node.value)], self._expr(node.value)))
            loaded = self._note(
                _at(node.value, ast.Name(name, ast.Load())), self._kind(first.value), self._range(first.value)
            )
            return [first, *(part for target in node.targets for part in self._assign(target, loaded, node))]
        return self._assign(node.targets[0], self._expr(node.value), node)

    def _assign(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(target, ast.Name):
            kind = self.types.variables.get(target.id)
            value = self._as(value, kind)
            if self._locals.get(target.id) == 1 and kind in INTEGERS:
                self._single[target.id] = self._range(value)
            return [_at(node, ast.Assign([deepcopy(target)], value))]
        if isinstance(target, ast.Subscript):
            operation = self._operation(target, "setitem")
            if operation is not None and operation.item is not None and operation.arguments[-1] is not None:
                value = self._as(value, operation.item)
            return [_at(node, ast.Assign([self._place(target)], value))]
        if isinstance(target, ast.Attribute):
            operation = self._operation(target, "setattr")
            if operation is not None:
                value = self._as(value, operation.item)
            made = _at(target, ast.Attribute(self._expr(target.value), target.attr, ast.Store()))
            return [_at(node, ast.Assign([made], value))]
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple) and all(
            isinstance(part, ast.Name) for part in target.elts
        ) and len(value.elts) == len(target.elts):  # fmt: skip
            value.elts = [
                self._as(part, self.types.variables.get(name.id))
                for part, name in zip(value.elts, target.elts, strict=True)
                if isinstance(name, ast.Name)
            ]
            return [_at(node, ast.Assign([deepcopy(target)], value))]
        kinds = self._kind(value)
        return [_at(node, ast.Assign([self._targets(target)], value)), *self._settled(target, kinds)]

    def _targets(self, target: ast.expr) -> ast.expr:
        if isinstance(target, ast.Tuple | ast.List):
            return _at(target, type(target)([self._targets(part) for part in target.elts], ast.Store()))
        if isinstance(target, ast.Subscript):
            return self._place(target)
        return deepcopy(target)

    def _settled(self, target: ast.expr, kinds: Kind) -> list[ast.stmt]:
        """Return statements that convert what a target has taken to the types of its variables."""
        if isinstance(target, ast.Name):
            kind = self.types.variables.get(target.id)
            if kind is None or kind == kinds:
                return []
            loaded = self._note(_at(target, ast.Name(target.id, ast.Load())), kinds, None)
            return [_at(target, ast.Assign([_store(target.id, target)], self._as(loaded, kind)))]
        if isinstance(target, ast.Tuple | ast.List):
            known = kinds if isinstance(kinds, tuple) and len(kinds) == len(target.elts) else (None,) * len(target.elts)
            return [s for part, kind in zip(target.elts, known, strict=True) for s in self._settled(part, kind)]
        return []

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        target = node.target
        before: list[ast.stmt] = []
        if isinstance(target, ast.Name):
            read: ast.expr = self._expr(_at(target, ast.Name(target.id, ast.Load())))
        elif isinstance(target, ast.Subscript):
            holder, first = self._once(target.value, self._expr(target.value))
            index, second = self._once(target.slice, self._index(target.slice))
            before = [*first, *second]
            loaded = _at(target, ast.Subscript(holder, index, ast.Load()))
            read = self._loaded(loaded, self._operation(target, "getitem", "static_getitem"))
            target = _at(target, ast.Subscript(deepcopy(holder), deepcopy(index), ast.Store()))
            self._same(target, node.target)
        else:
            holder, before = self._once(target.value, self._expr(target.value))
            read = self._loaded(
                _at(target, ast.Attribute(holder, target.attr, ast.Load())), self._operation(target, "getattr")
            )
            target = _at(target, ast.Attribute(deepcopy(holder), target.attr, ast.Store()))
            self._same(target, node.target)
        value = self._binary(
            node, node.op, read, self._expr(node.value), self._operation(node, "inplace_binop", "binop")
        )
        if isinstance(target, ast.Name):
            return self._assign(target, value, node)
        operation = self._operation(node.target, "setitem", "setattr")
        if operation is not None and operation.arguments[-1] is not None:
            value = self._as(value, operation.item)
        return [*before, _at(node, ast.Assign([target], value))]

    def _same(self, made: ast.AST, node: ast.AST) -> None:
        """Let a new target have the number of the one that it replaces."""
        if node in self._numbers:
            self._numbers = {**self._numbers, made: self._numbers[node]}

    def _once(self, node: ast.expr, value: ast.expr) -> tuple[ast.expr, list[ast.stmt]]:
        """Return an expression that may be evaluated twice, and the statement that it needs before."""
        if isinstance(value, ast.Name | ast.Constant):
            return value, []
        name = self._temporary()
        return _at(node, ast.Name(name, ast.Load())), [_at(node, ast.Assign([_store(name, node)], value))]

    def visit_For(self, node: ast.For) -> Any:
        kinds: Kind = None
        source = node.iter
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id in ("range", "prange"):
            kinds = self.types.variables.get(node.target.id) if isinstance(node.target, ast.Name) else None
            kinds = kinds if kinds in INTEGERS else None
        iterated = self._expr(source)
        settled = self._settled(node.target, kinds)
        if kinds is not None and isinstance(iterated, ast.Call) and self._locals.get(node.target.id) == 1:  # type: ignore[attr-defined]
            self._single[node.target.id] = self._range_of_loop(iterated, kinds)  # type: ignore[attr-defined]
        made = ast.For(
            self._targets(node.target),
            iterated,
            [*settled, *self._statements(node.body)],
            self._statements(node.orelse),
        )
        return _at(node, made)

    def _range_of_loop(self, call: ast.Call, kind: Kind) -> Range:
        """Return the range of the numbers of `range(...)`."""
        ranges = [self._range(argument) for argument in call.args]
        if any(each is None for each in ranges):
            return INTEGERS[kind]
        ends = [each for each in ranges if each is not None][:2]
        low = min([0 if len(ends) == 1 else ends[0][0], *(each[0] for each in ends)])
        high = max(each[1] for each in ends)
        return low, max(high, low)

    def visit_Expr(self, node: ast.Expr) -> Any:
        value = self._expr(node.value)
        if isinstance(node.value, ast.Call) and isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            inner = value.args[0] if value.args else None  # nobody sees what the result is converted to
            if (
                value.func.id.startswith(PREFIX)
                and isinstance(inner, ast.Call)
                and isinstance(node.value.func, ast.Attribute)
            ):
                value = inner
        return _at(node, ast.Expr(value))

    def visit_Return(self, node: ast.Return) -> Any:
        value = None if node.value is None else self._as(self._expr(node.value), self.types.result)
        return _at(node, ast.Return(value))

    # Expressions ------------------------------------------------------------------------------------------------------

    def _expr(self, node: ast.expr) -> Any:
        method = getattr(self, f"_expr_{type(node).__name__}", None)
        made = self.generic_visit(node) if method is None else method(node)
        self._kept.append(made)
        return made

    def _expr_Constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        kind = kind_of_value(value)
        if kind in ("float64", "complex128"):
            return self._constant(node, convert(value, kind), kind)
        made = ast.copy_location(ast.Constant(value), node)
        return self._note(made, kind, (int(value), int(value)) if kind in INTEGERS else None)  # type: ignore[arg-type]

    def _expr_Name(self, node: ast.Name) -> ast.expr:
        made = ast.copy_location(ast.Name(node.id, node.ctx), node)
        if node.id in self._locals:
            kind = self.types.variables.get(node.id)
            return self._note(made, kind, self._single.get(node.id))
        value = self.namespace.get(node.id)
        kind = kind_of_value(value)
        return self._note(made, kind, (int(value), int(value)) if kind in INTEGERS else None)  # type: ignore[arg-type]

    def _expr_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        kind = self.types.variables.get(node.target.id)
        made = _at(node, ast.NamedExpr(_store(node.target.id, node.target), self._as(self._expr(node.value), kind)))
        return self._note(made, kind, None)

    def _expr_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._binary(
            node, node.op, self._expr(node.left), self._expr(node.right), self._operation(node, "binop")
        )

    def _binary(
        self, node: ast.AST, symbol: ast.operator, left: ast.expr, right: ast.expr, operation: Operation | None
    ) -> ast.expr:
        plain = ast.copy_location(ast.BinOp(left, symbol, right), node)
        if operation is None or operation.result not in CONVERSIONS or len(operation.arguments) != 2:
            return self._note(plain, None if operation is None else _trusted(operation.result), None)
        kind = operation.result
        wanted = operation.arguments
        if kind in INTEGERS:
            return self._integers(node, symbol, left, right, kind, wanted)
        plain.left = self._as(left, wanted[0])
        if not (isinstance(symbol, ast.Pow) and wanted[1] in INTEGERS):
            plain.right = self._as(right, wanted[1])
        if isinstance(symbol, ast.Div) and wanted[0] in INTEGERS:
            plain.left, plain.right = self._as(left, "float64"), self._as(right, "float64")
        if isinstance(symbol, ast.Pow) and wanted[0] in FLOATS:
            return self._note(self._called(kind, plain, node), kind, None)
        return self._note(plain, kind, None)

    def _integers(
        self, node: ast.AST, symbol: ast.operator, left: ast.expr, right: ast.expr, kind: str, wanted: tuple[Kind, ...]
    ) -> ast.expr:
        """Return an operation of integers, wrapped where its result may not fit."""
        name = type(symbol).__name__
        shift = name in ("LShift", "RShift")
        if name in ("FloorDiv", "Mod"):  # Numba takes the bits of both as numbers of the result's type
            wanted = (kind, kind)
        left = self._as(left, wanted[0])
        if not shift:
            right = self._as(right, wanted[1])
        a, b = self._known_range(left), self._known_range(right)
        reach = range_of(name, a, b)
        made: ast.expr = ast.copy_location(ast.BinOp(left, symbol, right), node)
        bits = INTEGERS[kind][1].bit_length() + (INTEGERS[kind][0] < 0)
        if shift and not (b[0] >= 0 and b[1] < bits):
            size = ast.copy_location(ast.Constant(bits), node)
            made = self._call("shl" if name == "LShift" else "shr", [left, right, size], node)
        elif name in ("FloorDiv", "Mod") and b[0] <= 0 <= b[1]:
            made = self._call("div" if name == "FloorDiv" else "mod", [left, right], node)
        elif name == "Pow":
            made = self._call("pow", [left, right], node)
        return self._wrapped(made, kind, reach, node)

    def _wrapped(self, made: ast.expr, kind: str, reach: Range, node: ast.AST) -> ast.expr:
        """Wrap an integer into a kind, if it may not fit."""
        if fits(kind, reach):
            return self._note(made, kind, reach)
        low, high = INTEGERS[kind]
        if low == 0:
            masked = ast.copy_location(ast.BinOp(made, ast.BitAnd(), self._number(high, node)), node)
            return self._note(masked, kind, (low, high))
        name = self._temporary()
        test = ast.Compare(
            self._number(low, node),
            [ast.LtE(), ast.LtE()],
            [ast.copy_location(ast.NamedExpr(_store(name, node), made), node), self._number(high, node)],
        )
        kept = ast.copy_location(ast.Name(name, ast.Load()), node)
        wrapped = self._call(kind, [deepcopy(kept)], node)
        whole = ast.copy_location(ast.IfExp(ast.copy_location(test, node), kept, wrapped), node)
        return self._note(whole, kind, (low, high))

    def _expr_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operation = self._operation(node, "unary")
        operand = self._expr(node.operand)
        if operation is None and isinstance(operand, ast.Constant) and isinstance(node.op, ast.USub):
            value: Any = operand.value
            value = -value  # the compiler folds a constant with its sign
            return self._note(ast.copy_location(ast.Constant(value), node), kind_of_value(value), (value, value))
        made = ast.copy_location(ast.UnaryOp(node.op, operand), node)
        if operation is None or operation.result not in CONVERSIONS:
            number = self.constants.get(operand.id) if isinstance(operand, ast.Name) else None
            if operation is None and number is not None and isinstance(node.op, ast.USub):
                return self._constant(node, -number, kind_of_value(number))
            return self._note(made, "bool" if isinstance(node.op, ast.Not) else None, None)
        kind = operation.result
        if isinstance(node.op, ast.Not):
            return self._note(made, kind, None)
        within = operation.arguments[0] if operation.arguments else kind
        made.operand = self._as(operand, within)
        if kind in INTEGERS:  # Numba negates first and widens then
            low, high = self._known_range(made.operand)
            reach = {ast.USub: (-high, -low), ast.Invert: (~high, ~low)}.get(type(node.op), (low, high))
            return self._as(self._wrapped(made, within if within in INTEGERS else kind, reach, node), kind)
        return self._note(made, kind, None)

    def _expr_Compare(self, node: ast.Compare) -> ast.expr:
        operation = self._operation(node, "binop")
        left, right = self._expr(node.left), self._expr(node.comparators[0])
        if operation is not None and len(operation.arguments) == 2:
            wanted = operation.arguments
            if any(kind in FLOATS or kind in COMPLEX for kind in wanted):
                left, right = self._as(left, wanted[0]), self._as(right, wanted[1])
        made = ast.copy_location(ast.Compare(left, node.ops, [right]), node)
        return self._note(made, "bool" if operation is not None and operation.result == "bool" else None, None)

    def _expr_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        values = [self._expr(value) for value in node.values]
        kinds = {self._kind(value) for value in values}
        return self._note(
            ast.copy_location(ast.BoolOp(node.op, values), node), kinds.pop() if len(kinds) == 1 else None, None
        )

    def _expr_IfExp(self, node: ast.IfExp) -> ast.expr:
        body, other = self._expr(node.body), self._expr(node.orelse)
        kinds = {self._kind(body), self._kind(other)}
        made = ast.copy_location(ast.IfExp(self._expr(node.test), body, other), node)
        if len(kinds) > 1:
            return self._note(made, None, None)
        a, b = self._range(body), self._range(other)
        reach = None if a is None or b is None else (min(a[0], b[0]), max(a[1], b[1]))
        return self._note(made, kinds.pop(), reach)

    def _expr_Tuple(self, node: ast.Tuple) -> ast.expr:
        if isinstance(node.ctx, ast.Store):
            return deepcopy(node)
        parts = [self._expr(part) for part in node.elts]
        return self._note(
            ast.copy_location(ast.Tuple(parts, ast.Load()), node), tuple(self._kind(part) for part in parts), None
        )

    def _expr_Attribute(self, node: ast.Attribute) -> ast.expr:
        made = ast.copy_location(ast.Attribute(self._expr(node.value), node.attr, ast.Load()), node)
        operation = self._operation(node, "getattr")
        if operation is None:
            return made
        if operation.container == "record" or operation.container == "module":
            return self._loaded(made, operation)
        reach = None
        if isinstance(node.value, ast.Attribute | ast.Name) and node.attr in ("x", "y", "z"):
            reach = _DIM3.get(node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id)
        elif node.attr in ("size", "ndim", "itemsize", "nbytes"):
            reach = _LENGTH
        elif node.attr in ("laneid", "warpsize"):
            reach = (0, 32)
        return self._note(
            made, _trusted(operation.result) if operation.result not in FLOATS else operation.result, reach
        )

    def _expr_Subscript(self, node: ast.Subscript) -> ast.expr:
        made = ast.copy_location(ast.Subscript(self._expr(node.value), self._index(node.slice), ast.Load()), node)
        return self._loaded(made, self._operation(node, "getitem", "static_getitem"))

    def _loaded(self, made: ast.expr, operation: Operation | None) -> ast.expr:
        """Return what was read out of an array, tuple, record or module, as the simulator holds numbers."""
        if operation is None:
            return self._note(made, None, None)
        kind = operation.result
        if operation.container == "tuple":
            shape = isinstance(made, ast.Subscript) and isinstance(made.value, ast.Attribute) and made.value.attr in (
                "shape", "strides",
            )  # fmt: skip
            return self._note(made, kind, _LENGTH if shape and made.value.attr == "shape" else None)  # type: ignore[attr-defined]
        if kind in INTEGERS and operation.container in ("array", "record"):
            return self._note(self._call("int", [made], made), kind, None)
        if kind == "bool":
            return self._note(self._call("bool", [made], made), kind, None)
        if operation.container == "module" and kind in CONVERSIONS:
            return self._note(self._call(kind, [made], made), kind, None)
        return self._note(made, kind if kind in FLOATS or kind in COMPLEX else None, None)

    def _place(self, target: ast.Subscript) -> ast.expr:
        return _at(target, ast.Subscript(self._expr(target.value), self._index(target.slice), ast.Store()))

    def _index(self, node: ast.expr) -> ast.expr:
        return self._expr(node)

    def _expr_Call(self, node: ast.Call) -> ast.expr:
        operation = self._operation(node, "call")
        function = self._expr(node.func)
        arguments = [self._expr(argument) for argument in node.args]
        keywords = [ast.keyword(each.arg, self._expr(each.value)) for each in node.keywords]
        made = ast.copy_location(ast.Call(function, arguments, keywords), node)
        if operation is None:
            return self._note(made, None, None)
        result = operation.result
        simple = not keywords and not any(isinstance(argument, ast.Starred) for argument in arguments)
        if operation.callee == "number" and simple and len(arguments) == 1 and result in CONVERSIONS:
            return self._converted(arguments[0], operation, node)
        if operation.callee == "device" and operation.device is not None:
            name = self._device(*operation.device)
            made.func = ast.copy_location(ast.Name(name, ast.Load()), node.func)
            if simple and len(operation.arguments) == len(arguments):
                made.args = [self._as(each, kind) for each, kind in zip(arguments, operation.arguments, strict=True)]
            return self._note(made, result, None)
        if operation.callee in ("math.floor", "math.ceil", "math.trunc") and result in INTEGERS and simple:
            return self._note(self._call(operation.callee[5:], arguments, node), result, None)
        if isinstance(node.func, ast.Name) and node.func.id == "range":
            return self._note(made, None, None)
        if simple and len(operation.arguments) == len(arguments) and operation.callee != "grid":
            bitwise = operation.callee in _BITWISE
            made.args = [
                self._width(self._as(each, kind), kind) if bitwise else self._as(each, kind)
                for each, kind in zip(arguments, _values(operation), strict=True)
            ]
        if operation.callee in ("grid", "gridsize"):
            return self._note(made, result, _GRID)
        if operation.callee == "len":
            return self._note(made, result, _LENGTH)
        if result in CONVERSIONS and result != "bool":
            return self._note(self._call(result, [made], node), result, None)
        if isinstance(result, tuple) and _scalars(result):
            kinds = self._constant(node, result, None)
            return self._note(self._call("convert", [made, kinds], node), result, None)
        return self._note(made, result if result == "bool" else None, None)

    def _converted(self, value: ast.expr, operation: Operation, node: ast.AST) -> ast.expr:
        """Return a conversion such as `int32(x)`, from the type that the operand has."""
        given = operation.given[0] if operation.given else None
        if self._kind(value) is None and given in CONVERSIONS:
            value = self._as(value, given)
        if isinstance(value, ast.Constant) or self._kind(value) == operation.result:
            return self._as(value, operation.result)
        return self._as(value, operation.result)

    def _width(self, value: ast.expr, kind: Kind) -> ast.expr:
        return self._call(f"np_{kind}", [value], value) if kind in INTEGERS else value

    # Conversions ------------------------------------------------------------------------------------------------------

    def _as(self, value: ast.expr, kind: Kind) -> Any:
        """Convert an expression to a kind, where it is not of that kind already."""
        have = self._kind(value)
        if kind is None or have == kind:
            return value
        if isinstance(kind, tuple):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(kind):
                value.elts = [self._as(part, each) for part, each in zip(value.elts, kind, strict=True)]
                return self._note(value, kind, None)
            if not _scalars(kind):
                return value
            return self._note(self._call("convert", [value, self._constant(value, kind, None)], value), kind, None)
        if kind not in CONVERSIONS:
            return value
        constant = self._constant_value(value)
        if constant is not None:
            number = CONVERSIONS[kind](constant)
            if kind in INTEGERS:
                return self._note(ast.copy_location(ast.Constant(number), value), kind, (number, number))
            return self._constant(value, number, kind)
        if kind in INTEGERS and (have in INTEGERS or have == "bool"):
            reach = (0, 1) if have == "bool" else self._known_range(value)
            if fits(kind, reach):
                return self._note(_copied(value), kind, reach)
            return self._wrapped(value, kind, reach, value)
        return self._note(self._call(kind, [value], value), kind, None)

    def _constant_value(self, value: ast.expr) -> Any:
        if isinstance(value, ast.Constant) and kind_of_value(value.value) is not None:
            return value.value
        return self.constants.get(value.id) if isinstance(value, ast.Name) and self._kind(value) is not None else None

    def _constant(self, node: Any, value: Any, kind: Kind) -> ast.expr:
        """Return a name for a value that the source cannot spell."""
        same = (n for n, known in self.constants.items() if type(known) is type(value) and repr(known) == repr(value))
        name = next(same, f"{PREFIX}constant_{len(self.constants)}")
        self.constants[name] = value
        return self._note(ast.copy_location(ast.Name(name, ast.Load()), node), kind, None)

    def _number(self, value: int, node: ast.AST) -> ast.expr:
        return ast.copy_location(ast.Constant(value), node)

    def _called(self, kind: str, value: ast.expr, node: ast.AST) -> ast.expr:
        return self._call(kind, [value], node)

    def _call(self, helper: str, arguments: list[Any], node: Any) -> ast.expr:
        return ast.copy_location(
            ast.Call(ast.copy_location(ast.Name(PREFIX + helper, ast.Load()), node), arguments, []), node
        )

    def _device(self, function: FunctionType, arguments: tuple[Any, ...]) -> str:
        for known in self.devices:
            if known.function is function and known.arguments == arguments:
                return known.name
        name = f"{PREFIX}device_{len(self.devices)}"
        self.devices.append(Device(function, arguments, name))
        return name

    # What is known ----------------------------------------------------------------------------------------------------

    def _operation(self, node: ast.AST, *kinds: str) -> Operation | None:
        """Return the operation of these kinds that Numba made of a node; types that differ are joined by the widest."""
        found = [each for each in self.types.operations.get(self._numbers.get(node, -1), ()) if each.kind in kinds]
        if not found:
            return None
        first = found[0]
        if all(each.result == first.result and each.arguments == first.arguments for each in found):
            return first
        return max(found, key=lambda each: [_rank(kind) for kind in (each.result, *each.arguments)])

    def _note(self, node: Any, kind: Kind, reach: Range) -> Any:
        self._kinds[id(node)], self._ranges[id(node)] = kind, reach
        self._kept.append(node)
        return node

    def _kind(self, node: ast.AST) -> Kind:
        return self._kinds.get(id(node))

    def _range(self, node: ast.AST) -> Range:
        return self._ranges.get(id(node))

    def _known_range(self, node: ast.AST) -> tuple[int, int]:
        known = self._range(node)
        if known is not None:
            return known
        kind = self._kind(node)
        return INTEGERS.get(kind, (0, 1) if kind == "bool" else INTEGERS["int64"])

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"{PREFIX}t{self._temporaries}"


def _assigned(node: FunctionNode) -> dict[str, int]:
    """Return how often each local variable of a function is assigned; parameters and loops count."""
    arguments = node.args
    counts: dict[str, int] = {}
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        counts[argument.arg] = 2
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store | ast.Del):
            counts[child.id] = counts.get(child.id, 0) + 1
        if isinstance(child, ast.AugAssign) and isinstance(child.target, ast.Name):
            counts[child.target.id] = counts.get(child.target.id, 0) + 1
    return counts


def _values(operation: Operation) -> tuple[Kind, ...]:
    """Return the kinds to which the arguments of a call are converted; an index stays what it is."""
    kinds = operation.arguments
    return (kinds[0], None, *kinds[2:]) if operation.callee.startswith("atomic.") and len(kinds) > 2 else kinds


def _trusted(kind: Kind) -> Kind:
    return kind if kind in INTEGERS or kind == "bool" or (isinstance(kind, tuple) and _scalars(kind)) else None


def _scalars(kinds: Any) -> bool:
    return all(kind in CONVERSIONS or (isinstance(kind, tuple) and _scalars(kind)) for kind in kinds)


def _rank(kind: Kind) -> int:
    order = ["bool", *INTEGERS, "float16", "float32", "float64", "complex64", "complex128"]
    return order.index(kind) if kind in order else -1


def _at(place: ast.AST, node: Any) -> Any:
    return ast.copy_location(node, place)


def _store(name: str, place: ast.AST) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Store()), place)


def _copied(node: ast.expr) -> ast.expr:
    """Return the same expression as another object, for its kind is kept by object."""
    return copy(node)


def _type_params() -> dict[str, Any]:
    return {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
