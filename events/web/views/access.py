"""One access answer with its reasons, and the world map of a product."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.caching import of_the_record
from events.documents.access import answer_document, path
from events.models import Change
from events.queries.answers import Question
from events.queries.reasons import Reasoned, Unknown, reasoned
from events.web import citing, crumbs, words
from events.web.access import answer, worldmap
from events.web.access.bars import label_of
from events.web.access.clocks import Clocks
from events.web.access.sentences import in_words, product_in_sentence
from events.web.htmx import wants_fragment
from events.web.pages import fragment, page
from events.web.record import Link, page_of_country


@require_safe
@of_the_record(daily=True, pinned=True)
def answer_detail(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Could customers in a country use a product: the answer, how it follows, who says so; or a reference to it."""
    clocks = Clocks.read(request.GET)
    record = clocks.record
    try:
        country, product = record.country(code.upper()), record.product(slug)
    except Unknown as problem:
        raise Http404 from problem
    question = Question(product["slug"], country.code, clocks.on, clocks.known)
    if (code, slug) != (question.country, question.product):
        query = request.GET.urlencode()
        return HttpResponsePermanentRedirect(f"{path(question)}?{query}" if query else path(question))
    [found] = reasoned([question], record)
    change = Change.objects.defer("document").get(seq=record.revision)
    document = answer_document(found)
    cited = citing.reference(request, title_of(found), document["html_url"], change, of="access")
    name = f"{country.code}-{product['slug']}-{clocks.on}"
    if (file := citing.download(cited, request.GET.get("cite", ""), name)) is not None:
        return file
    return page(
        "access/answer.html",
        {
            "section": "access",
            "clocks": clocks,
            "head": clocks.head,
            "document": document,
            "country_address": page_of_country(country.code),
            "change": change,
            "forms": citing.written(cited, lambda form: f"?{clocks.query(revision=record.revision, cite=form)}"),
            "crumbs": crumbs.trail(
                "access-map",
                Link(f"{reverse('access-country', args=[country.code])}?{clocks.query()}", country.name),
                here=product["name"],
            ),
            **answer.shown(found, clocks, change),
        },
    )


@require_safe
@of_the_record(daily=True, pinned=True)
def world_map(request: HttpRequest) -> HttpResponse:
    """Where a product can be used on a day: a tile a country; htmx gets the map and its table alone."""
    clocks = Clocks.read(request.GET)
    record = clocks.record
    slug, problem, product = request.GET.get("product", "").strip(), "", None
    try:
        product = record.product(slug) if slug else None
    except Unknown as unknown:
        problem = str(unknown)
    products = worldmap.products_with_effects(record)
    product = product or worldmap.most_covered(products, record, clocks.on)
    context = {"clocks": clocks, "head": clocks.head, "problem": problem, "crumbs": crumbs.trail(here=_("Access"))}
    if product is None:
        return page("access/map.html", context | {"section": "access"})
    context |= worldmap.shown(product, clocks, record)
    if wants_fragment(request):
        return fragment("access/_map.html", context)
    days = worldmap.days_of_change(product["slug"], clocks)
    undated = clocks.query(on=None, known=None, product=product["slug"], revision=clocks.revision)
    return page(
        "access/map.html",
        context
        | {
            "section": "access",
            # Of no day: the slider moves it without a new page. The map's permalink names the day.
            "cited_as": _("Access to %(product)s around the world") % {"product": context["product_phrase"]},
            "cited_at": f"{request.path}?{undated}",
            "products": products if product in products else [product, *products],
            "stops": worldmap.stops(days, product["slug"], clocks),
        },
    )


def title_of(found: Reasoned) -> str:
    """What the answer is called where it is cited."""
    product = product_in_sentence(found.product)
    question = found.question
    text = _("Access to %(product)s in %(country)s") % {
        "product": product,
        "country": words.country_in_sentence(question.country),
    }
    text += _(" on %(on)s") % {"on": in_words(question.on)}
    if question.known:
        text += _(", as reported by %(known)s") % {"known": in_words(question.known)}
    return f"{text}: {label_of(found.status).lower()}"
