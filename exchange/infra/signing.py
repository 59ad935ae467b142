"""Signatures inside a PDF: each is an increment of the file, so those before it stay valid (PAdES, ISO 32000-2).

The key is pluggable: a PKCS#12 file named by the settings, or in a sandbox a key of its own, made at first use and kept
in the data folder. It signs for a person who has confirmed; who that is stands in the signature itself.
"""

import io
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.core.errors import ExchangeError, Refused
from exchange.infra.settings import settings

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner

DEMO_FILE = "demo-signer.p12"
DEMO_PASSPHRASE = b"sandbox"
DEMO_DAYS = 3650


class SignerNotConfigured(Refused):
    """Outside a sandbox nothing is signed without a key that the settings name (409)."""

    code = "SIGNER_NOT_CONFIGURED"


class SignatureBroken(ExchangeError):
    """A signature of the file does not hold any more (500); it is not passed on."""

    code = "SIGNATURE_BROKEN"


def sign_pdf(content: bytes, *, field: str, name: str, reason: str) -> bytes:
    """The file with one more signature, verified after it was made.

    Args:
        content: a PDF, perhaps signed already.
        field: name of the signature's field, unique in the file.
        name: who signs, as it stands in the signature.
        reason: what for.

    Raises:
        SignerNotConfigured: no key is named and this is no sandbox.
        SignatureBroken: an earlier signature or the new one does not verify.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # heavy: only who signs pays for it
    from pyhanko.sign import signers

    out = io.BytesIO()
    metadata = signers.PdfSignatureMetadata(field_name=field, name=name, reason=reason, md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(io.BytesIO(content), strict=False)
    signers.sign_pdf(writer, metadata, signer=_signer(), output=out)
    signed = out.getvalue()
    if field not in valid_signatures(signed):
        raise SignatureBroken
    return signed


def valid_signatures(content: bytes) -> dict[str, str]:
    """Who signed a PDF, by field name. SignatureBroken when one of its signatures does not hold."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    trusted = ValidationContext(trust_roots=[_signer().signing_cert], allow_fetching=False)
    found = {}
    for embedded in PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures:
        status = validate_pdf_signature(embedded, signer_validation_context=trusted)
        if not (status.intact and status.valid and status.trusted):
            raise SignatureBroken
        found[str(embedded.field_name)] = str(embedded.sig_object.get("/Name", ""))
    return found


@lru_cache(maxsize=1)
def _signer() -> "SimpleSigner":
    from pyhanko.sign.signers import SimpleSigner

    config = settings()
    if config.signer_file:
        path, passphrase = Path(config.signer_file), config.signer_passphrase.encode()
    elif config.sandbox:
        path, passphrase = config.data / DEMO_FILE, DEMO_PASSPHRASE
        _make_demo_key(path)
    else:
        raise SignerNotConfigured
    found: SimpleSigner | None = SimpleSigner.load_pkcs12(str(path), passphrase=passphrase)  # type: ignore[no-untyped-call]
    if found is None:
        raise SignerNotConfigured
    return found


def _make_demo_key(path: Path) -> None:
    """A self-signed key of the sandbox, made once; who comes second finds it there."""
    if path.exists():
        return
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox of the exchange (simulated)")])
    made_at = datetime.now(UTC)  # noqa: TID251 - the machine's time: a certificate knows no business time
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made_at - timedelta(days=1))
        .not_valid_after(made_at + timedelta(days=DEMO_DAYS))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    sealed = pkcs12.serialize_key_and_certificates(
        b"sandbox", key, certificate, None, BestAvailableEncryption(DEMO_PASSPHRASE)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{certificate.serial_number}")
    beside.write_bytes(sealed)
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
