"""sgd_momentum: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

PUSH, VELOCITY = "push = learning_rate * gradient", "momentum * velocity - push"
AHEAD = "momentum * new_velocity - push"
CHANGE, RETURN = f"{AHEAD} if nesterov else new_velocity", "return parameter + change, new_velocity"
WHOLE = f"new_velocity = {VELOCITY}\n    change = {CHANGE}\n    {RETURN}"


def rolled(velocity: str, step: str = CHANGE, last: str = RETURN) -> str:
    """Return the three last lines with parts replaced."""
    return f"new_velocity = {velocity}\n    change = {step}\n    {last}"


MISTAKES = (
    Mistake("no-friction", VELOCITY, "velocity - push", ("momentum-not-used",)),
    Mistake("no-memory", VELOCITY, "-push", ("velocity-not-kept",)),
    Mistake("no-push", VELOCITY, "momentum * velocity", ("gradient-not-used",)),
    Mistake("running-average", VELOCITY, "momentum * velocity - (1 - momentum) * push", ("gradient-damped",)),
    Mistake("friction-for-momentum", VELOCITY, "(1 - momentum) * velocity - push", ("momentum-the-wrong-way-round",)),
    Mistake("bracket", VELOCITY, "momentum * (velocity - push)", ("momentum-on-the-gradient-too",)),
    Mistake("momentum-on-the-push", VELOCITY, "velocity - momentum * push", ("momentum-on-the-gradient-only",)),
    Mistake("turns-round", VELOCITY, "-momentum * velocity - push", ("old-velocity-subtracted",)),
    Mistake("plus-in-the-velocity", VELOCITY, "momentum * velocity + push", ("gradient-added",)),
    Mistake("friction-twice", VELOCITY, "momentum**2 * velocity - push", ("momentum-squared",)),
    Mistake(
        "exchanged",
        f"{PUSH}\n    new_velocity = {VELOCITY}",
        "push = momentum * gradient\n    new_velocity = learning_rate * velocity - push",
        ("momentum-and-learning-rate-swapped",),
    ),
    Mistake(
        "uphill",
        WHOLE,
        rolled("momentum * velocity + push", "momentum * new_velocity + push if nesterov else new_velocity"),
        ("gradient-added",),
    ),
    Mistake(
        "sign-of-the-gradient",
        WHOLE,
        rolled("momentum * velocity + push", "-(momentum * new_velocity + push) if nesterov else -new_velocity"),
        ("velocity-of-the-opposite-sign",),
    ),
    Mistake(
        "as-in-pytorch",
        WHOLE,
        rolled(
            "momentum * velocity + gradient",
            "-learning_rate * (momentum * new_velocity + gradient if nesterov else new_velocity)",
        ),
        ("learning-rate-outside-the-velocity",),
    ),
    Mistake("no-learning-rate", PUSH, "push = gradient", ("learning-rate-missing",)),
    Mistake("divided-by-the-rate", PUSH, "push = gradient / learning_rate", ("learning-rate-divided-by",)),
    Mistake(
        "rate-on-everything",
        VELOCITY,
        "learning_rate * (momentum * velocity - gradient)",
        ("learning-rate-on-the-velocity-too",),
    ),
    Mistake("rate-twice", RETURN, "return parameter + learning_rate * change, new_velocity", ("learning-rate-twice",)),
    Mistake("rate-fixed", PUSH, "push = 0.01 * gradient", ("learning-rate-ignored",)),
    Mistake("momentum-fixed", WHOLE, WHOLE.replace("momentum *", "0.9 *"), ("momentum-ignored",)),
    Mistake(
        "sign-alone",
        PUSH,
        "push = learning_rate * (gradient > 0) - learning_rate * (gradient < 0)",
        ("gradient-sign-only",),
    ),
    Mistake("magnitude", PUSH, "push = learning_rate * abs(gradient)", ("gradient-sign-lost",)),
    Mistake("squared", PUSH, "push = learning_rate * gradient**2", ("gradient-squared",)),
    Mistake("clipped", PUSH, "push = learning_rate * gradient.clip(-1, 1)", ("gradient-clipped",)),
    Mistake("averaged", PUSH, "push = learning_rate * gradient / len(gradient)", ("gradient-averaged",)),
    Mistake(
        "decay-in-the-gradient",
        PUSH,
        "push = learning_rate * (gradient + 0.01 * parameter)",
        ("weight-decay-in-the-gradient",),
    ),
    Mistake("nesterov-ignored", CHANGE, "new_velocity", ("nesterov-ignored",)),
    Mistake("nesterov-always", CHANGE, AHEAD, ("nesterov-always",)),
    Mistake("nesterov-inverted", CHANGE, f"new_velocity if nesterov else {AHEAD}", ("nesterov-inverted",)),
    Mistake("nesterov-without-gradient", AHEAD, "momentum * new_velocity", ("gradient-missing-in-the-nesterov-step",)),
    Mistake("nesterov-without-momentum", AHEAD, "new_velocity - push", ("momentum-missing-in-the-nesterov-step",)),
    Mistake("nesterov-with-old-velocity", AHEAD, "momentum * velocity - push", ("nesterov-ignored",)),
    Mistake("nesterov-plus", AHEAD, "momentum * new_velocity + push", ("gradient-added-in-the-nesterov-step",)),
    Mistake(
        "nesterov-both",
        AHEAD,
        "new_velocity + momentum * new_velocity",
        ("velocity-counted-twice-in-the-nesterov-step",),
    ),
    Mistake("nesterov-bracket", AHEAD, "momentum * (new_velocity - push)", ("momentum-on-the-whole-nesterov-step",)),
    Mistake("nesterov-squared", AHEAD, "momentum**2 * new_velocity - push", ("momentum-squared-in-the-nesterov-step",)),
    Mistake("nesterov-stored", RETURN, "return parameter + change, change", ("nesterov-step-stored-as-velocity",)),
    Mistake("old-velocity", CHANGE, f"{AHEAD} if nesterov else velocity", ("old-velocity-used",)),
    Mistake("plain-descent", CHANGE, "-push", ("plain-gradient-descent",)),
    Mistake(
        "gradient-twice", CHANGE, f"{AHEAD} - push if nesterov else new_velocity - push", ("gradient-counted-twice",)
    ),
    Mistake("subtracted", RETURN, "return parameter - change, new_velocity", ("step-subtracted",)),
    Mistake("change-alone", RETURN, "return change, new_velocity", ("parameter-missing",)),
    Mistake("not-moved", RETURN, "return parameter, new_velocity", ("parameter-not-updated",)),
    Mistake("velocity-not-renewed", RETURN, "return parameter + change, velocity", ("old-velocity-returned",)),
    Mistake("gradient-returned", RETURN, "return parameter + change, gradient", ("gradient-returned",)),
    Mistake("another-order", RETURN, "return new_velocity, parameter + change", ("results-in-wrong-order",)),
    Mistake("parameter-alone", RETURN, "return parameter + change", ("wrong-return",)),
    Mistake("in-place", RETURN, "parameter += change\n    return parameter, new_velocity", ("input-changed",)),
    Mistake(
        "shrinks",
        RETURN,
        "return parameter + change - learning_rate * 0.01 * parameter, new_velocity",
        ("weight-decay-added",),
    ),
)
