"""Realistic bugs, each as a change of one place in the source, and the tests that should notice.

A mutant is named after the mistake, not after the line. `test_planted_bugs.py` holds every `before` against the source,
so that a change of the code cannot leave a mutant behind that no longer changes anything.
"""

from __future__ import annotations

from typing import NamedTuple

KERNELS, TINYSEG = "kernels/tinyseg_kernels", "tinyseg"


class Mutant(NamedTuple):
    """One planted bug: in `file`, `before` (which stands there once) becomes `after`.

    `tests` are where it should be noticed.
    """

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


def _shared(file: str, operation: str, name: str, before: str, after: str) -> Mutant:
    """A bug in what the rungs of an operation share."""
    return Mutant(
        f"{file.replace('/', '-')}-{name}", f"{KERNELS}/{file}.py", before, after, f"tests/kernels/test_{operation}.py"
    )


def _cuda(name: str, file: str, before: str, after: str, tests: str) -> Mutant:
    """A bug in CUDA C++ or in what launches it; the emulator runs it."""
    return Mutant(f"cuda-{name}", f"{KERNELS}/{file}", before, after, tests)


def _numba_cuda(name: str, file: str, before: str, after: str, tests: str) -> Mutant:
    """A bug in a Numba kernel or in what launches it; the simulator runs it."""
    return Mutant(f"numba-cuda-{name}", f"{KERNELS}/{file}", before, after, tests)


def _tinyseg(name: str, file: str, before: str, after: str, tests: str) -> Mutant:
    return Mutant(name, f"{TINYSEG}/{file}.py", before, after, tests)


