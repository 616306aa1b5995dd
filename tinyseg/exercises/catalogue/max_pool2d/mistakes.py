"""max_pool2d: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

WINDOW = "x[n, h * sh : h * sh + kh, w * sw : w * sw + kw, c]"
DECODED = "i, j = np.unravel_index(winner[n, h, w, c], (kh, kw))"
SENT = "dx[n, h * sh + i, w * sw + j, c] += dy[n, h, w, c]"
SIZE = "(height - kh) // sh + 1, (width - kw) // sw + 1"
LOOP = f"    for n, h, w, c in np.ndindex(dy.shape):\n        {DECODED}\n        {SENT}\n"


def by_value(mask: str) -> str:
    """Return a backward that finds the winner by its value; forward has then to keep x and y."""
    return (
        "    for n, h, w, c in np.ndindex(dy.shape):\n"
        "        window = x[n, h * sh : h * sh + kh, w * sw : w * sw + kw, c]\n"
        f"        mask = {mask}\n"
        "        dx[n, h * sh : h * sh + kh, w * sw : w * sw + kw, c] += mask * dy[n, h, w, c]\n"
    )


MISTAKES = (
    # forward
    Mistake("minimum", "window.max()", "window.min()", ("minimum-instead-of-maximum",)),
    Mistake("mean", "window.max()", "window.mean()", ("mean-instead-of-maximum",)),
    Mistake("magnitude", "window.max()", "np.abs(window).max()", ("largest-magnitude",)),
    Mistake("starts-from-zero", "window.max()", "max(window.max(), 0)", ("starts-from-zero",)),
    Mistake("top-left", "window.max()", "window[0, 0]", ("first-of-the-window",)),
    Mistake("index", "y[n, h, w, c] = window.max()", "y[n, h, w, c] = window.argmax()", ("index-instead-of-maximum",)),
    Mistake(
        "all-channels",
        f"{WINDOW}\n        y",
        f"{WINDOW.replace(', c]', ', :]')}\n        y",
        ("maximum-over-channels",),
    ),
    Mistake(
        "all-images", f"{WINDOW}\n        y", f"{WINDOW.replace('[n,', '[:,')}\n        y", ("maximum-over-images",)
    ),
    Mistake("stride-missing", WINDOW, "x[n, h : h + kh, w : w + kw, c]", ("stride-ignored",)),
    Mistake(
        "stride-is-window",
        WINDOW,
        "x[n, h * kh : h * kh + kh, w * kw : w * kw + kw, c]",
        ("stride-replaced-by-window",),
    ),
    Mistake(
        "window-is-stride",
        WINDOW,
        "x[n, h * sh : h * sh + sh, w * sw : w * sw + sw, c]",
        ("window-replaced-by-stride",),
    ),
    Mistake("window-square", WINDOW, "x[n, h * sh : h * sh + kh, w * sw : w * sw + kh, c]", ("window-square-assumed",)),
    Mistake(
        "window-one-short",
        WINDOW,
        "x[n, h * sh : h * sh + kh - 1, w * sw : w * sw + kw, c]",
        ("last-tap-row-missing", "exception"),
    ),
    Mistake(
        "strides-swapped",
        "(kh, kw), (sh, sw) = pool_size, strides",
        "(kh, kw), (sw, sh) = pool_size, strides",
        ("strides-swapped",),
    ),
    Mistake(
        "one-stride", "= pool_size, strides", "= pool_size, (strides[0], strides[0])", ("one-stride-for-both-axes",)
    ),
    Mistake("strides-are-window", "= pool_size, strides", "= pool_size, pool_size", ("stride-replaced-by-window",)),
    Mistake(
        "size-by-stride",
        SIZE,
        "height // sh, width // sw",
        ("output-size-rounded-down", "output-size-ignores-the-window"),
    ),
    Mistake(
        "size-rounded-up", SIZE, "-(-(height - kh) // sh) + 1, -(-(width - kw) // sw) + 1", ("output-size-rounded-up",)
    ),
    Mistake(
        "size-without-one",
        SIZE,
        "(height - kh) // sh, (width - kw) // sw",
        ("output-size-without-plus-one", "output-one-too-few"),
    ),
    Mistake("size-by-window", SIZE, "height // kh, width // kw", ("output-size-of-windows-side-by-side",)),
    Mistake("integers", "channels), x.dtype)", "channels), int)", ("truncated-to-integers",)),
    # backward
    Mistake("assigned", SENT, SENT.replace("+=", "="), ("overlaps-overwritten",)),
    Mistake(
        "row-and-column-swapped",
        DECODED,
        DECODED.replace("i, j", "j, i"),
        ("winner-row-and-column-swapped",),
    ),
    Mistake(
        "split-by-height",
        DECODED,
        DECODED.replace("kh, kw", "kw, kh"),
        ("winner-index-misread",),
    ),
    Mistake(
        "counted-from-one",
        DECODED,
        DECODED.replace("winner[n, h, w, c]", "max(winner[n, h, w, c] - 1, 0)"),
        ("winner-index-one-off",),
    ),
    Mistake(
        "stride-missing-in-backward", SENT, SENT.replace("h * sh + i, w * sw + j", "h + i, w + j"), ("stride-ignored",)
    ),
    Mistake(
        "window-for-stride-in-backward",
        SENT,
        SENT.replace("h * sh + i, w * sw + j", "h * kh + i, w * kw + j"),
        ("stride-replaced-by-window",),
    ),
    Mistake(
        "place-in-window-missing",
        SENT,
        SENT.replace("h * sh + i, w * sw + j", "h * sh, w * sw"),
        ("gradient-to-the-first",),
    ),
    Mistake("first-channel", SENT, SENT.replace("j, c] +=", "j, 0] +="), ("all-in-the-first-channel",)),
    Mistake("sign", SENT, SENT.replace("+=", "-="), ("sign-flipped",)),
    Mistake("ones", SENT, SENT.replace("+= dy[n, h, w, c]", "+= 1"), ("upstream-ignored",)),
    Mistake("last-of-ties", "window.argmax()", "kh * kw - 1 - window[::-1, ::-1].argmax()", ("last-tie-wins",)),
    Mistake(
        "tie-by-columns",
        "window.argmax()",
        "np.arange(kh * kw).reshape(kh, kw).T.flat[window.T.argmax()]",
        ("tie-in-column-order",),
    ),
    Mistake("smallest-gets-it", "window.argmax()", "window.argmin()", ("gradient-to-the-smallest",)),
    Mistake("all-ties", LOOP, by_value("window == window.max()"), ("ties-routed-to-all",)),
    Mistake(
        "ties-share", LOOP, by_value("(window == window.max()) / (window == window.max()).sum()"), ("ties-shared",)
    ),
    Mistake("all-get-it", LOOP, by_value("np.ones(window.shape)"), ("gradient-to-all",)),
    Mistake("like-a-mean", LOOP, by_value("np.full(window.shape, 1 / window.size)"), ("gradient-shared-like-a-mean",)),
    Mistake("the-others", LOOP, by_value("window != window.max()"), ("gradient-to-the-others",)),
    Mistake(
        "times-x",
        LOOP,
        by_value("window * (np.arange(window.size).reshape(window.shape) == window.argmax())"),
        ("multiplied-by-the-value",),
    ),
    Mistake("dy-changed", "return dx\n", "dy *= 0\n    return dx\n", ("input-changed",)),
    Mistake("x-changed", "return y, (x, winner", "x -= x.min()\n    return y, (x, winner", ("input-changed",)),
)
