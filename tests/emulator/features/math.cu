//= sinpif and cospif | accepted | float 0 1 -1 0
out[0] = sinpif(1.0f);
out[1] = sinpif(0.5f);
out[2] = cospif(1.0f);
out[3] = cospif(0.5f);
//= sinpi of a large number | accepted | double 1
out[0] = sinpi(1000000.5);
//= sincospif | accepted | float 1 0
float s, c;
sincospif(0.5f, &s, &c);
out[0] = s;
out[1] = c;
//= rcbrtf | accepted | float 0.5
out[0] = rcbrtf(8.0f);
//= norm3df and rnorm3df | accepted | float 3 0.33333334
out[0] = norm3df(1.0f, 2.0f, 2.0f);
out[1] = rnorm3df(1.0f, 2.0f, 2.0f);
//= norm4d | accepted | double 4
out[0] = norm4d(2.0, 2.0, 2.0, 2.0);
//= normf of an array | accepted | float 5
float v[2] = {3, 4};
out[0] = normf(2, v);
//= rhypotf | accepted | float 0.2
out[0] = rhypotf(3.0f, 4.0f);
//= erfinvf and erfcinvf | accepted | float 0 0
out[0] = erfinvf(0.0f);
out[1] = erfcinvf(1.0f);
//= erfcx | accepted | double 0.427583576155807
out[0] = erfcx(1.0);
//= normcdff and normcdfinvf | accepted | float 0.5 0 1.959964
out[0] = normcdff(0.0f);
out[1] = normcdfinvf(0.5f);
out[2] = normcdfinvf(0.975f);
//= bessel functions | accepted | float 1 0 1
out[0] = j0f(0.0f);
out[1] = j1f(0.0f);
out[2] = cyl_bessel_i0f(0.0f);
//= cyl_bessel_i1 | accepted | double 0.565159103992485
out[0] = cyl_bessel_i1(1.0);
//= frexp and ldexp | accepted | float 0.5 4 8
int e;
out[0] = frexpf(8.0f, &e);
out[1] = e;
out[2] = ldexpf(1.0f, 3);
//= remquo and remainder | accepted | float -1 2
int q;
out[0] = remquof(5.0f, 3.0f, &q);
out[1] = q;
//= nextafterf | accepted | float 1.0000001
out[0] = nextafterf(1.0f, 2.0f);
//= modf and fmod | accepted | float 0.25 3 1
float whole;
out[0] = modff(3.25f, &whole);
out[1] = whole;
out[2] = fmodf(7.0f, 3.0f);
//= exp10f | accepted | float 1000
out[0] = exp10f(3.0f);
//= lgammaf and tgammaf | accepted | float 0 6
out[0] = lgammaf(1.0f);
out[1] = tgammaf(4.0f);
//= rsqrtf | accepted | float 0.5 0.5
out[0] = rsqrtf(4.0f);
out[1] = rsqrt(4.0f);
//= logb and ilogb | accepted | float 3 3
out[0] = logbf(8.0f);
out[1] = ilogbf(8.0f);
//= copysign fdim signbit | accepted | float -1 2 1
out[0] = copysignf(1.0f, -2.0f);
out[1] = fdimf(5.0f, 3.0f);
out[2] = signbit(-1.0f) != 0;
//= isnan isinf isfinite | accepted | int 1 1 0
out[0] = isnan(NAN);
out[1] = isinf(INFINITY);
out[2] = isfinite(INFINITY);
//= std functions of cmath | accepted | float 2 1 3
#include <cmath>
out[0] = std::sqrt(4.0f);
out[1] = std::exp(0.0f);
out[2] = std::fabs(-3.0f);
//= std::isnan and std::abs | accepted | float 1 2
#include <cmath>
out[0] = std::isnan(NAN);
out[1] = std::abs(-2.0f);
//= pow with an int exponent | accepted | float 9
out[0] = pow(3.0f, 2);
//= M_PI | accepted | float 3.1415927
out[0] = M_PI;
//= overloads for float | accepted | int 4 8
out[0] = sizeof(sqrt(2.0f));
out[1] = sizeof(sqrt(2));
//= nanf and nan | accepted | float nan
out[0] = nanf("");
//= math_constants | accepted | float 3.1415927 inf
#include <math_constants.h>
out[0] = CUDART_PI_F;
out[1] = CUDART_INF_F;
//= math_constants without the header | refused
out[0] = CUDART_PI_F;
//= FLT_MAX without its header | refused
out[0] = FLT_MAX;
//= FLT_MAX with cfloat | accepted | float 3.4028235e38
#include <cfloat>
out[0] = FLT_MAX;
//= numeric_limits max | refused
#include <limits>
out[0] = std::numeric_limits<float>::max();
//= numeric_limits in a constant | refused
#include <limits>
constexpr float most = std::numeric_limits<float>::max();
out[0] = most;
//= cuComplex | accepted | float -5 10
#include <cuComplex.h>
cuFloatComplex a = make_cuFloatComplex(1, 2), b = make_cuFloatComplex(3, 4);
cuFloatComplex c = cuCmulf(a, b);
out[0] = c.x;
out[1] = c.y;
//= sincos of a float | accepted | float 0 1
float s, c;
sincos(0.0f, &s, &c);
out[0] = s;
out[1] = c;
//= rcbrt of a double | accepted | double 0.25
out[0] = rcbrt(64.0);
//= long double | accepted
long double x = 1.0L;
out[0] = x;
//= fma overloads | accepted | double 7
out[0] = fma(2.0, 3.0, 1.0);
//= hypotf cbrtf expm1f log1pf | accepted | float 5 2 0 0
out[0] = hypotf(3.0f, 4.0f);
out[1] = cbrtf(8.0f);
out[2] = expm1f(0.0f);
out[3] = log1pf(0.0f);
//= llrint and lround | accepted | longlong 2 3
out[0] = llrintf(2.5f);
out[1] = lroundf(2.5f);
//= std::complex in a kernel | refused
#include <complex>
std::complex<float> z(1, 2);
out[0] = std::abs(z);
