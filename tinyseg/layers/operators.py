"""What Python's operators and the functions of other libraries do on a symbolic tensor: a + b is the layer Add.

For all others an error names the layer to use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from tinyseg_kernels.errors import InvalidInput


class NoValues(InvalidInput, TypeError):
    """Something that needs numbers was asked of a symbolic tensor, which has none.

    A TypeError, as Python's protocols expect.
    """


_OWN = "write a layer of your own (tinyseg.layers.Layer: forward and backward), or compute it on the arrays before fit"
_SCALE = "use Rescaling(factor)(a) for a number, Multiply()([a, b]) for tensors"
_CURES = {
    "add": "for tensors use Add()([a, b]) or a + b",
    "concatenate": "use Concatenate()([a, b])", "concat": "use Concatenate()([a, b])", "hstack": "use Concatenate()([a, b])", "dstack": "use Concatenate()([a, b])",
    "reshape": "use Reshape(target_shape)(a)", "ravel": "use Flatten()(a)",
    "maximum": "use ReLU()(a) for max(a, 0), Maximum()([a, b]) for two tensors",
    "minimum": "use Minimum()([a, b])",
    "max": "use GlobalMaxPooling2D()(a) or MaxPooling2D()(a)",
    "amax": "use GlobalMaxPooling2D()(a) or MaxPooling2D()(a)",
    "mean": "use GlobalAveragePooling2D()(a) or AveragePooling2D()(a)", "average": "use GlobalAveragePooling2D()(a)",
    "pad": "use ZeroPadding2D()(a)", "tanh": "use Activation('tanh')(a)", "exp": f"use Activation('softmax')(a), or {_OWN}",
    "matmul": "use Dense(units)(a)", "multiply": _SCALE, "subtract": "use Subtract()([a, b])",
}  # fmt: skip


class Operators:
    """Base of `SymbolicTensor`: everything that Python or NumPy may try on it."""

    plus: ClassVar[Callable[[Any, Any], Any]]
    """How two of them are added; set where the layer Add is."""

    def _refuse(self, what: str, cure: str) -> NoReturn:
        raise NoValues(f"{what}: {self!r} has no values yet: use layers on it; {cure}")

    def __add__(self, other: object) -> Any:
        """Draw the layer Add."""
        if isinstance(other, Operators):
            return type(self).plus(self, other)
        if type(other) is int and other == 0:  # what Python's sum() begins with
            return self
        return self._refuse("a + b", f"{_CURES['add']}; to add a number or an array, {_OWN}")

    __radd__ = __add__

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NoReturn:
        """Refuse: NumPy cannot compute on something without values."""
        self._refuse("NumPy", "such as Add and Concatenate, not NumPy's functions")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: object) -> NoReturn:
        """Refuse, with the layer that does the same."""
        self._refuse(f"np.{ufunc.__name__}", _cure(ufunc.__name__))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> NoReturn:
        """Refuse, with the layer that does the same."""
        self._refuse(f"np.{function.__name__}", _cure(function.__name__))

    def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> NoReturn:
        """Refuse, to TensorFlow."""
        self._refuse("TensorFlow", "such as Add and Concatenate, not TensorFlow's functions")

    @classmethod
    def __torch_function__(cls, function: object, types: Any, args: object = (), kwargs: object = None) -> NoReturn:
        """Refuse, to PyTorch."""
        name = getattr(function, "__name__", "function")
        raise NoValues(f"torch.{name}: a symbolic tensor has no values yet: use layers on it; {_cure(name)}")

    def __getitem__(self, index: Any) -> NoReturn:
        """Refuse."""
        self._refuse(
            "a[...]",
            "use Cropping2D for rows and columns, Conv2D(filters, 1) to choose channels, strides or a pooling for every other pixel",
        )


def _cure(name: str) -> str:
    return _CURES.get(name, f"{_OWN}")


def _operator(sign: str, cure: str) -> Any:
    def refuse(self: Operators, *others: Any) -> NoReturn:
        self._refuse(sign, cure)

    refuse.__doc__ = f"Refuse {sign}."
    return refuse


_NO_TRUTH = (
    "Python's if and while run once, while the network is drawn; decide by the data's shape, or compute on arrays"
)
for _signs, _names, _text in (
    ("a - b", "sub rsub neg", _CURES["subtract"]),
    ("a * b", "mul rmul pos", _SCALE),
    ("a / b", "truediv rtruediv floordiv rfloordiv mod rmod", _SCALE),
    ("a ** b", "pow rpow", _OWN),
    ("a @ b", "matmul rmatmul", _CURES["matmul"]),
    ("abs(a)", "abs", _OWN),
    ("a comparison", "lt le gt ge", "compare the arrays that predict returns"),
    ("&, | or ~", "and rand or ror xor rxor invert", "compare the arrays that predict returns"),
    ("bool(a)", "bool", _NO_TRUTH),
    ("float(a)", "float int complex index", "numbers are there after predict"),
    ("len(a)", "len", "lengths are in a.shape, None where any is possible"),
    ("iteration over a", "iter", "a layer takes the whole batch"),
):
    for _name in _names.split():
        setattr(Operators, f"__{_name}__", _operator(_signs, _text))
