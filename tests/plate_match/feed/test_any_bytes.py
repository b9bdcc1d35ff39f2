"""Whatever a file holds: it is refused as a whole, or every row of it is counted once."""

import io
import json
import tracemalloc
from collections import deque
from collections.abc import Callable
from csv import writer
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Columns, Delta, Format, Loaded, of_table, read_delta, read_hotlist
from plate_match.feed.apply import apply_delta
from plate_match.feed.cells import MOST_LINES
from plate_match.feed.lines import LONGEST_LINE
from plate_match.feed.parse import parse

DELIMITED = of_table(
    {
        "delimiter": ";",
        "header": True,
        "skip": 1,
        "dates": "%d-%m-%Y",
        "columns": {"plate": "plate", "validUntil": 2, "action": "action"},
        "values": {"action": {"-*": "withdraw", "": "add"}},
    }
)
FIXED = of_table({"columns": {"plate": [0, 8], "make": [8, 20], "action": [20, 30]}})

Way = tuple[Format | None, Columns | None]
WAYS: list[Way] = [(None, None), (None, DELIMITED), (None, FIXED)] + [
    (form, None) for form in Format if form is not Format.MAPPED
]
READERS: list[Callable[..., Loaded | Delta]] = [read_hotlist, read_delta]

FRAGMENTS = st.sampled_from(
    [
        b"8XKV41", b"8XKV42;NLD;x", b"NL;8XKV43;2026-01-01;2099-01-01;x", b"PlateNumber",
        b"plate", b"validUntil", b"action", b"add", b"withdraw", b"-1", b"31-12-2099", b"category",
        b"robbery", b";", b",", b":", b"\t", b'"', b"\n", b"\r", b"\r\n", b"#", b"{", b"}",
        b'{"plate": "8XKV44"}',
        b'{"action": "withdraw", "reference": "R-1"}', b"[", b"\0", b"\xe9", b"\x81", b"\xc3\xa9",
        b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\x00\xd8", b"\x85", b"\x1a",
        b"?", b" ", b"\xe2\x80\xa8",
    ]
)  # fmt: skip
STARTS = st.sampled_from(
    [
        b"", b"x\nplate;validUntil;action\n", b"plate,action\n", b"8XKV41;NLD;x\r", b"\xff\xfe",
        b"PlateNumber;ExpiryDate\n", b'{"plate": "8XKV41"}\n', b"\xfe\xff\x00a\x00\n",
    ]
)  # fmt: skip
FILES = st.builds(
    bytes.__add__,
    STARTS,
    st.one_of(st.binary(max_size=80), st.lists(FRAGMENTS, max_size=40).map(b"".join)),
)


def outcome(
    read: Callable[..., Loaded | Delta], pieces: list[bytes], way: Way
) -> Loaded | Delta | str:
    """Return what is read, or why nothing is."""
    form, mapping = way
    try:
        return read(pieces, form=form, mapping=mapping)
    except UnreadableHotlist as refusal:
        return str(refusal)


@given(FILES, st.sampled_from(WAYS), st.sampled_from(READERS), st.integers(1, 9))
def test_no_bytes_do_more_harm_than_to_be_refused(
    content: bytes, way: Way, read: Callable[..., Loaded | Delta], size: int
) -> None:
    pieces = [content[begin : begin + size] for begin in range(0, len(content), size)]
    found = outcome(read, pieces, way)
    assert outcome(read, [content], way) == found
    if isinstance(found, str):
        assert "8XKV4" not in found
        return
    numbers = [reject.row for reject in found.rejects]
    assert numbers == sorted(set(numbers))
    assert not any("8XKV4" in reject.reason for reject in found.rejects)
    if isinstance(found, Delta):
        again = [one.row for one in apply_delta((), found).rejects]
        assert set(numbers) <= set(again)
        assert len(again) == len(set(again))


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("8XKV41"),
    st.lists(st.text(max_size=3), max_size=3),
    st.sampled_from(["add", "change", "withdraw", "\ud800"]),
)  # fmt: skip
OBJECTS = st.lists(
    st.dictionaries(
        st.sampled_from(["plate", "reference", "action", "validUntil", "test", "feed", "x"]), VALUES
    ),
    min_size=1,
    max_size=8,
)


@given(OBJECTS, st.sampled_from(READERS))
def test_every_object_of_a_file_is_counted_once(
    objects: list[dict[str, object]], read: Callable[..., Loaded | Delta]
) -> None:
    found = read([json.dumps(one).encode() + b"\n" for one in objects], feed="east")
    assert found.rows == len(objects)


# Three cells of three line breaks are ten lines, as many as a row may span.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.sampled_from([None, DELIMITED]))
def test_every_row_of_cells_is_counted_once(
    rows: list[tuple[str, ...]], mapping: Columns | None
) -> None:
    names = ["plate", "validUntil", "action" if mapping else "owner"]
    file = io.StringIO()
    told = writer(file, delimiter=";", quoting=1, lineterminator="\n")
    told.writerows([["x"], names] if mapping else [names])
    told.writerows(rows)
    found = read_hotlist([file.getvalue().encode()], mapping=mapping)
    assert found.rows == len(rows)


BY_LINE: list[Way] = [
    (None, FIXED),
    (None, of_table({"delimiter": ";", "columns": {"make": 1, "plate": 2}})),
    *((form, None) for form in Format if form not in {Format.CSV, Format.MAPPED}),
]


@given(
    st.lists(st.text("8XKV41;NLD,:-{}\t 2026\0\x85", max_size=20), max_size=8),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.sampled_from(BY_LINE),
    st.sampled_from(READERS),
)
def test_every_line_that_says_something_is_counted_once(
    lines: list[str], end: str, way: Way, read: Callable[..., Loaded | Delta]
) -> None:
    form, mapping = way
    whole = end.join(["8XKV41;NLD;x", *lines])
    found = read([whole.encode()], form=form, mapping=mapping)
    written = [line for line in lines if line.strip() or "\0" in line]
    assert found.rows == 1 + len(written)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "more",
    [
        b"x" * 65_000,
        b'"' + (b"x;" + b"x" * 200 + b"\n") * 99,
        b'";' * 32_000,
        b'"' + b"x;" * 32_000 + b"\r",
    ],
    ids=["line", "quotes", "cells", "long-cells"],
)
def test_endless_lines_and_open_quotes_take_little_memory(way: Way, more: bytes) -> None:
    form, mapping = way
    begin = b"plate;owner\n" if form else b"x\nplate;validUntil;action\n"
    tracemalloc.start()
    try:
        _, rows = parse(chain([begin], repeat(more, 200)), form=form, mapping=mapping)
        deque(rows, maxlen=0)
        _, peak = tracemalloc.get_traced_memory()
    except UnreadableHotlist:
        peak = 0
    finally:
        tracemalloc.stop()
    assert peak < MOST_LINES * 4 * LONGEST_LINE
