"""A questionnaire is refused whole, with every fault by its path, or read whole."""

import json
from pathlib import Path

import pytest
import yaml

from scoring_worker.index_sets.document import FaultyDocument
from scoring_worker.index_sets.document import load as load_set
from scoring_worker.questionnaires.document import load, schema
from tests.support.surveys import SIPAS, SMALL

SET = load_set((Path(__file__).parents[4] / "data" / "index_sets" / "sipas.yaml").read_text("utf-8")).index_set


def test_the_shipped_one_asks_nine_thousand_and_says_that_it_is_a_template() -> None:
    of = load(SIPAS).questionnaire
    assert (len(of.cells), of.sample.quota, len(of.cells) * of.sample.quota) == (36, 250, 9000)
    assert [len(dimension.values) for dimension in of.sample.dimensions] == [6, 3, 2]
    assert of.template
    assert of.notice is not None
    assert {factor.indicator for factor in of.factors} == SET.indicators.keys()
    assert {indicator.source for indicator in SET.indicators.values()} == {"survey"}
    assert [factor.name for factor in of.factors] == [part.name for part in SET.fields]


def test_the_hash_is_of_the_content() -> None:
    assert load(SMALL).sha256 == load(f"# a remark\n{yaml.safe_dump(yaml.safe_load(SMALL))}").sha256
    assert load(SMALL).sha256 != load(SMALL.replace("quota: 2", "quota: 3")).sha256


@pytest.mark.parametrize(
    ("written", "instead", "paths"),
    [
        ("quota: 2", "quota: 0", ["sample.quota"]),
        ("quota: 2", "quota: many", ["sample.quota"]),
        ("code: K, scale: two", "code: A1, scale: two", ["questions"]),
        ("code: K, scale: two", "code: K, scale: four", ["questions.3.scale"]),
        ("factor: result", "factor: none", ["questions.2.factor", "factors.1"]),
        ("code: R1, factor: result, scale: three", "code: R1, factor: result, scale: two", ["questions.2.scale"]),
        ("satisfied: [3]", "satisfied: [4]", ["scales.three.satisfied"]),
        ("value: 2, name: {vi: hai", "value: 1, name: {vi: hai", ["scales.two.answers"]),
        ("{code: b, name: {vi: B", "{code: a, name: {vi: B", ["sample.dimensions.0.values"]),
        ("ballots: 3", "ballots: 1", ["smallest_group.ballots"]),
        ("status: R\nsmallest", "status: R\ntemplate: true\nsmallest", ["notice"]),
        ("status: R\nsmallest", "status: X\nremark: none\nsmallest", ["status", "remark"]),
        ("code: SMALL", "code: &a SMALL\nnotice: *a", [""]),
        ("code: SMALL", "code: [", [""]),
        ("value: 3,", "value: 10,", ["scales.three.answers.2.value"]),
    ],
)
def test_every_fault_is_named_by_its_path(written: str, instead: str, paths: list[str]) -> None:
    assert written in SMALL
    with pytest.raises(FaultyDocument) as raised:
        load(SMALL.replace(written, instead))
    assert sorted(fault.path for fault in raised.value.faults) == sorted(paths)
    assert all(fault.en for fault in raised.value.faults)


def test_a_sample_of_too_many_cells_is_refused() -> None:
    document = yaml.safe_load(SMALL)
    document["sample"]["dimensions"] = [
        {
            "code": code,
            "name": {"vi": code, "en": code},
            "values": [{"code": str(n), "name": {"vi": "x", "en": "x"}} for n in range(30)],
        }
        for code in "ab"
    ]
    with pytest.raises(FaultyDocument, match="900 cells of 500"):
        load(json.dumps(document))


def test_the_schema_names_what_the_document_has() -> None:
    assert schema()["properties"].keys() >= yaml.safe_load(SMALL).keys()
