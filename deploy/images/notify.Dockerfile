# notify over HTTP; `python -m notify.worker` follows units.
# From the root of the repository: docker build --file deploy/images/notify.Dockerfile .

FROM python:3.13.14-slim AS dependencies
COPY deploy/images/notify.lock /lock
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --only-binary=:all: --no-deps --require-hashes -r /lock

FROM python:3.13.14-slim
RUN useradd --system --uid 10001 --no-create-home cchc && install -d -o cchc /archive
COPY --from=dependencies /venv /venv
WORKDIR /app
COPY shared/cchc_shared shared/cchc_shared
COPY services/notify services/notify
COPY data data
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app/shared:/app/services/notify PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 PORT=8000 CCHC_PROFILE=/app/data/hanoi
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["python", "-m", "notify.api"]
