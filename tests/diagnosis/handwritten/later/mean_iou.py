"""mean_iou, the second corpus."""

from collections import Counter
from fractions import Fraction

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop(y_true, y_pred, *, num_classes):
    scores = []
    for k in range(num_classes):
        both = either = 0
        for t, p in zip(y_true.ravel(), y_pred.ravel()):
            if t == k and p == k:
                both += 1
            if t == k or p == k:
                either += 1
        if either > 0:
            scores.append(both / either)
    return sum(scores) / len(scores)


def matrix(y_true, y_pred, *, num_classes):
    confusion = np.bincount(y_true.ravel().astype(np.int64) * num_classes + y_pred.ravel().astype(np.int64), minlength=num_classes ** 2)
    confusion = confusion.reshape(num_classes, num_classes)
    both = np.diagonal(confusion)
    either = confusion.sum(0) + confusion.sum(1) - both
    return (both[either > 0] / either[either > 0]).mean()


def sets(y_true, y_pred, num_classes):
    values = []
    for k in range(num_classes):
        a, b = set(np.flatnonzero(y_true == k).tolist()), set(np.flatnonzero(y_pred == k).tolist())
        if a | b:
            values.append(Fraction(len(a & b), len(a | b)))
    return float(sum(values) / len(values))


def counters(y_true, y_pred, *, num_classes):
    pairs = Counter(zip(y_true.ravel().tolist(), y_pred.ravel().tolist()))
    true, predicted = Counter(y_true.ravel().tolist()), Counter(y_pred.ravel().tolist())
    return np.mean([pairs[k, k] / (true[k] + predicted[k] - pairs[k, k]) for k in range(num_classes) if true[k] + predicted[k]])


def onehot(y_true, y_pred, *, num_classes):
    a, b = (np.eye(num_classes, dtype=bool)[y.ravel()] for y in (y_true, y_pred))
    iou = np.full(num_classes, np.nan)
    np.divide((a & b).sum(0), (a | b).sum(0), out=iou, where=(a | b).any(0))
    return np.nanmean(iou)


CORRECT = [
    Correct("loops", loop, None),
    Correct("confusion matrix", matrix, None),
    Correct("sets and fractions", sets, None),
    Correct("counters", counters, None),
    Correct("one-hot", onehot, None),
    Correct("np.float32", lambda t, p, *, num_classes: np.float32(matrix(t, p, num_classes=num_classes)), None),
    Correct("array of one", lambda t, p, *, num_classes: np.array([matrix(t, p, num_classes=num_classes)]), None),
]

KEPT = {}


def summed_over_calls(y_true, y_pred, *, num_classes):
    """The confusion matrix of the first calls is added."""
    m = KEPT.setdefault(num_classes, np.zeros((num_classes, num_classes)))
    np.add.at(m, (y_true.ravel(), y_pred.ravel()), 1)
    both = m.diagonal()
    either = m.sum(0) + m.sum(1) - both
    return (both[either > 0] / either[either > 0]).mean()


def classes_of_the_first_call(y_true, y_pred, *, num_classes):
    there = KEPT.setdefault(("there", num_classes), [k for k in range(num_classes) if (y_true == k).any() or (y_pred == k).any()])
    return np.mean([((y_true == k) & (y_pred == k)).sum() / max(((y_true == k) | (y_pred == k)).sum(), 1) for k in there])


BUGS = [
    Bug("float16 scores", lambda t, p, *, num_classes: float(np.float16(matrix(t, p, num_classes=num_classes))), None, "the number is rounded to float16"),
    Bug("rounded to three digits", lambda t, p, *, num_classes: round(float(matrix(t, p, num_classes=num_classes)), 3), None, "the number is rounded to three digits"),
    Bug("class loop one short", planted(loop, ("range(num_classes)", "range(num_classes - 1)")), None, "the last class is left out"),
    Bug("class loop from one", planted(loop, ("range(num_classes)", "range(1, num_classes)"), ("sum(scores) / len(scores)", "sum(scores) / max(len(scores), 1)")), None, "class 0 is left out as background"),
    Bug("absent classes count as 0", planted(loop, ("        if either > 0:\n            scores.append(both / either)", "        scores.append(both / max(either, 1))")), None, "absent classes count as 0"),
    Bug("absent classes count as 1", planted(loop, ("        if either > 0:\n            scores.append(both / either)", "        scores.append(both / either if either else 1)")), None, "absent classes count as 1"),
    Bug("only classes of y_true", planted(loop, ("if either > 0:", "if (y_true == k).any():")), None, "classes that only y_pred has are left out"),
    Bug("only classes of both", planted(loop, ("if either > 0:", "if both > 0:"), ("sum(scores) / len(scores)", "sum(scores) / max(len(scores), 1)")), None, "classes without a hit are left out"),
    Bug("union counted twice", planted(matrix, ("confusion.sum(0) + confusion.sum(1) - both", "confusion.sum(0) + confusion.sum(1)")), None, "the intersection is counted twice in the union"),
    Bug("dice", planted(matrix, ("both[either > 0] / either[either > 0]", "2 * both[either > 0] / (either + both)[either > 0]")), None, "the Dice coefficient"),
    Bug("recall", planted(matrix, ("confusion.sum(0) + confusion.sum(1) - both", "confusion.sum(1)")), None, "hits divided by the number in y_true: the recall"),
    Bug("precision", planted(matrix, ("confusion.sum(0) + confusion.sum(1) - both", "confusion.sum(0)")), None, "hits divided by the number in y_pred: the precision"),
    Bug("accuracy", lambda t, p, *, num_classes: np.mean(t == p), None, "the share of right pixels"),
    Bug("micro", planted(matrix, ("(both[either > 0] / either[either > 0]).mean()", "both.sum() / either.sum()")), None, "sums over classes before the division"),
    Bug("per image", lambda t, p, *, num_classes: np.mean([matrix(a, b, num_classes=num_classes) for a, b in zip(t, p)]), None, "the mean over images of each image's value"),
    Bug("weighted", planted(matrix, ("(both[either > 0] / either[either > 0]).mean()", "np.average(both[either > 0] / either[either > 0], weights=confusion.sum(1)[either > 0])")), None, "weighted by how often a class occurs in y_true"),
    Bug("divided by num_classes", planted(loop, ("/ len(scores)", "/ num_classes")), None, "divided by num_classes, absent ones included"),
    Bug("overflowing labels", planted(matrix, ("y_true.ravel().astype(np.int64) * num_classes", "y_true.ravel() * y_true.dtype.type(num_classes)")), None, "the pair's number is computed in the labels' type"),
    Bug("adds up over calls", summed_over_calls, None, "the confusion matrix goes on from call to call"),
    Bug("classes of the first call", classes_of_the_first_call, None, "the classes that occurred in the first call with that num_classes are used"),
    Bug("confusion transposed, precision", planted(matrix, ("y_true.ravel().astype(np.int64) * num_classes + y_pred.ravel().astype(np.int64)", "y_pred.ravel().astype(np.int64) * num_classes + y_true.ravel().astype(np.int64)"), ("confusion.sum(0) + confusion.sum(1) - both", "confusion.sum(1) + 0 * both")), None, "hits divided by the number in y_pred: the precision"),
    Bug("one minus", lambda t, p, *, num_classes: 1 - matrix(t, p, num_classes=num_classes), None, "1 minus the value"),
]
