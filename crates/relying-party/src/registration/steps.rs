//! The single steps of a registration.

use lab_attestation::signature::{self, SignatureError};
use lab_protocol::base64url;
use lab_protocol::cose::{Algorithm, CredentialPublicKey, KeyMaterial};
use lab_protocol::trace::{Finding, Known, Reason};
use lab_protocol::webauthn::{
    AttestationObject, AttestedCredentialData, AuthenticatorData, Flags, RegistrationResponse,
};

use super::TrustPolicy;
use super::checks::ATT_OBJ;
use super::reason::{CredentialIdError, CredentialKeyError, ResponseMismatch};
use crate::authenticator_data::{self as ad, Fixed, Oddity};
use crate::text::{is_base64url_of, shown};
use crate::{Choice, Claims, Expected, KnownCredentials, Policy};

/// The longest credential id (`webauthn-3 §7.1` step 25).
const MAX_CREDENTIAL_ID: usize = 1023;

/// Step 3. Shared with authentication.
pub(crate) fn credential_shape<'a>(ty: &str, id: &str, raw_id: &[u8], policy: &Policy) -> Finding<'a> {
    match () {
        () if ty != "public-key" => Finding::refuse(ResponseMismatch::Type { found: shown(ty) }),
        () if !is_base64url_of(id, raw_id) => {
            let raw_id = shown(&base64url::encode(raw_id));
            policy.contradictions.finding(ResponseMismatch::Id { id: shown(id), raw_id })
        }
        () => Finding::pass(),
    }
}

pub(super) fn response_type<'a>(response: &RegistrationResponse, policy: &Policy) -> Finding<'a> {
    credential_shape(&response.ty, &response.id, &response.raw_id, policy)
}

/// Members of the attestation object beyond its three.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the attestation object has {count} members beyond fmt, attStmt and authData")]
pub struct UnknownMembers {
    /// How many.
    pub count: usize,
}

impl Reason for UnknownMembers {}

/// Step 13: the object, and what was found about it; it is handed on even where the policy refuses an oddity.
pub(super) fn attestation_object<'a>(
    response: &'a RegistrationResponse,
    policy: &Policy,
) -> (Known<AttestationObject<'a>>, Finding<'a>) {
    let object = match AttestationObject::parse(&response.response.attestation_object) {
        Ok(object) => object,
        Err(error) => return (Known::Missing(&ATT_OBJ), Finding::refuse(error)),
    };
    let deviations = &object.deviations;
    let unsorted = deviations
        .first()
        .map(|first| policy.unsorted_cbor.finding(Oddity::Cbor { first: first.clone(), count: deviations.len() }));
    let unknown = (!object.unknown.is_empty())
        .then(|| policy.unknown_members.finding(UnknownMembers { count: object.unknown.len() }));
    let worst = match (unsorted, unknown) {
        (Some(finding), _) if policy.unsorted_cbor == Choice::Refuse => finding,
        (_, Some(finding)) | (Some(finding), None) => finding,
        (None, None) => Finding::pass(),
    };
    (Known::Value(object), worst)
}

/// Step 15: UP, which a conditional registration need not have.
pub(super) fn user_present<'a>(fixed: &Fixed<'_>, expected: &Expected<'_>, policy: &Policy) -> Finding<'a> {
    match expected.mediation_conditional && !fixed.flags.has(Flags::UP) {
        true => Finding::not_applicable(),
        false => ad::user_present(fixed, policy),
    }
}

/// Step 18.
pub(super) fn backup_eligible<'a>(fixed: &Fixed<'_>, policy: &Policy) -> Finding<'a> {
    ad::demanded(fixed.flags, Flags::BE, policy.backup_eligible)
}

/// Step 19.
pub(super) fn backup_state<'a>(fixed: &Fixed<'_>, policy: &Policy) -> Finding<'a> {
    ad::demanded(fixed.flags, Flags::BS, policy.backup_state)
}

/// The key, and what was found about it. A key without arithmetic is handed on: its algorithm can be judged.
pub(super) fn credential_key<'a>(
    attested: &Known<AttestedCredentialData<'a>>,
    policy: &Policy,
) -> (Known<CredentialPublicKey>, Finding<'a>) {
    let attested = match attested {
        Known::Value(attested) => attested,
        Known::Missing(blocker) => return (Known::Missing(blocker), Finding::not_judged(blocker)),
    };
    match CredentialPublicKey::parse(attested.public_key) {
        Ok(key) => {
            let finding = usable(&key, policy);
            (Known::Value(key), finding)
        }
        Err(error) => {
            (Known::Missing(&super::checks::CREDENTIAL_KEY), Finding::refuse(CredentialKeyError::from(error)))
        }
    }
}

