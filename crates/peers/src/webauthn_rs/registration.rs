//! A registration before the library.

use std::time::SystemTime;

use lab_protocol::base64url;
use lab_protocol::cose::Algorithm;
use serde_json::json;
use webauthn_rs_core::attestation::verify_attestation_ca_chain;
use webauthn_rs_core::proto::{AttestationCa, AttestationCaList, Credential, ParsedAttestationData};
use webauthn_rs_proto::{AttestationConveyancePreference, COSEAlgorithm, RegisterPublicKeyCredential};

use super::case::Registration;
use super::relying_party::{self, Refusal};

/// A sentence on what was accepted, or why nothing was.
pub(super) fn judge(case: &Registration<'_>) -> Result<String, Refusal> {
    let core = relying_party::core(&case.ceremony)?;
    let challenge = core
        .new_challenge_register_builder(b"user", "user", "user")?
        .attestation(AttestationConveyancePreference::Direct)
        .user_verification_policy(relying_party::policy(&case.ceremony))
        .credential_algorithms(algorithms(case.algorithms));
    let (_, state) = core.generate_challenge_register(challenge)?;
    let state = relying_party::with_challenge(&state, case.ceremony.challenge)?;
    let response: RegisterPublicKeyCredential = relying_party::response(case.response)?;
    // Without a list of authorities, because with one it judges certificates by the system's clock.
    let credential = core.register_credential(&response, &state, None)?;
    let trust = trust(&credential, case)?;
    let (format, kind) = (credential.attestation_format, attestation_type(&credential.attestation.data));
    Ok(format!("it accepts the registration: format {format:?}, type {kind}, {trust}"))
}

fn algorithms(offered: &[Algorithm]) -> Vec<COSEAlgorithm> {
    if offered.is_empty() {
        return COSEAlgorithm::all_possible_algs();
    }
    offered.iter().filter_map(|algorithm| COSEAlgorithm::try_from(i128::from(algorithm.0)).ok()).collect()
}

const fn attestation_type(data: &ParsedAttestationData) -> &'static str {
    match data {
        ParsedAttestationData::Basic(_) => "basic",
        ParsedAttestationData::Self_ => "self",
        ParsedAttestationData::AttCa(_) => "attca",
        ParsedAttestationData::AnonCa(_) => "anonca",
        ParsedAttestationData::ECDAA => "ecdaa",
        ParsedAttestationData::None => "none",
        ParsedAttestationData::Uncertain => "uncertain",
    }
}

fn trust(credential: &Credential, case: &Registration<'_>) -> Result<&'static str, Refusal> {
    use ParsedAttestationData::{AnonCa, AttCa, Basic};
    let data = &credential.attestation.data;
    if !matches!(data, Basic(_) | AttCa(_) | AnonCa(_)) {
        return Ok("no certificates");
    }
    if case.anchors.is_empty() {
        return Ok("chain not checked");
    }
    verify_attestation_ca_chain(data, &authorities(case.anchors)?, SystemTime::from(case.at))?;
    Ok("chain trusted")
}

/// The anchors as authorities for every AAGUID. Their public form has no constructor for that, so
/// they are read from JSON.
fn authorities(anchors: &[Vec<u8>]) -> Result<AttestationCaList, Refusal> {
    let unread = |what: String| Refusal::NotAsked { limit: "webauthn-rs/anchor-unread", what };
    let mut list = AttestationCaList::default();
    for anchor in anchors {
        let form = json!({"ca": base64url::encode(anchor), "aaguids": {}, "blanket_allow": true});
        let authority: AttestationCa =
            serde_json::from_value(form).map_err(|error| unread(format!("an anchor is not read: {error}")))?;
        list.insert(authority).map_err(|error| unread(format!("an anchor is not taken: {error}")))?;
    }
    Ok(list)
}
