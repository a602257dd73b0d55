"""What the keys to patients' data promise."""

import pytest
from cryptography.fernet import Fernet

from include.adapters.keyring import ENCRYPTED, Keyring
from include.claims.errors import BadFile, BadSetting

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
WORDS = "Testina Example, born 1988"


def test_what_was_encrypted_comes_back():
    """No word of it stands in what is kept, and the same text never looks the same twice."""
    keyring = Keyring([NEW])

    kept = {keyring.encrypt(WORDS) for _ in range(2)}

    assert 2 == len(kept)
    assert {WORDS} == {keyring.decrypt(one) for one in kept}
    assert all(one.startswith(keyring.mark) and "Testina" not in one for one in kept)


def test_the_first_key_encrypts_and_all_decrypt():
    """While two keys are given, what either wrote is read; its mark tells them apart."""
    kept = Keyring([OLD]).encrypt(WORDS)

    both = Keyring([NEW, OLD])

    assert WORDS == both.decrypt(kept)
    assert not kept.startswith(both.mark)
    assert both.encrypt("").startswith(Keyring([NEW]).mark)


def test_a_key_that_is_missing_is_named_by_its_mark():
    """The message says which connection lacks it and what to do, and shows neither key nor text."""
    kept = Keyring([OLD]).encrypt(WORDS)

    with pytest.raises(BadSetting, match=r"with key [0-9a-f]{8}, .*claims_payload_key.*behind a comma") as caught:
        Keyring([NEW]).decrypt(kept)

    assert not {OLD, NEW, WORDS, kept} & set(str(caught.value).split())


@pytest.mark.parametrize(("keys", "reason"), [([], "gives no key"), ([" "], "gives no key"), (["short"], "32 bytes")])
def test_without_a_key_only_who_needs_one_is_refused(keys: list[str], reason: str):
    """A keyring is made without looking; who encrypts is told the connection."""
    keyring = Keyring(keys)

    with pytest.raises(BadSetting, match=reason) as caught:
        keyring.encrypt(WORDS)

    assert "short" not in str(caught.value)


def test_what_was_changed_is_not_read():
    """A text with another sign in it, or cut, is damaged; nobody takes it for what was written."""
    kept = Keyring([NEW]).encrypt(WORDS)
    other = kept[:-6] + ("AAAA" if kept[-6:-2] != "AAAA" else "BBBB") + kept[-2:]

    for broken in (other, kept[:-4], f"{Keyring([NEW]).mark}Ü", Keyring([NEW]).mark):
        assert broken.startswith(ENCRYPTED)
        with pytest.raises(BadFile, match="damaged or changed by hand"):
            Keyring([NEW]).decrypt(broken)
