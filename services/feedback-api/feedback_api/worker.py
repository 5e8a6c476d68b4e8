"""`python -m feedback_api.worker`: keeps this service's copy of the directory of units."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from cchc_shared.database import create_engine
from cchc_shared.http.app import create_app, serve
from cchc_shared.settings import ServiceSettings
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.worker import consuming, source_factory
from feedback_api.directory.handler import UnitsHandler

NAME = "feedback-worker"
TOPICS = ("tasks",)


def build_app(settings: ServiceSettings) -> FastAPI:
    """A consumer with the health routes that every process has."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=NAME)
        consumer = Consumer(
            NAME,
            engine=engine,
            source=source_factory(settings, engine, topics=TOPICS, consumer=NAME),
            effect=Inbox(UnitsHandler()),
        )
        app.state.consumer = consumer
        try:
            async with consuming(consumer):
                yield
        finally:
            await engine.dispose()

    async def ready() -> dict[str, bool]:
        return {"consumer": app.state.consumer.alive}

    app = create_app(name=NAME, settings=settings, routers=[], resources=resources, ready=ready)
    return app


def main() -> None:
    settings = ServiceSettings()
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
