//! The attestation statement of a registration: planned, offered to the tampering, made.

use std::sync::Arc;

use ciborium::Value;
use jiff::Timestamp;
use lab_attestation::emit::{self, Attest, Attestor, Certified, VendorModel, Vendors, Wanted};
use lab_attestation::keys::SigningKey;
use lab_protocol::Aaguid;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::tamper::{Root, Signer, StatementPlan};

use crate::engine::Authenticator;
use crate::model::{Kind, Model};
use crate::models;

/// The length of the serial number that an enterprise attestation shows, in bytes.
const SERIAL_LEN: usize = 8;

/// What is attested.
pub(crate) struct Subject<'a> {
    pub auth_data: &'a [u8],
    pub client_data_hash: &'a [u8; 32],
    pub key: &'a SigningKey,
    /// Whether the relying party is told which single device it is (`webauthn-3 §8.2.2`).
    pub enterprise: bool,
    pub now: Timestamp,
}

/// The format, and the statement unless it is left out.
pub(crate) struct Attested {
    pub fmt: String,
    pub att_stmt: Option<Value>,
}

impl Authenticator {
    /// Attests as the platform prefers (`ctap-2.2 §6.1.2`, attestationFormatsPreference).
    pub(crate) fn attest(&mut self, subject: &Subject<'_>, preference: &[String]) -> Result<Attested, StatusCode> {
        let mut plan = self.plan(preference, subject.enterprise);
        self.env.tamper.statement_plan(&mut plan);
        let attestor = self.attestor(&plan)?;
        let attest = Attest {
            auth_data: subject.auth_data,
            client_data_hash: subject.client_data_hash,
            credential: subject.key,
            attestor: attestor.as_deref(),
            now: subject.now,
            rng: &mut *self.env.rng,
        };
        let mut made = emit::statement(&plan.fmt, attest).map_err(|_| StatusCode::OTHER)?;
        self.env.tamper.statement(&mut made.fmt, &mut made.att_stmt);
        let left_out = preference == ["none"] && made.att_stmt == Value::Map(Vec::new());
        Ok(Attested { fmt: made.fmt, att_stmt: (!left_out).then_some(made.att_stmt) })
    }

    /// The certificate of a registration over CTAP1, and its signature. U2F has no other attestation: where the
    /// model has no certificate, its vendor's stand-in makes one.
    pub(crate) fn attest_u2f(&mut self, signed: &[u8]) -> Result<(Vec<u8>, Vec<u8>), StatusCode> {
        let (aaguid, alg, root) = (self.model.aaguid(), Algorithm::ES256, Root::StandIn);
        let plan =
            StatementPlan { fmt: "fido-u2f".to_owned(), signer: Signer::Model { aaguid, alg, root, serial: None } };
        let attestor = self.attestor(&plan)?.ok_or(StatusCode::OTHER)?;
        let Attestor::Certified(Certified { key, chain }) = &*attestor else { return Err(StatusCode::OTHER) };
        let certificate = chain.first().cloned().ok_or(StatusCode::OTHER)?;
        Ok((certificate, key.sign(signed, &mut *self.env.rng)))
    }

    fn plan(&mut self, preference: &[String], enterprise: bool) -> StatementPlan {
        let own = self.model.attestation.format.value.clone();
        let makes = |fmt: &&String| fmt.as_str() == "none" || **fmt == own;
        let fmt = preference.iter().find(makes).cloned().unwrap_or(own);
        StatementPlan { signer: self.signer(&fmt, enterprise), fmt }
    }

    fn signer(&mut self, fmt: &str, enterprise: bool) -> Signer {
        let attestation = &self.model.attestation;
        let (aaguid, root) = (self.model.aaguid(), Root::StandIn);
        match &attestation.algorithm {
            Some(alg) if attestation.chain.is_certified() && fmt != "none" => {
                let alg = alg.value;
                let serial = enterprise.then(|| self.unit()[..SERIAL_LEN].to_vec());
                Signer::Model { aaguid, alg, root, serial }
            }
            _ => Signer::Credential,
        }
    }

    fn attestor(&mut self, plan: &StatementPlan) -> Result<Option<Arc<Attestor>>, StatusCode> {
        let Signer::Model { aaguid, alg, root, serial } = &plan.signer else {
            return Ok(None);
        };
        let vendor = self.vendor_model(*aaguid);
        let device = self.unit();
        let wanted = Wanted { fmt: &plan.fmt, alg: *alg, root: *root, serial: serial.as_deref(), device: &device };
        self.vendors.attestor(&vendor, &wanted).map(Some).map_err(|_| StatusCode::OTHER)
    }

    /// The serial number of this very key, in hexadecimal: what an enterprise attestation shows.
    pub fn serial_number(&mut self) -> String {
        self.unit()[..SERIAL_LEN].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The certificate that its attestations end in, as DER: the user's own CA where its model names one,
    /// else the lab's stand-in root.
    #[must_use]
    pub fn anchor(&self) -> &[u8] {
        match &self.model.own_authority {
            Some(own) => own.anchor(),
            None => self.vendors.stand_in_root(),
        }
    }

    /// Which single device it is, drawn when somebody first asks: its attestation identity key and its
    /// serial number follow from it.
    fn unit(&mut self) -> [u8; 16] {
        if let Some(unit) = self.state.unit {
            return unit;
        }
        let unit = self.env.random();
        self.state.change(|state| state.unit = Some(unit));
        unit
    }

    /// The model that a certificate is made out to: its own, another built-in one, or one that the lab
    /// knows nothing of.
    fn vendor_model(&self, aaguid: Aaguid) -> VendorModel {
        if aaguid == self.model.aaguid() {
            return vendor_model(&self.model);
        }
        let unknown = || VendorModel::new(aaguid, &format!("model {aaguid}"), "unknown vendor", "ZZ");
        models::by_aaguid(aaguid).map_or_else(unknown, |model| vendor_model(model))
    }
}

/// The certificate that every device of a model attests with under the lab's root, or the lowest that they
/// share; `None` where each credential is certified anew.
#[must_use]
pub fn attestation_certificate(model: &Model, vendors: &Vendors) -> Option<Vec<u8>> {
    let attestation = &model.attestation;
    let alg = attestation.algorithm.as_ref()?.value;
    let wanted = Wanted::new(&attestation.format, alg, Root::StandIn);
    let attestor = vendors.attestor(&vendor_model(model), &wanted).ok()?;
    let own = usize::from(attestation.format.value == "tpm");
    match &*attestor {
        Attestor::Certified(certified) => certified.chain.get(own).cloned(),
        Attestor::Certifying(_) | Attestor::Parts(_) => None,
    }
}

fn vendor_model(model: &Model) -> VendorModel {
    let attestation = &model.attestation;
    let issuer = attestation.issuer.as_ref().map_or(&model.vendor.name, |issuer| &issuer.value);
    let on_wire = model.identity.kind.value == Kind::Roaming;
    VendorModel {
        aaguid_extension: attestation.aaguid_extension.as_ref().is_none_or(|extension| extension.value),
        transports: model.transports().filter(|_| on_wire).map(str::to_owned).collect(),
        intermediates: attestation.intermediates.as_ref().map_or(0, |intermediates| intermediates.value),
        security_level: attestation.security_level.as_ref().map_or_else(Default::default, |level| level.value.into()),
        parts: attestation.parts.iter().flat_map(|parts| parts.iter().cloned()).collect(),
        authority: model.own_authority.clone(),
        ..VendorModel::new(model.aaguid(), &model.name, issuer, &model.vendor.country)
    }
}
