"""Rewrites a function so that Python computes what Numba's types say.

Each operation converts its operands to the types that Numba inferred, integers wrap where they may leave their range,
and each assignment converts to the variable's type. What the source says about places stays: every new node has the
lines and columns of the one that it replaces, so errors, reports and traces tell of the kernel as it is written.
"""

from __future__ import annotations

import ast
from copy import copy, deepcopy
from typing import Any

from .coercion import Range, at, store, type_params
from .expressions import Expressions
from .kinds import INTEGERS, Kind
from .operations import PREFIX
from .source import FunctionNode


class Rewriter(Expressions):
    """Rewrites one function."""

    def function(self) -> FunctionNode:
        """Return the rewritten function."""
        node = self.types.tree.node
        if isinstance(node, ast.Lambda):
            made = ast.Lambda(deepcopy(node.args), self._as(self._expr(node.body), self.types.result))
            return ast.copy_location(made, node)
        body = self._statements(node.body)
        return ast.copy_location(
            ast.FunctionDef(name=node.name, args=deepcopy(node.args), body=body, decorator_list=[], **type_params()),
            node,
        )

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
            first = at(node.value, ast.Assign([store(name, node.value)], self._expr(node.value)))
            loaded = self._note(
                at(node.value, ast.Name(name, ast.Load())), self._kind(first.value), self._range(first.value)
            )
            return [first, *(part for target in node.targets for part in self._assign(target, loaded, node))]
        return self._assign(node.targets[0], self._expr(node.value), node)

    def _assign(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(target, ast.Name):
            kind = self.types.variables.get(target.id)
            value = self._as(value, kind)
            if self._locals.get(target.id) == 1 and kind in INTEGERS:
                self._single[target.id] = self._range(value)
            return [at(node, ast.Assign([deepcopy(target)], value))]
        if isinstance(target, ast.Subscript):
            operation = self._operation(target, "setitem")
            if operation is not None and operation.item is not None and operation.arguments[-1] is not None:
                value = self._as(value, operation.item)
            return [at(node, ast.Assign([self._place(target)], value))]
        if isinstance(target, ast.Attribute):
            operation = self._operation(target, "setattr")
            if operation is not None:
                value = self._as(value, operation.item)
            made = at(target, ast.Attribute(self._expr(target.value), target.attr, ast.Store()))
            return [at(node, ast.Assign([made], value))]
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple) and all(
            isinstance(part, ast.Name) for part in target.elts
        ) and len(value.elts) == len(target.elts):  # fmt: skip
            value.elts = [
                self._as(part, self.types.variables.get(name.id))
                for part, name in zip(value.elts, target.elts, strict=True)
                if isinstance(name, ast.Name)
            ]
            return [at(node, ast.Assign([deepcopy(target)], value))]
        kinds = self._kind(value)
        return [at(node, ast.Assign([self._targets(target)], value)), *self._settled(target, kinds)]

    def _targets(self, target: ast.expr) -> ast.expr:
        if isinstance(target, ast.Tuple | ast.List):
            return at(target, type(target)([self._targets(part) for part in target.elts], ast.Store()))
        if isinstance(target, ast.Subscript):
            return self._place(target)
        return deepcopy(target)

    def _settled(self, target: ast.expr, kinds: Kind) -> list[ast.stmt]:
        """Return statements that convert what a target has taken to the types of its variables."""
        if isinstance(target, ast.Name):
            kind = self.types.variables.get(target.id)
            if kind is None or kind == kinds:
                return []
            loaded = self._note(at(target, ast.Name(target.id, ast.Load())), kinds, None)
            return [at(target, ast.Assign([store(target.id, target)], self._as(loaded, kind)))]
        if isinstance(target, ast.Tuple | ast.List):
            known = kinds if isinstance(kinds, tuple) and len(kinds) == len(target.elts) else (None,) * len(target.elts)
            return [s for part, kind in zip(target.elts, known, strict=True) for s in self._settled(part, kind)]
        return []

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        target = node.target
        before: list[ast.stmt] = []
        if isinstance(target, ast.Name):
            read: ast.expr = self._expr(at(target, ast.Name(target.id, ast.Load())))
        elif isinstance(target, ast.Subscript):
            holder, first = self._once(target.value, self._expr(target.value))
            index, second = self._once(target.slice, self._index(target.slice))
            before = [*first, *second]
            loaded = at(target, ast.Subscript(holder, index, ast.Load()))
            read = self._loaded(loaded, self._operation(target, "getitem", "static_getitem"))
            target = at(target, ast.Subscript(deepcopy(holder), deepcopy(index), ast.Store()))
            self._same(target, node.target)
        else:
            holder, before = self._once(target.value, self._expr(target.value))
            read = self._loaded(
                at(target, ast.Attribute(holder, target.attr, ast.Load())), self._operation(target, "getattr")
            )
            target = at(target, ast.Attribute(deepcopy(holder), target.attr, ast.Store()))
            self._same(target, node.target)
        value = self._binary(
            node, node.op, read, self._expr(node.value), self._operation(node, "inplace_binop", "binop")
        )
        if isinstance(target, ast.Name):
            return self._assign(target, value, node)
        operation = self._operation(node.target, "setitem", "setattr")
        if operation is not None and operation.arguments[-1] is not None:
            value = self._as(value, operation.item)
        return [*before, at(node, ast.Assign([target], value))]

    def _same(self, made: ast.AST, node: ast.AST) -> None:
        """Let a new target have the number of the one that it replaces."""
        if node in self._numbers:
            self._numbers = {**self._numbers, made: self._numbers[node]}

    def _once(self, node: ast.expr, value: ast.expr) -> tuple[ast.expr, list[ast.stmt]]:
        """Return an expression that may be evaluated twice, and the statement that it needs before."""
        if isinstance(value, ast.Name | ast.Constant):
            return value, []
        name = self._temporary()
        return at(node, ast.Name(name, ast.Load())), [at(node, ast.Assign([store(name, node)], value))]

    def visit_For(self, node: ast.For) -> Any:
        kinds: Kind = None
        source = node.iter
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id in ("range", "prange"):
            kinds = self.types.variables.get(node.target.id) if isinstance(node.target, ast.Name) else None
            kinds = kinds if kinds in INTEGERS else None
        iterated = self._expr(source)
        settled = self._settled(node.target, kinds)
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        if kinds is not None and isinstance(iterated, ast.Call) and self._locals.get(name) == 1:
            self._single[name] = self._range_of_loop(iterated, kinds)
        made = ast.For(
            self._targets(node.target),
            iterated,
            [*settled, *self._statements(node.body)],
            self._statements(node.orelse),
        )
        return at(node, made)

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
        return at(node, ast.Expr(value))

    def visit_Return(self, node: ast.Return) -> Any:
        value = None if node.value is None else self._as(self._expr(node.value), self.types.result)
        return at(node, ast.Return(value))
