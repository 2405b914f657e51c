"""The one form by which two spellings of a page's address compare equal.

Besides what RFC 3986 (section 6) calls equivalent, differences go that pages on the web do not make: http or https, a
leading www, a mobile or AMP edition of the same article, where a reader came from. The form is for comparing and
hashing, not for visiting: without its "www." a site may not answer. When the rules change, so do slugs of sources.
"""

import hashlib
import re
from urllib.parse import SplitResult, urlsplit

import idna

MAX_LENGTH = 4096  # characters, as given and as normalized; many servers stop at 8,000 bytes

# Parameters that say how a reader came to a page, not which page it is: campaign tags and click ids of Google, Meta,
# Microsoft, X, TikTok, Yandex, Yahoo, Mailchimp, HubSpot, Marketo, AT Internet; those of single publishers (cmpid and
# sref Bloomberg, taid Reuters, smid and smtyp New York Times, ftcamp Financial Times, at_* BBC); those of AMP viewers.
# Names that some site may need for its content, such as "ref" or "mod", are not among them.
TRACKING = frozenset(
    """
    __twitter_impression _ga _gl _hsenc _hsmi amp amp_gsa amp_js_v at_campaign at_medium cmpid dclid fbclid ftcamp
    gad_campaignid gad_source gbraid gclid gclsrc guccounter guce_referrer guce_referrer_sig igsh igshid mc_cid mc_eid
    mibextid mkt_tok msclkid ref_src ref_url smid smtyp sref srsltid taid ttclid twclid usqp wbraid xtor yclid
    """.split()  # noqa: SIM905, one a line is 40 lines
)

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"(?=.{{1,253}}$)(?:{LABEL}\.)+(?!\d+$){LABEL}")
NOT_IN_URLS = re.compile(r"[\s\0-\x20\x7f-\xa0\ud800-\udfff]")
# "co.uk" and the like: under these, "m.co.uk" is somebody's name and no mobile edition.
SECOND_LEVEL_DOMAIN = re.compile(r"(?:ac|co|com|edu|gob|gov|go|gouv|ne|net|or|org)\.[a-z]{2}")
ALTERNATE_HOST = re.compile(r"(?:www|m|amp)\.(?=[^.]+\.)")

# Google's viewer and cache of AMP pages (https://developers.google.com/amp/cache/overview): a page's own address
# follows, with "s/" before it where that is https.
AMP_VIEWER = re.compile(
    r"(?:google\.[a-z]{2,3}(?:\.[a-z]{2})?/amp|(?:[^/]+\.)?cdn\.ampproject\.org/(?:c|v|wp))/(?:s/)?(?=[^/]*\.)"
)

# A page as the Wayback Machine keeps it: its own address follows, sometimes with one slash lost.
WAYBACK = re.compile(
    r"(?:https?://)?(?:www\.)?web\.archive\.org/web/[0-9*]+(?:[a-z]{2}_)?/(?:(https?):/{1,2})?(?=[^/]*\.)"
)

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
PERCENT_OR_UNSAFE = re.compile(rb"%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]]")
INDEX_PAGE = re.compile(r"/index\.(?:s?html?|php|jsp|aspx?)$")


class BadUrl(ValueError):
    """The text is no address of a page on the web; the message says why."""


def normalize(url: str) -> str:
    """The form of an absolute http(s) URL by which pages are compared: "https://example.com/a?b=1", all ASCII.

    normalize(normalize(url)) == normalize(url). Raises BadUrl.
    """
    # One pass may uncover what the next one has to see (a viewer around an AMP page around a mobile host). Each pass
    # after the first either shortens the URL or is the last.
    while (normalized := _normalized_once(url)) != url:
        url = normalized
    return url


