import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import AccessEffect, Country
from events.queries.sql import MANY, among, union_all
from tests.factories import EffectFactory, GroupFactory

pytestmark = pytest.mark.django_db


def names(code: str):
    return Country.objects.filter(pk=code).values_list("name")


def test_each_branch_keeps_its_order_and_limit():
    by_name = Country.objects.values_list("name")
    assert union_all([by_name.order_by("name")[:2], by_name.order_by("-name")[:1]]) == [
        ("Afghanistan",),
        ("Åland Islands",) if by_name.order_by("name")[1][0].startswith("Å") else ("Albania",),
        by_name.order_by("-name")[0],
    ]


def test_nothing_is_asked_of_no_branches():
    with CaptureQueriesContext(connection) as counted:
        assert union_all([]) == []
    assert len(counted) == 0


def test_an_empty_branch_is_left_out():
    assert union_all([Country.objects.filter(pk__in=[]).values_list("name"), names("CN")]) == [("China",)]
    assert union_all([Country.objects.none().values_list("name")]) == []


def test_a_thousand_branches_are_several_queries():
    with CaptureQueriesContext(connection) as counted:
        found = union_all([names("CN")] * 1000)
    assert (found, len(counted)) == ([("China",)] * 1000, 10)


def test_values_are_those_of_the_orm():
    effect = EffectFactory(country=None, group=GroupFactory(), exceptions=["CN"])
    columns = AccessEffect.objects.values_list("effective_date", "until", "exceptions", "by")
    assert union_all([columns, columns.filter(pk=effect.pk)]) == [*columns, *columns]


@pytest.mark.parametrize("size", [1, MANY])
def test_among_gives_few_and_many_values_alike(size):
    others = [f'O\'Brien "{n}" ☃' for n in range(size - 1)]
    country = Country.objects.get(pk="CN")
    assert Country.objects.filter(name__in=among("text", [*others, "China", None])).get() == country
    assert country not in Country.objects.exclude(name__in=among("text", [*others, "China", None]))
    assert Country.objects.exclude(name__in=among("text", [*others, None])).count() == Country.objects.count()


def test_among_nothing_is_nothing_and_asks_nothing():
    with CaptureQueriesContext(connection) as counted:
        assert list(Country.objects.filter(pk__in=among("text", []))) == []
    assert len(counted) == 0
