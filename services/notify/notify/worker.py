"""`python -m notify.worker`: follows the directory of units, and does what is due at a time."""

from cchc_shared.service.app import serve_worker
from cchc_shared.service.http_settings import read
from cchc_shared.service.settings import ServiceSettings
from notify.bootstrap import build_worker


def main() -> None:
    settings = read(ServiceSettings)
    serve_worker(build_worker(settings), settings)


if __name__ == "__main__":
    main()
