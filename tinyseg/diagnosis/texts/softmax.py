"""Causes and hints of softmax and softmax_cross_entropy."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # both
    "maximum-not-subtracted": (
        "exp is taken of the numbers as they come: with large ones it overflows, with very negative ones all of them "
        "become 0, and the quotient is NaN.",
        "What do np.exp(1000) and np.exp(-1000) give? Compare softmax([0, 1]) with softmax([5, 6]) by hand: what may "
        "you do to the numbers first?",
    ),
    "maximum-of-everything": (
        "One maximum ({detail}) is subtracted from several positions before exp is taken; in a position far below it "
        "all exponentials become 0.",
        "Take the rows [1000, 1001] and [0, 1]: what is left of each after your subtraction and exp? Which numbers "
        "must be shifted by the same amount, and which need not?",
    ),
    "softmax-over-wrong-axis": (
        "Probabilities are normalised over the wrong axis ({detail}).",
        "Which numbers should add up to 1? Take an array of shape (2, 3) and add up the probabilities along each axis.",
    ),
    "not-normalised": (
        "The exponentials are used without dividing them by their sum.",
        "What should the probabilities of one position add up to, and what do yours?",
    ),
    "sigmoid-instead-of-softmax": (
        "Each number goes through a sigmoid of its own, so that the classes know nothing of one another.",
        "When the number of one class rises, what should happen to the probabilities of the others?",
    ),
    "temperature": (
        "The numbers are divided by something before exp is taken ({detail}): a temperature that the contract does "
        "not have.",
        "For the numbers [0, 2], what should the quotient of the two probabilities be, and what is yours?",
    ),
    "ties-mishandled": (
        "It is right for distinct numbers and wrong when several numbers of a position are equal.",
        "How many places does a comparison with the maximum find in [1, 1, 0]? Is there an argmax, a sort or a set "
        "where values are looked for?",
    ),
    # softmax: forward
    "sign-of-the-exponent": (
        "The exponent has the wrong sign: the largest number gets the smallest probability.",
        "Which class should be the most likely for x = [1, 3]?",
    ),
    "exponential-missing": (
        "The numbers themselves (or their magnitudes, or their distances from the smallest or the largest) are divided "
        "by their sum: there is no exponential.",
        "What should softmax of [0, 0] be, and of [-1, 1]? What does your quotient give there?",
    ),
    "wrong-base": (
        "The powers are those of 2, not of e.",
        "For x = [0, 1], what should the quotient of the two probabilities be?",
    ),
    "epsilon-in-the-sum": (
        "A small number is added to the sum of the exponentials ({detail}), so that the probabilities do not add up "
        "to 1.",
        "How small can the sum become when the largest of the exponents is 0? What is the small number meant to "
        "protect from?",
    ),
    "normalised-by-the-length": (
        "The exponentials are divided by their length (the root of the sum of their squares).",
        "Add up the numbers of y in one position, then their squares. Which of the two is 1, and which should be?",
    ),
    "normalised-by-the-sum-before-exponentials": (
        "The exponentials are divided by the exponential of a sum.",
        "Is exp(a + b) the same as exp(a) + exp(b)? Try a = b = 0.",
    ),
    "averaged-instead-of-summed": (
        "The exponentials are divided by their mean.",
        "What should the probabilities of two equal numbers be, and what are yours?",
    ),
    "one-hot-instead-of-probabilities": (
        "y is 1 for the largest number and 0 for all others.",
        "What should softmax of [0, 0] be? Should y change when x changes a little?",
    ),
    "divided-by-the-deviation": (
        "The numbers are standardised before exp is taken (mean subtracted, divided by the standard deviation).",
        "Should [0, 1] and [0, 10] have the same probabilities?",
    ),
    # softmax: backward
    "coupling-over-wrong-axis": (
        "In dx the sum that couples the classes of a position runs over the wrong axis ({detail}).",
        "Which entries of y depend on one entry of x? Only their gradients belong into the sum.",
    ),
    "coupling-missing": (
        "Each entry of dx contains its own dy only: the coupling of the classes is missing ({detail}).",
        "When x of one class rises, what happens to the probabilities of the others, and how does the loss notice?",
    ),
    "coupling-sign": (
        "The sum that couples the classes has the wrong sign.",
        "When x of one class rises, do the other probabilities rise or fall? What should dx be when all dy of a "
        "position are equal?",
    ),
    "coupling-without-y": (
        "The sum that couples the classes adds up dy without weighting each entry by its own y.",
        "Take dy = [1, 1]: can the sum of the probabilities change, and what should dx be? What is yours?",
    ),
    "coupling-averaged": (
        "The classes are coupled by a mean where a sum should stand.",
        "Write out the derivative for two classes by hand. Is anything divided by the number of classes?",
    ),
    "coupling-squared": (
        "The term that couples the classes has one factor y too many.",
        "Write the derivative of y[0] by x[1] by hand and count the factors y.",
    ),
    "coupling-of-the-first-sample": (
        "The probabilities of the first position, or the sum that couples its classes, are used for all positions.",
        "Does each row have a sum of its own? Which shape does it have, and is there an index that is always 0?",
    ),
    "diagonal-missing": (
        "The effect of a number on its own probability is missing or incomplete ({detail}).",
        "Write the Jacobian for two classes as a table of 2x2. Which of its four entries does your dx contain?",
    ),
    "factor-y-missing": (
        "A factor y is missing in dx ({detail}).",
        "Which dx can a class have whose probability is almost 0? Write the derivative of y[0] by x[0] and by x[1], "
        "and count the factors y in each.",
    ),
    "y-squared": (
        "The factor y is in dx once too often.",
        "Work out dx by hand for y = [0.5, 0.5] and dy = [1, 0], and compare.",
    ),
    "log-softmax-gradient": (
        "This is the gradient of the logarithm of softmax.",
        "Is y a probability or its logarithm?",
    ),
    "upstream-passed-on": (
        "dx is dy itself.",
        "When x of one class grows by 0.01, do its probability and the others change by 0.01 and 0?",
    ),
    "cross-entropy-gradient": (
        "dx is y minus dy: the gradient of softmax and cross-entropy in one, with dy in the place of the labels.",
        "Which function is being differentiated here: softmax alone, or softmax and the loss behind it? What is dy?",
    ),
    "wrong-array-used": (
        "The gradient is made of the wrong array ({detail}).",
        "Can the derivative of softmax be written with what came in, or with what came out? Which of the two is in "
        "your cache?",
    ),
    # cross-entropy: forward
    "class-0-ignored": (
        "The label 0, or the class 0, does not count.",
        "Is 0 a class like the others here? Is there a condition that takes it for 'nothing' (if label, label > 0)?",
    ),
    "label-left-out-of-the-sum": (
        "The sum of the exponentials leaves out the label's class.",
        "Over which classes does the sum in softmax run? What should the loss be for two equal logits?",
    ),
    "logarithm-of-zero": (
        "The logarithm is taken of a probability that has become 0 in floating point; the right loss is a large but "
        "ordinary number.",
        "What is the right loss for the logits [0, 1000] and the label 0? Write down the logarithm of the quotient on "
        "paper: must the quotient itself be computed?",
    ),
    "logarithm-clipped": (
        "The probability is kept away from 0 ({detail}), so that the loss is not exact and stops growing for unlikely "
        "classes.",
        "What is the right loss for the logits [0, 1000] and the label 0, and what is yours? Can the logarithm be had "
        "without the probability?",
    ),
    "mean-instead-of-each": (
        "The loss is the mean over all positions, where one number for each is expected.",
        "What shape does the target have, and what shape the loss?",
    ),
    "sum-instead-of-mean": (
        "The losses of all positions are added up where they should be averaged.",
        "Take every sample twice: should the loss double?",
    ),
    "mean-over-the-batch-only": (
        "The sum over all positions is divided by the number of images only.",
        "How many losses are averaged for 2 images of 3x4 pixels?",
    ),
    "mean-over-classes-too": (
        "The loss is divided by the number of classes as well.",
        "What should the loss of two equal logits be? How many numbers are averaged: one for each position, or one "
        "for each class?",
    ),
    "logarithm-missing": (
        "The loss is made of the probability where its logarithm should stand.",
        "How large is the loss when the label's probability is nearly 0: what should it be, and what is yours?",
    ),
    "softmax-missing": (
        "The logits are used as if they were probabilities: there is no softmax.",
        "Do the logits of one position add up to 1? What should the loss be for the logits [0, 0]?",
    ),
    "softmax-twice": (
        "Softmax is applied twice, the second time to probabilities.",
        "Does the function get logits or probabilities? What should the loss be for the logits [100, 0] and the label "
        "0, and what is yours?",
    ),
    "wrong-logarithm": (
        "The logarithm has another base ({detail}).",
        "What should the loss of two equal logits be? What do np.log, np.log2 and np.log10 give for 10?",
    ),
    "log-sum-missing": (
        "The loss is the distance between the largest logit and the label's; the other classes have no influence.",
        "What should the loss be for two equal logits, and what is yours?",
    ),
    "maximum-not-added-back": (
        "The largest logit is subtracted in one of the two terms of the loss only, or enters the other with the wrong "
        "sign.",
        "Add 10 to all logits: should the loss change? Does yours?",
    ),
    "binary-cross-entropy": (
        "Each class is treated as a yes-or-no question of its own (binary cross-entropy).",
        "How many of the K probabilities does the loss of one position contain? Write it down for the probabilities "
        "[0.7, 0.2, 0.1] and the label 0.",
    ),
    "entropy-instead-of-cross-entropy": (
        "This is the entropy of the prediction: the label has no influence.",
        "Change a label: should the loss change? Which of the two factors in the sum comes from the label?",
    ),
    "squared-error": (
        "This is what a squared error of the probabilities gives.",
        "How large can the loss become when the label's probability goes to 0? In backward: where could a factor 2 "
        "come from?",
    ),
    "all-classes-counted": (
        "The logarithms of all classes count, not only that of the label's class.",
        "Change a label: should the loss change, and does yours?",
    ),
    "other-classes-counted": (
        "The logarithms of all classes but the label's count.",
        "Should the loss rise or fall when the label's probability rises? Which way round is the mask?",
    ),
    "labels-one-off": (
        "The class beside the label is taken.",
        "Is the first class 0 or 1? Try the logits [9, 0, 0] with the label 0: should the loss be large or small?",
    ),
    "largest-instead-of-label": (
        "The most likely class is taken in place of the label.",
        "Change a label: should the loss change, and does yours?",
    ),
    "labels-smoothed": (
        "A tenth of each label is shared out among all classes (label smoothing).",
        "Which weight does the label's class have in the contract, and which weight have the others?",
    ),
    "focal-loss": (
        "The loss is weighted by the square of what the probability lacks to 1: this is the focal loss.",
        "What should the loss of two equal logits be? Which factor makes yours smaller?",
    ),
    # cross-entropy: backward
    "label-not-subtracted": (
        "The label does not occur in dlogits: this is the probabilities times dloss.",
        "When the label's own logit rises, does the loss rise or fall? Which sign has your gradient there?",
    ),
    "probability-missing": (
        "Only the label's class has a gradient, and it is the same whatever the prediction is.",
        "What should the gradient be when the prediction is already perfect? Does the loss depend on the other logits?",
    ),
    "label-subtracted-after-scaling": (
        "Only one of the two terms of dlogits is multiplied by dloss.",
        "Set dloss to 0: what must dlogits be?",
    ),
    "label-added": (
        "The label enters dlogits with the wrong sign.",
        "Add the same number to all logits of a position: does the loss change? What must its entries of dlogits add "
        "up to, then?",
    ),
    "upstream-ignored": (
        "The upstream gradient is not used: the result is what one of ones gives.",
        "If the loss is multiplied by 3 afterwards, what should become of dlogits?",
    ),
    "mean-not-divided": (
        "forward takes a mean, and dlogits is that of a sum.",
        "When the loss of one of P positions grows by 1, by how much does their mean grow?",
    ),
    "divided-by-the-batch": (
        "dlogits is divided by the number of samples although forward does not take a mean ({detail}).",
        "Does your forward return one loss for each position, or their mean? Whose backward divides where a mean is "
        "taken later?",
    ),
    "divided-by-the-classes": (
        "dlogits is divided by the number of classes.",
        "Is the loss of one position a mean over classes? Over what does each of your means run?",
    ),
    "only-the-label's-class": (
        "Only the label's class has a gradient.",
        "When the logit of another class rises, what happens to the label's probability, and to the loss?",
    ),
    "only-the-other-classes": (
        "The label's own class has no gradient.",
        "When the label's logit rises a little, does the loss stay the same? Is an entry overwritten that should only "
        "be changed?",
    ),
    "label-subtracted-from-all": (
        "1 is subtracted from all classes, not only from the label's.",
        "Which entries does your index address in one row? What should the entries of dlogits of one position add up "
        "to?",
    ),
    "labels-subtracted-in-every-row": (
        "1 is subtracted in every row at the labels of all rows.",
        "How many entries does p[:, [0, 2]] address when p has three rows? In how many places of each row should "
        "something change?",
    ),
    "softmax-differentiated-twice": (
        "The slope of softmax is multiplied in once more.",
        "By what is your expression the derivative of the loss: by the probabilities or by the logits? Which of the "
        "two still needs the slope of softmax?",
    ),
    "slope-of-a-sigmoid": (
        "dlogits contains p (1 - p), the slope of a sigmoid.",
        "Does a probability depend on its own logit only? What should the entries of dlogits of one position add up "
        "to?",
    ),
    "gradient-by-probabilities": (
        "This is the gradient by the probabilities, not by the logits.",
        "Which function lies between logits and probabilities, and where does its derivative come in?",
    ),
    "logarithm-of-p-in-the-gradient": (
        "The logarithm of the probabilities stands in dlogits.",
        "What should dlogits be when the prediction is perfect, and what is yours for the classes whose probability "
        "is nearly 0?",
    ),
    "cut-off-at-zero": (
        "The negative entries of dlogits are set to 0.",
        "Which logit should rise so that the loss falls? Which sign has its gradient?",
    ),
    "inputs-clipped": (
        "The inputs are limited ({detail}), so that large ones that differ become equal.",
        "What is the softmax of (1000, 1001)? Which change of the inputs leaves every result as it is?",
    ),
    "exponential-of-the-loss": (
        "This is exp of the loss (the perplexity).",
        "What is the loss of a prediction that is certain and right?",
    ),
    "labels-picked-for-every-position": (
        "Each position gets the probabilities of every position's label, not of its own.",
        "p of shape (3, 4) and target of shape (3,): what shape has p[:, target]? Which index runs along with the "
        "target?",
    ),
    "probability-twice": (
        "There is one factor of the probability too many.",
        "Write the derivative of log of the sum of exponentials: how often does p occur?",
    ),
    "right-predictions-left-out": (
        "Positions whose largest logit is that of the label get no gradient.",
        "Is the loss of such a position 0? Can it still be made smaller?",
    ),
    "minimum-instead-of-maximum": (
        "The smallest number of each position is subtracted before exp is taken; where another is far above it, exp "
        "overflows.",
        "For x = [0, 1000]: which exponents are left after your subtraction, and what is exp of the larger one? Which "
        "number must be subtracted so that none is above 0?",
    ),
    "labels-from-one": (
        "Labels are taken to begin at 1: each marks the class before its own, and label 0 marks none.",
        "Is the first class 0 or 1? Which class does your comparison mark for the label 0?",
    ),
    "all-logits-subtracted": (
        "The logits of all classes are subtracted, not only that of the label's class.",
        "Change a label: should the loss change, and does yours?",
    ),
    "logarithm-of-the-sum-missing": (
        "The logarithm of the sum of exponentials is missing: the sum itself stands in the loss.",
        "What should the loss of two equal logits be, and what is yours? What is the logarithm of a quotient?",
    ),
    "exponent-squared": (
        "exp is taken of a square.",
        "Which class should be the most likely for x = [0, 3], and which one is yours?",
    ),
    "maximum-replaced": (
        "Something else than the maximum of a position is subtracted before exp ({detail}): that changes nothing as "
        "long as no exponential overflows, and then everything.",
        "What is exp of the largest number that is left after your subtraction, for the numbers 0, 0, 0 and 2500? "
        "Which number can be subtracted so that no exponent is above 0?",
    ),
    "class-not-divided": (
        "One class is not divided by the sum ({detail}).",
        "What do the probabilities of one position add up to? Where does the loop that divides end?",
    ),
    "sum-not-reset": (
        "The sum of the exponentials goes on from position to position: each is divided by the sum of all that came "
        "before, too.",
        "Where is the sum set to 0, and in which loop?",
    ),
    "first-label-for-all": (
        "The label of the first position is used for all.",
        "Is an index constant that should run?",
    ),
    "class-id-subtracted": (
        "The class id itself is subtracted from the probabilities of its position, where 1 belongs at the label alone.",
        "Three classes and the label 2: which three numbers are to be subtracted? What is np.eye(3)[2]?",
    ),
    "one-hot-reversed": (
        "The labels count from the last class: the one-hot vector is reversed.",
        "Three classes and the label 0: which entry of yours is 1?",
    ),
    "label-subtracted-twice": (
        "At the label another number than 1 is subtracted ({detail}).",
        "What should the entries of dlogits of one position add up to, and what do yours?",
    ),
    "label-times-logarithm": (
        "At the label its logarithm or probability is subtracted, where 1 belongs ({detail}).",
        "Differentiate log(sum of exponentials) - x at the label. Which number does the second term give?",
    ),
    "probability-squared": (
        "The probability enters with a power ({detail}).",
        "What should the entries of dlogits of one position add up to, and what do yours?",
    ),
}
"""Cause: (what it suggests, hint)."""
