"""Numbers that a word processor counts by itself: they stand in no text, but everybody sees them in the document."""

from typing import Final, Self

from lxml import etree

from cchc_shared.files.packages import Package

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_ROMANS: Final = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_MOST_LEVELS: Final = 9


class Numbering:
    """Counts the numbered paragraphs of a document in their order."""

    def __init__(
        self,
        levels: dict[str, dict[int, tuple[str, str, int]]],
        abstract: dict[str, str],
        styles: dict[str, tuple[str, str]],
    ) -> None:
        self._levels, self._abstract, self._styles = levels, abstract, styles
        self._counts: dict[str, dict[int, int]] = {}

    @classmethod
    def of(cls, package: Package, part: str) -> Self:
        """Of a document's part for numbering; without one, nothing is numbered."""
        related = package.related(part).values()
        name = next((each for each in related if each.endswith("numbering.xml")), None)
        if name is None or name not in package:
            return cls({}, {}, {})
        levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        abstract: dict[str, str] = {}
        for each in package.tree(name):
            if _name(each) == "abstractNum":
                levels[_attribute(each, "abstractNumId")] = dict(map(_level, each.iterfind("{*}lvl")))
            elif _name(each) == "num":
                abstract[_attribute(each, "numId")] = _value(each.find("{*}abstractNumId"))
        sheet = next((each for each in related if each.endswith("styles.xml") and each in package), None)
        styles = {} if sheet is None else _styles(package.tree(sheet))
        return cls(levels, abstract, styles)

    def next(self, paragraph: etree._Element) -> str:
        """The number before a paragraph, "" where it has none or only a bullet."""
        settings = paragraph.find("{*}pPr/{*}numPr")
        if settings is not None:
            list_, text = _value(settings.find("{*}numId")), _value(settings.find("{*}ilvl"))
        else:
            list_, text = self._styles.get(_value(paragraph.find("{*}pPr/{*}pStyle")), ("", ""))
        kind = self._abstract.get(list_, "")
        levels = self._levels.get(kind, {})
        text = text or "0"
        level = int(text) if text.isascii() and text.isdigit() else 0
        if level not in levels:
            return ""
        counts = self._counts.setdefault(kind, {})
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for below in [each for each in counts if each > level]:
            del counts[below]
        return self._shown(levels, counts, level)

    def _shown(self, levels: dict[int, tuple[str, str, int]], counts: dict[int, int], level: int) -> str:
        form, pattern, _ = levels[level]
        if form in {"bullet", "none"}:
            return ""
        for each in range(_MOST_LEVELS):
            if each in levels:
                number = counts.get(each, levels[each][2])
                pattern = pattern.replace(f"%{each + 1}", _written(number, levels[each][0]))
        return pattern.strip()


def _written(number: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"}:
        text = _LETTERS[(number - 1) % len(_LETTERS)]
    elif form in {"lowerRoman", "upperRoman"}:
        text = ""
        for value, letters in _ROMANS:
            while number >= value:
                text, number = text + letters, number - value
    else:
        return f"{number:02d}" if form == "decimalZero" else str(number)
    return text.upper() if form.startswith("upper") else text


def _level(element: etree._Element) -> tuple[int, tuple[str, str, int]]:
    number, start = _attribute(element, "ilvl"), _value(element.find("{*}start"))
    form, pattern = _value(element.find("{*}numFmt")), _value(element.find("{*}lvlText"))
    return int(number) if number.isdigit() else 0, (form, pattern, int(start[:5]) if start.isdigit() else 1)


def _styles(tree: etree._Element) -> dict[str, tuple[str, str]]:
    """The list and level of each style of paragraphs that is numbered."""
    found = {}
    for style in tree.iterfind("{*}style"):
        settings = style.find("{*}pPr/{*}numPr")
        if settings is not None:
            found[_attribute(style, "styleId")] = (_value(settings.find("{*}numId")), _value(settings.find("{*}ilvl")))
    return found


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attribute(element: etree._Element | None, name: str) -> str:
    if element is None:
        return ""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}" + name)), "")


def _value(element: etree._Element | None) -> str:
    return _attribute(element, "val")
