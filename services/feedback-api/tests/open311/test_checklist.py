"""What GeoReport v2, the Spark convention and mySociety's extension ask for, line by line, and the tests that hold it.

`oracle.py` holds every answer of these tests against the specification: its shape, its media type with charset, the
prolog and the root of XML, instants without fractions, and that XML and JSON say the same.
"""

import importlib
from collections.abc import Mapping
from typing import Final

import pytest

from feedback_api.open311.views import Views

from .conftest import APP, PLACE, Open311

CHECKLIST: Final[Mapping[str, tuple[str, ...]]] = {
    # Service discovery, services
    "discovery in both forms, with all fields": ("services.test_discovery_names_every_field",),
    "services, by the schema": ("services.test_every_category_is_a_service",),
    "definition: schema, one order, each datatype": ("services.test_a_definition_has_each_datatype_in_one_order",),
    "definition: unknown is 404": ("services.test_an_unknown_service_is_404",),
    "unknown extension is 404 as text": ("services.test_an_unknown_form_or_resource_is_plain_text",),
    "jurisdiction_id and parameters of others are ignored": ("services.test_what_other_cities_want_is_ignored",),
    # POST Service Request
    "place: lat and long, address_string, or address_id": ("sending.test_a_place_may_be_given_in_three_ways",),
    "place missing, lat without long: 400": ("sending.test_what_is_missing_or_wrong_is_named",),
    "service_code missing 400, unknown 404": ("sending.test_what_is_missing_or_wrong_is_named",),
    "api_key missing or wrong: 403": ("sending.test_what_is_missing_or_wrong_is_named",),
    "api_key in the query": ("sending.test_a_form_may_be_multipart_and_its_key_in_the_address",),
    "required attribute missing, wrong key of a list: 400": ("sending.test_what_is_missing_or_wrong_is_named",),
    "multivaluelist: one, and several": ("sending.test_attributes_of_each_datatype_are_kept",),
    "description: 4,000 characters": ("sending.test_four_thousand_letters_are_counted_as_people_do",),
    "description: 4,001 are refused": ("sending.test_what_is_missing_or_wrong_is_named",),
    "HTML is escaped": ("sending.test_vietnamese_comes_back_composed",),
    "UTF-8 goes and comes back, NFC and NFD": ("sending.test_vietnamese_comes_back_composed",),
    "what is empty is absent": ("checklist.test_what_is_empty_is_absent",),
    "coordinates that are none (NaN, Infinity, 1e9)": ("checklist.test_coordinates_that_are_none",),
    "batch: a token alone, and it finds all": ("sending.test_a_batch_service_gives_a_token_that_finds_the_request",),
    "token: unknown is 404": ("sending.test_an_unknown_token_is_404",),
    "a body that is no form; entities of XML are never read": ("sending.test_a_body_that_is_no_form_is_refused",),
    # GET Service Requests
    "list: 90 days as a rule": ("listing.test_the_usual_period_is_ninety_days",),
    "list: 1,000 at most": ("checklist.test_a_list_ends_at_its_bound",),
    "list: more than 90 days are refused": ("listing.test_a_wrong_question_is_named",),
    "list: ids with commas, and nothing else counts": ("listing.test_filters_narrow_the_list",),
    "list: status, one and several": ("listing.test_filters_narrow_the_list",),
    "list: page and page_size": ("listing.test_pages_follow_each_other",),
    "expected_datetime is when the answer is due": ("listing.test_one_request_says_all",),
    "updated_datetime of a closed request is its end": (
        "listing.test_the_answer_is_told_when_it_is_published",
        "listing.test_a_refused_request_was_closed_when_it_was_refused",
    ),
    "one request is an array of one": ("listing.test_one_request_says_all",),
    "what is hidden is never listed": (
        "listing.test_reports_of_this_channel_are_shown_and_others_when_published",
        "listing.test_what_is_opened_again_or_refused_then_is_hidden",
        "listing.test_what_lost_its_words_is_not_shown_and_what_lost_its_sender_is",
        "listing.test_a_draft_is_seen_by_nobody_outside",
    ),
    # Errors and forms
    "errors in the form that was asked for": ("checklist.test_an_unforeseen_error_is_told_in_its_form",),
    "null and empty, arrays of one, booleans": ("formats.test_xml_and_json_say_the_same",),
    # Updates, by mySociety
    "updates: both seconds of the period": ("updates.test_the_period_includes_both_its_seconds",),
    "updates: an id of each, for ever": ("updates.test_updates_are_the_steps_that_everyone_may_see",),
    "updates: an id sent twice is 400": ("updates.test_a_remark_is_kept_once",),
    "extended states stand in updates and extensions alone": ("checklist.test_the_core_status_is_open_or_closed",),
}
"""Line of the specification → tests, by file and name."""


def test_each_line_has_a_test_that_there_is() -> None:
    for line, tests in CHECKLIST.items():
        for test in tests:
            file, _, name = test.partition(".")
            module = importlib.import_module(f"{__package__}.test_{file}")
            assert callable(getattr(module, name, None)), f"{line}: there is no {test}"


async def test_what_is_empty_is_absent(open311: Open311, form: str) -> None:
    optional = ("jurisdiction_id", "email", "device_id", "account_id", "first_name", "last_name", "phone", "title")
    empty = dict.fromkeys(
        (*optional, "description", "media_url", "address_string", "address_id", "attribute[pole]"), ""
    )
    status, created = await open311.send(form, {"api_key": APP, "service_code": "lighting", **PLACE, **empty})
    assert status == 201
    (found,) = await open311.get(f"requests/{created['service_request_id']}", "service_requests")
    assert (found["description"], found["address_id"], found["media_url"]) == ("Chiếu sáng", None, None)


@pytest.mark.parametrize("number", ["NaN", "nan", "Infinity", "-inf", "1e9", "0x15", "21,02", "21°"])
async def test_coordinates_that_are_none(open311: Open311, form: str, number: str) -> None:
    for place in ({**PLACE, "lat": number}, {**PLACE, "long": number}):
        status, refused = await open311.send(form, {"api_key": APP, "service_code": "lighting", **place})
        assert (status, refused["said"][0].partition(":")[0]) == (400, "lat" if place["lat"] == number else "long")


async def test_a_list_ends_at_its_bound(open311: Open311, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback_api.open311.service.MOST", 2)
    codes = [await open311.sent(description=str(number)) for number in range(3)]
    assert await open311.listed() == codes[:0:-1]
    assert (await open311.refused("requests", {"service_request_id": ",".join(codes)}))[0] == 400


async def test_an_unforeseen_error_is_told_in_its_form(open311: Open311, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("with what nobody should read")

    monkeypatch.setattr(Views, "services", fail)
    status, (said,) = await open311.refused("services")
    assert status == 500
    assert "nobody" not in said


async def test_the_core_status_is_open_or_closed(open311: Open311) -> None:
    code = await open311.sent()
    (plain,) = await open311.get(f"requests/{code}", "service_requests")
    assert not {"extended_status", "extended_attributes"} & plain.keys()
    (extended,) = await open311.get(f"requests/{code}", "service_requests", {"extensions": "true"})
    assert (extended["status"], extended["extended_status"]) == ("open", "open")
    assert (await open311.refused("requests", {"status": "in_progress"}))[0] == 400
