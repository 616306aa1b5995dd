"""Each method keeps the property that makes it what it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.explain.networks import classifier, segmenter, with_random_weights
from tinyseg.explain import (
    Explanation,
    feature_maps,
    grad_cam,
    integrated_gradients,
    occlusion,
    plot_explanations,
    plot_feature_maps,
    randomization_test,
    receptive_field,
    saliency,
    score_network,
)
from tinyseg.layers import Activation, Conv2D, Dense, Flatten, Input, MaxPooling2D, Multiply, Softmax
from tinyseg.models import Model, Sequential

METHODS: dict[str, Callable[..., Explanation]] = {
    "saliency": saliency,
    "smooth": lambda *a, **k: saliency(*a, **k, noise=0.1, samples=5),
    "integrated": integrated_gradients,
    "occlusion": lambda *a, **k: occlusion(*a, **k, size=(4, 6)),
    "grad_cam": grad_cam,
    "local grad_cam": lambda *a, **k: grad_cam(*a, **k, weights="local"),
}


@pytest.fixture
def image() -> np.ndarray:
    """A random image, not square, of two channels."""
    return np.random.default_rng(5).standard_normal((20, 28, 2)).astype("float32")


@pytest.mark.parametrize("method", METHODS)
def test_pixel_lies_in_its_receptive_field(method: str, image: np.ndarray) -> None:
    """No method finds anything beyond what the pixel can see, but all find something within; 'mean' weights may."""
    model = score_network(segmenter(batch_normalization=False, activation="tanh"))
    small = Sequential([Input((20, 28, 2)), Conv2D(4, 3, activation="tanh"), Conv2D(3, 3, padding="same")])
    for network, pixel in ((model, (3, 20)), (with_random_weights(small), (9, 2))):
        found = METHODS[method](network, image, 1, pixel=pixel)
        field = receptive_field(network, pixel=pixel, image_size=(20, 28))
        outside = ~field.mask
        if method == "occlusion":  # a patch that touches the field covers pixels beyond it
            outside = ~_grown(field.mask, 6)
        assert not found.map[outside].any()
        assert found.map.any()
        assert found.target.pixel == pixel


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    grown = np.zeros_like(mask)
    grown[max(rows[0] - by, 0) : rows[-1] + by + 1, max(columns[0] - by, 0) : columns[-1] + by + 1] = True
    return grown


@pytest.mark.parametrize("make", [segmenter, classifier])
def test_integrated_gradients_are_complete(make: Callable[[], Model], image: np.ndarray) -> None:
    """The shares add up to the score's difference, against any baseline, and `missing` says what they do not."""
    model = make()
    image = image[:13, :17] if model.output_shape[1] == 4 else image
    network = score_network(model)
    baseline = np.random.default_rng(1).standard_normal(image.shape).astype("float32")
    found = integrated_gradients(model, image, 2, baseline=baseline, tolerance=0.002)
    where = found.target.where
    scores = network.predict(np.stack([image, baseline]), verbose=0)[..., 2]
    scores = scores if where is None else scores[:, where].mean(axis=1)
    difference = float(scores[0] - scores[1])
    assert found.values.sum() + found.details["missing"] == pytest.approx(difference, rel=1e-3, abs=1e-4)
    assert abs(found.values.sum() - difference) <= 0.003 * abs(difference)


def test_integrated_gradients_double_their_steps_until_nothing_is_missing(image: np.ndarray) -> None:
    """One step is wrong, and is not left at that; where the score is linear one step is right."""
    model = segmenter()
    assert integrated_gradients(model, image, 0, steps=1, tolerance=0.01).details["steps"] > 1
    linear = Sequential([Input((20, 28, 2)), Conv2D(2, 3, padding="same")])
    found = integrated_gradients(linear, image, 1, pixel=(4, 4), steps=1, tolerance=1e-3)
    assert found.details["steps"] == 1


def test_integrated_gradients_take_the_middle_of_each_part(image: np.ndarray) -> None:
    """Where the score is a sum of squares its gradient grows evenly, so that the middle of one part is exact."""
    x = Input((20, 28, 2))
    model = with_random_weights(Model(x, Conv2D(2, 3, padding="same")(Multiply()([x, x]))))
    found = integrated_gradients(model, image, 1, pixel=(4, 4), baseline=0.5, steps=1, tolerance=1e-4)
    assert found.details["steps"] == 1


