"""Causes and hints of connected_components."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # neighbours
    "diagonals-ignored": (
        "Pixels that touch at a corner are never joined, with connectivity 8 neither.",
        "How many neighbours has a pixel with connectivity 8? How many does your code visit?",
    ),
    "diagonals-always-joined": (
        "Pixels that touch at a corner are always joined, with connectivity 4 too.",
        "Where does your function look at `connectivity`? Which neighbours has a pixel when it is 4?",
    ),
    "connectivities-swapped": (
        "Connectivity 4 joins pixels at corners, and 8 does not.",
        "A pixel has four neighbours across its edges. How many more are there across its corners?",
    ),
    "only-diagonals": (
        "With connectivity 8 only pixels that touch at a corner are joined, not those that share an edge.",
        "Do the eight neighbours contain the four?",
    ),
    "a-diagonal-forgotten": (
        "With connectivity 8 one of the two diagonals is not joined ({detail}).",
        "Write down the eight steps (row, column) from a pixel to its neighbours. Which of them are in your list?",
    ),
    "joined-along-one-axis-only": (
        "Pixels are joined along one axis only ({detail}).",
        "Which steps (row, column) lead to the neighbours of a pixel? Does the row change in some of yours, and the "
        "column?",
    ),
    "a-neighbour-forgotten": (
        "A region never grows to one of the neighbours of a pixel ({detail}).",
        "Write down the steps (row, column) to the neighbours, and cross off those that your code takes.",
    ),
    "grows-in-some-directions-only": (
        "A region grows in some directions only ({detail}).",
        "A region in the shape of a U is met at the top of its left arm. In which directions must the walk go to reach "
        "the top of its right arm?",
    ),
    "grows-too-far": (
        "Pixels are joined that do not touch ({detail}).",
        "By how much may row and column differ between two pixels that touch?",
    ),
    "only-direct-neighbours": (
        "A region holds its first pixel and the neighbours of this pixel only; the neighbours of these are not "
        "visited.",
        "Three pixels in a row: from which of them is the third one reached?",
    ),
    "only-one-neighbour-followed": (
        "From each pixel the walk goes on to one neighbour only; the others are not visited.",
        "A region in the shape of a T: where do two ways lead on, and what becomes of the second?",
    ),
    # borders
    "wraps-around": (
        "Regions at opposite borders are joined, or the end of a row with the beginning of another ({detail}).",
        "What is row -1 of an array in Python? Which pixel is to the right of the last one of a row?",
    ),
    "border-left-out": (
        "Pixels at the border are left out ({detail}).",
        "Where do your loops begin and end? A pixel at the border has fewer neighbours, and may belong to a region.",
    ),
    "walk-ends-before-the-border": (
        "A region never grows to pixels at the border ({detail}).",
        "A mask has H rows. Which row numbers may a neighbour have, the first and the last included?",
    ),
    "search-leaves-out-the-border": (
        "No region is begun at the border ({detail}): a region that lies there alone is missing, and others are met "
        "later than they should be.",
        "Where do the loops begin and end that look for the first pixel of a region?",
    ),
    # merging
    "labels-never-merged": (
        "Parts of a region that meet only further down keep their own labels ({detail}).",
        "A region in the shape of a U: which labels have its two arms when the rows are read from the top, and where "
        "does it turn out that they are one region?",
    ),
    "labels-merged-in-part": (
        "Labels that turn out to belong together are merged, but not all of them ({detail}).",
        "Label 3 is the same as 2, and 2 the same as 1. What is 3 then? And what if 3 is also the same as 5?",
    ),
    "labels-not-spread-until-nothing-changes": (
        "Labels are handed on from neighbour to neighbour too few times ({detail}).",
        "How far does a label get in one sweep along a spiral? How do you notice that nothing changes any more?",
    ),
    "every-pixel-its-own-region": (
        "Each pixel is a region of its own.",
        "Where do two pixels that touch get the same label?",
    ),
    "regions-not-told-apart": (
        "All of the foreground has label 1, as if it were one region.",
        "When does the label go up by one?",
    ),
    # foreground
    "background-instead-of-foreground": (
        "The regions of the background are numbered, those of the foreground are 0.",
        "Which pixels does your code skip: those that are 0, or those that are not?",
    ),
    "background-labelled": (
        "Regions of the background get numbers too ({detail}).",
        "What should the label of a pixel be where the mask is 0?",
    ),
    "foreground-only-of-one-number": (
        "Only some numbers of the mask count as foreground ({detail}); everything that is not 0 should.",
        "Masks come as True and False, as 0 and 1, as 0 and 255. With what does your code compare?",
    ),
    "regions-begin-at-one-number-only": (
        "A region begins only at some numbers of the mask ({detail}), but grows over everything that is not 0.",
        "Your code looks at the mask in two places: where a region begins, and where it grows. Do both ask the same?",
    ),
    "regions-begin-in-the-background": (
        "Pixels of the background begin regions too, and these grow into the foreground beside them.",
        "Which pixels may begin a region? What does your code ask before it takes a new number?",
    ),
    "regions-split-by-their-numbers": (
        "Pixels that touch are joined only when their numbers in the mask are equal; everything that is not 0 is one "
        "foreground.",
        "Two neighbours have the numbers 1 and 2 in the mask. Are both foreground, and do they touch?",
    ),
    "small-regions-left-out": (
        "Small regions are left out ({detail}).",
        "Is a single pixel without neighbours a region?",
    ),
    # numbering
    "numbered-in-another-order": (
        "The regions are right, their numbers are not: they are numbered {detail}.",
        "Read the mask row by row, each row from left to right. Which region do you meet first? That one is number 1.",
    ),
    "numbered-from-zero": (
        "The first region is 0 ({detail}); 0 is the number of the background.",
        "How can a region with number 0 be told from the background?",
    ),
    "numbered-from-two": (
        "The first region is 2 ({detail}); the numbers should begin with 1.",
        "What is the number before the first region, and when is 1 added?",
    ),
    "background-not-zero": (
        "The background has another number than 0 ({detail}).",
        "What stands in the array of labels before the first pixel is visited?",
    ),
    "numbers-with-gaps": (
        "The regions are right, but their numbers are not 1, 2, 3, ... ({detail}).",
        "Which numbers are left at the end? How do you turn them into 1, 2, 3, ... without changing their order?",
    ),
    "labels-in-8-bits": (
        "The labels are kept in 8 bits, which end at 255 (or at 127): region 256 is 0 again.",
        "Which dtype has the array of labels, and how many regions can a mask have?",
    ),
    "labels-in-the-type-of-the-mask": (
        "The labels are kept in the mask's own type: bool knows no number but 0 and 1, uint8 none above 255.",
        "Which dtype does np.zeros_like(mask) have?",
    ),
    "areas-instead-of-numbers": (
        "Each region holds its number of pixels, not its own number.",
        "Two regions of the same size: how are they told apart?",
    ),
    "mask-instead-of-labels": (
        "The mask itself is returned as labels.",
        "Where are the labels written, and which array is returned?",
    ),
    "first-pixels-only": (
        "Only the first pixel of each region has its label.",
        "Where does a pixel that is reached from another one get its label?",
    ),
    "a-region-missing": (
        "A region is missing from the labels ({detail}).",
        "Is the last region written when the loop ends? And is the first one more than the background?",
    ),
    # count
    "count-one-too-high": (
        "The count is one too high; the background is no region.",
        "How many regions does an empty mask have, and what does your count say? How many different labels are there?",
    ),
    "count-one-too-low": (
        "The count is one too low.",
        "A mask with one region: which labels are there, and how many regions?",
    ),
    "pixels-counted": (
        "The count is that of the pixels, not that of the regions.",
        "When does your counter go up: at each pixel, or only where a new region begins?",
    ),
    "labels-added-up": (
        "The count is the sum of all labels.",
        "Three regions are labelled 1, 2 and 3. Which number says how many there are?",
    ),
    "count-is-an-area": (
        "The count is the number of pixels of a region.",
        "Three regions of 5 pixels: which number is asked for?",
    ),
    "count-of-rows": (
        "The count is the number of rows.",
        "What does len(labels) give for an array with two axes?",
    ),
    # recursion
    "recursion-too-deep": (
        "A function calls itself once for each pixel of a region, and Python allows about a thousand calls inside each "
        "other: a large region ends in a RecursionError. {detail}",
        "Where could the pixels that are still to be visited wait, if not in calls that have not returned? A list can "
        "hold them.",
    ),
    "recursion-never-ends": (
        "A function calls itself without end, in small masks too: a pixel is visited again from its own neighbours. "
        "{detail}",
        "From pixel A you go to its neighbour B. What keeps the visit of B from going back to A? When is a pixel "
        "marked as visited: before its neighbours are visited, or after?",
    ),
    # where
    "corners-mishandled": (
        "It is right but where regions touch at corners.",
        "Draw two pixels that touch at a corner: one region or two, with connectivity 4 and with 8?",
    ),
    "connectivity-mishandled": (
        "It is right with one of the two connectivities only.",
        "Which steps lead to the neighbours with 4, which with 8? Follow both through the example.",
    ),
    "winding-regions-mishandled": (
        "It is right but for winding regions: a spiral, a comb, the letter U.",
        "Where do two parts of such a region meet for the first time when it is read row by row? What happens there?",
    ),
    "large-regions-mishandled": (
        "It is right but for a region of more than a thousand pixels.",
        "What in your code depends on how many pixels a region has?",
    ),
    "many-regions-mishandled": (
        "It is right but where there are more than 255 regions.",
        "Which dtype has the array of labels?",
    ),
    "empty-mask-mishandled": (
        "It is right but for a mask without a region.",
        "What are the labels, and what is the count, when nothing is foreground?",
    ),
    "other-numbers-mishandled": (
        "It is right for masks of 0 and 1 and wrong for others: everything that is not 0 is foreground.",
        "With what does your code compare the mask?",
    ),
    "borders-mishandled": (
        "It is right but where regions lie at opposite borders.",
        "What is row -1 of an array in Python? Does your code test whether a neighbour lies in the mask?",
    ),
}
"""Cause: (what it suggests, hint)."""
