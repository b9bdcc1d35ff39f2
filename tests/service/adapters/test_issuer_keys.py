"""Keys of a real issuer on this machine: held, fetched anew, taken back; and issuers that fail."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.issuer import documents
from service.adapters.issuer.documents import LARGEST, IssuerDocuments, IssuerFault
from service.adapters.issuer.issuer_keys import (
    FRESH_SECONDS,
    LIFE_SECONDS,
    PAUSE_SECONDS,
    IssuerKeys,
)
from service.adapters.issuer.verification_keys import VerificationKey
from service.errors import IssuerOutOfReach
from tests.service.cli.test_pull import certificate
from tests.service.issuer import DISCOVERY, KEYS, Issuer, issuing, private_key, public_jwk


class Clock:
    """Seconds that pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing("rsa-1") as running:
        yield running


@pytest.fixture
def time() -> Clock:
    return Clock()


def run(issuer: Issuer, time: Clock, steps: Callable[[IssuerKeys], Awaitable[None]]) -> None:
    """Take some steps with the keys of an issuer, in one event loop."""

    async def go() -> None:
        keys = IssuerKeys(IssuerDocuments(issuer.url).keys, time)
        try:
            await steps(keys)
        finally:
            await keys.close()

    asyncio.run(go())


async def known(keys: IssuerKeys, *names: str) -> list[bool]:
    return [await keys.find(name) is not None for name in names]


def test_keys_are_fetched_once_and_held(issuer: Issuer, time: Clock) -> None:
    async def steps(keys: IssuerKeys) -> None:
        assert await asyncio.gather(*(known(keys, "rsa-1") for _ in range(20))) == [[True]] * 20
        time.now += FRESH_SECONDS / 2
        assert await known(keys, "rsa-1") == [True]

    run(issuer, time, steps)
    assert issuer.asked == {DISCOVERY: 1, KEYS: 1}


def test_a_new_key_is_found_at_once_and_one_taken_back_counts_no_longer_than_keys_are_fresh(
    issuer: Issuer, time: Clock
) -> None:
    async def steps(keys: IssuerKeys) -> None:
        assert await known(keys, "rsa-1") == [True]
        issuer.published = [public_jwk("rsa-1"), public_jwk("ec-2")]
        time.now += PAUSE_SECONDS
        assert await known(keys, "ec-2", "rsa-1") == [True, True]
        issuer.published = [public_jwk("ec-2")]
        time.now += FRESH_SECONDS + 1  # nobody asked meanwhile
        assert await known(keys, "rsa-1", "ec-2") == [False, True]

    run(issuer, time, steps)


def test_keys_are_renewed_in_the_background_before_they_are_old(
    issuer: Issuer, time: Clock
) -> None:
    async def steps(keys: IssuerKeys) -> None:
        assert await known(keys, "rsa-1") == [True]
        issuer.published = [public_jwk("ec-2")]
        time.now += FRESH_SECONDS / 2 + 1
        issuer.open.clear()
        assert await known(keys, "rsa-1") == [True]  # answered while the issuer is silent
        issuer.open.set()
        assert await known(keys, "ec-2", "rsa-1") == [True, False]

    run(issuer, time, steps)


def test_made_up_names_of_keys_reach_the_issuer_no_oftener_than_is_allowed(
    issuer: Issuer, time: Clock
) -> None:
    async def steps(keys: IssuerKeys) -> None:
        for _ in range(5):
            flood = (known(keys, f"made-up-{number}") for number in range(200))
            assert await asyncio.gather(*flood) == [[False]] * 200
            assert await known(keys, "rsa-1") == [True]
            time.now += PAUSE_SECONDS / 2

    run(issuer, time, steps)
    assert issuer.asked == {DISCOVERY: 3, KEYS: 3}


