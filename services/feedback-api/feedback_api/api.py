"""`python -m feedback_api.api`: serves the HTTP side."""

from cchc_shared.service.app import serve
from cchc_shared.service.http_settings import read
from feedback_api.bootstrap import build_app
from feedback_api.settings import FeedbackSettings


def main() -> None:
    settings = read(FeedbackSettings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
