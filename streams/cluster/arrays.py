"""Lists on their way to PostgreSQL: whole columns go as one array, and every turn sends a dozen of them.

psycopg writes an array element by element, in Python. Lists of one plain kind are put together here by a few calls that
run in C; every other list goes psycopg's own way. Statements name the type (`?::uuid[]`), so none is sent along.
"""

from typing import Any, Final

from psycopg import DataError
from psycopg.adapt import Buffer, PyFormat
from psycopg.types.array import ListDumper

_BETWEEN: Final = "\x1f"
"""Stands between elements until they are quoted (the control character called unit separator)."""


class Arrays(ListDumper):
    """Writes a list as the text of an array of a type that the statement names."""

    def get_key(self, obj: list[Any], format: PyFormat) -> type:  # noqa: A002, ARG002  psycopg's
        """Give one key for all lists: this dumper looks at each by itself."""
        return self.cls

    def upgrade(self, obj: list[Any], format: PyFormat) -> "Arrays":  # noqa: A002, ARG002  psycopg's
        """Give itself, whatever the elements are."""
        return self

    def dump(self, obj: list[Any]) -> Buffer | None:
        """Write a list; raises psycopg.DataError for a text with NUL in it, which PostgreSQL does not have."""
        kinds = set(map(type, obj))
        if kinds == {int}:
            return f"{{{str(obj)[1:-1]}}}".encode()
        if kinds == {bytes}:
            return ('{"\\\\x' + '","\\\\x'.join(map(bytes.hex, obj)) + '"}').encode()
        if kinds == {str}:
            text = _BETWEEN.join(obj)
            if "\x00" in text:
                raise DataError("PostgreSQL text cannot contain NUL (0x00)")
            if text.count(_BETWEEN) == len(obj) - 1:
                escaped = text.replace("\\", "\\\\").replace('"', '\\"')
                return ('{"' + escaped.replace(_BETWEEN, '","') + '"}').encode()
        own = ListDumper(self.cls, self._tx).upgrade(obj, PyFormat.TEXT)
        return own.dump(obj)
