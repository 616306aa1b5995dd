"""Causes and hints of all operations with windows: kernels, overlaps, bias and geometry."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # orientation of the kernel
    "kernel-not-flipped": (
        "In {thing} the kernel is used in the orientation of the forward; on the way back, each pixel meets it turned "
        "by 180 degrees.",
        "Which tap did pixel x[h] meet in output y[h], and which in y[h - 1]? Write dx of one pixel as a sum and look "
        "at the order of the taps.",
    ),
    "kernel-flipped": (
        "The kernel is turned by 180 degrees (a convolution in the mathematician's sense); layers do not turn it.",
        "Which tap should the top left pixel of a window meet?",
    ),
    "kernel-flipped-in-one-axis": (
        "The kernel is turned in one of its two axes only.",
        "Do rows and columns of the kernel get the same treatment?",
    ),
    "kernel-height-and-width-swapped": (
        "Rows and columns of the kernel are swapped, or those of the pixels that it meets.",
        "Which axis of the kernel is KH, which KW? Use a kernel that is not square.",
    ),
    "kernel-channels-swapped": (
        "The two channel axes of the kernel are swapped.",
        "Which of the last two axes runs over the input's channels?",
    ),
    "kernel-channels-not-swapped": (
        "The kernel's memory is read with its channel axes in the other order (a reshape where the axes had to be "
        "exchanged).",
        "reshape keeps the order in memory. Does it exchange axes?",
    ),
    "kernel-gradient-flipped": (
        "dkernel is turned by 180 degrees.",
        "Tap (i, j) met which pixel in output (0, 0)?",
    ),
    # overlaps
    "overlaps-overwritten": (
        "Where windows overlap, the later contribution replaces the earlier one.",
        "Two windows share a place, and both have something to give to it. What becomes of the first contribution "
        "when the second arrives?",
    ),
    "overlaps-averaged": (
        "Where windows overlap, contributions are averaged.",
        "Two windows share a place, and both have something to give to it: 2 and 4, say. Do the two add up or average?",
    ),
    "overlaps-keep-the-largest": (
        "Where windows overlap, only the largest contribution is kept.",
        "Two windows share a place, and both have something to give to it: 2 and 4, say. What becomes of the 2?",
    ),
    "overlaps-mishandled": (
        "It is right wherever a pixel belongs to one window, and wrong where windows overlap.",
        "How do contributions of several windows to one pixel come together? Does fancy indexing with += count a "
        "repeated index twice?",
    ),
    # bias
    "bias-missing": (
        "The bias does not reach {thing}.",
        "What is y for an image of zeros?",
    ),
    "bias-subtracted": (
        "The bias is subtracted.",
        "What is y for an image of zeros?",
    ),
    "bias-added-repeatedly": (
        "The bias is in the sum more than once ({detail}).",
        "In which loop does the line that adds it stand?",
    ),
    "bias-multiplied": (
        "y is multiplied by the bias.",
        "What should y be when the bias is 0?",
    ),
    "bias-one-for-all": (
        "All filters get the same bias.",
        "How many biases are there, and which axis of y do they belong to?",
    ),
    "bias-summed-over-wrong-axes": (
        "dbias is a sum of dy {detail}.",
        "One bias is used at which positions, in which images? Those are the terms of its gradient, and only those.",
    ),
    "bias-not-summed": (
        "dbias is dy itself.",
        "At how many places is one bias used?",
    ),
    "bias-axes-kept": (
        "dbias still has the axes it was summed over (with length 1).",
        "What is the shape of bias?",
    ),
    "bias-gradient-of-one-part": (
        "dbias counts only a part of dy ({detail}).",
        "At which positions, in which images, is one bias used?",
    ),
    # geometry
    "stride-ignored": (
        "{thing} is what a stride of 1 gives.",
        "Where does output (1, 1) start to read? Does the stride occur in this index?",
    ),
    "strides-swapped": (
        "The vertical and the horizontal stride are swapped.",
        "Which of the two belongs to rows? Try strides=(2, 1).",
    ),
    "one-stride-for-both-axes": (
        "One of the two strides is used for both axes.",
        "Try strides=(2, 1) and follow each of the two numbers.",
    ),
    "stride-ignored-in-one-axis": (
        "The stride is used in one axis and ignored in the other.",
        "Try strides=(2, 1) and (1, 2).",
    ),
    "stride-replaced-by-window": (
        "Windows move by their own size instead of by the stride.",
        "What happens when the stride is not the window's size?",
    ),
    "stride-not-undone": (
        "dx is computed as if the outputs stood side by side: the gaps that the stride makes are missing.",
        "At which pixels did neighbouring outputs start?",
    ),
    "unreached-pixels-missing": (
        "{thing} ends behind the last window: the rows and columns that no window reached are missing.",
        "What is the gradient of a pixel that influences nothing, and what shape must {thing} have?",
    ),
    "strides-mishandled": (
        "It is right with stride 1 and wrong with larger ones; none of the known mistakes gives exactly these numbers.",
        "Write down for one output which pixels it reads, and the same with stride 2.",
    ),
    "dilation-ignored": (
        "{thing} is what a dilation of 1 gives.",
        "How far apart are neighbouring taps? Does the dilation occur in this index?",
    ),
    "dilations-swapped": (
        "The vertical and the horizontal dilation are swapped.",
        "Try dilation_rate=(1, 2).",
    ),
    "dilation-ignored-in-one-axis": (
        "The dilation is used in one axis and ignored in the other.",
        "Try dilation_rate=(1, 2) and (2, 1).",
    ),
    "one-dilation-for-both-axes": (
        "One of the two dilation rates is used for both axes.",
        "Try dilation_rate=(1, 2).",
    ),
    "dilation-one-off": (
        "Taps are one position further apart than they should be.",
        "Which dilation is an ordinary window: 0 or 1?",
    ),
    "dilation-mishandled": (
        "It is right without dilation and wrong with it; none of the known mistakes gives exactly these numbers.",
        "Which pixels does a 2x2 window with dilation 2 read? Do span and index both know?",
    ),
    "stride-and-dilation-swapped": (
        "Stride and dilation have changed places.",
        "Which of the two multiplies the output's index, which the tap's?",
    ),
    "padding-at-the-wrong-end": (
        "With an odd number of padded zeros the extra one is at the wrong end.",
        "4 pixels, a window of 2, 'same': on which side is the one zero?",
    ),
    "padding-only-before": (
        "All the padding is put before the image.",
        "How is the padding shared between the two sides?",
    ),
    "padding-only-after": (
        "All the padding is put after the image.",
        "How is the padding shared between the two sides?",
    ),
    "padding-ignored": (
        "{thing} is computed as if there were no padding.",
        "Does the index of a pixel know how many zeros stand before it?",
    ),
    "padding-ignored-in-one-axis": (
        "One axis is treated as if it had no padding.",
        "Is the padding handled alike for rows and columns?",
    ),
    "paddings-swapped": (
        "The padding of rows and of columns is swapped.",
        "Try an image and a window that are not square.",
    ),
    "padding-of-one-axis-for-both": (
        "The padding of one axis is used for both.",
        "Try a window of 3x1 with 'same'.",
    ),
    "padding-of-one-end-for-both": (
        "The padding of one end is used for both ends.",
        "Try a window of 2 with 'same': how many zeros are there in all?",
    ),
    "padding-not-for-the-stride": (
        "'same' is padded as for stride 1; how many zeros are needed depends on the stride.",
        "6 pixels, a window of 3, stride 2: how many outputs does 'same' give, and how many zeros does the last one "
        "need?",
    ),
    "padding-not-for-the-dilation": (
        "'same' is padded as for dilation 1; a dilated window reaches further.",
        "How many positions does a window of 3 with dilation 2 span?",
    ),
    "padding-symmetric": (
        "'same' is padded by the same number at both ends, whatever size and stride are.",
        "How many outputs must there be, and how many zeros does the last one need? Is that number always even?",
    ),
    "padding-one-off": (
        "One row and column of padding too few or too many.",
        "Count the zeros for an image of 3x3 and a window of 3x3.",
    ),
    "padding-repeats-the-edge": (
        "Beyond the border the nearest pixel is repeated; the padding is zeros.",
        "What stands beside the image?",
    ),
    "padding-reflects": (
        "Beyond the border the image is mirrored; the padding is zeros.",
        "What stands beside the image?",
    ),
    "padding-not-removed": (
        "{thing} still has its padding.",
        "How large is x, and how large is the padded x?",
    ),
    "padding-removed-at-the-wrong-end": (
        "The padding is cut off at the wrong place, so that {thing} is shifted.",
        "At which index of the padded array does the image begin?",
    ),
    "padding-counted": (
        "Padded positions are counted in the mean; they are not part of the image.",
        "How many pixels does the window in the corner contain?",
    ),
    "padding-not-counted": (
        "The mean is taken over something else than the pixels of the window.",
        "How many pixels does the window in the corner contain?",
    ),
    "padding-can-win": (
        "Padded zeros take part in the maximum: where all pixels are negative they win.",
        "What is the maximum of an empty set? What can never win against a pixel?",
    ),
    "padding-mishandled": (
        "It is right without padding and wrong with it; none of the known mistakes gives exactly these numbers.",
        "Follow one pixel in the corner through padding, window and back.",
    ),
    "padding-not-symmetric-mishandled": (
        "It is right where both ends have equally many zeros and wrong where they have not.",
        "4 pixels, a window of 2, 'same': where is the one zero, and how do you get rid of it?",
    ),
    "explicit-padding-mishandled": (
        "'valid' and 'same' are right, explicit pairs are not.",
        "padding=((1, 0), (2, 1)): which number is which side?",
    ),
    "padding-value-negative-one": (
        "Padding has a value that can win.",
        "Which value can never win?",
    ),
    "index-one-off": (
        "{thing} is shifted by one position.",
        "Follow the very first output: which pixel does tap (0, 0) read?",
    ),
    "negative-index-wraps": (
        "A negative index does not fail in NumPy: it counts from the end, so that the opposite border is read.",
        "What is x[-1]? What should stand before the first pixel?",
    ),
    "image-wraps-around": (
        "The image wraps around: beyond one border the opposite border is read (as a circular convolution by FFT or "
        "np.roll does).",
        "What stands beyond the border?",
    ),
    "border-mishandled": (
        "The interior is right, the border is wrong.",
        "What does a window see that reaches over the edge?",
    ),
    "output-one-too-few": (
        "A row of outputs is missing, or a column, or both.",
        "Which formula gives the number of outputs? Try an image as large as the window.",
    ),
    "output-one-too-many": (
        "There is a row of outputs too many, or a column, or both.",
        "Does the last window still lie in the image?",
    ),
    "output-size-rounded-up": (
        "The number of outputs is rounded up: the last window reaches beyond the image.",
        "5 pixels, a window of 2, stride 2: how many windows fit?",
    ),
    "output-size-without-plus-one": (
        "The number of outputs lacks its + 1.",
        "An image of 3, a window of 3: how many places are there for it?",
    ),
    "output-size-ignores-dilation": (
        "The number of outputs is that of a window without dilation.",
        "How many positions does a window of 3 with dilation 2 span?",
    ),
    "output-height-and-width-swapped": (
        "Height and width of the output are swapped.",
        "Try an image that is not square.",
    ),
    "output-size": (
        "The output has another size than it should.",
        "Which formula gives it? Write it down for 3 pixels, a window of 2 and stride 2.",
    ),
    "height-and-width-swapped": (
        "Height and width are taken for each other.",
        "Try an image of 3x4. Which axis of a shape is the height?",
    ),
    "window-not-square-mishandled": (
        "It is right for square windows and wrong for others; none of the known mistakes gives exactly these numbers.",
        "Take a window of 2x3: where in your code should a 2 stand, and where a 3?",
    ),
    "unequal-strides-mishandled": (
        "It is right for equal strides and wrong for others; none of the known mistakes gives exactly these numbers.",
        "Take strides=(2, 1): where in your code should a 2 stand, and where a 1?",
    ),
    "unequal-dilation-mishandled": (
        "It is right for equal dilation rates and wrong for others; none of the known mistakes gives exactly these "
        "numbers.",
        "Take dilation_rate=(1, 2): where in your code should a 1 stand, and where a 2?",
    ),
    "columns-in-another-order": (
        "The columns of the window matrix and the rows of the kernel matrix stand in different orders (taps and "
        "channels).",
        "In which order does reshape read (KH, KW, C)? Are both matrices read in that order?",
    ),
    "image-without-its-first-row": (
        "The first row of the image is never looked at, as if the image were one smaller.",
        "Which pixels of a row does x[0:3] give, and which does x[0:2]? What is the largest index of yours?",
    ),
    "image-without-its-first-column": (
        "The first column of the image is never looked at, as if the image were one smaller.",
        "Which pixels of a row does x[0:3] give, and which does x[0:2]? What is the largest index of yours?",
    ),
    "image-without-its-first-row-and-column": (
        "The first row and column of the image are never looked at, as if the image were one smaller.",
        "Which pixels of a row does x[0:3] give, and which does x[0:2]? What is the largest index of yours?",
    ),
    "image-without-its-last-row": (
        "The last row of the image is never looked at, as if the image were one smaller.",
        "Which pixels of a row does x[0:3] give, and which does x[0:2]? What is the largest index of yours?",
    ),
    "image-without-its-last-column": (
        "The last column of the image is never looked at, as if the image were one smaller.",
        "Which pixels of a row does x[0:3] give, and which does x[0:2]? What is the largest index of yours?",
    ),
    "image-without-its-last-row-and-column": (
        "The last row and column of the image are never looked at, as if the image were one smaller.",
        "Which pixels of a row does x[0:3] give, and which does x[0:2]? What is the largest index of yours?",
    ),
    "padding-added-instead-of-subtracted": (
        "The padding before the image moves the windows forward; it should move them back.",
        "With one row of padding above the image, at which row of the image does the first window begin?",
    ),
    "output-size-ignores-the-padding": (
        "The number of outputs is that of an image without padding.",
        "3 pixels, one place of padding on each side, a window of 3: at how many places can it stand?",
    ),
    "slice-begins-before-the-image": (
        "A slice begins at a negative index where the window begins before the image; NumPy counts that from the end.",
        "What does [10, 20, 30][-1:1] give? Which pixels of the image does a window see that begins one before it?",
    ),
    "window-span-too-long": (
        "The number of outputs is that of a window of KH * DH rows; from its first to its last tap a window has fewer.",
        "At which places do the taps of a window of 2 with dilation 3 lie, when the first is at 0? How many places are "
        "that, from the first to the last?",
    ),
    "only-the-diagonal-of-the-kernel": (
        "Only the taps (0, 0), (1, 1), ... of the kernel are used: one index runs over rows and columns together.",
        "How many taps has a kernel of 3x3, and how many rounds does your loop make?",
    ),
    "window-square-assumed": (
        "One side of the window is used for both, so that taps are left out or do not exist where it is not square.",
        "Try a kernel of 2x3. Which loop runs over its rows, which over its columns, and how often?",
    ),
    "image-ignored": (
        "{thing} is what an image of ones gives: the pixels do not enter.",
        "How much does y grow with a number of the kernel where the pixel is 3, and how much where it is 5?",
    ),
    "assigned-instead-of-added": (
        "What windows and filters give to one pixel of {thing} is assigned, so that each contribution replaces the one "
        "before: only that of the last filter and of one window is left.",
        "A pixel lies in two windows, and there are two filters: how many contributions does it get? What becomes of "
        "the first when the second arrives?",
    ),
    "output-size-of-windows-side-by-side": (
        "The number of outputs is the image's size divided by the window's, as if windows stood side by side.",
        "5 pixels, a window of 3, stride 1: at how many places can the window stand?",
    ),
    "window-replaced-by-stride": (
        "The window is as large as the stride, not as large as was asked for.",
        "A window of 3 that moves by 2: which pixels does output 0 see, and which in your function?",
    ),
    "tap-offset-missing": (
        "The place of a tap in its window does not reach the index of the pixel (in one axis or both): all rows or all "
        "columns of the window meet the same pixels.",
        "Output (0, 0): which pixel does the last tap of the window meet? Which letter of your index makes the "
        "difference to the first tap?",
    ),
    "window-does-not-move": (
        "The place of the output does not reach the index of the pixel (in one axis or both): all rows or all columns "
        "of outputs read the same window.",
        "Which pixels does output (0, 0) read, and which does output (1, 1)? Which letters of your index make the "
        "difference?",
    ),
    "tap-offset-subtracted": (
        "The place of a tap in its window is subtracted from the output's place where it should be added (in one axis "
        "or both).",
        "Output (0, 0) and tap (1, 0): which row of the image is meant, and which does your index name? What does "
        "NumPy do with a negative one?",
    ),
    "kernel-index-negative": (
        "The kernel is read at negative indices, which count from its end: tap 0 is right, the others are in reverse "
        "order.",
        "For i = 0, 1, 2: which row of the kernel does kernel[-i] give?",
    ),
    "sum-instead-of-product": (
        "Pixel and weight are added where they should be multiplied.",
        "What is y for an image of zeros? Does the kernel matter there?",
    ),
    "pixels-squared": (
        "Each pixel enters with its square.",
        "Multiply x by 2: by how much does y (without the bias) grow, and by how much in your function?",
    ),
    "weights-squared": (
        "Each number of the kernel enters with its square.",
        "Multiply the kernel by 2: by how much does y (without the bias) grow, and by how much in your function?",
    ),
    "kernel-ignored": (
        "{thing} is the sum of the pixels of each window: the kernel does not matter.",
        "What is y for a kernel of zeros?",
    ),
    "window-height-and-width-swapped": (
        "Rows and columns of the window are swapped: the image is read sideways inside each window.",
        "Which pixel does tap (0, 1) meet: the one to the right, or the one below?",
    ),
    "wrong-array-used": (
        "The gradient is made of the wrong array ({detail}).",
        "d(a * b)/da is what?",
    ),
}
