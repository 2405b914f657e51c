"""What is refused, and how it is said."""

import datetime as dt

import pytest

from events.choices import RecordType
from events.services.dataset.loading import read
from events.services.dataset.problems import DatasetError
from tests.services.dataset.making import Files, problems

BLOCKED = "events openai-block-takes-effect"
ANNOUNCED = "events openai-announces-block"


def in_events(entry: str, field: str, message: str) -> tuple[str, ...]:
    return ("companies.yaml, line ", f": {entry}: {field}: {message}")


def in_reference(entry: str, field: str, message: str) -> tuple[str, ...]:
    return ("reference.yaml, line ", f": {entry}: {field}: {message}")


def change(**fields):
    return lambda files: files.blocked.update(fields)


def without(key):
    return lambda files: files.blocked.pop(key)


def in_effect(**fields):
    return lambda files: files.blocked["access"][0].update(fields)


def in_source(**fields):
    return lambda files: files.blocked["sources"][0].update(fields)


def in_both_sources(**fields):
    return lambda files: [event["sources"][0].update(fields) for event in (files.announced, files.blocked)]


def in_row(table, slug, **fields):
    return lambda files: files.row(table, slug).update(fields)


def add_effect(**fields):
    return lambda files: files.blocked["access"].append(files.blocked["access"][0] | fields)


def relate_in_circle(files: Files) -> None:
    files.announced["date"] = files.blocked["date"]
    files.announced["follows"] = [{"id": "openai-block-takes-effect", "relation": "explains"}]


def contradict(files: Files) -> None:
    files.more = [files.blocked | {"id": "another", "access": [files.blocked["access"][0] | {"status": "available"}]}]


def split_issuer(files: Files) -> None:
    files.reference["companies"].append({"slug": "bis", "name": "BIS Inc.", "kind": "other"})


