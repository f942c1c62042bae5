"""The sentences we send, by language: English, Swahili, Dholuo, Ekegusii.

You are beside `alerts.wording`, which fills them in. Everything here stays within the GSM 7-bit alphabet. The English
and Swahili sentences are complete; the Dholuo and Ekegusii ones are short on purpose, made of plain words, and wait for
a speaker's approval in each county (`REVIEWED`): until then they are sent beside a reviewed language, never instead.
"""

from typing import Final, Literal

from alerts.cap import Severity
from alerts.plans import Hazard

Language = Literal["en", "sw", "luo", "guz"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "sw", "luo", "guz")
REVIEWED: Final[frozenset[Language]] = frozenset({"en", "sw"})
"""Languages whose sentences a speaker has approved."""
FALLBACK: Final[dict[Language, Language]] = {"luo": "sw", "guz": "sw", "sw": "en", "en": "en"}
"""Where to look for a sentence a language does not have yet."""
CAP_LANGUAGE: Final[dict[Language, str]] = {"en": "en-KE", "sw": "sw-KE", "luo": "luo-KE", "guz": "guz-KE"}

Kind = Literal["ask", "stand-down", "warning", "receipt", "answer-refused", "question", "over"]
Sentence = Literal[
    "ask", "stand-down-taken", "stand-down-closed", "warning", "warning-unnamed", "over", "receipt", "receipt-place",
    "answer-refused", "question", "question-choice", "question-own", "headline", "river", "arrives",
]  # fmt: skip

HAZARDS: Final[dict[Language, dict[Hazard, str]]] = {
    "en": {
        "flood": "Flood", "fire": "Fire", "road-crash": "Road crash", "landslide": "Landslide", "drought": "Drought",
        "disease": "Disease outbreak", "security": "Security incident", "structure-collapse": "Building collapse",
        "drowning": "Drowning", "earthquake": "Earthquake", "storm": "Storm", "other": "Emergency",
    },
    "sw": {
        "flood": "Mafuriko", "fire": "Moto", "road-crash": "Ajali ya barabarani", "landslide": "Maporomoko ya ardhi",
        "drought": "Ukame", "disease": "Mlipuko wa ugonjwa", "security": "Tukio la usalama",
        "structure-collapse": "Jengo kuporomoka", "drowning": "Mtu kuzama", "earthquake": "Tetemeko la ardhi",
        "storm": "Dhoruba", "other": "Dharura",
    },
    "luo": {
        "flood": "Oula", "fire": "Mach", "road-crash": "Masira e ndara", "landslide": "Lowo omukore",
        "drought": "Oro malich", "disease": "Tuo", "security": "Lweny", "structure-collapse": "Ot omukore",
        "drowning": "Ng'ato onimo", "earthquake": "Piny yiengni", "storm": "Yamo matek", "other": "Chandruok",
    },
    "guz": {
        "flood": "Amache amange", "fire": "Omorero", "road-crash": "Ekisidenti", "landslide": "Amaroba agwire",
        "drought": "Omobaso omonene", "disease": "Oborwaire", "security": "Esegi",
        "structure-collapse": "Enyomba yagwire", "drowning": "Omonto ime y'amache", "earthquake": "Ense egotenga",
        "storm": "Embura enene", "other": "Emechando",
    },
}  # fmt: skip

SEVERITIES: Final[dict[Language, dict[Severity, str]]] = {
    "en": {
        "Extreme": "EXTREME DANGER", "Severe": "DANGER", "Moderate": "WARNING", "Minor": "NOTICE", "Unknown": "WARNING",
    },
    "sw": {
        "Extreme": "HATARI KUBWA SANA", "Severe": "HATARI", "Moderate": "TAHADHARI", "Minor": "TAARIFA",
        "Unknown": "TAHADHARI",
    },
    "luo": {"Extreme": "SIEM MARACH", "Severe": "SIEM", "Moderate": "SIEM", "Minor": "SIEM", "Unknown": "SIEM"},
    "guz": {"Extreme": "ERENDE MONO", "Severe": "ERENDE", "Moderate": "ERENDE", "Minor": "ERENDE", "Unknown": "ERENDE"},
}  # fmt: skip

