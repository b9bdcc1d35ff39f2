/* What Python hands over, checked, and what it gets back. Arrays come as buffers. */

static void *aligned(size_t size) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, size ? (size + 63) / 64 * 64 : 64) ? NULL : memory;
}

/* Memory that a thread keeps from one search to the next: fresh pages cost more than a search. */
static __thread unsigned char *scratch;
static __thread size_t scratch_size;

static unsigned char *scratch_of(size_t size) {
    if (size > scratch_size) {
        free(scratch);
        scratch = aligned(size);
        scratch_size = scratch ? size : 0;
    }
    return scratch;
}

#define POINTER(object, name) PyCapsule_GetPointer(object, name)

/* None, or a ValueError if what was given does not fit and nothing else is wrong. */
static PyObject *none_or(const char *fault, int fits) {
    if (fits) {
        Py_RETURN_NONE;
    }
    if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, fault);
    }
    return NULL;
}

/* --- rates --------------------------------------------------------------------------------- */

static void free_source(PyObject *capsule) {
    Source *source = POINTER(capsule, "rates");
    for (int i = 0; i < (COLUMN_KINDS + 1) * (source->bins + 1); i++) {
        free(source->known[i]);
    }
    free(source->known);
    free(source->confidence);
    free(source);
}

static double *copied(const Py_buffer *view) {
    double *copy = malloc(view->len ? view->len : 1);
    if (copy != NULL) {
        memcpy(copy, view->buf, view->len);
    }
    return copy;
}

static void fill_cuts(Source *source, const double *cut) {
    const int k_count = source->components, sizes = MOST_SYMBOLS + 1;
    for (int length = 0; length <= MOST_SYMBOLS; length++) {
        for (int slot = 0; slot <= length; slot++) {
            lanes begins = {0}, ends = {0};
            for (int k = 0; k < k_count; k++) {
                const double *start = cut + k * sizes, *end = cut + (k_count + k) * sizes;
                const int left = length - slot;
                double longer = 0, shorter = 0;
                for (int i = slot; i < sizes; i++) {
                    longer += start[i];
                }
                for (int i = 0; i <= left; i++) {
                    shorter += end[i];
                }
                begins[k] = slot == length ? 1 : start[slot] / longer;
                ends[k] = end[left] / shorter;
            }
            source->rates.begins[length][slot] = begins;
            source->rates.ends[length][slot] = ends;
        }
    }
}

static void fill_tables(Source *source, const double *placed, const double *inserted,
                        const double *insert) {
    const int count = source->components;
    for (int c = 0; c < COLUMN_KINDS; c++) {
        for (int k = 0; k < count; k++) {
            for (int place = 0; place < PLACES; place++) {
                const double *row = placed + ((int64_t)(c * PLACES + place) * count + k) * (ALPHABET + 1);
                for (int s = 0; s <= ALPHABET; s++) {
                    source->columns[c][place][s][k] = row[s];
                }
                memcpy(source->rows[c][place][k], row, ALPHABET * sizeof(double));
            }
            for (int kind = 0; kind < KINDS; kind++) {
                source->inserted[kind][c][k] = inserted[(k * KINDS + kind) * COLUMN_KINDS + c] *
                                               insert[k * KINDS + kind];
            }
        }
    }
}

static PyObject *make_rates(PyObject *self, PyObject *args) {
    (void)self;
    Py_buffer v[10];
    double gap;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*y*d", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6,
                          v + 7, v + 8, &gap)) {
        return NULL;
    }
    PyObject *capsule = NULL;
    const int count = (int)(v[0].len / sizeof(double));
    const double *weight = v[0].buf, *insert = v[1].buf, *lost = v[2].buf, *dash_lost = v[3].buf;
    const double *swap = v[4].buf;
    const Py_ssize_t eight = sizeof(double);
    Source *source = NULL;
    if (count < 1 || count > LANES || v[1].len != 3 * count * eight || v[2].len != 3 * count * eight ||
        v[3].len != count * eight || v[4].len != count * eight ||
        v[5].len != 2 * count * (MOST_SYMBOLS + 1) * eight ||
        v[6].len != COLUMN_KINDS * 3 * count * 37 * eight ||
        v[7].len != 3 * count * COLUMN_KINDS * eight || v[8].len % (3 * count * eight)) {
        PyErr_SetString(PyExc_ValueError, "rates of another shape than the kernel takes");
        goto end;
    }
    source = aligned(sizeof *source);
    if (source == NULL) {
        PyErr_NoMemory();
        goto end;
    }
    memset(source, 0, sizeof *source);
    source->components = count;
    source->bins = (int)(v[8].len / (3 * count * eight));
    source->rates.gap = gap;
    for (int k = 0; k < count; k++) {
        source->rates.weight[k] = weight[k];
        source->rates.swap[k] = swap[k];
        source->rates.dash_lost[k] = dash_lost[k];
        source->dash_kept[k] = 1 - dash_lost[k];
        for (int kind = 0; kind < KINDS; kind++) {
            source->rates.stay[kind][k] = 1 - insert[k * KINDS + kind];
            source->rates.lost[kind][k] = lost[k * PLACES + kind];
            source->rates.alone[kind][k] = 1 - lost[k * PLACES + kind];
            source->rates.keep[kind][k] = 1 - lost[k * PLACES + kind] - swap[k];
        }
    }
    fill_cuts(source, v[5].buf);
    fill_tables(source, v[6].buf, v[7].buf, insert);
    source->confidence = copied(v + 8);
    source->known = calloc((COLUMN_KINDS + 1) * (source->bins + 1), sizeof *source->known);
    if (source->confidence && source->known) {
        capsule = PyCapsule_New(source, "rates", free_source);
    } else {
        PyErr_NoMemory();
    }
    if (capsule == NULL) {
        free(source->known);
        free(source->confidence);
        free(source);
    }
end:
    for (int i = 0; i < 9; i++) {
        PyBuffer_Release(v + i);
    }
    return capsule;
}

/* --- reads --------------------------------------------------------------------------------- */

typedef struct {
    Read read;
    PyObject *rates; /* kept alive */
    size_t size;
} Seen;

