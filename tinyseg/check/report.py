"""What a gradient check found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.utils.types import JsonObject

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class GradientError(AssertionError):
    """A gradient is wrong; the text is the report's table.

    Example:
        >>> import numpy as np
        >>> from tinyseg.check import GradientError, gradients
        >>> try:
        ...     gradients(
        ...         lambda x: (x * x, x), np.array([1.0]), backward=lambda dy, x: x * dy, raise_on_failure=True
        ...     )
        ... except GradientError as error:
        ...     print("FAILED" in str(error))
        ...
        True
    """


@dataclass(frozen=True)
class ArgumentCheck:
    """The check of the gradient by one argument.

    Attributes:
        name: 'x', 'kernel', ...
        shape: Of the argument.
        problem: What is wrong before any number is compared (missing, shape, dtype, not finite), or None.
        checked: Number of positions compared.
        excluded: Number of positions left out because the function has a kink there (ReLU at 0, a tie of a maximum).
        error: Largest difference from the central difference, relative to the largest entry of either.
        worst: Where that is.
        analytic: The value of backward there.
        numeric: The central difference there.
        float32_error: Largest difference of the same code in float32 from float64, relative; NaN when not compared.
        differences: analytic - numeric at each position, NaN where not compared.
        tolerance: Largest error that passes.
        float32_tolerance: The same for float32.

    Example:
        >>> import numpy as np
        >>> from tinyseg.check import gradients
        >>> report = gradients(lambda x: (x * x, x), np.array([1.0, 2.0]), backward=lambda dy, x: x * dy)
        >>> (check,) = report.arguments
        >>> check.passed, check.shape, round(check.analytic / check.numeric, 4)
        (False, (2,), 0.5)
    """

    name: str
    shape: tuple[int, ...]
    problem: str | None = None
    checked: int = 0
    excluded: int = 0
    error: float = float("nan")
    worst: tuple[int, ...] = ()
    analytic: float = float("nan")
    numeric: float = float("nan")
    float32_error: float = float("nan")
    differences: Array = field(default_factory=lambda: np.empty(0), repr=False)
    tolerance: float = 1e-6
    float32_tolerance: float = 1e-4

    @property
    def passed(self) -> bool:
        """Whether the gradient is right where it could be compared: at one position or more, unless there is none."""
        if self.problem is not None or (self.checked == 0 and self.differences.size > 0):
            return False
        return not self.error > self.tolerance and not self.float32_error > self.float32_tolerance

    @property
    def ratio(self) -> float:
        """Analytic over numeric value at the worst position: 2, 0.5, -1 or N often names the mistake."""
        return self.analytic / self.numeric if self.numeric else float("nan")

    def as_json(self) -> JsonObject:
        """Return JSON types; numbers that do not exist are None."""

        def number(value: float) -> float | None:
            return value if np.isfinite(value) else None

        return {
            "name": self.name,
            "shape": list(self.shape),
            "passed": self.passed,
            "problem": self.problem,
            "checked": self.checked,
            "excluded": self.excluded,
            "error": number(self.error),
            "worst": list(self.worst),
            "analytic": number(self.analytic),
            "numeric": number(self.numeric),
            "ratio": number(self.ratio),
            "float32_error": number(self.float32_error),
        }


@dataclass(frozen=True)
class GradientReport:
    """The check of all gradients of one function, layer, loss or model. Prints as a table.

    Attributes:
        name: What was checked.
        backend: Where it was computed.
        arguments: One check per argument.
        rungs: The rungs that computed the gradients in float64, as seen: those of another backend where this one has no
            kernel for float64. Empty for functions that are none of `tinyseg_kernels`.
        float32_rungs: The same for the run in float32; empty when there was none.

    Example:
        >>> import numpy as np
        >>> from tinyseg.check import gradients
        >>> report = gradients(lambda x: (x * x, x), np.array([1.0, 2.0]), backward=lambda dy, x: 2 * x * dy)
        >>> report.passed
        True
    """

    name: str
    backend: str
    arguments: tuple[ArgumentCheck, ...]
    rungs: tuple[str, ...] = ()
    float32_rungs: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all gradients are right, and there was one to compare."""
        return any(a.checked for a in self.arguments) and all(argument.passed for argument in self.arguments)

    @property
    def error(self) -> float:
        """The largest error of all; NaN when nothing could be compared."""
        errors = [a.error for a in self.arguments if not np.isnan(a.error)]
        return max(errors, default=float("nan"))

    def as_json(self) -> JsonObject:
        """Return JSON types."""
        return {
            "name": self.name,
            "backend": self.backend,
            "rungs": list(self.rungs),
            "float32_rungs": list(self.float32_rungs),
            "passed": self.passed,
            "arguments": [argument.as_json() for argument in self.arguments],
        }

    def raise_on_failure(self) -> GradientReport:
        """Raise GradientError with the table if a gradient is wrong; else return the report."""
        if not self.passed:
            raise GradientError(str(self))
        return self

    def __str__(self) -> str:
        """Return the table."""
        rows = [
            (
                "gradient by",
                "shape",
                "checked",
                "kinks",
                "error",
                "worst at",
                "analytic",
                "numeric",
                "ratio",
                "float32",
                "",
            )
        ]
        for a in self.arguments:
            verdict = "ok" if a.passed else a.problem or "WRONG"
            numbers = (
                (f"{a.analytic:.6g}", f"{a.numeric:.6g}", f"{a.ratio:.4g}") if a.worst or a.checked else ("", "", "")
            )
            error = f"{a.error:.1e}" if not np.isnan(a.error) else "-"
            single = f"{a.float32_error:.1e}" if not np.isnan(a.float32_error) else "-"
            place = str(tuple(int(i) for i in a.worst)) if a.checked else ""
            rows.append(
                (a.name, str(a.shape), str(a.checked), str(a.excluded), error, place, *numbers, single, verdict)
            )
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        verdict = "passed" if self.passed else "FAILED"
        both = (("float64", self.rungs), ("float32", self.float32_rungs))
        told = "; ".join(f"{dtype} by {', '.join(rungs)}" for dtype, rungs in both if rungs)
        head = f"gradients of {self.name} on backend {self.backend!r}{f' ({told})' if told else ''}: {verdict}"
        return "\n".join([head, *(f"  {line}" for line in lines)])

    def plot(self) -> Figure:
        """Draw where each gradient is wrong: |analytic - numeric| as a heat map, one panel per argument.

        An array of more than two axes is laid out as (product of the leading axes, last axis), but an image or a kernel
        (4 axes) is shown by its two spatial axes, the largest difference over the others: mistakes at borders and at
        strides are seen at once. Returns the figure.
        """
        from tinyseg.visualization.figures import new_figure

        compared = [a for a in self.arguments if a.differences.size]
        figure, axes = new_figure(1, max(len(compared), 1), 3.4 * max(len(compared), 1), 3.2)
        for axis, argument in zip(axes[0], compared, strict=False):
            picture = axis.imshow(
                np.atleast_2d(_flattened(np.abs(argument.differences))), cmap="magma", interpolation="nearest"
            )
            figure.colorbar(picture, ax=axis, shrink=0.8)
            axis.set_title(f"{argument.name}: {'ok' if argument.passed else 'WRONG'}", fontsize=9)
            axis.tick_params(labelsize=7)
        figure.suptitle(f"{self.name}: |analytic - numeric|, white where not compared", fontsize=10)
        return figure


def _flattened(array: Array) -> Array:
    if array.ndim == 4:
        axes = (0, 3) if array.shape[1] * array.shape[2] > 1 and array.shape[0] <= array.shape[1] else (2, 3)
        known = np.where(np.isnan(array), -1.0, array).max(axis=axes)
        return np.where(known < 0, np.nan, known)
    if array.ndim > 2:
        return array.reshape(-1, array.shape[-1])
    return array
