"""What texts call countries besides their names: demonyms, short forms, and the capitals that stand for governments."""

from __future__ import annotations

from functools import cache

from events.lib.countries import countries_by_code

# Code: names, adjectives and peoples; after a bar, the capital or the seat of government as news writers use it.
SAID = {
    "AE": "UAE, Emirates, Emirati, Emiratis | Abu Dhabi", "AM": "Armenian, Armenians | Yerevan",
    "AR": "Argentine, Argentinian | Buenos Aires", "AT": "Austrian, Austrians | Vienna",
    "AU": "Australian, Australians | Canberra", "BE": "Belgian, Belgians", "BG": "Bulgarian | Sofia",
    "BR": "Brazilian, Brazilians | Brasília, Brasilia", "BY": "Belarusian | Minsk",
    "CA": "Canadian, Canadians | Ottawa",
    "CH": "Swiss | Bern", "CL": "Chilean",
    "CN": "Chinese, PRC, People's Republic of China, mainland China | Beijing", "CO": "Colombian | Bogotá",
    "CZ": "Czech, Czechs, Czech Republic, Czechia | Prague", "DE": "German, Germans | Berlin",
    "DK": "Danish, Danes | Copenhagen", "EE": "Estonian | Tallinn", "EG": "Egyptian | Cairo",
    "ES": "Spanish, Spaniards | Madrid", "FI": "Finnish, Finns | Helsinki", "FR": "French | Paris",
    "GB": "UK, Britain, British, Britons, Great Britain | London", "GE": "Georgian | Tbilisi",
    "GR": "Greek, Greeks | Athens", "HK": "Hong Kong, Hongkong", "HR": "Croatian | Zagreb",
    "HU": "Hungarian, Hungarians | Budapest", "ID": "Indonesian, Indonesians | Jakarta", "IE": "Irish | Dublin",
    "IL": "Israeli, Israelis | Jerusalem", "IN": "Indian, Indians | New Delhi", "IQ": "Iraqi | Baghdad",
    "IR": "Iranian, Iranians | Tehran", "IT": "Italian, Italians | Rome", "JP": "Japanese | Tokyo",
    "KE": "Kenyan | Nairobi", "KP": "North Korean, North Koreans, DPRK | Pyongyang",
    "KR": "Korea, Korean, Koreans, South Korean, South Koreans, Republic of Korea | Seoul",
    "KZ": "Kazakh | Astana", "LT": "Lithuanian | Vilnius", "LV": "Latvian | Riga", "MA": "Moroccan | Rabat",
    "MM": "Burma, Burmese", "MO": "Macau, Macao", "MX": "Mexican, Mexicans", "MY": "Malaysian, Malaysians",
    "NG": "Nigerian, Nigerians | Abuja", "NL": "Dutch, Holland, the Netherlands | The Hague",
    "NO": "Norwegian, Norwegians | Oslo", "NZ": "New Zealander, New Zealanders", "PH": "Philippine, Filipino | Manila",
    "PK": "Pakistani | Islamabad", "PL": "Polish, Poles | Warsaw", "PT": "Portuguese | Lisbon", "QA": "Qatari | Doha",
    "RO": "Romanian | Bucharest", "RS": "Serbian | Belgrade",
    "RU": "Russian, Russians, Russian Federation | Moscow, Kremlin", "SA": "Saudi, Saudis | Riyadh",
    "SE": "Swedish, Swedes | Stockholm", "SG": "Singaporean, Singaporeans", "SI": "Slovenian | Ljubljana",
    "SK": "Slovak | Bratislava", "SY": "Syrian | Damascus", "TH": "Thai | Bangkok",
    "TR": "Turkey, Turkish, Turks | Ankara", "TW": "Taiwanese | Taipei",
    "UA": "Ukrainian, Ukrainians | Kyiv",
    "US": "US, USA, America, American, Americans, United States of America | Washington",
    "VE": "Venezuelan | Caracas", "VN": "Vietnamese, Viet Nam | Hanoi", "ZA": "South African | Pretoria",
}  # fmt: skip
# Names that more often than not mean something else; they count beside another country only.
AMBIGUOUS = frozenset({"GE", "JO", "TD", "GG", "JE"})
EU_SAID = ("EU", "E.U.", "the bloc", "the 27-nation bloc", "Brussels", "member states of the Union", "EU member states")
WORLD_SAID = ("worldwide", "anywhere in the world", "all countries", "every country", "around the world")


@cache
def said_of_countries() -> dict[str, list[str]]:
    """Code: all that a text may call the country."""
    return {
        code: [entry.name, *(each.strip() for each in SAID.get(code, "").replace("|", ",").split(",") if each.strip())]
        for code, entry in countries_by_code().items()
    }
