"""The table of agreement, by group, and the page `docs/gpu_features.md`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .cases import NVCC_VERSION, Case
from .compilers import Answer


@dataclass(frozen=True)
class Outcome:
    """A case, and what the emulator said of it."""

    case: Case
    answer: Answer

    @property
    def agrees(self) -> bool:
        """Whether the emulator takes or refuses it as nvcc does, and computes what is expected."""
        return self.answer.accepted == self.case.accepted and self.answer.right is not False


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a Markdown table with a row for each group."""
    rows = ["| group | files | agree | nvcc only | emulator only | other numbers |", "|---|---|---|---|---|---|"]
    for group in [*sorted({outcome.case.group for outcome in outcomes}), "all"]:
        some = [outcome for outcome in outcomes if group in (outcome.case.group, "all")]
        agree = sum(outcome.agrees for outcome in some)
        only_nvcc = sum(bool(o.case.accepted) and not o.answer.accepted for o in some)
        only_emulator = sum(not o.case.accepted and o.answer.accepted for o in some)
        wrong = sum(o.answer.right is False for o in some)
        rows.append(
            f"| {group} | {len(some)} | {agree} ({100 * agree / len(some):.0f} %) | {only_nvcc} | {only_emulator} "
            f"| {wrong} |"
        )
    return "\n".join(rows)


def page(outcomes: Sequence[Outcome]) -> str:
    """Return the page: the table, and each case on which the two differ."""
    differing = [outcome for outcome in outcomes if not outcome.agrees]
    lines = [
        "# What the emulator takes of CUDA C++",
        "",
        "Each row is a group of small files with one feature each (`tests/emulator/features/`). nvcc",
        f"{NVCC_VERSION} says which of them are CUDA C++ (`-arch=sm_90`). The emulator agrees when it takes and",
        "refuses the same ones, and, where the CUDA and PTX manuals define the result, computes the same numbers.",
        "`python -m benchmarks.gpu_features --write` writes this page; with `--record` it asks nvcc again.",
        "",
        table(outcomes),
        "",
        "## Where they differ",
        "",
    ]
    for outcome in differing:
        said = "the emulator refuses it" if not outcome.answer.accepted else "nvcc refuses it"
        if outcome.answer.right is False:
            said = "other numbers"
        lines.append(f"- {outcome.case.group}: {outcome.case.name} ({said})")
    return "\n".join([*lines, ""] if differing else [*lines, "Nowhere.", ""])
