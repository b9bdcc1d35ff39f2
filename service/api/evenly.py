"""A guard is answered at even steps after asking, so that the time tells nothing of what was found.

What a guard may not know of is searched and put on record all the same, which takes a
millisecond more. An attacker who reports one plate again and again would see it.
"""

import asyncio

STEP = 0.025
"""Seconds; an answer that waits for nobody else is ready within the first one."""


async def until_step(begun: float, sightings: int = 1) -> None:
    """Wait until a whole number of steps after a moment of the loop's clock.

    A step is as many times longer as sightings are answered at once.
    """
    step = STEP * sightings
    passed = asyncio.get_running_loop().time() - begun
    await asyncio.sleep(step - passed % step)
