"""Published vectors, through the functions that the product calls."""

from __future__ import annotations

from collections.abc import Iterator

import cryptography_vectors
import pytest

from siyu.privacy import vault

Vector = dict[str, str]


def _vectors(path: str, *, last: str = "") -> Iterator[Vector]:
    """Records of `NAME = value` lines, of NIST's or the RFCs' files; a blank line ends a record, or the name of its last value."""
    vector: Vector = {}
    with cryptography_vectors.open_vector_file(path, "r") as file:
        for line in map(str.strip, file):
            if line.startswith("[") or line.startswith("#"):
                continue
            if not line:
                if vector and not last:
                    yield vector
                    vector = {}
            elif line == "FAIL":
                vector["FAIL"] = ""
            else:
                name, _, value = line.partition("=")
                vector[name.strip()] = value.strip()
                if name.strip() == last:
                    yield vector
                    vector = {}
    if vector:
        yield vector


def _gcm(path: str) -> list[Vector]:
    """Those with nonces and tags of the length that the house uses."""
    return [v for v in _vectors(path) if "Key" in v and len(v["IV"]) == 2 * vault.NONCE_BYTES and len(v["Tag"]) == 2 * vault.TAG_BYTES]


def _bytes(vector: Vector, name: str) -> bytes:
    return bytes.fromhex(vector[name])


def test_aes_256_gcm_opens_what_nist_sealed_and_refuses_what_nist_spoiled() -> None:
    vectors = _gcm("ciphers/AES/GCM/gcmDecrypt256.rsp")
    spoiled = 0
    for vector in vectors:
        cipher = vault.Cipher(_bytes(vector, "Key"))
        sealed = _bytes(vector, "IV") + _bytes(vector, "CT") + _bytes(vector, "Tag")
        if "FAIL" in vector:
            spoiled += 1
            with pytest.raises(vault.Unreadable):
                cipher.open(sealed, _bytes(vector, "AAD"))
        else:
            assert cipher.open(sealed, _bytes(vector, "AAD")) == _bytes(vector, "PT")
    assert (len(vectors), spoiled) == (375, 191)


def test_aes_256_gcm_seals_as_nist_does(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _gcm("ciphers/AES/GCM/gcmEncryptExtIV256.rsp")
    for vector in vectors:
        nonce = _bytes(vector, "IV")
        monkeypatch.setattr("os.urandom", lambda length, nonce=nonce: nonce[:length])
        sealed = vault.Cipher(_bytes(vector, "Key")).seal(_bytes(vector, "PT"), _bytes(vector, "AAD"))
        assert sealed == nonce + _bytes(vector, "CT") + _bytes(vector, "Tag")
    assert len(vectors) == 375


def test_hkdf_sha_256() -> None:
    vectors = [*_vectors("KDF/rfc-5869-HKDF-SHA256.txt", last="OKM"), *_vectors("KDF/hkdf-generated.txt", last="OKM")]
    for vector in vectors:
        root = vault.Root(_bytes(vector, "IKM"), salt=_bytes(vector, "salt"))
        length = int(vector["L"])
        assert root.expand(_bytes(vector, "info"), length) == _bytes(vector, "OKM")
        assert root.key(_bytes(vector, "info"))[:length] == _bytes(vector, "OKM")[:32]
    assert len(vectors) == 4


def test_hmac_sha_256() -> None:
    vectors = list(_vectors("HMAC/rfc-4231-sha256.txt"))
    for vector in vectors:
        mac = vault.Mac(_bytes(vector, "Key"))
        assert mac.of(_bytes(vector, "Msg")).startswith(_bytes(vector, "MD"))
        assert mac.of(_bytes(vector, "Msg")) == mac.of(_bytes(vector, "Msg"))
    assert len(vectors) == 6


def test_ed25519_signs_and_verifies_as_rfc_8032_says() -> None:
    seed = bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
    signing = vault.Signing(seed)
    message = bytes.fromhex("af82")
    assert signing.public().hex() == "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    signature = signing.sign(message)
    assert signature.hex().startswith("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac")
    assert vault.verified(signing.public(), message, signature)
    assert not vault.verified(signing.public(), message + b".", signature)
    assert not vault.verified(signing.public(), message, signature[:-1] + bytes([signature[-1] ^ 1]))


def test_a_wrapped_key_opens_under_one_root_only() -> None:
    key, one, two = vault.random(32), vault.Wrapping(vault.random(32)), vault.Wrapping(vault.random(32))
    wrapped = one.wrap(key)
    assert one.unwrap(wrapped) == key
    with pytest.raises(vault.Unreadable):
        two.unwrap(wrapped)
    # The commitment is checked, not only carried: another root's in front opens nothing.
    with pytest.raises(vault.Unreadable):
        two.unwrap(two.wrap(key)[:32] + wrapped[32:])
    for bit in range(len(wrapped) * 8):
        spoiled = bytearray(wrapped)
        spoiled[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(vault.Unreadable):
            one.unwrap(bytes(spoiled))
