"""node-x12, a peer of another language: installed beside the results, run in a process of its own."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from bench import Elsewhere

_HERE = Path(__file__).parent
_FOLDER = _HERE / "out" / "node"

IS_HERE = shutil.which("npm") is not None


def node_x12(script: str, given: str, text: str, *arguments: str) -> Callable[[], Elsewhere]:
    """Return a run of one of our scripts over a text, which is stored under the name given."""
    if not (_FOLDER / "node_modules" / "node-x12").is_dir():
        _FOLDER.mkdir(parents=True, exist_ok=True)
        quiet = ["--silent", "--no-audit", "--no-fund", "--prefix", str(_FOLDER)]
        subprocess.run(["npm", "install", *quiet, "node-x12@1.7.1"], check=True)
    file = _FOLDER / given
    file.write_text(text)
    command = ["node", shutil.copy(_HERE / script, _FOLDER), str(file), *arguments]

    def work() -> Elsewhere:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return Elsewhere(**json.loads(done.stdout))

    return work
