"""Build what runs in the reader's browser: the playground, and with `lite_build.py` the chapters as notebooks.

`python docs/site/playground_build.py --out site --pyodide FOLDER` does it alone. FOLDER holds Pyodide's files (its
core, its lock file, NumPy); without it the page's button loads them from Pyodide's own address.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCES = HERE / "playground"

FOLDER = "TINYSEG_PYODIDE"
"""Environment variable: a folder with Pyodide's files."""
VERSION = "0.27.7"
"""Of Pyodide."""
ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
CORE = ("pyodide.mjs", "pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
DOWNLOAD = 16_900_000
"""Bytes of what the playground loads of Pyodide 0.27.7, NumPy included, uncompressed."""

SIZE, TRAINING, SHOWN = 32, 96, 8
"""Pixels along the side of a scene, scenes to learn from, and scenes to choose from."""


def pyodide_folder(given: Path | None) -> Path | None:
    """Return the folder that is given, else that of TINYSEG_PYODIDE, else None; ends the program for a wrong one."""
    folder = given or (Path(os.environ[FOLDER]) if os.environ.get(FOLDER) else None)
    if folder is None:
        return None
    missing = [name for name in CORE if not (folder / name).is_file()]
    if missing:
        sys.exit(f"{folder}: expected Pyodide's files, missing: {', '.join(missing)}")
    found = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))["info"]["version"]
    if found != VERSION:
        sys.exit(f"{folder}: expected Pyodide {VERSION}, got {found}")
    return folder


def build_wheel(folder: Path) -> Path:
    """Build tinyseg's wheel into a folder."""
    command = [
        sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--quiet",
        "--disable-pip-version-check", "--wheel-dir", str(folder),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"tinyseg's wheel cannot be built (pip install hatchling?):\n{done.stdout}{done.stderr}")
    return next(iter(folder.glob("tinyseg-*.whl")))


def copy_pyodide(folder: Path, out: Path) -> None:
    """Copy Pyodide's files, and of its packages what tinyseg and a notebook need, to be served beside the site."""
    out.mkdir(parents=True, exist_ok=True)
    lock = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))
    wanted = {name: lock["packages"][name] for name in needed_packages(lock["packages"])}
    for name in [*CORE, *(about["file_name"] for about in wanted.values())]:
        if not (folder / name).is_file():
            sys.exit(f"{folder}: expected Pyodide's files, missing: {name}")
        shutil.copyfile(folder / name, out / name)
    (out / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": wanted}), "utf-8")


WANTED = ("numpy", "scipy", "scikit-learn", "matplotlib", "pillow", "micropip", "ipython", "sqlite3", "ssl", "jedi")
"""Of Pyodide's packages: those of tinyseg, and those of a notebook."""


def needed_packages(packages: dict[str, Any]) -> list[str]:
    """Return the names of those that are wanted, and of those that they need."""
    found: dict[str, None] = {}
    queue = list(WANTED)
    while queue:
        name = queue.pop()
        if name not in found:
            found[name] = None
            if name not in packages:
                continue
            queue += [_normal(other) for other in packages[name]["depends"]]
    missing = sorted(name for name in found if name not in packages)
    if missing:
        sys.exit(f"Pyodide's lock file lacks packages that others in it need: {', '.join(missing)}")
    return sorted(found)


def _normal(name: str) -> str:
    """Return a package's name as the lock file's keys have it: 'prompt_toolkit' is 'prompt-toolkit' there."""
    return re.sub(r"[-_.]+", "-", name).lower()


def scenes() -> dict[str, np.ndarray]:
    """Return the scenes: digits and what is behind them, of scikit-learn's scanned digits."""
    from tinyseg.datasets import digit_scenes

    found: dict[str, np.ndarray] = {}
    for part, count, seed in (("train", TRAINING, 0), ("test", SHOWN, 1)):
        x, y = digit_scenes(count, part, seed=seed, size=SIZE)
        found[f"x_{part}"] = np.rint(x[..., 0] * 255).astype(np.uint8)
        found[f"y_{part}"] = (y > 0).astype(np.uint8)
    return found


def write_tab(path: Path) -> None:
    """Pack the Python that runs in the tab; the same content gives the same file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sorted((SOURCES / "tab").glob("*.py")):
            archive.writestr(zipfile.ZipInfo(f"tab/{source.name}", (2000, 1, 1, 0, 0, 0)), source.read_bytes())


def build_playground(out: Path, wheel: Path, pyodide: Path | None) -> None:
    """Write the playground into a folder; Pyodide's files are expected in `../pyodide/` where there are any."""
    out.mkdir(parents=True, exist_ok=True)
    for source in SOURCES.iterdir():
        if source.is_file():
            shutil.copyfile(source, out / source.name)
    shutil.copyfile(wheel, out / wheel.name)
    write_tab(out / "tab.zip")
    content = scenes()
    file = io.BytesIO()
    np.savez_compressed(file, **content)
    (out / "scenes.npz").write_bytes(file.getvalue())
    from PIL import Image

    Image.fromarray(np.concatenate(list(content["x_test"]), axis=1)).save(out / "scenes.png", optimize=True)
    own = sum((out / name).stat().st_size for name in (wheel.name, "tab.zip", "scenes.npz"))
    settings = {
        "pyodideURL": ADDRESS if pyodide is None else "../pyodide/",
        "local": pyodide is not None,
        "megabytes": round((_loaded(pyodide) + own) / 1e6),
        "wheel": wheel.name,
        "size": SIZE,
        "scenes": SHOWN,
    }
    (out / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", "utf-8")


def _loaded(pyodide: Path | None) -> int:
    """Return the bytes of what the playground loads of Pyodide."""
    if pyodide is None:
        return DOWNLOAD
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    names = [*(name for name in CORE if name != "pyodide.js"), lock["packages"]["numpy"]["file_name"]]
    return sum((pyodide / name).stat().st_size for name in names)


def build(out: Path, pyodide: Path | None, notebooks: Path | None = None) -> None:
    """Write `playground/`, with notebooks `lite/`, and with Pyodide's files `pyodide/` into the site's folder."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        if pyodide is not None:
            copy_pyodide(pyodide, out / "pyodide")
        build_playground(out / "playground", wheel, pyodide)
        if notebooks is not None:
            from lite_build import build_lite

            build_lite(out / "lite", notebooks, wheel, pyodide)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the site's folder (site/)")
    parser.add_argument("--pyodide", type=Path, help=f"a folder with Pyodide's files ({FOLDER})")
    parser.add_argument("--notebooks", type=Path, help="a folder with notebooks: they open in JupyterLite")
    given = parser.parse_args()
    build(given.out, pyodide_folder(given.pyodide), given.notebooks)


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(ROOT), str(ROOT / "kernels")]
    main()
