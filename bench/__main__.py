"""`make bench`: every benchmark beside its peer, one table. `python -m bench wards fanout` runs only those."""

import importlib
import sys
from time import perf_counter

from bench.table import Row, print_table

ALL = (
    "wards",
    "tile38",
    "nearby",
    "areas",
    "fences",
    "wardbench",
    "readings",
    "pipeline",
    "latency",
    "cluster",
    "fanout",
    "idle_sockets",
    "slow_client",
    "come_back",
    "snapshot",
    "restart",
    "cap",
    "map_fps",
)


def main() -> int:
    """Run the named benchmarks (all when none is named) and print the table."""
    names = tuple(sys.argv[1:]) or ALL
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(ALL)}\n")
        return 2
    rows: list[Row] = []
    for name in names:
        began = perf_counter()
        sys.stderr.write(f"{name} ...\n")
        rows += importlib.import_module(f"bench.{name}").run()
        sys.stderr.write(f"{name}: {perf_counter() - began:.0f} s\n")
    print_table(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
