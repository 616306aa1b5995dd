"""Sphinx extension: links to files and folders of the repository lead to their pages, or to the pages of their code."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[3]
SOURCE = "source"
"""The folder of the site in which the pages of the code are."""


def source_page(path: str) -> str:
    """Return where the site shows a file or folder of the repository."""
    return f"{SOURCE}/{path}/index.html" if (ROOT / path).is_dir() else f"{SOURCE}/{path}.html"


def _to_files(app: Sphinx, doctree: nodes.document) -> None:
    env = app.env
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node.get("reftype") != "myst" or node.get("refdomain"):
            continue
        target, _, place = node["reftarget"].partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(env.docname), target))
        if not target or path.startswith("..") or not (ROOT / path).exists():
            continue  # an error, of which Sphinx tells
        page = path.removesuffix(".md")
        page = page if page in env.found_docs else f"{path}/index"
        if page in env.found_docs:
            node["refdomain"], node["reftarget"], node["reftargetid"] = "doc", page, place or None
            continue
        up = "../" * env.docname.count("/")
        reference = nodes.reference("", "", *node.children, refuri=up + source_page(path), internal=True)
        node.replace_self(reference)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect."""
    app.connect("doctree-read", _to_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
