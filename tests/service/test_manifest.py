"""What a manifest says, and who signed it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FaultyManifest
from service.manifest import MOST_BYTES, Kind, is_signed, read_manifest
from tests.service.feeds import Owner

OWNER = Owner()
BODY = OWNER.manifest(b"8XKV41\n", rows=1, sequence=7)


def faults(body: bytes) -> tuple[str, ...]:
    with pytest.raises(FaultyManifest) as raised:
        read_manifest(body)
    return raised.value.faults


def test_a_manifest_is_read() -> None:
    manifest = read_manifest(BODY)
    assert (manifest.feed, manifest.sequence, manifest.rows) == ("east", 7, 1)
    assert (manifest.kind, manifest.base) == (Kind.FULL, None)


def test_every_fault_of_a_manifest_is_named_at_once() -> None:
    body = {
        "feed": 5, "sequence": 0, "producedAt": "2026-11-24T12:00:00", "kind": "half",
        "rows": True, "sha256": "AB", "colour": "blue",
    }  # fmt: skip
    assert faults(json.dumps(body).encode()) == (
        "feed: Input should be a valid string",
        "sequence: Input should be greater than or equal to 1",
        "producedAt: Input should have timezone info",
        "kind: Input should be 'full' or 'delta'",
        "rows: Input should be a valid integer",
        "sha256: String should match pattern '^[0-9a-f]{64}$'",
        "colour: is no part of a manifest",
    )
    assert faults(b"{}") == tuple(
        f"{name}: is missing"
        for name in ("feed", "sequence", "producedAt", "kind", "rows", "sha256")
    )


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"[]", "must be an object"),
        (b"\xff", "is no JSON that can be read"),
        (b'{"feed": "a", "feed": "b"}', "is no JSON that can be read: a name is there twice"),
        (b"[" * 100_000, "is longer than"),
        (b"[" * MOST_BYTES, "is no JSON that can be read"),
        (BODY.replace(b'"full"', b'"delta"'), "base: belongs to a delta, and only there"),
        (BODY.replace(b"null", b"3"), "base: belongs to a delta, and only there"),
        (BODY.replace(b"2026-11-24T12:00:00Z", b"noon"), "producedAt: must be a time with its"),
        (BODY.replace(b'"2026-11-24T12:00:00Z"', b"1"), "producedAt: must be a time with its"),
        (
            BODY.replace(b"2026-11-24T12:00:00Z", b"0001-01-01T00:00:00+14:00"),
            "producedAt: must be",
        ),
        (
            BODY.replace(b"2026-11-24T12:00:00Z", b"9999-12-31T23:59:59-14:00"),
            "producedAt: must be",
        ),
        (BODY.replace(b'"rows": 1', b'"rows": NaN'), "rows: Input should be a valid integer"),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_reason(body: bytes, fault: str) -> None:
    (told,) = faults(body)
    assert told.startswith(fault)


def test_a_signature_is_that_of_its_key_over_those_very_bytes() -> None:
    signature = OWNER.signature(BODY)
    assert is_signed(BODY, signature, OWNER.public)
    assert is_signed(BODY, signature.strip(), OWNER.pem)
    # As the command `base64` writes them.
    assert is_signed(BODY, signature[:76] + b"\n" + signature[76:], OWNER.public)
    assert is_signed(BODY, signature[:76] + b"\r\n" + signature[76:], OWNER.public)
    assert not is_signed(BODY + b" ", signature, OWNER.public)
    assert not is_signed(BODY, signature, Owner().public)


@given(st.binary(max_size=100))
def test_no_other_bytes_are_a_signature(signature: bytes) -> None:
    assert not is_signed(BODY, signature, OWNER.public)
