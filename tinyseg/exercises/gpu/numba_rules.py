"""What a learner's file of Numba kernels may hold: imports, constants, and functions that Numba can compile.

This keeps a kernel to what runs on a GPU too (the simulator is Python, and would do more), and it keeps out everything
that could reach beyond the kernel: the names a kernel may use are a short list.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from .refusal import Refusal, Unreadable, words
from .worker import BUILTINS, NUMBA_TYPES

CUDA = words(
    """threadIdx blockIdx blockDim gridDim grid gridsize warpsize laneid syncthreads syncthreads_count syncthreads_and
    syncthreads_or syncwarp shfl_sync shfl_up_sync shfl_down_sync shfl_xor_sync all_sync any_sync eq_sync ballot_sync
    match_any_sync match_all_sync activemask lanemask_lt threadfence threadfence_block threadfence_system shared local
    const atomic fma cbrt popc brev clz ffs selp"""
)
"""What a kernel may use of `cuda`."""

NUMPY = words(
    """float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool_ pi e inf nan abs fabs absolute
    sqrt exp log log2 log10 sin cos tan arctan2 tanh floor ceil trunc rint minimum maximum fmin fmax power sign"""
)
"""What it may use of NumPy: types, and functions of numbers."""

ARRAY_ATTRIBUTES = frozenset(["shape", "size", "ndim", "x", "y", "z"])
"""What may be asked of an array, and of threadIdx and its kin."""

MODULES = ("cuda", "np", "numpy", "math")

NOT_COMPILED: dict[type[ast.AST], str] = {
    ast.Import: "an import inside a function",
    ast.ImportFrom: "an import inside a function",
    ast.Global: "'global'",
    ast.Nonlocal: "'nonlocal'",
    ast.ClassDef: "a class",
    ast.Lambda: "a lambda",
    ast.AsyncFunctionDef: "'async'",
    ast.Try: "try and except",
    ast.TryStar: "try and except",
    ast.With: "'with'",
    ast.AsyncWith: "'with'",
    ast.AsyncFor: "'async'",
    ast.Await: "'await'",
    ast.Raise: "'raise'",
    ast.Delete: "'del'",
    ast.Yield: "'yield'",
    ast.YieldFrom: "'yield'",
    ast.ListComp: "a list",
    ast.SetComp: "a set",
    ast.DictComp: "a dictionary",
    ast.GeneratorExp: "a generator",
    ast.List: "a list",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.JoinedStr: "an f-string",
    ast.Starred: "a starred expression",
    ast.Match: "'match'",
    ast.Slice: "a slice of an array",
}


def check_numba(text: str, filename: str) -> None:
    """Look at a file without running it.

    Raises:
        Refusal: It holds something that is no kernel, or that no kernel may do.
        Unreadable: It is no Python.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
        raise Unreadable("does-not-compile", f"{filename}:{line}: {getattr(error, 'msg', error)}", line) from error
    _refuse_dunders(tree)
    constants: set[str] = set()
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        _check_statement(node, constants, functions)
    known = {*constants, *functions, *MODULES, *BUILTINS}
    for node in (one for one in tree.body if isinstance(one, ast.FunctionDef)):
        _check_names(node, known, filename)


def _refuse_dunders(tree: ast.Module) -> None:
    for node in _outside_main(tree):
        name = getattr(node, "id", getattr(node, "attr", ""))
        if isinstance(name, str) and name.startswith("__"):
            raise Refusal(f"a kernel has no use for {name}", getattr(node, "lineno", 1))


def _outside_main(tree: ast.Module) -> Iterator[ast.AST]:
    for node in tree.body:
        if not _is_main(node):
            yield from ast.walk(node)


