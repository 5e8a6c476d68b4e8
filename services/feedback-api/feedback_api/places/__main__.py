"""`python -m feedback_api.places FOLDER`: are the outlines of a city's folder fit to be used?"""

import sys
from pathlib import Path

import yaml

from feedback_api.places.service import load

USAGE = 2


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return USAGE
    try:
        places = load(Path(sys.argv[1]))
    except (ValueError, OSError, yaml.YAMLError) as error:
        print(error, file=sys.stderr)
        return 1
    for line in places.described():
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
