"""`python -m notify.api`: serves the HTTP side."""

from cchc_shared.service.app import serve
from cchc_shared.service.http_settings import read
from cchc_shared.service.settings import ServiceSettings
from notify.bootstrap import build_app


def main() -> None:
    settings = read(ServiceSettings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
