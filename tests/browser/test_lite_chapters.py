"""Chapters executed in JupyterLite, as a reader does who opens them from the site: on demand, since each takes minutes.

`TINYSEG_LITE_CHAPTERS=all pytest -s tests/browser/test_lite_chapters.py` executes all that a browser tab can, and
`TINYSEG_LITE_CHAPTERS="4 5"` two of them; the seconds of each are printed. TINYSEG_SITE names a site that is built
already, with Pyodide's files.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import Noted, browser, served
from tests.browser.test_lite import MISSING, SITE
from tests.pyodide.files import pyodide_folder

ROOT = SITE.parents[1]
WANTED = os.environ.get("TINYSEG_LITE_CHAPTERS", "")
SECONDS = int(os.environ.get("TINYSEG_LITE_SECONDS", "1800"))
"""That a chapter may take, on a machine that others use too."""

pytestmark = [
    pytest.mark.timeout(SECONDS + 300),
    pytest.mark.skipif(not WANTED, reason="CHAPTERS ARE NOT EXECUTED IN JUPYTERLITE: set TINYSEG_LITE_CHAPTERS=all"),
    pytest.mark.skipif(MISSING is not None, reason=f"JUPYTERLITE IS NOT TESTED: {MISSING}"),
]

RUN = """async () => {
  const app = window.jupyterapp, panel = app.shell.currentWidget;
  await panel.sessionContext.ready;
  await app.commands.execute('notebook:run-all-cells');
  return panel.content.model.sharedModel.toJSON().cells.map(cell => ({
    source: [cell.source].flat().join(''), kind: cell.cell_type, count: cell.execution_count,
    errors: (cell.outputs || []).filter(o => o.output_type === 'error').map(o => `${o.ename}: ${o.evalue}`),
    pictures: (cell.outputs || []).filter(o => o.data && o.data['image/png']).length,
  }));
}"""


def chosen() -> list[Path]:
    """Return the chapters that are asked for, without those that say on top that a tab cannot run them."""
    from docs.site.sitebuild.chapters import runs_in_a_tab
    from tutorials.run import chapters, number

    named = None if WANTED == "all" else {int(word) for word in WANTED.split()}
    return [path for path in chapters() if runs_in_a_tab(path) and (named is None or number(path) in named)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from docs.site.sitebuild.notebooks import write_notebooks
    from tests.site.building import SITE as BUILT

    if os.environ.get(BUILT):
        with served(Path(os.environ[BUILT]).resolve()) as address:
            yield address
        return
    notebooks, out = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("site")
    write_notebooks(chosen(), notebooks)
    sys.path.insert(0, str(SITE))
    try:
        import playground_build

        playground_build.build(out, playground_build.pyodide_folder(pyodide_folder()), notebooks)
    finally:
        del sys.path[0]
    with served(out) as address:
        yield address


def exposed(route: Any) -> None:
    """Let a page see the application, so that the test asks it, and not what it has drawn so far."""
    content = route.fetch().json()
    content["jupyter-config-data"]["exposeAppInBrowser"] = True
    route.fulfill(json=content)


@pytest.mark.parametrize("path", chosen() if WANTED and MISSING is None else [], ids=lambda path: path.stem)
def test_a_chapter_runs_in_a_tab(path: Path, site: str) -> None:
    noted = Noted()
    with browser() as program:
        context = program.new_context(viewport={"width": 1280, "height": 1400})
        context.set_default_timeout(1000 * SECONDS)
        page = context.new_page()
        noted.watch(page, site)
        page.context.route("**/lite/jupyter-lite.json", exposed)
        began = time.monotonic()
        page.goto(f"{site}/lite/lab/index.html?path={path.stem}.ipynb")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.content?.model?.cells?.length > 5")
        opened = time.monotonic()
        cells: list[dict[str, Any]] = page.evaluate(RUN)
        print(f"\n{path.stem}: opened in {opened - began:.0f} s, executed in {time.monotonic() - opened:.0f} s")
    wrong = [f"{cell['errors'][0]}\n{cell['source'][:300]}" for cell in cells if cell["errors"]]
    assert wrong == [], "\n\n".join(wrong)
    assert [cell["source"][:80] for cell in cells if cell["kind"] == "code" and not cell["count"]] == []
    assert sum(cell["pictures"] for cell in cells) >= 4
    assert noted == Noted()
