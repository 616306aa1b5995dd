// The table of activation functions (table.py), made of it by `python -m tinyseg_kernels.activation.cuda_text`.
#pragma once

#define FORMULA __device__ __forceinline__ real

namespace table {

// x, but at least low and at most high.
FORMULA clip(real x, real low, real high) {
  return x < low ? low : x > high ? high : x;
}

// negative_slope * x; 0 for a slope of 0 also where x is -infinity, and NaN where it is NaN.
FORMULA leaked(real x, real negative_slope) {
  return negative_slope > real(0.0) ? negative_slope * x : x < real(0.0) ? real(0.0) : x;
}

// min(x, 0).
FORMULA below(real x) {
  return x > real(0.0) ? real(0.0) : x;
}

// exp(-|x|), which cannot overflow.
FORMULA decay(real x) {
  return exp(x > real(0.0) ? -x : x);
}

// x within 10^4 of 0: beyond, every exp(-|x|) here is 0, and an infinity times 0 would be NaN.
FORMULA bounded(real x) {
  return clip(x, -real(10000.0), real(10000.0));
}

// 1 / (1 + exp(-x)): with z = exp(-|x|) it is 1 / (1 + z), and z / (1 + z) for x < 0.
FORMULA logistic(real x) {
  const real z = decay(x);
  return (x < real(0.0) ? z : real(1.0)) / (real(1.0) + z);
}

// max_value above it, x above 0, negative_slope * x below: ReLU6 with 6 and 0.
FORMULA capped_relu(real x, real max_value, real negative_slope) {
  return x > max_value ? max_value : x < real(0.0) ? leaked(x, negative_slope) : x;
}

// 1 between 0 and max_value, negative_slope below, 0 above; y has x's sign, since negative_slope >= 0.
FORMULA capped_relu_slope(real y, real max_value, real negative_slope) {
  return y >= max_value ? real(0.0) : y > real(0.0) ? real(1.0) : negative_slope;
}

// max_value above it, x above the threshold, negative_slope * (x - threshold) below.
FORMULA threshold_relu(real x, real max_value, real negative_slope, real threshold) {
  return x > threshold ? (x > max_value ? max_value : x) : leaked(x - threshold, negative_slope);
}

// 1 between threshold and max_value, negative_slope below, 0 above.
FORMULA threshold_relu_slope(real x, real max_value, real negative_slope, real threshold) {
  return x > threshold ? (x >= max_value ? real(0.0) : real(1.0)) : negative_slope;
}

// min(max(x + 3, 0), 6) / 6.
FORMULA hard_sigmoid(real x) {
  return clip(x + real(3.0), real(0.0), real(6.0)) / real(6.0);
}

// 1/6 where 0 < y < 1.
FORMULA hard_sigmoid_slope(real y) {
  return y > real(0.0) ? (y < real(1.0) ? real(1.0) / real(6.0) : real(0.0)) : real(0.0);
}

// x * hard_sigmoid(x): 0 up to -3, x from 3 on, x (x + 3) / 6 between.
FORMULA hard_silu(real x) {
  const real c = clip(x, -real(3.0), real(3.0));
  return x > real(3.0) ? x : c * (c + real(3.0)) / real(6.0);
}

// 0, (2 x + 3) / 6, 1.
FORMULA hard_silu_slope(real x) {
  const real c = clip(x, -real(3.0), real(3.0));
  return x > real(3.0) ? real(1.0) : x <= -real(3.0) ? real(0.0) : (real(2.0) * c + real(3.0)) / real(6.0);
}

// min(max(x, -1), 1).
FORMULA hard_tanh(real x) {
  return clip(x, -real(1.0), real(1.0));
}

// 1 where -1 < y < 1.
FORMULA hard_tanh_slope(real y) {
  return y > -real(1.0) ? (y < real(1.0) ? real(1.0) : real(0.0)) : real(0.0);
}

// x moved towards 0 by the threshold, 0 within it.
FORMULA soft_shrink(real x, real threshold) {
  return x - clip(x, -threshold, threshold);
}

// 1 where y is not 0.
FORMULA shrink_slope(real y, real threshold) {
  return y > real(0.0) ? real(1.0) : y < real(0.0) ? real(1.0) : real(0.0);
}

// x, but 0 within the threshold.
FORMULA hard_shrink(real x, real threshold) {
  return x > threshold ? x : x >= -threshold ? real(0.0) : x;
}

// x above the threshold, else default_value.
FORMULA threshold(real x, real threshold, real default_value) {
  return x <= threshold ? default_value : x;
}

// 1 above the threshold.
FORMULA threshold_slope(real x, real threshold, real default_value) {
  return x > threshold ? real(1.0) : real(0.0);
}

// x above 0, alpha * (exp(x) - 1) below.
FORMULA elu(real x, real alpha) {
  return x > real(0.0) ? x : alpha * expm1(below(x));
}

// 1, alpha * exp(x).
FORMULA elu_slope(real x, real alpha) {
  return x > real(0.0) ? real(1.0) : alpha * exp(below(x));
}

// x above 0, alpha * (exp(x / alpha) - 1) below: its slope is continuous for every alpha.
FORMULA celu(real x, real alpha) {
  return x > real(0.0) ? x : alpha * expm1(below(x) / alpha);
}

// 1, exp(x / alpha).
FORMULA celu_slope(real x, real alpha) {
  return x > real(0.0) ? real(1.0) : exp(below(x) / alpha);
}

// 1.0507 * elu(x, 1.6733): numbers of mean 0 and variance 1 keep them.
FORMULA selu(real x) {
  return real(1.0507009873554805) * elu(x, real(1.6732632423543772));
}

// 1.0507 * that of elu.
FORMULA selu_slope(real x) {
  return real(1.0507009873554805) * elu_slope(x, real(1.6732632423543772));
}

// exp(x): infinity above 88 in float32, above 709 in float64.
FORMULA exponential(real x) {
  return exp(x);
}

// exp(x), which is y.
FORMULA exponential_slope(real y) {
  return y;
}

// x / (1 + exp(-x)).
FORMULA silu(real x) {
  x = x < -real(10000.0) ? -real(10000.0) : x;
  return x * logistic(x);
}

// s + x s (1 - s) with s = 1 / (1 + exp(-x)) and s (1 - s) = z / (1 + z)^2.
FORMULA silu_slope(real x) {
  x = bounded(x);
  const real z = decay(x);
  const real share = real(1.0) / (real(1.0) + z);
  return (x < real(0.0) ? z : real(1.0)) * share + x * z * share * share;
}

// x P(x), P the share of a normal distribution below x: erfc(-x / sqrt(2)) / 2.
FORMULA gelu(real x) {
  x = x < -real(10000.0) ? -real(10000.0) : x;
  return real(0.5) * x * erfc(-real(0.7071067811865476) * x);
}

// P(x) + x exp(-x^2 / 2) / sqrt(2 pi).
FORMULA gelu_slope(real x) {
  x = bounded(x);
  return real(0.5) * erfc(-real(0.7071067811865476) * x) + real(0.3989422804014327) * x * exp(-real(0.5) * x * x);
}

// x (1 + tanh(u)) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), which is x / (1 + exp(-2 u)).
FORMULA gelu_tanh(real x) {
  const real c = bounded(x);
  const real twice_u = real(1.5957691216057308) * c * (real(1.0) + real(0.044715) * c * c);
  return (x < -real(10000.0) ? -real(10000.0) : x) * logistic(twice_u);
}

// s + x s (1 - s) 2 du/dx with s = 1 / (1 + exp(-2 u)).
FORMULA gelu_tanh_slope(real x) {
  x = bounded(x);
  const real square = real(0.044715) * x * x;
  const real u = real(1.5957691216057308) * x * (real(1.0) + square);
  const real z = decay(u);
  const real share = real(1.0) / (real(1.0) + z);
  const real steepness = real(1.5957691216057308) * (real(1.0) + real(3.0) * square);
  return (u < real(0.0) ? z : real(1.0)) * share + x * z * share * share * steepness;
}

// x tanh(log(1 + exp(x))) = x n / (n + 2) with n = e (e + 2), e = exp(x); above 0 both are divided by e^2.
FORMULA mish(real x) {
  x = x < -real(10000.0) ? -real(10000.0) : x;
  const real z = decay(x);
  const real n = x < real(0.0) ? z * (z + real(2.0)) : real(1.0) + real(2.0) * z;
  return x * n / (n + real(2.0) * (x < real(0.0) ? real(1.0) : z * z));
}

// t + x (1 - t^2) s with t = n / (n + 2), 1 - t = 2 / (n + 2) and s = e / (1 + e).
FORMULA mish_slope(real x) {
  x = bounded(x);
  const real z = decay(x);
  const real n = x < real(0.0) ? z * (z + real(2.0)) : real(1.0) + real(2.0) * z;
  const real two = real(2.0) * (x < real(0.0) ? real(1.0) : z * z);
  const real t = n / (n + two);
  return t + x * (two / (n + two)) * (real(1.0) + t) * (x < real(0.0) ? z : real(1.0)) / (real(1.0) + z);
}

// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
FORMULA softplus(real x) {
  return (x < real(0.0) ? real(0.0) : x) + log1p(decay(x));
}

// 1 / (1 + exp(-x)) = 1 - exp(-y).
FORMULA softplus_slope(real y) {
  return -expm1(-y);
}

// log(1 / (1 + exp(-x))) = min(x, 0) - log(1 + exp(-|x|)).
FORMULA log_sigmoid(real x) {
  return below(x) - log1p(decay(x));
}

// 1 / (1 + exp(x)) = 1 - exp(y).
FORMULA log_sigmoid_slope(real y) {
  return -expm1(y);
}

// (x + h) / 2 with h = sqrt(x^2 + b); below 0 that is b / (2 (h - x)), which loses no digits.
FORMULA squareplus(real x, real b) {
  const real c = clip(x, -real(1000000000000000.0), real(1000000000000000.0));
  const real h = sqrt(c * c + b);
  const real inside = c < real(0.0) ? real(0.5) * b / (h + (c < real(0.0) ? -c : c)) : real(0.5) * (c + h);
  return x > real(1000000000000000.0) ? x : inside;
}

// (1 + x / h) / 2, and b / (2 h (h - x)) below 0.
FORMULA squareplus_slope(real x, real b) {
  const real c = clip(x, -real(1000000000000000.0), real(1000000000000000.0));
  const real h = sqrt(c * c + b);
  return (x < real(0.0) ? real(0.5) * b / (h + (c < real(0.0) ? -c : c)) : real(0.5) * (c + h)) / h;
}

// 0 up to -1, (x + 1)^2 / 4 up to 1, then x.
FORMULA sparse_plus(real x) {
  const real c = clip(x, -real(1.0), real(1.0)) + real(1.0);
  return x > real(1.0) ? x : real(0.25) * c * c;
}

// 0, (x + 1) / 2, 1.
FORMULA sparse_plus_slope(real x) {
  return real(0.5) * clip(x, -real(1.0), real(1.0)) + real(0.5);
}

// min(max((x + 1) / 2, 0), 1).
FORMULA sparse_sigmoid(real x) {
  return clip(real(0.5) * x + real(0.5), real(0.0), real(1.0));
}

// 1/2 where 0 < y < 1.
FORMULA sparse_sigmoid_slope(real y) {
  return y > real(0.0) ? (y < real(1.0) ? real(0.5) : real(0.0)) : real(0.0);
}

// x / (1 + |x|).
FORMULA softsign(real x) {
  const real c = clip(x, -real(1e+30), real(1e+30));
  return c / (real(1.0) + (c < real(0.0) ? -c : c));
}

// 1 / (1 + |x|)^2.
FORMULA softsign_slope(real x) {
  const real share = real(1.0) / (real(1.0) + (x < real(0.0) ? -x : x));
  return share * share;
}

// x - tanh(x).
FORMULA tanh_shrink(real x) {
  return x - tanh(x);
}

// tanh(x)^2.
FORMULA tanh_shrink_slope(real x) {
  const real t = tanh(x);
  return t * t;
}

}  // namespace table

