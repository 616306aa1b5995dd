"""The class at a glance: who is stuck where, and on which mistake, as one HTML file that needs nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape
from statistics import median

from .grade import ExerciseGrade, Grade

ABSENT = ("missing", "not-begun")
NOT_A_MISTAKE = ("none", *ABSENT)

STYLE = """
:root { color-scheme: light dark; --line: #8884; --ok: #2a9d5c; --some: #d9a21b; --no: #c8453c; --none: #8886; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
th { text-align: left; vertical-align: bottom; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.matrix td.c { text-align: center; min-width: 2.2rem; color: #fff; border: 2px solid Canvas; }
.matrix th.up { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 500; padding: .5rem .2rem; }
.ok { background: var(--ok); } .some { background: var(--some); } .no { background: var(--no); }
.missing { background: var(--none); }
details { margin: .3rem 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: .6rem; }
.bar { display: inline-block; height: .7rem; background: var(--no); vertical-align: middle; }
small, .quiet { opacity: .7; }
"""


def page(grades: Sequence[Grade], title: str = "Exercises") -> str:
    """Return the page. Names and messages come from students: all of it is escaped, and the page runs no script."""
    body = "\n".join([_summary(grades, title), _stuck(grades), _matrix(grades), _students(grades)])
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _summary(grades: Sequence[Grade], title: str) -> str:
    if not grades:
        return f"<h1>{escape(title)}</h1>\n<p>No submission.</p>"
    points, of = [grade.points for grade in grades], grades[0].of
    full = sum(grade.points == grade.of for grade in grades)
    text = (
        f"{len(grades)} submissions, {len(grades[0].exercises)} exercises, {of} points. Median {median(points):g}, "
        f"lowest {min(points)}, highest {max(points)}; {full} with all points."
    )
    return f"<h1>{escape(title)}</h1>\n<p>{text}</p>"


def _stuck(grades: Sequence[Grade]) -> str:
    """For each exercise how many are done, and which mistakes hold up the others, the most frequent first."""
    rows = []
    for number, first in enumerate(grades[0].exercises if grades else ()):
        column = [grade.exercises[number] for grade in grades]
        who: dict[str, list[str]] = defaultdict(list)
        for grade, one in zip(grades, column, strict=True):
            if not one.passed and one.cause not in NOT_A_MISTAKE:
                who[one.cause].append(grade.student)
        count = Counter({cause: len(students) for cause, students in who.items()})
        causes = "".join(
            f"<details><summary>{count[cause]} &times; {escape(cause)} "
            f'<span class="bar" style="width:{8 * count[cause] / len(column):.1f}rem"></span></summary>'
            f"<small>{escape(', '.join(sorted(who[cause])))}</small></details>"
            for cause, _ in count.most_common()
        )
        passed, missing = sum(one.passed for one in column), sum(one.cause in ABSENT for one in column)
        rows.append(
            f'<tr><td>{escape(first.exercise)}</td><td class="n">{passed}</td><td class="n">{sum(count.values())}</td>'
            f'<td class="n">{missing}</td><td>{causes}</td></tr>'
        )
    head = "<tr><th>exercise</th><th>done</th><th>stuck</th><th>missing</th><th>on which mistake</th></tr>"
    return f'<h2>Where the class is stuck</h2>\n<div class="scroll"><table>{head}{"".join(rows)}</table></div>'


def _matrix(grades: Sequence[Grade]) -> str:
    """One row for each student, one column for each exercise."""
    names = [one.exercise for one in grades[0].exercises] if grades else []
    head = "<tr><th>student</th><th>points</th>" + "".join(f'<th class="up">{escape(n)}</th>' for n in names) + "</tr>"
    rows = [
        f'<tr><td>{escape(grade.student)}</td><td class="n">{grade.points}</td>'
        + "".join(_cell(one) for one in grade.exercises)
        + "</tr>"
        for grade in sorted(grades, key=lambda grade: (grade.points, grade.student))
    ]
    return (
        '<h2>Who is where</h2>\n<p class="quiet">The fewest points first. Green: all points; yellow: some; red: none; '
        "grey: not handed in.</p>\n"
        f'<div class="scroll"><table class="matrix">{head}{"".join(rows)}</table></div>'
    )


def _cell(one: ExerciseGrade) -> str:
    kind = "ok" if one.passed else "missing" if one.cause in ABSENT else "some" if one.points else "no"
    return f'<td class="c {kind}" title="{escape(one.exercise)}: {escape(one.cause)}">{one.points}</td>'


def _students(grades: Sequence[Grade]) -> str:
    """What each was told, folded."""
    parts = []
    for grade in sorted(grades, key=lambda grade: grade.student):
        told = "".join(
            f"<h4>{escape(one.exercise)}: {one.points} of {one.of} ({escape(one.cause)})</h4>"
            f"<pre>{escape(one.message)}</pre>"
            for one in grade.exercises
            if not one.passed
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in grade.notes)
        parts.append(
            f"<details><summary>{escape(grade.student)}: {grade.points} of {grade.of}</summary>{notes}{told}</details>"
        )
    return "<h2>What each was told</h2>\n" + "\n".join(parts)
