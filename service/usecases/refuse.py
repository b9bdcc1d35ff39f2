"""Somebody who is known may not do what they asked for -> on record, whoever it was."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from service import clock
from service.ports import Recorder, StorageError
from service.records import Caller
from service.usecases.acts import Act


class Refusing(Protocol):
    """Puts refusals on record, at once or together."""

    async def __call__(
        self, caller: Caller, what: str, reasons: Sequence[str] = (), *, typed: Sequence[str] = ()
    ) -> None:
        """Record that a caller was refused something; that it cannot be is no reason to allow it.

        `what` is a method and the template of a route, `reasons` are codes: nothing personal.
        `typed` is what was asked about.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Puts each refusal on record at once."""

    recorder: Recorder
    now: Callable[[], int] = clock.now

    async def __call__(
        self, caller: Caller, what: str, reasons: Sequence[str] = (), *, typed: Sequence[str] = ()
    ) -> None:
        """Record a refusal; see `Refusing`."""
        await self.all(caller, what, reasons, tried=[typed])

    async def all(
        self, caller: Caller, what: str, reasons: Sequence[str], *, tried: Sequence[Sequence[str]]
    ) -> None:
        """Record that something was refused, for the same reasons, as often as it was `tried`."""
        several = len(tried) > 1
        header = {
            "route": what,
            "role": caller.role.value,
            "reasons": list(reasons),
            **({"times": len(tried)} if several else {}),
        }
        typed = {"tried": tried} if several else {"reads": tried[0]} if tried[0] else {}
        with suppress(StorageError):
            await self.recorder.audit(Act(caller, "refused", header, typed).event(self.now()))


@dataclass(frozen=True, slots=True)
class RefuseTogether:
    """Gathers what is refused of one request of many parts -> one record for each reason.

    Whoever sends as many parts as they like writes no more records than there are reasons.
    """

    refuse: Refuse
    _tried: dict[tuple[Caller, str, tuple[str, ...]], list[Sequence[str]]] = field(
        default_factory=dict, init=False
    )

    async def __call__(
        self, caller: Caller, what: str, reasons: Sequence[str] = (), *, typed: Sequence[str] = ()
    ) -> None:
        """Gather a refusal."""
        self._tried.setdefault((caller, what, tuple(reasons)), []).append(typed)

    async def record(self) -> None:
        """Record what was gathered, before any of it is answered."""
        for (caller, what, reasons), tried in self._tried.items():
            await self.refuse.all(caller, what, reasons, tried=tried)
