"""A feed file on its way to a hotlist: lines, rows, entries; one module a step."""

from plate_match.feed.delta import Delta, Step
from plate_match.feed.mapping import Columns, of_table
from plate_match.feed.parse import Format
from plate_match.feed.read import Loaded, Reading, read_delta, read_hotlist, read_hotlist_file
from plate_match.feed.terms import Terms
from plate_match.feed.validate import Reject

__all__ = [
    "Columns",
    "Delta",
    "Format",
    "Loaded",
    "Reading",
    "Reject",
    "Step",
    "Terms",
    "of_table",
    "read_delta",
    "read_hotlist",
    "read_hotlist_file",
]
