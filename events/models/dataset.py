"""What the data set's files last said."""

from django.db import models


class LoadedEntry(models.Model):
    """An entry of the data set as last loaded: an unchanged one is never touched again.

    `entry_hash` is the SHA-256 of the entry as read; `revision` the seq of the change that the load left the record at
    (0: not public), so that a later one tells that somebody edited it since.
    """

    type = models.CharField(max_length=10)
    key = models.CharField(max_length=120)
    entry_hash = models.CharField(max_length=64)
    revision = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "loaded entries"
        constraints = (models.UniqueConstraint(fields=("type", "key"), name="loadedentry_once"),)

    def __str__(self) -> str:
        return f"{self.type} {self.key}"
