"""Causes and hints of augmentation."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # together
    "mask-not-changed": (
        "The mask is not changed {detail}, the image is: they no longer fit together.",
        "Take a pixel of the image and its class. Where does the pixel go, and where does its class?",
    ),
    "image-not-changed": (
        "The image is not changed {detail}.",
        "Take a pixel of the mask and its place in the image. Do both go to the same place?",
    ),
    "step-missing": (
        "A step is missing: {detail}.",
        "Which of the arguments does your function never use?",
    ),
    "steps-in-another-order": (
        "The steps are done in another order ({detail}).",
        "Mirror an L and turn it, then turn it and mirror it: is it the same? In which order are the steps asked for?",
    ),
    # flip and turns
    "flipped-upside-down": (
        "The flip exchanges top and bottom ({detail}); asked for is left and right.",
        "Which axis of the array are the columns?",
    ),
    "flip-not-as-asked": (
        "It is mirrored {detail}; it should be mirrored only where flip is True.",
        "Where does your function use `flip`? What does it do when it is False?",
    ),
    "mask-flipped-upside-down": (
        "The flip exchanges top and bottom of the mask, and left and right of the image.",
        "Which axis of the mask are the columns?",
    ),
    "turned-the-other-way": (
        "The quarter turns go with the clock; they should go against it.",
        "Where does the upper right corner go in a quarter turn against the clock?",
    ),
    "mask-turned-the-other-way": (
        "The mask is turned with the clock, the image against it.",
        "Where does the upper right corner of both go in a quarter turn?",
    ),
    "turned-once-at-most": (
        "One quarter turn is made, however many are asked for.",
        "How many quarter turns are turns=3?",
    ),
    "turned-by-half-turns": (
        "Each turn is a half turn.",
        "Which shape has an image of 2x3 after one quarter turn?",
    ),
    # crop
    "crop-read-wrongly": (
        "The four numbers of the crop are read in another way than (top, left, height, width): {detail}.",
        "crop=(1, 2, 3, 4): which is the first row, which the last one, and how many columns are there?",
    ),
    # shift and zoom
    "shifted-the-other-way": (
        "The shift goes in the opposite direction ({detail}).",
        "With shift=(1, 0) the image moves down by one row. From which row of the old image comes row 1 of the new "
        "one?",
    ),
    "mask-shifted-the-other-way": (
        "The mask is shifted in the opposite direction of the image.",
        "From which row of the old mask comes row 1 of the new one, and from which row of the old image that of the "
        "new?",
    ),
    "shift-swapped": (
        "The two numbers of the shift have changed places: the first one is for the rows.",
        "With shift=(1, 0), does the image move down or to the right?",
    ),
    "shift-rounded": (
        "The shift is rounded to whole pixels ({detail}).",
        "A row of [0, 4, 8] with a shift of 0.25 to the right: which number belongs to the middle?",
    ),
    "mask-shift-rounded": (
        "The shift of the mask is rounded to whole pixels by itself ({detail}), before the nearest pixel is looked "
        "for.",
        "Which is rounded: the shift, or the place that a pixel is taken from? Both differ when there is a zoom as "
        "well.",
    ),
    "shift-and-zoom-in-another-order": (
        "Shift and zoom are put together in another way ({detail}).",
        "Write down the formula for the row that a pixel is taken from. What is divided by the zoom, and what is not?",
    ),
    "zoomed-the-other-way": (
        "The zoom is turned round: zoom=2 makes things smaller.",
        "With zoom=2 everything is twice as large. How far from the middle lies the place that the border pixel is "
        "taken from?",
    ),
    "mask-zoomed-the-other-way": (
        "The zoom of the mask is turned round: what grows in the image shrinks in the mask.",
        "How far from the middle lies the place that a border pixel of the mask is taken from, with zoom=2?",
    ),
    "zoomed-about-another-point": (
        "The zoom leaves another point where it is than the middle of the image: {detail}.",
        "Five pixels have the numbers 0 to 4. Which number has their middle? And for four pixels, 0 to 3?",
    ),
    # interpolation
    "image-not-interpolated": (
        "The image is not interpolated: each pixel is a copy of one other ({detail}).",
        "A row of [0, 4, 8] with a shift of 0.25 to the right: which number belongs to the middle?",
    ),
    "interpolation-weights-exchanged": (
        "The weights of the interpolation have changed places: the pixel that is further away counts more.",
        "A place lies at 1.25, between pixels 1 and 2. Which of them is nearer, and what is its weight?",
    ),
    "interpolated-along-one-axis-only": (
        "The image is interpolated along one axis only ({detail}).",
        "How many pixels lie around a place that is between rows and between columns?",
    ),
    "mask-interpolated": (
        "The mask is interpolated like the image ({detail}): between classes 1 and 3 there appears class 2.",
        "Is there a class between two classes? From which single pixel should a class be taken?",
    ),
    "mask-from-the-wrong-pixel": (
        "The mask is not taken from the nearest pixel ({detail}).",
        "A place lies at 1.75. Which pixel is the nearest, and which one does your rounding give?",
    ),
    # outside
    "void-not-used": (
        "The label `void` is not used as it is given: {detail}.",
        "Which class should a pixel have that shows nothing of the image?",
    ),
    "image-filled-with-void": (
        "Places outside are filled with `void` in the image too; they should be 0 there.",
        "What is `void`: a grey level, or the number of a class?",
    ),
    "outside-not-filled": (
        "Places outside of the image are not filled: {detail}.",
        "A row of three pixels is shifted to the right by one. What should the first pixel be, in the image and in the "
        "mask?",
    ),
    "outside-begins-later": (
        "The outside begins further out than it should ({detail}).",
        "A place lies at -0.25, before the first pixel. Is it between 0 and H - 1?",
    ),
    "outside-at-one-end-only": (
        "Places outside are found at one end of the axes only: {detail}.",
        "A place lies before the first row, and another behind the last one. Which comparisons find the two?",
    ),
    # colours
    "colours-of-the-mask": (
        "Contrast and brightness are applied to the mask as well.",
        "What would class 2 become with a contrast of 1.5?",
    ),
    "colours-not-changed": (
        "Neither contrast nor brightness is applied.",
        "Which of the arguments does your function never use?",
    ),
    "contrast-ignored": (
        "The contrast is not applied.",
        "Which of the arguments does your function never use?",
    ),
    "brightness-ignored": (
        "The brightness is not applied.",
        "Which of the arguments does your function never use?",
    ),
    "brightness-subtracted": (
        "The brightness is subtracted.",
        "Should a positive brightness make the image brighter?",
    ),
    "contrast-divides": (
        "The image is divided by the contrast.",
        "Should a contrast of 2 make differences larger?",
    ),
    "brightness-before-contrast": (
        "The brightness is added before the contrast is applied, and so is multiplied too.",
        "A pixel of 3 with contrast 2 and brightness 1: is the result 7 or 8?",
    ),
    "contrast-around-the-mean": (
        "The contrast spreads the numbers around their mean; asked for is a product.",
        "A pixel of 3 with contrast 2 and brightness 0: what should it become?",
    ),
    "colours-clipped": (
        "The image is cut off at the ends of a range ({detail}).",
        "Which range does the definition have?",
    ),
    "colours-not-where-filled": (
        "Pixels that were filled with 0 are left out of the change of colours ({detail}).",
        "In which order are the steps asked for? What is 0 * contrast + brightness?",
    ),
    # where
    "crop-mishandled": (
        "It is right but where there is a crop.",
        "crop=(1, 2, 3, 4): which is the first row, which the last one, and how many columns are there?",
    ),
    "flip-mishandled": (
        "It is right but where there is a flip.",
        "Which axis is mirrored, and is it the same for image and mask?",
    ),
    "turns-mishandled": (
        "It is right but where there are quarter turns.",
        "Where does the upper right corner go in a quarter turn against the clock? Which shape has the result?",
    ),
    "shift-mishandled": (
        "It is right but where there is a shift.",
        "Write down for each row of the result the row that it is taken from.",
    ),
    "interpolation-mishandled": (
        "It is right but where places lie between pixels.",
        "A place lies at row 1.25 and column 0.5. Which four pixels are around it, and what are their weights?",
    ),
    "zoom-mishandled": (
        "It is right but where there is a zoom.",
        "Write down for each row of the result the row that it is taken from, for 4 rows and zoom=2.",
    ),
    "colours-mishandled": (
        "It is right but where colours are changed.",
        "A pixel of 3 with contrast 2 and brightness 1: what should it become, and what does it become?",
    ),
}
"""Cause: (what it suggests, hint)."""
