"""U-Net and FCN: shapes, every option, names that stay, and what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.applications import FCN, UNet
from tinyseg.models import Model, load_model
from tinyseg.utils import set_random_seed

NETWORKS = [UNet, FCN]


def image(*shape: int) -> Any:
    """Return random pixels."""
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def build(network: Callable[..., Model], *arguments: Any, **options: Any) -> Model:
    """Return a network with the same parameters each time."""
    set_random_seed(5)
    return network(*arguments, **options)


def reach(model: Model, size: int) -> int:
    """Return how many pixels to each side of the centre change the centre's output at most, by trying every row.

    On NumPy's rung, where a pixel that an output does not see leaves each of its bits alone: Winograd's tiles on the
    rung 'numba' round the sums of 6x6 pixels.
    """
    with tinyseg.backend("numpy"):
        return _reach(model, size)


def _reach(model: Model, size: int) -> int:
    base = image(1, size, 8, 1)
    centre, far = size // 2, 0
    expected = model.predict(base)[0, centre, 4]
    for row in range(size):
        other = base.copy()
        other[0, row] += 3.0
        if not np.array_equal(model.predict(other)[0, centre, 4], expected):
            far = max(far, abs(row - centre))
    return far


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("classes", "channels"), [(2, 1), (1, 3), (11, 2)])
def test_the_output_has_the_inputs_size(network: Callable[..., Model], depth: int, classes: int, channels: int) -> None:
    model = build(network, (None, None, channels), classes, filters=3, depth=depth)
    for height, width in ((2**depth, 3 * 2**depth), (16, 8)):
        y = model.predict(image(2, height, width, channels))
        assert y.shape == (2, height, width, classes)
        assert y.dtype == np.float32
        if classes > 1:
            np.testing.assert_allclose(y.sum(axis=-1), 1.0, atol=1e-5)
        else:  # a sigmoid, since a softmax over one channel is always 1
            assert model.output.node.layer.activation.name == "sigmoid"
            assert y.std() > 0
    fixed = build(network, (16, 24, channels), classes, filters=3, depth=depth)
    assert fixed.output.shape == (None, 16, 24, classes)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_fixed_size_is_the_same_network(network: Callable[..., Model]) -> None:
    fixed, free = (build(network, (*size, 1), filters=3, depth=2) for size in ((8, 16), (None, None)))
    x = image(2, 8, 16, 1)
    np.testing.assert_array_equal(fixed.predict(x), free.predict(x))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("batch_normalization", [False, True])
def test_filters_double_with_each_level(network: Callable[..., Model], batch_normalization: bool) -> None:
    model = build(network, (None, None, 3), 4, filters=5, depth=2, batch_normalization=batch_normalization)
    kernels = {key: a.shape for key, a in model.parameters.items() if key.endswith("kernel")}
    expected = {
        "down1_conv1/kernel": (3, 3, 3, 5), "down1_conv2/kernel": (3, 3, 5, 5),
        "down2_conv1/kernel": (3, 3, 5, 10), "down2_conv2/kernel": (3, 3, 10, 10),
        "bottom_conv1/kernel": (3, 3, 10, 20), "bottom_conv2/kernel": (3, 3, 20, 20),
    }  # fmt: skip
    if network is FCN:
        expected["scores/kernel"] = (1, 1, 20, 4)
    else:
        expected |= {
            "up2/kernel": (2, 2, 10, 20), "up2_conv1/kernel": (3, 3, 20, 10), "up2_conv2/kernel": (3, 3, 10, 10),
            "up1/kernel": (2, 2, 5, 10), "up1_conv1/kernel": (3, 3, 10, 5), "up1_conv2/kernel": (3, 3, 5, 5),
            "scores/kernel": (1, 1, 5, 4),
        }  # fmt: skip
    assert kernels == expected
    biases = {key.split("/")[0] for key in model.parameters if key.endswith("bias")}
    scales = {key.split("/")[0] for key in model.parameters if key.endswith("gamma")}
    blocks = {key.split("/")[0] for key in expected if "_conv" in key}
    assert biases & blocks == (set() if batch_normalization else blocks)
    assert scales == ({name.replace("conv", "bn") for name in blocks} if batch_normalization else set())


@pytest.mark.parametrize("network", NETWORKS)
def test_the_width_of_each_level_may_be_given(network: Callable[..., Model]) -> None:
    model = build(network, (None, None, 1), filters=(3, 7, 5), depth=2)
    widths = {key: a.shape[-1] for key, a in model.parameters.items() if key.endswith("conv2/kernel")}
    down = {"down1_conv2/kernel": 3, "down2_conv2/kernel": 7, "bottom_conv2/kernel": 5}
    assert widths == (down if network is FCN else down | {"up1_conv2/kernel": 3, "up2_conv2/kernel": 7})
    doubled = build(network, (None, None, 1), filters=[3, 6, 12], depth=2)
    np.testing.assert_array_equal(
        doubled.predict(x := image(1, 8, 8, 1)), build(network, (None, None, 1), filters=3, depth=2).predict(x)
    )


@pytest.mark.parametrize(("decoder", "convolutions"), [("paper", 2), ("light", 1)])
def test_the_number_of_convolutions_on_the_way_up(decoder: str, convolutions: int) -> None:
    model = build(UNet, (None, None, 1), filters=2, depth=2, decoder=decoder)
    names = {layer.name for layer in model.layers if "_conv" in layer.name}
    sides = {"down1": 2, "down2": 2, "bottom": 2, "up2": convolutions, "up1": convolutions}
    assert names == {f"{side}_conv{k + 1}" for side, count in sides.items() for k in range(count)}
    assert model.predict(image(1, 8, 8, 1)).shape == (1, 8, 8, 2)


@pytest.mark.parametrize(
    ("network", "options", "names"),
    [
        (UNet, {}, ("image down1_conv1 down1_bn1 down1_act1 down1_pool bottom_conv1 bottom_act2 up1 up1_join "
                   "up1_bn2 scores")),
        (UNet, {"dropout": 0.5}, "bottom_dropout"),
        (UNet, {"batch_normalization": False}, "bottom_conv2 down2_conv2 up2 up2_join up1_conv2 scores"),
        (FCN, {}, ("image down1_conv1 down1_bn1 down1_act1 down1_pool bottom_conv1 bottom_act2 scores enlarge "
                  "classifier")),
        (FCN, {"batch_normalization": False}, "bottom_conv2 scores enlarge classifier"),
    ],
)  # fmt: skip
def test_names_that_weights_are_moved_by_stay(
    network: Callable[..., Model], options: dict[str, Any], names: str
) -> None:
    """A second network of the same kind has the same names, not 'up1_1'."""
    for _ in range(2):
        model = build(network, (None, None, 1), filters=2, depth=2, **options)
        assert set(names.split()) <= {layer.name for layer in model.layers}
    assert model.name == {UNet: "unet", FCN: "fcn"}[network]
    assert build(network, (None, None, 1), depth=1, name="mine").name == "mine"


def test_the_two_ways_up() -> None:
    paper, light = (build(UNet, (None, None, 1), filters=4, depth=2, decoder=name) for name in ("paper", "light"))
    assert paper.parameters["up1/kernel"].shape == (2, 2, 4, 8)
    assert paper.parameters["up1_conv1/kernel"].shape == (3, 3, 8, 4)
    assert "up1/kernel" not in light.parameters
    assert light.parameters["up2_conv1/kernel"].shape == (1, 1, 16, 16)
    assert light.parameters["up2_skip1/kernel"].shape == (1, 1, 8, 16)
    assert light.parameters["up1_conv1/kernel"].shape == (1, 1, 16, 16)
    assert light.predict(image(1, 8, 12, 1)).shape == (1, 8, 12, 2)


@pytest.mark.parametrize("network", NETWORKS)
def test_logits_and_probabilities_belong_together(network: Callable[..., Model]) -> None:
    x = image(2, 8, 8, 1)
    logits, shares = (
        build(network, (None, None, 1), 5, filters=3, depth=2, classifier_activation=a).predict(x)
        for a in (None, "softmax")
    )
    assert logits.min() < 0
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    np.testing.assert_allclose(shares, exponentials / exponentials.sum(axis=-1, keepdims=True), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_activation_is_the_one_asked_for(network: Callable[..., Model]) -> None:
    """The same parameters with another activation after the convolutions give other scores."""
    x = image(1, 8, 8, 1)
    options: dict[str, Any] = {"filters": 3, "depth": 1, "classifier_activation": None}
    for normalized in (False, True):
        outputs = [
            build(network, (None, None, 1), activation=name, batch_normalization=normalized, **options).predict(x)
            for name in ("relu", "tanh", "sigmoid")
        ]
        assert all(not np.allclose(outputs[k], outputs[k - 1]) for k in range(3))


def test_dropout_acts_in_training_alone() -> None:
    x = image(1, 8, 8, 1)
    plain, dropping = (build(UNet, (None, None, 1), filters=4, depth=1, dropout=rate) for rate in (0.0, 0.5))
    for (
        key,
        array,
    ) in plain.parameters.items():  # the layer of its own drew a number, so that the later parameters differ
        dropping.parameters[key][...] = array
    np.testing.assert_array_equal(plain.predict(x), dropping.predict(x))
    y, cache = dropping.forward(x, training=True)
    assert not np.array_equal(y, plain.forward(x, training=True)[0])
    dropping.update_state(cache)  # the next step drops others
    assert not np.array_equal(y, dropping.forward(x, training=True)[0])


@pytest.mark.parametrize("network", NETWORKS)
def test_depth_widens_what_is_seen(network: Callable[..., Model]) -> None:
    """Each level doubles, more or less, how far a pixel sees.

    A network whose lower levels are not connected would not.
    """
    options: dict[str, Any] = {"filters": 4, "batch_normalization": False, "activation": "tanh"}
    seen = [reach(build(network, (None, None, 1), depth=depth, **options), 96) for depth in (1, 2, 3)]
    assert seen[0] < seen[1] < seen[2]
    assert seen[1] > 1.6 * seen[0]
    assert seen[2] > 1.6 * seen[1]


def test_the_connections_across_bring_back_what_the_pooling_lost() -> None:
    """One pixel that stays below its 2x2 block's largest changes nothing after the pooling, and is still seen by a
    U-Net.
    """
    x = image(1, 8, 8, 1)
    options: dict[str, Any] = {"filters": 3, "depth": 1, "batch_normalization": False}
    model = build(UNet, (None, None, 1), **options)
    for key in [key for key in model.parameters if key.startswith(("bottom", "up1/"))]:
        model.parameters[key][...] = 0  # the way through the bottom is cut
    changed = x.copy()
    changed[0, 4, 4] += 1
    assert not np.array_equal(model.predict(changed), model.predict(x))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_saved_network_comes_back(network: Callable[..., Model], tmp_path: Any) -> None:
    model = build(network, (None, None, 2), 3, filters=3, depth=2)
    model.save(tmp_path / "model.safetensors")
    x = image(1, 8, 12, 2)
    np.testing.assert_array_equal(load_model(tmp_path / "model.safetensors").predict(x), model.predict(x))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("shape", [(30, 32, 1), (32, 30, 1), (4, 8, 1), (None, 12, 1)])
def test_a_fixed_size_that_does_not_fit_is_refused_when_built(
    network: Callable[..., Model], shape: tuple[Any, ...]
) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="multiples of 8"):
        network(shape, depth=3)


@pytest.mark.parametrize("size", [(12, 16), (16, 20), (3, 16)])
def test_an_image_that_does_not_fit_is_refused_when_run(size: tuple[int, int]) -> None:
    """A map of another size than the image's, in silence, would be the worst answer."""
    model = build(UNet, (None, None, 1), filters=2, depth=3)
    with pytest.raises(tinyseg.InvalidInput):
        model.predict(image(1, *size, 1))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"depth": 0}, "depth"),
        ({"depth": 1.5}, "depth"),
        ({"filters": 0}, "filters"),
        ({"filters": 2.5}, "filters"),
        ({"filters": [4, 8]}, "filters"),
        ({"filters": [4, 8, 0, 16]}, "filters"),
        ({"filters": "1234"}, "filters"),
        ({"classes": 0}, "(?i)classes|filters"),
        ({"activation": "rellu"}, "did you mean 'relu'"),
        ({"classifier_activation": "softmaks"}, "did you mean 'softmax'"),
        ({"input_shape": (32, 32)}, r"height, width, channels"),
        ({"input_shape": (32, 32, 0)}, "(?i)channels|shape"),
    ],
    ids=str,
)
def test_impossible_options_are_refused(network: Callable[..., Model], options: dict[str, Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        network(**{"input_shape": (32, 32, 1), **options})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"decoder": "ligth"}, "did you mean 'light'"),
        ({"dropout": 1.0}, "(?i)dropout"),
        ({"dropout": -0.5}, "(?i)dropout"),
    ],
)
def test_impossible_options_of_the_unet_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        UNet((32, 32, 1), **options)
