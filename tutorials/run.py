"""Execute the chapters: `python tutorials/run.py` runs all, `... 2` the second; exits with 1 when a cell fails."""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:
    fcntl = None  # Windows

try:
    import ipykernel  # noqa: F401  the kernel that executes them
    import jupytext
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbformat import NotebookNode
except ModuleNotFoundError as error:
    sys.exit(
        f"the chapters are executed by {error.name}, which is not installed: pip install jupytext nbclient ipykernel\n"
        "(or, in a clone of the repository: pip install -e '.[docs]'; to read them, nothing is needed)"
    )

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / "build" / "chapters"
"""Where executed chapters are kept, for the tests and the site: one run serves both."""

LIMIT = 1200  # seconds of one cell


def chapters(folder: Path = HERE) -> list[Path]:
    """Return the chapters in order."""
    return sorted(folder.glob("[0-9]*_*.md"))


def number(path: Path) -> int:
    """Return the number of a chapter."""
    return int(path.name.partition("_")[0])


def execute(path: Path, fast: bool | None = None, jobs: int = 1) -> NotebookNode:
    """Return the chapter as an executed notebook; raises nbclient's CellExecutionError when a cell fails.

    Args:
        path: The chapter.
        fast: Which form; None leaves it to the environment variable TINYSEG_BOOK.
        jobs: How many chapters run at the same time: each gets its part of the processor's threads.
    """
    environment = dict(os.environ)
    if fast is not None:
        environment["TINYSEG_BOOK"] = "fast" if fast else "full"
    if jobs > 1:
        threads = str(max(1, (os.cpu_count() or 1) // jobs))
        environment |= {"TINYSEG_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    notebook = jupytext.read(path)
    client = NotebookClient(
        notebook,
        timeout=LIMIT,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # not that it talks to us over TCP
        resources={"metadata": {"path": str(path.parent)}},
    )
    asyncio.run(client.async_execute(env=environment))  # in a thread too: a loop of its own, closed at the end
    return notebook


def executed(path: Path, fast: bool, jobs: int = 1, kept: Path = KEPT) -> NotebookNode:
    """Return the executed chapter from the folder of kept ones, where it is put when it is not there.

    A kept one is used as long as neither the chapter nor the library has changed.
    """
    name = f"{path.stem}-{'fast' if fast else 'full'}"
    file = kept / f"{name}-{_state_of(path)}.ipynb"
    kept.mkdir(parents=True, exist_ok=True)
    with _only_one(kept / f"{name}.lock"):
        if not file.exists():
            notebook = execute(path, fast, jobs)
            part = file.with_suffix(".part")
            nbformat.write(notebook, part)
            for old in kept.glob(f"{name}-*.ipynb"):
                old.unlink()
            part.replace(file)
        return nbformat.read(file, as_version=4)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Let one process at a time execute a chapter, where the system has such locks; the others wait for its result."""
    with lock.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _state_of(path: Path) -> str:
    state = hashlib.sha256(path.read_bytes())
    for folder in (HERE.parent / "tinyseg", HERE.parent / "kernels"):
        for file in sorted(folder.rglob("*")):
            if file.suffix in (".py", ".cu", ".cuh", ".toml"):
                state.update(f"{file.relative_to(HERE.parent).as_posix()} {file.stat().st_size}".encode())
                state.update(file.read_bytes())
    return state.hexdigest()[:16]


def figures(notebook: NotebookNode) -> list[bytes]:
    """Return the PNG pictures of an executed notebook, in order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    return [base64.b64decode(picture) for picture in pictures]


def printed(notebook: NotebookNode, stream: str = "stdout") -> str:
    """Return what the cells printed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output["text"] for output in outputs if output.get("name") == stream)


def failure(error: CellExecutionError) -> str:
    """Return what a failing cell said, with the cell and without colours."""
    return "\n".join(str(error).strip().splitlines()[-40:])


def table(seconds: dict[str, float], pictures: dict[str, int], fast: bool) -> str:
    """Return the table of the chapters' times, as Markdown."""
    form = "fast" if fast else "full"
    rows = [f"| [{name}]({name}) | {seconds[name]:.1f} s | {pictures[name]} |" for name in sorted(seconds)]
    total = f"| all | {sum(seconds.values()):.1f} s | {sum(pictures.values())} |"
    return "\n".join([f"| chapter | {form} form | pictures |", "|---|---|---|", *rows, total])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chapter", nargs="*", type=int, help="numbers of chapters, such as 1 3; all when none is given")
    parser.add_argument("--fast", action="store_true", help="the short form that tests run (TINYSEG_BOOK=fast)")
    parser.add_argument("--jobs", type=int, default=1, help="how many chapters at the same time (1)")
    parser.add_argument("--out", type=Path, help="folder for the executed notebooks and their figures")
    parser.add_argument("--print", action="store_true", help="show what the cells print")
    parser.add_argument("--table", type=Path, help="write the times as a Markdown table between the marks of a file")
    parser.add_argument("--index", action="store_true", help="write the table of chapters into README.md, run nothing")
    given = parser.parse_args(arguments)
    if given.index:
        write_between_marks(HERE / "README.md", INDEX, index())
        return
    wanted = [path for path in chapters() if not given.chapter or number(path) in given.chapter]
    if not wanted:
        sys.exit(f"no such chapter; there are {', '.join(str(number(path)) for path in chapters())}")
    fast = given.fast or os.environ.get("TINYSEG_BOOK") == "fast"
    seconds: dict[str, float] = {}
    counts: dict[str, int] = {}

    def run(path: Path) -> str | None:
        began = time.monotonic()
        try:
            notebook = execute(path, None if os.environ.get("TINYSEG_BOOK") == "tab" else fast, given.jobs)
        except CellExecutionError as error:
            return f"{path.name}: FAILED\n{failure(error)}"
        pictures = figures(notebook)
        seconds[path.name], counts[path.name] = time.monotonic() - began, len(pictures)
        print(f"{path.name}: {seconds[path.name]:.1f} s, {len(pictures)} figures", flush=True)
        if given.print:
            print(printed(notebook))
        if given.out is not None:
            given.out.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, given.out / f"{path.stem}.ipynb")
            for k, picture in enumerate(pictures, start=1):
                (given.out / f"{path.stem}_{k:02d}.png").write_bytes(picture)
        return None

    with ThreadPoolExecutor(max(1, given.jobs)) as pool:
        failed = [told for told in pool.map(run, wanted) if told]
    if given.table is not None and not failed:
        write_between_marks(given.table, TIMES, table(seconds, counts, fast))
    if failed:
        sys.exit("\n\n".join(failed))


TIMES = "times of the chapters"
INDEX = "the chapters"


def write_between_marks(file: Path, name: str, text: str) -> None:
    """Put a text between the two marks of a file: the comments with a name, and with 'end of' before it."""
    marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, mark, rest = file.read_text("utf-8").partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not mark or not end:
        sys.exit(f"{file}: expected the lines {marks[0]} and {marks[1]}, between which the table is put")
    file.write_text(f"{before}{mark}\n\n{text}\n\n{end}{after}", "utf-8")


def index() -> str:
    """Return the table of the chapters: their titles, and what each is about."""
    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "kernels")]
    from tinyseg.book.terms import chapters as descriptions

    about = {chapter.number: chapter.summary for chapter in descriptions()}
    rows = []
    for path in chapters():
        title = next(line[2:] for line in path.read_text("utf-8").splitlines() if line.startswith("# "))
        text = about.get(number(path), "") if path.name[1].isdigit() else ""
        rows.append(f"| [{title}]({path.name}) | {text} |")
    return "\n".join(["| Chapter | What it is about |", "|---|---|", *rows])


if __name__ == "__main__":
    main()
