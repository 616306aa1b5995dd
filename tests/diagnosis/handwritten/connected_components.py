"""connected_components as learners write it: right and wrong."""

from collections import deque

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []
FOUR = [(0, 1), (1, 0), (0, -1), (-1, 0)]
EIGHT = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


# ----------------------------------------------------------------------------------- right


def breadth_first(mask, connectivity):
    labels = np.zeros(mask.shape, np.int32)
    n = 0
    for i, j in zip(*np.nonzero(mask)):
        if labels[i, j]:
            continue
        n += 1
        labels[i, j] = n
        queue = deque([(i, j)])
        while queue:
            y, x = queue.popleft()
            for dy, dx in FOUR if connectivity == 4 else EIGHT:
                if 0 <= y + dy < mask.shape[0] and 0 <= x + dx < mask.shape[1]:
                    if mask[y + dy, x + dx] and not labels[y + dy, x + dx]:
                        labels[y + dy, x + dx] = n
                        queue.append((y + dy, x + dx))
    return labels, n


def union_find(mask, *, connectivity=8):
    h, w = mask.shape
    parent = {}

    def find(p):
        while parent[p] != p:
            parent[p] = parent[parent[p]]
            p = parent[p]
        return p

    for i in range(h):
        for j in range(w):
            if mask[i, j]:
                parent[i, j] = (i, j)
                for a, b in [(0, -1), (-1, 0)] + ([(-1, -1), (-1, 1)] if connectivity == 8 else []):
                    q = (i + a, j + b)
                    if q in parent:
                        one, other = sorted((find((i, j)), find(q)))
                        parent[other] = one
    numbers = {}
    labels = np.zeros((h, w), dtype=np.uint16)
    for p in sorted(parent):
        labels[p] = numbers.setdefault(find(p), len(numbers) + 1)
    return labels, len(numbers)


def spreading(mask, connectivity):
    """Every pixel takes the smallest number around it, until nothing changes."""
    m = mask != 0
    h, w = m.shape
    big = h * w
    k = np.where(m, np.arange(h * w).reshape(h, w), big)
    while True:
        p = np.pad(k, 1, constant_values=big)
        new = k.copy()
        for i in range(3):
            for j in range(3):
                if connectivity == 8 or (i + j) % 2 == 1:
                    new = np.minimum(new, p[i : i + h, j : j + w])
        new[~m] = big
        if (new == k).all():
            break
        k = new
    firsts = np.unique(k[m])
    labels = np.zeros((h, w), int)
    labels[m] = np.searchsorted(firsts, k[m]) + 1
    return labels, len(firsts)


def padded(mask, connectivity):
    work = np.pad(np.asarray(mask, bool), 1)
    out = np.zeros(work.shape)
    n = 0
    while work.any():
        i, j = np.unravel_index(np.argmax(work), work.shape)
        n += 1
        todo = {(i, j)}
        while todo:
            y, x = todo.pop()
            work[y, x] = False
            out[y, x] = n
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    if (connectivity == 8 or dy == 0 or dx == 0) and work[y + dy, x + dx]:
                        todo.add((y + dy, x + dx))
    return out[1:-1, 1:-1], n


CORRECT = [Correct(f.__name__, f, None) for f in (breadth_first, union_find, spreading, padded)]

# ----------------------------------------------------------------------------------- wrong


def flood(mask, steps, labels=None, order=None):
    labels = np.zeros(mask.shape, int)
    n = 0
    for i, j in order if order is not None else np.argwhere(mask):
        if labels[i, j]:
            continue
        n += 1
        labels[i, j] = n
        stack = [(i, j)]
        while stack:
            y, x = stack.pop()
            for a, b in steps:
                u, v = y + a, x + b
                if 0 <= u < mask.shape[0] and 0 <= v < mask.shape[1] and mask[u, v] and not labels[u, v]:
                    labels[u, v] = n
                    stack.append((u, v))
    return labels, n


@wrong("the connectivity is not looked at: always the four neighbours")
def always_four(mask, connectivity):
    return flood(mask, FOUR)


@wrong("the connectivity is not looked at: always the eight neighbours")
def always_eight(mask, connectivity):
    return flood(mask, EIGHT)


