"""Commands that answer reads: `lookup` one, `match` a file of them, `evaluate` labelled ones."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import (
    AsJson,
    BaseRate,
    HotlistFile,
    Limit,
    RegistryFile,
    SourceOption,
    Workers,
    file_to_read,
    file_to_write,
    share,
)

_OF_READS = "id,read and, if present, source, char_conf, make, colour and country"
_TRUTH = "the plate that the vehicle carried"


def lookup(
    *,
    read: Annotated[
        str, typer.Argument(metavar="READ", help='What was seen, as in "8X-?V-41"; - for stdin.')
    ],
    hotlist: HotlistFile,
    source: SourceOption = "eyesight",
    limit: Limit = 5,
    as_json: AsJson = False,
    make: Annotated[str | None, typer.Option(help="Make of the vehicle, in any spelling.")] = None,
    colour: Annotated[str | None, typer.Option(help="Its colour, Dutch or English.")] = None,
    country: Annotated[
        str | None, typer.Option(metavar="CC", help="Country of the plate, as in NL.")
    ] = None,
    least_symbols: Annotated[
        int, typer.Option(min=0, max=10, help="Refuse a read of fewer symbols of the plate.")
    ] = 0,
) -> None:
    """Look one read up in a hotlist file.

    In READ, ? is a symbol that was not seen, * any number of them, [8B] a doubt between two.
    Words work too: "begint met 12". With - every line of stdin is a read. It may begin with a
    dash, as in -AB-12; after -- everything is a read.
    """
    from service.cli.lookup import Asked
    from service.cli.lookup import lookup as work

    seen = {"make": make, "colour": colour, "country": country}
    asked = replace(Asked.of(source, limit, seen), least_symbols=least_symbols)
    work(hotlist, read, asked, as_json=as_json)


def match(
    *,
    hotlist: HotlistFile,
    reads: Annotated[Path, file_to_read(f"CSV of {_OF_READS}.")],
    output: Annotated[Path, file_to_write("CSV of id,rank,plate,confidence,similarity.")],
    rejects: Annotated[
        Path | None, file_to_write("CSV of id,reason for rows that cannot be matched.")
    ] = None,
    source: SourceOption = "eyesight",
    base_rate: BaseRate = None,
    limit: Limit = 5,
    min_confidence: Annotated[
        float, typer.Option(callback=share, help="Least confidence of a hit.")
    ] = 0.01,
    registry: RegistryFile = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Match a file of reads against a hotlist file, on all cores.

    --source fills the rows that name none. Rows with the same id, wherever they stand, are
    looks at one vehicle: they are answered together, where the first of them stands, and its
    make, colour and country are what the first of them that says one says. A vehicle without a
    hit has no row in the output.
    """
    from plate_match.channel import Source
    from service.cli.base_rates import BaseRates
    from service.cli.match import Files, Options
    from service.cli.match import match as work
    from service.cli.workers import cores

    rates = BaseRates.of(base_rate or ())
    options = Options(Source(source), rates, limit, min_confidence, workers or cores())
    work(Files(hotlist, reads, output, rejects, registry), options, as_json=as_json)


def evaluate(
    *,
    hotlist: HotlistFile,
    reads: Annotated[Path, file_to_read(f"CSV as for `match`, and truth: {_TRUTH}.")],
    source: SourceOption = "eyesight",
    base_rate: BaseRate = None,
    registry: RegistryFile = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help="Where to save evaluation.json and evaluation.html.",
        ),
    ] = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Judge what `match` would answer by what is true.

    Recall, alerts at fixed rates of false alarms, and whether what is said at 70 % comes true
    in 70 %: on a stream of reads with the stated base rate of listed vehicles, beside
    RapidFuzz, exact match, and one look-alike character. docs/evaluate.md explains every figure.
    """
    from plate_match.channel import Source
    from service.cli.base_rates import BaseRates
    from service.cli.evaluate.command import Files
    from service.cli.evaluate.command import evaluate as work
    from service.cli.workers import cores

    files = Files(hotlist, reads, output, registry)
    rates = BaseRates.of(base_rate or ())
    work(files, rates, Source(source), workers=workers or cores(), as_json=as_json)
