"""What a learner's CUDA C++ may hold: kernels, device functions, constants and types; no host code and no headers.

A kernel runs on the CPU here, as native code, in a process with limits. So it is read before it is compiled: a function
may be called only if it is one of CUDA's that are listed here, or one that the source itself defines for the device.
That is no wall against somebody who wants to break it, and needs none: the right results are elsewhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple

from .refusal import Refusal, Unreadable, words

CONSTANT = "SOURCE"
"""The name in a learner's file that holds the text of the kernel."""

TYPES = words(
    """void bool char short int long unsigned signed float double size_t int8_t uint8_t int16_t uint16_t int32_t
    uint32_t int64_t uint64_t auto const constexpr half __half dim3 uint3 int2 int3 int4 uint2 uint4 float2 float3
    float4 double2 uchar2 uchar3 uchar4 char4 short2 short4 half2"""
)

_FLOAT = words(
    """abs acos asin atan atan2 cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma fmax fmin
    fmod hypot ldexp log log10 log1p log2 pow remainder rint round rsqrt sin sinh sqrt tan tanh trunc"""
)

FUNCTIONS = (
    _FLOAT
    | {f"{name}f" for name in _FLOAT}
    | words(
        """min max isnan isinf isfinite lroundf lrintf printf static_assert
    atomicAdd atomicSub atomicMin atomicMax atomicAnd atomicOr atomicXor atomicExch atomicCAS atomicInc atomicDec
    make_float2 make_float3 make_float4 make_int2 make_int3 make_int4 make_uint2 make_uint4 make_uchar4"""
    )
)
"""What a kernel may call, besides what it defines itself."""

CUDA_WORDS = words(
    """__global__ __device__ __host__ __shared__ __constant__ __restrict__ __forceinline__ __noinline__ __align__
    __launch_bounds__ __syncthreads __syncthreads_count __syncthreads_and __syncthreads_or __syncwarp __threadfence
    __threadfence_block __threadfence_system __shfl_sync __shfl_up_sync __shfl_down_sync __shfl_xor_sync __ballot_sync
    __any_sync __all_sync __match_any_sync __activemask __ldg __ldcs __stcs __popc __popcll __ffs __ffsll __clz __clzll
    __brev __mulhi __umulhi __mul24 __fadd_rn __fsub_rn __fmul_rn __fdiv_rn __fsqrt_rn __fmaf_rn __expf __logf __powf
    __sinf __cosf __fdividef __saturatef __float2int_rn __float2int_rz __float2int_rd __float2int_ru __float2uint_rn
    __int2float_rn __uint2float_rn __float_as_int __int_as_float __float_as_uint __uint_as_float __half
    __float2half __half2float"""
)
"""Names with two underscores in front that CUDA gives to kernels."""

STATEMENTS = words("if for while switch return sizeof alignof do else case constexpr decltype")

REFUSED = {
    "asm": "assembler",
    "new": "memory of the host",
    "delete": "memory of the host",
    "throw": "exceptions",
    "try": "exceptions",
    "catch": "exceptions",
    "virtual": "virtual functions",
    "operator": "operators of its own",
    "typeid": "types at run time",
    "dynamic_cast": "types at run time",
    "thread_local": "threads of the host",
    "namespace": "namespaces",
    "using": "'using'",
    "std": "the standard library",
    "friend": "'friend'",
    "goto": "'goto'",
    "co_await": "coroutines",
    "co_yield": "coroutines",
    "co_return": "coroutines",
}
"""Words that no kernel of an exercise needs."""

