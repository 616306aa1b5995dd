"""All sizes of the CPU kernels that were tuned or that depend on the processor, one table for each architecture.

A port begins here, as a configuration of BLIS does: measure, add a table, and choose it at the end of this file. The
values decide how fast a kernel is, not whether its result is right, but the order of sums may follow them, and with it
the last bits.

What is decided by something else stands with its subject: how many numbers a float32 sum takes before a float64 one
(digits), the sides of Winograd's tiles (mathematics), how long threads look for each other (`threading/`), and how
memory is kept (`memory/buffers.py`, whose alignment is a cache line of 64 bytes, as all that asks ahead assumes).

Source of the idea: Van Zee and van de Geijn, "BLIS: A framework for rapidly instantiating BLAS functionality", ACM TOMS
41 (2015).
"""

from __future__ import annotations

from typing import NamedTuple

import llvmlite.binding


class Sizes(NamedTuple):
    """What a table holds. Sizes without a value here differ from one architecture to the other."""

    # A tile of the micro-kernel (gemm/micro_kernel.py)

    lanes: int
    """float32 numbers in a vector. Processors without AVX take two narrower ones for each: the code is the same."""

    rows: int
    """Of a tile: with 16 or 12 sums no product waits for the last one (four cycles, two started in each). With AVX-512
    eight rows divide most sizes; twelve, for which there are registers as well, are not faster in the loop and lost up
    to a tenth in tiles that are not full. AVX2 has registers for six."""

    # Winograd's convolutions (conv2d/cpu/winograd/)

    winograd_least_tiles: int
    """Tiles that a block has even if they take more than `winograd_block_bytes`: with so few the kernel, which every
    block reads anew, is read more than it is used. Measured on Zen 5 (AVX-512) and on Zen 3 (AVX2)."""

    winograd_block_bytes: int = 320 << 10
    """Bytes of V and M of a block of tiles, which are to stay in a second-level cache."""

    winograd_least_channels: int = 8
    """Channels from which on the products that are saved outweigh the transforms. Measured on Zen 3 (AVX2), 8 images of
    128x128, 16 to 16 channels: 1.6 times as fast as tiles of windows; 8 to 16 channels: 1.8 times; 64 to 64 channels:
    2.3 times."""

    winograd_least_channels_of_5x5: int = 32
    """Channels for windows of 5x5, whose tiles are smaller. Measured on Zen 5 (AVX-512), 8 images of 64x64, forward and
    backward: 1.5 times as fast as tiles of windows with 32 channels, 1.7 times with 64."""

    winograd_channels_together: int = 64
    """Channels that are transformed together where there are this many: those of a pixel lie in four cache lines, which
    are then read and written in order. For 64 to 64 channels of 8 images of 220x220, forward takes 26 ms so and 31 a
    vector at a time, the kernel's gradient 28 and 37. With fewer channels what is in between would take more room
    without that gain."""

    dilated_least_channels: int = 32
    """Channels from which on a dilated convolution goes by Winograd: with fewer the copies outweigh what it saves."""

    dilated_most_computed: float = 2.0
    """Outputs that may then be computed for each that is wanted: small phases fill whole tiles badly."""

    # Other convolutions (conv2d/cpu/)

    direct_band_bytes: int = 96 << 10
    """Bytes of a band's buffer: with a kernel's panels beside it, it stays in a second-level cache of 256 KiB or
    more."""

    direct_near_bytes: int = 32 << 10
    """Bytes of the rows of image and dy whose products are added up in registers, since they are read again for each
    tile of sums ..."""

    direct_pixels_of_large_sums: int = 128
    """... but at least this many pixels, where the sums are so large that it costs more to read and write them."""

    direct_large_sums: int = 256 << 10
    """Bytes of such sums. 256 to 512 channels, windows of 2x2 with stride 2 on 4 images of 32x32: 4.6 ms with one row
    at a time, 3.5 with 128 pixels."""

    im2col_least_weights: int = 1 << 14
    """Pairs of channels from which on the kernel is what costs. Measured on two Zen 5 cores, 3x3, 16 outputs: forward
    0.10 to 0.04 ms with 128 to 128 channels, 2.55 to 0.30 with 512 to 512; the kernel's gradient 2.7 to 0.3."""

    im2col_most_pixels: int = 64
    """Outputs up to which a matrix of windows pays: with 64 half of that gain is left ..."""

    im2col_large_kernel: int = 16 << 14
    """... and from this many pairs of channels on ..."""

    im2col_most_pixels_of_large_kernel: int = 128
    """... with 128."""

    few_channels_band: int = 32
    """Rows of dx that a job has where an image has few channels (`few_channels_most`)."""

    depthwise_pixels: int = 8
    """Pixels of a row whose products are added up at a time: with 128 channels, they and what they see of three rows
    are half of a first-level cache."""

    # Matrix products (gemm/)

    vectors: int = 2
    """Vectors of a row of a tile, but for narrow tiles, which have one and twice as many rows."""

    product_depth: int = 256
    """Terms of a sum done at a time: a panel of 256 x 16 numbers is 16 KiB, half of a first-level cache."""

    product_tiles: int = 16
    """Tiles that a block of rows has at most, for all panels of b."""

    product_chunk_bytes: int = 8 << 10
    """Of a b that is read once, this many bytes at a time: while one chunk is used, the next one is fetched."""

    product_few_rows: int = 64
    """Up to this many rows, b is read once as it lies: to pack it would cost as much as to use it."""

    transposed_least_tiles: int = 8
    """Tiles of rows of a^T @ b for each thread, from which on threads share these rows and not the terms."""

    shallow_tiles: int = 8
    """Narrow tiles of rows that stay in the first-level cache for all panels, in products with few terms."""

    blocked_least: int = 128
    """Terms and columns from which packing both pays: with 64 columns a number of a that is packed is used only four
    times."""

    blocked_least_sums: int = 4 * 128**2
    """Numbers of a result a^T @ b from which it goes that way as well."""

    blocked_depth: int = 384
    """Terms of a block; with AVX2 a panel of them takes 24 KiB, which stay in the first-level cache."""

    blocked_rows: int = 192
    """Rows of a block of a: 288 KiB, which a second-level cache holds."""

    blocked_panels: int = 4
    """Panels of b in a group: with AVX2 96 KiB, also there."""

    blocked_lines_ahead: int = 8
    """Rows of b asked for before they are packed: the processor foresees no accesses across pages."""

    packing_small: int = 1 << 14
    """Numbers that one thread packs in the time that it takes to begin and end with two."""

    packing_together: int = 64
    """Terms that a matrix is turned around at a time."""

    # All others

    cache_bytes: int = 32 << 20
    """Bytes of the last cache where the system does not tell. Larger results are written past it."""

    row_numbers: int = 2048
    """Numbers of a block of rows: 8 KiB (vectors/rows.py)."""

    channel_numbers: int = 4096
    """Numbers of a block of rows whose channels are summed (vectors/channels.py)."""

    batch_norm_ahead: int = 4096
    """Bytes after which dy is asked for beside a ReLU: without that its sums take 1.3 to 2 times as long, with it as
    long as without a ReLU."""

    softmax_numbers: int = 3072
    """Numbers of a block: with x and y 36 KiB."""

    pool_pixels: int = 1024
    """Pixels of a group of global pooling, which is a task of a thread."""

    pool_numbers: int = 4096
    """Numbers worked on while they are in the first-level cache: down a whole group, each vector of channels would
    fetch its pixels from further away."""

    dice_short_row: int = 128
    """Numbers; rows shorter than this are taken several at a time."""

    dice_numbers: int = 1 << 15
    """About this many numbers are a task of a thread."""

    weighted_sum_positions: int = 1 << 14
    """Positions added up to one number, by one thread."""

    confusion_least_positions: int = 1 << 12
    """Fewer positions are not worth another thread."""

    optimizer_small: int = 1 << 14
    """Numbers that one thread updates in the time that it takes to wake another."""

    @property
    def columns(self) -> int:
        """Columns of a tile, and of a panel of a packed matrix."""
        return self.vectors * self.lanes

    @property
    def narrow_rows(self) -> int:
        """Rows of a tile with one vector of columns."""
        return 2 * self.rows

    @property
    def few_channels_most(self) -> int:
        """Channels of an image up to which dx of a convolution with strides is computed by taps. With more, less than
        three quarters of a tile's columns go unused the other way, and there is no adding up.
        """
        return self.columns // 4


AVX_512 = Sizes(lanes=16, rows=8, winograd_least_tiles=32)
"""32 vector registers of 16 numbers."""

AVX2 = Sizes(lanes=8, rows=6, winograd_least_tiles=48)
"""16 vector registers of 8 numbers; and all processors that are not in this file."""

SIZES = AVX_512 if llvmlite.binding.get_host_cpu_features().get("avx512f", False) else AVX2
"""Those of this processor."""
