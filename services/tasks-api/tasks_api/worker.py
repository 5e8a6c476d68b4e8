"""Runs the timed work of tasks-api: python -m tasks_api.worker"""

from cchc_shared.service.app import serve_worker
from cchc_shared.service.http_settings import read
from cchc_shared.service.settings import ServiceSettings
from tasks_api.bootstrap import build_worker


def main() -> None:
    settings = read(ServiceSettings)
    serve_worker(build_worker(settings), settings)


if __name__ == "__main__":
    main()
