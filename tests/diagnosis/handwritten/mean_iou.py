"""mean_iou as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from scipy import sparse

BUGS = []


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


# ----------------------------------------------------------------------------------- right


def masks(y_true, y_pred, *, num_classes):
    ious = []
    for c in range(num_classes):
        t, p = y_true == c, y_pred == c
        union = np.logical_or(t, p).sum()
        if union == 0:
            continue
        ious.append(np.logical_and(t, p).sum() / union)
    return float(np.mean(ious))


def confusion(y_true, y_pred, *, num_classes):
    idx = num_classes * y_true.ravel().astype(np.int64) + y_pred.ravel().astype(np.int64)
    cm = np.bincount(idx, minlength=num_classes**2).reshape(num_classes, num_classes)
    inter = np.diag(cm)
    union = cm.sum(0) + cm.sum(1) - inter
    seen = union > 0
    return (inter[seen] / union[seen]).mean()


def sets(y_true, y_pred, *, num_classes):
    where_true = [set() for _ in range(num_classes)]
    where_pred = [set() for _ in range(num_classes)]
    for i, (t, p) in enumerate(zip(y_true.flat, y_pred.flat)):
        where_true[int(t)].add(i)
        where_pred[int(p)].add(i)
    values = [len(a & b) / len(a | b) for a, b in zip(where_true, where_pred) if a or b]
    return sum(values) / len(values)


def one_hot(y_true, y_pred, *, num_classes):
    eye = np.eye(num_classes)
    t, p = eye[y_true.reshape(-1)], eye[y_pred.reshape(-1)]
    i = np.einsum("nk,nk->k", t, p)
    u = np.maximum(t, p).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nanmean(i / u)


def sparse_matrix(y_true, y_pred, *, num_classes):
    n = y_true.size
    cm = sparse.coo_matrix((np.ones(n), (y_true.ravel(), y_pred.ravel())), shape=(num_classes, num_classes)).toarray()
    tp = np.diagonal(cm)
    fp, fn = cm.sum(axis=0) - tp, cm.sum(axis=1) - tp
    total = tp + fp + fn
    return float(sum(a / b for a, b in zip(tp, total) if b)) / int(np.count_nonzero(total))


def histograms(y_true, y_pred, *, num_classes):
    bins = np.arange(num_classes + 1) - 0.5
    same = y_true[y_true == y_pred]
    area_i, area_t, area_p = (np.histogram(a, bins)[0] for a in (same, y_true, y_pred))
    area_u = area_t + area_p - area_i
    return np.divide(area_i, area_u, out=np.zeros(num_classes), where=area_u > 0).sum() / (area_u > 0).sum()


CORRECT = [Correct(f.__name__, f, None) for f in (masks, confusion, sets, one_hot, sparse_matrix, histograms)]

# ----------------------------------------------------------------------------------- wrong


@wrong("classes that occur in neither array count as 0 in the mean")
def absent_as_zero(y_true, y_pred, *, num_classes):
    total = 0.0
    for k in range(num_classes):
        i = np.sum((y_true == k) & (y_pred == k))
        u = np.sum((y_true == k) | (y_pred == k))
        total += i / u if u else 0.0
    return total / num_classes


@wrong("classes that occur in neither array count as 1 in the mean")
def absent_as_one(y_true, y_pred, *, num_classes):
    scores = []
    for k in range(num_classes):
        i = np.sum((y_true == k) & (y_pred == k))
        u = np.sum((y_true == k) | (y_pred == k))
        scores.append(1.0 if u == 0 else i / u)
    return np.mean(scores)


@wrong("0 / 0 of a class that occurs in neither array gives nan, and the mean does not skip it")
def absent_nan(y_true, y_pred, *, num_classes):
    cm = np.zeros((num_classes, num_classes))
    np.add.at(cm, (y_true.ravel(), y_pred.ravel()), 1)
    tp = np.diag(cm)
    return np.mean(tp / (cm.sum(0) + cm.sum(1) - tp))


@wrong("1e-6 is added to intersection and union, so every IoU is a little off and absent classes count as 1")
def smoothed(y_true, y_pred, *, num_classes):
    eps = 1e-6
    vals = [((y_true == c) & (y_pred == c)).sum() + eps for c in range(num_classes)]
    uni = [((y_true == c) | (y_pred == c)).sum() + eps for c in range(num_classes)]
    return float(np.mean(np.array(vals) / np.array(uni)))


@wrong("the Dice coefficient 2I / (T + P) instead of the IoU I / (T + P - I)")
def dice(y_true, y_pred, *, num_classes):
    out = []
    for c in np.union1d(y_true, y_pred):
        a, b = y_true == c, y_pred == c
        out.append(2 * (a * b).sum() / (a.sum() + b.sum()))
    return np.mean(out)


@wrong("the intersection is not subtracted: the union is taken as T + P, counting the intersection twice")
def union_too_large(y_true, y_pred, *, num_classes):
    cm = np.zeros((num_classes, num_classes), int)
    for t, p in zip(y_true.reshape(-1), y_pred.reshape(-1)):
        cm[t, p] += 1
    iou = []
    for k in range(num_classes):
        denominator = cm[k].sum() + cm[:, k].sum()
        if denominator:
            iou.append(cm[k, k] / denominator)
    return sum(iou) / len(iou)


@wrong("the share of right pixels (accuracy) instead of the mean IoU")
def accuracy(y_true, y_pred, *, num_classes):
    return float((y_true == y_pred).mean())


@wrong("divides by the pixels of the true class only, not by the union: the mean recall (class accuracy)")
def recall(y_true, y_pred, *, num_classes):
    r = []
    for c in range(num_classes):
        n = (y_true == c).sum()
        if n:
            r.append(((y_true == c) & (y_pred == c)).sum() / n)
    return np.mean(r)


@wrong("divides by the pixels of the predicted class only, not by the union: the mean precision")
def precision(y_true, y_pred, *, num_classes):
    cm = confusion_of(y_true, y_pred, num_classes)
    cols = cm.sum(axis=0)
    return (np.diag(cm)[cols > 0] / cols[cols > 0]).mean()


def confusion_of(t, p, k):
    return np.bincount(t.ravel().astype(int) * k + p.ravel().astype(int), minlength=k * k).reshape(k, k)


@wrong("class 0 is left out of the mean, as if it were always background")
def skips_background(y_true, y_pred, *, num_classes):
    cm = confusion_of(y_true, y_pred, num_classes)
    vals = []
    for c in range(1, num_classes):
        u = cm[c, :].sum() + cm[:, c].sum() - cm[c, c]
        if u > 0:
            vals.append(cm[c, c] / u)
    return float(np.mean(vals)) if vals else 0.0


@wrong("the loop ends at num_classes - 2: the last class is left out")
def last_class_left_out(y_true, y_pred, *, num_classes):
    cm = confusion_of(y_true, y_pred, num_classes)
    vals = []
    for c in range(num_classes - 1):
        u = cm[c].sum() + cm.T[c].sum() - cm[c][c]
        if u:
            vals.append(cm[c][c] / u)
    return sum(vals) / max(len(vals), 1)


@wrong("the IoU is taken for each image (axis 0) by itself and then averaged, instead of over all pixels together")
def per_image(y_true, y_pred, *, num_classes):
    if y_true.ndim == 1:
        return masks(y_true, y_pred, num_classes=num_classes)
    return float(np.mean([masks(t, p, num_classes=num_classes) for t, p in zip(y_true, y_pred)]))


@wrong("the confusion index y_true * num_classes + y_pred is computed in uint8 and overflows when there are many classes")
def index_overflow(y_true, y_pred, *, num_classes):
    k = y_true.dtype.type(num_classes)
    cm = np.bincount((y_true * k + y_pred).ravel(), minlength=num_classes**2)[: num_classes**2].reshape(num_classes, num_classes)
    i = np.diag(cm)
    u = cm.sum(0) + cm.sum(1) - i
    return (i[u > 0] / u[u > 0]).mean()


@wrong("bincount without minlength: a crash in reshape when the largest pair of classes does not occur")
def no_minlength(y_true, y_pred, *, num_classes):
    cm = np.bincount(y_true.ravel().astype(int) * num_classes + y_pred.ravel()).reshape(num_classes, num_classes)
    i = np.diag(cm)
    u = cm.sum(0) + cm.sum(1) - i
    return (i[u > 0] / u[u > 0]).mean()


@wrong("each class is weighted by its number of true pixels (frequency-weighted IoU) instead of equally")
def frequency_weighted(y_true, y_pred, *, num_classes):
    cm = confusion_of(y_true, y_pred, num_classes)
    i, u = np.diag(cm), cm.sum(0) + cm.sum(1) - np.diag(cm)
    w = cm.sum(1) / cm.sum()
    return float(np.sum(w[u > 0] * i[u > 0] / u[u > 0]))


@wrong("only the classes that occur in y_true count, though those that are only predicted should count with IoU 0")
def only_true_classes(y_true, y_pred, *, num_classes):
    res = []
    for c in np.unique(y_true):
        a, b = (y_true == c), (y_pred == c)
        res.append((a & b).sum() / (a | b).sum())
    return float(np.mean(res))


@wrong("only the classes that occur in y_pred count, though those that were missed altogether should count with IoU 0")
def only_predicted_classes(y_true, y_pred, *, num_classes):
    return np.mean([np.sum((y_true == c) & (y_pred == c)) / np.sum((y_true == c) | (y_pred == c)) for c in set(y_pred.ravel().tolist())])


@wrong("only the classes that have an intersection count: a class with IoU 0 is skipped like an absent one")
def skips_zero_iou(y_true, y_pred, *, num_classes):
    v = []
    for c in range(num_classes):
        both = np.count_nonzero((y_true == c) & (y_pred == c))
        if both == 0:
            continue
        v.append(both / np.count_nonzero((y_true == c) | (y_pred == c)))
    return np.mean(v) if v else 0.0


@wrong("integer division (//): every IoU below 1 becomes 0")
def floor_division(y_true, y_pred, *, num_classes):
    v = []
    for c in range(num_classes):
        u = ((y_true == c) | (y_pred == c)).sum()
        if u:
            v.append(((y_true == c) & (y_pred == c)).sum() // u)
    return float(np.mean(v))


@wrong("the IoUs are stored in an integer array, which cuts them off to 0 or 1")
def int_array(y_true, y_pred, *, num_classes):
    iou = np.zeros(num_classes, dtype=int)
    seen = np.zeros(num_classes, dtype=bool)
    for c in range(num_classes):
        u = ((y_true == c) | (y_pred == c)).sum()
        if u:
            seen[c] = True
            iou[c] = ((y_true == c) & (y_pred == c)).sum() / u
    return float(iou[seen].mean())


@wrong("the intersections and the unions are summed over the classes before dividing: one global IoU instead of the mean over the classes")
def micro(y_true, y_pred, *, num_classes):
    inter = union = 0
    for c in range(num_classes):
        inter += np.sum((y_true == c) & (y_pred == c))
        union += np.sum((y_true == c) | (y_pred == c))
    return inter / union


@wrong("the areas are counted in uint8 (dtype of the sums), which overflows above 255 pixels")
def uint8_sums(y_true, y_pred, *, num_classes):
    v = []
    for c in range(num_classes):
        i = int(np.sum((y_true == c) & (y_pred == c), dtype=np.uint8))
        u = int(np.sum((y_true == c) | (y_pred == c), dtype=np.uint8))
        if u:
            v.append(i / u)
    return float(np.mean(v)) if v else 0.0


@wrong("an array with one IoU per class is returned; the mean is missing")
def per_class(y_true, y_pred, *, num_classes):
    cm = confusion_of(y_true, y_pred, num_classes)
    u = cm.sum(0) + cm.sum(1) - np.diag(cm)
    return np.where(u > 0, np.diag(cm) / np.maximum(u, 1), np.nan)


@wrong("the result is in percent")
def percent(y_true, y_pred, *, num_classes):
    return 100 * masks(y_true, y_pred, num_classes=num_classes)


@wrong("the result is 1 - mean IoU, a loss instead of the score")
def as_loss(y_true, y_pred, *, num_classes):
    return 1 - masks(y_true, y_pred, num_classes=num_classes)


_matrix = {}


@wrong("the confusion matrix is kept from call to call, so the result is that of all calls so far (a hidden state)")
def accumulating(y_true, y_pred, *, num_classes):
    cm = _matrix.setdefault(num_classes, np.zeros((num_classes, num_classes)))
    np.add.at(cm, (y_true.ravel(), y_pred.ravel()), 1)
    i = np.diag(cm)
    u = cm.sum(0) + cm.sum(1) - i
    return (i[u > 0] / u[u > 0]).mean()


@wrong("the wrong pixels are marked in y_pred in place (set to 0), so an input is changed and class 0 gets a wrong IoU: pixels of class 0 that were missed now count as found")
def marks_wrong(y_true, y_pred, *, num_classes):
    area_p = [np.sum(y_pred == c) for c in range(num_classes)]
    y_pred[y_pred != y_true] = 0
    v = []
    for c in range(num_classes):
        i = np.sum((y_pred == c) & (y_true == c))
        u = np.sum(y_true == c) + (area_p[c] if c else np.sum(y_pred == 0)) - i
        if u:
            v.append(i / u)
    return sum(v) / len(v)


@wrong("cm[t, p] = 1 instead of += 1: each pair of classes counts once at most")
def assigned(y_true, y_pred, *, num_classes):
    cm = np.zeros((num_classes, num_classes))
    for t, p in zip(y_true.flat, y_pred.flat):
        cm[t, p] = 1
    i = np.diag(cm)
    u = cm.sum(0) + cm.sum(1) - i
    return (i[u > 0] / u[u > 0]).mean()


@wrong("cm[y_true, y_pred] += 1 with index arrays adds 1 once per pair of classes, not once per pixel (np.add.at is needed)")
def fancy_increment(y_true, y_pred, *, num_classes):
    cm = np.zeros((num_classes, num_classes))
    cm[y_true, y_pred] += 1
    tp = cm.diagonal()
    d = cm.sum(1) + cm.sum(0) - tp
    return np.nanmean(np.where(d == 0, np.nan, tp / np.where(d == 0, 1, d)))


@wrong("the exclusive or is used for the union, so the intersection is missing from the denominator")
def xor(y_true, y_pred, *, num_classes):
    r = []
    for c in range(num_classes):
        a, b = y_true == c, y_pred == c
        if (a | b).any():
            r.append((a & b).sum() / max((a ^ b).sum(), 1))
    return np.mean(r)


@wrong("the number of classes is taken from y_pred.max() instead of from num_classes, so higher classes that occur only in y_true are left out")
def classes_from_pred(y_true, y_pred, *, num_classes):
    return masks(y_true, y_pred, num_classes=int(y_pred.max()) + 1)


@wrong("the median over the classes instead of the mean")
def median(y_true, y_pred, *, num_classes):
    cm = confusion_of(y_true, y_pred, num_classes)
    u = cm.sum(0) + cm.sum(1) - np.diag(cm)
    return np.median(np.diag(cm)[u > 0] / u[u > 0])


@wrong("the result is rounded to 4 decimals")
def rounded(y_true, y_pred, *, num_classes):
    return round(masks(y_true, y_pred, num_classes=num_classes), 4)


@wrong("works on two axes only (h, w = y_true.shape): a crash for any other shape")
def two_axes(y_true, y_pred, *, num_classes):
    h, w = y_true.shape
    cm = np.zeros((num_classes, num_classes), int)
    for r in range(h):
        for c in range(w):
            cm[y_true[r, c], y_pred[r, c]] += 1
    ious = [cm[k, k] / (cm[k].sum() + cm[:, k].sum() - cm[k, k]) for k in range(num_classes) if cm[k].sum() + cm[:, k].sum()]
    return sum(ious) / len(ious)
