//! The single steps of an authentication.

use lab_attestation::signature::{self, SignatureError};
use lab_protocol::Base64Url;
use lab_protocol::base64url;
use lab_protocol::trace::{Finding, Known, Reason};
use lab_protocol::webauthn::{AuthenticationResponse, Flags};

use super::Request;
use super::checks::USER_AND_RECORD;
use crate::authenticator_data::{self as ad, Fixed};
use crate::text::shown;
use crate::{CredentialRecord, Demand, Policy, rp_id};

/// The account and the credential do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserMismatch {
    /// No record.
    #[error("no credential “{found}” is registered")]
    Unknown {
        /// The id of the response.
        found: String,
    },
    /// The record that was looked up is of another credential.
    #[error("the response is of the credential “{found}”, the record of “{expected}”")]
    OtherCredential {
        /// The record's id.
        expected: String,
        /// The id of the response.
        found: String,
    },
    /// The credential belongs to another account than the one that signs in.
    #[error("the account that signs in is “{expected}”, but the credential belongs to “{found}”")]
    OtherAccount {
        /// The handle of the account that signs in.
        expected: String,
        /// The handle of the record.
        found: String,
    },
    /// The response names another account.
    #[error("the response names the account “{found}”, expected “{expected}”")]
    OtherHandle {
        /// The handle of the account.
        expected: String,
        /// The handle of the response.
        found: String,
    },
    /// Nobody says which account it is.
    #[error("no user name was typed, and the response has no user handle")]
    NoHandle,
    /// A handle of no bytes.
    #[error("the user handle of the response has no bytes, which is taken for none")]
    EmptyHandle,
    /// Registered for another relying party.
    #[error("the credential was registered for “{found}”, expected “{expected}”")]
    OtherRelyingParty {
        /// The expected RP ID.
        expected: String,
        /// The record's RP ID.
        found: String,
    },
    /// Not one of those that were allowed.
    #[error("“{found}” is none of the {count} credentials that the options allowed")]
    NotAllowed {
        /// The id of the response.
        found: String,
        /// How many were allowed.
        count: usize,
    },
}

impl Reason for UserMismatch {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Unknown { .. } | Self::OtherCredential { .. } => {
                "The credential was deleted here, or belongs to another service: register it again, and delete the \
                 passkey on the device."
            }
            Self::OtherAccount { .. } | Self::OtherHandle { .. } => "Sign in with the account that the passkey is for.",
            Self::NoHandle => "Type the user name first: a credential that is not discoverable cannot say whose it is.",
            Self::EmptyHandle => "The client should leave userHandle out, or send null.",
            Self::OtherRelyingParty { .. } => "Compare the RP ID of the options with that of the registration.",
            Self::NotAllowed { .. } => "The client has to choose among allowCredentials.",
        })
    }
}

/// BE is not what it was at registration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("BE (backup eligible) was {} at registration, now it is {}", set(*.registered), set(!*.registered))]
pub struct BackupEligibilityChanged {
    /// BE at registration.
    pub registered: bool,
}

impl Reason for BackupEligibilityChanged {}

/// The counter does not grow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored counter is {stored}, the authenticator sent {found}")]
pub struct NotGrown {
    /// The record's counter.
    pub stored: u32,
    /// The counter of the response.
    pub found: u32,
}

impl Reason for NotGrown {}

const fn set(flag: bool) -> &'static str {
    if flag { "set" } else { "clear" }
}

fn text(bytes: &[u8]) -> String {
    shown(&base64url::encode(bytes))
}

/// Step 3.
pub(super) fn response_type<'a>(response: &AuthenticationResponse, policy: &Policy) -> Finding<'a> {
    crate::registration::credential_shape(&response.ty, &response.id, &response.raw_id, policy)
}

/// Step 5.
pub(super) fn allowed<'a>(raw_id: &[u8], allow_credentials: &[Base64Url]) -> Finding<'a> {
    match allow_credentials {
        [] => Finding::not_applicable(),
        list if list.iter().any(|id| id.0 == raw_id) => Finding::pass(),
        list => Finding::refuse(UserMismatch::NotAllowed { found: text(raw_id), count: list.len() }),
    }
}

