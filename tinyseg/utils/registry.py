"""Names for the classes that can be given by name: 'adam', 'mse', 'he_normal' ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.utils.absent import absent_from
from tinyseg.utils.naming import snake_case

T = TypeVar("T")


class Registry(Generic[T]):
    """Finds a class by its name in CamelCase or snake_case, or by an alias, and makes objects from saved configurations."""

    def __init__(
        self, kind: str, base: type[T], classes: list[type[T]], aliases: Mapping[str, str] | None = None
    ) -> None:
        """Register classes; aliases map further names to class names."""
        self.kind, self.base = kind, base
        self.classes = {cls.__name__: cls for cls in classes}
        self.names = {snake_case(name): name for name in self.classes}
        self.names |= {name.lower(): name for name in self.classes} | dict(aliases or {})

    def get(self, identifier: Any) -> T:
        """Return an object for an object (itself), a class, a name, or a configuration {'class_name', 'config'}.

        Raises:
            InvalidInput: An unknown name (with the nearest known one), or something else altogether.
        """
        if isinstance(identifier, self.base):
            return identifier
        if isinstance(identifier, type) and issubclass(identifier, self.base):
            return self._make(identifier, {})
        if getattr(identifier, "__module__", None) == "tinyseg.losses.functions":  # one of Keras's losses as a function
            identifier = identifier.__name__
        if isinstance(identifier, str):
            return self._make(self._find(identifier), {})
        if isinstance(identifier, Mapping) and "class_name" in identifier:
            return self._make(self._find(str(identifier["class_name"])), identifier.get("config", {}))
        raise InvalidInput(f"{self.kind}: expected a name or an object of tinyseg's, got {identifier!r}")

    def _make(self, cls: type[T], config: Mapping[str, Any]) -> T:
        try:
            return cls(**config)
        except (TypeError, InvalidInput) as error:  # such as an argument that a name alone cannot give
            raise InvalidInput(f"{self.kind} {cls.__name__!r}: {error}; give an object instead of a name") from None

    def _find(self, name: str) -> type[T]:
        if name in self.classes:
            return self.classes[name]
        key = name.lower()
        if key not in self.names:
            told = absent_from(self.kind, name)
            if told is not None:
                raise InvalidInput(f"{self.kind} {name!r}: {told}")
            raise unknown_name(self.kind, name, self.classes, self.names)
        return self.classes[self.names[key]]

    def serialize(self, thing: Any) -> dict[str, Any]:
        """Return {'class_name', 'config'} with JSON types only."""
        return {"class_name": type(thing).__name__, "config": thing.get_config()}
