"""py_webauthn as a verifier.

`unsupported` is what the library says with an exception of its own: an attestation format it names as unsupported,
`UnsupportedPublicKeyType` for a numbered key type, `UnsupportedPublicKey`, `UnsupportedEC2Curve`, or (in
`UnsupportedAlgorithm` and in its check of the offered list) an algorithm that is no member of its
`COSEAlgorithmIdentifier`. All else that it raises is a reject.
"""

import re
import time
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from OpenSSL.crypto import X509Store
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import exceptions, parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AttestationFormat

from cases import Case, Verdict, causes, decode, explain

PACKAGE = "webauthn"
IMPLEMENTED = [int(alg) for alg in COSEAlgorithmIdentifier]
# Sentences that stand both for "not implemented" and for "does not fit here": only the number tells.
ALGORITHM = re.compile(r'(?:Unsupported credential public key alg "|Unrecognized \w+ (?:\w+ )?alg )(-?\d+)')
KEY_TYPE = re.compile(r'Unsupported credential public key type "-?\d+"')
# The library's own place for this: its docstring says that tests patch it to judge at another time.
CERT_STORE = "webauthn.helpers.validate_certificate_chain._generate_new_cert_store"


def judge(case: Case) -> Verdict:
    """One ceremony, judged by the library's two public functions."""
    try:
        with clock_at(case.verify_time):
            if case.kind == "registration":
                register(case)
            else:
                authenticate(case)
    except Exception as error:
        return refused(case, error)
    if case.anchors and has_certificates(case):
        return Verdict("accept", "trusted", "accepted, and the certificates lead to an anchor of the case")
    return Verdict("accept", why="accepted")


def register(case: Case) -> None:
    allowed = IMPLEMENTED if case.allowed_algs is None else [a for a in case.allowed_algs if a in IMPLEMENTED]
    verify_registration_response(
        credential=case.response,
        expected_challenge=case.challenge,
        expected_rp_id=case.rp_id,
        expected_origin=case.origin,
        require_user_verification=case.require_user_verification,
        supported_pub_key_algs=allowed,
        pem_root_certs_bytes_by_fmt={fmt: list(case.anchors) for fmt in AttestationFormat} if case.anchors else None,
    )


def authenticate(case: Case) -> None:
    verify_authentication_response(
        credential=case.response,
        expected_challenge=case.challenge,
        expected_rp_id=case.rp_id,
        expected_origin=case.origin,
        credential_public_key=case.public_key,
        credential_current_sign_count=case.sign_count,
        require_user_verification=case.require_user_verification,
    )


def refused(case: Case, error: Exception) -> Verdict:
    chain = causes(error)
    if any(isinstance(e, exceptions.InvalidCertificateChain) for e in chain):
        return Verdict("reject", "untrusted", explain(error))
    if not_implemented(case, error):
        return Verdict("unsupported", why=explain(error))
    return Verdict("reject", why=explain(error))


def not_implemented(case: Case, error: Exception) -> bool:
    message = str(error)
    if found := ALGORITHM.match(message):
        number = int(found[1])
        offered = case.allowed_algs is None or number in case.allowed_algs
        return offered and number not in IMPLEMENTED
    if isinstance(error, exceptions.UnsupportedPublicKey):
        # A key that the library knows but cannot load is raised *from* the reason: a reject.
        return error.__cause__ is None
    return (
        isinstance(error, exceptions.UnsupportedEC2Curve)
        or message.startswith('Unsupported attestation type "')
        or KEY_TYPE.match(message) is not None
    )


def has_certificates(case: Case) -> bool:
    """Whether there was a chain that the anchors could have been applied to."""
    if case.kind != "registration":
        return False
    attestation = parse_attestation_object(decode(case.response["response"]["attestationObject"]))
    return bool(attestation.att_stmt.x5c or attestation.att_stmt.response)


@contextmanager
def clock_at(moment):
    """Certificates and SafetyNet timestamps are judged at `moment`; without one, at the wall clock."""
    with ExitStack() as stack:
        if moment is not None:
            stack.enter_context(patch(CERT_STORE, lambda: store_at(moment)))
            stack.enter_context(patch.object(time, "time", lambda: moment.timestamp()))
        yield


def store_at(moment) -> X509Store:
    store = X509Store()
    store.set_time(moment)
    return store
