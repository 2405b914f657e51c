import pycountry
from babel import Locale

from events.lib.countries import countries

# Where CLDR has a shorter form beside the one that Babel gives (alt="short"; for MM the name without its former one).
SHORT = {"HK": "Hong Kong", "MO": "Macao", "PS": "Palestine", "MM": "Myanmar"}


def test_countries_are_those_of_iso_3166_with_the_names_of_cldr():
    names = {**Locale("en").territories, **SHORT}
    known = [(entry.alpha_2, entry.alpha_3, names[entry.alpha_2]) for entry in pycountry.countries]
    assert [(entry.code, entry.alpha3, entry.name) for entry in countries()] == sorted(known)


def test_every_country_has_a_region():
    regions = {entry.code: entry.region for entry in countries()}
    assert regions["TW"] == regions["CN"] == "Eastern Asia"
    assert all(regions.values())
