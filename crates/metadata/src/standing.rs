//! What the status reports of a model come to (`fido-mds-3 §3.1.4`): whether it may be registered, and
//! what its certification is. The order of the reports decides nothing, their dates do.

use jiff::Timestamp;
use jiff::civil::Date;
use lab_attestation::x509::Certificate;
use lab_protocol::trace::Reason;

use crate::entry::{Entry, StatusReport, certificate};
use crate::open::today;
use crate::vocabulary::AuthenticatorStatus;

/// What is known of the authenticator in hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct InHand<'h> {
    /// The certificates of its attestation and the anchor they lead to, as DER; empty where there are none.
    pub path: &'h [Vec<u8>],
    /// Its firmware, where its certificate says so (`id-fido-gen-ce-fw-version`).
    pub firmware: Option<u64>,
}

/// Where a model stands at a given time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Why it must not be registered, most serious first; empty where nothing speaks against it.
    pub refusals: Vec<Refusal>,
    /// What is worth knowing and refuses nothing.
    pub remarks: Vec<Remark>,
    /// The highest certification in effect; `None` where it is not certified.
    pub certification: Option<AuthenticatorStatus>,
}

/// Why a model must not be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `REVOKED`.
    #[error("it is revoked{}", dated(*.since))]
    Revoked {
        /// Since when; `None` for an undated report.
        since: Option<Date>,
    },
    /// `USER_KEY_REMOTE_COMPROMISE`.
    #[error("its users' keys can be taken out from afar{}{}", dated(*.since), fixed(*.fixed_in, *.firmware))]
    UserKeyRemoteCompromise {
        /// Since when.
        since: Option<Date>,
        /// The firmware that mends it, where there is one.
        fixed_in: Option<u64>,
        /// The firmware in hand, where it is known.
        firmware: Option<u64>,
    },
    /// `USER_KEY_PHYSICAL_COMPROMISE`.
    #[error("its users' keys can be taken out by whoever holds it{}{}", dated(*.since), fixed(*.fixed_in, *.firmware))]
    UserKeyPhysicalCompromise {
        /// Since when.
        since: Option<Date>,
        /// The firmware that mends it, where there is one.
        fixed_in: Option<u64>,
        /// The firmware in hand, where it is known.
        firmware: Option<u64>,
    },
    /// `USER_VERIFICATION_BYPASS`.
    #[error("malware can get round its user verification{}{}", dated(*.since), fixed(*.fixed_in, *.firmware))]
    UserVerificationBypass {
        /// Since when.
        since: Option<Date>,
        /// The firmware that mends it, where there is one.
        fixed_in: Option<u64>,
        /// The firmware in hand, where it is known.
        firmware: Option<u64>,
    },
    /// `ATTESTATION_KEY_COMPROMISE` of a certificate that is in the path.
    #[error("the attestation key of “{subject}”, which is in its path, is known to others{}", dated(*.since))]
    AttestationKeyCompromise {
        /// The certificate.
        subject: String,
        /// Since when.
        since: Option<Date>,
    },
    /// The same, and the report names no certificate: it can be any.
    #[error("an attestation key of this model is known to others{}, and nobody says which", dated(*.since))]
    AnyAttestationKeyCompromise {
        /// Since when.
        since: Option<Date>,
    },
    /// `RETIRED`.
    #[error("its vendor has retired it{}", dated(*.since))]
    Retired {
        /// Since when.
        since: Option<Date>,
    },
    /// Its reports cannot be read, so a revocation could be among them.
    #[error("its status reports cannot be read: {problem}")]
    Unreadable {
        /// The first problem.
        problem: String,
    },
}

/// What is worth knowing about a model's status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// A report that takes effect later.
    #[error("{status} takes effect on {on}")]
    Coming {
        /// The status.
        status: AuthenticatorStatus,
        /// When.
        on: Date,
    },
    /// The compromised attestation key is another one.
    #[error("an attestation key of this model is compromised, and it is none of this path's")]
    OtherAttestationKey,
    /// A compromise that the firmware in hand has behind it.
    #[error("{status} is mended in firmware {fixed_in}, and this one has {firmware}")]
    Mended {
        /// The status.
        status: AuthenticatorStatus,
        /// The firmware that mends it.
        fixed_in: u64,
        /// The firmware in hand.
        firmware: u64,
    },
    /// There is newer firmware.
    #[error("firmware {version} is available")]
    UpdateAvailable {
        /// Its version, as metadata numbers it.
        version: u64,
    },
    /// Not certified.
    #[error("it is not FIDO certified")]
    NotCertified,
    /// A status that the lab does not know.
    #[error("its status “{0}” is not known here")]
    Unknown(String),
}

