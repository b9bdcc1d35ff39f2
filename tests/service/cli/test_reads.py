from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.channel import Source
from plate_match.matcher import Matcher
from service import clock
from service.cli.match import Desk, Options
from service.cli.reads import ReadsFile, Reject, Row, open_reads

HEADER = "id,read,source,char_conf,make,colour,country,truth"

ids = st.sampled_from(["1", "2", "3", "", "x y", '"q"', "é"])
texts = st.one_of(
    st.sampled_from(["8XKV41", "8X-?V-41", "??", "", "begint met 12", "[8B]XKV41", "12*"]),
    st.text(max_size=12),
)
confidences = st.one_of(
    st.sampled_from(["", "[]", "[1,1,1,1,1,1]", ".1|.2|.3|.4|.5|.6", "1 2", "NaN", "[[", "[null]"]),
    st.text(alphabet="[]0123456789., |eE-", max_size=20),
)
rows = st.tuples(
    ids, texts, st.sampled_from(["", *Source, "radar"]), confidences, *[st.just("")] * 3, texts
).map(",".join)
lines = st.one_of(rows, st.text(max_size=30)).map(str.encode) | st.binary(max_size=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reads")


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher.build(["8XKV41", "12AB34"])


def file_of(folder: Path, written: list[bytes]) -> ReadsFile:
    path = folder / "reads.csv"
    path.write_bytes(b"\n".join([HEADER.encode(), *written]))
    return open_reads(path)


@given(written=st.lists(lines, max_size=8))
def test_every_row_is_a_look_or_a_reject_whatever_is_in_it(
    folder: Path, written: list[bytes]
) -> None:
    file = file_of(folder, written)
    survey = file.survey()
    outcomes = list(file.looks(file.lines(), source=Source.EYESIGHT, survey=survey))
    assert len(outcomes) == survey.rows
    looks = [one.id for one in outcomes if isinstance(one, Row)]
    assert len(set(looks)) == len(looks)
    assert all(one.reason.startswith("line ") for one in outcomes if isinstance(one, Reject))


@given(written=st.lists(rows.map(str.encode), max_size=6))
def test_the_counts_of_a_desk_add_up(folder: Path, matcher: Matcher, written: list[bytes]) -> None:
    file = file_of(folder, written)
    options = Options("eyesight", 0.01, 5, 0.01)
    desk = Desk(matcher, file, options, file.survey(), clock.now())
    answered = desk.answer(list(file.lines()))
    with_hit = {hit[0] for hit in answered.hits}
    assert answered.rows == len(with_hit) + answered.without_hit + len(answered.rejects)
    ranks = [(hit[0], hit[1]) for hit in answered.hits]
    assert len(set(ranks)) == len(ranks)
    assert all(0.01 <= hit[3] <= 1 for hit in answered.hits)


def test_a_reason_never_repeats_what_was_read(folder: Path) -> None:
    secret = "8XKV41"
    file = file_of(
        folder,
        [
            f"1,{secret},radar,[1],{secret},,,".encode(),
            f"2,{secret},,{secret},,,,".encode(),
            f'3,"{secret},,,,,,'.encode(),
            f"4,{secret}".encode(),
        ],
    )
    outcomes = list(file.looks(file.lines(), source=Source.EYESIGHT, survey=file.survey()))
    assert len(outcomes) == 4
    for outcome in outcomes:
        assert isinstance(outcome, Reject)
        assert secret not in outcome.reason
