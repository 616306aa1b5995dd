"""Execute the chapters: `python tutorials/run.py` runs all, `... 2` the second; fails on the first error."""

from __future__ import annotations

import argparse
import base64
import sys
import time
from pathlib import Path

try:
    import ipykernel  # noqa: F401  the kernel that executes them
    import jupytext
    from nbclient import NotebookClient
    from nbformat import NotebookNode, write
except ModuleNotFoundError as error:
    sys.exit(
        f"the chapters are executed by {error.name}, which is not installed: pip install jupytext nbclient ipykernel\n"
        "(or, in a clone of the repository: pip install -e '.[docs]'; to read them, nothing is needed)"
    )

HERE = Path(__file__).resolve().parent


def chapters() -> list[Path]:
    """Return the chapters in order."""
    return sorted(HERE.glob("[0-9]_*.md"))


def execute(path: Path, timeout: int = 1200) -> NotebookNode:
    """Return the chapter as an executed notebook; raises nbclient's CellExecutionError when a cell fails."""
    notebook = jupytext.read(path)
    NotebookClient(
        notebook, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}
    ).execute()
    return notebook


def figures(notebook: NotebookNode) -> list[bytes]:
    """Return the PNG pictures of an executed notebook, in order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    return [base64.b64decode(picture) for picture in pictures]


def printed(notebook: NotebookNode, stream: str = "stdout") -> str:
    """Return what the cells printed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output["text"] for output in outputs if output.get("name") == stream)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chapter", nargs="*", help="numbers of chapters, such as 1 3; all when none is given")
    parser.add_argument("--out", type=Path, help="folder for the executed notebooks and their figures")
    parser.add_argument("--print", action="store_true", help="show what the cells print")
    arguments = parser.parse_args()
    wanted = [path for path in chapters() if not arguments.chapter or path.name[0] in arguments.chapter]
    if not wanted:
        sys.exit(f"no such chapter; there are {', '.join(path.name[0] for path in chapters())}")
    for path in wanted:
        began = time.monotonic()
        notebook = execute(path)
        pictures = figures(notebook)
        print(f"{path.name}: {time.monotonic() - began:.1f} s, {len(pictures)} figures", flush=True)
        if arguments.print:
            print(printed(notebook))
        if arguments.out is not None:
            arguments.out.mkdir(parents=True, exist_ok=True)
            write(notebook, arguments.out / f"{path.stem}.ipynb")
            for k, picture in enumerate(pictures, start=1):
                (arguments.out / f"{path.stem}_{k:02d}.png").write_bytes(picture)


if __name__ == "__main__":
    main()
