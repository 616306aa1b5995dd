"""Kernels that compute with Numba's types.

    inference.py        the types that Numba's own compiler infers for a function
    front_end.py        that compiler, as far as it needs no GPU
    inferred.py         reads the types of each node out of what it knows
    source.py           a function's syntax tree, and code whose instructions lead back to it
    rewrite.py          the function again, with every conversion and wrap that the types ask for; expressions.py and
                        coercion.py are its parts
    specialise.py       the same for a launch's arguments, kept for the next launch
    kinds.py            the types of numbers, and how their values are held
    conversions.py      from one to another, as a GPU does it
    operations.py       what rewritten code calls

Numba is imported by `front_end.py` alone, and only when a kernel is launched.
"""
