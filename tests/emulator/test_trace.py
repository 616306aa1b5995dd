"""What `--trace` writes down: each access with its value, steps as warps issue them, and what requests cost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import DivergentBarrier, OutOfBounds, Race
from tinyseg_emulator.checks.trace import ATOMIC, BLOCK_WAIT, READ, WARP_WAIT, WRITE, BlockTrace, LaunchTrace, Trace
from tinyseg_emulator.simulator.check import check_numba
from tinyseg_emulator.trace.document import document
from tinyseg_emulator.trace.requests import passes, sectors
from tinyseg_emulator.trace.steps import line_up, merge
from tinyseg_emulator.trace.write import page

from tests.cli.command import is_refused, tinyseg
from tests.emulator.traced_kernels import NUMBA, SOURCE, check, line_of


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, Findings, Path]:
    return check(tmp_path_factory.mktemp("trace"))


def launch_of(trace: Trace, kernel: str) -> LaunchTrace:
    (launch,) = [launch for launch in trace.launches if launch.kernel == kernel]
    return launch


def events(launch: LaunchTrace, block: BlockTrace, thread: int) -> list[tuple[Any, ...]]:
    """Return what a thread did: line, kind, array, offset, before, after."""
    return [
        (
            int(launch.sites[block.site[k]][0].rpartition(":")[2]), block.kind[k],
            launch.arrays[block.array[k]].name if block.array[k] >= 0 else launch.sites[block.site[k]][1],
            block.offset[k], block.before[k], block.after[k],
        )
        for k in range(len(block)) if block.thread[k] == thread
    ]  # fmt: skip


def test_each_access_is_written_down_once_with_its_value(traced: tuple[Trace, Findings, Path]) -> None:
    trace, _, _ = traced
    launch = launch_of(trace, "sums")  # launched in three orders, traced in the first
    assert (launch.grid, launch.block) == ((2, 1, 1), (64, 1, 1))
    fill, wait, add = line_of("part[thread] = x"), line_of("__syncthreads"), line_of("if (thread < half)")
    seen = events(launch, launch.blocks[0], 20)
    assert seen[:6] == [
        (fill, READ, "x", 80, "20", ""), (fill, WRITE, "part", 80, "nan", "20"),
        (wait, BLOCK_WAIT, "__syncthreads", 0, "", ""),
        (add, READ, "part", 80, "20", ""), (add, READ, "part", 208, "52", ""), (add, WRITE, "part", 80, "20", "72"),
    ]  # fmt: skip
    assert seen[6:] == [(wait, BLOCK_WAIT, "__syncthreads", 0, "", "")] * 5
    assert len(events(launch, launch.blocks[0], 1)) == 2 + 6 + 5 * 3 + 2  # half = 32 to 2, then the sum
    total = [event for event in events(launch, launch.blocks[0], 1) if event[2] == "y"]
    assert total == [(line_of("if (thread == 1)"), WRITE, "y", 0, "nan", "2016")]
    meet = launch_of(trace, "meet")
    assert events(meet, meet.blocks[0], 0) == [
        (line_of("atomicAdd"), ATOMIC, "y", 0, str(meet.blocks[0].index[0]), str(meet.blocks[0].index[0] + 1)),
        (line_of("__syncwarp"), WARP_WAIT, "__syncwarp", 0, "", ""),
    ]


def test_the_blocks_of_findings_are_kept(traced: tuple[Trace, Findings, Path], tmp_path: Path) -> None:
    trace, findings, _ = traced
    assert [launch.kernel for launch in trace.launches] == ["sums", "turn", "late", "meet"]
    assert [block.index for block in launch_of(trace, "meet").blocks] == [(7, 0, 0), (9, 0, 0)]
    assert [block.index for block in launch_of(trace, "turn").blocks] == [(0, 0, 0)]  # nothing found: the first
    # One block is asked for, and fewer events than it has; many blocks do not push those of findings out.
    chosen, _, _ = check(tmp_path, block=(1, 0, 0), limit=100)  # type: ignore[arg-type]
    block = launch_of(chosen, "sums").blocks[0]
    assert (block.index, len(block), block.left_out) == ((1, 0, 0), 100, 703 - 100)
    few, _, _ = check(tmp_path, limit=40)
    assert [block.index for block in launch_of(few, "meet").blocks] == [(7, 0, 0), (9, 0, 0)]
    assert len(findings) == 3


def test_a_step_is_a_request_of_the_memory_report(traced: tuple[Trace, Findings, Path]) -> None:
    """The passes and sectors of the page add up to those that the runtime counted, where one block was launched."""
    trace, findings, _ = traced
    shown = document(trace, findings, "traced.cu")
    (number,) = [k for k, launch in enumerate(shown["launches"]) if launch["kernel"] == "turn"]
    launch, block = shown["launches"][number], shown["launches"][number]["blocks"][0]
    arrays, sites, seen = launch["arrays"], launch["sites"], block["events"]
    counted: dict[tuple[int, str, int], list[int]] = {}
    for step, warp, moved, least in block["requests"]:
        event = next(k for k, its in enumerate(seen["step"]) if its == step and seen["thread"][k] // 32 == warp)
        key = (sites[seen["site"][event]][1], arrays[seen["array"][event]][0], seen["kind"][event])
        total = counted.setdefault(key, [0, 0, 0])
        for k, value in enumerate((1, moved, least)):
            total[k] += value
    report = {
        (int(line.place.rpartition(":")[2]), line.array, ("read", "write").index(line.kind)): [
            line.requests,
            line.wavefronts + line.sectors,  # of shared memory, and of global
            line.ideal_wavefronts + line.ideal_sectors,
        ]
        for line in findings.traffic if line.kernel == "turn"
    }  # fmt: skip
    assert counted == report
    assert counted[line_of("tile[threadIdx.x][i]"), "tile", READ] == [32, 32 * 32, 32]
    served = [
        seen["served"][k] for k in range(len(seen["thread"])) if seen["thread"][k] // 32 == 3 and seen["array"][k] == 1
    ]
    assert sorted(served)[-4:] == [31] * 4  # the last lane of four requests waits for 31 others


@pytest.mark.parametrize(
    ("size", "stride", "expected"),
    [(4, 4, (1, 1)), (4, 8, (2, 1)), (4, 0, (1, 1)), (4, 132, (1, 1)), (8, 8, (2, 2)), (16, 16, (4, 4)), (1, 1, (1, 1)),
     (8, 16, (4, 2)), (2, 2, (1, 1))],
)  # fmt: skip
def test_passes_over_the_banks(size: int, stride: int, expected: tuple[int, int]) -> None:
    lanes = [(lane, lane * stride) for lane in range(32)]
    total, least, served = passes(lanes, size)
    assert (total, least) == expected
    assert max(served) == total - 1


def test_sectors() -> None:
    assert sectors([4 * k for k in range(32)], 4) == (4, 4)
    assert sectors([4 * k + 4 for k in range(32)], 4) == (5, 4)
    assert sectors([128 * k for k in range(32)], 4) == (32, 4)
    assert sectors([16] * 32, 4) == (1, 1)


@given(st.lists(st.lists(st.integers(0, 5), max_size=8), min_size=1, max_size=5))
def test_a_merged_sequence_keeps_the_order_of_each(sequences: list[list[int]]) -> None:
    # As in a trace: the n-th time that a thread comes to an instruction.
    named = [[(item, sequence[:k].count(item)) for k, item in enumerate(sequence)] for sequence in sequences]
    merged, places = merge(named)
    for sequence, its in zip(named, places, strict=True):
        assert [merged[place] for place in its] == sequence
        assert its == sorted(set(its))
    assert {place for its in places for place in its} == set(range(len(merged)))


def test_equal_items_come_together() -> None:
    assert merge(["abd", "acd", "ad"])[0] == ["a", "b", "c", "d"]
    assert merge(["wxa", "yza"])[0] == ["w", "x", "y", "z", "a"]  # a branch whole, then the other
    assert sorted(merge(["ab", "ba"])[0]) in (["a", "a", "b"], ["a", "b", "b"])


def test_findings_lead_to_their_events(traced: tuple[Trace, Findings, Path]) -> None:
    trace, findings, _ = traced
    shown = document(trace, findings, "traced.cu")
    for finding, told in zip(findings, shown["findings"], strict=True):
        if isinstance(finding, Race):
            for access, at in zip(finding.accesses, told["at"], strict=True):
                block = trace.launches[at[0]].blocks[at[1]]
                place, _ = trace.launches[at[0]].sites[block.site[at[2]]]
                assert (block.index, place) == (access.block, access.place)
                assert block.thread[at[2]] == access.thread[0]
                assert access.value in (block.before[at[2]], block.after[at[2]])
            one, other = (trace.launches[at[0]].blocks[at[1]].offset[at[2]] for at in told["at"])
            assert one == other
        else:
            assert isinstance(finding, DivergentBarrier)
            ((launch, number, event),) = told["at"]
            assert trace.launches[launch].kernel == "late"
            assert trace.launches[launch].blocks[number].thread[event] in range(64)
    assert {told["kind"] for told in shown["findings"]} == {"Race", "DivergentBarrier"}
    late = launch_of(trace, "late").blocks[0]
    assert len(set(line_up(late).of_event)) == 2  # both barriers are one column
    assert {late.site[k] for k in range(len(late)) if late.kind[k] == BLOCK_WAIT} == {1, 2}


def test_numba_kernels_are_traced_alike(tmp_path: Path) -> None:
    path = tmp_path / "turned.py"
    path.write_text(NUMBA, encoding="utf-8")
    trace = Trace()
    with emulation(trace=trace):
        findings = check_numba(path)
    (launch,) = trace.launches
    assert [block.index for block in launch.blocks] == [(1, 0, 0)]  # where no barrier orders them
    seen = events(launch, launch.blocks[0], 5)
    assert [(kind, name, offset) for _, kind, name, offset, _, _ in seen] == [
        (READ, "x", 4 * 69), (WRITE, "part", 20), (READ, "part", 4 * 58), (WRITE, "y", 4 * 72),
    ]  # fmt: skip
    assert seen[1][4:] == ("", "69")
    (outside,) = findings.of(OutOfBounds)
    told = next(told for told in document(trace, findings, "")["findings"] if told["kind"] == "OutOfBounds")
    _, number, event = told["at"][0]
    assert launch.blocks[number].offset[event] == 4 * int(outside.index)
    with emulation(trace=(whole := Trace((0, 0, 0)))):
        check_numba(path)
    assert [event[1] for event in events(whole.launches[0], whole.launches[0].blocks[0], 5)] == [
        READ, WRITE, BLOCK_WAIT, READ, WRITE,
    ]  # fmt: skip


def test_the_page_is_one_file_whose_data_cannot_end_it(traced: tuple[Trace, Findings, Path]) -> None:
    trace, findings, _ = traced
    text = page(trace, findings, "a <b> & c")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)|https?://(?!www\.w3\.org/2000/svg)|@import|url\(""", text)
    assert "<title>a &lt;b&gt; &amp; c</title>" in text
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert json.loads(data)["files"][0]["lines"][: SOURCE.count("\n")] == SOURCE.splitlines()
    assert text.count("<script") == text.count("</script>") == 2