/* Blocks of reads that are gone, for those to come; guarded by the interpreter's lock. */
enum { SPARE = 16 };
static void *spare[SPARE];
static size_t spare_size[SPARE];

static void *block_of(size_t size) {
    for (int i = 0; i < SPARE; i++) {
        if (spare[i] != NULL && spare_size[i] >= size && spare_size[i] <= 2 * size) {
            void *block = spare[i];
            spare[i] = NULL;
            return block;
        }
    }
    return aligned(size);
}

static void give_back(void *block, size_t size) {
    for (int i = 0; i < SPARE; i++) {
        if (spare[i] == NULL) {
            spare[i] = block;
            spare_size[i] = size;
            return;
        }
    }
    free(block);
}

/* The column of what was seen: of one symbol or none, made once a source; of several, in `own`. */
static const Column *known_column(const Source *source, const unsigned char *column, Column *own) {
    const int count = column[0], bin = column[count + 1] - 1, seen = count ? column[1] : COLUMN_KINDS;
    if (count > 1) {
        processor->fill(source, own, column + 1, count, bin);
        return own;
    }
    Column **known = source->known + seen * (source->bins + 1) + bin + 1;
    if (*known == NULL) {
        *known = aligned(sizeof(Column));
        if (*known != NULL) {
            processor->fill(source, *known, column + 1, count, bin);
        }
    }
    return *known;
}

static void free_seen(PyObject *capsule) {
    Seen *seen = POINTER(capsule, "read");
    Py_DECREF(seen->rates);
    give_back(seen, seen->size);
}

/* read(rates, weight, columns): columns is, for each one, how many symbols it may be, those,
 * and its bin of confidence plus 1, or 0 without; a column of no symbols is a gap. */
static PyObject *make_read(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *rates;
    double weight;
    Py_buffer columns;
    if (!PyArg_ParseTuple(args, "Ody*", &rates, &weight, &columns)) {
        return NULL;
    }
    PyObject *capsule = NULL;
    const Source *source = POINTER(rates, "rates");
    const unsigned char *at = columns.buf, *end = at + columns.len;
    const unsigned char *column[MOST_COLUMNS];
    int m = 0;
    Seen *seen = NULL;
    while (source != NULL && at < end) {
        int fits = m < MOST_COLUMNS && at + *at + 1 < end && at[*at + 1] <= source->bins;
        for (int i = 1; fits && i <= *at; i++) {
            fits = at[i] < COLUMN_KINDS;
        }
        if (!fits) {
            PyErr_SetString(PyExc_ValueError, "columns the kernel cannot take");
            goto end;
        }
        column[m++] = at;
        at += *at + 2;
    }
    if (source == NULL) {
        goto end;
    }
    int several = 0;
    for (int j = 0; j < m; j++) {
        several += column[j][0] > 1;
    }
    const size_t head = (sizeof *seen + 63) / 64 * 64;
    const size_t size = head + several * sizeof(Column);
    seen = block_of(size);
    if (seen == NULL) {
        PyErr_NoMemory();
        goto end;
    }
    memset(seen, 0, sizeof *seen);
    Column *own = (Column *)((unsigned char *)seen + head);
    Read *read = &seen->read;
    read->rates = &source->rates;
    read->weight = weight;
    read->m = m;
    for (int j = 0; j < m; j++) {
        const Column *one = known_column(source, column[j], own);
        if (one == NULL) {
            give_back(seen, size);
            PyErr_NoMemory();
            goto end;
        }
        own += one == own;
        read->gaps[j] = column[j][0] == 0;
        read->gapped |= read->gaps[j];
        read->column[j] = one;
        read->dash[j] = one->dash;
        for (int kind = 0; kind < KINDS; kind++) {
            read->added[kind][j] = one->added[kind];
        }
    }
    read->states = (read->gapped ? 3 : 2) * m + 3;
    seen->size = size;
    seen->rates = rates;
    Py_INCREF(rates);
    capsule = PyCapsule_New(seen, "read", free_seen);
end:
    PyBuffer_Release(&columns);
    return capsule;
}

/* --- an index ------------------------------------------------------------------------------ */

static void free_index(PyObject *capsule) {
    Index *index = POINTER(capsule, "index");
    for (int i = 0; i < 3; i++) {
        PyBuffer_Release(index->views + i);
    }
    free(index->groups);
    free(index->draws);
    free(index->ranks_of);
    free(index->usual);
    free(index->fences);
    free(index);
}

#define MOST_DRAWS 256

static int take_draws(PyObject *list, int (**draws)[ALPHABET + 1], int *count) {
    *draws = NULL;
    if (PyList_GET_SIZE(list) > MOST_DRAWS) {
        PyErr_SetString(PyExc_ValueError, "more draws than a byte can tell apart");
        return 0;
    }
    *count = (int)PyList_GET_SIZE(list);
    *draws = calloc(*count ? *count : 1, sizeof **draws);
    for (int d = 0; *draws != NULL && d < *count; d++) {
        char *symbols;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(PyList_GET_ITEM(list, d), &symbols, &length)) {
            return 0;
        }
        if (length < 1 || length > ALPHABET) {
            PyErr_SetString(PyExc_ValueError, "a draw is of 1 to 36 symbols");
            return 0;
        }
        (*draws)[d][0] = (int)length;
        for (int i = 0; i < length; i++) {
            if ((unsigned char)symbols[i] >= ALPHABET || (i && symbols[i] <= symbols[i - 1])) {
                PyErr_SetString(PyExc_ValueError, "symbols of a draw ascend");
                return 0;
            }
            (*draws)[d][i + 1] = symbols[i];
        }
    }
    return *draws != NULL || PyErr_NoMemory() != NULL;
}

/* index(draws, groups, keys, bits, ranks): a group is (length, draws, tails, dashed, levels,
 * begin, plates); levels is empty for a group of keys. The last draw is of all symbols. */
/* Which usual set a draw is; USUAL if none. */
static int usual_set(const int *draw) {
    uint64_t symbols = 0;
    int set = 0;
    for (int i = 1; i <= draw[0]; i++) {
        symbols |= 1ull << draw[i];
    }
    while (set < USUAL && USUAL_SETS[set] != symbols) {
        set++;
    }
    return set;
}

