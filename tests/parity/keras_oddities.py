"""What Keras does that is wrong or odd, and what tinyseg does: the last table of docs/keras.md.

`test_keras_oddities.py` reproduces each row.
"""

from __future__ import annotations

ODDITIES: tuple[tuple[str, str, str], ...] = (
    ("MeanIoU with float sample weights", "cut to integers: four weights of 0.5 count nothing, the result is 0.0",
     "count as they are"),
    ("MeanIoU with a prediction out of range", "dropped without a word, so the metric is of the other pixels",
     "InvalidInput"),
    ("MeanIoU given probabilities of a sigmoid", "cut to integers: 0.9 is class 0",
     "thresholded at 0.5, as `BinaryAccuracy` does"),
    ("per-image weights (N,) for masks (N, H, W)", "weigh image columns when N equals the width, and fail otherwise",
     "weigh images"),
    ("class_weight of fit for masks (N, H, W)",
     "fails on NumPy masks (and weighs each pixel where the data come from tf.data)", "weighs each pixel by its class"),
    ("a class id out of range, -1 or K, in SparseCategoricalCrossentropy", "loss 0 (on JAX)",
     "InvalidInput with the id and its place"),
    ("to_categorical of -1", "the last class", "InvalidInput"),
    ("to_categorical of 1.2", "class 1", "InvalidInput"),
    ("labels of 0 and 255 in BinaryCrossentropy", "a negative loss", "InvalidInput that names y / 255"),
    ("a softmax over one channel", "a warning; the network never learns",
     "a warning, and compile refuses; UNet and FCN with classes=1 end in a sigmoid"),
    ("Dense(True), use_bias='no', BatchNormalization(momentum=1.5), EarlyStopping(patience=-1), Adam(nan)", "taken",
     "InvalidInput, for each that tinyseg has"),
    ("SGD(decay=1e-3)", "a warning; ignored", "InvalidInput that names the schedule"),
    ("Dropout(0.5, 7)", "7 is noise_shape, and fails at the first use", "InvalidInput that names noise_shape"),
    ("an all-zero row of one-hot labels in CategoricalCrossentropy", "loss 0; on TensorFlow still a gradient",
     "loss 0 and gradient 0: the row counts for nothing"),
    ("Tversky(alpha=1, beta=0)", "alpha weighs what was missed; the docstring says false positives",
     "alpha weighs what was missed, and the docstring says so"),
    ("Huber(delta=2.0) saved and loaded", "get_config leaves delta out: the loaded loss has delta=1.0", "delta=2.0"),
    ("BinaryFocalCrossentropy(from_logits=True) of a logit of -20 for label 1", "gradient -7e-8: p is clipped",
     "gradient -1: computed from the logit"),
    ("the metric SparseCategoricalCrossentropy(ignore_class=1)",
     "ignored positions count as 0 in the mean; the loss of this name leaves them out", "leaves them out, as the loss"),
    ("regularizers.get('l1_l2'), which the docstring of L1L2 shows", "ValueError", "L1L2"),
    ("AUC of scores 5.0 and 7.0, such as logits", "cut off to 1: 0.5 without a word", "InvalidInput: from_logits=True"),
    ("the loss Dice of an empty image predicted perfectly", "1.0",
     "1.0 too, for it is Keras's loss, with gradient 0 for a perfect image; "
     "the metric Dice leaves out classes that do not occur"),
)  # fmt: skip
"""What, in Keras, in tinyseg."""
