"""A folder served on this machine, and pages of Chromium that note what went wrong and what was asked of others."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHROMIUM = "TINYSEG_CHROMIUM"
"""Environment variable: Chromium's program, if it is not in the path."""


class Handler(SimpleHTTPRequestHandler):
    """Serves files under the types that browsers insist on."""

    extensions_map = {  # noqa: RUF012
        **SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".js": "text/javascript",
        ".wasm": "application/wasm", ".json": "application/json", ".whl": "application/octet-stream",
    }  # fmt: skip

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; the value is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def chromium() -> str | None:
    """Return Chromium's program."""
    names = (os.environ.get(CHROMIUM, ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def why_not() -> str | None:
    """Say why no page can be looked at here, or None."""
    if find_spec("playwright") is None:
        return "no Playwright: pip install playwright"
    return None if chromium() else f"no Chromium: apt install chromium, or set {CHROMIUM}"


@dataclass
class Noted:
    """What a page did that it should not.

    Attributes:
        errors: Of its console, and exceptions.
        elsewhere: Addresses of other hosts that it asked.
        missing: Addresses of this host that there is nothing at.
    """

    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def watch(self, page: Any, host: str) -> None:
        """Note what a page does; whatever it wants of another host it does not get."""
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("response", lambda answer: self.missing.append(answer.url) if answer.status >= 400 else None)

        def asked(route: Any) -> None:
            if route.request.url.startswith((host, "data:", "blob:")):
                route.continue_()
            else:
                self.elsewhere.append(route.request.url)
                route.abort()

        page.context.route("**/*", asked)


@contextmanager
def browser() -> Iterator[Any]:
    """Give a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield program
        finally:
            program.close()
