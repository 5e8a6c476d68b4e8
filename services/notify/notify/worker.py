"""`python -m notify.worker`: follows what happens, tells it to webhooks, and does what is due at a time."""

from cchc_shared.service.app import serve_worker
from cchc_shared.service.http_settings import read
from notify.bootstrap import build_worker
from notify.settings import WebhookSettings


def main() -> None:
    settings = read(WebhookSettings)
    serve_worker(build_worker(settings), settings)


if __name__ == "__main__":
    main()
