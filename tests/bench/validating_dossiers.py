"""`python -m tests.bench.validating_dossiers`: the yardstick of deliveries, a bare FastAPI service that validates them.

It is pinned: nothing of this project is in it. It does what a service that writes nothing does for the same batch:
FastAPI's own route and models, one worker of uvicorn, a result for each item.
"""

import os
from enum import StrEnum
from typing import Annotated

import uvicorn
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StringConstraints


class Status(StrEnum):
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    HANDLED = "handled"
    RETURNED = "returned"


class Channel(StrEnum):
    COUNTER = "counter"
    ONLINE = "online"
    POST = "post"


Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00]*$")]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Delivery(Model):
    dossier: Word
    status: Status
    at: AwareDatetime
    procedure: Word
    unit: Word
    channel: Channel
    field: Word | None = None
    received_at: AwareDatetime | None = None
    appointment_at: AwareDatetime | None = None
    fee_charged: StrictBool = False
    paid_online: StrictBool | None = None
    electronic_result: StrictBool | None = None
    satisfied: StrictBool | None = None
    source_status: Word | None = None


class Deliveries(Model):
    items: Annotated[list[Delivery], Field(min_length=1, max_length=1000)]


class Result(BaseModel):
    index: int
    status: str
    dossier: str
    problem: dict[str, str] | None = None


class Results(BaseModel):
    results: list[Result]


app = FastAPI()


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    return {"ready": True}


@app.post("/v1/dossiers/events")
async def receive(deliveries: Deliveries) -> Results:
    return Results(
        results=[
            Result(index=index, status="accepted", dossier=each.dossier) for index, each in enumerate(deliveries.items)
        ]
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
