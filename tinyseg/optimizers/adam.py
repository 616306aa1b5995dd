"""Adam and AdamW."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation, adam_update
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import JsonObject, LearningRate

from .optimizer import Arrays, Optimizer


class Adam(Optimizer):
    r"""Moving averages of the gradient and of its square; the step is their ratio, so its size is about the rate.

        m = b1 * m + (1 - b1) * g          v = b2 * v + (1 - b2) * g^2
        p -= rate * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + epsilon)

    m and v start at 0 and are too small at first, by the factors 1 - b^t at update t, which the step makes up for (bias
    correction).

    Source: Kingma and Ba, "Adam", ICLR 2015 (arXiv:1412.6980), in the form with the correction in the rate, as in
    Keras.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.optimizers import Adam
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile(Adam(learning_rate=0.1), loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> losses = model.fit(x, 3 * x, epochs=200, verbose=0).history["loss"]
        >>> losses[-1] < losses[0] / 100
        True
    """

    slots = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common: Any,
    ) -> None:
        """Set rate and decays; `common` are the arguments of `Optimizer`."""
        super().__init__(learning_rate, **common)
        for label, beta in (("beta_1", beta_1), ("beta_2", beta_2)):
            if not 0.0 <= beta < 1.0:
                raise InvalidInput(f"{self.name}: {label}: expected a number from 0 up to but not 1, got {beta!r}")
        self.beta_1, self.beta_2, self.epsilon = float(beta_1), float(beta_2), float(epsilon)

    def update_chunk(self, p: Array, g: Array, slots: dict[str, FloatArray], rate: float) -> None:
        """Move the averages towards g and g^2, and take the step."""
        m, v, number = slots["momentum"], slots["velocity"], p.dtype.type
        m += (g - m) * number(1 - self.beta_1)
        v += (np.square(g) - v) * number(1 - self.beta_2)
        step = m * number(self.corrected(rate))
        step /= np.sqrt(v) + number(self.epsilon)
        p -= step

    def corrected(self, rate: float) -> float:
        """Return the rate times the bias correction of this update."""
        t = self.iterations + 1
        return rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)

    def fused_update(
        self, p: Arrays, g: Arrays, slots: Mapping[str, Arrays], preparation: Preparation, rate: float
    ) -> None:
        """Do the same for all parameters in one kernel."""
        options = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        adam_update(p, g, slots["momentum"], slots["velocity"], preparation, rate=self.corrected(rate), **options)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


class AdamW(Adam):
    """Adam with weight decay that acts on the parameters alone, not on the moving averages.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019 (arXiv:1711.05101).

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.optimizers import AdamW
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile(AdamW(learning_rate=0.1, weight_decay=1e-4), loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> losses = model.fit(x, 3 * x, epochs=200, verbose=0).history["loss"]
        >>> losses[-1] < losses[0] / 100
        True
    """

    def __init__(self, learning_rate: LearningRate = 0.001, weight_decay: float | None = 0.004, **options: Any) -> None:
        """Set rate and decay; `options` are the arguments of `Adam`."""
        super().__init__(learning_rate, weight_decay=weight_decay, **options)
