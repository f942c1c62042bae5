"""What the turns looked at last, in a file that outlives the process, for when nothing in it comes to run any more.

A step that hangs in Python is noted by the watchdog. One that hangs in C and keeps the interpreter to itself (a regular
expression that never ends) stops the watchdog too, and the heartbeats: the next worker would take the event over and
hang on it as well. So the system ends such a process: a timer counts the processor's time and is wound up again by the
watchdog, its signal leaves a trace and kills. The next process of that name finds both, and sets the event aside.
"""

import faulthandler
import mmap
import signal
from pathlib import Path
from typing import Final

import msgspec

from streams.cluster.delivering import Running

SIZE: Final = 1024
_codec = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[str, str, int, int])


class Marker:
    """The file of one worker. `note` in the thread of the turns, `wind` in the watchdog's."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._running = folder / "running"
        self._trace = folder / "held"
        self._held = self._read()
        with self._running.open("a+b") as file:
            file.truncate(SIZE)
            self._map = mmap.mmap(file.fileno(), SIZE)
        self._file = self._trace.open("ab")

    def held(self) -> Running | None:
        """Give what the process before this one looked at when something kept the interpreter to itself."""
        return self._held

    def settled(self) -> None:
        """Take note that it has been set aside."""
        self._held = None
        self._file.truncate(0)

    def note(self, running: Running | None) -> None:
        """Write down what a step looks at now."""
        line = _codec.encode(running) + b"\n"
        self._map[: len(line)] = line

    def watch(self) -> None:
        """Have the timer's signal leave a trace and kill."""
        faulthandler.register(signal.SIGPROF, file=self._file, all_threads=True, chain=True)

    def wind(self, seconds: float) -> None:
        """Let this process use the processor for so long; 0: for as long as it likes."""
        signal.setitimer(signal.ITIMER_PROF, seconds)

    def close(self) -> None:
        """Let go of the files: the process ends in good order."""
        self.wind(0.0)
        faulthandler.unregister(signal.SIGPROF)
        self._map.close()
        self._file.close()

    def _read(self) -> Running | None:
        try:
            if not self._trace.stat().st_size:
                return None
            return Running(*_decoder.decode(self._running.read_bytes().partition(b"\n")[0]))
        except (OSError, msgspec.DecodeError):
            return None
