"""Many questions of access at once, answered with a receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from events.api.errors import BadBody, TooLarge
from events.api.parameters import Day
from events.api.parsers import CsvParser, JsonParser
from events.api.renderers import json_answer
from events.api.shapes import HashField, Head
from events.api.views.base import Read
from events.caching import head
from events.documents.access import AnswerDocument
from events.lib.dates import today
from events.queries.answers import Question
from events.queries.reasons import Record, Unknown
from events.services.receipts import receipt

MOST = 500
LARGEST = 512 << 10  # bytes
A_DAY = Day("", "")


class AskedQuestion(serializers.Serializer[Any]):
    product = serializers.CharField(help_text="Slug of the product")
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2")
    on = serializers.DateField(required=False, allow_null=True, help_text="The day asked about; today if left out")
    known = serializers.DateField(
        required=False, allow_null=True, help_text="Count only what had been reported by this day"
    )


MEMBERS = frozenset(AskedQuestion().fields)


class Asked(serializers.Serializer[Any]):
    """Up to 500 questions; as CSV a table with the columns product, country, on and known."""

    questions = serializers.ListField(child=AskedQuestion(), min_length=1, max_length=MOST)
    revision = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="The record as it stood then; the newest if left out"
    )


class Receipt(serializers.Serializer[Any]):
    """Answers that anybody can have checked later, by `manage.py verify_receipt` or against a mirror of the log."""

    method = serializers.IntegerField(help_text="Version of the rules by which answers are found")
    revision = serializers.IntegerField(help_text="The record as it stood at this revision")
    head = Head(help_text="The log's head at that revision")
    questions = AskedQuestion(many=True, help_text="The questions as they were understood, in order")
    answers = AnswerDocument(many=True, help_text="The answer to each")
    sha256 = HashField(help_text="SHA-256 of the canonical JSON (RFC 8785) of all other members")


class AccessBatch(Read):
    """Up to 500 questions at once, answered with a receipt: what was asked, of which revision, and the answers."""

    operation = "ask_access"
    asks = Asked
    answer = Receipt
    example = "receipt"
    asks_example = "questions"
    parser_classes = (JsonParser, CsvParser)
    fails_with = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

    def post(self, request: Request) -> HttpResponse:
        self.asked(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise TooLarge(f"At most {MOST} questions and {LARGEST >> 10} KiB are answered at once.")
        questions, record = understood(request.data)
        response = json_answer(orjson.dumps(receipt(questions, record)))
        response.headers["Cache-Control"] = "no-store"
        return response


def understood(sent: Any) -> tuple[list[Question], Record]:
    """The questions with all that was left out filled in, and the record that they are put to. Raises BadBody."""
    errors: list[tuple[str, str]] = []
    if not isinstance(sent, dict) or not isinstance(sent.get("questions"), list):
        raise BadBody([("/questions", "Send an object with a list of questions.")])
    errors += [(f"/{name}", "There is no such member.") for name in sent if name not in ("questions", "revision")]
    asked = sent["questions"]
    if not 1 <= len(asked) <= MOST:
        errors.append(("/questions", f"From 1 to {MOST} questions; these are {len(asked)}."))
    newest = head().seq
    revision = sent.get("revision")
    if revision is None:
        revision = newest
    elif type(revision) is not int or not 1 <= revision <= newest:
        errors.append(("/revision", f"A whole number from 1 to {newest}, the newest revision."))
    if errors:
        raise BadBody(errors)
    record = Record(revision)
    record.read_products(each.get("product") for each in asked if isinstance(each, dict))
    questions = []
    for number, each in enumerate(asked):
        found = list(problems(each, f"/questions/{number}", record))
        errors += found
        if not found:
            on, known = each.get("on"), each.get("known")
            questions.append(
                Question(
                    record.product(each["product"])["slug"],
                    each["country"],
                    A_DAY.read(on) if on else today(),
                    A_DAY.read(known) if known else None,
                )
            )
    if errors:
        raise BadBody(errors)
    return questions, record


def problems(asked: Any, pointer: str, record: Record) -> Iterator[tuple[str, str]]:
    """All that is wrong with one question."""
    if not isinstance(asked, dict):
        yield pointer, "A question is an object with product and country, and on and known if wanted."
        return
    for name in asked:
        if name not in MEMBERS:
            escaped = name.replace("~", "~0").replace("/", "~1")  # RFC 6901
            yield f"{pointer}/{escaped}", "There is no such member: a question has product, country, on and known."
    for name, look_up in (("product", record.product), ("country", record.country)):
        try:
            look_up(asked[name])
        except KeyError:
            yield f"{pointer}/{name}", "It is required."
        except TypeError:
            yield f"{pointer}/{name}", "A text."
        except Unknown as error:
            yield f"{pointer}/{name}", str(error)
    for name in ("on", "known"):
        if (text := asked.get(name)) is None:
            continue
        try:
            found: dt.date = A_DAY.read(text)
        except (TypeError, ValueError):
            yield f"{pointer}/{name}", "A date such as 2024-07-09."
            continue
        if name == "known" and found > today():
            yield f"{pointer}/{name}", f"Nobody knows yet what will be known then; today is {today()}."
