from plate_match import kernel
from service.api.feed_files import FeedFileShown
from service.api.hotlist import FeedPage, HotlistShown
from tests.service.api.harness import Harness


def test_the_hotlist_in_force_is_told_with_its_feeds(harness: Harness) -> None:
    response = harness.get("/v1/hotlist", "operator")
    shown = response.json()
    assert shown["version"] == harness.report()["hotlist"]["version"]
    assert (shown["entries"], shown["stale"], shown["kernel"]) == (5, False, kernel.name())
    assert [(feed["name"], feed["entries"]) for feed in shown["feeds"]] == [("synthetic", 5)]
    model = HotlistShown.model_validate_json(response.content)
    assert model.model_dump_json(by_alias=True) == response.text


def test_a_firm_counts_what_its_guards_may_know_of_and_its_manager_no_more(
    harness: Harness,
) -> None:
    told = {role: harness.get("/v1/hotlist", role).json() for role in ("guard", "manager")}
    assert told["manager"] == told["guard"]
    assert (told["manager"]["entries"], told["manager"]["feeds"][0]["entries"]) == (4, 4)


def test_feeds_are_told_with_their_newest_file(harness: Harness) -> None:
    response = harness.get("/v1/feeds", "operator")
    FeedPage.model_validate_json(response.content)
    feed = response.json()["items"][0]
    assert (feed["name"], feed["entries"], feed["inForce"]) == ("synthetic", 5, True)
    file = harness.get(f"/v1/feeds/synthetic/files/{feed['file']}", "feed")
    FeedFileShown.model_validate_json(file.content)
    assert file.json()["id"] == feed["file"]
    assert (file.json()["accepted"], file.json()["refused"]) == (5, None)


def test_a_file_that_is_not_there_is_404(harness: Harness) -> None:
    file = harness.get("/v1/feeds", "feed").json()["items"][0]["file"]
    for path in (f"other/files/{file}", "synthetic/files/0000000000000", "synthetic/files/x"):
        assert harness.get(f"/v1/feeds/{path}", "feed").status_code == 404
