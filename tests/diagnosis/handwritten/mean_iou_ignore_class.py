"""mean_iou_ignore_class as learners write it."""

import numpy as np

from tests.diagnosis.handwritten import Bug, Correct

# ---------------------------------------------------------------------------------------------------------------- right


def masks(y_true, y_pred, *, num_classes, ignore_class):
    if ignore_class is not None:
        keep = y_true != ignore_class
        y_true, y_pred = y_true[keep], y_pred[keep]
    ious = []
    for c in range(num_classes):
        t, p = y_true == c, y_pred == c
        if (t | p).any():
            ious.append((t & p).sum() / (t | p).sum())
    return float(np.mean(ious))


def matrix(y_true, y_pred, *, num_classes, ignore_class):
    t, p = y_true.astype(np.int64).ravel(), y_pred.astype(np.int64).ravel()
    if ignore_class is not None:
        t, p = t[t != ignore_class], p[t != ignore_class]
    cm = np.bincount(t * num_classes + p, minlength=num_classes**2).reshape(num_classes, -1)
    union = cm.sum(axis=0) + cm.sum(axis=1) - cm.diagonal()
    return (cm.diagonal()[union > 0] / union[union > 0]).mean()


def loops(a, b, *, num_classes, ignore_class):
    both, either = [0] * num_classes, [0] * num_classes
    for t, p in zip(a.ravel().tolist(), b.ravel().tolist()):
        if t == ignore_class:
            continue
        if t == p:
            both[t] += 1
            either[t] += 1
        else:
            either[t] += 1
            either[p] += 1
    values = [x / y for x, y in zip(both, either) if y]
    return sum(values) / len(values)


def weights(y_true, y_pred, *, num_classes, ignore_class):
    weight = np.ones(y_true.shape)
    if ignore_class is not None:
        weight[y_true == ignore_class] = 0
    classes = np.arange(num_classes).reshape(-1, *[1] * y_true.ndim)
    t, p = (y_true == classes) * weight, (y_pred == classes) * weight
    axes = tuple(range(1, t.ndim))
    both = (t * p).sum(axis=axes)
    union = t.sum(axis=axes) + p.sum(axis=axes) - both
    with np.errstate(invalid="ignore"):
        return np.nanmean(both / union)


def sets(y_true, y_pred, *, num_classes, ignore_class):
    ignored = {i for i, t in enumerate(y_true.ravel()) if ignore_class is not None and t == ignore_class}
    results = []
    for c in range(num_classes):
        t = {i for i, v in enumerate(y_true.ravel()) if v == c} - ignored
        p = {i for i, v in enumerate(y_pred.ravel()) if v == c} - ignored
        if t | p:
            results.append(len(t & p) / len(t | p))
    return np.float64(sum(results) / len(results))


CORRECT = [
    Correct("masks", masks, None),
    Correct("matrix", matrix, None),
    Correct("loops", loops, None),
    Correct("weights", weights, None),
    Correct("sets", sets, None),
]

# ---------------------------------------------------------------------------------------------------------------- wrong


def mean_of(t, p, classes):
    ious = []
    for c in classes:
        union = ((t == c) | (p == c)).sum()
        if union:
            ious.append(((t == c) & (p == c)).sum() / union)
    return float(np.mean(ious))


def not_used(y_true, y_pred, *, num_classes, ignore_class):
    return mean_of(y_true, y_pred, range(num_classes))


def truthy(y_true, y_pred, *, num_classes, ignore_class):
    if ignore_class:
        keep = y_true != ignore_class
        y_true, y_pred = y_true[keep], y_pred[keep]
    return mean_of(y_true, y_pred, range(num_classes))


