"""connected_components: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..comparison import Finding, Kind, agrees, compare
from ..explaining import predict_safely
from ..observing import Learner, Observation
from ..operation import Hypothesis, Operation, Predict, Trouble
from ..traits import IMAGE_NOT_SQUARE, Trait, traits_of

CORNERS = Trait("regions that touch at corners", mishandled="corners-mishandled")
EIGHT = Trait("connectivity 8", mishandled="connectivity-mishandled")
FOUR = Trait("connectivity 4", mishandled="connectivity-mishandled")
WINDING = Trait("winding regions", mishandled="winding-regions-mishandled")
LARGE_REGION = Trait("a region of more than a thousand pixels", mishandled="large-regions-mishandled")
MANY = Trait("more than 255 regions", mishandled="many-regions-mishandled")
EMPTY = Trait("a mask without a region", mishandled="empty-mask-mishandled")
OTHER_NUMBERS = Trait("masks of other numbers than 0 and 1", mishandled="other-numbers-mishandled")
AT_BORDERS = Trait("regions at opposite borders", mishandled="borders-mishandled")

Offset = tuple[int, int]
RIGHT, DOWN, LEFT, UP = (0, 1), (1, 0), (0, -1), (-1, 0)
STRAIGHT: tuple[Offset, ...] = (UP, LEFT, RIGHT, DOWN)
DIAGONAL: tuple[Offset, ...] = ((-1, -1), (-1, 1), (1, -1), (1, 1))
NAMES: Mapping[Offset, str] = {
    UP: "above",
    LEFT: "to the left",
    RIGHT: "to the right",
    DOWN: "below",
    (-1, -1): "above to the left",
    (-1, 1): "above to the right",
    (1, -1): "below to the left",
    (1, 1): "below to the right",
}

PICTURES: tuple[tuple[str, Trait | None], ...] = (
    ("#.# #.#", None),
    ("##. ..# .##", None),
    ("#.. .#. ..#", CORNERS),
    ("..#. .#.. #... ..##", CORNERS),
    ("#..# .... #..#", AT_BORDERS),
    ("... ...", EMPTY),
    (".#.#. ...#. ####.", None),
    (".#.#. .#.#. .###.", WINDING),
    ("#.#.# #.#.# ##..# .###.", WINDING),
    ("..#.. .##.. ..#.# #...# #.###", None),
    (".......#. .#####.#. .#...#.#. .#.#.#.#. .#.#####. .#....... .#######.", WINDING),
    ("...#... ..#.#.. .#...#. #.....# .#...#. ..#.#.. ...#...", CORNERS),
    ("######## .......# ######## #....... ######## .......# .######.", WINDING),
)
"""Masks in rows, with what is special about them."""


class ConnectedComponents(Operation):
    """The regions of a mask, numbered."""

    name = "connected_components"
    arrays = ("mask",)
    results = ("labels", "count")
    gradients = ()
    has_cache = False
    contract = (
        "forward(mask, *, connectivity) -> (labels, count): mask (H, W) of bool or integers, foreground where it is "
        "not 0; labels (H, W): 0 for the background, 1 to count for the regions, numbered in the order in which their "
        "first pixels are met row by row; connectivity 4 (edges) or 8 (corners too)"
    )

    def cases(self) -> list[Case]:
        """Small pictures with both connectivities; then random masks, many regions, a large one."""
        pictures = [(_drawn(text), connectivity, special) for text, special in PICTURES for connectivity in (4, 8)]
        return [_case(*row) for row in (*pictures, *_larger())]

    def right(self, case: Case) -> Outputs:
        """Visit the pixels row by row; from each that is new walk through its whole region."""
        return _numbered(*_flooded(_foreground(case), neighbours(case)))

    def compare(self, case: Case, output: str, right: object, got: object) -> Finding:
        """Labels and count may have any type that holds the numbers."""
        found = compare(right, got)
        return Finding(Kind.RIGHT, found.right, found.got) if agrees(found.right, found.got, 0.0) else found

    def symbols(self, case: Case) -> Mapping[str, float]:
        """The largest number of uint8."""
        return {"255": 255.0}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """The axes of the result; it is no argument, so that nothing is changed."""
        return {"labels": ("H", "W")}

    def trouble(self, learner: Learner, judged: Sequence[Observation]) -> Trouble | None:
        """What no numbers of a known mistake show: calls without end, and regions in an order of their own."""
        return _too_deep(judged) or self._own_numbers(judged)

    def _own_numbers(self, judged: Sequence[Observation]) -> Trouble | None:
        """Find labels that tell all regions apart, or all pixels, but number them in an order that is not known."""
        if not all("labels" in o.findings and o.findings["labels"].kind in (Kind.RIGHT, Kind.VALUE) for o in judged):
            return None
        wrong = [o for o in judged if not o.findings["labels"].is_right]
        if len(wrong) < 3 or any(all(_explains(h, o) for o in wrong) for h in self.mistakes()):
            return None
        evidence = {"smallest failing configuration": wrong[0].case.label}
        if all(_same_regions(o.right["labels"], o.findings["labels"].got) for o in judged):
            return Trouble("numbered-in-another-order", "labels", "in an order of their own", evidence)
        if all(_all_distinct(_foreground(o.case), o.findings["labels"].got) for o in judged):
            return Trouble("every-pixel-its-own-region", "labels", "", evidence)
        return None

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other neighbours, regions that are not put together, other numbers."""
        yield from self._count_mistakes()
        yield from self._merging_mistakes()
        yield from self._neighbour_mistakes()
        yield from self._border_mistakes()
        yield from self._foreground_mistakes()
        yield from self._numbering_mistakes()

    def _neighbour_mistakes(self) -> Iterator[Hypothesis]:
        """The region grows over other neighbours than it should."""

        def over(choose: Callable[[Case], Sequence[Offset]]) -> Predict:
            return lambda case: _numbered(*_flooded(_foreground(case), choose(case)))

        yield Hypothesis("diagonals-ignored", over(lambda case: STRAIGHT))
        yield Hypothesis("diagonals-always-joined", over(lambda case: STRAIGHT + DIAGONAL))
        yield Hypothesis(
            "connectivities-swapped",
            over(lambda c: STRAIGHT + DIAGONAL if c.options["connectivity"] == 4 else STRAIGHT),
        )
        yield Hypothesis("only-diagonals", over(lambda c: STRAIGHT if c.options["connectivity"] == 4 else DIAGONAL))
        for name, pair in (("falling", ((-1, -1), (1, 1))), ("rising", ((-1, 1), (1, -1)))):
            yield Hypothesis(
                "a-diagonal-forgotten",
                over(lambda case, pair=pair: [o for o in neighbours(case) if o not in pair]),
                f"the one that is {name} from left to right",
            )
        for axis, name in ((0, "rows"), (1, "columns")):
            yield Hypothesis(
                "joined-along-one-axis-only",
                over(lambda case, axis=axis: [o for o in STRAIGHT if o[axis] == 0]),
                f"along the {name}",
            )
            yield Hypothesis(
                "joined-along-one-axis-only",
                over(lambda case, axis=axis: [o for o in neighbours(case) if o[axis] == 0 or o in DIAGONAL]),
                f"along the {name}, and at corners",
            )
        for offset, name in NAMES.items():
            yield Hypothesis(
                "a-neighbour-forgotten",
                over(lambda case, offset=offset: [o for o in neighbours(case) if o != offset]),
                f"the one {name}",
            )
        for words, kept in (
            ("only to the right and down", lambda o: o >= (0, 0) and o[1] >= 0),
            ("never back up", lambda o: o[0] >= 0),
            ("never to the left", lambda o: o[1] >= 0),
            ("never down", lambda o: o[0] <= 0),
            ("never to the right", lambda o: o[1] <= 0),
            ("only to pixels that come later in reading order", lambda o: o > (0, 0)),
        ):
            yield Hypothesis(
                "grows-in-some-directions-only",
                over(lambda case, kept=kept: [o for o in neighbours(case) if kept(o)]),
                words,
            )
        for words, more in (
            ("two steps away as well", tuple((2 * a, 2 * b) for a, b in STRAIGHT)),
            ("two steps away along a row as well", ((0, 2), (0, -2))),
            ("two steps away along a column as well", ((2, 0), (-2, 0))),
            ("a knight's move", ((1, 2), (2, 1), (-1, 2), (-2, 1), (1, -2), (2, -1), (-1, -2), (-2, -1))),
        ):
            yield Hypothesis("grows-too-far", over(lambda case, more=more: (*neighbours(case), *more)), words)
        yield Hypothesis("only-direct-neighbours", lambda case: _numbered(*_one_step(case)))
        for order in (
            (UP, DOWN, LEFT, RIGHT),
            (UP, RIGHT, DOWN, LEFT),
            (RIGHT, DOWN, LEFT, UP),
            (DOWN, RIGHT, UP, LEFT),
        ):
            yield Hypothesis(
                "only-one-neighbour-followed",
                lambda case, order=order: _numbered(
                    *_flooded(_foreground(case), (*order, *(o for o in neighbours(case) if o in DIAGONAL)), one=True)
                ),
            )

    def _border_mistakes(self) -> Iterator[Hypothesis]:
        """The borders of the mask."""

        def wrapped(rows: bool, columns: bool) -> Predict:
            def predict(case: Case) -> Outputs:
                foreground = _foreground(case)
                height, width = foreground.shape

                def inside(row: int, column: int) -> tuple[int, int] | None:
                    row, column = row % height if rows else row, column % width if columns else column
                    return (row, column) if 0 <= row < height and 0 <= column < width else None

                return _numbered(*_flooded_around(foreground, neighbours(case), inside))

            return predict

        def negative(case: Case) -> Outputs:
            """An index of -1 is the last; one that is too negative ends in an exception."""
            foreground = _foreground(case)
            height, width = foreground.shape

            def inside(row: int, column: int) -> tuple[int, int] | None:
                return (row, column) if row < height and column < width else None

            return _numbered(*_flooded_around(foreground, neighbours(case), inside))

        yield Hypothesis("wraps-around", wrapped(True, True), "at all borders")
        yield Hypothesis("wraps-around", wrapped(True, False), "from the first row to the last")
        yield Hypothesis("wraps-around", wrapped(False, True), "from the first column to the last")
        yield Hypothesis("wraps-around", negative, "at the first row and column, by negative indices")
        yield Hypothesis(
            "wraps-around", lambda case: _numbered(*_over_a_line(case)), "from the end of a row to the next"
        )
        for words, cut in (
            ("first and last row and column", np.s_[1:-1, 1:-1]),
            ("last row and column", np.s_[:-1, :-1]),
            ("first row and column", np.s_[1:, 1:]),
            ("last row", np.s_[:-1, :]),
            ("last column", np.s_[:, :-1]),
            ("first row", np.s_[1:, :]),
            ("first column", np.s_[:, 1:]),
        ):

            def predict(case: Case, cut: tuple[slice, slice] = cut) -> Outputs:
                return _numbered(*_flooded(_foreground(case) & _part(case, cut), neighbours(case)))

            yield Hypothesis("border-left-out", predict, words)

            def not_reached(case: Case, cut: tuple[slice, slice] = cut) -> Outputs:
                return _numbered(*_flooded(_foreground(case), neighbours(case), targets=_part(case, cut)))

            def not_searched(case: Case, cut: tuple[slice, slice] = cut) -> Outputs:
                seeds = _foreground(case) & _part(case, cut)
                return _numbered(*_flooded(_foreground(case), neighbours(case), seeds=seeds))

            yield Hypothesis("walk-ends-before-the-border", not_reached, words)
            yield Hypothesis("search-leaves-out-the-border", not_searched, words)

    def _merging_mistakes(self) -> Iterator[Hypothesis]:
        """Parts of a region that meet later, in passes over the rows."""
        for renumbered in (False, True):
            gaps = "" if renumbered else "; its numbers have gaps"
            for how in ("smallest", "first", "last", "largest"):
                # Labels that are never merged have no gaps.
                for merge in ("never", "once", "half") if renumbered else ("once", "half"):
                    yield Hypothesis(
                        "labels-never-merged" if merge == "never" else "labels-merged-in-part",
                        lambda c, how=how, merge=merge, new=renumbered: _two_passes(c, how, merge, renumbered=new),
                        f"a pixel takes the {how} label of its neighbours{gaps}",
                    )
        for sweeps in (1, 2, 3):
            yield Hypothesis(
                "labels-not-spread-until-nothing-changes",
                lambda case, sweeps=sweeps: _swept(case, sweeps),
                f"{sweeps} sweep{'s' if sweeps > 1 else ''} over the mask",
            )
        yield Hypothesis("every-pixel-its-own-region", lambda case: _numbered(*_flooded(_foreground(case), ())), "")
        yield Hypothesis("regions-not-told-apart", lambda c: {"labels": _foreground(c) * 1, "count": np.asarray(1)})
        yield Hypothesis(
            "regions-not-told-apart",
            lambda c: {"labels": _foreground(c) * 1, "count": np.asarray(int(_foreground(c).any()))},
        )

    def _foreground_mistakes(self) -> Iterator[Hypothesis]:
        """Other pixels than those that are not 0."""

        def of(choose: Callable[[Array], Array]) -> Predict:
            return lambda case: _numbered(*_flooded(choose(case.arrays["mask"]), neighbours(case)))

        yield Hypothesis("background-instead-of-foreground", of(lambda mask: mask == 0))
        for words, choose in (
            ("1", lambda mask: mask == 1),
            ("255", lambda mask: mask == 255),
            ("above 1", lambda mask: mask > 1),
            ("above 127", lambda mask: mask > 127),
            ("above 0", lambda mask: mask.astype(int) > 0),
        ):
            yield Hypothesis("foreground-only-of-one-number", of(choose), words)

        for words, choose in (
            ("1", lambda mask: mask == 1),
            ("255", lambda mask: mask == 255),
            ("above 1", lambda mask: mask > 1),
        ):
            yield Hypothesis(
                "regions-begin-at-one-number-only",
                lambda case, choose=choose: _numbered(
                    *_flooded(_foreground(case), neighbours(case), seeds=choose(case.arrays["mask"]))
                ),
                words,
            )
        yield Hypothesis(
            "regions-begin-in-the-background",
            lambda c: _numbered(*_flooded(_foreground(c), neighbours(c), seeds=np.ones_like(_foreground(c)))),
        )

        def by_value(case: Case) -> Outputs:
            return _numbered(*_flooded(_foreground(case), neighbours(case), values=case.arrays["mask"]))

        yield Hypothesis("regions-split-by-their-numbers", by_value)
        for least in (2, 3, 5, 10):

            def without_small(case: Case, least: int = least) -> Outputs:
                labels, _ = _flooded(_foreground(case), neighbours(case))
                large = np.flatnonzero(np.bincount(labels.ravel()) >= least)
                return _numbered(np.where(np.isin(labels, large), labels, 0), large[large > 0].tolist())

            yield Hypothesis("small-regions-left-out", without_small, f"of fewer than {least} pixels")

        def both(case: Case, first: bool) -> Outputs:
            foreground = _foreground(case)
            labels, order = _flooded(np.ones_like(foreground), neighbours(case), values=foreground * 1)
            if first:
                return _numbered(labels, order)
            right = self.right(case)
            behind = np.where(foreground, 0, labels)
            others = [k for k in order if (behind == k).any()]
            back = _numbered(behind, others)["labels"]
            total = int(right["count"])
            return {
                "labels": np.where(foreground, right["labels"], back + total),
                "count": np.asarray(total + len(others)),
            }

        yield Hypothesis("background-labelled", lambda case: both(case, True))
        yield Hypothesis("background-labelled", lambda case: both(case, False), "after the foreground")

    def _numbering_mistakes(self) -> Iterator[Hypothesis]:
        """Right regions, other numbers."""

        def ordered(key: Callable[[Array, Array], tuple[float, ...]]) -> Predict:
            """key(rows, columns) of a region: regions are numbered by it, from the smallest."""

            def predict(case: Case) -> Outputs:
                labels, order = _flooded(_foreground(case), neighbours(case))
                return _numbered(labels, sorted(order, key=lambda k: key(*np.nonzero(labels == k))))

            return predict

        for words, key in (
            ("by the first pixel column by column", lambda y, x: tuple(min(zip(x, y, strict=True)))),
            ("by the last pixel", lambda y, x: tuple(max(zip(y, x, strict=True)))),
            ("from the last region to the first", lambda y, x: (-y[0], -x[0])),
            ("by rows from the bottom", lambda y, x: (-y.max(), x[y == y.max()].min())),
            ("by rows that are read from the right", lambda y, x: (y[0], -x[y == y[0]].max())),
            ("by the last pixel, from the end", lambda y, x: tuple(-v for v in max(zip(y, x, strict=True)))),
            ("the largest region first", lambda y, x: (-len(y), y[0], x[0])),
            ("the smallest region first", lambda y, x: (len(y), y[0], x[0])),
            ("by the corner of the box around it", lambda y, x: (y.min(), x.min())),
            ("by the box around it, columns first", lambda y, x: (x.min(), y.min())),
            ("by the mean of the pixels", lambda y, x: (y.mean(), x.mean())),
            ("by the sum of row and column", lambda y, x: (y[0] + x[0], y[0])),
        ):
            yield Hypothesis("numbered-in-another-order", ordered(key), words)

        def renumbered(f: Callable[[Case, Array, int], Array]) -> Predict:
            """f(case, right labels, count)."""

            def predict(case: Case) -> Outputs:
                right = self.right(case)
                return {"labels": np.asarray(f(case, right["labels"], int(right["count"])))}

            return predict

        yield Hypothesis("numbered-from-zero", renumbered(lambda c, k, n: np.where(k > 0, k - 1, 0)))
        yield Hypothesis("numbered-from-zero", renumbered(lambda c, k, n: k - 1), "and the background is -1")
        yield Hypothesis("numbered-from-two", renumbered(lambda c, k, n: np.where(k > 0, k + 1, 0)))
        yield Hypothesis("numbered-from-two", renumbered(lambda c, k, n: k + 1), "and the background is 1")
        yield Hypothesis("background-not-zero", renumbered(lambda c, k, n: np.where(k > 0, k, -1)), "-1")
        yield Hypothesis(
            "background-not-zero", renumbered(lambda c, k, n: np.where(k > 0, k, n + 1)), "a number of its own"
        )
        yield Hypothesis(
            "numbers-with-gaps", renumbered(lambda c, k, n: _by_pixel(k, 1)), "the place of the first pixel"
        )
        yield Hypothesis(
            "numbers-with-gaps", renumbered(lambda c, k, n: _by_pixel(k, 0)), "the place of the first pixel"
        )
        yield Hypothesis(
            "numbers-with-gaps", renumbered(lambda c, k, n: _by_pixel(k, 1, np.max)), "that of the last pixel"
        )
        yield Hypothesis(
            "numbers-with-gaps", renumbered(lambda c, k, n: _by_rank(c, k)), "among the foreground's pixels"
        )
        for how in ("smallest", "first", "largest"):
            yield Hypothesis(
                "numbers-with-gaps",
                lambda case, how=how: {"labels": _two_passes(case, how, "whole", renumbered=False)["labels"]},
                "what was merged leaves gaps",
            )
        yield Hypothesis("labels-in-8-bits", renumbered(lambda c, k, n: k % 256))
        yield Hypothesis("labels-in-8-bits", renumbered(lambda c, k, n: (k + 128) % 256 - 128), "with a sign")
        yield Hypothesis(
            "labels-in-the-type-of-the-mask",
            renumbered(lambda c, k, n: k.astype(c.arrays["mask"].dtype)),
        )
        yield Hypothesis(
            "areas-instead-of-numbers", renumbered(lambda c, k, n: np.where(k > 0, np.bincount(k.ravel())[k], 0))
        )
        yield Hypothesis("mask-instead-of-labels", renumbered(lambda c, k, n: c.arrays["mask"]))
        yield Hypothesis("first-pixels-only", renumbered(lambda c, k, n: _first_pixels(k)))
        for number, words in ((1, "first"), (0, "last")):
            yield Hypothesis(
                "a-region-missing",
                renumbered(lambda c, k, n, number=number: np.where(k == (number or n), 0, k)),
                f"the {words} one",
            )

    def _count_mistakes(self) -> Iterator[Hypothesis]:
        """Right labels, another count."""

        def counted(f: Callable[[Array, int], float]) -> Predict:
            """f(right labels, right count)."""

            def predict(case: Case) -> Outputs:
                right = self.right(case)
                return {"count": np.asarray(f(right["labels"], int(right["count"])))}

            return predict

        yield Hypothesis("count-one-too-high", counted(lambda k, n: n + 1))
        yield Hypothesis("count-one-too-high", counted(lambda k, n: len(np.unique(k)) if (k == 0).any() else n + 1))
        yield Hypothesis("count-one-too-high", counted(lambda k, n: len(np.unique(k))), "where there is background")
        yield Hypothesis("count-one-too-low", counted(lambda k, n: n - 1))
        yield Hypothesis("count-one-too-low", counted(lambda k, n: max(n - 1, 0)))
        yield Hypothesis("pixels-counted", counted(lambda k, n: int((k > 0).sum())))
        yield Hypothesis("labels-added-up", counted(lambda k, n: int(k.sum())))
        yield Hypothesis("count-is-an-area", counted(lambda k, n: int(np.bincount(k.ravel()).max())), "with background")
        yield Hypothesis("count-is-an-area", counted(lambda k, n: int(max(np.bincount(k.ravel())[1:], default=0))))
        yield Hypothesis("count-of-rows", counted(lambda k, n: len(k)))