static int take_group(Index *index, Group *group, PyObject *tuple) {
    Py_buffer draw, tail, dashed, level;
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_ValueError, "a group is a tuple");
        return 0;
    }
    if (!PyArg_ParseTuple(tuple, "iy*y*y*y*LL", &group->length, &draw, &tail, &dashed, &level,
                          &group->begin, &group->plates)) {
        return 0;
    }
    const int length = group->length;
    int fits = length >= 1 && length <= MOST_SYMBOLS && draw.len == length &&
               tail.len == 4 * (length + 1) && dashed.len == length &&
               (level.len == 0 || level.len == 8 * (length + 1));
    for (int i = 0; fits && i < length; i++) {
        group->draw[i] = ((unsigned char *)draw.buf)[i];
        group->dashed[i] = ((unsigned char *)dashed.buf)[i];
        fits = group->draw[i] < index->draw_count;
    }
    for (int i = 0; fits && i <= length; i++) {
        int32_t number;
        memcpy(&number, (char *)tail.buf + 4 * i, 4);
        group->tail[i] = number;
        fits = number >= 0 && number < index->group_count * (MOST_SYMBOLS + 1);
        index->tail_count = fits && number >= index->tail_count ? number + 1 : index->tail_count;
        if (level.len) {
            memcpy(group->level + i, (char *)level.buf + 8 * i, 8);
        }
    }
    group->packed = level.len > 0;
    for (int i = length; fits && i >= 0; i--) {
        group->room[i] = i == length ? 1 : group->room[i + 1] * index->draws[group->draw[i]][0];
    }
    fits = fits && group->begin >= 0 && group->plates >= 0 && group->plates <= group->room[0];
    PyBuffer_Release(&draw);
    PyBuffer_Release(&tail);
    PyBuffer_Release(&dashed);
    PyBuffer_Release(&level);
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "a group the kernel cannot take");
    }
    return fits;
}

static int holds_symbols(uint64_t key, int length) {
    for (int slot = 0; slot < length; slot++) {
        if (KEY_SYMBOL(key, slot) < 0 || KEY_SYMBOL(key, slot) >= ALPHABET) {
            return 0;
        }
    }
    return 1;
}

/* Whether the bits of a group lie within those of the index, at every level. */
static int bits_lie_inside(const Index *index, const Group *group) {
    const double bits = 8.0 * (double)index->views[1].len, spare = 64;
    for (int i = 0; i <= group->length; i++) {
        const double beginnings = group->room[0] / group->room[i];
        if (group->level[i] < 0 || (double)group->level[i] + beginnings + spare > bits) {
            return 0;
        }
    }
    const double end = (double)group->level[group->length] + group->room[0];
    return end / BLOCK < (double)(index->views[2].len / 4);
}

/* Whether the keys of a group lie within those of the index, and hold what it draws. */
static int keys_lie_inside(const Index *index, const Group *group) {
    const int64_t begin = group->begin - index->packed_plates, count = index->views[0].len / 8;
    uint64_t drawn[MOST_SYMBOLS] = {0};
    if (begin < 0 || begin > count || group->plates > count - begin) {
        return 0;
    }
    for (int slot = 0; slot < group->length; slot++) {
        const int *draw = index->draws[group->draw[slot]];
        for (int i = 1; i <= draw[0]; i++) {
            drawn[slot] |= 1ull << (draw[i] + 1);
        }
    }
    for (int64_t i = begin; i < begin + group->plates; i++) {
        const uint64_t key = index->keys[i];
        for (int slot = 0; slot < group->length; slot++) {
            if (!(drawn[slot] >> (KEY_SYMBOL(key, slot) + 1) & 1)) {
                return 0;
            }
        }
    }
    return 1;
}

/* Note where the beginnings of two symbols lie in groups of many keys. */
static int set_fences(Index *index) {
    int64_t total = 0;
    for (int g = 0; g < index->group_count; g++) {
        Group *group = index->groups + g;
        const int fenced = !group->packed && group->length > COUNTED && group->plates > 2 * ALPHABET;
        group->fence = fenced ? total : -1;
        total += fenced ? index->draws[group->draw[0]][0] * index->draws[group->draw[1]][0] + 1 : 0;
    }
    index->fences = calloc(total + 1, sizeof *index->fences);
    for (int g = 0; index->fences != NULL && g < index->group_count; g++) {
        const Group *group = index->groups + g;
        if (group->fence < 0) {
            continue;
        }
        const int next = index->draws[group->draw[1]][0];
        const int count = index->draws[group->draw[0]][0] * next;
        uint32_t *fence = index->fences + group->fence;
        const uint64_t *keys = index->keys + group->begin - index->packed_plates;
        for (int64_t i = 0; i < group->plates; i++) {
            const int first = index->ranks_of[group->draw[0]][KEY_SYMBOL(keys[i], 0)];
            fence[first * next + index->ranks_of[group->draw[1]][KEY_SYMBOL(keys[i], 1)] + 1]++;
        }
        for (int i = 0; i < count; i++) {
            fence[i + 1] += fence[i];
        }
    }
    return index->fences != NULL;
}

