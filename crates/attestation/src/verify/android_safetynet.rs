//! `android-safetynet` (`webauthn-3 §8.5`, deprecated): Google's service answered with a JWS about the device.
//! Google has turned the service off; recorded registrations remain.

mod certificate;
mod payload;
mod signature;

use lab_protocol::trace::{Check, Document, Finding, Known, Reason, Trace};

use super::{Attested, Format, Input, Kind};
use crate::jws::{Jws, JwsError};
use crate::layout::member;
use crate::note::Note;
use crate::record::{of, record, syntax};
use crate::statement::{Form, Members, StatementError};
use payload::Payload;

pub use certificate::{HostError, JwsChainError};
pub use payload::{NonceError, PayloadError, ProfileError, TimeError};
pub use signature::ResponseSignatureError;

/// The format.
pub(super) struct AndroidSafetyNet;

/// The longest response that is read, in bytes. Real ones have under 9 kB.
const MAX_RESPONSE: usize = 64 * 1024;

static SYNTAX: Check = Check::new(
    "attestation/snet-syntax",
    Document::WebAuthn3,
    "8.5",
    "An android-safetynet statement has ver and response, which is a compact JWS of a JSON object.",
)
.hint("The phone or something behind it writes the statement wrongly; no setting of the relying party helps.");

static VER: Check =
    Check::new("attestation/snet-ver", Document::WebAuthn3, "8.5", "ver names the version of Google Play services.");

static JWS_SIG: Check = Check::new(
    "attestation/snet-jws-sig",
    Document::WebAuthn3,
    "8.5",
    "The key of the first certificate in the header of the JWS signed it.",
)
.hint("The response was changed on the way, or somebody made it up.");

static HOSTNAME: Check = Check::new(
    "attestation/snet-hostname",
    Document::WebAuthn3,
    "8.5",
    "The certificate is issued to the host attest.android.com.",
)
.hint("Somebody with a certificate for another host signed the response.")
.policy(
    "Where the name of the host is looked for.",
    "Among the DNS names of the subject's alternative name; only without one in the common name.",
);

static NONCE: Check = Check::new(
    "attestation/snet-nonce",
    Document::WebAuthn3,
    "8.5",
    "The nonce is the Base64 of SHA-256 over the authenticator data and the client data hash.",
)
.hint("The response belongs to another ceremony: somebody replays it.");

static CTS: Check = Check::new(
    "attestation/snet-cts",
    Document::SafetyNet,
    "JWS payload",
    "The device passes Android's compatibility tests (ctsProfileMatch).",
)
.hint("The phone is rooted, or its boot loader is unlocked, or it is an emulator.");

static TIMESTAMP: Check = Check::new(
    "attestation/snet-timestamp",
    Document::SafetyNet,
    "JWS payload",
    "The response is of the minute before the verification (timestampMs).",
)
.hint("Set verify_time or --at to the time of the registration, and the clocks of both sides right.")
.policy(
    "How old a response may be; `webauthn-3` does not say, the FIDO conformance list has one minute.",
    "One minute, and never from the future; `safetynetOld: note` takes older ones.",
);

static CHAIN: Check = Check::new(
    "attestation/snet-chain",
    Document::WebAuthn3,
    "8.5",
    "Every element of x5c in the header of the JWS is a certificate.",
)
.hint("Something cut or padded a certificate; whether the path ends in an anchor is for attestation/trust-path.");

static CHECKS: &[&Check] = &[&SYNTAX, &VER, &JWS_SIG, &HOSTNAME, &NONCE, &CTS, &TIMESTAMP, &CHAIN];

/// `ver` has no characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ver is empty")]
pub struct EmptyVersion;

impl Reason for EmptyVersion {}

/// Why bytes are no SafetyNet statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SafetyNetSyntaxError {
    /// Not the CBOR of one.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The response is no JWS.
    #[error("response is no compact JWS: {0}")]
    Jws(#[from] JwsError),
    /// The payload is not one JSON object, or a member is of another type.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

impl Reason for SafetyNetSyntaxError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Statement(error) => error.hint(),
            Self::Jws(error) => error.hint(),
            Self::Payload(_) => None,
        }
    }
}

struct Statement<'a> {
    ver: &'a str,
    jws: Jws<'a>,
    payload: Payload,
    notes: Vec<Note>,
}

impl<'a> Statement<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, SafetyNetSyntaxError> {
        let named = [(member::VER, Form::Text), (member::RESPONSE, Form::Bytes)];
        let members = Members::parse(bytes, &named)?;
        let ver = members.text(member::VER)?;
        let jws = Jws::parse(members.bytes(member::RESPONSE)?, MAX_RESPONSE)?;
        let payload = Payload::parse(&jws.payload)?;
        let mut notes = members.notes;
        notes.extend(payload.note());
        Ok(Self { ver, jws, payload, notes })
    }
}

impl Format for AndroidSafetyNet {
    fn id(&self) -> &'static str {
        "android-safetynet"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let statement = syntax(trace, CHECKS, Statement::parse(input.att_stmt), |statement| &statement.notes)?;
        let Statement { ver, jws, payload, notes } = statement;
        let x5c = jws.header.x5c.as_deref().unwrap_or_default();
        let chain = certificate::read(x5c);
        let leaf = match &chain {
            Ok(leaf) => Known::Value(leaf.as_ref()),
            Err(_) => Known::Missing(&CHAIN),
        };
        let nonce = crate::sha256(&[input.auth_data.bytes, input.client_data_hash].concat());
        let holds = [
            record(trace, &VER, if ver.is_empty() { EmptyVersion.into() } else { Finding::pass_with(ver) }),
            record(trace, &JWS_SIG, leaf.judge(|leaf| of(signature::judge(&jws, *leaf)))),
            record(trace, &HOSTNAME, certificate::issued_to_host(&leaf)),
            record(trace, &NONCE, payload.nonce(&nonce)),
            record(trace, &CTS, payload.profile()),
            record(trace, &TIMESTAMP, payload.time(input.at, input.policy)),
            record(trace, &CHAIN, chain.as_ref().map_or_else(|error| error.clone().into(), |_| Finding::pass())),
        ];
        holds.iter().all(|holds| *holds).then(|| Attested::new(Kind::Basic, x5c.to_vec(), notes))
    }
}

#[cfg(test)]
mod tests;
