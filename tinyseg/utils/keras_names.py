"""What of Keras is absent here or different, and what to use instead.

The words of errors and of docs/keras.md, each written once.

What Keras has is read from Keras itself (`keras_signatures.py`). This module is loaded when something is refused, and
for arguments given by position.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from .keras_signatures import NAMES, SIGNATURES, VERSION

__all__ = ["ABSENT", "ABSENT_ARGUMENTS", "DIFFERENT", "DIFFERENT_ARGUMENTS", "NAMES", "SPELLINGS", "VERSION"]

_OWN_LAYER = "write a layer of your own (derive from tinyseg.layers.Layer: forward and backward)"
_OWN_LOSS = "write a loss of your own (derive from tinyseg.losses.Loss)"
_OWN_METRIC = "write a metric of your own (derive from tinyseg.metrics.Metric)"
_NO_SEQUENCES = "tinyseg is for images; it has no layers for sequences and text"
_CLIP = "tinyseg has no constraints: clip the gradients (clipnorm, clipvalue of the optimizer) or use weight_decay"
_REGISTRY = "give your own classes to load_model as custom_objects={'Name': Class}"
_AUGMENT = "use tinyseg.datasets.Augmentation in SegmentationBatches, which turns image and mask alike"

ABSENT: tuple[tuple[str, str, str], ...] = (
    # Module, names (`*` stands for any letters), what to use. The first entry that fits counts.
    ("layers", "*1D* *3D*", "tinyseg is for images: use the layer for 2D"),
    ("layers", "*LSTM* *GRU* *RNN* Bidirectional TimeDistributed Embedding ReversibleEmbedding Masking", _NO_SEQUENCES),
    ("layers", "*Attention", f"use convolutions, or {_OWN_LAYER}"),
    ("layers", "RMSNormalization UnitNormalization SpectralNormalization",
     "use LayerNormalization, GroupNormalization or BatchNormalization"),
    ("layers", "Normalization", "use tinyseg.datasets.standardize, or normalise the arrays before fit"),
    ("layers", "CenterCrop", "use Cropping2D, or cut the arrays"),
    ("layers",
     "Random* AugMix AutoContrast CutMix MixUp Equalization Solarization ContrastLimited* Pipeline MaxNumBoundingBoxes",
     _AUGMENT),
    ("layers", "RandAugment", _AUGMENT),
    ("layers", "Adaptive*", "use GlobalAveragePooling2D or GlobalMaxPooling2D, or a pooling with a pool_size"),
    ("layers", "Dot dot", f"use Multiply or Dense, or {_OWN_LAYER}"),
    ("layers", "GaussianDropout GaussianNoise AlphaDropout", "use Dropout or SpatialDropout2D"),
    ("layers", "ActivityRegularization", "use kernel_regularizer of the layers, or Dropout"),
    ("layers", "Identity", "use Activation('linear')"),
    ("layers", "Permute RepeatVector EinsumDense", f"use Reshape, Flatten or Dense, or {_OWN_LAYER}"),
    ("layers", "CategoryEncoding", "use tinyseg.utils.to_categorical"),
    ("layers", "Discretization Hash* *Lookup TextVectorization",
     "tinyseg is for images: prepare tables and texts with NumPy"),
    ("layers", "*Spectrogram", "make images of sounds before training, for instance with SciPy"),
    ("layers", "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper",
     "tinyseg computes everything itself; layers of other libraries cannot be part of a network"),
    ("layers", "Wrapper InputSpec", "write a layer of your own; `expected_rank` states how many axes its input has"),
    ("layers", "serialize deserialize", "use layer.get_config() and Class.from_config(config)"),
    ("losses", "deserialize", "use tinyseg.losses.get({'class_name': ..., 'config': ...})"),
    ("losses", "CategoricalGeneralized* categorical_generalized*",
     f"use SparseCategoricalCrossentropy, or {_OWN_LOSS}"),
    ("losses", "CTC ctc Circle circle CosineSimilarity cosine_similarity", f"{_OWN_LOSS}"),
    ("metrics", "deserialize", "use tinyseg.metrics.get({'class_name': ..., 'config': ...})"),
    ("metrics", "*AtS* *AtR* *AtP*", "use AUC, or Precision and Recall with several thresholds"),
    ("metrics", "binary_accuracy categorical_accuracy sparse_categorical_accuracy",
     "use the class of this name in CamelCase"),
    ("metrics", "*top_k*", "use the class of this name in CamelCase"),
    ("metrics",
     "*_crossentropy huber log_cosh poisson *hinge kl_divergence mean_absolute_percentage_error "
     "mean_squared_logarithmic_error", "use the function of this name in tinyseg.losses"),
    ("metrics", "mean_squared_error mean_absolute_error", "use the class of this name in CamelCase"),
    ("metrics",
     "R2Score Pearson* pearson* Concordance* concordance* CosineSimilarity Sum MeanMetricWrapper",
     f"use MeanSquaredError or MeanAbsoluteError, or {_OWN_METRIC}"),
    ("optimizers", "deserialize", "use tinyseg.optimizers.get({'class_name': ..., 'config': ...})"),
    ("optimizers", "Adamax Nadam Lion Lamb Muon Adafactor ScheduleFreeAdamW", "use Adam or AdamW"),
    ("optimizers", "Adagrad Adadelta Ftrl", "use RMSprop or Adam"),
    ("optimizers", "LossScaleOptimizer", "tinyseg computes in float32 or float64, where gradients need no scaling"),
    ("optimizers", "MultiOptimizer OptimizerMap",
     "compile with one optimizer; layer.trainable = False leaves layers out"),
    ("optimizers", "legacy", "use the optimizers of tinyseg.optimizers"),
    ("optimizers.schedules", "deserialize", "use tinyseg.optimizers.schedules.get({'class_name': ..., 'config': ...})"),
    ("callbacks", "ProgbarLogger", "use ProgressLogger; fit adds one by itself"),
    ("callbacks", "TensorBoard RemoteMonitor", "use CSVLogger, or History, which fit returns"),
    ("callbacks", "OrbaxCheckpoint", "use ModelCheckpoint or BackupAndRestore"),
    ("callbacks", "SwapEMAWeights", "average the weights in a Callback of your own (get_weights, set_weights)"),
    ("initializers", "deserialize", "use tinyseg.initializers.get({'class_name': ..., 'config': ...})"),
    ("initializers", "Orthogonal* orthogonal Identity* identity STFT* stft",
     "use GlorotUniform or HeNormal, or derive from Initializer"),
    ("regularizers", "deserialize", "use tinyseg.regularizers.get({'class_name': ..., 'config': ...})"),
    ("regularizers", "Orthogonal* orthogonal*", "derive from tinyseg.regularizers.Regularizer"),
    ("constraints", "*", _CLIP),
    ("utils", "Sequence PyDataset",
     "give fit any object with len() and [k] that returns batches, such as tinyseg.datasets.SegmentationBatches"),
    ("utils", "image_dataset_from_directory", "use tinyseg.datasets.SegmentationFolder and SegmentationBatches"),
    ("utils", "*_from_directory timeseries*", "tinyseg is for images: read them with tinyseg.datasets"),
    ("utils", "load_img img_to_array array_to_img", "use tinyseg.datasets.read_image and read_mask"),
    ("utils", "save_img", "use tinyseg.datasets.write_image and write_mask"),
    ("utils", "get_file", "download the file yourself: tinyseg fetches nothing from the net"),
    ("utils", "model_to_dot", "use tinyseg.utils.plot_model, or model.summary()"),
    ("utils", "Progbar", "use tinyseg.callbacks.ProgressLogger"),
    ("utils", "normalize", "use tinyseg.datasets.standardize, or NumPy: x / np.linalg.norm(x, axis=-1, keepdims=True)"),
    ("utils", "split_dataset", "split the arrays or the list of files with NumPy; fit has validation_split"),
    ("utils", "pad_sequences FeatureSpace", _NO_SEQUENCES),
    ("utils", "bounding_boxes", "tinyseg segments; tinyseg.segmentation.find_regions gives the boxes of regions"),
    ("utils", "*pack_x_y_sample_weight", "use tuples: (x, y) or (x, y, sample_weight)"),
    ("utils", "*[Cc]ustom* *register* *_keras_object", _REGISTRY),
    ("utils", "*interactive_logging*", "use verbose of fit, evaluate and predict"),
    ("utils", "standardize_dtype", "use numpy.dtype"),
    ("utils", "is_keras_tensor get_source_inputs", "use isinstance(x, tinyseg.layers.SymbolicTensor) and model.inputs"),
    ("utils", "Config legacy", "tinyseg needs none"),
    ("activations", "glu", f"use Multiply of two layers, one of them with a sigmoid, or {_OWN_LAYER}"),
    ("activations", "log_softmax sparsemax", "use 'softmax'; a loss with from_logits=True takes logits as they are"),
    ("activations", "deserialize", "an activation is kept by its name: activations.get(name)"),
    ("applications", "*",
     ("use VGG16, ResNet50, MobileNetV2, MobileNetV3Small or Large; or ResNet18, ResNet34, EfficientNetLite0 or "
     "SqueezeNet, which Keras does not have")),
    ("datasets", "cifar* fashion_mnist *_housing imdb reuters",
     "use tinyseg.datasets.mnist, digit_scenes or SegmentationFolder: tinyseg fetches nothing from the net"),
    ("random", "SeedGenerator", "use seed=<integer>, and tinyseg.utils.set_random_seed"),
    ("random", "*", "use numpy.random.default_rng(seed); tinyseg.utils.set_random_seed seeds everything of tinyseg"),
    ("config", "floatx set_floatx", "use tinyseg.utils.floatx and set_floatx ('float32' or 'float64')"),
    ("config", "backend set_backend",
     ("use tinyseg.get_backend and tinyseg.set_backend: backends compute on the CPU or the GPU, all under NumPy's "
     "names")),
    ("config", "*dtype_policy*",
     "give Input(dtype=...), or use tinyseg.utils.set_floatx; mixed precision on a GPU: tinyseg.set_matmul_precision"),
    ("config", "*image_data_format",
     "channels come last, (N, H, W, C), always: x.transpose(0, 2, 3, 1) turns the other order"),
    ("config", "*epsilon", "it is 1e-7 wherever Keras uses its epsilon"),
    ("config", "*", "tinyseg needs none"),
    ("saving", "load_model save_model load_weights save_weights", "use tinyseg.models, or the methods of the model"),
    ("saving", "KerasFileEditor", "files of tinyseg are safetensors: read them with the package safetensors"),
    ("saving", "*", _REGISTRY),
    ("backend", "set_epsilon", "epsilon is 1e-7 wherever Keras uses its own"),
    ("backend", "set_image_data_format",
     "channels come last, (N, H, W, C), always: x.transpose(0, 2, 3, 1) turns the other order"),
    ("backend", "backend", "use tinyseg.get_backend()"),
    ("backend", "*", "use NumPy"),
    ("", "Layer", "use tinyseg.layers.Layer"),
    ("", "Loss", "use tinyseg.losses.Loss"),
    ("", "Metric", "use tinyseg.metrics.Metric"),
    ("", "Optimizer", "use tinyseg.optimizers.Optimizer"),
    ("", "Initializer", "use tinyseg.initializers.Initializer"),
    ("", "Regularizer", "use tinyseg.regularizers.Regularizer"),
    ("", "KerasTensor", "use tinyseg.layers.SymbolicTensor"),
    ("", "Variable Function Operation StatelessScope SymbolicScope name_scope InputSpec",
     "parameters are NumPy arrays: layer.add_parameter, layer.parameters"),
    ("", "ops", "use NumPy on arrays, and layers on symbolic tensors"),
    ("", "mixed_precision *DTypePolicy dtype_policies",
     "give Input(dtype=...), or use tinyseg.utils.set_floatx; on a GPU tinyseg.set_matmul_precision"),
    ("", "preprocessing", "use tinyseg.datasets"),
    ("", "device distribution", "use tinyseg.set_backend and set_num_threads"),
    ("", "export saving", "use model.save(filepath) and tinyseg.models.load_model"),
    ("", "config", "use tinyseg.utils (floatx, set_floatx) and tinyseg.set_backend"),
    ("", "random", "use numpy.random.default_rng(seed), and tinyseg.utils.set_random_seed"),
    ("", "constraints", _CLIP),
    ("", "Quantizer quantizers RematScope remat distillation wrappers tree legacy src",
     "tinyseg has nothing of the kind"),
    ("", "version", "use tinyseg.__version__"),
    ("", "keras",
     "tinyseg has Keras's modules itself: tinyseg.layers, tinyseg.models, ...; write `import tinyseg as keras`"),
)  # fmt: skip
"""Names that Keras has and tinyseg has not."""

OLD_NAMES = {
    "layers": {
        "Merge": "Add or Concatenate", "merge": "Add or Concatenate", "Deconvolution2D": "Conv2DTranspose",
        "AtrousConvolution2D": "Conv2D with dilation_rate", "ThresholdedReLU": "ReLU",
        "CuDNNLSTM": "(none: tinyseg is for images)", "SpatialDropout": "Dropout", "BatchNorm": "BatchNormalization",
        "DepthwiseConvolution2D": "DepthwiseConv2D", "InputSpec": "Layer.expected_rank",
    },
    "utils": {"np_utils": "tinyseg.utils.to_categorical", "multi_gpu_model": "tinyseg.set_backend",
        "to_one_hot": "to_categorical"},
    "optimizers": {"TFOptimizer": "SGD, Adam or RMSprop"},
}  # fmt: skip
"""Names of older Keras that today's does not have either, and today's word for them."""

SPELLINGS = {
    "lr": "learning_rate", "nb_filter": "filters", "nb_filters": "filters", "output_dim": "units",
    "nb_row": "kernel_size", "nb_col": "kernel_size", "border_mode": "padding", "subsample": "strides",
    "bias": "use_bias", "init": "kernel_initializer", "dim_ordering": "data_format", "p": "rate", "nb_epoch": "epochs",
    "nb_classes": "num_classes", "classes": "num_classes", "mode": "axis", "input": "inputs", "output": "outputs",
    "batch_input_shape": "input_shape", "batch_shape": "input_shape", "atrous_rate": "dilation_rate", "beta1": "beta_1",
    "beta2": "beta_2", "betas": "beta_1", "eps": "epsilon", "epsilon_": "epsilon", "label_smooth": "label_smoothing",
    "filter": "filters", "kernel": "kernel_size", "stride": "strides", "dilation": "dilation_rate",
    "ignore_index": "ignore_class", "ignore_label": "ignore_class", "weight": "class_weight", "out_channels": "filters",
    "in_channels": "input_shape", "out_features": "units", "slope": "negative_slope", "alpha": "negative_slope",
    "value": "values", "period": "save_freq", "save_best": "save_best_only", "lr_schedule": "schedule",
    "file": "filepath", "path": "filepath", "filename": "filepath", "n_classes": "num_classes",
    "weights_decay": "weight_decay", "l2": "weight_decay", "max_norm": "clipnorm",
}  # fmt: skip
"""Old and foreign spellings of arguments, and Keras's of today."""

