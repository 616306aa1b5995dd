"""Build the site: `python docs/site/build.py` executes the chapters and writes the folder `site/`.

The chapters run in their short form, as in the tests; `--full` is for a site that is published. It needs
`pip install ".[docs]"` and no network. A cell that fails, a picture without words, a link that leads nowhere
and every warning of Sphinx end it with 1.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT), str(ROOT / "kernels")]

try:
    import myst_nb  # noqa: F401
    import pydata_sphinx_theme  # noqa: F401
    import sphinx  # noqa: F401
    import sphinx_copybutton  # noqa: F401
    import sphinx_design  # noqa: F401
except ModuleNotFoundError as error:
    sys.exit(f"the site is built by {error.name}, which is not installed: pip install '.[docs]'")

from nbformat import NotebookNode
from sitebuild import api, chapters, gallery, ladder, notebooks, outside, sources
from sitebuild.say import say
from sitebuild.stage import WIDE, Stage

import tinyseg
from tutorials import run

BUILD = ROOT / "build" / "site"
TEXTS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")
TITLES = {"/README": "tinyseg in short", "/README.zh-CN": "tinyseg 简介（中文）"}
"""In lists of guides, where the titles of the pages would be the same."""
GUIDES = (
    "your_images", "images", "export", "your-own", "keras", "coming_from_keras", "coming_from_pytorch",
    "coming_from_cs231n", "exercises", "classroom", "diagnosis", "causes", "cpu", "gpu", "emulator", "gpu_lab",
    "gpu_trace", "kernels", "benchmarks", "mutants", "kernel_mutants", "compatibility",
)  # fmt: skip


def stage_texts(stage: Stage) -> None:
    """Put the README, the guides and the site's own pages into the stage."""
    for name in TEXTS:
        if (ROOT / name).is_file():
            stage.copy(ROOT / name, name)
    for path in sorted((ROOT / "docs").iterdir()):
        if path.suffix in (".md", ".png"):
            content = path.read_bytes()
            stage.put(f"docs/{path.name}", side_by_side(content) if path.stem.startswith("coming_from") else content)
    stage.copy(ROOT / "tutorials" / "README.md", "tutorials/README.md")
    stage.copy(HERE / "pages" / "index.md", "index.md")
    known = [name for name in GUIDES if stage.has(f"docs/{name}.md")]
    known += sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.stem not in GUIDES)
    others = [f"/{name.removesuffix('.md')}" for name in TEXTS if stage.has(name)]
    stage.put("docs/index.md", _guides(known, others))


PAIR = re.compile(
    rb"^(\*\*[^*\n]+\*\*[^\n]*\n\n```python\n.*?^```\n)\n(\*\*tinyseg\*\*\n\n```python\n.*?^```\n)", re.M | re.S
)


def side_by_side(text: bytes) -> bytes:
    """Return a page with each program beside its counterpart where the window is wide."""
    return WIDE.encode() + PAIR.sub(
        rb"::::{grid} 1 1 1 2\n:gutter: 2\n\n:::{grid-item}\n\1:::\n:::{grid-item}\n\2:::\n::::\n", text
    )


def _guides(names: Sequence[str], others: Sequence[str]) -> str:
    rows = "\n".join(
        f"- [{TITLES.get(name, '')}](/{name.removeprefix('/') if name.startswith('/') else f'docs/{name}'})"
        for name in (*others, *names)
    )
    entries = "\n".join(f"{TITLES[name]} <{name}>" if name in TITLES else name for name in (*others, *names))
    return f"# Guides\n\n{rows}\n\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"


