"""`python -m scoring_worker.api`: serves scores over HTTP."""

from cchc_shared.service.app import serve
from cchc_shared.service.http_settings import read
from scoring_worker.bootstrap import build_app
from scoring_worker.settings import ScoringSettings


def main() -> None:
    settings = read(ScoringSettings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
