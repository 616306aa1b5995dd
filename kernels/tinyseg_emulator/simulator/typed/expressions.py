"""Rewrites expressions: operators, calls, subscripts."""

from __future__ import annotations

import ast
from copy import deepcopy
from typing import Any

from .coercion import Conversions, at, scalars, store, trusted, values_of
from .conversions import CONVERSIONS, convert
from .counted import kind_of_call, kind_of_operator
from .inferred import Operation
from .kinds import COMPLEX, FLOATS, INTEGERS, Kind, kind_of_value
from .operations import range_of

_DIM3 = {"threadIdx": (0, 1023), "blockDim": (1, 1024), "blockIdx": (0, 2**31 - 1), "gridDim": (1, 2**31 - 1)}
_GRID = (0, 2**42)
_LENGTH = (0, 2**48)
_BITWISE = {"popc", "brev", "clz", "ffs"}
"""Functions whose result depends on the width of their argument."""


class Expressions(Conversions):
    """Rewrites expressions."""

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
        made = at(node, ast.NamedExpr(store(node.target.id, node.target), self._as(self._expr(node.value), kind)))
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
            return self._note(plain, None if operation is None else trusted(operation.result), None)
        kind = operation.result
        wanted = operation.arguments
        if kind in INTEGERS:
            return self._integers(node, symbol, left, right, kind, wanted)
        plain.left = self._as(left, wanted[0])
        if not (isinstance(symbol, ast.Pow) and wanted[1] in INTEGERS):
            plain.right = self._as(right, wanted[1])
        if isinstance(symbol, ast.Div) and wanted[0] in INTEGERS:
            plain.left, plain.right = self._as(left, "float64"), self._as(right, "float64")
        counted = self._counted(kind_of_operator(symbol, kind), plain, node)
        if isinstance(symbol, ast.Pow) and wanted[0] in FLOATS:
            return self._note(self._called(kind, counted, node), kind, None)
        return self._note(counted, kind, None)

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
            made, trusted(operation.result) if operation.result not in FLOATS else operation.result, reach
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
            whole = made.value if isinstance(made, ast.Subscript) else None
            of_shape = isinstance(whole, ast.Attribute) and whole.attr == "shape"
            return self._note(made, kind, _LENGTH if of_shape else None)
        if kind in INTEGERS and operation.container in ("array", "record"):
            return self._note(self._call("int", [made], made), kind, None)
        if kind == "bool":
            return self._note(self._call("bool", [made], made), kind, None)
        if operation.container == "module" and kind in CONVERSIONS:
            return self._note(self._call(kind, [made], made), kind, None)
        return self._note(made, kind if kind in FLOATS or kind in COMPLEX else None, None)

    def _place(self, target: ast.Subscript) -> ast.expr:
        return at(target, ast.Subscript(self._expr(target.value), self._index(target.slice), ast.Store()))

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
                for each, kind in zip(arguments, values_of(operation), strict=True)
            ]
        if operation.callee in ("grid", "gridsize"):
            return self._note(made, result, _GRID)
        if operation.callee == "len":
            return self._note(made, result, _LENGTH)
        if result in CONVERSIONS and result != "bool":
            counted = self._counted(kind_of_call(operation.callee, result), made, node)
            return self._note(self._call(result, [counted], node), result, None)
        if isinstance(result, tuple) and scalars(result):
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