def stage_static(static: Path) -> None:
    """Put MathJax beside the static files: what the pages load of it, and nothing else."""
    mathjax = Path(str(files("sphinx-mathjax-offline"))) / "static" / "mathjax"
    target = static / "mathjax"
    for name in ("tex-mml-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions"):
        if not (target / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (mathjax / name).is_dir() else shutil.copyfile
            copy(mathjax / name, target / name)


def stage_extra(extra: Path, stage: Stage, paths: list[Path]) -> None:
    """Put what is no page into the folder that is copied as it is."""
    notebooks.write_notebooks(paths, extra / "notebooks")
    if (stage.root / chapters.THUMBNAILS).is_dir():
        shutil.copytree(stage.root / chapters.THUMBNAILS, extra / chapters.THUMBNAILS, dirs_exist_ok=True)


def stage_browser(stage: Stage, tab: bool) -> None:
    """Put the page of what runs in the browser into the stage, with its links where the site has it."""
    text = (HERE / "pages" / "browser.md").read_text("utf-8")
    links = {"playground": "playground/index.html", "lite": "lite/lab/index.html"}
    for name, address in links.items():
        there = f'<p><a class="open" href="{address}">Open {"it" if name == "playground" else "JupyterLite"}</a></p>'
        text = text.replace(f"<!-- {name} -->", there if tab else "This copy of the site was built without it.")
    wheel = f"tinyseg-{tinyseg.__version__}-py3-none-any.whl"
    there = f'<p><a href="playground/{wheel}" download>{wheel}</a></p>'
    text = text.replace("<!-- wheel -->", there if tab else "This copy of the site was built without it.")
    stage.put("browser.md", text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--full", action="store_true", help="execute the chapters in their full form, some minutes more"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder to write (site/)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes (2)")
    parser.add_argument("--chapters", type=Path, default=run.HERE, help="folder of the chapters (tutorials/)")
    parser.add_argument("--clean", action="store_true", help="begin anew: forget executed chapters and read pages")
    parser.add_argument("--pyodide", type=Path, help="a folder with Pyodide's files, to be served beside the site")
    parser.add_argument("--no-tab", action="store_true", help="without the playground and JupyterLite")
    given = parser.parse_args(arguments)
    if given.clean:
        shutil.rmtree(BUILD, ignore_errors=True)
        shutil.rmtree(run.KEPT, ignore_errors=True)
    paths = run.chapters(given.chapters)
    say(f"chapters: {len(paths)}, {'full' if given.full else 'fast'} form, {given.jobs} at a time")
    try:
        notebooks_of = chapters.execute_all(paths, not given.full, given.jobs, run.KEPT)
        tab = (HERE / "playground_build.py").is_file() and not given.no_tab
        build(given.out, notebooks_of, given.jobs, tab)
    except chapters.BrokenChapter as error:
        sys.exit(f"the site is not built. {error}")
    if tab:
        import playground_build

        say("playground and JupyterLite")
        pyodide = playground_build.pyodide_folder(given.pyodide)
        playground_build.build(given.out, pyodide, given.out / "notebooks")
    say(f"done: {given.out / 'index.html'}")


def build(out: Path, executed: dict[Path, NotebookNode], jobs: int, tab: bool) -> None:
    """Fill the stage, call Sphinx, and write the pages of the code."""
    paths = list(executed)
    stage = Stage(BUILD / "stage")
    say("texts, reference, ladder")
    stage_texts(stage)
    stage_browser(stage, tab)
    pictures = [picture for path in paths for picture in chapters.stage_chapter(stage, path, executed[path], tab)]
    chapters.stage_index(stage, paths, pictures)
    gallery.stage_gallery(stage, pictures)
    gallery.stage_glossary(stage, paths)
    api.stage_api(stage)
    ladder.stage_ladder(stage)
    stage.finish()
    stage_static(BUILD / "static")
    stage_extra(BUILD / "extra", stage, paths)
    say("Sphinx")
    html = BUILD / "html"
    command = [
        sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-j", str(jobs), "-c", str(HERE),
        "-d", str(BUILD / "doctrees"), str(BUILD / "stage"), str(html),
    ]  # fmt: skip
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("the site is not built: Sphinx warns of what stands above")
    (html / "_static" / "webpack-macros.html").unlink(missing_ok=True)  # a template of the theme
    (html / ".buildinfo").unlink(missing_ok=True)
    say("pages of the code")
    sources.write_sources(html)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(html, out)
    found = outside.requests_of(out)
    if found:
        sys.exit("the site would ask other hosts:\n" + "\n".join(found))


if __name__ == "__main__":
    main()
