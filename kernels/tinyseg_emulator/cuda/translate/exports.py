"""What is added to a kernel file: the functions by which Python finds and calls its kernels, and reads its variables.

One function of each kind for each kernel, variable, type and value, numbered, and `tinyseg_table`, a text with a line
for each of them:

    kernel    name for people, number of its definition, name in the source, names and types of its parameters
    define    name for people of a definition, 1 for a template
    instance  which kernel (by its number) a launch in a comment is
    type      which description (by its number) is that of a type in a comment
    variable  name, memory, type as written, number of the description of its fields or -1
    shared    name, type as written, function, 1 when it is dynamic
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinyseg_kernels.errors import InvalidInput

from .kernels import Kernel, text_of
from .requests import INSTANCE, TYPE, VALUE, Expanded, escaped
from .shared import SharedArray
from .tokens import Token, closing, split, tokenize
from .variables import Field, Variable, written_type

SEPARATOR = "\x1f"
"""Between names of a list in the table; a type may contain commas."""


# Macros have been replaced already.
_EXPORT = 'extern "C" __attribute__((visibility("default"), used))'
_UNCHECKED = '__attribute__((no_sanitize("thread"), no_sanitize("undefined")))'


class CompileError(InvalidInput):
    """A kernel file that the compiler rejects; the text is the compiler's."""


@dataclass(frozen=True)
class Place:
    """Where the lines of a text come from: for the error messages of what is added."""

    file: str
    line: int

    @property
    def marker(self) -> str:
        """The line that tells the compiler."""
        return f'# {self.line} "{escaped(self.file)}"\n'


def literal(text: str) -> str:
    """Return a C string."""
    return (
        '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode()) + '"'
    )


