"""Finds what a built site would fetch from another host, or from a file that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

FETCHED = {
    "script": ("src",), "img": ("src", "srcset"), "source": ("src", "srcset"), "iframe": ("src",),
    "video": ("src", "poster"), "audio": ("src",), "embed": ("src",), "object": ("data",), "input": ("src",),
    "image": ("href", "xlink:href"), "use": ("href", "xlink:href"),
}  # fmt: skip
"""Element -> attributes whose address a browser fetches when it shows the page."""

LINKS = ("stylesheet", "icon", "preload", "prefetch", "modulepreload", "manifest", "preconnect", "dns-prefetch")
"""Kinds of <link> that a browser fetches or connects to."""

CSS = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""")
SCRIPT = re.compile(
    r"""(?:fetch|importScripts|import|open|Worker|EventSource|WebSocket|sendBeacon)\s*\(\s*"""
    r"""(?:["'](?:GET|POST)["']\s*,\s*)?"""
    r"""["'`]((?:https?|wss?):)?//[^"'`\s]+|(?:\.src|\.href)\s*=\s*["'`](?:https?:)?//[^"'`\s]+|"""
    r"""^\s*(?:import|export)\b[^;\n]*?["'](?:https?:)?//[^"'\s]+""",
    re.MULTILINE,
)


TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\s+[^\s=>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)+)\s*/?>")
ATTRIBUTE = re.compile(r"([^\s=>/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
TEXT = re.compile(r"<(script|style)\b[^>]*>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass
class Page:
    """What a page fetches, what it links to, the places in it, and the text of its scripts and styles."""

    fetched: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    text: list[tuple[str, str]] = field(default_factory=list)

    def add(self, tag: str, given: dict[str, str]) -> None:
        """Note what an element fetches and links to."""
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        for name in FETCHED.get(tag, ()):
            if name in given:
                parts = given[name].split(",") if name == "srcset" else [given[name]]
                self.fetched += [part.split()[0] for part in parts if part.strip()]
        if tag == "link" and set(given.get("rel", "").lower().split()) & set(LINKS):
            self.fetched.append(given.get("href", ""))
        if tag == "a" and "href" in given:
            self.linked.append(given["href"])
        if "style" in given:
            self.text.append(("style", given["style"]))


def read(path: Path) -> Page:
    """Return what is in a page."""
    page = Page()
    content = COMMENT.sub("", path.read_text("utf-8"))
    page.text += [(found[1].lower(), found[2]) for found in TEXT.finditer(content)]
    for tag in TAG.finditer(TEXT.sub(lambda found: found[0].partition(">")[0] + ">", content)):
        given = {name.lower(): unescape(a or b or c) for name, a, b, c in ATTRIBUTE.findall(tag[2])}
        page.add(tag[1].lower(), given)
    return page


OTHERS = ("lite/", "pyodide/")
"""Folders of the site with programs of others, which load what they need when they are started."""


def requests_of(site: Path) -> list[str]:
    """Return what pages, styles and scripts of a site fetch from other hosts: file, and address."""
    found: list[str] = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if name.startswith(OTHERS):
            continue
        if path.suffix == ".html":
            page = read(path)
            found += [f"{name}: {address}" for address in page.fetched if _elsewhere(address)]
            for kind, text in page.text:
                found += [f"{name}: {address}" for address in _in_text(kind, text)]
        elif path.suffix in (".css", ".js", ".mjs"):
            kind = "style" if path.suffix == ".css" else "script"
            found += [f"{name}: {address}" for address in _in_text(kind, path.read_text("utf-8", "replace"))]
    return found


def _elsewhere(address: str) -> bool:
    return bool(urlsplit(address).netloc) or address.startswith("//")


def _in_text(kind: str, text: str) -> Iterator[str]:
    for match in (CSS if kind == "style" else SCRIPT).finditer(text):
        yield match[0].strip()


def broken_links(site: Path) -> list[str]:
    """Return the links, pictures, styles and scripts of a site that lead to no file, or to no place in it."""
    all_pages = sorted(site.rglob("*.html"))
    pages = {path: read(path) for path in all_pages if not path.relative_to(site).as_posix().startswith(OTHERS)}
    found = []
    for path, page in pages.items():
        for address in (*page.fetched, *page.linked):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target, place = urldefrag(address)
            file = path if not target else (path.parent / unquote(target.partition("?")[0])).resolve()
            file = file / "index.html" if file.is_dir() else file
            if not file.is_file():
                found.append(f"{path.relative_to(site).as_posix()}: {address}")
            elif place and file in pages and unquote(place) not in pages[file].ids:
                found.append(f"{path.relative_to(site).as_posix()}: {address}: no such place")
    return found
