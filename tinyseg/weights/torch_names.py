"""The tensors of a checkpoint: which of its nested dicts are the weights, and what their names are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .pickles import Value
from .tensors import MOST_TENSORS, shortened
from .torch_values import View

ROOTS = (
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "params",
    "generator", "ema",
    "model_ema", "params_ema", "state_dict_ema", "ema_state_dict",
)  # fmt: skip
"""What programs call the weights of a network in a checkpoint, the likeliest first."""

WRAPPERS = ("module.", "_orig_mod.")
"""Put before all names by DataParallel and by torch.compile."""

NO_WEIGHTS = ("optim", "sched", "scaler")
"""In keys under which tensors of a training stand, not of a network."""

DEEPEST = 64


@dataclass
class Found:
    """The tensors by name, and what was said beside them."""

    views: dict[str, View]
    metadata: dict[str, str] = field(default_factory=dict)


def tensors_of(tree: Value, root: str | None) -> Found:
    """Find the weights in what a pickle held.

    Args:
        tree: The pickle's value.
        root: The key of the weights in the checkpoint, keys within keys joined by '.'; found when it is not given.

    Raises:
        ValueError: No tensors, or none under `root`.
    """
    if isinstance(tree, View):
        return Found({"tensor": tree})
    place, metadata = tree, dict[str, str]()
    if root is not None:
        path = tuple(root.split("."))
        for key in path:
            place = place.get(key) if isinstance(place, dict) else None
        metadata["root"] = f"{root} (as asked for)"
    else:
        place, path = _descend(tree)
        if path:
            metadata["root"] = ".".join(path)
    views = dict(_walk(place, ()))
    if not views:
        raise ValueError("no tensors" if root is None else f"no tensors under {root!r}; there are {_keys(tree)}")
    if path and isinstance(tree, dict):
        metadata |= _beside(tree, path[0])
    return Found(*_unwrapped(views, metadata))


def _descend(tree: Value) -> tuple[Value, tuple[str, ...]]:
    """Go down to the weights while it is clear where they are."""
    path: tuple[str, ...] = ()
    while isinstance(tree, dict) and len(path) < DEEPEST:
        if any(isinstance(value, View) for value in tree.values()):
            break
        inside = {key: value for key, value in tree.items() if isinstance(key, str) and _has_tensors(value)}
        likely = [key for key in ROOTS if key in inside]
        likely = likely or [key for key in inside if not any(part in key.lower() for part in NO_WEIGHTS)]
        key = likely[0] if likely and (likely[0] in ROOTS or len(likely) == 1) else None
        if key is None:
            break
        tree, path = inside[key], (*path, key)
    return tree, path


def _has_tensors(value: Value) -> bool:
    return isinstance(value, View) or any(True for _ in _walk(value, ()))


def _walk(value: Value, path: tuple[str, ...], left: list[int] | None = None) -> Iterator[tuple[str, View]]:
    """Yield name and tensor of all in dicts, lists and tuples.

    Values may be shared, and may hold themselves: the number of steps is bounded, not only that of tensors.
    """
    left = [10 * MOST_TENSORS] if left is None else left
    left[0] -= 1
    if left[0] < 0 or len(path) > DEEPEST:
        raise ValueError("a checkpoint that is nested too deeply, or in itself")
    if isinstance(value, View):
        yield ".".join(path), value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*path, str(key)), left)
    elif isinstance(value, list | tuple):
        for k, item in enumerate(value):
            if isinstance(item, dict | list | tuple | View):
                yield from _walk(item, (*path, str(k)), left)


def _beside(tree: dict[Value, Value], root: str) -> dict[str, str]:
    """Return what else is in a checkpoint, as texts."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        if key == root or not isinstance(key, str) or len(found) > 50:
            continue
        if isinstance(value, str | int | float | None) and len(key) < 100:
            found[key] = shortened(value if isinstance(value, str) else f"{value:g}" if value is not None else "None")
        elif isinstance(value, dict | list | tuple):
            found[key] = "not read (root=... reads it)" if _has_tensors(value) else "not read"
    return found


def _keys(tree: Value) -> str:
    return ", ".join(repr(key) for key in list(tree)[:12]) if isinstance(tree, dict) else f"a {type(tree).__name__}"


def _unwrapped(views: dict[str, View], metadata: dict[str, str]) -> tuple[dict[str, View], dict[str, str]]:
    """Take off what wrappers put before all names."""
    off = ""
    while wrapper := next((w for w in WRAPPERS if all(name.startswith(w) for name in views)), None):
        views, off = {name.removeprefix(wrapper): view for name, view in views.items()}, off + wrapper
    return views, metadata | ({"prefix": f"{off} (taken off all names)"} if off else {})
