"""Causes and hints of dense."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "bias-missing": (
        "The bias does not reach {thing}.",
        "What should y be when all of x is 0?",
    ),
    "bias-subtracted": (
        "The bias is subtracted.",
        "What should y be when all of x is 0?",
    ),
    "bias-one-for-all": (
        "All units get the same bias (that of the first unit, or the sum of all).",
        "How many biases are there, and which axis of y do they belong to?",
    ),
    "bias-along-the-wrong-axis": (
        "The bias runs along the batch: each sample gets one of its numbers, where each unit should.",
        "Does a number of the bias belong to a sample or to a unit? Take two samples and three units and write the "
        "shape of the bias beside that of y.",
    ),
    "bias-summed-over-wrong-axes": (
        "dbias is a sum of dy over the wrong axes ({detail}).",
        "Which entries of y contain the bias of unit 0? The same entries of dy belong into its gradient, and only "
        "those.",
    ),
    "bias-not-summed": (
        "dbias is dy itself.",
        "In how many samples is one bias used, and what shape does bias have?",
    ),
    "bias-gradient-of-one-part": (
        "dbias counts only a part of dy ({detail}).",
        "Which samples use the bias of unit 0?",
    ),
    "bias-gradient-averaged": (
        "dbias is the mean of dy over the samples.",
        "When one bias grows by 0.01, how many entries of y change? Do their effects on the loss add up or average?",
    ),
    "bias-in-the-gradient": (
        "The bias is added to {thing}.",
        "By how much does y change when one entry of x grows by 0.01? Does the answer depend on the bias?",
    ),
    "kernel-not-transposed": (
        "dx is dy times the kernel as it stands, so that each sum runs over the wrong axis of the kernel.",
        "Write the shapes of dy, of the kernel and of dx beside each other, with D and F different. Over which index "
        "does the sum for one entry of dx run?",
    ),
    "kernel-transposed": (
        "In the forward the kernel is transposed; this works only where it is square.",
        "Which axis of the kernel is D, which is F? Try D = 3 and F = 2.",
    ),
    "kernel-decay-added": (
        "The kernel itself is added to dkernel, as weight decay does.",
        "Set dy to 0: what should dkernel be? Which term is left?",
    ),
    "product-elementwise": (
        "x and the kernel are multiplied entry by entry, which works only where their shapes happen to fit.",
        "Work out y by hand for x = [[1, 2]], kernel = [[3], [4]] and bias = [0]: how many products are in it?",
    ),
    "activation-built-in": (
        "An activation function is built in (a ReLU, a sigmoid or tanh); this operation is the linear part alone.",
        "What should y be for x = [[-2]], kernel = [[1]] and bias = [0]? In backward: does it matter which sign y had?",
    ),
    "wrong-array-used": (
        "{thing} is made of the wrong array ({detail}).",
        "y = x * k for single numbers: which of them does the derivative by x contain, and which the derivative by k? "
        "What does the chain rule multiply it by?",
    ),
    "bias-inside-the-product": (
        "The bias is added to the kernel before the product is taken, so that it is multiplied as well.",
        "What should y be when all of x is 0? Which is worked out first, the sum or the product?",
    ),
    "product-of-sums": (
        "{thing} is a product of two sums, where a sum of products should stand.",
        "Is the sum of products the product of sums? Try [1, -1] and [1, -1].",
    ),
    "mask-of-the-input": (
        "dx is set to 0 wherever x is negative, as if a ReLU came before.",
        "By how much does y change when x = -2 grows by 0.01? Whose backward has a mask?",
    ),
}
"""Cause: (what it suggests, hint)."""
