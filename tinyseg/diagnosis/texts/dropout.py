"""Causes and hints of dropout."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # scale
    "not-scaled": (
        "What is kept is not scaled up in {thing}.",
        "Take 1000 ones and rate 0.5: how many are left, and what is the mean of y? What should it be, so that the "
        "next layer sees the same size as without dropout?",
    ),
    "scaled-by-the-rate": (
        "The scale is made of the rate ({detail}) where the share that is kept belongs.",
        "With rate 0.2, which share is left, and how much larger must it become so that the mean stays? What does "
        "your scale do at rate 0?",
    ),
    "scaled-the-wrong-way": (
        "What is kept is made smaller where it should be made larger.",
        "Take 1000 ones and rate 0.2: 800 are left. Which value must each have so that the mean stays 1?",
    ),
    "scaled-twice": (
        "What is kept is scaled up twice in {thing}.",
        "Take 1000 ones and rate 0.5: what is the mean of y? Is the scale in the mask and in the result?",
    ),
    "scaled-by-the-root": (
        "What is kept is scaled by a root.",
        "Take 1000 ones and rate 0.75: 250 are left. Which value must each have so that the mean stays 1?",
    ),
    "scaled-as-for-another-rate": (
        "The scale is that of a fixed rate ({detail}), whatever the rate is.",
        "Try rate 0.2 and rate 0.8: does your scale change? Is there a number where the argument should stand?",
    ),
    "scaled-by-what-was-kept": (
        "The scale is made of the share that happened to be kept in this draw.",
        "Is the scale a function of the rate, or of the draw? What is it when by chance nothing is kept?",
    ),
    "one-plus": (
        "What is kept is divided by 1 + rate.",
        "Take 1000 ones and rate 0.5: 500 are left. Does yours make them larger or smaller?",
    ),
    # mask
    "nothing-dropped": (
        "Nothing is dropped, although the rate is above 0.",
        "Which values do your random numbers take, and how many of them lie below the rate? Is the mask used at all?",
    ),
    "noise-instead-of-mask": (
        "Nothing is dropped: each number is multiplied by a random number of its own.",
        "How many different values may a number of y have, for one x and one rate? What does a comparison make of a "
        "random number?",
    ),
    "wrong-share-dropped": (
        "The share that is dropped is not the rate: {detail}.",
        "Which distribution do your random numbers come from? What share of them lies below the rate?",
    ),
    "mask-inverted": (
        "Kept and dropped have changed places in {thing} ({detail}).",
        "With rate 0.2, how often is a uniform random number below the rate? Does True in your mask mean kept or "
        "dropped, and is it the same in forward and backward?",
    ),
    "mask-shared": (
        "The mask is the same for all entries {detail}: they are dropped together.",
        "How many random numbers are needed for x of shape (4, 5), and what is the shape of your mask?",
    ),
    "mask-missing": (
        "The mask is missing in {thing} ({detail}).",
        "Does a number that was dropped influence the loss? What is its gradient?",
    ),
    "mask-of-one-for-all": (
        "dx uses one part of the mask for all entries {detail}.",
        "Which shape has the mask in forward, and which has it where backward uses it? Is there an index that is "
        "always 0?",
    ),
    "mask-drawn-anew": (
        "dx is masked, but not with the mask of y: backward has another one.",
        "Which numbers influenced y in this call? From where does backward know them?",
    ),
    "mask-read-off-the-result": (
        "dx is 0 wherever x was 0: the mask seems to be read off y or x.",
        "If y is 0 somewhere, was the number dropped, or was x 0 before? What does forward know that y does not show?",
    ),
    "mask-not-reproducible": (
        "Two calls with the same seed have different masks.",
        "Which generator draws the mask, and what is its state at the start of a call?",
    ),
    "seed-ignored": (
        "Different seeds give the same mask.",
        "Does the argument seed reach the generator, or does a constant stand in its place?",
    ),
    "zeros-mishandled": (
        "It is right but where x is exactly 0.",
        "If y is 0 somewhere, was the number dropped, or was x 0 before? From where does backward know which?",
    ),
    # what is masked
    "only-ones": (
        "{thing} consists of the mask alone ({detail}): the numbers that should pass are not in it.",
        "What should y be at rate 0? Which array should pass through the mask in forward, and which in backward?",
    ),
    "multiplied-by-the-value": (
        "dx contains the value of x or y as a factor.",
        "When one x that was kept grows by 0.01, by how much does its y grow? Does that depend on the value of x?",
    ),
    "dropped-not-zero": (
        "What is dropped does not become 0: something else takes its place.",
        "Which number should stand where something was dropped? Print x and y side by side.",
    ),
}
"""Cause: (what it suggests, hint)."""
