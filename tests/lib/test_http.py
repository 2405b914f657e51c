import datetime as dt
import gzip
import socket
import time
import zlib
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.lib import http
from events.lib.addresses import is_public
from tests.ingest.world import World, bomb, drip, drip_headers, flood, hang

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.10", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2001:0:7f00:1:0:0:f5ff:fffe", "64:ff9b:1::7f00:1", "2002:a9fe:a9fe::", "::ffff:0:127.0.0.1", "2001:20::1",
    "100::1", "3fff::1", "5f00::1",
]  # fmt: skip


@pytest.fixture
def world(settings: Any) -> Iterator[World]:
    with World() as made:
        settings.FETCH_ALLOW = [made.host]
        yield made


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_other_address_is_not(address: str):
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_ipv4_in_ipv6_is_judged_as_itself(address):
    number = int(address)
    for form in (f"::ffff:{address}", f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}"):
        assert is_public(form) <= is_public(str(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.0.0.1", "[::1]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "0", "169.254.169.254", "[fe80::1]",
     "LOCALHOST", "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "①②⑦.⓪.⓪.①", "127。0。0。1", "0177.0.0.1"],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_is_refused_in_every_spelling(host: str, scheme: str):
    with pytest.raises(http.Refused):
        http.fetch(f"{scheme}://{host}/")


@pytest.mark.parametrize("host", ["localhost.", "127.0.0.1."])
def test_dot_at_the_end_of_a_name_leads_nowhere_else(host: str):
    with pytest.raises(http.NetworkError):  # refused, or unknown to the resolver
        http.fetch(f"http://{host}/")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "starts with http"),
        ("ftp://example.com/", "starts with http"),
        ("gopher://example.com/", "starts with http"),
        ("//example.com/", "starts with http"),
        ("http:///x", "names a host"),
        ("http://user:secret@example.com/", "user name"),
        ("http://example.com:22/", "Port 22"),
        ("http://example.com:99999/", "no address"),
        ("http://[::1/", "no address"),
        ("http://@example.com/", "user name"),
        ("http://example.com@127.0.0.1/", "user name"),
        ("http://127.0.0.1:8000/", "Port 8000"),
    ],
)
def test_address_that_is_none_of_the_web_is_refused(url: str, said: str):
    with pytest.raises(http.Refused, match=said):
        http.fetch(url)


def test_page_comes_with_its_type_and_charset(world: World):
    url = world.page("/a", "Grüße".encode("latin-1"), kind="text/html; charset=ISO-8859-1", ETag='"7"')
    answer = http.fetch(url, types=http.PAGES)
    assert (answer.url, answer.status, answer.body) == (url, 200, "Grüße".encode("latin-1"))
    assert (answer.media_type, answer.charset, answer.etag) == ("text/html", "iso-8859-1", '"7"')
    [(method, _, headers)] = world.requests
    assert (method, headers["host"], headers["accept-encoding"]) == ("GET", world.host, "gzip, deflate")
    assert headers["user-agent"].startswith("AIAccessTracker/")


def test_unchanged_page_is_told_without_a_body(world: World):
    url = world.page("/a", status=304)
    assert http.fetch(url, headers={"If-None-Match": '"7"'}).is_unchanged
    assert world.requests[0][2]["if-none-match"] == '"7"'


@pytest.mark.parametrize("squeeze", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("size", [10, 3_000_000])
def test_compressed_body_is_read(world: World, squeeze: Any, size: int):
    url = world.page("/a", squeeze(b"a" * size), Content_Encoding="gzip" if squeeze is gzip.compress else "deflate")
    assert http.fetch(url).body == b"a" * size


def test_redirects_are_followed_and_the_last_address_told(world: World):
    world.redirect("/a", "/b")
    world.redirect("/b", world.page("/c", "here"))
    answer = http.fetch(world.url("/a"))
    assert (answer.url, answer.body) == (world.url("/c"), b"here")


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1/", "http://localhost:80/", "http://[::1]/", "http://2130706433/", "file:///etc/passwd",
           "http://169.254.169.254/latest/meta-data/"],
)  # fmt: skip
def test_redirect_to_this_machine_is_refused(world: World, to: str):
    with pytest.raises(http.Refused):
        http.fetch(world.redirect("/a", to))


def test_circle_and_chain_of_redirects_end(world: World):
    with pytest.raises(http.RedirectLoop):
        http.fetch(world.redirect("/a", "/a"))
    for number in range(9):
        world.redirect(f"/{number}", f"/{number + 1}")
    with pytest.raises(http.RedirectLoop):
        http.fetch(world.url("/0"))
    assert world.asked["/9"] == 0


def test_form_is_sent_to_one_address_alone(world: World):
    world.page("/a", "taken")
    assert http.fetch(world.url("/a"), form={"url": "https://example.com/?a=b"}).body == b"taken"
    world.redirect("/b", "/a")
    with pytest.raises(http.NetworkError, match="redirects what it was sent"):
        http.fetch(world.url("/b"), form={"url": "x"})
    assert world.forms == [{"url": ["https://example.com/?a=b"]}, {"url": ["x"]}]
    assert world.asked["/a"] == 1


def test_key_is_not_told_to_another_host(world: World, settings: Any):
    with World() as other:
        settings.FETCH_ALLOW = [world.host, other.host]
        world.redirect("/a", "/b")
        world.redirect("/b", other.page("/c"))
        http.fetch(world.url("/a"), headers={"Authorization": "LOW access:secret"})
        assert ["authorization" in headers for _, _, headers in world.requests] == [True, True]
        assert ["authorization" in headers for _, _, headers in other.requests] == [False]


