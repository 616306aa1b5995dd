"""Mean intersection over union, with a label that does not count.

First the pixels that count are taken out of both arrays, by the label alone; then nothing else has to know of it. A
class with an empty union has no IoU (0 / 0) and is left out of the mean. A class that occurs on one side only has an
empty intersection and a union: its IoU is 0, and it counts.
"""

import numpy as np


def mean_iou(y_true, y_pred, *, num_classes, ignore_class):
    """Take out what counts, then go through the classes."""
    if ignore_class is not None:
        counts = y_true != ignore_class
        y_true, y_pred = y_true[counts], y_pred[counts]
    values = []
    for k in range(num_classes):
        true, predicted = y_true == k, y_pred == k
        both = np.sum(true & predicted)
        either = np.sum(true | predicted)
        if either > 0:
            values.append(both / either)
    return sum(values) / len(values)
