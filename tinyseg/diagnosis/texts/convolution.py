"""Causes and hints of conv2d, depthwise_conv2d and conv2d_transpose."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # depthwise_conv2d
    "multiplier-order": (
        "The output channels are taken in another order than the contract's: input channel and multiplier have "
        "changed places.",
        "With 3 input channels and a multiplier of 2 there are 6 output channels. Which input channel does number 1 "
        "belong to by the contract, and which in your function?",
    ),
    "bias-of-another-channel": (
        "Output channels get the bias of another one ({detail}).",
        "How many biases are there, and how many output channels? Give bias number k the value k and look at y for an "
        "image of zeros.",
    ),
    "multiplier-not-summed": (
        "{thing} counts only one of the outputs that each input channel has.",
        "With a multiplier of 2, into how many output channels does one input channel go? Does dy come back from each "
        "of them?",
    ),
    "multiplier-averaged": (
        "{thing} is averaged over the outputs that each input channel has.",
        "If one pixel goes into two output channels, do its effects on the loss add up or average?",
    ),
    "channels-summed": (
        "The input's channels are summed before or after the products, and the sum is used in place of each.",
        "Set all channels of x but one to zero: which numbers of {thing} should change, and which do in your function?",
    ),
    # padding, for both directions
    "padding-ignored": (
        "{thing} is computed as if there were no padding (in conv2d_transpose: as if nothing were cut off).",
        "Does the index of a pixel know how many places stand before it that are no part of the image?",
    ),
    "padding-at-the-wrong-end": (
        "Where an odd number of zeros is padded (in conv2d_transpose: of rows or columns cut off), the extra one is "
        "at the wrong end.",
        "4 pixels, a window of 2, 'same': how many zeros are there, and on which side? The same place is cut off on "
        "the way back.",
    ),
    "padding-symmetric": (
        "For 'same', the same number is padded (in conv2d_transpose: cut off) at both ends, whatever size and stride "
        "are.",
        "How many outputs must there be, and how many rows have to be added or cut off for that? Is this number "
        "always even?",
    ),
    "padding-only-before": (
        "All of the padding is before the image (in conv2d_transpose: all that is cut off is cut off at the start).",
        "How is it shared between the two ends?",
    ),
    "padding-only-after": (
        "All of the padding is after the image (in conv2d_transpose: all that is cut off is cut off at the end).",
        "How is it shared between the two ends?",
    ),
    # conv2d_transpose
    "output-one-stride-too-long": (
        "y of padding 'valid' has a stride of rows and of columns too many.",
        "2 pixels, stride 2, a kernel of 3: where does the last stamp begin, and where does it end?",
    ),
    "output-size-ignores-the-stride": (
        "y of padding 'same' is as large as x.",
        "Each pixel of x makes room for how many rows and columns of y?",
    ),
    "bias-only-where-stamped": (
        "The bias is missing at outputs that no stamp of the kernel reaches.",
        "What should y be for an image of zeros, at every output? In which order do stamping and bias come?",
    ),
    "output-size-without-the-gap": (
        "{thing} ends with the last stamp, but the contract has more outputs than that where the stride is larger "
        "than the window.",
        "Write down the contract's number of outputs for 2 pixels, a window of 1 and stride 3, and the last place "
        "that a stamp touches.",
    ),
    "forward-instead-of-transposed": (
        "{thing} is an ordinary convolution of x: windows are read and summed.",
        "What does one single pixel do to y here? With stride 2, should y be larger or smaller than x?",
    ),
    "pixels-repeated-instead-of-spread": (
        "Each pixel is repeated as often as the stride says before the kernel is applied, as an enlargement by "
        "nearest neighbours does.",
        "One pixel of value 1, a kernel of 2x2, stride 2: what is y? How often does the pixel meet each tap?",
    ),
    "transform-not-conjugated": (
        "This is the convolution that a product of Fourier transforms gives: the kernel is turned, and the image goes "
        "on at its other side. What a layer computes needs the conjugate of one of the transforms.",
        "An image of one white pixel: where do the weights appear, and in which order? Which transform is conjugated "
        "in a correlation?",
    ),
    "bias-added-to-the-image": (
        "The bias is added to the image, before the products, and not to y.",
        "What is y for an image of zeros, and does it depend on the kernel?",
    ),
}
"""Cause: (what it suggests, hint)."""
