"""The service over HTTP: python -m tasks_api.api"""

from cchc_shared.files.settings import TakingSettings
from cchc_shared.service.app import serve
from cchc_shared.service.http_settings import read
from tasks_api.bootstrap import build_app


def main() -> None:
    settings = read(TakingSettings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
