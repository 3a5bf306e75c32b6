"""Names made comparable, and which country one means: ISO 3166-1 codes by what map data and the catalogue call them.

The names are those of the table of time zones (`iso3166.tab` of the package tzdata, public
domain), those of the catalogue's grids, and a few spellings of TeleGeography's.
"""

import re
import unicodedata
from functools import cache
from importlib import resources

from simulator.catalogue import rows

SPELLINGS = {
    "ax": "Aland Islands",
    "bq": "Bonaire, Sint Eustatius and Saba",
    "cd": "Congo, Dem. Rep.; Democratic Republic of the Congo",
    "cf": "Central African Republic",
    "cg": "Congo, Rep.; Republic of the Congo; Republic of Congo",
    "ck": "Cook Islands",
    "fk": "Falkland Islands (Islas Malvinas)",
    "fm": "Micronesia; Federated States of Micronesia",
    "gb": "Great Britain",
    "gm": "The Gambia",
    "bs": "The Bahamas",
    "ir": "Islamic Republic of Iran",
    "kn": "Saint Kitts and Nevis",
    "kp": "Korea, Dem. People's Rep.",
    "kr": "Korea, Rep.; Republic of Korea",
    "la": "Lao PDR",
    "mf": "Saint Martin",
    "mk": "Macedonia",
    "mm": "Burma",
    "mo": "Macao",
    "ps": "Palestinian Territories",
    "ru": "Russian Federation",
    "bl": "Saint Barthélemy",
    "sh": "Saint Helena; Saint Helena, Ascension and Tristan da Cunha",
    "sj": "Svalbard",
    "st": "São Tomé and Príncipe",
    "sx": "Sint Maarten",
    "sy": "Syrian Arab Republic",
    "sz": "Swaziland",
    "tc": "Turks and Caicos Islands",
    "tl": "Timor-Leste",
    "us": "United States of America; USA",
    "va": "Holy See",
    "vc": "Saint Vincent and the Grenadines",
    "vg": "Virgin Islands (U.K.)",
    "vi": "Virgin Islands (U.S.)",
}
"""Further names by code, `;` between them."""


def find_country(text: str) -> str | None:
    """The code of the country that a text names, in lower case; None where it names none.

    >>> find_country("Côte d'Ivoire"), find_country("GB"), find_country("Atlantis")
    ('ci', 'gb', None)
    """
    code = text.strip().lower()
    return code if code in _codes() else _names().get(plain(text))


def find_country_of(name: str) -> str | None:
    """The country that a place's name ends in, after a comma.

    >>> find_country_of("Virginia Beach, VA, United States"), find_country_of("Muanda, Congo, Dem. Rep.")
    ('us', 'cd')
    """
    parts = name.split(",")
    ends = (",".join(parts[number:]) for number in range(1, len(parts)))
    return next((code for end in ends if (code := _names().get(plain(end)))), None)


def plain(text: str) -> str:
    """A name without accents, case, punctuation and what one may write or leave out.

    >>> plain("Saint-Denis (Réunion)"), plain("Frankfurt am Main")
    ('st denis reunion', 'frankfurt am main')
    """
    return " ".join("st" if word == "saint" else word for word in _words(text))


def slug(raw: object) -> str:
    """A text or number as an id of a table; "" where nothing of it is left.

    >>> slug("Vaitape (Bora Bora), French Polynesia"), slug(12), slug(None)
    ('vaitape-bora-bora-french-polynesia', '12', '')
    """
    words = _words(str(raw)) if isinstance(raw, str | int) else []
    return "-".join(word for word in words if word.isascii())


def _words(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", letters.replace("'", "").replace("’", ""))


@cache
def _codes() -> dict[str, str]:
    text = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {code.lower(): name for code, name in lines}


@cache
def _names() -> dict[str, str]:
    found = {plain(name): code for code, name in _codes().items()}
    for code in _codes():
        for name in (*SPELLINGS.get(code, "").split(";"), rows("grid")[code].name if code in rows("grid") else ""):
            if name.strip():
                found[plain(name)] = code
    return found
