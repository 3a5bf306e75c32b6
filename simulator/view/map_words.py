"""What the map says, by language: one table each, and how numbers are written."""

from typing import NamedTuple

from simulator.errors import UsageError


class Words(NamedTuple):
    """The texts of one language; in braces what is filled in."""

    decimal: str
    thousands: str
    byte: str
    title: str
    titled_run: str
    subtitle: str
    paradigm: str
    subtitle_run: str
    europe: str
    asia: str
    traffic_here: str
    capacity: str
    traffic: str
    overland: str
    unknown: str
    unused: str
    service: str
    before: str
    decade: str
    since: str
    utilisation: str
    carbon: str
    below: str
    between: str
    above: str
    places: str
    exchange: str
    regions: str
    region: str
    landing: str
    end: str
    notes: str
    notes_utilisation: str
    notes_carbon: str
    source: str
    cities: dict[str, str]


_EN = Words(
    decimal=".",
    thousands=",",
    byte="B",
    title="The physical internet in {year}",
    titled_run="{name}: where its bits went",
    subtitle=(
        "{cables} submarine cables, {overland} overland links, {exchanges} internet exchanges, {regions} regions of "
        "cloud data centres"
    ),
    paradigm="Paradigm {name}. ",
    subtitle_run=(
        "{used} of the {links} cables and overland links of {year} carried bits, the busiest {moved}; their "
        "electricity emitted {emitted} CO2e"
    ),
    europe="Europe",
    asia="East Asia",
    traffic_here="Where the bits went",
    capacity="Capacity by design",
    traffic="Carried, both ways together",
    overland="overland, not to scale",
    unknown="capacity assumed",
    unused="not used by this run",
    service="In service since",
    before="before {year}",
    decade="{year} to {last}",
    since="{year} or later",
    utilisation="Mean utilisation while in use,\nthe busier way",
    carbon="CO2e of the electricity\nthat carrying took",
    below="below {high}",
    between="{low} to {high}",
    above="{low} or more",
    places="Places",
    exchange="internet exchanges of a city, peak {peak}",
    regions="{count} cloud regions in a city",
    region="1 cloud region in a city",
    landing="landing of a submarine cable",
    end="where bits leave or arrive",
    notes=(
        "Cables follow plausible ways through the sea, which nobody surveyed. Exchanges and cloud regions are those "
        "of today, whatever the year; capacities those of the last published upgrade."
    ),
    notes_utilisation=(
        "Cables follow plausible ways through the sea, which nobody surveyed. Utilisation: bits over what all cables "
        "between two places could carry from the first bit to the last. Users' lines, those of data centres and "
        "satellites are not drawn."
    ),
    notes_carbon=(
        "Cables follow plausible ways through the sea, which nobody surveyed. CO2e: bits, by what the run "
        "charged a bit, by the grids of both ends, both ways together. Users' lines, data centres, satellites and "
        "routers are not drawn."
    ),
    source=(
        "Sources: catalogue of AIceberg {version} (`aiceberg catalogue` shows where each figure comes from); land: "
        "Natural Earth 1:110 000 000, public domain; projection: Equal Earth (Šavrič, Patterson & Jenny 2018), areas "
        "are true."
    ),
    cities={},
)
_FR = Words(
    decimal=",",
    thousands="\u202f",
    byte="o",
    title="L'internet physique en {year}",
    titled_run="{name} : par où ses bits sont passés",
    subtitle=(
        "{cables} câbles sous-marins, {overland} liaisons terrestres, {exchanges} points d'échange, {regions} régions"
        " de centres de données du cloud"
    ),
    paradigm="Paradigme {name}. ",
    subtitle_run=(
        "{used} des {links} câbles et liaisons terrestres de {year} ont transporté des bits, jusqu'à {moved} ; leur "
        "électricité a émis {emitted} de CO2e"
    ),
    europe="Europe",
    asia="Asie de l'Est",
    traffic_here="Là où les bits sont passés",
    capacity="Capacité de conception",
    traffic="Transporté, les deux sens ensemble",
    overland="terrestre, hors échelle",
    unknown="capacité supposée",
    unused="inutilisé dans cette simulation",
    service="En service depuis",
    before="avant {year}",
    decade="{year} à {last}",
    since="{year} ou après",
    utilisation="Utilisation moyenne en usage,\nsens le plus chargé",
    carbon="CO2e de l'électricité\nconsommée par le transport",
    below="moins de {high}",
    between="{low} à {high}",
    above="{low} ou plus",
    places="Lieux",
    exchange="points d'échange d'une ville, pointe de {peak}",
    regions="{count} régions cloud dans une ville",
    region="1 région cloud dans une ville",
    landing="atterrage d'un câble sous-marin",
    end="d'où partent ou arrivent des bits",
    notes=(
        "Les câbles suivent des tracés plausibles, que personne n'a relevés. Points d'échange et régions cloud sont "
        "ceux d'aujourd'hui, quelle que soit l'année ; capacités : dernière extension publiée."
    ),
    notes_utilisation=(
        "Les câbles suivent des tracés plausibles, que personne n'a relevés. Utilisation : bits transportés, "
        "rapportés à ce que tous les câbles entre deux lieux peuvent porter du premier bit au dernier. Usagers, "
        "centres de données et satellites non tracés."
    ),
    notes_carbon=(
        "Les câbles suivent des tracés plausibles, que personne n'a relevés. CO2e : bits, fois l'énergie "
        "imputée par bit, fois l'intensité électrique des deux bouts, dans les deux sens. Usagers, centres de données, "
        "satellites et routeurs non tracés."
    ),
    source=(
        "Sources : catalogue d'AIceberg {version} (`aiceberg catalogue` donne l'origine de chaque chiffre) ; terres :"
        " Natural Earth 1:110 000 000, domaine public ; projection : Equal Earth (Šavrič, Patterson et Jenny 2018), "
        "surfaces exactes."
    ),
    cities={
        "addis-ababa": "Addis-Abeba",
        "alexandria": "Alexandrie",
        "algiers": "Alger",
        "athens": "Athènes",
        "barcelona": "Barcelone",
        "beijing": "Pékin",
        "beirut": "Beyrouth",
        "belgrade": "Belgrade",
        "brussels": "Bruxelles",
        "bucharest": "Bucarest",
        "cairo": "Le Caire",
        "cape-town": "Le Cap",
        "copenhagen": "Copenhague",
        "dubai": "Dubaï",
        "edinburgh": "Édimbourg",
        "frankfurt": "Francfort",
        "geneva": "Genève",
        "genoa": "Gênes",
        "gothenburg": "Göteborg",
        "groningen": "Groningue",
        "hamburg": "Hambourg",
        "hanoi": "Hanoï",
        "havana": "La Havane",
        "ho-chi-minh-city": "Hô-Chi-Minh-Ville",
        "jakarta": "Jakarta",
        "jeddah": "Djeddah",
        "kuala-lumpur": "Kuala Lumpur",
        "kuwait-city": "Koweït",
        "lisbon": "Lisbonne",
        "london": "Londres",
        "manila": "Manille",
        "mexico-city": "Mexico",
        "montreal": "Montréal",
        "moscow": "Moscou",
        "mumbai": "Bombay",
        "muscat": "Mascate",
        "new-orleans": "La Nouvelle-Orléans",
        "noumea": "Nouméa",
        "panama-city": "Panama",
        "philadelphia": "Philadelphie",
        "quebec": "Québec",
        "riyadh": "Riyad",
        "saint-denis-re": "Saint-Denis",
        "sao-paulo": "São Paulo",
        "seoul": "Séoul",
        "singapore": "Singapour",
        "st-petersburg": "Saint-Pétersbourg",
        "tehran": "Téhéran",
        "tel-aviv": "Tel-Aviv",
        "thessaloniki": "Thessalonique",
        "valencia": "Valence",
        "valletta": "La Valette",
        "vienna": "Vienne",
        "warsaw": "Varsovie",
    },
)
WORDS = {"en": _EN, "fr": _FR}
"""The languages there are."""

_PREFIXES = (
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
)


def words_of(lang: str) -> Words:
    """The texts of a language; raises UsageError for one that there is not."""
    if lang not in WORDS:
        raise UsageError(f"a map in {lang!r}", "there is no such language", f"there is {', '.join(WORDS)}")
    return WORDS[lang]


def written(words: Words, value: float, digits: int = 3) -> str:
    """A number as the language writes it.

    >>> written(WORDS["fr"], 12345.0, 5), written(WORDS["en"], 0.25)
    ('12\\u202f345', '0.25')
    """
    text = f"{float(f'{value:.{digits}g}'):,.10f}".rstrip("0").rstrip(".")
    return text.translate({ord(","): words.thousands, ord("."): words.decimal})


def with_prefix(words: Words, value: float, unit: str, digits: int = 3) -> str:
    """A number with the prefix that a person would choose.

    >>> with_prefix(WORDS["fr"], 1.5e12, "bit/s")
    '1,5 Tbit/s'
    """
    size, prefix = next((p for p in _PREFIXES if abs(value) >= p[0]), (1.0, ""))
    return f"{written(words, value / size, digits)} {prefix}{unit}"
