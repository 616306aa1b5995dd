// Found by programs that include it; what it declares is in cuda_runtime.h.
#pragma once
#include "cuda_runtime.h"