MUTANTS: tuple[Mutant, ...] = (
    # weights of other programs
    _tinyseg(
        "weights-kernel-not-turned", "weights/layouts",
        '(KH, KW, C, F)", (2, 3, 1, 0))',
        '(KH, KW, C, F)", (3, 2, 1, 0))',
        "tests/weights/test_loading.py",
    ),
    _tinyseg(
        "weights-depthwise-channels-mixed", "weights/layouts",
        "a.reshape(*shape[2:], *shape[:2]).transpose(2, 3, 0, 1)",
        "a.reshape(shape[3], shape[2], *shape[:2]).transpose(2, 3, 1, 0)",
        "tests/weights/test_loading.py",
    ),
    _tinyseg(
        "weights-flatten-forgotten-behind-dropout", "weights/flattening",
        "    return next((order for order in orders if order is not None), None)",
        "    return None",
        "tests/weights/test_loading.py",
    ),
    _tinyseg(
        "weights-any-name-in-a-pickle", "weights/pickles",
        "if not isinstance(callee, Name) or callee.make is None:",
        "if not isinstance(callee, Name):",
        "tests/weights/test_torch_files.py",
    ),
    _tinyseg(
        "weights-storage-one-number-short", "weights/torch_values",
        "if view.span and offset + view.span > inside:",
        "if view.span and offset + view.span > inside + 1:",
        "tests/weights/test_torch_files.py",
    ),
    _tinyseg(
        "weights-two-storages-under-one-key", "weights/torch_files",
        "if (first.kind, first.whole) != (storage.kind, storage.whole):",
        "if first.kind != storage.kind:",
        "tests/weights/test_torch_files.py",
    ),
    _tinyseg(
        "weights-order-beside-names", "weights/pairing",
        "if left and over and (not pairing.modules or nameless):",
        "if left and over:",
        "tests/weights/test_loading.py",
    ),
    _tinyseg(
        "weights-half-a-layer", "weights/loading",
        "        if wrong:",
        "        if False:",
        "tests/weights/test_loading.py",
    ),
    _tinyseg(
        "weights-bomb-of-zeros", "weights/archives",
        "total += entry.file_size",
        "total += entry.compress_size",
        "tests/weights/test_torch_files.py",
    ),
    _tinyseg(
        "weights-beside-the-folder", "weights/onnx_files",
        "if beside.resolve().parent != path.resolve().parent or not",
        "if not",
        "tests/weights/test_other_files.py",
    ),
    # processes, signals, limits
    Mutant("memory-shared-with-a-forked-child", f"{KERNELS}/private_memory.py", "flags=mmap.MAP_PRIVATE | mmap.MAP_ANON", "flags=mmap.MAP_SHARED | mmap.MAP_ANON", "tests/cpu/test_sharing.py"),
    Mutant("unneeded-memory-kept", f"{KERNELS}/cpu/memory/arena.py", "low = max(self._before, self.high)", "low = self.touched", "tests/cpu/test_sharing.py"),
    # what a backward is given
    Mutant("caches-dy-of-any-shape", f"{KERNELS}/caches.py", "if type(dy) is not kept.y_kind or dy.shape != kept.y_shape or dy.dtype", "if type(dy) is not kept.y_kind or dy.dtype", "tests/fuzz/test_kernels.py"),
    Mutant("caches-of-any-operation", f"{KERNELS}/caches.py", "(kept.operation, kept.backend) != (operation, current())", "kept.backend != current()", "tests/fuzz/test_kernels.py"),
    Mutant("caches-with-arrays-of-any-shape", f"{KERNELS}/caches.py", "    if _shapes(kept.cache) != kept.shapes:", "    if False:", "tests/fuzz/test_kernels.py"),
    Mutant("conv2d-dy-not-checked", f"{KERNELS}/conv2d/__init__.py", 'dy, cache = given_back("conv2d", *before_relu(dy, cache))', "dy, cache = dy, before_relu(dy, cache)[1].cache", "tests/kernels/test_caches.py"),
    Mutant("optimizer-parameter-with-gaps", f"{KERNELS}/optimizer/__init__.py", "if not (array.flags.carray if on_host else array.flags.c_contiguous):", "if not on_host and not array.flags.c_contiguous:", "tests/kernels/test_caches.py"),
    Mutant("optimizer-arrays-that-overlap", f"{KERNELS}/optimizer/__init__.py", "if start < (end if is_changed else end_of_changed):", "if start < end_of_changed and is_changed and False:", "tests/kernels/test_caches.py"),
    Mutant("softmax-cross-entropy-any-id", f"{KERNELS}/cpu/vectors/probabilities.py", "return number >= 0 and number < classes", "return True", "tests/kernels/test_caches.py"),
    # conv2d
    _numpy("conv2d", "kernel-not-flipped-in-dx", "kernel[::-1, ::-1].swapaxes(2, 3)", "kernel.swapaxes(2, 3)"),
    _numpy("conv2d", "kernel-flipped-in-one-axis", "kernel[::-1, ::-1].swapaxes", "kernel[::-1].swapaxes"),
    _numpy("conv2d", "dkernel-of-last-band-only", "dkernel += columns.T", "dkernel = columns.T"),
    _numpy("conv2d", "bias-forgotten", "band += bias", "band += 0"),
    Mutant("conv2d-pad-off-by-one-in-dx", f"{KERNELS}/windows.py", "pads.append((reach - before, n + before - o))", "pads.append((reach - before + 1, n + before - o - 1))", "tests/kernels/test_conv2d.py"),
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
    _operation("activation", "table", "gelu-slope-without-the-density", " + DENSITY * x * exp(-0.5 * x * x)", ""),
    _operation(
        "activation", "table", "silu-slope-of-sigmoid", " + x * z * share * share\n\n\ndef gelu(", "\n\n\ndef gelu(",
    ),
    _operation(
        "activation", "table", "hard-silu-open-below", "where(x <= -3.0, 0.0, (2.0 * c + 3.0) / 6.0)",
        "(2.0 * c + 3.0) / 6.0",
    ),
    _operation(
        "activation", "table", "elu-slope-without-alpha", "where(x > 0.0, 1.0, alpha * exp(below(x)))",
        "where(x > 0.0, 1.0, exp(below(x)))",
    ),
    _operation(
        "activation", "table", "relu6-goes-on-above",
        "where(y >= max_value, 0.0, where(y > 0.0, 1.0, negative_slope))", "where(y > 0.0, 1.0, negative_slope)",
    ),
    _operation(
        "activation", "table", "softplus-overflows", "where(x < 0.0, 0.0, x) + log1p(decay(x))", "log1p(exp(x))",
    ),
    _operation(
        "activation", "table", "clip-loses-nan", "where(x < low, low, where(x > high, high, x))",
        "where(x < low, low, where(x < high, x, high))",
    ),
    _operation(
        "activation", "binding", "constants-stay-float64",
        "real(value) if isinstance(value, float) else value for value in code", "value for value in code",
    ),
    _operation(
        "activation", "cpu/mathematics", "expm1-of-exp", "return x * p if abs(x) < NEAR_0 else far", "return far",
    ),
    Mutant(
        "conv2d_transpose-output-padding-on-the-wrong-side", f"{KERNELS}/conv2d_transpose/geometry.py",
        "min(kept // 2 + kept % 2, span - 1)", "min(kept // 2, span - 1)", "tests/layers",
    ),
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
    Mutant("network-shared-result-overwritten", f"{TINYSEG}/models/network.py", "add_forward([upstream[k], d])[0] if k in upstream else d", "d", "tests/models"),
    Mutant("network-shared-layer-gradient-overwritten", f"{TINYSEG}/models/network.py", "gradients[key] = own[name] if key not in gradients else add_forward([gradients[key], own[name]])[0]", "gradients[key] = own[name]", "tests/models"),
    # losses
    Mutant("loss-mean-forgotten", f"{KERNELS}/weighted_sum/numpy_cpu.py", "factor = dtype.type(dvalue / divisor)", "factor = dtype.type(dvalue)", "tests/losses"),
    Mutant("loss-ignored-pixels-in-the-mean", f"{TINYSEG}/losses/loss.py", "losses.size if valid is None else int(valid.sum())", "losses.size", "tests/losses"),
    Mutant("loss-absolute-error-without-sign", f"{KERNELS}/regression/numpy_cpu.py", "np.sign(cache) * (dloss", "np.ones_like(cache) * (dloss", "tests/losses"),
    Mutant("loss-squared-error-without-2", f"{KERNELS}/regression/numpy_cpu.py", "(dloss * (2 / cache.shape[-1]))", "(dloss * (1 / cache.shape[-1]))", "tests/losses"),
    Mutant("loss-binary-sign", f"{KERNELS}/binary_cross_entropy/numpy_cpu.py", "sigmoid_forward(p)[0] - target", "target - sigmoid_forward(p)[0]", "tests/losses"),
    # optimizers
    Mutant("adam-without-bias-correction", f"{TINYSEG}/optimizers/adam.py", "rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)", "rate", "tests/optimizers"),
    Mutant("adam-counts-from-zero", f"{TINYSEG}/optimizers/adam.py", "t = self.iterations + 1", "t = self.iterations + 2", "tests/optimizers"),
    Mutant("adam-epsilon-inside-the-root", f"{TINYSEG}/optimizers/adam.py", "step /= np.sqrt(v) + number(self.epsilon)", "step /= np.sqrt(v + number(self.epsilon))", "tests/optimizers"),
    Mutant("decay-into-the-gradient", f"{TINYSEG}/optimizers/optimizer.py", "p -= p * number(decay)", "g = g + p * number(decay)", "tests/optimizers"),
    Mutant("sgd-nesterov-as-momentum", f"{TINYSEG}/optimizers/sgd.py", "step = v * number(self.momentum) + step if self.nesterov else v", "step = v", "tests/optimizers"),
    Mutant("sgd-momentum-times-rate-twice", f"{TINYSEG}/optimizers/sgd.py", "            v += step\n", "            v += step * number(rate)\n", "tests/optimizers"),
    Mutant("rmsprop-without-square", f"{TINYSEG}/optimizers/rmsprop.py", "v += np.square(g) * number(1 - self.rho)", "v += np.abs(g) * number(1 - self.rho)", "tests/optimizers"),
    Mutant("clip-each-instead-of-all", f"{KERNELS}/optimizer/numpy_cpu.py", "_scale(sum(squares), global_clipnorm)", "_scale(max(squares), global_clipnorm)", "tests/optimizers"),
    # training, metrics, data
    Mutant("fit-same-order-every-epoch", f"{TINYSEG}/models/sources/__init__.py", "np.random.default_rng([self.seed, epoch]).permutation(self.samples)", "np.random.default_rng([self.seed, 0]).permutation(self.samples)", "tests/models"),
    Mutant("fit-labels-not-shuffled-along", f"{TINYSEG}/models/sources/__init__.py", "for s in (self.x, self.y, self.sample_weight))  # type: ignore[misc]\n\n    def split", "for s in (self.x, self.y if order is None else np.roll(self.y, 1, axis=0), self.sample_weight))  # type: ignore[misc]\n\n    def split", "tests/models"),
    Mutant("metric-truth-and-prediction-swapped", f"{KERNELS}/confusion_matrix/numpy_cpu.py", "pairs = t.astype(np.intp).ravel() * num_classes + p.astype(np.intp).ravel()", "pairs = p.astype(np.intp).ravel() * num_classes + t.astype(np.intp).ravel()", "tests/metrics"),
    Mutant("metric-iou-union-counts-both-twice", f"{TINYSEG}/metrics/confusion.py", "cm.sum(axis=1) + cm.sum(axis=0) - np.diag(cm)", "cm.sum(axis=1) + cm.sum(axis=0)", "tests/metrics"),
    Mutant("mask-resized-bilinearly", f"{TINYSEG}/datasets/augmentation.py", 'order=0, mode="constant", cval=VOID', 'order=1, mode="constant", cval=VOID', "tests/datasets"),
    Mutant("image-flipped-without-its-mask", f"{TINYSEG}/datasets/augmentation.py", "image, mask = image[:, ::-1], mask[:, ::-1]", "image = image[:, ::-1]", "tests/datasets"),
    Mutant("void-beyond-the-edge-is-background", f"{TINYSEG}/datasets/batches.py", "y = np.stack([place(ids, size, VOID) for _, ids in group])", "y = np.stack([place(ids, size, 0) for _, ids in group])", "tests/datasets"),
    Mutant("otsu-threshold-one-too-high", f"{TINYSEG}/segmentation/thresholds.py", "levels[np.argmax(variance)]", "levels[min(np.argmax(variance) + 1, len(levels) - 1)]", "tests/segmentation"),
    # The same on the rung of loops, where it is the specification that would be wrong
    _naive("conv2d", "bias-forgotten", "        y = y + bias\n", "        y = y + 0 * bias\n"),
    _naive("conv2d", "dkernel-overwritten", "dkernel[i, j, c, f] += dy", "dkernel[i, j, c, f] = dy"),
    _naive("conv2d", "wraps-around-the-edge", "if 0 <= h < height and 0 <= w < width:", "if h < height and w < width:"),
    _naive("depthwise_conv2d", "multiplier-before-channel", "y[n, oh, ow, c * m_count + m] +=", "y[n, oh, ow, m * channels + c] +="),
    _naive("depthwise_conv2d", "multiplier-before-channel-in-backward", "d = dy[n, oh, ow, c * m_count + m]", "d = dy[n, oh, ow, m * channels + c]"),
    _naive("depthwise_conv2d", "dkernel-overwritten", "dkernel[i, j, c, m] += d", "dkernel[i, j, c, m] = d"),
    _naive("conv2d_transpose", "cropped-from-the-other-side", "((top, _), (left, _)), (dh, dw)", "((_, top), (_, left)), (dh, dw)"),
    _naive("conv2d_transpose", "dilation-forgotten-in-W", "w * sw - left + j * dw", "w * sw - left + j"),
    _naive("conv2d_transpose", "stamps-do-not-add-up", "y[n, oh, ow, f] += x", "y[n, oh, ow, f] = x"),
    _naive("max_pool2d", "last-tie-wins", "if not seen or value > best or", "if not seen or value >= best or"),
    _naive("max_pool2d", "wraps-around-the-edge", "if not (0 <= h < height and 0 <= w < width):", "if not (h < height and w < width):"),
    _naive("max_pool2d", "overlaps-overwritten", "dx[n, h, w, c] += dy", "dx[n, h, w, c] = dy"),
    _naive("avg_pool2d", "counts-padding", "y[n, oh, ow, c] /= len(places)", "y[n, oh, ow, c] /= cache.pool_size[0] * cache.pool_size[1]"),
    _naive("avg_pool2d", "overlaps-overwritten", "dx[n, h, w, c] += dy", "dx[n, h, w, c] = dy"),
    _naive("global_pool2d", "not-divided-by-the-width-in-backward", "= flat[i, c] / (height * width)", "= flat[i, c] / height"),
    _naive("global_pool2d", "position-divided-by-the-height", "positions[i, c] // width, positions[i, c] % width, c] =", "positions[i, c] // shape[1], positions[i, c] % shape[1], c] ="),
    _naive("global_pool2d", "last-tie-wins", "if value > y[i, c] or", "if value >= y[i, c] or"),
    _naive("dense", "dbias-of-the-last-row", "dbias[f] += dy", "dbias[f] = dy"),
    _naive("dense", "dkernel-of-the-last-row", "dkernel[d, f] += dy", "dkernel[d, f] = dy"),
    _naive("activation", "relu-passes-everything", "d if v > 0 else 0.0, dy", "d if v >= 0 else 0.0, dy"),
    _naive("activation", "leaky-slope-forgotten-in-backward", "d if p else negative_slope * d", "d if p else 0 * d"),
    _naive("activation", "sigmoid-slope-of-tanh", "d * v * (1 - v)", "d * (1 - v * v) if v else d"),
    _naive("activation", "tanh-not-squared", "d * (1 - v * v), dy", "d * (1 - v), dy"),
    _naive("softmax", "maximum-not-subtracted", "top = max(line, default=0.0)", "top = 0.0"),
    _naive("softmax", "coupling-of-the-wrong-class", "((k == m) - p[m])", "((k == m) - p[k])"),
    _naive("softmax_cross_entropy", "distribution-taken-to-add-up-to-one", "(p[(*place, k)] * sum(t) - t[k])", "(p[(*place, k)] - t[k])"),
    _naive("softmax_cross_entropy", "upstream-ignored", "- t[k]) * dloss[place]", "- t[k])"),
    _naive("batch_norm", "variance-unbiased", "for p in places) / len(places)\n    return", "for p in places) / max(len(places) - 1, 1)\n    return"),
    _naive("batch_norm", "variance-not-differentiated", " - z * dgamma[c] / count)", ")"),
    _naive("batch_norm", "epsilon-outside-the-root", "math.sqrt(float(v) + epsilon)", "(math.sqrt(float(v)) + epsilon)"),
    _naive("dropout", "not-scaled", "dx[place] = dy[place] / (1 - rate)", "dx[place] = dy[place]"),
    _naive("upsampling2d", "nearest-rounds", "yield o // factor, 1.0", "yield min(round(o / factor), length - 1), 1.0"),
    _naive("upsampling2d", "bilinear-border-dark", "        yield min(max(position, 0), length - 1), weight", "        if 0 <= position < length:\n            yield position, weight"),
    _naive("upsampling2d", "dx-overwritten", "dx[n, h, w, c] += a * b", "dx[n, h, w, c] = a * b"),
    _naive("pad2d", "top-and-bottom-swapped", "y[i, top + h, left + w, c] = x[i, h, w, c]", "y[i, bottom + h, left + w, c] = x[i, h, w, c]"),
    _naive("pad2d", "cropped-from-the-other-side", "y[i, h, w, c] = x[i, top + h, left + w, c]", "y[i, h, w, c] = x[i, top + h, right + w, c]"),
    _naive("arrange", "third-input-misplaced", "        start += array.shape[axis]\n", "        start = array.shape[axis]\n"),
    _naive("arrange", "third-part-from-the-wrong-place", "        start += length\n", "        start = length\n"),
    _naive("arrange", "gradient-of-a-sum-shared-out", "[dy.copy() for _ in range(count)]", "[dy / count for _ in range(count)]"),
    # What all rungs share
    _shared("windows", "conv2d", "extra-padding-before", "pairs.append((total // 2, total - total // 2))", "pairs.append((total - total // 2, total // 2))"),
    _shared("windows", "conv2d", "span-adds-the-dilation", "return (window - 1) * dilation + 1", "return window + dilation - 1"),
    _shared("windows", "conv2d", "output-rounded-up", "max((n + before + after - window_span(k, d)) // s + 1, 0)", "max(-(-(n + before + after - window_span(k, d)) // s) + 1, 0)"),
    _shared("windows", "conv2d", "dilation-swapped-in-view", "row * dh, column * dw", "row * dw, column * dh"),
    _shared("windows", "avg_pool2d", "counts-what-lies-before-the-image", "np.maximum(starts, 0)", "starts"),
    _shared("sums", "sums", "last-block-only", "total += column_sums(rows[block])", "total = column_sums(rows[block])"),
    _shared("sums", "sums", "unfinished-block-dropped", "range(0, len(rows), step)", "range(0, max(len(rows) - step, 0) + 1, step)"),
    _shared(
        "conv2d_transpose/geometry", "conv2d_transpose", "short-when-the-stride-is-longer",
        "(n - 1) * s + max(span, s)", "(n - 1) * s + span",
    ),
    _shared(
        "conv2d_transpose/geometry", "conv2d_transpose", "padding-of-the-small-image",
        "explicit_padding(padding, out, window", "explicit_padding(padding, size, window",
    ),
    _shared("dropout/mask", "dropout", "rate-is-what-is-kept", ">= np.float32(rate)", "< np.float32(rate)"),
    _shared("dropout/mask", "dropout", "step-ignored", "np.array([seed % 2**64, step % 2**64]", "np.array([seed % 2**64, 0 * step]"),
    _shared("upsampling2d/weights", "upsampling2d", "shifted-by-half-a-pixel", "offset = (phase + 0.5) / factor - 0.5", "offset = phase / factor"),
    # NumPy: more of them, and arrays of the caller that are changed
    _numpy("conv2d", "dy-changed", "    return dx, dkernel.reshape(cache.kernel.shape), dbias", "    dy *= 0\n    return dx, dkernel.reshape(cache.kernel.shape), dbias"),
    _numpy("depthwise_conv2d", "multiplier-before-channel", "y = y.reshape(x.shape[0]", "y = y.swapaxes(3, 4).reshape(x.shape[0]"),
    _numpy("depthwise_conv2d", "dy-changed", "products = image[places][..., None] * upstream", "products = image[places][..., None] * upstream\n            upstream *= 1.5"),
    _numpy("conv2d_transpose", "dilation-forgotten-in-dkernel", "geometry = as_convolution(cache, dy)", "geometry = as_convolution(cache._replace(dilation_rate=(1, 1)), dy)"),
    _numpy("conv2d_transpose", "dy-changed", "    _, dkernel, _ = conv2d.conv2d_backward(cache.x, geometry, need_dx=False)\n", "    _, dkernel, _ = conv2d.conv2d_backward(cache.x, geometry, need_dx=False)\n    dy += 1\n"),
    _numpy("max_pool2d", "NaN-lost", "np.maximum(best, candidate, out=best)", "np.fmax(best, candidate, out=best)"),
    _numpy("max_pool2d", "dy-changed", "padded[places] += dy[n] * (cache", "padded[places] += np.multiply(dy[n], 1 - (cache.winner[n] != number), out=dy[n]) * (cache"),
    _numpy("avg_pool2d", "dy-changed", "        share = dy[n] * weights\n", "        share = dy[n]\n        share *= weights\n"),
    _numpy("avg_pool2d", "pads-counted-as-pixels", "image = pad_image(x[n], pads)", "image = pad_image(x[n], pads, 1.0)"),
    _numpy("global_pool2d", "columns-before-rows", "pixels = x.reshape(n, height * width, channels)", "pixels = x.swapaxes(1, 2).reshape(n, height * width, channels)"),
    _shared("caches", "dense", "relu-lets-through-where-it-was-0", "self.y > 0", "self.y >= 0"),
    _numpy("dense", "relu-forgotten", "(np.maximum(y, 0, out=y), MaskCache", "(y, MaskCache"),
    _numpy("dense", "dkernel-divided-by-the-batch", ".T @ dy.reshape(-1, units)", ".T @ dy.reshape(-1, units) / max(len(x), 1)"),
    _numpy("dense", "dy-changed", "    dx = dy @ kernel.T if need_dx else None\n", "    dx = dy @ kernel.T if need_dx else None\n    dy /= 2\n"),
    _numpy("dense", "x-changed", "    y: Array = np.matmul(x, kernel)\n", "    y: Array = np.matmul(x, kernel)\n    x += 0.5\n"),
    _numpy("activation", "relu-changes-dy", "return np.multiply(dy, y > 0)", "return np.multiply(dy, y > 0, out=dy)"),
    _numpy("activation", "sigmoid-changes-its-output", "    dx: Array = (1 - y) * y\n    dx *= dy\n", "    y *= 1 - y\n    dx: Array = y * dy\n"),
    _numpy("activation", "tanh-changes-dy", "    dx: Array = 1 - y * y\n    dx *= dy\n    return dx\n", "    dy *= 1 - y * y\n    return dy\n"),
    _numpy("softmax", "dy-changed", "dx: Array = dy * y", "dx: Array = np.multiply(dy, y, out=dy)"),
    _numpy("softmax_cross_entropy", "distribution-taken-to-add-up-to-one", "log_sum * target.sum(axis=-1) -", "log_sum -"),
    _numpy("softmax_cross_entropy", "distribution-taken-to-add-up-to-one-in-backward", "(p * target.sum(axis=-1, keepdims=True) - target) * scale", "(p - target) * scale"),
    _numpy("softmax_cross_entropy", "cache-changed", "dlogits: Array = p * scale", "dlogits: Array = np.multiply(p, scale, out=p)"),
    _numpy("batch_norm", "variance-as-a-difference", "centred = rows[block] - mean\n        centred *= centred\n        squares += column_sums(centred)\n    variance = (squares / len(rows))", "squares += column_sums(rows[block] * rows[block])\n    variance = np.maximum(squares / len(rows) - mean * mean, 0)"),
    _numpy("batch_norm", "dy-changed", "part += upstream[block] * scale", "part += np.multiply(upstream[block], scale, out=upstream[block])"),
    _numpy("batch_norm", "dgamma-without-the-mean", "centred = rows[block] - cache.mean\n        centred *= upstream[block]", "centred = rows[block] * upstream[block]"),
    _numpy("dropout", "x-and-dy-changed", "dx: Array = np.where(mask, dy, dy.dtype.type(0))  #", "dx: Array = np.multiply(dy, mask, out=dy)  #"),
    _numpy("upsampling2d", "nearest-H-for-W", "for j in range(size[1]):", "for j in range(size[0]):"),
    _numpy("pad2d", "crop-of-nothing-is-empty", "x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]", "x[:, top:-bottom, left:-right]"),
    _numpy("arrange", "split-where-the-second-ends", "np.cumsum(lengths)[:-1]", "lengths[:-1]"),
    _numpy("arrange", "gradient-of-a-sum-doubled", "return [dy] * count", "return [dy * count] * count"),
    _numpy("arrange", "sum-written-into-the-first-input", "y: Array = x[0].copy() if len(x) == 1 else x[0] + x[1]\n    for array in x[2:]:", "y: Array = x[0]\n    for array in x[1:]:"),
    _numpy("arrange", "reshape-by-columns", "return x.reshape(shape), x.shape", 'return x.reshape(shape, order="F"), x.shape'),
    # layers
    _tinyseg("layer-multiply-keeps-its-own-factor", "layers/arithmetic", "if j != k]", "if True]", "tests/layers"),
    _tinyseg("layer-broadcast-not-summed", "layers/arithmetic", "if own == 1 != n)", "if False)", "tests/layers"),
    _tinyseg(
        "layer-maximum-tie-to-both", "layers/arithmetic", "(1 - 0.5 * (b == y).astype(y.dtype))", "1",
        "tests/layers/test_arithmetic.py",
    ),
    _tinyseg(
        "layer-prelu-alpha-of-dy-alone", "layers/rectifiers", "x.dtype.type(0), dy * x)", "x.dtype.type(0), dy)",
        "tests/layers",
    ),
    _tinyseg(
        "layer-normalization-gamma-of-dy-alone", "layers/normalization", 'of = dy * z if name == "gamma" else dy',
        "of = dy", "tests/layers",
    ),
    _tinyseg(
        "layer-group-normalization-over-all", "layers/normalization",
        "groups = channels if self.groups == -1 else self.groups", "groups = 1", "tests/layers",
    ),
    _tinyseg(
        "layer-spatial-dropout-not-back", "layers/dropout", "dy if cache is None else dy * dropout_backward",
        "dy if cache is None else dy + 0 * dropout_backward",
        "tests/layers",
    ),
    _tinyseg(
        "layer-rescaling-gradient-of-one", "layers/resizing", "return dy * self._of(self.scale, dy), {}",
        "return dy, {}", "tests/layers",
    ),
    _tinyseg(
        "layer-lambda-arguments-forgotten", "layers/lambda_layer", "function(*given, **self.arguments)",
        "function(*given)", "tests/layers/test_lambda.py",
    ),
    _tinyseg(
        "plan-fuses-any-relu", "models/plan", 'getattr(layer, "activation", None) is activations.RELU',
        "getattr(layer, 'activation', activations.RELU).name == 'relu'", "tests/models tests/layers",
    ),
    Mutant(
        "resize-not-normalised", f"{KERNELS}/resize.py", "return found / found.sum(axis=1, keepdims=True)",
        "return found", "tests/layers",
    ),
    Mutant(
        "resize-back-is-forward", f"{KERNELS}/resize.py", "_mapped(dy, rows.T, columns.T)",
        "_mapped(dy, np.linalg.pinv(rows), np.linalg.pinv(columns))", "tests/layers",
    ),
    Mutant(
        "grouped-conv-kernel-not-cut", f"{KERNELS}/grouped_conv2d.py", "for k in range(groups)]\n    return [contig",
        "for k in reversed(range(groups))]\n    return [contig", "tests/layers",
    ),
    Mutant(
        "normalize-not-moved-back", f"{KERNELS}/normalize.py",
        "inverse = sorted(range(len(cache.order)), key=cache.order.__getitem__)",
        "inverse = range(len(cache.order))", "tests/layers",
    ),
    _tinyseg("layer-activation-not-differentiated", "layers/convolution", "dy = self.activation.backward(dy, activation)", "pass", "tests/layers"),
    _tinyseg("layer-dense-activation-not-differentiated", "layers/dense", "            dy = self.activation.backward(dy, activation)\n", "            pass\n", "tests/layers"),
    _tinyseg("layer-dropout-at-inference", "layers/dropout", "if not training or self.rate == 0.0:", "if self.rate == 0.0:", "tests/layers"),
    _tinyseg("layer-norm-by-the-batch-at-inference", "layers/batch_normalization", "by_batch = training and self.trainable", "by_batch = self.trainable", "tests/layers"),
    _tinyseg("layer-moving-averages-rebound", "layers/batch_normalization", "moving[...] = moving * self", "self.state[name] = moving * self", "tests/models/test_saving.py tests/models/test_training.py"),
    _tinyseg("layer-moving-deviation", "layers/batch_normalization", 'batch_statistics(inner), strict', '[a**p for a, p in zip(batch_statistics(inner), (1, 0.5))], strict', "tests/layers"),
    _tinyseg("layer-separable-dilation-forgotten", "layers/separable_conv2d", "padding=self.padding, dilation_rate=self.dilation_rate\n        )\n        y,", "padding=self.padding\n        )\n        y,", "tests/layers"),
    _tinyseg("layer-pooling-steps-of-one", "layers/pooling2d", "self.strides = self.pool_size if strides is None", "self.strides = (1, 1) if strides is None", "tests/layers"),
    _tinyseg(
        "layer-leaky-slope-not-handed-on", "layers/rectifiers",
        "leaky_relu_forward(x, negative_slope=self.negative_slope)", "leaky_relu_forward(x)", "tests/layers",
    ),
    _tinyseg("layer-softmax-axis-not-handed-on", "layers/activation", "softmax_forward(x, axis=self.axis)", "softmax_forward(x)", "tests/layers"),
    _tinyseg(
        "layer-interpolation-not-handed-on", "layers/up_sampling2d",
        "size=self.size, interpolation=self.interpolation)", 'size=self.size, interpolation="nearest")',
        "tests/layers",
    ),
    _tinyseg("layer-concatenate-axis-not-handed-on", "layers/merging", "concatenate_forward(list(x), axis=self.axis)", "concatenate_forward(list(x))", "tests/layers"),
    _tinyseg("layer-padding-pair-swapped", "layers/padding2d", "return ((vertical, vertical), (horizontal, horizontal))", "return ((horizontal, horizontal), (vertical, vertical))", "tests/layers"),
    _tinyseg("layer-keepdims-not-handed-on", "layers/global_pooling2d", "operation_forward(x, keepdims=self.keepdims)", "operation_forward(x)", "tests/layers"),
    _tinyseg(
        "layer-transposed-shape-too-small", "layers/conv2d_transpose", "self.dilation_rate, self.output_padding",
        "self.dilation_rate, (0, 0)", "tests/layers",
    ),
    _tinyseg("layer-weights-handed-out-uncopied", "layers/layer", "return [to_host(array.copy()) for array in self.weights]", "return list(self.weights)", "tests/models/test_training.py tests/callbacks/test_callbacks.py tests/layers"),
    _tinyseg("layer-frozen-still-learns", "layers/layer", "return self.parameters if self.trainable else {}", "return self.parameters", "tests/models/test_gradients.py tests/models/test_training.py"),
    # losses
    Mutant("loss-sigmoid-overflows", f"{KERNELS}/binary_cross_entropy/numpy_cpu.py", "np.maximum(p, 0) - p * target + np.log1p(np.exp(-np.abs(p)))", "np.log1p(np.exp(p)) - p * target", "tests/losses"),
    _tinyseg("loss-binary-class-weights-swapped", "losses/binary_crossentropy", "weights[0] + labels[..., 0] * (weights[1] - weights[0])", "weights[1] + labels[..., 0] * (weights[0] - weights[1])", "tests/losses"),
    _tinyseg("loss-binary-smoothing-not-halved", "losses/binary_crossentropy", "+ 0.5 * self.label_smoothing", "+ self.label_smoothing", "tests/losses"),
    _tinyseg("loss-smoothing-not-shared-out", "losses/categorical_crossentropy", "+ self.label_smoothing / y_pred.shape[-1]", "+ self.label_smoothing", "tests/losses"),
    Mutant("loss-probabilities-not-normalised", f"{KERNELS}/cross_entropy/numpy_cpu.py", "clipped_log(p / total)", "clipped_log(p)", "tests/losses"),
    Mutant("loss-normalisation-not-differentiated", f"{KERNELS}/cross_entropy/numpy_cpu.py", "share = dloss / total", "share = 0 * dloss / total", "tests/losses"),
    Mutant("loss-gradient-clipped-as-the-value", f"{KERNELS}/probabilities.py", 'SMALLEST = {np.float32: 1e-30, np.float64: 1e-200}', 'SMALLEST = {np.float32: EPSILON, np.float64: EPSILON}', "tests/losses"),
    Mutant("loss-sample-weights-ignored", f"{KERNELS}/weighted_sum/numpy_cpu.py", "weighted = losses if weight is None else losses * weight", "weighted = losses", "tests/losses"),
    Mutant("loss-sample-weights-ignored-in-the-gradient", f"{KERNELS}/weighted_sum/numpy_cpu.py", "        if weight is None\n", "        if True\n", "tests/losses"),
    _tinyseg("loss-divided-by-the-weights", "losses/loss", 'if self.reduction == "mean_with_sample_weight" and weight is not None:', "if weight is not None:", "tests/losses"),
    _tinyseg("loss-sum-is-a-mean", "losses/loss", 'divisor = 1.0 if self.reduction == "sum" else', "divisor =", "tests/losses"),
    Mutant("loss-NaN-of-an-ignored-pixel", f"{KERNELS}/weighted_sum/numpy_cpu.py", "weighted = np.where(valid, weighted, 0)", "weighted = weighted * valid", "tests/losses"),
    Mutant("loss-summed-over-the-last-axis", f"{KERNELS}/regression/numpy_cpu.py", "(difference * difference).mean(axis=-1)", "(difference * difference).sum(axis=-1)", "tests/losses"),
    # optimizers and schedules
    Mutant("adam-mean-with-the-other-share", f"{TINYSEG}/optimizers/adam.py", "m += (g - m) * number(1 - self.beta_1)", "m += (g - m) * number(self.beta_1)", "tests/optimizers"),
    Mutant("adam-one-beta-for-both", f"{TINYSEG}/optimizers/adam.py", "(np.square(g) - v) * number(1 - self.beta_2)", "(np.square(g) - v) * number(1 - self.beta_1)", "tests/optimizers"),
    Mutant("rmsprop-epsilon-outside-the-root", f"{TINYSEG}/optimizers/rmsprop.py", "step /= np.sqrt(variance)", "step /= np.sqrt(variance - number(self.epsilon)) + number(self.epsilon)", "tests/optimizers"),
    Mutant("rmsprop-mean-added", f"{TINYSEG}/optimizers/rmsprop.py", "variance -= np.square(mean)", "variance += np.square(mean)", "tests/optimizers"),
    _tinyseg("decay-without-the-rate", "optimizers/optimizer", "rate * (self.weight_decay or 0.0)", "(self.weight_decay or 0.0)", "tests/optimizers"),
    Mutant("decay-after-the-step", f"{TINYSEG}/optimizers/optimizer.py", "            if decay:\n                p -= p * number(decay)\n            yield p, g, parts\n", "            yield p, g, parts\n            if decay:\n                p -= p * number(decay)\n", "tests/optimizers"),
    Mutant("clip-makes-small-ones-large", f"{KERNELS}/optimizer/numpy_cpu.py", "min(1.0, limit / norm)", "limit / norm", "tests/optimizers"),
    Mutant("clip-from-above-only", f"{TINYSEG}/optimizers/optimizer.py", "np.clip(g, number(-clipvalue), number(clipvalue))", "np.minimum(g, number(clipvalue))", "tests/optimizers"),
    _tinyseg("clip-after-the-update", "optimizers/optimizer", "Preparation(scales, self.clipvalue,", "Preparation(scales, self.clipvalue if self.iterations else None,", "tests/optimizers"),
    Mutant("clip-changes-the-gradient", f"{TINYSEG}/optimizers/optimizer.py", "g = g * (scales[k] if on_device else number(scales[k]))", "g *= scales[k] if on_device else number(scales[k])", "tests/optimizers"),
    Mutant("optimizer-last-chunk-left-out", f"{TINYSEG}/optimizers/optimizer.py", "for start in range(0, parameter.size, step):", "for start in range(0, max(parameter.size - step, 0) + 1, step):", "tests/optimizers"),
    _tinyseg("optimizer-one-slot-for-all", "optimizers/optimizer", 'key = f"{slot}/{name}"', "key = slot", "tests/optimizers"),
    _tinyseg("optimizer-iterations-not-restored", "optimizers/optimizer", 'self.iterations = int(state.get("iterations", 0))', "self.iterations = 0", "tests/optimizers"),
    _tinyseg("optimizer-state-shared-with-the-file", "optimizers/optimizer", "array.copy() for key, array in state.items()", "array for key, array in state.items()", "tests/optimizers"),
    _tinyseg("schedule-one-step-ahead", "optimizers/optimizer", "rate(self.iterations))", "rate(self.iterations + 1))", "tests/optimizers"),
    _tinyseg("schedule-whole-cosine", "optimizers/schedules/decays", "0.5 * (1 + math.cos(math.pi * progress))", "0.5 * (1 + math.cos(2 * math.pi * progress))", "tests/optimizers"),
    _tinyseg("schedule-warm-up-counted-twice", "optimizers/schedules/decays", "            after = step - self.warmup_steps\n", "", "tests/optimizers"),
    _tinyseg("schedule-floor-added-to-the-cosine", "optimizers/schedules/decays", "return top * ((1 - self.alpha) * cosine + self.alpha)", "return top * (cosine + self.alpha)", "tests/optimizers"),
    _tinyseg("schedule-beyond-its-end", "optimizers/schedules/decays", "left = 1 - min(step, length) / length", "left = abs(1 - step / length)", "tests/optimizers"),
    _tinyseg("schedule-boundary-one-too-early", "optimizers/schedules/decays", "step > boundary for", "step >= boundary for", "tests/optimizers"),
    # callbacks
    _tinyseg("stopping-one-epoch-late", "callbacks/early_stopping", "if self.wait >= self.patience and", "if self.wait > self.patience and", "tests/callbacks"),
    _tinyseg("stopping-keeps-the-first-weights", "callbacks/early_stopping", "if self.restore_best_weights and (better or self.best_weights is None):", "if self.restore_best_weights and self.best_weights is None:", "tests/callbacks"),
    _tinyseg("stopping-does-not-restore", "callbacks/early_stopping", "            self.model.set_weights(self.best_weights)\n", "            pass\n", "tests/callbacks"),
    _tinyseg("monitor-delta-with-the-wrong-sign", "callbacks/monitor", "> self.min_delta", "> -self.min_delta", "tests/callbacks"),
    _tinyseg("monitor-NaN-is-the-best", "callbacks/monitor", "        if math.isnan(value):\n            return False\n", "", "tests/callbacks"),
    _tinyseg("monitor-IoU-made-small", "callbacks/monitor", '"iou", ', "", "tests/callbacks"),
    _tinyseg("plateau-without-cooldown", "callbacks/learning_rate", "self.cooling, self.wait = self.cooldown, 0", "self.cooling, self.wait = 0, 0", "tests/callbacks"),
    _tinyseg("plateau-below-the-smallest-rate", "callbacks/learning_rate", "max(rate * self.factor, self.min_lr)", "rate * self.factor", "tests/callbacks"),
    _tinyseg("scheduler-counts-from-one", "callbacks/learning_rate", "self.schedule(epoch, float", "self.schedule(epoch + 1, float", "tests/callbacks"),
    _tinyseg("checkpoint-counts-from-zero", "callbacks/model_checkpoint", "self.filepath.format(epoch=epoch + 1,", "self.filepath.format(epoch=epoch,", "tests/callbacks"),
    _tinyseg("checkpoint-keeps-the-worst", "callbacks/model_checkpoint", "if value is None or not self.watch", "if value is None or self.watch", "tests/callbacks"),
    _tinyseg("backup-repeats-the-epoch", "callbacks/backup_and_restore", '"epochs_done": str(epoch + 1)', '"epochs_done": str(epoch)', "tests/callbacks"),
    _tinyseg("backup-forgets-the-rate", "callbacks/backup_and_restore", '            self.model.optimizer.learning_rate = json.loads(metadata["learning_rate"])\n', "", "tests/callbacks"),
    _tinyseg("backup-forgets-that-it-stopped", "callbacks/backup_and_restore", 'bool(json.loads(metadata["stopped"]))', "False", "tests/callbacks"),
    _tinyseg("backup-without-the-optimizer", "models/saving", "        restore_tensors(model, here)\n        restore_optimizer(model, here)\n", "        restore_tensors(model, here)\n", "tests/callbacks"),
    _tinyseg("log-with-the-rows-of-before", "callbacks/csv_logger", "        self.rows = rows\n", "        self.rows += rows\n", "tests/callbacks"),
    _tinyseg("infinite-loss-passes", "callbacks/terminate_on_nan", 'not math.isfinite(logs.get("loss", 0.0))', 'math.isnan(logs.get("loss", 0.0))', "tests/callbacks"),
    # training
    _tinyseg("validation-in-training-mode", "models/training", "outputs = self._run(x, False, None)", "outputs = self._run(x, True, None)", "tests/models/test_training.py"),
    _tinyseg("prediction-in-training-mode", "models/training", "return [to_host(output) for output in self._run(x, False, None)]", "return [to_host(output) for output in self._run(x, True, None)]", "tests/models/test_training.py tests/models/test_parity_with_keras.py"),
    _tinyseg("fit-state-not-updated", "models/training", "self.update_state(cache)  # after", "pass  # after", "tests/models/test_training.py tests/models/test_parity_with_keras.py"),
    _tinyseg("fit-last-batch-dropped", "models/sources/__init__", "for start in range(0, self.samples, self.batch_size):", "for start in range(0, max(self.samples - self.batch_size, 0) + 1, self.batch_size):", "tests/models/test_training.py"),
    _tinyseg("fit-loss-is-the-mean-of-batches", "models/tracker", "count = len(outputs[0])", "count = 1", "tests/models/test_training.py tests/models/test_parity_with_keras.py"),
    _tinyseg("fit-metrics-never-reset", "models/tracker", "            collection.reset()\n", "            pass\n", "tests/models/test_training.py"),
    _tinyseg("fit-sample-weights-ignored", "models/training", "watchers.on_train_batch_begin(k)\n            with self._explained(x, y, weight):\n                loss, outputs = self.train_step(x, y, weight)", "watchers.on_train_batch_begin(k)\n            with self._explained(x, y, weight):\n                loss, outputs = self.train_step(x, y)", "tests/models/test_training.py tests/models/test_parity_with_keras.py"),
    _tinyseg("fit-sample-weights-lost-beside-class-weights", "models/labels_and_weights", "return by_class if given is None else by_class * given", "return by_class", "tests/models/test_training.py tests/models/test_parity_with_keras.py"),
    _tinyseg("fit-unnamed-classes-weigh-nothing", "models/labels_and_weights", "by_class = np.ones(ids.shape, np.float32)", "by_class = np.zeros(ids.shape, np.float32)", "tests/models/test_training.py tests/models/test_parity_with_keras.py"),
    _tinyseg("fit-validates-on-what-it-learns-from", "models/sources/__init__", "((slice(0, at), self.shuffle), (slice(at, None), False))", "((slice(0, at), self.shuffle), (slice(0, self.samples - at), False))", "tests/models/test_training.py"),
    _tinyseg("fit-validates-one-epoch-early", "models/arguments", "(epoch + 1) % every == 0", "epoch % every == 0", "tests/models/test_training.py"),
    _tinyseg("fit-begins-at-zero", "models/training", "self.resume_at_epoch = as_count(\"epochs\", epochs, 0), as_count(\"initial_epoch\", initial_epoch, 0)", "self.resume_at_epoch = as_count(\"epochs\", epochs, 0), 0", "tests/models/test_training.py"),
    _tinyseg("fit-steps-begin-anew-each-epoch", "models/sources/limited", "self.running = self._passes(self.at)", "self.running = self._passes(0)", "tests/models/test_sources.py"),
    _tinyseg("fit-shuffle-ignored-by-sequences", "models/sources/batches", "        if self.shuffle:\n", "        if False:\n", "tests/models/test_sources.py"),
    _tinyseg("fit-nan-weights-learnt-from", "models/training", "(\"sample_weight contains\", weight)", "(\"sample_weight contains\", None)", "tests/models/test_sources.py"),
    _tinyseg("metric-weights-in-all", "metrics/collection", "sample_weight if k >= self.first_weighted else None", "sample_weight", "tests/models/test_compile.py"),
    _tinyseg("output-is-the-callers-memory", "utils/arrays", "output.copy() if any(", "output if any(", "tests/models/test_sources.py"),
    _tinyseg("callback-direction-from-a-part-of-the-name", "callbacks/monitor", "    if name in own:\n        return own[name]\n", "    if \"acc\" in name:\n        return \"max\"\n", "tests/callbacks/test_directions_and_rates.py"),
    _tinyseg("fit-validates-the-epoch-after-the-listed", "models/arguments", "lambda epoch: epoch + 1 in chosen", "lambda epoch: epoch in chosen", "tests/models"),
    _tinyseg("metric-weighted-shares-with-unweighted", "metrics/collection", "counts.ignore_class, with_weights) == (own.num_classes, own.ignore_class, weighted)", "counts.ignore_class) == (own.num_classes, own.ignore_class)", "tests/metrics tests/models"),
    _tinyseg("fit-loss-weights-not-in-the-gradient", "models/training", "gradients.append(loss.backward(factor, cache))", "gradients.append(loss.backward(1.0, cache))", "tests/models/test_gradients.py tests/models/test_training.py tests/models/test_parity_with_keras.py"),
    _tinyseg("file-without-moving-averages", "models/saving", "return parameters | state", "return parameters", "tests/models/test_saving.py"),
    # metrics
    Mutant("metric-ignored-pixels-counted", f"{KERNELS}/confusion_matrix/numpy_cpu.py", "        valid &= t != ignore_class\n", "        pass\n", "tests/metrics"),
    _tinyseg("metric-dice-without-2", "metrics/confusion", "_ratio(2 * np.diag(cm)", "_ratio(np.diag(cm)", "tests/metrics"),
    _tinyseg("metric-absent-class-counts-0", "metrics/confusion", "values = values[~np.isnan(values)]", "values = np.nan_to_num(values)", "tests/metrics"),
    _tinyseg("metric-last-batch-only", "metrics/segmentation", "self._matrix = self._matrix + counted", "self._matrix = counted", "tests/metrics"),
    _tinyseg("metric-weights-not-in-the-count", "metrics/metric", "self.count += float(weight.sum())", "self.count += values.size", "tests/metrics"),
    _tinyseg("metric-threshold-not-used", "metrics/accuracy", "(p > self.threshold)", "(p > 0.5)", "tests/metrics"),
    _tinyseg("metric-accuracy-of-ignored-pixels", "metrics/accuracy", "sample_weight = valid * (1.0 if", "sample_weight = (valid | True) * (1.0 if", "tests/metrics"),
    _tinyseg("metric-float-ids-cut-at-one-half", "metrics/segmentation", "t[..., 0] if t.ndim > rank and t.shape[-1] == 1 else _as_ids(t, rank)", "_as_ids(t, rank)", "tests/losses/test_one_meaning_of_labels.py"),
    _tinyseg("labels-fractions-cut-off", "losses/labels", "    if not whole.all():", "    if values.dtype.kind != 'f':", "tests/losses/test_one_meaning_of_labels.py"),
    _tinyseg("labels-trailing-axis-too-many", "losses/labels", "    if labels.shape == (*shape, 1):", "    if labels.shape == shape:", "tests/losses/test_one_meaning_of_labels.py"),
    _tinyseg("metric-shares-counts-with-others", "metrics/collection", "(counts.num_classes, counts.ignore_class, with_weights) == (own.num_classes, own.ignore_class, weighted)", "counts.num_classes == own.num_classes", "tests/metrics"),
    # datasets, regions, tiles, initial values, runs
    _tinyseg("image-divided-by-the-variance", "datasets/batches", "float(image.std(dtype=np.float64))", "float(image.var(dtype=np.float64))", "tests/datasets/test_batches.py"),
    _tinyseg("batches-last-one-dropped", "datasets/batches", "for start in range(0, len(order), self.batch_size):", "for start in range(0, max(len(order) - self.batch_size, 0) + 1, self.batch_size):", "tests/datasets/test_batches.py"),
    _tinyseg("augmentation-the-same-every-epoch", "datasets/batches", "np.random.default_rng([self.seed, epoch, k])", "np.random.default_rng([self.seed, 0, k])", "tests/datasets/test_batches.py"),
    _tinyseg("mask-cropped-elsewhere", "datasets/augmentation", "return image[window], mask[window]", "return image[window], mask[: crop[0], : crop[1]]", "tests/datasets"),
    _tinyseg("crop-never-at-the-end", "datasets/augmentation", "int(rng.integers(size[0] - crop[0] + 1))", "int(rng.integers(max(size[0] - crop[0], 1)))", "tests/datasets"),
    _tinyseg("rotated-about-the-wrong-centre", "datasets/augmentation", "centre = (np.array(mask.shape) - 1) / 2", "centre = np.array(mask.shape) / 2", "tests/datasets"),
    _tinyseg("shrunk-instead-of-enlarged", "datasets/augmentation", "math.cos(angle)]]) / scale", "math.cos(angle)]]) * scale", "tests/datasets"),
    _tinyseg("image-turned-without-its-mask", "datasets/augmentation", "image, mask = image[::-1], mask[::-1]", "image = image[::-1]", "tests/datasets"),
    _tinyseg("scene-labels-off-by-one", "datasets/digit_scenes", "digits[k] + 1", "digits[k]", "tests/datasets/test_digits.py"),
    _tinyseg("scene-digits-seen-in-two-splits", "datasets/digits", '"val": (0.75, 0.85)', '"val": (0.7, 0.85)', "tests/datasets/test_digits.py"),
    _tinyseg("folder-paired-by-position", "datasets/folder", "[Pair(images[name], masks[name]) for name in sorted(images)]", "[Pair(a, b) for a, b in zip(sorted(images.values()), sorted(masks.values()), strict=True)]", "tests/datasets/test_folder.py"),
    _tinyseg("mask-palette-in-another-order-taken", "datasets/image_files", "label not in (index, VOID)", "label is None", "tests/datasets/test_folder.py"),
    _tinyseg("two-classes-of-one-colour-taken", "datasets/description", "if other != owner:", "if other is None:", "tests/datasets/test_folder.py"),
    _tinyseg("blas-of-scipy-recorded", "runs/basis", '{"scipy", "scipy.libs"} & set', "set() & set", "tests/runs/test_basis.py"),
    _tinyseg("image-standardised-in-units-of-8-bits", "datasets/batches", "max(std, SMALLEST_STD)", "max(std, 1e-3)", "tests/datasets/test_one_meaning.py"),
    _tinyseg("image-of-16-bits-upper-byte-twice", "datasets/pictures/pillow_files", "raw[:-1] + LOWER_BYTE[raw[-1]]", "raw", "tests/datasets/test_one_meaning.py"),
    _tinyseg("image-not-turned-by-its-tag", "datasets/pictures/pillow_files", "upright = ImageOps.exif_transpose(image)", "upright = image", "tests/datasets/test_one_meaning.py"),
    _tinyseg("tiff-white-is-zero-forgotten", "datasets/pictures/tiff", "page.photometric == WHITE_IS_ZERO\n", "False\n", "tests/datasets/test_one_meaning.py"),
    _tinyseg("tiff-from-a-name-mapped-into-memory", "datasets/pictures/tiff", 'Image.open(file, formats=("TIFF",))', 'Image.open(path, formats=("TIFF",))', "tests/datasets/test_one_meaning.py"),
    _tinyseg("tiff-stack-first-page-only", "datasets/pictures/tiff", "if pages * within > 1:", "if False:", "tests/datasets/test_one_meaning.py"),
    _tinyseg("mask-of-a-gif-by-its-index", "datasets/image_files", "not picture.palette_is_order", "False", "tests/datasets/test_one_meaning.py"),
    _tinyseg("threshold-of-256-bins", "cli/threshold", "otsu_threshold(levels, bins=None)", "otsu_threshold(levels)", "tests/cli/test_commands.py"),
    _tinyseg("mnist-bytes-in-the-other-order", "datasets/mnist", '">u4"', '"<u4"', "tests/datasets/test_mnist.py"),
    _tinyseg("threshold-counts-the-level-itself", "segmentation/thresholds", "_grey(image) > value", "_grey(image) >= value", "tests/segmentation"),
    _tinyseg("otsu-distance-not-squared", "segmentation/thresholds", "weight_below * weight_above * difference**2", "weight_below * weight_above * abs(difference)", "tests/segmentation"),
    _tinyseg("otsu-lower-edge-of-the-bin", "segmentation/thresholds", "(edges[:-1] + edges[1:]) / 2", "edges[:-1]", "tests/segmentation"),
    _tinyseg("regions-joined-at-corners", "segmentation/regions", "1 if connectivity == 4 else 2", "2 if connectivity == 4 else 2", "tests/segmentation"),
    _tinyseg("regions-centroid-within-the-box", "segmentation/regions", "float(rows.mean() + top)", "float(rows.mean())", "tests/segmentation"),
    _tinyseg("regions-smallest-left-out", "segmentation/regions", "if r.area >= min_area", "if r.area > min_area", "tests/segmentation"),
    _tinyseg("tiles-overwrite-each-other", "segmentation/tiled", "total[window] += y * weight", "total[window] = y * weight", "tests/segmentation"),
    _tinyseg("tiles-off-the-grid", "segmentation/tiled", "step = max((size - overlap) // grid, 1) * grid", "step = max(size - overlap, 1)", "tests/segmentation"),
    _tinyseg("fans-swapped", "initializers/initializer", "return shape[-2] * receptive_field, shape[-1] * receptive_field", "return shape[-1] * receptive_field, shape[-2] * receptive_field", "tests/initializers"),
    _tinyseg("uniform-limit-without-3", "initializers/variance_scaling", "math.sqrt(3 * variance)", "math.sqrt(variance)", "tests/initializers"),
    _tinyseg("truncation-not-made-up-for", "initializers/variance_scaling", "math.sqrt(variance) / TRUNCATION", "math.sqrt(variance)", "tests/initializers"),
    _tinyseg("seed-of-an-initializer-ignored", "initializers/initializer", "generator() if self.seed is None else np.random.default_rng(self.seed)", "generator()", "tests/initializers"),
    _tinyseg("difference-quotient-one-sided", "check/finite_differences", "(above - below) / (h_below + h_above)", "(above - below) / h_above", "tests/check/test_finite_differences.py"),
    _tinyseg("run-class-weights-not-normalised", "runs/training", "    weights = weights / max(float((weights * share).sum()), 1e-12)\n", "", "tests/runs/test_training.py"),
    _tinyseg("run-keeps-the-last-model", "runs/training", "MONITOR, save_best_only=True)", "MONITOR)", "tests/runs/test_training.py"),
    _tinyseg("run-reports-on-the-validation-images", "runs/training", 'else ("test", data.test)', 'else ("test", data.val)', "tests/runs/test_training.py"),
    _tinyseg("run-time-before-the-interruption-forgotten", "runs/budget", "self.spent = self.before + now - self.started", "self.spent = now - self.started", "tests/runs/test_budget.py"),
    # CUDA C++: matrix products, convolutions, column sums
    _cuda("barrier-missing-between-register-tiles", "gpu/register_tiles.cuh", "held_b);\n      __syncthreads();", "held_b);", "tests/kernels/test_gemm.py"),
    _cuda("barrier-missing-before-the-next-shared-tile", "gpu/shared_tiles.cuh", "    __syncthreads();  // the tiles of the last step are no longer read\n", "", "tests/kernels/test_gemm.py"),
    _cuda("tiles-read-beyond-the-sum", "gpu/shared_tiles.cuh", "kb < k_end ?", "true ?", "tests/kernels/test_gemm.py"),
    _cuda("last-band-of-tiles-taken-for-a-full-one", "gpu/register_tiles.cuh", "min(8, tiles_m - band)", "8", "tests/kernels/test_gemm.py"),
    _cuda("outputs-of-a-warp-four-columns-apart", "gpu/register_tiles.cuh", "column + 16 * q", "column + 4 * q", "tests/kernels/test_gemm.py"),
    _cuda("uncoalesced", "gemm/gemm.cu", "i / N, i % N", "i % M, i / M", "tests/kernels/test_gemm.py"),
    _cuda("rest-of-partial-sums-forgotten", "gemm/gemm.cu", "s < splits; s++", "s < 0; s++", "tests/kernels/test_gemm.py"),
    _cuda("bias-in-every-partial-sum", "gemm/cupy_gpu.py", "optional(bias if splits == 1 else None, a)", "optional(bias, a)", "tests/kernels/test_gemm.py"),
    _cuda("alignment-of-the-start-ignored", "gpu/alignment.py", "count % 4 == 0 and all(", "count % 4 == 0 or all(", "tests/kernels/test_gemm.py"),
    _cuda("dilation-ignored-in-a-phase", "conv2d/gpu/conv2d_input_gradient_tiles.cu", "output_step = dilation / divisor;", "output_step = 1;", "tests/kernels/test_conv2d_versions.py"),
    _cuda("first-pixel-of-a-phase-elsewhere", "conv2d/gpu/conv2d_input_gradient_tiles.cu", "first_pixel = u * stride + r - before;", "first_pixel = u * stride - before;", "tests/kernels/test_conv2d_versions.py"),
    _cuda("splits-too-few-for-the-largest-phase", "conv2d/gpu/implicit_gemm.py", "blocks(_most_taps(g) * g.filters, chunk)", "splits", "tests/kernels/test_conv2d_versions.py"),
    _cuda("output-between-strides-counted", "conv2d/gpu/conv2d_direct.cu", "oh * g.SH != down || ", "", "tests/kernels/test_conv2d_versions.py"),
    _cuda("next-image-forgotten-in-dkernel", "conv2d/gpu/conv2d_kernel_gradient_tiles.cu", "oh = 0, n++", "oh = 0", "tests/kernels/test_conv2d_versions.py"),
    _cuda("step-over-one-tap-at-most", "conv2d/gpu/taps.cuh", "} while (channel >= channels);", "} while (false);", "tests/kernels/test_conv2d_versions.py"),
    _cuda("padded-pointwise-taken-for-a-product", "conv2d/gpu/geometry.py", " and self.x_shape[:3] == self.y_shape[:3]", "", "tests/kernels/test_conv2d_versions.py"),
    _cuda("bias-of-the-transposed-winograd-forgotten", "conv2d/cupy_gpu.py", "            dx += bias\n", "            pass\n", "tests/kernels/test_conv2d_versions.py"),
    _cuda("column-sums-of-half-the-threads", "gpu/column_sums.cu", "int half = height / 2", "int half = height / 4", "tests/kernels/test_column_sums.py"),
    _cuda("column-sums-in-one-chain", "gpu/column_sums.cu", "#define LENGTH 8", "#define LENGTH 8192", "tests/kernels/test_column_sums.py"),
    _cuda("version-forced-for-all-time", "gpu/versions.py", "        _forced.reset(token)", "        pass", "tests/kernels/test_gpu_versions.py"),
    # CUDA C++: Winograd's convolution, tensor cores
    _cuda("winograd-row-wraps-around", "conv2d/gpu/conv2d_winograd.cu", "h >= 0 && h < height && w >= 0 && w < width;", "h >= 0 && h < height && w < width && h + w >= 0;", "tests/kernels/test_winograd.py"),
    _cuda("winograd-kernel-not-turned-in-dx", "conv2d/gpu/conv2d_winograd.cu", "turned ? 8 - 3 * i - j : 3 * i + j", "3 * i + j", "tests/kernels/test_winograd.py"),
    _cuda("winograd-padding-kept-in-dx", "conv2d/gpu/winograd.py", "(2 - top, 2 - left), turned=True", "(top, left), turned=True", "tests/kernels/test_winograd.py"),
    _cuda("winograd-usual-points", "conv2d/gpu/conv2d_winograd.cu", "P = 0.625, Q = 1.5", "P = 1, Q = 2", "tests/kernels/test_winograd.py"),
    # Checks that say ok without having looked
    Mutant("gradcheck-compares-nothing", "tinyseg/check/precision.py", "return bool(self.results) and all(", "return all(", "tests/check/test_precision.py"),
    Mutant("gradcheck-nan-in-float32-passes", "tinyseg/check/gradients.py", "if problem is None and wanted:", "if False:", "tests/check/test_gradients.py"),
    Mutant("gradients-of-nothing-pass", "tinyseg/check/report.py", "return any(a.checked for a in self.arguments) and all(", "return all(", "tests/check/test_gradients.py"),
    Mutant("racecheck-of-kernels-nobody-launched", "kernels/tinyseg_emulator/checks/findings.py", "self.not_checked = [name for name in kernels if name not in launched]", "self.not_checked = []", "tests/cli/test_racecheck.py"),
    Mutant("gradcheck-hides-a-fallback", "tinyseg/check/rungs.py", "rungs.discard(above[1])", "return", "tests/check/test_precision.py"),
    _tinyseg("diagnosis-conditions-of-the-passing", "diagnosis/conditions", "if not any(t in o.case.traits for o in passing))", "if any(t in o.case.traits for o in passing))", "tests/diagnosis/test_records.py"),
    _tinyseg("diagnosis-one-case-is-a-pattern", "diagnosis/conditions", "if alone and len(masks) > 1:", "if alone:", "tests/diagnosis/test_records.py"),
    _tinyseg("diagnosis-crash-hidden-by-its-condition", "diagnosis/verdicts", "(suspect.mistake if suspect else", "(suspect.suspect if suspect else", "tests/diagnosis/test_records.py"),
    _tinyseg("diagnosis-changed-input-passes-for-cache", "diagnosis/verdicts", "if all(array.in_cache", "if any(array.in_cache", "tests/diagnosis/test_records.py"),
    _tinyseg("doctor-asks-for-a-driver-that-is-there", "doctor/rules", "machine.driver_cuda is not None or not machine.nvidia_hardware", "not machine.nvidia_hardware", "tests/doctor"),
    _tinyseg("doctor-newer-cupy-fits-an-older-driver", "doctor/rules", "major > machine.driver_cuda[0]", "major < machine.driver_cuda[0]", "tests/doctor"),
    Mutant("gradcheck-in-float64-only", "tinyseg/check/gradients.py", "wanted = self.single is not None and float32_tolerance is not None", "wanted = False", "tests/check/test_precision.py"),
    _cuda("winograd-part-overwrites-the-last", "conv2d/gpu/winograd.py", "len(sums), pairs, k > 0", "len(sums), pairs, False", "tests/kernels/test_winograd.py"),
    _cuda("winograd-partial-sums-forgotten", "conv2d/gpu/conv2d_winograd.cu", "for (int s = 1; s < splits; s++)", "for (int s = 1; s < 1; s++)", "tests/kernels/test_winograd.py"),
    _cuda("winograd-tile-over-the-edge", "conv2d/gpu/conv2d_winograd.cu", "if (h < height && w < width) y[", "if (h < height) y[", "tests/kernels/test_winograd.py"),
    _cuda("winograd-every-part-is-the-first", "conv2d/gpu/conv2d_winograd.cu", "const int f = t % filters, tile = first + t / filters;", "const int f = t % filters, tile = t / filters;", "tests/kernels/test_winograd.py"),
    _cuda("winograd-for-dilated-kernels", "conv2d/gpu/winograd.py", " and tuple(dilation_rate) == (1, 1)", "", "tests/kernels/test_winograd.py"),
    _cuda("winograd-without-a-bias", "conv2d/gpu/conv2d_winograd.cu", "const real b = has_bias ? bias[f] : 0;", "const real b = 0;", "tests/kernels/test_winograd.py"),
    _cuda("tf32-cut-off-not-rounded", "gpu/tensor_core_tiles.cuh", "return nvcuda::wmma::__float_to_tf32(v);", "return v;", "tests/kernels/test_precision.py"),
    _cuda("tensor-cores-read-a-turned", "gpu/tensor_core_tiles.cuh", "Choose<A::K_INNER, row_major, col_major>", "Choose<A::K_INNER, col_major, row_major>", "tests/kernels/test_precision.py"),
    _cuda("tensor-cores-output-over-factors", "gpu/tensor_core_tiles.cuh", "    __syncthreads();  // after", "    if (more) __syncthreads();  // after", "tests/kernels/test_precision.py"),
    _cuda("tensor-cores-stage-not-waited-for", "gpu/tensor_core_tiles.cuh", "nvcuda::wmma::mem_row_major);\n      __syncwarp();", "nvcuda::wmma::mem_row_major);", "tests/kernels/test_precision.py"),
    _cuda("tensor-cores-for-float64", "gpu/tensor_cores.py", 'matmul_precision() != "float32" and np.dtype(dtype) == np.float32', 'matmul_precision() != "float32"', "tests/kernels/test_precision.py"),
    _cuda("tf32-on-any-gpu", "gpu/tensor_cores.py", "capability < least:", "capability < 75:", "tests/kernels/test_precision.py"),
    _cuda("winograd-instead-of-tensor-cores", "conv2d/cupy_gpu.py", '    if tensor_cores(dtype):\n        return "register_tiles"\n', "", "tests/kernels/test_precision.py"),
    _cuda("precision-kept-after-the-block", "precision.py", "        _override.reset(token)", "        pass", "tests/kernels/test_precision.py"),
    # Numba CUDA: matrix products, convolutions, sums of rows
    _numba_cuda("barrier-missing-before-the-product", "conv2d/gpu/numba_tiles.py", "matrix[start + k, column + q] if inside else x.dtype.type(0)\n            cuda.syncthreads()", "matrix[start + k, column + q] if inside else x.dtype.type(0)", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("barrier-missing-after-the-product", "gemm/numba_gpu.py", "rows, columns)\n            cuda.syncthreads()", "rows, columns)", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("split-reads-into-the-next", "gemm/numba_gpu.py", "end = min((split + 1) * length, a.shape[1])", "end = a.shape[1]", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("bias-in-every-split", "gemm/numba_gpu.py", "sums[i, j] + (bias[q] if split == 0 else a.dtype.type(0))", "sums[i, j] + bias[q]", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("next-image-forgotten-in-dkernel", "conv2d/gpu/numba_tiles.py", "oh[load] = 0\n                        image[load] += 1", "oh[load] = 0", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("output-between-strides-counted", "conv2d/gpu/numba_tiles.py", "inside = inside and oh % sh == 0\n", "pass\n", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("pixel-beside-the-image-read", "conv2d/gpu/numba_tiles.py", "inside = inside and h >= 0 and h < x.shape[1] and w >= 0 and w < x.shape[2]\n                a_slice[term,", "inside = inside and h < x.shape[1] and w < x.shape[2]\n                a_slice[term,", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("last-rows-not-summed", "gpu/numba_sums.py", "x.size, sums.size)", "x.size - sums.size, sums.size)", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("rows-summed-in-one-chain", "gpu/numba_sums.py", "ROWS_PER_THREAD = 64", "ROWS_PER_THREAD = 1 << 30", "tests/kernels/test_numba_versions.py"),
    _numba_cuda("depthwise-filters-in-the-wrong-order", "depthwise_conv2d/numba_gpu.py", "c * kernel.shape[3] + m]", "m * kernel.shape[2] + c]", "tests/kernels/test_depthwise_conv2d.py"),
    _numba_cuda("depthwise-splits-overlap", "depthwise_conv2d/numba_gpu.py", "begin, end = split * length, min((split + 1) * length,", "begin, end = 0, min((split + 1) * length,", "tests/kernels/test_numba_versions.py"),
    # runs and the command
    _tinyseg("lock-that-a-forked-child-keeps", "utils/locks", "            os.close(lock._file)\n            lock._file = None\n    _held.clear()", "            lock._file = None\n    _held.clear()", "tests/utils/test_locks.py"),
    _tinyseg("lock-of-a-removed-file", "utils/locks", "if os.path.samestat(os.fstat(file), self.path.stat()):\n                            self._file", "if self.path.exists():\n                            self._file", "tests/utils/test_locks.py"),
    _tinyseg("start-that-failed-leaves-its-description", "runs/training", "folder.description_file.unlink(missing_ok=True)", "pass", "tests/runs/test_one_trainer.py"),
    _tinyseg("changed-mask-is-not-seen", "runs/basis", "enumerate((pair.image, pair.mask))", "enumerate((pair.image, pair.image))", "tests/runs/test_basis.py"),
    _tinyseg("same-size-taken-for-the-same-file", "runs/basis", 'seen = f"{state.st_size} {state.st_mtime_ns} "', 'seen = f"{state.st_size} "', "tests/runs/test_basis.py"),
    _tinyseg("split-by-place", "datasets/splitting", 'f"{seed}/{name}".encode("utf-8", "surrogateescape")', 'f"{seed}/{len(name)}".encode("utf-8", "surrogateescape")', "tests/datasets/test_splitting.py"),
    _tinyseg("dice-counts-ignored-predictions", "losses/sparse_dice", "super().forward(y_true, _where(kept, y_pred), sample_weight)", "super().forward(y_true, y_pred, sample_weight)", "tests/losses/test_dice.py"),
    _tinyseg("parameters-of-joined-channels-forgotten", "runs/size", "width + _block(2 * width, width)", "width + _block(width, width)", "tests/runs/test_size.py"),
    # what people bring along, copies, files
    _tinyseg("plan-drops-what-a-later-step-needs", "models/plan", "Call(step.layer, [k], step.inputs, step.done_with)", "Call(step.layer, [k], step.inputs, step.inputs)", "tests/models/test_fusion.py"),
    _tinyseg("plan-fuses-past-another-activation", "models/plan", "isinstance(layer, ConvolutionLayer) and layer.activation not in (activations.LINEAR, activations.RELU)", "False", "tests/models/test_fusion.py"),
    _tinyseg("plan-folds-the-shift-without-the-scale", "models/plan", "shift if bias is None else scale * bias + shift", "shift if bias is None else bias + shift", "tests/models/test_fusion.py"),
    _tinyseg("plan-folds-when-learning", "models/plan", "and not learns and keeps_apart_normalisation", "and keeps_apart_normalisation", "tests/models/test_fusion.py"),
    _tinyseg("ownership-every-gradient-may-be-overwritten", "models/ownership", "is_own = len(given) > 1 or given[0] in _WITH_NEW_DX", "is_own = True", "tests/models/test_gradients.py tests/models/test_fusion.py tests/cpu/test_training.py"),
    _tinyseg(
        "ownership-plan-kept-when-a-method-is-exchanged", "models/network",
        "if known is None or not all(map(is_, now, known[0])):", "if known is None:", "tests/models/test_fusion.py",
    ),
    _tinyseg("own-layer-dx-not-held-against-x", "models/network", "if d is None or (d.shape, d.dtype) != expected:", "if d is None:", "tests/models/test_own_layers.py"),
    _tinyseg("own-layer-weight-no-longer-what-is-trained", "layers/own", "        weight[...] = like(weight, value)\n        return", "        self.__dict__[name] = value\n        return", "tests/models/test_own_layers.py"),
    _tinyseg("own-layer-subclass-call-passed-over", "layers/own", 'if inspect.isfunction(own.get("call")) and "forward" not in own:', "if False:", "tests/models/test_own_layers.py"),
    _tinyseg("copy-with-activations-of-its-own", "activations", "if _KNOWN.get(self.name) == self:", "if False:", "tests/models/test_copying.py"),
    _tinyseg("weights-bias-without-its-kernel", "models/saving", "unlike.add(_layer_of(to))", "pass", "tests/models/test_weights_by_order.py"),
    _tinyseg("weights-overlapping-names-decide", "models/matching", "return {a.path: b.path for a, b in pairs}", "return {a.path: a.path for a, b in pairs}", "tests/models/test_weights_by_order.py"),
    _tinyseg("saving-texts-in-any-order", "models/saving", 'dict(sorted(header["__metadata__"].items()))', 'header["__metadata__"]', "tests/models/test_weights_by_order.py"),
    _tinyseg("function-labels-as-they-come", "utils/brought", "labels.astype(y_pred.dtype, copy=False)", "labels", "tests/models/test_functions.py"),
    _tinyseg("function-metric-counts-batches", "metrics/function", "self.total += values * count\n        self.count += count", "self.total += values\n        self.count += 1", "tests/models/test_functions.py"),
    # explanation
    _tinyseg(
        "explain-a-sum-instead-of-a-mean", "explain/target", "sign / np.count_nonzero(self.where)", "sign",
        "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "explain-the-sigmoid-of-class-0-not-turned", "explain/target",
        "-1.0 if output.shape[-1] == 1 and self.class_index == 0 else 1.0", "1.0",
        "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "explain-after-the-softmax", "explain/scores",
        "and activation.name in SQUASHING:\n        return Model(model.inputs[0], _without",
        "and not activation.name:\n        return Model(model.inputs[0], _without",
        "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "explain-a-copy-of-the-arrays", "explain/scores",
        "twin.parameters, twin.state, twin.built = layer.parameters, layer.state, True",
        "twin.parameters = {k: a.copy() for k, a in layer.parameters.items()}\n    twin.built = True",
        "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "integrated-gradients-at-the-parts-ends", "explain/gradients", "(np.arange(steps) + 0.5) / steps",
        "(np.arange(steps) + 1.0) / steps", "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "integrated-gradients-without-the-baseline", "explain/gradients", "(asked.x[0] - start) * _mean",
        "asked.x[0] * _mean", "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "occlusion-the-last-patch-alone", "explain/occlusion", "total[window] += asked.score",
        "total[window] = asked.score", "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "grad-cam-sum-instead-of-mean", "explain/grad_cam", "gradient[0].mean(axis=(0, 1))",
        "gradient[0].sum(axis=(0, 1))", "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "grad-cam-negative-parts-kept", "explain/grad_cam", "np.maximum(small, 0)", "small",
        "tests/explain/test_explanations.py",
    ),
    _tinyseg(
        "receptive-field-without-dilation", "explain/seen_by", "span[1] * s - before + (k - 1) * d)",
        "span[1] * s - before + (k - 1))", "tests/explain/test_receptive_field.py",
    ),
    _tinyseg(
        "receptive-field-of-padding-that-is-there", "explain/receptive_field",
        "seen = (max(seen[0], 0), min(seen[1], length - 1))", "pass", "tests/explain/test_receptive_field.py",
    ),
    _tinyseg(
        "receptive-field-of-the-last-branch", "explain/receptive_field",
        "(min(known[0], seen[0]), max(known[1], seen[1]))", "seen", "tests/explain/test_receptive_field.py",
    ),
    _tinyseg(
        "receptive-field-transposed-one-short", "explain/seen_by", "-((-(span[0] + before - (k - 1) * d)) // s)",
        "(span[0] + before - (k - 1) * d) // s", "tests/explain/test_receptive_field.py",
    ),
    _tinyseg(
        "convolutionalize-rows-for-columns", "models/at_every_place", "kernel.reshape(*window, -1, layer.units)",
        "kernel.reshape(*window[::-1], -1, layer.units).swapaxes(0, 1)", "tests/models/test_convolutionalize.py",
    ),
    _tinyseg(
        "convolutionalize-neighbours-not-apart", "models/at_every_place", "dilation_rate=place.apart if",
        "dilation_rate=1 if", "tests/models/test_convolutionalize.py",
    ),
    _tinyseg(
        "convolutionalize-padding-taken", "models/at_every_place", "if pads and (place.exact or place.every_pixel):",
        "if False:", "tests/models/test_convolutionalize.py",
    ),
    # Keras's names
    _tinyseg("positions-not-in-keras-order", "utils/arguments", "if by_position[: len(args)] != order[: len(args)]:", "if args is None:", "tests/parity/test_arguments.py"),
    _tinyseg("absent-argument-dropped-in-silence", "utils/arguments", "elif not table.changes_nothing(name, key, value, keras):", "elif key not in keras:", "tests/parity/test_arguments.py"),
    _tinyseg("infinite-number-taken", "utils/arguments", "return number if math.isfinite(number) else None", "return number", "tests/parity/test_arguments.py"),
    _tinyseg("layers-of-a-chain-with-its-input", "models/sequential", "return list(self.chain)", "return self.graph.layers", "tests/models/test_outputs_and_losses.py"),
    _tinyseg("softmax-over-one-channel-compiles", "models/outputs_and_losses", 'if activation == "softmax" and channels == 1:', 'if activation == "softmax" and channels == 0:', "tests/models/test_outputs_and_losses.py"),
    # the overlap family, focal losses, sums, Lovasz, regularizers, and Keras's metrics
    _numpy("dice", "extra-and-missed-swapped", "extra * found + missed * truth", "missed * found + extra * truth"),
    _numpy("dice", "gradient-of-a-fixed-size", "(rest * overlap - 1) / size", "-1 / size"),
    _naive("dice", "offset-forgets-extra", "i / d * extra / d", "i / d / d"),
    _cuda(
        "dice-offset-forgets-extra", "dice/dice.cu", "overlap * extra / size",
        "overlap / size", "tests/kernels/test_dice.py",
    ),
    _numba_cuda(
        "dice-rest-forgotten", "dice/numba_gpu.py", "(rest * overlap - one) / size",
        "-one / size", "tests/kernels/test_dice.py",
    ),
    _tinyseg(
        "overlap-extra-and-missed-swapped", "losses/dice",
        'return {"missed": self.alpha, "extra": self.beta, "epsilon": 1e-7}',
        'return {"missed": self.beta, "extra": self.alpha, "epsilon": 1e-7}', "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "jaccard-counts-misses-half", "losses/dice", 'return {"missed": 1.0, "extra": 1.0, "epsilon": 1e-7}',
        'return {"missed": 0.5, "extra": 1.0, "epsilon": 1e-7}', "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "sparse-tversky-is-dice", "losses/sparse_dice", "        return self.weights\n",
        "        return {}\n", "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "sparse-jaccard-is-dice", "losses/sparse_dice", "        return Jaccard().family()\n",
        "        return {}\n", "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "sum-weights-not-in-the-gradient", "losses/weighted_sum", "loss.backward(weight * dloss, inner)",
        "loss.backward(dloss, inner)", "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "sum-scaled-in-the-first-term-only", "losses/arithmetic", "[own * scaled for _, own in known]",
        "[known[0][1] * scaled, *[own for _, own in known[1:]]]", "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "sum-forgets-what-all-ignore", "losses/weighted_sum",
        "self.ignore_class = ignored.pop() if len(ignored) == 1 else None",
        "self.ignore_class = None", "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "huber-slope-not-cut-off", "losses/elementwise", "return (p - t).clip(-self.delta, self.delta)",
        "return p - t", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "huber-square-not-halved", "losses/elementwise", "return near * (distance - near / 2)",
        "return near * (distance - near / 3)", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "log-cosh-slope-of-a-distance", "losses/elementwise", "return np.tanh(p - t)",
        "return np.sign(p - t)", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "percentage-slope-without-100", "losses/elementwise", "return np.sign(p - t) * (100 /",
        "return np.sign(p - t) * (1 /", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "logarithmic-slope-without-2", "losses/elementwise", "return 2 * difference / (1 + above)",
        "return difference / (1 + above)", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "poisson-slope-without-1", "losses/elementwise", "return 1 - t / (p + EPSILON)",
        "return -t / (p + EPSILON)", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "hinge-slope-beyond-the-margin", "losses/hinge", "return -t * (t * p < 1)",
        "return -t", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "squared-hinge-slope-without-2", "losses/hinge", "return -2 * t * np.maximum",
        "return -t * np.maximum", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "categorical-hinge-forgets-the-other-class", "losses/hinge", "(reached * (1 - target) - target)",
        "(0 * reached - target)", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "kl-without-the-logarithm-of-labels", "losses/elementwise", "np.log(t / y_pred.clip(EPSILON, 1))",
        "-np.log(y_pred.clip(EPSILON, 1))", "tests/losses/test_parity_with_keras.py",
    ),
    _tinyseg(
        "kl-gradient-clipped", "losses/elementwise", "return -(t / bounded(p)) * dl[..., None]",
        "return -(t / bounded(p)) * (p > EPSILON) * dl[..., None]", "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "focal-factor-taken-for-a-constant", "losses/focal", "(rise * entropy + factor * slope,)",
        "(factor * slope,)", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "focal-balance-swapped", "losses/focal", "t * self.alpha + (1 - t) * (1 - self.alpha)",
        "t * (1 - self.alpha) + (1 - t) * self.alpha", "tests/losses/test_parity_with_keras.py",
    ),
    _tinyseg(
        "focal-zero-to-a-negative-power", "losses/focal", "miss = bounded(t * rest + (1 - t) * p)",
        "miss = t * rest + (1 - t) * p", "tests/losses/test_sums.py",
    ),
    _tinyseg(
        "focal-softmax-without-the-sum", "losses/focal", "h - cache[1] * sum_of_h if",
        "h - cache[1] if", "tests/losses/test_losses.py",
    ),
    _tinyseg(
        "focal-alpha-of-the-first-class-for-all", "losses/focal", "np.array(self.alpha, y_pred.dtype)",
        "np.array(self.alpha[:1], y_pred.dtype)", "tests/losses/test_losses.py tests/losses/test_parity_with_keras.py",
    ),
    _tinyseg(
        "lovasz-steps-not-differences", "losses/lovasz", "    steps[..., 1:] -= jaccard[..., :-1]\n",
        "", "tests/losses/test_lovasz.py",
    ),
    _tinyseg(
        "lovasz-gradient-in-the-order-of-errors", "losses/lovasz",
        "        np.put_along_axis(slopes, order, steps, -1)\n",
        "        slopes[...] = steps\n", "tests/losses/test_lovasz.py",
    ),
    _tinyseg(
        "lovasz-absent-classes-count", "losses/lovasz",
        'counts = truth.any(axis=-1) if self.classes == "present" else kept.any(axis=-1)',
        "counts = kept.any(axis=-1)", "tests/losses/test_lovasz.py",
    ),
    _tinyseg(
        "lovasz-ignored-positions-count", "losses/lovasz",
        "errors = xp.where(kept, errors, errors.dtype.type(-np.inf))",
        "errors = xp.where(kept, errors, errors.dtype.type(1))", "tests/losses/test_lovasz.py",
    ),
    _tinyseg(
        "lovasz-hinge-without-the-sign", "losses/lovasz", "self.finished(losses, -sign * slopes, y_pred)",
        "self.finished(losses, -slopes, y_pred)", "tests/losses/test_lovasz.py",
    ),
    _tinyseg(
        "l2-gradient-without-2", "regularizers", "x * (2 * self.l2)",
        "x * self.l2", "tests/regularizers",
    ),
    _tinyseg(
        "l1-gradient-without-sign", "regularizers", "np.sign(x) * self.l1 if",
        "np.ones_like(x) * self.l1 if", "tests/regularizers",
    ),
    _tinyseg(
        "regularizer-not-in-the-gradient", "models/training",
        "penalized(self, gradients) if self.regularizers else gradients",
        "gradients", "tests/regularizers",
    ),
    _tinyseg(
        "regularizer-not-in-the-loss", "models/training", "penalty(self) if self.regularizers else 0.0",
        "0.0", "tests/regularizers",
    ),
    _tinyseg(
        "regularizer-of-a-frozen-layer", "regularizers",
        "parameters, seen = layer.trainable_parameters, set[int]()",
        "parameters, seen = layer.parameters, set[int]()", "tests/regularizers",
    ),
    _tinyseg(
        "regularizer-not-saved", "layers/dense", '            **configs(self.regularizers, ("kernel", "bias")),\n',
        "", "tests/regularizers",
    ),
    _tinyseg(
        "precision-divides-by-what-is-labelled", "metrics/positives", 'counted = ("tp", "fp")',
        'counted = ("tp", "fn")', "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "threshold-itself-is-a-positive", "metrics/positives", "above = scores > threshold",
        "above = scores >= threshold", "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "auc-trapezoids-by-their-left-side", "metrics/auc", '"interpolation": (before + after) / 2',
        '"interpolation": before', "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "auc-pr-interpolated-linearly", "metrics/auc", "slope * (hits + intercept * np.log(ratio))",
        "slope * hits", "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "auc-of-the-last-batch", "metrics/auc", "counted if self._buckets is None else self._buckets + counted",
        "counted", "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "f-score-beta-not-squared", "metrics/f_score", "(self.beta**2 * precision + recall + EPSILON)",
        "(self.beta * precision + recall + EPSILON)", "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "top-k-takes-one-more", "metrics/top_k", ".sum(axis=-1) < self.k)",
        ".sum(axis=-1) <= self.k)", "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "iou-of-all-classes", "metrics/iou", "iou_per_class(self.matrix)[self.target_class_ids]",
        "iou_per_class(self.matrix)", "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "binary-iou-counted-as-another-matrix", "metrics/segmentation",
        "cls.shares = cls.update_state is ConfusionMatrix.update_state", "cls.shares = True",
        "tests/metrics/test_keras_metrics.py",
    ),
    _tinyseg(
        "metric-loss-averages-ignored-positions", "metrics/of_losses", "sample_weight = valid * (1.0 if",
        "sample_weight = (valid | True) * (1.0 if", "tests/metrics/test_keras_metrics.py",
    ),
    # ONNX
    _tinyseg(
        "onnx-axes-of-the-other-layout", "models/onnx/drawing",
        "return LAST[axis] if", "return FIRST[axis] if",
        "tests/models/as_onnx/test_layers.py",
    ),
    _tinyseg(
        "onnx-same-padding-left-to-the-runtime", "models/onnx/nodes/convolutions",
        "gaps = any(s > k for", "gaps = any(s > 9 * k for",
        "tests/models/as_onnx/test_layers.py tests/models/as_onnx/test_runtimes.py",
    ),
    _tinyseg(
        "onnx-transposed-cut-on-the-other-side", "models/onnx/nodes/convolutions",
        "cut.append((before, max(after, 0)))", "cut.append((max(after, 0), before))",
        "tests/models/as_onnx/test_layers.py",
    ),
    _tinyseg(
        "onnx-written-though-it-differs", "models/onnx/export",
        "if not verified.error <= LIMIT:", "if False:",
        "tests/models/as_onnx/test_files.py",
    ),
    _tinyseg(
        "onnx-numbers-from-any-folder", "models/onnx/reading/files",
        "path.resolve().parent == self.folder.resolve()", "True",
        "tests/models/as_onnx/test_files.py",
    ),
    _tinyseg(
        "onnx-layers-of-one-size-for-all", "models/onnx/reading/loading",
        "for other in found[1:]:", "for other in found[2:1]:",
        "tests/models/as_onnx/test_operations.py",
    ),
    _tinyseg(
        "onnx-bias-taken-in-though-others-need-it", "models/onnx/reading/operations/constants",
        "if not _only_user(reading, x):", "if False:",
        "tests/models/as_onnx/test_operations.py",
    ),
    _tinyseg(
        "onnx-rows-of-a-flattened-image-as-they-are", "models/onnx/reading/operations/products",
        "rows[x.columns] = kernel", "rows[:] = kernel",
        "tests/models/as_onnx/test_operations.py",
    ),
)  # fmt: skip
