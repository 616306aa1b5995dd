"""What named GPUs can do at most: operations and bytes per second, as their maker publishes them.

Operations are counted as NVIDIA does: a fused multiply-add is two. Tensor cores: dense (the data sheets of L4, H100,
H200 and B200 give twice as much, with sparsity), float16 and bfloat16 with sums in float32. What data sheets round,
the architecture's paper has with a digit more (H100: 66.9 for 67). Special function units begin 16 results per
multiprocessor and clock (CUDA C++ Programming Guide, table "Throughput of native arithmetic instructions"), so their
peak is that of fp32, over two, times 16 over the fp32 lanes of a multiprocessor. Where no paper has them, fp64 and half
outside of tensor cores follow from fp32 and that table: fp64 1/32 on sm_75, 1/64 on sm_86 and sm_89, 1/2 on sm_80,
sm_90 and sm_100; half twice on sm_75, sm_90 and sm_100, as much on sm_86 and sm_89, four times on sm_80.

Sources, all NVIDIA's:

- T4: "NVIDIA Turing GPU Architecture" (WP-09183-001, 2018), table of Tesla T4; "NVIDIA T4" data sheet.
- A100: "NVIDIA A100 Tensor Core GPU Architecture" (2020), table 1; "NVIDIA A100" data sheet (2021): 2039 GB/s.
- A10: "NVIDIA A10" data sheet (2021).
- RTX 3090: "NVIDIA Ampere GA102 GPU Architecture" (V2.0, 2021), appendix A.
- L4: "NVIDIA L4" data sheet (2023), halves of what it gives with sparsity.
- RTX 4090: "NVIDIA Ada GPU Architecture" (V2.02, 2023), appendix A, table 2.
- H100: "NVIDIA H100 Tensor Core GPU Architecture" (2022), table 2; "NVIDIA H100" data sheet: 3.35 TB/s.
- H200: "NVIDIA H200" data sheet (2024): 4.8 TB/s; arithmetic is that of H100.
- B200: "NVIDIA Blackwell" data sheet (2024), one GPU of HGX B200, halves of what it gives with sparsity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TERA, GIGA = 1e12, 1e9


@dataclass(frozen=True)
class Gpu:
    """A GPU and its peaks.

    Args:
        name: As its maker calls it.
        arch: Its compute capability, as 'sm_90'.
        bandwidth: Bytes per second of its memory.
        peaks: Type of operation (`work.TYPES`, `work.TENSOR`) -> operations per second; one that is not there, the
            GPU has no unit for.
        special: Special functions per second.
        source: Where the figures are from.
    """

    name: str
    arch: str
    bandwidth: float
    peaks: Mapping[str, float]
    special: float
    source: str


def _gpu(
    name: str, arch: str, gigabytes: float, lanes: int, source: str, tensor: Mapping[str, float], **plain: float
) -> Gpu:
    """Make a GPU of TFLOP/s and GB/s."""
    peaks = {kind: tera * TERA for kind, tera in plain.items()}
    peaks |= {f"tensor {kind}": tera * TERA for kind, tera in tensor.items()}
    return Gpu(name, arch, gigabytes * GIGA, peaks, peaks["fp32"] / 2 * 16 / lanes, source)


GPUS: tuple[Gpu, ...] = (
    _gpu(
        "T4", "sm_75", 320, 64, "NVIDIA Turing GPU Architecture (2018), appendix on T4",
        {"fp16": 65, "int8": 130}, fp32=8.1, fp64=8.1 / 32, fp16=16.2,
    ),
    _gpu(
        "A100 80GB SXM", "sm_80", 2039, 64, "NVIDIA A100 Tensor Core GPU Architecture (2020); A100 data sheet",
        {"fp16": 312, "bf16": 312, "tf32": 156, "int8": 624, "fp64": 19.5}, fp32=19.5, fp64=9.7, fp16=78, bf16=39,
    ),
    _gpu(
        "A10", "sm_86", 600, 128, "NVIDIA A10 data sheet (2021)",
        {"fp16": 125, "bf16": 125, "tf32": 62.5, "int8": 250}, fp32=31.2, fp64=31.2 / 64, fp16=31.2, bf16=31.2,
    ),
    _gpu(
        "RTX 3090", "sm_86", 936, 128, "NVIDIA Ampere GA102 GPU Architecture (2021), appendix A",
        {"fp16": 71, "bf16": 71, "tf32": 35.6, "int8": 284}, fp32=35.6, fp64=35.6 / 64, fp16=35.6, bf16=35.6,
    ),
    _gpu(
        "L4", "sm_89", 300, 128, "NVIDIA L4 data sheet (2023), dense",
        {"fp16": 121, "bf16": 121, "tf32": 60, "int8": 242}, fp32=30.3, fp64=30.3 / 64, fp16=30.3, bf16=30.3,
    ),
    _gpu(
        "RTX 4090", "sm_89", 1008, 128, "NVIDIA Ada GPU Architecture (2022), appendix A",
        {"fp16": 165.2, "bf16": 165.2, "tf32": 82.6, "int8": 660.6}, fp32=82.6, fp64=82.6 / 64, fp16=82.6, bf16=82.6,
    ),
    _gpu(
        "H100 SXM", "sm_90", 3350, 128, "NVIDIA H100 Tensor Core GPU Architecture (2022); H100 data sheet",
        {"fp16": 989.4, "bf16": 989.4, "tf32": 494.7, "int8": 1978.9, "fp64": 66.9},
        fp32=66.9, fp64=33.5, fp16=133.8, bf16=133.8,
    ),
    _gpu(
        "H200 SXM", "sm_90", 4800, 128, "NVIDIA H200 data sheet (2024); arithmetic as H100 SXM",
        {"fp16": 989.4, "bf16": 989.4, "tf32": 494.7, "int8": 1978.9, "fp64": 66.9},
        fp32=66.9, fp64=33.5, fp16=133.8, bf16=133.8,
    ),
    _gpu(
        "B200 SXM", "sm_100", 7700, 128, "NVIDIA Blackwell data sheet (2024), a GPU of HGX B200, dense",
        {"fp16": 2250, "bf16": 2250, "tf32": 1100, "int8": 4500, "fp64": 37}, fp32=75, fp64=37, fp16=150, bf16=150,
    ),
)  # fmt: skip
