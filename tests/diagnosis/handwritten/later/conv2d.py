"""conv2d, the second corpus."""

import functools

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def pads_of(padding, size, window, strides, dilation):
    if padding == "valid":
        return ((0, 0), (0, 0))
    if padding != "same":
        return padding
    both = []
    for n, k, s, d in zip(size, window, strides, dilation):
        out = (n + s - 1) // s
        need = max(0, (out - 1) * s + (k - 1) * d + 1 - n)
        both.append((need // 2, need - need // 2))
    return both


# --- plain loops; everything is made by np.zeros, so that it is float64 whatever comes in


def loop_forward(x, kernel, bias, strides=(1, 1), padding="valid", dilation_rate=(1, 1)):
    n, h, w, c = x.shape
    kh, kw, _, f = kernel.shape
    (pt, pb), (pl, pr) = pads_of(padding, (h, w), (kh, kw), strides, dilation_rate)
    padded = np.zeros((n, h + pt + pb, w + pl + pr, c))
    padded[:, pt:pt + h, pl:pl + w, :] = x
    oh = (padded.shape[1] - dilation_rate[0] * (kh - 1) - 1) // strides[0] + 1
    ow = (padded.shape[2] - dilation_rate[1] * (kw - 1) - 1) // strides[1] + 1
    out = np.zeros((n, oh, ow, f))
    for img in range(n):
        for i in range(oh):
            for j in range(ow):
                for a in range(kh):
                    for b in range(kw):
                        for ch in range(c):
                            pixel = padded[img, i * strides[0] + a * dilation_rate[0], j * strides[1] + b * dilation_rate[1], ch]
                            for fil in range(f):
                                out[img, i, j, fil] += pixel * kernel[a, b, ch, fil]
                for fil in range(f):
                    out[img, i, j, fil] += bias[fil]
    cache = {"padded": padded, "kernel": kernel, "strides": strides, "dil": dilation_rate, "crop": (pt, pl, h, w)}
    return out, cache


def loop_backward(dy, cache):
    padded, kernel, strides, dil = cache["padded"], cache["kernel"], cache["strides"], cache["dil"]
    pt, pl, h, w = cache["crop"]
    n, oh, ow, f = dy.shape
    kh, kw, c, _ = kernel.shape
    dpadded = np.zeros(padded.shape)
    dkernel = np.zeros(kernel.shape)
    dbias = np.zeros(f)
    for img in range(n):
        for i in range(oh):
            for j in range(ow):
                for fil in range(f):
                    g = dy[img, i, j, fil]
                    dbias[fil] += g
                    for a in range(kh):
                        for b in range(kw):
                            y, x = i * strides[0] + a * dil[0], j * strides[1] + b * dil[1]
                            for ch in range(c):
                                dkernel[a, b, ch, fil] += padded[img, y, x, ch] * g
                                dpadded[img, y, x, ch] += kernel[a, b, ch, fil] * g
    return dpadded[:, pt:pt + h, pl:pl + w], dkernel, dbias


# --- one matrix per axis that says which pixel a tap of an output meets


def selection(size, window, stride, before, dilation, outputs):
    s = np.zeros((outputs, window, size))
    for o in range(outputs):
        for k in range(window):
            p = o * stride + k * dilation - before
            if 0 <= p < size:
                s[o, k, p] = 1
    return s


def matrix_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    h, w = x.shape[1:3]
    kh, kw = kernel.shape[:2]
    (t, b), (l, r) = pads_of(padding, (h, w), (kh, kw), strides, dilation_rate)
    oh = (h + t + b - (kh - 1) * dilation_rate[0] - 1) // strides[0] + 1
    ow = (w + l + r - (kw - 1) * dilation_rate[1] - 1) // strides[1] + 1
    R = selection(h, kh, strides[0], t, dilation_rate[0], oh)
    C = selection(w, kw, strides[1], l, dilation_rate[1], ow)
    cols = np.einsum("oih,pjw,nhwc->nopijc", R, C, x, optimize=True)
    y = np.einsum("nopijc,ijcf->nopf", cols, kernel, optimize=True) + bias
    return y, (R, C, cols, kernel)


def matrix_backward(dy, cache):
    R, C, cols, kernel = cache
    dcols = np.einsum("nopf,ijcf->nopijc", dy, kernel, optimize=True)
    dx = np.einsum("oih,pjw,nopijc->nhwc", R, C, dcols, optimize=True)
    return dx, np.einsum("nopijc,nopf->ijcf", cols, dy, optimize=True), dy.sum(axis=(0, 1, 2))


# --- Fourier


def fourier_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    n, h, w, c = x.shape
    kh, kw, _, f = kernel.shape
    pads = pads_of(padding, (h, w), (kh, kw), strides, dilation_rate)
    xp = np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)))
    H, W = xp.shape[1:3]
    big = np.zeros((H, W, c, f))
    big[:(kh - 1) * dilation_rate[0] + 1:dilation_rate[0], :(kw - 1) * dilation_rate[1] + 1:dilation_rate[1]] = kernel
    fx, fk = np.fft.fft2(xp, axes=(1, 2)), np.fft.fft2(big, axes=(0, 1))
    full = np.fft.ifft2(np.einsum("nhwc,hwcf->nhwf", fx, fk.conj()), axes=(1, 2)).real
    eh, ew = H - (kh - 1) * dilation_rate[0], W - (kw - 1) * dilation_rate[1]
    y = full[:, :eh:strides[0], :ew:strides[1]] + bias
    return y.astype(x.dtype), (x, xp, fx, fk, kernel, pads, strides, dilation_rate, (eh, ew))


