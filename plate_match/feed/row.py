"""What a line of any format is before it is known to be an entry."""

from collections.abc import Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """One row by names of fields, with values as JSON has them; `number` is its first line.

    What is wrong with the row as a whole is its `fault`; one that could not be taken apart has no
    fields beside it. A `bare` one is a line that nothing but its content says to be a plate.
    """

    number: int
    fields: Mapping[str, object]
    fault: str = ""
    bare: bool = False