ELEMENTWISE(capped_relu, table::capped_relu(v, a, b), table::capped_relu_slope(v, a, b))
ELEMENTWISE(threshold_relu, table::threshold_relu(v, a, b, c), table::threshold_relu_slope(v, a, b, c))
ELEMENTWISE(hard_sigmoid, table::hard_sigmoid(v), table::hard_sigmoid_slope(v))
ELEMENTWISE(hard_silu, table::hard_silu(v), table::hard_silu_slope(v))
ELEMENTWISE(hard_tanh, table::hard_tanh(v), table::hard_tanh_slope(v))
ELEMENTWISE(soft_shrink, table::soft_shrink(v, a), table::shrink_slope(v, a))
ELEMENTWISE(hard_shrink, table::hard_shrink(v, a), table::shrink_slope(v, a))
ELEMENTWISE(threshold, table::threshold(v, a, b), table::threshold_slope(v, a, b))
ELEMENTWISE(elu, table::elu(v, a), table::elu_slope(v, a))
ELEMENTWISE(celu, table::celu(v, a), table::celu_slope(v, a))
ELEMENTWISE(selu, table::selu(v), table::selu_slope(v))
ELEMENTWISE(exponential, table::exponential(v), table::exponential_slope(v))
ELEMENTWISE(silu, table::silu(v), table::silu_slope(v))
ELEMENTWISE(gelu, table::gelu(v), table::gelu_slope(v))
ELEMENTWISE(gelu_tanh, table::gelu_tanh(v), table::gelu_tanh_slope(v))
ELEMENTWISE(mish, table::mish(v), table::mish_slope(v))
ELEMENTWISE(softplus, table::softplus(v), table::softplus_slope(v))
ELEMENTWISE(log_sigmoid, table::log_sigmoid(v), table::log_sigmoid_slope(v))
ELEMENTWISE(squareplus, table::squareplus(v, a), table::squareplus_slope(v, a))
ELEMENTWISE(sparse_plus, table::sparse_plus(v), table::sparse_plus_slope(v))
ELEMENTWISE(sparse_sigmoid, table::sparse_sigmoid(v), table::sparse_sigmoid_slope(v))
ELEMENTWISE(softsign, table::softsign(v), table::softsign_slope(v))
ELEMENTWISE(tanh_shrink, table::tanh_shrink(v), table::tanh_shrink_slope(v))
