"""mean_iou: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

IF, MASK = "if ignore_class is not None:", "y_true != ignore_class"
TAKEN = "y_true, y_pred = y_true[counts], y_pred[counts]"
BLOCK = f"    {IF}\n        counts = {MASK}\n        {TAKEN}\n"
LOOP, BOTH, EITHER = "for k in range(num_classes):", "np.sum(true & predicted)", "np.sum(true | predicted)"
TEST, VALUE, RETURN = "if either > 0:", "values.append(both / either)", "return sum(values) / len(values)"
ADDED = f"        {TEST}\n            {VALUE}\n"

MISTAKES = (
    Mistake("zero-is-none", IF, "if ignore_class:", ("zero-taken-for-none",)),
    Mistake("not-used", IF, "if False:", ("ignore-class-not-used",)),
    Mistake("always-255", BLOCK, f"    counts = y_true != 255\n    {TAKEN}\n", ("another-label-ignored",)),
    Mistake("by-the-prediction", MASK, "y_pred != ignore_class", ("mask-of-the-prediction",)),
    Mistake("by-both", MASK, "(y_true != ignore_class) & (y_pred != ignore_class)", ("predictions-of-it-ignored-too",)),
    Mistake("mask-inverted", MASK, "y_true == ignore_class", ("mask-inverted",)),
    Mistake("labels-below", MASK, "y_true < ignore_class", ("exception", "larger-labels-ignored-too")),
    Mistake("truth-alone", TAKEN, "y_true = y_true[counts]", ("exception",)),
    Mistake(
        "multiplied",
        TAKEN,
        "y_true, y_pred = y_true * counts, y_pred * counts",
        ("ignored-positions-count-as-class-0",),
    ),
    Mistake(
        "truth-set-to-zero", TAKEN, "y_true = np.where(counts, y_true, 0)", ("ignored-positions-count-as-class-0",)
    ),
    Mistake("made-right", TAKEN, "y_true = np.where(counts, y_true, y_pred)", ("ignored-positions-count-as-right",)),
    Mistake(
        "in-place", TAKEN, "y_true[~counts] = num_classes\n        y_pred[~counts] = num_classes", ("input-changed",)
    ),
    Mistake(
        "class-skipped",
        BLOCK + f"    values = []\n    {LOOP}\n",
        f"    values = []\n    {LOOP}\n        if k == ignore_class:\n            continue\n",
        ("class-left-out-of-the-mean-only",),
    ),
    Mistake(
        "class-skipped-too",
        f"{LOOP}\n",
        f"{LOOP}\n        if k == ignore_class:\n            continue\n",
        ("class-left-out-of-the-mean-too",),
    ),
    Mistake("background-skipped", LOOP, "for k in range(1, num_classes):", ("background-left-out",)),
    Mistake("last-class-skipped", LOOP, "for k in range(num_classes - 1):", ("last-class-left-out",)),
    Mistake("classes-of-the-truth", LOOP, "for k in np.unique(y_true):", ("only-classes-in-the-truth",)),
    Mistake("classes-of-the-prediction", LOOP, "for k in np.unique(y_pred):", ("only-classes-in-the-prediction",)),
    Mistake("one-class-too-many", LOOP, "for k in range(1, num_classes + 1):", ("background-left-out",)),
    Mistake("added-for-union", EITHER, "np.sum(true) + np.sum(predicted)", ("union-counts-the-intersection-twice",)),
    Mistake(
        "dice",
        BOTH + f"\n        either = {EITHER}",
        "2 * np.sum(true & predicted)\n        either = np.sum(true) + np.sum(predicted)",
        ("dice-instead-of-iou",),
    ),
    Mistake("recall", EITHER, "np.sum(true)", ("recall-instead-of-iou",)),
    Mistake("precision", EITHER, "np.sum(predicted)", ("precision-instead-of-iou",)),
    Mistake("exclusive", EITHER, "np.sum(true ^ predicted)", ("union-without-intersection",)),
    Mistake("all-pixels", EITHER, "y_true.size", ("all-pixels-instead-of-union",)),
    Mistake("larger-set", EITHER, "max(np.sum(true), np.sum(predicted))", ("larger-of-the-two-instead-of-union",)),
    Mistake("equal-anywhere", BOTH, "np.sum(true == predicted)", ("true-negatives-counted",)),
    Mistake(
        "absent-as-zero", ADDED, "        values.append(both / max(either, 1))\n", ("absent-classes-count-as-zero",)
    ),
    Mistake(
        "absent-as-one",
        ADDED,
        "        values.append(both / either if either > 0 else 1.0)\n",
        ("absent-classes-count-as-one",),
    ),
    Mistake(
        "epsilon", ADDED, "        values.append((both + 1e-7) / (either + 1e-7))\n", ("absent-classes-count-as-one",)
    ),
    Mistake("absent-as-nan", ADDED, f"        {VALUE}\n", ("absent-classes-divide-by-zero",)),
    Mistake("nothing-right-left-out", TEST, "if both > 0:", ("only-classes-in-both",)),
    Mistake("one-added", VALUE, "values.append(both / (either + 1))", ("union-one-off", "smoothed")),
    Mistake("floor", VALUE, "values.append(both // either)", ("integer-division",)),
    Mistake("divided-by-all-classes", RETURN, "return sum(values) / num_classes", ("absent-classes-count-as-zero",)),
    Mistake("sum", RETURN, "return sum(values)", ("summed-instead-of-averaged",)),
    Mistake("one-less", RETURN, "return sum(values) / max(1, num_classes - 1)", ("divided-by-one-class-less",)),
    Mistake("loss", RETURN, "return 1 - sum(values) / len(values)", ("loss-instead-of-score",)),
    Mistake("percent", RETURN, "return 100 * sum(values) / len(values)", ("percent",)),
    Mistake("worst", RETURN, "return min(values)", ("smallest-instead-of-mean",)),
    Mistake("median", RETURN, "return np.median(values)", ("median-instead-of-mean",)),
    Mistake("not-averaged", RETURN, "return np.array(values)", ("mean-missing",)),
    Mistake("accuracy", RETURN, "return np.mean(y_true == y_pred)", ("pixel-accuracy-instead-of-iou",)),
    Mistake("last-value", RETURN, "return values[-1]", ("one-class-only",)),
)