def test_proxies_of_the_environment_are_not_used(world: World, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert http.fetch(world.page("/a", "here")).body == b"here"


def test_flood_of_headers_is_refused(world: World):
    def flooding(handler: Any) -> None:
        handler.send_response(200)
        for number in range(5000):
            handler.send_header(f"X-{number}", "y" * 100)
        handler.end_headers()

    with pytest.raises(http.NetworkError):
        http.fetch(world.answers("/a", flooding))


def test_name_that_changes_its_address_gains_nothing(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any):
    """DNS rebinding: public when judged, this machine a moment later. The judged address is the one connected to."""
    lookups: list[str] = []
    connected: list[str] = []

    def resolver(host: str, port: int, **kwargs: Any) -> list[Any]:
        lookups.append(host)
        address = "93.184.216.34" if len(lookups) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(http.NetworkError):
        http.fetch("http://rebinding.example/")
    assert (lookups, connected) == (["rebinding.example"], ["93.184.216.34"])
    with pytest.raises(http.Refused):
        http.fetch("http://rebinding.example/")


def test_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch):
    both = [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    with pytest.raises(http.Refused):
        http.fetch("http://mixed.example/")


def test_name_without_an_address_is_told():
    with pytest.raises(http.NetworkError, match="no such host"):
        http.fetch("http://nowhere.invalid/")


@pytest.mark.parametrize("status", [429, 503])
def test_server_may_ask_to_wait(world: World, status: int):
    url = world.page("/a", status=status, Retry_After="120")
    with pytest.raises(http.BadStatus) as caught:
        http.fetch(url)
    assert (caught.value.status, caught.value.retry_after) == (status, dt.timedelta(minutes=2))


def test_what_cannot_be_sent_back_is_no_validator(world: World):
    """Or else the feed that once sent it could never be asked again."""
    answer = http.fetch(world.page("/a", b"x", ETag='"\xe9"', Last_Modified="hi\xe9r"))
    assert (answer.etag, answer.last_modified) == ("", "")


def test_location_of_an_unchanged_page_is_no_redirect(world: World):
    assert http.fetch(world.page("/a", status=304, Location="/a")).is_unchanged


@pytest.mark.parametrize("to", ["http://[", "//[", "http://xn--/", "http://[::1", "http://exa\u00ffmple:99999/"])
def test_redirect_to_what_is_no_address_is_told(world: World, to: str):
    with pytest.raises(http.NetworkError):
        http.fetch(world.redirect("/a", to))


def test_wait_is_bounded_and_may_be_a_date():
    assert http.waiting("Mon, 01 Jan 2024 00:00:00 +99999999999999") is None
    assert http.waiting("99999999999999") == dt.timedelta(days=1)
    assert http.waiting("Wed, 21 Oct 2015 07:28:00 GMT") == dt.timedelta()
    assert http.waiting("soon") is None


@pytest.mark.parametrize("fault", [hang, drip, drip_headers])
def test_slow_server_is_left_in_time(world: World, fault: Any):
    started = time.monotonic()
    with pytest.raises(http.TimedOut):
        http.fetch(world.answers("/a", fault), seconds=0.4)
    assert time.monotonic() - started < 1.5


def test_large_bodies_are_left_early(world: World):
    with pytest.raises(http.TooLarge, match="10 MB"):
        http.fetch(world.answers("/flood", flood(50)))
    with pytest.raises(http.TooLarge):
        http.fetch(world.page("/bomb", bomb(50), Content_Encoding="gzip"))
    with pytest.raises(http.TooLarge):
        http.fetch(world.page("/declared", b"x" * 2000), largest=1000)


def test_members_of_gzip_are_read_and_nothing_after_them(world: World):
    one, two = gzip.compress(b"one "), gzip.compress(b"two")
    assert http.fetch(world.page("/two", one + two, Content_Encoding="gzip")).body == b"one two"

    def trailing(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        handler.write(one)
        while handler.write(b"z" * 65536):
            handler.server.asked["trailing"] += 1

    assert http.fetch(world.answers("/trailing", trailing), seconds=5).body == b"one "
    assert world.asked["trailing"] < 800  # 50 MB


def test_damaged_and_truncated_bodies_are_told(world: World):
    squeezed = gzip.compress(b"abc" * 1000)
    faults: list[tuple[str, bytes, dict[str, Any]]] = [
        ("/short", b"x" * 500, {"cut": 100}),
        ("/damaged", b"not gzip at all", {"Content_Encoding": "gzip"}),
        ("/ended", squeezed[:-8], {"Content_Encoding": "gzip"}),
        ("/other", b"x", {"Content_Encoding": "br"}),
        ("/twice", gzip.compress(squeezed), {"Content_Encoding": "gzip, gzip"}),
    ]
    for path, body, options in faults:
        with pytest.raises(http.NetworkError):
            http.fetch(world.page(path, body, **options))


def test_other_type_is_not_read(world: World):
    with pytest.raises(http.WrongType, match="image/png"):
        http.fetch(world.page("/a", b"x", kind="image/png"), types=http.PAGES)


def test_head_reads_no_body(world: World):
    answer = http.fetch(world.page("/a", b"x" * 1000), method="HEAD", largest=10)
    assert (answer.status, answer.body) == (200, b"")


def test_tls_names_the_host_and_not_the_address(settings: Any):
    """The first bytes of the handshake carry the name (SNI), though the connection is made to an address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.FETCH_ALLOW = ["localhost"]
        heard: list[bytes] = []

        def listen() -> None:
            connection, _ = server.accept()
            heard.append(connection.recv(4096))
            connection.close()

        thread = Thread(target=listen, daemon=True)
        thread.start()
        with pytest.raises(http.NetworkError):
            http.fetch(f"https://localhost:{server.getsockname()[1]}/")
        thread.join(5)
    assert b"localhost" in heard[0]