def test_gradients_are_those_of_the_score(image: np.ndarray) -> None:
    """A central difference of the mean score agrees with saliency, in float64."""
    x = Input((6, 7, 2), dtype="float64")
    model = with_random_weights(Model(x, Conv2D(3, 3, activation="softmax")(Conv2D(4, 3, padding="same")(x))))
    image = image[:6, :7].astype("float64")
    region = np.zeros((4, 5), bool)
    region[1:3, 2:] = True
    found, network = saliency(model, image, 1, region=region), score_network(model)
    for place in ((0, 0, 0), (3, 4, 1), (2, 5, 0)):
        step = np.zeros_like(image)
        step[place] = 1e-5
        above, below = network.predict(np.stack([image + step, image - step]), verbose=0)[..., 1][:, region].mean(
            axis=1
        )
        assert found.values[place] == pytest.approx(abs(above - below) / 2e-5, rel=1e-6, abs=1e-9)
    assert found.values.dtype == np.float64


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("make", [segmenter, classifier])
def test_maps_change_with_random_weights(method: str, make: Callable[[], Model], image: np.ndarray) -> None:
    """Once all weights are shuffled, the map has little to do with what it was; the network itself is not changed."""
    model = make()
    image = image[:13, :17] if model.output_shape[1] == 4 else image
    where = {} if model.output_shape[1] == 4 else {"region": np.ones(image.shape[:2])}
    before = [array.copy() for array in model.get_weights()]
    found = list(randomization_test(model, lambda m: METHODS[method](m, image, 1, **where).map))
    assert [step.layer for step in found] == [layer.name for layer in reversed(model.layers) if layer.parameters]
    assert min(step.correlation for step in found) < 0.85
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_randomization_test_finds_what_ignores_the_network(image: np.ndarray) -> None:
    """A map of the image's edges stays the same."""
    steps = list(randomization_test(segmenter(), lambda model: np.abs(np.diff(image[..., 0], axis=0))))
    assert all(step.correlation == pytest.approx(1.0) for step in steps)


def test_occlusion_is_the_fall_of_the_score(image: np.ndarray) -> None:
    """One patch over everything: each pixel gets S(image) - S(fill)."""
    model = classifier()
    image = image[:13, :17]
    found = occlusion(model, image, 3, size=(13, 17), stride=(13, 17), fill=0.5)
    network = score_network(model)
    scores = network.predict(np.stack([image, np.full_like(image, 0.5)]), verbose=0)[:, 3]
    np.testing.assert_allclose(found.map, scores[0] - scores[1], rtol=1e-4)


def test_occlusion_is_the_mean_over_all_patches_that_cover_a_pixel(image: np.ndarray) -> None:
    """Where the score is linear, a patch's fall is the sum of weight times what was there."""
    model = with_random_weights(Sequential([Input((20, 28, 2)), Conv2D(2, (20, 28))]))
    found = occlusion(model, image, 1, size=(5, 6), stride=(2, 3), fill=0.0)
    shares = (model.layers[0].get_weights()[0][..., 1] * image).sum(axis=2)
    total, times = np.zeros(shares.shape), np.zeros(shares.shape)
    for top in range(-3, 20, 2):
        for left in range(-3, 28, 3):
            window = (slice(max(top, 0), top + 5), slice(max(left, 0), left + 6))
            total[window] += shares[window].sum()
            times[window] += 1
    np.testing.assert_allclose(found.map, total / times, rtol=1e-3, atol=1e-4)
    assert found.details["patches"] == 12 * 11


def test_grad_cam_by_hand(image: np.ndarray) -> None:
    """After a global average and a dense layer, the weights are that layer's kernel over the number of places."""
    model = classifier()
    image = image[:13, :17]
    found = grad_cam(model, image, 2, layer="last", weights="mean")
    maps = feature_maps(model, image, "last")["last"]
    kernel = model.layers[-1].get_weights()[0][:, 2]
    expected = np.maximum((maps * kernel).sum(axis=2) / (maps.shape[0] * maps.shape[1]), 0)
    # The middle of place (i, j) is at (2 i + 1.5, 2 j + 1.5) the mean of the four pixels around it.
    inner = found.map[1:11, 1:15]
    means = (inner[::2, ::2] + inner[1::2, ::2] + inner[::2, 1::2] + inner[1::2, 1::2]) / 4
    assert means.shape == expected.shape == (5, 7)
    assert np.corrcoef(means.ravel(), expected.ravel())[0, 1] > 0.9
    assert found.details["largest"] == pytest.approx(float(expected.max()), rel=1e-5)


