"""What a network computes in one go: the calls between its graph (what is connected) and its two loops (`network.py`).

A call is one layer on its inputs, as a rule. Some layers compute the one after them as well, when nothing else needs
the result in between:

    ... -> convolution or batch normalisation -> ReLU        the ReLU is applied while the numbers are written
    ... -> convolution -> batch normalisation                when only predicting: one convolution with another kernel and bias
    ... -> convolution -> ReLU with a largest value          when only predicting: ReLU as above, the cap where it lies

By itself each of these reads and writes its whole array, which takes as long as a small convolution. What a network
computes is the same, but for the rounding of the second. The plan of a training step is made once, and again when
somebody has exchanged a method or an activation (`Network._calls`). That of a prediction is made anew for each run,
since it has parameters in it. `plan_text` prints both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from tinyseg_kernels.activation import cap, elementwise_forward
from tinyseg_kernels.backend import on_gpu
from tinyseg_kernels.types import Array

from tinyseg import activations
from tinyseg.layers.activation import Activation
from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.contract import checked_forward
from tinyseg.layers.conv2d import Conv2D
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.depthwise_conv2d import DepthwiseConv2D
from tinyseg.layers.layer import Layer
from tinyseg.layers.rectifiers import ReLU

from .graph import Graph, Step


@dataclass
class Call:
    """One call of a layer, which may compute the layers after it as well.

    Attributes:
        layer: Whose forward and backward are called.
        steps: What is computed: the positions in the graph of this layer's step, and of the steps that it computes too.
        inputs: The steps whose results it takes.
        done_with: The steps whose results nobody needs afterwards.
        options: Further arguments of forward.
        forward, backward: The layer's methods; forward is checked for a learner's own layer.
        result: The step whose result this call gives: the last one that it computes.
        overwrites: Whether backward may write over the gradient by the result (`ownership.py`).
    """

    layer: Layer
    steps: list[int]
    inputs: tuple[int, ...]
    done_with: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    overwrites: bool = False

    def __post_init__(self) -> None:
        layer = self.layer
        self.forward: Callable[..., Any] = partial(checked_forward, layer) if layer.checked else layer.forward
        self.backward: Callable[..., Any] = layer.backward
        self.result = self.steps[-1]

    def add(self, following: Step) -> None:
        """Compute the step after this one as well; its input, this call's result, then never exists."""
        self.done_with += tuple(i for i in following.done_with if i != self.result)
        self.steps.append(following.position)
        self.result = following.position


def plan(graph: Graph, learns: bool) -> Iterator[Call]:
    """Yield the calls of a forward run in order, each when its turn comes; `learns` when there must be a way back."""
    planned = set(graph.inputs)
    for k, step in enumerate(graph.steps):
        if k in planned:
            continue
        call = Call(step.layer, [k], step.inputs, step.done_with)
        following = graph.only_user.get(k)
        if following is not None and not learns and keeps_apart_normalisation(call.layer, following.layer) is None:
            call.options["parameters"] = folded_parameters(call.layer, following.layer)  # type: ignore[arg-type]
            call.add(following)
            following = graph.only_user.get(call.result)
        if following is not None and keeps_apart_relu(call.layer, following.layer) is None:
            call.options["relu"] = True
            call.add(following)
        elif following is not None and not learns and keeps_apart_capped_relu(call.layer, following.layer) is None:
            call.options["relu"] = True
            call.forward = partial(_then_capped, call.forward, largest_value(following.layer))
            call.add(following)
        planned.update(call.steps)
        yield call


def keeps_apart_relu(layer: Layer, following: Layer) -> str | None:
    """Return why a layer cannot compute what follows as its ReLU; None when it can."""
    if not _is_relu(following):
        return "not a ReLU"
    forward = type(layer).forward
    if forward is not ConvolutionLayer.forward and forward is not BatchNormalization.forward:
        return f"{type(layer).__name__} has no ReLU of its own"
    if isinstance(layer, ConvolutionLayer) and layer.activation not in (activations.LINEAR, activations.RELU):
        return f"the layer before has the activation {layer.activation.name!r}"
    return _replaced(layer, following)


def keeps_apart_capped_relu(layer: Layer, following: Layer) -> str | None:
    """Return why a layer cannot compute, when predicting, what follows as its ReLU with a largest value.

    None when it can. The cap is written over the result, so only tinyseg's own convolutions do: theirs is a new array.
    """
    if largest_value(following) is None:
        return "not a ReLU with a largest value"
    if type(layer) not in (Conv2D, DepthwiseConv2D):
        return f"{type(layer).__name__} has no ReLU with a largest value of its own"
    if layer.activation not in (activations.LINEAR, activations.RELU):  # type: ignore[attr-defined]
        return f"the layer before has the activation {layer.activation.name!r}"  # type: ignore[attr-defined]
    if on_gpu():
        return "not on a GPU"
    return _replaced(layer, following)


