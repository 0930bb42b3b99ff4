//! The BLOB that a command asks: a file, or one of the lab's own.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use lab_entra::{AdverseStatus, MetadataEntry, MetadataFacts, Trust};
use lab_metadata::judge::{self, Judgement, Subject};
use lab_metadata::standing::Standing;
use lab_metadata::{Blob, Entry, Kept, Refusal};
use lab_protocol::trace::Trace;
use lab_relying_party::registration::Registration;

use super::lab;
use super::scenario::Staging;
use super::source::Roots;
use crate::error::JobError;
use crate::models::Catalogue;
use crate::world::World;

/// For how many days a model is new to Microsoft (entra.md §2.8: up to four weeks).
const NEW_FOR: i64 = 28;

/// Metadata that verified, and that ceremonies ask.
#[derive(Debug, Clone)]
pub struct Consulted {
    blob: Arc<Blob>,
    /// What to say about it.
    pub notes: Vec<String>,
}

/// As of when a BLOB has to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At the time of the run.
    Now,
    /// For recorded responses: where its certificates have expired since, as of the end of its own time.
    OfItsTime,
}

/// What metadata says of a registration.
pub(crate) struct Opinion {
    pub(crate) facts: MetadataFacts,
    pub(crate) trust: Trust,
}

impl Consulted {
    /// Reads `lab`, `lab:SCENARIO+SCENARIO=MODEL,MODEL`, or a file. One that does not verify is refused.
    ///
    /// # Errors
    /// A file that cannot be read or does not verify; a scenario or model that nobody knows.
    pub fn read(
        name: &str,
        anchors: Option<&Path>,
        when: When,
        catalogue: &Catalogue,
        world: &World,
        stdin: &mut dyn Read,
    ) -> Result<Self, JobError> {
        let roots = Roots::read(anchors, world)?;
        let staged = name.strip_prefix("lab:").or_else(|| (name == "lab").then_some(""));
        let mut notes = Vec::new();
        let loaded = match staged {
            Some(scenarios) => {
                let texts = scenarios.split('+').filter(|text| !text.is_empty());
                let staging = Staging::read(texts, catalogue)?;
                let names: Vec<_> = staging.names().collect();
                let staged = if names.is_empty() { String::new() } else { format!(", staged: {}", names.join(", ")) };
                notes.push(format!("metadata is the lab's own{staged}"));
                roots.open_bytes(name.to_owned(), lab::blob(catalogue, &staging, world)?.into_bytes(), world.at)?
            }
            None => roots.open(Path::new(name), stdin, world.at)?,
        };
        let loaded = match (when, loaded.expired()) {
            (When::OfItsTime, Some(then)) => {
                notes.push(format!(
                    "the certificates of {name} have expired: it is taken as of {then}, when its next update was due"
                ));
                loaded.at(then, &roots)?
            }
            _ => loaded,
        };
        let file = loaded.file.clone();
        let fault = loaded.fault();
        let blob = loaded.opened.into_blob().map_err(|_| {
            let (check, message) = fault.unwrap_or(("metadata/payload", String::new()));
            JobError::Metadata { file, reason: Kept::NotVerified { check, message } }
        })?;
        if blob.is_due(world.at) {
            notes.push(format!(
                "metadata was due for renewal on {}: statuses can have changed since",
                blob.payload.next_update
            ));
        }
        if staged.is_none() && !blob.root.stand_in {
            notes.push(
                "its roots are the makers': emulated keys end in the lab's stand-in, which counts in their place"
                    .to_owned(),
            );
        }
        Ok(Self { blob: Arc::new(blob), notes })
    }

    /// The BLOB.
    #[must_use]
    pub fn blob(&self) -> &Blob {
        &self.blob
    }

    /// Holds a verified registration against it.
    pub(crate) fn judge(&self, registration: &Registration, at: Timestamp, trace: &mut Trace<'_>) -> Judgement {
        let subject = Subject {
            aaguid: registration.aaguid(),
            attested: registration.attested(),
            algorithm: registration.public_key().alg,
        };
        judge::judge(&subject, &self.blob, at, trace)
    }

    /// What the policy is told of an emulated registration. Against the makers' own BLOB the lab's
    /// stand-in root counts as the maker's, and stays named as one.
    pub(crate) fn opinion(&self, judgement: &Judgement, found: Trust, at: Timestamp) -> Opinion {
        let facts = match (&judgement.entry, &judgement.standing) {
            (Some(entry), Some(standing)) => facts(entry, standing, super::day(at)),
            _ => MetadataFacts::NO_ENTRY,
        };
        let chained = judgement.chained.as_ref().map(|stand_in| match stand_in {
            true => Trust::TrustedStandIn,
            false => Trust::Trusted,
        });
        let trust = match (self.blob.root.stand_in, found, chained) {
            (true, Trust::Trusted | Trust::TrustedStandIn | Trust::Untrusted, None) => Trust::Untrusted,
            (true, _, Some(trust)) => trust,
            (_, found, _) => found,
        };
        Opinion { facts, trust }
    }
}

/// What Entra asks metadata about a model (entra.md §2.8).
pub(super) fn facts(entry: &Entry, standing: &Standing, today: Date) -> MetadataFacts {
    let statement = entry.statement();
    let first = entry.status_reports().iter().filter_map(|report| report.effective_date).min();
    let new = first.is_some_and(|first| first.saturating_add(jiff::Span::new().days(NEW_FOR)) > today);
    let has = |feature: fn(&lab_metadata::statement::MetadataStatement) -> bool| statement.is_some_and(feature);
    MetadataFacts {
        entry: if new { MetadataEntry::New } else { MetadataEntry::Listed },
        adverse: standing.refusals.first().map(adverse),
        certified: standing.certification.is_some(),
        fido2: has(|statement| statement.is_fido2()),
        has_uv: has(|statement| statement.verifies_users()),
        has_rk: has(|statement| statement.holds_discoverable_credentials()),
        has_hmac_secret: has(|statement| statement.has_hmac_secret()),
    }
}

const fn adverse(refusal: &Refusal) -> AdverseStatus {
    match refusal {
        Refusal::Revoked { .. } => AdverseStatus::Revoked,
        Refusal::Retired { .. } => AdverseStatus::Retired,
        Refusal::UserVerificationBypass { .. } => AdverseStatus::UserVerificationBypass,
        Refusal::UserKeyRemoteCompromise { .. } => AdverseStatus::UserKeyRemoteCompromise,
        Refusal::UserKeyPhysicalCompromise { .. } => AdverseStatus::UserKeyPhysicalCompromise,
        Refusal::AttestationKeyCompromise { .. } | Refusal::AnyAttestationKeyCompromise { .. } => {
            AdverseStatus::AttestationKeyCompromise
        }
        Refusal::Unreadable { .. } => AdverseStatus::Unreadable,
    }
}
