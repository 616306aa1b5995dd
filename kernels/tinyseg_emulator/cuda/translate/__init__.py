"""Rewrites preprocessed CUDA C++ as C++, and adds what the runtime calls."""

from __future__ import annotations

import re

from tinyseg_kernels.errors import InvalidInput

_DYNAMIC_SHARED = re.compile(
    r"\bextern\s+__shared__\s+((?:alignas\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*)?)([\w:\s]+?)\s*\b(\w+)\s*\[\s*\]\s*;"
)
_LAUNCH_BOUNDS = re.compile(r"\b__launch_bounds__\s*\((?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*\)")
_KERNEL = re.compile(r"\b__global__\b")


class CompileError(InvalidInput):
    """A kernel file that the compiler rejects; the text is the compiler's."""


def translate(text: str, filename: str) -> str:
    """Rewrite preprocessed CUDA C++ as C++, and add what the runtime calls.

    Shared variables become thread-local ones: nothing else is thread-local in a kernel file, so the thread-local
    storage of the library is the block's static shared memory and can be filled with NaN before each block. Dynamic
    shared memory becomes a pointer.
    """
    kernels = _kernels(text, filename)
    text = _DYNAMIC_SHARED.sub(r"\2 *const \3 = (\2 *)tinyseg_dynamic_shared();", text)
    text = _LAUNCH_BOUNDS.sub("", text)
    # "used": the compiler would otherwise take a variable that nobody writes for a constant 0.
    text = re.sub(r"\b(?:static\s+)?__shared__\b", "static thread_local __attribute__((used))", text)
    text = _KERNEL.sub("", text)
    parts = [text, '\n# 1 "emulator"\nextern "C" {\n', "char *tinyseg_anchor() { return &emulator::anchor; }\n"]
    for name, bounds in kernels.items():
        parts += [
            f"void tinyseg_run_{name}(void **arguments) {{ emulator::run({name}, arguments); }}\n",
            f"void tinyseg_signature_{name}(char *out) {{ emulator::signature({name}, out); }}\n",
            f"int tinyseg_bounds_{name}() {{ return int({bounds or 1024}); }}\n",
        ]
    parts += [f'const char *tinyseg_kernels() {{ return "{" ".join(kernels)}"; }}\n', "}\n"]
    return "".join(parts)


def _kernels(text: str, filename: str) -> dict[str, str]:
    """Return the `extern "C" __global__` functions, each with the first argument of its __launch_bounds__ or ''."""
    kernels: dict[str, str] = {}
    for match in _KERNEL.finditer(text):
        before = text[max(0, match.start() - 200) : match.start()].rstrip()
        rest = text[match.end() :]
        bounds, position = "", re.match(r"[\s\w]*?__launch_bounds__\s*\(", rest)
        if position:
            end = _closing(rest, position.end() - 1)
            bounds = _first_argument(rest[position.end() : end])
            rest = rest[: position.end()].rpartition("__launch_bounds__")[0] + rest[end + 1 :]
        name = re.match(r"\s*(?:static\s+|inline\s+)*void\s+(?:__attribute__\s*\(\(.*?\)\)\s*)?(\w+)\s*\(", rest)
        is_c = re.search(r'extern\s*"C"\s*(?:\{\s*)?(?:static\s+)?$', before)
        if name and (is_c or _in_c_block(text[: match.start()])):
            kernels[name.group(1)] = bounds
    if not kernels:
        raise CompileError(f'{filename}: expected kernels declared  extern "C" __global__ void name(...), found none')
    return kernels


def _in_c_block(before: str) -> bool:
    """Return whether a text ends inside an `extern "C" { ... }`."""
    opened = list(re.finditer(r'\bextern\s*"C"\s*\{', before))
    if not opened:
        return False
    inside = before[opened[-1].end() :]
    return inside.count("{") >= inside.count("}")


def _closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text)


def _first_argument(text: str) -> str:
    depth = 0
    for i, c in enumerate(text):
        depth += {"(": 1, ")": -1}.get(c, 0)
        if c == "," and depth == 0:
            return text[:i].strip()
    return text.strip()
