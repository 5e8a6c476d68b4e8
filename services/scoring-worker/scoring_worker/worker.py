"""`python -m scoring_worker.worker`: turns events into scores."""

from cchc_shared.service.app import serve_worker
from cchc_shared.service.http_settings import read
from scoring_worker.bootstrap import build_worker
from scoring_worker.settings import ScoringSettings


def main() -> None:
    settings = read(ScoringSettings)
    serve_worker(build_worker(settings), settings)


if __name__ == "__main__":
    main()
