"""What may be sent, as data."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from io import StringIO
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser


class JsonParser(JSONParser):
    """JSON, but for what no answer could repeat: lone surrogates, and what is nested deeper than anything asked for."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            sent = super().parse(stream, media_type, parser_context)
            json.dumps(sent, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("It is nested too deeply.") from error
        except UnicodeEncodeError as error:
            raise ParseError("A text holds half of a surrogate pair: it is no Unicode.") from error
        return sent


class CsvParser(BaseParser):
    """A table whose first row names its columns, as a list of rows by column; an empty cell is left out."""

    media_type = "text/csv"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            text = stream.read().decode("utf-8-sig")
            rows = list(csv.DictReader(StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise ParseError(f"It is not a table in CSV, in UTF-8: {error}.") from error
        return {"questions": [{name: value for name, value in row.items() if value} for row in rows]}
