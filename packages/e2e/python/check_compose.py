"""Reads compose files as the compose specification has them. Says what is wrong, and exits with 1 then."""

import sys

from compose_spec import PyCompose

failed = False
for path in sys.argv[1:]:
    try:
        with open(path, encoding="utf-8") as file:
            compose = PyCompose.from_yaml(file.read())
        compose.validate()
        compose.to_spec()
    except ValueError as error:
        failed = True
        print(f"{path}: {error}")
sys.exit(failed)
