"""Kernels that compute with Numba's types.

    inference.py        the types, from Numba's own compiler
    source.py           a function's syntax tree, and code whose instructions lead back to it
    rewrite.py          the function again, with every conversion and wrap that the types ask for; expressions.py and
                        coercion.py are its parts
    specialise.py       the same for a launch's arguments, kept for the next launch
    kinds.py            the types of numbers, and how their values are held
    conversions.py      from one to another, as a GPU does it
    operations.py       what rewritten code calls

Numba is imported by `inference.py` alone, and only when a kernel is launched.
"""
