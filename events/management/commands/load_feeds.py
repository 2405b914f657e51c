from typing import Any

from django.core.management.base import BaseCommand

from events.services.shipped_feeds import add_shipped


class Command(BaseCommand):
    help = "Add the feeds that ship with the project, switched off; those that are there are left as they are."

    def handle(self, **options: Any) -> None:
        if (added := add_shipped()) or options["verbosity"] > 1:
            self.stdout.write(f"{added} feeds added, switched off.")
