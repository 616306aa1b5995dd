"""The promise that an evening's reading leads from `fit` down to the arithmetic and back.

What a step of a small network enters is counted, and may not grow.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PROGRAM = """
import json, sys
import numpy as np
import tinyseg
from tinyseg.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from tinyseg.models import Model

what, root = sys.argv[1:]
if what == "step":
    tinyseg.set_backend("numpy")
random = np.random.default_rng(0)
x, y = random.random((4, 20, 20, 3), dtype=np.float32), np.eye(5, dtype=np.float32)[random.integers(0, 5, 4)]
image = Input(shape=(20, 20, 3))
h = Conv2D(8, 3, activation="relu")(Conv2D(8, 3, activation="relu")(image))
h = Dense(16, activation="relu")(Flatten()(MaxPooling2D(2)(h)))
model = Model(image, Dense(5, activation="softmax")(h))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
run = (lambda: model.train_step(x, y)) if what == "step" else (lambda: model.fit(x, y, epochs=1, verbose=0))
run()  # what is loaded, built and compiled once is not on the path
entered = set()

def note(frame, event, argument):
    code = frame.f_code
    file = code.co_filename.replace(chr(92), "/")
    ours = file.startswith((root + "/tinyseg/", root + "/kernels/"))
    if event == "call" and ours and not code.co_name.startswith("<"):
        entered.add((code.co_filename, code.co_firstlineno, code.co_name))

sys.setprofile(note)
run()
sys.setprofile(None)
print(json.dumps(sorted(entered)))
"""

LIMITS = {"step": (910, 32), "fit": (2257, 55)}
"""Lines and files: of a training step on NumPy, and of `fit` on the default backend.

Of the compiled kernels those count that Python calls. Lower is better; nobody may raise them.
"""


def path_of(what: str) -> dict[str, int]:
    """Return how many lines of each file are entered, with one thread: what two share depends on the moment."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, what, ROOT.as_posix()], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "kernels")]),
            "TINYSEG_NUM_THREADS": "1"},
    )  # fmt: skip
    lines: dict[str, int] = {}
    for file, first, name in json.loads(done.stdout.splitlines()[-1]):
        for node in ast.walk(ast.parse(Path(file).read_text("utf-8"))):
            starts = (
                {node.lineno, *(d.lineno for d in node.decorator_list)} if isinstance(node, ast.FunctionDef) else set()
            )
            if first in starts and node.name == name:  # type: ignore[attr-defined]
                path = Path(file).relative_to(ROOT).as_posix()
                lines[path] = lines.get(path, 0) + node.end_lineno - node.lineno + 1  # type: ignore[attr-defined]
    return lines


@pytest.mark.parametrize("what", LIMITS)
def test_the_path_does_not_grow(what: str) -> None:
    lines = path_of(what)
    assert {"tinyseg/models/network.py", "tinyseg/models/training.py", "tinyseg/optimizers/adam.py"} <= set(lines)
    told = "\n".join(f"{count:5} {path}" for path, count in sorted(lines.items(), key=lambda item: -item[1]))
    most_lines, most_files = LIMITS[what]
    assert sum(lines.values()) <= most_lines, told
    assert len(lines) <= most_files, told


def test_the_readme_names_every_file_that_a_step_needs() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    route = text[text.index("One training step of a small network") : text.index("To check a gradient of your own")]
    for path in path_of("step"):
        short = path.removeprefix("kernels/tinyseg_kernels/").removeprefix("tinyseg/")
        folder, _, name = short.rpartition("/")
        by_folder = path.startswith("kernels/") and name in ("__init__.py", "numpy_cpu.py") and f"`{folder}/`" in route
        assert f"`{short}`" in route or by_folder, f"README's route does not name {path}"
