// The part of cuRAND's host header that programs without its generators use: many include it for curand_kernel.h alone.
#pragma once
enum curandStatus { CURAND_STATUS_SUCCESS = 0 };
