"""Read a learner's file, whatever it is."""

from __future__ import annotations

import ast
import io
import threading
import tokenize
import warnings
from pathlib import Path

from .values import plain

STACK = 64 << 20
_PARSING = threading.Lock()
"""Stack size and warnings are those of the whole process."""


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
    found: list[ast.Module | Exception] = []

    def parse() -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of an escape in a text, say: nothing that the checker should print
                found.append(ast.parse(text, file))
        except Exception as error:
            found.append(error)

    with _PARSING:
        # Python's parser goes as deep as the text does, and a thread may have little room for it.
        before = threading.stack_size(STACK)
        try:
            thread = threading.Thread(target=parse)
            thread.start()
        finally:
            threading.stack_size(before)
        thread.join()
    if isinstance(found[0], ast.Module):
        return found[0]
    if isinstance(found[0], SyntaxError):
        raise found[0]
    why = plain(str(found[0])) or type(found[0]).__name__
    raise Unreadable(f"Python cannot read it ({why})") from found[0]


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
