"""`plate-match --version`: which program, model and kernel answer here."""

from importlib.metadata import version

from plate_match import kernel
from plate_match.matcher import Matcher
from plate_match.registry import Registry


def version_line(registry: Registry | None = None) -> str:
    """Return the versions of the program and the model, and the kernel in use.

    Args:
        registry: that the model weighs against, if there is one.
    """
    model = Matcher.build([], registry=registry).version
    return f"plate-match {version('plate-match')}, model {model}, kernel {kernel.name()}"