static PyObject *make_index(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *draws, *groups, *capsule = NULL;
    Index *index = calloc(1, sizeof *index);
    if (index == NULL) {
        return PyErr_NoMemory();
    }
    if (!PyArg_ParseTuple(args, "O!O!y*y*y*", &PyList_Type, &draws, &PyList_Type, &groups,
                          index->views, index->views + 1, index->views + 2)) {
        free(index);
        return NULL;
    }
    index->keys = index->views[0].buf;
    index->bits = index->views[1].buf;
    index->ranks = index->views[2].buf;
    const int few = PyList_GET_SIZE(groups) <= MOST_GROUPS;
    index->group_count = few ? (int)PyList_GET_SIZE(groups) : 0;
    index->groups = calloc(index->group_count ? index->group_count : 1, sizeof(Group));
    int fits = index->groups != NULL && take_draws(draws, &index->draws, &index->draw_count);
    fits = fits && few && index->draw_count && index->draws[index->draw_count - 1][0] == ALPHABET;
    index->ranks_of = fits ? calloc(index->draw_count, sizeof *index->ranks_of) : NULL;
    index->usual = fits ? calloc(index->draw_count, sizeof *index->usual) : NULL;
    fits = fits && index->ranks_of != NULL && index->usual != NULL;
    for (int d = 0; fits && d < index->draw_count; d++) {
        index->usual[d] = usual_set(index->draws[d]);
        for (int i = 0; i < index->draws[d][0]; i++) {
            index->ranks_of[d][index->draws[d][i + 1]] = i;
        }
    }
    for (int g = 0; fits && g < index->group_count; g++) {
        fits = take_group(index, index->groups + g, PyList_GET_ITEM(groups, g));
        index->packed_plates += index->groups[g].packed ? index->groups[g].plates : 0;
        index->plates += index->groups[g].plates;
    }
    for (int g = 0; fits && g < index->group_count; g++) {
        const Group *group = index->groups + g;
        fits = group->packed ? bits_lie_inside(index, group) : keys_lie_inside(index, group);
    }
    fits = fits && set_fences(index);
    if (fits) {
        capsule = PyCapsule_New(index, "index", free_index);
    } else if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "an index the kernel cannot take");
    }
    if (capsule == NULL) {
        for (int i = 0; i < 3; i++) {
            PyBuffer_Release(index->views + i);
        }
        free(index->groups);
        free(index->draws);
        free(index->ranks_of);
        free(index->usual);
        free(index->fences);
        free(index);
    }
    return capsule;
}

/* --- a search ------------------------------------------------------------------------------ */

static void free_sight(Sight *sight) {
    free(sight->first_read);
    free(sight->first_look);
    free(sight->floors);
    free(sight->independent);
    free(sight->repeated);
    free(sight->read);
}

#define MOST_LOOKS 64 /* and reads of one look */

/* sight: (floors, reads of each look, sizes of clusters, independent, repeated). */
static int take_sight(PyObject *tuple, Sight *sight) {
    PyObject *looks;
    Py_buffer floors, sizes, independent, repeated;
    memset(sight, 0, sizeof *sight);
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_ValueError, "looks are a tuple");
        return 0;
    }
    if (!PyArg_ParseTuple(tuple, "y*O!y*y*y*", &floors, &PyList_Type, &looks, &sizes, &independent,
                          &repeated)) {
        return 0;
    }
    const int few = PyList_GET_SIZE(looks) <= MOST_LOOKS && sizes.len <= MOST_LOOKS;
    const int count = few ? (int)PyList_GET_SIZE(looks) : 0, clusters = few ? (int)sizes.len : 0;
    int fits = count > 0 && floors.len == 8 * count && repeated.len == 8 * count &&
               independent.len == 8 * clusters;
    for (int i = 0; fits && i < count; i++) {
        PyObject *reads = PyList_GET_ITEM(looks, i);
        fits = PyList_Check(reads) && PyList_GET_SIZE(reads) <= MOST_LOOKS;
        sight->reads += fits ? (int)PyList_GET_SIZE(reads) : 0;
    }
    sight->looks = count;
    sight->clusters = clusters;
    sight->first_read = calloc(count + 1, sizeof(int));
    sight->first_look = calloc(clusters + 1, sizeof(int));
    sight->floors = copied(&floors);
    sight->independent = copied(&independent);
    sight->repeated = copied(&repeated);
    sight->read = calloc(sight->reads + 1, sizeof *sight->read);
    fits = fits && sight->first_read && sight->first_look && sight->floors &&
           sight->independent && sight->repeated && sight->read;
    int place = 0, members = 0;
    for (int i = 0; fits && i < count; i++) {
        PyObject *reads = PyList_GET_ITEM(looks, i);
        for (Py_ssize_t r = 0; fits && r < PyList_GET_SIZE(reads); r++) {
            Seen *seen = POINTER(PyList_GET_ITEM(reads, r), "read");
            fits = seen != NULL;
            sight->read[place++] = fits ? &seen->read : NULL;
        }
        sight->first_read[i + 1] = place;
    }
    for (int c = 0; fits && c < clusters; c++) {
        members += ((unsigned char *)sizes.buf)[c];
        sight->first_look[c + 1] = members;
    }
    fits = fits && members == count;
    PyBuffer_Release(&floors);
    PyBuffer_Release(&sizes);
    PyBuffer_Release(&independent);
    PyBuffer_Release(&repeated);
    if (!fits) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "looks the kernel cannot take");
        }
        free_sight(sight);
        return 0;
    }
    sight->base = combined(sight, sight->floors);
    return 1;
}

/* All the memory a search needs besides what it finds, in one piece. */
static int lay_out(Search *search) {
    const Sight *sight = search->sight;
    const size_t reads = sight->reads, draws = search->index->draw_count;
    const size_t tails = search->index->tail_count;
    const size_t heads = (MOST_SYMBOLS + 1) * (MOST_SYMBOLS + 1);
    const size_t flags = (reads * draws * PLACES + 63) / 64 * 64;
    const size_t emissions = reads * draws * PLACES * MOST_COLUMNS * sizeof(lanes);
    size_t states = 0, columns = 0;
    for (size_t r = 0; r < reads; r++) {
        states += sight->read[r]->states;
        columns += sight->read[r]->m;
    }
    const size_t step_size = (2 * states + 2 * columns) * sizeof(lanes) + reads * 2 * FAN * 8;
    const size_t pointers = (MOST_SYMBOLS * reads * sizeof(Step) + 63) / 64 * 64 +
                            ((tails + heads) * reads * sizeof(Tail) + 63) / 64 * 64;
    const size_t total = pointers + flags + MOST_SYMBOLS * step_size +
                         2 * (tails + heads) * states * sizeof(lanes) + 2 * emissions +
                         sight->looks * sizeof(double);
    unsigned char *at = scratch_of(total);
    if (at == NULL) {
        return 0;
    }
    search->step = (Step *)at;
    search->tails = (Tail *)(at + (MOST_SYMBOLS * reads * sizeof(Step) + 63) / 64 * 64);
    search->heads = search->tails + tails * reads;
    search->draw_known = at + pointers;
    memset(search->draw_known, 0, flags);
    at += pointers + flags;
    for (size_t i = 0; i < MOST_SYMBOLS * reads; i++) {
        const Read *read = sight->read[i % reads];
        Step *step = search->step + i;
        step->state = (lanes *)at;
        step->settled = step->state + read->states;
        step->reach = step->settled + read->states;
        step->fill = step->reach + read->m;
        step->reaches = (double *)(step->fill + read->m);
        step->fills = step->reaches + FAN;
        at = (unsigned char *)(step->fills + FAN);
    }
    for (size_t i = 0; i < (tails + heads) * reads; i++) {
        Tail *tail = search->tails + i;
        tail->known = 0;
        tail->best = (lanes *)at;
        tail->all = tail->best + sight->read[i % reads]->states;
        at = (unsigned char *)(tail->all + sight->read[i % reads]->states);
    }
    search->best_symbol = (lanes *)at;
    search->all_symbols = (lanes *)(at + emissions);
    search->least = (double *)(at + 2 * emissions);
    for (int i = 0; i < sight->looks; i++) {
        search->least[i] = 1e-16 * sight->floors[i];
    }
    return 1;
}

