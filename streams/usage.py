"""Who writes and who reads each fact, found in the code itself, so that the published pages cannot say otherwise.

A module that makes a fact writes it; one that names it in another way (a match, an isinstance, a table) reads it. What
is found goes into the pages of the contract only: nothing that runs depends on it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import msgspec

from streams.fields import FACTS
from streams.handle import Step
from streams.topics import Topic

APART = ("streams.events", "streams.topics", "streams.pipeline", "streams.usage")
"""Modules that name facts only to say what there is."""

_FACTS = frozenset(fact.__name__ for fact in FACTS)


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Steps by their name, all others by their module's: who writes a fact, who reads it."""

    writers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


def modules(package: Path) -> dict[str, str]:
    """Read the modules of a package: dotted name → source."""
    return {_dotted(package, file): file.read_text(encoding="utf-8") for file in sorted(package.rglob("*.py"))}


def usage(sources: Mapping[str, str], steps: Iterable[Step], topics: Iterable[Topic]) -> dict[str, Usage]:
    """Say for each fact who writes and who reads it; `sources` are modules by dotted name.

    A step counts only where the pipeline's table lets it: it may name a fact of its own for another reason.
    """
    homes = {_home(step): step for step in steps}
    written: dict[str, dict[str, None]] = {name: {} for name in _FACTS}
    read: dict[str, dict[str, None]] = {name: {} for name in _FACTS}
    topic_of = {fact.__name__: topic for topic in topics for fact in topic.carries}
    for module, source in sources.items():
        if _within(module, APART):
            continue
        step = next((homes[home] for home in homes if _within(module, (home,))), None)
        for name, made in _mentions(ast.parse(source)):
            if step is None:
                (written if made else read)[name][module] = None
            elif topic_of[name] in (step.writes if made else step.reads):
                (written if made else read)[name][step.name] = None
    return {name: Usage(writers=tuple(written[name]), readers=tuple(read[name])) for name in sorted(_FACTS)}


def _dotted(package: Path, file: Path) -> str:
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _home(step: Step) -> str:
    function = step.function.func if isinstance(step.function, partial) else step.function
    return str(function.__module__)


def _within(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _mentions(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Give the facts that a module names, and whether it makes one there; a type said of a name is neither."""
    made = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    said = {id(part) for note in _annotations(tree) for part in ast.walk(note)}
    for node in ast.walk(tree):
        if id(node) in said:
            continue
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in _FACTS:
            yield name, id(node) in made


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        for note in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(note, ast.AST):
                yield note
