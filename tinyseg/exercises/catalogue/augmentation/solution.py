"""An image and its mask, changed together.

The first three steps move whole pixels, so that the same indexing serves both. The fourth asks for each pixel of
the result where it comes from, not the other way round: then every pixel gets a number, and none gets two. Rows and
columns can be worked out separately, since y depends on i alone and x on j alone.

Between pixels the image has a mean of what is around, in which near pixels count more. A class has no such mean
(between 1, road, and 3, car, lies no 2), so the mask takes the nearest pixel. Places outside are read at the border
first, which keeps the indices valid, and replaced after.
"""

import numpy as np


def augmentation(image, mask, *, crop, flip, turns, zoom, shift, contrast, brightness, void):
    """Crop, flip, turn, resample, change the colours."""
    kinds = image.dtype, mask.dtype
    if crop is not None:
        top, left, height, width = crop
        image = image[top : top + height, left : left + width]
        mask = mask[top : top + height, left : left + width]
    if flip:
        image, mask = image[:, ::-1], mask[:, ::-1]
    image, mask = np.rot90(image, turns), np.rot90(mask, turns)
    height, width = mask.shape
    y = (np.arange(height) - (height - 1) / 2) / zoom + (height - 1) / 2 - shift[0]
    x = (np.arange(width) - (width - 1) / 2) / zoom + (width - 1) / 2 - shift[1]
    inside = ((y >= 0) & (y <= height - 1))[:, None] & ((x >= 0) & (x <= width - 1))
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    nearest = mask[np.floor(y + 0.5).astype(int)][:, np.floor(x + 0.5).astype(int)]
    mask = np.where(inside, nearest, void)
    r, c = y.astype(int), x.astype(int)
    below, beside = np.minimum(r + 1, height - 1), np.minimum(c + 1, width - 1)
    a, b = (y - r)[:, None, None], (x - c)[:, None]
    upper = image[r][:, c] * (1 - b) + image[r][:, beside] * b
    lower = image[below][:, c] * (1 - b) + image[below][:, beside] * b
    image = np.where(inside[..., None], upper * (1 - a) + lower * a, 0)
    image = image * contrast + brightness
    return image.astype(kinds[0]), mask.astype(kinds[1])
