"""Build the site: `python docs/site/build.py` executes the chapters and writes the folder `site/`.

It needs `pip install ".[docs]"` and no network. A cell that fails, a picture without words, a link that leads nowhere
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

from sitebuild import api, chapters, gallery, ladder, notebooks, outside, sources
from sitebuild.say import say
from sitebuild.stage import Stage

from tutorials import run

BUILD = ROOT / "build" / "site"
TEXTS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")
GUIDES = (
    "your_images", "images", "your-own", "keras", "coming_from_keras", "coming_from_pytorch", "coming_from_cs231n",
    "exercises", "classroom", "diagnosis", "causes", "cpu", "gpu", "emulator", "kernels", "benchmarks", "mutants",
    "kernel_mutants", "compatibility",
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
    for path in sorted((HERE / "pages").glob("*.md")):
        stage.copy(path, path.name)
    known = [name for name in GUIDES if stage.has(f"docs/{name}.md")]
    known += sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.stem not in GUIDES)
    others = [f"/{name.removesuffix('.md')}" for name in TEXTS if stage.has(name)]
    stage.put("docs/index.md", _guides(known, others))


PAIR = re.compile(
    rb"^(\*\*[^*\n]+\*\*[^\n]*\n\n```python\n.*?^```\n)\n(\*\*tinyseg\*\*\n\n```python\n.*?^```\n)", re.M | re.S
)


def side_by_side(text: bytes) -> bytes:
    """Return a page with each program beside its counterpart where the window is wide."""
    return PAIR.sub(rb"::::{grid} 1 1 1 2\n:gutter: 2\n\n:::{grid-item}\n\1:::\n:::{grid-item}\n\2:::\n::::\n", text)


def _guides(names: Sequence[str], others: Sequence[str]) -> str:
    rows = "\n".join(
        f"- [](/{name.removeprefix('/') if name.startswith('/') else f'docs/{name}'})" for name in (*others, *names)
    )
    entries = "\n".join([*others, *names])
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


def stage_extra(extra: Path, stage: Stage, paths: list[Path]) -> bool:
    """Put what is no page into the folder that is copied as it is; return whether JupyterLite is among it."""
    notebooks.write_notebooks(paths, extra / "notebooks")
    if (stage.root / chapters.THUMBNAILS).is_dir():
        shutil.copytree(stage.root / chapters.THUMBNAILS, extra / chapters.THUMBNAILS, dirs_exist_ok=True)
    if (HERE / "playground").is_dir():
        shutil.copytree(HERE / "playground", extra / "playground", dirs_exist_ok=True)
    return (extra / "lite").is_dir()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fast", action="store_true", help="execute the chapters in their short form")
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder to write (site/)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes (2)")
    parser.add_argument("--chapters", type=Path, default=run.HERE, help="folder of the chapters (tutorials/)")
    parser.add_argument("--clean", action="store_true", help="begin anew: forget executed chapters and read pages")
    given = parser.parse_args(arguments)
    if given.clean:
        shutil.rmtree(BUILD, ignore_errors=True)
        shutil.rmtree(run.KEPT, ignore_errors=True)
    paths = run.chapters(given.chapters)
    say(f"chapters: {len(paths)}, {'fast' if given.fast else 'full'} form, {given.jobs} at a time")
    try:
        notebooks_of = chapters.execute_all(paths, given.fast, given.jobs, run.KEPT)
        build(given.out, notebooks_of, given.jobs)
    except chapters.BrokenChapter as error:
        sys.exit(f"the site is not built. {error}")


def build(out: Path, executed: dict[Path, object], jobs: int) -> None:
    """Fill the stage, call Sphinx, and write the pages of the code."""
    paths = list(executed)
    stage = Stage(BUILD / "stage")
    lite = (BUILD / "extra" / "lite").is_dir()
    say("texts, reference, ladder")
    stage_texts(stage)
    pictures = [picture for path in paths for picture in chapters.stage_chapter(stage, path, executed[path], lite)]
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
    say(f"done: {out / 'index.html'}")


if __name__ == "__main__":
    main()