static int by_rank(const void *a, const void *b) {
    return before(a, b) ? -1 : before(b, a) ? 1 : 0;
}

static PyObject *answer(Search *search) {
    if (search->count > 0) {
        qsort(search->found, search->count, sizeof(Found), by_rank);
    }
    PyObject *places = PyBytes_FromStringAndSize(NULL, 8 * search->count);
    PyObject *values = PyBytes_FromStringAndSize(NULL, 8 * search->count);
    PyObject *keys = PyBytes_FromStringAndSize(NULL, 8 * search->count);
    if (places == NULL || values == NULL || keys == NULL) {
        Py_XDECREF(places);
        Py_XDECREF(values);
        Py_XDECREF(keys);
        return NULL;
    }
    for (int64_t i = 0; i < search->count; i++) {
        memcpy(PyBytes_AS_STRING(places) + 8 * i, &search->found[i].place, 8);
        memcpy(PyBytes_AS_STRING(values) + 8 * i, &search->found[i].value, 8);
        memcpy(PyBytes_AS_STRING(keys) + 8 * i, &search->found[i].key, 8);
    }
    return Py_BuildValue("NNNdddL", places, values, keys, search->low, search->estimate,
                         search->high, (long long)search->steps);
}

/* search(index, sight, floor, least score, limit, grain, most steps, profile, ratios, most, mean, spans, at) */
static PyObject *run_search(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *index, *looks, *result = NULL;
    Py_buffer profile, ratios, spans;
    Search search = {0};
    Weights weights = {0};
    Sight sight;
    long long limit, most_steps;
    if (!PyArg_ParseTuple(args, "OOddLdLy*y*ddy*d", &index, &looks, &search.floor,
                          &search.least_score, &limit, &search.grain, &most_steps, &profile, &ratios, &weights.most, &weights.mean, &spans,
                          &weights.at)) {
        return NULL;
    }
    search.index = POINTER(index, "index");
    search.limit = limit;
    search.most_steps = most_steps;
    search.weights = &weights;
    weights.profile = profile.len ? profile.buf : NULL;
    weights.ratios = ratios.buf;
    weights.ratio_count = (uint32_t)(ratios.len / 8);
    weights.spans = spans.len ? spans.buf : NULL;
    if (search.index != NULL && (limit < 0 || (profile.len && profile.len != 4 * search.index->plates) ||
                                 (spans.len && spans.len != 16 * search.index->plates))) {
        PyErr_SetString(PyExc_ValueError, "a limit below 0, or weights of another number");
    } else if (search.index != NULL && take_sight(looks, &sight)) {
        search.sight = &sight;
        const int ready = lay_out(&search);
        if (ready) {
            Py_BEGIN_ALLOW_THREADS
            processor->search(&search);
            Py_END_ALLOW_THREADS
        }
        if (search.strange) {
            PyErr_SetString(PyExc_ValueError, "a plate of no place, or of no ratio");
        } else {
            result = !ready || search.failed ? PyErr_NoMemory() : answer(&search);
        }
        free(search.found);
        free_sight(&sight);
    }
    PyBuffer_Release(&profile);
    PyBuffer_Release(&ratios);
    PyBuffer_Release(&spans);
    return result;
}

/* A shape is its length, and a bit from the fourth on for each symbol that a dash follows. */
static int take_shape(int shape, uint64_t key, Group *group) {
    *group = (Group){.length = shape & 15};
    if (group->length < 1 || group->length > MOST_SYMBOLS || !holds_symbols(key, group->length)) {
        PyErr_SetString(PyExc_ValueError, "a shape or a key of no plate");
        return 0;
    }
    for (int slot = 0; slot < group->length; slot++) {
        group->dashed[slot] = shape >> (4 + slot) & 1;
    }
    return 1;
}

/* likelihood(read, keys, shapes, sums, bests): of each plate. */
static PyObject *likelihood(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *read;
    Py_buffer keys, shapes, sums, bests;
    if (!PyArg_ParseTuple(args, "Oy*y*w*w*", &read, &keys, &shapes, &sums, &bests)) {
        return NULL;
    }
    Seen *seen = POINTER(read, "read");
    const Py_ssize_t count = keys.len / 8;
    int fits = seen != NULL && keys.len % 8 == 0 && shapes.len == 2 * count && sums.len == 8 * count &&
                     bests.len == 8 * count;
    for (Py_ssize_t i = 0; fits && i < count; i++) {
        uint64_t key;
        uint16_t shape;
        Group group;
        memcpy(&key, (char *)keys.buf + 8 * i, 8);
        memcpy(&shape, (char *)shapes.buf + 2 * i, 2);
        fits = take_shape(shape, key, &group);
        if (!fits) {
            break;
        }
        const double sum = processor->sum(&seen->read, &group, key);
        const double best = processor->best(&seen->read, &group, key);
        memcpy((char *)sums.buf + 8 * i, &sum, 8);
        memcpy((char *)bests.buf + 8 * i, &best, 8);
    }
    PyBuffer_Release(&keys);
    PyBuffer_Release(&shapes);
    PyBuffer_Release(&sums);
    PyBuffer_Release(&bests);
    return none_or("arrays of another length, or keys of no plates", fits);
}

