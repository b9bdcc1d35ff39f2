"""A month of guards who only report what they see: what it costs them, and who is hindered.

Every sighting is drawn anew, charged by the real budget and looked at by the real detector. What a
question asks and an answer shows comes from the real matcher for some of each kind, and is drawn
from those for the others.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.fishing.world import Cars
from benchmarks.speed.reads import reads
from plate_match import channel as channels
from plate_match.audience import Audience
from plate_match.channel import Source
from plate_match.matcher import Matcher
from plate_match.normalize import normalize
from plate_match.plate import SYMBOLS, Plate
from plate_match.report import Look, Report, read_of
from plate_match.revealed import Question, question_of
from service import clock
from service.disclosure import disclosed
from service.errors import InvalidRequest, OverBudget
from service.limit_ports import GuardsRead
from service.records import Caller, Role
from service.spending import EMPTY, Account, Level, refusal
from service.usecases.budget import Budget, holder_of
from service.usecases.walks import Detector

SHARES = {
    "whole": 0.85,
    "del1": 0.02,
    "transp": 0.01,
    "wild1": 0.05,
    "wild2": 0.03,
    "partial4": 0.02,
    "partial3": 0.02,
}
"""How guards report: assumed. A whole one is misread symbol by symbol as the channel says."""

WANTED = 0.01
"""Share of sightings of a wanted vehicle; half of them of one of a few that many look for."""

SOUGHT = 5
AGAIN = 0.1
"""Share of sightings of a vehicle that the firm saw that day already."""

_KINDS = tuple(SHARES)
_UP_TO = np.cumsum([*SHARES.values()][:-1])

EACH = 250
"""Sightings of each kind that are really matched."""

Rng = np.random.Generator


@dataclass(slots=True)
class Month:
    """What came of it: bits of each guard's days and months, and refusals."""

    sightings: int = 0
    days: dict[tuple[Caller, int], float] = field(default_factory=lambda: defaultdict(float))
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    hindered: set[Caller] = field(default_factory=set)
    walks: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    at: int
    caller: Caller
    kind: str
    wanted: bool
    text: str


def spent(matcher: Matcher, cars: Cars) -> dict[tuple[str, bool], list[tuple[Question, float]]]:
    """Return what sightings of each kind ask, and the bits that their answers reveal."""
    rng = np.random.default_rng(5)
    found = defaultdict(list)
    for kind in SHARES:
        for wanted, source in ((True, cars.listed), (False, cars.others)):
            chosen = rng.choice(len(source), EACH, replace=False).tolist()
            for text in (_read(kind, source[one], rng) for one in chosen):
                result = matcher.search(Report((Look(read_of(text), Source.EYESIGHT),)))
                views = disclosed(result, Audience.GUARD)
                question = question_of(result, Audience.GUARD)
                revealed = question.revealed(len(views.shown.hits), views.untold)
                found[kind, wanted].append((question, revealed))
    return found


def month(matcher: Matcher, cars: Cars, *, budget: Budget, firms: int) -> Month:
    """Play a month of firms with fifty guards each."""
    rng = np.random.default_rng(3)
    costs, made = spent(matcher, cars), Month()
    levels: dict[tuple[str, str], Level] = {}
    for firm in range(firms):
        guards = [Caller(f"{firm}-{one}", Role.GUARD, f"Firm {firm}") for one in range(50)]
        detector = Detector(clock.DAY)
        for number, seen in enumerate(_sightings(guards, cars, rng)):
            made.sightings += 1
            options = costs[seen.kind, seen.wanted]
            cost = options[int(rng.integers(len(options)))]
            if _charged(made, budget, levels, seen=seen, cost=cost):
                _walked(made, budget, levels, read=_read_of(number, seen), detector=detector)
    return made


def _charged(
    made: Month,
    budget: Budget,
    levels: dict[tuple[str, str], Level],
    *,
    seen: _Seen,
    cost: tuple[Question, float],
) -> bool:
    question, revealed = cost

    def level(account: Account) -> Level:
        return levels.get((account.holder, account.kind), EMPTY)

    try:
        charge = budget.charge(seen.caller, question, at=seen.at)
    except InvalidRequest:
        return _refused(made, seen.caller, "says too little")
    except OverBudget:
        return _refused(made, seen.caller, "budget")
    if charge is None:
        raise ValueError("a guard is charged")
    charge = replace(charge, revealed=revealed)
    refused = refusal(charge, level)
    if refused is not None:
        return _refused(made, seen.caller, refused.account.kind)
    for account in charge.accounts[:-1]:
        levels[account.holder, account.kind] = charge.added(account, level(account))
    made.days[seen.caller, seen.at // clock.DAY] += charge.revealed
    return True


def _refused(made: Month, caller: Caller, why: str) -> bool:
    made.refused[why] += 1
    made.hindered.add(caller)
    return False


def _walked(
    made: Month,
    budget: Budget,
    levels: dict[tuple[str, str], Level],
    *,
    read: GuardsRead,
    detector: Detector,
) -> None:
    walk = detector.add(read)
    if walk is not None:
        made.walks += 1
        for caller in walk.callers:
            account = Account.slowed(holder_of(budget.secret, caller))
            levels[account.holder, account.kind] = Level(60.0, read.at)


def _read_of(number: int, seen: _Seen) -> GuardsRead:
    plate = normalize(seen.text)
    plates = (plate,) if isinstance(plate, Plate) else ()
    return GuardsRead(number, seen.at, seen.caller, plates)


def _sightings(guards: Sequence[Caller], cars: Cars, rng: Rng) -> Iterator[_Seen]:
    for day in range(30):
        moments = []
        for guard in guards:
            if rng.random() < 2 / 3:
                begin = day * clock.DAY + int(rng.integers(clock.DAY))
                count = int(rng.integers(10, 61))
                shift = rng.integers(0, 8 * clock.HOUR, count) + begin
                moments += [(at, guard) for at in shift.tolist()]
        sought = [cars.listed[int(one)] for one in rng.integers(len(cars.listed), size=SOUGHT)]
        before: list[str] = []
        for at, guard in sorted(moments, key=lambda one: one[0]):
            kind = _KINDS[int(np.searchsorted(_UP_TO, rng.random()))]
            wanted = bool(rng.random() < WANTED)
            if wanted:
                source: Sequence[str] = sought if rng.random() < 1 / 2 else cars.listed
            else:
                source = before if before and rng.random() < AGAIN else cars.others
            plate = source[int(rng.integers(len(source)))]
            before += [] if wanted else [plate]
            yield _Seen(at, guard, kind, wanted, _read(kind, plate, rng))


_RATES = channels.load().sources[Source.EYESIGHT]
_ALPHABET = SYMBOLS + "-?"
_WEIGHT = np.cumsum(_RATES.weight)
_CONFUSION = np.cumsum(_RATES.confusion, axis=2)


def _read(kind: str, plate: str, rng: Rng) -> str:
    """Return a read of a plate, each symbol as the channel misreads it."""
    table = _CONFUSION[int(np.searchsorted(_WEIGHT, rng.random() * _WEIGHT[-1]))]
    rows = [table[SYMBOLS.index(symbol)] for symbol in plate]
    text = "".join(_ALPHABET[int(np.searchsorted(row, rng.random() * row[-1]))] for row in rows)
    if not any(symbol.isalnum() for symbol in text):
        return plate  # nobody reports what was not seen
    if kind == "whole" or "?" in text or "-" in text:
        return text
    seed = int(rng.integers(1 << 30))
    return next((case.read for case in reads(kind, [text], seed=seed)), text)