def _too_deep(judged: Sequence[Observation]) -> Trouble | None:
    """Find a recursion that is too deep; where it appears says whether it ends at all."""
    deep = [o for o in judged if o.raised is not None and o.raised.raised.kind == "RecursionError"]
    if not deep:
        return None
    small = [o for o in deep if LARGE_REGION not in o.case.traits]
    others = [o for o in judged if o.raised is None or o.raised.raised.kind != "RecursionError"]
    if not small and not all(o.is_right for o in others):
        return None  # first what is wrong in small masks too
    first = (small or deep)[0]
    assert first.raised is not None
    evidence = {"raised": str(first.raised.raised), "smallest failing configuration": first.case.label}
    cause = "recursion-never-ends" if small else "recursion-too-deep"
    return Trouble(cause, first.raised.function, f"In {len(deep)} of {len(judged)} configurations.", evidence)


def _explains(hypothesis: Hypothesis, seen: Observation) -> bool:
    predicted = predict_safely(hypothesis, seen.case).get("labels")
    return predicted is not None and np.array_equal(predicted, seen.findings["labels"].got)


def _same_regions(right: Array, got: Array) -> bool:
    """Whether labels differ from the right ones by an exchange of the numbers 1 to n alone."""
    pairs = np.unique(np.stack([right.ravel(), got.ravel()]), axis=1)
    one_to_one = all(len(np.unique(side)) == pairs.shape[1] for side in pairs)
    return one_to_one and np.array_equal(np.unique(right), np.unique(got)) and bool(((right == 0) == (got == 0)).all())