@pytest.mark.parametrize("ending", ["argument", "Activation", "Softmax", "sigmoid", "none"])
def test_scores_are_those_before_the_last_activation(ending: str, image: np.ndarray) -> None:
    """However the softmax is written, and on the very same arrays."""
    x = Input((20, 28, 2))
    last = Conv2D(3, 1, activation={"argument": "softmax", "sigmoid": "sigmoid"}.get(ending), name="last")
    y = last(x)
    y = {"Activation": Activation("softmax"), "Softmax": Softmax()}.get(ending, lambda t: t)(y)
    network = score_network(with_random_weights(Model(x, y)))
    for _ in range(2):
        kernel, bias = last.get_weights()
        np.testing.assert_allclose(
            network.predict(image[None], verbose=0)[0], image @ kernel[0, 0] + bias, rtol=1e-5, atol=1e-6
        )
        last.set_weights([2 * kernel, bias])  # also after the weights have changed


def test_one_output_is_two_classes(image: np.ndarray) -> None:
    """With a sigmoid, class 0 has the score -z."""
    x = Input((20, 28, 2))
    model = Model(x, Conv2D(1, 3, padding="same", activation="sigmoid")(x))
    one, zero = (integrated_gradients(model, image, k, pixel=(3, 3)) for k in (1, 0))
    np.testing.assert_array_equal(one.values, -zero.values)
    assert saliency(model, image).target.class_index in (0, 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"class_index": 3}, "class from 0 to 2"),
        ({"class_index": True}, "class from 0 to 2"),
        ({"pixel": (20, 0)}, "20 x 28"),
        ({"region": np.zeros((20, 28))}, "empty"),
        ({"region": np.ones((20, 27))}, "output's size"),
        ({"region": np.ones((20, 28)), "pixel": (0, 0)}, "both"),
    ],
)
def test_questions_that_make_no_sense(options: dict[str, object], words: str, image: np.ndarray) -> None:
    """Each is told what was expected."""
    with pytest.raises(InvalidInput, match=words):
        saliency(segmenter(), image, **options)  # type: ignore[arg-type]


def test_methods_refuse_arguments_out_of_range(image: np.ndarray) -> None:
    """Each method its own."""
    model = segmenter()
    for work, words in (
        (lambda: saliency(model, image, noise=-1), "noise"),
        (lambda: integrated_gradients(model, image, steps=0), "steps"),
        (lambda: integrated_gradients(model, image, baseline=np.zeros((3, 3, 2))), "baseline"),
        (lambda: occlusion(model, image, size=4, stride=5), "strides"),
        (lambda: occlusion(model, image, fill=np.zeros(5)), "fill"),
        (lambda: grad_cam(model, image, weights="max"), "mean"),
        (lambda: grad_cam(model, image, layer="nowhere"), "nowhere"),
        (lambda: saliency(model, image[0]), "one image"),
        (lambda: saliency(classifier(), image[:13, :17], pixel=(0, 0)), "no pixel"),
        (lambda: plot_explanations(image[..., :1], []), "at least one"),
    ):
        with pytest.raises(InvalidInput, match=words):
            work()


def test_feature_maps_are_the_layers_results(image: np.ndarray) -> None:
    """Each as `Model(input, layer.output)` gives it; a layer without rows and columns is refused by name."""
    model = Sequential(
        [Input((20, 28, 2)), Conv2D(3, 3, name="c"), MaxPooling2D(2, name="p"), Flatten(), Dense(2, name="d")]
    )
    found = feature_maps(model, image)
    assert {name: values.shape for name, values in found.items() if name in "cp"} == {"c": (18, 26, 3), "p": (9, 13, 3)}
    np.testing.assert_array_equal(found["p"], found["c"].reshape(9, 2, 13, 2, 3).max(axis=(1, 3)))
    with pytest.raises(InvalidInput, match="'d'"):
        feature_maps(model, image, ["d"])


def test_drawings(image: np.ndarray) -> None:
    """Each explanation has a panel, each feature map too."""
    model = segmenter()
    found = [METHODS[name](model, image, 1) for name in ("saliency", "occlusion", "grad_cam")]
    titles = [axis.get_title() for axis in plot_explanations(image[..., :1], found, ["a", "b", "c"]).axes]
    assert titles[0].startswith("b: score")
    assert {"saliency", "occlusion"} <= set(titles)
    figure = plot_feature_maps(feature_maps(model, image, ["down1_conv1", "bottom_conv1"]), most=3)
    assert sum(axis.has_data() for axis in figure.axes) == 6
