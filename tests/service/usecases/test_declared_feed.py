"""Files of a declared feed on their walk through the gate. All plates are synthetic."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import orjson
import pytest

from plate_match.audience import Audience
from plate_match.errors import UnreadableHotlist
from plate_match.feed.write import entry_document
from plate_match.hotlist import Category, Entry, Purpose
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of
from service import clock
from service.adapters.db import Database, open_database
from service.adapters.feed_folder import MANIFEST, SIGNATURE, Declarations, beside
from service.adapters.hotlist_files import HotlistFiles
from service.current import Snapshot
from service.errors import FaultyDeclaration
from service.feed_records import FeedFile
from service.records import Caller, Role
from service.usecases.audit import verify
from service.usecases.gate import Override
from service.usecases.load_hotlist import InvalidOverride, LoadHotlist
from service.usecases.turn_feed import TurnFeed
from tests.service.db.synthetic import records
from tests.service.feeds import DECLARED, Owner

NOON = clock.to_micros(datetime(2026, 11, 24, 12, tzinfo=UTC))
TWO = "plate,reference\n8XKV41,R-1\n8XKV42,R-2\n"


def both(reason: str) -> Override:
    """Return what two people decided."""
    first = Caller("key-a", Role.OPERATOR, "Synthetic Police", "A. Operator")
    return Override(reason, first, replace(first, credential="key-b", person="B. Chief"))


class Desk:
    """A folder with a database and declarations, and the owner of the feed `east`."""

    def __init__(self, data: Path, database: Database) -> None:
        self.data = data
        self.database = database
        self.files = HotlistFiles(data / "hotlist")
        self.owner = Owner()
        self.sequence = 0
        self.now = NOON

    def declare(self, more: str = "") -> None:
        path = self.data / "declared" / "east.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{more}\n{DECLARED}")
        Declarations(self.data / "feeds").put(path)

    def load(self, content: str, override: Override | None = None) -> FeedFile:
        path = self.data / "offered"
        path.write_text(content)
        self.now += clock.MINUTE
        declared = Declarations(self.data / "feeds").of
        loading = LoadHotlist(self.files, self.database.feed_history, declared)
        return loading.load(beside(path), "east", now=self.now, override=override)

    def send(
        self, content: str, *, rows: int, override: Override | None = None, **said: object
    ) -> FeedFile:
        """Load a file with the next manifest, signed."""
        self.sequence += 1
        told = {"sequence": self.sequence, **said}
        manifest = self.owner.manifest(content.encode(), rows=rows, **told)  # type: ignore[arg-type]  # names of a manifest
        (self.data / f"offered{MANIFEST}").write_bytes(manifest)
        (self.data / f"offered{SIGNATURE}").write_bytes(self.owner.signature(manifest))
        return self.load(content, override)

    def last_header(self) -> bytes:
        with self.database.audit.rows() as rows:
            return list(rows)[-1].header

    def entries(self) -> tuple[Entry, ...]:
        name = self.files.current()
        assert name is not None
        return tuple(self.files.entries(self.files.version(name), "east"))


def listed(snapshot: Snapshot, plate: str, at: datetime) -> tuple[Entry, ...]:
    found = snapshot.matcher.search(Report((Look(read_of(plate)),)), at=at)
    hits = found.answer(Audience.CONTROL_ROOM).hits
    return next((hit.entries for hit in hits if hit.plate == plate), ())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_database(data=tmp_path) as database:
        yield Desk(tmp_path, database)


def test_every_entry_of_a_declared_feed_has_a_ground_a_purpose_and_an_end(desk: Desk) -> None:
    desk.declare()
    first = desk.load(TWO)
    assert (first.accepted, first.refused) == (2, None)
    assert {(one.legal_ground, one.purpose, one.owner) for one in desk.entries()} == {
        ("synthetic ground", Purpose.OFFENCES, "synthetic unit")
    }
    snapshot = desk.files.snapshot(first.version or "")
    end = clock.to_datetime(desk.now) + timedelta(days=30)
    before = listed(snapshot, "8XKV41", end - timedelta(seconds=1))
    assert [one.valid_until for one in before] == [end]
    assert listed(snapshot, "8XKV41", end) == ()


def test_an_end_is_kept_if_it_is_sooner_and_a_start_past_every_end_is_a_reject(
    desk: Desk,
) -> None:
    desk.declare("largest_share_rejected = 1.0")
    file = desk.load(
        "plate,validFrom,validUntil\n"
        "8XKV41,,2026-11-25T00:00:00Z\n"
        "8XKV42,2027-11-25T00:00:00Z,\n"
        "8XKV43,,2027-11-25T00:00:00Z\n"
    )
    assert file.rejects == ((3, "validFrom: is later than any entry of the feed may last"),)
    snapshot = desk.files.snapshot(file.version or "")
    at = clock.to_datetime(desk.now)
    ends = [listed(snapshot, plate, at)[0].valid_until for plate in ("8XKV41", "8XKV43")]
    assert ends == [datetime(2026, 11, 25, tzinfo=UTC), at + timedelta(days=30)]


def test_what_no_default_says_every_row_must(desk: Desk) -> None:
    path = desk.data / "feeds" / "east.toml"
    path.parent.mkdir()
    path.write_text(DECLARED.replace('purpose = "offences"', ""))
    file = desk.load("plate,purpose\n8XKV41,offences\n8XKV42,\n")
    assert file.rejects == ((3, "purpose: is missing, and the declaration of the feed gives none"),)
    assert file.refused == "rejects: 1 of 2, at most 5.0% are allowed"


def test_the_same_list_again_changes_nothing_but_lasts_longer(desk: Desk) -> None:
    desk.declare()
    first = desk.load(TWO)
    second = desk.load(TWO)
    assert (second.added, second.changed, second.withdrawn) == (0, 0, 0)
    ends = [desk.files.version(file.version or "").feeds[0].latest_end for file in (first, second)]
    assert ends == [desk.now - clock.MINUTE + 30 * clock.DAY, desk.now + 30 * clock.DAY]


def test_a_file_without_the_signature_that_is_declared_changes_nothing(desk: Desk) -> None:
    desk.declare(f'signature_key = "{desk.owner.public}"')
    assert desk.send(TWO, rows=2).refused is None
    in_force = desk.files.current()
    (desk.data / f"offered{SIGNATURE}").write_bytes(b"AAAA")
    file = desk.load(TWO)
    assert file.refused == "signature: is not that of the key that is declared"
    assert (file.rows, file.format, len(file.sha256)) == (0, "", 64)
    (desk.data / f"offered{MANIFEST}").unlink()
    assert (desk.load(TWO).refused or "").startswith("manifest: is missing")
    assert desk.files.current() == in_force
    assert records(desk.database) == 3
    assert verify(desk.database.audit).fault is None


def test_a_file_that_came_before_is_refused_and_so_is_one_that_is_not_whole(desk: Desk) -> None:
    desk.declare()
    first = desk.send(TWO, rows=2)
    assert (first.sequence, first.kind, first.produced_at) == (1, "full", NOON)
    desk.sequence = 0
    assert desk.send(TWO, rows=2).refused == ("sequence: 1 is not newer than 1, which was accepted")
    refused = desk.send(TWO, rows=3, sha256="0" * 64).refused
    assert refused == (
        "digest: the file is not the one whose SHA-256 the manifest has; "
        "rows: 2 are there, 3 in the manifest"
    )
    assert desk.files.current() == first.version


def test_two_people_may_let_a_file_pass_that_is_refused_for_its_size(desk: Desk) -> None:
    desk.declare()
    desk.load(TWO)
    one = "plate,reference\n8XKV41,R-1\n"
    assert desk.load(one).refused == "lost: 1 of 2, at most 20.0% are allowed"
    with pytest.raises(InvalidOverride, match="say why: "):
        desk.load(one, both(" "))
    file = desk.load(one, both("the owner said so"))
    assert (file.refused, file.overridden, file.withdrawn) == (
        None, "lost: 1 of 2, at most 20.0% are allowed", 1
    )  # fmt: skip
    assert desk.database.feed_history.file("east", file.id) == file
    with desk.database.audit.rows() as rows:
        last = list(rows)[-1]
    header = orjson.loads(last.header)
    assert header["overridden"] == file.overridden
    assert (header["credential"], header["secondCredential"]) == ("key-a", "key-b")
    assert orjson.loads(last.payload or b"") == {
        "reason": "the owner said so", "person": "A. Operator", "secondPerson": "B. Chief"
    }  # fmt: skip


def test_a_file_far_too_long_is_given_up_unless_two_people_say_otherwise(desk: Desk) -> None:
    desk.declare("size = {most = 2}\nlargest_share_rejected = 1.0")
    before = desk.send(TWO, rows=2)
    long = "plate\n" + "".join(f"8XKV{number}\n" for number in range(10, 90))
    file = desk.send(long, rows=80)
    assert file.refused == "size: more than 4 entries; the rest was not looked at"
    assert (file.rows, file.sha256) == (5, sha256(long.encode()).hexdigest())
    assert desk.files.current() == before.version
    assert not list((desk.data / "hotlist").glob("unfinished-*"))
    delta = "action,reference\n" + "withdraw,R-0\n" * 5
    with pytest.raises(UnreadableHotlist, match="a delta has at most 4 rows; send a full list"):
        desk.send(delta, rows=5, kind="delta", base=1)
    (refused,) = desk.database.feed_history.files("east", before=None, limit=1)
    assert (refused.refused or "").startswith("format: a delta has at most 4 rows")
    desk.declare("size = {most = 2}\nlargest_share_lost = 1.0")
    assert desk.send(long, rows=80, override=both("the owner is sure")).accepted == 80


def test_an_override_that_was_not_needed_is_not_on_record(desk: Desk) -> None:
    desk.declare()
    assert desk.load(TWO, both("to be sure")).overridden is None


def test_canaries_are_test_entries_that_must_be_there(desk: Desk) -> None:
    desk.declare('canaries = ["C-1"]')
    line = '{{"plate": "8XKV4{}", "reference": "{}", "test": {}}}\n'
    without = line.format(1, "R-1", "false") + line.format(2, "C-1", "false")
    assert desk.load(without).refused == "canaries: 1 of 1 are not there as test entries"
    assert desk.load(line.format(2, "C-1", "true")).refused is None


def test_a_faulty_declaration_lets_nothing_pass(desk: Desk) -> None:
    desk.declare()
    (desk.data / "feeds" / "east.toml").write_text("name = 1")
    with pytest.raises(FaultyDeclaration, match="name: must be east"):
        desk.load(TWO)
    assert desk.files.current() is None


def test_a_declared_format_is_the_format_of_every_file(desk: Desk) -> None:
    desk.declare('format = "json-lines"')
    file = desk.load(TWO)
    assert file.format == "json-lines"
    assert (file.refused or "").startswith("empty: ")
    desk.declare('mapping = {header = true, delimiter = ";", columns = {plate = "Kenteken"}}')
    assert desk.load("Kenteken;x\n8XKV41;1\n").format == "mapped"
    with pytest.raises(UnreadableHotlist):
        desk.load("Auto;x\n8XKV41;1\n")
    assert orjson.loads(desk.last_header())["refused"].startswith("format: ")


def test_a_delta_changes_the_list_it_follows_and_no_other(desk: Desk) -> None:
    desk.declare("largest_share_lost = 1.0\nlargest_share_changed = 1.0")
    desk.send(TWO, rows=2)
    delta = (
        "action,reference,plate\nadd,R-3,8XKV43\nchange,R-1,8XKV44\nwithdraw,R-2,\nadd,R-3,8XKV43\n"
    )
    assert (desk.send(delta, rows=4, kind="delta", base=9).refused or "").startswith("base: ")
    file = desk.send(delta, rows=4, kind="delta", base=1)
    assert file.refused == "rejects: 1 of 4, at most 5.0% are allowed"
    good = delta.rpartition("add")[0]
    file = desk.send(good, rows=3, kind="delta", base=1)
    assert (file.kind, file.rows, file.accepted, file.refused) == ("delta", 3, 3, None)
    assert (file.added, file.changed, file.withdrawn) == (2, 0, 2)
    assert {(one.reference, str(one.plate)) for one in desk.entries()} == {
        ("R-1", "8XKV44"), ("R-3", "8XKV43")
    }  # fmt: skip
    parts = desk.files.version(file.version or "").feeds
    assert parts[0].latest_end == NOON + clock.MINUTE + 30 * clock.DAY


def test_a_clock_that_was_set_back_does_not_confuse_which_file_is_in_force(desk: Desk) -> None:
    desk.declare("largest_share_lost = 1.0\nlargest_share_changed = 1.0")
    desk.now += clock.HOUR
    desk.send("plate,reference\n8XKV49,R-9\n8XKV42,R-2\n", rows=2)
    desk.now -= clock.HOUR
    desk.send(TWO, rows=2)
    delta = "action,reference,plate\nchange,R-2,8XKV43\n"
    file = desk.send(delta, rows=1, kind="delta", base=1)
    assert file.refused == "base: the delta follows 1, but 2 is in force; send a full list"
    assert desk.send(delta, rows=1, kind="delta", base=2).refused is None
    turning = TurnFeed(desk.files, desk.database.feed_history)
    turning.suspend("east", reason="doubt", now=desk.now + clock.HOUR)
    turning.resume("east", reason="none left", now=desk.now)
    assert desk.send(TWO, rows=2).refused is None


def test_after_a_feed_was_turned_back_a_delta_asks_for_a_full_list(desk: Desk) -> None:
    desk.declare()
    first = desk.send(TWO, rows=2)
    desk.send(TWO + "8XKV43,R-3\n", rows=3)
    turning = TurnFeed(desk.files, desk.database.feed_history)
    desk.now += clock.MINUTE
    turning.roll_back("east", first.version or "", reason="wrong", now=desk.now)
    file = desk.send("action,plate\nadd,8XKV45\n", rows=1, kind="delta", base=2)
    assert file.refused == (
        "base: the delta follows 2, but no numbered file is in force; send a full list"
    )
    assert desk.send(TWO, rows=2).refused is None


def test_after_another_feed_was_turned_back_past_damage_a_delta_asks_for_a_full_list(
    desk: Desk,
) -> None:
    desk.declare("largest_share_lost = 1.0")
    path = desk.data / "west"
    path.write_text("8XKV50\n")
    loading = LoadHotlist(desk.files, desk.database.feed_history)
    west = loading.load(beside(path), "west", now=desk.now)
    first = desk.send(TWO, rows=2)
    second = desk.send(TWO + "8XKV43,R-3\n", rows=3)
    delta = "action,reference,plate\nwithdraw,R-1,\n"
    turning = TurnFeed(desk.files, desk.database.feed_history)
    for to in (first, west):
        desk.now += clock.MINUTE
        newest = desk.files.current() or ""
        (desk.data / "hotlist" / newest / "east.jsonl").write_text("damaged")
        turning.roll_back("west", to.version or "", reason="damaged", now=desk.now)
        file = desk.send(delta, rows=1, kind="delta", base=second.sequence)
        assert (file.refused or "").startswith("base: "), to


def test_an_entry_of_a_delta_lasts_no_longer_than_its_list(desk: Desk) -> None:
    desk.declare("largest_share_rejected = 1.0")
    desk.send(TWO, rows=2)
    end = desk.now + 30 * clock.DAY
    late, early = (clock.to_text(end + shift) for shift in (30 * clock.SECOND, -clock.SECOND))
    delta = f"action,plate,validFrom\nadd,8XKV43,{late}\nadd,8XKV44,{early}\n"
    file = desk.send(delta, rows=2, kind="delta", base=1)
    assert (file.refused, file.rejects) == (
        None, ((2, "validFrom: is later than any entry of the feed may last"),)
    )  # fmt: skip
    snapshot = desk.files.snapshot(file.version or "")
    (entry,) = snapshot.matcher.about("8XKV44")
    assert entry.valid_until == clock.to_datetime(end)


def test_what_a_damaged_file_had_counts_as_lost(desk: Desk) -> None:
    desk.declare()
    first = desk.send(TWO, rows=2)
    path = desk.data / "hotlist" / (first.version or "") / "east.jsonl"
    path.write_bytes(path.read_bytes() + b"x")
    assert (desk.send(TWO, rows=2).refused or "").startswith("lost: 2 of 2")
    known = both("the disk was damaged")
    file = desk.send(TWO, rows=2, override=known)
    assert (file.added, file.changed, file.withdrawn) == (2, 0, 2)


def test_a_chain_of_a_hundred_deltas_equals_the_full_list(desk: Desk) -> None:
    desk.declare(
        "largest_share_lost = 1.0\nlargest_share_changed = 1.0\nsize = {least = 0}\n"
        "largest_share_rejected = 0.0"
    )
    random = np.random.default_rng(9)
    there = {number: synthetic(number, random) for number in range(40)}
    desk.send(lines(there.values()), rows=40)
    for _ in range(100):
        steps = []
        for number in map(int, random.choice(80, 6, replace=False)):
            if number not in there:
                there[number] = synthetic(number, random)
                steps.append({"action": "add", **entry_document(there[number])})
            elif random.random() < 0.5:
                steps.append({"action": "withdraw", "reference": f"R-{number}"})
                del there[number]
            else:
                there[number] = synthetic(number, random)
                steps.append({"action": "change", **entry_document(there[number])})
        body = "".join(json.dumps(step) + "\n" for step in steps)
        file = desk.send(body, rows=6, kind="delta", base=desk.sequence)
        assert file.refused is None
    chained = set(desk.entries())
    full = desk.send(lines(there.values()), rows=len(there))
    assert set(desk.entries()) == chained
    assert (full.added, full.changed, full.withdrawn) == (0, 0, 0)


def synthetic(number: int, random: np.random.Generator) -> Entry:
    category = list(Category)[random.integers(len(Category))]
    return Entry(plate=Plate(f"8XKV{number:02}"), reference=f"R-{number}", category=category)


def lines(entries: Iterable[Entry]) -> str:
    return "".join(json.dumps(entry_document(one)) + "\n" for one in entries)


def test_a_feed_is_stale_when_no_file_came_for_longer_than_declared(desk: Desk) -> None:
    desk.declare("fresh_hours = 2.0")
    version = desk.load(TWO).version
    snapshot = desk.files.snapshot(version or "")
    at = clock.to_datetime(desk.now)
    assert not snapshot.stale(at + timedelta(hours=2, microseconds=-1))
    assert snapshot.stale(at + timedelta(hours=2))
