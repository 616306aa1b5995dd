"""Causes and hints of max_pool2d and avg_pool2d."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "window-ignored": (
        "The size of the window is not the one that was asked for ({detail}).",
        "Follow pool_size from the argument to the index.",
    ),
    # windows
    "window-height-and-width-swapped": (
        "Height and width of the window are swapped ({detail}).",
        "Try pool_size=(2, 3). Which of the two numbers belongs to rows?",
    ),
    "window-square-assumed": (
        "One side of the window is used for both ({detail}).",
        "Try pool_size=(2, 3) and follow each of the two numbers.",
    ),
    "windows-side-by-side-assumed": (
        "dx is made as if the windows stood side by side and covered the image exactly.",
        "With a window of 3 and stride 2, in how many windows is pixel 2 of a row, and in how many is pixel 3? And "
        "which pixels does a window of 2 with stride 3 leave out?",
    ),
    "whole-image-instead-of-window": (
        "Every output is computed from the whole image, not from its own window.",
        "Over which axes does the reduction run? Which pixels may output (0, 0) see?",
    ),
    "padding-repeats-the-edge": (
        "Beyond the border pixels of the image are taken once more (repeated, or mirrored); padded places are no "
        "pixels and must not count.",
        "Which pixels of the image does the window in the corner contain, each counted how often?",
    ),
    "padding-reflects": (
        "Beyond the border the image is mirrored; padded places are no pixels and must not count.",
        "Which pixels of the image does the window in the corner contain, each counted how often?",
    ),
    "overflow": (
        "It is right for ordinary numbers and wrong for very large ones (here about -1e14).",
        "Is there a constant that stands for 'smaller than every pixel', and is it? Does any sum grow much larger "
        "than the numbers in one window?",
    ),
    "multiplied-by-the-value": (
        "dx is multiplied by x.",
        "By how much does y change when the winner, or one pixel of a mean, grows from 3 to 3.01, and by how much "
        "from 5 to 5.01?",
    ),
    "not-finite": (
        "{thing} has NaN or infinity where the right result is finite.",
        "What is the maximum, or the mean, of a window that holds nothing but padding? How could a padded place get "
        "into a result, or a window be put together from the wrong pixels?",
    ),
    "padding-can-win": (
        "Padded places take part in the maximum and win where all pixels of the window are smaller than the value "
        "they were given.",
        "What is the maximum of the window [-3, -1] with one padded place beside it? Which value can never win "
        "against a pixel?",
    ),
    # maximum: which pixel gets dy
    "ties-routed-to-all": (
        "Where several numbers of a window are equal and the largest, each of them gets dy ({detail}).",
        "Take the window [[2, 2], [1, 0]] and dy = 1: what is the sum of your dx, and how many winners does the "
        "contract name?",
    ),
    "ties-shared": (
        "Where several numbers of a window are equal and the largest, dy is shared between them. That is one possible "
        "rule, but not the contract's.",
        "Take the window [[2, 2], [1, 0]] and dy = 1: what is your dx, and how many winners does the contract name?",
    ),
    "last-tie-wins": (
        "Of equal numbers the last of the window gets dy.",
        "Take the window [[2, 2], [1, 0]]: what does your comparison do when it meets the second 2? Which one does "
        "the contract name?",
    ),
    "tie-in-column-order": (
        "Of equal numbers the one wins that comes first column by column.",
        "Take the window [[1, 2], [2, 0]]: which 2 comes first in row-major order? In which order does your search go "
        "through the window?",
    ),
    "gradient-to-all": (
        "Every pixel of a window gets dy, not only the winner.",
        "Let a pixel that is not the largest of its window grow by 0.01: by how much does y change?",
    ),
    "gradient-shared-like-a-mean": (
        "dy is shared equally between the pixels of the window, as a mean would do.",
        "Let a pixel that is not the largest of its window grow by 0.01: by how much does y change?",
    ),
    "gradient-to-the-first": (
        "The first pixel of each window gets dy, whichever is the largest.",
        "What does backward know about where the largest number was? Follow the window [[1, 2], [4, 3]].",
    ),
    "gradient-to-the-last": (
        "The last pixel of each window gets dy, whichever is the largest.",
        "What does backward know about where the largest number was? Follow the window [[4, 2], [1, 3]].",
    ),
    "gradient-to-the-smallest": (
        "The smallest pixel of each window gets dy.",
        "Let the smallest pixel of a window fall by 0.01: does y change?",
    ),
    "gradient-to-the-others": (
        "All pixels but the winner get dy.",
        "Is the mask the right way round? Let a pixel that did not win grow by 0.01: does y change?",
    ),
    "gradient-to-nearly-equal": (
        "Pixels that come near the largest number of their window get dy too.",
        "How does backward decide who won, and how exact is that comparison? Try a window of 1.0 and 1.05.",
    ),
    "gradient-to-pixels-that-did-not-win": (
        "All that is wrong lies at pixels that won no window; their gradient is 0.",
        "Print dx at one such pixel. Which statement wrote there, and which window did it come from?",
    ),
    "winner-index-misread": (
        "The winner's number in its window is turned into a row and a column wrongly ({detail}).",
        "Number the places of a 2x3 window row by row, from 0. In which row and which column is number 4, and what "
        "does your calculation say?",
    ),
    "winner-row-and-column-swapped": (
        "Row and column of the winner have changed places ({detail}).",
        "The window [[0, 9], [0, 0]]: in which row and column is the 9, and where does your dx put dy?",
    ),
    "winner-index-one-off": (
        "dy goes to the place before or after the winner.",
        "Does your number of the winner count from 0 or from 1, and what does the line that uses it expect? Try the "
        "window [[1, 9], [0, 0]].",
    ),
    "index-overflows": (
        "In large images dy lands at a wrong pixel: the pixel's number does not fit into the type that keeps it.",
        "How many pixels has the image in the configuration below? Which dtype does the array of indices have, and "
        "what is its largest number?",
    ),
    "one-winner-for-all-images": (
        "The winner of a window is that of the first image, in all images ({detail}).",
        "Two images with their largest numbers at different places: how many winners has the window, in all?",
    ),
    "divided-by-one-window": (
        "Every window is divided by the number of pixels of one of them ({detail}).",
        "With padding 'same': how many pixels has the window in the corner, and how many the one in the middle?",
    ),
    "count-not-reset": (
        "The number of pixels runs on ({detail}): each is divided by the pixels of all that came before, too.",
        "Where is the counter set to 0, and in which loop? Print it for two channels.",
    ),
    "one-winner-for-all-channels": (
        "The winner of a window is chosen once for all channels.",
        "Two channels with their largest numbers at different places: how many winners has the window? Over which "
        "axes does the search run?",
    ),
    "maximum-searched-in-the-whole-image": (
        "dy goes to where the value of the maximum stands in the image, whichever window that is in.",
        "What does backward do when the same number stands in another window as well? Try an image with two equal "
        "numbers far apart.",
    ),
    # maximum: y
    "mean-instead-of-maximum": (
        "y is the mean of each window.",
        "What should y be for the window [[1, 2], [3, 6]]?",
    ),
    "minimum-instead-of-maximum": (
        "y is the smallest number of each window.",
        "What should y be for the window [[1, 2], [3, 6]]? Which way round is the comparison, and is a sign turned "
        "somewhere?",
    ),
    "sum-instead-of-maximum": (
        "y is the sum of each window.",
        "What should y be for the window [[1, 2], [3, 6]]?",
    ),
    "median-instead-of-maximum": (
        "y is the median of each window.",
        "What should y be for the window [[1, 2], [3, 6]]? If the window is sorted: which of its places is taken?",
    ),
    "smooth-maximum": (
        "y is the logarithm of a sum of exponentials, which is only near the maximum.",
        "What should y be for the window [[0, 0], [0, 0]], and what is yours?",
    ),
    "largest-magnitude": (
        "The number of the largest magnitude wins, so that negative numbers can win by their size.",
        "Which is the larger number, -5 or 2? Where does an absolute value come in?",
    ),
    "first-of-the-window": (
        "y is the first pixel of each window, as if the image were only thinned out.",
        "What should y be for the window [[1, 2], [3, 6]]? Does your reduction see all four numbers?",
    ),
    "starts-from-zero": (
        "y is 0 where all numbers of a window are negative.",
        "What does your running maximum hold before the first pixel is looked at? Follow the window [[-3, -1], [-2, "
        "-4]].",
    ),
    "index-instead-of-maximum": (
        "y holds the place of the largest number in its window, not the number.",
        "What do max and argmax return for [3, 9, 4], and which of them is y?",
    ),
    "maximum-over-channels": (
        "The maximum is taken over the channels too.",
        "How many channels has y? Over which axes does the reduction run?",
    ),
    "maximum-over-images": (
        "The maximum is taken over the images of the batch too.",
        "May the second image change y of the first? Over which axes does the reduction run?",
    ),
    # mean: what is divided by
    "not-divided": (
        "{thing} is not divided by the number of pixels: it belongs to a sum, not to a mean.",
        "All pixels of a window are 1: what is y? When one of 4 pixels grows by 0.01, by how much does y grow?",
    ),
    "divided-by-one-axis-only": (
        "It is divided by one side of the window instead of by its number of pixels ({detail}).",
        "How many pixels has a window of 2x3? Try one that is not square.",
    ),
    "divided-by-the-stride": (
        "It is divided by the strides' product; that is the number of pixels only when windows stand side by side.",
        "How many pixels has a window of 3x3 that moves by 2?",
    ),
    "divided-by-the-sum-of-the-sides": (
        "It is divided by height plus width of the window.",
        "How many pixels has a window of 2x3?",
    ),
    "divided-twice": (
        "It is divided by the number of pixels twice.",
        "All pixels of a window are 1: what is y? Which lines divide, or take a mean, and how many of them are needed?",
    ),
    "divided-by-channels-too": (
        "It is divided by the number of channels as well.",
        "Does a second channel change the mean of the first? Over which axes does the mean run?",
    ),
    "divided-by-images-too": (
        "It is divided by the number of images as well.",
        "Does a second image change the mean of a window in the first? Over which axes does the mean run?",
    ),
    "divided-by-outputs": (
        "It is divided by the number of outputs instead of by the number of pixels in a window.",
        "An image of 4x4, a window of 2x2, stride 1: how many outputs are there, and how many pixels are in each mean?",
    ),
    "multiplied-instead-of-divided": (
        "It is multiplied by the number of pixels.",
        "One of 4 pixels grows by 0.01: by how much does the mean grow?",
    ),
    "gradient-to-one-only": (
        "One pixel of each window gets a gradient and the others get nothing.",
        "Which pixels of the window change the mean when they grow by 0.01?",
    ),
    "padding-counted": (
        "Padded positions are counted as pixels ({detail}); they are not part of the image.",
        "'same', a window of 3x3: how many pixels of the image does the window in the corner contain, and by what do "
        "you divide there?",
    ),
    "zeros-not-counted": (
        "Pixels that happen to be 0 are left out of the mean, as if they were padding.",
        "What is the mean of [0, 4]? How does your function tell a pixel of value 0 from a padded place?",
    ),
    "rounded-down": (
        "{thing} is rounded down to whole numbers.",
        "Is there a //, an int() or an array of integers on the way? What is 3 // 2?",
    ),
    # mean: y
    "maximum-instead-of-mean": (
        "y is the largest number of each window.",
        "What should y be for the window [[1, 2], [3, 6]]?",
    ),
    "minimum-instead-of-mean": (
        "y is the smallest number of each window.",
        "What should y be for the window [[1, 2], [3, 6]]?",
    ),
    "median-instead-of-mean": (
        "y is the median of each window.",
        "Work out the mean and the median of [1, 2, 3, 6]. Which one does your function give?",
    ),
    "middle-of-the-range": (
        "y lies halfway between the smallest and the largest number of each window.",
        "What should y be for the window [[1, 2], [3, 6]]? Which of the numbers enter your calculation?",
    ),
    "root-mean-square": (
        "y is the root of the mean of the squares.",
        "What should y be for the window [[-1, 1], [-1, 1]]?",
    ),
    "variance-instead-of-mean": (
        "y is the variance of each window.",
        "What should y be when all pixels of a window are 5?",
    ),
    "magnitudes-averaged": (
        "y is the mean of the magnitudes: the signs of the pixels are lost.",
        "What should y be for the window [[-1, 1], [-1, 1]]?",
    ),
    "running-average": (
        "Each pixel is averaged with the result so far, so that later pixels count more than earlier ones.",
        "Take the window [[1, 2], [3, 6]] step by step through your loop. With what weight does the 1 end up in y, "
        "and the 6?",
    ),
    "inverse-instead-of-transpose": (
        "The forward is undone (its inverse) where its influence should be passed back: dx is what x would have to be "
        "to give dy.",
        "By how much does y change when one pixel grows by 1? Does that depend on how the other pixels could be found "
        "again?",
    ),
    "blocks-misread": (
        "The image is reshaped into blocks with its axes in another order than the pixels lie in memory, so that "
        "pixels of different windows are mixed.",
        "Number the pixels of a 4x4 image from 0 to 15 and look which of them come together in one block.",
    ),
}
"""Cause: (what it suggests, hint)."""