def largest_value(layer: Layer) -> float | None:
    """Return c of a layer that computes min(max(x, 0), c), such as ReLU6; None for another layer."""
    forward = getattr(getattr(layer, "activation", None), "forward", None)
    if type(layer) not in (ReLU, Activation) or not isinstance(forward, partial) or forward.args:
        return None
    options = forward.keywords
    if forward.func is not elementwise_forward or options.get("function") != "capped_relu":
        return None
    return None if options.get("negative_slope") else float(options.get("max_value", 6.0))


def _then_capped(forward: Callable[..., Any], most: float | None, *arguments: Any, **options: Any) -> Any:
    """Run a forward, and cap its result where it lies."""
    y, cache = forward(*arguments, **options)
    return (y if most is None else cap(y, most)), cache


def keeps_apart_normalisation(layer: Layer, following: Layer) -> str | None:
    """Return why a layer cannot compute, when predicting, what follows as its batch normalisation; None when it can."""
    if type(following) is not BatchNormalization:
        return "not a batch normalisation"
    if not isinstance(layer, ConvolutionLayer) or type(layer).forward is not ConvolutionLayer.forward:
        return f"{type(layer).__name__} has no kernel for it"
    if layer.activation is not activations.LINEAR:
        return f"the layer before has the activation {layer.activation.name!r}"
    if layer.parameters[layer.last_kernel].dtype != np.float32:
        return "float64 is asked for where exactness counts"
    if on_gpu():
        return "not on a GPU"
    return _replaced(layer, following)


def _is_relu(layer: Layer) -> bool:
    return type(layer) in (ReLU, Activation) and getattr(layer, "activation", None) is activations.RELU


def _replaced(*layers: Layer) -> str | None:
    """Return which of the layers may compute something else than tinyseg's.

    Who writes a method, in a class or for one layer, wants it called as it is.
    """
    for layer in layers:
        if has_own_methods(layer):
            return f"{layer.label} has a method of its own"
    return None


def has_own_methods(layer: Layer) -> bool:
    """Return whether somebody's own code stands between a layer's methods and the kernels, in its class or in it."""
    own = vars(layer)
    return layer.checked or "forward" in own or "backward" in own


def folded_parameters(layer: ConvolutionLayer, following: BatchNormalization) -> dict[str, Array]:
    """Return the parameters of scale * y + shift.

    scale * (x * kernel + bias) + shift = x * (scale * kernel) + (scale * bias + shift).
    """
    scale, shift = following.scale_and_shift()
    bias = layer.parameters.get("bias")
    return {
        **layer.parameters,
        layer.last_kernel: layer.parameters[layer.last_kernel] * layer.of_filters(scale),
        "bias": shift if bias is None else scale * bias + shift,
    }


# Printed -----------------------------------------------------------------------------------------------------------


def plan_text(graph: Graph) -> str:
    """Return the plan of a training step and that of a prediction.

    A line for each call, with what it computes, and why a ReLU or a normalisation is a call of its own.
    """
    lines = []
    for learns, title in ((True, "Training"), (False, "Prediction")):
        calls = list(plan(graph, learns))
        lines.append(f"{title}: {len(calls)} calls for {sum(len(call.steps) for call in calls)} layers")
        for call in calls:
            names = " + ".join(graph.steps[k].layer.name for k in call.steps)
            why = _why_alone(graph, call, learns)
            lines.append(f"  {names}" + (f"   (by itself: {why})" if why else ""))
    return "\n".join(lines)


def _why_alone(graph: Graph, call: Call, learns: bool) -> str | None:
    """Return why a ReLU or a batch normalisation is not computed by the layer before it; None for another layer."""
    layer = call.layer
    is_relu, is_capped = _is_relu(layer), largest_value(layer) is not None
    if not is_relu and (learns or not (is_capped or type(layer) is BatchNormalization)):
        return None
    before = graph.steps[call.inputs[0]]
    if before.position in graph.inputs:
        return "it takes the model's input"
    if before.position not in graph.only_user:
        return f"the result of {before.layer.name} is needed elsewhere, too"
    keeps_apart = keeps_apart_relu if is_relu else keeps_apart_capped_relu if is_capped else keeps_apart_normalisation
    why = keeps_apart(before.layer, layer)
    return why or f"{before.layer.name} is computed by another layer's call"
