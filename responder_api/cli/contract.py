"""`dharura contract`: write what others build against, or only check it.

For those on Kafka `asyncapi.json` and `events.md`; for clients `documents.schema.json`, and of the same the pages' own
`contract.ts`, which stands where the pages are built.
"""

import argparse
import json
from pathlib import Path
from typing import cast, get_args

import responder_api
import streams
from fixtures import path
from responder_api.document_schema import schema
from responder_api.document_types import typescript
from streams.contract import asyncapi
from streams.contract_page import events_page
from streams.events import AnyBody, decode
from streams.pipeline import pipeline
from streams.topics import TOPICS
from streams.usage import modules, usage
from streams.world import World

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = DOCS.parent / "console" / "src" / "data"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("contract", help="write the documents that others build against")
    parser.add_argument("--out", type=Path, default=DOCS, metavar="DIR", help="folder to write to (default: docs)")
    parser.add_argument("--check", action="store_true", help="write nothing, only name what is out of date")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the documents that are out of date; with `--check` only name them, and fail when there are any."""
    made = {place(name, args.out): text for name, text in documents().items()}
    stale = {file: text for file, text in made.items() if _held(file) != text}
    for file, text in stale.items():
        if args.check:
            print(f"{file} is out of date: run dharura contract")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"{file} written")
    return int(args.check and bool(stale))


def place(name: str, folder: Path = DOCS) -> Path:
    """Say where a document is kept: all in one folder, but the pages' types with the pages."""
    return PAGES / name if name.endswith(".ts") and folder == DOCS else folder / name


def documents() -> dict[str, str]:
    """Make the documents: file name → text."""
    # The table's rows are read, none of its steps is run: they need no world.
    steps = pipeline(cast(World, None))
    sources = {name: text for package in (streams, responder_api) for name, text in modules(_folder(package)).items()}
    used = usage(sources, steps, TOPICS)
    examples = [decode(path(f"wire/{fact.__name__}.json").read_bytes()) for fact in get_args(AnyBody)]
    document = asyncapi(steps, used, examples)
    return {
        "asyncapi.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        "events.md": events_page(steps, used),
        "documents.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        "contract.ts": typescript(),
    }


def _folder(package: object) -> Path:
    return Path(str(getattr(package, "__file__", ""))).parent


def _held(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
