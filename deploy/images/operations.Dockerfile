# What an operator runs once: roles, schemas, migrations of every service, topics. Nothing of it serves.
# From the root of the repository: docker build --file deploy/images/operations.Dockerfile .

FROM python:3.13.14-slim AS dependencies
COPY deploy/images/operations.lock /lock
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --only-binary=:all: --no-deps --require-hashes -r /lock

FROM python:3.13.14-slim
RUN useradd --system --uid 10001 --no-create-home cchc && install -d -o cchc /keys
COPY --from=dependencies /venv /venv
WORKDIR /app
COPY shared/cchc_shared shared/cchc_shared
COPY services services
COPY deploy/embedded/cchc_embedded deploy/embedded/cchc_embedded
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    PYTHONPATH=/app/shared:/app/services/tasks-api:/app/services/feedback-api:/app/services/dossiers-api:/app/services/notify:/app/services/scoring-worker:/app/services/relay:/app/deploy/embedded
USER 10001
CMD ["python", "-m", "cchc_embedded.prepare"]
