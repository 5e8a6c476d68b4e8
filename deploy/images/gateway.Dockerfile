# The public entry of the system.
# From the root of the repository: docker build --file deploy/images/gateway.Dockerfile .

FROM python:3.13.14-slim AS dependencies
COPY deploy/images/gateway.lock /lock
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --only-binary=:all: --no-deps --require-hashes -r /lock

FROM python:3.13.14-slim
RUN useradd --system --uid 10001 --no-create-home cchc
COPY --from=dependencies /venv /venv
WORKDIR /app
COPY shared/cchc_shared shared/cchc_shared
COPY services/gateway services/gateway
COPY data/hanoi/caller_rules.yaml data/hanoi/caller_rules.yaml
COPY docs/guides docs/guides
COPY CHANGELOG.md CHANGELOG.md
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app/shared:/app/services/gateway PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 PORT=8000 CALLER_RULES=/app/data/hanoi/caller_rules.yaml
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["python", "-m", "gateway.api"]
