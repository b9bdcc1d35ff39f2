"""`plate-match --version`: which program, model and kernel answer here."""

from importlib.metadata import version

from plate_match import channel, kernel, population


def version_line() -> str:
    """Return the versions of the program and the model, and the kernel in use."""
    model = f"{channel.load().version}+{population.load().version}"
    return f"plate-match {version('plate-match')}, model {model}, kernel {kernel.name()}"
