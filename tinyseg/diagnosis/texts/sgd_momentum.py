"""Causes and hints of sgd_momentum."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # velocity
    "momentum-not-used": (
        "The old velocity is kept in full: it is not multiplied by the momentum.",
        "With a gradient of 0, should a velocity ever become smaller? What should it be for momentum 0?",
    ),
    "velocity-not-kept": (
        "The new velocity is made of the gradient alone: the old one is lost.",
        "With a gradient of 0 and a velocity of 4, should the parameter still move?",
    ),
    "gradient-not-used": (
        "The gradient does not reach the velocity.",
        "From rest, with velocity 0: what should the first step be made of?",
    ),
    "gradient-damped": (
        "The gradient is multiplied by 1 - momentum, as in a running average ({detail}).",
        "From rest, with gradient 1, learning rate 0.1 and momentum 0.9: what should the velocity be?",
    ),
    "momentum-the-wrong-way-round": (
        "The old velocity has the weight 1 - momentum.",
        "With momentum 0.9, should much or little of the old velocity stay?",
    ),
    "momentum-on-the-gradient-too": (
        "The momentum multiplies the gradient's term as well.",
        "From rest, with gradient 1, learning rate 0.1 and momentum 0.9: what should the velocity be? Where is the "
        "bracket?",
    ),
    "momentum-on-the-gradient-only": (
        "The momentum stands in front of the gradient, not of the old velocity.",
        "With a gradient of 0, what should become of the velocity? Which of the two does the momentum slow down?",
    ),
    "momentum-squared": (
        "The momentum multiplies the old velocity twice.",
        "With a gradient of 0 and momentum 0.5, what should become of a velocity of 4?",
    ),
    "momentum-and-learning-rate-swapped": (
        "Momentum and learning rate have changed places.",
        "Which of the two multiplies the old velocity, and which the gradient?",
    ),
    "old-velocity-subtracted": (
        "The old velocity enters the new one with a minus sign.",
        "With a gradient of 0, should the velocity turn round?",
    ),
    "gradient-added": (
        "The gradient is added to the velocity ({detail}): this climbs.",
        "With a positive gradient, does the loss rise or fall when the parameter rises? Which sign should the velocity "
        "get from rest?",
    ),
    "velocity-of-the-opposite-sign": (
        "The velocity is kept with the opposite sign ({detail}), the gradient's own; the contract has the sign of the "
        "movement.",
        "The velocity that comes in is that of the contract: added to the parameter, in which direction does it move? "
        "Which sign must the gradient have beside it?",
    ),
    "largest-velocity-kept": (
        "The larger of the old and the new velocity is kept.",
        "With a gradient of 0, what should become of a velocity of 4 for momentum 0.5?",
    ),
    # settings
    "learning-rate-outside-the-velocity": (
        "The velocity is made of plain gradients, and the learning rate comes in only when the parameter moves (as in "
        "PyTorch). The velocity that comes in and goes out has another size then than the contract's.",
        "From rest, with gradient 1 and learning rate 0.1: what should the velocity be?",
    ),
    "learning-rate-missing": (
        "The learning rate is not used ({detail}).",
        "What should the step from rest be for a learning rate of 0?",
    ),
    "learning-rate-twice": (
        "The learning rate enters twice ({detail}).",
        "From rest, what becomes of the step when the learning rate is halved? Is it already in the velocity?",
    ),
    "learning-rate-on-the-velocity-too": (
        "The learning rate multiplies the old velocity as well.",
        "With a gradient of 0, may the learning rate have any influence? Where is the bracket?",
    ),
    "learning-rate-divided-by": (
        "It is divided by the learning rate.",
        "What should the step from rest be for a learning rate of 0?",
    ),
    "momentum-ignored": (
        "The argument momentum is not used ({detail}).",
        "Change the momentum from 0.9 to 0: does anything change? Does a constant stand where the argument should?",
    ),
    "learning-rate-ignored": (
        "The argument learning_rate is not used ({detail}).",
        "Double the learning rate: does anything change? Does a constant stand where the argument should?",
    ),
    # the gradient
    "gradient-sign-only": (
        "Only the sign of the gradient is used.",
        "Should a gradient of 10 move the parameter further than one of 1?",
    ),
    "gradient-squared": (
        "The gradient is squared.",
        "In which direction should a gradient of -2 move the parameter?",
    ),
    "gradient-sign-lost": (
        "The sign of the gradient is lost.",
        "In which direction should a gradient of -2 move the parameter?",
    ),
    "gradient-clipped": (
        "The gradient is limited before it is used.",
        "Is there a clip or a norm? What should the first step be for a gradient of 100?",
    ),
    "gradient-normalised": (
        "The gradient is divided by its length before it is used.",
        "What should the first step be for the gradient [3, 4] and learning rate 1?",
    ),
    "gradient-averaged": (
        "The gradient is divided by a number of entries, or replaced by its mean.",
        "Does each parameter have a gradient of its own? What should the first step be, entry by entry?",
    ),
    "weight-decay-in-the-gradient": (
        "A part of the parameter is added to the gradient (L2 regularisation).",
        "From rest and with a gradient of 0: should the parameter change?",
    ),
    "weight-decay-added": (
        "The parameter shrinks by itself as well ({detail}): weight decay.",
        "From rest and with a gradient of 0: should the parameter change?",
    ),
    # the step
    "old-velocity-used": (
        "The parameter moves with the velocity as it was before the update ({detail}).",
        "From rest, should the first step move the parameter? Which comes first, the velocity or the step?",
    ),
    "step-subtracted": (
        "The velocity is subtracted from the parameter, although it already has the sign of the movement.",
        "From rest, with a positive gradient: which sign has the velocity, and where should the parameter go?",
    ),
    "plain-gradient-descent": (
        "This is plain gradient descent: the velocity has no influence on the parameter.",
        "With a gradient of 0 and a velocity of 4, should the parameter move?",
    ),
    "gradient-counted-twice": (
        "The gradient's step is added to a velocity that already contains it.",
        "From rest, with momentum 0: how large should the step be, and how large is yours?",
    ),
    "momentum-on-the-step-too": (
        "The parameter moves by momentum times the new velocity.",
        "What should the step be for momentum 0?",
    ),
    "momentum-on-the-parameter": (
        "The momentum multiplies the parameter.",
        "From rest and with a gradient of 0: should the parameter change?",
    ),
    "parameter-missing": (
        "The step alone is returned, and the parameter is not in it ({detail}).",
        "What should the new parameter be when gradient and velocity are 0?",
    ),
    "parameter-not-updated": (
        "The parameter is returned as it came in.",
        "Which name holds the new parameter, and which one do you return?",
    ),
    # nesterov
    "nesterov-ignored": (
        "With nesterov=True the parameter moves as without it.",
        "Where in your function does nesterov occur? What should the step from rest be for momentum 0.5, with it and "
        "without it?",
    ),
    "nesterov-always": (
        "The parameter moves as with nesterov=True, whatever the argument is.",
        "Where in your function does nesterov occur? What should the step from rest be for momentum 0.5, with it and "
        "without it?",
    ),
    "nesterov-inverted": (
        "The two kinds of step have changed places: with nesterov=True the parameter moves as without it, and the "
        "other way round.",
        "Which way round is the condition?",
    ),
    "gradient-missing-in-the-nesterov-step": (
        "The step with nesterov=True is momentum times the new velocity; the gradient's own part is missing.",
        "What should the step be for momentum 0, with nesterov=True?",
    ),
    "momentum-missing-in-the-nesterov-step": (
        "The step with nesterov=True takes the new velocity in full; it should be multiplied by the momentum.",
        "What should the step be for momentum 0, with nesterov=True? How often is the gradient in yours?",
    ),
    "learning-rate-missing-in-the-nesterov-step": (
        "The gradient's own part of the step with nesterov=True lacks the learning rate.",
        "What should the step from rest be for a learning rate of 0?",
    ),
    "gradient-added-in-the-nesterov-step": (
        "The gradient's own part of the step with nesterov=True has the wrong sign.",
        "What should the step be for momentum 0, and in which direction does yours go?",
    ),
    "velocity-counted-twice-in-the-nesterov-step": (
        "The step with nesterov=True contains the velocity in full and once more times the momentum ({detail}).",
        "What should the step from rest be for gradient 1, learning rate 1 and momentum 0.5? Which terms does yours "
        "have?",
    ),
    "momentum-squared-in-the-nesterov-step": (
        "The momentum multiplies the velocity twice in the step with nesterov=True.",
        "From rest, with gradient 1, learning rate 1 and momentum 0.5: what is the velocity, and what the step?",
    ),
    "momentum-on-the-whole-nesterov-step": (
        "In the step with nesterov=True the momentum multiplies the gradient's own part as well.",
        "What should the step be for momentum 0? Where is the bracket?",
    ),
    "step-subtracted-with-nesterov": (
        "With nesterov=True the step is subtracted, although it already has the sign of the movement ({detail}).",
        "From rest, with a positive gradient: where should the parameter go, and where does yours?",
    ),
    "nesterov-step-stored-as-velocity": (
        "With nesterov=True the step is returned as the velocity ({detail}): the next step would look ahead from "
        "there.",
        "Two quantities are computed with nesterov=True. With which of them does the next call begin?",
    ),
    # returned
    "old-velocity-returned": (
        "The velocity is returned as it came in.",
        "Which name holds the new velocity, and which one do you return?",
    ),
    "gradient-returned": (
        "The gradient ({detail}) is returned in the place of the velocity.",
        "With which number does the next call begin, and what must it know of the steps before?",
    ),
}
"""Cause: (what it suggests, hint)."""
