"""A small data set, complete in itself, as plain values that a test changes and writes to a folder."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from events.services.dataset.loading import read
from events.services.dataset.problems import DatasetError

REFERENCE: dict[str, Any] = {
    "groups": [
        {"slug": "eu", "name": "European Union", "members": [{"code": "FR", "since": dt.date(1958, 1, 1)}, "DE"]}
    ],
    "agencies": [{"slug": "bis", "name": "Bureau of Industry and Security", "aliases": ["BIS"], "country": "US"}],
    "companies": [
        {"slug": "openai", "name": "OpenAI", "country": "US", "kind": "developer"},
        {"slug": "microsoft", "name": "Microsoft", "aliases": ["MSFT"], "country": "US", "kind": "cloud"},
    ],
    "ownerships": [{"owner": "microsoft", "owned": "openai", "kind": "investor", "since": "2019-07"}],
    "products": [
        {"slug": "openai-api", "name": "OpenAI API", "company": "openai", "kind": "api"},
        {
            "slug": "azure-openai",
            "name": "Azure OpenAI Service",
            "company": "microsoft",
            "models_from": "openai",
            "kind": "cloud_service",
        },
    ],
    "policies": [
        {"slug": "supported-countries", "title": "Supported countries", "kind": "company_terms", "issuer": "openai"}
    ],
    "publishers": [
        {"slug": "reuters", "name": "Reuters", "kind": "news"},
        {"slug": "the-register", "name": "The Register", "kind": "trade_press"},
    ],
}
ANNOUNCED: dict[str, Any] = {
    "id": "openai-announces-block",
    "date": dt.date(2024, 6, 25),
    "precision": "day",
    "kind": "announcement",
    "certainty": "reported",
    "title": "OpenAI announces that it will block API traffic from China",
    "summary": "OpenAI told developers that it would block traffic from unsupported regions.",
    "companies": [{"slug": "openai", "role": "actor"}],
    "countries": [{"code": "CN", "role": "affected"}],
    "policies": [{"slug": "supported-countries", "relation": "announces"}],
    "sources": [
        {
            "publisher": "the-register",
            "title": "OpenAI to pull plug on unsupported nations",
            "url": "https://www.theregister.com/2024/06/25/openai_unsupported_countries/",
            "date": dt.date(2024, 6, 25),
            "tier": "secondary",
            "relays": "reuters",
        }
    ],
    "checked": "excerpt",
}
BLOCKED: dict[str, Any] = {
    "id": "openai-block-takes-effect",
    "date": dt.date(2024, 7, 9),
    "precision": "day",
    "kind": "enforcement",
    "certainty": "confirmed",
    "title": "OpenAI's block takes effect",
    "summary": "OpenAI began blocking API traffic from China.",
    "companies": [{"slug": "openai", "role": "actor"}],
    "countries": [{"code": "CN", "role": "affected"}],
    "products": ["openai-api"],
    "policies": [{"slug": "supported-countries", "relation": "brings_into_force"}],
    "access": [
        {"id": 1, "product": "openai-api", "country": "CN", "status": "blocked", "from": dt.date(2024, 7, 9)},
    ],
    "follows": [{"id": "openai-announces-block", "relation": "implements"}],
    "sources": [copy.deepcopy(ANNOUNCED["sources"][0])],
    "checked": "excerpt",
}


class Files:
    """The data set as plain values: `reference`, `announced` and `blocked`, for tests to change."""

    def __init__(self) -> None:
        self.reference = copy.deepcopy(REFERENCE)
        self.announced = copy.deepcopy(ANNOUNCED)
        self.blocked = copy.deepcopy(BLOCKED)
        self.more: list[dict[str, Any]] = []

    def row(self, table: str, slug: str) -> dict[str, Any]:
        return next(row for row in self.reference[table] if row["slug"] == slug)

    def write(self, folder: Path) -> Path:
        events = [event for event in (self.announced, self.blocked, *self.more) if event]
        dump(folder / "reference.yaml", self.reference)
        dump(folder / "companies.yaml", {"events": events})
        return folder


class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(path: Path, content: Any) -> None:
    path.write_text(yaml.dump(content, Dumper=Dumper, allow_unicode=True, sort_keys=False), encoding="utf-8")


def problems(folder: Path) -> list[str]:
    """What is said of a folder that is refused."""
    with pytest.raises(DatasetError) as caught:
        read(folder)
    return caught.value.problems
