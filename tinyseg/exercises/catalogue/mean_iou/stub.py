"""Exercise: mean_iou   (chapter 8, difficulty 2 of 5)

How good is a segmentation? For one class: the pixels that are of this class both in truth and in prediction, divided by
those that are in truth or in prediction. This intersection over union is 1 when all is right and 0 when nothing is. The
mean over the classes counts a small class as much as a large one. All pixels of all images are counted together.

    IoU of class k = pixels with y_true = k and y_pred = k   /   pixels with y_true = k or y_pred = k
    result         = the mean over the classes that occur (in y_true or in y_pred)

Data sets mark pixels that nobody could decide with a label of their own, often 255: ignore_class. Such a pixel does not
count at all, whatever is predicted there. The label need not be a class; if it is one, it can still be predicted for a
pixel that counts, and then it is a class that occurs, with an IoU of 0. None means that every pixel counts.

Shapes: y_true and y_pred have one shape, any, and hold class ids from 0 to num_classes - 1 (whole numbers, of 8 bits as
        well; y_true may hold ignore_class too). The result is one number.

By hand, with num_classes = 3 and ignore_class = 255:

    y_true = [[0, 0, 0], [1, 1, 255]]    y_pred = [[0, 0, 1], [1, 1, 2]]
    new_mean_iou = 0.66667               class 0 has 2/3, class 1 has 2/3; class 2 does not occur where it counts

The arrays must not be changed. Allowed: NumPy and plain Python. Loops are fine.
"""


def mean_iou(y_true, y_pred, *, num_classes, ignore_class):
    """Return the mean IoU, one number."""
    raise NotImplementedError("mean_iou is yours to write")
