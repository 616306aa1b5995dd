"""Read a learner's file, whatever it is."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from pathlib import Path

from .values import plain


class Unreadable(Exception):
    """This is no file of a program; the text says why."""


def read_source(source: str | Path, most: int) -> str:
    """Return the text of a program.

    Args:
        source: The text, or the path of a file.
        most: Bytes that it may have.

    Raises:
        Unreadable: No file, no text, too large, or empty.
    """
    text = _text_of(source, most) if isinstance(source, Path) else source.removeprefix("\ufeff")
    if len(text) > most:
        raise Unreadable(f"it has more than {most:,} bytes")
    if not text.strip():
        raise Unreadable("it is empty")
    if "\0" in text:
        raise Unreadable("it is no text")
    return text


def parsed(text: str, file: str) -> ast.Module:
    """Return the tree of a program.

    Raises:
        SyntaxError: Python cannot read it.
        Unreadable: It cannot read it either, for another reason.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape in a text, say: nothing that the checker should print
            return ast.parse(text, file)
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"Python cannot read it ({plain(str(error)) or type(error).__name__})") from error


def _text_of(path: Path, most: int) -> str:
    if not path.is_file():
        raise Unreadable("there is no such file")
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise Unreadable(f"it has more than {most:,} bytes")
        encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        return io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Unreadable("it is no text (Python reads UTF-8)") from error
