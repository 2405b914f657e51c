"""The feeds that ship with the project, switched off until an editor turns them on.

None was ever fetched from where the project is built; each address was found in lists that others use or tested in
2026. So each is off until an editor turns it on, presses "Look at the selected feeds now" and sees that it brings
something; one that does not is mended on its form. Of MOFCOM lists name several addresses, and hardly two the same: so
none ships, and readers are told that its pages are looked at by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

from events.choices import FeedKind
from events.models import Feed

REGISTER = "https://www.federalregister.gov/api/v1/documents.json?"
AI = "artificial intelligence, AI model, export control, semiconductor, chip, GPU, advanced computing, entity list"
ACCESS = (
    "export, sanction, supported countries, unsupported, availability, available in, terms of service, region, China"
)


def register(*agencies: str, term: str = "") -> str:
    """A search of the Federal Register by agencies and a term."""
    asked = [("conditions[agencies][]", agency) for agency in agencies]
    return REGISTER + urlencode([*asked, ("conditions[term]", term)] if term else asked)


# Slug, name, kind, address, words that choose, minutes between two looks.
SHIPPED: tuple[tuple[str, str, FeedKind, str, str, int], ...] = (
    ("fr-bis", "Federal Register: Bureau of Industry and Security", FeedKind.FEDERAL_REGISTER,
     register("industry-and-security-bureau"), "", 60),
    ("fr-ofac", "Federal Register: Office of Foreign Assets Control", FeedKind.FEDERAL_REGISTER,
     register("foreign-assets-control-office"), "", 120),
    ("fr-export-controls-ai", "Federal Register: export controls and AI", FeedKind.FEDERAL_REGISTER,
     register(term='"export controls" "artificial intelligence"'), "", 120),
    ("fr-treasury-outbound", "Federal Register: outbound investment", FeedKind.FEDERAL_REGISTER,
     register("treasury-department", term='"outbound investment"'), "", 240),
    ("white-house-actions", "White House: presidential actions", FeedKind.FEED,
     "https://www.whitehouse.gov/presidential-actions/feed/", AI, 120),
    ("bis-news", "BIS: pages of the site", FeedKind.SITEMAP,
     "https://www.bis.gov/sitemap.xml", "press-release, news", 240),
    ("ofac-recent-actions", "OFAC: recent actions", FeedKind.SITEMAP, "https://ofac.treasury.gov/sitemap.xml",
     "recent-actions", 240),
    ("eu-press", "European Commission: press corner", FeedKind.FEED,
     "https://ec.europa.eu/commission/presscorner/api/rss?language=en", AI + ", dual-use, AI Act, sanctions", 60),
    ("netherlands-news", "Government of the Netherlands: news", FeedKind.FEED,
     "https://feeds.government.nl/news.rss", AI + ", ASML", 120),
    ("uk-export-control", "UK: Export Control Joint Unit", FeedKind.FEED,
     "https://www.gov.uk/government/organisations/export-control-joint-unit.atom", "", 120),
    ("japan-meti", "Japan: METI (in Japanese)", FeedKind.FEED, "https://www.meti.go.jp/ml_index_release_atom.xml",
     "半導体, 輸出, 人工知能, AI, 安全保障貿易", 240),
    ("openai-news", "OpenAI: news", FeedKind.FEED, "https://openai.com/news/rss.xml", ACCESS, 60),
    ("anthropic-news", "Anthropic: news", FeedKind.SITEMAP, "https://www.anthropic.com/sitemap.xml", "/news/", 60),
    ("google-blog", "Google: The Keyword", FeedKind.FEED, "https://blog.google/rss/", ACCESS + ", countries", 60),
    ("microsoft-blog", "Microsoft: Official Blog", FeedKind.FEED, "https://blogs.microsoft.com/feed/", ACCESS, 60),
    ("azure-blog", "Microsoft: Azure Blog", FeedKind.FEED, "https://azure.microsoft.com/en-us/blog/feed/", ACCESS, 60),
    ("meta-newsroom", "Meta: Newsroom", FeedKind.FEED, "https://about.fb.com/news/feed/", ACCESS + ", Europe", 60),
    ("nvidia-newsroom", "Nvidia: Newsroom", FeedKind.FEED, "https://nvidianews.nvidia.com/releases.xml", ACCESS, 60),
    ("aws-news", "Amazon Web Services: what is new", FeedKind.FEED,
     "https://aws.amazon.com/about-aws/whats-new/recent/feed/", ACCESS + ", Bedrock", 120),
)  # fmt: skip

# Publishers that matter here and of whom no feed is known, with the host of the pages that editors look at.
BY_HAND = {"China: MOFCOM": "mofcom.gov.cn"}


def add_shipped() -> int:
    """Add those that are not there yet, by slug and address, and count them; what editors changed stays theirs."""
    slugs = set(Feed.objects.values_list("slug", flat=True))
    urls = set(Feed.objects.values_list("url", flat=True))
    new = [
        Feed(slug=slug, name=name, kind=kind, url=url, words=words, minutes=minutes)
        for slug, name, kind, url, words, minutes in SHIPPED
        if slug not in slugs and url not in urls
    ]
    return len(Feed.objects.bulk_create(new))


def by_hand(watched: Iterable[str]) -> list[str]:
    """Whom editors look at by hand: of whom no feed is known, and none is among the addresses that are watched."""
    hosts = [f".{urlsplit(url).hostname or ''}" for url in watched]
    return [name for name, host in BY_HAND.items() if not any(each.endswith(f".{host}") for each in hosts)]
