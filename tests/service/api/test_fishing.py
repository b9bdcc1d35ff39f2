"""What a guard may be told, and how often anybody may ask, over HTTP. All plates are synthetic."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from service.adapters.rates import Rates
from service.api import batches, edge
from service.api.sighting_checks import Sent
from service.api.sightings import report
from service.app import create_app
from service.settings import Settings
from service.state import State
from service.usecases.report_sighting import Reported
from tests.service.api.conftest import UNLIMITED, keys, load
from tests.service.api.harness import Harness, audited, faults, sighting

LIMITED = UNLIMITED | {"canary_minutes": 0, "walk_hours": 24}


@contextmanager
def serving(data: Path, held: dict[str, str] | None = None, **settings: Any) -> Iterator[Harness]:
    """A service of its own, with these limits and no others."""
    load(data)
    with TestClient(
        create_app(Settings(data=data, **LIMITED | settings)), "http://127.0.0.1"
    ) as client:
        yield Harness(client, held or keys(data), data)


def statuses(service: Harness, read: str, role: str = "guard", times: int = 1) -> list[int]:
    """What comes of the same sighting, so many times."""
    return [
        service.post("/v1/sightings", sighting(read=read), role).status_code for _ in range(times)
    ]


def test_who_was_told_as_much_as_they_may_be_is_told_no_more_for_a_while(tmp_path: Path) -> None:
    with serving(tmp_path, person_bits_a_day=25) as service:
        kept = {"Idempotency-Key": "kept"}
        first = service.post("/v1/sightings", sighting(), headers=kept)
        sent = first.request.content
        assert first.status_code == 201
        assert statuses(service, "8X-KV-41", times=3) == [201, 201, 429]
        refused = service.post("/v1/sightings", sighting())
        assert refused.json()["type"] == "urn:plate-match:budget"
        assert refused.headers["content-type"] == "application/problem+json"
        assert 3_600 < int(refused.headers["retry-after"]) < 86_400
        assert "8XKV41" not in refused.text
        header, payload = audited(service)[-1]
        assert (header["action"], header["reasons"]) == ("refused", ["budget"])
        assert payload["reads"] == ["8X-?V-41"]
        again = service.post("/v1/sightings", sent, headers=kept)
        assert (again.status_code, again.content) == (201, first.content)
        assert statuses(service, "8X-KV-41", "other guard") == [201]
        assert statuses(service, "8X-KV-41", "dispatch", times=5) == [201] * 5
    with serving(tmp_path, service.keys, person_bits_a_day=25) as restarted:
        assert statuses(restarted, "8X-KV-41") == [429]


def test_what_is_refused_leaves_its_key_unused_and_is_matched_for_the_control_room(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, person_bits_a_day=10) as service:
        assert statuses(service, "8X-KV-41", times=2) == [201, 429]
        for _ in range(2):
            refused = service.post(
                "/v1/sightings", sighting(), headers={"Idempotency-Key": "unused"}
            )
            assert refused.status_code == 429
        history = service.post("/v1/hits/search", {}, "dispatch").json()["items"]
        assert len({hit["sightingId"] for hit in history}) == 4
        assert {hit["disposition"] for hit in history} == {"alert"}
        untold = service.get(f"/v1/sightings/{history[0]['sightingId']}").json()
        assert (untold["hits"], untold["notListed"]) == ([], None)


def test_what_is_sent_again_while_it_is_refused_alerts_the_control_room_once(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, person_bits_a_day=10) as service:
        assert statuses(service, "8X-KV-41") == [201]
        sent, other = sighting(), sighting(note="once more")
        again = [sent, sent, other, sent]
        assert [service.post("/v1/sightings", one).status_code for one in again] == [429] * 4
        history = service.post("/v1/hits/search", {}, "dispatch").json()["items"]
        assert len({hit["sightingId"] for hit in history}) == 3
        assert sum(header["action"] == "refused" for header, _ in audited(service)) == 4


def test_who_is_refused_is_searched_once_for_the_control_room_and_their_budget(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, person_bits_a_day=10) as service:
        assert statuses(service, "8X-KV-41", times=4) == [201, 429, 429, 429]
        told = service.get("/metrics", None).text
        assert 'plate_match_lookup_duration_seconds_count{phase="search"} 4.0' in told
        history = service.post("/v1/hits/search", {}, "dispatch").json()["items"]
        assert len({hit["sightingId"] for hit in history}) == 4


def test_who_is_refused_is_told_the_same_wait_by_what_is_known_here_as_by_the_database(
    tmp_path: Path,
) -> None:
    def wait(read: str) -> int:
        refused = service.post("/v1/sightings", sighting(read=read))
        assert refused.status_code == 429
        return int(refused.headers["retry-after"])

    with serving(tmp_path, person_bits_a_day=10) as service:
        assert statuses(service, "8X-KV-41") == [201]
        by_database, here = (wait("8XK*") for _ in range(2))
        assert by_database == pytest.approx(here, abs=20)
        assert wait("8X-KV-41") < here - 3_600


def test_a_hit_that_is_kept_back_costs_what_none_of_these_tells_of_it(tmp_path: Path) -> None:
    with serving(tmp_path, person_bits_a_day=6) as service:
        told = service.report("guard", read="G*")
        assert told["hits"] == []
        assert told["notListed"] < 0.95
        assert statuses(service, "G*") == [429]
        nothing = service.report("other guard", read="H*")
        assert nothing["notListed"] > 0.98
        assert statuses(service, "H*", "other guard") == [201]


def test_guards_of_one_firm_share_what_their_firm_may_be_told(tmp_path: Path) -> None:
    with serving(tmp_path, firm_bits_a_month=80) as service:
        assert statuses(service, "8X-KV-41") == [201]
        assert statuses(service, "8X-KV-41", "other guard", times=2) == [201, 429]
        assert statuses(service, "8X-KV-41") == [429]


def test_a_month_ends_what_many_days_add_up_to(tmp_path: Path) -> None:
    with serving(tmp_path, person_bits_a_month=40) as service:
        assert statuses(service, "8X-KV-41", times=2) == [201, 429]


def test_a_read_that_says_too_little_is_refused_to_a_guard_alone(tmp_path: Path) -> None:
    with serving(tmp_path, least_bits=Settings(data=tmp_path).least_bits) as service:
        little = service.post("/v1/sightings", sighting(read="8?"))
        assert faults(little) == {("/read", "too-little")}
        assert statuses(service, "8?", "dispatch") == [201]
        for read in ("8XK*", "XKV", "*V41", "12"):
            assert statuses(service, read) == [201]


def test_a_batch_is_taken_as_far_as_there_is_room_for_it(tmp_path: Path) -> None:
    with serving(tmp_path, person_bits_a_day=15) as service:
        several = {"sightings": [sighting(read="8X-KV-41") for _ in range(4)]}
        told = service.post("/v1/sightings/batch", several)
        assert [one["status"] for one in told.json()["results"]] == [201, 201, 429, 429]
        assert "retry-after" not in told.headers
        refused = service.post("/v1/sightings/batch", several)
        assert {one["status"] for one in refused.json()["results"]} == {429}
        assert int(refused.headers["retry-after"]) > 60


def test_a_guard_is_told_none_of_these_in_steps_and_dispatch_to_the_last_digit(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as service:
        told = [service.report(role, read="8XKV?")["notListed"] for role in ("guard", "dispatch")]
    assert told[0] == pytest.approx(told[1], abs=0.005)
    assert round(told[0], 2) == told[0]
    assert round(told[1], 2) != told[1]


def test_requests_are_counted_by_key_and_the_rest_is_told(tmp_path: Path) -> None:
    with serving(tmp_path, requests_a_minute=3) as service:
        told = [service.get("/v1/hotlist") for _ in range(4)]
        assert [one.status_code for one in told] == [200, 200, 200, 429]
        left = [int(one.headers["ratelimit-remaining"]) for one in told]
        assert left == [2, 1, 0, 0]
        assert {one.headers["ratelimit-limit"] for one in told} == {"3"}
        assert all(1 <= int(one.headers["ratelimit-reset"]) <= 61 for one in told)
        assert told[3].json()["type"] == "urn:plate-match:too-many-requests"
        assert told[3].headers["retry-after"] == told[3].headers["ratelimit-reset"]
        assert service.get("/v1/hotlist", "dispatch").status_code == 200
        assert "ratelimit-limit" not in service.get("/livez", None).headers


def rates(response: Response) -> list[int]:
    """What is left of the requests of a minute, of how many."""
    return [int(response.headers[f"ratelimit-{name}"]) for name in ("remaining", "limit")]


def test_each_sighting_of_a_batch_counts_as_a_request(tmp_path: Path) -> None:
    def sent(service: Harness, many: int) -> Response:
        batch = {"sightings": [sighting() for _ in range(many)]}
        return service.post("/v1/sightings/batch", batch)

    with serving(tmp_path, requests_a_minute=10) as service:
        taken = sent(service, 4)
        assert {one["status"] for one in taken.json()["results"]} == {201}
        assert rates(taken) == [6, 10]
        assert rates(sent(service, 1)) == [5, 10]
        before = len(service.post("/v1/hits/search", {}, "dispatch").json()["items"])
        partly = sent(service, 8)
        results = partly.json()["results"]
        assert [one["status"] for one in results] == [201] * 5 + [429] * 3
        problems = {one["problem"]["type"] for one in results[5:]}
        assert problems == {"urn:plate-match:too-many-requests"}
        assert rates(partly) == [0, 10]
        assert 1 <= int(partly.headers["ratelimit-reset"]) <= 61
        assert "retry-after" not in partly.headers
        after = len(service.post("/v1/hits/search", {}, "dispatch").json()["items"])
        assert after - before == 5
        refused = sent(service, 2)
        assert (refused.status_code, rates(refused)) == (429, [0, 10])
        assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
        assert statuses(service, "8X-KV-41") == [429]


def test_a_batch_that_is_refused_whole_counts_as_one_request(tmp_path: Path) -> None:
    with serving(tmp_path, requests_a_minute=10) as service:
        bad = service.post("/v1/sightings/batch", {"sightings": [sighting()] * 5, "x": 1})
        assert (bad.status_code, rates(bad)) == (400, [9, 10])


def test_what_was_not_taken_of_a_batch_goes_first_when_it_is_sent_again(tmp_path: Path) -> None:
    several, key = {"sightings": [sighting() for _ in range(4)]}, {"Idempotency-Key": "k"}
    with serving(tmp_path, requests_a_minute=6) as service:
        for _ in range(3):
            service.get("/v1/hotlist")
        first = service.post("/v1/sightings/batch", several, headers=key)
        assert [one["status"] for one in first.json()["results"]] == [201, 201, 201, 429]
    with serving(tmp_path, service.keys, requests_a_minute=2) as again:
        second = again.post("/v1/sightings/batch", several, headers=key)
        assert [one["status"] for one in second.json()["results"]] == [201, 429, 429, 201]
        assert second.json()["results"][0] == first.json()["results"][0]
        assert "idempotency-replayed" not in second.headers


def test_what_is_refused_of_a_batch_is_one_record_for_each_reason_with_all_that_was_typed(
    tmp_path: Path,
) -> None:
    two_looks = sighting(read="12-ABC-3", alsoRead=[{"read": "12-AB*"}])
    told_not = [two_looks, sighting(read="8X-KV-41"), sighting(read="GV-123-B")]
    with serving(tmp_path, person_bits_a_day=10) as service:
        assert statuses(service, "8X-KV-41") == [201]
        for many in (3, 1):
            service.post("/v1/sightings/batch", {"sightings": told_not[:many]})
        refused = [one for one in audited(service) if one[0]["action"] == "refused"]
        assert [header["reasons"] for header, _ in refused] == [["budget"]] * 2
        assert [header.get("times") for header, _ in refused] == [3, None]
        tried = sorted(refused[0][1]["tried"])
        assert tried == [["12-ABC-3", "12-AB*"], ["8X-KV-41"], ["GV-123-B"]]
        assert refused[1][1]["reads"] == ["12-ABC-3", "12-AB*"]
        assert not [one for one in refused if "8X-KV-41" in str(one[0])]
        actions = [header["action"] for header, _ in audited(service)]
        assert actions.count("sighting-reported") == 4  # the last one was sent before


def test_what_is_refused_of_a_batch_that_is_cut_short_is_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never_ends(state: State, sent: Sent) -> Reported:
        if b"GV-123-B" in sent.body:
            await asyncio.Event().wait()
        return await report(state, sent)

    monkeypatch.setattr(batches, "report", never_ends)
    several = [sighting(read=read) for read in ("8X-KV-41", "8X-KV-41", "GV-123-B")]
    with serving(tmp_path, person_bits_a_day=10) as service:
        assert statuses(service, "8X-KV-41", times=2) == [201, 429]
        monkeypatch.setattr(edge, "ANSWER_SECONDS", 0.5)
        assert service.post("/v1/sightings/batch", {"sightings": several}).status_code == 503
        header, payload = audited(service)[-1]
        assert (header["reasons"], header["times"]) == (["budget"], 2)
        assert payload["tried"] == [["8X-KV-41"]] * 2


def test_without_a_limit_no_header_tells_of_one(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        assert not [one for one in service.get("/v1/hotlist").headers if "ratelimit" in one]
    assert Rates(0).take("anybody", 7) is None


def test_a_walk_is_slowed_while_others_go_on(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        for digit in range(5):
            assert statuses(service, f"8-XKV-5{digit}") == [201]
        until = time.monotonic() + 20
        while (refused := statuses(service, "GV-123-B")) == [201] and time.monotonic() < until:
            time.sleep(0.05)
        assert refused == [429]
        told = service.post("/v1/sightings", sighting())
        assert told.json()["type"] == "urn:plate-match:budget"
        assert 1 <= int(told.headers["retry-after"]) <= 60
        assert statuses(service, "GV-123-B", "other guard") == [201]
        assert "walk-detected" in {header["action"] for header, _ in audited(service)}
        assert 'plate_match_walks_total{pattern="one-symbol"} 1.0' in (
            service.get("/metrics", None).text
        )