@wrong("a two-pass labelling without the second pass: labels that touch are never merged")
def one_pass(mask, connectivity):
    h, w = mask.shape
    labels = np.zeros((h, w), int)
    n = 0
    for i in range(h):
        for j in range(w):
            if not mask[i, j]:
                continue
            near = []
            if i > 0:
                near.append(labels[i - 1, j])
            if j > 0:
                near.append(labels[i, j - 1])
            if connectivity == 8 and i > 0:
                if j > 0:
                    near.append(labels[i - 1, j - 1])
                if j < w - 1:
                    near.append(labels[i - 1, j + 1])
            near = [k for k in near if k]
            if near:
                labels[i, j] = min(near)
            else:
                n += 1
                labels[i, j] = n
    return labels, n


@wrong("two passes, and the neighbour above to the right is forgotten with connectivity 8")
def up_right(mask, connectivity):
    return flood(mask, FOUR + ([(-1, -1), (1, 1)] if connectivity == 8 else []))


@wrong("columns first: the regions are numbered column by column")
def by_columns(mask, connectivity):
    labels, n = flood(mask.T, FOUR if connectivity == 4 else EIGHT)
    return labels.T, n


@wrong("sorted by size, the largest region is 1")
def by_size(mask, connectivity):
    labels, n = breadth_first(mask, connectivity)
    sizes = np.bincount(labels.ravel(), minlength=n + 1)[1:]
    order = np.argsort(-sizes, kind="stable")
    new = np.zeros(n + 1, int)
    new[order + 1] = np.arange(1, n + 1)
    return new[labels], n


@wrong("labels.max() of an empty array of sizes is fine, but the labels count from 0: the first region looks like background")
def from_zero(mask, connectivity):
    labels, n = breadth_first(mask, connectivity)
    return np.maximum(labels - 1, 0), n


@wrong("the count is len(np.unique(labels)), with the background")
def unique(mask, connectivity):
    labels, n = breadth_first(mask, connectivity)
    return labels, len(np.unique(labels))


@wrong("a recursive flood: a large region needs more than a thousand calls")
def recursive(mask, connectivity):
    labels = np.zeros(mask.shape, int)
    steps = FOUR if connectivity == 4 else EIGHT

    def visit(i, j, n):
        if i < 0 or j < 0 or i >= mask.shape[0] or j >= mask.shape[1] or not mask[i, j] or labels[i, j]:
            return
        labels[i, j] = n
        for a, b in steps:
            visit(i + a, j + b, n)

    n = 0
    for i in range(mask.shape[0]):
        for j in range(mask.shape[1]):
            if mask[i, j] and not labels[i, j]:
                n += 1
                visit(i, j, n)
    return labels, n


@wrong("recursive, and a pixel is marked only after its neighbours: it never ends")
def marks_late(mask, connectivity):
    labels = np.zeros(mask.shape, int)

    def visit(i, j, n):
        if not (0 <= i < mask.shape[0] and 0 <= j < mask.shape[1]) or not mask[i, j] or labels[i, j]:
            return
        for a, b in FOUR if connectivity == 4 else EIGHT:
            visit(i + a, j + b, n)
        labels[i, j] = n

    n = 0
    for i, j in np.argwhere(mask):
        if not labels[i, j]:
            n += 1
            visit(i, j, n)
    return labels, n


@wrong("modulo: regions at opposite borders are joined")
def torus(mask, connectivity):
    h, w = mask.shape
    labels = np.zeros((h, w), int)
    n = 0
    for i in range(h):
        for j in range(w):
            if mask[i, j] and not labels[i, j]:
                n += 1
                todo = [(i, j)]
                while todo:
                    y, x = todo.pop()
                    if mask[y, x] and not labels[y, x]:
                        labels[y, x] = n
                        todo += [((y + a) % h, (x + b) % w) for a, b in (FOUR if connectivity == 4 else EIGHT)]
    return labels, n


@wrong("regions of the background are labelled too")
def both(mask, connectivity):
    h, w = mask.shape
    m = np.asarray(mask) != 0
    labels = np.zeros((h, w), int)
    n = 0
    for i in range(h):
        for j in range(w):
            if labels[i, j]:
                continue
            n += 1
            labels[i, j] = n
            todo = [(i, j)]
            for y, x in todo:
                for a, b in FOUR if connectivity == 4 else EIGHT:
                    u, v = y + a, x + b
                    if 0 <= u < h and 0 <= v < w and not labels[u, v] and m[u, v] == m[y, x]:
                        labels[u, v] = n
                        todo.append((u, v))
    return labels, n


