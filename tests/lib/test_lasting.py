"""Ids that last, and texts that XML and calendars can hold."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from events.lib.lasting import for_calendar, for_xml, lasting_id


def test_id_is_the_same_for_ever():
    assert lasting_id("event", "openai-api-block-takes-effect") == "2a811788-6eea-5eb3-b345-ec3c988e8a54"
    assert lasting_id("feed", "openai-api-block-takes-effect") != lasting_id("event", "openai-api-block-takes-effect")


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_makes_well_formed_xml(text):
    from xml.sax.saxutils import escape

    ET.fromstring(f"<a>{escape(for_xml(text))}</a>")


@given(st.text())
def test_calendar_text_has_no_control_characters_but_tab_and_newline(text):
    assert all(each in "\t\n" or (ord(each) >= 32 and ord(each) != 127) for each in for_calendar(text))
