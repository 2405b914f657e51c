"""What things may be called: no two records of one type share a name or an alias, whatever the case.

Stated here once, for forms, for publishing and for the data set. The databases' own folding of case is narrower (SQLite
knows ASCII alone), so that their constraints are the nearest that they can state.
"""

from __future__ import annotations


def folded(name: str) -> str:
    return name.casefold()


class NameBook:
    """The names and aliases of the records of one type, each with the keys of those that bear it.

    With `aliases_shared` two records may have an alias in common, or one be called like an alias of the other
    ("Copilot"), but never both have the same name.
    """

    def __init__(self, *, aliases_shared: bool = False) -> None:
        self.aliases_shared = aliases_shared
        self.names: dict[str, list[str]] = {}
        self.aliases: dict[str, list[str]] = {}

    def add(self, key: str, name: str, *, is_alias: bool = False) -> None:
        (self.aliases if is_alias else self.names).setdefault(folded(name), []).append(key)

    def sharer(self, key: str, name: str) -> str | None:
        """The key of another record that is called so, by its name or by an alias."""
        word = folded(name)
        return next((held for held in (*self.names.get(word, ()), *self.aliases.get(word, ())) if held != key), None)

    def clash(self, key: str, name: str, *, is_alias: bool = False) -> str | None:
        """The key of another record for which this one may not be called so."""
        if not self.aliases_shared:
            return self.sharer(key, name)
        held = () if is_alias else self.names.get(folded(name), ())
        return next((each for each in held if each != key), None)


def shared(name: str, key: str) -> str:
    """What is said of a name that another record bears."""
    return f"“{name}” is a name of “{key}” too."


def both(key: str, kind: str) -> str:
    """What is said of a slug that a record of the other kind bears: policies name their issuer, of either, by it."""
    return f"“{key}” is {kind} too."
