"""The pixels that are brighter than a number.

NumPy compares a whole array with a number at once and gives an array of True and False of the same shape; so the number
of axes does not matter. What is not greater than t is less than t or equals it: `~` turns True and False round, and so
every pixel is in just one of the two masks.
"""


def threshold(image, *, t, invert=False):
    """mask = image > t, or the opposite."""
    mask = image > t
    return ~mask if invert else mask
