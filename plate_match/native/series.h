/* The sum over a table of series, and the best that any of its columns allows. Included once a
 * kind of processor; NAME(x) computes the sum, BEST_NAME(x) the maximum. */

#ifndef TABLES
#define TABLES

typedef struct {
    const Series *series;
    const Read *read;
    double found; /* the sum so far, or the best */
    const int32_t *owner; /* by column, where its share of the sum goes; or nothing */
    double *each, *more;  /* by owner: what was gone into, and the most of what was not */
    double slack;         /* what a column cannot come to, it is not gone into */
    double *reach;        /* by first half: the most it can come to with any end */
    lanes (*drawn)[PLACES][MOST_COLUMNS];
    unsigned char *drawn_known;
    lanes *heads, *below; /* states: by slot, or of halves; of the children of a node by slot */
} Table;

typedef struct {
    int begin, end;
    double most;
    const lanes *states;
} Child;
#endif

/* What a draw gives in one place of a plate: the mean of its symbols, or the best of them. */
static const lanes *NAME(drawn)(const Table *table, int draw, int place, int best) {
    lanes *to = table->drawn[draw][place];
    if (table->drawn_known[draw * PLACES + place]) {
        return to;
    }
    const int *symbols = table->series->draws[draw], usual = table->series->usual[draw];
    for (int j = 0; j < table->read->m; j++) {
        const Column *column = table->read->column[j];
        lanes found = {0};
        if (usual < USUAL) {
            found = best ? column->best[place][usual] : column->all[place][usual];
        }
        for (int i = 1; usual == USUAL && i <= symbols[0]; i++) {
            const lanes grown = column->grown[place][symbols[i]];
            found = best ? larger(found, grown) : found + grown;
        }
        to[j] = best ? found : found / ((lanes){0} + symbols[0]);
    }
    table->drawn_known[draw * PLACES + place] = 1;
    return to;
}

/* --- the sum: every beginning and every end once, and each column as a pair of them --------- */

/* The states of every distinct beginning, one after another. */
static void NAME(beginnings)(const Table *table, lanes *to) {
    const Series *series = table->series;
    const Read *read = table->read;
    const int length = series->length, cut = CUT_OF(length), size = read->states;
    lanes states[MOST_STATES], settled[MOST_SYMBOLS][MOST_STATES];
    memset(states, 0, size * sizeof(lanes));
    states[LATE(read)] = read->rates->weight * read->weight;
    NAME(settle)(read, states, 0, length, settled[0]);
    for (int i = 0; i < series->half_count[0]; i++) {
        const int *draw = series->draw + series->half[0][i] * length;
        const unsigned char *dashed = series->dashed + series->half[0][i] * length;
        const int *before = series->draw + series->half[0][i > 0 ? i - 1 : 0] * length;
        const unsigned char *marks = series->dashed + series->half[0][i > 0 ? i - 1 : 0] * length;
        int slot = 0;
        while (i > 0 && slot < cut && draw[slot] == before[slot] && dashed[slot] == marks[slot]) {
            slot++;
        }
        for (; slot < cut; slot++) {
            const lanes *drawn = NAME(drawn)(table, draw[slot], place_of(slot, length), 0);
            lanes *met = slot + 1 == cut ? to + (int64_t)i * size : states;
            NAME(meet)(read, settled[slot], drawn, slot, length, dashed[slot], 1, met);
            if (slot + 1 < cut) {
                NAME(settle)(read, met, slot + 1, length, settled[slot + 1]);
            }
        }
    }
}

/* The most that any beginning, and any end from the cut on, can come to, whatever the symbols. */
static void NAME(any_halves)(const Read *read, int length, lanes (*begin)[MOST_STATES], lanes *end) {
    lanes most[PLACES][MOST_COLUMNS], settled[MOST_STATES], other[MOST_STATES], after[MOST_STATES];
    const int size = read->states;
    for (int place = 0; place < PLACES; place++) {
        for (int j = 0; j < read->m; j++) {
            most[place][j] = read->column[j]->best[place][ANYTHING];
        }
    }
    memset(begin[0], 0, size * sizeof(lanes));
    begin[0][LATE(read)] = read->rates->weight * read->weight;
    for (int slot = 0; slot < length; slot++) {
        const lanes *symbol = most[place_of(slot, length)];
        NAME(settle)(read, begin[slot], slot, length, settled);
        NAME(meet)(read, settled, symbol, slot, length, 0, 1, begin[slot + 1]);
        NAME(meet)(read, settled, symbol, slot, length, 1, 1, other);
        for (int i = 0; i < size; i++) {
            begin[slot + 1][i] = larger(begin[slot + 1][i], other[i]);
        }
    }
    NAME(finish)(read, length, end);
    for (int slot = length - 1; slot >= CUT_OF(length); slot--) {
        const lanes *symbol = most[place_of(slot, length)];
        memcpy(after, end, size * sizeof(lanes));
        NAME(unmeet)(read, after, symbol, slot, length, 0, 1, end);
        NAME(unmeet)(read, after, symbol, slot, length, 1, 1, other);
        for (int i = 0; i < size; i++) {
            end[i] = larger(end[i], other[i]);
        }
    }
}

