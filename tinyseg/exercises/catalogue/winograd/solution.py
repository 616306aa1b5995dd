"""winograd: transform, multiply, transform back.

Why it works, in one dimension: two outputs y0 = d0 g0 + d1 g1 + d2 g2 and y1 = d1 g0 + d2 g1 + d3 g2 need six
products. With

    m0 = (d0 - d2) g0                  m1 = (d1 + d2) (g0 + g1 + g2) / 2
    m3 = (d1 - d3) g2                  m2 = (d2 - d1) (g0 - g1 + g2) / 2

it is y0 = m0 + m1 + m2 and y1 = m1 - m2 - m3: four products. The brackets with d are B^T d, those with g are G g, the
last two sums are A^T m. In two dimensions the same is done along columns and along rows: 4 * 4 = 16 products.
All three are linear, so the sum over channels may be taken before the last one.
"""

import numpy as np

G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])


def winograd_conv2d(x, kernel, bias):
    """Return (u, v, m, y)."""
    u = transform_kernel(kernel)
    v = transform_image(x)
    m = np.einsum("ntsabc,abcf->ntsabf", v, u)
    y = transform_back(m)[:, : x.shape[1] - 2, : x.shape[2] - 2] + bias
    return u, v, m, y


def transform_kernel(kernel):
    """Return G g G^T: (3, 3, C, F) -> (4, 4, C, F)."""
    return np.einsum("ai,ijcf,bj->abcf", G.astype(kernel.dtype), kernel, G.astype(kernel.dtype))


def transform_image(x):
    """Return B^T d B of all tiles: (N, H, W, C) -> (N, TH, TW, 4, 4, C)."""
    images, height, width, channels = x.shape
    wide = np.pad(x, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)))
    th, tw = wide.shape[1] // 2 - 1, wide.shape[2] // 2 - 1
    tiles = np.zeros((images, th, tw, 4, 4, channels), x.dtype)
    for t in range(th):
        for s in range(tw):
            tiles[:, t, s] = wide[:, 2 * t : 2 * t + 4, 2 * s : 2 * s + 4]
    return np.einsum("ai,ntsijc,bj->ntsabc", BT.astype(x.dtype), tiles, BT.astype(x.dtype))


def transform_back(m):
    """Return A^T m A of all tiles, side by side: (N, TH, TW, 4, 4, F) -> (N, 2 TH, 2 TW, F)."""
    images, th, tw, _, _, filters = m.shape
    blocks = np.einsum("pa,ntsabf,qb->ntpsqf", AT.astype(m.dtype), m, AT.astype(m.dtype))
    return blocks.reshape(images, 2 * th, 2 * tw, filters)
