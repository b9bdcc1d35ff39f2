/* How one plate became one read: the best alignment, event by event, as plate_match/explain.py
 * walks it; and what the plates one symbol away are worth. */

enum { BEGUN, CUT, ENTERED, INSERTED, LEFT, ENDED_EARLY, KEPT, SWAPPING, MISSING, CROSSED,
       DASH_LOST, DASH_READ, SWAPPED, GAP_ENDED, SWALLOWED, DONE };

/* Where a walk is: before a slot, with so many columns explained. */
enum { AT_LATE, AT_MAIN, AT_LEAVE, AT_CROSS, AT_OWED, AT_GAP, AT_ENDED, AT_END };

#define MOST_EVENTS (5 * (MOST_COLUMNS + MOST_SYMBOLS) + 8)

typedef struct {
    unsigned char what, column, slot;
    double chance;
} Event;

typedef struct {
    const Read *read;
    const Group *shape;
    uint64_t key;
    int k; /* the component */
    lanes rest[MOST_SYMBOLS + 1][MOST_STATES], crossed[MOST_SYMBOLS][MOST_COLUMNS + 1];
} Walk;

/* What comes next: the event, the value of it with all that follows, and where it leads. */
typedef struct {
    Event event;
    double value;
    int at, slot, j;
} Turn;

static double emission_at(const Walk *walk, int j, int slot) {
    const int place = place_of(slot, walk->shape->length);
    return walk->read->column[j]->grown[place][KEY_SYMBOL(walk->key, slot)][walk->k];
}

/* Something that may come next; of equals the first is taken. */
static void may(Turn *turn, Event event, double rest, int at, int slot, int j) {
    if (turn->at < 0 || event.chance * rest > turn->value) {
        *turn = (Turn){event, event.chance * rest, at, slot, j};
    }
}

static void in_late(const Walk *walk, int slot, Turn *turn) {
    const double begins = walk->read->rates->begins[walk->shape->length][slot][walk->k];
    may(turn, (Event){BEGUN, 0, slot, begins}, walk->rest[slot][0][walk->k], AT_MAIN, slot, 0);
    if (slot < walk->shape->length) {
        may(turn, (Event){CUT, 0, slot, 1 - begins},
            walk->rest[slot + 1][LATE(walk->read)][walk->k], AT_LATE, slot + 1, 0);
    }
}

static void leaving(const Walk *walk, int slot, int j, Turn *turn) {
    const Read *read = walk->read;
    const int length = walk->shape->length, m = read->m, k = walk->k;
    if (slot == length) {
        may(turn, (Event){DONE, j, slot, 1}, j == m, AT_END, slot, j);
        return;
    }
    const double ends = read->rates->ends[length][slot][k], goes_on = 1 - ends;
    const double lost = read->rates->lost[place_of(slot, length)][k];
    const lanes *crossed = walk->crossed[slot];
    lanes keep, swap;
    chances_best_plain(read, slot, length, &keep, &swap);
    if (j == m) {
        may(turn, (Event){ENDED_EARLY, j, slot, ends}, 1, AT_ENDED, slot, j);
    } else {
        const double kept = goes_on * keep[k] * emission_at(walk, j, slot);
        may(turn, (Event){KEPT, j, slot, kept}, crossed[j + 1][k], AT_CROSS, slot, j + 1);
    }
    if (j + 1 < m) {
        const double swapped = goes_on * swap[k] * emission_at(walk, j + 1, slot);
        may(turn, (Event){SWAPPING, j, slot, swapped}, walk->rest[slot + 1][OWED(read) + j][k],
            AT_OWED, slot + 1, j);
    }
    may(turn, (Event){MISSING, j, slot, goes_on * lost}, crossed[j][k], AT_CROSS, slot, j);
}

static void in_main(const Walk *walk, int slot, int j, Turn *turn) {
    const Read *read = walk->read;
    const int k = walk->k, kind = kind_of(slot, walk->shape->length);
    Turn leave = {.at = -1};
    if (j < read->m && read->gaps[j]) {
        may(turn, (Event){ENTERED, j, slot, 1}, walk->rest[slot][GAP(read) + j][k], AT_GAP, slot, j);
    } else if (j < read->m) {
        may(turn, (Event){INSERTED, j, slot, read->added[kind][j][k]}, walk->rest[slot][j + 1][k],
            AT_MAIN, slot, j + 1);
    }
    leaving(walk, slot, j, &leave);
    may(turn, (Event){LEFT, j, slot, read->rates->stay[kind][k]}, leave.value, AT_LEAVE, slot, j);
}

static void crossing(const Walk *walk, int slot, int j, Turn *turn) {
    const int k = walk->k;
    const lanes *ahead = walk->rest[slot + 1];
    if (!walk->shape->dashed[slot]) {
        may(turn, (Event){CROSSED, j, slot, 1}, ahead[j][k], AT_MAIN, slot + 1, j);
        return;
    }
    may(turn, (Event){DASH_LOST, j, slot, walk->read->rates->dash_lost[k]}, ahead[j][k], AT_MAIN,
        slot + 1, j);
    if (j < walk->read->m) {
        may(turn, (Event){DASH_READ, j, slot, walk->read->dash[j][k]}, ahead[j + 1][k], AT_MAIN,
            slot + 1, j + 1);
    }
}

