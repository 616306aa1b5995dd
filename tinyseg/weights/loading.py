"""`load`: the tensors of a file into the layers of a model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tinyseg_kernels.device import like
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.layer import Layer
from tinyseg.models.network import Network

from .differences import differences
from .flattening import Order, orders_of
from .layouts import IGNORED, Rule
from .pairing import Mapped, Pairing, Target, paired, targets_of
from .reading import read
from .report import Report, Row, shape_text, shown
from .tensors import TensorInfo, Tensors


@dataclass(frozen=True)
class _Planned:
    """An array that will be filled."""

    target: Target
    name: str
    rule: Rule
    info: TensorInfo
    by: str
    order: Order


def load(
    model: Network,
    source: str | os.PathLike[str] | Tensors,
    mapping: Mapped | None = None,
    *,
    layout: str | None = None,
    strict: bool = True,
    skip_mismatch: bool = False,
    ignore: Sequence[str] = (),
) -> Report:
    """Fill the layers of a model from a file of another program, or from one of tinyseg's.

    Which tensor belongs to which layer is decided by `mapping`; without it by the names, if all layers have theirs in
    the file; otherwise by the order, if the file has as many modules as the model has layers and all shapes fit. The
    report says of each array which of these it was. Layouts follow from the layers' classes: kernels with the filters
    first are turned, dense kernels transposed, and behind a `Flatten` put from the order (C, H, W) into (H, W, C).

    Args:
        model: The model to fill.
        source: A file that `read` knows, or what `read` returned.
        mapping: For each layer's name its name in the file: {'conv1': 'features.0.0', 'bn1': 'features.0.1'}; or a
            function that returns it, None for a layer that is not in the file. 'layer/array' names a single tensor.
        layout: 'torch' (filters first) or 'keras' (filters last); what the file says when it is not given.
        strict: Whether arrays that only the file or only the model has are a mistake. They are listed in any case.
        skip_mismatch: Leave layers as they are whose arrays do not fit, and all that is missing, instead of raising.
            A layer is taken whole or not at all.
        ignore: Beginnings of names in the file that are not needed, such as 'classifier.'.

    Returns:
        What was loaded from where, and what was not.

    Raises:
        InvalidInput: Something does not fit; then no array of the model is changed.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg import weights
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((8, 8, 3)), Conv2D(4, 3, name="stem")])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "model.npz")
        ...     kernel = np.random.default_rng(0).random((4, 3, 3, 3), "float32")
        ...     np.savez(file, **{"features.0.weight": kernel, "features.0.bias": np.zeros(4, "float32")})
        ...     report = weights.load(model, file, {"stem": "features.0"})
        ...
        >>> print(report.rows[0].layout)
        (F, C, KH, KW) -> (KH, KW, C, F)
        >>> bool((model.get_layer("stem").kernel == kernel.transpose(2, 3, 1, 0)).all())
        True
    """
    tensors = source if isinstance(source, Tensors) else read(source)
    layout = layout or tensors.layout
    if layout not in ("torch", "keras", "tinyseg"):
        raise InvalidInput(f"layout: expected 'torch' or 'keras', got {layout!r}")
    model.to_backend()
    report = Report(f"{tensors.path} ({tensors.format})")
    targets = targets_of(model, layout)
    wanted = _without_ignored(tensors, layout, ignore, report)
    pairing = paired(targets, wanted, mapping, partly=skip_mismatch)
    report.notes += pairing.notes
    planned = _planned(targets, wanted, pairing, orders_of(model) if layout == "torch" else {}, report)
    _refuse(tensors, model, planned, report, strict, skip_mismatch)
    # All are read before the first is written: a damaged one changes nothing.
    arrays = [_converted(item, tensors) for item in planned]
    for item, array in zip(planned, arrays, strict=True):
        item.target.array(item.name)[...] = like(item.target.array(item.name), array)
        report.rows.append(_row(item))
    report.notes += _take_settings(planned)
    report.notes += differences([item.target.layer for item in planned], layout)
    return report


def _without_ignored(tensors: Tensors, layout: str, ignore: Sequence[str], report: Report) -> dict[str, TensorInfo]:
    wanted: dict[str, TensorInfo] = {}
    for name, info in tensors.info.items():
        part, why = IGNORED.get(layout, ("", ""))
        reason = why if part and part in f".{name}" else None
        if name.startswith(tuple(ignore)) and ignore:
            reason = "as asked for"
        if reason is None:
            wanted[name] = info
        else:
            report.ignored.append(f"{name}: {reason}")
    return wanted


def _planned(
    targets: Sequence[Target],
    wanted: Mapping[str, TensorInfo],
    pairing: Pairing,
    orders: Mapping[Layer, Order],
    report: Report,
) -> list[_Planned]:
    """Check all pairs, and note in the report what does not fit."""
    planned, used = list[_Planned](), set[str]()
    for target in targets:
        own, wrong = list[_Planned](), False
        for name in target.rules:
            info, by, source = pairing.source(target, name)
            if info is None:
                report.missing.append(f"{target.path}/{name}" + (f" ({source} in the file)" if source else ""))
                continue
            used.add(info.name)
            rule = target.rule(name, info)
            reason = _reason(rule, info, target.shape(name))
            if reason is None:
                own.append(_Planned(target, name, rule, info, by, orders.get(target.layer)))
            else:
                report.mismatched.append(f"{target.path}/{name} and {info.name}: {reason}")
                wrong = True
        if wrong:
            report.notes += [f"{item.info.name} fits, but is left with the rest of {target.path}" for item in own]
        else:
            planned += own
    report.extra += [name for name in wanted if name not in used]
    return planned


def _reason(rule: Rule, info: TensorInfo, shape: tuple[int, ...]) -> str | None:
    """Return why a tensor does not fit an array, or None."""
    if info.dtype.kind != "f":
        return f"{info.stored} in the file, floating-point numbers in the model"
    sources = rule.sources(shape)
    if info.shape in sources:
        return None
    return (
        f"shape {shape_text(info.shape)} in the file, expected {' or '.join(map(shape_text, sources))} "
        f"for {shape_text(shape)} in the model"
    )


def _converted(item: _Planned, tensors: Tensors) -> Array:
    """Read a tensor and bring it into the layout here."""
    shape, rule = item.target.shape(item.name), item.rule
    source = tensors[item.info.name]
    usual = rule.sources(shape)[0]
    if source.size == int(np.prod(usual)):
        source = source.reshape(usual)
    array = rule.forward(source, shape)
    if item.order is not None and rule.row is not None:
        array = array[item.order]
    with np.errstate(over="ignore"):  # a float64 that no float32 can hold becomes infinite
        return np.ascontiguousarray(array, dtype=item.target.array(item.name).dtype)


def _take_settings(planned: Sequence[_Planned]) -> list[str]:
    """Give each BatchNormalization the epsilon and momentum that its file says; return what was changed."""
    notes: dict[str, list[str]] = {}
    for item in planned:
        layer, said = item.target.layer, item.info.settings
        for key in ("epsilon", "momentum") if isinstance(layer, BatchNormalization) else ():
            before, value = getattr(layer, key), _number(said.get(key))
            # A file may hold a float32: what it is rounded from says the same.
            if value is not None and not np.isclose(value, before, rtol=1e-6, atol=0):
                setattr(layer, key, float(f"{value:.7g}"))
                notes.setdefault(f"{key} {before:g} -> {value:.7g}, as the file says", []).append(item.target.path)
    return [f"BatchNormalization: {text}: {shown(paths)}" for text, paths in notes.items()]


def _number(text: str | None) -> float | None:
    """Return a number above 0 and at most 1, or None."""
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if 0 < value <= 1 else None


def _row(item: _Planned) -> Row:
    layout = item.rule.text
    if item.order is not None and item.rule.row is not None:
        layout += ", rows (C, H, W) -> (H, W, C)"
    to = item.target.array(item.name).dtype
    if item.info.stored.lower() not in (str(to), {"float32": "f32", "float64": "f64"}.get(str(to), "")):
        layout += f"; {item.info.stored} -> {to}"
    return Row(f"{item.target.path}/{item.name}", item.info.name, item.info.shape, item.by, layout)


def _refuse(
    tensors: Tensors, model: Network, planned: Sequence[_Planned], report: Report, strict: bool, skip_mismatch: bool
) -> None:
    """Raise InvalidInput for what must not be passed over."""
    where = f"{tensors.path}: model {model.name!r}"
    unsure = "".join(f"; {note}" for note in report.notes)
    if not planned:
        raise InvalidInput(f"{where}: nothing in the file fits: {report.wrong() or 'it has no tensors'}{unsure}")
    if skip_mismatch:
        return
    if report.mismatched or (strict and not report.complete):
        hint = "skip_mismatch=True loads the others" if report.mismatched else "strict=False loads the others"
        raise InvalidInput(f"{where}: {report.wrong()}{unsure}; nothing was changed; {hint}")