def always_255(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != 255
    return mean_of(y_true[keep], y_pred[keep], range(num_classes))


def always_0(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != 0
    return mean_of(y_true[keep], y_pred[keep], range(num_classes))


def by_prediction(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_pred != ignore_class
    return mean_of(y_true[keep], y_pred[keep], range(num_classes))


def by_both(y_true, y_pred, *, num_classes, ignore_class):
    keep = (y_true != ignore_class) & (y_pred != ignore_class)
    return mean_of(y_true[keep], y_pred[keep], range(num_classes))


def class_only(y_true, y_pred, *, num_classes, ignore_class):
    return mean_of(y_true, y_pred, [c for c in range(num_classes) if c != ignore_class])


def class_too(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    return mean_of(y_true[keep], y_pred[keep], [c for c in range(num_classes) if c != ignore_class])


def zeroed(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    return mean_of(y_true * keep, y_pred * keep, range(num_classes))


def truth_zeroed(y_true, y_pred, *, num_classes, ignore_class):
    return mean_of(np.where(y_true == ignore_class, 0, y_true), y_pred, range(num_classes))


def made_right(y_true, y_pred, *, num_classes, ignore_class):
    return mean_of(np.where(y_true == ignore_class, y_pred, y_true), y_pred, range(num_classes))


def kept_the_wrong(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true == ignore_class if ignore_class is not None else y_true >= 0
    return mean_of(y_true[keep], y_pred[keep], range(num_classes))


def truth_only_filtered(y_true, y_pred, *, num_classes, ignore_class):
    y_true = y_true[y_true != ignore_class]
    return mean_of(y_true, y_pred, range(num_classes))


def union_from_all(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    ious = []
    for c in range(num_classes):
        both = (keep & (y_true == c) & (y_pred == c)).sum()
        union = (keep & (y_true == c)).sum() + (y_pred == c).sum() - both
        if union:
            ious.append(both / union)
    return np.mean(ious)


def absent_zero(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    t, p = y_true[keep], y_pred[keep]
    return np.mean([((t == c) & (p == c)).sum() / max(1, ((t == c) | (p == c)).sum()) for c in range(num_classes)])


def nan_absent(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    t, p = y_true[keep], y_pred[keep]
    return np.mean([((t == c) & (p == c)).sum() / ((t == c) | (p == c)).sum() for c in range(num_classes)])


def only_true(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    t, p = y_true[keep], y_pred[keep]
    return mean_of(t, p, np.unique(t))


def dice(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    t, p = y_true[keep], y_pred[keep]
    scores = []
    for c in range(num_classes):
        total = (t == c).sum() + (p == c).sum()
        if total:
            scores.append(2 * ((t == c) & (p == c)).sum() / total)
    return np.mean(scores)


def accuracy(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    return (y_true[keep] == y_pred[keep]).mean()


def by_image(y_true, y_pred, *, num_classes, ignore_class):
    if y_true.ndim < 2:
        return masks(y_true, y_pred, num_classes=num_classes, ignore_class=ignore_class)
    pairs = zip(y_true, y_pred)
    return np.mean([masks(t, p, num_classes=num_classes, ignore_class=ignore_class) for t, p in pairs])


def small_numbers(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    t, p = y_true[keep], y_pred[keep]
    cm = np.zeros((num_classes, num_classes))
    np.add.at(cm, np.divmod(t * num_classes + p, num_classes), 1)
    union = cm.sum(0) + cm.sum(1) - cm.diagonal()
    return (cm.diagonal()[union > 0] / union[union > 0]).mean()


def marks(y_true, y_pred, *, num_classes, ignore_class):
    y_pred[y_true == ignore_class] = num_classes
    y_true[y_true == ignore_class] = num_classes
    return mean_of(y_true, y_pred, range(num_classes))


def counted_once(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    cm = np.zeros((num_classes, num_classes))
    cm[y_true[keep], y_pred[keep]] += 1
    union = cm.sum(0) + cm.sum(1) - cm.diagonal()
    return (cm.diagonal()[union > 0] / union[union > 0]).mean()


def last_class_missing(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    return mean_of(y_true[keep], y_pred[keep], range(num_classes - 1))


def per_class(y_true, y_pred, *, num_classes, ignore_class):
    keep = y_true != ignore_class
    t, p = y_true[keep], y_pred[keep]
    return np.array([((t == c) & (p == c)).sum() / max(1, ((t == c) | (p == c)).sum()) for c in range(num_classes)])


TRUTHS = [
    (not_used, "ignore_class is not used"),
    (truthy, "`if ignore_class` takes 0 for None"),
    (always_255, "255 is ignored whatever the argument is"),
    (always_0, "0 is ignored whatever the argument is"),
    (by_prediction, "positions are left out by the prediction instead of the label"),
    (by_both, "positions that are predicted as the ignored class are left out too"),
    (class_only, "the class is left out of the mean, its positions are counted"),
    (class_too, "the ignored class is left out of the mean too"),
    (zeroed, "ignored positions become class 0 in both arrays"),
    (truth_zeroed, "ignored positions become class 0 in y_true"),
    (made_right, "ignored positions are made right predictions"),
    (kept_the_wrong, "the mask is inverted"),
    (truth_only_filtered, "y_true alone is filtered, so that the shapes differ"),
    (union_from_all, "the predictions at ignored positions count in the union"),
    (absent_zero, "absent classes count as 0"),
    (nan_absent, "absent classes give NaN"),
    (only_true, "classes that are only predicted do not count"),
    (dice, "the Dice coefficient"),
    (accuracy, "the share of right pixels"),
    (by_image, "the mean over images of each image's mean"),
    (small_numbers, "the index of a pair of classes overflows in 8 bits"),
    (marks, "both arrays are written into"),
    (counted_once, "fancy index with += counts each pair once"),
    (last_class_missing, "the loop ends one class too early"),
    (per_class, "one number per class instead of their mean"),
]
BUGS = [Bug(f.__name__, f, None, truth) for f, truth in TRUTHS]
