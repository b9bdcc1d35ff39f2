"""Fits the noisy channel.

python -m benchmarks.fit reads FOLDER   misreads -> counts (committed)
python -m benchmarks.fit tables         counts + priors -> plate_match/tables/channel.json
"""

import argparse
from pathlib import Path

from benchmarks.fit.document import CHANNEL, read_counts, write_channel, write_counts
from benchmarks.fit.learn import fit
from benchmarks.fit.reads import GROUPS, grouped


def main() -> None:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("reads").add_argument("folder", type=Path)
    steps.add_parser("tables")
    chosen = parser.parse_args()
    if chosen.step == "reads":
        for name, reads in grouped(chosen.folder).items():
            counts = fit(reads, GROUPS[name])
            write_counts(name, counts)
            each = counts.likelihood / len(reads)
            print(f"{name}: {len(reads)} reads, {each:.4f} nats a read")
    else:
        write_channel({name: read_counts(name) for name in GROUPS})
        print(f"wrote {CHANNEL}")


if __name__ == "__main__":
    main()
