"""A learner's file that is not what the exercise asks for."""

from __future__ import annotations


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
