"""A map: one thread for each pixel.

Block b begins behind the b blocks before it, each of blockDim.x threads. So its first thread has pixel b * blockDim.x,
and thread t of it has pixel b * blockDim.x + t. Each pixel from 0 to n - 1 is met exactly once.
"""

SOURCE = r"""
__global__ void adjust(const float *x, float *y, float gain, float offset) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = gain * x[i] + offset;
}
"""
