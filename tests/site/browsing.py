"""Looks at pages in a real browser: errors, requests, pictures, formulas, width, contrast, words for pictures.

`python -m tests.site.browsing SITE [PAGE ...] [--shots FOLDER]` looks at all pages of a built site, or at some, and
prints what is wrong; it exits with 1 when something is. Pages of the code are looked at as a sample: they are all made
in one way.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.pages import chromium, served

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
EXCEPT = {"exclude": [["dt.sig dl"]]}
"""Sphinx writes the arguments of a long signature as a list of definitions without what they define."""

CODE_PAGES = 8  # of the code, that are looked at

STATE = """() => ({
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  images: [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src),
  formulas: [...document.querySelectorAll(".math")].filter(m => !m.querySelector("mjx-container")).length,
  wrong: [...document.querySelectorAll("mjx-merror, .MathJax_Error")].map(m => m.title || m.textContent),
  // The theme of Sphinx's pages is an attribute; the playground follows what the reader prefers.
  theme: document.documentElement.dataset.theme
    ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'),
})"""


class Browser:
    """A headless browser that looks at the pages of one site."""

    def __init__(self, address: str, shots: Path | None = None) -> None:
        """Start it; `shots` is a folder for a picture of each page at each width in each scheme."""
        from axe_playwright_python.sync_playwright import Axe
        from playwright.sync_api import sync_playwright

        self.address, self.shots, self.axe = address, shots, Axe()
        self.looked = 0
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])

    def close(self) -> None:
        """End it."""
        self._browser.close()
        self._playwright.stop()

    def faults(self, name: str) -> list[str]:
        """Return what is wrong with a page, in each width and scheme."""
        found: list[str] = []
        size = {"width": WIDTHS[0], "height": 900}
        page = self._browser.new_page(viewport=size, color_scheme=SCHEMES[0], reduced_motion="reduce")
        page.on("console", lambda said: found.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: found.append(f"error: {error}"))
        page.on("request", lambda asked: found.append(f"request: {asked.url}") if self._elsewhere(asked.url) else None)
        page.on("response", lambda got: found.append(f"{got.status}: {got.url}") if got.status >= 400 else None)
        page.goto(f"{self.address}/{name}", wait_until="load")
        page.add_style_tag(content="* { transition: none !important; animation: none !important }")
        page.evaluate("async () => { for (const i of document.images) i.loading = 'eager';"
            " await Promise.all([...document.images].map(i => i.decode().catch(() => 0)));"
            " if (window.MathJax && MathJax.startup) await MathJax.startup.promise }")  # fmt: skip
        for scheme in SCHEMES:
            for width in WIDTHS:
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                found += [f"{width} px, {scheme}: {fault}" for fault in self._look(page, scheme)]
                if self.shots is not None:
                    self.shots.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=str(self.shots / f"{name.replace('/', '_')}_{width}_{scheme}.png"))
        page.close()
        return found

    def _elsewhere(self, address: str) -> bool:
        return urlsplit(address).scheme not in ("data", "blob", "about") and not address.startswith(self.address)

    def _look(self, page: Any, scheme: str) -> Iterator[str]:
        self.looked += 1
        page.wait_for_timeout(150)
        state = page.evaluate(STATE)
        if state["wide"] > 0:
            yield f"scrolls sideways by {state['wide']} px"
        if state["theme"] != scheme:
            yield f"the theme is {state['theme']}"
        yield from (f"no picture: {address}" for address in state["images"])
        yield from (f"formula: {text}" for text in state["wrong"])
        if state["formulas"]:
            yield f"{state['formulas']} formulas are not rendered"
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}
        for violation in self.axe.run(page, context=EXCEPT, options=options).response["violations"]:
            places = [str(node["target"][0]) for node in violation["nodes"]]
            yield f"axe {violation['id']}: {len(places)} places, {places[0]}"


def pages_of(site: Path) -> list[str]:
    """Return the pages of a site; of those of the code, some."""
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    code = [name for name in names if name.startswith("source/")]
    others = [name for name in names if not name.startswith(("source/", "_static/", "lite/"))]
    return others + code[:: max(1, len(code) // CODE_PAGES)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("page", nargs="*", help="such as tutorials/index.html; all when none is given")
    parser.add_argument("--shots", type=Path, help="folder for a picture of each page")
    given = parser.parse_args(arguments)
    wrong = 0
    with served(given.site) as address:
        browser = Browser(address, given.shots)
        for name in given.page or pages_of(given.site):
            for fault in browser.faults(name):
                wrong += 1
                print(f"{name}: {fault}", flush=True)
        browser.close()
    print(f"{browser.looked} looks (pages, widths, schemes), {wrong} faults")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
