"""`plate-match audit review` and `judge`: what of a month is to be judged lawful or not."""

from datetime import datetime
from pathlib import Path

from service import clock
from service.cli.auditor import required_auditor
from service.cli.blocks import Fields, say_blocks, second
from service.cli.store import existing_database, settings_of
from service.cli.terminal import Refused, WrongUse, page, say, say_json
from service.errors import AnotherWord, NotThere, NoWord
from service.usecases.judge_act import Opinion
from service.usecases.judge_act import judge as put_on_record
from service.usecases.peers import LEAST_PEERS, SHARES, Outlier
from service.usecases.review_audit import Document, Item, Review, ReviewAudit, Wish
from service.usecases.seeds import Month

_LONGEST_WORD = 200
"""Characters."""


def review(month: str, wish: Wish, *, key_file: Path, data: Path | None, as_json: bool) -> None:
    """Print the list of a month; that it was made is on record before.

    Raises:
        WrongUse: there is no such month, or no word that it can be drawn by.
        Refused: the key is not that of an auditor.
    """
    asked = _month(month)
    if wish.word is not None and not 0 < len(wish.word.strip()) <= _LONGEST_WORD:
        raise WrongUse(f"--word: must be 1 to {_LONGEST_WORD} characters")
    with existing_database(settings_of(data=data)) as database:
        auditor = required_auditor(database, key_file, "audit review")
        roles = {one.id: one.role.value for one in database.credentials.all()}
        try:
            found = ReviewAudit(database.audit, roles)(auditor, asked, wish, now=clock.now())
        except (NoWord, AnotherWord) as error:
            raise WrongUse(f"--word: {error}") from None
    if as_json:
        say_json(_document(found))
        return
    say_blocks(list(map(_block, found.items)))
    if not found.items:
        page().print(f"nothing of {asked.name} is to be judged")
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
    seed = found.seed
    if seed is not None:
        by = "" if seed.first is None else f", the word of record {seed.first}"
        say(f"drawn from {found.records:,} records of {found.people:,} people{by}")
        say(f"last record {seed.head.seq}, hash {seed.head.hash.hex()}")
        if seed.late:
            say(f"{seed.late:,} records of the month were written after it was first drawn")
    say(f"{judged:,} judged, {len(found.items) - judged:,} open; the list is on record itself")
    if found.provisional:
        say("the month is not over: the list is provisional, and the last one will be another")
    if found.peerless:
        roles = ", ".join(found.peerless)
        say(f"fewer than {LEAST_PEERS} people, so nobody to compare with: {roles}")


def _block(item: Item) -> tuple[str, Fields]:
    document, actor, judged = item.document, item.actor, item.judged
    purpose = f" ({document['purpose']})" if document.get("purpose") else ""
    found = "open" if judged is None else "lawful" if judged["lawful"] else "not lawful"
    why = [*(["drawn at random"] if item.sample else []), *map(_why, item.outliers)]
    return f"{document['seq']}  {second(document['at'])}  {document['action']}{purpose}  {found}", (
        ("who", ", ".join(filter(None, (actor.who, actor.role, actor.organisation)))),
        ("said", _said(document["personal"])),
        ("why", "; ".join(why)),
    )


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
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _why(outlier: Outlier) -> str:
    what = outlier.measure.replace("-", " ")
    if outlier.measure in SHARES:
        return f"{what}: {outlier.value:.0%}, median {outlier.median:.0%}"
    return f"{what}: {outlier.value:,.0f}, median {outlier.median:,.0f}"


def _document(found: Review) -> Document:
    seed = found.seed
    return {
        "month": found.month.name,
        "provisional": found.provisional,
        "head": seed and {"seq": seed.head.seq, "hash": seed.head.hash.hex()},
        "word": seed and seed.word,
        "seed": seed and seed.seed.hex(),
        "drawnFirst": seed and seed.first,
        "late": seed.late if seed else 0,
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