def meant_by(text: str) -> str:
    """The normalized URL of the page that somebody means by an address as it was copied from anywhere.

    It may lack its scheme, stand among spaces, or be that of a copy in the Wayback Machine. Raises BadUrl.
    """
    url = text.strip()
    if copy := WAYBACK.match(url):
        url = f"{copy[1] or 'https'}://{url[copy.end() :]}"
    if not re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) or re.match(r"[^/]+\.[^/]+:\d+(?:/|$)", url):
        url = f"https://{url}"
    return normalize(url)


def source_slug(url: str) -> str:
    """The slug of a source: the first 12 hexadecimal digits of the SHA-256 of its normalized URL. Raises BadUrl."""
    return hashlib.sha256(normalize(url).encode()).hexdigest()[:12]


def _normalized_once(url: str) -> str:
    if len(url) > MAX_LENGTH:
        raise BadUrl(f"The address is longer than {MAX_LENGTH} characters.")
    if NOT_IN_URLS.search(url):
        raise BadUrl("An address holds no spaces and no control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:  # brackets, ports, characters that turn into others
        raise BadUrl(f"This is no address of a page: {error}.") from None
    if parts.scheme not in ("http", "https"):
        raise BadUrl("An address starts with http:// or https://.")
    if "@" in parts.netloc:
        raise BadUrl("An address with a user name or password is not accepted.")
    host = _host(parts)
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    address = host + _without_dot_segments(_percent_encoded(parts.path))
    if viewer := AMP_VIEWER.match(address):
        address = address[viewer.end() :]
    else:
        address = host + _page(address[len(host) :])
    query = parts.query and _query(parts.query)
    return f"https://{address}?{query}" if query else f"https://{address}"


def _host(parts: SplitResult) -> str:
    """The host name: lower case, ASCII (IDNA 2008 by way of UTS 46, as browsers do), without www, m or amp."""
    host = (parts.hostname or "").removesuffix(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except UnicodeError as error:  # idna.IDNAError is one
            raise BadUrl(f"“{host}” is no host name: {error}.") from None
    if not HOST.fullmatch(host):
        raise BadUrl("An address needs a full host name, such as example.com.")
    while (found := ALTERNATE_HOST.match(host)) and (
        found[0] == "www." or not SECOND_LEVEL_DOMAIN.fullmatch(host, found.end())
    ):
        host = host[found.end() :]
    return host


def _page(path: str) -> str:
    """The path of a page without AMP marks, index page and slashes at its end. Case and inner slashes stay."""
    path = INDEX_PAGE.sub("", path).rstrip("/")
    if "amp" not in path.lower():  # nearly all: looked for in a tenth of the time that the patterns take
        return path
    path = re.sub(r"(?<=.)(?:/amp)+$|^(?:/amp)+(?=/.)", "", path, flags=re.IGNORECASE)
    return re.sub(r"(?<=[^/.])(?:\.amp)+(\.html?)?$", r"\1", path)


def _query(query: str) -> str:
    """The parameters without those of trackers and of AMP, in order of their names.

    Sorted, because servers read parameters by name and sharing tools reorder them; values of one name keep their order.
    """
    kept = []
    for parameter in _percent_encoded(query.replace("+", "%20")).split("&"):
        name, _, value = parameter.partition("=")
        lower = name.lower()
        if lower in TRACKING or lower.startswith("utm_") or (lower, value) == ("outputtype", "amp"):
            continue
        if parameter:
            kept.append((name, parameter))
    return "&".join(parameter for _, parameter in sorted(kept, key=lambda pair: pair[0]))


def _percent_encoded(text: str) -> str:
    """RFC 3986, 6.2.2: no unreserved character is encoded, all that is not allowed is, with upper-case digits."""
    return PERCENT_OR_UNSAFE.sub(_encode, text.encode()).decode()


def _encode(found: re.Match[bytes]) -> bytes:
    code = int(found[1], 16) if found[1] else found[0][0]
    return bytes([code]) if code in UNRESERVED else b"%%%02X" % code


def _without_dot_segments(path: str) -> str:
    """RFC 3986, 5.2.4, for a path that is empty or starts with a slash."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
