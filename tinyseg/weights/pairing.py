"""Which tensors of a file belong to which layer of a model: by a table, by names, or by the order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.layers.layer import Layer
from tinyseg.models.copying import leaves
from tinyseg.models.matching import is_automatic
from tinyseg.models.network import Network
from tinyseg.utils.naming import snake_case

from .layouts import DENSE, SAME_ROWS, Rule, rules_of
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
        classes: The classes along the path.
        rules: For each array what files call it, and the change of layout.
    """

    path: str
    layer: Layer
    classes: str
    rules: dict[str, tuple[str, Rule]]

    def array(self, name: str) -> Array:
        """Return one of the layer's own arrays."""
        return self.layer.parameters[name] if name in self.layer.parameters else self.layer.state[name]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return its shape."""
        return tuple(self.array(name).shape)

    @property
    def kind(self) -> str:
        """Its class, as Keras counts layers: 'conv2d'."""
        return snake_case(type(self.layer).__name__)

    @property
    def is_automatic(self) -> bool:
        """Whether nobody gave the name."""
        return is_automatic(self.path, self.classes)

    def rule(self, name: str, info: TensorInfo) -> Rule:
        """Return the change of layout for a tensor of a file, which may say that its axes are as they are here."""
        rule = self.rules[name][1]
        return SAME_ROWS if info.settings.get("axes") == "DF" and rule is DENSE else rule

    def sources(self, name: str, info: TensorInfo) -> list[tuple[int, ...]]:
        """Return the shapes that the tensor may have."""
        return self.rule(name, info).sources(self.shape(name))


def targets_of(model: Network, layout: str) -> list[Target]:
    """Return the layers with arrays, in order, those of networks within too."""
    classes, found = leaves(model), list[Target]()
    for path, layer in _leaf_layers(model, ""):
        if path in classes and (rules := rules_of(layer, layout)):
            found.append(Target(path, layer, classes[path], rules))
    return found


def _leaf_layers(network: Network, path: str) -> Iterator[tuple[str, Layer]]:
    for layer in network.graph.layers:
        if isinstance(layer, Network):
            yield from _leaf_layers(layer, f"{path}{layer.name}/")
        else:
            yield f"{path}{layer.name}", layer


@dataclass(frozen=True)
class Module:
    """The tensors of a file that belong to one layer there, by what they are in it ('weight', 'bias', or '0', '1')."""

    name: str
    kind: str
    members: dict[str, TensorInfo]

    @property
    def is_automatic(self) -> bool:
        """Whether nobody gave the name: a number, or a class with a number."""
        last = self.name.rpartition("/")[2] if self.kind else self.name
        plain = re.fullmatch(rf"{re.escape(self.kind)}(_\d+)?", last) is not None if self.kind else False
        return plain or re.fullmatch(r"[\d.]*", last) is not None or ":" in last or " " in last

    def member(self, target: Target, name: str) -> TensorInfo | None:
        """Return the tensor for an array of a layer: by its name, or by its place where arrays are counted."""
        suffix = target.rules[name][0]
        if suffix in self.members:
            return self.members[suffix]
        for other in OTHER_NAMES.get(suffix, ()):
            if other in self.members:
                return self.members[other]
        place = str(list(target.rules).index(name))
        return self.members.get(place) if all(key.isdecimal() for key in self.members) else None

    def fits(self, target: Target) -> bool:
        """Whether a layer has exactly these arrays."""
        found = {name: self.member(target, name) for name in target.rules}
        names = {info.name for info in found.values() if info is not None}
        if self.kind and self.kind != target.kind:
            return False
        return len(names) == len(found) == len(self.members) and all(
            info is not None and info.shape in target.sources(name, info) for name, info in found.items()
        )


OTHER_NAMES = {"kernel": ("depthwise_kernel",)}
"""What Keras 2 calls the kernel of a DepthwiseConv2D."""


def modules_of(infos: Mapping[str, TensorInfo]) -> list[Module]:
    """Put the tensors of a file to their modules, in the file's order."""
    found: dict[str, Module] = {}
    for name, info in infos.items():
        module, _, suffix = name.rpartition("." if "." in name or "/" not in name else "/")
        module, suffix = info.settings.get("module", module), info.settings.get("member", suffix)
        kind = info.settings.get("class", "").rpartition("/")[2]
        found.setdefault(module, Module(module, kind, {})).members.setdefault(suffix, info)
    return list(found.values())


