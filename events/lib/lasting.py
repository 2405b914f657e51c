"""Names that stay the same on every host, and text as XML and calendars can hold it."""

import re
import uuid

# A namespace of our own (RFC 9562, section 6.6), drawn once at random: nothing else makes the same names.
NAMESPACE = uuid.UUID("7d1c5a4e-3f0b-4c55-9a86-21f0b6a9d9c3")

# What XML 1.0 (section 2.2) has no way to write, not even as a reference.
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What RFC 5545 (section 3.1, CONTROL) forbids, line ends apart, which it escapes.
NOT_IN_CALENDARS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def lasting_id(kind: str, key: str) -> str:
    """The UUID of a thing that the record calls `key`, forever and wherever the record is served from."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}:{key}"))


def for_xml(text: str) -> str:
    """The text without the control characters that make a document ill-formed."""
    return NOT_IN_XML.sub("", text)


def for_calendar(text: str) -> str:
    """The text without control characters; its line ends as single newlines."""
    return NOT_IN_CALENDARS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
