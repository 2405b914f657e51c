"""The Nu Html Checker on pages as the site sends them. What it warns of is printed; errors fail."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.audit.pages import answers
from tests.audit.site import npx
from tests.benchmarks.serving import Server

VNU = "vnu-jar@26.9.27"
EXPECTED = {200, 400, 403, 404}


def audit(server: Server, *, every: bool = False) -> list[str]:
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, answer in enumerate(answers(server, every=every)):
            if answer.status not in EXPECTED:
                problems.append(f"{answer.address} answers {answer.status}.")
            file = Path(folder) / f"{number}.html"
            file.write_text(answer.html)
            names[file.name] = f"{answer.address} ({answer.status})"
        said = npx("--package", VNU, "vnu", "--stdout", "--exit-zero-always", "--format", "json", folder)
    messages: list[dict[str, Any]] = json.loads(said)["messages"]
    found: dict[str, Counter[str]] = {"error": Counter(), "warning": Counter()}
    first: dict[str, str] = {}
    for message in messages:
        kind = "error" if message["type"] == "error" else "warning"
        text = message["message"]
        found[kind][text] += 1
        where = names.get(Path(message.get("url", "")).name, "")
        first.setdefault(text, f"{where}, line {message.get('lastLine')}: {message.get('extract', '').strip()!r}")
    print(f"\nvnu: {len(names)} pages, {found['error'].total()} errors, {found['warning'].total()} warnings")
    for kind, texts in found.items():
        for text, number in texts.most_common():
            print(f"  {kind} on {number}: {text}\n    first: {first[text]}")
    if found["error"]:
        problems.append(f"vnu finds {found['error'].total()} errors.")
    return problems
