"""gpu_map: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

INDEX = "blockIdx.x * blockDim.x + threadIdx.x"
LINE = "y[i] = gain * x[i] + offset;"

MISTAKES = (
    Mistake("thread-alone", INDEX, "threadIdx.x", ("block-ignored",)),
    Mistake("block-alone", INDEX, "blockIdx.x", ("thread-ignored",)),
    Mistake("start-of-the-block", INDEX, "blockIdx.x * blockDim.x", ("thread-ignored",)),
    Mistake("threads-along-y", INDEX, INDEX.replace("threadIdx.x", "threadIdx.y"), ("thread-ignored",)),
    Mistake("blocks-along-y", INDEX, INDEX.replace("blockIdx.x", "blockIdx.y"), ("block-ignored",)),
    Mistake("swapped", INDEX, "threadIdx.x * blockDim.x + blockIdx.x", ("block-and-thread-swapped",)),
    Mistake("grid-for-block", INDEX, INDEX.replace("blockDim.x", "gridDim.x"), ("grid-size-for-block-size",)),
    Mistake("blocks-of-32", INDEX, INDEX.replace("blockDim.x", "32"), ("block-size-assumed",)),
    Mistake("blocks-of-256", INDEX, INDEX.replace("blockDim.x", "256"), ("block-size-assumed",)),
    Mistake("sum-of-indices", INDEX, "blockIdx.x + threadIdx.x", ("block-size-missing",)),
    Mistake("product-of-indices", INDEX, "blockIdx.x * threadIdx.x", ("block-size-missing",)),
    Mistake("counted-from-one", INDEX, f"{INDEX} + 1", ("index-one-off",)),
    Mistake("blocks-from-one", INDEX, INDEX.replace("blockIdx.x", "(blockIdx.x + 1)"), ("index-one-off",)),
    Mistake("right-neighbour", "x[i]", "x[i + 1]", ("index-one-off",)),
    Mistake("left-neighbour", "x[i]", "x[i - 1]", ("index-one-off",)),
    Mistake("written-to-the-right", "y[i] =", "y[i + 1] =", ("index-one-off",)),
    Mistake("block-size-minus-one", INDEX, INDEX.replace("blockDim.x", "(blockDim.x - 1)"), ("block-size-one-off",)),
    Mistake("read-by-thread", "x[i]", "x[threadIdx.x]", ("local-index-for-reading",)),
    Mistake("written-by-thread", "y[i] =", "y[threadIdx.x] =", ("local-index-for-writing",)),
    Mistake("gain-and-offset-swapped", "gain * x[i] + offset", "offset * x[i] + gain", ("wrong-formula",)),
    Mistake("offset-first", "gain * x[i] + offset", "gain * (x[i] + offset)", ("wrong-formula",)),
    Mistake("no-offset", " + offset;", ";", ("wrong-formula",)),
    Mistake("no-gain", "gain * x[i]", "x[i]", ("wrong-formula",)),
    Mistake("minus-offset", "+ offset;", "- offset;", ("wrong-formula",)),
    Mistake("integers", LINE, "const int v = gain * x[i] + offset; y[i] = v;", ("truncated-to-integers",)),
    Mistake("integer-gain", "gain * x[i]", "(int)gain * x[i]", ("wrong-formula",)),
    Mistake("added-to-y", "y[i] =", "y[i] +=", ("result-read-before-written",)),
    Mistake("first-thread-only", LINE, f"if (threadIdx.x == 0) {LINE}", ("some-threads-idle",)),
    Mistake("first-block-only", LINE, f"if (blockIdx.x == 0) {LINE}", ("block-ignored",)),
    Mistake("without-element-0", LINE, f"if (i > 0) {LINE}", ("first-element-skipped",)),
    Mistake("without-the-last", LINE, f"if (i < gridDim.x * blockDim.x - 1) {LINE}", ("last-element-skipped",)),
    Mistake("negative-cut-off", "gain * x[i] + offset", "fmaxf(gain * x[i] + offset, 0.0f)", ("negative-part-lost",)),
    Mistake(
        "one-thread-for-all",
        LINE,
        "if (i == 0) for (int k = 0; k < gridDim.x * blockDim.x; k++) y[k] = gain * x[k] + offset;",
        ("one-thread-does-the-work",),
    ),
    Mistake(
        "all-for-all",
        LINE,
        "for (int k = i; k < gridDim.x * blockDim.x; k++) y[k] = gain * x[k] + offset;",
        ("blocks-write-one-place", "several-threads-write-one-place"),
    ),
    Mistake("written-to-x", "y[i] = gain", "((float *)x)[i] = gain", ("input-changed", "nothing-written")),
    Mistake("undeclared", "gain * x[i]", "gains * x[i]", ("does-not-compile",)),
)
