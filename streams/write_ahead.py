"""What SQLite's write-ahead log holds after a crash: what will be taken over, what was never finished, what was lost.

SQLite ends a write-ahead log silently at the first frame that does not check. That is right for a last write that the
power cut off: it was not synced yet, so nobody was promised anything. It is wrong for a bit that flipped in the middle:
whatever was committed after it would vanish without a word. Both are told apart here, before the file is opened.
Next on the road: `log_damage.check_tail` refuses or reports. Format: sqlite.org, "WAL-mode File Format".
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

HEADER, FRAME = 32, 24
"""Bytes before the frames, and before each frame's page."""
_MAGIC = 0x377F0682
"""With the lowest bit set, checksums read the file as big-endian words."""
_GENERATIONS = 1 << 20
_AT_ONCE = 2048
"""Frames that are looked at together."""

_Words: TypeAlias = NDArray[np.uint32]
_Pair: TypeAlias = tuple[int, int]


class WriteAhead(NamedTuple):
    """What a write-ahead log holds: `committed` frames count, `dropped` bytes after them do not.

    `damaged_at` is the byte of the frame that does not check although something was committed after it: that is lost.
    """

    committed: int = 0
    dropped: int = 0
    damaged_at: int | None = None


class _Frame(NamedTuple):
    sound: bool
    """The frame is of this generation, and its checksum follows from the one that the frame before states."""
    ours: bool
    commit: bool
    old: bool
    """Left from before SQLite began the file anew, which adds one to the first salt each time."""


def inspect(database: Path) -> WriteAhead:
    """Look at the write-ahead log beside a database file; nothing is changed, nothing opened by SQLite.

    A server that writes meanwhile can make one look wrong, so damage counts when it is seen three times.
    """
    path = database.with_name(database.name + "-wal")
    found = WriteAhead()
    for _ in range(3):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return WriteAhead()
        found = _judge(data)
        if found.damaged_at is None:
            break
    return found


def _judge(data: bytes) -> WriteAhead:
    if len(data) < HEADER:
        return WriteAhead(dropped=len(data))
    magic, _, page, _, *salts = struct.unpack(">6I", data[:24])
    whole = magic | 1 == _MAGIC | 1 and page >= 512 and page & (page - 1) == 0
    order = ">u4" if magic & 1 else "<u4"
    if not whole or _checksum(_words(data[:24], order), (0, 0)) != struct.unpack(">2I", data[24:32]):
        return _headless(data, order)
    return _tail(data, page, list(_frames(data, page, order, struct.pack(">2I", *salts))))


def _tail(data: bytes, page: int, frames: list[_Frame]) -> WriteAhead:
    sound = next((i for i, frame in enumerate(frames) if not frame.sound), len(frames))
    committed = max((i + 1 for i in range(sound) if frames[i].commit), default=0)
    size = FRAME + page
    begun = max((i + 1 for i, frame in enumerate(frames) if not frame.old), default=0)
    rest = (len(data) - HEADER) % size if begun == len(frames) else 0
    dropped = max(0, begun - committed) * size + rest
    # A commit is synced before the next one is begun: behind the commit that the bad frame belongs to, only what came
    # after its sync can be sound.
    end = next((i + 1 for i in range(sound, begun) if frames[i].ours and frames[i].commit), begun)
    lost = any(frame.sound for frame in frames[end:begun])
    return WriteAhead(committed, dropped, HEADER + sound * size if lost else None)


def _headless(data: bytes, order: str) -> WriteAhead:
    """Judge a log whose header does not check: was anything committed in it? Then frames follow from each other."""
    page = next((p for p in (4096, 1024, 2048, 8192, 16384, 32768, 65536, 512) if _follows(data, p)), None)
    return WriteAhead(dropped=len(data), damaged_at=None if page is None else 0)


def _follows(data: bytes, page: int) -> bool:
    salts = data[HEADER + 8 : HEADER + 16]
    return any(
        frame.sound and i > 0
        for order in ("<u4", ">u4")
        for i, frame in enumerate(_frames(data[: HEADER + 8 * (FRAME + page)], page, order, salts))
    )


def _frames(data: bytes, page: int, order: str, salts: bytes) -> Iterator[_Frame]:
    """Judge each frame by itself, taking the checksum before it as stated."""
    size = FRAME + page
    count = (len(data) - HEADER) // size
    table = np.frombuffer(data, np.uint8, count * size, HEADER).reshape(count, size)
    stated = np.frombuffer(data[24:32] + table[:, 16:24].tobytes(), ">u4").reshape(count + 1, 2)
    ours: NDArray[np.bool_] = (table[:, 8:16] == np.frombuffer(salts, np.uint8)).all(axis=1)
    commit = np.asarray(table[:, 4:8].max(axis=1) > 0)
    first_salt = np.ascontiguousarray(table[:, 8:12]).view(">u4")[:, 0].astype(np.uint32)
    (ours_now,) = np.frombuffer(salts[:4], ">u4").astype(np.uint32)
    old = np.asarray((ours_now - first_salt - np.uint32(1)) < _GENERATIONS)
    for first in range(0, count, _AT_ONCE):
        some = table[first : first + _AT_ONCE]
        words = np.ascontiguousarray(np.delete(some, np.s_[8:FRAME], axis=1)).view(order).astype(np.uint32)
        seeds = stated[first : first + len(some)].astype(np.uint32)
        fit: NDArray[np.bool_] = (_checksums(words, seeds) == stated[first + 1 : first + 1 + len(some)]).all(axis=1)
        for i, fits in enumerate(fit.tolist(), start=first):
            yield _Frame(fits and bool(ours[i]), bool(ours[i]), bool(commit[i]), bool(old[i]))


def _words(data: bytes, order: str) -> _Words:
    return np.frombuffer(data, order).astype(np.uint32)


def _checksum(words: _Words, seed: _Pair) -> _Pair:
    (pair,) = _checksums(words[None, :], np.array([seed], np.uint32)).tolist()
    return pair[0], pair[1]


def _checksums(words: _Words, seeds: _Words) -> _Words:
    """Give SQLite's checksum of each row of words, begun at its seed.

    For every two words a, b: s0 += a + s1, then s1 += b + s0. That is linear in both sums, modulo 2**32, so a row's
    checksum is the seed times one matrix power plus the words times Fibonacci numbers.
    """
    pairs = words.shape[1] // 2
    fibonacci = np.zeros(2 * pairs + 2, np.uint32)
    fibonacci[1] = 1
    for i in range(2, len(fibonacci)):
        fibonacci[i] = (int(fibonacci[i - 1]) + int(fibonacci[i - 2])) & 0xFFFFFFFF
    a, b = words[:, 0::2], words[:, 1::2]
    # The matrix of one round is [[1, 1], [1, 2]]; its n-th power is [[F(2n-1), F(2n)], [F(2n), F(2n+1)]].
    n = np.arange(pairs, 0, -1)
    s0 = a @ fibonacci[2 * n - 1] + b @ fibonacci[2 * n - 2]
    s1 = a @ fibonacci[2 * n] + b @ fibonacci[2 * n - 1]
    p, q, r = fibonacci[2 * pairs - 1], fibonacci[2 * pairs], fibonacci[2 * pairs + 1]
    return np.stack([s0 + p * seeds[:, 0] + q * seeds[:, 1], s1 + q * seeds[:, 0] + r * seeds[:, 1]], axis=1)
