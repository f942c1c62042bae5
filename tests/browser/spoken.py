"""The words on the pages, read from where the pages have them, so that a test asks for what a person reads.

`t("sign-in")` is English, `t("sign-in", "sw")` Kiswahili; `{name}` is filled in by keyword. A key that no page has is
an error here, as it is there.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["en", "sw"]
FOLDER = Path(__file__).parents[2] / "console/src/words"
_PAIR = re.compile(r'^\s*"([^"]+)": \[("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\]', re.MULTILINE)
_ENTRY = re.compile(r'^\s*(?:"([^"]+)"|([a-z]\w*)):\s*("(?:[^"\\]|\\.)*")', re.MULTILINE)


@cache
def words(language: Language) -> dict[str, str]:
    """Give every key with its words."""
    found: dict[str, str] = {}
    for file in FOLDER.glob("*.ts"):
        text = file.read_text(encoding="utf-8")
        begin = text.find(f"const {language}")
        end = text.find("const sw") if language == "en" else text.find("export const", begin)
        for quoted, bare, said in _ENTRY.findall(text[begin:end] if begin >= 0 else ""):
            found[quoted or bare] = json.loads(said)
    for file in FOLDER.glob("*/*.ts"):
        for key, english, swahili in _PAIR.findall(file.read_text(encoding="utf-8")):
            found[key] = json.loads(english if language == "en" else swahili)
    return found


def t(key: str, language: Language = "en", **fill: object) -> str:
    """Give the words for a key."""
    return re.sub(r"\{(\w+)\}", lambda place: str(fill.get(place[1], place[0])), words(language)[key])


def like(key: str, language: Language = "en", **fill: object) -> re.Pattern[str]:
    """Give an expression for the words of a key, with anything where nothing was filled in."""
    parts = re.split(r"(\{\w+\})", words(language)[key])
    known = {f"{{{name}}}": re.escape(str(value)) for name, value in fill.items()}
    return re.compile("".join(known.get(part, ".*?") if part.startswith("{") else re.escape(part) for part in parts))