def _all_distinct(foreground: Array, got: Array) -> bool:
    """Whether each pixel of the foreground has a number of its own, and the background is 0."""
    own = got[foreground]
    return len(np.unique(own)) == own.size and bool((own > 0).all()) and not got[~foreground].any()


# The right answer, with some freedom to go wrong ---------------------------------------------------------------------


def neighbours(case: Case) -> tuple[Offset, ...]:
    """Return the steps to the neighbours of a pixel."""
    return STRAIGHT if case.options["connectivity"] == 4 else STRAIGHT + DIAGONAL


def _foreground(case: Case) -> Array:
    return case.arrays["mask"] != 0


def _part(case: Case, cut: tuple[slice, slice]) -> Array:
    """Return a mask that is True in a part of the image."""
    part = np.zeros(case.arrays["mask"].shape, bool)
    part[cut] = True
    return part


def _flooded(
    foreground: Array,
    offsets: Sequence[Offset],
    *,
    values: Array | None = None,
    seeds: Array | None = None,
    targets: Array | None = None,
    one: bool = False,
) -> tuple[Array, list[int]]:
    """Return labels and their order: regions are flooded from the first pixel that has no label yet.

    Neighbours are joined when their `values` are equal (all of them without). Regions begin at `seeds` and grow to
    `targets` (both the foreground without); with `one` each pixel hands on its label to one neighbour only.
    """
    wide = foreground.shape[1] + 4  # two rows and columns around the mask, so that no step needs a test of the border

    def flat(array: Array) -> list[int]:
        return np.pad(array, 2).ravel().tolist()

    may_grow = flat(foreground if targets is None else foreground & targets)
    begins = flat(foreground if seeds is None else seeds)
    same = flat(np.ones_like(foreground) if values is None else values)
    steps = [a * wide + b for a, b in offsets]
    labels = [0] * len(may_grow)
    count = 0
    for start, may_begin in enumerate(begins):
        if not may_begin or labels[start]:
            continue
        count += 1
        labels[start] = count
        pending = [start]
        while pending:
            pixel = pending.pop()
            for step in steps:
                near = pixel + step
                if may_grow[near] and not labels[near] and same[near] == same[pixel]:
                    labels[near] = count
                    pending.append(near)
                    if one:
                        break
    return np.array(labels, np.int64).reshape(-1, wide)[2:-2, 2:-2], list(range(1, count + 1))


