"""What the README and the pages that it sends to show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import tinyseg
from tests.datasets.blobs import write_blobs

ROOT = Path(__file__).parents[1]
README, IMAGES, DIAGNOSIS = (
    (ROOT / name).read_text("utf-8") for name in ("README.md", "docs/your_images.md", "docs/diagnosis.md")
)


def fenced(text: str, language: str) -> list[str]:
    """Return what stands between the fences of a page, for one language; '' is what is printed, and commands."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [content for name, content in found if name == language]


def program_of(text: str, word: str) -> str:
    """Return the only program of a page that has a word in it."""
    (program,) = (content for content in fenced(text, "python") if word in content)
    return program


def test_the_program_for_a_folder_of_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_blobs(tmp_path / "photos", 4, 2, 0)
    monkeypatch.chdir(tmp_path)
    program = program_of(IMAGES, "SegmentationFolder")
    names: dict[str, object] = {}
    exec(program.replace("epochs=20", "epochs=1"), names)
    logs = names["history"].history  # type: ignore[attr-defined]
    assert set(logs) == {"loss", "mean_iou", "val_loss", "val_mean_iou"}
    assert (tmp_path / "model.safetensors").stat().st_size > 1000


def test_the_keras_program(capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands, but for smaller images and layers, so that it takes no minute."""
    program = program_of(README, "conv_layer_1")
    small = (
        program.replace("(224, 224, 3)", "(14, 12, 3)")
        .replace("Conv2D(64", "Conv2D(3")
        .replace("epochs=10", "epochs=2")
    )
    rng = np.random.default_rng(0)
    x, y = rng.random((48, 14, 12, 3), dtype=np.float32), np.eye(5, dtype=np.float32)[rng.integers(0, 5, 48)]
    exec(small, {"x_train": x[:40], "y_train": y[:40], "x_val": x[40:], "y_val": y[40:], "num_classes": 5})
    lines = [line for line in capsys.readouterr().out.splitlines() if re.match(r"Epoch \d+/\d+  \d", line)]
    assert len(lines) == 2
    assert "val_accuracy" in lines[-1]


def test_the_check_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    exec(program_of(README, "from tinyseg.check import gradients"), {})
    assert f"{capsys.readouterr().out.rstrip()}\n" in fenced(README, "")


def test_the_diagnosis_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The README shows the beginning, up to the evidence; its page shows all of it."""
    program = program_of(README, "from tinyseg.diagnosis import diagnose")
    assert program_of(DIAGNOSIS, "def forward") == program
    exec(program, {})
    printed = capsys.readouterr().out.rstrip()
    beginning, evidence, _ = printed.partition("\n\nEvidence\n")
    assert evidence
    assert [text for text in fenced(README, "") if text.startswith("dense:")] == [f"{beginning}\n"]
    assert [text for text in fenced(DIAGNOSIS, "") if text.startswith("dense:")] == [f"{printed}\n"]


def test_the_commands_exist() -> None:
    from tinyseg.cli.app import app

    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {str(group.typer_instance.info.name) for group in app.registered_groups if group.typer_instance}
    known |= {str(command.name) for command in app.registered_commands if command.name}
    named = set(re.findall(r"(?:^|`|bin/)tinyseg ([a-z][a-z-]*)", README, re.MULTILINE))
    assert named
    assert named <= known


def test_files_and_pictures_exist() -> None:
    targets = re.findall(r'\]\(([^)#:]+)\)|src="([^"]+)"', README)
    assert targets
    for target in targets:
        path = target[0] or target[1]
        assert (ROOT / path).exists(), path


def test_links_and_places_exist() -> None:
    """`docs/page.md#a-heading` is written as GitHub makes it of the heading."""
    for page in (
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
    ):
        for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text("utf-8")):
            if target.startswith(("http://", "https://")):
                continue
            path, _, place = target.partition("#")
            file = (ROOT / page).parent / path if path else ROOT / page
            assert file.exists(), f"{page} links to {target}"
            if place:
                headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
                made = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
                assert place in made, f"{page} links to {target}"


def test_the_newest_release_of_the_changelog_is_this_version() -> None:
    """Between two releases the version is that of the next one, with `.dev0`; what is new then stands above."""
    headings = re.findall(r"^## \[(.*?)\](?: - (.*))?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for _, date in headings[1:])
    if not tinyseg.__version__.endswith(".dev0"):
        assert headings[1][0] == tinyseg.__version__


def test_files_that_pages_name_exist() -> None:
    """`conv2d/cpu/im2col.py` and the like, from the repository's root or from one of its packages."""
    bases = [ROOT, ROOT / "kernels", ROOT / "kernels/tinyseg_kernels", ROOT / "tinyseg"]
    of_users = {
        "NAME.py",
        "results.json",
        "result.json",
        "grade.json",
        "junit.xml",
        "dataset.toml",
        "run.json",
        "metrics.json",
        "progress.json",
        "sums.cu",
        "brighten.cu",
    }
    measured = {"mutants.md"}  # a table of a run, which names files as they were then
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "benchmarks/README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        if page.name in measured:
            continue
        for name in set(re.findall(r"`([\w./*-]+\.(?:py|cu|cuh|cpp|json|toml))`", page.read_text("utf-8"))) - of_users:
            everywhere = ROOT.glob(f"*/**/{name}") if "/" not in name else ()
            assert any(any(base.glob(name)) for base in bases) or any(everywhere), f"{page.name} names {name}"
