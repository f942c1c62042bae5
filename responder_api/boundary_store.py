"""The boundaries a county has brought in, every version of them, and which one counted since when. I/O.

In the data folder stands `boundaries/`: one folder a version (`wards.geojson` under our own column names, `wards.index`
made from it, `about.json`), and `history.jsonl`, to which lines are only ever added. `cli/wards` writes here, a start
reads which version counts and notes that it begins to work with it; `boundary_days` answers for any day from that.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from geo import wards_file
from geo.boundaries import Boundaries
from geo.boundary_geojson import collection
from geo.ogr_files import credit
from geo.places import Rejected
from geo.wards import Wards
from responder_api.files import put_in_place, sync_folder

FOLDER: Final = "boundaries"
HISTORY: Final = "history.jsonl"
SHAPES, INDEX, ABOUT = "wards.geojson", "wards.index", "about.json"
BEFORE_VERSIONS: Final = "wards.geojson"
"""Name, in the data folder, of the one imported file that earlier releases kept; it becomes the first version."""

Did = Literal["activated", "rolled-back", "counts"]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept about a version: where it came from, and what was found when it was looked through.

    `checksum` is the SHA-256 of the file as it was given; `valid_from` is as its source says it. `findings` counts by
    "level kind".
    """

    version: str
    name: str = ""
    source: str = ""
    licence: str = ""
    valid_from: str = ""
    checksum: str = ""
    imported_at: datetime
    imported_by: str = ""
    wards: int
    approximate: bool = False
    schemes: tuple[str, ...] = ()
    findings: dict[str, int] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history: somebody chose a version, or a server began to work with one (`counts`)."""

    at: datetime
    did: Did
    version: str
    by: str


class BoundaryStore:
    """The versions in one data folder; any number of processes may use it at the same time."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER
        self.before_versions = data / BEFORE_VERSIONS

    # --- what is there -----------------------------------------------------------------------------------------------

    def versions(self) -> tuple[About, ...]:
        """List what is kept of every version, the first imported first."""
        found = [self.about(version) for version in self.kept()]
        return tuple(sorted(found, key=lambda about: (about.imported_at, about.version)))

    def kept(self) -> tuple[str, ...]:
        """Name the versions that are kept here, sorted, whether or not what is kept of them can be read."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{ABOUT}")))

    def about(self, version: str) -> About:
        """Give what is kept about a version; Rejected `boundary-version-unknown`, `boundary-store-damaged`."""
        try:
            return msgspec.json.decode((self.folder / version / ABOUT).read_bytes(), type=About)
        except FileNotFoundError:
            raise Rejected("boundary-version-unknown", f"no boundary version {version!r} is kept here") from None
        except msgspec.MsgspecError as error:
            raise Rejected("boundary-store-damaged", f"{self.folder / version / ABOUT}: {error}") from error

    def find(self, said: str) -> str:
        """Find a version by its first letters or by its file's name; Rejected `boundary-version-unknown`."""
        there = self.versions()
        found = [about.version for about in there if said and about.version.startswith(said)]
        found = found or [about.version for about in there if said and about.name == said]
        if len(found) != 1:
            known = ", ".join(about.version for about in there) or "none"
            several = "several boundary versions" if found else "no boundary version"
            raise Rejected("boundary-version-unknown", f"{several} {said!r}; kept here: {known}")
        return found[0]

    def has(self, version: str) -> bool:
        """Tell whether a version is kept here."""
        return bool(version) and (self.folder / version / ABOUT).exists()

    def history(self) -> tuple[Entry, ...]:
        """Give the history, oldest first; Rejected `boundary-store-damaged`."""
        try:
            text = (self.folder / HISTORY).read_bytes()
        except FileNotFoundError:
            return ()
        try:
            return tuple(msgspec.json.decode(each, type=Entry) for each in text.splitlines() if each.strip())
        except msgspec.MsgspecError as error:
            raise Rejected("boundary-store-damaged", f"{self.folder / HISTORY}: {error}") from error

    def chosen(self) -> tuple[str, ...]:
        """Give what was chosen and not taken back, the present choice last; empty when nothing ever was."""
        return _chosen(self.history())

    def active(self) -> str | None:
        """Say which version was chosen last; None when nothing was imported, or only by an earlier release."""
        return next(reversed(self.chosen()), None)

    def before(self) -> str:
        """Say which version was chosen before the present one; Rejected `boundary-nothing-before`."""
        chosen = self.chosen()
        if len(chosen) < 2:
            raise Rejected("boundary-nothing-before", "no other boundary version was chosen before this one")
        return chosen[-2]

    def days(self) -> tuple[tuple[datetime, str], ...]:
        """Say which version servers worked with from when on, ascending.

        A later line takes back the days after its own: a clock was ahead when they were noted, and nothing was seen
        on them, since a server's clock never goes behind what its log has seen (`streams.clock`).
        """
        days: list[tuple[datetime, str]] = []
        for each in self.history():
            if each.did == "counts":
                while days and days[-1][0] > each.at:
                    days.pop()
                if not days or days[-1][1] != each.version:
                    days.append((each.at, each.version))
        return tuple(days)

    def path(self, version: str) -> Path:
        """Give the file to load a version from: its index where this release can read it, else its shapes."""
        folder = self.folder / version
        if not self.has(version):
            raise Rejected("boundary-version-unknown", f"no boundary version {version!r} is kept here")
        return folder / INDEX if wards_file.is_current(folder / INDEX) else folder / SHAPES

    def load(self, version: str) -> Wards:
        """Load the wards of a version; one whose index is damaged or of an earlier layout from its shapes.

        Rejected `boundary-version-unknown`, or `boundary-store-damaged` when it is not what was kept.
        """
        path = self.path(version)
        try:
            wards = Wards.load(path)
        except Rejected:
            if path.name == SHAPES:
                raise
            wards = Wards.load(path.with_name(SHAPES))
        if wards.version != version:
            raise Rejected("boundary-store-damaged", f"{path} holds version {wards.version}")
        if path.name == SHAPES:
            with suppress(OSError):  # a disk that is full or read-only costs a second at the next start, no more
                wards.save(path.with_name(INDEX))
        return wards

    # --- what changes ------------------------------------------------------------------------------------------------

    def keep(self, source: Boundaries, about: About) -> bool:
        """Keep a version whole, after reading it back; False when it was here and only what is said of it is new.

        Rejected `boundaries-not-kept` when what was read back is not what was given.
        """
        with self._lock():
            target = self.folder / about.version
            if self.has(about.version):
                first = self.about(about.version)
                same = msgspec.structs.replace(
                    about,
                    imported_at=first.imported_at,
                    imported_by=first.imported_by,
                    # Whoever says nothing of it this time has not taken back whom it is owed to.
                    source=about.source or first.source,
                    licence=about.licence or first.licence,
                    valid_from=about.valid_from or first.valid_from,
                )
                put_in_place(target / ABOUT, msgspec.json.encode(same))
                return False
            trial = self.folder / f".new-{about.version}"
            shutil.rmtree(trial, ignore_errors=True)
            shutil.rmtree(target, ignore_errors=True)  # without its `about` it was never whole
            trial.mkdir()
            try:
                put_in_place(trial / SHAPES, msgspec.json.encode(collection(source)))
                again = Wards.load(trial / SHAPES)
                if again.version != about.version or again.approximate != source.approximate:
                    said = f"written as {about.version}, read back as {again.version}"
                    raise Rejected("boundaries-not-kept", said)
                again.save(trial / INDEX)
                put_in_place(trial / ABOUT, msgspec.json.encode(about))
                trial.rename(target)
                sync_folder(self.folder)
            finally:
                shutil.rmtree(trial, ignore_errors=True)
        return True

    def activate(self, version: str, at: datetime, by: str) -> Entry:
        """Choose a version; it counts from the next start on. Rejected `boundary-version-unknown`."""
        self.about(version)
        with self._lock():
            return self._add(Entry(at=at, did="activated", version=version, by=by))

    def roll_back(self, at: datetime, by: str) -> Entry:
        """Choose what was chosen before; Rejected `boundary-nothing-before`. Twice goes back two choices."""
        with self._lock():
            return self._add(Entry(at=at, did="rolled-back", version=self.before(), by=by))

    def counts(self, version: str, at: datetime, by: str) -> None:
        """Note that a server works with a version from now on; nothing when the last one did as well."""
        with self._lock():
            days = self.days()
            if not days or days[-1][1] != version or days[-1][0] > at:
                self._add(Entry(at=at, did="counts", version=version, by=by))

    def adopt(self, by: str) -> str | None:
        """Take the one file that an earlier release kept as a version, chosen when it was written; give which.

        None when there is none. May be interrupted anywhere and done again.
        """
        old = self.before_versions
        if not old.is_file():
            return None
        wards = Wards.load(old)
        at = datetime.fromtimestamp(old.stat().st_mtime, UTC)
        about = about_of(wards.source, imported_at=at, imported_by=by)
        self.keep(wards.source, about)
        if self.active() is None:
            self.activate(about.version, at, by)
        old.unlink()
        sync_folder(old.parent)
        return about.version

    def _add(self, entry: Entry) -> Entry:
        path = self.folder / HISTORY
        before = path.read_bytes() if path.exists() else b""
        put_in_place(path, before + msgspec.json.encode(entry) + b"\n")
        return entry

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def about_of(
    source: Boundaries,
    *,
    imported_at: datetime,
    imported_by: str,
    checksum: str = "",
    findings: dict[str, int] | None = None,
) -> About:
    """Say about boundaries what they say of themselves, and how they came here."""
    owed = credit(source.about)
    return About(
        version=source.version,
        name=owed.name,
        source=owed.source,
        licence=owed.licence,
        valid_from=source.about.get("valid_from", ""),
        checksum=checksum,
        imported_at=imported_at,
        imported_by=imported_by,
        wards=len(source.geometries),
        approximate=source.approximate,
        schemes=tuple(source.codes),
        findings=findings or {},
    )


def _chosen(history: Sequence[Entry]) -> tuple[str, ...]:
    chosen: list[str] = []
    for entry in history:
        if entry.did == "rolled-back":
            del chosen[-1:]
        if entry.did != "counts" and chosen[-1:] != [entry.version]:
            chosen.append(entry.version)
    return tuple(chosen)
