"""Pickles as data: a machine of its own for the opcodes, in which nothing can be called but a given list.

A pickle is a program for a stack machine, and Python's own machine imports what the program names and calls it. This
one imports nothing. A name stands for what a table says, and a name that is not in it ends the reading. The opcodes
that make numbers, texts, tuples, lists and dicts do what they do in Python; those that call something (REDUCE, NEWOBJ)
call a function of the table with the arguments, and nothing else; BUILD, which sets attributes in Python, takes a dict
for a dict and drops it. All other opcodes that make objects (INST, OBJ, EXT1, ...) are refused by name.

Keys of dicts are texts and numbers alone: to hash a deeply nested tuple overflows Python's stack.
Source: the opcodes as `pickletools`, which reads their arguments here, documents them.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from .window import Window

Value = object
"""What a pickle can hold here: None, numbers, texts, bytes, tuples, lists, dicts, and what the table makes."""


@dataclass(frozen=True)
class Name:
    """What a pickle may refer to.

    Attributes:
        name: With its module.
        make: What a call of it gives, from its arguments; None for what cannot be called, such as a dtype.
    """

    name: str
    make: Callable[..., Value] | None = None


CONSTANTS: Mapping[str, Value] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}

LITERALS = frozenset(
    (
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
        "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
        "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    )
)  # fmt: skip
"""Opcodes that push their argument as it is."""

Find = Callable[[str, str], Name]
Persistent = Callable[[Value], Value]


def load(window: Window, find: Find, persistent: Persistent) -> Value:
    """Return what the pickle at the window's place says, and leave the window behind it.

    Args:
        window: Where to read.
        find: Returns what a module's name stands for, or raises ValueError.
        persistent: Returns what the file keeps outside of the pickle.

    Raises:
        ValueError: Damaged, or something that is not allowed.
    """
    try:
        return _Machine(find, persistent).run(window)
    except (IndexError, KeyError, TypeError, UnicodeError, OverflowError, AttributeError) as error:
        raise ValueError(f"a damaged pickle ({type(error).__name__}: {error})") from error


class _Machine:
    def __init__(self, find: Find, persistent: Persistent) -> None:
        self.find, self.persistent = find, persistent
        self.stack: list[Value] = []
        self.marked: list[list[Value]] = []
        self.memo: dict[int, Value] = {}

    def run(self, window: Window) -> Value:
        for opcode, argument, _ in pickletools.genops(window):  # type: ignore[arg-type]  # read, readline, tell
            name = opcode.name
            if name in LITERALS:
                self.stack.append(argument)
            elif name == "STOP":
                break
            elif (do := _DO.get(name)) is not None:
                do(self, argument)
            elif name in ("PROTO", "FRAME"):
                continue
            elif name in CONSTANTS:
                self.stack.append(CONSTANTS[name])
            else:
                raise ValueError(f"the opcode {name} is refused: it could make anything")
        if len(self.stack) != 1 or self.marked:
            raise ValueError("a pickle that does not end with one value")
        return self.stack[0]

    def push(self, value: Value) -> None:
        """Put a value onto the stack, which may be another list since the value was made."""
        self.stack.append(value)

    def take(self, count: int) -> list[Value]:
        """Take the last values off the stack."""
        if len(self.stack) < count:
            raise ValueError("a pickle that takes more than it has put")
        taken = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return taken

    def take_marked(self) -> list[Value]:
        """Take all values since the last mark."""
        taken, self.stack = self.stack, self.marked.pop()
        return taken

    def tuple_of(self, count: int) -> None:
        self.stack.append(tuple(self.take(count)))

    def append(self, items: list[Value]) -> None:
        target = self.stack[-1]
        if type(target) is not list:
            raise ValueError("a pickle that appends to what is no list")
        target.extend(items)

    def set(self, items: list[Value]) -> None:
        _put(self.stack[-1], items)

    def name(self, module: Value, name: Value) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise ValueError("a name in a pickle that is no text")
        self.stack.append(self.find(module, name))

    def call(self) -> None:
        callee, arguments = self.take(2)
        if not isinstance(callee, Name) or callee.make is None:
            refuse_call(callee)
        if type(arguments) is not tuple:
            raise ValueError("a pickle that calls without arguments")
        self.push(callee.make(*arguments))

    def build(self) -> None:
        (state,) = self.take(1)
        target = self.stack[-1]
        if type(target) is not dict or type(state) is not dict:
            raise ValueError("BUILD: refused for what is no dict: it could set anything")


def refuse_call(callee: Value) -> NoReturn:
    """Say that something is called that may not be."""
    what = callee.name if isinstance(callee, Name) else type(callee).__name__
    raise ValueError(f"a call of {what} is refused")


def _put(target: Value, items: list[Value]) -> None:
    if type(target) is not dict or len(items) % 2:
        raise ValueError("a pickle that sets items of what is no dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str | int | float | bytes | None):
            raise ValueError(f"a key of a dict that is {type(key).__name__}")
        target[key] = value


def _mark(m: _Machine, _: Value) -> None:
    m.marked.append(m.stack)
    m.stack = []


def _pop(m: _Machine, _: Value) -> None:
    if m.stack:
        m.take(1)
    else:
        m.take_marked()


def _dict(m: _Machine, _: Value) -> None:
    made: dict[Value, Value] = {}
    _put(made, m.take_marked())
    m.stack.append(made)


def _remember(m: _Machine, place: object) -> None:
    if not isinstance(place, int):
        raise ValueError("a pickle that remembers under no number")
    m.memo[place] = m.stack[-1]


_DO: dict[str, Callable[[_Machine, object], None]] = {
    "MARK": _mark,
    "POP": _pop,
    "POP_MARK": lambda m, _: m.take_marked().clear(),
    "DUP": lambda m, _: m.push(m.stack[-1]),
    "EMPTY_TUPLE": lambda m, _: m.tuple_of(0),
    "TUPLE1": lambda m, _: m.tuple_of(1),
    "TUPLE2": lambda m, _: m.tuple_of(2),
    "TUPLE3": lambda m, _: m.tuple_of(3),
    "TUPLE": lambda m, _: m.push(tuple(m.take_marked())),
    "EMPTY_LIST": lambda m, _: m.push([]),
    "LIST": lambda m, _: m.push(m.take_marked()),
    "APPEND": lambda m, _: m.append(m.take(1)),
    "APPENDS": lambda m, _: m.append(m.take_marked()),
    "EMPTY_DICT": lambda m, _: m.push({}),
    "DICT": _dict,
    "SETITEM": lambda m, _: m.set(m.take(2)),
    "SETITEMS": lambda m, _: m.set(m.take_marked()),
    "PUT": _remember,
    "BINPUT": _remember,
    "LONG_BINPUT": _remember,
    "MEMOIZE": lambda m, _: _remember(m, len(m.memo)),
    "GET": lambda m, place: m.push(m.memo[place]),  # type: ignore[index]
    "BINGET": lambda m, place: m.push(m.memo[place]),  # type: ignore[index]
    "LONG_BINGET": lambda m, place: m.push(m.memo[place]),  # type: ignore[index]
    "GLOBAL": lambda m, both: m.name(*str(both).split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.name(*m.take(2)),
    "REDUCE": lambda m, _: m.call(),
    "NEWOBJ": lambda m, _: m.call(),
    "BUILD": lambda m, _: m.build(),
    "BINPERSID": lambda m, _: m.push(m.persistent(m.take(1)[0])),
}
"""What the opcodes do beside pushing a literal or a constant."""
