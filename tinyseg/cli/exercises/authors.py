"""`tinyseg exercises new` and `prove`: for those who write exercises."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from ..console import console, progress, say, table
from .options import AsJson

EXIT_NOT_PROVEN = 1

Own = Annotated[
    Path | None, typer.Option("--dir", help="Folder of your own exercises. Default: TINYSEG_EXERCISES, if it is set.")
]


def register(group: typer.Typer) -> None:
    """Add the subcommands."""
    group.command(epilog="Example:  tinyseg exercises new leaky_relu --dir my-exercises")(new)
    group.command(
        epilog="Examples:  tinyseg exercises prove leaky_relu --dir my-exercises    |    tinyseg exercises prove"
    )(prove)


def new(name: Annotated[str, typer.Argument(help="Name of the new exercise.")], folder: Own = None) -> None:
    """Begin an exercise of your own: writes a folder that works, to be changed."""
    from tinyseg.exercises.authoring import new_exercise
    from tinyseg.exercises.registry import OWN, own_folders

    _known(folder)
    places = [folder] if folder is not None else list(own_folders())
    if not places:
        raise InvalidInput(f"expected --dir, a folder for your own exercises, or {OWN}")
    path = new_exercise(name, places[0])
    say(f"{path}: stub.py is what students get; change it, solution.py, mistakes.py, en.toml and __init__.py")
    say(f"Next: tinyseg exercises prove {name} --dir {places[0]}")
    say(f"All commands know it with {OWN}={places[0]}")


def prove(
    names: Annotated[list[str] | None, typer.Argument(help="Exercises; default: all.")] = None,
    folder: Own = None,
    planted: Annotated[int | None, typer.Option(help="Planted bugs tried of each; default: all.", min=0)] = None,
    mutated: Annotated[int, typer.Option(help="Random mutants of each solution.", min=0)] = 20,
    seed: Annotated[int, typer.Option(help="Of the choice of both.")] = 0,
    in_process: Annotated[
        bool, typer.Option("--in-process", help="Run nothing in a process of its own: quicker, and proves less.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Prove by machine that exercises judge rightly.

    The solution passes on three seeds. The stub, an empty file, functions without a body, zeros, ones, the input,
    another exercise's answer and a table of the example get no point. No line of the solution stands in what students
    get. Planted bugs are found, and 95 % of them named. 95 % of random mutants of the solution are refused.
    """
    from tinyseg.exercises import exercise
    from tinyseg.exercises import names as all_names
    from tinyseg.exercises.proving import prove as prove_one

    _known(folder)
    chosen = [exercise(name).name for name in names or all_names()]
    show, proofs = progress("proven"), []
    for name in chosen:
        proofs.append(prove_one(name, planted=planted, mutated=mutated, seed=seed, sandboxed=not in_process))
        show(len(proofs), len(chosen))
    if as_json:
        print(json.dumps([{**vars(proof), "holds": proof.holds} for proof in proofs], indent=1))
    else:
        columns = ("exercise", "planted", "found", "named", "mutants", "refused", "check", "holds")
        rows = table(*columns, box=None, pad_edge=False)
        rows.columns[0].no_wrap = True
        for proof in proofs:
            counts = (proof.planted, proof.found, proof.named, proof.mutated, proof.refused)
            rows.add_row(proof.exercise, *map(str, counts), f"{proof.seconds:.2f} s", "yes" if proof.holds else "NO")
        console.print(rows)
        for proof in proofs:
            for text in (*proof.faults, *([] if proof.holds else proof.unnamed)):
                say(f"{proof.exercise}: {text}")
    if not all(proof.holds for proof in proofs):
        raise typer.Exit(EXIT_NOT_PROVEN)


def _known(folder: Path | None) -> None:
    """Let a folder of own exercises be known."""
    from tinyseg.exercises.registry import OWN

    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    others = [
        part for part in os.environ.get(OWN, "").split(os.pathsep) if part and Path(part).resolve() != folder.resolve()
    ]
    os.environ[OWN] = os.pathsep.join([str(folder.resolve()), *others])
