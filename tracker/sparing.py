"""What a web process does without, so that it stays small."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Whatever is imported meanwhile finds these missing, and what it would do with them; those loaded before stay.

    For packages that others load when they happen to be installed, for features that we do not use. Afterwards they
    can be imported as ever.
    """
    modules = cast("dict[str, Any]", sys.modules)
    absent = [name for name in packages if name not in modules]
    modules.update(dict.fromkeys(absent))  # None: to import it is a ModuleNotFoundError
    try:
        yield
    finally:
        for name in absent:
            modules.pop(name, None)