def test_keys_that_are_held_outlast_an_issuer_that_is_down_but_not_for_ever(
    issuer: Issuer, time: Clock
) -> None:
    async def steps(keys: IssuerKeys) -> None:
        assert await known(keys, "rsa-1") == [True]
        issuer.answers[DISCOVERY] = (500, {}, b"")
        time.now += FRESH_SECONDS + 1
        assert await known(keys, "rsa-1") == [True]
        assert issuer.asked[DISCOVERY] == 2
        time.now += PAUSE_SECONDS
        issuer.open.clear()
        async with asyncio.timeout(1):  # known to be down: nobody waits for it
            assert await known(keys, "rsa-1") == [True]
        issuer.open.set()
        time.now += LIFE_SECONDS
        with pytest.raises(IssuerOutOfReach):
            await keys.find("rsa-1")
        issuer.answers.clear()
        time.now += PAUSE_SECONDS
        assert await known(keys, "rsa-1") == [True]

    run(issuer, time, steps)


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_whether_a_key_counts_cannot_be_told_while_the_issuer_is_out_of_reach(
    issuer: Issuer, time: Clock, path: str
) -> None:
    async def steps(keys: IssuerKeys) -> None:
        assert await known(keys, "rsa-1", "ec-2") == [True, False]
        issuer.published.append(public_jwk("ec-2"))
        issuer.answers[path] = (500, {}, b"")
        time.now += PAUSE_SECONDS
        for name in ("ec-2", "made-up"):
            with pytest.raises(IssuerOutOfReach):
                await keys.find(name)
        assert await known(keys, "rsa-1") == [True]
        issuer.answers.clear()
        time.now += PAUSE_SECONDS
        assert await known(keys, "made-up", "ec-2", "rsa-1") == [False, True, True]

    run(issuer, time, steps)
    assert issuer.asked[DISCOVERY] == 3


def test_made_up_names_of_keys_reach_an_issuer_that_is_down_no_oftener_than_is_allowed(
    issuer: Issuer, time: Clock
) -> None:
    async def steps(keys: IssuerKeys) -> None:
        assert await known(keys, "rsa-1") == [True]
        issuer.answers[DISCOVERY] = (500, {}, b"")
        for _ in range(4):
            time.now += PAUSE_SECONDS / 2
            flood = (known(keys, f"made-up-{number}") for number in range(200))
            told = await asyncio.gather(*flood, return_exceptions=True)
            late = {type(one) is IssuerOutOfReach for one in told}
            assert late == {issuer.asked[DISCOVERY] > 1}
            assert await known(keys, "rsa-1") == [True]

    run(issuer, time, steps)
    assert issuer.asked == {DISCOVERY: 3, KEYS: 1}


@settings(max_examples=50)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["rsa-1", "made-up"]), st.floats(0, 400), st.booleans()),
        max_size=20,
    )
)
def test_what_is_told_of_a_key_follows_from_what_the_issuer_answered_last(
    steps: list[tuple[str, float, bool]],
) -> None:
    """Whoever asks for what, and whenever: 401 only by an answer, 503 only by none."""
    time, up, asked = Clock(), [True], [(0.0, True)]
    key = VerificationKey(private_key("ed-1").public_key(), ("EdDSA",))

    async def fetch() -> dict[str, VerificationKey]:
        asked.append((time.now, up[-1]))
        if not up[-1]:
            raise IssuerFault("the issuer does not answer")
        return {"rsa-1": key}

    async def go() -> None:
        keys = IssuerKeys(fetch, time)
        await known(keys, "rsa-1")
        for name, passes, is_up in steps:
            time.now += passes
            up.append(is_up)
            try:
                found = await keys.find(name)
            except IssuerOutOfReach:
                assert not asked[-1][1]
            else:
                assert (found is None) == (name == "made-up")
                assert asked[-1][1] or found is not None
            await asyncio.sleep(0)  # what was begun in the background ends
        await keys.close()

    asyncio.run(go())
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(asked)]
    assert all(gap >= PAUSE_SECONDS for gap in gaps)


def test_a_fetch_is_waited_for_by_those_who_need_it_and_by_nobody_else(
    issuer: Issuer, time: Clock
) -> None:
    async def steps(keys: IssuerKeys) -> None:
        assert await known(keys, "rsa-1") == [True]
        issuer.published.append(public_jwk("ec-2"))
        time.now += PAUSE_SECONDS
        issuer.open.clear()
        waiting = asyncio.create_task(known(keys, "ec-2"))
        gone = asyncio.create_task(known(keys, "ec-2"))
        await asyncio.sleep(0)
        gone.cancel()
        for _ in range(100):
            assert await known(keys, "rsa-1") == [True]
            await asyncio.sleep(0)
        assert not waiting.done()
        issuer.open.set()
        assert await waiting == [True]

    run(issuer, time, steps)


def test_a_fetch_that_is_under_way_is_given_up_at_the_end(issuer: Issuer, time: Clock) -> None:
    async def steps(keys: IssuerKeys) -> None:
        issuer.open.clear()
        keys.start()
        await asyncio.to_thread(issuer.reached.wait)

    run(issuer, time, steps)
    assert issuer.asked == {DISCOVERY: 1}


