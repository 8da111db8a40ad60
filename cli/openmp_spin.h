// How long ggml's OpenMP threads spin at a barrier before they sleep.
#pragma once

namespace turbospec::cli {

// libgomp's own limit is some milliseconds. When anything else runs on the cores, threads then wait
// for a partner that they themselves keep from running: one busy neighbour slows decoding more than
// tenfold. A tenth of a millisecond costs about 5 % on a quiet machine and triples the speed
// on a busy one (decision 0005). libgomp reads the limit before main, so this starts the program
// anew with GOMP_SPINCOUNT set; returns where the user has chosen (GOMP_SPINCOUNT, OMP_WAIT_POLICY)
// or the restart is not possible.
void LimitOpenMpSpinning(char** argv);

}  // namespace turbospec::cli