def _flooded_around(
    foreground: Array, offsets: Sequence[Offset], inside: Callable[[int, int], tuple[int, int] | None]
) -> tuple[Array, list[int]]:
    """Return labels and their order where `inside(row, column)` says which pixel a step leads to, None for none."""
    labels = np.zeros(foreground.shape, np.int64)
    count = 0
    for i, j in np.argwhere(foreground).tolist():
        if labels[i, j]:
            continue
        count += 1
        labels[i, j] = count
        pending = [(i, j)]
        while pending:
            y, x = pending.pop()
            for a, b in offsets:
                near = inside(y + a, x + b)
                if near is not None and foreground[near] and not labels[near]:
                    labels[near] = count
                    pending.append(near)
    return labels, list(range(1, count + 1))


def _numbered(labels: Array, order: Sequence[int]) -> dict[str, Array]:
    """Return the results with the labels of `order` as 1, 2, 3, ..."""
    new = np.zeros(int(labels.max(initial=0)) + 1, np.int64)
    new[list(order)] = np.arange(1, len(order) + 1)
    return {"labels": new[labels], "count": np.asarray(len(order))}


def _one_step(case: Case) -> tuple[Array, list[int]]:
    """A region is its first pixel and the neighbours of this pixel alone."""
    foreground = _foreground(case)
    labels = np.zeros(foreground.shape, np.int64)
    count = 0
    for i, j in np.argwhere(foreground):
        if labels[i, j]:
            continue
        count += 1
        labels[i, j] = count
        for a, b in neighbours(case):
            y, x = i + a, j + b
            if 0 <= y < len(labels) and 0 <= x < labels.shape[1] and foreground[y, x] and not labels[y, x]:
                labels[y, x] = count
    return labels, list(range(1, count + 1))


