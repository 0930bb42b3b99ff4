//! The attestation statement of a registration: planned, offered to the tampering, made.

use std::sync::Arc;

use ciborium::Value;
use lab_attestation::emit::{self, Attest, Batch, VendorModel};
use lab_attestation::keys::SigningKey;
use lab_protocol::Aaguid;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::tamper::{Root, Signer, StatementPlan};

use crate::engine::Authenticator;
use crate::model::{Chain, Model};
use crate::models;

/// What is attested.
pub(crate) struct Subject<'a> {
    pub auth_data: &'a [u8],
    pub client_data_hash: &'a [u8; 32],
    pub key: &'a SigningKey,
}

/// The format, and the statement unless it is left out.
pub(crate) struct Attested {
    pub fmt: String,
    pub att_stmt: Option<Value>,
}

impl Authenticator {
    /// Attests as the platform prefers (`ctap-2.2 §6.1.2`, attestationFormatsPreference).
    pub(crate) fn attest(&mut self, subject: &Subject<'_>, preference: &[String]) -> Result<Attested, StatusCode> {
        let mut plan = self.plan(preference);
        self.env.tamper.statement_plan(&mut plan);
        let batch = self.batch(&plan.signer)?;
        let attest = Attest {
            auth_data: subject.auth_data,
            client_data_hash: subject.client_data_hash,
            credential: subject.key,
            batch: batch.as_deref(),
            rng: &mut *self.env.rng,
        };
        let mut made = emit::statement(&plan.fmt, attest).map_err(|_| StatusCode::OTHER)?;
        self.env.tamper.statement(&mut made.fmt, &mut made.att_stmt);
        let left_out = preference == ["none"] && made.att_stmt == Value::Map(Vec::new());
        Ok(Attested { fmt: made.fmt, att_stmt: (!left_out).then_some(made.att_stmt) })
    }

    fn plan(&self, preference: &[String]) -> StatementPlan {
        let built = self.model.attestation_as_built();
        let makes = |fmt: &&String| fmt.as_str() == "none" || fmt.as_str() == built.format;
        let fmt = preference.iter().find(makes).map_or(built.format, String::as_str);
        StatementPlan { fmt: fmt.to_owned(), signer: self.signer(fmt, built.chain) }
    }

    fn signer(&self, fmt: &str, chain: Chain) -> Signer {
        match (&self.model.attestation.algorithm, chain) {
            (Some(alg), Chain::Batch | Chain::AttestationCa) if fmt != "none" => {
                Signer::Model { aaguid: self.model.aaguid(), alg: alg.value, root: Root::StandIn }
            }
            _ => Signer::Credential,
        }
    }

    fn batch(&self, signer: &Signer) -> Result<Option<Arc<Batch>>, StatusCode> {
        let Signer::Model { aaguid, alg, root } = signer else {
            return Ok(None);
        };
        let vendor = self.vendor_model(*aaguid);
        self.vendors.certificate(&vendor, *alg, *root).map(Some).map_err(|_| StatusCode::OTHER)
    }

    /// The model that a certificate is made out to: its own, another built-in one, or one that the lab
    /// knows nothing of.
    fn vendor_model(&self, aaguid: Aaguid) -> VendorModel {
        if aaguid == self.model.aaguid() {
            return vendor_model(&self.model);
        }
        models::by_aaguid(aaguid).map_or_else(|| unknown(aaguid), |model| vendor_model(model))
    }
}

fn vendor_model(model: &Model) -> VendorModel {
    VendorModel {
        aaguid: model.aaguid(),
        name: model.name.clone(),
        vendor: model.vendor.name.clone(),
        country: model.vendor.country.clone(),
        aaguid_extension: model.attestation.aaguid_extension.as_ref().is_none_or(|extension| extension.value),
    }
}

fn unknown(aaguid: Aaguid) -> VendorModel {
    VendorModel {
        aaguid,
        name: format!("model {aaguid}"),
        vendor: "unknown vendor".to_owned(),
        country: "ZZ".to_owned(),
        aaguid_extension: true,
    }
}