def failure(issuer: Issuer, url: str | None = None) -> str:
    """Why the keys of an issuer cannot be had."""
    with pytest.raises(IssuerFault) as caught:
        asyncio.run(IssuerDocuments(url or issuer.url).keys())
    assert "127.0.0.1" not in str(caught.value)
    return str(caught.value)


def told(document: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(document).encode()


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((404, {}, b""), "answers 404"),
        ((302, {"Location": "http://127.0.0.1:9/"}, b""), "answers 302"),
        ((200, {}, b"<html>"), "cannot be read"),
        ((200, {}, b"\xff"), "cannot be read"),
        ((200, {}, b"[" * 9000), "cannot be read"),
        ((200, {}, b'{"keys": 1, "keys": 2}'), "there twice"),
        ((200, {}, b" " * (10 << 20)), f"longer than {LARGEST} bytes"),
        ((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), "in a coding"),
        ((200, {"Content-Length": "9"}, b"{}"), "does not answer (RemoteProtocolError)"),
        ((200, {"Content-Length": "x"}, b"{}"), "does not answer"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_issuer_that_answers_something_else_is_not_believed(
    issuer: Issuer, path: str, answer: tuple[int, dict[str, str], bytes], why: str
) -> None:
    issuer.answers[path] = answer
    assert why in failure(issuer)


def test_an_issuer_that_is_slow_is_not_waited_for(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SECONDS", 0.1)
    issuer.open.clear()
    assert failure(issuer) == "the issuer does not answer (TimeoutError)"


def test_an_issuer_that_never_ends_is_not_waited_for(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "SECONDS", 0.1)
    issuer.drips = True
    assert failure(issuer) == "the issuer does not answer (TimeoutError)"


def test_an_issuer_that_is_not_there_does_not_answer(issuer: Issuer) -> None:
    assert failure(issuer, "http://127.0.0.1:1") == "the issuer does not answer (ConnectError)"


@pytest.mark.parametrize(
    "place",
    [
        None,
        7,
        "",
        "file:///etc/passwd",
        "http://issuer.example/keys",
        "ftp://127.0.0.1/keys",
        "https://user@issuer.example/keys",
        "https://[::1/keys",
    ],
)
def test_keys_are_fetched_from_a_safe_address_alone(issuer: Issuer, place: object) -> None:
    issuer.answers[DISCOVERY] = told({"issuer": issuer.url, "jwks_uri": place})
    assert failure(issuer) == "the issuer names no safe address of its keys"


def test_an_issuer_is_believed_over_https_if_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = certificate(tmp_path)
    with issuing("rsa-1", certificate=files) as issuer:
        assert failure(issuer) == "the issuer does not answer (ConnectError)"
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        found = asyncio.run(IssuerDocuments(issuer.url).keys())
        assert set(found) == {"rsa-1"}
        place = f"http://127.0.0.1:{issuer.port}{KEYS}"
        issuer.answers[DISCOVERY] = told({"issuer": issuer.url, "jwks_uri": place})
        assert failure(issuer) == "the issuer names no safe address of its keys"


def test_an_issuer_with_another_name_is_not_the_one_that_was_meant(issuer: Issuer) -> None:
    place = issuer.url + KEYS
    for name in (issuer.url + "/", "https://issuer.example", None):
        issuer.answers[DISCOVERY] = told({"issuer": name, "jwks_uri": place})
        assert "another name" in failure(issuer)
    assert issuer.asked[KEYS] == 0


def test_an_issuer_without_a_key_that_can_verify_has_none(issuer: Issuer) -> None:
    published: list[dict[str, Any]] = [public_jwk("rsa-1", use="enc")]
    issuer.published = published
    assert "no key in it can verify a token" in failure(issuer)


def test_why_keys_cannot_be_had_is_logged_once(
    issuer: Issuer, time: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.answers[KEYS] = (503, {}, b"")

    async def steps(keys: IssuerKeys) -> None:
        for _ in range(3):
            with pytest.raises(IssuerOutOfReach):
                await keys.find("rsa-1")
            time.now += PAUSE_SECONDS

    with caplog.at_level(logging.ERROR):
        run(issuer, time, steps)
    assert [one.getMessage() for one in caplog.records] == ["the issuer answers 503"]
    assert issuer.asked[KEYS] == 3
