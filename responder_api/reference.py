"""Write the pages that are made from tables: `python -m responder_api.reference`, with `--check` to only compare."""

import sys
from pathlib import Path

from responder_api.problems import errors_page
from responder_api.settings_page import settings_page

DOCS = Path(__file__).resolve().parent.parent / "docs"


def pages() -> dict[str, str]:
    """Make every page: file name under `docs/` -> text."""
    return {"errors.md": errors_page(), "settings.md": settings_page()}


def stale(docs: Path = DOCS) -> list[str]:
    """Name the pages that are missing or differ from their table."""
    return [name for name, text in pages().items() if not _is(docs / name, text)]


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def main() -> int:
    """Write the pages that are out of date, or only name them with `--check`; returns the exit status."""
    out_of_date = stale()
    for name in out_of_date:
        if "--check" in sys.argv[1:]:
            sys.stdout.write(f"docs/{name} is out of date: run python -m responder_api.reference\n")
        else:
            DOCS.mkdir(exist_ok=True)
            (DOCS / name).write_text(pages()[name], encoding="utf-8")
            sys.stdout.write(f"docs/{name} written\n")
    return int("--check" in sys.argv[1:] and bool(out_of_date))


if __name__ == "__main__":
    raise SystemExit(main())
