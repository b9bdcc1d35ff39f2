/* What one search works on; see walk.h for how. */

/* Looks at one vehicle. Look i has reads first_read[i] .. first_read[i + 1] - 1 (what may have
 * been retold of it; their probabilities are added) and a floor: its probability whatever the
 * plate. Looks of one cluster share what they get wrong: its value is
 *     independent * product of P_i  +  sum of repeated_i * P_i. */
typedef struct {
    int looks, clusters, reads;
    int *first_read, *first_look;
    double *floors, *independent, *repeated;
    double base; /* the value when every look is at its floor */
    Read **read;
} Sight;

typedef struct {
    double score, value, ratio; /* what is ranked by: (value + base) * ratio */
    uint64_t key;
    int64_t place;
} Found;

/* A beginning of plates. */
typedef struct {
    int64_t low, high; /* of keys: from, to; of bits: the beginning as a number, and nothing */
    uint64_t key;
    double reach, fill; /* the best likelihood above the base below here, and the sum over all
                           plates there could be */
    double share;       /* how many of those are listed, as far as that is known */
    int symbol;
} Branch;

/* What is known of each plate beside its symbols; any may be missing. */
typedef struct {
    const uint32_t *profile; /* by place: which of `ratios` counts for it */
    const double *ratios;
    uint32_t ratio_count;
    double most;             /* the largest of `ratios`, 1 without */
    double mean;             /* of `ratios` over all plates, 1 without */
    const double *spans;     /* by place: in force from, until */
    double at;
} Weights;

typedef struct {
    lanes *state, *settled; /* of one read in one slot */
    lanes *reach, *fill;    /* weights of the emissions of the next symbol: best, all */
    double rest_reach, rest_fill; /* what does not depend on that symbol */
    double *reaches, *fills;      /* by symbol */
    int awake;                    /* whether it is followed; if not, what it counts as: */
    double reach_asleep, fill_asleep;
} Step;

typedef struct {
    lanes *best, *all; /* backward: the best plate there could be, and all of them together */
    int known;
} Tail;

typedef struct {
    const Index *index;
    const Sight *sight;
    const Weights *weights;
    double floor, grain, least_score;
    int64_t limit, count; /* of `found`: a heap, the least on top */
    int64_t room;
    Found *found;
    double low, estimate, high; /* of the likelihood above the base of all that is not found */
    int64_t steps, most_steps;
    Step *step;  /* by slot and read */
    Tail *tails; /* by tail and read */
    Tail *heads; /* by length, slot and read: the same of any beginning, dashes or none */
    lanes *best_symbol, *all_symbols; /* by read, draw, place, column */
    unsigned char *draw_known;
    double *least; /* by look, if several: less than this is nothing */
    int failed, strange; /* out of memory; weights that are not of these plates */
} Search;

static double combined(const Sight *sight, const double *p) {
    double value = 1;
    for (int c = 0; c < sight->clusters; c++) {
        double product = sight->independent[c], sum = 0;
        for (int i = sight->first_look[c]; i < sight->first_look[c + 1]; i++) {
            product *= p[i];
            sum += sight->repeated[i] * p[i];
        }
        value *= product + sum;
    }
    return value;
}

/* The likelihood above the base; `p` holds each look's, without its floor. */
static double joint_above_base(const Sight *sight, double *p) {
    for (int i = 0; i < sight->looks; i++) {
        p[i] += sight->floors[i];
    }
    const double value = combined(sight, p) - sight->base;
    return value > 0 ? value : 0;
}

static inline double above_base(const Sight *sight, double *p) {
    return sight->looks == 1 ? p[0] : joint_above_base(sight, p);
}

/* An upper end of the sum of above_base over many plates, from each look's best and sum. The
 * value is linear in each look, so it rises by no more than its slope at the best of all. */
static double joint_above_base_sum(const Sight *sight, const double *best, const double *sums) {
    double total = 0;
    for (int i = 0; i < sight->looks; i++) {
        double slope = 1;
        for (int c = 0; c < sight->clusters; c++) {
            double product = sight->independent[c], sum = 0;
            int mine = 0;
            for (int j = sight->first_look[c]; j < sight->first_look[c + 1]; j++) {
                const double p = best[j] + sight->floors[j];
                mine |= j == i;
                product *= j == i ? 1 : p;
                sum += sight->repeated[j] * p;
            }
            slope *= mine ? product + sight->repeated[i] : product + sum;
        }
        total += slope * sums[i];
    }
    return total;
}

