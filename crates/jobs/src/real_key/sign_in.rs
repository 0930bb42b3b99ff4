//! `key sign-in`: with a passkey that the ledger knows.

use lab_entra::Passkey;
use lab_protocol::webauthn::AuthenticationResponse;
use lab_protocol::webauthn::options::CredentialDescriptor;
use lab_relying_party::options::{Request as Options, entra};
use lab_relying_party::pending::{self, Issue};
use lab_relying_party::{CredentialRecord, Pending};
use serde::Serialize;

use super::client::{Denial, KeyClient};
use super::guard::{GuardError, is_laboratory};
use super::judging::{self, Subject};
use super::ledger::{Book, Entry};
use super::{KeyName, Request};
use crate::ceremony::{StepView, Who, emulation};
use crate::error::JobError;
use crate::live::{self, Asked, SigningIn};
use crate::report::{Document, Report};
use crate::world::World;

/// What a sign-in came to.
#[derive(Debug, Clone, Serialize)]
pub struct SignedIn {
    key: KeyName,
    user: String,
    groups: Vec<String>,
    rp_id: String,
    platform: String,
    /// Policy and relying party, as in `ceremony`.
    pub sign_in: StepView,
    #[serde(skip)]
    notes: Vec<String>,
}

impl Request<'_> {
    /// Signs in, and judges the answer.
    ///
    /// # Errors
    /// The ledger knows no passkey of this user, or the key gives no answer.
    pub fn sign_in(
        &self,
        client: &mut dyn KeyClient,
        book: &mut Book<'_>,
        world: &World,
    ) -> Result<SignedIn, JobError> {
        let mut subject = Subject::find(self.tenant, &self.who, world)?;
        let platform = judging::platform(self.platform)?;
        let key = judging::identify(self.key, client)?;
        let (entry, record) = self.entry(book, &subject)?;
        if subject.facts.is_none() {
            subject.label.clone_from(&entry.user_name);
        }
        let pending = self.pending(&record, world);
        let pending::Options::Request(options) = &pending.options else {
            return Err(JobError::Emulation("a sign-in has no request options".to_owned()));
        };
        let context = judging::context(self.rp_id, &platform, &entry.user_handle.0)?;
        let passkey = entry.aaguid.map(|aaguid| Passkey {
            aaguid,
            backup_eligible: record.backup_eligible == Some(true),
            backup_state: record.backup_state,
        });
        let judged_by = subject.judged_by(self.tenant);
        let step = match client.get(options, &context) {
            Ok(made) => {
                let judged = self.judge(&made.response, &pending, (&record, passkey), world);
                if let Some(assertion) = judged.assertion() {
                    let handle = &entry.user_handle.0;
                    book.note(handle, |entry| entry.record.iter_mut().for_each(|kept| assertion.update(kept)))?;
                }
                match judged_by {
                    Some((tenant, facts)) => judged.decide(tenant, facts),
                    None => StepView::of_webauthn(judged.case()),
                }
            }
            Err(Denial::Refused { refusal, .. }) => match judged_by {
                Some((tenant, facts)) => StepView::unanswered_sign_in(tenant, facts, passkey.as_ref(), *refusal),
                None => StepView::refused_by_client(*refusal),
            },
            Err(denial) => return Err(denial.into()),
        };
        Ok(self.outcome(key, subject, platform.id.clone(), step))
    }

    fn judge(
        &self,
        response: &AuthenticationResponse,
        pending: &Pending,
        (record, passkey): (&CredentialRecord, Option<Passkey>),
        world: &World,
    ) -> live::SignedIn {
        let known = response.raw_id.0 == record.id;
        self.grounds.sign_in(&SigningIn {
            asked: &Asked::of(pending, &[judging::origin(self.rp_id)]),
            response,
            record: known.then_some(record),
            passkey,
            policy: judging::policy(self.tenant),
            at: world.at,
        })
    }

    /// The newest passkey of this user that was registered with the lab.
    fn entry(&self, book: &Book<'_>, subject: &Subject) -> Result<(Entry, CredentialRecord), JobError> {
        let named = !matches!(self.who, Who::Anybody) && self.tenant.is_some();
        let fits = |entry: &&Entry| entry.rp_id == self.rp_id && (!named || entry.user_name == subject.label);
        let newest = book.ledger().entries().iter().rev().filter(fits);
        let mut registered = newest.filter_map(|entry| Some((entry.clone(), entry.record.clone()?)));
        registered.next().ok_or_else(|| GuardError::NothingRegistered { rp_id: self.rp_id.to_owned() }.into())
    }

    /// Options as Entra's page has them, without a user name. Where real passkeys have this name too, only
    /// the lab's own may answer.
    fn pending(&self, record: &CredentialRecord, world: &World) -> Pending {
        let (challenges, mut rng) = judging::challenges(world);
        let kind = lab_relying_party::challenge::Kind::EntraSignIn;
        let challenge = challenges.issue(kind, world.at, &mut rng);
        let allow_credentials = match is_laboratory(self.rp_id) {
            true => Vec::new(),
            false => vec![CredentialDescriptor::new(record.id.clone())],
        };
        let options = entra::request(Options { rp_id: self.rp_id, challenge: &challenge, allow_credentials });
        let issue = Issue { challenge: &challenge, rp_id: self.rp_id, now: world.at, lifetime: judging::LIFETIME };
        Pending::authentication(options, None, issue)
    }

    fn outcome(&self, key: KeyName, subject: Subject, platform: String, mut step: StepView) -> SignedIn {
        judging::prepend(&mut step, emulation::of_a_real_key(self.rp_id));
        let mut notes = Vec::new();
        if subject.facts.is_none() {
            notes.push("no --tenant given: only WebAuthn was judged, no policy".to_owned());
        }
        SignedIn {
            key,
            user: subject.label,
            groups: subject.groups,
            rp_id: self.rp_id.to_owned(),
            platform,
            sign_in: step,
            notes,
        }
    }
}

impl SignedIn {
    /// 0 allowed, 1 refused, 4 not known.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        self.sign_in.exit_status()
    }

    /// The report; `all` shows every check.
    #[must_use]
    pub fn report(&self, all: bool) -> Report {
        let mut document = Document::new();
        self.sign_in.opening(&mut document, "at sign-in", "the passkey signs in");
        document.fields(vec![
            ("key", self.key.to_string().into()),
            ("user", self.user.as_str().into()),
            ("relying party", format!("{}, platform {}", self.rp_id, self.platform).into()),
        ]);
        self.sign_in.show(&mut document, "Sign-in", all);
        let result = serde_json::to_value(self).unwrap_or_default();
        Report { command: "key-sign-in", result, notes: self.notes.clone(), document }
    }
}
