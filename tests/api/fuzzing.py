"""Loaded by schemathesis (SCHEMATHESIS_HOOKS): what may be refused although the schema allows it.

Such a request is a 400 that says one of the sentences below. Any other refusal of a request that the schema allows is a
fault of the one or of the other. The schema's description tells its readers of the same.
"""

import re

import schemathesis

# What OpenAPI cannot say, and the sentences that say it.
BEYOND_THE_SCHEMA = {
    "which names are on record: the schema is the same for every record": (
        r"There is no (?!such parameter|such member|field|country “)[\w ]+ “.*”",
        r"There was no ",
    ),
    "how far the log goes, and which day it is": (
        r"The newest (change|revision) is \d+\.",
        r"A whole number from 1 to \d+, the newest revision\.",
        r"Nobody knows yet what will be known then",
    ),
    "what one parameter asks of another: OpenAPI describes each by itself": (
        r"A page lies before or after a cursor: give one of the two\.",
        r"This cursor belongs to other filters",
        r"The range ends before it starts\.",
        r"A role is one of ",
        r"All countries and products at once are too much",
        r"A table \(format=csv\) has all rows: leave it out\.",
    ),
    "what is a letter in any script: regular expressions of JSON Schema need not know": (
        r"There is no word in it to look for\.",
    ),
    "what is an address once it is spelled out: its spellings are too many for a pattern": (
        r"(An address |The address is longer |This is no address of a page|“.*” is no host name)",
    ),
}
SENTENCES = re.compile("|".join(each for sentences in BEYOND_THE_SCHEMA.values() for each in sentences), re.DOTALL)


@schemathesis.check
def refusal_is_one_that_the_schema_cannot_say(ctx, response, case):
    if response.status_code != 400 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.media_type == "text/csv":  # any text, of which the schema cannot say what table it has to be
        return
    problem = response.json()
    for error in problem.get("errors") or [problem]:
        assert SENTENCES.match(error["detail"]), f"The schema allows it, and yet: {error}"
