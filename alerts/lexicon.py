"""The words people use in an emergency: English, Swahili, Dholuo, Ekegusii, Sheng and SMS shorthand.

You are beside the SMS road: `alerts.scoring` reads a report with these. Each term stands as it is after `tokens` has
folded it (lower case, no accents, no apostrophes, doubled letters kept). A phrase is its words in order. The Dholuo and
Ekegusii lists hold the plain everyday words only and are meant to grow with what counties receive.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from alerts.plans import Hazard

_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\u2018\u2019\u00b4\u02bc"))
_TOKEN: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")


def tokens(text: str) -> list[str]:
    """Split text into folded words and numbers: lower case, no accents, no apostrophes, at most two equal letters."""
    return list(_tokens(text))


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[str, ...]:
    # One report is split by several rules in a row.
    bare = text.casefold().translate(_APOSTROPHES)
    if not bare.isascii():
        folded = unicodedata.normalize("NFKD", bare)
        bare = "".join(char for char in folded if not unicodedata.combining(char))
    return tuple(_TOKEN.findall(_STRETCHED.sub(r"\1\1", bare)))


def _terms(text: str) -> tuple[str, ...]:
    """Split a list of terms written with semicolons."""
    return tuple(text.split("; "))


def _weighted(terms: dict[int, str]) -> dict[str, int]:
    return {term: weight for weight, text in terms.items() for term in _terms(text)}


VERBS: Final = frozenset(
    _terms(
        "furika; flood; burst; jaa; ingia; sombwa; zama; ungua; teketea; waka; gongana; gongwa; gonga; pinduka; "
        "poromoka; anguka; bomoka; vunjika; harisha; hara; tapika; vamia; vamiwa; shambulia; shambuliwa; kauka; kwama; "
        "stuck; naswa; fukiwa; funikwa; kufa; fariki; umia; jeruhiwa; potea; zingirwa; zingira"
    )
)
"""Swahili verbs (and the English ones Sheng conjugates) that the lists hold in any person and tense."""
_CONJUGATED: Final = re.compile(
    r"(?:ni|tu|u|m|a|wa|i|zi|li|ya|ki|vi|pa|ku|mu)(?:mesha|me|na|li|ta|sha)(?:tu|wa|ni|m)?([a-z]{3,})"
)


def stem(word: str) -> str:
    """Give the verb of a conjugated form that is one of `VERBS` (`wamekwama`, `imeflood`), other words as they are."""
    found = _CONJUGATED.fullmatch(word)
    return found.group(1) if found and found.group(1) in VERBS else word


HAZARD_TERMS: Final[dict[Hazard, dict[str, int]]] = {
    "flood": _weighted(
        {
            3: (
                "flood; floods; flooded; flooding; floodwater; flud; burst its banks; burst banks; broken its banks; "
                "dam burst; mafuriko; furiko; gharika; umefurika; yamefurika; imefurika; kufurika; inafurika; maji "
                "yamejaa; maji yameingia; maji imejaa; maji imeingia; mto umejaa; mto umevunja; oula; ataro; pi "
                "opong; aora opong; pi odonjo; amache aichire; orooche rwaichire; water everywhere; maji mengi; water "
                "level; water inside; flod; fload; fluded; under water; underwater; water has entered; water entered; "
                "full of water; water high; water very high; water is rising; burst; left its banks; surrounded by "
                "water; cut off by water; washed away; over the bridge; over the road; water over; water up to; water "
                "all over; water all ova; pi ngeny; pi osedonjo; osepong; aora osepong; pi oseumo; osemuonyo udi; nam "
                "osemuonyo; yametuzingira; imeflood; amekwama majini; dam has burst; imeburst"
            ),
            2: (
                "fludd; overflow; overflowed; overflowing; water rising; river rising; river is rising; submerged; "
                "swept away; marooned; water in the house; backflow; yamesombwa; wamesombwa; amesombwa; imesombwa; "
                "maji yanaongezeka; pi omako; amache amange; water is coming; rising; cut off; on the roof; rooftops; "
                "kwa roof; juu ya paa; kwa miti; bridge gone; bridge has gone; has spread; is an island; road cut; "
                "swamp; stream"
            ),
            1: "dyke; kingo; maji; pi; amache; water; river; boat; boti; dam; bridge; mto; aora; nam; orooche",
        }
    ),
    "fire": _weighted(
        {
            3: (
                "fire; fires; burning; blaze; gas explosion; on fire; moto; inaungua; unaungua; yanaungua; zinaungua; "
                "kuungua; imeungua; imeshika moto; inateketea; imeteketea; unateketeza; mach; omorero; exploding; "
                "cylinders exploding"
            ),
            2: (
                "burnt; burned; flames; exploded; explosion; inawaka; unawaka; imewaka; owang; liel; gosamba; "
                "yasambire; gas cylinder; gas cylinders"
            ),
            1: "smoke; moshi; wang; iro",
        }
    ),
    "road-crash": _weighted(
        {
            3: (
                "accident; accidents; axident; accidnt; crash; crashed; collision; collided; hit and run; rta; ajali; "
                "ajal; imegongana; yamegongana; wamegongana; amegongwa; wamegongwa; imegonga; gari imepinduka; "
                "akisidenti; ekisidenti; imegongwa; amegonga; lost control; poteza breki; imepoteza breki; brakes "
                "failed; ajari"
            ),
            2: "head on; overturned; knocked down; rammed; limepinduka; masira; ogoyo ndara",
            1: (
                "rolled; matatu; boda; bodaboda; lorry; tanker; bus; trailer; highway; imepinduka; gari; ndara; "
                "mtoka; motoka; egari; chigari; nduthi; mat; matatus; lori; breki; pikipiki"
            ),
        }
    ),
    "landslide": _weighted(
        {
            4: (
                "landslide; landslides; mudslide; mud slide; rockfall; hill has slid; maporomoko; ardhi imeporomoka; "
                "udongo umeporomoka; mlima umeporomoka; udongo umeanguka; lowo omukore; got omukore; amaroba agwire; "
                "land has slid; soil has slid; hill came down; hillside came down; kilima kimeporomoka; kilima "
                "kimeanguka; mawe yameporomoka; rocks falling; under the mud"
            ),
            3: "soil slid; lowo oringo; slid; rocks on the road; mud came down",
            2: "kilima; rocks; hillside; mawe; mud",
        }
    ),
    "drought": _weighted(
        {
            4: (
                "drought; ukame; no water for; boreholes are dry; boreholes dry; borehole is dry; visima vimekauka; "
                "pans are empty; water pans; animals dying; mito imekauka; kukauka"
            ),
            3: (
                "famine; livestock dying; no pasture; borehole dry; kiangazi; mifugo wanakufa; mifugo inakufa; hakuna "
                "maji; vimekauka; wamekauka; imekauka; goats dying; cattle dying; cows dying"
            ),
            2: "starving; no rain; njaa; malisho; kech; enchara; livestock; mifugo; visima",
        }
    ),
    "disease": _weighted(
        {
            4: "cholera; anthrax; kipindupindu; mlipuko wa ugonjwa",
            3: (
                "outbreak; diarrhoea; diarrhea; typhoid; measles; dysentery; kuhara; wanahara; anahara; surua; diep; "
                "wanaharisha; anaharisha; kuharisha; fell sick; wagonjwa wengi"
            ),
            2: "vomiting; poisoning; kutapika; wanatapika; ugonjwa; ngok; oborwaire; oborwari",
            1: "fever; homa; tuo",
        }
    ),
    "security": _weighted(
        {
            4: (
                "gunshots; gunshot; bandits; rustlers; rustling; kidnapped; abducted; majambazi; risasi; ngombe "
                "wameibiwa; mifugo wameibiwa; bomb; bomu; grenade; terrorist; hostage"
            ),
            3: (
                "robbery; robbed; attacked; thugs; gang; shooting; raid; raided; clashes; riot; stabbed; wezi; mwizi; "
                "wavamizi; uvamizi; wamevamia; ghasia; mapigano; wanapigana; wizi; jokuoge; lweny; abaibi; esegi; "
                "fujo; teargas; wameshambulia; wanashambulia; wamevamiwa; cattle raid; armed men; armed; panga; mob "
                "justice"
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
                "umeanguka; daraja limevunjika; daraja imevunjika; ot omukore; ot opodho; enyomba yagwire; wall has "
                "fallen; wall fell on; building fell; house fell; building has fallen; house has fallen; roof "
                "collapsed; quarry fell; machimbo yameporomoka; mine collapsed; shaft collapsed; mgodi umeporomoka; "
                "trench collapsed"
            ),
            3: "caved in; ot ogore; bridge may go; bridge shaking; cracks; collapsed",
            2: "rubble; imebomoka; limebomoka; imeporomoka; limeporomoka; quarry; machimbo; mgodi; has fallen",
            1: "debris; kor ot",
        }
    ),
    "drowning": _weighted(
        {
            5: "mashua imepinduka; boti imepinduka; yie onimo",
            4: (
                "drowned; drowning; drown; capsized; capsize; boat sank; boat overturned; amezama; wamezama; imezama; "
                "anazama; wanazama; onimo; yie oloko; boat missing; lal e pi; ji lal e pi; hawajarudi; floating; body "
                "floating; fell in the river; fell into the river; alianguka mtoni"
            ),
            3: "kuzama; nimo; missing in the lake; wavuvi hawajarudi",
            2: "otony e pi",
            1: "mashua",
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
                "dhoruba; upepo mkali; radi; yamo matek; roof has gone; mabati zimengolewa"
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
        "wamefariki; maiti; kifo; vifo; ameaga; wameaga; otho; jotho; osetho; ringre; bakure; okure; gokwa; body "
        "seen; drowned"
    ),
    "trapped": _terms(
        "trapped; stuck; stranded; marooned; buried; cut off; traped; on rooftops; on the roof; wamekwama; amekwama; "
        "tumekwama; nimekwama; wamenaswa; amenaswa; tumenaswa; wamefukiwa; wamezingirwa; tumezingirwa; juu ya paa; "
        "juu ya mti; omoko; jomoko; wamoko; odhier; cut off by water; rooftops; kwa roof; kwa paa; kwa miti; in "
        "trees; on trees; in a tree; under the mud; under the rubble; wako chini; wako ndani; watu ndani; "
        "wamefunikwa; amefunikwa; zimefunikwa; wamestuck; tuko stuck; odong; odong e wi; surrounded; inside the house"
    ),
    "missing": _terms(
        "missing; swept away; cannot be found; not found; hajulikani; hawaonekani; haonekani; hawajulikani; "
        "hapatikani; hawapatikani; "
        "amepotea; wamepotea; amesombwa; wamesombwa; olal; jolal; lal; lal e pi; hawajarudi; hajarudi; not returned; "
        "boat missing"
    ),
    "injured": _terms(
        "injured; injuries; injury; wounded; bleeding; hurt; unconscious; casualties; casualty; burns; majeruhi; "
        "amejeruhiwa; wamejeruhiwa; ameumia; wameumia; waliojeruhiwa; anavuja damu; damu; hinyore; ohinyore; "
        "johinyore; remo; amanyinga"
    ),
    "vulnerable": _terms(
        "child; children; baby; babies; kid; kids; pupils; students; school; pregnant; elderly; disabled; patients; "
        "hospital; orphans; mother; mtoto; watoto; mjamzito; wajawazito; wazee; mzee; wanafunzi; shule; hospitali; "
        "wagonjwa; mlemavu; walemavu; nyathi; nyithindo; dayo; jomoti; skul; omwana; abana; abagaka; old woman; old "
        "man; mama mjamzito; mothers; small ones; ajuza"
    ),
    "people": _terms(
        "people; persons; person; ppl; pple; men; women; passengers; residents; victims; villagers; mtu; watu; "
        "abiria; wakazi; wanawake; wanaume; waathiriwa; ng ato; ngato; ji; mon; abanto; omonto; wasee; watoi; wavuvi; "
        "workers; wafanyakazi; fishermen"
    ),
    "household": _terms(
        "family; families; household; households; houses; homes; homesteads; huts; village; villages; familia; kaya; "
        "nyumba; boma; kijiji; vijiji; ute; udi; mier; gweng; jood; chinyomba; emechie; keja; dala; bandas; shops; "
        "maduka"
    ),
}
"""Who is hurt, and how."""

NEGATIONS: Final = frozenset(
    _terms("no; not; none; nobody; without; hakuna; hamna; hapana; bila; sio; si; onge; tari; yaya")
)
"""Before a word about people: then it is not so."""
ANIMALS: Final = frozenset(_terms("mifugo; ngombe; mbuzi; kondoo; livestock; cattle; cows; goats; sheep; animals"))
"""Before a word about the dead: then it is not about people."""
MINOR_TERMS: Final = _terms(
    "small; minor; slight; contained; under control; put out; receding; subsided; kidogo; ndogo; mdogo; imezimwa; "
    "umezimwa; yamepungua; imedhibitiwa; matin; omoke"
)
"""Words that make it smaller."""
GRAVE_TERMS: Final = _terms(
    "urgent; emergency; help; sos; serious; massive; whole village; many people; everywhere; asap; hlp; dharura; "
    "msaada; haraka; saidia; tusaidie; tuokoe; kubwa; watu wengi; kijiji kizima; kila mahali; kony; konywa; piyo; "
    "mapiyo; ji mangeny; konya; tokonye; bwango; rescue; rescue us; okoa; okoeni; tusaidieni; saidieni; konyuru; "
    "konywauru; chap chap; tuma; send boat"
)
"""Words that ask for haste; by themselves they raise a grade to Moderate at most."""
HOAX_TERMS: Final = _terms(
    "prank; joking; just joking; joke; hoax; fake; fake news; false alarm; not true; lol; haha; testing; utani; "
    "natania; uongo; si kweli; sio kweli; sio ukweli; kutania; mzaha; miriambo; fwd; forward; forward to; "
    "forward this; forwarded; forwarded as received; forward as received; share to all; sambaza; pass it on"
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
