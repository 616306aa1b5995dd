"""What a loading did: an object, and a table when it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SHOWN = 12
"""Names that are listed one by one in an error; the report lists all."""


@dataclass(frozen=True)
class Row:
    """One array that was loaded.

    Attributes:
        target: 'layer/array' in the model.
        source: The tensor in the file.
        shape: Of the tensor in the file.
        by: What decided that they belong together: 'table', 'name' or 'order'.
        layout: What was done to it.
    """

    target: str
    source: str
    shape: tuple[int, ...]
    by: str
    layout: str


@dataclass
class Report:
    """What was loaded from where, and what was not; `print` shows tables.

    Attributes:
        file: The file, and its format.
        rows: The arrays that were loaded.
        missing: Arrays of the model that the file does not have; they kept their values.
        extra: Tensors of the file that the model does not have.
        mismatched: Pairs that belong together and do not fit, with the reason.
        ignored: Tensors of the file that are not needed, with the reason.
        notes: What else is to be known, such as what the order alone decided.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg import weights
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((3,)), Dense(2, name="scores")])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "scores.npz")
        ...     np.savez(file, **{"scores.weight": np.ones((2, 3)), "scores.bias": np.zeros(2)})
        ...     report = weights.load(model, file)
        ...
        >>> for row in report.rows:
        ...     print(row.target, row.source, row.shape, row.by, row.layout)
        ...
        scores/kernel scores.weight (2, 3) name (F, D) -> (D, F); float64 -> float32
        scores/bias scores.bias (2,) name as it is; float64 -> float32
        >>> report.complete
        True
    """

    file: str
    rows: list[Row] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    mismatched: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether all of the model was loaded, and all of the file was used."""
        return not (self.missing or self.extra or self.mismatched)

    def __str__(self) -> str:
        """Return the tables."""
        parts = [f"{self.file}: {len(self.rows)} arrays loaded"]
        if self.rows:
            cells = [(row.target, row.source, shape_text(row.shape), row.by, row.layout) for row in self.rows]
            parts.append(as_table(("array of the model", "tensor of the file", "its shape", "by", "layout"), cells))
        for title, items in (
            ("not in the file", self.missing),
            ("not in the model", self.extra),
            ("do not fit", self.mismatched),
            ("ignored", grouped(self.ignored)),
            ("notes", self.notes),
        ):
            if items:
                parts += [f"{title} ({len(items)}):", *(f"  {item}" for item in items)]
        return "\n".join(parts)

    def wrong(self) -> str:
        """Return what is missing, left over or does not fit, shortened."""
        lists = (("do not fit", self.mismatched), ("not in the file", self.missing), ("not in the model", self.extra))
        return "; ".join(f"{len(items)} {title}: {shown(items)}" for title, items in lists if items)


def shape_text(shape: Sequence[int]) -> str:
    """Return 64x3x7x7."""
    return "x".join(map(str, shape)) or "scalar"


def shown(items: Sequence[str]) -> str:
    """Return the first of many texts."""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more


def grouped(items: Sequence[str]) -> list[str]:
    """Return texts 'name: reason', those of one reason on one line."""
    reasons: dict[str, list[str]] = {}
    for item in items:
        name, _, reason = item.partition(": ")
        reasons.setdefault(reason, []).append(name)
    return [f"{shown(names)}: {reason}" for reason, names in reasons.items()]


def as_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns of equal width."""
    widths = [max(len(row[k]) for row in (names, *rows)) for k in range(len(names))]
    lines = [names, ["-" * width for width in widths], *rows]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)
