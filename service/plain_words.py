"""What pydantic finds wrong with a declaration -> the same in our words."""

from collections.abc import Mapping
from typing import Any


def in_words(error: Mapping[str, Any]) -> str:
    """Return what is wrong; what we have no words for, as pydantic says it."""
    said: str = _SAID.get(error["type"], error["msg"])
    words, _, bound = said.partition("|")
    if not bound:
        return words
    most = error["ctx"][bound]
    return words.format(f"{most:g}" if isinstance(most, float) else most)


_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is no part of a declaration",
    "string_type": "must be a text",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {} characters|max_length",
    "string_pattern_mismatch": "must be 1 to 64 letters, digits, dots, dashes and underscores",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "path_type": "must be a path",
    "enum": "must be {}|expected",
    "greater_than": "must be more than {}|gt",
    "greater_than_equal": "must be at least {}|ge",
    "less_than_equal": "must be at most {}|le",
}
"""By pydantic's names of faults; `{}` stands for a bound, behind `|` its name there."""