def _over_a_line(case: Case) -> tuple[Array, list[int]]:
    """Neighbours in the flattened mask: to the right of a row's end lies the beginning of the next."""
    foreground = _foreground(case)
    height, width = foreground.shape

    def inside(row: int, column: int) -> tuple[int, int] | None:
        place = row * width + column
        return divmod(place, width) if 0 <= place < height * width else None

    return _flooded_around(foreground, neighbours(case), inside)


def _two_passes(case: Case, how: str, merge: str, *, renumbered: bool) -> Outputs:
    """Label row by row from the neighbours that have been met; then merge labels that touch, never or not whole."""
    foreground = _foreground(case)
    height, width = foreground.shape
    labels = np.zeros((height + 1, width + 2), np.int64)
    before = [(0, -1), (-1, 0)] if case.options["connectivity"] == 4 else [(0, -1), (-1, -1), (-1, 0), (-1, 1)]
    before = before if how != "last" else before[::-1]
    parent = [0]
    for i, j in np.argwhere(foreground):
        near = [int(k) for a, b in before if (k := labels[i + 1 + a, j + 1 + b])]
        if not near:
            parent.append(len(parent))
        own = len(parent) - 1 if not near else {"smallest": min, "largest": max}.get(how, lambda k: k[0])(near)
        labels[i + 1, j + 1] = own
        for k in near:
            if merge == "once":
                parent[max(k, own)] = min(k, own)  # what it was merged with before is forgotten
            elif merge == "half":
                parent[k] = min(parent[k], own)
            elif merge == "whole":
                one, other = parent[k], parent[own]
                parent = [min(one, other) if label in (one, other) else label for label in parent]
    whole = np.array(parent)[labels[1:, 1:-1]] if merge != "never" else labels[1:, 1:-1]
    found = [int(k) for k in np.unique(whole) if k]
    if renumbered:
        return _numbered(whole, found)
    return {"labels": whole, "count": np.asarray(len(found) if merge != "never" else len(parent) - 1)}