static inline double above_base_sum(const Sight *sight, const double *best, const double *sums) {
    return sight->looks == 1 ? sums[0] : joint_above_base_sum(sight, best, sums);
}

#define COUNTED 2 /* symbols of a beginning up to which the plates below it are counted */
#define STRIDE 3 /* symbols between looks at what an end of plates can come to */
#define SMALL 0.02 /* of the grain: what is left out in so small pieces is not looked at */
#define ASLEEP 1e-3 /* of the bar and of the grain: what one of several reads need not be followed for */
#define FEW 6 /* symbols that are cheaper looked at one by one */
#define ROUNDING 1e-11 /* relative: sums of the same terms in another order */

/* Twelve digits: what is equal but for the order of sums is a tie. */
static double level_of(double value) {
    int exponent;
    const double fraction = frexp(value, &exponent);
    return ldexp(rint(ldexp(fraction, 40)), exponent - 40);
}

/* Whether `a` stands before `b`: by score, ties in the order of the plates. */
static int before(const Found *a, const Found *b) {
    if (fabs(a->score - b->score) > ROUNDING * b->score) {
        return a->score > b->score;
    }
    const double one = level_of(a->score), other = level_of(b->score);
    return one != other ? one > other : a->key < b->key;
}

static void sift_down(Found *heap, int64_t count) {
    int64_t place = 0;
    for (;;) {
        int64_t least = 2 * place + 1;
        if (least >= count) {
            return;
        }
        if (least + 1 < count && before(heap + least, heap + least + 1)) {
            least++;
        }
        if (!before(heap + place, heap + least)) {
            return;
        }
        const Found held = heap[place];
        heap[place] = heap[least];
        heap[least] = held;
        place = least;
    }
}

static void sift_up(Found *heap, int64_t place) {
    while (place > 0 && before(heap + (place - 1) / 2, heap + place)) {
        const int64_t above = (place - 1) / 2;
        const Found held = heap[place];
        heap[place] = heap[above];
        heap[above] = held;
        place = above;
    }
}

static void beyond(Search *search, double value) {
    search->low += value;
    search->estimate += value;
    search->high += value;
}

static double ratio_of(Search *search, int64_t place) {
    const Weights *weights = search->weights;
    if (place < 0 || place >= search->index->plates ||
        (weights->profile != NULL && weights->profile[place] >= weights->ratio_count)) {
        search->strange = 1;
        return 0;
    }
    if (weights->spans != NULL && (weights->at < weights->spans[2 * place] ||
                                   weights->at >= weights->spans[2 * place + 1])) {
        return 0;
    }
    return weights->profile != NULL ? weights->ratios[weights->profile[place]] : 1;
}

/* By length, slot and read. */
#define HEAD(search, length, slot, read) \
    ((search)->heads + ((length) * (MOST_SYMBOLS + 1) + (slot)) * (search)->sight->reads + (read))

/* Whether a plate of at most this score and no smaller key could still be among the found. */
static int hopeless(const Search *search, double score, uint64_t least_key) {
    if (score < search->least_score * (1 - ROUNDING) || search->limit == 0) {
        return 1;
    }
    if (search->count < search->limit) {
        return 0;
    }
    const Found *worst = search->found;
    return score < worst->score * (1 - ROUNDING) ||
           (score <= worst->score * (1 + ROUNDING) && least_key > worst->key);
}

/* What the likelihood above the base has to reach to be found now. */
static double bar_of(const Search *search) {
    double score = search->limit == 0 ? INFINITY : search->least_score;
    if (search->count == search->limit && search->limit > 0 && search->found->score > score) {
        score = search->found->score;
    }
    const double value = score / search->weights->most - search->sight->base;
    return value > search->floor ? value : search->floor;
}

static void keep(Search *search, Found found) {
    if (search->count == search->limit) {
        if (!before(&found, search->found)) {
            beyond(search, found.value * found.ratio);
            return;
        }
        const Found out = search->found[0];
        beyond(search, out.value * out.ratio);
        search->found[0] = found;
        sift_down(search->found, search->count);
        return;
    }
    if (search->count == search->room) {
        const int64_t room = search->room ? 2 * search->room : 64;
        Found *found_more = realloc(search->found, room * sizeof(Found));
        if (found_more == NULL) {
            search->failed = 1;
            return;
        }
        search->found = found_more;
        search->room = room;
    }
    search->found[search->count] = found;
    sift_up(search->found, search->count++);
}
