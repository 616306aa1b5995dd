"""Reads the text of a source file in whichever encoding it is."""

from __future__ import annotations

import codecs
import linecache
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_INCLUDE_LINE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def decode(data: bytes) -> str:
    """Return the text of a source file: UTF-8, UTF-16 or UTF-32, GBK, else Windows' Latin-1; lines end as on Unix."""
    return _text(data).replace("\r\n", "\n").replace("\r", "\n")


def _text(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[:400].count(0) > len(data[:400]) // 4:  # every other byte of plain letters is 0
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
    # An accented letter of Latin-1 before a plain one reads as a rare character of GBK; Chinese text is of common ones.
    foreign = [character for character in text if ord(character) > 127]
    common = sum("\u4e00" <= character <= "\u9fff" and _is_common(character) for character in foreign)
    punctuation = sum("\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uffef" for character in foreign)
    return text if 2 * (common + punctuation) > len(foreign) else data.decode("cp1252", "replace")


def _is_common(character: str) -> bool:
    """Return whether a character is one of the 6,763 of GB2312, whose two bytes are both above 0xA0."""
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def read_source(path: Path) -> str:
    """Return the text of a source file; reports find its lines under its name.

    Raises:
        InvalidInput: The file cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: expected a CUDA C++ file, got {error}") from error
    text = decode(data)
    if "\0" in text:
        raise InvalidInput(f"{path}: expected a text, got a file with null bytes")
    keep_lines(str(path), text)
    return text


def keep_lines(name: str, text: str) -> None:
    """Let reports find the lines of a text that is no file, or no file of UTF-8, under a name."""
    lines = [f"{line}\n" for line in text.split("\n")]
    linecache.cache[name] = (len(text), None, lines, name)


@contextmanager
def readable_headers(source: str, folders: Sequence[Path]) -> Iterator[list[Path]]:
    """Give a folder with copies in UTF-8 of those headers that the compiler could not read, or none.

    Bytes of any encoding that extends ASCII may stand in comments and strings; UTF-16 is what it cannot take.
    """
    with tempfile.TemporaryDirectory(prefix="tinyseg-headers-") as folder:
        waiting, seen = [source], set[str]()
        while waiting:
            for name in _INCLUDE_LINE.findall(waiting.pop()):
                path = next((place / name for place in folders if (place / name).is_file()), None)
                if path is None or name in seen or Path(name).is_absolute() or ".." in Path(name).parts:
                    continue
                seen.add(name)
                data = path.read_bytes()
                text = decode(data)
                waiting.append(text)
                if b"\0" in data[:400]:
                    copy = Path(folder) / name
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_text(text, encoding="utf-8")
        yield [Path(folder)] if any(Path(folder).iterdir()) else []
