"""Exercise: threshold   (chapter 1, difficulty 1 of 5)

An image is a matrix of numbers. The oldest way to find something bright in it is to compare every number with one
number t, the threshold. The result is a mask: an array of the same shape that says True or False for each number.

    mask[i, j] = True where image[i, j] is greater than t, else False
    with invert=True every entry is the other way round: True where image[i, j] is not greater than t

Shapes: image is (H, W), or (H, W, C) with C channels; mask has the image's shape. Its entries are True and False (or 1
and 0). The image holds whole numbers from 0 to 255 (NumPy's uint8) or floating-point numbers, negative ones too. t is
one number for all pixels and all channels: any number, whole or not, even one that no pixel can reach.

By hand, with t = 100:

    image = [[ 99, 100, 101],       mask = [[False, False, True ],      with invert=True: [[True,  True,  False],
             [  0, 255,  50]]               [False, True,  False]]                         [True,  False, True ]]

The image must not be changed. Allowed: NumPy and plain Python; loops over the pixels are fine.
"""



def threshold(image, *, t, invert=False):
    """Return the mask, of the image's shape."""
    raise NotImplementedError("threshold is yours to write")
