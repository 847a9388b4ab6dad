"""Says whether a person is as they were sealed, and by whom; names every file that is not."""

from __future__ import annotations

import argparse
from pathlib import Path

from engines.identity.fields import Json
from engines.identity.storage import is_archive
from engines.provenance import seal
from engines.provenance.labels.files import FILE_BYTES, kind_of
from engines.provenance.signing import c2pa, keys
from engines.provenance.signing.trouble import SigningError
from studio.command.output import Output
from studio.errors import StudioError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is looked at, and whom to trust."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a person's folder, a .charx, or a signed file")
    parser.add_argument("--trust", type=Path, metavar="FILE", help="an authority's certificate (PEM) to trust")
    parser.add_argument("--keys", default="", metavar="FOLDER", help="keys whose authority is trusted, too")


def run(options: argparse.Namespace, out: Output) -> None:
    """Tell the verdict; StudioError `tampered`, `unsealed` or `no_provenance` where it is not a good one."""
    path: Path = options.path
    anchors = keys.trusted(keys.place(options.keys)) + (options.trust.read_bytes() if options.trust else b"")
    if not path.exists():
        raise StudioError("not_found", f"there is nothing at {path}")
    try:
        if path.is_dir() or is_archive(path):
            result, text = _identity(path, anchors)
        else:
            result, text = _file(path, anchors)
    except SigningError as error:
        raise StudioError(error.code, error.message) from error
    out.done(result, text)


def _identity(path: Path, anchors: bytes) -> tuple[dict[str, Json], str]:
    verdict = seal.verify(path, anchors)
    match verdict.state:
        case "broken":
            raise StudioError("tampered", f"{path}: {verdict.message}")
        case "unsealed":
            raise StudioError("unsealed", verdict.message)
        case "unchecked":
            raise StudioError("no_provenance", verdict.message)
    signer = verdict.signer
    assert signer is not None, "what is sealed was signed by somebody"
    result: dict[str, Json] = {
        "path": str(path),
        "state": verdict.state,
        "signer": signer.name,
        "fingerprint": signer.fingerprint,
        "trusted": signer.trusted,
    }
    return result, f"{path}: {verdict.message}"


def _file(path: Path, anchors: bytes) -> tuple[dict[str, Json], str]:
    with path.open("rb") as file:
        data = file.read(FILE_BYTES)
    manifest = c2pa.read(data, kind_of(data), anchors)
    if manifest is None:
        raise StudioError("unsealed", f"{path} is not signed; companion detect tells what else it says")
    if manifest.state != "valid":
        raise StudioError("tampered", f"{path} is not as it was signed: {', '.join(manifest.faults)}")
    trust = "" if manifest.trusted else ", whom nobody here has said to trust"
    result: dict[str, Json] = {
        "path": str(path),
        "state": manifest.state,
        "signer": manifest.signer,
        "trusted": manifest.trusted,
        "source": manifest.source,
    }
    return result, f"{path}: signed by {manifest.signer}{trust}; made as {manifest.source or 'nobody says'}"
