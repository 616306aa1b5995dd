"""The Lovász losses: the definition in JAX, central differences, sets, ignored positions, weights, ties."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import tinyseg
from tests.support.errors import ErrorLog
from tests.utils.backends import loss_and_gradient
from tests.utils.comparing import LIMITS, assert_agrees, assert_differentiates
from tests.utils.keras_precision import keras_floatx
from tinyseg import losses
from tinyseg.losses import LovaszHinge, LovaszSoftmax

SHAPE = (3, 5, 4, 3)


def extension(errors: Any, truth: Any) -> Any:
    """The Lovász extension of the Jaccard loss, from the definition: IoU if the first i were wrong."""
    order = jax.numpy.argsort(-errors)
    truth, total = truth[order], truth.sum()
    found = jax.numpy.cumsum(truth)
    union = total + jax.numpy.cumsum(1 - truth)
    jaccard = 1 - (total - found) / union
    return (errors[order] * jax.numpy.diff(jaccard, prepend=0.0)).sum()


def softmax_by_definition(p: Any, ids: np.ndarray, classes: str, weights: Any) -> Any:
    """The mean over the classes of one image, or of the batch: positions (M, K) and labels (M,)."""
    present = [k for k in range(p.shape[-1]) if classes == "all" or (ids == k).any()]
    parts = []
    for k in present:
        truth = (ids == k).astype(float)
        parts.append(weights[k] * extension(abs(truth - p[:, k]), truth))
    return sum(parts) / max(len(present), 1)


def reference(loss: Any, ids: np.ndarray, p: np.ndarray, sample_weight: Any = None) -> tuple[Any, Any]:
    """Return Lovász-softmax and its gradient from JAX, in float64."""
    weights = loss.weights_of_classes(p.shape[-1])

    def compute(p: Any) -> Any:
        images = [(p, ids)] if not loss.per_image else list(zip(p, ids, strict=True))
        total = 0.0
        for n, (q, t) in enumerate(images):
            kept = t.ravel() != (-99 if loss.ignore_class is None else loss.ignore_class)
            value = softmax_by_definition(q.reshape(-1, q.shape[-1])[kept], t.ravel()[kept], loss.classes, weights)
            total = total + value * (1.0 if sample_weight is None else sample_weight[n])
        return total / (len(images) if loss.reduction != "sum" else 1)

    with keras_floatx("float64"):
        return jax.value_and_grad(compute)(jax.numpy.asarray(p))


CASES = [
    LovaszSoftmax(),
    LovaszSoftmax("all", class_weight=[1.0, 0.5, 3.0]),
    LovaszSoftmax(per_image=True, reduction="sum", class_weight={2: 0.0}),
    LovaszSoftmax(per_image=True, ignore_class=255),
    LovaszSoftmax(ignore_class=1),
]


@pytest.mark.parametrize("loss", CASES, ids=lambda loss: str(loss.get_config()))
@pytest.mark.parametrize("dtype", LIMITS)
def test_softmax_by_the_definition(
    loss: LovaszSoftmax, dtype: str, computing: str, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    p, ids = rng.dirichlet(np.ones(3), SHAPE[:-1]).astype(dtype), rng.integers(0, 3, SHAPE[:-1])
    ids[0] = np.where(ids[0] == 2, 0, ids[0])  # an image without class 2
    if loss.ignore_class == 255:
        ids[rng.random(ids.shape) < 0.3] = 255
    for weight in [None, rng.uniform(0, 2, len(p))] if loss.per_image else [None]:
        expected, expected_gradient = reference(loss, ids, p.astype(np.float64), weight)
        value, gradient = loss_and_gradient(loss, ids, p, weight)
        assert gradient.dtype == dtype
        assert_agrees(record_error, f"JAX {dtype}", value, np.asarray(expected), LIMITS[dtype], "value")
        assert_agrees(record_error, f"JAX {dtype}", gradient, np.asarray(expected_gradient), LIMITS[dtype], "gradient")
    one_hot = np.eye(3)[np.where(ids == 255, 0, ids)]
    if loss.ignore_class is None:
        assert loss(one_hot, p) == loss(ids, p)


@pytest.mark.parametrize("per_image", [False, True])
@pytest.mark.parametrize("ignore", [None, 255])
def test_gradients_by_central_differences(
    per_image: bool, ignore: int | None, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    labels = rng.integers(0, 2, (2, 5, 3, 1))
    if ignore:
        labels[rng.random(labels.shape) < 0.2] = ignore
    hinge, z = LovaszHinge(per_image, ignore), 2 * rng.standard_normal(labels.shape)
    _, gradient = loss_and_gradient(hinge, labels, z, None, -1.7)
    assert_differentiates(record_error, lambda: -1.7 * hinge(labels, z), {"z": z}, {"z": gradient})
    softmax, p = LovaszSoftmax(per_image=per_image, ignore_class=ignore), rng.dirichlet(np.ones(2), labels.shape[:-1])
    _, gradient = loss_and_gradient(softmax, labels, p, None, -1.7)
    assert_differentiates(record_error, lambda: -1.7 * softmax(labels, p), {"p": p}, {"p": gradient})


def test_hinge_by_the_definition(rng: np.random.Generator, computing: str) -> None:
    labels, z = rng.integers(0, 2, (3, 4, 5, 1)), 2 * rng.standard_normal((3, 4, 5, 1))
    values = []
    for t, q in zip(labels, z, strict=True):
        errors = np.maximum(1 - (2 * t - 1) * q, 0).ravel()
        order = np.argsort(-errors)
        jaccard = [0.0]
        for k in range(1, errors.size + 1):  # what IoU would be if the first k were wrong
            wrong = np.zeros(errors.size, bool)
            wrong[order[:k]] = True
            truth = t.ravel() == 1
            jaccard.append(1 - (truth & ~wrong).sum() / (truth | wrong).sum())
        values.append((errors[order] * np.diff(jaccard)).sum())
    assert loss_and_gradient(LovaszHinge(per_image=True), labels, z)[0] == pytest.approx(np.mean(values), rel=1e-12)


def test_of_sets_it_is_one_minus_iou(rng: np.random.Generator) -> None:
    ids, found = rng.integers(0, 3, (2, 6, 5)), rng.integers(0, 3, (2, 6, 5))
    iou = tinyseg.metrics.iou_per_class(tinyseg.metrics.confusion_matrix(ids, found, 3))
    assert LovaszSoftmax()(ids, np.eye(3)[found]) == pytest.approx(1 - iou.mean(), rel=1e-12)
    assert LovaszSoftmax()(ids, np.eye(3)[ids]) == 0


def test_the_order_of_equal_errors_does_not_matter_to_the_value(rng: np.random.Generator) -> None:
    p, ids = rng.integers(1, 4, (1, 40, 1)) / 4, rng.integers(0, 2, (1, 40))
    p = np.concatenate([1 - p, p], axis=-1)
    order = rng.permutation(40)
    assert LovaszSoftmax()(ids[:, order], p[:, order]) == pytest.approx(LovaszSoftmax()(ids, p), rel=1e-12)


@pytest.mark.parametrize("per_image", [False, True])
def test_ignored_positions_may_hold_anything(per_image: bool, rng: np.random.Generator, computing: str) -> None:
    p, ids = rng.dirichlet(np.ones(3), (2, 4, 5)), rng.integers(0, 3, (2, 4, 5))
    z, labels = rng.standard_normal((2, 4, 5, 1)), rng.integers(0, 2, (2, 4, 5, 1))
    ids[:, 1], labels[:, 1] = 255, 255
    rest = [0, 2, 3]
    for made, truth, given in (
        (lambda i: LovaszSoftmax(per_image=per_image, ignore_class=i), ids, p),
        (lambda i: LovaszHinge(per_image, i), labels, z),
    ):
        expected, expected_gradient = loss_and_gradient(made(None), truth[:, rest], given[:, rest])
        given[:, 1] = np.nan
        value, gradient = loss_and_gradient(made(255), truth, given)
        assert value == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(gradient[:, rest], expected_gradient, rtol=1e-12)
        assert (gradient[:, 1] == 0).all()
        value, gradient = loss_and_gradient(made(255), np.full_like(truth, 255), given)
        assert value == 0
        assert (gradient == 0).all()


def test_many_pixels_in_float32(rng: np.random.Generator) -> None:
    p = rng.dirichlet(np.ones(2), (1, 400, 500)).astype(np.float32)
    ids = (rng.random(p.shape[:-1]) < 0.3).astype(np.uint8)
    (value, gradient), (exact, exact_gradient) = (
        loss_and_gradient(LovaszSoftmax(), ids, q) for q in (p, p.astype(np.float64))
    )
    assert value == pytest.approx(exact, rel=1e-6)
    np.testing.assert_allclose(gradient.sum(), exact_gradient.sum(), rtol=1e-5)


def test_names_and_configs() -> None:
    for loss in (*CASES, LovaszHinge(True, 3)):
        assert losses.get(losses.serialize(loss)).get_config() == loss.get_config()
    assert type(losses.get("lovasz_softmax")) is LovaszSoftmax
    assert type(losses.get("lovasz_hinge")) is LovaszHinge


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: LovaszSoftmax("presnt"), "did you mean 'present'"),
        (lambda: LovaszSoftmax()([[3]], np.ones((1, 1, 3)) / 3), "class ids from 0 to 2"),
        (lambda: LovaszSoftmax()([[1]], np.ones((1, 1, 3)) / 3, [1.0]), "no sample_weight .* per_image=True"),
        (lambda: LovaszHinge()([[[2.0]]], np.ones((1, 1, 1))), "labels of 0 and 1, got 2"),
        (lambda: LovaszHinge()(np.ones((1, 2)), np.ones((1, 2))), r"logits \(N, ..., 1\), got shape \(1, 2\)"),
    ],
)
def test_what_does_not_fit(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        make()