static void NAME(pass_over)(const Table *table, const double *weights, int column, double most) {
    table->more[table->owner[column]] += fabs(weights[column]) * most;
}

/* The same as below, added up by owner. */
static void NAME(pair_each)(const Table *table, const double *weights, int half, const lanes *end) {
    const Series *series = table->series;
    const int size = table->read->states;
    for (int c = series->second[half]; c < series->second[half + 1]; c++) {
        const int first = series->half_of[c];
        if (table->reach[first] < table->slack) {
            NAME(pass_over)(table, weights, c, table->reach[first]);
        } else {
            const lanes *beginning = table->heads + (int64_t)first * size;
            table->each[table->owner[c]] += weights[c] * NAME(dot)(beginning, end, size);
        }
    }
}

/* Add P(read | column) times its weight for every column that ends in a second half. */
static double NAME(paired)(const Table *table, const double *weights, int half, const lanes *end) {
    const Series *series = table->series;
    const int size = table->read->states;
    lanes both[MOST_STATES];
    if (table->each != NULL) {
        NAME(pair_each)(table, weights, half, end);
        return 0;
    }
    memset(both, 0, size * sizeof(lanes));
    for (int column = series->second[half]; column < series->second[half + 1]; column++) {
        const lanes *beginning = table->heads + (int64_t)series->half_of[column] * size;
        for (int s = 0; s < size; s++) {
            both[s] += beginning[s] * weights[column];
        }
    }
    return NAME(dot)(both, end, size);
}

static void NAME(series_sum)(Table *table, const double *weights) {
    const Series *series = table->series;
    const Read *read = table->read;
    const int length = series->length, cut = CUT_OF(length), size = read->states;
    lanes states[MOST_SYMBOLS + 1][MOST_STATES], any[MOST_SYMBOLS + 1][MOST_STATES], end[MOST_STATES];
    double most = 0;
    int dead = 0; /* slot from which on an end is known to come to no more than the slack */
    memset(table->drawn_known, 0, series->draw_count * PLACES);
    NAME(beginnings)(table, table->heads);
    NAME(finish)(read, length, states[length]);
    if (table->each != NULL) {
        NAME(any_halves)(read, length, any, end);
        for (int i = 0; i < series->half_count[0]; i++) {
            table->reach[i] = NAME(dot)(table->heads + (int64_t)i * size, end, size);
        }
    }
    for (int i = 0; i < series->half_count[1]; i++) {
        const int *draw = series->draw + series->half[1][i] * length;
        const unsigned char *dashed = series->dashed + series->half[1][i] * length;
        const int *before = series->draw + series->half[1][i > 0 ? i - 1 : 0] * length;
        const unsigned char *marks = series->dashed + series->half[1][i > 0 ? i - 1 : 0] * length;
        int slot = length - 1;
        while (i > 0 && slot >= cut && draw[slot] == before[slot] && dashed[slot] == marks[slot]) {
            slot--;
        }
        dead = slot < dead ? dead : 0;
        for (; slot >= cut && !dead; slot--) {
            const lanes *drawn = NAME(drawn)(table, draw[slot], place_of(slot, length), 0);
            NAME(unmeet)(read, states[slot + 1], drawn, slot, length, dashed[slot], 1, states[slot]);
            if (table->slack > 0) {
                most = NAME(dot)(any[slot], states[slot], size);
                dead = most < table->slack ? slot : 0;
            }
        }
        for (int c = series->second[i]; dead && c < series->second[i + 1]; c++) {
            NAME(pass_over)(table, weights, c, most);
        }
        if (!dead) {
            table->found += NAME(paired)(table, weights, i, states[cut]);
        }
    }
}

