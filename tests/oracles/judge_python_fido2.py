"""python-fido2 as a verifier: `Fido2Server` for the ceremony, its `Attestation` classes for the statement.

The library checks the *signatures* of a chain up to the anchor and nothing else about it: no validity dates (so
`verify_time` has no effect), no Basic Constraints of the issuers. A chain that holds is therefore reported as
`not-checked`, with what was checked in `why`; a chain that does not hold is a reject, `untrusted`.

`unsupported` is what it says with `UnsupportedType` (format), `NotImplementedError` (algorithm without a
`verify`, ECDAA), or a credential key or statement algorithm that it turned into its own class `UnsupportedKey`.
"""

from fido2 import cbor
from fido2.attestation import Attestation, AttestationVerifier, UnsupportedType, UntrustedAttestation
from fido2.cose import CoseKey, UnsupportedKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AttestationConveyancePreference,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cases import Case, Verdict, causes, decode, explain

PACKAGE = "fido2"


class FixedRoot(AttestationVerifier):
    """The library's chain check against one given certificate."""

    def __init__(self, root: bytes):
        super().__init__()
        self.root = root

    def ca_lookup(self, attestation_result, auth_data):
        return self.root


class Statement:
    """Verifies the statement first, then the chain; remembers how far it got."""

    def __init__(self, anchors: list[bytes]):
        self.anchors = [to_der(pem) for pem in anchors]
        self.chain_held = False

    def __call__(self, attestation: AttestationObject, client_data_hash: bytes) -> None:
        verifier = Attestation.for_type(attestation.fmt)()
        result = verifier.verify(attestation.att_stmt, attestation.auth_data, client_data_hash)
        # With an empty trust path the library's check would compare the anchor with nothing, and pass.
        if self.anchors and result.trust_path:
            self.check_chain(attestation, client_data_hash)

    def check_chain(self, attestation: AttestationObject, client_data_hash: bytes) -> None:
        failures = []
        for anchor in self.anchors:
            try:
                FixedRoot(anchor).verify_attestation(attestation, client_data_hash)
            except Exception as error:
                failures.append(error)
            else:
                self.chain_held = True
                return
        raise UntrustedAttestation(f"no anchor fits: {explain(failures[-1])}")


def judge(case: Case) -> Verdict:
    """One ceremony, judged by the library."""
    statement = Statement(case.anchors)
    try:
        if case.kind == "registration":
            register(case, statement)
        else:
            authenticate(case)
    except Exception as error:
        return refused(case, error)
    if statement.chain_held:
        return Verdict("accept", why="accepted; each signature of the chain holds up to an anchor, dates are not checked")
    return Verdict("accept", why="accepted")


def server(case: Case, statement: Statement | None = None) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=case.rp_id, name=case.rp_id),
        # With "none" the library ignores the statement.
        attestation=AttestationConveyancePreference.DIRECT,
        # Its default takes any subdomain of the rpId; a relying party expects one origin.
        verify_origin=lambda origin: origin == case.origin,
        verify_attestation=statement,
    )


def state(case: Case) -> dict:
    """What `register_begin` and `authenticate_begin` hand out; those refuse challenges below 16 bytes."""
    required = UserVerificationRequirement.REQUIRED if case.require_user_verification else None
    return {"challenge": websafe_encode(case.challenge), "user_verification": required}


def register(case: Case, statement: Statement) -> None:
    server(case, statement).register_complete(state(case), case.response)


def authenticate(case: Case) -> None:
    credential_id = websafe_decode(case.credential_id or case.response["rawId"])
    key = CoseKey.parse(cbor.decode(case.public_key))
    known = AttestedCredentialData.create(Aaguid.NONE, credential_id, key)
    server(case).authenticate_complete(state(case), [known], case.response)


def refused(case: Case, error: Exception) -> Verdict:
    chain = causes(error)
    if any(isinstance(e, UntrustedAttestation) for e in chain):
        return Verdict("reject", "untrusted", explain(error))
    if any(not_implemented(e) for e in chain):
        return Verdict("unsupported", why=explain(error))
    # For self attestation an algorithm it lacks comes out as "Wrong algorithm of public key!".
    if "Wrong algorithm of public key!" in str(error) and self_attested_with_unknown_key(case):
        return Verdict("unsupported", why=f"{explain(error)} (its class for this algorithm is UnsupportedKey)")
    return Verdict("reject", why=explain(error))


def not_implemented(error: BaseException) -> bool:
    # A format that is no text is malformed, though the library says the same of it.
    if isinstance(error, UnsupportedType):
        return isinstance(error.fmt, str)
    return isinstance(error, NotImplementedError)


def self_attested_with_unknown_key(case: Case) -> bool:
    attestation = AttestationObject(decode(case.response["response"]["attestationObject"]))
    key = attestation.auth_data.credential_data.public_key
    return isinstance(key, UnsupportedKey) and key.get(3) == attestation.att_stmt.get("alg")


def to_der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
