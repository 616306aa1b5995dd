"""Right functions pass, wrong ones are told what is wrong.

The wrong ones are results of mistakes made on purpose, and functions written by hand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.diagnosis.causes_page import causes_page
from tests.diagnosis.made_from_mistakes import functions_with
from tests.diagnosis.sampling import some
from tinyseg.diagnosis import OPERATIONS, DiagnosisError, contract, diagnose
from tinyseg.diagnosis.axes import End
from tinyseg.diagnosis.calling import HAS_THREADS
from tinyseg.diagnosis.causes import sentence, text_of
from tinyseg.diagnosis.comparison import agrees
from tinyseg.diagnosis.explaining import predict_safely
from tinyseg.diagnosis.generic import input_hypotheses, result_relations
from tinyseg.diagnosis.operation import Hypothesis
from tinyseg.diagnosis.place import NamedRegion, OneEnd, OneNumber
from tinyseg.diagnosis.texts import BY_OPERATION, FAMILIES, TEXTS
from tinyseg.diagnosis.traits import Trait

Array = np.ndarray[Any, np.dtype[Any]]
PER_OPERATION = 6
"""Mistakes of each operation that are diagnosed from end to end; all with TINYSEG_FULL=1."""

KERNELS = [
    ("conv2d", "conv2d", "conv2d"),
    ("depthwise_conv2d", "depthwise_conv2d", "depthwise_conv2d"),
    ("conv2d_transpose", "conv2d_transpose", "conv2d_transpose"),
    ("max_pool2d", "max_pool2d", "max_pool2d"),
    ("avg_pool2d", "avg_pool2d", "avg_pool2d"),
    ("dense", "dense", "dense"),
    ("softmax", "softmax", "softmax"),
    ("softmax_cross_entropy", "softmax_cross_entropy", "softmax_cross_entropy"),
    ("relu", "activation", "relu"),
    ("batch_norm", "batch_norm", "batch_norm_train"),
    ("upsampling2d", "upsampling2d", "upsampling2d"),
    ("dropout", "dropout", "dropout"),
]
"""Operation, folder of its kernels, name of its functions there."""


# Right implementations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rung", ["numpy_cpu", "naive"])
@pytest.mark.parametrize(("op", "folder", "name"), KERNELS, ids=[op for op, _, _ in KERNELS])
def test_kernels_are_right(op: str, folder: str, name: str, rung: str) -> None:
    kernels = import_module(f"tinyseg_kernels.{folder}.{rung}")
    forward, backward = getattr(kernels, f"{name}_forward"), getattr(kernels, f"{name}_backward")
    for given in ({"forward": forward, "backward": backward}, {"forward": forward}, {"backward": backward}):
        found = diagnose(op, **given)
        assert found.passed, str(found)
        assert found.cause == "none"
        assert not found.notes


@pytest.mark.parametrize("op", OPERATIONS)
def test_right_results_pass_whoever_computes_them(op: str) -> None:
    found = diagnose(op, *functions_with(OPERATIONS[op](), None))
    assert found.passed, str(found)


def test_what_a_contract_leaves_open_is_right_either_way() -> None:
    def mean_loss(logits: Array, target: Array) -> tuple[Any, Any]:
        z = logits - logits.max(axis=-1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        each = -np.take_along_axis(log_p, target[..., None].astype(int), -1)[..., 0]
        return each.mean(), (np.exp(log_p), target)

    def mean_loss_backward(dloss: Any, cache: Any) -> Array:
        p, target = cache
        hot = (np.arange(p.shape[-1]) == target[..., None]).astype(p.dtype)
        return (p - hot) * np.asarray(dloss / target.size, p.dtype)

    def adam_of_the_paper(p: Array, g: Array, m: Array, v: Array, **o: Any) -> tuple[Array, Array, Array]:
        m = o["beta_1"] * m + (1 - o["beta_1"]) * g
        v = o["beta_2"] * v + (1 - o["beta_2"]) * g**2
        m_hat, v_hat = m / (1 - o["beta_1"] ** o["step"]), v / (1 - o["beta_2"] ** o["step"])
        return p - o["learning_rate"] * m_hat / (np.sqrt(v_hat) + o["epsilon"]), m, v

    def valid_only(x: Array, kernel: Array, bias: Array, *, strides: Any, padding: str) -> tuple[Array, None]:
        if not isinstance(padding, str):
            raise NotImplementedError("explicit padding")
        from tinyseg_kernels.conv2d import numpy_cpu

        return numpy_cpu.conv2d_forward(x, kernel, bias, strides=strides, padding=padding)[0], None

    assert diagnose("softmax_cross_entropy", mean_loss, mean_loss_backward).passed
    assert diagnose("adam", adam_of_the_paper).passed
    found = diagnose("conv2d", valid_only)
    assert found.passed
    assert "dilation_rate" in str(found)
    assert "explicit padding" in str(found)


# Mistakes made on purpose --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPERATIONS)
def test_each_mistake_is_wrong_somewhere_and_has_its_text(op: str) -> None:
    operation = OPERATIONS[op]()
    cases = []
    for case in operation.cases():
        for y in (None, 0.5):  # a loss per position, and their mean
            whole = operation.adapt(case, y)
            right = operation.right(whole)
            dy = np.random.default_rng(3).standard_normal(np.shape(right.get("y", 0))) if operation.gradients else None
            cases.append(whole.with_dy(dy))
    right_results = [operation.right(case) for case in cases]

    def shows(mistake: Hypothesis) -> bool:
        for case, right in zip(cases, right_results, strict=True):
            wrong = predict_safely(mistake, case)
            if any(not agrees(value, right[name]) for name, value in wrong.items()):
                return True
        return False

    silent: dict[str, bool] = {}
    for mistake in operation.mistakes():
        assert text_of(mistake.cause, op), mistake.cause
        silent[mistake.cause] = silent.get(mistake.cause, True) and not shows(mistake)
    # Shared with operations where they show: repeating the edge cannot change a maximum, and a transposed convolution
    # has no explicit padding.
    for cause in ("padding-repeats-the-edge", "explicit-padding-misread"):
        silent.pop(cause, None)
    assert not [cause for cause, never in silent.items() if never]


@pytest.mark.parametrize("op", OPERATIONS)
def test_mistakes_are_named(op: str) -> None:
    operation = OPERATIONS[op]()
    by_cause = {}
    for mistake in operation.mistakes():
        by_cause.setdefault(mistake.cause, mistake)
    named = 0
    for cause in some(op, sorted(by_cause), PER_OPERATION):
        found = diagnose(op, *functions_with(operation, by_cause[cause]))
        if found.passed:  # it shows with the mean of a loss only, or never: see the test above
            continue
        named += 1
        assert cause in (found.cause, *found.evidence.get("would look the same", [])) or found.cause in EQUALLY_GOOD, (
            f"{cause}: {found}"
        )
        assert found.where
        assert found.message.count("Hint:") == 1
    assert named


EQUALLY_GOOD = {
    "results-in-wrong-order",  # of gamma's and beta's gradients
    "nothing-dropped",  # no mask at all
    "mask-drawn-anew",  # the first sample's mask for all
    "mean-not-divided",  # a mean where one loss for each was asked: its backward is that of each
    "not-finite",
    "wrong-shape",
}
"""Names under which a mistake also goes when it is seen from the outside."""


def suspects(op: str) -> set[str]:
    """Return all causes that conditions and places can suggest where no known mistake gives what was seen."""
    operation = OPERATIONS[op]()
    traits: set[Trait] = set()
    regions: set[NamedRegion] = set()
    for case in operation.cases():
        whole = operation.adapt(case, None)
        dy = np.ones(np.shape(operation.right(whole)["y"])) if operation.gradients else None
        whole = whole.with_dy(dy)
        traits |= whole.traits
        regions |= {region for output in operation.right(whole) for region in operation.regions(whole, output)}
    places = [place(end) for end in End for place in (OneNumber, lambda end: OneEnd(end, 0, "row"))]
    found = {trait.suspect for trait in traits} | {trait.not_finite for trait in traits}
    found |= {region.mistake or region.mishandled for region in regions}
    found |= {getattr(place, "mishandled", "") or getattr(place, "not_finite", "") for place in places}
    return found - {""}


def test_texts_have_no_gaps() -> None:
    for op in OPERATIONS:
        for hypothesis in input_hypotheses(OPERATIONS[op]()):
            assert text_of(hypothesis.cause, op), hypothesis.cause
        for cause in suspects(op):
            assert text_of(cause, op), cause
    for axes in ({0: "N", 1: "H", 2: "W", 3: "C"}, {}, dict.fromkeys(range(4), "")):
        for cause, _, _ in result_relations(axes):
            assert any(text_of(cause, op) for op in OPERATIONS), cause
    texts = {f"{op}/{cause}": text for op, own in BY_OPERATION.items() for cause, text in own.items()}
    texts |= {f"general/{cause}": text for cause, text in TEXTS.items()} | dict(FAMILIES)
    for cause, (suggests, hint) in texts.items():
        filled = (suggests + hint).format(thing="dx", function="backward", detail="twice")
        assert "{" not in filled, cause
        assert suggests.removesuffix("{detail}").strip().endswith((".", "?")), cause
        assert len(hint) > 10, cause
    assert sentence("wrong-factor", "dense", thing="dx", detail="N").startswith("dx is the right result times N.")


# Functions written by hand -------------------------------------------------------------------------------------------


def relu(x: Array) -> tuple[Array, Array]:
    return np.maximum(x, 0), x


def relu_backward(dy: Array, x: Array) -> Array:
    return dy * (x > 0)


def _in_place(x: Array) -> tuple[Array, Array]:
    x[x < 0] = 0
    return x, x


def _dy_in_place(dy: Array, x: Array) -> Array:
    dy[x <= 0] = 0
    return dy


def _endless(x: Array) -> tuple[Array, Array]:
    while x.size:
        time.sleep(0.001)
    return relu(x)


def _swallows(dy: Array, x: Array) -> Array:
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            continue


def _quits(dy: Array, x: Array) -> Array:
    raise SystemExit(3)


LAST: list[Array] = []


def _remembers(x: Array) -> tuple[Array, None]:
    LAST.append(x)
    return np.maximum(x, 0), None


def _uses_the_last(dy: Array, cache: None) -> Array:
    return dy * (LAST[-1] > 0) if LAST[-1].shape == dy.shape else dy


def _unwritten(dy: Array, x: Array) -> Array:
    dx: Array = np.empty_like(dy)
    dx[x > 0] = dy[x > 0]
    return dx


def _cache_in_place(dy: Array, x: Array) -> Array:
    x[x > 0] = 0
    return dy * 0


def _misspelt(x: Array) -> Any:
    return np.maximum(y, 0), x  # type: ignore[name-defined]  # noqa: F821


SIDE_EFFECTS: list[tuple[str, str, Callable[..., Any] | None, Callable[..., Any] | None, str]] = [
    ("input-changed", "forward: x", _in_place, None, ""),
    ("input-changed", "backward: dy", relu, _dy_in_place, ""),
    ("time-out", "forward", _endless, None, "did not finish within 1 s"),
    ("time-out", "backward", None, _swallows, "whether it would finish later is not known"),
    ("exception", "backward", relu, _quits, "SystemExit"),
    ("exception", "forward", _misspelt, None, "NameError"),
    ("exception", "forward", lambda: None, None, "TypeError"),
    ("wrong-return", "y", lambda x: np.maximum(x, 0), None, ""),
    ("wrong-return", "y", lambda x: None, None, "None"),
    ("wrong-return", "y", lambda x: (x, np.maximum(x, 0)), None, "(cache, y)"),
    ("wrong-return", "dx", relu, lambda dy, x: (dy * (x > 0), None), ""),
    ("result-missing", "dx", relu, lambda dy, x: None, ""),
    ("wrong-return", "y", lambda x: ("positive", x), None, "not an array"),
    ("complex-numbers", "y", lambda x: (np.maximum(x, 0) + 0j, x), None, "complex128"),
    ("complex-numbers", "dx", relu, lambda dy, x: dy * np.sqrt(np.sign(x) + 0j), "largest imaginary part: 3"),
    ("precision-lost", "y", lambda x: (np.maximum(x, 0).astype(np.float32).astype(x.dtype), x), None, "7 digits"),
    ("precision-lost", "dx", relu, lambda dy, x: (dy * (x > 0)).astype(np.float16), "float16, which has 3 digits"),
    ("state-kept-between-calls", "backward", _remembers, _uses_the_last, ""),
    ("uninitialised-memory", "dx", relu, _unwritten, ""),
    ("flattened", "dx", relu, lambda dy, x: (dy * (x > 0)).ravel(), ""),
    ("gradient-at-zero", "dx: where x is 0", relu, lambda dy, x: dy * (x >= 0), ""),
    ("mask-missing", "dx", None, lambda dy, x: dy, ""),
    ("sign-flipped", "dx", relu, lambda dy, x: -dy * (x > 0), ""),
]


@pytest.mark.parametrize(
    ("cause", "where", "forward", "backward", "text"),
    SIDE_EFFECTS,
    ids=[f"{c}-{w}" for c, w, *_ in SIDE_EFFECTS],
)
def test_how_functions_behave(
    cause: str, where: str, forward: Callable[..., Any] | None, backward: Callable[..., Any] | None, text: str
) -> None:
    if cause == "time-out" and not HAS_THREADS:
        pytest.skip("nothing stops a call where there are no threads")
    found = diagnose("relu", forward, backward, time_limit=1.0 if cause == "time-out" else 30.0)
    assert not found.passed
    assert found.cause == cause, str(found)
    assert found.where.startswith(where), found.where
    assert text in str(found)


def test_more_digits_than_came_in_are_right() -> None:
    found = diagnose("relu", relu, lambda dy, x: dy * (x > 0).astype(np.float64))
    assert found.passed
    assert found.notes == ("dx: float64 where float32 came in, which is right",)


def test_a_cache_that_backward_changes() -> None:
    def backward(dy: Array, mask: Array) -> Array:
        mask *= dy
        return mask

    def forward(x: Array) -> tuple[Array, Array]:
        return np.maximum(x, 0), (x > 0).astype(x.dtype)

    found = diagnose("relu", forward, backward)
    assert found.cause == "cache-changed", str(found)


def test_conditions_and_the_smallest_case_are_reported() -> None:
    from tinyseg_kernels.dense import numpy_cpu

    def forward(x: Array, kernel: Array, bias: Array) -> tuple[Array, Any]:
        return numpy_cpu.dense_forward(x, kernel, bias)

    def backward(dy: Array, cache: Any) -> Any:
        dx, dkernel, dbias = numpy_cpu.dense_backward(dy, cache)
        return dx, dkernel / len(dy), dbias

    found = diagnose("dense", forward, backward)
    assert found.cause == "wrong-factor"
    assert found.evidence["factor"] == "1 / N"
    assert "only with several samples" in found.where
    assert found.where.startswith("dkernel")
    assert "x (2, 2)" in found.evidence["smallest failing configuration"]
    assert found.evidence["ratio"] == pytest.approx(0.5)
    example = found.evidence["example"]
    assert "dkernel, right" in example
    assert "dkernel, yours" in example


def test_several_faults_are_all_mentioned_and_the_forward_comes_first() -> None:
    def forward(x: Array, kernel: Array, bias: Array) -> tuple[Array, Any]:
        return x @ kernel, (x, kernel)

    def backward(dy: Array, cache: Any) -> Any:
        x, kernel = cache
        return dy @ kernel.T, -x.T @ dy, dy.sum(axis=0)

    found = diagnose("dense", forward, backward)
    assert found.cause == "bias-missing"
    assert found.where.startswith("y")
    assert found.evidence["also wrong"] == ["dkernel (sign-flipped)"]


def test_a_fault_that_nobody_listed_is_placed_honestly() -> None:
    def forward(x: Array, kernel: Array, bias: Array) -> tuple[Array, Any]:
        y = x @ kernel + bias
        if len(x) > 1:
            y = y + np.sin(17 * x[:1, :1]) * y**2
        return y, None

    found = diagnose("dense", forward)
    assert found.cause == "batch-mishandled" or found.cause == "unknown"
    assert "only with several samples" in found.where
    assert "yours" in str(found)


@pytest.mark.parametrize("default", [False, None, 0, True])
def test_a_default_is_judged_where_there_is_one(default: Any) -> None:
    def threshold(image: Array, *, t: float, invert: Any = default) -> Array:
        return (image > t) != bool(invert)

    found = diagnose("threshold", threshold)
    assert found.cause == ("default-inverted" if default else "none"), str(found)
    if default:
        assert "2 of 2 wrong results" in str(found)  # those that were looked at again are no configurations


def test_an_option_without_a_default_is_no_mistake() -> None:
    def threshold(image: Array, *, t: float, invert: bool) -> Array:
        return (image > t) != invert

    found = diagnose("threshold", threshold)
    assert found.passed
    assert "missing 1 required" in found.notes[0]


def test_json_text_and_raising() -> None:
    wrong = diagnose("relu", relu, lambda dy, x: dy)
    content = json.loads(wrong.as_json())
    assert content["cause"] == "mask-missing"
    assert content["passed"] is False
    assert content["evidence"]["expected"] == wrong.evidence["expected"]
    with pytest.raises(DiagnosisError, match="mask-missing"):
        wrong.raise_on_failure()
    right = diagnose("relu", relu, relu_backward)
    assert right.raise_on_failure() is right
    assert "right in all" in str(right)


def test_the_same_question_gets_the_same_answer() -> None:
    first, second = (diagnose("dense", None, lambda dy, cache: (dy, dy, dy), seed=5) for _ in range(2))
    assert first.as_json() == second.as_json()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("conv2", relu), "unknown operation 'conv2'; did you mean 'conv2d'"),
        (("relu",), "expected a forward or a backward of relu, got neither"),
        (("relu", 3), "forward: expected a function or None, got int"),
        (("mean_iou", None, relu), "mean_iou has no backward"),
    ],
)
def test_bad_questions(arguments: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(InvalidInput, match=expected):
        diagnose(*arguments)


def test_the_page_of_causes_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "causes.md"
    assert page.read_text("utf-8") == causes_page(), "run: python -m tests.diagnosis.causes_page docs/causes.md"


def test_contracts_can_be_read() -> None:
    assert "kernel (KH, KW, C, F)" in contract("conv2d")
    with pytest.raises(InvalidInput, match="did you mean"):
        contract("max_pool")
