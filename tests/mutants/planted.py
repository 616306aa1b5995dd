"""Realistic bugs, each as a change of one place in the source, and the tests that should notice.

A mutant is named after the mistake, not after the line. `test_planted_bugs.py` holds every `before` against the source, so that a change of the code cannot
leave a mutant behind that no longer changes anything.
"""

from __future__ import annotations

from typing import NamedTuple

KERNELS, TINYSEG = "kernels/tinyseg_kernels", "tinyseg"


class Mutant(NamedTuple):
    """One planted bug: in `file`, `before` (which stands there once) becomes `after`; `tests` are where it should be noticed."""

    name: str
    file: str
    before: str
    after: str
    tests: str


def _operation(operation: str, rung: str, name: str, before: str, after: str) -> Mutant:
    return Mutant(
        f"{operation}-{name}", f"{KERNELS}/{operation}/{rung}.py", before, after, f"tests/kernels/test_{operation}.py"
    )


def _numpy(operation: str, name: str, before: str, after: str) -> Mutant:
    return _operation(operation, "numpy_cpu", name, before, after)


def _naive(operation: str, name: str, before: str, after: str) -> Mutant:
    return _operation(operation, "naive", f"naive-{name}", before, after)


MUTANTS: tuple[Mutant, ...] = (
    # conv2d
    _numpy("conv2d", "kernel-not-flipped-in-dx", "kernel[::-1, ::-1].swapaxes(2, 3)", "kernel.swapaxes(2, 3)"),
    _numpy("conv2d", "kernel-flipped-in-one-axis", "kernel[::-1, ::-1].swapaxes", "kernel[::-1].swapaxes"),
    _numpy("conv2d", "dkernel-of-last-band-only", "dkernel += columns.T", "dkernel = columns.T"),
    _numpy("conv2d", "bias-forgotten", "band += bias", "band += 0"),
    _numpy("conv2d", "pad-off-by-one-in-dx", "pads.append((reach - before, n + before - out))", "pads.append((reach - before + 1, n + before - out - 1))"),
    _numpy("conv2d", "dilation-ignored-in-dx", "padding=kept, dilation_rate=geometry.dilation_rate", "padding=kept"),
    _numpy("conv2d", "stride-swapped-in-dx", "(sh, sw), ((top, bottom), (left, right)), (dh, dw) = geometry.strides", "(sw, sh), ((top, bottom), (left, right)), (dh, dw) = geometry.strides"),
    _numpy("conv2d", "overwrites-overlaps-in-dx", "padded[tap(i * dh, sh, oh), tap(j * dw, sw, ow)] += share", "padded[tap(i * dh, sh, oh), tap(j * dw, sw, ow)] = share"),
    _numpy("conv2d", "padding-not-cleared-in-dx", "        padded[...] = 0\n", "        padded[...] = padded if n else 0\n"),
    _numpy("conv2d", "dbias-missing", "sum_to_last_axis(dy) if cache.has_bias else None", "sum_to_last_axis(dy[:1]) if cache.has_bias else None"),
    _naive("conv2d", "H-and-W-swapped-in-stride", "h, w = oh * sh - top + i * dh, ow * sw - left + j * dw", "h, w = oh * sw - top + i * dh, ow * sh - left + j * dw"),
    _naive("conv2d", "dilation-ignored", "h, w = oh * sh - top + i * dh, ow", "h, w = oh * sh - top + i, ow"),
    _naive("conv2d", "dbias-over-wrong-axes", "dy.sum(axis=(0, 1, 2))", "dy.sum(axis=(1, 2)).sum(axis=1, keepdims=True).sum(axis=0) * np.ones(dy.shape[3], dy.dtype)"),
    _naive("conv2d", "dx-overwritten", "dx[n, h, w, c] += dy", "dx[n, h, w, c] = dy"),
    # depthwise_conv2d
    _numpy("depthwise_conv2d", "dkernel-overwritten", "dkernel[i, j] += column_sums", "dkernel[i, j] = column_sums"),
    _numpy("depthwise_conv2d", "strides-swapped", "(sh, sw), (dh, dw) = cache.strides, cache.dilation_rate", "(sw, sh), (dh, dw) = cache.strides, cache.dilation_rate"),
    _numpy("depthwise_conv2d", "dx-overwritten", "dpadded[places] += (upstream", "dpadded[places] = (upstream"),
    _numpy("depthwise_conv2d", "multiplier-summed-twice", ".sum(axis=-1)\n        if dx", ".mean(axis=-1)\n        if dx"),
    # conv2d_transpose
    _numpy("conv2d_transpose", "bias-forgotten", "        y += bias\n", "        y += 0 * bias\n"),
    _numpy("conv2d_transpose", "stride-ignored-in-dx", "dy, cache.kernel, strides=cache.strides, padding", "dy, cache.kernel, strides=(1, 1), padding"),
    # pooling
    _numpy("max_pool2d", "overlaps-overwritten", "padded[places] += dy[n]", "padded[places] = dy[n]"),
    _numpy("max_pool2d", "last-tie-wins", "better = candidate > best", "better = candidate >= best"),
    _numpy("max_pool2d", "pads-with-zero", "image = pad_image(x[n], pads, -np.inf)", "image = pad_image(x[n], pads)"),
    _numpy("max_pool2d", "strides-swapped", "(kh, kw), (sh, sw) = cache.pool_size, cache.strides", "(kh, kw), (sw, sh) = cache.pool_size, cache.strides"),
    _numpy("max_pool2d", "scratch-not-cleared", "        padded[...] = 0\n", "        padded[...] = padded if n else 0\n"),
    _naive("max_pool2d", "first-place-always-wins", "y[n, oh, ow, c], winner[n, oh, ow, c] = value, (h, w)", "y[n, oh, ow, c] = value"),
    _numpy("avg_pool2d", "same-counts-padding", "(1.0 / counts)", "(1.0 / counts.max())*np.ones_like(counts)"),
    _numpy("avg_pool2d", "overlaps-overwritten", "padded[places] += share", "padded[places] = share"),
    _numpy("avg_pool2d", "dy-not-divided", "share = dy[n] * weights", "share = dy[n]"),
    _numpy("global_pool2d", "not-divided-in-backward", ") / (height * width)\n", ") / height\n"),
    _numpy("global_pool2d", "mean-over-rows-only", "y /= height * width", "y /= height"),
    # dense, activations, softmax
    _numpy("dense", "dbias-missing", "(sum_to_last_axis(dy) if has_bias else None)", "(sum_to_last_axis(dy[:1]) if has_bias else None)"),
    _numpy("dense", "dx-without-transpose-of-values", "dy @ kernel.T if need_dx", "dy @ kernel[::-1].T if need_dx"),
    _numpy("activation", "relu-passes-everything", "np.multiply(dy, y > 0)", "np.multiply(dy, y >= 0)"),
    _numpy("activation", "leaky-slope-forgotten-in-backward", "np.where(positive, dy, dy * negative_slope)", "np.where(positive, dy, 0 * dy)"),
    _numpy("activation", "sigmoid-slope-of-tanh", "dx: Array = (1 - y) * y", "dx: Array = 1 - y * y"),
    _numpy("activation", "tanh-not-squared", "1 - y * y", "1 - y"),
    _numpy("activation", "sigmoid-overflows", "z = np.exp(-np.abs(x))", "z = np.exp(-x)"),
    _numpy("softmax", "maximum-not-subtracted", "np.subtract(x, x.max(axis=axis, keepdims=True, initial=-np.inf))", "x.copy()"),
    _numpy("softmax", "coupling-forgotten", "    dx -= y * dx.sum(axis=axis, keepdims=True)\n", ""),
    _numpy("softmax", "wrong-axis-in-backward", "dx -= y * dx.sum(axis=axis, keepdims=True)", "dx -= y * dx.sum(axis=-1, keepdims=True)"),
    _numpy("softmax_cross_entropy", "label-not-subtracted", "np.take_along_axis(dlogits, ids, axis=-1) - scale, axis=-1)", "np.take_along_axis(dlogits, ids, axis=-1), axis=-1)"),
    _numpy("softmax_cross_entropy", "upstream-ignored", "dlogits: Array = p * scale", "dlogits: Array = p * np.ones_like(scale)"),
    _numpy("softmax_cross_entropy", "maximum-not-subtracted", "shifted = logits - logits.max(axis=-1, keepdims=True)", "shifted = logits - 0"),
    # batch normalisation, dropout, resizing, arranging
    _numpy("batch_norm", "variance-unbiased", "(squares / len(rows))", "(squares / (len(rows) - 1))"),
    _numpy("batch_norm", "mean-not-differentiated", "shift = -scale * dbeta / count", "shift = -scale * dbeta * 0"),
    _numpy("batch_norm", "variance-not-differentiated", "slope = -scale * cache.inverse_deviation * dgamma / count", "slope = -scale * cache.inverse_deviation * dgamma * 0"),
    _numpy("batch_norm", "epsilon-outside-the-root", "np.sqrt(variance.astype(np.float64) + epsilon)", "(np.sqrt(variance.astype(np.float64)) + epsilon)"),
    _numpy("batch_norm", "gamma-forgotten-in-dx", "    dgamma, dbeta = _parameter_gradients(dy, cache)\n    count, scale = dy[..., 0].size, _scale(cache)", "    dgamma, dbeta = _parameter_gradients(dy, cache)\n    count, scale = dy[..., 0].size, cache.inverse_deviation"),
    _numpy("dropout", "not-scaled", "    dx /= 1 - rate\n", ""),
    _numpy("dropout", "scaled-by-the-rate", "dx /= 1 - rate", "dx /= rate"),
    _numpy("upsampling2d", "nearest-keeps-one-copy", "dx += dy[:, i :: size[0], j :: size[1]]", "dx = dy[:, i :: size[0], j :: size[1]].copy()"),
    _numpy("upsampling2d", "bilinear-border-lost", "    _part(dx, axis, slice(0, 1))[...] += _part(extended, axis, slice(0, 1))\n", ""),
    _numpy("upsampling2d", "bilinear-weights-swapped-in-backward", "+= upstream * (1 - t)", "+= upstream * t"),
    _numpy("pad2d", "H-and-W-swapped", "np.pad(x, ((0, 0), *padding, (0, 0)))", "np.pad(x, ((0, 0), *padding[::-1], (0, 0)))"),
    _numpy("arrange", "parts-in-wrong-order", "return [np.ascontiguousarray(part) for part in parts]", "return [np.ascontiguousarray(part) for part in parts[::-1]]"),
    _numpy("arrange", "third-input-forgotten", "for array in x[2:]:", "for array in x[3:]:"),
    # layers
    Mutant("layer-frozen-norm-still-learns-statistics", f"{TINYSEG}/layers/batch_normalization.py", "by_batch = training and self.trainable", "by_batch = training", "tests/models tests/layers"),
    Mutant("layer-running-mean-with-wrong-momentum", f"{TINYSEG}/layers/batch_normalization.py", "moving * self.momentum + batch * (1.0 - self.momentum)", "moving * (1.0 - self.momentum) + batch * self.momentum", "tests/layers"),
    Mutant("layer-same-dropout-mask-every-step", f"{TINYSEG}/layers/dropout.py", 'self.state["step"] += 1', 'self.state["step"] += 0', "tests/layers tests/models tests/callbacks"),
    Mutant("network-frozen-layer-stops-gradients", f"{TINYSEG}/models/network.py", "wanted.append(before or bool(step.layer.trainable_parameters))", "wanted.append((before and step.layer.trainable) or bool(step.layer.trainable_parameters))", "tests/models"),
    Mutant("network-shared-result-overwritten", f"{TINYSEG}/models/network.py", "upstream[i] = upstream[i] + d if i in upstream else d", "upstream[i] = d", "tests/models"),
    Mutant("network-shared-layer-gradient-overwritten", f"{TINYSEG}/models/network.py", "gradients[key] = gradients[key] + own[name] if key in gradients else own[name]", "gradients[key] = own[name]", "tests/models"),
    # losses
    Mutant("loss-mean-forgotten", f"{TINYSEG}/losses/loss.py", "factor = dtype.type(dloss / divisor)", "factor = dtype.type(dloss)", "tests/losses"),
    Mutant("loss-ignored-pixels-in-the-mean", f"{TINYSEG}/losses/loss.py", "losses.size if valid is None else int(valid.sum())", "losses.size", "tests/losses"),
    Mutant("loss-absolute-error-without-sign", f"{TINYSEG}/losses/regression.py", "np.sign(cache) * (dl", "np.ones_like(cache) * (dl", "tests/losses"),
    Mutant("loss-squared-error-without-2", f"{TINYSEG}/losses/regression.py", "(dl * (2 / cache.shape[-1]))", "(dl * (1 / cache.shape[-1]))", "tests/losses"),
    Mutant("loss-binary-sign", f"{TINYSEG}/losses/binary_crossentropy.py", "sigmoid_forward(y_pred)[0] - target", "target - sigmoid_forward(y_pred)[0]", "tests/losses"),
    # optimizers
    Mutant("adam-without-bias-correction", f"{TINYSEG}/optimizers/adam.py", "rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)", "rate", "tests/optimizers"),
    Mutant("adam-counts-from-zero", f"{TINYSEG}/optimizers/adam.py", "t = self.iterations + 1", "t = self.iterations + 2", "tests/optimizers"),
    Mutant("adam-epsilon-inside-the-root", f"{TINYSEG}/optimizers/adam.py", "step /= np.sqrt(v) + number(self.epsilon)", "step /= np.sqrt(v + number(self.epsilon))", "tests/optimizers"),
    Mutant("decay-into-the-gradient", f"{TINYSEG}/optimizers/optimizer.py", "p -= p * p.dtype.type(rate * self.weight_decay)", "g = g + p * p.dtype.type(self.weight_decay)", "tests/optimizers"),
    Mutant("sgd-nesterov-as-momentum", f"{TINYSEG}/optimizers/sgd.py", "step = v * p.dtype.type(self.momentum) + step if self.nesterov else v", "step = v", "tests/optimizers"),
    Mutant("sgd-momentum-times-rate-twice", f"{TINYSEG}/optimizers/sgd.py", "            v += step\n", "            v += step * p.dtype.type(rate)\n", "tests/optimizers"),
    Mutant("rmsprop-without-square", f"{TINYSEG}/optimizers/rmsprop.py", "v += np.square(g) * number(1 - self.rho)", "v += np.abs(g) * number(1 - self.rho)", "tests/optimizers"),
    Mutant("clip-each-instead-of-all", f"{TINYSEG}/optimizers/optimizer.py", "sum(_square_sum(gradients[name]) for name in parameters)", "max(_square_sum(gradients[name]) for name in parameters)", "tests/optimizers"),
    # training, metrics, data
    Mutant("fit-same-order-every-epoch", f"{TINYSEG}/models/data.py", "np.random.default_rng([self.seed, epoch]).permutation(self.samples)", "np.random.default_rng([self.seed, 0]).permutation(self.samples)", "tests/models"),
    Mutant("fit-labels-not-shuffled-along", f"{TINYSEG}/models/data.py", "for s in (self.x, self.y, self.sample_weight))  # type: ignore[misc]\n\n    def split", "for s in (self.x, self.y if order is None else np.roll(self.y, 1, axis=0), self.sample_weight))  # type: ignore[misc]\n\n    def split", "tests/models"),
    Mutant("metric-truth-and-prediction-swapped", f"{TINYSEG}/metrics/confusion.py", "pairs = t.astype(np.intp).ravel() * num_classes + p.astype(np.intp).ravel()", "pairs = p.astype(np.intp).ravel() * num_classes + t.astype(np.intp).ravel()", "tests/metrics"),
    Mutant("metric-iou-union-counts-both-twice", f"{TINYSEG}/metrics/confusion.py", "cm.sum(axis=1) + cm.sum(axis=0) - np.diag(cm)", "cm.sum(axis=1) + cm.sum(axis=0)", "tests/metrics"),
    Mutant("mask-resized-bilinearly", f"{TINYSEG}/datasets/augmentation.py", 'order=0, mode="constant", cval=VOID', 'order=1, mode="constant", cval=VOID', "tests/datasets"),
    Mutant("image-flipped-without-its-mask", f"{TINYSEG}/datasets/augmentation.py", "image, mask = image[:, ::-1], mask[:, ::-1]", "image = image[:, ::-1]", "tests/datasets"),
    Mutant("void-beyond-the-edge-is-background", f"{TINYSEG}/datasets/batches.py", "y = np.stack([place(ids, size, VOID) for _, ids in group])", "y = np.stack([place(ids, size, 0) for _, ids in group])", "tests/datasets"),
    Mutant("otsu-threshold-one-too-high", f"{TINYSEG}/segmentation/thresholds.py", "levels[np.argmax(variance)]", "levels[min(np.argmax(variance) + 1, len(levels) - 1)]", "tests/segmentation"),
)  # fmt: skip
