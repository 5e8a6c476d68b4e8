"""`python -m feedback_api.api`: serves the HTTP side."""

from cchc_shared.service.app import serve
from feedback_api.bootstrap import build_app
from feedback_api.settings import FeedbackSettings


def main() -> None:
    settings = FeedbackSettings()
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
