"""What a feed may be declared to be, and every reason why not."""

from datetime import UTC, datetime, timedelta

import pytest

from plate_match.feed import Format
from plate_match.feed.mapping import RECOGNISED_BY
from service.declaration import Declaration, Origin, Size, read_declaration
from service.errors import FaultyDeclaration
from tests.service.feeds import DECLARED, Owner

NOW = datetime(2026, 11, 24, tzinfo=UTC)

EVERYTHING = """
name = "east"
owner = "synthetic unit"
contact = "synthetic desk"
longest_validity_days = 30
origin = "pull"
url = "https://127.0.0.1/list"
trust = "/synthetic/authority.pem"
every_minutes = 5
size = {least = 2, most = 9}
largest_share_lost = 0.1
largest_share_changed = 1
largest_share_rejected = 0
canaries = ["C-1"]
oldest_hours = 12
fresh_hours = 24.5

[defaults]
category = "burglary"

[mapping]
delimiter = ";"
columns = {plate = 1}
"""


def declared(text: str) -> Declaration:
    return read_declaration(text.encode(), name="east")


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(FaultyDeclaration) as raised:
        declared(text)
    assert str(raised.value).startswith("the declaration of feed east: ")
    return raised.value.faults


def test_a_declaration_says_what_its_files_are_and_what_must_hold() -> None:
    one = declared(EVERYTHING)
    assert (one.origin, one.size) == (Origin.PULL, Size(least=2, most=9))
    assert one.fresh_for == timedelta(hours=24.5)
    reading = one.reading(NOW)
    assert reading.mapping is not None
    assert reading.terms.latest_end == NOW + timedelta(days=30)
    assert reading.terms.given == {
        "owner": "synthetic unit", "contact": "synthetic desk", "category": "burglary"
    }  # fmt: skip


def test_little_has_to_be_said() -> None:
    one = declared(DECLARED + "")
    assert (one.origin, one.format, one.columns, one.fresh_for) == (Origin.UPLOAD, None, None, None)
    assert declared('format = "csv"\n' + DECLARED).reading(NOW).form is Format.CSV


def test_every_fault_of_a_declaration_is_named_at_once() -> None:
    assert faults(
        """
        name = "west"
        longest_validity_days = 0
        size = {least = 5, most = 2}
        largest_share_lost = 2
        signature_key = "AAAA"
        url = "http://127.0.0.1/list"
        colour = "blue"
        [defaults]
        purpose = "fun"
        plate = "8XKV41"
        speed = 1
        [mapping]
        delimiter = "||"
        """
    ) == (
        "name: must be east, as its file is",
        "owner: is missing",
        "contact: is missing",
        "longest_validity_days: must be at least 1",
        "mapping.delimiter: must be one character",
        f"mapping.columns: must have one of {', '.join(RECOGNISED_BY)}",
        "url: must begin with https://",
        "size: most must be at least as much as least",
        "largest_share_lost: must be at most 1",
        "signature_key: must be an Ed25519 public key: 32 bytes in base64, or PEM",
        "defaults.purpose: must be one of offences, public-order, assistance, supervision",
        "defaults.plate: is each entry's own",
        "defaults.speed: is no field of an entry",
        "colour: is no part of a declaration",
        'url: belongs to origin = "pull", and only there',
    )
    # What does not go together is named beside what is wrong by itself.
    assert faults(
        """
        name = "east"
        owner = "synthetic unit"
        contact = ""
        longest_validity_days = 1
        origin = "pull"
        trust = "/x.pem"
        [mapping]
        dates = "%Y"
        header = true
        columns = {plate = [0, 8]}
        """
    ) == (
        "contact: is empty",
        "mapping.dates: need %d, %m and %Y (or %y), once each; then perhaps %H, %M, %S; no other %",
        "mapping.header: names need a delimiter between them; count the line to skip",
        'url: belongs to origin = "pull", and only there',
        "trust: belongs to a url",
    )


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ('origin = "pull"', "url: belongs to origin"),
        ('url = "https://127.0.0.1/"', "url: belongs to origin"),
        ('trust = "/x.pem"', "trust: belongs to a url"),
        ('origin = "pull"\nurl = "https://"', "url: must have a host"),
        ('format = "mapped"', "format: say it by a table"),
        ('format = "csv"\nmapping = {columns = {plate = [0, 8]}}', "format: a mapping is given"),
    ],
)
def test_what_does_not_go_together_is_a_fault(more: str, fault: str) -> None:
    (told,) = faults(f"{more}\n{DECLARED}")
    assert told.startswith(fault)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (f'owner = "{101 * "x"}"', "owner: is longer than 100 characters"),
        ("owner = 1", "owner: must be a text"),
        ("canaries = 1", "canaries: must be a list"),
        ('canaries = [""]', "canaries.0: is empty"),
        ("size = 1", "size: must be a table"),
        ("size = {most = 0}", "size.most: must be at least 1"),
        ("size = {most = 1.5}", "size.most: must be a whole number"),
        ('oldest_hours = "x"', "oldest_hours: must be a number"),
        ("oldest_hours = 0", "oldest_hours: must be more than 0"),
        ("oldest_hours = 9000.0", "oldest_hours: must be at most 8784"),
        ("every_minutes = 0.01", "every_minutes: must be at least 0.1"),
        ('every_minutes = "x"', "every_minutes: must be a number"),
        ("manifest = 1", "manifest: must be true or false"),
        ("mapping = 1", "mapping: must be a table"),
        ("trust = 1", "trust: must be a path"),
        ('trust = "x.pem"', "trust: must be a whole path, from / on: the service runs in a folder"),
        ('origin = "post"', "origin: must be 'upload', 'drop' or 'pull'"),
        ('name = "a b"', "name: must be 1 to 64 letters"),
    ],
)
def test_faults_are_told_in_plain_words(more: str, fault: str) -> None:
    name = more.partition(" ")[0]
    lines = [line for line in DECLARED.splitlines() if not line.startswith(f"{name} =")]
    told = faults("\n".join((more, *lines)))
    assert any(one.startswith(fault) for one in told), told


def test_a_name_that_differs_from_that_of_the_file_is_a_fault_by_itself() -> None:
    assert faults(DECLARED.replace('"east"', '"west"')) == ("name: must be east, as its file is",)


def test_what_is_no_toml_is_said_to_be_none() -> None:
    (fault,) = faults("name = ")
    assert fault.startswith("is no TOML: ")


def test_a_key_is_declared_in_base64_or_as_pem() -> None:
    owner = Owner()
    for key in (owner.public, owner.pem):
        assert declared(f"signature_key = '''{key}'''\n{DECLARED}").signature_key == key
    rsa = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
    (fault,) = faults(f"signature_key = '''{rsa}'''\n{DECLARED}")
    assert fault.startswith("signature_key: must be an Ed25519 public key")
