"""Every error the library raises, on one page.

    PlateMatchError
    ├── UnreadablePlate       text that holds nothing to look for
    ├── UnsupportedReport     a part of a report that cannot be weighed yet
    ├── UnreadableHotlist     a hotlist file that cannot be read at all
    ├── FaultyMapping         a mapping of columns that no file can be read by
    ├── UnreadableExport      an export of the register that cannot be read as a whole
    └── DamagedFile           an index or a registry that is not as it was written

None carries a plate or the text that was read: messages end up in logs.
"""


class PlateMatchError(ValueError):
    """Base of all errors raised on purpose by this library."""


class UnreadablePlate(PlateMatchError):
    """The text holds no symbol of a plate; the message says what to change."""


class UnsupportedReport(PlateMatchError):
    """The report holds a part that cannot be weighed; the message names it."""


class UnreadableHotlist(PlateMatchError):
    """The file is no hotlist in any known format; the message says why."""


class FaultyMapping(PlateMatchError):
    """No file can be read by this mapping; `faults` has every reason, the message all of them."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class UnreadableExport(PlateMatchError):
    """The export of the register cannot be read; the message names every fault."""


class DamagedFile(PlateMatchError):
    """A file of ours is not as it was written, or is of another kind or a newer version."""
