"""Exercises at the end of a chapter: what is to be written, how it is checked, and a solution folded away."""

from __future__ import annotations

from html import escape

from .displaying import html


def exercises(*names: str) -> None:
    """Show exercises of `tinyseg exercises` by name, each with its stub, and its solution folded away.

    Raises:
        InvalidInput: There is no such exercise; what is near is said.

    Example:
        >>> from tinyseg.book import exercises
        >>> exercises("relu")
        ReLU, forward and backward (relu, difficulty 1 of 5). Write the layer that lets positive numbers through, and
        its gradient.
            tinyseg exercises check relu
    """
    for name in names:
        html(*_shown(name))


def _shown(name: str) -> tuple[str, str]:
    from tinyseg.exercises.languages import texts_of
    from tinyseg.exercises.registry import exercise

    found = exercise(name)
    texts = texts_of(found)
    effort = f"difficulty {found.difficulty} of 5"
    check = f"tinyseg exercises check {name}"
    fold = '<details class="tinyseg-{}"><summary>{}</summary><pre><code>{}</code></pre></details>'
    shown = "".join(
        (
            f'<div class="tinyseg-exercise" id="exercise-{escape(name)}">',
            f"<p><strong>{escape(texts.title)}</strong> (<code>{escape(name)}</code>, {effort}). ",
            f"{escape(texts.summary)} Check it with <code>{escape(check)}</code>.</p>",
            fold.format("stub", "What you begin with", escape(found.stub)),
            fold.format("solution", "A solution, with its derivation", escape(found.solution)),
            "</div>",
        )
    )
    return shown, f"{texts.title} ({name}, {effort}). {texts.summary}\n    {check}"