class Exports:
    """Collects the functions; `text()` is what is added to the file."""

    def __init__(self, definitions: Sequence[Kernel], structures: Mapping[str, list[Field]]) -> None:
        self._definitions, self._structures = definitions, structures
        self._parts: list[str] = []
        self._table: list[str] = []
        self._kernels: dict[str, int] = {}
        self._count = self._types = self._variables = 0
        names = Counter(kernel.qualified for kernel in definitions)
        for number, kernel in enumerate(definitions):
            overloaded = names[kernel.qualified] > 1
            types = ", ".join(parameter.type for parameter in kernel.parameters)
            name = f"{kernel.display}({types})" if overloaded else kernel.display
            parameters = SEPARATOR.join(parameter.name for parameter in kernel.parameters)
            self._row("define", name, str(int(kernel.template is not None)), kernel.name, parameters)
            if kernel.template is None:
                address = f"static_cast<void (*)({types})>({kernel.qualified})" if overloaded else kernel.qualified
                self._kernel(name, number, address, bounds=kernel.bounds)

    def _row(self, *cells: str) -> None:
        self._table.append("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in cells))

    def _kernel(self, name: str, definition: int, address: str, *, bounds: str, place: Place | None = None) -> int:
        """Export a kernel by an expression for its address."""
        known = self._kernels.get(address)
        if known is not None:
            return known
        k = self._kernels[address] = self._begin_kernel(name, definition, place)
        using = self._using(definition)
        self._parts.append(
            f"{_EXPORT} void tinyseg_run_{k}(void **tinyseg_arguments) {{ {using}emulator::run({address}, "
            f"tinyseg_arguments); }} {_EXPORT} void tinyseg_signature_{k}(char *tinyseg_out) {{ {using}"
            f"emulator::signature({address}, tinyseg_out); }} {_EXPORT} void *tinyseg_address_{k}() {{ {using}"
            f"return emulator::address({address}); }}\n"
        )
        self._promises(k, definition, bounds)
        return k

    def _begin_kernel(self, name: str, definition: int, place: Place | None) -> int:
        k, self._count = self._count, self._count + 1
        kernel = self._definitions[definition]
        self._row(
            "kernel",
            name,
            str(definition),
            kernel.name,
            SEPARATOR.join(parameter.name for parameter in kernel.parameters),
            SEPARATOR.join(parameter.type for parameter in kernel.parameters),
        )
        self._parts.append((place or Place("emulator", 1)).marker)
        return k

    def _using(self, definition: int) -> str:
        """Let names of a kernel's namespace be found."""
        around = self._definitions[definition].qualified.rpartition("::")[0]
        return f"using namespace {around}; " if around else ""

    def _using_all(self) -> str:
        """Let names of every namespace that has kernels be found."""
        around = dict.fromkeys(kernel.qualified.rpartition("::")[0] for kernel in self._definitions)
        return "".join(f"using namespace {name}; " for name in around if name)

    def _promises(self, k: int, definition: int, bounds: str) -> None:
        kernel, using = self._definitions[definition], self._using(definition)
        cluster = kernel.cluster if kernel.template is None else ""
        self._parts.append(
            f"{_EXPORT} int tinyseg_bounds_{k}() {{ {using}return int({bounds or 1024}); }} "
            f"{_EXPORT} void tinyseg_cluster_{k}(unsigned *tinyseg_out) {{ {using}const unsigned tinyseg_size[3] = "
            f"{{{cluster or 1}}}; for (int i = 0; i < 3; i++) "
            "tinyseg_out[i] = tinyseg_size[i] ? tinyseg_size[i] : 1; }"
            "\n"
        )

    def add_instance(self, name: Sequence[Token], types: Sequence[str], place: Place) -> None:
        """Export a kernel as a launch names it: by its address where that is plain, else by a call.

        A call lets C++ find the template's arguments and choose between functions of one name, by the types that the
        launch gives its arguments, and add default values.
        """
        candidates, arguments = self._candidates(name, place)
        given = len(split(arguments)) if arguments is not None else 0
        first = candidates[0]
        kernel = self._definitions[first]
        suffix = "" if arguments is None else f"<{text_of(arguments)}>"
        written = kernel.qualified + ("" if arguments is None else f"<{text_of(arguments)} >")
        wanted = kernel.required_template_arguments
        self._check_count(candidates, len(types), place)
        explicit = kernel.template is None or (wanted is not None and given >= wanted and arguments is not None)
        if len(candidates) == 1 and explicit and len(types) >= len(kernel.parameters):
            bounds = kernel.bounds if kernel.template is None else self._template_bounds(kernel, arguments or ())
            number = self._kernel(kernel.display + suffix, first, written, bounds=bounds, place=place)
        else:
            number = self._call(candidates, kernel.display + suffix, written, types, place)
        self._row("instance", str(number))

    def _check_count(self, candidates: Sequence[int], given: int, place: Place) -> None:
        """Refuse a launch with too few or too many arguments."""
        for k in candidates:
            parameters = self._definitions[k].parameters
            pack = any("..." in parameter.type for parameter in parameters)
            if pack or sum(not parameter.has_default for parameter in parameters) <= given <= len(parameters):
                return
        kernel = self._definitions[candidates[0]]
        wanted = ", ".join(f"{parameter.type} {parameter.name}".strip() for parameter in kernel.parameters) or "none"
        raise CompileError(
            f"{place.file}:{place.line}: kernel {kernel.display!r}: expected {len(kernel.parameters)} arguments "
            f"({wanted}), got {given}"
        )

    def add_own_instance(self, name: str) -> None:
        """Export an instance that the file itself asks for."""
        tokens = tokenize(name)
        if any(token.text == "<" for token in tokens):
            candidates, arguments = self._candidates(tokens, Place("emulator", 1))
            kernel = self._definitions[candidates[0]]
            if len(candidates) == 1 and arguments is not None and kernel.required_template_arguments is not None:
                suffix = text_of(arguments)
                if len(split(arguments)) >= kernel.required_template_arguments:
                    written = f"{kernel.qualified}<{suffix} >"
                    self._kernel(f"{kernel.display}<{suffix}>", candidates[0], written, bounds="")

    def _candidates(self, name: Sequence[Token], place: Place) -> tuple[list[int], Sequence[Token] | None]:
        opening = next((i for i, token in enumerate(name) if token.text == "<"), len(name))
        path = "::" + text_of(name[:opening]).replace(" ", "").removeprefix("::")
        arguments = name[opening + 1 : closing(name, opening)] if opening < len(name) else None
        exact = [k for k, kernel in enumerate(self._definitions) if kernel.qualified == path]
        found = exact or [k for k, kernel in enumerate(self._definitions) if kernel.qualified.endswith(path)]
        if len({self._definitions[k].qualified for k in found}) > 1:
            known = ", ".join(sorted({self._definitions[k].display for k in found}))
            raise CompileError(f"{place.file}:{place.line}: {path[2:]!r} may be any of: {known}; name its namespace")
        if not found:
            known = ", ".join(sorted({kernel.display for kernel in self._definitions})) or "none"
            raise CompileError(
                f"{place.file}:{place.line}: expected a kernel of the file (known: {known}), got {path[2:]!r}"
            )
        templates = [k for k in found if self._definitions[k].template is not None]
        if arguments is not None and not templates:
            raise CompileError(f"{place.file}:{place.line}: {path[2:]!r} is no template, so it takes no <...>")
        return (templates if arguments is not None else found), arguments

    def _template_bounds(self, kernel: Kernel, arguments: Sequence[Token]) -> str:
        if not kernel.bounds:
            return ""
        function = f"tinyseg_promise_{self._count}"
        header = ", ".join(kernel.template or ())
        around = kernel.qualified.rpartition("::")[0].removeprefix("::")
        opened = f"namespace {around} {{ " if around else ""  # the names in the header are those of the namespace
        self._parts.append(
            f"{opened}template <{header}> constexpr int {function}() {{ return int({kernel.bounds}); }}"
            f"{' }' if around else ''}\n"
        )
        return f"::{around}{'::' if around else ''}{function}<{text_of(arguments)} >()"

    def _call(self, candidates: Sequence[int], name: str, written: str, types: Sequence[str], place: Place) -> int:
        fitting = [k for k in candidates if len(self._definitions[k].parameters) >= len(types)] or list(candidates)
        definition = fitting[0]
        parameters = self._definitions[definition].parameters
        if "auto" in types:
            raise CompileError(
                f"{place.file}:{place.line}: {name} is a template, or there are several of the name: each argument "
                "needs its type, as in  float x[128], int n = 3"
            )
        kinds = list(types)
        if len(fitting) == 1:
            for i, kind in enumerate(kinds):
                if parameters[i].to_const and kind.endswith("*") and "const" not in kind:
                    kinds[i] = f"const {kind}"
        k = self._begin_kernel(name, definition, place)
        using = self._using(definition)
        aliases = "".join(f"using tinyseg_{i} = {kind}; " for i, kind in enumerate(kinds))
        values = ", ".join(f"*static_cast<tinyseg_{i} *>(tinyseg_arguments[{i}])" for i in range(len(kinds)))
        all_types = ", ".join(f"tinyseg_{i}" for i in range(len(kinds)))
        self._parts.append(
            f"{_EXPORT} {_UNCHECKED} void tinyseg_run_{k}(void **tinyseg_arguments) {{ {using}{aliases}"
            f"{written}({values}); }} {_EXPORT} void tinyseg_signature_{k}(char *tinyseg_out) {{ {using}{aliases}"
            f"emulator::signature(static_cast<void (*)({all_types})>(nullptr), tinyseg_out); }} "
            f"{_EXPORT} void *tinyseg_address_{k}() {{ return nullptr; }}\n"
        )
        self._promises(k, definition, "" if self._definitions[definition].template else "1024")
        return k

    def add_type(self, tokens: Sequence[Token], place: Place) -> None:
        """Describe a type: its size, and the fields of a structure with their places."""
        self._row("type", str(self._describe(text_of(tokens), text_of(tokens), place)))

    def _describe(self, written: str, spelled: str, place: Place) -> int:
        """Export a type by an expression for it; by its spelling its fields are found."""
        k, self._types = self._types, self._types + 1
        tokens = tokenize(spelled)
        word = written_type(tokens)
        if not word:
            raise CompileError(f"{place.file}:{place.line}: expected a type")
        opening = next((i for i, token in enumerate(tokens) if token.text == "<"), len(tokens))
        inside = tokens[opening + 1 : closing(tokens, opening)] if opening < len(tokens) else []
        arguments = [text_of(part) for part in split(inside)]
        head, lines = len(self._parts), []
        for field in self._structures.get(word, []):
            kind, nested = field.type_in(arguments), -1
            inner = written_type(tokenize(kind))
            if self._structures.get(inner) and inner != word:
                object_type = f"std::remove_all_extents_t<decltype(std::declval<{written} &>().{field.name})>"
                nested = self._describe(f"std::remove_reference_t<{object_type}>", kind, place)
            lines.append(
                f"tinyseg_out = emulator::describe_field<decltype(tinyseg_type::{field.name})>(tinyseg_out, "
                f"{literal(field.name)}, __builtin_offsetof(tinyseg_type, {field.name}), {literal(kind)}, {nested}); "
            )
        self._parts.insert(
            head,
            f"{place.marker}{_EXPORT} void tinyseg_type_{k}(char *tinyseg_out) {{ {self._using_all()}"
            "using tinyseg_type = "
            f"std::remove_cv_t<{written}>; tinyseg_out = emulator::describe_object<tinyseg_type>(tinyseg_out); "
            f"{''.join(lines)}}}\n",
        )
        return k

    def add_value(self, number: int, text: str, place: Place) -> None:
        """Export the value of an expression."""
        self._parts.append(
            f"{place.marker}{_EXPORT} void tinyseg_value_{number}(char *tinyseg_out) {{ {self._using_all()}"
            f"emulator::tell(({text}), tinyseg_out); }}\n"
        )

    def add_variables(self, variables: Sequence[Variable]) -> None:
        """Export the addresses of the file's variables."""
        for k, variable in enumerate(variables):
            word = written_type(tokenize(variable.type))
            nested = -1
            if self._structures.get(word):
                written = f"std::remove_all_extents_t<decltype({variable.qualified})>"
                nested = self._describe(written, variable.type, Place("emulator", 1))
            self._row("variable", variable.qualified.removeprefix("::"), variable.memory, variable.type, str(nested))
            self._parts.append(
                f"{Place('emulator', 1).marker}{_EXPORT} const volatile void *tinyseg_variable_{k}(char *tinyseg_out) "
                f"{{ emulator::describe_object<decltype({variable.qualified})>(tinyseg_out); "
                f"return &{variable.qualified}; }}\n"
            )

    def add_shared(self, arrays: Sequence[SharedArray]) -> None:
        """Keep the names and types of shared arrays."""
        for array in arrays:
            self._row("shared", array.name, array.type, array.function, str(int(array.dynamic)))

    def add_requests(self, requests: Sequence[Expanded], places: Sequence[Place]) -> None:
        """Answer what the comments ask for."""
        values = 0
        for request, place in zip(requests, places, strict=True):
            if request.word == INSTANCE:
                self.add_instance(request.parts[0], [text_of(part) for part in request.parts[1:]], place)
            elif request.word == TYPE:
                self.add_type(request.parts[0] if request.parts else (), place)
            elif request.word == VALUE:
                self.add_value(values, request.text(0), place)
                values += 1

    def text(self) -> str:
        """Return what is added to the file."""
        table = literal("\n".join(self._table))
        return "".join(
            [
                "\n",
                *self._parts,
                Place("emulator", 1).marker,
                f"{_EXPORT} char *tinyseg_anchor() {{ return &emulator::anchor; }}\n",
                f"{_EXPORT} const char *tinyseg_table() {{ return {table}; }}\n",
            ]
        )
