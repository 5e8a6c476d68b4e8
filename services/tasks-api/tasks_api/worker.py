"""Runs the timed work of tasks-api, and sends its mails: python -m tasks_api.worker"""

from cchc_shared.service.app import serve_worker
from cchc_shared.service.http_settings import read
from tasks_api.bootstrap import build_worker
from tasks_api.settings import WorkerSettings


def main() -> None:
    settings = read(WorkerSettings)
    serve_worker(build_worker(settings), settings)


if __name__ == "__main__":
    main()
