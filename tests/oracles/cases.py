"""A recorded case, read from one line of JSON, and the verdict a verifier gives on it.

The shape is the one that `passkey-lab verify` reads; README.md in this folder describes the protocol.
"""

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import cbor2

# The credential id is not covered by a signature at sign-in: where a case leaves it out, any id will do.
PLACEHOLDER_ID = base64.urlsafe_b64encode(b"credential-of-the-case").rstrip(b"=").decode()
BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")


class Unreadable(Exception):
    """The case itself cannot be read: nothing is said about the ceremony."""


class OddChallenge(Exception):
    """The challenge is text that no relying party could have made from bytes."""


@dataclass(frozen=True)
class Verdict:
    """What a verifier answered. `trust` is about the certificate path alone."""

    result: str  # accept | reject | unsupported | error
    trust: str = "not-checked"  # trusted | untrusted | not-checked
    why: str = ""


@dataclass(frozen=True)
class Case:
    """One ceremony: what the relying party expects, and what it got."""

    id: str
    kind: str
    rp_id: str
    origin: str
    challenge: bytes
    verify_time: datetime | None
    require_user_verification: bool
    allowed_algs: list[int] | None
    public_key: bytes | None
    sign_count: int
    credential_id: str | None
    anchors: list[bytes]
    response: dict[str, Any]


def read_case(raw: dict[str, Any]) -> Case:
    """Reads one case; raises `Unreadable` naming the member, or `OddChallenge`."""
    kind = text(raw, "kind")
    if kind not in ("registration", "authentication"):
        raise Unreadable(f'kind is "{kind}", expected "registration" or "authentication"')
    stored = raw.get("stored") or {}
    key = stored.get("credential_public_key_cose") or raw.get("credential_public_key_cose")
    if kind == "authentication" and not key:
        raise Unreadable("credential_public_key_cose is missing: an authentication needs the stored key")
    return Case(
        id=text(raw, "id"),
        kind=kind,
        rp_id=text(raw, "rp_id"),
        origin=text(raw, "origin"),
        challenge=strict_challenge(text(raw, "challenge")),
        verify_time=read_time(raw.get("verify_time")),
        require_user_verification=bool(raw.get("require_user_verification", False)),
        allowed_algs=raw.get("allowed_algs"),
        public_key=decode(key) if key else None,
        sign_count=int(stored.get("sign_count", 0)),
        credential_id=stored.get("credential_id"),
        anchors=[pem.encode() for pem in raw.get("anchors") or []],
        response=envelope(kind, raw.get("response"), stored.get("credential_id")),
    )


def text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise Unreadable(f"{name} is missing or no text")
    return value


def decode(value: str) -> bytes:
    """Base64url without padding to bytes."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def strict_challenge(value: str) -> bytes:
    """The bytes behind a challenge, if encoding them again gives exactly this text."""
    if not BASE64URL.match(value) or len(value) % 4 == 1:
        raise OddChallenge(f'challenge "{value}" is not base64url: this verifier compares bytes, not text')
    data = decode(value)
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != value:
        raise OddChallenge(f'challenge "{value}" has bits after its last byte: other text, same bytes')
    return data


def read_time(value: Any) -> datetime | None:
    """A time in UTC; what is no time is ignored, as the contract says."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(timezone.utc)


def envelope(kind: str, response: Any, stored_id: str | None) -> dict[str, Any]:
    """The `toJSON()` form, built around a bare inner `response` where a case has only that."""
    if not isinstance(response, dict):
        raise Unreadable("response is missing or no object")
    if isinstance(response.get("response"), dict):
        return response
    found = id_from_attestation(response) if kind == "registration" else stored_id
    credential_id = found or PLACEHOLDER_ID
    return {
        "id": credential_id,
        "rawId": credential_id,
        "type": "public-key",
        "clientExtensionResults": {},
        "response": response,
    }


def id_from_attestation(response: dict[str, Any]) -> str | None:
    """The credential id inside authData; None where the bytes do not get that far (the verifier will say so)."""
    try:
        auth_data = cbor2.loads(decode(response["attestationObject"]))["authData"]
        length = int.from_bytes(auth_data[53:55], "big")
        return base64.urlsafe_b64encode(auth_data[55 : 55 + length]).rstrip(b"=").decode() or None
    except Exception:
        return None


def load_line(line: str) -> dict[str, Any]:
    """One line of the input as an object."""
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the line is no JSON: {error}") from error
    if not isinstance(raw, dict):
        raise Unreadable("the line is JSON, but no object")
    return raw


def causes(error: BaseException) -> list[BaseException]:
    """An exception and what it was raised from, outermost first."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain


def explain(error: BaseException) -> str:
    """The whole chain of an exception in one line."""
    return " <- ".join(f"{type(e).__name__}: {e}".replace("\n", " ").strip() for e in causes(error))
