"""`python -m tests.bench.validating`: the yardstick of intake, a bare FastAPI service that validates a report.

It is pinned: nothing of this project is in it, so that it stays what it is when the project changes. It does what a
service that writes nothing does for the same body: FastAPI's own route and models, one worker of uvicorn, a receipt.
"""

import os
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StringConstraints


class Channel(StrEnum):
    IHANOI = "ihanoi"
    HOTLINE = "hotline"
    WEB = "web"


class Kind(StrEnum):
    ON_SITE = "on_site"
    PROCEDURE = "procedure"
    CONDUCT = "conduct"


class Severity(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"


def text(longest: int, shortest: int = 0) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest, pattern=r"^[^\x00]*$")


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Location(Model):
    lat: Annotated[StrictFloat, Field(ge=-90, le=90)]
    lon: Annotated[StrictFloat, Field(ge=-180, le=180)]
    address: Annotated[str, text(300)] | None = None


class Reporter(Model):
    name: Annotated[str, text(200, 1)] | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .()-]{5,22}[0-9]$")] | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)] | None = None
    anonymous: StrictBool = False


class Report(Model):
    channel: Channel
    channel_ref: Annotated[str, text(200, 1)] | None = None
    kind: Kind
    category: Annotated[str, text(60, 1)] | None = None
    severity: Severity = Severity.NORMAL
    title: Annotated[str, text(300)] | None = None
    content: Annotated[str, text(20_000, 1)]
    location: Location | None = None
    unit: Annotated[str, text(100, 1)] | None = None
    reporter: Reporter | None = None
    received_at: AwareDatetime | None = None


class Receipt(BaseModel):
    code: str
    unit: str | None
    channel: Channel
    channel_ref: str | None
    kind: Kind
    category: str | None
    severity: Severity
    received_at: datetime


app = FastAPI()


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    return {"ready": True}


@app.post("/v1/feedback", status_code=201)
async def receive(report: Report, response: Response) -> Receipt:
    response.headers["Location"] = "/v1/feedback/PA-26-000001"
    return Receipt(
        code="PA-26-000001",
        received_at=datetime.now(UTC),
        **report.model_dump(include={"unit", "channel", "channel_ref", "kind", "category", "severity"}),
    )


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        backlog=1024,
    )
