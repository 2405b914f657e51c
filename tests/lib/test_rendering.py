import pytest
from django.forms.renderers import DjangoTemplates
from django.forms.utils import ErrorDict, ErrorList

from events.lib.rendering import FormRenderer


@pytest.mark.parametrize("wrong", [[], ["It is <empty>."]])
@pytest.mark.parametrize("way", ["__str__", "as_ul", "as_text"])
def test_lists_of_errors_are_those_of_django(way, wrong):
    ours, djangos = (ErrorList(wrong, renderer=renderer()) for renderer in (FormRenderer, DjangoTemplates))
    assert getattr(ours, way)() == getattr(djangos, way)()
    of_fields, of_djangos = ErrorDict(renderer=ours.renderer), ErrorDict(renderer=djangos.renderer)
    if wrong:
        of_fields["name"], of_djangos["name"] = ours, djangos
    assert getattr(of_fields, way)() == getattr(of_djangos, way)()
