"""A guard is answered at even steps after asking, so that the time tells nothing of what was found.

What a guard may not know of is searched and put on record all the same, which takes a
millisecond more. An attacker who reports one plate again and again would see it; and who asks for
something else meanwhile would, since one loop serves both. So guards wait whatever they ask.
"""

import asyncio
from collections.abc import Awaitable, Callable

STEP = 0.025
"""Seconds; an answer that waits for nobody else is ready within the first one."""

FINE = 0.002
"""Seconds at the end of a step that are not left to a timer.

Timers count milliseconds from when the loop woke last, which was when the answer was on record.
"""

Wait = Callable[[], Awaitable[object]]


def even_steps(sightings: int = 1, *, needed: bool) -> Wait:
    """Begin to count steps, and return what waits for the end of the one that runs.

    Args:
        sightings: how many are answered at once; steps are as many times longer.
        needed: whether there is anything to hide; if not, nobody waits.
    """
    if not needed:
        return at_once
    loop = asyncio.get_running_loop()
    begun, step = loop.time(), STEP * sightings

    async def end() -> None:
        passed = loop.time() - begun
        until = begun + step * (1 + (passed + FINE) // step)
        await asyncio.sleep(until - FINE - loop.time())
        while loop.time() < until:  # noqa: ASYNC110 - time itself has no event that is as fine
            await asyncio.sleep(0)

    return end


async def at_once() -> None:
    """Wait for nothing."""
