"""Writers in processes of their own, for the tests of concurrency: python -m tests.services.writers COMMAND …

publish PROCESSES SLUG …    each process publishes every so-manieth event
race PROCESSES SLUG …       each process publishes all of them; prints the slug for each that it won
reissue BATCH               runs outstanding reissues to the end
"""

import math
import os
import sys

import django


def publish(slugs: list[str]) -> int:
    """Publish these events, as many as are still to be had; the number that somebody else had published."""
    from events.models import Event
    from events.services import publishing

    lost = 0
    for slug in slugs:
        try:
            publishing.publish(Event.objects.get(slug=slug), by=None)
            print(slug, flush=True)
        except publishing.PublishingError:
            lost += 1
    return lost


def in_processes(shares: list[list[str]]) -> int:
    """0 where each process ended well."""
    children = []
    for share in shares:
        if not (child := os.fork()):
            publish(share)
            sys.stdout.flush()
            os._exit(0)
        children.append(child)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


def main(command: str, number: str, *slugs: str) -> int:
    from events.services import reissue

    if command == "reissue":
        reissue.BATCH = int(number)
        reissue.run_outstanding(seconds=math.inf)
        return 0
    processes = range(int(number))
    return in_processes([list(slugs[n :: len(processes)] if command == "publish" else slugs) for n in processes])


if __name__ == "__main__":
    django.setup()
    sys.exit(main(*sys.argv[1:]))