ABSENT_ARGUMENTS: dict[str, str] = {
    # An argument, or 'module.Name.argument' where the word depends on the place. Only Keras's default is accepted, and
    # what NEUTRAL says.
    "activity_regularizer": "tinyseg has no regularizers of activations: use Dropout, or kernel_regularizer",
    "kernel_constraint": _CLIP, "bias_constraint": _CLIP, "depthwise_constraint": _CLIP, "pointwise_constraint": _CLIP,
    "beta_constraint": _CLIP, "gamma_constraint": _CLIP, "alpha_constraint": _CLIP,
    "autocast": "inputs are always converted to the network's dtype, float32 or float64",
    "lora_rank": "to adapt a trained network freeze layers: layer.trainable = False",
    "lora_alpha": "to adapt a trained network freeze layers: layer.trainable = False",
    "quantization_config": "tinyseg computes in float32 or float64",
    "renorm": "use BatchNormalization as it is, with larger batches or trainable=False",
    "renorm_clipping": "there is no renorm", "renorm_momentum": "there is no renorm",
    "synchronized": "statistics are of the batch of one device",
    "noise_shape": "every number is dropped by itself; SpatialDropout2D drops whole channels",
    "backend.set_floatx.value": "its name here is dtype",
    "batch_size": "a network takes batches of any size: leave it out",
    "batch_shape": "give shape without the batch: a network takes batches of any size", "sparse": "give dense arrays",
    "ragged": "give dense arrays: images of one size, or batches of one image",
    "tensor": "call layers on what Input returns", "input_tensor": "call Input, and layers on what it returns",
    "optional": "every input must be given", "amsgrad": "use Adam as it is, with a smaller learning rate or a schedule",
    "use_ema": "average the weights in a Callback of your own (get_weights, set_weights)",
    "ema_momentum": "there is no use_ema", "ema_overwrite_frequency": "there is no use_ema",
    "loss_scale_factor": "tinyseg computes in float32 or float64, where gradients need no scaling",
    "gradient_accumulation_steps": "use a larger batch_size; it is the same but for the memory",
    "dtype": "losses and metrics compute in the dtype of the predictions",
    "layers.Input.batch_size": "a network takes batches of any size: leave it out",
    "sparse_y_true": "labels may be class ids or one-hot; tinyseg sees which by their shape",
    "sparse_y_pred": "predictions may be probabilities or class ids; tinyseg sees which by their shape and dtype",
    "metrics.MeanIoU.axis": "the classes are the last axis", "metrics.IoU.axis": "the classes are the last axis",
    "metrics.OneHotIoU.axis": "the classes are the last axis",
    "metrics.OneHotMeanIoU.axis": "the classes are the last axis", "axis": "it must be the last axis, the channels",
    "name": "schedules have no names", "save_freq": "a file is written after each epoch",
    "double_checkpoint": "files are written whole or not at all, so one is enough",
    "raise_error": "look at model.stop_training and the History, which ends there",
    "input_axes": "the fans follow from the shape: the last axis but one and the last",
    "output_axes": "the fans follow from the shape: the last axis but one and the last",
    "safe_mode": "a file of tinyseg holds no code, so nothing in it is ever executed",
    "overwrite": "an existing file is replaced, whole or not at all", "zipped": "a model is one safetensors file",
    "free_memory": "memory is given back when the model goes", "line_length": "the table is as wide as it must be",
    "positions": "the table is as wide as it must be", "expand_nested": "call summary() of the inner model",
    "show_trainable": "the column 'Trained' is always there", "layer_range": "the table has all layers",
    "max_shard_size": "weights are one file", "dpi": "an SVG has no pixels", "splines": "lines are curves",
    "utils.plot_model.expand_nested": "draw the inner model by itself", "recursive": "a model within is cloned whole",
    "call_function": "give a clone_function that returns other layers",
    "trainable": "set layer.trainable or model.trainable",
    "input_shape": "give Input(shape=...)", "thing": "give the object", "cooldown_": "",
}  # fmt: skip
"""Arguments that Keras has and tinyseg has not, and what to use."""

