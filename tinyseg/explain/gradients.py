"""Explanations by the gradient of a class's score by the image: saliency, SmoothGrad, integrated gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray, Pair

from tinyseg.models.model import Model

from .scores import Explanation, Question, at_once, question

MOST_STEPS = 1024


def saliency(
    model: Model,
    image: Array,
    class_index: int | None = None,
    *,
    pixel: Pair | None = None,
    region: Array | None = None,
    noise: float = 0.0,
    samples: int = 16,
    seed: int = 0,
) -> Explanation:
    """Return how strongly the score changes with each number of the image: |dS / dx|.

    With `noise`, the mean of the gradients of several noisy copies, which is less ragged (SmoothGrad).

    Source: Simonyan, Vedaldi, Zisserman, "Deep Inside Convolutional Networks", ICLR Workshop 2014; Smilkov et al.,
    "SmoothGrad", 2017.

    Args:
        model: From (N, H, W, C) to (N, H, W, K), or to (N, K).
        image: (H, W, C), as the network takes it.
        class_index: The class; that of the highest score when None.
        pixel: (row, column) of the output whose score is explained.
        region: (H, W), True where the score counts; without pixel and region, all pixels that get this class.
        noise: Standard deviation of the noise, as a share of the image's range.
        samples: Noisy copies.
        seed: Of the noise.

    Returns:
        Values (H, W, C) from 0 on.

    Raises:
        InvalidInput: Another network or image, no such class or pixel, or an argument out of its range.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import saliency
        >>> model = FCN((None, None, 1), classes=3, filters=4, depth=1)
        >>> saliency(model, np.ones((8, 6, 1)), 2, pixel=(4, 3)).map.shape
        (8, 6)
    """
    asked = question(model, image, class_index, pixel, region)
    if noise < 0 or samples < 1:
        raise InvalidInput(f"saliency: expected noise >= 0 and samples >= 1, got {noise!r} and {samples!r}")
    if noise == 0:
        gradient = asked.gradients(asked.x)[1][0]
        return Explanation("saliency", np.abs(gradient), False, asked.target, asked.score, {})
    generator = np.random.default_rng(seed)
    scale = noise * float(asked.x.max() - asked.x.min())
    total = np.zeros_like(asked.x[0])
    step = at_once(asked.x.shape[1:])
    for first in range(0, samples, step):
        shape = (min(step, samples - first), *asked.x.shape[1:])
        noisy = asked.x + scale * generator.standard_normal(shape, np.float32)
        total += asked.gradients(noisy.astype(asked.x.dtype))[1].sum(axis=0)
    return Explanation("saliency", np.abs(total) / samples, False, asked.target, asked.score, {"samples": samples})


def integrated_gradients(
    model: Model,
    image: Array,
    class_index: int | None = None,
    *,
    pixel: Pair | None = None,
    region: Array | None = None,
    baseline: Array | float = 0.0,
    steps: int = 32,
    tolerance: float = 0.01,
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    r"""Share the score's difference to a baseline out among the image's numbers.

        a_i = (x_i - b_i) * integral over t from 0 to 1 of dS/dx_i at b + t (x - b)

    By the chain rule, the integrand's sum over i is dS/dt, so that the shares add up to S(x) - S(b): completeness. The
    integral is a sum at the middles of `steps` equal parts; the number is doubled until what is missing is below
    `tolerance` of the difference, or there are 1,024. `details` says what is missing ('missing', and 'missing share').

    Source: Sundararajan, Taly, Yan, "Axiomatic Attribution for Deep Networks", ICML 2017.

    Args:
        model: From (N, H, W, C) to (N, H, W, K), or to (N, K).
        image: (H, W, C), as the network takes it.
        class_index: The class; that of the highest score when None.
        pixel: (row, column) of the output whose score is explained.
        region: (H, W), True where the score counts; without pixel and region, all pixels that get this class.
        baseline: The image that means "nothing", (H, W, C), (C,) or a number. For standardised images 0 is the mean.
        steps: Parts of the way from baseline to image, to begin with.
        tolerance: What may be missing, as a share of |S(x) - S(b)|.
        progress: Called with (done, all).

    Returns:
        Signed values (H, W, C).

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import integrated_gradients
        >>> model = FCN((None, None, 1), classes=3, filters=4, depth=1, batch_normalization=False)
        >>> found = integrated_gradients(model, np.ones((8, 6, 1)), 2, pixel=(4, 3))
        >>> abs(float(found.values.sum()) - found.details["difference"]) < 0.02 * abs(found.details["difference"])
        True
    """
    asked = question(model, image, class_index, pixel, region)
    if steps < 1 or not tolerance > 0:
        raise InvalidInput(f"integrated_gradients: expected steps >= 1, tolerance > 0, got {steps!r}, {tolerance!r}")
    try:
        start = np.broadcast_to(np.asarray(baseline, asked.x.dtype), asked.x.shape[1:])
    except ValueError:
        raise InvalidInput(
            f"integrated_gradients: expected a baseline of shape {asked.x.shape[1:]}, got {np.shape(baseline)}"
        ) from None
    difference = asked.score - float(asked.scores(start[None])[0])
    while True:
        values = (asked.x[0] - start) * _mean_gradient(asked, start, steps, progress)
        missing = difference - float(values.sum(dtype=np.float64))
        if abs(missing) <= tolerance * abs(difference) or steps * 2 > MOST_STEPS:
            break
        steps *= 2
    details = {
        "difference": difference,
        "missing": missing,
        "missing share": abs(missing / difference) if difference else 0.0,
        "steps": steps,
    }
    return Explanation("integrated gradients", values, True, asked.target, asked.score, details)


def _mean_gradient(
    asked: Question, start: FloatArray, steps: int, progress: Callable[[int, int], None] | None
) -> FloatArray:
    """Return the mean of the gradients at the middles of equal parts of the way."""
    total = np.zeros(start.shape, np.float64)
    middles = ((np.arange(steps) + 0.5) / steps).astype(start.dtype)
    batch = at_once(start.shape)
    for first in range(0, steps, batch):
        part = middles[first : first + batch, None, None, None]
        total += asked.gradients(start + part * (asked.x[0] - start))[1].sum(axis=0, dtype=np.float64)
        if progress is not None:
            progress(min(first + batch, steps), steps)
    return (total / steps).astype(start.dtype)