NOON = dt.datetime(2024, 7, 9, 12, tzinfo=dt.UTC)
# What is done to the small data set, the file, entry and field that the message names, and how it goes on.
CASES = {
    "unknown company": (
        change(companies=[{"slug": "opnai", "role": "actor"}]),
        in_events(BLOCKED, "companies[1].slug", "There is no company “opnai”."),
    ),
    "unknown agency": (change(agencies=["cac"]), in_events(BLOCKED, "agencies[1]", "There is no agency “cac”.")),
    "unknown product": (
        change(products=["openai-api", "gpt"]),
        in_events(BLOCKED, "products[2]", "There is no product “gpt”."),
    ),
    "unknown country": (
        change(countries=[{"code": "EU", "role": "affected"}]),
        in_events(BLOCKED, "countries[1].code", "'EU' is no country's ISO 3166-1 alpha-2 code."),
    ),
    "Norway unquoted": (
        change(countries=[{"code": False, "role": "affected"}]),
        in_events(
            BLOCKED, "countries[1].code", "False is no country's ISO 3166-1 alpha-2 code. Norway is written 'NO'."
        ),
    ),
    "unknown publisher": (
        in_both_sources(relays="afp"),
        in_events(ANNOUNCED, "sources[1].relays", "There is no publisher “afp”."),
    ),
    "unknown issuer": (
        in_row("policies", "supported-countries", issuer="nobody"),
        in_reference("policies supported-countries", "issuer", "There is no agency or company “nobody”."),
    ),
    "bad date": (change(date="2024-02-30"), in_events(BLOCKED, "date", "'2024-02-30' is no date, such as 2024-07-09.")),
    "date with a time": (
        change(date=NOON),
        in_events(BLOCKED, "date", "2024-07-09 12:00:00+00:00 is no date, such as 2024-07-09."),
    ),
    "ownership since a time": (
        lambda files: files.reference["ownerships"][0].update(since=NOON),
        in_reference("ownerships microsoft", "since", "2024-07-09 12:00:00+00:00 is no date, such as 2024-07-09, '20"),
    ),
    "dates in a list": (
        change(date=[dt.date(2024, 7, 9), NOON]),
        in_events(BLOCKED, "date", "[2024-07-09, 2024-07-09 12:00:00+00:00] is no date, such as 2024-07-09."),
    ),
    "date for a text": (
        change(title=dt.date(2024, 7, 9)),
        in_events(BLOCKED, "title", "A text is wanted, not 2024-07-09; quotation marks make it one."),
    ),
    "time for a text": (
        change(summary=NOON),
        in_events(BLOCKED, "summary", "A text is wanted, not 2024-07-09 12:00:00+00:00; quotation marks make it one."),
    ),
    "keys and values for a code": (
        change(countries=[{"code": {"of": "CN"}, "role": "affected"}]),
        in_events(BLOCKED, "countries[1].code", "{of: 'CN'} is no country's ISO 3166-1 alpha-2 code."),
    ),
    "not the first day of its period": (
        change(precision="month"),
        in_events(BLOCKED, "date", "2024-07-09 is not the first day of its month."),
    ),
    "effect not from the first day of its period": (
        in_effect(precision="quarter"),
        in_events(BLOCKED, "access[1].from", "2024-07-09 is not the first day of its quarter."),
    ),
    "ends before it starts": (
        change(end_date=dt.date(2024, 7, 8)),
        in_events(BLOCKED, "end_date", "It ends before it starts."),
    ),
    "effect ends before it starts": (
        in_effect(until=dt.date(2024, 7, 8)),
        in_events(BLOCKED, "access[1].until", "It ends before it starts."),
    ),
    "duplicate id": (
        lambda files: files.more.append(files.announced | {"title": "Again"}),
        in_events(ANNOUNCED, "id", "“openai-announces-block” stands already in companies.yaml, line 2"),
    ),
    "duplicate slug": (
        lambda files: files.reference["publishers"].append({"slug": "reuters", "name": "Other", "kind": "news"}),
        in_reference("publishers reuters", "slug", "“reuters” stands already in reference.yaml, line "),
    ),
    "missing source": (without("sources"), in_events(BLOCKED, "sources", "It is missing.")),
    "no supporting source": (
        in_source(stance="context"),
        in_events(BLOCKED, "sources", "It needs at least one source that supports it."),
    ),
    "nobody acts": (without("companies"), ("companies.yaml, line ", f": {BLOCKED}: It needs somebody who acted: ")),
    "relation to nothing": (
        change(follows=[{"id": "nothing", "relation": "implements"}]),
        in_events(BLOCKED, "follows[1].id", "There is no event “nothing”."),
    ),
    "relation to itself": (
        change(follows=[{"id": "openai-block-takes-effect", "relation": "implements"}]),
        in_events(BLOCKED, "follows[1].id", "An event does not relate to itself."),
    ),
    "relation to a later event": (
        change(date=dt.date(2024, 6, 24)),
        in_events(BLOCKED, "follows[1].id", "“openai-announces-block”, to which it relates, is later than it."),
    ),
    "relations in a circle": (relate_in_circle, ("companies.yaml, line ", ": follows: Relations lead in a circle: ")),
    "wrong kind": (change(kind="ban"), in_events(BLOCKED, "kind", "'ban' is none of announcement, proposal, ")),
    "wrong role": (
        change(companies=[{"slug": "openai", "role": "villain"}]),
        in_events(BLOCKED, "companies[1].role", "'villain' is none of actor, target, affected."),
    ),
    "wrong status": (
        in_effect(status="shut"),
        in_events(BLOCKED, "access[1].status", "'shut' is none of available, limited, license_required, blocked."),
    ),
    "unknown key": (change(titel="x"), in_events(BLOCKED, "titel", "There is no such key here; there are id, date, ")),
    "unknown key in a row": (
        in_row("companies", "openai", url="https://openai.com"),
        in_reference("companies openai", "url", "There is no such key here; there are slug, name, kind, "),
    ),
    "unknown table": (
        lambda files: files.reference.update({"people": []}),
        ("reference.yaml, line ", ": people: There is no such table; there are groups, "),
    ),
    "missing key": (without("title"), in_events(BLOCKED, "title", "It is missing.")),
    "empty key": (
        change(body=None),
        in_events(BLOCKED, "body", "It is empty: fill it, or leave the key out where that is allowed."),
    ),
    "empty list": (
        change(groups=[]),
        in_events(BLOCKED, "groups", "It is empty: fill it, or leave the key out where that is allowed."),
    ),
    "empty text": (
        change(summary=""),
        in_events(BLOCKED, "summary", "It is empty: fill it, or leave the key out where that is allowed."),
    ),
    "shared alias": (
        in_row("companies", "microsoft", aliases=["openAI"]),
        in_reference("companies microsoft", "aliases[1]", "“openAI” is a name of “openai” too."),
    ),
    "shared name": (
        in_row("publishers", "the-register", name="reuters"),
        in_reference("publishers the-register", "name", "“reuters” is a name of “reuters” too."),
    ),
    "a company and an agency": (split_issuer, in_reference("agencies bis", "slug", "“bis” is a company too.")),
    "contradictory effects": (
        contradict,
        ("companies.yaml, line ", ": events another: access[1]: From the same day on"),
    ),
    "one id for two effects": (
        add_effect(country="RU"),
        in_events(BLOCKED, "access[2]", "“1” is listed twice."),
    ),
    "effect on a product that the event does not name": (
        in_effect(product="azure-openai"),
        in_events(
            BLOCKED, "access[1].product", "“azure-openai”, on which it has an effect, is not among its products."
        ),
    ),
    "effect on a country and a group": (
        in_effect(group="eu"),
        in_events(BLOCKED, "access[1]", "An effect is on one country or on one group."),
    ),
    "exceptions of a country": (
        in_effect(**{"except": ["HK"]}),
        in_events(BLOCKED, "access[1].except", "Only an effect on a group has exceptions."),
    ),
    "NUL": (change(title="Block\0ed"), in_events(BLOCKED, "title", "The text holds a NUL character.")),
    "text over its limit": (
        change(title="x" * 111),
        in_events(BLOCKED, "title", "It has 111 characters; 110 are allowed."),
    ),
    "quote over its limit": (
        change(quote={"text": "x" * 301, "speaker": "OpenAI", "source": "https://www.theregister.com/"}),
        in_events(BLOCKED, "quote.text", "It has 301 characters; 300 are allowed."),
    ),
    "quote of another page": (
        change(quote={"text": "x", "speaker": "OpenAI", "source": "https://www.theregister.com/"}),
        in_events(BLOCKED, "quote.source", "It is the URL of none of the event's sources."),
    ),
    "quote about no effect": (
        in_source(quotes=[{"text": "x", "about": "effect:2"}]),
        in_events(BLOCKED, "sources", "The event has no effect:2 that a quote could be about."),
    ),
    "number for a text": (
        change(title=2024),
        in_events(BLOCKED, "title", "A text is wanted, not 2024; quotation marks"),
    ),
    "source of the future": (
        in_both_sources(date=dt.date(2199, 1, 1)),
        in_events(ANNOUNCED, "sources[1].date", "It is in the future."),
    ),
    "a page described in two ways": (
        in_source(title="OpenAI pulls the plug"),
        (f"{BLOCKED}: sources[1]: ", "is described in another way in companies.yaml, line ", ": its “title” differs."),
    ),
    "a page in another spelling": (
        in_source(url="https://theregister.com/2024/06/25/openai_unsupported_countries"),
        (f"{BLOCKED}: sources[1]: ", "is described in another way", ": its “url” differs."),
    ),
    "a page cited twice": (
        lambda files: files.blocked["sources"].append(files.blocked["sources"][0]),
        in_events(BLOCKED, "sources[2]", "The page is cited already"),
    ),
    "a source that relays itself": (
        in_both_sources(relays="the-register"),
        in_events(ANNOUNCED, "sources[1].relays", "A source does not relay its own publisher."),
    ),
    "bad URL": (
        in_source(url="ftp://example.com/a"),
        in_events(BLOCKED, "sources[1].url", "An address starts with http"),
    ),
    "reserved slug": (change(id="latest"), in_events("events latest", "id", "The address “latest” is taken.")),
    "bad slug": (change(id="A_b"), in_events("events A_b", "id", "'A_b' is no slug: ")),
    "paywalled: false": (
        in_source(paywalled=False),
        in_events(BLOCKED, "sources[1].paywalled", "It is true, or left out."),
    ),
    "retracted without reason": (
        change(retracted={"on": dt.date(2024, 8, 1)}),
        in_events(BLOCKED, "retracted.reason", "It is missing."),
    ),
    "redirect from an event that is there": (
        change(redirects=["openai-announces-block"]),
        in_events(BLOCKED, "redirects[1]", "“openai-announces-block” is an event's id, or redirects elsewhere."),
    ),
    "overlapping memberships": (
        in_row("groups", "eu", members=["FR", {"code": "FR", "since": dt.date(2020, 1, 1)}]),
        in_reference("groups eu", "members[2]", "Two memberships of FR overlap."),
    ),
    "ownership of nobody": (
        lambda files: files.reference["ownerships"][0].update(owned="nobody"),
        in_reference("ownerships microsoft", "owned", "There is no company “nobody”."),
    ),
    "two ownerships at once": (
        lambda files: files.reference["ownerships"].append(files.reference["ownerships"][0] | {"since": "2021-01"}),
        ("reference.yaml, line ", ": ownerships microsoft: It overlaps with another one of its kind."),
    ),
    "bad ownership date": (
        lambda files: files.reference["ownerships"][0].update(since="2019-13"),
        in_reference("ownerships microsoft", "since", "There is no such date as “2019-13”."),
    ),
    "a company's product that serves its own models": (
        in_row("products", "azure-openai", models_from="microsoft"),
        in_reference("products azure-openai", "models_from", "It names another company than the product's own."),
    ),
}


