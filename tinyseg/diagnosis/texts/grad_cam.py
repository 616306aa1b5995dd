"""Causes and hints of grad_cam."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # weights
    "weights-for-all-images": (
        "One weight for each channel is used for all images together.",
        "How many weights are needed for N images and K channels? Over which axes do you take the mean?",
    ),
    "weights-of-the-first-image": (
        "The weights of the first image are used for all of them.",
        "Which index of the image axis do your weights have?",
    ),
    "gradients-not-averaged": (
        "Each place is weighted by its own gradient; the mean over the places is missing.",
        "How many weights has a channel of one image? What does the formula do with the gradients of one channel?",
    ),
    "weights-over-the-wrong-axes": (
        "The mean of the gradients is taken over the wrong axes ({detail}).",
        "Write down the shape of the gradients, (N, h, w, K), and that of the weights. Which axes are gone?",
    ),
    "gradients-ignored": (
        "The gradients are not used: {detail}.",
        "How does your function know which class is asked for?",
    ),
    "activations-instead-of-gradients": (
        "The weights are means of the activations.",
        "Of which array is the mean taken in the formula of the weights?",
    ),
    "weights-sign-lost": (
        "The weights have lost their signs ({detail}).",
        "A channel with a negative weight speaks against the class. What does it do in your sum?",
    ),
    "negative-weights-lost": (
        "Channels or gradients that speak against the class are set to 0 before they are weighed ({detail}).",
        "Where in the formula does the relu stand: around the weights, or around the sum?",
    ),
    "largest-gradient-as-weight": (
        "A single gradient of each channel is its weight ({detail}); asked for is the mean over all places.",
        "A channel has the gradients 1, 1, 1 and 5. What is its weight?",
    ),
    "weights-made-to-a-share": (
        "The weights are turned into shares ({detail}), so that none is negative.",
        "Which steps lie between the mean of the gradients and the sum in the formula?",
    ),
    "weights-sign-flipped": (
        "The weights have the wrong sign: the places are shown that speak against the class.",
        "A channel that is active where the class is has positive gradients. Which sign has its weight in your sum?",
    ),
    "weights-by-gradient-and-activation": (
        "The weight of a channel is the mean of gradient times activation.",
        "How often does the activation come into the formula?",
    ),
    "gradients-where-active": (
        "Gradients count only where the activation is positive.",
        "Which places does the mean in the formula run over?",
    ),
    "only-the-largest-channel": (
        "Only the channel with the largest weight is shown.",
        "What does the formula do with the other channels?",
    ),
    # sum
    "relu-missing": (
        "The relu is missing: places that speak against the class are shown as negative numbers.",
        "What is the smallest number that may stand in the result?",
    ),
    "absolute-value-instead-of-relu": (
        "The absolute value is taken where relu is asked for: places that speak against the class are shown too.",
        "What should a place be whose weighted sum is -3?",
    ),
    "relu-before-the-sum": (
        "The relu is taken of each channel, before they are summed.",
        "A place has +2 from one channel and -3 from another. What should it be, and what is it in your result?",
    ),
    "relu-of-the-activations": (
        "The relu is taken of the activations ({detail}).",
        "Around what does the relu stand in the formula?",
    ),
    "largest-instead-of-sum": (
        "One channel takes the place of the sum over the channels ({detail}).",
        "A place has 2 from one channel and 3 from another. What is its weighted sum?",
    ),
    "summed-over-the-wrong-axis": (
        "The weighted activations are summed over {detail}, where the channels should be summed.",
        "Which of the letters N, h, w, K is not in the shape of the map?",
    ),
    "weights-added-to-the-activations": (
        "The weights are added to the activations.",
        "What should a channel of weight 0 do to the sum?",
    ),
    "activations-ignored": (
        "The map is made of the gradients alone ({detail}).",
        "What does a channel show that has a large gradient, but is 0 at a place?",
    ),
    "negative-part-shown": (
        "The places are shown that speak against the class ({detail}).",
        "What should a place be whose weighted sum is +3, and one with -3?",
    ),
    "squared-sum": (
        "The weighted sum is squared ({detail}).",
        "A place has half the sum of the best one. What should it be in the result?",
    ),
    "channels-not-summed": (
        "There is a map for each channel; they are not summed.",
        "Which shape should the result have? Which axis of the activations is not in it?",
    ),
    # scale
    "not-normalised": (
        "The map is not divided by its largest number ({detail}).",
        "What is the largest number of each image in your result, and what should it be?",
    ),
    "one-maximum-for-all-images": (
        "All images are divided by the largest number of all of them.",
        "What is the largest number of each image in your result, and what should it be?",
    ),
    "divided-by-a-maximum-of-zero": (
        "An image whose map is 0 everywhere is divided by its maximum, 0, which gives NaN.",
        "What is the map of an image in which nothing speaks for the class, and by what do you divide it?",
    ),
    "divided-by-the-sum": (
        "The map is divided by another number than its largest ({detail}).",
        "What is the largest number of each image in your result, and what should it be?",
    ),
    "smallest-subtracted": (
        "The smallest number of the map is subtracted before it is scaled ({detail}).",
        "What should a place be whose sum is half of the largest one? What is it in your result?",
    ),
    "divided-before-the-relu": (
        "The map is divided {detail} before the relu: where that is a negative number's, no place reaches 1.",
        "Which comes first, the relu or the largest number? Try a map of 2 and -4.",
    ),
    "maximum-of-each-row": (
        "Each row, or each column, is divided by its own largest number ({detail}).",
        "How many largest numbers has an image?",
    ),
    "squashed": (
        "The map is squeezed into a range by a function ({detail}), where it should be divided by its largest number.",
        "Two places have sums of 2 and 4. What should they be in the result?",
    ),
    "in-the-range-to-255": (
        "The result runs to 255, as grey levels do ({detail}); it should run to 1.",
        "What is the largest number that is asked for?",
    ),
    "constant-added-to-the-maximum": (
        "A constant is added to the largest number before it divides ({detail}): the result does not quite reach 1.",
        "How large is your constant beside the largest number? How can a division by 0 be avoided without changing the "
        "other images?",
    ),
    "maximum-made-at-least-one": (
        "A map whose largest number is below 1 is not scaled.",
        "What should the largest number of a map become that runs to 0.5?",
    ),
    "turned-round": (
        "The map is turned round: 0 where it should be 1.",
        "What should the place with the largest sum be?",
    ),
    # size
    "not-enlarged": (
        "The map has the size of the activations; it is not enlarged to that of the image.",
        "Which shape is asked for, and which have you?",
    ),
    "tiled-instead-of-enlarged": (
        "The map is repeated side by side, where each of its numbers should fill a block.",
        "The map [1, 2] for 4 columns: [1, 1, 2, 2] or [1, 2, 1, 2]? Which of the two does your call make?",
    ),
    "size-swapped": (
        "Height and width have changed places ({detail}).",
        "In which order stand the numbers of `size`, and which axis of the map is the row?",
    ),
    "factor-rounded": (
        "The factor between map and image is rounded ({detail}), although a size need not be a multiple of the other.",
        "3 numbers for 7 columns: which number belongs to each column by the formula, and which in your result?",
    ),
    "places-rounded": (
        "Places in the map are rounded in another way than asked ({detail}).",
        "3 numbers for 7 columns: work out j * 3 // 7 for j = 0 to 6.",
    ),
    "corners-aligned": (
        "The last column of the image is put on the last one of the map, and the rest evenly between ({detail}).",
        "3 numbers for 6 columns: how many columns has each number in your result?",
    ),
    "bilinear-instead-of-nearest": (
        "The numbers are mixed with their neighbours when the map is enlarged ({detail}); asked for is a copy of one "
        "number.",
        "The map [0, 1] for 4 columns: which numbers may stand in the result?",
    ),
    "one-factor-for-both-axes": (
        "One factor is used for height and width.",
        "A map of (2, 3) for an image of (4, 12): how often is each row repeated, and how often each column?",
    ),
    "put-into-a-corner": (
        "The map is written into an image of zeros without being enlarged ({detail}).",
        "Which number of the map belongs to the last pixel of the image?",
    ),
    "only-the-first-image": (
        "Only the first image's map is returned.",
        "Which shape is asked for? How many images are there?",
    ),
    "images-added-up": (
        "The maps of all images are added up.",
        "Which axes are summed in the formula?",
    ),
    # where
    "nothing-positive-mishandled": (
        "It is right but where in an image nothing speaks for the class: its map is 0 everywhere.",
        "By what is such a map divided?",
    ),
    "enlarging-mishandled": (
        "It is right but where the image is larger than the activations.",
        "Write down for each column of the image the column of the map that the formula names.",
    ),
    "uneven-size-mishandled": (
        "It is right but where the image's size is no multiple of that of the activations.",
        "3 numbers for 7 columns: work out j * 3 // 7 for j = 0 to 6.",
    ),
    "negative-activations-mishandled": (
        "It is right but where activations are negative.",
        "Where in the formula does a relu stand?",
    ),
}
"""Cause: (what it suggests, hint)."""