def _swept(case: Case, sweeps: int) -> Outputs:
    """Every pixel begins with a number of its own and takes the smallest around it, `sweeps` times over the mask."""
    foreground = _foreground(case)
    height, width = foreground.shape
    labels = np.zeros((height + 2, width + 2), np.int64)
    labels[1:-1, 1:-1][foreground] = np.arange(1, int(foreground.sum()) + 1)
    places = np.argwhere(foreground) + 1
    for sweep in range(sweeps):
        for i, j in places[:: -1 if sweep % 2 else 1]:
            labels[i, j] = min(k for a, b in ((0, 0), *neighbours(case)) if (k := labels[i + a, j + b]))
    inner = labels[1:-1, 1:-1]
    return _numbered(inner, [int(k) for k in np.unique(inner) if k])


def _by_pixel(labels: Array, first: int, end: Callable[[Array], int] = np.min) -> Array:
    """Number each region by the place of a pixel in the flattened mask."""
    flat = labels.ravel()
    new = np.zeros_like(flat)
    for k in range(1, int(flat.max(initial=0)) + 1):
        new[flat == k] = first + int(end(np.flatnonzero(flat == k)))
    return new.reshape(labels.shape)


def _by_rank(case: Case, labels: Array) -> Array:
    """Number each region by how many pixels of the foreground come before its first."""
    rank = np.cumsum(_foreground(case).ravel())
    return np.where(labels > 0, rank[_by_pixel(labels, 0)], 0)