OLD_ARGUMENTS: dict[str, str] = {
    "decay": "Keras ignores it today: use a schedule, such as schedules.InverseTimeDecay(rate, 1, decay)",
    "weights": "call layer.set_weights(...) once it is built, or model.load_weights(file)",
    "border_mode": "today it is padding='valid' or 'same'",
    "nb_row": "today it is kernel_size=(rows, columns)", "nb_col": "today it is kernel_size=(rows, columns)",
    "batch_input_shape": "today it is input_shape, without the batch",
    "input_length": "tinyseg is for images", "W_regularizer": "today it is kernel_regularizer",
    "b_regularizer": "today it is bias_regularizer", "W_constraint": _CLIP,
    "b_constraint": _CLIP, "dim_ordering": "today it is data_format, and only 'channels_last' here",
}  # fmt: skip
"""Arguments of older Keras that today's does not have either."""

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "dtype": (None, "float32", "float64"), "sparse": (None, False), "ragged": (None, False), "autocast": (True, False),
    "safe_mode": (True, False), "overwrite": (True,), "free_memory": (True, False),
    "expand_nested": (False,), "show_trainable": (True, False), "double_checkpoint": (True, False),
    "optimizers.schedules.name": (),
}  # fmt: skip
"""Values beside Keras's default that change nothing here. A test of the page reads these too."""

