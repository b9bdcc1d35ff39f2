"""A record of the audit, judged lawful or not by an auditor -> that is on record itself."""

from dataclasses import dataclass

from service.errors import NotThere
from service.ports import AuditTrail
from service.records import AuditEvent, Caller
from service.usecases.open_audit import opened_by, opener_told

JUDGED = "audit-judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody finds of the record at a place, and why."""

    seq: int
    lawful: bool
    by: str
    reason: str


def judge(trail: AuditTrail, auditor: Caller, opinion: Opinion, *, now: int) -> None:
    """Put an opinion on record; a later one of the same record counts in its place.

    Raises:
        NotThere: there is no such record.
        StorageUnavailable: it cannot be put on record.
    """
    if trail.row(opinion.seq) is None:
        raise NotThere
    header = {**opened_by(auditor), "judged": opinion.seq, "lawful": opinion.lawful}
    told = {**opener_told(auditor), "by": opinion.by, "reason": opinion.reason}
    trail.add(AuditEvent(now, JUDGED, header, told))
