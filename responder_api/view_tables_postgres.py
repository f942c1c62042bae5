"""The tables of the read model in the cluster's database; `view_tables` has those of the embedded file.

They are made with the others by `streams.cluster.tables.prepare`. Text that is sorted or compared is so by its bytes
(`COLLATE "C"`), as SQLite does it and Python: the order in which documents are paged through is the same everywhere.
"""

from typing import Final

PHONE: Final = """substring(encode(value, 'escape') from '"phone":"([+0-9]+)"')"""
"""The number in a responder's document. By its text: a JSON function would refuse a document with a NUL somewhere."""

_DOCUMENT: Final = """
    kind TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, audience TEXT NOT NULL, value BYTEA NOT NULL,
    "key" TEXT, over DOUBLE PRECISION, PRIMARY KEY (kind, id)
"""
SCHEMA: Final = (
    f"CREATE TABLE IF NOT EXISTS view ({_DOCUMENT})",
    f"CREATE TABLE IF NOT EXISTS filed ({_DOCUMENT})",
    'CREATE INDEX IF NOT EXISTS view_over ON view ("key", over) WHERE over IS NOT NULL',
    f"CREATE INDEX IF NOT EXISTS view_phone ON view (({PHONE})) WHERE kind = 'responder'",
    """
    CREATE TABLE IF NOT EXISTS feed (
        "offset" BIGINT PRIMARY KEY, kind TEXT NOT NULL, audience TEXT NOT NULL, frame BYTEA NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS part_of (whole TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (whole, part))
    """,
)