HOST_NAMES = words(
    """system popen execl execle execlp execv execve execvp fexecve fork vfork posix_spawn exit _exit _Exit quick_exit
    abort atexit at_quick_exit getenv secure_getenv setenv putenv unsetenv clearenv environ fopen fopen64 freopen fdopen
    open open64 openat creat read write pread pwrite close dup dup2 pipe fread fwrite fputs fputc puts putchar putc
    fprintf dprintf vprintf vfprintf vdprintf sprintf snprintf vsprintf vsnprintf scanf fscanf sscanf gets fgets getc
    getchar fgetc ungetc remove rename renameat unlink unlinkat rmdir mkdir chdir chmod chown link symlink tmpfile
    tmpnam tempnam mkstemp mkdtemp mktemp malloc calloc realloc reallocarray free alloca aligned_alloc posix_memalign
    valloc mmap munmap mprotect memcpy memmove mempcpy strcpy strcat strdup dlopen dlsym dlclose signal sigaction raise
    kill killpg tgkill pthread_create thrd_create clone ptrace socket connect bind listen accept send recv sleep usleep
    nanosleep syscall setjmp longjmp sigsetjmp siglongjmp qsort bsearch on_exit realpath canonicalize_file_name
    stdin stdout stderr setbuf setvbuf perror fflush fseek ftell rewind fclose fileno funopen fopencookie open_memstream
    fmemopen getline getdelim"""
)
"""Functions of the host: a source may neither use nor redefine them."""

DIRECTIVES = frozenset(["define", "undef", "if", "ifdef", "ifndef", "elif", "else", "endif", "pragma"])

