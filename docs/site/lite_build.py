"""Build JupyterLite: the chapters as notebooks that run in the reader's browser, with tinyseg's wheel at hand.

`playground_build.py --notebooks FOLDER` calls it. `%pip install tinyseg` in a notebook finds the wheel beside the
notebooks; its dependencies are packages of Pyodide, served from `../pyodide/` where the site has them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from playground_build import ADDRESS

KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
EXTENSIONS = ("@jupyterlite/pyodide-kernel-extension",)
"""Of JupyterLab, that the site has beside what JupyterLite brings itself."""
CARRIED = ("comm",)
"""Packages that the kernel installs and Pyodide does not have: wheels of them are served beside tinyseg's."""
UNUSED = (
    "@jupyterlab/apputils-extension:announcements",  # asks another host for news
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/docprovider-extension",
)


def build_lite(out: Path, notebooks: Path, wheel: Path, pyodide: Path | None) -> None:
    """Write JupyterLite into a folder of the site.

    Args:
        out: The folder, such as `site/lite`.
        notebooks: A folder with the notebooks.
        wheel: tinyseg's.
        pyodide: The folder of Pyodide's files, if the site has them in `pyodide/`, beside `out`.
    """
    missing = [name for name in ("jupyterlite_core", "jupyterlite_pyodide_kernel") if find_spec(name) is None]
    if missing:
        sys.exit(f"JupyterLite is built by {' and '.join(missing)}, not installed: pip install '.[docs]'")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(notebooks, folder / "files")
        (folder / "jupyter-lite.json").write_text(json.dumps(settings(pyodide is not None), indent=1), "utf-8")
        wheels = [wheel, *(repacked(name, folder) for name in CARRIED)]
        command = [
            sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(folder), "--contents",
            str(folder / "files"), "--output-dir", str(out), "--no-sourcemaps",
            *(f"--piplite-wheels={path}" for path in wheels),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"JupyterLite cannot be built:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    leave_out_others(out)


def leave_out_others(out: Path) -> None:
    """Take out the extensions that the builder's own Jupyter has: a tab has no server, and some do not even load."""
    for file in out.rglob("jupyter-lite.json"):
        content = json.loads(file.read_text("utf-8"))
        data = content.get("jupyter-config-data", {})
        if "federated_extensions" in data:
            data["federated_extensions"] = [e for e in data["federated_extensions"] if e["name"] in EXTENSIONS]
            file.write_text(json.dumps(content, indent=1), "utf-8")
    kept = {(out / "extensions" / name).resolve() for name in EXTENSIONS}
    for package in list((out / "extensions").rglob("package.json")):
        folder = package.parent.resolve()
        if folder not in kept and not any(folder.is_relative_to(one) for one in kept):
            shutil.rmtree(folder, ignore_errors=True)


def settings(local: bool) -> dict[str, object]:
    """Return JupyterLite's configuration; `local` says that Pyodide's files are served beside it."""
    kernel = {
        # Seen from lite/lab/index.html, lite/notebooks/index.html and so on.
        "pyodideUrl": "../../pyodide/pyodide.js" if local else f"{ADDRESS}pyodide.js",
        "disablePyPIFallback": local,
    }
    data = {
        "appName": "tinyseg",
        "disabledExtensions": list(UNUSED),
        "litePluginSettings": {KERNEL: kernel},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}


def repacked(name: str, folder: Path) -> Path:
    """Make a wheel of an installed package in Python alone, without a network."""
    found = distribution(name)
    tag = next(
        line.partition(": ")[2] for line in (found.read_text("WHEEL") or "").splitlines() if line.startswith("Tag: ")
    )
    path = folder / f"{name.replace('-', '_')}-{found.version}-{tag}.whl"
    made_here = {"INSTALLER", "REQUESTED", "direct_url.json"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in found.files or ():
            kept = ".." not in file.parts and "__pycache__" not in file.parts and file.name not in made_here
            if kept:
                archive.write(str(file.locate()), str(file))
    return path
