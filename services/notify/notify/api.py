"""`python -m notify.api`: serves the HTTP side."""

from cchc_shared.service.app import serve
from cchc_shared.service.http_settings import read
from notify.bootstrap import build_app
from notify.settings import NotifySettings


def main() -> None:
    settings = read(NotifySettings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
