"""Every exercise judges rightly: proven by machine, from the wheel that users install.

TINYSEG_PROOF=full tries all planted bugs and 20 mutants of each; without it, a seeded part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FULL = os.environ.get("TINYSEG_PROOF") == "full"
SAMPLE = [] if FULL else ["--planted", "2", "--mutated", "2"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, which is all that an installation of pure Python does."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), *options]
    built = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("tinyseg-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def proofs(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Prove all exercises by the command, away from the sources."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "OPENBLAS_NUM_THREADS": "1", "TINYSEG_BACKEND": "numpy"}
    environment.pop("TINYSEG_EXERCISES", None)
    done = subprocess.run(
        [sys.executable, "-m", "tinyseg", "exercises", "prove", "--json", *SAMPLE],
        capture_output=True, text=True, cwd=tmp_path_factory.mktemp("elsewhere"), env=environment,
        timeout=None if FULL else 580, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.index("[\n") :])
    return found


def test_there_are_enough_exercises(proofs: list[dict[str, Any]]) -> None:
    assert len(proofs) >= 32


def test_solutions_pass_and_what_is_no_answer_gets_nothing(proofs: list[dict[str, Any]]) -> None:
    assert not [f"{proof['exercise']}: {fault}" for proof in proofs for fault in proof["faults"]]


def test_planted_bugs_are_found_and_named(proofs: list[dict[str, Any]]) -> None:
    planted, found, named = (sum(proof[what] for proof in proofs) for what in ("planted", "found", "named"))
    unnamed = [f"{proof['exercise']}: {text}" for proof in proofs for text in proof["unnamed"]]
    assert all(proof["planted"] for proof in proofs)
    assert found == planted, unnamed
    assert named >= 0.95 * planted, unnamed


def test_random_mutants_are_refused(proofs: list[dict[str, Any]]) -> None:
    mutated, refused = (sum(proof[what] for proof in proofs) for what in ("mutated", "refused"))
    assert mutated >= 1.5 * len(proofs)
    assert refused >= 0.95 * mutated, [f"{p['exercise']}: {text}" for p in proofs for text in p["unnamed"]]