/* align(read, key, shape): what happened, by column and slot, in bytes; and the chances. */
static PyObject *align_plate(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *read;
    unsigned long long key;
    int shape;
    Group group;
    if (!PyArg_ParseTuple(args, "OKi", &read, &key, &shape)) {
        return NULL;
    }
    const Seen *seen = POINTER(read, "read");
    if (seen == NULL || !take_shape(shape, key, &group)) {
        return NULL;
    }
    Event events[MOST_EVENTS];
    const int count = align(&seen->read, &group, key, events);
    PyObject *told = PyBytes_FromStringAndSize(NULL, 3 * count);
    PyObject *chances = PyBytes_FromStringAndSize(NULL, 8 * count);
    for (int i = 0; told != NULL && chances != NULL && i < count; i++) {
        const unsigned char one[3] = {events[i].what, events[i].column, events[i].slot};
        memcpy(PyBytes_AS_STRING(told) + 3 * i, one, 3);
        memcpy(PyBytes_AS_STRING(chances) + 8 * i, &events[i].chance, 8);
    }
    if (told == NULL || chances == NULL) {
        Py_XDECREF(told);
        Py_XDECREF(chances);
        return NULL;
    }
    return Py_BuildValue("NN", told, chances);
}

/* neighbours(reads, key, shapes, to): the sum over the reads for the plate with each symbol in
 * each slot; shapes is that of the plate itself and, by slot, of one with a symbol of the other
 * kind there, a letter for a digit. */
static PyObject *neighbours_of(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *reads;
    unsigned long long key;
    Py_buffer shapes, to;
    if (!PyArg_ParseTuple(args, "O!Ky*w*", &PyList_Type, &reads, &key, &shapes, &to)) {
        return NULL;
    }
    Group own, other;
    const uint16_t *shape = shapes.buf;
    int fits = shapes.len >= 4 && take_shape(shape[0], key, &own) &&
               shapes.len == 2 * (own.length + 1) && to.len == 8 * own.length * ALPHABET;
    for (Py_ssize_t r = 0; fits && r < PyList_GET_SIZE(reads); r++) {
        const Seen *seen = POINTER(PyList_GET_ITEM(reads, r), "read");
        fits = seen != NULL;
        for (int slot = 0; fits && slot < own.length; slot++) {
            double same[ALPHABET] = {0}, switched[ALPHABET] = {0};
            double *row = (double *)to.buf + slot * ALPHABET;
            const int letter = KEY_SYMBOL(key, slot) >= FIRST_LETTER;
            fits = take_shape(shape[slot + 1], key, &other) && other.length == own.length;
            if (fits) {
                neighbours(&seen->read, &own, key, slot, same);
                if (memcmp(own.dashed, other.dashed, sizeof own.dashed)) {
                    neighbours(&seen->read, &other, key, slot, switched);
                } else {
                    memcpy(switched, same, sizeof same);
                }
            }
            for (int s = 0; fits && s < ALPHABET; s++) {
                row[s] += (s >= FIRST_LETTER) == letter ? same[s] : switched[s];
            }
        }
    }
    PyBuffer_Release(&shapes);
    PyBuffer_Release(&to);
    return none_or("arrays of another length, or shapes of no plates", fits);
}

/* --- series -------------------------------------------------------------------------------- */

static void free_table(Series *series) {
    free(series->draws);
    free(series->draw);
    free(series->dashed);
    free(series->fresh);
    free(series->chances);
    free(series->usual);
    free(series->stands);
    free(series->half[0]);
    free(series->half[1]);
    free(series->half_of);
    free(series->second);
    free(series);
}

static void free_series(PyObject *capsule) {
    free_table(POINTER(capsule, "series"));
}

/* A first half as a number, and a column with it. */
typedef struct {
    uint64_t half;
    int column;
} Beginning;

static int by_half(const void *one, const void *other) {
    const Beginning *a = one, *b = other;
    return a->half != b->half ? (a->half > b->half) - (a->half < b->half) : a->column - b->column;
}

static uint64_t first_half(const Series *series, int column) {
    uint64_t half = 0;
    for (int slot = 0; slot < CUT_OF(series->length); slot++) {
        const int at = column * series->length + slot;
        half = half << 9 | series->draw[at] << 1 | series->dashed[at];
    }
    return half;
}

static int same_end(const Series *series, int one, int other) {
    const int length = series->length, cut = CUT_OF(length), a = one * length, b = other * length;
    return !memcmp(series->draw + a + cut, series->draw + b + cut, (length - cut) * sizeof(int)) &&
           !memcmp(series->dashed + a + cut, series->dashed + b + cut, length - cut);
}

/* Find the distinct halves of columns: the first ones in order, the second ones as the columns
 * are sorted. */
static int set_halves(Series *series) {
    const int count = series->count;
    Beginning *beginnings = calloc(count + 1, sizeof *beginnings);
    series->half[0] = calloc(count + 1, sizeof(int));
    series->half[1] = calloc(count + 1, sizeof(int));
    series->half_of = calloc(count + 1, sizeof(int));
    series->second = calloc(count + 1, sizeof(int));
    if (!beginnings || !series->half[0] || !series->half[1] || !series->half_of || !series->second) {
        free(beginnings);
        return 0;
    }
    for (int c = 0; c < count; c++) {
        beginnings[c] = (Beginning){first_half(series, c), c};
        if (c == 0 || !same_end(series, c - 1, c)) {
            series->second[series->half_count[1]] = c;
            series->half[1][series->half_count[1]++] = c;
        }
    }
    series->second[series->half_count[1]] = count;
    qsort(beginnings, count, sizeof *beginnings, by_half);
    for (int i = 0; i < count; i++) {
        if (i == 0 || beginnings[i].half != beginnings[i - 1].half) {
            series->half[0][series->half_count[0]++] = beginnings[i].column;
        }
        series->half_of[beginnings[i].column] = series->half_count[0] - 1;
    }
    free(beginnings);
    return 1;
}