def fourier_backward(dy, cache):
    x, xp, fx, fk, kernel, pads, strides, dil, (eh, ew) = cache
    up = np.zeros((len(x), *xp.shape[1:3], dy.shape[3]))
    up[:, :eh:strides[0], :ew:strides[1]] = dy
    fu = np.fft.fft2(up, axes=(1, 2))
    dxp = np.fft.ifft2(np.einsum("nhwf,hwcf->nhwc", fu, fk), axes=(1, 2)).real
    dbig = np.fft.ifft2(np.einsum("nhwc,nhwf->hwcf", fx, fu.conj()), axes=(0, 1)).real
    kh, kw = kernel.shape[:2]
    dk = dbig[:(kh - 1) * dil[0] + 1:dil[0], :(kw - 1) * dil[1] + 1:dil[1]]
    t, l = pads[0][0], pads[1][0]
    return dxp[:, t:t + x.shape[1], l:l + x.shape[2]].astype(dy.dtype), dk.astype(dy.dtype), up.sum((0, 1, 2)).astype(dy.dtype)


# --- a class that works on lists of taps, added up pairwise


class Convolution:
    def __init__(self, x, kernel, bias, strides, padding, dilation_rate):
        self.x, self.kernel, self.bias = x, kernel, bias
        self.s, self.d = strides, dilation_rate
        self.pads = pads_of(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
        self.xp = np.pad(x, [(0, 0), *map(tuple, self.pads), (0, 0)])
        self.out = tuple((n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(self.xp.shape[1:3], kernel.shape, strides, dilation_rate))

    def part(self, array, i, j):
        (sh, sw), (dh, dw), (oh, ow) = self.s, self.d, self.out
        return array[:, i * dh:i * dh + (oh - 1) * sh + 1:sh, j * dw:j * dw + (ow - 1) * sw + 1:sw]

    def taps(self):
        return list(np.ndindex(*self.kernel.shape[:2]))

    def pairwise(self, taps):
        if len(taps) == 1:
            i, j = taps[0]
            return np.matmul(self.part(self.xp, i, j), self.kernel[i, j])
        half = len(taps) // 2
        return self.pairwise(taps[:half]) + self.pairwise(taps[half:])

    def forward(self):
        return self.pairwise(self.taps()) + self.bias

    def backward(self, dy):
        dxp = np.zeros_like(self.xp)
        dk = np.empty_like(self.kernel)
        for i, j in self.taps():
            window = self.part(dxp, i, j)
            window += dy @ self.kernel[i, j].T
            dk[i, j] = np.einsum("nhwc,nhwf->cf", self.part(self.xp, i, j), dy)
        (t, _), (l, _) = self.pads
        return dxp[:, t:t + self.x.shape[1], l:l + self.x.shape[2]], dk, dy.reshape(-1, dy.shape[-1]).sum(0)


def class_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    layer = Convolution(x, kernel, bias, strides, padding, dilation_rate)
    return layer.forward(), layer


def class_backward(dy, layer):
    return layer.backward(dy)


# --- double precision inside, Fortran order outside


def double_forward(x, kernel, bias, **options):
    y, cache = class_forward(x.astype(np.float64), kernel.astype(np.float64), bias.astype(np.float64), **options)
    return np.asfortranarray(y), cache


def double_backward(dy, layer):
    return tuple(np.asfortranarray(g) for g in layer.backward(dy.astype("d")))


# --- channels first inside, lists of images


def channels_first_forward(x, kernel, bias, strides, padding, dilation_rate):
    images = []
    patches = []
    kh, kw, c, f = kernel.shape
    flat = kernel.transpose(3, 2, 0, 1).reshape(f, c * kh * kw)
    (t, b), (l, r) = pads_of(padding, x.shape[1:3], (kh, kw), strides, dilation_rate)
    for image in x:
        z = np.pad(image.transpose(2, 0, 1), ((0, 0), (t, b), (l, r)))
        rows = range(0, z.shape[1] - (kh - 1) * dilation_rate[0], strides[0])
        columns = range(0, z.shape[2] - (kw - 1) * dilation_rate[1], strides[1])
        m = np.array([[z[:, i:i + (kh - 1) * dilation_rate[0] + 1:dilation_rate[0], j:j + (kw - 1) * dilation_rate[1] + 1:dilation_rate[1]].ravel() for j in columns] for i in rows])
        patches.append((m, rows, columns, z.shape))
        images.append(m @ flat.T + bias)
    return np.array(images), (patches, flat, kernel.shape, (t, l), x.shape, dilation_rate)


def channels_first_backward(dy, cache):
    patches, flat, (kh, kw, c, f), (t, l), shape, dil = cache
    dflat = np.zeros_like(flat)
    dx = []
    for g, (m, rows, columns, zshape) in zip(dy, patches):
        dflat += np.tensordot(g, m, axes=((0, 1), (0, 1)))
        dz = np.zeros(zshape, dy.dtype)
        dm = g @ flat
        for a, i in enumerate(rows):
            for b, j in enumerate(columns):
                dz[:, i:i + (kh - 1) * dil[0] + 1:dil[0], j:j + (kw - 1) * dil[1] + 1:dil[1]] += dm[a, b].reshape(c, kh, kw)
        dx.append(dz[:, t:t + shape[1], l:l + shape[2]].transpose(1, 2, 0))
    return np.array(dx), dflat.reshape(f, c, kh, kw).transpose(2, 3, 1, 0), sum(g.sum((0, 1)) for g in dy)


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("selection matrices", matrix_forward, matrix_backward),
    Correct("Fourier", fourier_forward, fourier_backward),
    Correct("pairwise class", class_forward, class_backward),
    Correct("double inside, Fortran order", double_forward, double_backward),
    Correct("channels first, lists", channels_first_forward, channels_first_backward),
    Correct("loops forward, pairwise backward", loop_forward, planted(loop_backward, ("np.zeros(f)", "np.zeros(f, dtype=np.float64)"))),
]


# --- wrong ones

FIRST_PADS = {}


def remembered_pads(padding, size, window, strides, dilation):
    key = (padding if isinstance(padding, str) else "numbers", tuple(size))
    if key not in FIRST_PADS:
        FIRST_PADS[key] = pads_of(padding, size, window, strides, dilation)
    return FIRST_PADS[key]


@functools.lru_cache(maxsize=None)
def first_kernel(shape):
    return {}


def kernel_of_the_first_call(x, kernel, bias, *, strides, padding, dilation_rate):
    kept = first_kernel(kernel.shape)
    kept.setdefault("flat", kernel.copy())
    return class_forward(x, kept["flat"], bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def single_precision(x, kernel, bias, **options):
    y, cache = class_forward(x.astype(np.float32), kernel.astype(np.float32), bias.astype(np.float32), **options)
    return y, cache


def single_back(dy, layer):
    return layer.backward(dy)


def half_backward(dy, layer):
    dx, dk, db = layer.backward(dy)
    return dx, dk.astype(np.float16).astype(dy.dtype), db


def bias_added_to_the_input(x, kernel, bias, *, strides, padding, dilation_rate):
    y, layer = class_forward(x + bias.mean(), kernel, bias * 0, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return y, layer


def mean_of_taps(x, kernel, bias, **options):
    y, layer = class_forward(x, kernel, bias, **options)
    return (y - bias) / kernel[..., 0].size + bias, layer


BUGS = [
    Bug("batch loop one short", planted(loop_forward, ("for img in range(n):", "for img in range(n - 1):")), None, "the last image is left out"),
    Bug("channel loop from one", planted(loop_forward, ("for ch in range(c):", "for ch in range(1, c):")), None, "the first channel is left out of the sum"),
    Bug("filter loop one short", planted(loop_forward, ("                for fil in range(f):\n                    out[img, i, j, fil] += bias", "                for fil in range(f - 1):\n                    out[img, i, j, fil] += bias")), None, "the last filter gets no bias"),
    Bug("channels to 3", planted(loop_forward, ("for ch in range(c):", "for ch in range(min(c, 2)):")), None, "no more than two channels are summed"),
    Bug("tap rows to the width", planted(loop_forward, ("for a in range(kh):", "for a in range(min(kh, kw)):")), None, "of a window that is higher than wide the lower rows are left out"),
    Bug("dilation on columns only", planted(loop_forward, ("i * strides[0] + a * dilation_rate[0]", "i * strides[0] + a")), None, "the rows are not dilated"),
    Bug("bias inside the tap loop", planted(loop_forward, ("                            for fil in range(f):\n                                out[img, i, j, fil] += pixel * kernel[a, b, ch, fil]", "                            for fil in range(f):\n                                out[img, i, j, fil] += pixel * kernel[a, b, ch, fil] + bias[fil] / (kh * kw)")), None, "the bias is added once per tap and channel, divided by the taps, and once more at the end"),
    Bug("flipped and no bias", planted(loop_forward, ("pixel * kernel[a, b, ch, fil]", "pixel * kernel[kh - 1 - a, kw - 1 - b, ch, fil]"), ("out[img, i, j, fil] += bias[fil]", "pass")), None, "the kernel is turned and the bias is forgotten"),
    Bug("filter loop one short backward", loop_forward, planted(loop_backward, ("for fil in range(f):", "for fil in range(max(f - 1, 1)):")), "the last filter is left out of all gradients"),
    Bug("image loop one short backward", loop_forward, planted(loop_backward, ("for img in range(n):", "for img in range(1, n):")), "the first image is left out of all gradients"),
    Bug("dkernel by assignment", loop_forward, planted(loop_backward, ("dkernel[a, b, ch, fil] += padded", "dkernel[a, b, ch, fil] = padded")), "dkernel keeps the last product only"),
    Bug("no crop", loop_forward, planted(loop_backward, ("dpadded[:, pt:pt + h, pl:pl + w]", "dpadded[:, :h, :w]")), "the padding is cut off at the lower right instead of around"),
    Bug("stride forgotten for columns backward", loop_forward, planted(loop_backward, ("j * strides[1] + b * dil[1]", "j * strides[0] + b * dil[1]")), "the row stride is used for columns too"),
    Bug("mean over images", matrix_forward, lambda dy, cache: matrix_backward(dy / len(dy), cache), "all gradients are divided by the number of images"),
    Bug("swapped selections", planted(matrix_forward, ("selection(w, kw, strides[1], l, dilation_rate[1], ow)", "selection(w, kw, strides[1], t, dilation_rate[1], ow)")), None, "the padding at the top is used at the left"),
    Bug("floor padding", planted(matrix_forward, ("selection(h, kh, strides[0], t, dilation_rate[0], oh)", "selection(h, kh, strides[0], b, dilation_rate[0], oh)"), ("selection(w, kw, strides[1], l, dilation_rate[1], ow)", "selection(w, kw, strides[1], r, dilation_rate[1], ow)")), None, "the odd zero of 'same' is put before instead of after"),
    Bug("circular", planted(fourier_forward, ("full[:, :eh:strides[0], :ew:strides[1]] + bias", "full[:, :eh:strides[0], :ew:strides[1]] + bias[0]")), None, "the first bias is added to all filters"),
    Bug("convolution instead of correlation", planted(fourier_forward, ("fk.conj()), axes=(1, 2)).real", "fk), axes=(1, 2)).real")), None, "the Fourier transform of the kernel is not conjugated: a circular convolution"),
    Bug("conj missing in dkernel", fourier_forward, planted(fourier_backward, ("fu.conj()", "fu")), "the transform of dy is not conjugated in dkernel"),
    Bug("kernel of the first call", kernel_of_the_first_call, None, "the kernel of the first call with that shape is kept"),
    Bug("pads of the first call", planted(matrix_forward, ("pads_of(", "remembered_pads(")), None, "the padding of the first call with an image of that size is kept, whatever the window"),
    Bug("single precision", single_precision, single_back, "computed in float32"),
    Bug("dkernel in half precision", class_forward, half_backward, "dkernel goes through float16"),
    Bug("bias added to the input", bias_added_to_the_input, None, "the mean bias is added to the padded-in image, none to the output"),
    Bug("mean of taps", mean_of_taps, None, "the products are averaged over taps and channels instead of summed"),
    Bug("dx with dy of one filter", class_forward, lambda dy, layer: (Convolution.backward(layer, dy[..., :1] + 0 * dy)[0], *layer.backward(dy)[1:]), "dx uses the first filter's dy for all filters"),
    Bug("reshape of kernel", planted(channels_first_forward, ("kernel.transpose(3, 2, 0, 1).reshape(f, c * kh * kw)", "kernel.reshape(f, c * kh * kw)")), None, "the kernel is reshaped where axes had to be exchanged"),
    Bug("gradient kernel not transposed back", channels_first_forward, planted(channels_first_backward, ("dflat.reshape(f, c, kh, kw).transpose(2, 3, 1, 0)", "dflat.reshape(kh, kw, c, f)")), "dkernel is reshaped where axes had to be exchanged"),
    Bug("overlap assigned, and averaged", channels_first_forward, planted(channels_first_backward, ("+= dm[a, b].reshape(c, kh, kw)", "= dm[a, b].reshape(c, kh, kw)"), ("dflat += np.tensordot", "dflat = np.tensordot")), "overlapping windows overwrite each other in dx, images in dkernel"),
    Bug("stride minus one", planted(class_forward, ("Convolution(x, kernel, bias, strides, padding, dilation_rate)", "Convolution(x, kernel, bias, tuple(max(1, s - 1) for s in strides), padding, dilation_rate)")), None, "the stride is one too small"),
]
