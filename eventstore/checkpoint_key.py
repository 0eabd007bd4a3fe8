"""Keys that sign checkpoints: Ed25519, the private one in a file of its own, in PKCS #8 as other programs read it.

A private key is never printed, and one that others may read is not used.
"""

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from perptape.eventstore.checkpoint import Checkpoint, signed_bytes
from perptape.eventstore.errors import SigningKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SIZE_MAX = 10_000
_PUBLIC = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class SigningKey:
    """A private key in memory; its text shows the public one only."""

    def __init__(self, private: "Ed25519PrivateKey") -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw().hex()

    def __repr__(self) -> str:
        return f"<signing key of {self.public}>"

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with this key's signature."""
        named = checkpoint._replace(public_key=self.public, signature=None)
        return named._replace(signature=self._private.sign(signed_bytes(named)).hex())


def make_key(path: Path) -> SigningKey:
    """Make a key in a new file that only its owner may read. Raises SigningKeyError; a file there stays as it is."""
    _require_cryptography()
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  (the package may be missing)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SigningKeyError(f"{path}: already exists and is never overwritten: choose another file") from None
    except OSError as error:
        raise SigningKeyError(f"{path}: cannot be created: {error.strerror or error}") from error
    try:
        with os.fdopen(opened, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key is none
        raise SigningKeyError(f"{path}: cannot be written: {error.strerror or error}") from error
    return SigningKey(private)


def read_key(path: Path) -> SigningKey:
    """Read a private key. Raises SigningKeyError when it is none, is encrypted, or others may read its file."""
    _require_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  (the package may be missing)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    content = _read(path)
    if path.stat().st_mode & _OTHERS:
        raise SigningKeyError(
            f"{path}: other users can read it: run chmod 600, or make a new key if someone may have read it"
        )
    try:
        private = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # not their words: they may quote the file
        raise SigningKeyError(f"{path}: not a private key in PEM format, or encrypted") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningKeyError(f"{path}: not an Ed25519 key; make one with `perptape store key`")
    return SigningKey(private)


def public_key(text: str) -> str:
    """A public key as 64 hexadecimal digits, from these digits or a file that holds them or a PEM public key.

    Raises SigningKeyError.
    """
    if _PUBLIC.fullmatch(text):
        return text.lower()
    content = _read(Path(text))
    digits = content.strip()
    if _PUBLIC.fullmatch(digits.decode("ascii", errors="replace")):
        return digits.decode("ascii").lower()
    _require_cryptography()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  (the package may be missing)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        public = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise SigningKeyError(f"{text}: neither 64 hexadecimal digits nor a file with a public key") from None
    if not isinstance(public, Ed25519PublicKey):
        raise SigningKeyError(f"{text}: not an Ed25519 public key")
    return public.public_bytes_raw().hex()


def is_signed(checkpoint: Checkpoint) -> bool:
    """Whether the signature is one of the checkpoint's own key; of whom that key is, is another question.

    Raises SigningKeyError when signatures cannot be checked here.
    """
    if checkpoint.public_key is None or checkpoint.signature is None:
        return False
    _require_cryptography()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  (the package may be missing)

    try:
        _public(checkpoint.public_key).verify(bytes.fromhex(checkpoint.signature), signed_bytes(checkpoint))
    except InvalidSignature:
        return False
    return True


def _public(digits: str) -> "Ed25519PublicKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  (as above)

    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_SIZE_MAX)
    except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
        said = error.strerror if isinstance(error, OSError) else "this is not a valid file name"
        raise SigningKeyError(f"{path}: cannot be read: {said}") from error


def _require_cryptography() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415  (an extra)
    except ImportError:
        raise SigningKeyError("signing needs an extra package: install perptape[sign]") from None