@pytest.mark.parametrize(
    "written", ["2024-07-09T12:00:00Z", "2024-7-9 9:05:00.250 -5", "2024-07-09t00:00:00+08:00", "2024-07-09 00:00:00"]
)
def test_date_with_a_time_is_quoted_as_it_is_written(files, folder, written):
    assert said_of_the_date(files, folder, written) == f"{written} is no date, such as 2024-07-09."


def test_number_past_all_bounds_is_quoted_in_part(files, folder):
    said = said_of_the_date(files, folder, "0x" + "f" * 9_000)
    assert said == f"0x{'f' * 58}… is no date, such as 2024-07-09."


def said_of_the_date(files, folder, written: str) -> str:
    file = files.write(folder) / "companies.yaml"
    lines = file.read_text().splitlines()
    line = lines.index("  date: 2024-07-09")
    lines[line] = f"  date: {written}"
    file.write_text("\n".join(lines))
    [problem] = problems(folder)
    place = f"companies.yaml, line {line + 1}: {BLOCKED}: date: "
    assert problem.startswith(place)
    return problem.removeprefix(place)


@pytest.mark.parametrize("case", CASES)
def test_fault_is_named_with_file_entry_and_field(files, folder, case):
    spoil, parts = CASES[case]
    spoil(files)
    found = problems(files.write(folder))
    assert [problem for problem in found if all(part in problem for part in parts)], "\n".join(found)


