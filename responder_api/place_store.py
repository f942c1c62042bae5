"""The place names a county has brought in, one file a set, and which names count at a start. I/O.

In the data folder stands `places/`: a file a set, with its places as they were read and what must be known of it, its
licence before all. `cli/places` writes here; `reference_data` asks which names count; `GET /sources` says whom they are
owed to.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

import fixtures
from geo import place_files
from geo.ogr_files import credit
from geo.place_files import PlaceFile, PlaceSource
from geo.place_rows import Reason
from geo.places import Rejected
from geo.resolution import Place
from responder_api.files import put_in_place
from responder_api.settings import Settings

FOLDER: Final = "places"
DEMO_PLACES: Final = "demo/places.csv"
SET: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\.json")
"""Names of the files of sets."""

Origin = Literal["named", "imported", "demo"]
"""A file that the setting or the command line names, else what was imported, else the demo's own."""
ORIGINS: Final[dict[Origin, str]] = {
    "named": "of the file that is named",
    "imported": "imported",
    "demo": "the demo's own",
}
"""Where names come from, in words."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept about a set: whom it is owed to, and what was found in its file.

    `checksum` is the SHA-256 of the file as it was given, `rows` how many it had, `skipped` those that gave no place.
    """

    name: str
    title: str = ""
    source: str
    licence: str
    file: str = ""
    checksum: str = ""
    imported_at: datetime
    imported_by: str = ""
    rows: int
    places: int
    skipped: dict[Reason, int] = {}


class InUse(msgspec.Struct, frozen=True, kw_only=True):
    """The names that count: where they come from, whom they are owed to, and the places themselves."""

    origin: Origin
    sources: tuple[PlaceSource, ...]
    places: tuple[Place, ...]
    skipped: int = 0


class _Set(msgspec.Struct, frozen=True, kw_only=True):
    about: About
    places: tuple[Place, ...]


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    about: About


T = TypeVar("T", _Set, _Head)


class PlaceStore:
    """The sets of place names in one data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    def sets(self) -> tuple[About, ...]:
        """List what is kept of every set, by name; Rejected `places-set-damaged`."""
        return tuple(self.about(path.stem) for path in self.files())

    def files(self) -> list[Path]:
        """List the files of the sets, by name."""
        return sorted(path for path in self.folder.glob("*.json") if SET.fullmatch(path.name))

    def about(self, name: str) -> About:
        """Give what is kept of a set; Rejected `places-set-unknown`, `places-set-damaged`."""
        return self._read(name, _Head).about

    def load(self, name: str) -> tuple[Place, ...]:
        """Give the places of a set; Rejected `places-set-unknown`, `places-set-damaged`."""
        return self._read(name, _Set).places

    def keep(self, found: PlaceFile, about: About) -> bool:
        """Keep a set whole; it takes the place of one of the same name, and then this is False.

        Rejected `places-set-name` for what cannot be a name, `places-no-source` without a source and a licence,
        `places-empty` without places.
        """
        path = self._path(about.name)
        if not about.source or not about.licence:
            given = {"where it comes from (--source)": about.source, "its licence (--licence)": about.licence}
            lacking = " and ".join(what for what, said in given.items() if not said)
            raise Rejected("places-no-source", f"the file does not say {lacking}")
        if not found.places:
            raise Rejected("places-empty", f"none of the {found.rows} rows gives a place")
        self.folder.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        put_in_place(path, msgspec.json.encode(_Set(about=about, places=found.places)))
        return new

    def remove(self, name: str) -> None:
        """Take a set away; Rejected `places-set-unknown`."""
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise self._unknown(name) from None

    def _path(self, name: str) -> Path:
        if not SET.fullmatch(f"{name}.json"):
            raise Rejected("places-set-name", f"{name[:80]!r} cannot name a set: use 1 to 64 of a-z, 0-9, - and _")
        return self.folder / f"{name}.json"

    def _unknown(self, name: str) -> Rejected:
        known = ", ".join(path.stem for path in self.files()) or "none"
        return Rejected("places-set-unknown", f"no set {name!r} is kept here; kept: {known}")

    def _read(self, name: str, kind: type[T]) -> T:
        path = self._path(name)
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            raise self._unknown(name) from None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Rejected("places-set-damaged", f"{path}: {error}") from error


def origin_of(settings: Settings) -> Origin:
    """Say which names count: those of the file that is named, else all imported ones, else the demo's."""
    return "named" if settings.places is not None else "imported" if PlaceStore(settings.data).files() else "demo"


def in_use(settings: Settings) -> InUse:
    """Read the names that count; Rejected when a file cannot be used."""
    if settings.places is not None:
        return _of_file("named", settings.places)
    store = PlaceStore(settings.data)
    sets = store.sets()
    if not sets:
        return _of_file("demo", fixtures.path(DEMO_PLACES))
    return InUse(
        origin="imported",
        sources=tuple(
            PlaceSource(name=each.title or each.name, source=each.source, licence=each.licence, places=each.places)
            for each in sets
        ),
        places=tuple(place for each in sets for place in store.load(each.name)),
        skipped=sum(sum(each.skipped.values()) for each in sets),
    )


def _of_file(origin: Origin, path: Path) -> InUse:
    found = place_files.read(path)
    owed = credit(found.about)
    source = PlaceSource(
        name=owed.name or path.name, source=owed.source, licence=owed.licence, places=len(found.places)
    )
    return InUse(origin=origin, sources=(source,), places=found.places, skipped=sum(found.counts.values()))
