"""Receipts: questions of access with their answers at a revision, which anybody can have checked later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from events.documents import instant
from events.documents.access import answer_document
from events.lib.canonical import canonical, sha256
from events.models import Change, LogHead
from events.queries.answers import METHOD, Question
from events.queries.reasons import Record, reasoned

Receipt = dict[str, Any]
MEMBERS = {"method", "revision", "head", "questions", "answers", "sha256"}


class NoReceipt(Exception):
    """Why something is not a receipt at all, in a sentence."""


def receipt(questions: Sequence[Question], record: Record) -> Receipt:
    """The answers to resolved questions, with all that it takes to have them checked.

    `sha256` is that of the canonical JSON (RFC 8785) of all other members; `head` is the log's at that revision.
    """
    change = Change.objects.only("seq", "hash", "at").filter(seq=record.revision).first() or LogHead()
    made = {
        "method": METHOD,
        "revision": record.revision,
        "head": {"seq": change.seq, "hash": change.hash, "at": instant(change.at) if change.at else None},
        "questions": [
            {
                "product": question.product,
                "country": question.country,
                "on": question.on.isoformat(),
                "known": question.known.isoformat() if question.known else None,
            }
            for question in questions
        ],
        "answers": [answer_document(each) for each in reasoned(questions, record)],
    }
    return made | {"sha256": sha256(canonical(made))}


def differences(kept: Mapping[str, Any]) -> Iterator[str]:
    """What a kept receipt says otherwise than the record does at its revision, in sentences; nothing: it is right.

    Raises NoReceipt, and Unknown where a question names what the record does not know.
    """
    questions = questions_of(kept)
    if kept["method"] != METHOD:
        yield f"It was made by method {kept['method']}; this is method {METHOD}, which may answer otherwise."
        return
    rest = {name: value for name, value in kept.items() if name != "sha256"}
    if sha256(canonical(rest)) != kept["sha256"]:
        yield "Its SHA-256 is not that of what it says: it was changed, or is not complete."
    newest = LogHead.objects.filter(pk=1).first() or LogHead()
    if kept["revision"] > newest.seq:
        yield f"It is of revision {kept['revision']}, and this record has come to {newest.seq} only."
        return
    record = Record(kept["revision"])
    record.read_products({question.product for question in questions})
    for question in questions:
        record.product(question.product)
        record.country(question.country)
    again = receipt(questions, record)
    if again["head"] != kept["head"]:
        yield f"At revision {kept['revision']} the log's head is {again['head']}, not {kept['head']}."
    if len(again["answers"]) != len(kept["answers"]):
        yield f"It has {len(kept['answers'])} answers to {len(questions)} questions."
        return
    if again["questions"] != kept["questions"]:
        yield "Its questions are not written as a receipt writes them."
    for number, (now, then) in enumerate(zip(again["answers"], kept["answers"], strict=True)):
        if now != then:
            unlike = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
            question = questions[number]
            yield (
                f"Answer {number} ({question.product} in {question.country} on {question.on}) differs in "
                f"{', '.join(unlike)}."
            )


def questions_of(kept: Any) -> list[Question]:
    """The questions of a receipt, once it has been found to be one. Raises NoReceipt."""
    if not isinstance(kept, dict) or kept.keys() != MEMBERS:
        raise NoReceipt(f"A receipt is an object with {', '.join(sorted(MEMBERS))}.")
    try:
        canonical(kept)
        if not isinstance(kept["revision"], int) or kept["revision"] < 1:
            raise ValueError("its revision is no revision")
        if not all(isinstance(answer, dict) for answer in kept["answers"]):
            raise ValueError("an answer is no object")
        return [
            Question(
                str(each["product"]),
                str(each["country"]),
                dt.date.fromisoformat(each["on"]),
                dt.date.fromisoformat(each["known"]) if each["known"] else None,
            )
            for each in kept["questions"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise NoReceipt(f"It is not a whole receipt: {error}.") from error
