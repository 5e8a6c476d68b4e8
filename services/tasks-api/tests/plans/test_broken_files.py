"""Whatever file comes as a plan, what is wrong with it is said in the caller's language, and in our words."""

import io
import zipfile

import pytest

from tests.support.tasks import Api
from tests.support.vietnamese import foreign_words

FORM = {"document_no": "98/KH-UBND", "issued_on": "2024-06-01", "title": "Kế hoạch", "issuer": "UBND Thành phố Hà Nội"}
HEAD = "TT,Nhiệm vụ,Chủ trì,Phối hợp,Thời hạn,Sản phẩm,Nguồn\n"


def document(name: str) -> bytes:
    """A file of an office suite: a ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, "<xml/>")
    return made.getvalue()


BROKEN = {
    "a quote never closed": ("a.csv", b'"abc,x'),
    "a quote never closed further on": ("a.csv", f'{HEAD}1,"Báo cáo,Sở Nội vụ,,,,\n'.encode()),
    "text after a quote": ("a.csv", f'{HEAD}1,"Báo" cáo,Sở Nội vụ,,,,\n'.encode()),
    "a cell without end": ("a.csv", f"{HEAD}1,{'x' * 140_000},Sở Nội vụ,,,,\n".encode()),
    "line ends of old": ("a.csv", HEAD.replace("\n", "\r").encode() + b"1,a\r\r2"),
    "nothing": ("a.csv", b""),
    "nothing at all": ("a.txt", b""),
    "another table": ("a.csv", b"a;b;c\n1;2;3\n"),
    "half of UTF-8": ("a.csv", "Nhiệm vụ".encode()[:-1]),
    "UTF-16": ("a.csv", HEAD.encode("utf-16")),
    "a code page": ("a.txt", "Nhiệm vụ".encode("cp1258", "replace")),
    "NUL": ("a.txt", b"a\0b"),
    "an office document": ("a.docx", document("word/document.xml")),
    "a sheet": ("a.xlsx", document("xl/workbook.xml")),
    "half an archive": ("a.docx", document("word/document.xml")[:40]),
    "a PDF": ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    "JSON": ("a.json", b'{"a": [1'),
    "YAML": ("a.yaml", b"a: [1\nb: }"),
}


@pytest.fixture(scope="module", params=BROKEN)
def broken(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    """The name of a file, and what stands in it."""
    return BROKEN[request.param]


async def test_whatever_is_odd_in_a_row_is_said_in_our_words(city: Api) -> None:
    odd = f"{HEAD}x,,Ministry of Magic,Nobody,soon,,\n1,a,,,31/02/2024,,\n2,a,Sở Nội vụ,,,,,,,x\n".encode()
    answer = await city.send("POST", "/v1/plans/import", city.coordinator, data=FORM, files={"file": ("a.csv", odd)})
    done = answer.json()
    assert (answer.status_code, len(done["tasks"]), len(done["parked"])) == (201, 1, 2)
    said = [warning["message"].replace("Ministry of Magic", "").replace("Nobody", "") for warning in done["warnings"]]
    assert [foreign_words(each) for each in said] == [[]] * len(said), said


async def test_a_broken_file_is_refused_in_our_words(api: Api, broken: tuple[str, bytes]) -> None:
    for language in ("vi", "en"):
        answer = await api.send(
            "POST",
            "/v1/plans/import",
            api.coordinator,
            data=FORM,
            files={"file": broken},
            headers={"Accept-Language": language},
        )
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "invalid")
        said = [problem["detail"], *(error["message"] for error in problem["errors"])]
        if language == "vi":
            assert [foreign_words(each) for each in said] == [[]] * len(said), said


@pytest.mark.parametrize(("name", "line"), [("a quote never closed", 1), ("a quote never closed further on", 2)])
async def test_a_broken_table_is_told_by_the_line_where_it_breaks(api: Api, name: str, line: int) -> None:
    files = {"file": BROKEN[name]}
    answer = await api.send("POST", "/v1/plans/import", api.coordinator, data=FORM, files=files)
    (error,) = answer.json()["errors"]
    assert error["field"] == "body.file"
    assert f"từ dòng {line}:" in error["message"]
