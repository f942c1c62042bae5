"""Words of Kenyan reports that are not names: what stands before a place, kinds of places, and everyday words.

English, Swahili, Sheng, Dholuo and Ekegusii as people type them. `geo.words` reads texts with them.
"""

from typing import Final

KINDS: Final[dict[str, str]] = {
    word: kind
    for kind, words in {
        "market": "market mkt markt soko sokoni chiro",
        "school": "school schools sch skul shule shuleni academy acad skuli",
        "primary": "primary pri prim",
        "secondary": "secondary sec high girls boys mixed",
        "hospital": "hospital hosp hosi hospitali hsp referral",
        "clinic": "clinic dispensary disp zahanati health",
        "church": "church kanisa kanisani ach catholic sda pag",
        "mosque": "mosque msikiti",
        "bridge": "bridge daraja",
        "river": "river mto aora",
        "road": "road rd barabara highway hwy street avenue",
        "beach": "beach pwani dho",
        "estate": "estate mtaa mtaani slum slums",
        "village": "village kijiji kijijini gweng dala boma",
        "stage": "stage stg stendi steji terminus park",
        "town": "town mji mjini tao centre center trading",
        "airport": "airport uwanja airstrip",
        "police": "police polisi station",
        "hill": "hill hills kilima mlima got",
        "dam": "dam bwawa",
        "factory": "factory kiwanda mill mills",
        "junction": "junction junct roundabout",
        "location": "location sublocation sub",
        "farm": "farm ranch",
        "ward": "ward wadi wodi",
        "county": "county kaunti",
    }.items()
    for word in words.split()
}
"""Words for kinds of places, and the one that stands for them all."""

DIRECTIONS: Final[dict[str, str]] = {
    "north": "north", "south": "south", "east": "east", "west": "west", "central": "central", "upper": "upper",
    "lower": "lower", "kaskazini": "north", "kusini": "south", "mashariki": "east", "magharibi": "west",
    "centrl": "central", "wst": "west",
}  # fmt: skip
"""Words that tell wards of one name apart, and what they become."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BEFORE: Final = _words("""
    aa after along ane ang ange around ase at baina bath before behind beside bosio but by cha chini chuny e from
    gi hapa hapo huko ime in inside juu kama kando karibu kati katika kor korwa kule kwa la machiegni mbele na
    ndani near next ni nje nyuma of on opp opposite outside pale past te the to tok wa wang ya za
""")
"""What people put before a place: "karibu na Nyalenda", "nyuma ya shule", "but gi chiro", "ang'e gi"."""

_ENGLISH: Final = _words("""
    a about accident affected after again ago all almost also am ambulance an and animals another any are area as
    away baby bad be because been before being big blocked blood boat boda body broken brother building burn
    burning burnt burst bus but call came can cant car cars cattle chief child children cholera clean close
    collapse collapsed come coming cows crash cross crossing cut dam damaged danger dead death destroyed did died
    dirty disaster disease do dont door down drought drowned drowning dry dying dyke earthquake eight electric
    electricity eleven emergency entered est evening everyone explosion fallen falling families family farm farms
    fast father fell fight fighting fire five flat flood flooded flooding floods flow food for forty four friend
    from full gas get getting give go god going gone good got government gun had half happened has have he health
    heavy help her here high him his hit home homes hour hours house houses how hundred hungry hurt i if ill
    injured injuries into is island it its just kids kill killed kindly kitchen knee know land landslide last late
    leaking left level life light lightning like line list livestock look lorry lost lots maize man many market
    matatu maybe me meet men message meter meters metres missing money more morning mother motorbike mud my need
    needed night nine no nobody north not now number of off officer oil old one only open or our out over overflow
    overflowed overflowing overturned passed people person petrol phone pipe place please poison police power
    pregnant problem quarry quick quickly rain rained raining rains reach red relief report rescue rice right
    rising river road roads rocks roof roofs room rubbish safe said saw school see seen send seven several she
    shelter shop shops shot sick side sir sister six small smoke snake some someone soon south stab stabbed stalls
    started station still stolen stop store storm street strong struck stuck student students sugar surrounded
    swept take teacher ten test thank thanks that the their them then there these they thieves things thirty this
    thousand three tide time today together toilet tomorrow tonight too took town trailer trapped tree trees truck
    trying tunnel two under until up urgent us very victims village vomiting wall walls want war was washed water
    we week well went were west what when where which who why wife will wind window windows with without woman
    women workers year years yes yesterday you young your
""")
_SWAHILI: Final = _words("""
    ajali akina alafu ama ameanguka amekufa ameumia asante asubuhi baada bado barabara basi bila boti bure chakula
    chama daktari damu dharura familia fika gari hadi haina hakuna hapana haraka hatari hawa hii hivi hiyo huku
    huu iko ile imeanguka imebeba imefika imefunga imefungwa imefurika imegonga imegongwa imeingia imejaa
    imepasuka imepita imeporomoka imetoka imezidi inachoma inaenda inakuja inaungua ipo jana jioni kabisa kali
    kama kanisa keja kejani kesho kiasi kila kimeanguka kimeporomoka kipindupindu kitu kubwa kufa kumefurika kuna
    kunanyesha kupita kutoka kuwa kwenye kwetu leo lori maafa mafuriko maiti maji majirani mali mamba manyumba
    mashamba mashua maskini mat mawe maze mbaya mbili mchana mgonjwa mimi mingi moja moshi moto msaada msichana
    mto mtoto mtu mvua mvulana mwizi mzee mzima naomba ndani ndio ndiyo nduthi ngombe nguvu niko nini njaa njia
    njoo nne nyingi nyinyi nyumba nyumbani ona pia piga pikipiki poa pole polisi rafiki saa saidia sana sasa
    serikali siku simu sisi sita stima tafadhali taka tano tatu tu tuko tuma tumejaa tumekwama tunaomba tusaidie
    tusaidieni ugonjwa ukame umeme usiku vijana vile vimekauka visima vitu wagonjwa wakazi wako wamama
    wamejeruhiwa wamekufa wamekwama wamestuck wameumia wanafunzi wanahitaji wanakufa wasee watoto watu wazee wengi
    wetu wezi wote yamebeba yamefika yamefunga yameingia yamejaa yameporomoka yote zetu ziko zimeanguka zimebebwa
    zimefunikwa zimejaa zimekwama zinaungua zote
""")
_DHOLUO_EKEGUSII: Final = _words("""
    abana abanto amache aol apogore bende chiemo chieng chinsa dhano dhi embura enyomba jaote ji jogi kae kech
    kendo konyuru konywa koth ladha mach maduong mag mager mana mbura mondo ndalo ngeny ngima nitie ntokonye
    nyithindo oborabu odi odonjo ogore okethore omoko omorero omuoch opong osedonjo osemako otho oting oyo pi piny
    piyo romo saidwa tho tuo udi ut wuod yamo yath
""")

COMMON: Final = _ENGLISH | _SWAHILI | _DHOLUO_EKEGUSII
"""Everyday words: not looked for among misspelt names, and little evidence of a place by themselves."""
