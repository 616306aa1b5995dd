"""same_padding as learners write it: right and wrong."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


def amounts(n, k, s, d):
    total = max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
    return total // 2, total - total // 2


def each(rule):
    def pad(x, *, kernel_size, strides, dilation_rate):
        rows, columns = (rule(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
        return np.pad(x, ((0, 0), rows, columns, (0, 0)))

    return pad


# ----------------------------------------------------------------------------------- right


def with_pad(x, *, kernel_size, strides, dilation_rate):
    return each(amounts)(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


def by_modulo(x, *, kernel_size, strides, dilation_rate):
    """The formula with a remainder, as TensorFlow's guide has it."""
    pads = []
    for n, k, s, d in zip(x.shape[1:3], kernel_size, strides, dilation_rate):
        span = (k - 1) * d + 1
        total = max(span - s, 0) if n % s == 0 else max(span - n % s, 0)
        pads.append((total // 2, (total + 1) // 2))
    return np.pad(x, [(0, 0), *pads, (0, 0)], mode="constant")


def into_zeros(x, kernel_size, strides, dilation_rate):
    n, h, w, c = x.shape
    (t, b), (l, r) = amounts(h, kernel_size[0], strides[0], dilation_rate[0]), amounts(w, kernel_size[1], strides[1], dilation_rate[1])
    out = np.zeros((n, t + h + b, l + w + r, c), dtype=x.dtype)
    out[:, t : t + h, l : l + w, :] = x
    return out


def by_concatenation(x, *, kernel_size, strides, dilation_rate):
    for axis in (1, 2):
        before, after = amounts(x.shape[axis], kernel_size[axis - 1], strides[axis - 1], dilation_rate[axis - 1])
        shape = list(x.shape)
        parts = []
        for count in (before, after):
            shape[axis] = count
            parts.append(np.zeros(shape, x.dtype))
        x = np.concatenate([parts[0], x, parts[1]], axis=axis)
    return x


def in_double(x, *, kernel_size, strides, dilation_rate):
    """Plain lists of numbers; the result is float64 whatever came in."""
    (t, b), (l, r) = (amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
    n, h, w, c = x.shape
    out = [[[[0.0] * c for _ in range(l + w + r)] for _ in range(t + h + b)] for _ in range(n)]
    for index in np.ndindex(n, h, w, c):
        out[index[0]][t + index[1]][l + index[2]][index[3]] = float(x[index])
    return np.array(out).astype(x.dtype)


CORRECT = [Correct(f.__name__, f, None) for f in (with_pad, by_modulo, into_zeros, by_concatenation, in_double)]


# ----------------------------------------------------------------------------------- wrong


@wrong("kernel_size // 2 on each side, whatever stride and dilation are")
def half_kernel(x, *, kernel_size, strides, dilation_rate):
    return each(lambda n, k, s, d: (k // 2, k // 2))(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("(kernel_size - 1) // 2 on each side")
def half_of_one_less(x, *, kernel_size, strides, dilation_rate):
    return each(lambda n, k, s, d: ((k - 1) // 2, (k - 1) // 2))(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the dilated kernel's half on each side")
def half_of_the_span(x, *, kernel_size, strides, dilation_rate):
    return each(lambda n, k, s, d: ((k - 1) * d // 2, (k - 1) * d // 2))(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the modulo formula without its case of a remainder of 0")
def modulo_without_zero(x, *, kernel_size, strides, dilation_rate):
    def rule(n, k, s, d):
        total = max((k - 1) * d + 1 - n % s, 0)
        return total // 2, total - total // 2

    return each(rule)(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the odd zero comes first")
def odd_first(x, *, kernel_size, strides, dilation_rate):
    return each(lambda *n: amounts(*n)[::-1])(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the odd zero comes first in columns only")
def odd_first_in_columns(x, *, kernel_size, strides, dilation_rate):
    rows, columns = (amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
    return np.pad(x, ((0, 0), rows, columns[::-1], (0, 0)))


@wrong("outputs = n // s")
def floor(x, *, kernel_size, strides, dilation_rate):
    def rule(n, k, s, d):
        total = max((n // s - 1) * s + (k - 1) * d + 1 - n, 0)
        return total // 2, total - total // 2

    return each(rule)(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the dilation is not used")
def no_dilation(x, *, kernel_size, strides, dilation_rate):
    return each(lambda n, k, s, d: amounts(n, k, s, 1))(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the stride is not used")
def no_stride(x, *, kernel_size, strides, dilation_rate):
    return each(lambda n, k, s, d: amounts(n, k, 1, d))(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the stride of rows is used for columns as well")
def one_stride(x, *, kernel_size, strides, dilation_rate):
    return with_pad(x, kernel_size=kernel_size, strides=(strides[0], strides[0]), dilation_rate=dilation_rate)


@wrong("the dilation of columns is used for rows as well")
def one_dilation(x, *, kernel_size, strides, dilation_rate):
    return with_pad(x, kernel_size=kernel_size, strides=strides, dilation_rate=(dilation_rate[1],) * 2)


@wrong("the kernel's height is used for both axes")
def square_kernel(x, *, kernel_size, strides, dilation_rate):
    return with_pad(x, kernel_size=(kernel_size[0],) * 2, strides=strides, dilation_rate=dilation_rate)


@wrong("height and width of the kernel are swapped")
def kernel_as_width_height(x, *, kernel_size, strides, dilation_rate):
    return with_pad(x, kernel_size=kernel_size[::-1], strides=strides, dilation_rate=dilation_rate)


@wrong("the padding of the image's width is computed from its height")
def height_for_both(x, *, kernel_size, strides, dilation_rate):
    h = x.shape[1]
    rows, columns = (amounts(h, *numbers) for numbers in zip(kernel_size, strides, dilation_rate))
    return np.pad(x, ((0, 0), rows, columns, (0, 0)))


@wrong("pads all four axes")
def all_axes(x, *, kernel_size, strides, dilation_rate):
    rows, columns = (amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
    return np.pad(x, (rows, rows, columns, columns))


@wrong("pads the axes of channels-first images")
def channels_first(x, *, kernel_size, strides, dilation_rate):
    rows, columns = (amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
    return np.pad(x, ((0, 0), (0, 0), rows, columns))


@wrong("the whole padding on each side")
def doubled(x, *, kernel_size, strides, dilation_rate):
    return each(lambda *n: (sum(amounts(*n)),) * 2)(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("the whole padding before")
def before(x, *, kernel_size, strides, dilation_rate):
    return each(lambda *n: (sum(amounts(*n)), 0))(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("mirrors the image instead of zeros")
def mirrored(x, *, kernel_size, strides, dilation_rate):
    rows, columns = (amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
    return np.pad(x, ((0, 0), rows, columns, (0, 0)), mode="symmetric")


@wrong("repeats the border instead of zeros")
def border_repeated(x, *, kernel_size, strides, dilation_rate):
    rows, columns = (amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
    return np.pad(x, ((0, 0), rows, columns, (0, 0)), mode="edge")


@wrong("pads with NaN")
def with_nan(x, *, kernel_size, strides, dilation_rate):
    rows, columns = (amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate))
    return np.pad(x, ((0, 0), rows, columns, (0, 0)), constant_values=np.nan)


@wrong("the image is put into the upper left corner of the zeros")
def upper_left(x, *, kernel_size, strides, dilation_rate):
    out = np.zeros_like(with_pad(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate))
    out[:, : x.shape[1], : x.shape[2]] = x
    return out


@wrong("dilation rate plus kernel size as the span")
def span_by_sum(x, *, kernel_size, strides, dilation_rate):
    def rule(n, k, s, d):
        total = max((-(-n // s) - 1) * s + k + d - 1 - n, 0)
        return total // 2, total - total // 2

    return each(rule)(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("one zero too many where the number of zeros is even")
def always_odd(x, *, kernel_size, strides, dilation_rate):
    def rule(n, k, s, d):
        total = sum(amounts(n, k, s, d))
        return total // 2, total // 2 + 1 if total else 0

    return each(rule)(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("returns the four numbers, not the padded image")
def numbers_only(x, *, kernel_size, strides, dilation_rate):
    return [amounts(*numbers) for numbers in zip(x.shape[1:3], kernel_size, strides, dilation_rate)]


@wrong("pads the first image only, and returns a batch of one")
def first_image(x, *, kernel_size, strides, dilation_rate):
    return with_pad(x[:1], kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)


@wrong("subtracts one from x in place so that zeros stand out")
def in_place(x, *, kernel_size, strides, dilation_rate):
    out = with_pad(x, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    x -= 1
    return out
