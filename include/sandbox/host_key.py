"""The sandbox's host key: made once and kept in its home, so that it can be pinned before the sandbox runs."""

import os
from pathlib import Path

import asyncssh


def host_key_path(home: Path) -> Path:
    """Return where the private key lies."""
    return home / "host_key"


def host_key_line(home: Path) -> str:
    """Return the key as it is pinned, `ssh-ed25519 AAAA...`; made at the first call, then kept."""
    path = host_key_path(home)
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(made))
        made.chmod(0o600)
        made.replace(path)
    public = asyncssh.read_private_key(str(path)).export_public_key("openssh").decode()
    return " ".join(public.split()[:2])
