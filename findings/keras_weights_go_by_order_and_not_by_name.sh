#!/usr/bin/env bash
# Keras 3.15.1: load_weights goes by the order of the layers alone, whatever they are called, and says nothing.
#
# A .weights.h5 keeps the layers under their classes with counters (layers/conv2d, layers/conv2d_1); the name that
# somebody gave a layer stands in an attribute, which is written and not read. So two layers of one shape that stand in
# another order in the model take each other's weights, though both are named, in the file and in the model.
#
#     the file says: edges, corners; the model has: corners, edges
#     'edges' of the file is in 'edges': False, in 'corners': True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import warnings

import h5py
import keras

warnings.simplefilter("error", UserWarning)


def model(*names):
    convolutions = (keras.layers.Conv2D(2, 3, name=name) for name in names)
    return keras.Sequential([keras.Input((8, 8, 2)), *convolutions])


saved, loaded = model("edges", "corners"), model("corners", "edges")
saved.save_weights("m.weights.h5")
with h5py.File("m.weights.h5") as file:
    names = [str(file[f"layers/{path}/vars"].attrs["name"]) for path in ("conv2d", "conv2d_1")]
loaded.load_weights("m.weights.h5")
kernel = saved.get_layer("edges").kernel.numpy()
own, other = (bool((kernel == loaded.get_layer(name).kernel.numpy()).all()) for name in ("edges", "corners"))
print(f"the file says: {', '.join(names)}; the model has: {', '.join(layer.name for layer in loaded.layers)}")
print(f"'edges' of the file is in 'edges': {own}, in 'corners': {other}")
assert (names, own, other) == (["edges", "corners"], False, True)
PYTHON