impl Reason for Refusal {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Revoked { .. } | Self::UserKeyRemoteCompromise { fixed_in: None, .. } => {
                "Take the model off the allow lists, and replace what is registered."
            }
            Self::UserKeyRemoteCompromise { .. }
            | Self::UserKeyPhysicalCompromise { fixed_in: Some(_), .. }
            | Self::UserVerificationBypass { fixed_in: Some(_), .. } => {
                "Update the firmware, or replace the keys that cannot be updated."
            }
            Self::UserVerificationBypass { .. } => "Do not count its user verification as a second factor.",
            Self::UserKeyPhysicalCompromise { .. } => "Replace keys that were out of their owner's sight.",
            Self::AttestationKeyCompromise { .. } | Self::AnyAttestationKeyCompromise { .. } => {
                "What claims to be this model need not be one: register another model."
            }
            Self::Retired { .. } => "Register the model's successor; what is registered keeps working.",
            Self::Unreadable { .. } => "Fetch the BLOB again; `metadata check` names everything that cannot be read.",
        })
    }
}

fn dated(since: Option<Date>) -> String {
    since.map(|date| format!(" since {date}")).unwrap_or_default()
}

fn fixed(fixed_in: Option<u64>, firmware: Option<u64>) -> String {
    match (fixed_in, firmware) {
        (Some(version), Some(firmware)) => format!("; firmware {version} mends it, and this one has {firmware}"),
        (Some(version), None) => format!("; firmware {version} mends it, and which one this has is not known"),
        (None, _) => String::new(),
    }
}

/// Where a model stands at `at`.
#[must_use]
pub fn standing(entry: &Entry, in_hand: InHand<'_>, at: Timestamp) -> Standing {
    let mut standing = Standing::default();
    if let Some(problem) = entry.obscured() {
        standing.refusals.push(Refusal::Unreadable { problem: problem.to_string() });
    }
    let today = today(at);
    let in_effect = |report: &&StatusReport| report.effective_date.is_none_or(|date| date <= today);
    let (current, coming): (Vec<_>, Vec<_>) = entry.status_reports().iter().partition(in_effect);
    for report in coming {
        if let (Some(status), Some(on)) = (report.status.clone(), report.effective_date) {
            standing.remarks.push(Remark::Coming { status, on });
        }
    }
    for report in &current {
        standing.take(report, &current, in_hand);
    }
    standing.certification = certification(&current);
    if standing.certification.is_none() {
        standing.remarks.push(Remark::NotCertified);
    }
    standing.refusals.sort_by_key(Refusal::rank);
    standing
}

impl Standing {
    /// Whether the model may be registered.
    #[must_use]
    pub const fn acceptable(&self) -> bool {
        self.refusals.is_empty()
    }

    fn take(&mut self, report: &StatusReport, current: &[&StatusReport], in_hand: InHand<'_>) {
        use AuthenticatorStatus as Status;
        let since = report.effective_date;
        match &report.status {
            Some(Status::Revoked) => self.refusals.push(Refusal::Revoked { since }),
            Some(Status::Retired) => self.refusals.push(Refusal::Retired { since }),
            Some(Status::AttestationKeyCompromise) => self.attestation_key(report, in_hand.path),
            Some(
                status @ (Status::UserKeyRemoteCompromise
                | Status::UserKeyPhysicalCompromise
                | Status::UserVerificationBypass),
            ) => self.compromise(status, report, current, in_hand.firmware),
            Some(Status::UpdateAvailable) => {
                self.remarks.extend(report.authenticator_version.map(|version| Remark::UpdateAvailable { version }))
            }
            Some(Status::Unknown(text)) => self.remarks.push(Remark::Unknown(text.chars().take(60).collect())),
            _ => {}
        }
    }

