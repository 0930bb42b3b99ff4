//! `android-key` (`webauthn-3 §8.4`): Keystore made a certificate for the credential key, and describes
//! the key in it.

mod authorizations;
mod challenge;

use lab_protocol::cose::Algorithm;
use lab_protocol::trace::{Check, Document, Known, Trace};

use super::{Attested, Format, Input, Kind};
use crate::layout::member;
use crate::note::Note;
use crate::record::{of, record, syntax};
use crate::signature;
use crate::statement::{Form, Members, StatementError};
use crate::x5c;
use crate::x509::Certificate;

pub use authorizations::{AuthorizationError, AuthorizationNote};
pub use challenge::KeyChallengeError;

/// The format.
pub(super) struct AndroidKey;

static SYNTAX: Check = Check::new(
    "attestation/akey-syntax",
    Document::WebAuthn3,
    "8.4",
    "An android-key statement has alg, sig and a non-empty x5c of certificates.",
)
.hint("The phone or something behind it writes the statement wrongly; no setting of the relying party helps.");

static SIG: Check = Check::new(
    "attestation/akey-sig",
    Document::WebAuthn3,
    "8.4",
    "The key of the first certificate signed the authenticator data and the client data hash with alg.",
)
.hint("Authenticator data, client data or statement were changed on the way, or another key signed.");

static KEY: Check = Check::new(
    "attestation/akey-key",
    Document::WebAuthn3,
    "8.4",
    "The key of the first certificate is the credential public key.",
)
.hint("The certificate is that of another key: Keystore makes one for each, so nothing is proven about this one.");

static CHALLENGE: Check = Check::new(
    "attestation/akey-challenge",
    Document::WebAuthn3,
    "8.4",
    "The certificate has a key description whose attestationChallenge is the client data hash.",
)
.hint("The certificate was made in another ceremony: somebody replays it.")
.policy(
    "Whether members of unknown tags, of an unexpected order or behind the last list are accepted, and which \
     versions.",
    "They are, in every version, and noted; a member that occurs twice is refused.",
);

static ALL_APPS: Check = Check::new(
    "attestation/akey-all-apps",
    Document::WebAuthn3,
    "8.4",
    "Neither authorization list has allApplications: the key belongs to one RP ID.",
)
.hint("Any application on the phone could use this key: only the credential provider makes keys for passkeys.");

static ORIGIN: Check = Check::new(
    "attestation/akey-origin",
    Document::WebAuthn3,
    "8.4",
    "The authorization lists say that the key was generated in Keystore (origin 0, KM_ORIGIN_GENERATED).",
)
.hint("A key that was imported exists elsewhere too: make the credential anew.")
.policy(
    "Whether the union of both lists counts or teeEnforced alone, and what two lists without any member come to.",
    "The union, with a note where softwareEnforced alone says it; `androidKeyAuthorizations` takes `teeEnforced`. \
     Two empty lists, as in the specification's own vector, are noted; `androidKeyEmptyAuthorizations` refuses them.",
);

static PURPOSE: Check = Check::new(
    "attestation/akey-purpose",
    Document::WebAuthn3,
    "8.4",
    "The authorization lists let the key sign (purpose 2, KM_PURPOSE_SIGN).",
)
.hint("A key for something else was passed off as a passkey.")
.policy(
    "Whether a key that may sign may do more: the text has one purpose, Keystore a set of them.",
    "It may, with a note; `androidKeyOtherPurposes` refuses it. Both lists count as for the origin.",
);

static CHECKS: &[&Check] = &[&SYNTAX, &SIG, &KEY, &CHALLENGE, &ALL_APPS, &ORIGIN, &PURPOSE];

struct Statement<'a> {
    alg: Algorithm,
    sig: &'a [u8],
    x5c: Vec<&'a [u8]>,
    leaf: Certificate<'a>,
    notes: Vec<Note>,
}

impl<'a> Statement<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, StatementError> {
        let named = [(member::ALG, Form::Integer), (member::SIG, Form::Bytes), (member::X5C, Form::Chain)];
        let members = Members::parse(bytes, &named)?;
        let x5c = members.chain()?;
        let leaf = x5c::leaf(&x5c)?;
        Ok(Self { alg: members.alg()?, sig: members.bytes(member::SIG)?, x5c, leaf, notes: members.notes })
    }
}

impl Format for AndroidKey {
    fn id(&self) -> &'static str {
        "android-key"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        let Statement { alg, sig, x5c, leaf, mut notes } =
            syntax(trace, CHECKS, Statement::parse(input.att_stmt), |statement| &statement.notes)?;
        let message = [input.auth_data.bytes, input.client_data_hash].concat();
        let signature = signature::verify_with(alg, &leaf.public_key(), &message, sig);
        let (description, challenge) = challenge::judge(&leaf, input.client_data_hash);
        let description = description.as_ref();
        if let Known::Value(description) = &description {
            notes.extend(challenge::notes(description));
        }
        let policy = input.policy;
        let holds = [
            record(trace, &SIG, of(signature)),
            record(trace, &KEY, input.credential_key.judge(|key| x5c::same_key(&leaf, key))),
            record(trace, &CHALLENGE, challenge),
            record(trace, &ALL_APPS, description.judge(|description| authorizations::all_applications(description))),
            record(trace, &ORIGIN, description.judge(|description| authorizations::origin(description, policy))),
            record(trace, &PURPOSE, description.judge(|description| authorizations::purpose(description, policy))),
        ];
        let path = x5c.iter().map(|der| der.to_vec()).collect();
        holds.iter().all(|holds| *holds).then(|| Attested::new(Kind::Basic, path, notes))
    }
}

#[cfg(test)]
mod tests;
