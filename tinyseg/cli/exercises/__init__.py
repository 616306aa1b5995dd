"""`tinyseg exercises`: the classroom. Each file adds its subcommands; what they do is in the package `exercises`."""

from __future__ import annotations

import typer

from . import answers, authors, beginning, checks, labs, overview


def register(app: typer.Typer) -> None:
    """Add the group of subcommands."""
    group = typer.Typer(
        name="exercises",
        help="Exercises: write layers, gradients and kernels yourself, and be told what is wrong with them.",
        epilog="Begin with: tinyseg exercises init exercises",
        no_args_is_help=True,
    )
    for module in (beginning, overview, checks, answers, labs, authors):
        module.register(group)
    app.add_typer(group)
