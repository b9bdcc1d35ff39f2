"""`--data` and the settings -> the database and the hotlist versions a command works on."""

from service.adapters.db import Database, open_database
from service.adapters.feed_folder import Declarations
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.usable import unusable
from service.cli.machine_user import machine_user
from service.cli.terminal import WrongUse
from service.errors import CannotStart
from service.lifespan import FEEDS, HOTLIST
from service.settings import Settings


def settings_of(**options: object) -> Settings:
    """Return the settings of a command, which can work in the data folder, or make it.

    Raises:
        WrongUse: as `unchecked_settings`; or the message says why the data folder is of no use.
    """
    settings = unchecked_settings(**options)
    fault = unusable(settings.data)
    if fault is not None:
        raise WrongUse(f"data: {fault}")
    return settings


def unchecked_settings(**options: object) -> Settings:
    """Return the settings, with the options of the command line that were given over them.

    Raises:
        WrongUse: the message names every unknown name and every bad value.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings.load(**given)
    except CannotStart as error:
        raise WrongUse(str(error)) from None


def database_of(settings: Settings) -> Database:
    """Open the database, which is made if it is not there."""
    return open_database(url=settings.database_url, data=settings.data, user=machine_user())


def existing_database(settings: Settings) -> Database:
    """Open the database of a folder that is there.

    Raises:
        WrongUse: there is no such folder: looking into an empty one would tell nothing wrong.
    """
    if not settings.data.is_dir():
        raise WrongUse(f"there is no data folder {settings.data}; name it with --data")
    return database_of(settings)


def declarations_of(settings: Settings) -> Declarations:
    """Return the declarations of feeds in the data folder."""
    return Declarations(settings.data / FEEDS)


def versions_of(settings: Settings) -> HotlistFiles:
    """Return the hotlist versions of the data folder."""
    return HotlistFiles(settings.data / HOTLIST)
