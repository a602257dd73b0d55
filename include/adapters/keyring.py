"""
The keys that patients' data are encrypted with at rest: the first encrypts, and all of them decrypt.

They are the Fernet keys of connection `claims_payload_key`. A text of a few hundred bytes is encrypted by AES-GCM
under a key derived from one of them, because Fernet takes four times as long; stored files keep Fernet itself.
"""

import os
from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from include.claims.errors import BadFile, BadSetting

ENCRYPTED: Final = "enc1."
"""How every encrypted text begins; then the name of its key, a point, and nonce and ciphertext in Base64."""

_NONCE: Final = 12
_NO_KEY: Final = (
    "connection claims_payload_key gives no key, and patients' data are encrypted; give it the key that this ledger is"
    " written with as its password (docs/deploying.md), or AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY to a shell"
)


class Keyring:
    """Encrypts texts and decrypts them; one without keys complains only once it is asked to."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._given = tuple(keys)

    @property
    def mark(self) -> str:
        """How a text begins that the first key has encrypted."""
        return f"{ENCRYPTED}{next(iter(self._ciphers))}."

    def encrypt(self, text: str) -> str:
        """Return the text so that only a key opens it."""
        name, cipher = next(iter(self._ciphers.items()))
        nonce = os.urandom(_NONCE)
        return f"{ENCRYPTED}{name}.{b64encode(nonce + cipher.encrypt(nonce, text.encode(), None)).decode()}"

    def decrypt(self, text: str) -> str:
        """Return what was encrypted; raise BadSetting without its key, BadFile where it is no longer whole."""
        name, _, content = text.removeprefix(ENCRYPTED).partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise BadSetting(
                f"the ledger holds data encrypted with key {name}, and connection claims_payload_key does not have it;"
                " add that key to its password, behind a comma"
            )
        try:
            raw = _raw(content)
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (InvalidTag, NotBase64, ValueError):
            raise BadFile(
                f"an encrypted column of the ledger (key {name}) was damaged or changed by hand; restore it from a"
                " backup"
            ) from None

    def in_clear(self, stored: str | None) -> str | None:
        """Return a text decrypted where it is encrypted, and else as it is."""
        return self.decrypt(stored) if stored and stored.startswith(ENCRYPTED) else stored

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        given = [key for key in self._given if key.strip()]
        if not given:
            raise BadSetting(_NO_KEY)
        secrets = [urlsafe_b64decode(checked(key, number)) for number, key in enumerate(given, start=1)]
        return {_derived(secret, b"name", 4).hex(): AESGCM(_derived(secret, b"column", 32)) for secret in secrets}


def _raw(content: str) -> bytes:
    raw = b64decode(content, validate=True)
    if b64encode(raw).decode() != content:  # Base64 forgives what we never write
        raise NotBase64
    return raw


def checked(key: str, number: int) -> str:
    """Return a key that can be one; raise BadSetting, which does not show it, for any other."""
    try:
        Fernet(key.strip())
    except ValueError:
        raise BadSetting(f"payload key {number}: it is not 32 bytes in URL-safe base64, as Fernet wants it") from None
    return key.strip()


def _derived(secret: bytes, what_for: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"claim courier, " + what_for).derive(secret)
