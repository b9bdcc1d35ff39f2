/* Branch and bound over the plates of an index. Included once a kind of processor; NAME(x). */

#define PLUS(a, b) ((a) + (b))
#include "step.h"
#undef PLUS
#undef NAME
#define NAME(x) BEST_NAME(x)
#define PLUS(a, b) larger((a), (b))
#include "step.h"
#undef PLUS
#undef NAME
#define NAME(x) SUM_NAME(x)

static inline double NAME(lane_sum)(lanes a) {
    return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

static inline double NAME(dot)(const lanes *a, const lanes *b, int count) {
    lanes sum = {0};
    for (int i = 0; i < count; i++) {
        sum += a[i] * b[i];
    }
    return NAME(lane_sum)(sum);
}

/* The same emissions by component: fast to look at symbol by symbol. */
static void NAME(fill_fan)(const Source *source, Column *column, int place, const unsigned char *seen,
                           int count, const lanes *wrong) {
    memset(column->fan[place], 0, sizeof column->fan[place]);
    for (int k = 0; k < source->components; k++) {
        double *fan = column->fan[place][k];
        for (int i = 0; i < count; i++) {
            const double *row = source->rows[seen[i]][place][k];
            for (int s = 0; s < FAN; s++) {
                fan[s] += row[s] * (*wrong)[k];
            }
        }
        for (int i = 0; i < count; i++) {
            if (seen[i] < ALPHABET) {
                fan[seen[i]] = column->grown[place][seen[i]][k];
            }
        }
    }
}

/* What a column says of the symbols of each usual set: of the best, and of all together. */
static void NAME(fill_usual)(Column *column, int place) {
    for (int set = 0; set < USUAL; set++) {
        lanes best = {0}, all = {0};
        for (int s = 0; s < ALPHABET; s++) {
            if (USUAL_SETS[set] >> s & 1) {
                best = larger(best, column->grown[place][s]);
                all += column->grown[place][s];
            }
        }
        column->best[place][set] = best;
        column->all[place][set] = all;
    }
}

/* One column: what it says of each symbol, of a dash, and if it is inserted. */
static void NAME(fill_column)(const Source *source, Column *column, const unsigned char *seen,
                              int count, int bin) {
    lanes right = {0}, wrong = {0}, added = {0}, dash = {0};
    for (int k = 0; k < source->components; k++) {
        const double *table = source->confidence + (int64_t)k * 3 * source->bins + bin;
        right[k] = bin < 0 ? 1 : table[0];
        wrong[k] = bin < 0 ? 1 : table[source->bins];
        added[k] = bin < 0 ? 1 : table[2 * source->bins];
    }
    for (int place = 0; place < PLACES; place++) {
        for (int s = 0; s < ALPHABET; s++) {
            lanes sum = {0};
            int same = 0;
            for (int i = 0; i < count; i++) {
                sum += source->columns[seen[i]][place][s];
                same |= seen[i] == s;
            }
            column->grown[place][s] = sum * (same ? right : wrong);
        }
        NAME(fill_fan)(source, column, place, seen, count, &wrong);
        NAME(fill_usual)(column, place);
    }
    for (int i = 0; i < count; i++) {
        dash += source->columns[seen[i]][MIDDLE][ALPHABET];
    }
    column->dash = dash * wrong * source->dash_kept;
    for (int kind = 0; kind < KINDS; kind++) {
        lanes inserted = {0};
        for (int i = 0; i < count; i++) {
            inserted += source->inserted[kind][seen[i]];
        }
        column->added[kind] = inserted * added;
    }
}

/* The best emission a draw allows in one place of a plate, and all of them together. */
static void NAME(know_draw)(Search *search, int read, int draw, int place) {
    const Read *one = search->sight->read[read];
    const int at = (read * search->index->draw_count + draw) * PLACES + place;
    if (search->draw_known[at]) {
        return;
    }
    const int *symbols = search->index->draws[draw], usual = search->index->usual[draw];
    lanes *best = search->best_symbol + (int64_t)at * MOST_COLUMNS;
    lanes *all = search->all_symbols + (int64_t)at * MOST_COLUMNS;
    for (int j = 0; j < one->m; j++) {
        const Column *column = one->column[j];
        if (usual < USUAL) {
            best[j] = column->best[place][usual];
            all[j] = column->all[place][usual];
            continue;
        }
        best[j] = all[j] = (lanes){0};
        for (int i = 1; i <= symbols[0]; i++) {
            const lanes emission = column->grown[place][symbols[i]];
            all[j] += emission;
            best[j] = larger(best[j], emission);
        }
    }
    search->draw_known[at] = 1;
}

static const Tail *NAME(tail_of)(Search *search, const Group *group, int slot, int read) {
    const Read *one = search->sight->read[read];
    Tail *tail = search->tails + group->tail[slot] * search->sight->reads + read;
    if (tail->known) {
        return tail;
    }
    if (slot == group->length) {
        NAME(finish)(one, group->length, tail->best);
        memcpy(tail->all, tail->best, one->states * sizeof(lanes));
    } else {
        const int place = place_of(slot, group->length), draw = group->draw[slot];
        const int at = (read * search->index->draw_count + draw) * PLACES + place;
        const Tail *after = NAME(tail_of)(search, group, slot + 1, read);
        const int dashed = group->dashed[slot], length = group->length;
        const int64_t column = (int64_t)at * MOST_COLUMNS;
        NAME(know_draw)(search, read, draw, place);
        NAME(unmeet)(one, after->best, search->best_symbol + column, slot, length, dashed, 1,
                     tail->best);
        NAME(unmeet)(one, after->all, search->all_symbols + column, slot, length, dashed,
                     search->index->draws[draw][0], tail->all);
    }
    tail->known = 1;
    return tail;
}

/* What the next symbol's emissions are worth, column by column, and what it has no part in. */
static double NAME(worth)(const Read *one, const lanes *settled, const lanes *tail, int slot,
                          int length, int dashed, lanes *worth) {
    const int m = one->m;
    const lanes lost = one->rates->lost[place_of(slot, length)];
    lanes keep, swap, room[MOST_COLUMNS + 1], rest = {0};
    const lanes *behind = NAME(uncross)(one, tail, dashed, room);
    NAME(chances)(one, slot, length, &keep, &swap);
    for (int j = 0; j < m; j++) {
        lanes sum = settled[j] * keep * behind[j + 1];
        if (j > 0) {
            sum += settled[j - 1] * swap * tail[OWED(one) + j - 1];
        }
        if (j + 1 < m) {
            sum += settled[OWED(one) + j] * behind[j + 2];
        }
        worth[j] = sum;
    }
    for (int j = 0; j <= m; j++) {
        rest += settled[j] * lost * behind[j];
    }
    for (int i = GAP(one); i < one->states; i++) {
        rest += settled[i] * tail[i];
    }
    return NAME(lane_sum)(rest);
}

/* For each symbol of a draw: rest + the worth of its emissions. A column that cannot add more
 * than `slack` is not looked at symbol by symbol: its most is added to all, so that what comes
 * out is an upper end. */
static void NAME(fan_out)(const Read *one, const lanes *worth, double rest, int place,
                          const int *draw, double slack, double *to) {
    const int begin = draw[1] / LANES, end = draw[draw[0]] / LANES + 1;
    lanes sum[FAN / LANES];
    double more[MOST_COLUMNS];
    for (int j = 0; j < one->m; j++) {
        more[j] = slack > 0 ? NAME(lane_sum)(worth[j] * one->column[j]->best[place][ANYTHING]) : 1;
        rest += more[j] <= slack ? more[j] : 0;
    }
    for (int v = begin; v < end; v++) {
        sum[v] = (lanes){0} + rest;
    }
    for (int j = 0; j < one->m; j++) {
        if (more[j] <= slack) {
            continue;
        }
        for (int k = 0; k < LANES; k++) {
            const double weight = worth[j][k], *row = one->column[j]->fan[place][k];
            for (int v = begin; v < end; v++) {
                sum[v] += weight * *(const lanes *)(row + v * LANES);
            }
        }
    }
    memcpy(to + begin * LANES, sum + begin, (end - begin) * sizeof(lanes));
}

/* The same, exactly, for the few symbols that are there. */
static void NAME(pick_out)(const Read *one, const lanes *worth, double rest, int place,
                           const int *draw, uint64_t present, double *to) {
    for (; present; present &= present - 1) {
        const int symbol = draw[1 + __builtin_ctzll(present)];
        lanes sum = {0};
        for (int j = 0; j < one->m; j++) {
            sum += worth[j] * one->column[j]->grown[place][symbol];
        }
        to[symbol] = rest + NAME(lane_sum)(sum);
    }
}

/* P(read | plate) along the best alignment. */
static double NAME(best_alignment)(const Read *one, const Group *group, uint64_t key) {
    lanes states[MOST_STATES], settled[MOST_STATES], finish[MOST_STATES], emission[MOST_COLUMNS];
    double best = 0;
    memset(states, 0, one->states * sizeof(lanes));
    states[LATE(one)] = one->rates->weight * one->weight;
    for (int slot = 0; slot < group->length; slot++) {
        emission_of(one, place_of(slot, group->length), KEY_SYMBOL(key, slot), emission);
        BEST_NAME(settle)(one, states, slot, group->length, settled);
        BEST_NAME(meet)(one, settled, emission, slot, group->length, group->dashed[slot], 1, states);
    }
    BEST_NAME(finish)(one, group->length, finish);
    for (int s = 0; s < one->states; s++) {
        for (int k = 0; k < LANES; k++) {
            const double reached = states[s][k] * finish[s][k];
            best = reached > best ? reached : best;
        }
    }
    return best;
}

/* P(read | plate), summed over alignments. */
static double NAME(all_alignments)(const Read *one, const Group *group, uint64_t key) {
    lanes states[MOST_STATES], settled[MOST_STATES], finish[MOST_STATES], emission[MOST_COLUMNS];
    memset(states, 0, one->states * sizeof(lanes));
    states[LATE(one)] = one->rates->weight * one->weight;
    for (int slot = 0; slot < group->length; slot++) {
        emission_of(one, place_of(slot, group->length), KEY_SYMBOL(key, slot), emission);
        NAME(settle)(one, states, slot, group->length, settled);
        NAME(meet)(one, settled, emission, slot, group->length, group->dashed[slot], 1, states);
    }
    NAME(finish)(one, group->length, finish);
    return NAME(dot)(states, finish, one->states);
}

/* The likelihood above the base, each look along its best alignment. */
static double NAME(best_of)(const Search *search, const Group *group, uint64_t key) {
    const Sight *sight = search->sight;
    double best[sight->looks];
    for (int i = 0; i < sight->looks; i++) {
        best[i] = 0;
        for (int r = sight->first_read[i]; r < sight->first_read[i + 1]; r++) {
            const double reached = NAME(best_alignment)(sight->read[r], group, key);
            best[i] = reached > best[i] ? reached : best[i];
        }
    }
    return above_base(sight, best);
}

static int64_t NAME(place_of_leaf)(const Search *search, const Group *group, int64_t low) {
    if (!group->packed) {
        return search->index->packed_plates + low;
    }
    const int64_t level = group->level[group->length];
    return group->begin + rank_of(search->index, level + low) - rank_of(search->index, level);
}

/* The likelihood above the base of a plate, `upper` where some reads are not followed to it. */
static double NAME(worked_out)(const Search *search, const Group *group, const Branch *branch) {
    const Sight *sight = search->sight;
    const Step *steps = search->step + (group->length - 1) * sight->reads;
    double sum[sight->looks];
    int asleep = 0;
    for (int i = 0; i < sight->looks; i++) {
        sum[i] = 0;
        for (int r = sight->first_read[i]; r < sight->first_read[i + 1]; r++) {
            asleep |= !steps[r].awake;
            sum[i] += steps[r].awake ? steps[r].reaches[branch->symbol]
                                     : NAME(all_alignments)(sight->read[r], group, branch->key);
        }
    }
    return asleep ? above_base(sight, sum) : branch->reach;
}

/* A plate that is not kept: what is not followed of it is somewhere between nothing and its most. */
static void NAME(passed_by)(Search *search, const Branch *branch, int last, double ratio) {
    const Step *steps = search->step + last * search->sight->reads;
    double asleep = 0;
    for (int r = 0; search->sight->looks == 1 && r < search->sight->reads; r++) {
        asleep += steps[r].awake ? 0 : steps[r].reach_asleep;
    }
    const double value = branch->reach > asleep ? branch->reach - asleep : 0;
    beyond(search, value * ratio);
    search->estimate += asleep / 2 * ratio;
    search->high += asleep * ratio;
}

static void NAME(leaf)(Search *search, const Group *group, const Branch *branch) {
    const Weights *weights = search->weights;
    Found found = {.value = branch->reach, .ratio = 1, .key = branch->key, .place = -1};
    if (weights->profile != NULL || weights->spans != NULL) {
        found.place = NAME(place_of_leaf)(search, group, branch->low);
        found.ratio = ratio_of(search, found.place);
    }
    found.score = (found.value + search->sight->base) * found.ratio;
    if (found.value < search->floor || found.score == 0 ||
        hopeless(search, found.score, found.key)) {
        NAME(passed_by)(search, branch, group->length - 1, found.ratio);
        return;
    }
    found.value = NAME(worked_out)(search, group, branch);
    found.score = (found.value + search->sight->base) * found.ratio;
    if (found.value < search->floor || hopeless(search, found.score, found.key) ||
        NAME(best_of)(search, group, found.key) < search->floor) {
        beyond(search, found.value * found.ratio);
        return;
    }
    if (found.place < 0) {
        found.place = NAME(place_of_leaf)(search, group, branch->low);
    }
    keep(search, found);
}

/* Which symbols of the draw have a plate below them, if that is cheap to know. */
static uint64_t NAME(present)(const Search *search, const Group *group, int slot,
                              const Branch *from) {
    const int *draw = search->index->draws[group->draw[slot]];
    if (group->packed) {
        const int64_t place = group->level[slot + 1] + from->low * draw[0];
        return bits_at(search->index->bits, place, draw[0]);
    }
    uint64_t present = 0;
    if (group->fence >= 0 && slot < COUNTED) {
        const uint32_t *fence = fence_of(search->index, group, slot, from->key, 0);
        const int step = slot == 0 ? search->index->draws[group->draw[1]][0] : 1;
        for (int i = 0; i < draw[0]; i++) {
            present |= (uint64_t)(fence[i * step] < fence[(i + 1) * step]) << i;
        }
        return present;
    }
    if (from->high - from->low > 2 * ALPHABET) {
        return (1ull << draw[0]) - 1;
    }
    for (int64_t i = from->low; i < from->high; i++) {
        const int symbol = KEY_SYMBOL(search->index->keys[i], slot);
        present |= 1ull << search->index->ranks_of[group->draw[slot]][symbol];
    }
    return present;
}

/* The value of each symbol: into `reaches` the best below it, into `fills` the sum. */
static void NAME(open_up)(Search *search, const Group *group, int slot, uint64_t present) {
    const Sight *sight = search->sight;
    const int *draw = search->index->draws[group->draw[slot]];
    const int place = place_of(slot, group->length), last = slot + 1 == group->length;
    const double slack = sight->looks == 1 ? 0.02 * bar_of(search) : 0;
    const int few = __builtin_popcountll(present) <= FEW;
    for (int r = 0; r < sight->reads; r++) {
        Step *step = search->step + slot * sight->reads + r;
        if (!step->awake) {
            continue;
        }
        const Read *one = sight->read[r];
        const Tail *tail = NAME(tail_of)(search, group, slot + 1, r);
        NAME(settle)(one, step->state, slot, group->length, step->settled);
        step->rest_reach = NAME(worth)(one, step->settled, tail->best, slot, group->length,
                                       group->dashed[slot], step->reach);
        if (few) {
            NAME(pick_out)(one, step->reach, step->rest_reach, place, draw, present, step->reaches);
        } else {
            NAME(fan_out)(one, step->reach, step->rest_reach, place, draw, last ? 0 : slack,
                          step->reaches);
        }
        if (last || search->grain == INFINITY) {
            continue;
        }
        step->rest_fill = NAME(worth)(one, step->settled, tail->all, slot, group->length,
                                      group->dashed[slot], step->fill);
        if (few) {
            NAME(pick_out)(one, step->fill, step->rest_fill, place, draw, present, step->fills);
        } else {
            NAME(fan_out)(one, step->fill, step->rest_fill, place, draw, 0.02 * search->grain,
                          step->fills);
        }
    }
}

/* What a symbol is worth, all reads of all looks together. */
static void NAME(weigh)(Search *search, const Group *group, int slot, Branch *branch) {
    const Sight *sight = search->sight;
    double best[sight->looks], sums[sight->looks], ends[sight->looks];
    const int last = slot + 1 == group->length;
    for (int i = 0; i < sight->looks; i++) {
        best[i] = sums[i] = 0;
        for (int r = sight->first_read[i]; r < sight->first_read[i + 1]; r++) {
            const Step *step = search->step + slot * sight->reads + r;
            best[i] += step->awake ? step->reaches[branch->symbol] : step->reach_asleep;
            if (!last && search->grain < INFINITY) {
                sums[i] += step->awake ? step->fills[branch->symbol] : step->fill_asleep;
            }
        }
        ends[i] = best[i];
    }
    branch->reach = above_base(sight, ends);
    branch->fill = last ? branch->reach : above_base_sum(sight, best, sums);
}

/* Put one more into the order, the best first: places of branches. */
static void NAME(put_in_order)(const Branch *branches, int one, unsigned char *order) {
    int place = one;
    while (place > 0 && branches[order[place - 1]].reach < branches[one].reach) {
        order[place] = order[place - 1];
        place--;
    }
    order[place] = (unsigned char)one;
}

/* The plates below a beginning and one symbol more; whether there are any. */
static int NAME(descend)(const Search *search, const Group *group, int slot, const Branch *from,
                         int rank, Branch *to) {
    const double room = group->room[slot + 1];
    if (group->packed) {
        to->low = from->low * search->index->draws[group->draw[slot]][0] + rank;
        if (slot < COUNTED) {
            const int64_t begin = group->level[group->length] + to->low * (int64_t)room;
            const int64_t end = begin + (int64_t)room;
            to->share = (double)(rank_of(search->index, end) - rank_of(search->index, begin)) / room;
        }
        return to->share > 0;
    }
    const uint64_t *keys = search->index->keys;
    if (group->fence >= 0 && slot < COUNTED) {
        const int64_t begin = group->begin - search->index->packed_plates;
        to->low = begin + *fence_of(search->index, group, slot, from->key, rank);
        to->high = begin + *fence_of(search->index, group, slot, from->key, rank + 1);
    } else {
        to->low = lower_bound(keys, from->low, from->high, to->key);
        to->high = lower_bound(keys, to->low, from->high, to->key + (1ull << SHIFT(slot)));
    }
    to->share = (double)(to->high - to->low) / room;
    return to->low < to->high;
}

/* The sum over a branch is at most that over all plates there could be, and no more than as many
 * as there are, each the best. */
static double NAME(most_of)(const Group *group, const Branch *one) {
    const double each = group->packed ? one->fill : (double)(one->high - one->low) * one->reach;
    return one->fill < each ? one->fill : each;
}

/* What is not gone into. */
static void NAME(leave_out)(Search *search, const Group *group, const Branch *one) {
    const double high = NAME(most_of)(group, one);
    const double estimate = one->fill * one->share;
    search->estimate += (estimate < high ? estimate : high) * search->weights->mean;
    search->high += high * search->weights->most;
}

static int NAME(promising)(const Search *search, const Branch *one) {
    const double score = (one->reach + search->sight->base) * search->weights->most;
    return one->reach >= search->floor * (1 - ROUNDING) && !hopeless(search, score, one->key);
}

static int NAME(filled)(const Search *search, const Group *group, const Branch *one) {
    return NAME(most_of)(group, one) * search->weights->most >= search->grain;
}

/* The branches of a node that are worth going into, and their order; how many. */
static int NAME(branches)(Search *search, const Group *group, int slot, const Branch *from,
                          uint64_t present, Branch *branches, unsigned char *order) {
    const Sight *sight = search->sight;
    const int *draw = search->index->draws[group->draw[slot]];
    const double bar = bar_of(search) * (1 - 2 * ROUNDING), most = search->weights->most;
    const Step *only = sight->reads == 1 && search->step[slot].awake ? search->step + slot : NULL;
    const int exact = slot + 1 == group->length, whole = search->grain < INFINITY;
    /* What is listed below here is below the symbols that are present, and no others; of bits
     * there is at least one plate below each. */
    const double dense = from->share * draw[0] / __builtin_popcountll(present);
    const double least = group->packed ? 1 / group->room[slot + 1] : 0;
    const double share = dense > 1 ? 1 : dense > least ? dense : least;
    int count = 0;
    for (; present; present &= present - 1) {
        const int i = __builtin_ctzll(present), symbol = draw[i + 1];
        Branch *one = branches + count;
        *one = (Branch){.low = from->low, .high = from->high, .share = share, .symbol = symbol};
        if (only != NULL) {
            one->reach = only->reaches[symbol];
            one->fill = exact ? one->reach : whole ? only->fills[symbol] : 0;
        } else {
            NAME(weigh)(search, group, slot, one);
        }
        one->key = from->key | (uint64_t)(symbol + 1) << SHIFT(slot);
        const int worth_it = one->reach >= bar || one->fill * most >= search->grain;
        const int counted = slot < COUNTED && one->fill * most >= SMALL * search->grain;
        if ((worth_it || counted) && !NAME(descend)(search, group, slot, from, i, one)) {
            continue;
        }
        if (worth_it) {
            NAME(put_in_order)(branches, count++, order);
        } else {
            NAME(leave_out)(search, group, one);
        }
    }
    return count;
}

/* Whether what a read says of a symbol matters below it. What does not is not followed: it counts
 * as the most it could be, and is worked out for the plates that are kept. */
static int NAME(matters)(const Search *search, const Step *step, int symbol, int look) {
    if (search->sight->reads == 1) {
        return 1;
    }
    if (search->sight->looks > 1) {
        return step->reaches[symbol] > search->least[look];
    }
    return step->reaches[symbol] > ASLEEP * bar_of(search) ||
           (search->grain < INFINITY && step->fills[symbol] > ASLEEP * search->grain);
}

/* Read one symbol more with every read that matters. */
static void NAME(advance)(Search *search, const Group *group, int slot, int symbol) {
    const Sight *sight = search->sight;
    const int place = place_of(slot, group->length);
    lanes emission[MOST_COLUMNS];
    for (int i = 0; i < sight->looks; i++) {
        for (int r = sight->first_read[i]; r < sight->first_read[i + 1]; r++) {
            const Read *read = sight->read[r];
            const Step *step = search->step + slot * sight->reads + r;
            Step *next = search->step + (slot + 1) * sight->reads + r;
            next->awake = step->awake && NAME(matters)(search, step, symbol, i);
            if (next->awake) {
                emission_of(read, place, symbol, emission);
                NAME(meet)(read, step->settled, emission, slot, group->length,
                           group->dashed[slot], 1, next->state);
            } else {
                next->reach_asleep = step->awake ? step->reaches[symbol] : step->reach_asleep;
                next->fill_asleep = step->awake ? step->fills[symbol] : step->fill_asleep;
            }
        }
    }
}

static void NAME(walk)(Search *search, const Group *group, int slot, const Branch *from) {
    Branch branches[ALPHABET + 1];
    unsigned char order[ALPHABET];
    if (search->steps >= search->most_steps) {
        NAME(leave_out)(search, group, from);
        return;
    }
    search->steps++;
    const uint64_t present = NAME(present)(search, group, slot, from);
    NAME(open_up)(search, group, slot, present);
    const int count = NAME(branches)(search, group, slot, from, present, branches, order);
    for (int i = 0; i < count; i++) {
        const Branch *one = branches + order[i];
        if (slot + 1 == group->length) {
            NAME(leaf)(search, group, one);
        } else if (NAME(promising)(search, one) || NAME(filled)(search, group, one)) {
            NAME(advance)(search, group, slot, one->symbol);
            NAME(walk)(search, group, slot + 1, one);
        } else {
            NAME(leave_out)(search, group, one);
        }
    }
}

/* The best any beginning of so many symbols could have reached, and all of them together. */
static const Tail *NAME(head_of)(Search *search, int length, int slot, int read) {
    const Read *one = search->sight->read[read];
    Tail *head = HEAD(search, length, slot, read);
    if (head->known) {
        return head;
    }
    if (slot == 0) {
        memset(head->best, 0, one->states * sizeof(lanes));
        head->best[LATE(one)] = one->rates->weight * one->weight;
        memcpy(head->all, head->best, one->states * sizeof(lanes));
    } else {
        const int draw = search->index->draw_count - 1, place = place_of(slot - 1, length);
        const int at = (read * search->index->draw_count + draw) * PLACES + place;
        const Tail *before = NAME(head_of)(search, length, slot - 1, read);
        NAME(know_draw)(search, read, draw, place);
        for (int all = 0; all < 2; all++) {
            const lanes *emission = (all ? search->all_symbols : search->best_symbol) + (int64_t)at * MOST_COLUMNS;
            lanes settled[MOST_STATES], plain[MOST_STATES], *to = all ? head->all : head->best;
            NAME(settle)(one, all ? before->all : before->best, slot - 1, length, settled);
            NAME(meet)(one, settled, emission, slot - 1, length, 1, all ? ALPHABET : 1, to);
            NAME(meet)(one, settled, emission, slot - 1, length, 0, all ? ALPHABET : 1, plain);
            for (int j = 0; j <= one->m; j++) {
                to[j] = larger(to[j], plain[j]);
            }
        }
    }
    head->known = 1;
    return head;
}

/* The best and the sum of all plates that end like this group from a slot on; exact at slot 0. */
static void NAME(outlook)(Search *search, const Group *group, int slot, Branch *root) {
    const Sight *sight = search->sight;
    double best[sight->looks], sums[sight->looks], ends[sight->looks];
    for (int i = 0; i < sight->looks; i++) {
        best[i] = sums[i] = 0;
        for (int r = sight->first_read[i]; r < sight->first_read[i + 1]; r++) {
            const Tail *tail = NAME(tail_of)(search, group, slot, r);
            const Tail *head = NAME(head_of)(search, group->length, slot, r);
            best[i] += NAME(dot)(head->best, tail->best, sight->read[r]->states);
            sums[i] += NAME(dot)(head->all, tail->all, sight->read[r]->states);
        }
        ends[i] = best[i];
    }
    root->reach = above_base(sight, ends);
    root->fill = above_base_sum(sight, best, sums);
}

/* The root of a group; whether there is anything worth going into. Ends are looked at symbol by
 * symbol, shared between groups, so that a group whose shape cannot be is dropped early. */
static int NAME(root)(Search *search, const Group *group, Branch *root) {
    const int64_t begin = group->packed ? 0 : group->begin - search->index->packed_plates;
    *root = (Branch){.low = begin, .high = group->packed ? begin : begin + group->plates,
                     .share = (double)group->plates / group->room[0]};
    for (int slot = (group->length - 1) / STRIDE * STRIDE; slot >= 0; slot -= STRIDE) {
        NAME(outlook)(search, group, slot, root);
        const double sum = root->fill * search->weights->most;
        if (!NAME(promising)(search, root) && (sum < SMALL * search->grain || sum == 0)) {
            search->high += sum;
            return 0;
        }
    }
    return 1;
}

static void NAME(search_group)(Search *search, const Group *group, const Branch *root) {
    const Sight *sight = search->sight;
    if (!NAME(filled)(search, group, root) && !NAME(promising)(search, root)) {
        NAME(leave_out)(search, group, root);
        return;
    }
    for (int r = 0; r < sight->reads; r++) {
        const Read *one = sight->read[r];
        Step *step = search->step + r;
        step->awake = 1;
        memset(step->state, 0, one->states * sizeof(lanes));
        step->state[LATE(one)] = one->rates->weight * one->weight;
    }
    NAME(walk)(search, group, 0, root);
}

static void NAME(search_all)(Search *search) {
    const int groups = search->index->group_count;
    Branch roots[groups + 1];
    int order[groups + 1], count = 0;
    for (int g = 0; g < groups; g++) {
        const Group *group = search->index->groups + g;
        if (group->plates == 0 || !NAME(root)(search, group, roots + g)) {
            continue;
        }
        int place = count++;
        while (place > 0 && roots[order[place - 1]].reach < roots[g].reach) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = g;
    }
    for (int i = 0; i < count; i++) {
        NAME(search_group)(search, search->index->groups + order[i], roots + order[i]);
    }
}
