"""Countries of ISO 3166-1 with their English names and regions.

Regions are those of the United Nations' standard M49, with Taiwan, which M49 does not list, under Eastern Asia. Names
imply no view on status.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from events.lib.country_names import NAMES

REGIONS = {  # M49: code, region, members
    "015": ("Northern Africa", "DZ EG EH LY MA SD TN"),
    "014": ("Eastern Africa", "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW"),
    "017": ("Middle Africa", "AO CD CF CG CM GA GQ ST TD"),
    "018": ("Southern Africa", "BW LS NA SZ ZA"),
    "011": ("Western Africa", "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG"),
    "029": ("Caribbean", "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI"),
    "013": ("Central America", "BZ CR GT HN MX NI PA SV"),
    "005": ("South America", "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE"),
    "021": ("Northern America", "BM CA GL PM US"),
    "143": ("Central Asia", "KG KZ TJ TM UZ"),
    "030": ("Eastern Asia", "CN HK JP KP KR MN MO TW"),
    "035": ("South-eastern Asia", "BN ID KH LA MM MY PH SG TH TL VN"),
    "034": ("Southern Asia", "AF BD BT IN IR LK MV NP PK"),
    "145": ("Western Asia", "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE"),
    "151": ("Eastern Europe", "BG BY CZ HU MD PL RO RU SK UA"),
    "154": ("Northern Europe", "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ"),
    "039": ("Southern Europe", "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA"),
    "155": ("Western Europe", "AT BE CH DE FR LI LU MC NL"),
    "053": ("Australia and New Zealand", "AU CC CX HM NF NZ"),
    "054": ("Melanesia", "FJ NC PG SB VU"),
    "057": ("Micronesia", "FM GU KI MH MP NR PW UM"),
    "061": ("Polynesia", "AS CK NU PF PN TK TO TV WF WS"),
    "010": ("Antarctica", "AQ"),
}


@dataclass(frozen=True)
class CountryEntry:
    code: str
    alpha3: str
    name: str
    region_code: str
    region: str


def countries() -> list[CountryEntry]:
    """Every entry of ISO 3166-1, in the order of the alpha-2 codes. Raises KeyError for one that has no region here."""
    region_of = {member: (code, region) for code, (region, members) in REGIONS.items() for member in members.split()}
    entries = (line.split(" ", 2) for line in NAMES.strip().splitlines())
    return [CountryEntry(code, alpha3, name, *region_of[code]) for code, alpha3, name in entries]


@cache
def countries_by_code() -> dict[str, CountryEntry]:
    """They are the same for as long as this code runs: no editor changes them."""
    return {entry.code: entry for entry in countries()}