ANY_VALUE = ("ema_momentum", "renorm_momentum", "line_length", "positions")
"""Arguments whose value changes nothing, since they only say how something absent is done."""

DIFFERENT: dict[str, str] = {
    "layers.Layer": "forward and backward beside build and call; see its docstring",
    "layers.MaxPooling2D": "padded positions never win, as in Keras; explicit padding pairs are taken too",
    "layers.Conv2D": "padding also takes explicit pairs ((top, bottom), (left, right))",
    "layers.GroupNormalization": "axis must be the channels (-1)",
    "layers.Lambda": "the gradient is given, too: gradient=function of dy and x; without it backward says so",
    "layers.Maximum": "a tie is shared between the inputs in halves, whatever Keras's backend does",
    "layers.Minimum": "a tie is shared between the inputs in halves, whatever Keras's backend does",
    "layers.Resizing": "images are stretched: crop_to_aspect_ratio and pad_to_aspect_ratio must be False",
    "models.clone_model": "functional and Sequential models; clone_function is called on every layer but inputs",
    "utils.plot_model": "writes SVG, without Graphviz; a model within the model is one box",
    "layers.BatchNormalization": (
        "axis must be the channels (-1); float32 statistics in one place of the network as in Keras"
    ),
    "layers.Flatten": "channels last only",
    "layers.Dropout": "masks are a function of (seed, step), so that a resumed training draws the same ones",
    "models.Model": "functional only: inputs and outputs; a subclass with call has no gradient here",
    "models.load_model": "reads files of tinyseg (safetensors)",
    "models.save_model": "writes safetensors; include_optimizer=False leaves out the training",
    "losses.Loss": "positions and positions_backward instead of call; see its docstring",
    "losses.BinaryCrossentropy": "also class_weight and ignore_class; labels out of 0 to 1 are refused",
    "losses.CategoricalCrossentropy": "also class_weight and ignore_class",
    "losses.SparseCategoricalCrossentropy": "also class_weight; labels out of range are refused",
    "losses.BinaryFocalCrossentropy": "also class_weight and ignore_class; logits are not clipped",
    "losses.CategoricalFocalCrossentropy": "also class_weight and ignore_class; logits are not clipped",
    "losses.KLDivergence": "also class_weight and ignore_class; labels out of 0 to 1 are refused",
    "losses.Hinge": "labels other than -1, 0 and 1 are refused",
    "losses.SquaredHinge": "labels other than -1, 0 and 1 are refused",
    "losses.Tversky": "alpha weighs what was missed, as Keras computes, not as its docstring says",
    "metrics.IoU": "as MeanIoU takes labels; NaN where no class occurs, where Keras's is 0",
    "metrics.BinaryIoU": "NaN where no class occurs, where Keras's is 0",
    "metrics.OneHotIoU": "NaN where no class occurs, where Keras's is 0; predictions may be scores or class ids",
    "metrics.OneHotMeanIoU": "NaN where no class occurs, where Keras's is 0; predictions may be scores or class ids",
    "metrics.AUC": "scores out of 0 to 1 are refused; Keras cuts them off",
    "metrics.FBetaScore": "labels of any rank; in compile it needs an average",
    "metrics.F1Score": "labels of any rank; in compile it needs an average",
    "regularizers.Regularizer": "gradient beside __call__",
    "losses.Dice": "the smoothing term stands in the denominator only as in Keras; labels out of 0 to 1 are refused",
    "metrics.Metric": "name comes first; update_state, result and reset_state keep NumPy values",
    "metrics.MeanIoU": (
        "also class_id and empty; takes class ids, one-hot labels, probabilities and logits alike; "
        "float weights count as they are"
    ),
    "metrics.SparseCategoricalAccuracy": "also ignore_class",
    "optimizers.Optimizer": "update_chunk (one array) instead of update_step (one variable)",
    "callbacks.CallbackList": "hooks are called in one thread; BackupAndRestore comes last",
    "callbacks.BackupAndRestore": (
        "saves after each epoch, with the state of the other callbacks; must be the last of them"
    ),
    "callbacks.ModelCheckpoint": "writes safetensors; save_freq is 'epoch'",
    "callbacks.LearningRateScheduler": "the rate is put into the logs as 'learning_rate'",
    "layers.Input": "dtype is float32 or float64; data of any other dtype is converted",
    "layers.InputLayer": "made by Input",
    "models.Model.summary": "one table, printed by print_fn",
    "models.Model.evaluate": "verbose is 0 by default",
    "models.Model.predict": "verbose is 0 by default",
    "utils.clear_session": "starts the automatic names anew and gives memory back",
    "datasets.mnist": "reads the four .idx.gz files from a folder; nothing is fetched from the net",
}
"""Names that both have, and what is different."""

