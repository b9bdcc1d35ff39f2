"""Days and times as a Dutch clock shows them -> moments with their offset."""

from datetime import date, datetime, time, timedelta, timezone

_WINTER, _SUMMER = (timezone(timedelta(hours=hours)) for hours in (1, 2))


def begin_of(day: date) -> datetime:
    """Return the moment a day begins in the Netherlands."""
    return by_clock(datetime.combine(day, time()))


def by_clock(shown: datetime) -> datetime:
    """Return the moment when a Dutch clock shows this; where it does so twice, the first.

    The rule is that of the European Union since 1996: summer time from two o'clock on the last
    Sunday of March to three on October's.
    """
    begin = datetime.combine(_last_sunday(shown.year, 3), time(2))
    end = datetime.combine(_last_sunday(shown.year, 10), time(3))
    return shown.replace(tzinfo=_SUMMER if begin <= shown < end else _WINTER)


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