@dataclass
class Pairing:
    """What belongs to what.

    Attributes:
        modules: Layer -> module of the file, and what decided it.
        arrays: 'layer/array' -> tensor of the file.
        notes: For the report.
    """

    infos: Mapping[str, TensorInfo]
    modules: dict[str, tuple[Module, str]] = field(default_factory=dict)
    arrays: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def source(self, target: Target, name: str) -> tuple[TensorInfo | None, str, str]:
        """Return the tensor that an array should come from, what decided it, and what it is called."""
        if (own := self.arrays.get(f"{target.path}/{name}")) is not None:
            return self.infos.get(own), "table", own
        if target.path not in self.modules:
            return None, "", ""
        module, by = self.modules[target.path]
        return module.member(target, name), by, f"{module.name}.{target.rules[name][0]}".lstrip(".")


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
    modules, pairing = modules_of(infos), Pairing(infos)
    if mapping is not None:
        _by_table(targets, modules, mapping, pairing)
        return pairing
    known = _by_plain_name([module for module in modules if not module.is_automatic])
    for target in targets:
        module = None if target.is_automatic else known.get(_plain(target.path))
        if module is not None:
            pairing.modules[target.path] = (module, "name")
    taken = {module.name for module, _ in pairing.modules.values()}
    left = [target for target in targets if target.path not in pairing.modules]
    over = [module for module in modules if module.name not in taken]
    nameless = all(target.is_automatic for target in left) or all(module.is_automatic for module in over)
    if left and over and (not pairing.modules or nameless):
        _by_order(left, over, pairing, partly)
    return pairing


def _by_table(targets: Sequence[Target], modules: Sequence[Module], mapping: Mapped, pairing: Pairing) -> None:
    paths, there = [target.path for target in targets], {module.name: module for module in modules}
    table = {path: mapping(path) for path in paths} if callable(mapping) else mapping
    arrays = {f"{target.path}/{name}" for target in targets for name in target.rules}
    for key, value in table.items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidInput(f"mapping: {key!r}: expected a name in the file, got {value!r}")
        if key in paths:
            pairing.modules[key] = (there.get(value, Module(value, "", {})), "table")
        elif key in arrays:
            pairing.arrays[key] = value
        else:
            raise unknown_name("layer in the mapping", key, [*paths, *sorted(arrays)])


def _plain(name: str) -> str:
    return name.replace("/", "_").replace(".", "_")


def _by_plain_name(modules: Sequence[Module]) -> dict[str, Module]:
    """Return the modules by names without dots; two that become one are left out."""
    found: dict[str, list[Module]] = {}
    for module in modules:
        found.setdefault(_plain(module.name), []).append(module)
    return {plain: alike[0] for plain, alike in found.items() if len(alike) == 1}


def _by_order(targets: Sequence[Target], modules: Sequence[Module], pairing: Pairing, partly: bool) -> None:
    """Match layers and modules in their order, if all of them fit, or (`partly`) as far as they fit.

    Where the file says the classes, it may not say the order of different ones: then each class is matched for itself.
    """
    if all(module.kind for module in modules):
        first = {target.kind: k for k, target in reversed(list(enumerate(targets)))}
        targets = sorted(targets, key=lambda target: first[target.kind])
        modules = sorted(modules, key=lambda module: first.get(module.kind, len(targets)))
    pairs = list(zip(targets, modules, strict=False))
    fitting = 0
    while fitting < len(pairs) and pairs[fitting][1].fits(pairs[fitting][0]):
        fitting += 1
    if fitting < max(len(targets), len(modules)) and not (partly and fitting):
        pairing.notes.append(_why_not(targets, modules, fitting))
        return
    for target, module in pairs[:fitting]:
        pairing.modules[target.path] = (module, "order")
    pairing.notes.append(
        f"{fitting} layers were matched by the order of the layers here and of those in the file, which also fit in "
        f"shape{_alike(targets[:fitting])}; a mapping by names is sure"
    )


def _alike(targets: Sequence[Target]) -> str:
    """Say which layers have the same shapes, so that only the order tells them apart."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for target in targets:
        groups.setdefault((target.kind, *(target.shape(name) for name in target.rules)), []).append(target.path)
    same = [path for paths in groups.values() if len(paths) > 1 for path in paths]
    return f". The order alone tells {len(same)} of them apart, whose shapes are alike: {shown(same)}" if same else ""


def _why_not(targets: Sequence[Target], modules: Sequence[Module], fitting: int) -> str:
    text = f"the names differ, and the order does not help: {len(targets)} layers here, {len(modules)} in the file"
    if fitting < min(len(targets), len(modules)):
        target, module = targets[fitting], modules[fitting]
        ours = ", ".join(
            f"{suffix} {shape_text(rule.sources(target.shape(name))[0])}"
            for name, (suffix, rule) in target.rules.items()
        )
        theirs = ", ".join(f"{suffix} {shape_text(info.shape)}" for suffix, info in module.members.items())
        text += (
            f"; number {fitting + 1} is {target.path} ({ours}) here and {module.name or 'nameless'} ({theirs}) there"
        )
    return f"{text}; give a mapping"