DIFFERENT_ARGUMENTS: dict[str, str] = {
    "data_format": "only 'channels_last'",
    "layers.GroupNormalization.axis": "only the last axis",
    "crop_to_aspect_ratio": "only False",
    "pad_to_aspect_ratio": "only False",
    "fill_mode": "only 'constant'",
    "fill_value": "only 0",
    "mask": "only None",
    "losses.*.axis": "only -1",
    "layers.BatchNormalization.axis": "only the last axis",
    "callbacks.ModelCheckpoint.save_freq": "only 'epoch'",
    "models.Model.compile.jit_compile": "False or 'auto'; kernels are compiled by the backend: tinyseg.set_backend",
    "models.Model.compile.steps_per_execution": "only 1: steps run one after the other",
    "reduction": "not None, 'none'",
    "layers.*.dtype": "'float32' or 'float64'",
}
"""Arguments that both have, of which tinyseg takes fewer values; the others are refused in words."""


def instead(module: str, name: str) -> str | None:
    """Return what to use for a name of Keras that tinyseg lacks; None for a name that Keras lacks too."""
    if name in OLD_NAMES.get(module, {}):
        return f"an old name: today's word is {OLD_NAMES[module][name]}"
    if name not in NAMES.get(module, "").split() and (module, name) != ("", "keras"):
        return None
    for where, patterns, words in ABSENT:
        if where == module and any(fnmatchcase(name, pattern) for pattern in patterns.split()):
            return words
    return None