SENTENCES: Final[dict[Language, dict[Sentence, str]]] = {
    "en": {
        "ask": (
            "{code} {hazard}, {severity}: {place}. {text} Can you go? Reply YES "
            "{code} or NO {code} within {minutes} min."
        ),
        "stand-down-taken": "{code}: stand down, another responder is going. Thank you.",
        "stand-down-closed": "{code}: stand down, the incident is closed. Thank you.",
        "warning": "{severity}: {hazard} in {places}.{arrives} {instruction} {county}",
        "warning-unnamed": "{severity}: {hazard}.{arrives} {instruction} {county}",
        "over": "OVER: {hazard} in {places}. The warning has ended. Stay careful. {county}",
        "receipt": "We have your report {reference}. It is being looked at. In danger now? Call 112 or 999.",
        "receipt-place": (
            "We have your report {reference} for {place}. It is being looked "
            "at. In danger now? Call 112 or 999."
        ),
        "answer-refused": "{code}: {reason} Nothing to do.",
        "question": "Report {reference}: where is it? Send the village, market, school or ward nearest to it.",
        "question-choice": "Report {reference}: where is it? Reply {choices}",
        "question-own": "Report {reference}: {question}",
        "headline": "{severity}: {hazard} in {places}",
        "river": "The {river} at {station} stands at {value} {unit}, over the mark '{mark}'.",
        "arrives": " Water may arrive in {minutes}.",
    },
    "sw": {
        "ask": (
            "{code} {hazard}, {severity}: {place}. {text} Unaweza kwenda? Jibu NDIYO {code} "
            "au HAPANA {code} ndani ya dakika {minutes}."
        ),
        "stand-down-taken": "{code}: usiende, mwenzako anaenda. Asante.",
        "stand-down-closed": "{code}: usiende, tukio limefungwa. Asante.",
        "warning": "{severity}: {hazard} {places}.{arrives} {instruction} {county}",
        "warning-unnamed": "{severity}: {hazard}.{arrives} {instruction} {county}",
        "over": "IMEISHA: {hazard} {places}. Tahadhari imeondolewa. Endelea kuwa makini. {county}",
        "receipt": "Tumepokea ripoti yako {reference}. Inashughulikiwa. Uko hatarini sasa? Piga 112 au 999.",
        "receipt-place": (
            "Tumepokea ripoti yako {reference} ya {place}. Inashughulikiwa. "
            "Uko hatarini sasa? Piga 112 au 999."
        ),
        "answer-refused": "{code}: {reason} Huna la kufanya.",
        "question": "Ripoti {reference}: ni wapi? Tuma jina la kijiji, soko, shule au wadi iliyo karibu.",
        "question-choice": "Ripoti {reference}: ni wapi? Jibu {choices}",
        "question-own": "Ripoti {reference}: {question}",
        "headline": "{severity}: {hazard} {places}",
        "river": "Mto {river} katika {station} uko {value} {unit}, juu ya alama '{mark}'.",
        "arrives": " Maji huenda yakafika baada ya {minutes}.",
    },
    "luo": {
        "ask": (
            "{code} {hazard}, {severity}: {place}. {text} Inyalo dhi? Dwok EE {code} "
            "kata OOYO {code} e dakika {minutes}."
        ),
        "stand-down-taken": "{code}: kik idhi, ng'at machielo dhi. Erokamano.",
        "stand-down-closed": "{code}: kik idhi, wach orumo. Erokamano.",
        "warning": "{severity}: {hazard} {places}.{arrives} {instruction} {county}",
        "warning-unnamed": "{severity}: {hazard}.{arrives} {instruction} {county}",
        "over": "ORUMO: {hazard} {places}. Siem orumo. {county}",
        "receipt": "Wayudo wach mari {reference}. Erokamano. Gik marach? Go simo 112 kata 999.",
        "receipt-place": "Wayudo wach mari {reference} mar {place}. Erokamano. Gik marach? Go simo 112 kata 999.",
        "question": "Wach {reference}: en kanye? Or nying gweng', chiro kata skul machiegni.",
        "headline": "{severity}: {hazard} {places}",
        "arrives": " Pi nyalo chopo bang' {minutes}.",
    },
    "guz": {
        "ask": (
            "{code} {hazard}, {severity}: {place}. {text} Nonyare kogenda? Iraneria EE "
            "{code} gose YAYA {code}, dakika {minutes}."
        ),
        "stand-down-taken": "{code}: togenda, oyonde nagende. Mbuya mono.",
        "stand-down-closed": "{code}: togenda, amang'ana aerire. Mbuya mono.",
        "warning": "{severity}: {hazard} {places}.{arrives} {instruction} {county}",
        "warning-unnamed": "{severity}: {hazard}.{arrives} {instruction} {county}",
        "over": "YAERIRE: {hazard} {places}. {county}",
        "receipt": "Twanyorire amang'ana ao {reference}. Mbuya mono. Obogwati? Aka esimi 112 gose 999.",
        "receipt-place": "Twanyorire amang'ana ao {reference} a {place}. Mbuya mono. Obogwati? Aka esimi 112 gose 999.",
        "headline": "{severity}: {hazard} {places}",
        "arrives": " Amache nanyare goika {minutes}.",
    },
}  # fmt: skip

