// What CUDA declares here is there in every .cu file (cuda_emulator.h).
#pragma once
