"""Arguments of which one is a read -> the same, so that a dash in front makes no option of it."""

import re
from itertools import pairwise
from typing import Any

from typer.core import TyperCommand, TyperOption

_DASHED = re.compile(r"-(?!h$)[^-].*|--+[^-a-z].*", re.DOTALL)
"""What is no option of a command that has only -h and long ones in small letters."""


class ReadCommand(TyperCommand):
    """A command that takes "-AB-12" for a read and not for four options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - of no public type
        """Move a read that begins with a dash to the end, where everything is an argument."""
        options = [one for one in self.params if isinstance(one, TyperOption) and not one.is_flag]
        valued = {name for option in options for name in option.opts}
        moved = [
            place
            for place, (before, text) in enumerate(pairwise(("", *args)))
            if before not in valued and _DASHED.fullmatch(text)
        ]
        if moved and "--" not in args:
            kept = [text for place, text in enumerate(args) if place not in moved]
            args = [*kept, "--", *(args[place] for place in moved)]
        return super().parse_args(ctx, args)
