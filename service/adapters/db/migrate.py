"""Database of any earlier version -> database of this version, before anything else is done.

Any number of processes may start at once: each looks under the writer's lock, so one migrates
and the others find it done.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from service.adapters.db.engine import reading, writing
from service.errors import CannotStart

_SCRIPTS = "service.adapters.db:migrations"


def migrate(engine: Engine) -> None:
    """Bring the database to this version; one that is there already is only looked at.

    Raises:
        CannotStart: the database is of a version that this program does not know.
        StorageUnavailable: the database cannot be read or written.
    """
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    scripts = ScriptDirectory.from_config(config)
    with reading(engine) as connection:
        at = _revision(connection)
    if at == scripts.get_current_head():
        return
    if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
        raise CannotStart(
            f"the database is at revision {at}, which this version of plate-match does not know; "
            "start the newer version that made it"
        )
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
