"""The pages of the portal as HTML."""

from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.developers.guides import anchor, inline

_ENV: Final = Environment(
    loader=PackageLoader("gateway.developers"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENV.filters |= {"markdown": inline, "problem_anchor": anchor}


def page(template: str, **values: Any) -> str:
    """The page of that template."""
    return _ENV.get_template(f"{template}.html").render(values)
