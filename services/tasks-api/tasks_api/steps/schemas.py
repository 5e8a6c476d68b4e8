"""Request models of steps."""

from typing import Annotated

from fastapi import Path
from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from cchc_shared.http.schemas import Day, In, bounded

StepId = Annotated[int, Path(ge=1, lt=1 << 63, description="Id of a step of this task")]
Words = Annotated[str, bounded(500, min_length=1)]
Position = Annotated[int, Field(ge=1, le=1000)]


class StepIn(In):
    """A step to be done."""

    text: Words
    due_on: Day | None = Field(default=None, description="The last day, within the time of the task")
    position: Position | None = Field(default=None, description="Its place, counted from 1. Absent: the last")


class StepChangeIn(In):
    """What changes of a step. What is absent stays."""

    text: Words | None = None
    due_on: Day | None = Field(default=None, description="null takes the day away")
    position: Position | None = None
    done: StrictBool | None = Field(default=None, description="Done now, by the caller; false takes that back")

    @model_validator(mode="after")
    def _says_something(self) -> "StepChangeIn":
        if not self.model_fields_set:
            raise PydanticCustomError("missing", "Field required")
        return self