/* Add P(read | column) times its weight to the sums of some owners, each column by itself. */
static void NAME(series_some)(Table *table, const double *weights, const unsigned char *wanted) {
    const Series *series = table->series;
    const Read *read = table->read;
    const int length = series->length;
    lanes states[MOST_STATES], settled[MOST_STATES], finish[MOST_STATES];
    memset(table->drawn_known, 0, series->draw_count * PLACES);
    NAME(finish)(read, length, finish);
    for (int c = 0; c < series->count; c++) {
        if (!wanted[table->owner[c]]) {
            continue;
        }
        memset(states, 0, read->states * sizeof(lanes));
        states[LATE(read)] = read->rates->weight * read->weight;
        for (int slot = 0; slot < length; slot++) {
            const int at = c * length + slot;
            const lanes *drawn = NAME(drawn)(table, series->draw[at], place_of(slot, length), 0);
            NAME(settle)(read, states, slot, length, settled);
            NAME(meet)(read, settled, drawn, slot, length, series->dashed[at], 1, states);
        }
        table->each[table->owner[c]] += weights[c] * NAME(dot)(states, finish, read->states);
    }
}

/* --- the best: by branch and bound over the ends --------------------------------------------- */

/* For each slot the most that any beginning of the table has there, state by state. */
static void NAME(best_beginnings)(const Table *table) {
    const Read *read = table->read;
    const Series *series = table->series;
    const int length = series->length, states = read->states;
    lanes most[MOST_COLUMNS], settled[MOST_STATES], plain[MOST_STATES];
    memset(table->heads, 0, states * sizeof(lanes));
    table->heads[LATE(read)] = read->rates->weight * read->weight;
    for (int slot = 0; slot + 1 < length; slot++) {
        lanes *next = table->heads + (slot + 1) * states;
        memset(most, 0, sizeof most);
        for (int d = 0; d < series->draw_count; d++) {
            if (series->stands[slot * series->draw_count + d]) {
                const lanes *drawn = NAME(drawn)(table, d, place_of(slot, length), 1);
                for (int j = 0; j < read->m; j++) {
                    most[j] = larger(most[j], drawn[j]);
                }
            }
        }
        BEST_NAME(settle)(read, next - states, slot, length, settled);
        BEST_NAME(meet)(read, settled, most, slot, length, 0, 1, next);
        BEST_NAME(meet)(read, settled, most, slot, length, 1, 1, plain);
        for (int i = 0; i < states; i++) {
            next[i] = larger(next[i], plain[i]);
        }
    }
}

/* The most that columns of one end can come to, or exactly that at the beginning. */
static double NAME(most_of_end)(const Table *table, const lanes *states, int slot) {
    const lanes *head = table->heads + slot * table->read->states;
    lanes most = {0};
    double found = 0;
    for (int i = 0; i < table->read->states; i++) {
        most = larger(most, head[i] * states[i]);
    }
    for (int k = 0; k < LANES; k++) {
        found = most[k] > found ? most[k] : found;
    }
    return found;
}

/* Go through the columns from `low` to `high`, alike behind a slot; `after` are their states. */
static void NAME(best_column)(Table *table, int slot, int low, int high, const lanes *after) {
    const Series *series = table->series;
    const Read *read = table->read;
    const int length = series->length, place = place_of(slot, length);
    Child children[series->most_children];
    lanes *states = table->below + (int64_t)slot * series->most_children * read->states;
    int count = 0;
    for (int end, begin = low; begin < high; begin = end, states += read->states) {
        const int at = begin * length + slot;
        for (end = begin + 1; end < high && series->fresh[end] < slot; end++) {
        }
        const lanes *drawn = NAME(drawn)(table, series->draw[at], place, 1);
        BEST_NAME(unmeet)(read, after, drawn, slot, length, series->dashed[at], 1, states);
        const Child child = {begin, end, NAME(most_of_end)(table, states, slot), states};
        if (slot == 0) {
            table->found = child.most > table->found ? child.most : table->found;
            continue;
        }
        int last = count++;
        for (; last > 0 && children[last - 1].most < child.most; last--) {
            children[last] = children[last - 1];
        }
        children[last] = child;
    }
    for (int i = 0; i < count && children[i].most > table->found; i++) {
        const Child *child = children + i;
        NAME(best_column)(table, slot - 1, child->begin, child->end, child->states);
    }
}

static void NAME(series_best)(Table *table) {
    const Series *series = table->series;
    lanes finish[MOST_STATES];
    memset(table->drawn_known, 0, series->draw_count * PLACES);
    NAME(best_beginnings)(table);
    BEST_NAME(finish)(table->read, series->length, finish);
    NAME(best_column)(table, series->length - 1, 0, series->count, finish);
}
