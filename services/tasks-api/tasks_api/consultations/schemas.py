"""Request and response models of consultations."""

from datetime import date, datetime
from typing import Annotated, Any, Self

import msgspec
from pydantic import Field

from cchc_shared.contract.codes import ConsultationReturnReason, ConsultationStatus, Opinion
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import Day, In, Instant, Out, UnitCode, bounded
from tasks_api.consultations.domain import MOST_CONTENTS, MOST_UNITS, Answer, Consultation, OnContent
from tasks_api.consultations.transitions import ConsultationAction
from tasks_api.tasks.schemas import CODE as TASK_CODE

CODE = pattern(r"^[A-Za-z0-9-]+$", vi="không phải mã lấy ý kiến", en="is not the code of a consultation")
KindCode = Annotated[str, bounded(60, min_length=1)]
Content = Annotated[str, bounded(500, min_length=1)]
Relevance = Annotated[str, bounded(2000, min_length=1)]


class QuestionIn(In):
    """What is asked, and by when. Exactly one of `due_at` and `working_days` is given."""

    question: Annotated[str, bounded(20_000, min_length=1)]
    main_contents: list[Content] = Field(
        default=[], max_length=MOST_CONTENTS, description="The main contents on which an opinion is wanted, by name"
    )
    kind: KindCode = Field(description="A kind of the city's rules: `city_administration`, `one_stop`, `ordinary`")
    due_at: Instant | None = Field(default=None, description="The first instant at which an answer is late")
    working_days: int | None = Field(
        default=None, ge=1, le=250, description="Due at the end of office hours of the n-th working day"
    )


class ConsultationIn(QuestionIn):
    """A question to one unit."""

    unit: UnitCode = Field(description="The unit that is asked")
    relevance: Relevance = Field(description="Why this unit has something to say")


class AskedUnitIn(In):
    unit: UnitCode
    relevance: Relevance = Field(description="Why this unit has something to say")


class ConsultationsIn(QuestionIn):
    """The same question to several units, each with why it is asked."""

    units: list[AskedUnitIn] = Field(min_length=1, max_length=MOST_UNITS)


class OnContentIn(In):
    content: Content = Field(description="One of the main contents of the question, as it is written there")
    opinion: Opinion
    reason: Annotated[str, bounded(10_000)] = Field(default="", description="Needed unless the unit agrees")


class AnswerIn(In):
    """An opinion is always given; changes and a disagreement are explained."""

    opinion: Opinion
    content: Annotated[str, bounded(20_000)] = Field(default="", description="Needed unless the unit agrees")
    per_content: list[OnContentIn] = Field(default=[], max_length=MOST_CONTENTS)

    def answer(self, at: datetime) -> Answer:
        """The answer, given at that instant."""
        parts = tuple(OnContent(**each.model_dump()) for each in self.per_content)
        return Answer(self.opinion, at, self.content, parts)


class ReturnIn(In):
    reason: ConsultationReturnReason
    content: Annotated[str, bounded(2000)] = Field(default="", description="What there is to say about it")


class WithdrawIn(In):
    reason: Annotated[str, bounded(2000, min_length=1)]


class ConsultationQuery(In):
    """Filters of the list; an absent one does not narrow it."""

    unit: UnitCode | None = Field(default=None, description="The unit that is asked")
    asker: UnitCode | None = Field(default=None, description="The unit that asks")
    task: Annotated[str, Field(max_length=200, pattern=TASK_CODE)] | None = None
    kind: KindCode | None = None
    status: ConsultationStatus | None = None
    overdue: bool | None = Field(default=None, description="True: the deadline passed, and no answer has come till now")
    cursor: Cursor = None
    limit: Limit = 50


class OnContentOut(Out):
    content: str
    opinion: Opinion
    reason: str


class AnswerOut(Out):
    opinion: Opinion
    at: datetime
    content: str
    per_content: list[OnContentOut]


class ConsultationOut(Out):
    """A consultation as it stands at the instant of the answer."""

    id: str = Field(description="Code of the consultation")
    task: str
    asker: str
    unit: str = Field(description="The unit that is asked")
    kind: str
    deemed_consent: bool = Field(description="Whether silence until the deadline is agreement")
    question: str
    relevance: str
    main_contents: list[str]
    asked_at: datetime
    due_at: datetime = Field(description="The first instant at which an answer is late")
    status: ConsultationStatus
    answer: AnswerOut | None = Field(description="The answer that came in time")
    late_answer: AnswerOut | None = Field(description="An answer that came after the deadline, and changed nothing")
    disagreements: list[str] = Field(description="Main contents on which the unit disagrees")
    return_reason: ConsultationReturnReason | None
    ended_at: datetime | None = Field(description="When it was answered, returned or withdrawn, or lapsed")
    notice: str | None = Field(description="Number of the notice of deemed consent")
    version: int
    possible: list[ConsultationAction] = Field(description="The actions that this caller can take now")

    @classmethod
    def of(cls, asked: Consultation, possible: list[ConsultationAction]) -> Self:
        fields: dict[str, Any] = msgspec.structs.asdict(asked) | {"id": asked.code}
        return cls(**fields, notice=asked.notice, disagreements=list(asked.disagreements), possible=possible)


class ConsultationPage(Out):
    items: list[ConsultationOut]
    next_cursor: str | None


class ConsultationsOut(Out):
    """The consultations that were begun, in the order of the units."""

    items: list[ConsultationOut]


class NoticeOut(Out):
    """The written notice to the unit whose silence was agreement. It never changes; it bears no digital signature."""

    number: str
    text: str
    html: str


class StatisticsQuery(In):
    """What is counted: questions asked from `since` to `as_of`, as they stood at the end of `as_of`."""

    as_of: Day | None = Field(default=None, description="The local day at whose end is counted; today if absent")
    since: Day | None = Field(default=None, description="The first local day; that year's first if absent")
    asker: UnitCode | None = None
    unit: UnitCode | None = None
    cursor: Cursor = None
    limit: Limit = 50


class StatisticsRow(Out):
    """How often one unit asked another in a month, and what became of it. What is not named here is open."""

    month: str = Field(description="Month of the question, YYYY-MM")
    asker: str
    unit: str
    asked: int
    answered: int = Field(description="In time")
    returned: int = Field(description="Returned in time: the asker asked needlessly")
    withdrawn: int
    late: int = Field(description="The deadline passed in silence, and an answer came later")
    silent: int = Field(description="The deadline passed in silence, and no answer came")


class StatisticsOut(Out):
    as_of: date
    since: date
    items: list[StatisticsRow]
    next_cursor: str | None
