// Marks the hot walks over a vocabulary to be compiled once more for wider registers; the loader
// picks by processor. Without floating contraction (see CMakeLists.txt) every clone gives the same
// bits. Sanitizers run before the loader's choice is safe, so they get the plain version.
#pragma once

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define TURBOSPEC_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define TURBOSPEC_VECTOR_CLONES
#endif
