"""The data set's files (docs/data-format.md) and the record: reading and checking, loading, writing back."""