def _first_pixels(labels: Array) -> Array:
    only = np.zeros_like(labels)
    numbers, places = np.unique(labels, return_index=True)
    only.flat[places] = numbers
    return only


# Configurations ------------------------------------------------------------------------------------------------------


def _drawn(text: str) -> Array:
    """Read a picture: '#' is foreground, rows are separated by spaces."""
    return np.array([[sign == "#" for sign in row] for row in text.split()])


def _larger() -> Iterator[tuple[Array, int, Trait | None]]:
    """Yield random masks of several types, one with many regions, a large region, and a mask that is full."""
    for number, (shape, share) in enumerate((((5, 6), 0.5), ((7, 5), 0.4), ((8, 9), 0.6), ((12, 15), 0.45))):
        rng = case_rng(number, 22)
        yield rng.random(shape) < share, 8 if number % 2 else 4, None
    rng = case_rng(9, 22)
    for connectivity in (4, 8):
        mask = rng.random((9, 8)) < 0.45
        yield mask.astype(np.uint8) * 255, connectivity, OTHER_NUMBERS
        yield (rng.random((7, 10)) < 0.5) * rng.integers(1, 4, (7, 10)), connectivity, OTHER_NUMBERS
    yield (rng.random((9, 11)) < 0.5).astype(np.uint8), 8, None
    squares = (np.add.outer(np.arange(24), np.arange(25)) % 2).astype(np.uint8)  # as on a chessboard
    yield squares * (rng.random((24, 25)) < 0.95), 4, MANY
    large = np.ones((33, 41), bool)
    large[rng.integers(2, 31, 6), rng.integers(2, 36, 6)] = False
    large[:, 38] = False
    yield large, 4, LARGE_REGION


def _case(mask: Array, connectivity: int, special: Trait | None) -> Case:
    traits = traits_of(
        {EIGHT: connectivity == 8, FOUR: connectivity == 4, IMAGE_NOT_SQUARE: mask.shape[0] != mask.shape[1]}, special
    )
    return Case({"mask": mask}, {"connectivity": connectivity}, traits, by_hand=mask.size <= 25)
