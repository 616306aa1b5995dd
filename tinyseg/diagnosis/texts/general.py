"""What the causes that any operation can have suggest, and hints: questions to ask, not the line to write."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # how the functions behave
    "exception": (
        "{function} stops with an exception. {detail}",
        "Run it alone with the configuration below and look at the line that raises: which shapes, keys and types are "
        "there?",
    ),
    "wrong-return": (
        "The contract is not kept: {detail}.",
        "Compare every return with the contract: how many results, of which kind, and in which order?",
    ),
    "complex-numbers": (
        "{thing} holds complex numbers ({detail}); real ones are right.",
        "What makes complex numbers of real ones: an inverse Fourier transform, a root or a power of a negative "
        "number? Which part of them is asked for?",
    ),
    "result-missing": (
        "{thing} is None: nothing was returned for it.",
        "Is there a return on every way through the function, and is each gradient in it?",
    ),
    "results-in-wrong-order": (
        "The results of {function} are right but handed back in another order: {detail}.",
        "In which order does the contract name them? Gradients come in the order in which forward takes the arrays.",
    ),
    "precision-lost": (
        "{thing} is right, but of few digits: {detail}.",
        "Is there an astype, an array made with a fixed dtype, a rounding, or a difference of large numbers between "
        "input and output?",
    ),
    "input-changed": (
        "{function} changes {thing}. That is the caller's memory: whoever uses it afterwards gets other numbers.",
        "Which statement writes into an array that came in? `a += b` and `a[...] = b` write into a; `a = a + b` does "
        "not. A reshape or a slice is the same memory.",
    ),
    "cache-changed": (
        "A second backward with the same cache gives something else: backward changes what forward kept.",
        "Which statement in backward writes into something from the cache?",
    ),
    "state-kept-between-calls": (
        "The result depends on earlier calls: something is kept outside the arguments and the cache.",
        "Is there a global, an attribute, a default argument that is a list or an array, or an accumulator that is "
        "not cleared?",
    ),
    "uninitialised-memory": (
        "Numbers are read from memory that was never written (np.empty): now and then they happen to be zeros.",
        "What is in an array from np.empty before you add to it? Is every entry written?",
    ),
    "overflow": (
        "With large numbers the result overflows or loses everything, although the right result is an ordinary number.",
        "How large is exp(1000)? Which rearrangement leaves the result as it is and keeps all exponents at or below 0?",
    ),
    "not-finite": (
        "{thing} has NaN or infinity where the right result is finite.",
        "Which division can be by 0, which logarithm of 0, which root of a negative number?",
    ),
    "wrong-shape": (
        "{thing} has another shape than it should, and none of the known mistakes gives this shape.",
        "Write the expected shape beside each statement and find the first that differs.",
    ),
    "image-not-square-mishandled": (
        "It is right for square images and wrong for others; none of the known mistakes gives exactly these numbers.",
        "Take an image of 3x4: where in your code should a 3 stand, and where a 4?",
    ),
    "empty-slice": (
        "{thing} comes out empty: a slice like a[p:-p] has no entries when p is 0.",
        "What does a[0:-0] give? How can the end be written so that it works for 0 too?",
    ),
    # generic
    "wrong-factor": (
        "{thing} is the right result times {detail}.",
        "Over what is summed or averaged, and how many terms are there? Which of them does the derivative of a mean "
        "keep?",
    ),
    "sign-flipped": (
        "{thing} has the wrong sign.",
        "Change one input a little: does the loss go up or down?",
    ),
    "multiplied-as-well": (
        "What comes of it is multiplied by {detail}.",
        "Over what is summed or averaged, and how many terms are there? Is something divided twice, or not at all?",
    ),
    "sign-turned-as-well": (
        "What comes of it has its sign turned.",
        "Change one input a little: does the loss go up or down?",
    ),
    "sign-lost": (
        "{thing} has lost its signs.",
        "Where does an absolute value or a square come in?",
    ),
    "all-zero": (
        "{thing} is all zeros.",
        "Is the result written into the array that is returned?",
    ),
    "all-ones": (
        "{thing} is all ones.",
        "Is the upstream gradient used?",
    ),
    "squared": (
        "{thing} is squared.",
        "Is a factor used twice?",
    ),
    "square-root-missing": (
        "{thing} is squared.",
        "Is a root missing, or a factor used twice?",
    ),
    "negative-part-lost": (
        "{thing} is right where it is positive and 0 where it should be negative.",
        "Where is something cut off at 0?",
    ),
    "positive-part-lost": (
        "{thing} is right where it is negative and 0 where it should be positive.",
        "Which way round is the comparison?",
    ),
    "truncated-to-integers": (
        "The numbers are rounded to integers.",
        "Which dtype has the array that they are written to? Is there a // or an int()?",
    ),
    "offset-by-one": (
        "{thing} is off by 1 everywhere.",
        "Is a 1 added or forgotten?",
    ),
    "inverted": (
        "{thing} is one divided by the right result.",
        "Which way round is the division?",
    ),
    "one-minus": (
        "{thing} is 1 minus the right result.",
        "Is it a similarity or a loss?",
    ),
    "logarithm-missing": (
        "{thing} is exp of the right result.",
        "Is a logarithm missing?",
    ),
    "logarithm-taken": (
        "{thing} is the logarithm of the right result.",
        "Is a logarithm one too many?",
    ),
    "transposed": (
        "{thing} is transposed ({detail}).",
        "Write the shape beside each factor of the product; what does .T do to more than two axes?",
    ),
    "flipped": (
        "{thing} is reversed ({detail}).",
        "Which entry is computed first, and where is it put?",
    ),
    "shifted": (
        "{thing} is shifted {detail}.",
        "Where does the first entry go?",
    ),
    "summed-over-an-axis": (
        "{thing} is summed over {detail}, where each entry has its own.",
        "Which indices does the result have in the formula, and which are summed?",
    ),
    "averaged-over-an-axis": (
        "{thing} is averaged over {detail}, where each entry has its own.",
        "Which indices does the result have in the formula?",
    ),
    "accumulated": (
        "{thing} is a running sum {detail}.",
        "Is an accumulator cleared at the start of each round?",
    ),
    "one-entry-for-all": (
        "All entries {detail} are the same one.",
        "Is an index constant that should run?",
    ),
    "summed-to-a-scalar": (
        "{thing} is one number, the sum of what was expected.",
        "What shape should it have?",
    ),
    "averaged-to-a-scalar": (
        "{thing} is one number, the mean of what was expected.",
        "What shape should it have?",
    ),
    "extra-axis": (
        "{thing} has an axis of length 1 too many.",
        "Where does keepdims or a new axis come in?",
    ),
    "right-numbers-in-another-shape": (
        "{thing} holds the right numbers in another shape ({detail}).",
        "Which shape has the array that this is the gradient of?",
    ),
    "padding-where-none-was-asked": (
        "The image is padded although padding='valid' was asked for ({detail}).",
        "How many outputs does an image of 3x3 have under a window of 3x3 without padding?",
    ),
    "flattened": (
        "{thing} is flattened.",
        "What shape did the input have?",
    ),
    "layout-not-restored": (
        "{thing} has its axes in another order ({detail}).",
        "Channels come last, in what goes in and in what comes out.",
    ),
    "reshaped-instead-of-transposed": (
        "An array is read in another order: reshape where axes had to be exchanged, or the other way round.",
        "reshape never moves a number in memory. Take an array of shape (2, 3) and compare a.reshape(3, 2) with a.T.",
    ),
    "upstream-ignored": (
        "dy is not used: the result is what an upstream gradient of ones gives.",
        "How does the loss depend on y? The chain rule has two factors.",
    ),
    "upstream-summed": (
        "The sum of dy is used in place of each of its entries.",
        "Which entry of dy belongs to which entry of the result?",
    ),
    "upstream-averaged": (
        "The mean of dy is used in place of each of its entries.",
        "Which entry of dy belongs to which entry of the result?",
    ),
    "upstream-squared": (
        "dy enters twice.",
        "Is dy multiplied in more than once?",
    ),
    "upstream-sign-lost": (
        "The sign of dy is lost.",
        "Where does an absolute value come in?",
    ),
    "upstream-cut-off-at-zero": (
        "Negative entries of dy are treated as 0, as if a ReLU belonged to it.",
        "Does the sign of dy matter anywhere?",
    ),
    "upstream-sign-only": (
        "Only the sign of dy is used.",
        "Is there a comparison where a product should be?",
    ),
    "input-sign-lost": (
        "The signs of an array are lost before it is used ({detail}).",
        "Where does an absolute value, a square or a root come in?",
    ),
    "input-squared": (
        "An array is squared before it is used ({detail}).",
        "Is the array multiplied in twice?",
    ),
    "input-cut-off-at-zero": (
        "The negative numbers of an array count as 0 ({detail}).",
        "Does a ReLU or a maximum with 0 come in before its turn?",
    ),
    "input-centred": (
        "A mean is subtracted from an array before it is used ({detail}).",
        "Which line takes a mean? Is there a mean in the definition?",
    ),
    "input-normalised": (
        "An array is divided by its length before it is used ({detail}).",
        "Which line divides by a norm? Is there one in the definition?",
    ),
    "bias-scaled": (
        "What is added at the end is multiplied by a number first ({detail}); the rest is right.",
        "In which loops does the line stand that adds it, and how often is it reached? Is it divided by something?",
    ),
    "batch-mishandled": (
        "It is right for one image and wrong for several.",
        "What is shared between the images that should not be, or counted once that should be counted for each?",
    ),
    "channels-mishandled": (
        "It is right for one channel and wrong for several.",
        "Which sums run over channels, and which do not?",
    ),
    "filters-mishandled": (
        "It is right for one filter and wrong for several.",
        "Which sums run over filters, and which do not?",
    ),
    "ties-mishandled": (
        "It is right for distinct numbers and wrong when several are equal.",
        "Two equal numbers are the largest of a window: which of them gets dy? The rule here: the first.",
    ),
    "zeros-mishandled": (
        "It is right but where inputs are exactly 0.",
        "What happens at 0: < or <=?",
    ),
    "float32-mishandled": (
        "It is right in float64 and wrong in float32.",
        "Which step loses digits, or assumes a dtype or the size of a number in memory?",
    ),
    "memory-layout-assumed": (
        "It is right for contiguous arrays only: strides or memory order are assumed.",
        "Where do bytes and strides of an array come in? x.strides is the truth; a computed stride is a guess.",
    ),
    "unknown": (
        "No single slip of those that are known gives these numbers, so that only the place can be named.",
        "Take the example below and follow the first wrong number by hand.",
    ),
    "clipped": (
        "{thing} is cut off ({detail}).",
        "Is there a clip, a minimum or a maximum? Which limits does the definition of this operation have?",
    ),
    "scaled-to-unit-length": (
        "{thing} has the right direction and another length: it is divided by its length or its largest magnitude "
        "({detail}).",
        "Which line divides by a norm or a maximum? Is anything of that kind in the definition?",
    ),
    "mean-subtracted": (
        "A mean is subtracted from {thing} ({detail}).",
        "Which line takes a mean? Should {thing} have a mean of 0?",
    ),
    "label-dtype-overflows": (
        "Something that is counted or computed with the labels does not fit into 8 bits.",
        "What does np.array([200], np.uint8) * 2 give? Which calculation with the labels can leave the range from 0 "
        "to 255?",
    ),
    "result-overwritten-later": (
        "{thing} changes after it was returned: the next call writes into the same memory.",
        "Is an array made once and used in every call (a global, an attribute, a buffer)? Who still holds it when the "
        "next call begins?",
    ),
    "stride-one-off": (
        "The step from one window to the next is one position too long or too short ({detail}).",
        "With stride 2, at which positions do outputs 0, 1 and 2 begin? Write down three of yours beside them.",
    ),
    "border-windows-moved": (
        "A window that reaches beyond the border is pushed back into the image, so that it meets other pixels than it "
        "should ({detail}).",
        "A window of 3 begins one position before the image. Which pixels should it meet, and which does it meet "
        "after the index was cut off?",
    ),
    "output-size-rounded-down": (
        "The number of outputs is the image's size divided by the stride, rounded down.",
        "How many outputs does 'same' give for 5 pixels and stride 2? And where does the window's size come in for "
        "'valid'?",
    ),
    "output-size-ignores-the-window": (
        "The number of outputs comes from image and stride alone, as for 'same', whatever the padding is.",
        "5 pixels, a window of 3, stride 1, 'valid': at how many places does the window fit?",
    ),
    "product-scaled": (
        "{thing} is the right result, but all except what is added at the end is multiplied by {detail}.",
        "Over what is summed or averaged before the last term comes in, and how many terms are there?",
    ),
    "extra-term": (
        "{thing} is the right result plus {detail}.",
        "Which line brings this array in once more, and is there such a term in the definition?",
    ),
    "tiny-numbers-mishandled": (
        "It is right for ordinary numbers and wrong for tiny ones (about 1e-7).",
        "Is there a tolerance, a rounding, or a small constant that is added? How large is it beside the numbers?",
    ),
    "dilation-in-the-place-of-the-stride": (
        "The dilation rate stands where the stride should.",
        "Which of the two multiplies the output's index? Try strides=(2, 2) with dilation_rate=(1, 1).",
    ),
    "stride-in-the-place-of-the-dilation": (
        "The stride stands where the dilation rate should.",
        "Which of the two multiplies the tap's index? Try strides=(2, 2) with dilation_rate=(1, 1).",
    ),
    "rounded": (
        "{thing} is rounded ({detail}).",
        "Is there a round, or a text that numbers go through?",
    ),
    "zeros-removed": (
        "{thing} holds the numbers other than 0 alone, without their places.",
        "What shape does a[mask] have, and what shape has a where the mask is applied by a product?",
    ),
    "mean-missing": (
        "{thing} has one number per class; their mean is missing.",
        "What does the contract return?",
    ),
    "dilation-added-instead-of-multiplied": (
        "The dilation moves all taps alike; they should be further apart.",
        "Where do taps 0, 1 and 2 lie with dilation 2?",
    ),
    "explicit-padding-misread": (
        "The pairs of explicit padding are read in another order than (top, bottom), (left, right).",
        "padding=((1, 0), (2, 1)): how many rows and how many columns are added?",
    ),
}
"""Cause: (what it suggests, hint).

{thing} is the output, {function} the function, {detail} what is known beyond the cause.
"""
