"""What is exported of a published season: one field of every unit. Pure."""

from scoring_worker.ledger.domain import Json


def component(link: Json, field: str) -> Json | None:
    """The field as it is exported, with exact numbers as texts; None where the set has no such field."""
    named = next((each for each in link["set"]["fields"] if each["code"] == field), None)
    if named is None:
        return None
    return {
        "owner": link["chain"]["owner"],
        "set": link["set"]["code"],
        "version": link["set"]["version"],
        "set_sha256": link["set"]["sha256"],
        "template": link["set"]["template"],
        "field": field,
        "name": named["name"],
        "name_en": named["name_en"],
        "period": link["season"]["period"],
        "season": link["season"]["code"],
        "link": link["number"],
        "link_sha256": link["sha256"],
        "published_at": link["published_at"],
        "units": [
            {"unit": unit["unit"], "score": part["score"], "max": part["max"]}
            for unit in link["units"]
            for part in unit["fields"]
            if part["code"] == field
        ],
    }