def _is_main(node: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`, which the check never runs; its `else` would be run."""
    if not isinstance(node, ast.If) or node.orelse:
        return False
    return ast.unparse(node.test).replace('"', "'") == "__name__ == '__main__'"


def _check_statement(node: ast.stmt, constants: set[str], functions: set[str]) -> None:
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
            return
        case ast.Import(names=names):
            for alias in names:
                if alias.name not in ("numpy", "math") or alias.asname not in (None, "np"):
                    raise Refusal(
                        f"import {alias.name}: kernels import math, numpy (as np) and numba alone", node.lineno
                    )
        case ast.ImportFrom():
            _check_from(node, constants)
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            if name in MODULES or name in functions or not _is_constant(value, constants):
                raise Refusal(
                    f"{name} = ...: outside of kernels there are only constants, such as TILE = 16", node.lineno
                )
            if isinstance(node, ast.AnnAssign):
                _check_annotation(node.annotation)
            constants.add(name)
        case ast.FunctionDef():
            _check_function(node, constants, functions)
        case _ if _is_main(node):
            return
        case _:
            raise Refusal(
                "outside of kernels there are only imports and constants; code that tries the kernel out belongs under "
                'if __name__ == "__main__":',
                node.lineno,
            )


def _check_from(node: ast.ImportFrom, constants: set[str]) -> None:
    for alias in node.names:
        good = (
            node.module == "__future__"
            or (node.module == "numba" and alias.name in ("cuda", *NUMBA_TYPES) and alias.asname in (None, alias.name))
            or (node.module == "math" and not alias.name.startswith("_") and alias.name != "*")
        )
        if not good or node.level:
            raise Refusal(
                f"from {node.module} import {alias.name}: kernels import math, numpy, and from numba 'cuda' and types "
                "such as 'float32' alone",
                node.lineno,
            )
        if alias.name != "cuda" and node.module != "__future__":
            constants.add(alias.asname or alias.name)


def _is_constant(node: ast.expr, constants: set[str]) -> bool:
    match node:
        case ast.Constant(value=bool() | int() | float()):
            return True
        case ast.Name(id=name):
            return name in constants
        case ast.Tuple(elts=parts):
            return all(_is_constant(part, constants) for part in parts)
        case ast.UnaryOp(operand=operand):
            return _is_constant(operand, constants)
        case ast.BinOp(left=left, right=right, op=operator):
            return (
                not isinstance(operator, ast.Pow) and _is_constant(left, constants) and _is_constant(right, constants)
            )
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name):
            return name in NUMPY
        case ast.Attribute(value=ast.Name(id="math"), attr="pi" | "e" | "inf" | "nan" | "tau"):
            return True
    return False


def _check_annotation(node: ast.expr | None) -> None:
    """Refuse an annotation that is more than the name of a type: Python runs it when it reads the file."""
    match node:
        case None | ast.Constant() | ast.Name():
            return
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name) if name in (*NUMPY, "ndarray"):
            return
    raise Refusal(f"{ast.unparse(node)}: an annotation is the name of a type", node.lineno)


def _check_function(node: ast.FunctionDef, constants: set[str], functions: set[str]) -> None:
    decorators = [ast.unparse(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list]
    if decorators != ["cuda.jit"]:
        raise Refusal(
            f"{node.name}: expected @cuda.jit above a kernel, and @cuda.jit(device=True) above a function that kernels "
            f"call, got {', '.join('@' + name for name in decorators) or 'nothing'}",
            node.lineno,
        )
    if node.args.defaults or node.args.kwonlyargs or node.args.vararg or node.args.kwarg or node.args.posonlyargs:
        raise Refusal(f"{node.name}: a kernel's parameters are plain names", node.lineno)
    for annotation in (node.returns, *(argument.annotation for argument in node.args.args)):
        _check_annotation(annotation)
    for call in (one for one in node.decorator_list if isinstance(one, ast.Call)):
        if not all(isinstance(value, ast.Constant) for value in (*call.args, *(k.value for k in call.keywords))):
            raise Refusal("@cuda.jit(...): expected plain options, such as device=True", node.lineno)
    docstring = (
        node.body[0].value if ast.get_docstring(node) is not None and isinstance(node.body[0], ast.Expr) else None
    )
    for statement in node.body:
        for inner in ast.walk(statement):
            if inner is not docstring:
                _check_node(inner, constants, functions)


def _check_node(node: ast.AST, constants: set[str], functions: set[str]) -> None:
    line = getattr(node, "lineno", 1)
    words = NOT_COMPILED.get(type(node))
    if words is not None or isinstance(node, ast.FunctionDef):
        raise Refusal(f"in a kernel, Numba does not compile {words or 'a function inside a function'}", line)
    match node:
        case ast.Constant(value=str() | bytes() | complex()):
            raise Refusal("a kernel has no use for texts", line)
        case ast.Attribute(ctx=ast.Load()):
            _check_attribute(node)
        case ast.Attribute():
            raise Refusal(f"{ast.unparse(node)} = ...: a kernel assigns to variables and elements of arrays", line)
        case ast.Call():
            _check_call(node, constants, functions)
        case ast.Name(id=name, ctx=ast.Store()) if name in MODULES:
            raise Refusal(f"{name} = ...: this name has a meaning already", line)
        case ast.Name(id=name) if hasattr(builtins, name) and name not in BUILTINS:
            raise Refusal(f"{name}: Numba's kernels know no such function of Python", line)


def _check_names(function: ast.FunctionDef, known: set[str], filename: str) -> None:
    """See to it that each name is defined somewhere: Numba compiles no others."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    own = {argument.arg for argument in function.args.args} | {n.id for n in names if isinstance(n.ctx, ast.Store)}
    for name in names:
        if name.id not in known | own:
            raise Unreadable(
                "does-not-compile", f"{filename}:{name.lineno}: name {name.id!r} is not defined", name.lineno
            )


def _check_attribute(node: ast.Attribute) -> None:
    base = node.value
    if isinstance(base, ast.Name) and base.id in MODULES:
        known = CUDA if base.id == "cuda" else NUMPY if base.id in ("np", "numpy") else None
        if node.attr.startswith("_") or (known is not None and node.attr not in known):
            raise Refusal(f"{base.id}.{node.attr}: not among what a kernel of an exercise may use", node.lineno)
        return
    path = ast.unparse(base)
    if path in ("cuda.atomic", "cuda.shared", "cuda.local", "cuda.const"):
        if node.attr.startswith("_"):
            raise Refusal(f"{path}.{node.attr}: not among what a kernel may use", node.lineno)
        return
    if node.attr not in ARRAY_ATTRIBUTES:
        raise Refusal(f".{node.attr}: of an array, a kernel asks its shape and single elements alone", node.lineno)


def _check_call(node: ast.Call, constants: set[str], functions: set[str]) -> None:
    if isinstance(node.func, ast.Name):
        if node.func.id not in BUILTINS and node.func.id not in functions and node.func.id not in constants:
            raise Refusal(f"{node.func.id}(...): no function that a kernel could call", node.lineno)
    elif not isinstance(node.func, ast.Attribute):
        raise Refusal(f"{ast.unparse(node.func)}(...): a function is called by its name", node.lineno)
    elif ast.unparse(node.func) in ("cuda.shared.array", "cuda.local.array"):
        shapes = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "shape")]
        if not shapes or not _is_constant(shapes[0], constants):
            raise Refusal(
                f"{ast.unparse(node.func)}: Numba must know the size when it compiles: a number, or a constant that "
                "stands outside of the kernel",
                node.lineno,
            )
