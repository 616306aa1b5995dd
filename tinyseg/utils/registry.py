"""Names for the classes that can be given by name: 'adam', 'mse', 'he_normal' ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.utils.absent import absent_from
from tinyseg.utils.custom_objects import checked_config, find_custom, is_brought, missing, saved_name
from tinyseg.utils.naming import snake_case
from tinyseg.utils.types import JsonObject

T = TypeVar("T")


class Registry(Generic[T]):
    """Finds a class by its name or an alias, and makes objects from saved configurations.

    Names may be in CamelCase or snake_case.
    """

    def __init__(
        self,
        kind: str,
        base: type[T],
        classes: list[type[T]],
        aliases: Mapping[str, str] | None = None,
        of_function: Callable[[Any], T] | None = None,
    ) -> None:
        """Register classes; aliases map further names to class names; `of_function` wraps a plain function."""
        self.kind, self.base, self.of_function = kind, base, of_function
        self.classes = {cls.__name__: cls for cls in classes}
        self.names = {snake_case(name): name for name in self.classes}
        self.names |= {name.lower(): name for name in self.classes} | dict(aliases or {})

    def add(self, cls: type[T]) -> None:
        """Register one more class, which itself needs this registry."""
        self.classes[cls.__name__] = cls
        self.names |= {snake_case(cls.__name__): cls.__name__, cls.__name__.lower(): cls.__name__}

    def get(self, identifier: Any) -> T:
        """Return an object for an object, a class, a name, a function, or a configuration.

        A configuration is {'class_name', 'config'} or {'function'}.

        Raises:
            InvalidInput: An unknown name (with the nearest known one), or something else altogether.

        Example:
            >>> from tinyseg import losses, optimizers
            >>> losses.get("mse").__class__.__name__
            'MeanSquaredError'
            >>> optimizers.get("adam").learning_rate
            0.001
        """
        if isinstance(identifier, self.base):
            return identifier
        if isinstance(identifier, type) and issubclass(identifier, self.base):
            return self._make(identifier, {})
        if getattr(identifier, "__module__", None) == "tinyseg.losses.functions" and identifier.__name__ in self.names:
            identifier = identifier.__name__  # one of Keras's losses as a function
        if isinstance(identifier, str):
            return self._named(identifier)
        if isinstance(identifier, Mapping) and "class_name" in identifier:
            name, config = str(identifier["class_name"]), identifier.get("config", {})
            return self._make(self._own(name) if identifier.get("own") else self._find(name), config)
        if isinstance(identifier, Mapping) and "function" in identifier:
            return self.get(self._own(str(identifier["function"])))
        if self.of_function is not None and callable(identifier) and not isinstance(identifier, type):
            return self.of_function(identifier)
        functions = "" if self.of_function is None else ", or a function"
        raise InvalidInput(f"{self.kind}: expected a name or an object of tinyseg's{functions}, got {identifier!r}")

    def _named(self, name: str) -> T:
        """Return the object for a name: tinyseg's, or one of somebody's own that is registered or in scope."""
        if name not in self.classes and name.lower() not in self.names:
            custom = find_custom(name)
            if custom is not None:
                return self.get(custom)
        return self._make(self._find(name), {})

    def _make(self, cls: type[T], config: Mapping[str, Any]) -> T:
        if not (isinstance(cls, type) and issubclass(cls, self.base)):
            raise InvalidInput(f"{self.kind}: expected a class of {self.base.__name__}, got {cls!r}")
        try:
            from_config = getattr(cls, "from_config", None)
            return cls(**config) if from_config is None else from_config(dict(config))
        except (TypeError, InvalidInput) as error:  # such as an argument that a name alone cannot give
            raise InvalidInput(f"{self.kind} {cls.__name__!r}: {error}; give an object instead of a name") from None

    def _own(self, name: str) -> Any:
        found = find_custom(name)
        if found is None:
            raise missing(self.kind, name)
        return found

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

    def serialize(self, thing: Any) -> JsonObject:
        """Return {'class_name', 'config'}, or {'function'} for what was made of a function, with JSON types only.

        Example:
            >>> from tinyseg import initializers
            >>> initializers.serialize(initializers.Constant(2.0))
            {'class_name': 'Constant', 'config': {'value': 2.0}}
        """
        function = getattr(thing, "function", None)
        if function is not None:
            return {"function": saved_name(function)}
        cls = type(thing)
        if not is_brought(cls):
            return {"class_name": cls.__name__, "config": thing.get_config()}
        config = checked_config(f"{self.kind} {cls.__name__!r}", thing)
        return {"class_name": saved_name(cls), "config": config, "own": True}
