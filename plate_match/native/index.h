/* A list of plates as the search walks it: groups of plates of one shape.
 *
 * A group holds its plates as sorted keys, or as bits: one bit for every plate the shape allows,
 * and above it, level by level, one bit for every beginning that has a plate below it.
 * A key is the plate's symbols, six bits each, 1 for "0" up to 36 for "Z", left aligned in 60
 * bits, so that keys stand in the order of the plates as text.
 */

#define SHIFT(slot) (6 * (MOST_SYMBOLS - 1 - (slot)))
#define KEY_SYMBOL(key, slot) ((int)((key) >> SHIFT(slot) & 63) - 1)
#define MOST_GROUPS 256
#define BLOCK 512 /* bits counted together in `ranks` */

typedef struct {
    int length;
    int draw[MOST_SYMBOLS];             /* places in `draws` */
    int tail[MOST_SYMBOLS + 1];         /* what slots i.. can hold; equal numbers, equal tails */
    unsigned char dashed[MOST_SYMBOLS]; /* whether a dash follows */
    int packed;                         /* bits rather than keys */
    int64_t begin, plates;              /* place of its first plate in the list; how many */
    int64_t fence;                      /* of keys: place in `fences`, or -1 */
    int64_t level[MOST_SYMBOLS + 1];    /* where the bits of each level begin */
    double room[MOST_SYMBOLS + 1];      /* plates the shape allows below so many symbols */
} Group;

typedef struct {
    int group_count, draw_count, tail_count;
    Group *groups;
    int (*draws)[ALPHABET + 1]; /* count, then symbols in order */
    int (*ranks_of)[ALPHABET];  /* which of its draw a symbol is */
    int *usual;                 /* which usual set a draw is, or USUAL */
    const uint64_t *keys;       /* of all groups held as keys, in the order of the groups */
    uint32_t *fences;           /* keys of a group before each beginning of two symbols */
    int64_t plates;             /* in all */
    int64_t packed_plates;      /* plates held as bits: they come first */
    const unsigned char *bits;  /* all levels of all groups held as bits; 8 bytes of padding */
    const uint32_t *ranks;      /* plates before each block of `bits` */
    Py_buffer views[4];
} Index;

/* Where columns of a table are cut in two: many have a beginning or an end in common. */
#define CUT_OF(length) ((length) > 2 ? (length) / 3 : 1)

/* Columns of a table of series: each place of a plate draws from a set of symbols. */
typedef struct {
    int length, count, draw_count;
    int (*draws)[ALPHABET + 1]; /* count, then symbols */
    int *draw;                  /* by column and slot */
    unsigned char *dashed;      /* by column and slot */
    double (*chances)[ALPHABET]; /* by draw */
    int *fresh;                 /* by column: the last slot that differs from the column before */
    int *usual;                 /* by draw: which usual set it is, or USUAL */
    unsigned char *stands;      /* by slot and draw: whether any column has it there */
    int most_children;          /* columns that are alike behind a slot and differ in it */
    int half_count[2], *half[2]; /* distinct first and second halves: of each, a column with it */
    int *half_of;               /* by column: its first half */
    int *second;                /* by second half: the first column with it; they are together */
} Series;

/* Where the keys that begin with a symbol, or two, begin, by the ranks of these in their draws. */
static inline const uint32_t *fence_of(const Index *index, const Group *group, int slot,
                                       uint64_t key, int rank) {
    const int next = index->draws[group->draw[1]][0];
    if (slot == 0) {
        return index->fences + group->fence + rank * next;
    }
    const int first = index->ranks_of[group->draw[0]][KEY_SYMBOL(key, 0)];
    return index->fences + group->fence + first * next + rank;
}

static inline uint64_t bits_at(const unsigned char *bits, int64_t place, int count) {
    uint64_t word;
    memcpy(&word, bits + (place >> 3), sizeof word);
    return word >> (place & 7) & ((1ull << count) - 1);
}

/* How many bits are set before `place`, counted from the block that `ranks` begins with. */
static inline int64_t rank_of(const Index *index, int64_t place) {
    const int64_t block = place / BLOCK;
    int64_t found = index->ranks[block];
    for (int64_t word = block * (BLOCK / 64); word < place / 64; word++) {
        uint64_t bits;
        memcpy(&bits, index->bits + 8 * word, sizeof bits);
        found += __builtin_popcountll(bits);
    }
    uint64_t bits;
    memcpy(&bits, index->bits + place / 64 * 8, sizeof bits);
    return found + __builtin_popcountll(bits & ((1ull << (place & 63)) - 1));
}

static inline int64_t lower_bound(const uint64_t *keys, int64_t low, int64_t high, uint64_t key) {
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (keys[middle] < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