fn usable<'a>(key: &CredentialPublicKey, policy: &Policy) -> Finding<'a> {
    if let Err(error) = signature::check_key(key) {
        return Finding::refuse(CredentialKeyError::from(error));
    }
    // Keys that nobody reads are kept whole in `extra`.
    let read = !matches!(key.material, KeyMaterial::Unknown { .. });
    match key.extra.is_empty() || !read {
        true if signature::is_for_attestation_only(key.alg) => {
            let only = SignatureError::AttestationOnly { alg: key.alg };
            policy.sha1_keys.finding(CredentialKeyError::from(only))
        }
        true => Finding::pass(),
        false => {
            let labels: Vec<_> = key.extra.iter().take(8).map(|(label, _)| shown(&format!("{label:?}"))).collect();
            policy.extra_key_members.finding(CredentialKeyError::Extra { labels: labels.join(", ") })
        }
    }
}

/// Step 20.
pub(super) fn algorithm<'a>(key: &CredentialPublicKey, offered: Option<&[Algorithm]>) -> Finding<'a> {
    match offered {
        Some(offered) if !offered.contains(&key.alg) => {
            Finding::fail(offered.iter().copied().collect::<lab_protocol::trace::Value<'_>>(), key.alg)
        }
        _ => Finding::pass_with(key.alg.0),
    }
}

/// Step 23.
pub(super) fn trust_anchors<'a>(trust: &TrustPolicy<'_>) -> Finding<'a> {
    match trust.anchors {
        Some(anchors) if !anchors.is_empty() => Finding::pass_with(anchors.len()),
        Some(_) | None => Finding::not_applicable(),
    }
}

/// Step 25.
pub(super) fn credential_id_length<'a>(attested: &AttestedCredentialData<'a>, policy: &Policy) -> Finding<'a> {
    match attested.credential_id.len() {
        0 => policy.empty_credential_id.finding(CredentialIdError::Empty),
        found if found > MAX_CREDENTIAL_ID => {
            Finding::refuse(CredentialIdError::Length { found, allowed: MAX_CREDENTIAL_ID })
                .values(MAX_CREDENTIAL_ID, found)
        }
        found => Finding::pass_with(found),
    }
}

/// Step 26.
pub(super) fn credential_id_unique<'a>(
    attested: &AttestedCredentialData<'a>,
    known: &dyn KnownCredentials,
) -> Finding<'a> {
    match known.owner(attested.credential_id) {
        Some(owner) => Finding::refuse(CredentialIdError::Known { owner }),
        None => Finding::pass_with(attested.credential_id),
    }
}

/// Step 27: what the response says twice.
pub(super) fn copies<'a>(
    response: &RegistrationResponse,
    data: &Known<AuthenticatorData<'a>>,
    (attested, key): &(AttestedCredentialData<'a>, &CredentialPublicKey),
    policy: &Policy,
) -> Finding<'a> {
    let copies = &response.response;
    let differs = |copy: &Option<lab_protocol::Base64Url>, of: &[u8]| copy.as_ref().is_some_and(|copy| copy.0 != of);
    let authenticator_data = data.as_ref().value().map(|data| data.bytes);
    let mismatch = if response.raw_id.0 != attested.credential_id {
        let text = |id: &[u8]| shown(&base64url::encode(id));
        ResponseMismatch::CredentialId { raw_id: text(&response.raw_id), attested: text(attested.credential_id) }
    } else if authenticator_data.is_some_and(|data| differs(&copies.authenticator_data, data)) {
        ResponseMismatch::AuthenticatorData
    } else if copies.public_key_algorithm.is_some_and(|found| found != key.alg.0) {
        let found = copies.public_key_algorithm.unwrap_or_default();
        ResponseMismatch::PublicKeyAlgorithm { expected: key.alg, found }
    } else if copies.public_key.is_some() && key.to_spki().is_some_and(|spki| differs(&copies.public_key, &spki)) {
        ResponseMismatch::PublicKey
    } else {
        return Finding::pass();
    };
    policy.contradictions.finding(mismatch)
}

/// What the response says of itself.
pub(super) fn claims<'a>(
    response: &'a RegistrationResponse,
    object: &Known<AttestationObject<'a>>,
    read: &ad::Read<'a>,
) -> Claims<'a> {
    let attested = read.attested().value();
    let fixed = read.fixed.value();
    Claims {
        format: object.as_ref().value().map(|object| object.fmt),
        aaguid: attested.map(|attested| attested.aaguid),
        credential_id: attested.map(|attested| attested.credential_id).or(Some(&response.raw_id)),
        flags: fixed.map(|fixed| fixed.flags),
        sign_count: fixed.map(|fixed| fixed.sign_count),
    }
}
