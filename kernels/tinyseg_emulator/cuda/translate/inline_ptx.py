"""Inline PTX: `asm("mov.u32 %0, %%laneid;" : "=r"(lane))` becomes C++.

Taken are plain arithmetic, special registers, fences and barriers. What moves data past the checks (`ld`, `st`,
`cp.async`, `ldmatrix`), the tensor cores' `mma` and all other instructions are refused by name. Source of the
instructions' meaning: PTX ISA 9.0, chapter "Instruction Set".
"""

from __future__ import annotations

import re

from .exports import CompileError

_ASM = re.compile(r"\b(?:asm|__asm__|__asm)\b\s*(?:__volatile__|volatile|__volatile)?\s*\(")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OPERAND = re.compile(r'"([=+]?&?[a-z]+)"\s*\(')
_TYPES = {
    "u16": "unsigned short", "s16": "short", "b16": "unsigned short", "u32": "unsigned", "s32": "int",
    "b32": "unsigned",
    "u64": "unsigned long long", "s64": "long long", "b64": "unsigned long long", "f32": "float", "f64": "double",
}  # fmt: skip
_REGISTERS = {
    "laneid": "tinyseg_lane()",
    "warpid": "(((threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x) / 32)",
    "clock": "unsigned(clock64())", "clock64": "clock64()", "globaltimer": "clock64()", "smid": "0u", "nsmid": "1u",
    "lanemask_eq": "(1u << tinyseg_lane())", "lanemask_lt": "((1u << tinyseg_lane()) - 1)",
    "lanemask_le": "((2u << tinyseg_lane()) - 1)", "lanemask_gt": "(~((2u << tinyseg_lane()) - 1))",
    "lanemask_ge": "(~((1u << tinyseg_lane()) - 1))",
    **{f"{ptx}.{axis}": f"{cuda}.{axis}" for axis in "xyz" for ptx, cuda in
       (("tid", "threadIdx"), ("ntid", "blockDim"), ("ctaid", "blockIdx"), ("nctaid", "gridDim"))},
}  # fmt: skip
_NOTHING = re.compile(r"(prefetchu?|applypriority|discard|nanosleep|pragma)\b.*")
_FENCE = re.compile(r"(membar|fence)\..*")
# From an instruction's name, without its type, to its value; T is the type, a, b and c the operands.
_VALUES = {
    "add": "T(a + b)", "sub": "T(a - b)", "add.rn": "T(a + b)", "sub.rn": "T(a - b)", "mul.rn": "T(a * b)",
    "mul": "T(a * b)", "mul.lo": "T(a * b)", "mad.lo": "T(a * b + c)", "div": "T(a / b)", "div.rn": "T(a / b)",
    "rem": "T(a % b)", "fma.rn": "fma(a, b, c)", "neg": "T(-a)", "abs": "T(a < 0 ? -a : a)", "and": "T(a & b)",
    "or": "T(a | b)", "xor": "T(a ^ b)", "not": "T(~a)", "shl": "T(b > 8 * sizeof(T) - 1 ? T(0) : T(a << b))",
    "shr": "T(a >> (b > 8 * sizeof(T) - 1 ? 8 * sizeof(T) - 1 : b) >> (T(-1) > 0 && b > 8 * sizeof(T) - 1))",
    "min": "T(b < a ? b : a)", "max": "T(a < b ? b : a)", "popc": "__popcll(a)", "brev": "__brev(a)",
    "clz": "(__clzll(a) - int(64 - 8 * sizeof(T)))", "prmt": "__byte_perm(a, b, c)",
    "mul.hi": "T(((long long)a * (long long)b) >> 32)",
    "sqrt.rn": "sqrt(a)", "sqrt.approx": "sqrt(a)", "rsqrt.approx": "rsqrt(a)", "rcp.rn": "T(1 / a)",
    "rcp.approx": "T(1 / a)", "ex2.approx": "exp2(a)", "lg2.approx": "log2(a)", "sin.approx": "sin(a)",
    "cos.approx": "cos(a)", "tanh.approx": "tanh(a)", "div.approx": "__fdividef(a, b)",
}  # fmt: skip


def rewrite_ptx(text: str, filename: str) -> str:
    """Return a preprocessed text with C++ in place of its inline PTX; lines keep their numbers.

    Raises:
        CompileError: An instruction that is not executed.
    """
    parts, done = [], 0
    for match in _ASM.finditer(text):
        end = _closing(text, match.end() - 1)
        inside = text[match.end() : end]
        if match.start() < done or not _STRING.match(inside.lstrip()) or not re.search(r"[a-z]\.[a-z]|;", inside):
            continue  # a symbol's name
        if _place(text, match.start())[0].startswith("/usr/"):
            continue  # the C library's own
        parts += [text[done : match.start()], _statement(inside, text, match.start(), filename)]
        parts.append("\n" * inside.count("\n"))
        done = end + 1
    return "".join([*parts, text[done:]])


