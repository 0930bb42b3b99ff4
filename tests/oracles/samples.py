"""Ceremonies made with pyca/cryptography alone: honest ones, and the same with one thing changed.

They show that a verifier judges at all (selfcheck.py). Nothing of the lab takes part in making them.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

RP_ID, ORIGIN = "rp.example", "https://rp.example"
CHALLENGE = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
AAGUID = bytes.fromhex("0123456789abcdef0123456789abcdef")
OID_AAGUID = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
VALID_FROM, VALID_TO = datetime(2025, 1, 1, tzinfo=timezone.utc), datetime(2027, 1, 1, tzinfo=timezone.utc)
JUDGED_AT = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Algorithm:
    """A COSE algorithm: how its key is made, signs, and is written down."""

    number: int
    key: Any
    sign: Callable[[bytes], bytes]
    cose: dict[int, Any]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ecdsa(number: int, curve: ec.EllipticCurve, crv: int, digest: hashes.HashAlgorithm) -> Algorithm:
    key = ec.generate_private_key(curve)
    numbers, size = key.public_key().public_numbers(), (curve.key_size + 7) // 8
    cose = {1: 2, 3: number, -1: crv, -2: numbers.x.to_bytes(size, "big"), -3: numbers.y.to_bytes(size, "big")}
    return Algorithm(number, key, lambda data: key.sign(data, ec.ECDSA(digest)), cose)


def eddsa() -> Algorithm:
    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Algorithm(-8, key, key.sign, {1: 1, 3: -8, -1: 6, -2: raw})


def rsa_key(number: int, pad: padding.AsymmetricPadding) -> Algorithm:
    key = rsa.generate_private_key(65537, 2048)
    modulus = key.public_key().public_numbers().n.to_bytes(256, "big")
    cose = {1: 3, 3: number, -1: modulus, -2: b"\x01\x00\x01"}
    return Algorithm(number, key, lambda data: key.sign(data, pad, hashes.SHA256()), cose)


def algorithms() -> dict[str, Algorithm]:
    # RFC 8230 §2: the salt of PS256 is as long as its hash.
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    return {
        "ES256": ecdsa(-7, ec.SECP256R1(), 1, hashes.SHA256()),
        "ES384": ecdsa(-35, ec.SECP384R1(), 2, hashes.SHA384()),
        "ES512": ecdsa(-36, ec.SECP521R1(), 3, hashes.SHA512()),
        "EdDSA": eddsa(),
        "RS256": rsa_key(-257, padding.PKCS1v15()),
        "PS256": rsa_key(-37, pss),
    }


def client_data(kind: str) -> bytes:
    ceremony = "webauthn.create" if kind == "registration" else "webauthn.get"
    fields = {"type": ceremony, "challenge": CHALLENGE, "origin": ORIGIN, "crossOrigin": False}
    return json.dumps(fields, separators=(",", ":")).encode()


def auth_data(flags: int, algorithm: Algorithm | None = None) -> bytes:
    head = hashlib.sha256(RP_ID.encode()).digest() + bytes([flags]) + (7).to_bytes(4, "big")
    if algorithm is None:
        return head
    credential_id = b"sixteen byte id!"
    return head + AAGUID + len(credential_id).to_bytes(2, "big") + credential_id + cbor2.dumps(algorithm.cose)


def expectations(name: str, kind: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "rp_id": RP_ID,
        "origin": ORIGIN,
        "challenge": CHALLENGE,
        "verify_time": JUDGED_AT,
    }


def registration(name: str, fmt: str, algorithm: Algorithm, issuer: "Issuer | None" = None, flip: bool = False):
    """A registration; packed without an issuer is self attestation. `flip` changes one bit of the signature."""
    data, client = auth_data(0x45, algorithm), client_data("registration")
    signed = data + hashlib.sha256(client).digest()
    statement: dict[str, Any] = {}
    if fmt == "packed" and issuer is None:
        statement = {"alg": algorithm.number, "sig": flipped(algorithm.sign(signed), flip)}
    elif fmt == "packed":
        signature = issuer.leaf_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        statement = {"alg": -7, "sig": flipped(signature, flip), "x5c": [issuer.leaf]}
    attestation = cbor2.dumps({"fmt": fmt, "attStmt": statement, "authData": data})
    # The bare inner response: the adapters build the envelope themselves.
    response = {"clientDataJSON": b64(client), "attestationObject": b64(attestation)}
    return {**expectations(name, "registration"), "response": response}


def authentication(name: str, algorithm: Algorithm, flip: bool = False, flags: int = 0x05):
    data, client = auth_data(flags), client_data("authentication")
    signature = flipped(algorithm.sign(data + hashlib.sha256(client).digest()), flip)
    return {
        **expectations(name, "authentication"),
        "stored": {"credential_public_key_cose": b64(cbor2.dumps(algorithm.cose)), "sign_count": 6},
        "response": {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)},
    }


def flipped(signature: bytes, flip: bool) -> bytes:
    """The same bytes with the lowest bit of the last one changed: still well-formed, and wrong."""
    return signature[:-1] + bytes([signature[-1] ^ 1]) if flip else signature


class Issuer:
    """A root and one attestation certificate under it, as webauthn-3 §8.2.1 wants it."""

    def __init__(self, name: str):
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.leaf_key = ec.generate_private_key(ec.SECP256R1())
        root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        root = builder(root_name, root_name, self.root_key, ca=True).sign(self.root_key, hashes.SHA256())
        leaf = builder(self.subject(), root_name, self.leaf_key, ca=False)
        extension = x509.UnrecognizedExtension(OID_AAGUID, b"\x04\x10" + AAGUID)
        leaf = leaf.add_extension(extension, critical=False).sign(self.root_key, hashes.SHA256())
        self.leaf = leaf.public_bytes(serialization.Encoding.DER)
        self.anchor = root.public_bytes(serialization.Encoding.PEM).decode()

    @staticmethod
    def subject() -> x509.Name:
        parts = [
            (NameOID.COUNTRY_NAME, "SE"),
            (NameOID.ORGANIZATION_NAME, "Sample"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
            (NameOID.COMMON_NAME, "Sample attestation"),
        ]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def builder(subject: x509.Name, issuer: x509.Name, key, ca: bool) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_TO)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
