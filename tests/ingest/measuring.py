"""Precision and recall of extraction on the labelled paragraphs: `make bench-extraction`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from events.choices import CompanyRole, RecordType
from events.ingest.called import Named
from events.ingest.findings import Page, findings
from events.ingest.names import Vocabulary
from events.ingest.relays import publisher_of
from events.services.dataset.problems import Problems
from events.services.dataset.reading import read_files

FOLDER = Path(__file__).parent / "paragraphs"
DATA = Path(__file__).parents[2] / "events" / "data"
SLUGS = ("companies", "agencies", "products", "policies", "groups")
KINDS = ("companies", "countries", "dates", "policies", "relays", "agencies", "products", "groups", "speakers", "kind")


@dataclass
class Score:
    right: int = 0
    found: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0


@cache
def vocabulary() -> Vocabulary:
    """As `events.queries.names` makes it of the database, here from the shipped data set."""
    read = read_files(DATA, Problems())
    records = []
    for kind in ("company", "agency", "product", "policy", "group", "publisher"):
        for entry in read.of(RecordType(kind)):
            said = entry.values
            cited = [
                part.strip() for part in said.get("citation", "").split(";") if kind in ("policy", "group") and part
            ]
            records.append(
                Named(
                    kind,
                    entry.key,
                    (said.get("name") or said["title"], *said.get("aliases", ()), *filter(None, cited)),
                    country=said.get("country", "") if kind == "agency" else "",
                    maker=said.get("company") or "" if kind == "product" else "",
                    short=said.get("short", "") if kind == "agency" else "",
                    sort=said.get("kind", "") if kind == "publisher" else "",
                )
            )
    return Vocabulary(records)


def paragraphs(part: str) -> list[dict[str, Any]]:
    return yaml.safe_load((FOLDER / f"{part}.yaml").read_text("utf-8"))


def wanted(paragraph: dict[str, Any], kind: str) -> set[Any]:
    labels = paragraph.get(kind, [])
    if kind == "kind":
        return {labels}
    if kind == "dates":
        return {(str(day), precision) for day, precision in labels}
    if kind == "relays":
        return {(outlet(publisher), outlet(relays)) for publisher, relays in labels}
    return {label.casefold() for label in labels} if kind == "speakers" else set(labels)


def found(said: dict[str, Any], kind: str) -> set[Any]:
    if kind == "kind":
        return {said["kind"]}
    if kind == "dates":
        return {(each["date"], each["precision"]) for each in said["dates"]}
    if kind == "relays":
        return {(outlet(each["publisher"]), outlet(each["relays"])) for each in said["relays"]}
    if kind == "speakers":
        return {each["name"].casefold() for each in said["speakers"]}
    return {each["code" if kind == "countries" else "slug"] for each in said[kind]}


def outlet(name: str) -> str:
    known = publisher_of(name, vocabulary())
    return (known.names[0] if known else name).casefold()


def extracted(paragraph: dict[str, Any]) -> dict[str, Any]:
    return findings(Page(paragraph["text"], published=paragraph["published"]), vocabulary())


def measure(part: str) -> dict[str, Score]:
    scores = {kind: Score() for kind in KINDS}
    for paragraph in paragraphs(part):
        said = extracted(paragraph)
        for kind, score in scores.items():
            mine, theirs = found(said, kind), wanted(paragraph, kind)
            score.right += len(mine & theirs)
            score.found += len(mine)
            score.wanted += len(theirs)
    return scores


def companies_that_act() -> Score:
    """Of the companies that the titles and summaries of the data set name: those that act, as found and on record."""
    score = Score()
    for entry in read_files(DATA, Problems()).of(RecordType.EVENT):
        said = findings(Page(entry.values["summary"], title=entry.values["title"]), vocabulary())
        act = {each["slug"] for each in entry.values.get("companies", ()) if each["role"] == CompanyRole.ACTOR}
        mine = {each["slug"] for each in said["companies"] if each["role"] == CompanyRole.ACTOR}
        score.right += len(mine & act)
        score.found += len(mine)
        score.wanted += bool(act & found(said, "companies"))
    return score


def mistakes(part: str) -> list[str]:
    """What differs from the labels; for the part that the extractor is made with."""
    lines = []
    for paragraph in paragraphs(part):
        said = extracted(paragraph)
        for kind in KINDS:
            mine, theirs = found(said, kind), wanted(paragraph, kind)
            if mine != theirs:
                lines.append(f"{paragraph['id']} {kind}: wrong {sorted(mine - theirs)}, missed {sorted(theirs - mine)}")
    return lines


def show(kind: str, score: Score) -> None:
    print(
        f"  {kind:10} precision {score.precision:.3f} ({score.right}/{score.found})"
        f"  recall {score.recall:.3f} ({score.right}/{score.wanted})"
    )


def main() -> None:
    for part in ("tuned", "apart"):
        print(f"{part}: {len(paragraphs(part))} paragraphs")
        for kind, score in measure(part).items():
            show(kind, score)
    print("titles and summaries of the data set")
    show("who acts", companies_that_act())
    for line in mistakes("tuned"):
        print(line)