/// Step 6. The record is handed on even where it is another account's: its key can still be tried.
pub(super) fn user_and_record<'a>(
    request: &Request<'a>,
    record: Option<&'a CredentialRecord>,
) -> (Known<&'a CredentialRecord>, Finding<'a>) {
    let raw_id = &request.response.raw_id;
    let Some(record) = record else {
        let mismatch = UserMismatch::Unknown { found: text(raw_id) };
        return (Known::Missing(&USER_AND_RECORD), Finding::refuse(mismatch));
    };
    if record.id != raw_id.0 {
        let mismatch = UserMismatch::OtherCredential { expected: text(&record.id), found: text(raw_id) };
        return (Known::Missing(&USER_AND_RECORD), Finding::refuse(mismatch));
    }
    let foreign = record.rp_id.as_deref().filter(|rp_id| *rp_id != request.expected.rp_id);
    let finding = match foreign {
        Some(rp_id) => {
            let (expected, found) = (request.expected.rp_id.to_owned(), shown(rp_id));
            Finding::refuse(UserMismatch::OtherRelyingParty { expected, found })
        }
        None => account_matches(request, record),
    };
    (Known::Value(record), finding)
}

fn account_matches<'a>(request: &Request<'_>, record: &CredentialRecord) -> Finding<'a> {
    let named = request.response.response.user_handle.as_ref().map(|handle| &handle.0[..]);
    let empty = named == Some(&[]);
    if empty && request.policy.empty_user_handle == crate::Choice::Refuse {
        return Finding::refuse(UserMismatch::EmptyHandle);
    }
    let named = named.filter(|handle| !handle.is_empty());
    let finding = match (request.user_known, record.user_handle.as_deref(), named) {
        (Some(known), Some(owner), _) if known != owner => {
            Finding::refuse(UserMismatch::OtherAccount { expected: text(known), found: text(owner) })
        }
        (Some(account), _, Some(named)) | (None, Some(account), Some(named)) if account != named => {
            Finding::refuse(UserMismatch::OtherHandle { expected: text(account), found: text(named) })
        }
        (None, Some(_), None) => Finding::refuse(UserMismatch::NoHandle),
        // The record names no account: whose it is, only the caller knows.
        (_, None, _) => Finding::caller(),
        _ => Finding::pass(),
    };
    match empty && finding.outcome != lab_protocol::trace::Outcome::Fail {
        true => Finding::note(UserMismatch::EmptyHandle),
        false => finding,
    }
}

/// The account of a verified assertion.
pub(super) fn account<'r>(request: &Request<'r>, record: &'r CredentialRecord) -> Option<&'r [u8]> {
    let named = request.response.response.user_handle.as_ref().map(|handle| &handle.0[..]);
    record.user_handle.as_deref().or(request.user_known).or(named.filter(|handle| !handle.is_empty()))
}

/// Step 15.
pub(super) fn rp_id_hash<'a>(fixed: &Fixed<'a>, request: &Request<'_>, origin: Option<&str>) -> Finding<'a> {
    let used = request.response.client_extension_results.get("appid").and_then(serde_json::Value::as_bool);
    rp_id::rp_id_or_app_id_hash(fixed.rp_id_hash, request.expected, origin, used == Some(true))
}

/// Step 19.
pub(super) fn backup_consistent<'a>(fixed: &Fixed<'_>, record: &CredentialRecord, policy: &Policy) -> Finding<'a> {
    let eligible = fixed.flags.has(Flags::BE);
    match record.backup_eligible {
        Some(registered) if registered != eligible => {
            let changed = BackupEligibilityChanged { registered };
            policy.backup_eligibility_change.finding(changed).values(registered, eligible)
        }
        None if policy.backup_state == Demand::Any => Finding::not_applicable(),
        _ => match ad::demanded(fixed.flags, Flags::BS, policy.backup_state) {
            finding if policy.backup_state != Demand::Any => finding,
            _ => Finding::pass(),
        },
    }
}

/// Step 21.
pub(super) fn signature<'a>(
    response: &AuthenticationResponse,
    hash: &[u8; 32],
    record: &CredentialRecord,
) -> Finding<'a> {
    let data = &response.response.authenticator_data;
    let mut message = Vec::with_capacity(data.len() + hash.len());
    message.extend_from_slice(data);
    message.extend_from_slice(hash);
    let verified: Result<(), SignatureError> =
        signature::verify(&record.public_key, &message, &response.response.signature);
    verified.map_or_else(Finding::refuse, |()| Finding::pass_with(record.public_key.alg.0))
}

/// Step 22.
pub(super) fn sign_count<'a>(fixed: &Fixed<'_>, record: &CredentialRecord, policy: &Policy) -> Finding<'a> {
    let (stored, found) = (record.sign_count, fixed.sign_count);
    match (stored, found) {
        (0, 0) => Finding::not_applicable(),
        _ if found > stored => Finding::pass_with(found),
        _ => policy.sign_count.finding(NotGrown { stored, found }).values(least_above(stored), found),
    }
}

/// The least counter that would have done.
const fn least_above(stored: u32) -> i64 {
    stored as i64 + 1
}