    /// A compromise, unless the firmware in hand is that of a later update or newer.
    fn compromise(
        &mut self,
        status: &AuthenticatorStatus,
        report: &StatusReport,
        current: &[&StatusReport],
        firmware: Option<u64>,
    ) {
        use AuthenticatorStatus as Status;
        let since = report.effective_date;
        let later = |update: &&&StatusReport| {
            update.status == Some(Status::UpdateAvailable)
                && since.zip(update.effective_date).is_some_and(|(since, date)| date >= since)
        };
        let fixed_in = current.iter().filter(later).filter_map(|update| update.authenticator_version).min();
        if let Some((fixed_in, firmware)) = fixed_in.zip(firmware).filter(|(fixed_in, firmware)| firmware >= fixed_in) {
            self.remarks.push(Remark::Mended { status: status.clone(), fixed_in, firmware });
            return;
        }
        self.refusals.push(match status {
            Status::UserKeyRemoteCompromise => Refusal::UserKeyRemoteCompromise { since, fixed_in, firmware },
            Status::UserKeyPhysicalCompromise => Refusal::UserKeyPhysicalCompromise { since, fixed_in, firmware },
            _ => Refusal::UserVerificationBypass { since, fixed_in, firmware },
        });
    }

    /// A report with a certificate is about its key, in whichever certificate; one without is about all.
    fn attestation_key(&mut self, report: &StatusReport, path: &[Vec<u8>]) {
        let since = report.effective_date;
        let named: Vec<&String> = report.certificate.iter().chain(&report.batch_certificate).collect();
        let Ok(named) = named.into_iter().map(|text| certificate(text)).collect::<Result<Vec<_>, _>>() else {
            return self.refusals.push(Refusal::AnyAttestationKeyCompromise { since });
        };
        if named.is_empty() {
            return self.refusals.push(Refusal::AnyAttestationKeyCompromise { since });
        }
        let hit = path.iter().find(|der| named.iter().any(|named| same_key(named, der)));
        match hit.and_then(|der| Certificate::parse_odd(der).ok()) {
            Some(hit) => {
                let subject = hit.subject.to_string();
                self.refusals.push(Refusal::AttestationKeyCompromise { subject, since });
            }
            None => self.remarks.push(Remark::OtherAttestationKey),
        }
    }
}

impl Refusal {
    const fn rank(&self) -> u8 {
        match self {
            Self::Unreadable { .. } => 0,
            Self::Revoked { .. } => 1,
            Self::UserKeyRemoteCompromise { .. } => 2,
            Self::AttestationKeyCompromise { .. } => 3,
            Self::AnyAttestationKeyCompromise { .. } => 4,
            Self::UserVerificationBypass { .. } => 5,
            Self::UserKeyPhysicalCompromise { .. } => 6,
            Self::Retired { .. } => 7,
        }
    }

    /// The status that says so.
    #[must_use]
    pub const fn status(&self) -> Option<AuthenticatorStatus> {
        use AuthenticatorStatus as Status;
        Some(match self {
            Self::Revoked { .. } => Status::Revoked,
            Self::UserKeyRemoteCompromise { .. } => Status::UserKeyRemoteCompromise,
            Self::UserKeyPhysicalCompromise { .. } => Status::UserKeyPhysicalCompromise,
            Self::UserVerificationBypass { .. } => Status::UserVerificationBypass,
            Self::AttestationKeyCompromise { .. } | Self::AnyAttestationKeyCompromise { .. } => {
                Status::AttestationKeyCompromise
            }
            Self::Retired { .. } => Status::Retired,
            Self::Unreadable { .. } => return None,
        })
    }
}

/// Whether two certificates, as DER, carry the same key; equal bytes that are none do too.
fn same_key(a: &[u8], b: &[u8]) -> bool {
    let spki = |der| Certificate::parse_odd(der).ok().map(|certificate: Certificate<'_>| certificate.spki.to_vec());
    a == b || spki(a).zip(spki(b)).is_some_and(|(a, b)| a == b)
}

/// The highest certification, unless a later report says that there is none.
fn certification(current: &[&StatusReport]) -> Option<AuthenticatorStatus> {
    let level = |report: &&&StatusReport| report.status.as_ref().and_then(AuthenticatorStatus::certification);
    let certified = current.iter().filter(|report| level(report).is_some());
    let withdrawn = current.iter().filter(|report| report.status == Some(AuthenticatorStatus::NotFidoCertified));
    let withdrawn = withdrawn.filter_map(|report| report.effective_date).max();
    let stands = |report: &&&StatusReport| match (report.effective_date, withdrawn) {
        (Some(date), Some(withdrawn)) => date >= withdrawn,
        _ => true,
    };
    certified.filter(stands).max_by_key(|report| level(report)).and_then(|report| report.status.clone())
}
