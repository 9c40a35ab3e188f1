"""Signatures of artifacts (Ed25519): who holds the private key made the model, who has the public one can tell.

Checksums tell accidents; whoever may write into a directory can make them anew. Both keys are PEM files that the
environment names, and each is used only where it is named.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.errors import ArtifactError, ParamsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNING_KEY = "WHYLEAD_SIGNING_KEY"  # signs what is trained and promoted
VERIFY_KEY = "WHYLEAD_VERIFY_KEY"  # refuses what is not signed with its other half
_MAX_KEY = 64 * 2**10
_MEANT = "whylead artifact "  # so that the same key signs nothing else alike


def sign(checksum: str) -> str | None:
    """The signature of a manifest's checksum, None where no key is named.

    Raises ParamsError where the key cannot be used.
    """
    path = os.environ.get(SIGNING_KEY)
    return _private_key(path).sign(_message(checksum)).hex() if path else None


def require_key(directory: Path) -> None:
    """Raises ArtifactError where what is written anew would be refused for want of a signature."""
    if os.environ.get(VERIFY_KEY) and not os.environ.get(SIGNING_KEY):
        raise ArtifactError(
            f"{directory} cannot be written: {VERIFY_KEY} asks for signatures, and no key to sign with is named.",
            hint=f"Name the private key in {SIGNING_KEY}, where models are trained and promoted.",
        )


def check_signature(directory: Path, checksum: str, signature: str | None) -> None:
    """Raises ArtifactError where a key to verify with is named, and the artifact is not signed with its other half.

    Raises ParamsError where the key cannot be used.
    """
    path = os.environ.get(VERIFY_KEY)
    if not path:
        return
    from cryptography.exceptions import InvalidSignature

    hint = f"Train and promote with {SIGNING_KEY}, or fetch the artifact from whoever did."
    if signature is None:
        raise ArtifactError(f"{directory} is not signed, and {VERIFY_KEY} asks for it.", hint=hint)
    try:
        _public_key(path).verify(bytes.fromhex(signature), _message(checksum))
    except InvalidSignature as error:
        raise ArtifactError(f"{directory} is not signed with the key of {VERIFY_KEY}.", hint=hint) from error


def _message(checksum: str) -> bytes:
    return f"{_MEANT}{checksum}".encode()


def _private_key(path: str) -> "Ed25519PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    hint = "Make one with `openssl genpkey -algorithm ed25519`, without a password."
    try:
        key = load_pem_private_key(_read(SIGNING_KEY, path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ParamsError(f"{SIGNING_KEY}: {path} holds no private Ed25519 key in PEM.", hint=hint)
    return key


def _public_key(path: str) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    hint = "`openssl pkey -in key.pem -pubout` writes the public half of a key."
    try:
        key = load_pem_public_key(_read(VERIFY_KEY, path))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ParamsError(f"{VERIFY_KEY}: {path} holds no public Ed25519 key in PEM.", hint=hint)
    return key


def _read(variable: str, path: str) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(_MAX_KEY)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise ParamsError(f"{variable}: {path[:200]} cannot be read: {why or error}.") from error
