"""Loaded by schemathesis (SCHEMATHESIS_HOOKS): what may be refused although the schema allows it.

OpenAPI cannot say that two parameters exclude each other, or that a slug has to be on record; the schema's description
lists what it leaves open. Such a request is a 400, which has to say so: any other refusal of a request that the schema
allows is a fault of the one or of the other.
"""

import re

import schemathesis

SENTENCES = (
    r"There is no (?!such parameter|such member|field|country “).+ “.*” in the record",  # names that are not on record
    r"There is no (?!such parameter|such member|field|country “)\w+ “.*”",
    r"There was no ",
    r"The newest (change|revision) is \d+\.",
    r"A whole number from 1 to \d+, the newest revision\.",
    r"A page lies before or after a cursor: give one of the two\.",
    r"This cursor belongs to other filters",
    r"It is no cursor",
    r"A slug or code\.",
    r"(An address |The address is longer |This is no address of a page|“.*” is no host name)",
    r"The range ends before it starts\.",
    r"There is no word in it to look for\.",
    r"A role is one of ",
    r"All countries and products at once are too much",
    r"A table \(format=csv\) has all rows: leave it out\.",
    r"Nobody knows yet what will be known then",
)
BEYOND_THE_SCHEMA = re.compile("|".join(SENTENCES), re.DOTALL)


@schemathesis.check
def refusal_is_one_that_the_schema_cannot_say(ctx, response, case):
    if response.status_code != 400 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.media_type == "text/csv":  # any text, of which the schema cannot say what table it has to be
        return
    problem = response.json()
    for error in problem.get("errors") or [problem]:
        assert BEYOND_THE_SCHEMA.match(error["detail"]), f"The schema allows it, and yet: {error}"
