"""What products may round their factors to, on both sides: float32 stays float32 unless a case asks for less."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any


def ours_in(precision: str) -> AbstractContextManager[Any]:
    """Return a context in which our kernels use tensor cores with this precision."""
    if precision == "float32":
        return nullcontext()
    from tinyseg_kernels.precision import using_matmul_precision

    return using_matmul_precision(precision)


def set_torch_precision(torch: Any, precision: str) -> None:
    """Allow or forbid TF32 in PyTorch's products and convolutions; let cuDNN search for its fastest algorithm."""
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = True
