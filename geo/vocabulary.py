"""Words of Kenyan reports that say what a place is or where: kinds, qualifiers, prepositions, spellings of counties.

English, Swahili, Sheng and the languages of the wards, as people type them. `geo.words` reads texts with them;
`geo.everyday` holds the words that are no names at all.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KIND_WORDS: Final = {
    "market": "market mkt markt marke soko sokoni chiro ndunyu marikiti",
    "school": "school schools sch schl skul scul shule shuleni skuli sukul sukulu cukuru "
    "ecd ecde preparatory prep nursery kindergarten chekechea esukuru",
    "academy": "academy acad acady acdemy",
    "primary": "primary pri prim pry primry prmary msingi",
    "secondary": "secondary sec secondry high sekondari upili",
    "college": "college university chuo polytechnic poly tti institute campus ttc",
    "hospital": "hospital hosp hosi hospitali hsp referral osipital hospitol",
    "clinic": "clinic dispensary disp dispensari zahanati health kliniki",
    "church": "church kanisa kanisani parish cathedral kanitha ekanisa mission",
    "mosque": "mosque msikiti msikitini masjid",
    "bridge": "bridge daraja darajani",
    "river": "river mto rvr aora stream lagga laga",
    "lake": "lake ziwa nam",
    "road": "road rd barabara highway hwy street avenue ave bypass lane",
    "beach": "beach dho",
    "estate": "estate mtaa mtaani slum slums flats apartments settlement scheme",
    "village": "village kijiji kijijini gweng dala boma itura kitongoji vlg",
    "stage": "stage stg stendi steji terminus park bustop",
    "town": "town mji mjini tao center centre trading shopping centa senta",
    "airport": "airport airstrip uwanja kiwanja",
    "police": "police polisi ap",
    "station": "station stesheni",
    "hill": "hill hills kilima mlima got mount mt mountain",
    "dam": "dam bwawa",
    "factory": "factory kiwanda mill mills",
    "junction": "junction junct jct jnction roundabout njiapanda",
    "location": "location sublocation loc subloc division tarafa kata",
    "area": "area eneo enee areas",
    "farm": "farm ranch shamba plantation",
    "forest": "forest msitu msituni",
    "camp": "camp kambi",
    "office": "office offices ofisi chiefs",
    "hotel": "hotel lodge",
    "island": "island kisiwa kisiwani",
    "well": "well wells borehole spring waterpoint visima kisima",
    "sub": "sub",
    "ward": "ward wadi wodi",
    "constituency": "constituency subcounty jimbo const constituence",
    "county": "county kaunti cnty cty",
}
KINDS: Final[dict[str, str]] = {word: kind for kind, words in _KIND_WORDS.items() for word in words.split()}
"""Words for kinds of places, and the one that stands for them all."""

RIGHTWARD: Final = _words("""
    soko chiro ndunyu shule shuleni chuo hospitali zahanati kanisa msikiti daraja mto aora lagga laga ziwa nam barabara
    dho mtaa kijiji gweng dala boma itura mji stendi uwanja kiwanja bwawa kiwanda kilima mlima got mount
    mt lake kata tarafa eneo msitu shamba kambi ofisi wadi jimbo kaunti msingi sekondari upili masjid cukuru
    esukuru ekanisa river
