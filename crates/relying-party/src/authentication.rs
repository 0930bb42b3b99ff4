//! Verifying an authentication assertion (`webauthn-3 §7.2`).
//!
//! [`verify()`] is the section's list of steps; [`CHECKS`] has their numbers and texts.

mod checks;
mod steps;

use checks::*;
use lab_attestation::sha256;
use lab_protocol::Base64Url;
use lab_protocol::trace::{Check, Finding, Known, Trace};
use lab_protocol::webauthn::client_data::decode_utf8;
use lab_protocol::webauthn::{AuthenticationResponse, Ceremony, CollectedClientData, Flags};

use crate::authenticator_data as ad;
use crate::{Claims, CredentialRecord, Expected, Policy, Verdict, client_data, extensions};

pub use checks::CHECKS;
pub use steps::{BackupEligibilityChanged, NotGrown, UserMismatch};

/// A response, and all that is needed to judge it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What the client sent.
    pub response: &'a AuthenticationResponse,
    /// What the relying party expects.
    pub expected: &'a Expected<'a>,
    /// The ids of `allowCredentials`; empty: any.
    pub allow_credentials: &'a [Base64Url],
    /// The handle of the account, where it was known before the ceremony.
    pub user_known: Option<&'a [u8]>,
    /// What looking up the response's `rawId` gave.
    pub record: Option<&'a CredentialRecord>,
    /// What the specification leaves open.
    pub policy: &'a Policy,
}

/// What a verification found.
pub struct Outcome<'a> {
    /// Every check, in the section's order.
    pub trace: Trace<'a>,
    /// What it comes to.
    pub verdict: Verdict,
    /// The first check that needs an algorithm that is not built.
    pub unsupported: Option<&'static Check>,
    /// What the response says of itself.
    pub claims: Claims<'a>,
    /// The assertion, where the verdict is valid.
    pub assertion: Option<Assertion>,
}

impl Outcome<'_> {
    /// The check that the verdict rests on: the first failure, else the first that is unsupported.
    #[must_use]
    pub fn decided_by(&self) -> Option<&'static Check> {
        crate::verdict::decided_by(&self.trace)
    }
}

/// A verified assertion. Only verifying makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    credential_id: Vec<u8>,
    user_handle: Option<Vec<u8>>,
    flags: Flags,
    sign_count: u32,
}

impl Assertion {
    /// The credential.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.credential_id
    }

    /// The account: of the record, else as the caller or the response named it.
    #[must_use]
    pub fn user_handle(&self) -> Option<&[u8]> {
        self.user_handle.as_deref()
    }

    /// The flags.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// The signature counter.
    #[must_use]
    pub const fn sign_count(&self) -> u32 {
        self.sign_count
    }

    /// Whether the credential is backed up.
    #[must_use]
    pub const fn backup_state(&self) -> bool {
        self.flags.has(Flags::BS)
    }

    /// Takes over counter and backup state (step 24). `uv_initialized` stays: raising it needs an
    /// authorisation of its own.
    pub fn update(&self, record: &mut CredentialRecord) {
        record.sign_count = self.sign_count;
        record.backup_state = self.backup_state();
    }
}

/// Verifies the response to `get`.
pub fn verify<'a>(request: &Request<'a>) -> Outcome<'a> {
    let Request { response, expected, record, policy, .. } = *request;
    let mut trace = Trace::new();

    trace.check(&OPTIONS, Finding::caller());
    trace.check(&GET, Finding::caller());
    trace.check(&RESPONSE_TYPE, steps::response_type(response, policy));
    trace.check(&CLIENT_EXT_RESULTS, Finding::pass());
    trace.check(&ALLOW_LIST, steps::allowed(&response.raw_id, request.allow_credentials));
    let (record, finding) = steps::user_and_record(request, record);
    trace.check(&USER_AND_RECORD, finding);
    trace.check(&BIND, Finding::pass());

    let text = trace.need(&UTF8, decode_utf8(&response.response.client_data_json));
    let data = trace.need_known(&JSON, text.map(CollectedClientData::parse));
    trace.check(&TOKEN_BINDING, data.judge(|data| client_data::token_binding(data, policy.token_binding)));
    trace.check(&TYPE, data.judge(|data| client_data::ty(data, Ceremony::Authentication)));
    trace.check(&CHALLENGE, data.judge(|data| client_data::challenge(data, expected)));
    trace.check(&ORIGIN, data.judge(|data| client_data::origin(data, &expected.origins)));
    trace.check(&CROSS_ORIGIN, data.judge(|data| client_data::cross_origin(data, expected.framing, policy)));
    trace.check(&TOP_ORIGIN, data.judge(|data| client_data::top_origin(data, expected.framing, policy)));

    let bytes = Known::Value(&response.response.authenticator_data[..]);
    let read = ad::read(bytes, Ceremony::Authentication, policy, &mut trace);
    let fixed = read.fixed;
    let origin = data.as_ref().value().and_then(client_data::origin_text);
    trace.check(&RP_ID_HASH, fixed.judge(|fixed| steps::rp_id_hash(fixed, request, origin)));
    trace.check(&UP, fixed.judge(|fixed| ad::user_present(fixed, policy)));
    trace.check(&UV, fixed.judge(|fixed| ad::user_verified(fixed, expected.user_verification)));
    trace.check(&BE_BS, fixed.judge(ad::backed_up_only_if_eligible));
    let both = fixed.and(record);
    trace.check(&BE_CONSISTENCY, both.judge(|(fixed, record)| steps::backup_consistent(fixed, record, policy)));
    let hash = sha256(&response.response.client_data_json);
    trace.check(&HASH, Finding::pass());
    trace.check(&SIGNATURE, record.judge(|record| steps::signature(response, &hash, record)));
    trace.check(&SIGN_COUNT, both.judge(|(fixed, record)| steps::sign_count(fixed, record, policy)));
    trace.check(&EXTENSIONS, read.data.judge(|data| extensions::outputs(data.extensions, Ceremony::Authentication)));
    trace.check(&UPDATE, Finding::caller());
    trace.check(&DONE, Finding::pass());
    outcome(trace, request, fixed, record)
}

fn outcome<'a>(
    trace: Trace<'a>,
    request: &Request<'a>,
    fixed: Known<ad::Fixed<'a>>,
    record: Known<&'a CredentialRecord>,
) -> Outcome<'a> {
    let verdict = Verdict::of(&trace);
    let claims = Claims {
        credential_id: Some(&request.response.raw_id),
        flags: fixed.value().map(|fixed| fixed.flags),
        sign_count: fixed.value().map(|fixed| fixed.sign_count),
        ..Claims::default()
    };
    let valid = fixed.and(record).value().filter(|_| verdict == Verdict::Valid);
    let assertion = valid.map(|(fixed, record)| Assertion {
        credential_id: record.id.clone(),
        user_handle: steps::account(request, record).map(<[u8]>::to_vec),
        flags: fixed.flags,
        sign_count: fixed.sign_count,
    });
    Outcome { unsupported: trace.unsupported(), trace, verdict, claims, assertion }
}

#[cfg(test)]
mod tests;