def test_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("turned.py").write_text(NUMBA, encoding="utf-8")
    plain = tinyseg("racecheck", "turned.py")
    outcome = tinyseg("racecheck", "turned.py", "--trace", "out.html", "--trace-block", "1")
    assert outcome == plain
    data = re.findall(r'id="data">(.*?)</script>', Path("out.html").read_text(encoding="utf-8"), re.DOTALL)[0]
    assert [block["index"] for block in json.loads(data)["launches"][0]["blocks"]] == [[1, 0, 0]]
    assert "--trace-block" in is_refused("racecheck", "turned.py", "--trace", "o.html", "--trace-block", "1,x")
    assert not Path("o.html").exists()
    elsewhere = tinyseg("racecheck", "turned.py", "--trace", "out.html", "--trace-block", "5")  # no such block
    assert elsewhere == plain
    assert (
        json.loads(re.findall(r'id="data">(.*?)</script>', Path("out.html").read_text(), re.DOTALL)[0])["launches"][0][
            "blocks"
        ]
        == []
    )


def test_a_launch_that_runs_again_is_another_one() -> None:
    trace = Trace()
    asked: list[Callable[[str], bool]] = [trace.wants] * 3
    assert [wants(order) for wants, order in zip(asked, ("down", "up", "down"), strict=True)] == [True, False, True]
    for _ in range(12):
        trace.add(LaunchTrace("k", (1, 1, 1), (1, 1, 1), blocks=[BlockTrace((0, 0, 0))]), [])
    assert not trace.wants("down")
    assert trace.left_out == 1
    assert np.shape(trace.launches) == (12,)
