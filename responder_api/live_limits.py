"""List what a node allows on `/live`, and how often it looks: every number in one place, each with its reason."""

from typing import Final

import msgspec

MESSAGE_MOST: Final = 64 * 1024
"""Bytes a client's message may have."""
PART_MOST: Final = 48 * 1024
"""Bytes of documents put into one part of a snapshot; a single larger document gets a part of its own."""
DEPTH_MOST: Final = 32
"""Levels of nesting a client's message may have; the deepest honest one has three."""
STEP_BYTES: Final = 32 * 1024
"""Handed over to a client that is behind before it must have taken them."""
FAULTS_MOST: Final = 5
"""Frames that cannot be understood before a client is sent away."""
INBOX_MOST: Final = 16
"""Messages waiting to be handled before a client is not read any more."""
SNAPSHOTS_AT_ONCE: Final = 512
"""Snapshots under way: the one thing whose memory grows with the number of clients that come at once."""
SIGN_INS_AT_ONCE: Final = 64
RESYNCS_MOST: Final = 3
"""Times a client that is catching up may lose its footing in the feed before it is told to come back later."""
COMING_BACK_PER_S: Final = 1_000
"""Clients that are sent away are spread so that so many come back in a second."""
TICK_S: Final = 1.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one socket may hold and how long it may take."""

    queue_bytes: int = 512 * 1024
    """Waiting for a slow client, the transport's own share apart."""
    queue_writes: int = 2_000
    transport_bytes: int = 32 * 1024
    """Given to the transport before bytes wait here."""
    kernel_bytes: int = 128 * 1024
    """The kernel's send buffer; left to itself it grows to megabytes of stale news."""
    unsent_bytes: int = 16 * 1024
    """Kept unsent in the kernel: past it the transport is told to wait, so that a ping does not queue behind much."""
    cut_s: float = 10.0
    """From a close frame's writing until the line is cut."""


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """How often a socket is looked after, in seconds."""

    hello: float = 10.0
    """Until the first frame."""
    sign_in: float = 30.0
    """From the first frame until we know who it is: a slow database must not hold sockets for ever."""
    ping: float = 15.0
    pong: float = 20.0
    heartbeat: float = 20.0
    recheck: float = 50.0
    """The latest moment of the next look at the authorisation; with the tick and the answer's way, under 60."""


class LiveSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What one node allows."""

    allowed_origins: frozenset[str] = frozenset()
    """Besides the server's own host."""
    sockets: int = 12_000
    unknown: int = 4_000
    """Sockets that have not said who they are."""
    per_account: int = 64
    drain_s: float = 60.0
    """For each step of catching up: 2G does some 2 KB/s on a good day."""
    handle_s: float = 30.0
    """For an answer to be taken down."""
    rhythm: Rhythm = Rhythm()
    limits: Limits = Limits()


DEFAULTS: Final = LiveSettings()
