"""`python -m tinyseg` is the command `tinyseg`."""

from __future__ import annotations

from tinyseg.cli import main

if __name__ == "__main__":
    main()
