"""What is on record of a plate -> blocks and lines for people."""

from collections.abc import Callable, Sequence

from service.cli.blocks import Fields, say_blocks, say_rows, second
from service.cli.terminal import page, say
from service.usecases.export_audit import Document


def show(document: Document) -> None:
    """Print what is on record, part by part."""
    for name, title, block in _BLOCKS:
        found: Sequence[Document] = document[name]
        page().print(f"{title}: {len(found):,}")
        say_blocks(list(map(block, found)))
    if document["audit"] is None:
        say("what the audit says of it is shown with --key-file, the key of an auditor")
    else:
        page().print(f"On record: {len(document['audit']):,}")
        say_rows(("Record", "At", "What", "Purpose", "Who"), list(map(_row, document["audit"])))
    if document["damagedVersions"]:
        say(f"versions of the list that cannot be read: {', '.join(document['damagedVersions'])}")


def _listed(one: Document) -> tuple[str, Fields]:
    versions = one["versions"]
    kept = f"{len(versions):,}, {versions[0]}" + (f" to {versions[-1]}" if versions[1:] else "")
    return _lead(one["reference"], one), (
        ("feed", one["feed"]),
        ("whom to call", _joined(one["owner"], one["contact"])),
        ("ground, purpose", _joined(one["legalGround"], one["purpose"])),
        ("from", one["validFrom"]),
        ("until", one["validUntil"]),
        ("versions", kept),
    )


def _entry(one: Document) -> tuple[str, Fields]:
    return _lead(one["id"], one), (
        ("by", _joined(one["person"], one["organisation"])),
        ("reference", one["reference"]),
        ("ground, purpose", _joined(one["legalGround"], one["purpose"])),
        ("put in", second(one["putInAt"])),
        ("until", one["validUntil"]),
        ("withdrawn", _joined(second(one["withdrawnAt"]), one["withdrawn"])),
    )


def _hit(one: Document) -> tuple[str, Fields]:
    ended = one["standDown"]
    return f"{one['hit']}  {second(one['receivedAt'])}  confidence {one['confidence']:.2f}", (
        ("told", _joined(one["person"], one["organisation"])),
        ("alerted", second(one["alertedAt"])),
        ("stood down", ended and ended["reason"]),
        ("judged", _joined(*(judged["identity"] for judged in one["judged"]))),
        ("marked", _joined(one["restrictedAt"] and "restricted", one["correction"])),
    )


def _row(one: Document) -> Sequence[str]:
    told = one["personal"]
    who = _joined(told.get("person"), told.get("by"), one.get("organisation"))
    at, purpose = second(one["at"]), one.get("purpose") or ""
    return str(one["seq"]), at, one["action"], purpose, who


_BLOCKS: Sequence[tuple[str, str, Callable[[Document], tuple[str, Fields]]]] = (
    ("listed", "Listed by a feed", _listed),
    ("entries", "Put in by itself", _entry),
    ("hits", "Hits", _hit),
)


def _lead(named: object, one: Document) -> str:
    return f"{named or 'no reference'}  {'in force' if one['inForce'] else 'not in force'}"


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)