REASONS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "taken": "somebody else has taken it.",
        "closed": "it is closed already.",
        "late": "the time to answer is over and others were asked.",
        "unknown": "we do not know this ask.",
    },
    "sw": {
        "taken": "mtu mwingine amechukua.",
        "closed": "tayari limefungwa.",
        "late": "muda wa kujibu umeisha, wengine wameombwa.",
        "unknown": "hatujui ombi hili.",
    },
}
"""Why an answer came to nothing."""

INSTRUCTIONS: Final[dict[Language, dict[Hazard, str]]] = {
    "en": {
        "flood": "Move to high ground now with children and the elderly. Do not cross moving water.",
        "fire": "Leave the building, stay low under smoke, keep the road free.",
        "road-crash": "Keep away and leave the road free for ambulances.",
        "landslide": "Leave the slope now. Do not go back for belongings.",
        "drought": "Save water. Ask the ward office about relief points.",
        "disease": "Drink boiled water, wash hands with soap, go to a clinic at the first signs.",
        "security": "Stay indoors and away from windows. Do not spread rumours.",
        "structure-collapse": "Keep away from the building. Leave the digging to the rescuers.",
        "drowning": "Do not enter the water. Throw a rope or a jerrican.",
        "earthquake": "Go outside to open ground, away from walls and power lines.",
        "storm": "Stay indoors, away from trees and iron sheets. Keep off the lake.",
        "other": "Follow what the chief and the ward administrator say.",
    },
    "sw": {
        "flood": "Nenda mahali pa juu sasa pamoja na watoto na wazee. Usivuke maji yanayopita kwa kasi.",
        "fire": "Toka nje ya jengo, inama chini ya moshi, acha barabara wazi.",
        "road-crash": "Kaa mbali na uache barabara wazi kwa ambulensi.",
        "landslide": "Ondoka kwenye mteremko sasa. Usirudi kuchukua mali.",
        "drought": "Tumia maji kwa uangalifu. Uliza ofisi ya wadi kuhusu vituo vya misaada.",
        "disease": "Kunywa maji yaliyochemshwa, nawa mikono kwa sabuni, nenda kliniki ukiona dalili.",
        "security": "Kaa ndani mbali na madirisha. Usieneze uvumi.",
        "structure-collapse": "Kaa mbali na jengo. Waachie waokoaji kazi ya kuchimba.",
        "drowning": "Usiingie majini. Rusha kamba au mtungi.",
        "earthquake": "Toka nje mahali pa wazi, mbali na kuta na nyaya za umeme.",
        "storm": "Kaa ndani, mbali na miti na mabati. Usiende ziwani.",
        "other": "Fuata maagizo ya chifu na msimamizi wa wadi.",
    },
    "luo": {
        "flood": "Dhiuru kama malo gi nyithindo. Kik ung'ad pi.",
        "fire": "Wuoguru e ot mapiyo.",
        "landslide": "Wuoguru e got mapiyo.",
        "disease": "Maduru pi mochwaki, luokuru lweteu gi sabun.",
        "storm": "Beduru e ot. Kik udhi e nam.",
    },
    "guz": {
        "flood": "Genda igoro amo n'abana. Tokwamboka amache.",
        "fire": "Soka enyomba bwango.",
        "landslide": "Rwa ase egetunwa bwango.",
        "disease": "Nywa amache abegete, saba amaboko ne sabuni.",
        "storm": "Ikara nyomba.",
    },
}
"""What to do, in two short sentences at most."""

MINUTES: Final[dict[Language, str]] = {"en": "{n} min", "sw": "dakika {n}", "luo": "dakika {n}", "guz": "dakika {n}"}
HOURS: Final[dict[Language, str]] = {
    "en": "about {n} h", "sw": "masaa {n} hivi", "luo": "sa {n}", "guz": "chinsa {n}",
}  # fmt: skip
"""Spans of time."""
AND: Final[dict[Language, str]] = {"en": "and", "sw": "na", "luo": "gi", "guz": "na"}
MORE: Final[dict[Language, str]] = {"en": "{n} more", "sw": "nyingine {n}", "luo": "moko {n}", "guz": "chinde {n}"}
"""When not all places fit."""
