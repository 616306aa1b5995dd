"""What the table in a compiled kernel file says (`translate/exports.py`): its kernels, variables and shared arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

from .translate.exports import SEPARATOR


@dataclass(frozen=True)
class KernelRow:
    """A kernel that can be launched: an instance, if it is a template."""

    name: str
    definition: int
    plain_name: str
    parameters: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True)
class VariableRow:
    """A variable of the file in device memory; `nested` is the number of the description of its fields, or -1."""

    name: str
    memory: str
    type: str
    nested: int


@dataclass(frozen=True)
class SharedRow:
    """A shared array as the source declares it, and the function around it."""

    name: str
    type: str
    function: str
    dynamic: bool


@dataclass
class SourceTable:
    """The table.

    `definitions` holds the name of each kernel that is defined, and whether it is a template; `parameters` its plain
    name and the names of its parameters.
    """

    kernels: list[KernelRow] = field(default_factory=list)
    definitions: list[tuple[str, bool]] = field(default_factory=list)
    parameters: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    instances: list[int] = field(default_factory=list)
    types: list[int] = field(default_factory=list)
    variables: list[VariableRow] = field(default_factory=list)
    shared: list[SharedRow] = field(default_factory=list)

    @classmethod
    def read(cls, text: str) -> SourceTable:
        """Read the text of `tinyseg_table`."""
        table = cls()
        for line in text.splitlines():
            kind, *cells = line.split("\t")
            if kind == "kernel":
                name, definition, plain, parameters, types = cells
                table.kernels.append(KernelRow(name, int(definition), plain, _parts(parameters), _parts(types)))
            elif kind == "define":
                table.definitions.append((cells[0], cells[1] == "1"))
                table.parameters.append((cells[2], _parts(cells[3])))
            elif kind == "instance":
                table.instances.append(int(cells[0]))
            elif kind == "type":
                table.types.append(int(cells[0]))
            elif kind == "variable":
                table.variables.append(VariableRow(cells[0], cells[1], cells[2], int(cells[3])))
            elif kind == "shared":
                table.shared.append(SharedRow(cells[0], cells[1], cells[2], cells[3] == "1"))
        return table

    def parameter_names(self, kernel: str, count: int) -> list[str]:
        """Return the names of the parameters of a kernel; 'argument 1' and so on where they are not known."""
        found = (names for name, names in self.parameters if name == kernel and len(names) == count)
        return [name or f"argument {k + 1}" for k, name in enumerate(next(found, ("",) * count))]

    def shared_array(self, name: str, function: str) -> SharedRow | None:
        """Return what is known of a static shared array; of several of one name that of the function."""
        found = [row for row in self.shared if row.name == name and not row.dynamic]
        return next((row for row in found if row.function == function), found[0] if found else None)

    def dynamic_array(self, function: str) -> SharedRow | None:
        """Return the array of dynamic shared memory that a kernel means; None when there may be several."""
        found = [row for row in self.shared if row.dynamic]
        own = [row for row in found if row.function == function]
        names = {row.name for row in own or found}
        return (own or found)[0] if len(names) == 1 else None


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(SEPARATOR)) if cell else ()
