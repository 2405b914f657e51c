"""A small world for a running site: `python -m tests.ingest.standin 8714` serves a wire with a feed and its stories.

It answers under the name wire.example, which has to lead to this machine, and that the site has to be allowed:
FETCH_ALLOW=wire.example:8714. The feed to watch is http://wire.example:8714/feed.atom; /licences is a page to paste,
which the feed does not tell of; an archive answers at /wayback/available.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from tests.ingest.world import World

NAME = "wire.example"
SAMPLES = Path(__file__).parent / "samples"
ARTICLE = (SAMPLES / "article.html").read_text("utf-8")
STORIES = {
    "/openai-block": "OpenAI to block API traffic from China from July 9",
    "/chip-rule": "Commerce Department publishes a rule on advanced computing chips",
    "/azure-stays": "Azure OpenAI Service stays open to customers in China, Microsoft says",
}
ENTRY = """<entry><id>{url}</id><title>{title}</title><link href="{url}"/><updated>{now}</updated>
<summary>{title}.</summary></entry>"""
FEED = '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Example Wire</title>{entries}</feed>'


def fill(world: World) -> str:
    """Let the world have a feed, its stories, a page, robots.txt and an archive; returns the URL of the feed."""
    base = f"http://{NAME}:{world.server_port}"
    entries, now = "", dt.datetime.now(dt.UTC).isoformat()  # a first look takes what is news
    for path, title in STORIES.items():
        world.page(path, ARTICLE.replace("<title>", f"<title>{title} | "), ETag=f'"{path}"')
        entries += ENTRY.format(url=f"{base}{path}", title=title, now=now)
    world.page("/feed.atom", FEED.format(entries=entries), kind="application/atom+xml", ETag='"1"')
    world.page("/licences", (SAMPLES / "post.html").read_bytes())
    world.page("/robots.txt", "User-agent: *\nDisallow: /private\n", kind="text/plain")
    world.page("/wayback/available", '{"archived_snapshots": {}}', kind="application/json")
    return f"{base}/feed.atom"


if __name__ == "__main__":
    served = World(int(sys.argv[1]))
    print(f"The feed is {fill(served)}", flush=True)
    served.serve_forever()
