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
            columns, *rows = list(csv.reader(StringIO(text, newline=""), strict=True)) or [[]]
        except (UnicodeDecodeError, csv.Error) as error:
            raise ParseError(f"It is not a table in CSV, in UTF-8: {error}.") from error
        if len(set(columns)) < len(columns):
            raise ParseError("Two columns have the same name.")
        for number, row in enumerate(rows, 2):
            if len(row) > len(columns):
                raise ParseError(f"Line {number} has more cells than the first line names columns.")
        named = ({name: cell for name, cell in zip(columns, row, strict=False) if cell} for row in rows if row)
        return {"questions": list(named)}
