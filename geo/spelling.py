"""Which known names a misspelt word may be: found by sound and by a letter left out, judged by edits. Pure.

`geo.names` asks here when a run of words is no known name. The index is two flat arrays of 32-bit keys, not a
dictionary: 60,000 names take some 10 MB.
"""

import math
import zlib
from collections.abc import Container, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.words import bones, outspoken, sound

SHORTEST: Final = 4
"""Letters from which on a misspelling is looked for: shorter names are too alike."""
LONG_BONES: Final = 4
"""Consonants from which on a name is also found by them alone, whatever became of its vowels."""
LONG: Final = 9
"""Letters from which on a misspelling may be three letters longer or shorter, not two."""
MOST_ALIKE: Final = 16
MOST_COMPARED: Final = 400
_SOUND_SHARE: Final = 0.72  # of an edit's cost that goes when both spellings sound alike


def _keys(form: str) -> tuple[str, set[str]]:
    """Give how a form sounds, and the keys it is found by: its sound and its consonants, each also short of one."""
    heard = sound(form)
    keys = {heard}
    if len(heard) >= SHORTEST:
        keys.update(heard[:i] + heard[i + 1 :] for i in range(len(heard)))
    strong = bones(heard)
    if len(strong) >= LONG_BONES:
        keys.add("#" + strong)
        keys.update("#" + strong[:i] + strong[i + 1 :] for i in range(1, len(strong)))
    return heard, keys


def _as_typed(form: str) -> set[str]:
    return {"=" + form, *("=" + form[:i] + form[i + 1 :] for i in range(len(form)))}


def _allowed(letters: int) -> float:
    """Say how much a name of so many letters may be misspelt; 1 is an edit that is heard."""
    return 0.75 if letters < 5 else 1.0 if letters < 7 else 1.3 if letters < 9 else 2.1 if letters < 13 else 3.1


class Spelling:
    """An index of spellings, filled once from the forms it is given, then only read."""

    def __init__(self, forms: Sequence[str], known: Container[str] = ()) -> None:
        """Index forms; the well `known` ones are also found by their letters as they stand."""
        self._forms = list(forms)
        heard: list[str] = []
        keys: list[int] = []
        owners: list[int] = []
        for number, form in enumerate(self._forms):
            spoken, mine = _keys(form)
            if form in known:
                mine |= _as_typed(form)
            heard.append(spoken)
            keys.extend(map(zlib.crc32, map(str.encode, mine)))
            owners.extend([number] * len(mine))
        self._heard = heard
        self._letters = np.array([len(form) for form in self._forms], dtype=np.int16)
        flat = np.array(keys, dtype=np.uint32)
        order = np.argsort(flat, kind="stable")
        self._keys: NDArray[np.uint32] = flat[order]
        self._owners: NDArray[np.int32] = np.array(owners, dtype=np.int32)[order]
        self._ends: NDArray[np.int64] = self._keys.searchsorted(self._keys, "right")

    def alike(self, form: str) -> list[tuple[str, float]]:
        """List the known forms a spelling may stand for, with how well each fits (below 1), best first."""
        allowed = _allowed(len(form)) + 0.3
        heard, keys = _keys(form)
        keys |= _as_typed(form)
        if (doubled := outspoken(form)) != heard:
            keys.add(doubled)
            keys.update(doubled[:i] + doubled[i + 1 :] for i in range(len(doubled)))
        others = self._compared(keys, len(form))
        likely = process.extract(
            heard,
            [self._heard[other] for other in others],
            scorer=OSA.distance,
            score_cutoff=int(allowed / _SOUND_SHARE) + 1,  # one more: a single edit may be heard as two
            limit=None,
        )
        found = []
        for _, distance, k in likely:
            known = self._forms[others[k]]
            if known == form:
                continue
            edits = OSA.distance(form, known)
            cost = min(_SOUND_SHARE * distance + (1.0 - _SOUND_SHARE) * edits, edits)
            if known[0] != form[0]:
                cost += 0.25
            if cost <= allowed:
                found.append((cost, known))
        found.sort()
        best = found[0][0] if found else 0.0
        size = max(4.0, min(len(form), 14))
        return [(known, math.exp(-3.0 * cost / size)) for cost, known in found[:MOST_ALIKE] if cost <= best + 0.9]

    def _compared(self, keys: set[str], letters: int) -> list[int]:
        if not len(self._keys):
            return []
        asked = np.fromiter(map(zlib.crc32, map(str.encode, keys)), dtype=np.uint32, count=len(keys))
        starts = self._keys.searchsorted(asked)
        starts = starts[self._keys.take(starts, mode="clip") == asked]
        if not len(starts):
            return []
        ends = np.minimum(self._ends[starts], starts + MOST_COMPARED)
        owners = np.concatenate([self._owners[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
        lengths = self._letters[owners]
        most = 2 if letters < LONG else 3
        return list(set(owners[(lengths >= letters - most) & (lengths <= letters + most)].tolist()))
