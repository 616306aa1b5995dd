"""Checks in a notebook: functions of the running process, shown with the picture."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.diagnosis.language import speaking

from . import registry
from .checking import check_functions
from .exercise import Exercise
from .languages import texts_of
from .outcome import Outcome
from .rendering import Kind, Part, parts, plain
from .showing import Shown, shown_of
from .words import Words, language_named

STARRED = re.compile(r"(?<!\S)\*\S+")
WIDTH = 100


@dataclass(frozen=True)
class Checked:
    """What a check in a notebook gives: the last line of a cell shows it, with the picture; `print` writes it as text.

    Attributes:
        outcome: All of it.
        shown: The example to follow by hand.
        words: In which language.

    Example:
        >>> import numpy as np
        >>> from tinyseg.exercises import check
        >>> checked = check("relu", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (x > 0))
        >>> checked.passed, checked.points
        (True, 10)
    """

    outcome: Outcome = field(repr=False)
    shown: Shown = field(repr=False)
    words: Words = field(repr=False)

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.outcome.passed

    @property
    def points(self) -> int:
        """Points earned."""
        return self.outcome.points

    def _parts(self) -> list[Part]:
        texts = texts_of(self.outcome.exercise, self.words.language)
        picture = self.words("picture-in-notebook") if self._drawn() else ""
        return list(parts(self.outcome, self.shown, texts, self.words, width=WIDTH, picture=picture))

    def __str__(self) -> str:
        """Return what there is to say as plain text."""
        return plain(self._parts(), WIDTH)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return it as HTML, with the picture in it."""
        found = [self._image() if part.kind is Kind.PICTURE else _dressed(part) for part in self._parts()]
        return f'<div class="tinyseg-check">{"".join(found)}</div>'

    def _drawn(self) -> bool:
        from . import pictures

        return pictures.can_be_drawn(self.shown.example)

    def _image(self) -> str:
        from . import pictures

        assert self.shown.example is not None
        image = pictures.png(pictures.draw(self.shown.example, self.outcome.exercise.name, self.words))
        data = base64.b64encode(image).decode("ascii")
        alt = f"An example of {self.outcome.exercise.name}: the right numbers, yours, and their difference"
        return f'<img alt="{alt}" style="max-width: 100%; margin-left: 1em" src="data:image/png;base64,{data}">'


def check(
    name: str, *functions: Callable[..., Any] | None, language: str | None = None, seed: int = 0, **named: Any
) -> Checked:
    """Check an exercise in a notebook, or in any program: the functions run in this process.

    Args:
        name: Of the exercise; `tinyseg.exercises.names()` lists them.
        functions: What the exercise asks for, in its order: forward, then backward. An exercise that asks for a
            backward alone takes your forward as well; backward then gets the cache of that.
        language: 'en' or 'zh-CN'; else TINYSEG_LANGUAGE says which, else it is English.
        seed: Of the numbers.
        named: Functions by name: `forward=...`, `backward=...`, or the names in the exercise: `relu_forward=...`.

    Raises:
        InvalidInput: An unknown exercise, or other functions than it asks for.

    Example:
        >>> import numpy as np
        >>> from tinyseg.exercises import check
        >>> check("relu", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy).passed
        False
    """
    words = Words(language_named(language))
    exercise = registry.exercise(name)
    forward, backward = _functions(exercise, functions, named)
    with speaking(words.language):
        outcome = check_functions(exercise, forward, backward, seed=seed)
    return Checked(outcome, shown_of(outcome), words)


def _functions(
    exercise: Exercise, given: Sequence[Callable[..., Any] | None], named: Mapping[str, Any]
) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
    """Return forward and backward, whichever way they were given."""
    roles = [role for role in ("forward", "backward") if getattr(exercise, role)]
    asked = f"check({exercise.name!r}, {', '.join(exercise.functions)})"
    if len(given) == 2 and roles == ["backward"]:
        roles = ["forward", "backward"]
    if len(given) > len(roles):
        raise InvalidInput(f"check: expected {asked}, got {len(given)} functions")
    found: dict[str, Any] = dict(zip(roles, given, strict=False))
    names = {exercise.forward: "forward", exercise.backward: "backward", "forward": "forward", "backward": "backward"}
    allowed = {"forward", "backward"} if exercise.backward else {"forward"}
    for name, function in named.items():
        role = names.get(name)
        if role not in allowed:
            raise InvalidInput(f"check: expected {asked}, got a function named {name!r}")
        if role in found:
            raise InvalidInput(f"check: {role} is given twice, by position and as {name!r}; expected {asked}")
        found[role] = function
    if not found:
        raise InvalidInput(f"check: expected {asked}, got no function")
    for role, function in found.items():
        if not callable(function):
            wanted = getattr(exercise, role) or role
            raise InvalidInput(f"check: expected {asked}; for {wanted} came {type(function).__name__}")
    for role in roles:
        if role not in found and getattr(exercise, role):  # not written yet: the others can be checked all the same
            found[role] = _unwritten(getattr(exercise, role))
    return found.get("forward"), found.get("backward")


def _unwritten(name: str) -> Callable[..., Any]:
    def unwritten(*args: object, **options: object) -> None:
        raise NotImplementedError(f"{name} is yours to write")

    return unwritten


def _dressed(part: Part) -> str:
    text = html.escape(part.text)
    if part.kind in (Kind.PASSED, Kind.NOT_YET):
        color = "#1a7f37" if part.kind is Kind.PASSED else "#b35900"
        return f'<p style="font-weight: bold; color: {color}">{text}</p>'
    if part.kind is Kind.HEADING:
        return _heading(part.text)
    if part.kind is Kind.LINES:
        starred = STARRED.sub(lambda found: f'<b style="color: #c00000">{found[0]}</b>', text)
        return f'<pre style="margin: 0 0 0.5em 1em; line-height: 1.35; background: none">{starred}</pre>'
    faint = "; opacity: 0.7" if part.kind is Kind.ASIDE else ""
    return f'<p style="margin: 0 0 0.4em 1em{faint}">{text}</p>'


def _heading(text: str) -> str:
    return f'<p style="margin: 0.8em 0 0.3em 0"><b>{html.escape(text)}</b></p>'