def instead_of(name: str, argument: str) -> str | None:
    """Return what to use for an argument of Keras that tinyseg does not have."""
    return ABSENT_ARGUMENTS.get(f"{name}.{argument}", ABSENT_ARGUMENTS.get(argument))


def changes_nothing(name: str, argument: str, value: object, keras: Mapping[str, Any]) -> bool:
    """Return whether a value of an argument of Keras means what happens anyway.

    It is Keras's default, or one that changes nothing here.
    """
    if argument not in keras:
        return argument == "decay" and value in (None, 0) and name.startswith("optimizers.")
    if argument in ANY_VALUE or (name.startswith("optimizers.schedules") and argument == "name"):
        return True
    return any(
        type(value) is type(same) and bool(value == same) for same in (keras[argument][0], *NEUTRAL.get(argument, ()))
    )


def renamed(name: str, argument: str, value: object) -> tuple[str | None, Any]:
    """Return tinyseg's name and value of an old spelling that Keras still takes, or (None, value)."""
    if name == "layers.LeakyReLU" and argument == "alpha":
        return "negative_slope", value
    if name.startswith("layers.") and argument == "input_dim" and value is not None:
        return "input_shape", (value,)
    if argument == "batch_shape" and isinstance(value, (tuple, list)) and len(value) > 0 and value[0] is None:
        return "shape", tuple(value[1:])
    return None, value


