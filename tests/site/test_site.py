"""The whole site as it is built: nothing is asked of another host, no link is broken, and nothing is missing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.site.building import ROOT

pytest.importorskip("myst_nb", reason="NOT TESTED: the site needs Sphinx (pip install 'tinyseg[docs]')")

from docs.site.sitebuild import outside, public
from tutorials import run

pytestmark = pytest.mark.timeout(1600)


def test_nothing_is_asked_of_another_host(site: Path) -> None:
    assert outside.requests_of(site) == []


def test_no_link_and_no_picture_is_broken(site: Path) -> None:
    assert outside.broken_links(site) == []


def test_each_public_name_has_a_page_with_its_text(site: Path) -> None:
    for module in public.GROUPS:
        folder = site / "api" / module.removeprefix("tinyseg.").replace(".", "_")
        for name in public.public_names(module):
            page = (folder / f"{name.page}.html").read_text("utf-8")
            assert f'id="{name.full}"' in page, name.full


def test_each_operation_has_a_ladder_of_five(site: Path) -> None:
    names = list(public.operations())
    assert {"conv2d", "softmax_cross_entropy", "optimizer"} <= set(names)
    for name in names:
        page = (site / "ladder" / f"{name}.html").read_text("utf-8")
        tabs = re.findall(r'data-sync-id="(\w+)"', page)
        assert tabs == ["naive", "numpy_cpu", "numba_cpu", "numba_gpu", "cupy_gpu"], name


def test_each_chapter_has_a_page_with_pictures_and_a_notebook(site: Path) -> None:
    gallery = (site / "gallery.html").read_text("utf-8")
    for path in run.chapters():
        page = (site / "tutorials" / f"{path.stem}.html").read_text("utf-8")
        assert page.count('id="picture-') >= 4
        assert "# alt:" not in page
        assert f"tutorials/{path.stem}.html#picture-1" in gallery
        notebook = json.loads((site / "notebooks" / f"{path.stem}.ipynb").read_text("utf-8"))
        assert len(notebook["cells"]) > 10
        images = re.findall(r"<img [^>]*>", page)
        assert all(re.search(r'alt="[^"]+"', image) for image in images), images


def test_pages_of_the_code_are_there(site: Path) -> None:
    page = site / "source" / "kernels" / "tinyseg_kernels" / "conv2d" / "naive.py.html"
    lines = len((ROOT / "kernels/tinyseg_kernels/conv2d/naive.py").read_text("utf-8").splitlines())
    assert page.read_text("utf-8").count('<span id="L') == lines
