"""The page of `tinyseg export RUN page.html` in a real browser, opened as a file: the same masks as in Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tests.browser.pages import Noted, browser, why_not
from tinyseg.datasets import default_colors, digit_scenes, read_image, read_mask, write_image
from tinyseg.models import Model
from tinyseg.runs import RunDescription, RunFolder, Settings, build_model, export_run, predict_sample

pytest.importorskip("playwright", reason="NOT TESTED: pages in a browser (pip install 'tinyseg[test-site]')")
pytest.importorskip("axe_playwright_python", reason="NOT TESTED: pages in a browser (pip install 'tinyseg[test-site]')")

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(why_not() is not None, reason=f"NOT TESTED: pages in a browser ({why_not()})"),
]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
NAMES = ["background", "digit", "<b>third & last</b>"]
SIZES = {"even.png": (48, 40), "odd.png": (37, 53), "row.png": (1, 9), "tiles.png": (530, 31)}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as program:
        yield program


def exported(folder: Path, channels: int) -> Model:
    """Write a run's folder with a network that has learnt nothing, and its page."""
    settings = Settings(width=4, depth=2)
    folder.mkdir()
    run = RunFolder(folder)
    run.write_description(RunDescription(settings, "blank", channels, NAMES, default_colors(3)))
    model = build_model(settings, channels=channels, classes=3)
    rng = np.random.default_rng(7)
    for array in model.weights:  # so that all classes occur
        array[...] += rng.normal(0, 0.05, array.shape)
    model.save(run.model)
    export_run(run, folder / "page.html")
    return model


def pictures(folder: Path, channels: int) -> dict[str, Array]:
    """Write images of odd sizes, and return what Python reads of them."""
    rng, scene = np.random.default_rng(1), digit_scenes(1, size=64, seed=3)[0][0]
    for name, (height, width) in SIZES.items():
        values = np.resize(scene[..., 0], (height, width)) * 200 + rng.integers(0, 50, (height, width))
        image = np.stack([np.roll(values, c, 1) for c in range(channels)], axis=-1)
        write_image(folder / name, image.astype(np.uint8))
    return {name: read_image(folder / name, channels) for name in SIZES}


@pytest.mark.parametrize("channels", [1, 3])
def test_masks_are_those_of_python(chromium: Any, tmp_path: Path, channels: int) -> None:
    model = exported(tmp_path / "run", channels)
    images = pictures(tmp_path, channels)
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    noted = Noted()
    noted.watch(page, (tmp_path / "run" / "page.html").as_uri())
    page.goto((tmp_path / "run" / "page.html").as_uri())
    page.set_input_files("#files", [tmp_path / name for name in SIZES])
    page.wait_for_function(f"() => results.length === {len(SIZES)} && !busy", timeout=300_000)
    classes = set[int]()
    for k, name in enumerate(SIZES):
        height, width, mask = page.evaluate(
            "(k) => { const r = results[k]; return [r.height, r.width, Array.from(r.mask)]; }", k
        )
        expected = predict_sample(model, images[name], multiple_of=4)
        np.testing.assert_array_equal(np.array(mask, np.uint8).reshape(height, width), expected, err_msg=name)
        classes |= {*np.unique(expected).tolist()}
    assert len(classes) > 1
    with page.expect_download() as download:  # the newest image stands first
        page.locator("figure button").first.click()
    download.value.save_as(tmp_path / "saved.png")
    last = [*SIZES][-1]
    np.testing.assert_array_equal(read_mask(tmp_path / "saved.png"), predict_sample(model, images[last], 4))
    assert download.value.suggested_filename == "tiles_mask.png"
    assert (noted.errors, noted.elsewhere) == ([], [])
    page.close()


def test_the_page_is_whole_in_each_width_and_theme(chromium: Any, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    exported(tmp_path / "run", 1)
    pictures(tmp_path, 1)
    (tmp_path / "text.png").write_text("no image")
    page = chromium.new_page()
    noted = Noted()
    noted.watch(page, (tmp_path / "run" / "page.html").as_uri())
    page.goto((tmp_path / "run" / "page.html").as_uri())
    page.set_input_files("#files", tmp_path / "text.png")
    page.wait_for_function("() => document.getElementById('status').textContent.includes('not segmented')")
    page.set_input_files("#files", tmp_path / "odd.png")
    page.wait_for_function("() => results.length === 1 && !busy", timeout=300_000)
    faults = []
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            faults += [f"{width} {scheme}: {wide} px wider"] if wide > 0 else []
            found = Axe().run(page, options=RULES).response["violations"]
            faults += [f"{width} {scheme}: {v['id']} {v['nodes'][0]['target']}" for v in found]
    assert faults == []
    assert "odd.png: " in page.locator("canvas[role=img]").get_attribute("aria-label")
    assert page.locator("#classes label").all_inner_texts() == NAMES
    assert (noted.errors, noted.elsewhere) == ([], [])
    page.close()


def test_keys_choose_what_is_shown(chromium: Any, tmp_path: Path) -> None:
    exported(tmp_path / "run", 1)
    pictures(tmp_path, 1)
    page = chromium.new_page()
    page.goto((tmp_path / "run" / "page.html").as_uri())
    page.set_input_files("#files", tmp_path / "odd.png")
    page.wait_for_function("() => results.length === 1 && !busy", timeout=300_000)
    opaque = "() => Array.from(document.querySelector('canvas.over').getContext('2d').getImageData(0, 0, 53, 37).data)"
    mask = page.evaluate("Array.from(results[0].mask)")
    assert page.locator("#classes input").first.is_checked() is False  # black, the background
    assert [a == 0 for a in page.evaluate(opaque)[3::4]] == [k == 0 for k in mask]
    page.focus("#opacity")
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.querySelector('canvas.over')).opacity") == "0"
    shown = [page.evaluate(f"results[0].mask.includes({k})") for k in (1, 2)].index(True) + 1
    page.locator("#classes input").nth(shown).focus()
    page.keyboard.press("Space")
    assert [a == 0 for a in page.evaluate(opaque)[3::4]] == [k in (0, shown) for k in mask]
    page.close()
