//! The enumerations of authenticatorCredentialManagement (`ctap-2.2 §6.8.3, §6.8.4`).

use jiff::Timestamp;
use lab_protocol::ctap2::credential_management::Response;
use lab_protocol::ctap2::{Descriptor, RpEntity, StatusCode};

use super::{Call, READ};
use crate::authorize::RpRule;
use crate::engine::Authenticator;
use crate::store::Credential;

/// What is left to be told, the next one last.
#[derive(Debug)]
pub(crate) enum Enumeration {
    Rps(Vec<String>),
    /// By id.
    Credentials(Vec<Vec<u8>>),
}

impl Call {
    pub(super) fn rps_begin(&self, authenticator: &mut Authenticator, now: Timestamp) -> Result<Response, StatusCode> {
        self.authorize(authenticator, READ, RpRule::Unbound, now)?;
        let mut rps = rps(authenticator);
        let total = i64::try_from(rps.len()).ok();
        let first = rps.pop().ok_or(StatusCode::NO_CREDENTIALS)?;
        authenticator.volatile.enumeration = Some(Enumeration::Rps(rps));
        Ok(Response { total_rps: total, ..rp(first) })
    }

    /// Needs no authorisation of its own, but nothing in between.
    pub(super) fn rps_next(
        &self,
        authenticator: &mut Authenticator,
        enumeration: Option<Enumeration>,
    ) -> Result<Response, StatusCode> {
        let Some(Enumeration::Rps(mut rps)) = enumeration else { return Err(StatusCode::NOT_ALLOWED) };
        let next = rps.pop().ok_or(StatusCode::NOT_ALLOWED)?;
        authenticator.volatile.enumeration = Some(Enumeration::Rps(rps));
        Ok(rp(next))
    }

    pub(super) fn credentials_begin(
        &self,
        authenticator: &mut Authenticator,
        now: Timestamp,
    ) -> Result<Response, StatusCode> {
        let hash = self.parameter(|params| params.rp_id_hash.clone())?;
        let hash: [u8; 32] = hash.try_into().map_err(|_| StatusCode::INVALID_PARAMETER)?;
        self.authorize(authenticator, READ, RpRule::UnboundOr(&hash), now)?;
        let mut ids = ids(authenticator, &hash);
        let total = i64::try_from(ids.len()).ok();
        let first = ids.pop().ok_or(StatusCode::NO_CREDENTIALS)?;
        authenticator.volatile.enumeration = Some(Enumeration::Credentials(ids));
        Ok(Response { total_credentials: total, ..self.credential(authenticator, &first)? })
    }

    /// Needs no authorisation of its own, but nothing in between.
    pub(super) fn credentials_next(
        &self,
        authenticator: &mut Authenticator,
        enumeration: Option<Enumeration>,
    ) -> Result<Response, StatusCode> {
        let Some(Enumeration::Credentials(mut ids)) = enumeration else { return Err(StatusCode::NOT_ALLOWED) };
        let next = ids.pop().ok_or(StatusCode::NOT_ALLOWED)?;
        authenticator.volatile.enumeration = Some(Enumeration::Credentials(ids));
        self.credential(authenticator, &next)
    }

    /// What is told of a credential. The preview ends with credProtect.
    fn credential(&self, authenticator: &Authenticator, id: &[u8]) -> Result<Response, StatusCode> {
        let found = authenticator.home.read(|store| store.get(id).cloned());
        let credential: Credential = found.ok_or(StatusCode::NO_CREDENTIALS)?;
        let has = |name: &str| authenticator.has_extension(name);
        let more = |name: &str| !self.preview && has(name);
        Ok(Response {
            user: Some(credential.user),
            credential_id: Some(Descriptor::new(credential.id)),
            public_key: Some(credential.key.cose().to_vec()),
            cred_protect: has("credProtect").then(|| credential.cred_protect.level().into()),
            large_blob_key: credential.large_blob_key.map(Vec::from).filter(|_| more("largeBlobKey")),
            third_party_payment: more("thirdPartyPayment").then_some(credential.third_party_payment),
            ..Response::default()
        })
    }
}

fn rp(id: String) -> Response {
    let rp_id_hash = Some(lab_attestation::sha256(id.as_bytes()).to_vec());
    Response { rp: Some(RpEntity { id, name: None }), rp_id_hash, ..Response::default() }
}

/// The RP IDs with discoverable credentials, each once; the one whose first credential is oldest comes last.
fn rps(authenticator: &Authenticator) -> Vec<String> {
    let mut rps: Vec<String> = Vec::new();
    for rp_id in discoverable(authenticator).filter_map(|credential| credential.rp_id) {
        if !rps.contains(&rp_id) {
            rps.push(rp_id);
        }
    }
    rps.reverse();
    rps
}

/// The ids of the discoverable credentials of an RP ID, newest last.
fn ids(authenticator: &Authenticator, rp_id_hash: &[u8; 32]) -> Vec<Vec<u8>> {
    let bound = discoverable(authenticator).filter(|credential| credential.rp_id_hash == *rp_id_hash);
    bound.map(|credential| credential.id).collect()
}

fn discoverable(authenticator: &Authenticator) -> impl Iterator<Item = Credential> {
    authenticator.credentials().into_iter().filter(|credential| credential.discoverable)
}
