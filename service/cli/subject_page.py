"""What is on record of a plate -> tables for people."""

from collections.abc import Callable, Sequence

from service.cli.terminal import page, say, table
from service.usecases.export_audit import Document

Cells = Callable[[Document], tuple[object, ...]]

_TABLES: tuple[tuple[str, str, tuple[str, ...], Cells], ...] = (
    (
        "listed",
        "Listed by a feed",
        ("Feed", "Whom to call", "Reference", "Ground, purpose", "From, until", "Versions", "Now"),
        lambda one: (
            one["feed"],
            _joined(one["owner"], one["contact"]),
            one["reference"],
            _joined(one["legalGround"], one["purpose"]),
            _joined(one["validFrom"], one["validUntil"]),
            f"{len(one['versions'])}, {one['versions'][0][:16]} to {one['versions'][-1][:16]}",
            "yes" if one["inForce"] else "no",
        ),
    ),
    (
        "entries",
        "Put in by itself",
        ("Entry", "By", "Reference", "Ground, purpose", "Put in, until", "Withdrawn", "Now"),
        lambda one: (
            one["id"],
            _joined(one["person"], one["organisation"]),
            one["reference"],
            _joined(one["legalGround"], one["purpose"]),
            _joined(one["putInAt"], one["validUntil"]),
            _joined(one["withdrawnAt"], one["withdrawn"]),
            "yes" if one["inForce"] else "no",
        ),
    ),
    (
        "hits",
        "Hits",
        ("Hit", "Received", "Told", "Confidence", "Alerted", "Stood down", "Judged", "Marked"),
        lambda one: (
            one["hit"],
            one["receivedAt"],
            _joined(one["person"], one["organisation"]),
            f"{one['confidence']:.2f}",
            one["alertedAt"],
            one["standDown"] and one["standDown"]["reason"],
            _joined(*(judged["identity"] for judged in one["judged"])),
            _joined(one["restrictedAt"] and "restricted", one["correction"]),
        ),
    ),
    (
        "audit",
        "On record",
        ("Record", "At", "What", "Who", "Purpose"),
        lambda one: (
            one["seq"],
            one["at"],
            one["action"],
            _joined(one["personal"].get("person"), one["personal"].get("by"),
                    one.get("organisation")),
            one.get("purpose"),
        ),
    ),
)  # fmt: skip


def show(document: Document) -> None:
    """Print what is on record, table by table."""
    for name, title, columns, cells in _TABLES:
        rows: Sequence[Document] | None = document[name]
        if rows is None:
            say("what the audit says of it is shown with --key-file, the key of an auditor")
            continue
        shown = table(*columns)
        for row in rows:
            shown.add_row(*("" if cell is None else str(cell) for cell in cells(row)))
        page().print(f"{title}: {len(rows):,}")
        if rows:
            page().print(shown)
    if document["damagedVersions"]:
        say(f"versions of the list that cannot be read: {', '.join(document['damagedVersions'])}")


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)
