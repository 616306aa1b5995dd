"""An example of a launch comment, made for the first kernel of a file: to be copied and corrected."""

from __future__ import annotations

import re

EXAMPLE_CUDA = "// racecheck: kernel<<<2, 64>>>(float x[128] = random, float y[128], int n = 128)"
EXAMPLE_NUMBA = "# racecheck: kernel[2, 64](x: float32[128] = random, y: float32[128], n: int32 = 128)"

_CUDA_KERNEL = re.compile(r"__global__\s+void\s+(?:__launch_bounds__\s*\([^()]*\)\s*)?(\w+)\s*\(([^()]*)\)")
_NUMBA_KERNEL = re.compile(r"^@(?:cuda\.)?jit\b.*\n(?:@.*\n)*def\s+(\w+)\s*\(([^()]*)\)", re.MULTILINE)


def launch_example(text: str, filename: str) -> str:
    """Return a comment for the first kernel in the text, as far as its parameters tell.

    A general one where they cannot be read.
    """
    numba = filename.endswith(".py")
    found = (_NUMBA_KERNEL if numba else _CUDA_KERNEL).search(text)
    parameters = [words for part in found[2].split(",") if (words := " ".join(part.split()))] if found else []
    arguments = [_numba_argument(words) if numba else _cuda_argument(words) for words in parameters]
    if found is None or not all(arguments):
        return EXAMPLE_NUMBA if numba else EXAMPLE_CUDA
    start = f"# racecheck: {found[1]}[2, 64]" if numba else f"// racecheck: {found[1]}<<<2, 64>>>"
    return f"{start}({', '.join(arguments)})"


def _numba_argument(parameter: str) -> str:
    """Turn `x` and `x: Any` into `x: float32[128] = random`; '' if there is no name.

    What it is, array or number, cannot be seen.
    """
    name = re.match(r"\w+", parameter)
    return "" if name is None else f"{name[0]}: float32[128] = random"


def _cuda_argument(parameter: str) -> str:
    """Turn `const float *x` into `float x[128] = random`; '' if there is no name.

    `float *y` becomes `float y[128]`, and `int n` becomes `int n = 128`.
    """
    constant = re.search(r"\bconst\b", parameter) is not None
    words = re.sub(r"\b(?:const|volatile|__restrict__)\b|\*", " ", parameter).split()
    if len(words) < 2 or not words[-1].isidentifier():
        return ""
    kind, name = " ".join(words[:-1]), words[-1]
    if "*" in parameter:
        return f"{kind} {name}[128]{' = random' if constant else ''}"
    return f"{kind} {name} = {'0.5' if kind in ('float', 'double', 'real', 'half', '__half') else '128'}"