/* series(length, draws, draw of each column and slot, dashed of each): sorted by their ends. */
static PyObject *make_series(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *draws, *capsule = NULL;
    Py_buffer draw, dashed;
    Series *series = calloc(1, sizeof *series);
    if (series == NULL) {
        return PyErr_NoMemory();
    }
    if (!PyArg_ParseTuple(args, "iO!y*y*", &series->length, &PyList_Type, &draws, &draw, &dashed)) {
        free(series);
        return NULL;
    }
    const int length = series->length;
    int fits = take_draws(draws, &series->draws, &series->draw_count);
    fits = fits && length >= 1 && length <= MOST_SYMBOLS && draw.len % length == 0 &&
           dashed.len == draw.len;
    series->count = fits ? (int)(draw.len / length) : 0;
    series->draw = calloc(draw.len + 1, sizeof(int));
    series->dashed = calloc(draw.len + 1, 1);
    series->fresh = calloc(series->count + 1, sizeof(int));
    series->chances = calloc(series->draw_count + 1, sizeof *series->chances);
    series->usual = calloc(series->draw_count + 1, sizeof(int));
    series->stands = calloc(length > 0 ? series->draw_count * length + 1 : 1, 1);
    fits = fits && series->draw && series->dashed && series->fresh && series->chances &&
           series->usual && series->stands;
    for (int d = 0; fits && d < series->draw_count; d++) {
        series->usual[d] = usual_set(series->draws[d]);
        for (int i = 1; i <= series->draws[d][0]; i++) {
            series->chances[d][series->draws[d][i]] = 1.0 / series->draws[d][0];
        }
    }
    for (Py_ssize_t i = 0; fits && i < draw.len; i++) {
        series->draw[i] = ((unsigned char *)draw.buf)[i];
        series->dashed[i] = ((unsigned char *)dashed.buf)[i];
        fits = series->draw[i] < series->draw_count;
    }
    for (int c = 0; fits && c < series->count; c++) {
        int slot = length - 1;
        const int at = c * length;
        while (c > 0 && slot > 0 && series->draw[at + slot] == series->draw[at - length + slot] &&
               series->dashed[at + slot] == series->dashed[at - length + slot]) {
            slot--;
        }
        series->fresh[c] = slot;
        for (int i = 0; i < length; i++) {
            series->stands[i * series->draw_count + series->draw[at + i]] = 1;
        }
    }
    for (int slot = 0; fits && slot < length; slot++) {
        for (int c = 0, children = 0; c < series->count; c++) {
            children = series->fresh[c] > slot ? 1 : children + (series->fresh[c] == slot);
            series->most_children = children > series->most_children ? children : series->most_children;
        }
    }
    series->most_children += 1;
    fits = fits && set_halves(series);
    PyBuffer_Release(&draw);
    PyBuffer_Release(&dashed);
    if (fits) {
        capsule = PyCapsule_New(series, "series", free_series);
    } else if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "series the kernel cannot take");
    }
    if (capsule == NULL) {
        free_table(series);
    }
    return capsule;
}

/* All the memory that a table needs, in one piece. */
static int lay_out_table(Table *table) {
    const Series *series = table->series;
    const size_t drawn = series->draw_count * sizeof *table->drawn, states = table->read->states;
    const size_t below = series->length * series->most_children * states * sizeof(lanes);
    const size_t rows = series->half_count[0] > series->length ? series->half_count[0] : series->length;
    const size_t heads = rows * states * sizeof(lanes);
    const size_t reach = series->half_count[0] * sizeof(double);
    unsigned char *room = scratch_of(drawn + below + heads + reach + series->draw_count * PLACES);
    table->drawn = (void *)room;
    table->heads = (lanes *)(room + drawn);
    table->below = (lanes *)(room + drawn + heads);
    table->reach = (double *)(room + drawn + heads + below);
    table->drawn_known = room + drawn + heads + below + reach;
    return room != NULL;
}

/* series_sum(series, reads, weights, so far): the sum so far and that over all columns and reads
 * of P(read | column) times its weight. */
static PyObject *series_sum(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *one, *reads;
    double so_far;
    Py_buffer weights;
    if (!PyArg_ParseTuple(args, "OO!y*d", &one, &PyList_Type, &reads, &weights, &so_far)) {
        return NULL;
    }
    const Series *series = POINTER(one, "series");
    Table table = {.series = series, .found = so_far};
    int fits = series != NULL && weights.len == 8 * series->count, ready = 1;
    for (Py_ssize_t i = 0; fits && ready && i < PyList_GET_SIZE(reads); i++) {
        const Seen *seen = POINTER(PyList_GET_ITEM(reads, i), "read");
        fits = seen != NULL;
        table.read = fits ? &seen->read : NULL;
        ready = fits && lay_out_table(&table);
        if (ready) {
            processor->series_sum(&table, weights.buf);
        }
    }
    PyBuffer_Release(&weights);
    if (!fits || !ready) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(fits ? PyExc_MemoryError : PyExc_ValueError, "weights of another number");
        }
        return NULL;
    }
    return PyFloat_FromDouble(table.found);
}

/* series_each(series, reads, weights, owners, to, more, slack): the same, added up by owner of the
 * columns; the most of what cannot come to the slack is added to `more` instead. Or, with bytes in
 * place of a slack, of the owners that have one there, and exactly. */
