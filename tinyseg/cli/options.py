"""Options that several subcommands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from tinyseg_kernels.backend import set_backend
from tinyseg_kernels.errors import InvalidInput

Backend: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help=(
            "Where to compute: 'numba' (compiled for the CPU), 'numpy', 'naive' (slow loops), a GPU's 'cupy' or "
            "'numba-cuda', or 'auto', the fastest here. Default: TINYSEG_BACKEND, else 'auto'."
        )
    ),
]
Out: TypeAlias = Annotated[Path, typer.Option("--out", "-o", help="Folder to write into; made if it does not exist.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Same seed, same results.")]


def refuse_folder(option: str, path: Path | None) -> None:
    """Raise InvalidInput when a file is to be written where a folder is: before the work, not after it."""
    if path is not None and path.is_dir():
        raise InvalidInput(f"{option}: expected the name of a file, got the folder {path}")


def use_backend(name: str | None) -> None:
    """Choose the backend if one was given."""
    if name is not None:
        set_backend(name)
