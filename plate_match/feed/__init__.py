"""A feed file on its way to a hotlist: lines, rows, entries; one module a step."""

from plate_match.feed.parse import Format
from plate_match.feed.read import Loaded, read_hotlist, read_hotlist_file
from plate_match.feed.validate import Reject

__all__ = ["Format", "Loaded", "Reject", "read_hotlist", "read_hotlist_file"]
