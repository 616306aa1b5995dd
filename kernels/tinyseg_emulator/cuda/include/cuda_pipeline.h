// The primitives of asynchronous copies; cuda::pipeline is not executed.
#pragma once
#include "cuda_pipeline_primitives.h"
