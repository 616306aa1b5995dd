"""gpu_reduction: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

INDEX = "cuda.blockIdx.x * cuda.blockDim.x + t"
LOAD = "part[t] = x[i] if i < x.size else 0.0"
LOADED = "    cuda.syncthreads()  # all numbers are there\n"
STEP = "        cuda.syncthreads()  # this step is done\n"
ADD = "            part[t] += part[t + half]\n"
HALF = "half = cuda.blockDim.x // 2"
WRITE = "    if t == 0:\n        sums[cuda.blockIdx.x] = part[0]"

MISTAKES = (
    Mistake("no-barrier-after-loading", LOADED, "", ("barrier-missing",)),
    Mistake("no-barrier-between-steps", STEP, "", ("barrier-missing",)),
    Mistake("warp-barrier-for-the-block", STEP, "        cuda.syncwarp()\n", ("barrier-missing",)),
    Mistake("barrier-in-the-branch", ADD + STEP, ADD + "    " + STEP, ("barrier-not-reached-by-all",)),
    Mistake(
        "early-return", LOAD, "if i >= x.size:\n        return\n    part[t] = x[i]", ("barrier-not-reached-by-all",)
    ),
    Mistake("no-bounds-check", LOAD, "part[t] = x[i]", ("bounds-check-missing",)),
    Mistake("bounds-one-too-many", "i < x.size", "i <= x.size", ("bounds-check-missing", "index-out-of-bounds")),
    Mistake("bounds-one-too-few", "i < x.size", "i < x.size - 1", ("last-element-skipped",)),
    Mistake(
        "not-filled-beyond-the-end",
        LOAD,
        "if i < x.size:\n        part[t] = x[i]",
        ("shared-memory-not-filled",),
    ),
    Mistake("filled-with-one", "else 0.0", "else 1.0", ("wrong-neutral-element",)),
    Mistake("last-number-again", LOAD, "part[t] = x[min(i, x.size - 1)]", ("last-number-repeated",)),
    Mistake("stops-one-step-early", "while half > 0:", "while half > 1:", ("last-step-missing",)),
    Mistake("starts-too-wide", HALF, "half = cuda.blockDim.x", ("index-out-of-bounds", "shared-memory-not-filled")),
    Mistake("starts-at-a-quarter", HALF, "half = cuda.blockDim.x // 4", ("first-step-missing",)),
    Mistake("quarters", "half //= 2", "half //= 4", ("steps-left-out",)),
    Mistake("one-thread-too-many", "if t < half:", "if t <= half:", ("barrier-missing", "index-out-of-bounds")),
    Mistake(
        "all-threads-add", "        if t < half:\n", "        if True:\n", ("barrier-missing", "index-out-of-bounds")
    ),
    Mistake("adds-the-neighbour", "part[t + half]", "part[t + 1]", ("barrier-missing",)),
    Mistake("overwrites", "part[t] += part[t + half]", "part[t] = part[t + half]", ("another-reduction",)),
    Mistake("subtracts", "part[t] += part", "part[t] -= part", ("another-reduction",)),
    Mistake("maximum", ADD, "            part[t] = max(part[t], part[t + half])\n", ("another-reduction",)),
    Mistake("squares", LOAD, "part[t] = x[i] * x[i] if i < x.size else 0.0", ("another-reduction",)),
    Mistake("every-thread-writes", WRITE, "    sums[cuda.blockIdx.x] = part[t]", ("several-threads-write-one-place",)),
    Mistake(
        "every-thread-the-same", WRITE, WRITE.replace("if t == 0", "if True"), ("several-threads-write-one-place",)
    ),
    Mistake("thread-one-writes", "if t == 0:", "if t == 1:", ("nothing-written",)),
    Mistake("first-thread-of-the-grid", "if t == 0:", "if i == 0:", ("only-block-0-writes",)),
    Mistake("written-to-one-place", "sums[cuda.blockIdx.x]", "sums[0]", ("blocks-write-one-place",)),
    Mistake("added-to-sums", "sums[cuda.blockIdx.x] =", "sums[cuda.blockIdx.x] +=", ("result-read-before-written",)),
    Mistake("block-ignored", INDEX, "t", ("block-ignored-in-sum",)),
    Mistake("grid-for-block", INDEX, INDEX.replace("blockDim", "gridDim"), ("grid-size-for-block-size",)),
    Mistake("largest-block-assumed", INDEX, "cuda.blockIdx.x * LARGEST_BLOCK + t", ("block-size-assumed",)),
    Mistake("mean", "= part[0]", "= part[0] / cuda.blockDim.x", ("another-reduction", "wrong-factor")),
    Mistake("integers", "part[t] = x[i] if", "part[t] = int(x[i]) if", ("numbers-cut-to-integers",)),
    Mistake("not-imported", "LARGEST_BLOCK, float32)", "LARGEST_BLOCK, int32)", ("does-not-compile",)),
    Mistake(
        "thread-0-adds-all",
        "        if t < half:\n" + ADD,
        "        if t == 0:\n            for k in range(half):\n                part[k] += part[k + half]\n",
        ("sum-is-not-halved",),
    ),
    Mistake("index-is-a-fraction", HALF, "half = cuda.blockDim.x / 2", ("index-is-a-fraction",)),
)
