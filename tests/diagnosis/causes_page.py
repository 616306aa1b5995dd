"""Write the page of all causes that a diagnosis can name: `python -m tests.diagnosis.causes_page docs/causes.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from tinyseg.diagnosis import OPERATIONS, contract
from tinyseg.diagnosis.texts import BY_OPERATION, PATTERNS, PATTERNS_BY_NUMBER, TEXTS

HEAD = """# What a diagnosis can name

`tinyseg.diagnosis.diagnose(operation, forward, backward)` looks at functions that keep the contract below and names one
of these causes. An identifier stays what it is, so that exercises and graders can rely on it. Made by
`python -m tests.diagnosis.causes_page docs/causes.md`; how a cause is found is in [diagnosis.md](diagnosis.md).
"""


def causes_page() -> str:
    """Return the page: contracts and causes of each operation, then what all share."""
    parts = [HEAD]
    for op in sorted(OPERATIONS):
        names = dict.fromkeys(mistake.cause for mistake in OPERATIONS[op]().mistakes())
        own = BY_OPERATION.get(op, {})
        parts.append(
            f"\n## {op}\n\nContract: {_escaped(contract(op))}\n\n{_table({n: own[n] for n in names if n in own})}"
        )
    parts.append("\n## Any operation\n\n" + _table(TEXTS))
    patterns = {_filled(cause): text for cause, text in {**PATTERNS, **PATTERNS_BY_NUMBER}.items()}
    parts.append("\n## Parts left out or mixed up\n\n" + _table(patterns))
    return "".join(parts)


def _table(texts: dict[str, tuple[str, str]]) -> str:
    rows = [f"| `{cause}` | {_escaped(suggests)} |" for cause, (suggests, _) in sorted(texts.items())]
    return "| cause | what it says |\n|---|---|\n" + "\n".join(rows) + "\n"


def _escaped(text: str) -> str:
    return _filled(text).replace("|", "\\|").replace("*", "\\*")


def _filled(text: str) -> str:
    gaps = {"end": "...", "entry": "...", "entries": "...s", "axis": "..."}
    return text.format(thing="the result", function="the function", detail="...", **gaps)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(causes_page(), "utf-8")
