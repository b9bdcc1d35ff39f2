"""Feeds -> one hotlist."""

from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.stage import stage
from plate_match.hotlist import Entry
from tests.strategies import entries


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(entries(), max_size=3)))
def test_the_order_of_feeds_does_not_matter(feeds: dict[str, list[Entry]]) -> None:
    backwards = dict(reversed(feeds.items()))
    assert stage(feeds) == stage(backwards)
    assert len(stage(feeds)) == sum(map(len, feeds.values()))