""")
"""Kind words that stand before the name: "soko la Kibuye", "mto Nzoia"; the others stand after it."""

CLASS_OF: Final[dict[str, str]] = {
    **dict.fromkeys(("primary", "secondary", "college", "academy"), "school"),
    **dict.fromkeys(("stage", "junction", "village", "estate"), "town"),
    "clinic": "hospital",
    "mosque": "church",
    "lake": "river",
    "police": "station",
}
"""Kinds that are one class when a text's kind is compared with a place's; the others are their own."""

DIRECTIONS: Final[dict[str, str]] = {
    "north": "north", "south": "south", "east": "east", "west": "west", "central": "central", "upper": "upper",
    "lower": "lower", "kaskazini": "north", "kusini": "south", "mashariki": "east", "magharibi": "west",
    "centrl": "central", "wst": "west", "juu": "juu", "kati": "central",
}  # fmt: skip
"""Words that tell places of one name apart, and what they become."""

QUALIFIERS: Final[dict[str, str]] = {
    **dict.fromkeys(("girls", "gals", "wasichana"), "girls"),
    **dict.fromkeys(("boys", "wavulana"), "boys"),
    "mix": "mixed",
    "deaf": "special",
    **dict.fromkeys(("hqs", "hq", "headquarters", "headquarter"), "hq"),
    **{
        word: word
        for word in _words("""
            acc acci ack ag aic aipca bc big boarding catholic cck complex day deb dok dom eapc elca elck fgck fpfk gca
            great integrated junior kag lea mck memorial mixed model muslim new old pag pcea pefa private public rc rcea
            sa sda small special township unit
        """)
    },
}
"""Words beside a name that a speaker may leave out or put in: who runs the school, for whom, which of two."""

SPELT: Final[dict[str, str]] = {
    "saint": "st", "st": "st", "ste": "st", "doctor": "dr", "ii": "2", "iii": "3", "iv": "4", "one": "1", "two": "2",
}  # fmt: skip
"""Other words with two spellings, brought to one."""

LINKS: Final = _words("""
    ya la wa za cha of the le jo ja kwa sa
""")
"""What joins a kind to its name: "shule ya msingi ya X", "soko la X", "church of X"."""

BEFORE: Final = _words("""
    aa after along ane ang ange around ase at baina bath before behind beside beyond bosio but by cha chini
    chuny e enroute entrance from gi hapa hapo huko huku ime in inside juu kama kando kanda karibu kati katika
    kor korwa kule kwa kwenye la machiegni mbele na ndani near nearby nr next ni nje nyuma of off on opp
    opposite outside pale past te tene through the to tok towards wa wang ya za korka kuma ka bwo hwa mwe wega
    mena vakuvi nthi vau hakuhi kuria thutha mbere ndeni thini gatagati rungu oko enyuma bobisa getiro ahambu
    igoro hambi yombe ebweni khu mu ha hale mumberi inyuma kuyeet eng kelyen komie am taa let negit ak
""")
"""What people put before a place: "karibu na Nyalenda", "nyuma ya shule", "but gi chiro", "ang'e gi"."""

AT: Final = _words("""
    at in near karibu katika kwenye huko huku hapa hapo pale kule gi ase ang ange opposite behind bhnd around nyuma opp
    nr beside inside outside along next close kando mbele from frm kutoka kanyo hakuhi guku kuu machiegni negit mu ndani
    area mtaa eneo kijiji
""")
"""Words after which, and after a link after which, a name is most likely that of a place."""

ALONG: Final = _words("from frm kutoka towards kuelekea kwenda hadi mpaka between baina kati enroute")
"""After these a name is most likely an end of a road or a way, not the place itself."""

BETWEEN: Final = _words("between btwn betwn btn baina kati katikati")
"""After these come two names, and the place is neither."""

BESIDE: Final = _words("near nr karibu next close beside na adjacent kando jirani pamoja by opposite opp ne")
"""After these a second name tells what the first one lies by."""

TITLES: Final = _words("""
    mr mrs ms miss mzee mama baba dr doctor chief pastor sir madam bwana bi ndugu jirani uncle aunty auntie
    brother sister mheshimiwa mhe hon mca mp officer constable name jina called naitwa caller teacher mwalimu
    nyumbakumi elder father fr bishop
""")
"""After these a name is most likely a person's."""

LONG_RIVERS: Final = _words("""
    athi baricho chania ewaso galana gucha kerio kuja lagh mara migori nairobi nyando nzoia sabaki sagana sio sondu suam
    tana thika tiva tsavo turkwel voi yala
""")
"""Rivers that cross many wards, however they are spelt on maps: their name alone says little of where."""

COUNTY_SPELT: Final[dict[str, tuple[str, ...]]] = {
    "006": ("Taita", "Taveta"), "013": ("Tharaka",), "028": ("Elgeyo", "Marakwet", "Keiyo"),
    "021": ("Muranga",), "047": ("Nairobi City", "Nrb", "Nai"), "001": ("Msa", "Mombasa City"),
    "042": ("Ksm", "Kisumo", "Kisumu City"), "032": ("Nax", "Nakuru City"), "027": ("Eldoret County",),
    "043": ("Homabay",), "026": ("Transnzoia",), "004": ("Tanariver",), "024": ("Pokot",),
}  # fmt: skip
"""Other names of counties, by code."""
