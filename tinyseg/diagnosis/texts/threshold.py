"""Causes and hints of threshold."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # comparison
    "equal-counts-as-brighter": (
        "Pixels that equal t count as brighter than t.",
        "The pixels 99, 100 and 101 with t = 100: which of them are above t? Is 100 > 100?",
    ),
    "equal-in-no-mask": (
        "With invert=True pixels that equal t are False, as they are without it: they are in neither mask.",
        "What is the opposite of x > 100: x < 100, or something else? Where does the pixel 100 belong?",
    ),
    "equal-in-both-masks": (
        "Pixels that equal t are True with invert=True and without it: they are in both masks.",
        "Every pixel belongs to just one of the two masks. To which one does a pixel of 100 belong when t is 100?",
    ),
    "darker-instead-of-brighter": (
        "The darker pixels are marked where the brighter ones are asked for.",
        "Take a pixel of 200 and t = 100. What should its entry be, and what is it in your mask?",
    ),
    "invert-ignored": (
        "The result is the same with invert=True and without it ({detail}).",
        "Where does your function use `invert`, and what does it return when it is True?",
    ),
    "always-inverted": (
        "The result is what invert=True asks for, also without it ({detail}).",
        "Where does your function use `invert`, and what does it return when it is False?",
    ),
    "default-inverted": (
        "Called without `invert`, the function gives the inverted mask.",
        "Which value has `invert` when nobody gives it? Where does your function say so?",
    ),
    "default-mishandled": (
        "It is right wherever `invert` is given, and wrong where it is left to its default.",
        "Which value has `invert` when nobody gives it? Where does your function say so?",
    ),
    "equality-tested": (
        "Pixels are compared with t for being equal ({detail}).",
        "How many pixels of a photograph are exactly 100? Which comparison asks for 'brighter than'?",
    ),
    "image-inverted-instead-of-the-mask": (
        "With invert=True the image is turned round and then compared ({detail}); asked for are the pixels that are "
        "not above t.",
        "The pixel 50 with t = 100 and invert=True: what should its entry be? What is 255 - 50, and is it above 100?",
    ),
    "threshold-inverted-instead-of-the-mask": (
        "With invert=True another threshold is used ({detail}); asked for are the pixels that are not above t.",
        "The pixel 120 with t = 100 and invert=True: what should its entry be, and what does your comparison say?",
    ),
    "bits-inverted": (
        "With invert=True the mask holds other numbers than 0 and 1 ({detail}).",
        "What do ~1 and ~0 give for integers, and what does ~ give for True and False?",
    ),
    "mask-made-negative": (
        "With invert=True the mask has a minus sign, where True and False should change places.",
        "What is minus 0, and is it the opposite of False?",
    ),
    # threshold
    "threshold-rounded": (
        "t is rounded to a whole number ({detail}).",
        "Is a pixel of 0.3 above t = 0.5? And above the number that your comparison uses?",
    ),
    "threshold-wraps-around": (
        "t is squeezed into 8 bits, where 300 becomes 44 and -1 becomes 255 ({detail}).",
        "Into which type is t turned, and which numbers can this type hold?",
    ),
    "threshold-cut-to-the-range": (
        "t is cut off at the ends of a range ({detail}).",
        "How many pixels of uint8 are above 300, and how many above -1? What does your function say to these?",
    ),
    "threshold-made-positive": (
        "A negative t is replaced by another number ({detail}).",
        "The pixel -0.1 with t = -0.25: is it above t?",
    ),
    "fixed-threshold": (
        "A fixed number stands in the place of t ({detail}).",
        "Call the function with t = 10 and with t = 200: does the result change?",
    ),
    "threshold-from-the-image": (
        "The threshold is computed from the image ({detail}); the one that is given is not used.",
        "Call the function with t = 10 and with t = 200: does the result change?",
    ),
    "scales-differ": (
        "The pixels and t are not on one scale when they are compared ({detail}).",
        "Is a pixel of 120 above t = 100? Which two numbers does your function compare then?",
    ),
    "threshold-as-a-share": (
        "t is taken for a share ({detail}); it is a number like those of the pixels.",
        "With which number is a pixel compared when t is 100? Write it down for your function.",
    ),
    "threshold-one-off": (
        "The threshold is off by one ({detail}).",
        "Take three pixels: t - 1, t and t + 1. Which of them are above t, which are True in your mask?",
    ),
    # image
    "image-rounded": (
        "The pixels are rounded to whole numbers before they are compared ({detail}).",
        "What becomes of a pixel of 0.7 when it is turned into an integer? Is 0.7 above 0.5?",
    ),
    "image-scaled-first": (
        "The pixels are scaled before they are compared ({detail}); t is meant for the pixels as they are.",
        "Is a pixel of 120 above t = 100? What number has it become when your function compares it?",
    ),
    "sign-of-the-pixels-lost": (
        "Negative pixels are changed before they are compared ({detail}).",
        "Is -0.6 above t = 0.5? What does your function compare?",
    ),
    "difference-wraps-around": (
        "A difference is taken in 8 bits, which have no negative numbers: 50 - 100 becomes 206, which is above 0.",
        "What does np.array([50], np.uint8) - np.array([100], np.uint8) give? Is a subtraction needed at all?",
    ),
    "channels-decided-together": (
        "One decision is made for all channels of a pixel ({detail}); each number of the image has its own.",
        "A pixel of (200, 10, 10) with t = 100: which three entries has it in the mask?",
    ),
    "channels-put-together": (
        "The mask has no axis for the channels; they are put together ({detail}).",
        "What shape has the image, and what shape should the mask have?",
    ),
    "only-the-first-channel": (
        "Only the first channel is compared; the entries of the others are as if no pixel were above t.",
        "Over which indices do your loops run? How many numbers has a pixel of a colour image?",
    ),
    "border-left-out": (
        "The pixels of the border are not compared.",
        "Where do your loops begin and end? range(1, n - 1) leaves out 0 and n - 1.",
    ),
    "last-row-and-column-left-out": (
        "The pixels of the last row and of the last column are not compared.",
        "Where do your loops end? range(n) gives 0 to n - 1.",
    ),
    "whole-rows-decided": (
        "One decision is made for a whole row ({detail}).",
        "How many numbers does your comparison look at when it decides about one pixel?",
    ),
    # result
    "mask-of-255": (
        "The mask holds 0 and 255 where True and False (or 0 and 1) are asked for ({detail}).",
        "How many bright pixels does mask.sum() find in your mask?",
    ),
    "mask-of-plus-and-minus-one": (
        "The mask holds -1 where it should hold False (or 0).",
        "What does `if -1:` do in Python? What should a pixel that is not marked be?",
    ),
    "image-instead-of-mask": (
        "An image is returned, in which marked pixels or the others keep their numbers ({detail}); asked for is only "
        "which pixels are marked.",
        "Which two numbers can a mask hold?",
    ),
    "pixels-picked-out": (
        "The bright pixels themselves are returned, without their places.",
        "What shape does image[mask] have? Which shape should the result have?",
    ),
    "places-instead-of-mask": (
        "The places of the bright pixels are returned ({detail}), not a mask.",
        "Which shape should the result have? Which step turns a mask into a list of places, and is it needed?",
    ),
    "pixels-counted": (
        "One number for the whole image is returned ({detail}), not an answer for each pixel.",
        "Which shape should the result have? Which step puts all pixels together?",
    ),
    # where
    "invert-mishandled": (
        "It is right without invert and wrong with invert=True.",
        "Take the pixels 99, 100 and 101 with t = 100. Which of them are True without invert? The others have to be "
        "True with it.",
    ),
    "fraction-mishandled": (
        "It is right for whole numbers t and wrong for others, such as 127.5.",
        "Where does t become an integer?",
    ),
    "threshold-out-of-range-mishandled": (
        "It is right for t from 0 to 255 and wrong for t beyond, where all pixels of uint8 are above t or none is.",
        "What happens to t = 300 and to t = -1 on the way to the comparison?",
    ),
    "negative-numbers-mishandled": (
        "It is right for uint8 and wrong for images of floats, in which there are negative numbers too.",
        "What happens to a pixel of -0.3 on the way to the comparison?",
    ),
    "equal-pixels-mishandled": (
        "It is wrong at pixels that equal t only.",
        "What should the entry of a pixel of 100 be when t is 100, with invert and without?",
    ),
}
"""Cause: (what it suggests, hint)."""
