"""Compiles preprocessed text to an object file: with a GPU's conversions and, if asked, counters of operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from .compiler import COUNTING, compiler, run_compiler
from .counting import with_counters
from .implicit import compile_with_conversions
from .prelude import language

Run = Callable[[Sequence[str], str | None, str], tuple[str, str]]


def compile_object(
    flags: Sequence[str], head: str, text: str, output: Path, subject: str, run: Run = run_compiler
) -> str:
    """Compile preprocessed text to an object file.

    Args:
        flags: Options of the compiler.
        head: What stands before the text: the emulator's headers, or the line that names precompiled ones.
        text: Preprocessed C++, rewritten.
        output: The object file.
        subject: What is compiled, for messages.
        run: What runs the compiler: as `run_compiler` does.

    Returns:
        What the compiler said last.

    Raises:
        CompileError: The compiler rejects the text.
    """
    counted = COUNTING in flags
    made = output.with_suffix(".s") if counted else output
    command, reading = [*compiler(), *flags, "-S" if counted else "-c"], language(head)
    _, told = run([*command, "-o", str(made), *reading], head + text, subject)
    told = compile_with_conversions(command, reading, made, head + text, told)
    if counted:
        assembly = with_counters(made.read_text(encoding="utf-8", errors="surrogateescape"))
        run([*compiler(), "-x", "assembler", "-c", "-o", str(output), "-"], assembly, subject)
    return told
