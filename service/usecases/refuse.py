"""Somebody who is known may not do what they asked for -> on record, whoever it was."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from service import clock
from service.ports import Recorder, StorageError
from service.records import Caller
from service.usecases.acts import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Puts refusals on record."""

    recorder: Recorder
    now: Callable[[], int] = clock.now

    async def __call__(
        self, caller: Caller, what: str, reasons: Sequence[str] = (), *, typed: Sequence[str] = ()
    ) -> None:
        """Record that a caller was refused something; that it cannot be is no reason to allow it.

        `what` is a method and the template of a route, `reasons` are codes: nothing personal.
        `typed` is what was asked about.
        """
        header = {"route": what, "role": caller.role.value, "reasons": list(reasons)}
        act = Act(caller, "refused", header, {"reads": typed} if typed else {})
        with suppress(StorageError):
            await self.recorder.audit(act.event(self.now()))
