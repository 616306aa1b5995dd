"""Rich output: shown by a notebook, printed elsewhere."""

from __future__ import annotations

import sys


def markdown(text: str) -> None:
    """Show Markdown; where there is no notebook, print it."""
    _display("Markdown", text)


def html(text: str, plain: str) -> None:
    """Show HTML; where there is no notebook, print the plain text."""
    _display("HTML", text, plain)


def _display(kind: str, text: str, plain: str | None = None) -> None:
    if not _in_notebook():
        print(text if plain is None else plain)
        return
    import IPython.display

    shown = getattr(IPython.display, kind)(text)
    IPython.display.display(shown)  # type: ignore[no-untyped-call]


def _in_notebook() -> bool:
    """Whether a notebook runs this: it has loaded IPython long ago, and is its shell."""
    loaded = sys.modules.get("IPython")
    return loaded is not None and loaded.get_ipython() is not None
