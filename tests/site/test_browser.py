"""Pages in headless Chromium: a sample, or with TINYSEG_SITE_PAGES=all every page of the site."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.pages import chromium, served
from tests.site.browsing import Browser, pages_of

pytest.importorskip("myst_nb", reason="NOT TESTED: the site needs Sphinx (pip install 'tinyseg[docs]')")
pytest.importorskip("playwright", reason="NOT TESTED: pages in a browser (pip install 'tinyseg[test-site]')")
pytest.importorskip("axe_playwright_python", reason="NOT TESTED: pages in a browser (pip install 'tinyseg[test-site]')")

from tutorials.run import chapters

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(chromium() is None, reason="NOT TESTED: pages in a browser need one (apt install chromium)"),
]

SAMPLE = [
    "index.html", f"tutorials/{chapters()[1].stem}.html", "api/layers/Conv2D.html", "ladder/dense.html",
    "source/kernels/tinyseg_kernels/dense/naive.py.html", "glossary.html",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser(site: Path) -> Iterator[Browser]:
    with served(site) as address:
        browser = Browser(address)
        yield browser
        browser.close()


def test_pages_are_whole(browser: Browser, site: Path) -> None:
    """No error, no request elsewhere, no broken picture or formula, no sideways scrolling, contrast, words."""
    names = pages_of(site) if os.environ.get("TINYSEG_SITE_PAGES") == "all" else SAMPLE
    before = browser.looked
    faults = {name: found for name in names if (found := browser.faults(name))}
    assert browser.looked - before == 4 * len(names)
    assert faults == {}


def test_the_search_finds_a_page(browser: Browser) -> None:
    page = browser._browser.new_page()
    page.goto(f"{browser.address}/search.html?q=Conv2DTranspose")
    page.wait_for_selector("#search-results a[href*='Conv2DTranspose']", timeout=20_000)
    page.close()


FAULTY = {
    "console": "<script>console.error('x')</script>",
    "request": "<img alt='x' src='http://127.0.0.2:9/x.png'>",
    "no picture": "<img alt='x' src='gone.png'>",
    "scrolls sideways": "<div style='width: 3000px'>x</div>",
    "color-contrast": "<p style='color: #aaa; background: #fff'>pale</p>",
    "image-alt": "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='>",
    "not rendered": "<span class='math'>\\(x\\)</span>",
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_seen(fault: str, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "<html lang='en' data-theme='light'><head><title>x</title><link rel='icon' href='data:,'></head><body><main>"
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html>{head}{FAULTY[fault]}</main></body></html>")
    with served(tmp_path) as address:
        monkeypatch.setattr(browser, "address", address)
        found = browser.faults("page.html")
    assert any(fault in line for line in found), found
