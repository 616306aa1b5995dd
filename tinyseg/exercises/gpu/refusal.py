"""A learner's file that is not what the exercise asks for, and lists of what it may hold."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


class Refusal(ValueError):
    """A file that breaks a rule; the text is the reason, `line` where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


class Unreadable(ValueError):
    """A file of which nothing can be run because of a slip; `cause` is a name of the diagnosis."""

    def __init__(self, cause: str, text: str, line: int) -> None:
        super().__init__(text)
        self.cause, self.line = cause, line