def _statement(inside: str, text: str, offset: int, filename: str) -> str:
    sections = _split(inside, ":")
    template = "".join(match[1] for match in _STRING.finditer(sections[0]))
    template = template.replace("\\n", " ").replace("\\t", " ").replace("\n", " ")
    operands: list[str] = []
    for section in sections[1:3]:
        for operand in _split(section, ","):
            found = _OPERAND.search(operand)
            if found:
                operands.append(operand[found.end() : _closing(operand, found.end() - 1)])
    said = []
    for instruction in re.split(r";", re.sub(r"//.*?$|/\*.*?\*/", "", template)):
        plain = re.sub(r"^[{} ]+|^ *}$", "", instruction).strip()
        if plain:
            said.append(_instruction(plain, operands, text, offset, filename))
    return "do { " + " ".join(said) + " } while (0)"


def _instruction(plain: str, operands: list[str], text: str, offset: int, filename: str) -> str:
    name, _, rest = plain.partition(" ")
    arguments = [_value(argument.strip(), operands) for argument in rest.split(",")] if rest.strip() else []
    declared = re.fullmatch(r"\.reg\s+\.(\w+)\s+([\w, ]+)", plain)
    if declared and declared[1] in _TYPES:
        return f"{_TYPES[declared[1]]} {declared[2]};"
    if _NOTHING.fullmatch(name) or name in ("cp.async.commit_group", "cp.async.wait_all", "cp.async.wait_group"):
        return ""
    if _FENCE.fullmatch(name):
        return "__threadfence_block();" if name.endswith("cta") else "__threadfence();"
    if name in ("bar.sync", "barrier.sync") and rest.strip() == "0":
        return "__syncthreads();"
    operation, _, kind = name.replace(".ftz", "").rpartition(".")
    if operation == "mov" and kind in _TYPES and len(arguments) == 2 and "{" not in plain:
        return f"emulator::move_bits({arguments[0]}, {arguments[1]});"
    fits = operation != "mul.hi" or kind in ("u32", "s32")
    if operation in _VALUES and kind in _TYPES and len(arguments) > 1 and fits:
        amounts = {"b"} if operation in ("shl", "shr") else set()
        given = " ".join(
            f"const {'unsigned' if key in amounts else 'T'} {key} = {'unsigned' if key in amounts else 'T'}({value});"
            for key, value in zip("abc", arguments[1:], strict=False)
        )
        return f"{arguments[0]} = [&]() {{ using T = {_TYPES[kind]}; {given} return {_VALUES[operation]}; }}();"
    file, line = _place(text, offset)
    raise CompileError(
        f"{file or filename}:{line}: inline PTX: the emulator does not execute {name!r}; it executes arithmetic, "
        "special registers, fences and barriers. CUDA's own functions (__shfl_sync, nvcuda::wmma, "
        "__pipeline_memcpy_async) say the same in C++"
    )


def _place(text: str, offset: int) -> tuple[str, int]:
    """Return the file and the line of a place in a preprocessed text."""
    begin = text.rfind("\n# ", 0, offset) + 1
    marker = re.match(r'# (\d+) "([^"]*)"[^\n]*\n', text[begin:])
    if marker is None:
        return "", text.count("\n", 0, offset) + 1
    return marker[2], int(marker[1]) + text.count("\n", begin + marker.end(), offset)


def _value(argument: str, operands: list[str]) -> str:
    number = re.fullmatch(r"%(\d+)", argument)
    if number and int(number[1]) < len(operands):
        return f"({operands[int(number[1])]})"
    special = argument.removeprefix("%%").removeprefix("%")
    if argument.startswith("%") and special in _REGISTERS:
        return _REGISTERS[special]
    real = re.fullmatch(r"0[fF]([0-9a-fA-F]{8})", argument)
    return f"__uint_as_float(0x{real[1]}u)" if real else argument


def _closing(text: str, start: int) -> int:
    depth, i = 0, start
    while i < len(text):
        string = _STRING.match(text, i)
        if string:
            i = string.end()
            continue
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
        i += 1
    return len(text)


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator outside strings and brackets; `::` in a name is none, `::` between sections is two."""
    parts, depth, i, begin = [], 0, 0, 0
    while i < len(text):
        string = _STRING.match(text, i)
        if string:
            i = string.end()
            continue
        depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(text[i], 0)
        if text[i] == separator and depth == 0:
            parts.append(text[begin:i])
            begin = i + 1
        i += 1
    return [*parts, text[begin:]]
