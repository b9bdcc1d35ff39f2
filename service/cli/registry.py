"""`plate-match registry`: make a registry of an export of the vehicle register."""

from pathlib import Path

from plate_match.errors import UnreadableExport
from plate_match.feed.read import read_pieces
from plate_match.registry import Registry
from service.cli.outputs import places
from service.cli.terminal import WrongUse, page, progress, say_json


def build(export: Path, output: Path, *, as_json: bool) -> None:
    """Read an export, write its registry, and print what it holds.

    Raises:
        WrongUse: the export cannot be read, or the registry cannot be written; whatever
            was there before is untouched.
    """
    place = places({"--output": output}, {"EXPORT": export})["--output"]
    if not place.parent.is_dir():
        raise WrongUse(f"--output {output}: the folder is not there")
    with progress() as shown:
        shown.phase("reading the export", export.stat().st_size)
        pieces = read_pieces(export, lambda piece: shown.advance(len(piece)))
        try:
            registry = Registry.build(pieces)
        except (UnreadableExport, OSError) as error:
            raise WrongUse(f"nothing was written: {_told(export, error)}") from None
        shown.phase("writing the registry")
        try:
            registry.save(place)
        except OSError as error:
            raise WrongUse(f"nothing was written: {_told(output, error)}") from None
    if as_json:
        say_json(_document(registry))
    else:
        page().print(_sentence(registry, output), soft_wrap=True)


def _told(path: Path, error: Exception) -> str:
    return f"{path}: {error.strerror if isinstance(error, OSError) else error}"


def _sentence(registry: Registry, output: Path) -> str:
    left_out = f"{registry.exported:,} exported"
    if registry.repeated:
        left_out += f", {registry.repeated:,} named once more"
    return (
        f"{registry.name}: {registry.vehicles:,} of {registry.rows:,} vehicles ({left_out}), "
        f"written to {output}"
    )


def _document(registry: Registry) -> dict[str, object]:
    return {
        "name": registry.name,
        "rows": registry.rows,
        "vehicles": registry.vehicles,
        "exported": registry.exported,
        "repeated": registry.repeated,
        "outsideLayouts": len(registry.index.store.keys),
        "makes": bool(registry.makes),
        "colours": bool(registry.colours),
    }
