"""`python -m feedback_api.rotation`: seals contact data again under the first key of `CCHC_CONTACT_KEY`.

Prints how many were sealed again, and the seals by key. Returns 0 when all are of the first key, 1 when some cannot be
opened with any key that is known.
"""

import asyncio
import sys

from cchc_shared.service import logs
from cchc_shared.service.http_settings import read
from cchc_shared.storage.database import create_engine
from feedback_api.reports.contacts import ContactCipher
from feedback_api.rotation.service import Rotated, rotate
from feedback_api.settings import FeedbackSettings

NAME = "feedback-rotation"


async def _run(settings: FeedbackSettings) -> tuple[ContactCipher, Rotated]:
    cipher = ContactCipher(settings.keys)
    engine = create_engine(settings.database_url, pool_size=2, application=NAME)
    try:
        return cipher, await rotate(engine, cipher)
    finally:
        await engine.dispose()


def main() -> int:
    """Rotate, and say what was done."""
    settings = read(FeedbackSettings)
    logs.configure(NAME, settings.log_level)
    cipher, rotated = asyncio.run(_run(settings))
    sys.stdout.write(f"sealed again: {rotated.sealed_again}\n")
    for key, found in rotated.by_key.items():
        sys.stdout.write(f"key {key}{' (seals)' if key == cipher.key_id else ''}: {found}\n")
    if rotated.unreadable:
        sys.stdout.write(f"no known key opens {rotated.unreadable}; name their key in CCHC_CONTACT_KEY and try again\n")
    return int(rotated.unreadable > 0)


if __name__ == "__main__":
    sys.exit(main())
