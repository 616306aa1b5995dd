"""The command `tinyseg`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command. What it needs is loaded here, so that Ctrl-C in the first second ends it as quietly as later."""
    try:
        from . import app
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    app.main()


__all__ = ["main"]
