"""Causes and hints of batch_norm. z is x normalised, before scale and shift."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # statistics
    "variance-unbiased": (
        "The variance is that with n - 1 in the denominator (the unbiased estimate).",
        "By what does contract('batch_norm') say that the sum of squares is divided? What does ddof do in np.var?",
    ),
    "variance-around-zero": (
        "The variance is computed without subtracting the mean: it is the mean of the squares.",
        "What is the variance of [5, 5, 5], and what is yours?",
    ),
    "root-mean-square": (
        "x is divided by the root of the mean of its squares, and no mean is subtracted.",
        "Add 100 to all x of a channel: should y change?",
    ),
    "mean-deviation": (
        "The mean absolute deviation takes the place of the variance.",
        "What is the variance of [0, 0, 0, 4]? What is the mean of the distances from the mean?",
    ),
    "median-instead-of-mean": (
        "The median is subtracted, not the mean.",
        "What is the mean of [0, 0, 9]?",
    ),
    "sum-instead-of-mean": (
        "A sum stands where a mean should ({detail}).",
        "Take every sample twice: which quantities should stay as they are, and which of yours do not?",
    ),
    "all-numbers-counted": (
        "Sums over one channel are divided by the number of all numbers of x ({detail}).",
        "How many numbers does one channel have in 2 images of 3x4 pixels and 5 channels?",
    ),
    "batch-counted-instead-of-positions": (
        "Sums over one channel are divided by the number of images only ({detail}).",
        "How many numbers are added up for one channel in 2 images of 3x4 pixels?",
    ),
    "statistics-over-wrong-axes": (
        "Mean or variance is taken over the wrong axes ({detail}).",
        "How many means are there in all for x of shape (2, 3, 4, 5)? Write the shapes of your mean and variance down.",
    ),
    "fresh-running-statistics-used": (
        "Statistics of a new layer (mean 0, variance 1) are used in place of those of the batch, or mixed in with "
        "them.",
        "What should mean and variance of y be in each channel when gamma is 1 and beta is 0? Which statistics belong "
        "to training, which to inference?",
    ),
    # epsilon
    "epsilon-missing": (
        "epsilon is missing in {thing} ({detail}).",
        "What happens in a channel where all numbers are equal? Do forward and backward use the same deviation?",
    ),
    "epsilon-outside-the-root": (
        "epsilon is added after the root is taken.",
        "To which quantity does contract('batch_norm') add epsilon? By what is divided when the variance is 0 and "
        "epsilon is 0.01?",
    ),
    "epsilon-squared": (
        "epsilon is squared before it is added.",
        "By what is divided when the variance is 0 and epsilon is 0.01, and by what should it be?",
    ),
    "epsilon-subtracted": (
        "epsilon is subtracted from the variance.",
        "What is it there to prevent? What happens when the variance is 0?",
    ),
    "epsilon-ignored": (
        "The argument epsilon is not used ({detail}).",
        "Does a constant stand where the argument should, or is a default used because the argument is not passed on?",
    ),
    "epsilon-as-a-lower-limit": (
        "epsilon is a lower limit of the variance.",
        "What should be under the root when the variance is 1 and epsilon is 0.5?",
    ),
    # scale
    "root-missing": (
        "It is divided by the variance (with epsilon), not by its root.",
        "Multiply all x of a channel by 10: should y change much? Does yours?",
    ),
    "multiplied-by-the-deviation": (
        "{thing} is multiplied by the deviation where it should be divided by it.",
        "Multiply all x of a channel by 10: should y grow? Should dx grow or shrink?",
    ),
    "multiplied-by-the-variance": (
        "It is multiplied by the variance.",
        "What should the variance of y be when gamma is 1 and beta is 0?",
    ),
    "not-scaled": (
        "The mean is subtracted and nothing more: the deviation does not come in.",
        "What should the variance of y be when gamma is 1 and beta is 0?",
    ),
    "mean-not-subtracted": (
        "The mean is not subtracted.",
        "What should the mean of y be in each channel when beta is 0?",
    ),
    "mean-added": (
        "The mean is added where it should be subtracted.",
        "What should the mean of y be in each channel when beta is 0?",
    ),
    # gamma and beta
    "gamma-missing": (
        "gamma does not reach y.",
        "What should y be when gamma is 0?",
    ),
    "beta-missing": (
        "beta does not reach y.",
        "What should the mean of y be in each channel?",
    ),
    "beta-subtracted": (
        "beta is subtracted.",
        "What should y be when gamma is 0?",
    ),
    "gamma-and-beta-missing": (
        "y is only normalised: neither gamma nor beta is used.",
        "What should y be when gamma is 0? What should its mean be?",
    ),
    "gamma-and-beta-swapped": (
        "gamma and beta have changed places.",
        "What should y be when gamma is 0, and when beta is 0?",
    ),
    "beta-inside-the-bracket": (
        "beta is added too early, so that it is scaled as well.",
        "Set gamma to 0: what should y be, and what is yours?",
    ),
    "gamma-added": (
        "gamma is added where it should be a factor.",
        "What should y be when gamma is 0?",
    ),
    "gamma-one-plus": (
        "The factor is 1 + gamma.",
        "What should y be when gamma is 0?",
    ),
    "gamma-squared": (
        "gamma enters twice.",
        "What becomes of y when gamma is doubled?",
    ),
    "gamma-divided-by": (
        "It is divided by gamma.",
        "What becomes of y when gamma is doubled?",
    ),
    "gamma-sign-lost": (
        "The sign of gamma is lost.",
        "What should y be when gamma is -1?",
    ),
    "gamma-of-one-channel": (
        "All channels get the gamma of the first.",
        "How many gammas are there, and to which axis of x do they belong? Is there an index that is always 0?",
    ),
    "beta-of-one-channel": (
        "All channels get the beta of the first.",
        "How many betas are there, and to which axis of x do they belong? Is there an index that is always 0?",
    ),
    # dx
    "statistics-not-differentiated": (
        "dx takes mean and variance for constants ({detail}).",
        "When one x changes, mean and variance of its channel change as well, and with them every y of the channel. "
        "In how many ways does the loss depend on one x?",
    ),
    "mean-not-differentiated": (
        "dx takes the mean for a constant.",
        "Add the same number to all x of a channel: does y change? What must the dx of a channel add up to, then, and "
        "what do yours?",
    ),
    "variance-not-differentiated": (
        "dx takes the variance for a constant.",
        "Multiply all deviations from the mean by 1.01: does y change much? What does that say about the sum of dx * "
        "(x - mean), and what is yours?",
    ),
    "direct-term-missing": (
        "dx contains the ways through mean and variance only; the direct way from x to y is missing.",
        "In how many ways does y depend on one x? Which of them remains when mean and variance are held fixed?",
    ),
    "gamma-forgotten-in-dx": (
        "gamma is missing in dx.",
        "What should dx be when gamma is 0?",
    ),
    "gamma-twice-in-dx": (
        "gamma is in dx twice.",
        "If gamma is doubled, what becomes of y, and of dx? Is dy multiplied by it in two places?",
    ),
    "deviation-forgotten-in-dx": (
        "The division by the deviation is missing in dx.",
        "If all x of a channel are multiplied by 10, y stays nearly the same. What must become of dx?",
    ),
    "gamma-and-deviation-forgotten-in-dx": (
        "dx lacks two factors: gamma and that of the deviation.",
        "What should dx be when gamma is 0? And what becomes of it when all x are multiplied by 10?",
    ),
    "deviation-squared-in-dx": (
        "dx is divided by the deviation twice.",
        "If all x of a channel are multiplied by 10, y stays nearly the same. By which factor must dx change, and by "
        "which does yours?",
    ),
    "deviation-only-in-the-direct-term": (
        "Only the direct term of dx is divided by the deviation.",
        "Which of the three terms contain the slope of z by x? What do the dx of a channel add up to, and what should "
        "they?",
    ),
    "gamma-only-in-the-direct-term": (
        "Only the direct term of dx has the factor gamma.",
        "Set gamma to 0: which terms of dx are left, and which should be?",
    ),
    "gamma-missing-in-the-direct-term": (
        "The direct term of dx lacks the factor gamma.",
        "Set gamma to 0: which terms of dx are left, and which should be?",
    ),
    "term-of-the-variance-scaled": (
        "The term of dx that goes through the variance has a wrong factor ({detail}).",
        "What should the sum of dx * (x - mean) be when epsilon is tiny? Write the derivative of a square and of a "
        "root beside each other and count the factors 2.",
    ),
    "term-of-the-mean-scaled": (
        "The term of dx that goes through the mean has a wrong factor ({detail}).",
        "Add the same number to all x: y does not change. What must the dx of a channel add up to, then?",
    ),
    "both-terms-with-wrong-sign": (
        "The terms through mean and variance have the wrong sign.",
        "Add the same number to all x: y does not change. What must the dx of a channel add up to, then?",
    ),
    "not-normalised-in-the-backward": (
        "In the term through the variance stands a number that is not normalised ({detail}).",
        "What do you keep in the cache, and in which state: as it came, centred, or centred and scaled? Does this "
        "term grow when all x are multiplied by 10?",
    ),
    "y-instead-of-z": (
        "{thing} is made of y where the normalised x should stand ({detail}).",
        "By which number is gamma multiplied in forward? Does that number depend on gamma and beta?",
    ),
    "z-missing-in-the-variance-term": (
        "In the term of dx that goes through the variance a factor z is missing.",
        "How does the variance change when an x grows that equals the mean, and when one grows that is far above it? "
        "Does your term tell them apart?",
    ),
    "power-of-the-deviation-in-the-variance-term": (
        "In the term of dx that goes through the variance the deviation is divided by too often or too rarely.",
        "Multiply all x of a channel by 10. All terms of dx must change by the same factor: which of yours does not? "
        "With 1 / root(v + epsilon), which power has its derivative?",
    ),
    "sums-over-wrong-axes": (
        "In backward, sums or means run over the wrong axes ({detail}).",
        "Over which axes did forward take the mean? How many numbers do dgamma and dbeta have?",
    ),
    # dgamma and dbeta
    "x-instead-of-z": (
        "dgamma is made of x where the normalised x should stand ({detail}).",
        "By which number is gamma multiplied in forward?",
    ),
    "z-missing": (
        "dgamma is the sum of dy alone: that is dbeta.",
        "By which number is gamma multiplied in forward? What is the derivative of a product?",
    ),
    "deviation-squared": (
        "dgamma is divided by the deviation once more.",
        "If all x of a channel are multiplied by 10, y stays nearly the same. Should dgamma change?",
    ),
    "product-of-sums": (
        "dgamma is a product of two sums.",
        "Is the sum of products the product of sums? Try [1, -1] and [1, -1].",
    ),
    "not-summed": (
        "{thing} is not summed: it has the shape of x.",
        "At how many positions is one gamma used, and what shape does gamma have?",
    ),
    "mean-instead-of-sum": (
        "{thing} is a mean where a sum is asked for.",
        "When one beta grows by 0.01, how many entries of y change? Do their effects on the loss add up or average?",
    ),
    "gamma-gradient-for-beta": (
        "dgamma and dbeta have changed places.",
        "Which of the two contains x? In which order does forward take gamma and beta?",
    ),
    "gamma-in-dbeta": (
        "dbeta contains gamma.",
        "When beta grows by 0.01, by how much does y grow? Does the answer depend on gamma?",
    ),
    "upstream-ignored": (
        "dy is not used: the result is what an upstream gradient of ones gives.",
        "If the loss is multiplied by 3, what should become of {thing}?",
    ),
    "epsilon-twice": (
        "epsilon is added twice.",
        "What is divided by for a channel of one value, when epsilon is 1?",
    ),
    "mean-minus-x": (
        "x is subtracted from the mean, so that the normalised numbers have the wrong sign.",
        "A number above the mean: is it positive or negative after the normalisation?",
    ),
    "variance-as-difference-of-squares": (
        "It is right for ordinary numbers and loses its digits when the mean is large and the spread small, as the "
        "difference of two large numbers does.",
        "Numbers around 1,000,000 that differ by 1: how large is the mean of the squares, and how many digits are "
        "left when two such numbers are subtracted?",
    ),
    "epsilon-added-to-the-quotient": (
        "epsilon is added to the quotient and not to the variance under the root.",
        "Where are the brackets? By what is x - mean multiplied in a channel where all numbers are equal?",
    ),
    "positions-minus-one": (
        "In dx sums over one channel are divided by its number of positions minus 1.",
        "By what are the sums divided that give mean and variance in contract('batch_norm')? How much of one number "
        "is in the mean of n?",
    ),
    "factors-only-in-the-direct-term": (
        "gamma and the division by the deviation reach the direct term of dx only; they belong to all three.",
        "Where does the bracket end? Set gamma to 0: which terms of dx are left, and which should be?",
    ),
}
"""Cause: (what it suggests, hint)."""
