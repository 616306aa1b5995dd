"""Options of wrong kinds for every public function of the arithmetic: each is refused in words, or obeyed."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation

from .kernel_calls import RECIPES, Call, Draw, public_functions

WRONG: dict[str, Any] = {
    "None": None,
    "a word": "x",
    "a number as a word": "1",
    "a list": [1],
    "a list of words": ["a", "b"],
    "nothing in a tuple": (),
    "a mapping": {"a": 1},
    "an object": object(),
    "a class": int,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "a complex number": 1 + 2j,
    "True": True,
    "a half": 0.5,
    "below zero": -3,
    "a huge integer": 1 << 70,
    "more than a float holds": 10**400,
    "an array": np.array([0.5, 0.25]),
    "an array of words": np.array(["a"]),
}

ANY_NUMBER, SHARE, SIZE = {"a half", "below zero", "a huge integer"}, {"a half"}, {"a half", "a huge integer"}
FLAGS = ("relu", "need_dx", "keepdims", "from_logits", "overwrite_dy", "nesterov")
OBEYED: dict[str, set[str]] = {
    **{name: {"True"} for name in FLAGS},
    **{name: {"below zero", "a huge integer", "more than a float holds"} for name in ("seed", "step")},
    **dict.fromkeys(("negative_slope", "momentum", "preparation.decay"), ANY_NUMBER),
    **dict.fromkeys(("beta_1", "beta_2", "rho"), SHARE),
    **dict.fromkeys(("epsilon", "divisor"), SIZE),
    **{name: {"None", *SIZE} for name in ("clipnorm", "global_clipnorm", "preparation.clipvalue")},
    **{name: {"None"} for name in ("strides", "dtype", "preparation.scales")},
    "ignore_class": {"None", "below zero"},
    "output_padding": {"None"},
    **dict.fromkeys(("missed", "extra"), SIZE),
    "rate": ANY_NUMBER,
    "dropout_forward rate": SHARE,
    "dvalue": {*ANY_NUMBER, "NaN", "infinity", "more than a float holds"},
    "classes": {"a huge integer", "more than a float holds"},
}
"""What each option takes of these; the others take none. A gradient may be anything that is a number."""
CONVOLUTIONS = ("conv2d_forward", "conv2d_transpose_forward", "depthwise_conv2d_forward")


def calls(name: str) -> Iterator[tuple[str, Call]]:
    """Yield a right call of each function of a recipe, as (function, call)."""
    d = Draw(np.random.default_rng(3))
    d.dtype = np.dtype("float32")
    call = next(c for c in (RECIPES[name](d) for _ in range(99)) if _has_numbers(c))
    yield call.name, call
    if call.backward is not None:
        yield call.backward, call


def _has_numbers(call: Call) -> bool:
    given = [a for arg in call.args for a in (arg if isinstance(arg, list) else [arg]) if isinstance(a, np.ndarray)]
    return bool(given) and all(array.size for array in given)


def options_of(function: str) -> list[str]:
    """Return the names of what is an option of a function: not an array, and not a cache."""
    parameters = inspect.signature(public_functions()[function]).parameters.values()
    named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "weight"]
    more = {"weighted_sum_backward": ["dvalue"], "check_class_ids": ["classes"]}.get(function, [])
    parts = [f"preparation.{part}" for part in Preparation._fields] if function.endswith("_update") else []
    return [*named, *more, *parts, *(["preparation"] if parts else [])]


def attempt(function: str, call: Call, option: str, value: Any) -> str:
    """Call a function with one option of a wrong kind.

    Return 'obeyed', the words of a refusal, or '!' and what came instead.
    """
    args, options = copy.deepcopy(call.args), dict(call.options)
    functions = public_functions()
    try:
        if function == call.name:
            if option.startswith("preparation"):
                args[-1] = args[-1]._replace(**{option.split(".")[1]: value}) if "." in option else value
            elif option == "classes":
                args[-1] = value
            else:
                options[option] = value
            functions[function](*args, **options)
        else:
            y, cache = functions[call.name](*args, **options)
            if function == "batch_statistics":
                functions[function](cache)
            elif option == "dvalue":
                functions[function](value, cache)
            else:
                dy = np.ones_like(y)
                functions[function](dy, cache, **{**call.backward_options, option: value})
    except InvalidInput as refused:
        return str(refused)
    except Exception as error:
        return f"!{type(error).__name__}: {error}"
    return "obeyed"


def faults(name: str) -> Iterator[str]:
    """Yield what is wrong in how the functions of a recipe treat options of wrong kinds."""
    for function, call in calls(name):
        operation = function.removesuffix("_forward").removesuffix("_backward")
        operation = {"check_class_ids": call.args[0]}.get(
            operation, operation.split("_train")[0].split("_inference")[0]
        )
        for option in options_of(function):
            taken = OBEYED.get(f"{function} {option}", OBEYED.get(option, set()))
            if option == "strides" and function in CONVOLUTIONS:
                taken = set()
            for kind, value in WRONG.items():
                with np.errstate(all="ignore"):
                    answer = attempt(function, call, option, value)
                where = f"{function}({option}={kind}): {answer[:200]}"
                if answer.startswith("!"):
                    yield where
                elif answer == "obeyed":
                    if kind not in taken:
                        yield where
                elif operation not in answer or option.split(".")[-1] not in answer:
                    yield f"not named: {where}"
