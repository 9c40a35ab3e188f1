"""Signed artifacts: with openssl's keys, refused wherever they are not what was signed."""

import json
import subprocess
from pathlib import Path

import pytest

from data_contracts.errors import ArtifactError, ParamsError
from models.storage.artifact import add_metrics, load_artifact
from models.storage.manifest import write_sealed
from models.storage.signature import SIGNING_KEY, VERIFY_KEY
from tests.models.storage.damage import MANIFEST, read, sealed, write
from tests.models.storage.test_artifact import saved


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs of keys, made as the documentation says."""
    return make_keys(tmp_path_factory.mktemp("keys"))


def make_keys(directory: Path) -> Path:
    for name in ("ours", "theirs"):
        made = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(directory / f"{name}.pem")]
        public = ["openssl", "pkey", "-in", made[-1], "-pubout", "-out", str(directory / f"{name}.pub.pem")]
        for command in (made, public):
            subprocess.run(command, check=True, capture_output=True)
    return directory


@pytest.fixture
def signed(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed artifact, where signatures are asked for and nothing is signed any more."""
    monkeypatch.setenv(SIGNING_KEY, str(keys / "ours.pem"))
    directory = saved(tmp_path / "model")
    monkeypatch.delenv(SIGNING_KEY)
    monkeypatch.setenv(VERIFY_KEY, str(keys / "ours.pub.pem"))
    return directory


def test_what_is_signed_is_read_where_signatures_are_asked_for_and_where_not(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_artifact(signed).checksum
    monkeypatch.delenv(VERIFY_KEY)
    assert load_artifact(signed).checksum == before


def test_what_is_not_signed_is_refused_where_that_is_asked_for(
    signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.delenv(VERIFY_KEY)
        saved(tmp_path / "unsigned")
        load_artifact(tmp_path / "unsigned")
    with pytest.raises(ArtifactError, match=f"is not signed, and {VERIFY_KEY} asks for it.*{SIGNING_KEY}"):
        load_artifact(tmp_path / "unsigned")


def test_what_another_key_signed_is_refused(signed: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VERIFY_KEY, str(keys / "theirs.pub.pem"))
    with pytest.raises(ArtifactError, match=f"is not signed with the key of {VERIFY_KEY}"):
        load_artifact(signed)


def test_checksums_made_anew_do_not_replace_the_signature(signed: Path, tmp_path: Path) -> None:
    files = read(signed)
    changed = files | {"card.md": files["card.md"] + b"trust me"}
    for forged in (sealed(changed, files, tmp_path), _with_signature(changed, tmp_path)):
        write(forged, signed, files)
        with pytest.raises(ArtifactError, match=r"is not signed"):
            load_artifact(signed)


def _with_signature(files: dict[str, bytes], directory: Path) -> dict[str, bytes]:
    """The old signature below new checksums."""
    before = json.loads(files[MANIFEST])
    anew = json.loads(sealed(files, files, directory)[MANIFEST])
    return files | {MANIFEST: json.dumps(anew | {"signature": before["signature"]}).encode()}


def test_metrics_are_signed_too_and_need_the_key(signed: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArtifactError, match=f"no key to sign with is named.*{SIGNING_KEY}"):
        add_metrics(signed, {"roc_auc": {"value": 0.8}})
    with pytest.raises(ArtifactError, match="no key to sign with is named"):
        saved(signed)
    load_artifact(signed)
    monkeypatch.setenv(SIGNING_KEY, str(keys / "ours.pem"))
    add_metrics(signed, {"roc_auc": {"value": 0.8}})
    assert load_artifact(signed).metrics == {"roc_auc": {"value": 0.8}}


@pytest.mark.parametrize("variable", [SIGNING_KEY, VERIFY_KEY])
@pytest.mark.parametrize("key", ["absent", "a directory", "no key", "the other half", "another kind"])
def test_a_key_that_is_none_is_named(
    variable: str, key: str, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = {"absent": tmp_path / "gone.pem", "a directory": tmp_path, "no key": tmp_path / "none.pem"}
    paths["the other half"] = keys / ("ours.pub.pem" if variable == SIGNING_KEY else "ours.pem")
    paths["another kind"] = tmp_path / "rsa.pem"
    (tmp_path / "none.pem").write_text("no key")
    if key == "another kind":
        rsa = ["openssl", "genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(paths[key])]
        subprocess.run(rsa, check=True, capture_output=True)
    monkeypatch.setenv(SIGNING_KEY, str(keys / "ours.pem"))
    monkeypatch.setenv(variable, str(paths[key]))
    with pytest.raises(ParamsError, match=rf"{variable}: .* (cannot be read|holds no (private|public) Ed25519 key)"):
        load_artifact(saved(tmp_path / "model"))


def test_the_signature_is_of_the_manifest_alone(signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = json.loads((signed / MANIFEST).read_text())
    assert len(manifest["signature"]) == 128
    write_sealed(signed / MANIFEST, manifest)  # no key is named: the signature goes
    assert "signature" not in json.loads((signed / MANIFEST).read_text())
