"""An example of a launch comment, made for the first kernel of a file: to be copied and corrected."""

from __future__ import annotations

import re

from ..cuda.translate.kernels import Kernel, Parameter, find_kernels
from ..cuda.translate.statements import statements
from ..cuda.translate.tokens import tokenize
from ..cuda.translate.variables import Field, find_structures
from .element_types import element_type, is_float

EXAMPLE_CUDA = "// racecheck: kernel<<<2, 64>>>(float x[128] = random, float y[128], int n = 128)"
EXAMPLE_NUMBA = "# racecheck: kernel[2, 64](x: float32[128] = random, y: float32[128], n: int32 = 128)"

_NUMBA_KERNEL = re.compile(r"^@(?:cuda\.)?jit\b.*\n(?:@.*\n)*def\s+(\w+)\s*\(([^()]*)\)", re.MULTILINE)


def launch_example(text: str, filename: str) -> str:
    """Return a comment for the first kernel in the text, as far as its parameters tell.

    A general one where they cannot be read.
    """
    if filename.endswith(".py"):
        return _numba_example(text)
    tokens = tokenize(text)
    found = statements(tokens)
    kernels, _ = find_kernels(found)
    return _cuda_example(kernels[0], find_structures(tokens, found)) if kernels else EXAMPLE_CUDA


def _numba_example(text: str) -> str:
    """Write each parameter as an array: whether it is one or a number cannot be seen."""
    found = _NUMBA_KERNEL.search(text)
    parameters = [words for part in found[2].split(",") if (words := " ".join(part.split()))] if found else []
    names = [re.match(r"\w+", parameter) for parameter in parameters]
    if found is None or not all(names):
        return EXAMPLE_NUMBA
    arguments = (f"{name[0]}: float32[128] = random" for name in names if name)
    return f"# racecheck: {found[1]}[2, 64]({', '.join(arguments)})"


def _cuda_example(kernel: Kernel, structures: dict[str, list[Field]]) -> str:
    if not all(parameter.name for parameter in kernel.parameters):
        return EXAMPLE_CUDA
    chosen: dict[str, str] = {}
    for parameter in kernel.template or ():
        plain = parameter.partition("=")[0].split()
        if plain and "..." not in parameter:
            chosen[plain[-1]] = "float" if plain[0] in ("class", "typename") else "true" if plain[0] == "bool" else "4"
    arguments = [_argument(parameter, chosen, structures) for parameter in kernel.parameters]
    instance = f"<{', '.join(chosen.values())}>" if chosen else ""
    return f"// racecheck: {kernel.display}{instance}<<<2, 64>>>({', '.join(arguments)})"


def _argument(parameter: Parameter, chosen: dict[str, str], structures: dict[str, list[Field]]) -> str:
    """Turn `const float *x` into `float x[128] = random`.

    `float *y` becomes `float y[128]`, and `int n` becomes `int n = 128`.
    """
    words = re.sub(r"\b(?:const|volatile)\b|[*&]", " ", parameter.type).split()
    kind = " ".join(chosen.get(word, word) for word in words)
    if "*" in parameter.type:
        return f"{kind} {parameter.name}[128]{' = random' if parameter.to_const else ''}"
    return f"{kind} {parameter.name} = {_value(kind, structures)}"


def _value(kind: str, structures: dict[str, list[Field]]) -> str:
    fields = structures.get(kind.rpartition("::")[2].partition("<")[0])
    if fields:
        return f"{{{', '.join(f'.{field.name} = {_value(field.type, {})}' for field in fields)}}}"
    known = element_type(kind)
    if known is not None and known.dtype.names and not is_float(known.dtype):
        return f"({', '.join('1' for _ in known.dtype.names)})"
    return "0.5" if kind == "real" or (known is not None and is_float(known.dtype)) else "128"
