"""`plate-match audit review` and `judge`: what of a month is to be judged lawful or not."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from service import clock
from service.cli.auditor import required_auditor
from service.cli.store import existing_database, settings_of
from service.cli.terminal import Refused, WrongUse, page, say, say_json, table
from service.errors import NotThere
from service.usecases.judge_act import Opinion
from service.usecases.judge_act import judge as put_on_record
from service.usecases.peers import LEAST_PEERS, SHARES, Outlier
from service.usecases.review_audit import Document, Item, Month, Review, ReviewAudit


def review(month: str, *, key_file: Path, sample: int, data: Path | None, as_json: bool) -> None:
    """Print the list of a month; that it was made is on record before.

    Raises:
        WrongUse: there is no such month.
        Refused: the key is not that of an auditor.
    """
    asked = _month(month)
    with existing_database(settings_of(data=data)) as database:
        auditor = required_auditor(database, key_file, "audit review")
        roles = {one.id: one.role.value for one in database.credentials.all()}
        found = ReviewAudit(database.audit, roles)(auditor, asked, sample=sample, now=clock.now())
    if as_json:
        say_json(_document(found))
        return
    shown = table("Record", "At", "What", "Who", "Said and shown", "Why", "Judged")
    for item in found.items:
        shown.add_row(*_cells(item))
    page().print(shown if found.items else f"nothing of {asked.name} is to be judged")
    _tell(found)


def judge(opinion: Opinion, *, key_file: Path, data: Path | None) -> None:
    """Put on record what was found of a record.

    Raises:
        WrongUse: a text is empty.
        Refused: there is no such record, or the key is not that of an auditor.
    """
    faults = [
        f"--{name}: goes on record and cannot be empty"
        for name, text in (("by", opinion.by), ("reason", opinion.reason))
        if not text.strip()
    ]
    if faults:
        raise WrongUse("; ".join(faults))
    with existing_database(settings_of(data=data)) as database:
        auditor = required_auditor(database, key_file, "audit judge")
        try:
            put_on_record(database.audit, auditor, opinion, now=clock.now())
        except NotThere:
            raise Refused(f"there is no record {opinion.seq}") from None
    lawful = "lawful" if opinion.lawful else "not lawful"
    page().print(f"record {opinion.seq} is judged {lawful}; that is on record")


def _month(text: str) -> Month:
    try:
        first = datetime.strptime(f"{text} +0000", "%Y-%m %z")
        year, month = divmod(12 * first.year + first.month, 12)
        after = first.replace(year=year, month=month + 1)
    except ValueError:
        raise WrongUse("--month: must be a month, as 2026-11") from None
    return Month(text, clock.to_micros(first), clock.to_micros(after))


def _tell(found: Review) -> None:
    judged = sum(item.judged is not None for item in found.items)
    if found.head is not None:
        say(
            f"drawn from {found.records:,} records of {found.people:,} people by record "
            f"{found.head.seq}, hash {found.head.hash.hex()}"
        )
    say(f"{judged:,} judged, {len(found.items) - judged:,} open; the list is on record itself")
    if found.provisional:
        say("the month is not over: the list is provisional, and the last one will be another")
    if found.peerless:
        roles = ", ".join(found.peerless)
        say(f"fewer than {LEAST_PEERS} people, so nobody to compare with: {roles}")


def _cells(item: Item) -> Iterator[str]:
    document, actor = item.document, item.actor
    yield str(document["seq"])
    yield document["at"]
    yield document["action"] + (f" ({purpose})" if (purpose := document.get("purpose")) else "")
    yield f"{actor.who}, {actor.role}, {actor.organisation}"
    yield _said(document["personal"])
    yield "; ".join([*(["drawn at random"] if item.sample else []), *map(_why, item.outliers)])
    judged = item.judged
    yield "open" if judged is None else "lawful" if judged["lawful"] else "not lawful"


def _said(personal: Document | None) -> str:
    if personal is None:
        return "erased"
    named = {name: value for name, value in personal.items() if name != "person"}
    return "; ".join(f"{name}: {_plain(value)}" for name, value in named.items() if value)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(_plain(one) for one in value.values() if one is not None)
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)


def _why(outlier: Outlier) -> str:
    what = outlier.measure.replace("-", " ")
    if outlier.measure in SHARES:
        return f"{what}: {outlier.value:.0%}, median {outlier.median:.0%}"
    return f"{what}: {outlier.value:,.0f}, median {outlier.median:,.0f}"


def _document(found: Review) -> Document:
    head = found.head
    return {
        "month": found.month.name,
        "provisional": found.provisional,
        "head": head and {"seq": head.seq, "hash": head.hash.hex()},
        "records": found.records,
        "people": found.people,
        "peerless": list(found.peerless),
        "judged": sum(item.judged is not None for item in found.items),
        "open": sum(item.judged is None for item in found.items),
        "items": list(map(_item, found.items)),
    }


def _item(item: Item) -> Document:
    sample = [{"measure": "sample"}] if item.sample else []
    outliers = [
        {
            "measure": one.measure,
            "value": one.value,
            "median": one.median,
            "score": round(one.score, 2),
        }
        for one in item.outliers
    ]
    who = {"role": item.actor.role, "who": item.actor.who}
    return {**item.document, **who, "why": [*sample, *outliers], "judged": item.judged}
