"""depthwise_conv2d, the second corpus."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted
from tests.diagnosis.handwritten.later.conv2d import pads_of


# --- loops, float64 whatever comes in


def loop_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, M = kernel.shape
    (t, b), (l, r) = pads_of(padding, (H, W), (KH, KW), strides, dilation_rate)
    OH = (H + t + b - (KH - 1) * dilation_rate[0] - 1) // strides[0] + 1
    OW = (W + l + r - (KW - 1) * dilation_rate[1] - 1) // strides[1] + 1
    y = np.zeros((N, OH, OW, C * M))
    for n in range(N):
        for oh in range(OH):
            for ow in range(OW):
                for c in range(C):
                    for m in range(M):
                        total = 0.0
                        for i in range(KH):
                            for j in range(KW):
                                h = oh * strides[0] + i * dilation_rate[0] - t
                                w = ow * strides[1] + j * dilation_rate[1] - l
                                if h < 0 or w < 0 or h >= H or w >= W:
                                    continue
                                total += x[n, h, w, c] * kernel[i, j, c, m]
                        y[n, oh, ow, c * M + m] = total + bias[c * M + m]
    return y, (x, kernel, strides, t, l, dilation_rate)


def loop_backward(dy, cache):
    x, kernel, strides, t, l, dil = cache
    KH, KW, C, M = kernel.shape
    dx, dk, db = np.zeros(x.shape), np.zeros(kernel.shape), np.zeros(C * M)
    for n, oh, ow, c, m in np.ndindex(*dy.shape[:3], C, M):
        g = dy[n, oh, ow, c * M + m]
        db[c * M + m] += g
        for i in range(KH):
            for j in range(KW):
                h, w = oh * strides[0] + i * dil[0] - t, ow * strides[1] + j * dil[1] - l
                if 0 <= h < x.shape[1] and 0 <= w < x.shape[2]:
                    dx[n, h, w, c] += g * kernel[i, j, c, m]
                    dk[i, j, c, m] += g * x[n, h, w, c]
    return dx, dk, db


# --- one multiplier after the other, by slices


def slices_forward(x, kernel, bias, strides, padding, dilation_rate):
    (sh, sw), (dh, dw) = strides, dilation_rate
    KH, KW, C, M = kernel.shape
    pads = pads_of(padding, x.shape[1:3], (KH, KW), strides, dilation_rate)
    xp = np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)))
    OH, OW = (xp.shape[1] - (KH - 1) * dh - 1) // sh + 1, (xp.shape[2] - (KW - 1) * dw - 1) // sw + 1
    outs = []
    for m in range(M):
        acc = 0
        for i in range(KH):
            for j in range(KW):
                acc = acc + xp[:, i * dh:i * dh + (OH - 1) * sh + 1:sh, j * dw:j * dw + (OW - 1) * sw + 1:sw] * kernel[i, j, :, m]
        outs.append(acc)
    y = np.stack(outs, axis=-1)
    return y.reshape(len(x), OH, OW, C * M) + bias, dict(xp=xp, x=x, k=kernel, pads=pads, s=strides, d=dilation_rate)


def slices_backward(dy, cache):
    xp, k, pads, (sh, sw), (dh, dw) = cache["xp"], cache["k"], cache["pads"], cache["s"], cache["d"]
    KH, KW, C, M = k.shape
    N, OH, OW, _ = dy.shape
    g = dy.reshape(N, OH, OW, C, M)
    dxp = np.zeros(xp.shape, xp.dtype)
    dk = np.zeros_like(k)
    for i in range(KH):
        for j in range(KW):
            rows, columns = slice(i * dh, i * dh + (OH - 1) * sh + 1, sh), slice(j * dw, j * dw + (OW - 1) * sw + 1, sw)
            dk[i, j] = (xp[:, rows, columns, :, None] * g).sum((0, 1, 2))
            dxp[:, rows, columns] += (g * k[i, j]).sum(-1)
    H, W = cache["x"].shape[1:3]
    return dxp[:, pads[0][0]:pads[0][0] + H, pads[1][0]:pads[1][0] + W], dk, g.sum((0, 1, 2)).ravel()


# --- windows of each output as a generator


def windows_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    KH, KW, C, M = kernel.shape
    pads = pads_of(padding, x.shape[1:3], (KH, KW), strides, dilation_rate)
    xp = np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)))
    eh, ew = (KH - 1) * dilation_rate[0] + 1, (KW - 1) * dilation_rate[1] + 1
    starts = [[(h, w) for w in range(0, xp.shape[2] - ew + 1, strides[1])] for h in range(0, xp.shape[1] - eh + 1, strides[0])]
    rows = []
    for line in starts:
        row = []
        for h, w in line:
            window = xp[:, h:h + eh:dilation_rate[0], w:w + ew:dilation_rate[1]]
            row.append(np.einsum("nijc,ijcm->ncm", window, kernel).reshape(len(x), -1))
        rows.append(np.stack(row, 1))
    return np.stack(rows, 1) + bias, (xp, x.shape, kernel, pads, starts, (eh, ew), dilation_rate)


def windows_backward(dy, cache):
    xp, shape, kernel, pads, starts, (eh, ew), d = cache
    dxp, dk = np.zeros_like(xp), np.zeros_like(kernel)
    C, M = kernel.shape[2:]
    for r, line in enumerate(starts):
        for q, (h, w) in enumerate(line):
            g = dy[:, r, q].reshape(-1, C, M)
            dk += np.einsum("ncm,nijc->ijcm", g, xp[:, h:h + eh:d[0], w:w + ew:d[1]])
            dxp[:, h:h + eh:d[0], w:w + ew:d[1]] += np.einsum("ncm,ijcm->nijc", g, kernel)
    (t, _), (l, _) = pads
    return dxp[:, t:t + shape[1], l:l + shape[2]], dk, dy.sum(axis=0).sum(axis=0).sum(axis=0)


# --- as a dense convolution with a block-diagonal kernel


def block_forward(x, kernel, bias, **options):
    from tests.diagnosis.handwritten.later.conv2d import matrix_forward

    KH, KW, C, M = kernel.shape
    wide = np.zeros((KH, KW, C, C * M), kernel.dtype)
    for c in range(C):
        wide[:, :, c, c * M:(c + 1) * M] = kernel[:, :, c]
    y, cache = matrix_forward(x, wide, bias, **options)
    return y, (cache, C, M)


def block_backward(dy, cache):
    from tests.diagnosis.handwritten.later.conv2d import matrix_backward

    inner, C, M = cache
    dx, dwide, db = matrix_backward(dy, inner)
    return dx, np.stack([dwide[:, :, c, c * M:(c + 1) * M] for c in range(C)], axis=2), db


def double_forward(x, kernel, bias, **options):
    return slices_forward(*(a.astype(float) for a in (x, kernel, bias)), **options)


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("slices per multiplier", slices_forward, slices_backward),
    Correct("windows one by one", windows_forward, windows_backward),
    Correct("block-diagonal kernel", block_forward, block_backward),
    Correct("double inside", double_forward, slices_backward),
]

KEPT = {}


def kernel_kept(kernel):
    return KEPT.setdefault(kernel.shape, kernel.copy())


BUGS = [
    Bug("multiplier loop one short", planted(loop_forward, ("for m in range(M):", "for m in range(max(1, M - 1)):")), None, "the last multiplier of each channel stays 0"),
    Bug("channel loop one short", planted(loop_forward, ("for c in range(C):", "for c in range(C - 1):")), None, "the last input channel stays 0"),
    Bug("order m * C + c", planted(loop_forward, ("y[n, oh, ow, c * M + m] = total + bias[c * M + m]", "y[n, oh, ow, m * C + c] = total + bias[m * C + c]")), None, "output channels stand in the order m * C + c"),
    Bug("bias by channel", planted(loop_forward, ("+ bias[c * M + m]", "+ bias[c]")), None, "the bias of output c * M + m is bias[c]"),
    Bug("kernel channel fixed", planted(loop_forward, ("kernel[i, j, c, m]", "kernel[i, j, 0, m]")), None, "the kernel of the first channel is used for all"),
    Bug("sums over channels", planted(loop_forward, ("total += x[n, h, w, c] * kernel[i, j, c, m]", "total += x[n, h, w].sum() * kernel[i, j, c, m]")), None, "all input channels are summed for each output"),
    Bug("dilation counted from one", planted(loop_forward, ("i * dilation_rate[0] - t", "i * (dilation_rate[0] + 1) // 2 - t")), None, "the row dilation is wrong"),
    Bug("db per channel only", loop_forward, planted(loop_backward, ("db[c * M + m] += g", "db[c * M] += g")), "dbias is heaped on the first output of each channel"),
    Bug("dx of the last multiplier", loop_forward, planted(loop_backward, ("dx[n, h, w, c] += g * kernel[i, j, c, m]", "dx[n, h, w, c] = g * kernel[i, j, c, m]")), "dx is assigned instead of added up"),
    Bug("dk without stride", loop_forward, planted(loop_backward, ("oh * strides[0] + i * dil[0] - t, ow * strides[1] + j * dil[1] - l", "oh + i * dil[0] - t, ow + j * dil[1] - l")), "the strides are ignored in backward"),
    Bug("multipliers averaged in dx", slices_forward, planted(slices_backward, ("(g * k[i, j]).sum(-1)", "(g * k[i, j]).mean(-1)")), "dx averages over the multipliers"),
    Bug("g reshaped the other way", slices_forward, planted(slices_backward, ("g = dy.reshape(N, OH, OW, C, M)", "g = dy.reshape(N, OH, OW, M, C).swapaxes(3, 4)")), "dy's channels are split as m * C + c"),
    Bug("batch averaged in dk", slices_forward, planted(slices_backward, ("(xp[:, rows, columns, :, None] * g).sum((0, 1, 2))", "(xp[:, rows, columns, :, None] * g).mean(0).sum((0, 1))")), "dkernel is averaged over the images"),
    Bug("stack in front", planted(slices_forward, ("np.stack(outs, axis=-1)", "np.stack(outs, axis=-2)")), None, "multipliers are stacked before the channels"),
    Bug("crop forgets left", slices_forward, planted(slices_backward, ("pads[1][0]:pads[1][0] + W", ":W")), "the left padding is not cut off"),
    Bug("last row of windows", planted(windows_forward, ("xp.shape[1] - eh + 1, strides[0])", "xp.shape[1] - eh, strides[0])")), None, "the last row of windows is left out"),
    Bug("kernel of the first call", planted(slices_forward, ("    outs = []", "    outs = []; kernel = kernel_kept(kernel)")), None, "the kernel of the first call with this shape is kept"),
    Bug("dk overwritten", windows_forward, planted(windows_backward, ("dk += np.einsum", "dk = np.einsum")), "dkernel is of the last window only"),
    Bug("dk overwritten and dx turned", windows_forward, planted(windows_backward, ("dk += np.einsum", "dk[...] = np.einsum"), ('np.einsum("ncm,ijcm->nijc", g, kernel)', 'np.einsum("ncm,ijcm->nijc", g, kernel[::-1, ::-1])')), "dkernel is of the last window, the kernel is turned in dx"),
    Bug("bias twice", planted(windows_forward, (".reshape(len(x), -1))", ".reshape(len(x), -1) + bias)")), None, "the bias is added twice"),
    Bug("float32 inside", lambda x, kernel, bias, **o: slices_forward(np.float32(x), np.float32(kernel), np.float32(bias), **o), None, "computed in float32"),
    Bug("wide kernel order", planted(block_forward, ("wide[:, :, c, c * M:(c + 1) * M] = kernel[:, :, c]", "wide[:, :, c, c::C] = kernel[:, :, c]")), None, "output channels stand in the order m * C + c"),
]
