"""Docstrings say formulas as formulas, and a first line is a whole sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.test_sizes import ROOT, files

CAPITALISED = re.compile(r"(Dx|Dy|Dkernel|Dbias|Dgamma|Dbeta)\b|X( [-+*/=] |, or )")
"""Names of formulas as a linter or a script would begin a sentence with them."""

CUT = re.compile(r"(?<!\.)\.\.$")
"""A range such as 'rows first .. last' that was taken for the end of a sentence."""


def faults(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of the paragraphs of docstrings that begin or end wrongly."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            value = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                paragraphs = [paragraph.strip() for paragraph in value.value.split("\n\n")]
                for text in paragraphs:
                    if CAPITALISED.match(text) or CUT.search(text):
                        yield statement.lineno, text[:80]


def test_formulas_are_not_capitalised_and_ranges_not_cut() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in files("tinyseg", "kernels", "benchmarks")
        for line, text in faults(path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_faults_are_seen() -> None:
    wrong = ['"""Dx = dy @ kernel^T."""', '"""X, or slope * x."""', '"""Write rows first ..\n\nlast of a."""']
    assert all(list(faults(text)) for text in wrong)
    right = ['"""dx = dy @ kernel^T."""', '"""Write rows first .. last of a."""', '"""Xavier\'s start ..."""']
    assert not any(list(faults(text)) for text in right)
