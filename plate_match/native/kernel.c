/* The native kernel of plate_match.index: optional, found by `plate_match.kernel`.
 *
 * Everything it answers, the numpy code of the library answers as well, slower; the tests
 * compare the two. Nothing here keeps a state between calls.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wpsabi"

#include "lattice.h"
#include "index.h"
#include "search.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define PROCESSORS 1
#else
#define PROCESSORS 0
#endif

#define NAME(x) SUM_NAME(x)
#define SUM_NAME(x) x##_plain
#define BEST_NAME(x) x##_best_plain
#include "walk.h"
#include "series.h"
#undef SUM_NAME
#undef BEST_NAME
#undef NAME

#if PROCESSORS
#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi,bmi2,lzcnt,popcnt")
#define NAME(x) SUM_NAME(x)
#define SUM_NAME(x) x##_avx2
#define BEST_NAME(x) x##_best_avx2
#include "walk.h"
#include "series.h"
#undef SUM_NAME
#undef BEST_NAME
#undef NAME
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,bmi,bmi2,lzcnt,popcnt,prefer-vector-width=512")
#define NAME(x) SUM_NAME(x)
#define SUM_NAME(x) x##_avx512
#define BEST_NAME(x) x##_best_avx512
#include "walk.h"
#include "series.h"
#undef SUM_NAME
#undef BEST_NAME
#undef NAME
#pragma GCC pop_options
#endif

typedef struct {
    const char *name;
    void (*fill)(const Source *, Column *, const unsigned char *, int, int);
    void (*search)(Search *);
    double (*sum)(const Read *, const Group *, uint64_t);
    double (*best)(const Read *, const Group *, uint64_t);
    void (*series_sum)(Table *, const double *);
    void (*series_best)(Table *);
    void (*series_some)(Table *, const double *, const unsigned char *);
} Processor;

static const Processor PLAIN = {"plain", fill_column_plain, search_all_plain, all_alignments_plain,
                                best_alignment_plain, series_sum_plain, series_best_plain, series_some_plain};
#if PROCESSORS
static const Processor AVX2 = {"avx2", fill_column_avx2, search_all_avx2, all_alignments_avx2, best_alignment_avx2,
                               series_sum_avx2, series_best_avx2, series_some_avx2};
static const Processor AVX512 = {"avx512", fill_column_avx512, search_all_avx512, all_alignments_avx512,
                                 best_alignment_avx512, series_sum_avx512, series_best_avx512, series_some_avx512};
#endif
static const Processor *const BUILT[] = {
    &PLAIN,
#if PROCESSORS
    &AVX2,
    &AVX512,
#endif
};
enum { BUILT_COUNT = sizeof BUILT / sizeof *BUILT };
static const Processor *processor = &PLAIN;

/* Whether this machine can run what was built for a kind of processor. */
static int can_run(const Processor *one) {
#if PROCESSORS
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                     __builtin_cpu_supports("bmi2");
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    return one == &PLAIN || (one == &AVX2 && avx2) || (one == &AVX512 && avx2 && avx512);
#else
    return one == &PLAIN;
#endif
}

#include "align.h"
#include "python.h"