static PyObject *series_each(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *one, *reads, *some = NULL;
    Py_buffer weights, owners, to, more;
    if (!PyArg_ParseTuple(args, "OO!y*y*w*w*O", &one, &PyList_Type, &reads, &weights, &owners, &to,
                          &more, &some)) {
        return NULL;
    }
    const Series *series = POINTER(one, "series");
    const int exactly = PyBytes_Check(some);
    Table table = {.series = series, .owner = owners.buf, .each = to.buf, .more = more.buf};
    table.slack = exactly ? 0 : PyFloat_AsDouble(some);
    int fits = series != NULL && !PyErr_Occurred() && weights.len == 8 * series->count &&
               owners.len == 4 * series->count && more.len == to.len &&
               (!exactly || PyBytes_GET_SIZE(some) == to.len / 8);
    for (int c = 0; fits && c < series->count; c++) {
        fits = table.owner[c] >= 0 && table.owner[c] < to.len / 8;
    }
    for (Py_ssize_t i = 0; fits && i < PyList_GET_SIZE(reads); i++) {
        const Seen *seen = POINTER(PyList_GET_ITEM(reads, i), "read");
        fits = seen != NULL;
        table.read = fits ? &seen->read : NULL;
        if (fits && !lay_out_table(&table)) {
            PyErr_NoMemory();
            fits = 0;
        }
        if (fits && exactly) {
            processor->series_some(&table, weights.buf, (unsigned char *)PyBytes_AS_STRING(some));
        } else if (fits) {
            processor->series_sum(&table, weights.buf);
        }
    }
    PyBuffer_Release(&weights);
    PyBuffer_Release(&owners);
    PyBuffer_Release(&to);
    PyBuffer_Release(&more);
    return none_or("arrays of another length, or owners that are none", fits);
}

/* series_best(series, reads, so far): the best so far, or of any column and read if that is more. */
static PyObject *series_best(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *one, *reads;
    double so_far;
    if (!PyArg_ParseTuple(args, "OO!d", &one, &PyList_Type, &reads, &so_far)) {
        return NULL;
    }
    const Series *series = POINTER(one, "series");
    Table table = {.series = series, .found = so_far};
    for (Py_ssize_t i = 0; series != NULL && i < PyList_GET_SIZE(reads); i++) {
        const Seen *seen = POINTER(PyList_GET_ITEM(reads, i), "read");
        if (seen == NULL) {
            return NULL;
        }
        table.read = &seen->read;
        if (!lay_out_table(&table)) {
            return PyErr_NoMemory();
        }
        processor->series_best(&table);
    }
    return series == NULL ? NULL : PyFloat_FromDouble(table.found);
}

/* series_draws(series, keys, weights, to): of each plate, the sum over the columns of the chance
 * that the column draws it, times its weight. Plates are of the length of the series. */
static PyObject *series_draws(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *one;
    Py_buffer keys, weights, to;
    if (!PyArg_ParseTuple(args, "Oy*y*w*", &one, &keys, &weights, &to)) {
        return NULL;
    }
    const Series *series = POINTER(one, "series");
    const Py_ssize_t count = keys.len / 8;
    int fits = series != NULL && keys.len % 8 == 0 && weights.len == 8 * series->count &&
               to.len == 8 * count;
    for (Py_ssize_t i = 0; fits && i < count; i++) {
        const uint64_t key = ((const uint64_t *)keys.buf)[i];
        fits = holds_symbols(key, series->length);
        double total = 0;
        for (int c = 0; fits && c < series->count; c++) {
            double chance = ((const double *)weights.buf)[c];
            for (int slot = 0; chance != 0 && slot < series->length; slot++) {
                const int draw = series->draw[c * series->length + slot];
                chance *= series->chances[draw][KEY_SYMBOL(key, slot)];
            }
            total += chance;
        }
        ((double *)to.buf)[i] = total;
    }
    PyBuffer_Release(&keys);
    PyBuffer_Release(&weights);
    PyBuffer_Release(&to);
    return none_or("arrays of another length, or keys of no plates", fits);
}

/* processors(): names of those that this machine can run, the fastest last. */
static PyObject *processors(PyObject *self, PyObject *args) {
    (void)self;
    (void)args;
    PyObject *names = PyList_New(0);
    for (int i = 0; names != NULL && i < BUILT_COUNT; i++) {
        PyObject *name = can_run(BUILT[i]) ? PyUnicode_FromString(BUILT[i]->name) : NULL;
        if (name != NULL && PyList_Append(names, name)) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    return names;
}

/* use(name): compute as that processor does from now on. */
static PyObject *use(PyObject *self, PyObject *args) {
    (void)self;
    const char *name;
    if (!PyArg_ParseTuple(args, "s", &name)) {
        return NULL;
    }
    for (int i = 0; i < BUILT_COUNT; i++) {
        if (strcmp(BUILT[i]->name, name) == 0 && can_run(BUILT[i])) {
            processor = BUILT[i];
            Py_RETURN_NONE;
        }
    }
    return PyErr_Format(PyExc_ValueError, "no processor that this machine can run");
}

static PyMethodDef METHODS[] = {
    {"rates", make_rates, METH_VARARGS, "The rates of one source."},
    {"read", make_read, METH_VARARGS, "One read through the rates of its source."},
    {"index", make_index, METH_VARARGS, "A list of plates to be searched."},
    {"search", run_search, METH_VARARGS, "The best plates, and the sum over all others."},
    {"likelihood", likelihood, METH_VARARGS, "P(read | plate) of plates, all alignments and best."},
    {"align", align_plate, METH_VARARGS, "How a plate became a read, event by event."},
    {"neighbours", neighbours_of, METH_VARARGS, "P(reads | plates one symbol away)."},
    {"series", make_series, METH_VARARGS, "Columns of a table of series."},
    {"series_sum", series_sum, METH_VARARGS, "P(reads | columns), added up."},
    {"series_each", series_each, METH_VARARGS, "P(reads | columns), added up by owner."},
    {"series_best", series_best, METH_VARARGS, "P(reads | columns), the best alignment."},
    {"series_draws", series_draws, METH_VARARGS, "P(plate | columns) of plates."},
    {"processors", processors, METH_NOARGS, "What this machine can compute with."},
    {"use", use, METH_VARARGS, "Compute with one of them."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_kernel", "Native kernel of the search.", 0, METHODS, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) {
    for (int i = 0; i < BUILT_COUNT; i++) {
        processor = can_run(BUILT[i]) ? BUILT[i] : processor;
    }
    PyObject *module = PyModule_Create(&MODULE);
    if (module != NULL && PyModule_AddStringConstant(module, "PROCESSOR", processor->name)) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
