"""Causes and hints of otsu_threshold."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # criterion
    "smallest-instead-of-largest": (
        "The worst split is taken in place of the best one ({detail}).",
        "Should the variance between the classes be large or small for a good split, and the variance within them?",
    ),
    "weights-missing": (
        "The sizes of the two classes do not count ({detail}).",
        "One very dark pixel beside 99 of different greys: which split does your criterion like, and how much should "
        "one pixel count?",
    ),
    "weight-of-one-class-only": (
        "Only one of the two classes is weighted by its size ({detail}).",
        "Exchange dark and bright (255 - image): should the split be the same? Is your criterion?",
    ),
    "weights-squared": (
        "The weights count too much beside the difference of the means: the difference is not squared, or the weights "
        "are squared together with it. Both lead to the same choice.",
        "What exactly does your power apply to? Work the criterion out for weights of 0.5 and 0.5 and means that "
        "differ by 2.",
    ),
    "weights-swapped": (
        "The variance of each class is weighted by the size of the other.",
        "A class of 99 pixels and one of a single pixel: whose variance should count the more?",
    ),
    "weights-added": (
        "The weights of the classes are added where they should be multiplied; their sum is always 1.",
        "What is your weight for a class of one pixel of a hundred, and for halves of equal size? Should it be the "
        "same?",
    ),
    "divided-by-the-weights": (
        "It is divided by the weights of the classes.",
        "Should a class of one pixel of a hundred make the criterion large or small?",
    ),
    "difference-not-squared": (
        "The difference of the means is not squared.",
        "What is the definition of a variance? Does your criterion depend on which class is subtracted from which?",
    ),
    "means-missing": (
        "The criterion contains only the sizes of the classes, not their means.",
        "Does your threshold change when the bright pixels become brighter?",
    ),
    "means-added": (
        "The means of the classes are added.",
        "Add 50 to all pixels: by how much should the threshold move? Does your choice of the split stay the same?",
    ),
    "deviation-instead-of-variance": (
        "Standard deviations stand where variances should.",
        "Which of the two adds up, so that within and between make the total: deviations or variances?",
    ),
    "entropy-instead-of-variance": (
        "The criterion is an entropy (as in the method of Kapur).",
        "Does your criterion contain the grey levels, or only how often they occur?",
    ),
    "sums-instead-of-means": (
        "Sums of grey levels stand where means of the classes should.",
        "A class of two pixels of 10: what is its mean, and which number do you use? By what is divided?",
    ),
    "sums-swapped": (
        "The sum of a class is divided by the number of pixels of the other ({detail}).",
        "The pixels 10, 10 and 40: what are the two means for the split between 10 and 40, and what are yours?",
    ),
    "means-divided-by-all-pixels": (
        "The sum of a class is divided by the number of all pixels ({detail}).",
        "The pixels 10, 10 and 40: what are the two means for the split between 10 and 40, and what are yours?",
    ),
    "total-mean-instead-of-class-mean": (
        "The mean of one class is compared with the mean of the whole image.",
        "The pixels 10, 10 and 40, split between 10 and 40: which three means are there, and how many of them does "
        "your criterion need?",
    ),
    "total-instead-of-rest": (
        "The whole image takes the place of the bright class.",
        "What must be taken off the totals when the dark class is known? What do the two weights add up to?",
    ),
    "integer-division": (
        "Means are rounded down to whole numbers ({detail}).",
        "What do 7 / 2 and 7 // 2 give? Which dtype have the arrays of sums and counts?",
    ),
    "means-of-levels": (
        "The mean of a class is that of the levels it reaches over, however many pixels each has ({detail}).",
        "The pixels 10, 10 and 40 are dark: what is their mean? Do the levels come in that no pixel has?",
    ),
    "bright-levels-from-zero": (
        "The levels of the bright class are counted from 0 again, so that its mean is too small by about t.",
        "The bright class begins with level t + 1. Which level belongs to the first of its counts?",
    ),
    # which threshold
    "all-zero": (
        "The threshold is always 0, as it is when no split is found to be better than what the search begins with.",
        "Print your criterion for some t. Is it ever above the number that the search begins with, and is it asked for "
        "being larger or smaller?",
    ),
    "threshold-one-too-high": (
        "The threshold is one level too high ({detail}).",
        "The pixels 10 and 11: which threshold t puts 10 into image <= t and 11 into image > t? Which level belongs "
        "to the first entry of your criterion?",
    ),
    "threshold-one-too-low": (
        "The threshold is one level too low.",
        "The pixels 10 and 11: which threshold t puts 10 into image <= t and 11 into image > t? Does your dark class "
        "contain the level t itself?",
    ),
    "counted-from-the-darkest-level": (
        "The threshold is counted from the darkest level of the image.",
        "If index 0 of your criterion is the darkest level, which grey level is index 3? Try an image without dark "
        "pixels.",
    ),
    "counted-among-the-levels-that-occur": (
        "The threshold is an index among the levels that occur, not a grey level.",
        "An image of 100 and 200: which number comes out, and which grey level is meant?",
    ),
    "image-inverted": (
        "The threshold is that of the inverted image.",
        "In which direction do your sums over the levels run? Which end is level 0?",
    ),
    "between-0-and-1": (
        "The threshold is scaled to the range from 0 to 1.",
        "With which numbers will the threshold be compared? Look at the type of image in contract('otsu_threshold').",
    ),
    "variance-returned": (
        "The largest variance itself is returned.",
        "What do np.max and np.argmax give for [1, 5, 2]? Which of the two is a place?",
    ),
    # other methods
    "mean-instead-of-otsu": (
        "The threshold is the mean of the image.",
        "Of 100 pixels 50 are 0, 40 are 50 and 10 are 250: where is the mean, and which split has the largest "
        "variance between the classes? Does your function compare any splits?",
    ),
    "median-instead-of-otsu": (
        "The threshold is the median of the image.",
        "Of 100 pixels 30 are 10 and 70 are 200: where is the median, and which pixels lie above it? Does your "
        "function compare any splits?",
    ),
    "middle-of-the-range": (
        "The threshold is the middle of the range of levels ({detail}).",
        "Does your threshold depend on how often each level occurs?",
    ),
    "most-frequent-level": (
        "The threshold is the most frequent level.",
        "Of which array do you take the argmax: of the histogram, or of the criterion?",
    ),
    "rarest-level": (
        "The threshold is the rarest level.",
        "Of which array do you take the argmin: of the histogram, or of a criterion?",
    ),
    "means-of-classes-averaged": (
        "The threshold is the middle between the means of the two classes (the iterative method of Ridler and "
        "Calvard).",
        "Does your function compare all splits, or does it move a threshold until it stays?",
    ),
    # histogram
    "levels-counted-once": (
        "Every level counts once, however many pixels have it.",
        "The pixels 10, 10, 10 and 40: what is the mean of the whole image, and what is yours?",
    ),
    "levels-left-out": (
        "Pixels of one level are left out ({detail}).",
        "Which levels does your loop or your histogram cover, first and last? How many counts are there, and what do "
        "they add up to?",
    ),
    "too-few-bins": (
        "The histogram has too few bins ({detail}): neighbouring levels are put together.",
        "How many levels can uint8 have? Which two levels fall into one of your bins?",
    ),
    "only-a-row": (
        "Only the first row or column of the image is used ({detail}).",
        "What do the counts of your histogram add up to, and how many pixels has the image?",
    ),
    "best-not-kept": (
        "The best value so far is not kept: nearly every later level takes its place.",
        "After an improvement, what is the next level compared with?",
    ),
    "bin-number-returned": (
        "The number of a histogram's bin is returned, or the threshold of a stretched image: asked for is the grey "
        "level of the image itself.",
        "An image with levels from 100 to 200: which number has its first bin?",
    ),
    "integer-overflow": (
        "A product or sum grows beyond what its integer type can hold ({detail}) and begins anew from the other end.",
        "What is the largest number that fits, and how large is the product of two counts of 50,000 pixels?",
    ),
    "search-ends-early": (
        "Not all levels are tried ({detail}).",
        "Where does the loop end? Take a bright image, whose best threshold is above 200.",
    ),
    "stops-at-the-first-maximum": (
        "The search stops at the first hill of the variance; a higher one may follow.",
        "When the variance falls for the first time, what may still come?",
    ),
    "stretched-first": (
        "The threshold is that of the image stretched to the whole range from 0 to 255.",
        "An image with levels from 100 to 120: can the threshold be 128?",
    ),
    "weights-rounded": (
        "The shares of the two classes are rounded.",
        "How many pixels of 1,000 does a share of 0.003 stand for, and what becomes of it?",
    ),
    "image-returned": (
        "An image is returned; asked for is the threshold itself, one number.",
        "What is the caller going to compare with the result?",
    ),
    "criterion-returned": (
        "The values for all levels are returned; asked for is the level where they are best, one number.",
        "What is the caller going to compare with the result?",
    ),
    "rows-averaged": (
        "The image is averaged along an axis before its levels are counted.",
        "Is the last axis of a grey image one of colours?",
    ),
    "empty-class-divides-by-zero": (
        "A split that leaves one class empty is taken for the best: its mean is 0 / 0, and the NaN wins, or the "
        "smallest value is looked for in place of the largest.",
        "Which value has a t below the darkest pixel? Which index does np.argmax return when there is a NaN, and which "
        "np.argmin when there are zeros?",
    ),
    "border-left-out": (
        "The pixels at the border are left out of the histogram.",
        "Add up your histogram: how many pixels has the image?",
    ),
    "search-begins-late": (
        "The smallest levels are not tried as a threshold ({detail}).",
        "An image of zeros and ones: which thresholds tell them apart? Where does your loop begin?",
    ),
    "weights-rooted": (
        "The weights of the classes enter with a root, so that they count too little beside the distance of the means.",
        "Work the criterion out for weights of 0.5 and 0.5, and of 0.1 and 0.9, with means that differ by 2.",
    ),
}
"""Cause: (what it suggests, hint)."""
