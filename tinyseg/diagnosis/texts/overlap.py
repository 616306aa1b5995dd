"""Causes and hints of mean_iou and dice_loss."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # mean_iou: which classes
    "absent-classes-count-as-zero": (
        "Classes that occur in neither array count as 0 in the mean ({detail}).",
        "With 3 classes of which only two occur, both predicted perfectly: what should the result be? Over how many "
        "classes is the mean taken?",
    ),
    "absent-classes-count-as-one": (
        "Classes that occur in neither array count as 1 in the mean ({detail}).",
        "With 3 classes of which only two occur and no pixel is right: what should the result be? Over how many "
        "classes is the mean taken?",
    ),
    "background-left-out": (
        "Class 0 is left out of the mean.",
        "Is the background a class like the others in contract('mean_iou')? Where does your loop over classes begin?",
    ),
    "last-class-left-out": (
        "The last class is left out of the mean.",
        "Which ids have 3 classes? Where does your loop over classes end?",
    ),
    "only-classes-in-the-truth": (
        "Only classes that occur in y_true count; those that are only predicted are left out.",
        "What is the IoU of a class that is predicted and never true: is it 0, or not defined?",
    ),
    "only-classes-in-the-prediction": (
        "Only classes that occur in y_pred count; those that are never predicted are left out.",
        "What is the IoU of a class that is true and never predicted: is it 0, or not defined?",
    ),
    "only-classes-in-both": (
        "Only classes that occur in both arrays count ({detail}).",
        "What is the IoU of a class that occurs in one of the arrays only: is it 0, or not defined?",
    ),
    "one-class-only": (
        "The result is the IoU of one class ({detail}).",
        "Over how many classes is the mean taken? What happens inside the loop, and what after it?",
    ),
    # mean_iou: which mean
    "pooled-over-classes": (
        "Intersections and unions of all classes are added up before they are divided.",
        "Is (1 + 1) / (1 + 3) the mean of 1/1 and 1/3?",
    ),
    "classes-weighted-by-size": (
        "Classes are weighted by their number of pixels.",
        "Should a class of one pixel count as much as a class of a thousand?",
    ),
    "summed-instead-of-averaged": (
        "The values of the classes are added up.",
        "What should the result be when every pixel is right?",
    ),
    "divided-by-one-class-less": (
        "The sum is divided by the number of classes minus 1.",
        "What should the result be when every pixel is right?",
    ),
    "median-instead-of-mean": (
        "The median of the classes is taken.",
        "What should the result be for classes with 0, 0 and 0.9?",
    ),
    "smallest-instead-of-mean": (
        "The value of the worst class is returned.",
        "What should the result be for classes with 0.2 and 0.8?",
    ),
    "largest-instead-of-mean": (
        "The value of the best class is returned.",
        "What should the result be for classes with 0.2 and 0.8?",
    ),
    "geometric-mean": (
        "The geometric mean of the classes is taken.",
        "What should the result be for classes with 0 and 1?",
    ),
    "harmonic-mean": (
        "The harmonic mean of the classes is taken.",
        "What should the result be for classes with 0.2 and 0.8?",
    ),
    # mean_iou: which quotient
    "smoothed": (
        "A small number is added in the quotient ({detail}).",
        "Which IoU should a perfect prediction have, and which a prediction without a single right pixel? When can a "
        "union be 0?",
    ),
    "union-counts-the-intersection-twice": (
        "The pixels in both sets are counted twice in the union.",
        "Draw two overlapping sets of 3 and 4 pixels with 2 in common: how many pixels are in the union?",
    ),
    "union-without-intersection": (
        "The denominator lacks the pixels that are in both sets.",
        "Draw two overlapping sets of 3 and 4 pixels with 2 in common: how many pixels are in the union?",
    ),
    "union-one-off": (
        "The union is larger by one pixel.",
        "What should the IoU of a perfect prediction be, and what is yours?",
    ),
    "larger-of-the-two-instead-of-union": (
        "The denominator is the larger of the two sets.",
        "Draw two overlapping sets of 3 and 4 pixels with 2 in common: how many pixels are in the union?",
    ),
    "all-pixels-instead-of-union": (
        "The denominator is the number of all pixels.",
        "What should the IoU of each class be when every pixel is right?",
    ),
    "dice-instead-of-iou": (
        "This is the Dice coefficient of each class.",
        "Two sets of 3 and 4 pixels with 2 in common: what is intersection over union, and which of the numbers does "
        "your formula contain?",
    ),
    "recall-instead-of-iou": (
        "It is divided by the pixels of the true class: this is the recall.",
        "Predict class 1 everywhere: what is its IoU, and what do you get? Which wrong pixels do not count in yours?",
    ),
    "precision-instead-of-iou": (
        "It is divided by the pixels of the predicted class: this is the precision.",
        "Predict class 1 at one of its pixels only: what is its IoU, and what do you get? Which wrong pixels do not "
        "count in yours?",
    ),
    "pixel-accuracy-instead-of-iou": (
        "This is the share of pixels that are right.",
        "99 of 100 pixels are class 0, and class 0 is predicted everywhere: what is the IoU of class 1, and the mean?",
    ),
    "true-negatives-counted": (
        "Pixels count as right where a class is neither true nor predicted ({detail}).",
        "Does a pixel that belongs to neither set belong to their intersection, or to their union?",
    ),
    "loss-instead-of-score": (
        "The result is 1 minus the mean IoU.",
        "What should the result be when every pixel is right?",
    ),
    "percent": (
        "The result is in percent.",
        "Between which numbers does contract('mean_iou') put the result?",
    ),
    "integer-division": (
        "The quotients are rounded down to whole numbers.",
        "What do 2 / 3 and 2 // 3 give? Which dtype has the array that they are stored in?",
    ),
    # dice_loss: value
    "score-instead-of-loss": (
        "The result is the coefficient, not the loss.",
        "What should the loss of a perfect prediction be?",
    ),
    "sign-flipped": (
        "{thing} has the wrong sign (or is the coefficient with a minus).",
        "What should the loss of a perfect prediction be? Where t is 1 and p rises, should the loss rise or fall?",
    ),
    "offset-missing": (
        "The loss is too large by 1.",
        "What should the loss of a perfect prediction be?",
    ),
    "factor-2-missing": (
        "A factor 2 is missing ({detail}).",
        "What should the loss be for p = t? In backward: which terms come from the numerator, and what stands in "
        "front of the sum there?",
    ),
    "epsilon-missing": (
        "epsilon is missing in {thing} ({detail}).",
        "What should the loss be when neither t nor p has any object? At how many places does contract('dice_loss') "
        "name epsilon?",
    ),
    "epsilon-doubled": (
        "epsilon is counted twice ({detail}).",
        "What is the loss for t = [1], p = [0] and epsilon = 1, on paper? Is epsilon inside a bracket that is "
        "multiplied by 2?",
    ),
    "epsilon-outside-the-quotient": (
        "epsilon is added to the loss, not to numerator and denominator.",
        "What should the loss be when neither t nor p has any object? Where are the brackets?",
    ),
    "epsilon-ignored": (
        "The argument epsilon is not used ({detail}).",
        "Does a constant stand where the argument should?",
    ),
    "jaccard-instead-of-dice": (
        "This is made with the union, as intersection over union is ({detail}).",
        "Is the intersection taken off the sum in contract('dice_loss')? What should the loss be for t = [1, 1] and p "
        "= [1, 0], without epsilon?",
    ),
    "squared-denominator": (
        "The denominator adds up squares.",
        "What should the loss be for t = [1] and p = [0.5], without epsilon?",
    ),
    "product-in-the-denominator": (
        "The denominator is the product of the two sums.",
        "What should the loss be for p = t with one pixel of 1, and with three, without epsilon?",
    ),
    "one-sum-missing": (
        "The denominator lacks one of its two sums ({detail}).",
        "What should the loss be for p = t?",
    ),
    "size-in-the-denominator": (
        "The denominator is the number of pixels.",
        "What should the loss be for p = t, if only few pixels are 1?",
    ),
    "mean-in-the-numerator": (
        "The numerator takes a mean where the denominator takes sums.",
        "What should the loss be for p = t?",
    ),
    "means-instead-of-sums": (
        "Means stand where sums should; they are the same but for the weight of epsilon.",
        "How large is epsilon = 1 beside a sum over 100 pixels, and beside their mean?",
    ),
    "prediction-thresholded": (
        "The probabilities are made 0 or 1 first ({detail}).",
        "Should the loss change when p goes from 0.6 to 0.7? Which gradient has a comparison?",
    ),
    "background-instead-of-object": (
        "The overlap of the background is measured.",
        "Which pixels should count: those with t = 1 or those with t = 0?",
    ),
    "background-counted-too": (
        "Background and object count alike.",
        "Ten thousand pixels of background and one of object, which is missed: what should the loss be, and what is "
        "yours?",
    ),
    "sum-instead-of-product": (
        "The numerator adds t and p.",
        "Which pixels should contribute to the intersection? What does a pixel with t = 0 contribute?",
    ),
    "sigmoid-applied": (
        "A sigmoid is applied to p.",
        "Are p logits or probabilities, according to contract('dice_loss')? What is the sigmoid of 1?",
    ),
    "logarithm-taken": (
        "A logarithm is taken that the Dice loss does not have.",
        "How large can the Dice loss be at most, and how large can yours be?",
    ),
    "root-taken": (
        "A root of the loss is taken.",
        "What should the loss be for t = [1, 0, 0, 0] and p = [1, 1, 1, 0], without epsilon?",
    ),
    "cross-entropy-added": (
        "The binary cross-entropy is added.",
        "How large can the Dice loss be at most, and how large can yours be?",
    ),
    # per image, class, pixel
    "averaged-over-images": (
        "It is computed for each image on its own, and the values are then averaged, added up or returned one by one "
        "({detail}).",
        "Take one image with an object and one without: is the quotient of the sums the mean of the quotients? Over "
        "what does the contract take its sums?",
    ),
    "averaged-over-classes": (
        "It is computed for each channel on its own, and the values are then averaged, added up or returned one by "
        "one.",
        "Is the quotient of the sums the mean of the quotients? Over what does contract('dice_loss') take its sums?",
    ),
    "averaged-over-images-and-classes": (
        "It is computed for each image and channel on its own, and the values are then averaged, added up or returned "
        "one by one.",
        "Is the quotient of the sums the mean of the quotients? Over what does contract('dice_loss') take its sums?",
    ),
    "averaged-over-pixels": (
        "It is computed for single pixels or rows, and the values are then averaged, added up or returned one by one.",
        "Over what does contract('dice_loss') take its sums, and over which axes do yours run?",
    ),
    # dice_loss: gradient
    "denominator-not-differentiated": (
        "The denominator is taken for a constant.",
        "In how many places of the quotient does p stand? When p rises where t is 0, should the loss stay the same?",
    ),
    "numerator-not-differentiated": (
        "The numerator is taken for a constant.",
        "In how many places of the quotient does p stand? Should the gradient be the same where t is 0 and where t is "
        "1?",
    ),
    "denominator-not-squared": (
        "The denominator of the gradient has the wrong power.",
        "Write the quotient rule for u / v down and compare. Double the number of all pixels: what becomes of the "
        "gradient of one?",
    ),
    "denominator-cubed": (
        "The denominator of the gradient has the wrong power.",
        "Write the quotient rule for u / v down and compare. Double the number of all pixels: what becomes of the "
        "gradient of one?",
    ),
    "quotient-rule-sign": (
        "The two terms of the quotient rule have the wrong sign between them.",
        "Where t is 0 and p rises, does the loss rise or fall? Which sign has your gradient there?",
    ),
    "numerator-and-denominator-swapped": (
        "In {thing} numerator and denominator have changed places ({detail}).",
        "Write u / v and the quotient rule for it down: which of the two is which, and which is differentiated in "
        "which term?",
    ),
    "factor-2-twice": (
        "The 2 is applied to the numerator once more.",
        "Is the 2 contained in the numerator that you kept? Check your gradient for t = [1] and p = [0.5] by hand.",
    ),
    "prediction-instead-of-label": (
        "The derivative of the numerator contains p where it should not.",
        "What is the derivative of t * p by p?",
    ),
    "label-missing": (
        "The derivative of the numerator is taken as if every pixel were labelled.",
        "What is the derivative of t * p by p? Should the gradient be the same where t is 0 and where t is 1?",
    ),
    "only-where-labelled": (
        "The gradient is 0 wherever t is 0.",
        "When p rises where t is 0, does the loss stay the same? In how many places of the quotient does p stand?",
    ),
    "gradient-of-the-squared-denominator": (
        "This is the gradient of a loss whose denominator adds up squares.",
        "What does the denominator of your forward contain, p or its square? What is the derivative of that?",
    ),
    "difference-instead-of-gradient": (
        "The gradient is p - t, as for a squared error or for cross-entropy.",
        "Which function are you differentiating? Check one number by changing p by 0.001.",
    ),
    "cross-entropy-gradient": (
        "This is the gradient of the binary cross-entropy.",
        "Which function are you differentiating? How large can the gradient of the Dice loss be when p is nearly 0?",
    ),
    "loss-in-the-gradient": (
        "The loss stands in the gradient where the coefficient should.",
        "Write the quotient rule for u / v down and divide by v: which quotient is left in it, and which number did "
        "you keep?",
    ),
    "sigmoid-slope-added": (
        "The slope of a sigmoid, p (1 - p), is multiplied in.",
        "By what is the gradient to be taken: by the probabilities or by logits? Does your forward contain a sigmoid?",
    ),
    "upstream-ignored": (
        "dloss is not used: the result is what an upstream gradient of 1 gives.",
        "If the loss is multiplied by 3 afterwards, what should become of dy_pred?",
    ),
    "brackets-misplaced": (
        "A bracket is missing or in another place: another part of the expression is divided.",
        "Put t = p = 1 everywhere and epsilon = 0: what should the loss be, and what does each operator act on?",
    ),
    "prediction-rounded": (
        "The probabilities are rounded before they are used.",
        "Move one probability by 0.001: does the loss change?",
    ),
    "pairs-counted-once": (
        "Each pair of classes is counted once, however many pixels have it.",
        "Does a fancy index with += count an index that occurs twice, or is it assigned?",
    ),
    "absent-classes-divide-by-zero": (
        "A class that occurs in neither array gives 0 / 0, and the result is NaN.",
        "What is the union of a class that does not occur, and what should such a class count in the mean?",
    ),
    # mean_iou_ignore_class
    "ignore-class-not-used": (
        "ignore_class makes no difference: what is predicted at the ignored positions counts.",
        "Where in your function does ignore_class occur? Change a prediction where y_true is the ignored label: should "
        "the result change?",
    ),
    "zero-taken-for-none": (
        "ignore_class=0 is treated as None.",
        "What is bool(0)? How can None be told from 0?",
    ),
    "mask-of-the-prediction": (
        "Positions are left out where y_pred is the ignored class, not where y_true is.",
        "Who decides that a position does not count: the label or the prediction?",
    ),
    "predictions-of-it-ignored-too": (
        "Which positions are left out depends on y_pred as well ({detail}); y_true alone should decide.",
        "A pixel of class 1 is predicted as the ignored class: is that an error that should count?",
    ),
    "another-label-ignored": (
        "A fixed label is left out, whatever ignore_class is ({detail}).",
        "Does a number stand in your function where the argument should?",
    ),
    "smaller-labels-ignored-too": (
        "All labels up to ignore_class are left out.",
        "Which comparison leaves out one label only? Try ignore_class=1 with the labels 0, 1 and 2.",
    ),
    "larger-labels-ignored-too": (
        "All labels from ignore_class on are left out.",
        "Which comparison leaves out one label only? Try ignore_class=1 with the labels 0, 1 and 2.",
    ),
    "class-left-out-of-the-mean-only": (
        "The ignored class is left out of the mean, but its positions still count for the other classes.",
        "A pixel with the ignored label is predicted as class 1. May it make the union of class 1 larger?",
    ),
    "class-left-out-of-the-mean-too": (
        "The ignored class never counts in the mean, although it is predicted at positions that count.",
        "ignore_class=0, y_true = [1, 1], y_pred = [1, 0]: which classes occur, and what is the IoU of each?",
    ),
    "ignored-positions-count-as-class-0": (
        "Positions with the ignored label are turned into class 0 ({detail}) and counted.",
        "What does y_true * mask hold where the mask is 0, and which class is that?",
    ),
    "ignored-positions-count-as-right": (
        "Positions with the ignored label count as predicted correctly ({detail}).",
        "Ten positions are ignored. Should the intersection of any class be larger for that?",
    ),
    "ignored-positions-in-the-prediction-counted": (
        "The positions with the ignored label are left out of y_true, but y_pred is counted there.",
        "A pixel with the ignored label is predicted as class 1. In which of your three counts does it occur?",
    ),
    "mask-inverted": (
        "Only the positions with the ignored label count.",
        "Does True in your mask mean that a position counts, or that it does not?",
    ),
    "prediction-squared": (
        "The probabilities are squared ({detail}).",
        "Is p multiplied in twice? With predictions of 0.5 everywhere, what is the loss by the formula, and by yours?",
    ),
}
"""Cause: (what it suggests, hint)."""
