"""The page of `racecheck --trace` in a real browser, opened as a file: whole, readable, led by keys and clicks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.trace import BLOCK_WAIT, READ, WRITE, BlockTrace, LaunchTrace, Trace, TracedArray
from tinyseg_emulator.trace.write import page as page_of

from tests.browser.pages import Noted, browser, why_not
from tests.emulator.traced_kernels import check, line_of

pytest.importorskip("playwright", reason="NOT TESTED: pages in a browser (pip install 'tinyseg[test-site]')")
pytest.importorskip("axe_playwright_python", reason="NOT TESTED: pages in a browser (pip install 'tinyseg[test-site]')")

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(why_not() is not None, reason=f"NOT TESTED: pages in a browser ({why_not()})"),
]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
CHOSEN = "() => [state.launch, state.block, state.step, state.thread]"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as program:
        yield program


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    trace, findings, _ = check(folder)
    (folder / "trace.html").write_text(page_of(trace, findings, "traced.cu"), encoding="utf-8")
    return folder / "trace.html"


@pytest.fixture
def opened(chromium: Any, written: Path) -> Iterator[tuple[Any, Noted]]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
    noted = Noted()
    noted.watch(page, written.as_uri())
    page.goto(written.as_uri())
    yield page, noted
    page.close()


def test_the_page_is_whole_in_each_width_and_theme(opened: tuple[Any, Noted]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, noted = opened
    faults = []
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            for finding in range(page.evaluate("DATA.findings.length")):
                page.evaluate(f"chooseFinding({finding})")
                page.wait_for_timeout(50)
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                faults += [f"{width} {scheme}: {wide} px wider"] if wide > 0 else []
                if finding == 0:
                    found = Axe().run(page, options=RULES).response["violations"]
                    faults += [f"{width} {scheme}: {v['id']} {v['nodes'][0]['target']}" for v in found]
    assert faults == []
    assert (noted.errors, noted.elsewhere) == ([], [])


def test_keys_and_buttons_step(opened: tuple[Any, Noted]) -> None:
    page, _ = opened
    page.select_option("#launch", "0")
    page.click("#first")
    launch, block, _, thread = page.evaluate(CHOSEN)
    page.keyboard.press("ArrowRight")
    page.click("#forward")
    assert page.evaluate(CHOSEN) == [launch, block, 2, thread]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(CHOSEN) == [launch, block, 1, thread]
    assert page.inner_text("#position").startswith("step 2 of ")
    page.keyboard.press("]")
    assert page.evaluate("shown.raw.steps.kind[state.step]") == BLOCK_WAIT
    assert "__syncthreads" in page.inner_text("#said")
    page.focus("#picture")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(CHOSEN)[3] == thread + 33
    page.keyboard.press("End")
    assert page.is_disabled("#forward")
    page.keyboard.press("[")
    page.keyboard.press("Home")
    assert page.evaluate(CHOSEN)[2] == 0
    assert page.is_disabled("#back")
    page.focus("#source")
    page.keyboard.press("ArrowDown")  # scrolls the source, and nothing else
    assert page.evaluate(CHOSEN)[2:] == [0, thread + 33]


def test_the_two_sides_of_a_race_stand_side_by_side(opened: tuple[Any, Noted]) -> None:
    page, _ = opened
    number = page.evaluate("DATA.findings.findIndex((f) => f.headline.includes(\"'part'\"))")
    page.click(f"#findings li:nth-child({number + 1}) button")
    sides = page.locator("#sides .side")
    assert sides.count() == 2
    boxes = [sides.nth(k).bounding_box() for k in range(2)]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[1]["x"] >= boxes[0]["x"] + boxes[0]["width"]
    lines = [sides.nth(k).locator("li.now .number").inner_text() for k in range(2)]
    assert sorted(map(int, lines)) == [line_of("if (thread < half)"), line_of("if (thread == 1)")]
    told = []
    for k in range(2):
        sides.nth(k).get_by_role("button").click()
        told.append(page.inner_text("#said"))
        assert page.locator("#source li.now .number").inner_text() == lines[k]
    assert "thread (0, 0, 0) writes shared part[0]: " in " ".join(told)
    assert "thread (1, 0, 0) reads shared part[0]: 2016" in " ".join(told)
    # Two blocks: each side leads to its own.
    number = page.evaluate("DATA.findings.findIndex((f) => f.headline.includes(\"array 'y'\"))")
    page.evaluate(f"chooseFinding({number})")
    blocks = []
    for k in range(2):
        page.locator("#sides .side").nth(k).get_by_role("button").click()
        blocks.append(page.evaluate("shown.raw.index"))
    assert blocks == [[7, 0, 0], [9, 0, 0]]


def test_banks_and_sectors_of_a_request(opened: tuple[Any, Noted]) -> None:
    page, _ = opened
    page.select_option("#launch", "1")
    page.evaluate(f"nextOfLine(0, {line_of('tile[threadIdx.x][i]')})")
    assert "32 passes over the banks, where 1 would do" in page.inner_text("#request-text")
    assert page.locator("#request svg text.on").all_text_contents() == [str(lane) for lane in range(32)]
    assert page.locator("#request rect[style*='--conflict']").count() == 31
    banks = page.locator("#lanes tbody tr td:nth-child(4)").all_inner_texts()
    assert set(banks) == {banks[0]}
    assert page.locator("#lanes tbody tr td:nth-child(5)").all_inner_texts() == [str(lane + 1) for lane in range(32)]
    page.evaluate(f"move(0, 0); nextOfLine(0, {line_of('tile[i][threadIdx.x] = x')})")
    page.evaluate("move(0, 0)")
    assert "4 sectors of 32 bytes, the least" in page.inner_text("#request-text")
    assert page.locator("#request rect[style*='--word']").count() == 32
    values = page.locator("#lanes tbody tr td:last-child").all_inner_texts()
    assert values == [str(k) for k in range(32)]


def test_the_picture_shows_what_is_chosen(opened: tuple[Any, Noted]) -> None:
    """A click chooses the thread and step under it, and the pixel there has the colour of what it did."""
    page, _ = opened
    page.select_option("#launch", "1")
    page.evaluate("timeline.row = 3; timeline.column = 16; timeline.reveal(); $('picture').scrollTo(0, 0)")
    page.wait_for_timeout(100)
    x, y = page.evaluate("[LABELS + 1 * timeline.column + 8, timeline.top(70) + 1]")
    pixel = page.evaluate(
        f"[...$('canvas').getContext('2d').getImageData({x} * devicePixelRatio, {y} * devicePixelRatio, 1, 1).data]"
    )
    assert pixel == [0x15, 0x65, 0xC0, 255]  # a write to shared memory
    page.click("#canvas", position={"x": x, "y": y})
    assert page.evaluate(CHOSEN)[2:] == [1, 70]
    assert "thread (6, 2, 0) writes shared tile[" in page.inner_text("#said")
    page.wait_for_function("() => $('canvas').getAttribute('aria-label').includes('writes shared tile')")


def test_a_block_of_256_threads_with_10_000_accesses(chromium: Any, tmp_path: Path) -> None:
    """Also where the limit leaves something out, which the page says."""
    block = BlockTrace((0, 0, 0), left_out=1234)
    for turn in range(20):
        for thread in range(256):
            block.add(thread, WRITE, 0, 0, thread * 4, 4, "", str(turn))
            block.add(thread, READ, 1, 0, (thread * 33 % 256) * 4, 4, str(turn))
            block.add(thread, BLOCK_WAIT, 2)
    launch = LaunchTrace(
        "large", (1, 1, 1), (256, 1, 1), [("gone.cu:3", ""), ("gone.cu:4", ""), ("gone.cu:5", "__syncthreads")],
        [TracedArray("s", "shared", (256,), 4)], [block],
    )  # fmt: skip
    trace = Trace()
    trace.add(launch, [])
    path = tmp_path / "large.html"
    path.write_text(page_of(trace, Findings(), "gone.cu"), encoding="utf-8")
    assert path.stat().st_size < 600_000  # 10,240 accesses and 5,120 waits
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    noted = Noted()
    noted.watch(page, path.as_uri())
    page.goto(path.as_uri())
    assert "10,240 accesses in 60 steps" in page.inner_text("#summary")
    assert "1,234 more events of this block were left out" in page.inner_text("#notes")
    page.keyboard.press("End")
    page.click("#last")
    assert page.inner_text("#position") == "step 60 of 60"
    assert page.inner_text("#findings") == "Nothing found."
    drawn = page.evaluate("[$('canvas').width / devicePixelRatio, $('picture').clientWidth]")
    assert drawn[0] == drawn[1]  # the canvas is what is seen, however long the trace is
    assert noted.errors == []
    page.close()


def test_nothing_to_show(chromium: Any, tmp_path: Path) -> None:
    path = tmp_path / "empty.html"
    path.write_text(page_of(Trace(), Findings(), "empty.cu"), encoding="utf-8")
    page = chromium.new_page()
    noted = Noted()
    noted.watch(page, path.as_uri())
    page.goto(path.as_uri())
    assert "Nothing was written down" in page.inner_text("#notes")
    assert noted.errors == []
    page.close()
