"""The words people use in an emergency: English, Swahili, Dholuo, Ekegusii, Sheng and SMS shorthand.

You are beside the SMS road: `alerts.scoring` reads a report with these. Each term stands as it is after `tokens` has
folded it (lower case, no accents, no apostrophes, doubled letters kept). A phrase is its words in order. The Dholuo and
Ekegusii lists hold the plain everyday words only and are meant to grow with what counties receive.
"""

import re
import unicodedata
from typing import Final

from alerts.plans import Hazard

_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\u2018\u2019\u00b4\u02bc"))
_TOKEN: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")


def tokens(text: str) -> list[str]:
    """Split text into folded words and numbers: lower case, no accents, no apostrophes, at most two equal letters."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return _TOKEN.findall(_STRETCHED.sub(r"\1\1", bare))


def _terms(text: str) -> tuple[str, ...]:
    """Split a list of terms written with semicolons."""
    return tuple(text.split("; "))


def _weighted(terms: dict[int, str]) -> dict[str, int]:
    return {term: weight for weight, text in terms.items() for term in _terms(text)}


HAZARD_TERMS: Final[dict[Hazard, dict[str, int]]] = {
    "flood": _weighted(
        {
            3: (
                "flood; floods; flooded; flooding; floodwater; flud; burst its banks; burst banks; broken its banks; "
                "dam burst; mafuriko; furiko; gharika; umefurika; yamefurika; imefurika; kufurika; inafurika; maji "
                "yamejaa; maji yameingia; maji imejaa; maji imeingia; mto umejaa; mto umevunja; oula; ataro; pi "
                "opong; aora opong; pi odonjo; amache aichire; orooche rwaichire"
            ),
            2: (
                "fludd; overflow; overflowed; overflowing; water rising; river rising; river is rising; submerged; "
                "swept away; marooned; water everywhere; water in the house; backflow; maji mengi; yamesombwa; "
                "wamesombwa; amesombwa; imesombwa; maji yanaongezeka; pi omako; amache amange"
            ),
            1: "water level; water inside; dyke; kingo; maji; pi; amache",
        }
    ),
    "fire": _weighted(
        {
            3: (
                "fire; fires; burning; blaze; gas explosion; on fire; moto; inaungua; unaungua; yanaungua; zinaungua; "
                "kuungua; imeungua; imeshika moto; inateketea; imeteketea; unateketeza; mach; omorero"
            ),
            2: (
                "burnt; burned; flames; exploded; explosion; inawaka; unawaka; imewaka; owang; liel; gosamba; yasambire"
            ),
            1: "smoke; moshi; wang; iro",
        }
    ),
    "road-crash": _weighted(
        {
            3: (
                "accident; accidents; axident; accidnt; crash; crashed; collision; collided; hit and run; rta; ajali; "
                "ajal; imegongana; yamegongana; wamegongana; amegongwa; wamegongwa; imegonga; gari imepinduka; "
                "akisidenti; ekisidenti"
            ),
            2: "head on; overturned; knocked down; rammed; limepinduka; masira; ogoyo ndara",
            1: (
                "rolled; matatu; boda; bodaboda; lorry; tanker; bus; trailer; highway; imepinduka; gari; ndara; "
                "mtoka; motoka; egari; chigari"
            ),
        }
    ),
    "landslide": _weighted(
        {
            4: (
                "landslide; landslides; mudslide; mud slide; rockfall; hill has slid; maporomoko; ardhi imeporomoka; "
                "udongo umeporomoka; mlima umeporomoka; udongo umeanguka; lowo omukore; got omukore; amaroba agwire"
            ),
            3: "soil slid; lowo oringo",
        }
    ),
    "drought": _weighted(
        {
            4: "drought; ukame",
            3: (
                "famine; livestock dying; no pasture; borehole dry; kiangazi; mifugo wanakufa; mifugo inakufa; hakuna "
                "maji"
            ),
            2: "starving; no rain; njaa; malisho; kech; enchara",
        }
    ),
    "disease": _weighted(
        {
            4: "cholera; anthrax; kipindupindu; mlipuko wa ugonjwa",
            3: "outbreak; diarrhoea; diarrhea; typhoid; measles; dysentery; kuhara; wanahara; anahara; surua; diep",
            2: "vomiting; poisoning; kutapika; wanatapika; ugonjwa; ngok; oborwaire; oborwari",
            1: "fever; homa; tuo",
        }
    ),
    "security": _weighted(
        {
            4: (
                "gunshots; gunshot; bandits; rustlers; rustling; kidnapped; abducted; majambazi; risasi; ngombe "
                "wameibiwa; mifugo wameibiwa"
            ),
            3: (
                "robbery; robbed; attacked; thugs; gang; shooting; raid; raided; clashes; riot; stabbed; wezi; mwizi; "
                "wavamizi; uvamizi; wamevamia; ghasia; mapigano; wanapigana; wizi; jokuoge; lweny; abaibi; esegi"
            ),
            2: "attack; shot; fighting; mob; ababi",
            1: "kuo",
        }
    ),
    "structure-collapse": _weighted(
        {
            5: (
                "building collapsed; building has collapsed; collapsed building; bridge collapsed; bridge has "
                "collapsed; jengo limeporomoka; jengo limeanguka; jengo imeanguka; daraja limeanguka"
            ),
            4: (
                "house collapsed; wall collapsed; wall fell; bridge broken; nyumba imeanguka; nyumba imebomoka; ukuta "
                "umeanguka; daraja limevunjika; daraja imevunjika; ot omukore; ot opodho; enyomba yagwire"
            ),
            3: "collapsed; caved in; ot ogore",
            2: "rubble; imebomoka; limebomoka; imeporomoka; limeporomoka",
            1: "debris; kor ot",
        }
    ),
    "drowning": _weighted(
        {
            5: "mashua imepinduka; boti imepinduka; yie onimo",
            4: (
                "drowned; drowning; drown; capsized; capsize; boat sank; boat overturned; amezama; wamezama; imezama; "
                "anazama; wanazama; onimo; yie oloko"
            ),
            3: "kuzama; nimo",
            2: "otony e pi",
            1: "mashua; boti",
        }
    ),
    "earthquake": _weighted(
        {
            5: "earthquake; tetemeko; ardhi inatetemeka; piny yiengni",
            4: "tremor; tremors; ground shaking",
            3: "yiengni",
        }
    ),
    "storm": _weighted(
        {
            4: "hailstorm; mvua ya mawe",
            3: (
                "storm; hailstones; strong wind; strong winds; roof blown; roofs blown; lightning; thunderstorm; "
                "dhoruba; upepo mkali; radi; yamo matek"
            ),
            2: "heavy rain; heavy rains; mvua kubwa; mvua kali; koth matek; koth mangeny; embura enene",
            1: "paa; polo; omoiga",
        }
    ),
    "other": {},
}
"""How strongly a term speaks for a hazard."""

PEOPLE_TERMS: Final[dict[str, tuple[str, ...]]] = {
    "dead": _terms(
        "dead; died; death; deaths; killed; body; bodies; fatal; fatalities; ded; amekufa; wamekufa; kufa; amefariki; "
        "wamefariki; maiti; kifo; vifo; ameaga; wameaga; otho; jotho; osetho; ringre; bakure; okure; gokwa"
    ),
    "trapped": _terms(
        "trapped; stuck; stranded; marooned; buried; cut off; traped; on rooftops; on the roof; wamekwama; amekwama; "
        "tumekwama; nimekwama; wamenaswa; amenaswa; tumenaswa; wamefukiwa; wamezingirwa; tumezingirwa; juu ya paa; "
        "juu ya mti; omoko; jomoko; wamoko; odhier"
    ),
    "missing": _terms(
        "missing; swept away; cannot be found; not found; hajulikani; hawajulikani; hapatikani; hawapatikani; "
        "amepotea; wamepotea; amesombwa; wamesombwa; olal; jolal"
    ),
    "injured": _terms(
        "injured; injuries; injury; wounded; bleeding; hurt; unconscious; casualties; casualty; burns; majeruhi; "
        "amejeruhiwa; wamejeruhiwa; ameumia; wameumia; waliojeruhiwa; anavuja damu; damu; hinyore; ohinyore; "
        "johinyore; remo; amanyinga"
    ),
    "vulnerable": _terms(
        "child; children; baby; babies; kid; kids; pupils; students; school; pregnant; elderly; disabled; patients; "
        "hospital; orphans; mother; mtoto; watoto; mjamzito; wajawazito; wazee; mzee; wanafunzi; shule; hospitali; "
        "wagonjwa; mlemavu; walemavu; nyathi; nyithindo; dayo; jomoti; skul; omwana; abana; abagaka"
    ),
    "people": _terms(
        "people; persons; person; ppl; pple; men; women; passengers; residents; victims; villagers; mtu; watu; "
        "abiria; wakazi; wanawake; wanaume; waathiriwa; ng ato; ngato; ji; mon; abanto; omonto"
    ),
    "household": _terms(
        "family; families; household; households; houses; homes; homesteads; huts; village; villages; familia; kaya; "
        "nyumba; boma; kijiji; vijiji; ute; udi; mier; gweng; jood; chinyomba; emechie"
    ),
}
"""Who is hurt, and how."""

NEGATIONS: Final = frozenset(
    _terms("no; not; none; nobody; without; hakuna; hamna; hapana; bila; sio; si; onge; tari; yaya")
)
"""Before a word about people: then it is not so."""
MINOR_TERMS: Final = _terms(
    "small; minor; slight; contained; under control; put out; receding; subsided; kidogo; ndogo; mdogo; imezimwa; "
    "umezimwa; yamepungua; imedhibitiwa; matin; omoke"
)
"""Words that make it smaller."""
GRAVE_TERMS: Final = _terms(
    "urgent; emergency; help; sos; serious; massive; whole village; many people; everywhere; asap; hlp; dharura; "
    "msaada; haraka; saidia; tusaidie; tuokoe; kubwa; watu wengi; kijiji kizima; kila mahali; kony; konywa; piyo; "
    "mapiyo; ji mangeny; konya; tokonye; bwango"
)
"""Words that ask for haste; by themselves they raise a grade to Moderate at most."""
HOAX_TERMS: Final = _terms(
    "prank; joking; just joking; joke; hoax; fake; fake news; false alarm; not true; lol; haha; testing; utani; "
    "natania; uongo; si kweli; sio kweli; sio ukweli; kutania; mzaha; miriambo"
)
"""Words that say it is not so."""

NUMBER_WORDS: Final[dict[str, int]] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
    "hundreds": 200, "dozens": 24, "dozen": 12, "several": 3, "many": 10, "wengi": 10, "mangeny": 10, "mmoja": 1,
    "moja": 1, "wawili": 2, "mbili": 2, "watatu": 3, "tatu": 3, "wanne": 4, "nne": 4, "watano": 5, "tano": 5,
    "sita": 6, "saba": 7, "wanane": 8, "nane": 8, "tisa": 9, "kumi": 10, "ishirini": 20, "thelathini": 30,
    "arobaini": 40, "hamsini": 50, "mia": 100, "mamia": 200, "elfu": 1000, "achiel": 1, "ariyo": 2, "adek": 3,
    "angwen": 4, "abich": 5, "auchiel": 6, "abiriyo": 7, "aboro": 8, "ochiko": 9, "apar": 10, "oyomo": 1, "babere": 2,
    "batato": 3, "batano": 5, "ikomi": 10,
}  # fmt: skip
"""Numbers in words; vague ones at their least plausible figure."""
NOT_A_COUNT_BEFORE: Final = frozenset(_terms("saa; km; at; ward; route; namba; number; block"))
"""Before a number: then it counts no people."""
NOT_A_COUNT_AFTER: Final = frozenset(
    _terms("am; pm; km; m; cm; metres; meters; mita; hrs; hours; minutes; dakika; masaa; acres; ekari")
)
"""After a number: then it counts no people."""
