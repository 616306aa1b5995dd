"""Exercise: tiled_prediction   (chapter 13, difficulty 3 of 5)

An image can be too large to be given to a network at once. It is cut into tiles that overlap; the network predicts each
tile by itself, and the scores are put together. At the border of a tile the network has seen less of the surroundings,
so that its scores count less there.

Along an axis of n pixels, with tiles of `size` pixels that share `overlap` pixels with their neighbours:

    n <= size    one tile, which is the whole axis
    n > size     tiles begin at 0, size - overlap, 2 * (size - overlap), ... as long as a tile ends before the image
                 does; the last tile begins at n - size, so that it ends with the image

The rows and the columns are cut like this separately, and every part of the rows makes a tile with every part of the
columns. Along an axis on which the tile has m pixels, the pixel in place i (from 0) has the weight min(i + 1, m - i):
1, 2, 3, 2, 1 for m = 5. A pixel's weight in the tile is the product of those along both axes. At each pixel of the
image, over all tiles that have it,

    scores = sum of (weight * the tile's score) / sum of weight

Shapes: image and scores are (H, W, C). `model`, which is given below, stands for a network: it makes scores of the same
shape of a tile of any size. 0 <= overlap < size. float64 stays float64.

By hand, an image with one row and one channel, [0, 6, 3, 9], size = 3, overlap = 1:

    tile at 0: [0, 6, 3], its scores [-3, 3, 0]        tile at 1: [6, 3, 9], its scores [0, -3, 3]
    weights of both: [1, 2, 1]
    scores = [-3, (2 * 3 + 1 * 0) / 3, (1 * 0 + 2 * -3) / 3, 3] = [-3, 2, -2, 3]

The image must not be changed. Allowed: NumPy and plain Python.
"""



def model(tile):
    """Return scores of the tile's shape: how far each number is above its channel's mean. This function is given."""
    return tile - tile.mean(axis=(0, 1))


def tiled_prediction(image, *, size, overlap):
    """Return scores, (H, W, C)."""
    raise NotImplementedError("tiled_prediction is yours to write")
