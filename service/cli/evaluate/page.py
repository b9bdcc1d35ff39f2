"""The document of an evaluation -> one page that needs nothing but itself."""

from collections.abc import Iterable, Sequence
from html import escape

from service.cli.evaluate.charts import alert_chart, reliability_chart
from service.cli.evaluate.tables import at_rate, error, percent, rates_of, stream_of
from service.cli.evaluate.verdict import Document

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --paper: #ffffff; --c0: #0b5cad; --c1: #b3590a; --c2: #6e7781; --c3: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --line: #30363d;
  --paper: #0d1117; --c0: #6cb6ff; --c1: #f0a35e; --c2: #9da7b3; --c3: #57ab5a; } }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
p { color: var(--soft); max-width: 46rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; }
.figures div { border: 1px solid var(--line); border-radius: 6px; padding: .6rem .75rem; }
.figures b { display: block; font-size: 1.35rem; } .figures span { color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
  gap: 1.5rem; }
figure { margin: 0; } figcaption, .legend { color: var(--soft); font-size: .9rem; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); } .even { stroke: var(--soft); stroke-dasharray: 4 4; }
.line { fill: none; stroke-width: 2.5; }
.line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); }
.line.c2 { stroke: var(--c2); stroke-dasharray: 2 4; }
.line.c3 { stroke: var(--c3); stroke-dasharray: 8 4; }
circle.c0 { fill: var(--c0); fill-opacity: .8; }
.legend i { display: inline-block; width: 1.5rem; margin: 0 .35rem .2rem .8rem;
  border-top: 3px solid; }
i.c0 { color: var(--c0); } i.c1 { color: var(--c1); }
i.c2 { color: var(--c2); border-top-style: dotted; }
i.c3 { color: var(--c3); border-top-style: dashed; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
"""


def page_of(document: Document) -> str:
    """Return the page: figures first, then the two drawings, then every segment."""
    parts = (
        "<h1>plate-match: what the answers are worth</h1>",
        f"<p>{escape(stream_of(document))}. Model {escape(document['model']['version'])}.</p>",
        *(f"<p><strong>Note:</strong> {escape(note)}.</p>" for note in document["notes"]),
        _figures(document),
        _charts(document),
        _alerts(document),
        _segments(document),
        _calibration(document),
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>plate-match: evaluation</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _figures(document: Document) -> str:
    told, recall = document["probability"], document["recall"]
    first = document["alerts"][0]["atOnePer"][0]
    figures = (
        ("right plate first", f"{recall['at1']['value']:.1%}"),
        ("in the first five", f"{recall['at5']['value']:.1%}"),
        (
            f"alerted at 1 false in {first['innocent']:,}",
            f"{first['value']:.1%}" if first["resolved"] else "not resolved",
        ),
        ("calibration error above 1 %", f"{told['calibrationError']['value']:.4f}"),
        ("Brier", f"{told['brier']:.5f}"),
        ("log loss", f"{told['logLoss']:.5f}"),
    )
    cells = (f"<div><b>{value}</b><span>{name}</span></div>" for name, value in figures)
    return f'<div class="figures">{"".join(cells)}</div>'


def _charts(document: Document) -> str:
    curves = {one["rule"]: one["curve"] for one in document["alerts"]}
    legend = "".join(
        f'<i class="c{number}"></i>{escape(name)}' for number, name in enumerate(curves)
    )
    return (
        '<h2>Does what is said come true?</h2><div class="charts"><figure>'
        f"{reliability_chart(document['probability']['reliability'])}<figcaption>Dots on the "
        "dashed line: said at 70 %, true in 70 %. A larger dot counts for more of the stream."
        f"</figcaption></figure><figure>{alert_chart(curves)}<figcaption>How many wanted "
        "vehicles are found at each rate of false alarms.</figcaption>"
        f'<div class="legend">{legend}</div></figure></div>'
    )


def _alerts(document: Document) -> str:
    heads = [f"at most 1 false in {rate:,}" for rate in rates_of(document)]
    rows = ([one["rule"], *map(at_rate, one["atOnePer"])] for one in document["alerts"])
    return "<h2>Listed vehicles alerted with the right plate</h2>" + _table(["Rule", *heads], rows)


def _segments(document: Document) -> str:
    rows = (
        [
            f"{one['by']}: {one['name'].strip()}",
            f"{one['vehicles']:,}",
            percent(one["recall"]["at1"]),
            percent(one["recall"]["at5"]),
        ]
        for one in document["segments"]
    )
    heads = ["Segment", "Reads", "First", "In five"]
    return "<h2>Recall by segment</h2>" + _table(heads, rows, numbers=1)


def _calibration(document: Document) -> str:
    rows = (
        [
            f"{one['by']}: {one['name'].strip()}",
            f"{one['reads']:,}",
            error(one["calibrationError"]),
            f"{one['byChance']:.4f}",
        ]
        for one in document["probability"]["segments"]
    )
    heads = ["Segment", "Reads above 1 %", "Calibration error", "By chance"]
    bins = (
        [
            f"{one['low']:.0%} to {one['high']:.0%}",
            f"{one['reads']:,}",
            f"{one['share']:.1%}",
            f"{one['confidence']:.1%}",
            f"{one['observed']:.1%}",
        ]
        for one in document["probability"]["reliability"]
    )
    return (
        "<h2>Calibration by segment</h2>"
        + _table(heads, rows, numbers=1)
        + "<h2>Reliability</h2>"
        + _table(["Confidence", "Reads", "Share", "Said", "Came true"], bins, numbers=4)
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """Return a table; so many columns after the first hold plain numbers."""

    def row(tag: str, cells: Sequence[str]) -> str:
        kinds = (' class="n"' if 0 < place <= numbers else "" for place in range(len(cells)))
        inner = (
            f"<{tag}{kind}>{escape(cell)}</{tag}>" for kind, cell in zip(kinds, cells, strict=True)
        )
        return f"<tr>{''.join(inner)}</tr>"

    body = "".join(row("td", cells) for cells in rows)
    return f'<div class="wide"><table>{row("th", heads)}{body}</table></div>'
