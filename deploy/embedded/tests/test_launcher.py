"""What the launcher imports before it makes copies of itself."""

import re
import subprocess
import sys
from pathlib import Path

ALERTS = Path(__file__).parents[2] / "alerts.yaml"
IMPORTED = """
import psutil, sys
from prometheus_client import generate_latest
from cchc_embedded import launcher
services, launcher.SERVICE_IMPORTS = launcher.SERVICE_IMPORTS, ()
shown = lambda: {line.split(" ")[0] for line in generate_latest().decode().splitlines() if line.startswith("cchc_")}
launcher.import_shared()
before = shown()
launcher.SERVICE_IMPORTS = services
launcher.import_shared()
assert set(services) <= set(sys.modules), "one could not be imported"
assert psutil.Process().num_threads() == 1, "a copy would lack the others"
print(*shown() - before)
"""


def test_copies_lack_no_thread_and_what_they_show_of_other_services_changes_no_alert() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True)
    foreign = done.stdout.split()
    assert "cchc_tasks_open" in foreign
    for name in foreign:
        assert set(re.findall(rf"(\w*\(?){name}\b", ALERTS.read_text())) <= {"max("}, name