@cache
def keras_arguments(name: str) -> dict[str, tuple[Any, bool]]:
    """Return Keras's arguments of 'module.Name': default and whether it may be given by position.

    Nothing for what Keras does not have.
    """
    if name not in SIGNATURES:
        return {}
    found, more = parsed(SIGNATURES[name])
    if name == "metrics.Metric":
        found = {key: (default, False) for key, (default, _) in found.items()}
    if more and name.startswith("layers."):
        base, _ = parsed(SIGNATURES["layers.Layer"])
        found |= {key: value for key, value in base.items() if key not in found}
    return found


def parsed(signature: str) -> tuple[dict[str, tuple[Any, bool]], bool]:
    """Read a signature of `keras_signatures`: arguments by name, and whether those of the base class are taken too."""
    text = " ".join(signature.split())
    more = text.endswith("**")
    node = ast.parse(f"def f({text}{'rest' if more else ''}): pass").body[0]
    assert isinstance(node, ast.FunctionDef)
    a = node.args
    plain = [None] * (len(a.args) - len(a.defaults)) + list(a.defaults)
    pairs = [(arg.arg, value, True) for arg, value in zip(a.args, plain, strict=True)]
    pairs += [(arg.arg, value, False) for arg, value in zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    return {
        key: (inspect.Parameter.empty if value is None else ast.literal_eval(value), positional)
        for key, value, positional in pairs
    }, more
