//! A BLOB of the lab's own, which describes every emulated model: signed under the laboratory's root, and
//! staged with whatever is to be rehearsed.

mod statement;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use lab_attestation::emit::Vendors;
use lab_authenticator::{Model, attestation_certificate};
use lab_metadata::AuthenticatorStatus;
use lab_metadata::entry::{PayloadEntry, StatusReport};
use lab_metadata::write::{Draft, Signer, write};
use lab_protocol::Aaguid;
use lab_protocol::tamper::Root;

use super::scenario::{Scenario, Staging};
use crate::error::JobError;
use crate::models::Catalogue;
use crate::world::{Part, World};

/// Said in every BLOB and statement of the lab.
const LEGAL_HEADER: &str =
    "A laboratory's metadata about emulated authenticators, written by Passkey Lab. It says nothing about real ones.";
/// How long a BLOB is good for, in days.
const GOOD_FOR: i64 = 30;
/// How old the status of a scenario is, in days.
const SINCE: i64 = 1;
/// How old the entry of a model is that Microsoft has not read yet, in days.
const NEW: i64 = 7;
/// How long ago everything else was certified, in days.
const CERTIFIED: i64 = 365;

/// Writes the BLOB of this run: an entry for every model with an AAGUID.
///
/// # Errors
/// A certificate that cannot be made.
pub fn blob(catalogue: &Catalogue, staging: &Staging, world: &World) -> Result<String, JobError> {
    let vendors = world.vendors();
    let stage = Stage { vendors: &vendors, staging, today: super::day(world.at) };
    let mut known = BTreeSet::from([Aaguid::ZERO]);
    let models = catalogue.models().iter().filter_map(|model| catalogue.of_aaguid(model.aaguid()));
    let models = models.filter(|model| known.insert(model.aaguid()));
    let entries = models.filter_map(|model| stage.entry(model));
    let next = if staging.is_stale() { -GOOD_FOR } else { GOOD_FOR };
    let draft = Draft {
        legal_header: LEGAL_HEADER.to_owned(),
        no: number(world.at).saturating_add(staging.names().count() as u64),
        next_update: stage.days(next),
        entries: entries.collect(),
    };
    let failed = |error: &dyn std::fmt::Display| JobError::Emulation(format!("the lab's metadata: {error}"));
    let signer = vendors.metadata_signer(Root::StandIn).map_err(|error| failed(&error))?;
    let signer = Signer { key: &signer.key, chain: &signer.chain };
    write(&draft, &signer, &mut world.stream(Part::Metadata)).map_err(|error| failed(&error))
}

/// The minutes since 1970: a later BLOB has a greater number, and so has one in which more has happened.
fn number(at: Timestamp) -> u64 {
    u64::try_from(at.as_second() / 60).unwrap_or_default()
}

/// What entries are made with.
struct Stage<'s> {
    vendors: &'s Vendors,
    staging: &'s Staging,
    today: Date,
}

impl Stage<'_> {
    fn days(&self, days: i64) -> Date {
        self.today.saturating_add(Span::new().days(days))
    }

    fn entry(&self, model: &Model) -> Option<PayloadEntry> {
        let aaguid = model.aaguid();
        let staged = |scenario| self.staging.concerns(scenario, aaguid);
        if staged(Scenario::Unknown) {
            return None;
        }
        let mut statement = statement::of(model);
        statement.legal_header = Some(LEGAL_HEADER.to_owned());
        let root = match &model.own_authority {
            _ if staged(Scenario::WrongRoot) => self.vendors.foreign_root(),
            Some(own) => own.anchor(),
            None => self.vendors.stand_in_root(),
        };
        let attests = model.attestation.format.value != "none";
        statement.attestation_root_certificates = Some(if attests { vec![STANDARD.encode(root)] } else { Vec::new() });
        if staged(Scenario::NoHmacSecret) {
            let info = statement.authenticator_get_info.iter_mut();
            info.filter_map(|info| info.extensions.as_mut())
                .for_each(|names| names.retain(|name| name != "hmac-secret"));
        }
        let reports = self.reports(model);
        let changed = reports.iter().filter_map(|report| report.effective_date).max();
        Some(PayloadEntry {
            aaguid: Some(aaguid.to_string()),
            metadata_statement: Some(statement),
            status_reports: Some(reports),
            time_of_last_status_change: changed,
            ..PayloadEntry::default()
        })
    }

    /// The model's own statuses, and what the scenarios add, newest first as FIDO has them.
    fn reports(&self, model: &Model) -> Vec<StatusReport> {
        use AuthenticatorStatus as Status;
        let staged = |scenario| self.staging.concerns(scenario, model.aaguid());
        let since = self.days(-SINCE);
        let report = |status: Status, date| StatusReport {
            status: Some(status),
            effective_date: Some(date),
            ..StatusReport::default()
        };
        let mut reports = Vec::new();
        for (scenario, status) in [
            (Scenario::Revoked, Status::Revoked),
            (Scenario::KeyCompromised, Status::AttestationKeyCompromise),
            (Scenario::UvBypass, Status::UserVerificationBypass),
            (Scenario::Retired, Status::Retired),
        ] {
            reports.extend(staged(scenario).then(|| report(status, since)));
        }
        if staged(Scenario::CertificateCompromised) {
            let certificate = attestation_certificate(model, self.vendors).map(|der| STANDARD.encode(der));
            reports.push(StatusReport { certificate, ..report(Status::AttestationKeyCompromise, since) });
        }
        let date = self.days(if staged(Scenario::NotIngested) { -NEW } else { -CERTIFIED });
        let own = model.metadata.as_ref().filter(|_| !staged(Scenario::NotCertified));
        let own = own.map(|metadata| metadata.statuses.value.as_slice()).unwrap_or_default();
        if own.is_empty() {
            reports.push(report(Status::NotFidoCertified, date));
        }
        reports.extend(own.iter().map(|status| report(Status::from(status.as_str()), date)));
        reports
    }
}
