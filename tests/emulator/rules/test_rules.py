"""What nvcc refuses is refused by the rule's name, at the line, in every surrounding; its neighbour passes."""

from __future__ import annotations

import re

import pytest
from tinyseg_emulator.cuda.rules import check_rules
from tinyseg_emulator.cuda.rules.check import flags_of
from tinyseg_emulator.cuda.rules.clang_parse import why_not

from tests.emulator.rules.cases import CASES, FILES, TAKEN, Case, surroundings

NAMES = ("weights", "lookUp_2", "t")

needs_clang = pytest.mark.skipif(bool(why_not()), reason=why_not())


def in_surroundings(before: str, statements: str, name: str) -> tuple[str, list[int]]:
    """Return one file with statements in every surrounding, and the lines that they stand in."""
    texts = surroundings(statements, "kernel")
    text, lines = f"{before}\n", []
    for k, function in enumerate(texts):
        first = text.count("\n") + 1
        marks = [
            n
            for n, line in enumerate(function.split("\n"))
            if line.startswith("  ") and (statements in line or "MACRO" in line)
        ]
        lines.append(first + marks[-1])
        text += f"{function}\n".replace("kernel", f"kernel{k}")
    return text.replace("NAME", name), lines


@needs_clang
@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{n}-{CASES[n].rule}")
def test_device_code_is_refused_in_every_surrounding(number: int) -> None:
    case: Case = CASES[number]
    name = NAMES[number % len(NAMES)]
    text, lines = in_surroundings(*case.refused, name)
    found = check_rules(text, "case.cu").refusals
    assert sorted({one.line for one in found if one.rule == case.rule}) == lines, "\n".join(map(str, found))
    # A class of the library has functions of both kinds.
    both = {"host-function", "constexpr-function"}
    assert {one.rule for one in found} <= (both if case.rule in both else {case.rule})
    assert all(one.file == "case.cu" and one.source and one.what and one.instead for one in found)


@needs_clang
def test_the_legal_neighbours_pass() -> None:
    parts = [in_surroundings(*case.taken, f"thing{k}")[0].replace("kernel", f"k{k}_") for k, case in enumerate(CASES)]
    parts += [text.replace("NAME", f"file{k}") for k, (_, _, text) in enumerate(FILES)]
    parts += [text.replace("NAME", f"taken{k}") for k, (_, text) in enumerate(TAKEN)]
    text = "\n".join(parts).replace("KERNEL_MACRO", "MACRO")
    text = re.sub(r"#define MACRO", "#undef MACRO\n#define MACRO", text)
    verdict = check_rules(text, "case.cu")
    assert (verdict.refusals, verdict.left_out) == ([], "")


@needs_clang
@pytest.mark.parametrize("number", range(len(FILES)), ids=lambda n: f"{n}-{FILES[n][0]}")
def test_declarations_are_refused(number: int) -> None:
    rule, refused, _ = FILES[number]
    name = NAMES[number % len(NAMES)]
    found = check_rules(f"\n{refused}\n".replace("NAME", name), "case.cu").refusals
    assert [(one.rule, one.line) for one in found] == [(rule, 2)], "\n".join(map(str, found))


@needs_clang
def test_options_that_a_comment_names_allow_more() -> None:
    lambda_text = next(refused for rule, refused, _ in FILES if rule == "extended-lambda").replace("NAME", "f")
    constexpr_text = "constexpr int f(int a) { return a; }\n__global__ void k(float *o) { o[0] = f(3); }\n"
    assert check_rules(lambda_text, "case.cu").refusals
    assert not check_rules(f"// compile: nvcc -O3 --extended-lambda case.cu\n{lambda_text}", "case.cu").refusals
    assert not check_rules(f"/* --expt-relaxed-constexpr */{constexpr_text}", "case.cu").refusals
    assert check_rules(f"// -rdc=true\n{constexpr_text}", "case.cu").refusals
    assert flags_of("// nvcc -rdc=true -dc\nint relaxed_constexpr;") == {"rdc"}


@needs_clang
def test_the_hosts_look_at_device_memory_is_a_warning() -> None:
    text = (
        "__device__ int d; __constant__ float c[2];\nint f() {\n  return d; }\n__global__ void "
        "k(float x) {\n  c[0] = x; }\n"
    )
    verdict = check_rules(text, "case.cu")
    assert verdict.refusals == []
    assert [(one.rule, one.line) for one in verdict.warnings] == [
        ("device-variable-on-host", 3),
        ("constant-written", 5),
    ]
    assert all("nvcc warns" in note for note in verdict.notes())


def test_without_clang_the_commonest_rules_are_looked_at_and_the_rest_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyseg_emulator.cuda.rules.check.why_not", lambda: "it is not there")
    text = "const float t[3] = {1, 2, 3};\n__global__ void k(float *o, int i) {\n  o[0] = t[i];\n  o[1] = rand(); }\n"
    verdict = check_rules(text, "case.cu")
    assert [(one.rule, one.line) for one in verdict.refusals] == [("host-table", 3), ("host-function", 4)]
    assert "it is not there" in verdict.left_out
    for case in CASES:
        taken, _ = in_surroundings(*case.taken, "thing")
        assert check_rules(taken, "case.cu").refusals == [], taken
    for _, _, taken in FILES:
        assert check_rules(taken.replace("NAME", "thing"), "case.cu").refusals == [], taken
