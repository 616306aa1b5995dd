"""Causes and hints of adam."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # bias corrections
    "bias-correction-missing": (
        "Neither of the moments is corrected for having begun at 0.",
        "Take a gradient of 1 in step 1, with m = v = 0 before: what are m and v after the update, and what would "
        "they be after many such steps?",
    ),
    "bias-correction-of-m-missing": (
        "The correction of m for having begun at 0 is missing.",
        "Take a gradient of 1 in step 1, with m = 0 before: what is m after the update, and what would it be after "
        "many such steps?",
    ),
    "bias-correction-of-v-missing": (
        "The correction of v for having begun at 0 is missing.",
        "Take a gradient of 1 in step 1, with v = 0 before: what is v after the update, and what would it be after "
        "many such steps?",
    ),
    "step-one-off": (
        "The corrections belong to the step before or after this one.",
        "step counts from 1. What is your correction in the first step, and is step increased anywhere in the "
        "function?",
    ),
    "power-missing-in-the-correction": (
        "The correction does not depend on the step ({detail}).",
        "How strong should the correction be in step 1, and how strong in step 1000?",
    ),
    "power-as-a-product": (
        "In the corrections beta is multiplied by the step where a power should stand.",
        "What is your correction for beta = 0.9 in step 20: can it be negative?",
    ),
    "betas-swapped-in-the-correction": (
        "The correction of m uses beta_2 and that of v uses beta_1.",
        "Which beta made m, and which made v?",
    ),
    "one-beta-in-both-corrections": (
        "Both corrections use the same beta.",
        "Which beta made m, and which made v?",
    ),
    "correction-multiplied": (
        "It is multiplied by the correction where it should be divided ({detail}).",
        "In step 1 the moments are too small: does your correction make them larger or smaller?",
    ),
    # moments
    "old-moments-used": (
        "The step is made of the moments as they were before the update ({detail}).",
        "In step 1, with m = v = 0 before, what is your step? What comes first: the moments or the step?",
    ),
    "old-moments-returned": (
        "{thing} is returned as it came in.",
        "Which name holds the new moment, and which one do you return?",
    ),
    "corrected-moments-returned": (
        "{thing} is returned with its bias correction; the next call would correct it once more.",
        "Which of the two versions of the moment is the running average that the next step starts from?",
    ),
    "moments-returned-in-wrong-order": (
        "The moments m and v are returned in exchanged places.",
        "In which order does contract('adam') name the results?",
    ),
    "betas-swapped": (
        "The two betas have changed places ({detail}).",
        "Which of the two averages should forget faster, and which beta is the smaller one?",
    ),
    "decay-the-wrong-way-round": (
        "The new value has the weight beta and the old one 1 - beta ({detail}).",
        "With beta = 0.9, should the average move slowly or fast? Which of its two terms is then the larger?",
    ),
    "new-gradient-not-weighted": (
        "The new term of {detail} is added without its weight.",
        "If the gradient is 1 in every step, which value should the average approach? Which one does yours?",
    ),
    "old-moment-not-weighted": (
        "The old {detail} is kept in full, so that it never decays.",
        "If the gradient is 1 in every step, which value should the average approach? Does yours stop growing?",
    ),
    "gradient-subtracted": (
        "The gradient enters {detail} with a minus sign.",
        "If the gradient is 1 in every step, which value should m approach?",
    ),
    "gradient-squared-in-m": (
        "The moment m is made of the squared gradient.",
        "Should m know the sign of the gradient? Which of the two moments is the mean of squares?",
    ),
    "moment-not-kept": (
        "The moment {detail} is made of the new gradient alone: what it was before is lost.",
        "Set the gradient to 0: what should be left of the moment?",
    ),
    "moment-accumulated": (
        "The moment {detail} is a plain sum over the steps.",
        "If the gradient is 1 in every step, which value should the average approach?",
    ),
    "gradient-sign-only": (
        "The moment m is made of the sign of the gradient.",
        "Should m be different for a gradient of 0.1 and of 10?",
    ),
    "square-missing": (
        "The moment v is made of the gradient, not of its square.",
        "Can v become negative? Should it?",
    ),
    "absolute-value-instead-of-square": (
        "The moment v is made of the magnitude of the gradient, not of its square.",
        "If the gradient is 3 in every step, which value should v approach, so that its root has the size of the "
        "gradient?",
    ),
    "square-of-m-instead-of-gradient": (
        "The moment v is made of the square of m.",
        "Gradients of 1 and -1 in turn: what happens to m? What should v be?",
    ),
    "deviation-from-m-squared": (
        "The moment v is made of the squared distance between gradient and m (as in AdaBelief).",
        "If the gradient is 1 in every step, which value should v approach?",
    ),
    "weight-squared-too": (
        "The weight of the new term in v is squared with the gradient.",
        "What exactly does your power apply to? If the gradient is 1 in every step, which value should v approach?",
    ),
    "square-of-the-mean-over-all": (
        "All entries of v get the mean of the squared gradients.",
        "Does each parameter have a v of its own? Is there a mean over an array?",
    ),
    "largest-v-kept": (
        "The moment v never falls: the larger of old and new is kept (as in AMSGrad).",
        "Set the gradient to 0: what should become of v?",
    ),
    # what enters
    "sign-flipped": (
        "The gradient is used with the wrong sign.",
        "With a positive gradient, should m become positive or negative, and should the parameter rise or fall?",
    ),
    "gradient-clipped": (
        "The gradient is limited before it is used.",
        "Is there a clip or a norm? Which m should a gradient of 100 give in step 1?",
    ),
    "gradient-normalised": (
        "The gradient is divided by its length before it is used.",
        "Which m should the gradient [3, 4] give in step 1?",
    ),
    "gradient-averaged": (
        "The gradient is divided by a number of entries, or replaced by its mean.",
        "Does each parameter have a gradient of its own? What should m be in step 1, entry by entry?",
    ),
    "weight-decay-in-the-gradient": (
        "A part of the parameter is added to the gradient (L2 regularisation).",
        "Set the gradient to 0, with m = v = 0 before: what should the moments be?",
    ),
    "weight-decay-added": (
        "The parameter shrinks by itself as well ({detail}): weight decay.",
        "Set the gradient to 0, with m = v = 0 before: should the parameter change?",
    ),
    # the step
    "nesterov": (
        "The step looks ahead by one more gradient (Nesterov momentum).",
        "Which of your quantities contains the gradient twice?",
    ),
    "gradient-instead-of-m": (
        "The gradient stands in the step where m should.",
        "Set the gradient to 0 while m is not 0: should the parameter still move?",
    ),
    "m-not-used": (
        "The step contains the gradient in place of m, and no corrections.",
        "Set the gradient to 0 while m is not 0: should the parameter still move?",
    ),
    "v-not-used": (
        "The step is not divided by the root of v.",
        "Multiply all gradients by 10: should the step in step 1 grow?",
    ),
    "plain-gradient-descent": (
        "This is plain gradient descent: the moments have no influence on the parameter.",
        "Multiply all gradients by 10: should the step in step 1 grow?",
    ),
    "sign-of-the-gradient": (
        "The step knows only the sign of m.",
        "Should m = 0.1 and m = 0.2, with the same v, give the same step?",
    ),
    "step-added": (
        "The step is added.",
        "With a positive gradient, does the loss rise or fall when the parameter rises? Where should the parameter go?",
    ),
    "parameter-missing": (
        "The step alone is returned, and the parameter is not in it ({detail}).",
        "What should the new parameter be when the gradient is 0 and m = 0?",
    ),
    "parameter-not-updated": (
        "The parameter is returned as it came in.",
        "Which name holds the new parameter, and which one do you return?",
    ),
    "root-missing": (
        "A root is missing ({detail}).",
        "Multiply all gradients by 10: m grows by 10, and v by how much? Should the step grow?",
    ),
    "multiplied-by-the-root": (
        "It is multiplied by the root of v where it should be divided.",
        "Should a parameter with large gradients take steps that are relatively larger or smaller?",
    ),
    # learning rate and epsilon
    "learning-rate-missing": (
        "The learning rate is not used.",
        "What should the new parameter be for a learning rate of 0?",
    ),
    "learning-rate-ignored": (
        "The learning rate that is given has no effect ({detail}).",
        "What should become of the step when the learning rate is doubled, and what does become of yours?",
    ),
    "learning-rate-divided-by": (
        "It is divided by the learning rate.",
        "What should the new parameter be for a learning rate of 0?",
    ),
    "learning-rate-squared": (
        "The learning rate enters twice.",
        "What becomes of the step when the learning rate is halved?",
    ),
    "learning-rate-decays": (
        "The learning rate falls with the step.",
        "Is a schedule asked for in the contract? What else than the corrections depends on step?",
    ),
    "epsilon-missing": (
        "epsilon is missing.",
        "What is your step when m and v are 0?",
    ),
    "epsilon-ignored": (
        "The argument epsilon is not used ({detail}).",
        "Does a constant stand where the argument should?",
    ),
    "epsilon-inside-the-root": (
        "epsilon is added before the root is taken ({detail}).",
        "By what is divided when v is 0 and epsilon is 0.01, and by what should it be? Look at contract('adam').",
    ),
    "epsilon-subtracted": (
        "epsilon is subtracted.",
        "What is it there to prevent? What happens when the root of v equals epsilon?",
    ),
    "epsilon-added-to-the-quotient": (
        "epsilon is added to the quotient and not to what is divided by.",
        "Where are the brackets? What is your step when m and v are 0?",
    ),
    "betas-ignored": (
        "The arguments beta_1 and beta_2 are not used: the numbers are those of 0.9 and 0.999.",
        "Change beta_1 from 0.9 to 0.5: does anything change?",
    ),
    "beta-ignored": (
        "One of the betas is a constant where the argument should stand ({detail}).",
        "Change the argument: which of m and v should change, and does it?",
    ),
    "one-minus-missing-in-the-correction": (
        "The moments are divided by beta^step, and not by what that lacks to 1.",
        "In step 1 with m = 0 before, m is (1 - beta) times the gradient. By what must it be divided so that the "
        "gradient comes out?",
    ),
    "square-of-the-sum-over-all": (
        "The moment v gets one number for all parameters, made of all gradients together.",
        "Two parameters with gradients 1 and 100: should their v be the same?",
    ),
}
"""Cause: (what it suggests, hint)."""
