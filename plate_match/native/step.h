/* Moves over the lattice. Included once a processor and once a semiring: PLUS(a, b) is the sum
 * (all alignments) or the maximum (the best one); NAME(x) gives each inclusion its own names. */

static inline void NAME(settle)(const Read *read, const lanes *from, int slot, int length, lanes *to) {
    const Rates *rates = read->rates;
    const int m = read->m, kind = kind_of(slot, length);
    const lanes begins = rates->begins[length][slot], late = from[LATE(read)];
    const lanes *added = read->added[kind];
    lanes ended = from[ENDED(read)], leave = rates->stay[kind];
    lanes reached = PLUS(from[0], late * begins);
    if (read->gapped) {
        for (int j = 0; j < m; j++) {
            to[j] = reached;
            if (read->gaps[j]) {
                to[GAP(read) + j] = PLUS(from[GAP(read) + j], reached);
                reached = PLUS(from[j + 1], to[GAP(read) + j] * rates->gap);
            } else {
                to[GAP(read) + j] = (lanes){0};
                reached = PLUS(from[j + 1], reached * added[j]);
            }
        }
    } else {
        for (int j = 0; j < m; j++) {
            to[j] = reached;
            reached = PLUS(from[j + 1], reached * added[j]);
        }
    }
    to[m] = reached;
    if (slot < length) {
        const lanes ends = rates->ends[length][slot];
        ended = PLUS(ended, reached * leave * ends);
        leave *= 1 - ends;
    }
    for (int j = 0; j <= m; j++) {
        to[j] *= leave;
    }
    for (int j = 0; j < m; j++) {
        to[OWED(read) + j] = from[OWED(read) + j];
    }
    to[LATE(read)] = late * (1 - begins);
    to[ENDED(read)] = ended;
}

static inline void NAME(chances)(const Read *read, int slot, int length, lanes *keep, lanes *swap) {
    const Rates *rates = read->rates;
    const int last = slot == length - 1, place = place_of(slot, length);
    *keep = last ? rates->alone[place] : rates->keep[place];
    *swap = last ? (lanes){0} : rates->swap;
}

/* From settled states over one symbol and the dash behind it, if there is one. To go over
 * several symbols at once, `emission` is their sum and `symbols` how many they are. */
static inline void NAME(meet)(const Read *read, const lanes *from, const lanes *emission,
                              int slot, int length, int dashed, int symbols, lanes *to) {
    const Rates *rates = read->rates;
    const int m = read->m;
    const lanes lost = rates->lost[place_of(slot, length)] * (double)symbols;
    lanes keep, swap, crossed[MOST_COLUMNS + 1], *main = dashed ? crossed : to;
    NAME(chances)(read, slot, length, &keep, &swap);
    main[0] = from[0] * lost;
    if (m > 0) {
        main[1] = PLUS(from[1] * lost, from[0] * (emission[0] * keep));
    }
    for (int j = 2; j <= m; j++) {
        const lanes held = PLUS(from[j] * lost, from[j - 1] * (emission[j - 1] * keep));
        main[j] = PLUS(held, from[OWED(read) + j - 2] * emission[j - 2]);
    }
    for (int j = 0; j + 1 < m; j++) {
        to[OWED(read) + j] = from[j] * (emission[j + 1] * swap);
    }
    if (m > 0) {
        to[OWED(read) + m - 1] = (lanes){0};
    }
    for (int i = GAP(read); i < read->states; i++) {
        to[i] = from[i] * (double)symbols;
    }
    if (dashed) {
        to[0] = crossed[0] * rates->dash_lost;
        for (int j = 1; j <= m; j++) {
            to[j] = PLUS(crossed[j] * rates->dash_lost, crossed[j - 1] * read->dash[j - 1]);
        }
    }
}

static inline void NAME(unsettle)(const Read *read, lanes *states, int slot, int length) {
    const Rates *rates = read->rates;
    const int kind = kind_of(slot, length);
    for (int j = read->m - 1; j >= 0; j--) {
        if (read->gaps[j]) {
            states[GAP(read) + j] = PLUS(states[GAP(read) + j], states[j + 1] * rates->gap);
            states[j] = PLUS(states[j], states[GAP(read) + j]);
        } else {
            states[j] = PLUS(states[j], states[j + 1] * read->added[kind][j]);
        }
    }
    const lanes begins = rates->begins[length][slot];
    states[LATE(read)] = PLUS(states[LATE(read)] * (1 - begins), states[0] * begins);
}

/* The backward states in the last slot. */
static inline void NAME(finish)(const Read *read, int length, lanes *to) {
    memset(to, 0, read->states * sizeof(lanes));
    to[read->m] = read->rates->stay[kind_of(length, length)];
    to[LATE(read)] = to[ENDED(read)] = (lanes){0} + 1;
    NAME(unsettle)(read, to, length, length);
}

/* Backward over the dash alone: what stands behind the symbol of the slot before `after`, as far
 * as nothing is owed. The rest is as in `after`. */
static inline const lanes *NAME(uncross)(const Read *read, const lanes *after, int dashed,
                                         lanes *room) {
    if (!dashed) {
        return after;
    }
    for (int j = 0; j < read->m; j++) {
        room[j] = PLUS(after[j] * read->rates->dash_lost, after[j + 1] * read->dash[j]);
    }
    room[read->m] = after[read->m] * read->rates->dash_lost;
    return room;
}

/* Backward over one symbol and the dash behind it, or over several as in `meet`. */
static inline void NAME(unmeet)(const Read *read, const lanes *after, const lanes *emission,
                                int slot, int length, int dashed, int symbols, lanes *to) {
    const Rates *rates = read->rates;
    const int m = read->m;
    const lanes lost = rates->lost[place_of(slot, length)] * (double)symbols;
    const lanes ends = rates->ends[length][slot];
    const lanes leave = rates->stay[kind_of(slot, length)], goes_on = leave * (1 - ends);
    lanes keep, swap, room[MOST_COLUMNS + 1];
    const lanes *behind = NAME(uncross)(read, after, dashed, room);
    NAME(chances)(read, slot, length, &keep, &swap);
    for (int j = 0; j <= m; j++) {
        lanes ahead = behind[j] * lost;
        if (j < m) {
            ahead = PLUS(ahead, behind[j + 1] * (emission[j] * keep));
        }
        if (j + 1 < m) {
            ahead = PLUS(ahead, after[OWED(read) + j] * (emission[j + 1] * swap));
        }
        to[j] = ahead * goes_on;
    }
    to[m] = PLUS(to[m], ends * leave * after[ENDED(read)] * (double)symbols);
    for (int j = 0; j + 1 < m; j++) {
        to[OWED(read) + j] = behind[j + 2] * emission[j];
    }
    if (m > 0) {
        to[OWED(read) + m - 1] = (lanes){0};
    }
    for (int i = GAP(read); i < read->states; i++) {
        to[i] = after[i] * (double)symbols;
    }
    NAME(unsettle)(read, to, slot, length);
}