_PARTS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<character>'(?:[^'\\\n]|\\.)+')
      | (?P<number>\.?\d(?:[eEpP][+-]|'(?=\w)|[\w.])*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<newline>\n)
      | (?P<space>[ \t\r\f\v]+)
      | (?P<sign>::|\#\#|.)""",
    re.DOTALL | re.VERBOSE,
)


class Token(NamedTuple):
    """A word, number, text or sign, its line, and in a line of the preprocessor that line's first word."""

    kind: str
    text: str
    line: int
    directive: str = ""


def cuda_source(text: str, filename: str) -> str:
    """Return the CUDA C++ of a learner's file, with each line at its number in the file.

    Raises:
        Refusal: It holds something that is no kernel, or that no kernel may do.
        Unreadable: The file is no Python, or has no SOURCE.
    """
    source, line = _constant(text, filename)
    check_cuda(source, line)
    # The emulator finds kernels by their C linkage; CUDA itself does not ask for it.
    source = re.sub(r'(?<!")(?<!"[ \n\t])(?<!\w)__global__\b', r'extern "C" __global__', source)
    poison = f"#pragma GCC poison {' '.join(sorted(HOST_NAMES))}"
    return f'{poison}\n#line {line} "{filename}"\n{source}\n'


def _constant(text: str, filename: str) -> tuple[str, int]:
    """Return the text of SOURCE and the line where it begins."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
        raise Unreadable("does-not-compile", f"{filename}:{line}: {getattr(error, 'msg', error)}", line) from error
    for node in reversed(tree.body):
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [CONSTANT]:
            if not isinstance(node.value, ast.Constant) or not isinstance(node.value.value, str):
                raise Unreadable("kernel-missing", f'{CONSTANT} is no plain text r"""..."""', node.lineno)
            return node.value.value, node.value.lineno
    raise Unreadable("kernel-missing", f'there is no {CONSTANT} = r"""..."""', 1)


def check_cuda(source: str, first_line: int = 1) -> None:
    """Look at a source without compiling it.

    Raises:
        Refusal: It holds something that is no kernel, or that no kernel may do.
    """
    if re.search(r'extern\s*"C"\s*\{', source):
        raise Refusal('extern "C" { ... }: write __global__ void name(...) alone', first_line)
    tokens = _tokens(source, first_line)
    macros = _macros(tokens)
    tokens = [token for token in tokens if not token.directive]
    own = _own_names(tokens)
    for position, token in enumerate(tokens):
        _check_token(tokens, position, token)
        if position and (token.text == "(" or token.text in macros):  # a macro may hold the bracket
            _check_call(tokens, position, own)
    _check_outside(tokens)


def _tokens(source: str, first_line: int) -> list[Token]:
    """Cut a source into words; comments are left out."""
    if "??/" in source or "%:" in source:
        raise Refusal("another spelling of '\\' or '#'", first_line)
    tokens, line, at_start, directive = [], first_line, True, ""
    # A name may be continued on the next line.
    for part in _PARTS.finditer(source.replace("\\\r\n", "").replace("\\\n", "")):
        kind, text = str(part.lastgroup), part[0]
        if kind == "newline":
            at_start, directive = True, ""
        elif kind == "sign" and text == "#" and at_start:
            directive = "#"
        elif directive == "#" and kind == "name":
            directive = text
            if text not in DIRECTIVES:
                raise Refusal(f"#{text}: a kernel needs no header and no such line; #define is allowed", line)
            tokens.append(Token(kind, text, line, text))
        elif kind not in ("space", "comment"):
            if directive == "pragma" and text != "unroll" and kind == "name":
                raise Refusal(f"#pragma {text}: of pragmas only unroll is allowed", line)
            tokens.append(Token(kind, text, line, directive))
        at_start = at_start and kind in ("newline", "space", "comment")
        line += text.count("\n")
    return tokens


def _macros(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the names after #define, and see to it that each stands for a number or a type."""
    macros: set[str] = set()
    for position, token in enumerate(tokens):
        if token.directive != "define" or token.text != "define":
            continue
        line = [t for t in tokens[position + 1 :] if t.line == token.line and t.directive == "define"]
        if not line or line[0].kind != "name" or line[0].text in STATEMENTS | TYPES | CUDA_WORDS | FUNCTIONS:
            raise Refusal("#define: expected a new name", token.line)
        body = line[1:]
        good = all(
            t.kind == "number" or t.text in TYPES or t.text in macros or t.text in tuple("()+-*/%<>") for t in body
        )
        if not good or not any(t.kind in ("number", "name") for t in body) or _depth(body):
            raise Refusal(
                f"#define {line[0].text}: stands for a number; of a function make a __device__ one", token.line
            )
        macros.add(line[0].text)
    return frozenset(macros)


def _depth(tokens: Sequence[Token]) -> int:
    return sum({"(": 1, ")": -1}.get(token.text, 0) for token in tokens)


def _check_token(tokens: Sequence[Token], position: int, token: Token) -> None:
    kind, text, line, _ = token
    before = tokens[position - 1].text if position else ""
    after = tokens[position + 1].text if position + 1 < len(tokens) else ""
    if kind == "name":
        if text in REFUSED or text.startswith("co_"):
            raise Refusal(f"{text}: no kernel of an exercise needs {REFUSED.get(text, 'coroutines')}", line)
        if text in HOST_NAMES:
            raise Refusal(f"{text}: a function of the host, which a kernel cannot call", line)
        reserved = text.startswith("__") or re.match(r"_[A-Z]", text)
        if (reserved and text not in CUDA_WORDS) or text.lower().startswith("tinyseg") or text == "emulator":
            raise Refusal(f"{text}: not among the names that CUDA gives to a kernel", line)
        if text == "extern" and after not in ('"C"', "__shared__"):
            raise Refusal("extern: only before __shared__", line)
    elif kind == "string":
        is_format = before == "(" and position > 1 and tokens[position - 2].text == "printf"
        if not is_format and not (before == "extern" and text == '"C"'):
            raise Refusal("a text: only printf takes one", line)
    elif kind == "sign" and (text in ("::", "\\", "@", "`", "$", "#", "##") or not text.isascii()):
        raise Refusal(f"{text!r}: not among the signs that a kernel needs", line)


def _own_names(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the functions with a body for the device, structures and lambdas that a source defines."""
    own = set()
    for position, (kind, text, _, _) in enumerate(tokens):
        before = [token.text for token in tokens[max(0, position - 12) : position]]
        after = tokens[position + 1].text if position + 1 < len(tokens) else ""
        if kind != "name":
            continue
        if (
            (before[-1:] and before[-1] in ("struct", "union", "class", "enum", "typename"))
            or (
                after == "="
                and position + 2 < len(tokens)
                and tokens[position + 2].text == "["
                and before[-1:] == ["auto"]
            )
            or (after == "(" and {"__device__", "__global__"} & set(before) and _has_body(tokens, position + 1))
        ):
            own.add(text)
    return frozenset(own)


def _has_body(tokens: Sequence[Token], opening: int) -> bool:
    end = _closing(tokens, opening)
    return end + 1 < len(tokens) and tokens[end + 1].text == "{"


def _closing(tokens: Sequence[Token], opening: int) -> int:
    depth = 0
    for position in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[position].text, 0)
        if depth == 0:
            return position
    return len(tokens)


def _opening(tokens: Sequence[Token], closing: int, brackets: str = "()") -> int:
    depth = 0
    for position in range(closing, -1, -1):
        depth += {brackets[1]: 1, brackets[0]: -1}.get(tokens[position].text, 0)
        if depth == 0:
            return position
    return 0


def _check_call(tokens: Sequence[Token], position: int, own: frozenset[str]) -> None:
    """Look at an opening bracket: is it a call, and of what?"""
    kind, text, line, _ = tokens[position - 1]
    before = tokens[position - 2].text if position > 1 else ""
    if kind == "name":
        known = text in TYPES or text in FUNCTIONS or text in STATEMENTS or text in CUDA_WORDS or text in own
        # 'float *f(' declares; '2 * f(' calls.
        of_pointer = before == "*" and position > 2 and tokens[position - 3].text in TYPES
        if not known and before not in TYPES and not of_pointer:
            raise Refusal(f"{text}(...): not a function of CUDA, and none that the source defines as __device__", line)
    elif text == "]" and not _is_lambda(tokens, position - 1):
        raise Refusal("](...): a function is called by its name", line)
    elif text == ")":
        start = _opening(tokens, position - 1)
        inside = {token.text for token in tokens[start + 1 : position - 1]}
        head = tokens[start - 1].text if start else ""
        if head not in ("if", "while", "for", "switch", "__launch_bounds__", "__align__") and not inside <= TYPES | {
            "*"
        }:
            raise Refusal(")(...): a function is called by its name", line)
    elif text == "}" and not _ends_a_branch(tokens, position - 1):
        raise Refusal("}(...): a function is called by its name", line)


def _ends_a_branch(tokens: Sequence[Token], closing: int) -> bool:
    """Whether a closing brace ends the body of if, else, a loop, switch or a block: what follows does not call it."""
    opening = _opening(tokens, closing, "{}")
    before = tokens[opening - 1].text if opening else ""
    if before == ")":
        head = _opening(tokens, opening - 1) - 1
        return head >= 0 and tokens[head].text in ("if", "while", "for", "switch")
    return before in ("else", "do", ";", "{", "}")


def _is_lambda(tokens: Sequence[Token], closing: int) -> bool:
    """Whether a closing bracket ends the captures of a lambda that gets a name: auto f = [&](...)."""
    return any(
        tokens[k].text == "[" and tokens[k - 1].text == "=" and tokens[k - 3].text == "auto"
        for k in range(max(3, closing - 2), closing)
    )


def _check_outside(tokens: Sequence[Token]) -> None:
    """Look at what stands outside of functions: each function is for the device, and nothing is computed there.

    What a variable's first value calls, or a constructor, would run on the host, and before the process is locked.
    """
    opened, words, line, rounds, before = list[str](), list[str](), 0, 0, ""
    for kind, text, at, _ in tokens:
        if "" in opened:  # within a function
            opened += [""] * (text == "{")
            if text == "}":
                opened.pop()
            continue
        line = at if not words else line
        if text == "(" and kind == "sign" and before and ("=" in words or "=" in opened or rounds):
            raise Refusal(f"{before}(...): outside of functions a value is written down, not computed", at)
        rounds += {"(": 1, ")": -1}.get(text, 0)
        if text == "{":
            opened.append(_opened(words, opened, line))
            words = words if opened[-1] == "=" else []
        elif text in (";", "}"):
            words = []
            if text == "}" and opened:
                opened.pop()
        else:
            words.append(text)
        before = text if kind == "name" and text not in CUDA_WORDS | TYPES | {"sizeof"} else ""


def _opened(words: Sequence[str], opened: Sequence[str], line: int) -> str:
    """Return what a brace opens: '' for a function, '=' for values, else the name of a struct."""
    if "(" in words and "=" not in words:
        name = words[words.index("(") - 1]
        if name in opened:
            raise Refusal(f"{name}(...): a constructor; give the members by braces", line)
        if not opened and not {"__device__", "__global__"} & set(words):
            raise Refusal(f"{name}: a function without __device__ is one of the host", line)
        return ""
    return words[-1] if "=" not in words and {"struct", "union", "enum"} & set(words) else "="
