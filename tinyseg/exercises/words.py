"""What the command and the notebook say, in one place for each language; texts of exercises are in their folders."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tinyseg_kernels.errors import InvalidInput

from .languages import ENGLISH

VARIABLE = "TINYSEG_LANGUAGE"
LANGUAGES = {"en": "English", "zh-CN": "simplified Chinese"}


class Words:
    """The sentences of a language; English where it has none."""

    def __init__(self, language: str = ENGLISH) -> None:
        """Choose by the name of a language, such as 'zh-CN' (see `language_named`)."""
        self.language = language
        self._own = SENTENCES.get(language, {})

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its gaps filled."""
        return (self._own.get(key) or SENTENCES[ENGLISH][key]).format(**values)

    def times(self, key: str, count: int, **values: object) -> str:
        """Return a sentence about a number: `key` for several, `key-1` for one."""
        return self(f"{key}-1" if count == 1 else key, count=count, **values)


def language_named(name: str | None = None) -> str:
    """Return the language that was asked for: by name, else by TINYSEG_LANGUAGE, else English.

    'zh', 'zh_CN' and 'zh_CN.UTF-8' are 'zh-CN'.

    Raises:
        InvalidInput: There are no texts in this language.
    """
    given = name or os.environ.get(VARIABLE) or ENGLISH
    plain = given.partition(".")[0].replace("_", "-").lower()
    for known in LANGUAGES:
        if plain == known.lower() or plain.partition("-")[0] == known.partition("-")[0]:
            return known
    where = "language" if name else VARIABLE
    listed = ", ".join(f"{known} ({words})" for known, words in LANGUAGES.items())
    raise InvalidInput(f"{where}: expected one of {listed}, got {given!r}")


SENTENCES: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        "readme": """\
# Exercises

{count} exercises, each a file that you complete. Start anywhere: none needs the answer of another one.

Type this first, in this folder:

    tinyseg exercises list              what there is, and how far you are
    tinyseg exercises check             check the next one; it says which file to open

Open that file. Its first lines say what to write, with shapes, the formula and an example for paper. Replace each
`raise NotImplementedError(...)` by your code, save, and check again. When something is wrong you are told what, where,
and with an example in small numbers that you can follow by hand.

    tinyseg exercises check relu        check one exercise
    tinyseg exercises watch             check on every save; Ctrl-C ends it
    tinyseg exercises hint relu         three hints, the next one after your next attempt
    tinyseg exercises reset relu        begin an exercise again; a copy of your file is kept
    tinyseg exercises solution relu     our answer, with its derivation; it asks first

You may move the files within this folder and rename its folders, but not the files. The hidden folder
`.tinyseg-exercises` holds your progress, copies of files that you reset, and pictures; leave it where it is.
""",
        # init
        "begun": "{count} exercises in {root}, by chapter.",
        "added": "{count} new exercises in {root}: {listed}.",
        "added-1": "1 new exercise in {root}: {listed}.",
        "renewed": "{count} exercises that you had not begun have a newer text: {listed}.",
        "renewed-1": "1 exercise that you had not begun has a newer text: {listed}.",
        "nothing-new": "{root} has all {count} exercises already; your files are as they were.",
        "kept": "Your other {count} files are as they were.",
        "kept-1": "Your other file is as it was.",
        "go-there": "Go there, and see what there is:",
        "first": "Begin with {file}: open it, read its first lines, write your code, save, and type",
        # the verdict
        "passed": "passed, {points} of {of} points",
        "not-yet": "not yet, {points} of {of} points",
        "not-begun": "not begun",
        "refused": "does not count, 0 of {of} points",
        "open": "Open {file} and read its first lines. You write {functions}.",
        "missing": "There is no file {file}. To have it again: tinyseg exercises reset {name}",
        "and": " and ",
        "wrong": "What is wrong",
        "unwritten": "{function} is not written yet.",
        "where": "Where: {where}.",
        "cause": "Name of the mistake: {cause}",
        "more": "Wrong as well: {listed}.",
        "raises-too": "Apart from that it stops with an exception: {raised}.",
        "right-in-all": "Right in all {count} configurations that were tried.",
        "other": "It could also be: {listed}.",
        "the-task": "the text of the exercise",
        "question": "To think about",
        "printed": "What your code printed",
        "notes": "Note",
        # the example
        "example": "An example to follow by hand",
        "example-starred": "An example to follow by hand (* where your number is wrong)",
        "right": "right",
        "yours": "yours",
        "options": "options",
        "shape": "shape {shape}",
        "too-large": "(shape {shape}, too large to print)",
        "only-in": "All cases for paper are right. The smallest that is wrong has these shapes and options:",
        # the map
        "map": "Where {result} is wrong in a larger case (# wrong, . right)",
        "map-parts": "Where {result} is wrong in a larger case (# wrong, + wrong in some {others}, . right)",
        "map-axes": "rows: {rows}, columns: {columns}; {case}",
        "difference": "yours - right",
        "picture": "Picture",
        "picture-in-notebook": "shown when the check is the last line of a cell",
        "framed": "framed: wrong",
        "row": "row",
        "column": "column",
        # points
        "points": "Points",
        "group-right": "{points} of {points}",
        "group-wrong": "0 of {points}   {right} of {of} results right",
        "group-held": "0 of {points}   given when the rest is right",
        # what next
        "next": "Next",
        "next-one": "{name} (chapter {chapter}, difficulty {difficulty}): {file}",
        "all-passed": "You have passed all {count} exercises.",
        "so-far": "{passed} of {count} exercises passed.",
        "compare": "Compare with our answer: tinyseg exercises solution {name}",
        "hint-there": "Stuck? tinyseg exercises hint {name}",
        "changed-too": "You have changed {name} since its last check: tinyseg exercises check {name}",
        "broken": "The file with your progress could not be read. It is kept as {path}; a new one is begun.",
        "not-kept": "Your progress could not be written: {error}",
        # list
        "untouched": "-",
        "begun-not-checked": "begun",
        "tried": "tried {count} times",
        "tried-1": "tried once",
        "state-passed": "passed",
        "state-seen": "passed, solution seen",
        "state-seen-only": "solution seen",
        "state-missing": "file missing",
        "exercise": "exercise",
        "difficulty": "difficulty",
        "state": "state",
        "points-column": "points",
        # watch
        "watching": "Watching {root}. Save a file to check it; Ctrl-C ends.",
        "stopped": "Stopped.",
        "checking": "checking {name} ...",
        # hint
        "hint-own": "On your last attempt ({cause})",
        "hint": "Hint {number} of 3",
        "hint-closed": "Hint {number} opens after your next attempt: change {file} and check it.",
        "hint-last": "These are all the hints. Our answer: tinyseg exercises solution {name}",
        "hint-passed": "You have passed this exercise.",
        # reset
        "reset": "{file} is as it was at first.",
        "reset-backup": "Your version is kept as {path}",
        "reset-same": "{file} is as it was at first already.",
        "reset-counts": "The exercise still counts as passed.",
        # solution
        "solution-ask": "You have not passed {name} yet. Show our answer? (It is noted in your progress.)",
        "solution-no": "Not shown.",
        "solution": "Our answer to {name}",
    },
    "zh-CN": {},
}
"""Language -> key -> sentence. A key that a language lacks is said in English."""
