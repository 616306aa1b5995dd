//= Philox words | accepted | unsigned 546353992 3665621163
#include <curand_kernel.h>
curandStatePhilox4_32_10_t state;
curand_init(1234ull, 0, 0, &state);
out[0] = curand(&state);
out[1] = curand(&state);
//= XORWOW words | accepted | unsigned 624778773
#include <curand_kernel.h>
curandState state;
curand_init(1234ull, 0, 0, &state);
out[0] = curand(&state);
//= uniform in (0, 1] | accepted
#include <curand_kernel.h>
curandState_t state;
curand_init(1, threadIdx.x, 0, &state);
out[0] = curand_uniform(&state);
//= uniform4 of Philox | accepted
#include <curand_kernel.h>
curandStatePhilox4_32_10_t state;
curand_init(1, threadIdx.x, 0, &state);
float4 v = curand_uniform4(&state);
out[0] = v.x;
//= normal and normal2 | accepted
#include <curand_kernel.h>
curandState state;
curand_init(1, threadIdx.x, 0, &state);
out[0] = curand_normal(&state);
float2 v = curand_normal2(&state);
out[1] = v.y;
//= uniform_double and log_normal | accepted
#include <curand_kernel.h>
curandStateXORWOW_t state;
curand_init(1, threadIdx.x, 0, &state);
out[0] = curand_uniform_double(&state) + curand_log_normal(&state, 0.0f, 1.0f);
//= skipahead | accepted
#include <curand_kernel.h>
curandState state;
curand_init(1, 0, 0, &state);
skipahead(5ull, &state);
skipahead_sequence(1ull, &state);
out[0] = curand(&state);
//= poisson | accepted
#include <curand_kernel.h>
curandState state;
curand_init(1, 0, 0, &state);
out[0] = curand_poisson(&state, 4.0);
//= MRG32k3a | accepted
#include <curand_kernel.h>
curandStateMRG32k3a state;
curand_init(1, 0, 0, &state);
out[0] = curand_uniform(&state);
//= uniform4 of XORWOW | refused
#include <curand_kernel.h>
curandState state;
curand_init(1, 0, 0, &state);
out[0] = curand_uniform4(&state).x;
//= curand without its header | refused
curandState state;
curand_init(1, 0, 0, &state);
//= state in an array of global memory | accepted
#include <curand_kernel.h>
extern "C" __global__ void k(curandState *states, float *out) {
  curandState local = states[threadIdx.x];
  out[threadIdx.x] = curand_uniform(&local);
  states[threadIdx.x] = local;
}
