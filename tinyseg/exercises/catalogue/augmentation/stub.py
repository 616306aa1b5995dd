"""Exercise: augmentation   (chapter 8, difficulty 4 of 5)

A network sees more images when each is shown in many versions: mirrored, turned, moved, enlarged, brighter. For
segmentation the mask has to go along: every pixel must keep its class. Change an image and its mask together, in this
order:

    1. crop       crop = (top, left, height, width): keep these rows and columns of both; None keeps all
    2. flip       if True: mirror both left to right
    3. turns      turn both by this number of quarter turns (0 to 3) against the clock
    4. resample   H and W are height and width now, and stay so. Pixel (i, j) of the result is taken from the place
                      row     y = (i - (H - 1) / 2) / zoom + (H - 1) / 2 - shift[0]
                      column  x = (j - (W - 1) / 2) / zoom + (W - 1) / 2 - shift[1]
                  The image is interpolated between the four pixels around the place (bilinear), the mask takes the
                  class of the nearest pixel. Places with y < 0, y > H - 1, x < 0 or x > W - 1 are outside: there the
                  image is 0 and the mask is `void`.
    5. colours    the image alone: image * contrast + brightness, at all pixels

Bilinear: with r = floor(y), c = floor(x), a = y - r and b = x - c, the pixels in rows r and r + 1 and in columns c and
c + 1 have the weights (1 - a) or a, times (1 - b) or b. A pixel of weight 0 may lie outside.

Shapes: image (H, W, C) of floats, mask (H, W) of whole numbers. Returned are both; an image of float64 stays float64.

By hand: image [[1, 2, 3], [4, 5, 6]] (one channel), mask [[1, 1, 2], [1, 2, 2]]:

    turns=1:                    image [[3, 6], [2, 5], [1, 4]],     mask [[2, 2], [1, 2], [1, 1]]
    flip=True, shift=(1, 0),
    contrast=2, brightness=1:   image [[1, 1, 1], [7, 5, 3]],       mask [[void, void, void], [2, 1, 1]]
    image [[0, 4, 8]], mask [[1, 2, 3]], shift=(0, 0.25):
                                image [[0, 3, 7]],                  mask [[void, 2, 3]]

Neither array may be changed. Allowed: NumPy and plain Python.
"""



def augmentation(image, mask, *, crop, flip, turns, zoom, shift, contrast, brightness, void):
    """Return (image, mask)."""
    raise NotImplementedError("augmentation is yours to write")
