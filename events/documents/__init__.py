"""A record and what hangs on it, as the public JSON document that the log stores and the API serves.

The serializers state the public form once: publishing writes documents with them, the OpenAPI schema is drawn from
them, and reads hand out what is stored. They read rows that `prefetched` has loaded, many with the same queries as one.
"""

from events.documents.base import COLLECTIONS, instant
from events.documents.making import DocumentMaker, prefetched, references, type_of
from events.documents.registry import EMBEDDED_IN, MODELS, SERIALIZERS
from events.documents.working import working_document, working_documents

__all__ = [
    "COLLECTIONS",
    "EMBEDDED_IN",
    "MODELS",
    "SERIALIZERS",
    "DocumentMaker",
    "instant",
    "prefetched",
    "references",
    "type_of",
    "working_document",
    "working_documents",
]