static void in_gap(const Walk *walk, int slot, int j, Turn *turn) {
    const Read *read = walk->read;
    may(turn, (Event){GAP_ENDED, j, slot, read->rates->gap}, walk->rest[slot][j + 1][walk->k],
        AT_MAIN, slot, j + 1);
    if (slot < walk->shape->length) {
        may(turn, (Event){SWALLOWED, j, slot, 1}, walk->rest[slot + 1][GAP(read) + j][walk->k],
            AT_GAP, slot + 1, j);
    }
}

static Turn next_turn(const Walk *walk, int at, int slot, int j) {
    Turn turn = {.at = -1};
    switch (at) {
    case AT_LATE:
        in_late(walk, slot, &turn);
        break;
    case AT_MAIN:
        in_main(walk, slot, j, &turn);
        break;
    case AT_LEAVE:
        leaving(walk, slot, j, &turn);
        break;
    case AT_CROSS:
        crossing(walk, slot, j, &turn);
        break;
    case AT_OWED:
        may(&turn, (Event){SWAPPED, j, slot, emission_at(walk, j, slot)},
            walk->crossed[slot][j + 2][walk->k], AT_CROSS, slot, j + 2);
        break;
    case AT_GAP:
        in_gap(walk, slot, j, &turn);
        break;
    default:
        may(&turn, (Event){slot == walk->shape->length ? DONE : CUT, j, slot, 1}, 1,
            slot == walk->shape->length ? AT_END : AT_ENDED, slot + 1, j);
    }
    return turn;
}

/* Backward under the maximum, and the component that explains best. */
static void look_back(Walk *walk) {
    const Read *read = walk->read;
    const int length = walk->shape->length;
    lanes emission[MOST_COLUMNS];
    finish_best_plain(read, length, walk->rest[length]);
    for (int slot = length - 1; slot >= 0; slot--) {
        const int dashed = walk->shape->dashed[slot];
        const lanes *behind =
            uncross_best_plain(read, walk->rest[slot + 1], dashed, walk->crossed[slot]);
        if (!dashed) {
            memcpy(walk->crossed[slot], behind, (read->m + 1) * sizeof(lanes));
        }
        emission_of(read, place_of(slot, length), KEY_SYMBOL(walk->key, slot), emission);
        unmeet_best_plain(read, walk->rest[slot + 1], emission, slot, length, dashed, 1,
                          walk->rest[slot]);
    }
    const lanes value = walk->rest[0][LATE(read)] * read->rates->weight;
    for (int k = 1; k < LANES; k++) {
        walk->k = value[k] > value[walk->k] ? k : walk->k;
    }
}

/* The events of the best alignment, first to last; how many. */
static int align(const Read *read, const Group *shape, uint64_t key, Event *events) {
    Walk walk = {.read = read, .shape = shape, .key = key};
    Turn turn = {.at = AT_LATE};
    int count = 0;
    look_back(&walk);
    while (turn.at != AT_END && count < MOST_EVENTS) {
        turn = next_turn(&walk, turn.at, turn.slot, turn.j);
        events[count++] = turn.event;
    }
    return count;
}

/* P(read | the plate with another symbol in a slot), summed over alignments, for each symbol. */
static void neighbours(const Read *read, const Group *shape, uint64_t key, int slot, double *to) {
    lanes states[MOST_STATES], settled[MOST_STATES], emission[MOST_COLUMNS];
    lanes behind[MOST_STATES], before[MOST_STATES], worth[MOST_COLUMNS];
    const int length = shape->length, place = place_of(slot, length);
    memset(states, 0, read->states * sizeof(lanes));
    states[LATE(read)] = read->rates->weight * read->weight;
    for (int i = 0; i < slot; i++) {
        emission_of(read, place_of(i, length), KEY_SYMBOL(key, i), emission);
        settle_plain(read, states, i, length, settled);
        meet_plain(read, settled, emission, i, length, shape->dashed[i], 1, states);
    }
    finish_plain(read, length, behind);
    for (int i = length - 1; i > slot; i--) {
        memcpy(before, behind, read->states * sizeof(lanes));
        emission_of(read, place_of(i, length), KEY_SYMBOL(key, i), emission);
        unmeet_plain(read, before, emission, i, length, shape->dashed[i], 1, behind);
    }
    settle_plain(read, states, slot, length, settled);
    const double rest = worth_plain(read, settled, behind, slot, length, shape->dashed[slot], worth);
    for (int symbol = 0; symbol < ALPHABET; symbol++) {
        lanes sum = {0};
        for (int j = 0; j < read->m; j++) {
            sum += worth[j] * read->column[j]->grown[place][symbol];
        }
        to[symbol] += rest + lane_sum_plain(sum);
    }
}
