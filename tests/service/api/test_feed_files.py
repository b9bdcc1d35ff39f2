"""Files of a feed are handed in, loaded by another process, and told of. All is synthetic."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock
from service.adapters.inbox import Inbox
from service.api.feed_files import FeedFilePage, FeedFileShown
from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import declare, keys, load
from tests.service.api.harness import Harness, audited, faults
from tests.service.api.test_stand_down import soon
from tests.service.feeds import DECLARED

FILES = "/v1/feeds/synthetic/files"
LIST = b"plate,reference\n8XKV41,SYN-1\n8XKV42,SYN-2\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Harness]:
    load(tmp_path)
    declare(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def hand_in(desk: Harness, path: str = FILES, **parts: bytes) -> Any:
    return desk.call("POST", path, "feed", files=dict(parts))


def told(desk: Harness, path: str) -> Any:
    """Return what became of a file once it is loaded."""

    def ready() -> Any:
        response = desk.get(path, "feed")
        return response if response.status_code == 200 else None

    response = soon(ready)
    FeedFileShown.model_validate_json(response.content)
    return response.json()


def test_a_file_that_is_handed_in_is_loaded_and_served(desk: Harness) -> None:
    response = hand_in(desk, file=LIST)
    assert response.status_code == 202
    answer = response.json()
    assert answer == {"id": answer["id"], "feed": "synthetic", "status": "waiting"}
    assert response.headers["location"] == f"{FILES}/{answer['id']}"
    waiting = desk.get(response.headers["location"], "feed")
    assert waiting.status_code in {200, 202}
    file = told(desk, response.headers["location"])
    assert (file["id"], file["accepted"], file["kind"]) == (answer["id"], 2, "full")
    # Of five entries three are lost: the gate says so, and the list stays.
    assert file["refused"].startswith("lost: ")
    made = [header for header, _ in audited(desk) if header["action"] == "feed-file-handed-in"]
    assert [header["file"] for header in made] == [answer["id"]]


def test_a_manifest_is_handed_in_beside_its_file(desk: Harness) -> None:
    response = hand_in(desk, file=LIST, manifest=b"{}", signature=b"x")
    assert "manifest: feed: is missing" in told(desk, response.headers["location"])["refused"]


def test_while_a_file_waits_the_next_one_of_its_feed_is_409(tmp_path: Path) -> None:
    load(tmp_path)
    declare(tmp_path)
    app = create_app(Settings(data=tmp_path))
    with Inbox(tmp_path).taking(), TestClient(app, "http://127.0.0.1") as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        first = hand_in(desk, file=LIST)
        assert first.status_code == 202
        second = hand_in(desk, file=LIST)
        assert (second.status_code, second.json()["type"]) == (409, "urn:plate-match:still-running")
        waiting = desk.get(first.headers["location"], "feed")
        assert (waiting.status_code, waiting.json()["status"]) == (202, "waiting")


def test_a_feed_of_another_owner_or_none_is_not_there(desk: Harness) -> None:
    (desk.data / "feeds" / "west.toml").write_text(DECLARED.replace('"east"', '"west"'))
    (desk.data / "feeds" / "broken.toml").write_text("x")
    for feed in ("west", "east", "broken"):
        path = f"/v1/feeds/{feed}/files"
        before = len(audited(desk))
        assert hand_in(desk, path, file=LIST).status_code == 404
        assert desk.get(path, "feed").status_code == 404
        assert desk.get(f"{path}/0000000000000", "feed").status_code == 404
        refused = audited(desk)[before:]
        wanted = ["feed-file-handed-in", "feed-files-read", "feed-files-read"]
        assert [header["wanted"] for header, _ in refused] == wanted
        assert {header["action"] for header, _ in refused} == {"not-shown"}
        assert {payload["feed"] for _, payload in refused} == {path.split("/")[3]}
        assert desk.get(path, "operator").status_code == 200
    assert [feed["name"] for feed in desk.get("/v1/feeds", "feed").json()["items"]] == ["synthetic"]
    (desk.data / "feeds" / "synthetic.toml").unlink()
    assert desk.get("/v1/feeds", "feed").json()["items"] == []


def test_a_body_that_is_not_those_parts_is_refused(desk: Harness) -> None:
    assert desk.post(FILES, b"plate", "feed").status_code == 415
    media = {"Content-Type": "multipart/form-data"}
    assert desk.call("POST", FILES, "feed", content=b"x", headers=media).status_code == 400
    assert faults(hand_in(desk, manifest=b"{}")) == {("/file", "missing")}
    assert faults(hand_in(desk, file=LIST, other=b"x")) == {("", "unknown-field")}
    twice = [("file", LIST), ("file", LIST)]
    response = desk.call("POST", FILES, "feed", files=twice)
    assert faults(response) == {("/file", "repeated-name")}
    many = [(f"file{number}", LIST) for number in range(9)]
    response = desk.call("POST", FILES, "feed", files=many)
    assert faults(response) == {("", "broken-multipart")}
    assert not list((desk.data / "inbox").glob("*/*"))


def test_an_upload_over_the_limit_is_413(desk: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.feed_files.LARGEST_FILE", 1_000)
    assert hand_in(desk, file=b"8XKV41\n" * 1_000).status_code == 413


def test_the_history_of_a_feed_is_told_in_pages(desk: Harness) -> None:
    for _ in range(4):
        load(desk.data)
    first = desk.get(f"{FILES}?limit=3", "auditor")
    page = FeedFilePage.model_validate_json(first.content)
    load(desk.data)
    second = desk.get(f"{FILES}?limit=3&cursor={page.next}", "auditor").json()
    found = [item["id"] for item in (*first.json()["items"], *second["items"])]
    assert len(found) == 5
    assert found == sorted(found, reverse=True)
    assert second["next"] is None
    for wrong in ("limit=0", "limit=201", "limit=x", f"limit={'9' * 5000}", "cursor=x"):
        assert desk.get(f"{FILES}?{wrong}", "auditor").status_code == 400


def drop(data: Path, name: str, content: bytes, *, age: float = 60) -> Path:
    path = data / "drop" / "synthetic" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (clock.now() / clock.SECOND - age,) * 2)
    return path


def test_a_file_that_lies_whole_in_the_drop_folder_is_taken_and_no_other(desk: Harness) -> None:
    declared = desk.data / "feeds" / "synthetic.toml"
    declared.write_text('origin = "drop"\nlargest_share_lost = 1.0\n' + declared.read_text())
    elsewhere = desk.data / "elsewhere"
    elsewhere.write_bytes(b"8XKV49\n")
    young = drop(desk.data, "growing.csv", LIST, age=-600)
    part, hidden = drop(desk.data, "x.part", LIST), drop(desk.data, ".x", LIST)
    link = desk.data / "drop" / "synthetic" / "link.csv"
    link.symlink_to(elsewhere)
    whole = drop(desk.data, "whole.csv", LIST)
    served = soon(lambda: desk.get("/v1/hotlist").json()["entries"] == 2)
    assert served
    (newest, *_) = desk.get(FILES, "auditor").json()["items"]
    assert (newest["accepted"], newest["refused"]) == (2, None)
    assert not whole.exists()
    assert all(one.exists() for one in (young, part, hidden, link))
