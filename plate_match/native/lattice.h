/* The lattice of plate_match/lattice.py for one read and one plate symbol after another.
 *
 * A state is an array of vectors, one lane a component of the channel:
 *     main[0..m]  owed[0..m-1]  gap[0..m-1] (only of a read with gaps)  late  ended
 * Forward states hold the probability so far, backward states that of the rest, so that the
 * product of both, summed over states and lanes, is the probability of the read.
 */

#define LANES 8
#define MOST_COLUMNS 24
#define MOST_SYMBOLS 10
#define ALPHABET 36
#define FIRST_LETTER 10
#define FAN 40 /* ALPHABET, padded to whole vectors */
#define MOST_STATES (3 * MOST_COLUMNS + 3)

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(64)));

typedef int64_t lane_mask __attribute__((vector_size(LANES * sizeof(double)), aligned(64)));

__attribute__((always_inline)) static inline lanes larger(lanes a, lanes b) {
    const lane_mask mask = a > b;
    return (lanes)((mask & (lane_mask)a) | (~mask & (lane_mask)b));
}

enum { LEADING, INNER, TRAILING, KINDS };
enum { FIRST, MIDDLE, LAST, PLACES };

/* Sets of symbols that places of plates draw from: digits, the letters of most series, all
 * letters, anything. */
enum { DIGITS, SERIES_LETTERS, LETTERS, ANYTHING, USUAL };
static const uint64_t USUAL_SETS[USUAL] = {0x3ff, 0xababba800, 0xffffffc00, 0xfffffffff};

/* The rates of one source, as far as they do not depend on the read. */
typedef struct {
    lanes weight, stay[KINDS], insert[KINDS], lost[PLACES], keep[PLACES], alone[PLACES];
    lanes swap, dash_lost, dash_kept;
    lanes begins[MOST_SYMBOLS + 1][MOST_SYMBOLS + 1], ends[MOST_SYMBOLS + 1][MOST_SYMBOLS + 1];
    double gap;
} Rates;

/* What one column of a read says of each symbol of a plate, by where on the plate that stands.
 * `fan[place][k][symbol]` holds the same emissions as `grown`, by component. */
typedef struct {
    lanes grown[PLACES][ALPHABET];
    double fan[PLACES][LANES][FAN];
    lanes best[PLACES][USUAL], all[PLACES][USUAL]; /* of the symbols of each usual set */
    lanes dash, added[KINDS];
} Column;

/* One read through one source's tables. Reads share the columns of what is often read. */
typedef struct {
    const Rates *rates;
    int m, gapped, states;
    unsigned char gaps[MOST_COLUMNS];
    double weight;
    lanes dash[MOST_COLUMNS], added[KINDS][MOST_COLUMNS]; /* as in the columns, side by side */
    const Column *column[MOST_COLUMNS];
} Read;

#define COLUMN_KINDS 38
#define DASH_COLUMN 36

typedef struct {
    Rates rates;
    int components, bins;
    lanes columns[COLUMN_KINDS][PLACES][ALPHABET + 1]; /* P(column | symbol or dash) */
    double rows[COLUMN_KINDS][PLACES][LANES][FAN];     /* the same of symbols, by component */
    lanes inserted[KINDS][COLUMN_KINDS];               /* P(column is added here) */
    lanes dash_kept;
    double *confidence; /* (K, 3, bins) */
    Column **known;     /* by what is seen and bin: columns of one symbol, made when first read */
} Source;

/* What each column says of one symbol. */
static inline void emission_of(const Read *read, int place, int symbol, lanes *to) {
    for (int j = 0; j < read->m; j++) {
        to[j] = read->column[j]->grown[place][symbol];
    }
}

#define OWED(read) ((read)->m + 1)
#define GAP(read) (2 * (read)->m + 1)
#define LATE(read) ((read)->states - 2)
#define ENDED(read) ((read)->states - 1)

static inline int kind_of(int slot, int length) {
    return slot == 0 ? LEADING : slot == length ? TRAILING : INNER;
}

static inline int place_of(int slot, int length) {
    return slot == 0 ? FIRST : slot == length - 1 ? LAST : MIDDLE;
}
