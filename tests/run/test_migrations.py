from alembic import command
from alembic.config import Config

from app.db import MIGRATIONS


def test_the_migrations_make_the_tables_that_the_code_describes(database_url: str) -> None:
    config = Config(attributes={"database_url": database_url})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.check(config)