def test_all_faults_are_reported_at_once(files, folder):
    files.announced["kind"] = "ban"
    files.blocked["products"] = ["gpt"]
    files.row("companies", "openai")["kind"] = "lab"
    found = problems(files.write(folder))
    assert [problem.partition(",")[0] for problem in found] == [
        "reference.yaml", "companies.yaml", "companies.yaml", "companies.yaml",
    ]  # fmt: skip


def test_no_more_than_fifty_faults_are_listed(files, folder):
    files.more = [files.announced | {"id": f"event-{n}", "kind": "ban"} for n in range(60)]
    files.write(folder)
    with pytest.raises(DatasetError) as caught:
        read(folder)
    assert (len(caught.value.problems), caught.value.left_out) == (50, 10)


def test_relations_of_a_retracted_event_need_no_order(files, folder):
    """Nothing of it can be mended, when the event to which it relates is dated later."""
    files.announced["date"] = dt.date(2024, 8, 1)
    files.announced["follows"] = [{"id": "openai-block-takes-effect", "relation": "explains"}]
    files.blocked["retracted"] = {"on": dt.date(2024, 8, 2), "reason": "Wrong."}
    assert read(files.write(folder)).entries[RecordType.EVENT, "openai-block-takes-effect"].values["follows"]


def test_ownership_of_a_quarter_ends_in_a_later_month(files, folder):
    files.reference["ownerships"][0] |= {"since": "2019-35", "until": "2019-12"}
    assert read(files.write(folder)).ownerships[0][1]["since"] == "2019-35"


def test_products_may_share_an_alias_which_is_noted(files, folder):
    files.row("products", "openai-api")["aliases"] = ["Copilot"]
    files.row("products", "azure-openai")["aliases"] = ["Copilot"]
    [notice] = read(files.write(folder)).notices
    assert notice.endswith("products azure-openai: aliases[1]: “Copilot” is a name of “openai-api” too.")


def test_quote_of_the_event_belongs_to_the_citation_of_its_source(files, folder):
    url = files.blocked["sources"][0]["url"]
    files.blocked["quote"] = {"text": "No more.", "speaker": "OpenAI", "source": url}
    dataset = read(files.write(folder))
    [citation] = dataset.entries[RecordType.EVENT, "openai-block-takes-effect"].values["citations"]
    assert (citation["text"], citation["speaker"]) == ("No more.", "OpenAI")


def test_quotes_of_a_source_are_one_citation_each(files, folder):
    files.blocked["sources"][0] |= {"locator": "p. 2", "quotes": [{"text": "a", "about": "effect:1"}, {"text": "b"}]}
    dataset = read(files.write(folder))
    citations = dataset.entries[RecordType.EVENT, "openai-block-takes-effect"].values["citations"]
    assert [(each["text"], each["locator"], each.get("about")) for each in citations] == [
        ("a", "p. 2", "effect:1"),
        ("b", "p. 2", None),
    ]
