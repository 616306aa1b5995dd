"""Which tests are smoke tests, slow, or about emulated GPU kernels.

Told by their names, so that no test has to say it.
"""

from __future__ import annotations

import re

SLOW = (
    "tests/tutorials/", "tests/robustness/test_determinism.py", "tests/robustness/test_kill.py",
    "tests/kernels/test_gpu_races.py", "tests/kernels/test_wide_shapes.py", "tests/kernels/test_numba_ptx.py",
    "tests/kernels/test_nvrtc.py", "tests/check/test_factors.py", "tests/diagnosis/test_diagnosis.py",
    "tests/diagnosis/test_handwritten.py", "tests/mutants/test_planted_bugs.py::test_a_planted_bug",
    "tests/mutants/test_kernel_bugs.py", "tests/models/test_parity_with_keras.py", "tests/cli/", "tests/parity/",
    "tests/fuzz/", "tests/site/test_site.py", "tests/site/test_browser.py",
)  # fmt: skip
"""Files and tests that take most of the suite's time."""

FIRST = (
    "tests/tutorials/", "tests/site/test_site.py", "tests/kernels/test_gpu_races.py", "tests/check/test_factors.py",
    "tests/robustness/test_kill.py", "tests/kernels/test_numba_ptx.py", "tests/exercises/test_proof.py",
)  # fmt: skip
"""Tests of half a minute and more. They begin first, so that no process is left with one at the end."""

SMOKE = (
    "tests/kernels/test_conv2d.py", "tests/kernels/test_max_pool2d.py", "tests/kernels/test_softmax.py",
    "tests/kernels/test_dense.py", "tests/optimizers/", "tests/metrics/", "tests/models/test_gradients.py",
    "tests/models/test_fusion.py", "tests/models/test_training.py", "tests/datasets/", "tests/segmentation/",
    "tests/cpu/test_threads.py",
)  # fmt: skip
"""A look at each part: kernels, layers in networks, training, files, threads."""

PYODIDE = (
    "tests/applications/", "tests/callbacks/test_callbacks.py", "tests/callbacks/test_directions_and_rates.py",
    "tests/check/test_finite_differences.py", "tests/check/test_gradients.py",
    "tests/datasets/test_augmentation.py", "tests/datasets/test_batches.py", "tests/datasets/test_digits.py",
    "tests/datasets/test_folder.py", "tests/datasets/test_image_files.py", "tests/datasets/test_splitting.py",
    "tests/diagnosis/test_diagnosis.py::test_kernels_are_right",
    "tests/diagnosis/test_diagnosis.py::test_how_functions_behave", "tests/exercises/test_catalogue_conv.py",
    "tests/exercises/test_catalogue_net.py", "tests/exercises/test_catalogue_new.py",
    "tests/exercises/test_notebook.py", "tests/initializers/", "tests/kernels/test_activation.py",
    "tests/kernels/test_arrange.py", "tests/kernels/test_avg_pool2d.py", "tests/kernels/test_batch_norm.py",
    "tests/kernels/test_binary_cross_entropy.py", "tests/kernels/test_confusion_matrix.py",
    "tests/kernels/test_conv2d.py", "tests/kernels/test_conv2d_transpose.py", "tests/kernels/test_cross_entropy.py",
    "tests/kernels/test_dense.py", "tests/kernels/test_depthwise_conv2d.py", "tests/kernels/test_dice.py",
    "tests/kernels/test_dropout.py", "tests/kernels/test_gemm.py", "tests/kernels/test_global_pool2d.py",
    "tests/kernels/test_max_pool2d.py", "tests/kernels/test_optimizer.py", "tests/kernels/test_pad2d.py",
    "tests/kernels/test_regression.py", "tests/kernels/test_softmax.py", "tests/kernels/test_softmax_cross_entropy.py",
    "tests/kernels/test_sums.py", "tests/kernels/test_upsampling2d.py", "tests/kernels/test_weighted_sum.py",
    "tests/kernels/test_windows_of.py", "tests/layers/test_bad_input.py", "tests/layers/test_contract.py",
    "tests/layers/test_operators.py", "tests/layers/test_weight_attributes.py", "tests/losses/test_dice.py",
    "tests/losses/test_losses.py", "tests/losses/test_one_meaning_of_labels.py", "tests/metrics/", "tests/models/",
    "tests/optimizers/test_optimizers.py", "tests/segmentation/", "tests/utils/test_utils.py",
    "tests/utils/test_unknown_names.py", "tests/visualization/",
)  # fmt: skip
"""What must hold in a browser tab as well; `python -m tests.pyodide` runs it there."""

EMULATED = re.compile(r"cupy|numba-cuda|tests/emulator/|_gpu|racecheck|test_nvrtc|test_numba_ptx|winograd_bounds")


def marks_of(nodeid: str) -> list[str]:
    """Return the names of the marks of a test."""
    slow, emulated = nodeid.startswith(SLOW), EMULATED.search(nodeid) is not None
    marks = [name for name, holds in (("slow", slow), ("gpu_emulated", emulated)) if holds]
    if not marks and nodeid.startswith(SMOKE):
        marks = ["smoke"]
    return [*marks, "pyodide"] if nodeid.startswith(PYODIDE) and not emulated else marks
