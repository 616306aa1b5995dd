"""Which tensors of a file belong to which layer of a model: by a table, by names, or by the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.layers.layer import Layer
from tinyseg.models.network import Network

from .layouts import Rule, rules_of
from .report import shape_text, shown
from .tensors import TensorInfo

Mapped: TypeAlias = Mapping[str, str | None] | Callable[[str], str | None]
"""Layer -> what the file calls it."""


@dataclass(frozen=True)
class Target:
    """A layer with arrays.

    Attributes:
        path: Its name, behind those of the networks that it is in: 'encoder/conv1'.
        layer: The layer.
        rules: For each array what files call it, and the change of layout.
    """

    path: str
    layer: Layer
    rules: dict[str, tuple[str, Rule]]

    def array(self, name: str) -> Array:
        """Return one of the layer's own arrays."""
        return self.layer.parameters[name] if name in self.layer.parameters else self.layer.state[name]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return its shape."""
        return tuple(self.array(name).shape)

    def fits(self, module: Mapping[str, TensorInfo]) -> bool:
        """Whether a module of a file has exactly the arrays of this layer."""
        if module.keys() != {suffix for suffix, _ in self.rules.values()}:
            return False
        return all(
            module[suffix].shape in rule.sources(self.shape(name)) for name, (suffix, rule) in self.rules.items()
        )


def targets_of(model: Network, layout: str) -> list[Target]:
    """Return the layers with arrays, in order, those of networks within too."""
    return list(_targets(model, layout, ""))


def _targets(network: Network, layout: str, path: str) -> list[Target]:
    found: list[Target] = []
    for layer in network.graph.layers:
        if isinstance(layer, Network):
            found += _targets(layer, layout, f"{path}{layer.name}/")
        elif rules := rules_of(layer, layout):
            found.append(Target(f"{path}{layer.name}", layer, rules))
    return found


@dataclass
class Pairing:
    """What belongs to what.

    Attributes:
        modules: Layer -> module of the file, and what decided it.
        arrays: 'layer/array' -> tensor of the file.
        separator: What stands between a module's name and a tensor's.
        notes: For the report.
    """

    modules: dict[str, tuple[str, str]] = field(default_factory=dict)
    arrays: dict[str, str] = field(default_factory=dict)
    separator: str = "."
    notes: list[str] = field(default_factory=list)

    def source(self, target: Target, name: str) -> tuple[str | None, str]:
        """Return the tensor that an array should come from, and what decided it."""
        if f"{target.path}/{name}" in self.arrays:
            return self.arrays[f"{target.path}/{name}"], "table"
        if target.path not in self.modules:
            return None, ""
        module, by = self.modules[target.path]
        suffix = target.rules[name][0]
        return (f"{module}{self.separator}{suffix}" if module else suffix), by


Modules: TypeAlias = dict[str, dict[str, TensorInfo]]
"""The tensors of a file by module and suffix, in the file's order."""


def modules_of(infos: Mapping[str, TensorInfo], separator: str = ".") -> Modules:
    """Put the tensors of a file to their modules."""
    found: Modules = {}
    for name, info in infos.items():
        module, _, suffix = name.rpartition(separator)
        found.setdefault(module, {})[suffix] = info
    return found


def paired(
    targets: Sequence[Target], infos: Mapping[str, TensorInfo], mapping: Mapped | None, *, partly: bool
) -> Pairing:
    """Decide what belongs to what.

    Args:
        targets: The layers of the model.
        infos: The tensors of the file.
        mapping: The table, if there is one.
        partly: Whether layers may be left over when the order decides.

    Raises:
        InvalidInput: A table that names no layer of the model.
    """
    if mapping is not None:
        return _by_table(targets, mapping)
    modules = modules_of(infos)
    pairing = Pairing()
    known = _by_plain_name(modules)
    for target in targets:
        module = known.get(_plain(target.path))
        if module is not None:
            pairing.modules[target.path] = (module, "name")
    left = [target for target in targets if target.path not in pairing.modules]
    taken = {module for module, _ in pairing.modules.values()}
    over = {module: members for module, members in modules.items() if module not in taken}
    if left and over:
        _by_order(left, over, pairing, partly and not pairing.modules)
    return pairing


def _by_table(targets: Sequence[Target], mapping: Mapped) -> Pairing:
    pairing, paths = Pairing(), [target.path for target in targets]
    if callable(mapping):
        table: Mapping[str, str | None] = {path: mapping(path) for path in paths}
    else:
        table = mapping
    arrays = {f"{target.path}/{name}" for target in targets for name in target.rules}
    for key, value in table.items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidInput(f"mapping: {key!r}: expected a name in the file, got {value!r}")
        if key in paths:
            pairing.modules[key] = (value, "table")
        elif key in arrays:
            pairing.arrays[key] = value
        else:
            raise unknown_name("layer in the mapping", key, [*paths, *sorted(arrays)])
    return pairing


def _plain(name: str) -> str:
    return name.replace("/", "_").replace(".", "_")


def _by_plain_name(modules: Modules) -> dict[str, str]:
    """Return the modules by names without dots; two that become one are left out."""
    found: dict[str, list[str]] = {}
    for module in modules:
        found.setdefault(_plain(module), []).append(module)
    return {plain: names[0] for plain, names in found.items() if len(names) == 1}


def _by_order(targets: Sequence[Target], modules: Modules, pairing: Pairing, partly: bool) -> None:
    """Match layers and modules in their order, if all of them fit, or (`partly`) as far as they fit."""
    pairs = list(zip(targets, modules.items(), strict=False))
    fitting = 0
    while fitting < len(pairs) and pairs[fitting][0].fits(pairs[fitting][1][1]):
        fitting += 1
    if fitting < max(len(targets), len(modules)) and not (partly and fitting):
        pairing.notes.append(_why_not(targets, modules, fitting))
        return
    for target, (module, _) in pairs[:fitting]:
        pairing.modules[target.path] = (module, "order")
    pairing.notes.append(
        f"{fitting} layers were matched by the order of the layers here and of the modules in the file, which also "
        f"fit in shape{_alike(targets[:fitting])}; a mapping by names is sure"
    )


def _alike(targets: Sequence[Target]) -> str:
    """Say which layers have the same shapes, so that only the order tells them apart."""
    groups: dict[tuple[tuple[int, ...], ...], list[str]] = {}
    for target in targets:
        groups.setdefault(tuple(target.shape(name) for name in target.rules), []).append(target.path)
    same = [path for paths in groups.values() if len(paths) > 1 for path in paths]
    return f". The order alone tells {len(same)} of them apart, whose shapes are alike: {shown(same)}" if same else ""


def _why_not(targets: Sequence[Target], modules: Modules, fitting: int) -> str:
    text = f"the names differ, and the order does not help: {len(targets)} layers here, {len(modules)} modules there"
    if fitting < min(len(targets), len(modules)):
        target, (module, members) = targets[fitting], list(modules.items())[fitting]
        ours = ", ".join(f"{suffix} {shape_text(rule.sources(target.shape(name))[0])}" for name, (suffix, rule) in
                         target.rules.items())  # fmt: skip
        theirs = ", ".join(f"{suffix} {shape_text(info.shape)}" for suffix, info in members.items())
        text += f"; number {fitting + 1} is {target.path} ({ours}) here and {module} ({theirs}) there"
    return f"{text}; give a mapping"