@wrong("mask == 1: masks of 0 and 255 have no foreground")
def only_ones(mask, connectivity):
    return breadth_first(mask == 1, connectivity)


@wrong("neighbours are joined when their values in the mask are equal, 1 and 2 are kept apart")
def by_value(mask, connectivity):
    total, n = np.zeros(mask.shape, int), 0
    for value in np.unique(mask[mask != 0]):
        labels, k = breadth_first(mask == value, connectivity)
        total[labels > 0] = labels[labels > 0] + n
        n += k
    return total, n


@wrong("the labels are written into an array of the mask's type, bool or uint8")
def like_mask(mask, connectivity):
    labels, n = breadth_first(mask, connectivity)
    out = np.zeros_like(mask)
    out[...] = labels.astype(mask.dtype)
    return out, n


@wrong("the mask is erased while it is walked over")
def erases(mask, connectivity):
    labels = np.zeros(mask.shape, int)
    n = 0
    for i in range(mask.shape[0]):
        for j in range(mask.shape[1]):
            if mask[i, j]:
                n += 1
                stack = [(i, j)]
                while stack:
                    y, x = stack.pop()
                    mask[y, x] = 0
                    labels[y, x] = n
                    for a, b in FOUR if connectivity == 4 else EIGHT:
                        if 0 <= y + a < mask.shape[0] and 0 <= x + b < mask.shape[1] and mask[y + a, x + b]:
                            stack.append((y + a, x + b))
    return labels, n


@wrong("the outermost rows and columns are not looked at (range(1, h - 1)), so that no neighbour has to be tested")
def inner(mask, connectivity):
    m = np.zeros_like(mask)
    m[1:-1, 1:-1] = mask[1:-1, 1:-1]
    return breadth_first(m, connectivity)


@wrong("a pixel of its own is taken for noise and left out")
def no_single(mask, connectivity):
    labels, n = breadth_first(mask, connectivity)
    out, m = np.zeros_like(labels), 0
    for k in range(1, n + 1):
        if (labels == k).sum() > 1:
            m += 1
            out[labels == k] = m
    return out, m


@wrong("the smallest label is spread in two sweeps only, down and back up")
def two_sweeps(mask, connectivity):
    h, w = mask.shape
    k = np.where(mask != 0, np.arange(1, h * w + 1).reshape(h, w), 0)
    for order in (1, -1):
        for i in range(h)[::order]:
            for j in range(w)[::order]:
                if k[i, j]:
                    near = [k[i, j]]
                    for a, b in FOUR if connectivity == 4 else EIGHT:
                        if 0 <= i + a < h and 0 <= j + b < w and k[i + a, j + b]:
                            near.append(k[i + a, j + b])
                    k[i, j] = min(near)
    found = [v for v in np.unique(k) if v]
    out = np.zeros((h, w), int)
    for n, v in enumerate(found, 1):
        out[k == v] = n
    return out, len(found)


@wrong("the numbers are the places of the first pixels, not 1, 2, 3")
def gaps(mask, connectivity):
    labels, n = breadth_first(mask, connectivity)
    out = np.zeros_like(labels)
    for k in range(1, n + 1):
        out[labels == k] = np.flatnonzero(labels == k)[0] + 1
    return out, n


@wrong("only the labels are returned")
def alone(mask, connectivity):
    return breadth_first(mask, connectivity)[0]


@wrong("(count, labels): in the wrong order")
def swapped(mask, connectivity):
    return breadth_first(mask, connectivity)[::-1]


@wrong("a set of numbered regions in an order of Python's own: by the hash of their pixels")
def any_order(mask, connectivity):
    labels, n = breadth_first(mask, connectivity)
    order = sorted(range(1, n + 1), key=lambda k: (k * 7919) % 101)
    out = np.zeros_like(labels)
    for new, k in enumerate(order, 1):
        out[labels == k] = new
    return out, n


@wrong("the while loop never ends: the pixel stays in the list")
def endless(mask, connectivity):
    labels = np.zeros(mask.shape, int)
    n = 0
    for i, j in np.argwhere(mask):
        if not labels[i, j]:
            n += 1
            todo = [(i, j)]
            while todo:
                y, x = todo[0]
                labels[y, x] = n
    return labels, n
