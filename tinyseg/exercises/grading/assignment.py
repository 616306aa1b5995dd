"""Which exercises an assignment has: named in the command, or in a file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.files import read_text

from ..registry import exercise, names
from .grade import Assignment


def assignment_of(chosen: Sequence[str], seeds: Sequence[int], language: str) -> Assignment:
    """Return an assignment of some exercises, or of all when none is named.

    Raises:
        InvalidInput: An unknown or repeated name, a seed below 0.
    """
    return _checked(list(chosen) or list(names()), {}, seeds, language)


def read_assignment(path: Path, seeds: Sequence[int], language: str) -> Assignment:
    """Read an assignment from a file.

        exercises = ["conv2d_forward", "conv2d_backward"]

        [weights]              # what the points of an exercise are multiplied by; 1 where nothing is said
        conv2d_backward = 2

    Raises:
        InvalidInput: No such file, no TOML, an unknown key or name, a weight that is no whole number above 0.
    """
    try:
        content = tomllib.loads(read_text(path, "TOML"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path}: not a TOML file ({error})") from error
    unknown = set(content) - {"exercises", "weights"}
    if unknown or not isinstance(content.get("exercises"), list):
        raise InvalidInput(f"{path}: expected 'exercises', a list of names, and 'weights'; got {', '.join(content)}")
    weights = content.get("weights", {})
    chosen = [str(name) for name in content["exercises"]]
    for name, weight in weights.items():
        if name not in chosen or not isinstance(weight, int) or isinstance(weight, bool) or weight < 1:
            raise InvalidInput(
                f"{path}: weights: expected a whole number above 0 for an exercise of the list, got {name} = {weight!r}"
            )
    return _checked(chosen, weights, seeds, language)


def _checked(chosen: list[str], weights: dict[str, int], seeds: Sequence[int], language: str) -> Assignment:
    for name in chosen:
        exercise(name)  # an unknown name is told with what is near
    if len(set(chosen)) < len(chosen):
        raise InvalidInput(f"expected each exercise once, got {', '.join(chosen)}")
    if not seeds or min(seeds) < 0:
        raise InvalidInput(f"seeds: expected whole numbers from 0 on, got {list(seeds)}")
    return Assignment(tuple(chosen), weights, tuple(seeds), language)
