"""Splitting a folder's samples into those to learn from and those to validate on."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from numbers import Integral, Real
from pathlib import Path, PurePath

from tinyseg_kernels.errors import InvalidInput


def held_out(names: Sequence[str], fraction: float, seed: int = 0) -> set[str]:
    """Return the names of the samples to validate on: about `fraction` of them, always the same ones.

    A name is held out when its hash, as a number from 0 to 1, is below the fraction. So neither its place nor the other
    names matter: who adds files moves none that is there. Of few names the share is rough. Of at least two, one is held
    out, and one is not: the first, or the last, in the order of the hashes.

    Args:
        names: Base names of the files.
        fraction: Between 0 and 1.
        seed: Another one gives another split.

    Raises:
        InvalidInput: A fraction out of range, or less than two names.
    """
    check_fraction(fraction, seed)
    if len(names) < 2:
        raise InvalidInput(
            f"expected at least two images, to learn from one and validate on the other, got {len(names)}"
        )
    places = {name: _place(name, seed) for name in names}
    order = sorted(places, key=lambda name: places[name])
    held = {name for name in order if places[name] < fraction}
    return (held or {order[0]}) if len(held) < len(order) else held - {order[-1]}


def check_fraction(fraction: float, seed: int) -> None:
    """Raise InvalidInput for what cannot split anything."""
    if isinstance(fraction, bool) or not isinstance(fraction, Real) or not 0 < fraction < 1:
        raise InvalidInput(f"val_fraction: expected a number between 0 and 1, such as 0.2, got {fraction!r}")
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise InvalidInput(f"split_seed: expected an integer of at least 0, got {seed!r}")


def can_split(folder: Path) -> bool:
    """Return whether a dataset has images to hold some back of, and no val/ of its own."""
    return not (folder / "val").is_dir() and ((folder / "train").is_dir() or (folder / "images").is_dir())


def sample_name(image: Path) -> str:
    """Return an image's name below its folder images/, without the ending, in one spelling of Unicode.

    Systems differ in the spelling.
    """
    parts = image.with_suffix("").parts
    below = parts[len(parts) - parts[::-1].index("images") :] if "images" in parts else parts[-1:]
    return unicodedata.normalize("NFC", PurePath(*below).as_posix())


def _place(name: str, seed: int) -> float:
    digest = hashlib.blake2b(f"{seed}/{name}".encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
