//! `key register`: one passkey, said before, entered before, judged after.

use std::sync::Arc;

use lab_client::manage::credentials::Credential;
use lab_client::{Platform, Registration};
use lab_protocol::ctap2::get_info;
use lab_protocol::webauthn::PublicKeyCredentialCreationOptions;
use lab_protocol::webauthn::options::UserEntity;
use lab_protocol::{Base64Url, base64url};
use lab_relying_party::options::{Creation, entra};
use lab_relying_party::pending::{Issue, Options};
use lab_relying_party::{NothingKnown, Pending};
use serde::Serialize;

use super::client::{Denial, KeyClient};
use super::guard::{self, is_laboratory};
use super::judging::{self, Subject};
use super::ledger::{Book, Entry, State};
use super::{KeyName, RP_ID, Request};
use crate::ceremony::{StepView, emulation};
use crate::error::JobError;
use crate::live::{Asked, Registering};
use crate::report::{Cell, Document, Report};
use crate::world::{Part, World};

/// A registration of which everything is known that can be known before the key is written to.
#[derive(Debug)]
pub struct Plan<'r> {
    request: &'r Request<'r>,
    key: KeyName,
    subject: Subject,
    user_handle: Vec<u8>,
    platform: Arc<Platform>,
    slots: Slots,
    held: Option<Vec<Credential>>,
}

/// Room for discoverable credentials, as far as the key tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Slots {
    /// Those that are there.
    pub existing: Option<i64>,
    /// At most this many more fit.
    pub remaining: Option<i64>,
}

/// What a registration came to.
#[derive(Debug, Clone, Serialize)]
pub struct Registered {
    key: KeyName,
    user: String,
    groups: Vec<String>,
    rp_id: String,
    platform: String,
    slots: Slots,
    /// The passkey's entry in the ledger; `None` where the key refused.
    ledger: Option<State>,
    user_handle: Base64Url,
    credential_id: Option<Base64Url>,
    /// Policy and relying party, as in `ceremony`.
    pub registration: StepView,
    #[serde(skip)]
    notes: Vec<String>,
}

impl<'r> Plan<'r> {
    /// Looks at the key, and refuses what could replace a passkey on it.
    ///
    /// # Errors
    /// The key gives no answer, or a guardrail holds.
    pub fn prepare(request: &'r Request<'r>, client: &mut dyn KeyClient, world: &World) -> Result<Self, JobError> {
        let handle = guard::handle(&mut world.stream(Part::Persona));
        Self::with_handle(request, client, handle, world)
    }

    /// As [`Plan::prepare`], with a handle of the caller's: one that is not the lab's, or that the key
    /// holds, is refused.
    ///
    /// # Errors
    /// As [`Plan::prepare`].
    pub fn with_handle(
        request: &'r Request<'r>,
        client: &mut dyn KeyClient,
        user_handle: Vec<u8>,
        world: &World,
    ) -> Result<Self, JobError> {
        if world.seed.is_some() {
            return Err(guard::GuardError::Seed.into());
        }
        let subject = Subject::find(request.tenant, &request.who, world)?;
        let platform = judging::platform(request.platform)?;
        judging::context(request.rp_id, &platform, &user_handle)?;
        guard::of_the_lab(&user_handle)?;
        let info = client.info()?;
        let slots = slots(&info, client);
        let held = match is_laboratory(request.rp_id) {
            true => None,
            false => Some(guard::look(client, request.rp_id, &user_handle, &subject.label)??),
        };
        let key = KeyName { aaguid: Some(info.aaguid), ..request.key.clone() };
        Ok(Self { request, key, subject, user_handle, platform, slots, held })
    }

    /// What will be written, in sentences.
    #[must_use]
    pub fn says(&self) -> Vec<String> {
        let room = match self.slots.remaining {
            Some(remaining) => format!("one of {remaining} free slots"),
            None => "a slot (the key does not tell how many are free)".to_owned(),
        };
        let mut says = vec![format!(
            "{} will be asked to keep one passkey of {} for “{}”, in {room}",
            self.key, self.request.rp_id, self.subject.label
        )];
        says.extend(self.held.as_ref().map(|held| {
            format!(
                "{} is the name of a real relying party: the key holds {} for it, none of them of this user and none \
                 is changed; a slot is used up until `passkey-lab key credentials clean`",
                self.request.rp_id,
                passkeys(held.len())
            )
        }));
        says
    }

    /// Enters the passkey in the ledger, has the key make it, and judges what it made.
    ///
    /// # Errors
    /// The ledger cannot be kept, so the key is not asked; or the key gives no answer, so the ledger keeps it.
    pub fn run(self, client: &mut dyn KeyClient, book: &mut Book<'_>, world: &World) -> Result<Registered, JobError> {
        let pending = self.pending(world);
        let Options::Creation(options) = &pending.options else {
            return Err(JobError::Emulation("a registration has no creation options".to_owned()));
        };
        let context = judging::context(self.request.rp_id, &self.platform, &self.user_handle)?;
        book.ask(self.entry(world))?;
        match client.create(options, &context) {
            Ok(made) => self.judge(&made, &pending, book, world),
            Err(Denial::Refused { refusal, .. }) => {
                book.strike(&[&self.user_handle])?;
                let step = match self.subject.judged_by(self.request.tenant) {
                    Some((tenant, facts)) => StepView::unanswered(tenant, facts, &judging::circumstances(), *refusal),
                    None => StepView::refused_by_client(*refusal),
                };
                Ok(self.outcome(None, None, step))
            }
            Err(denial) => Err(denial.into()),
        }
    }

    fn judge(
        self,
        made: &Registration,
        pending: &Pending,
        book: &mut Book<'_>,
        world: &World,
    ) -> Result<Registered, JobError> {
        let id = made.response.raw_id.clone();
        // Whatever comes of it: the key holds it now.
        book.note(&self.user_handle, |entry| {
            (entry.state, entry.credential_id) = (State::Written, Some(id.clone()));
        })?;
        let judged = self.request.grounds.register(&Registering {
            asked: &Asked::of(pending, &[judging::origin(self.request.rp_id)]),
            response: &made.response,
            known: &NothingKnown,
            circumstances: judging::circumstances(),
            in_app: None,
            policy: judging::policy(self.request.tenant),
            at: world.at,
        });
        if let Some(registration) = judged.registration() {
            let record = registration.record();
            book.note(&self.user_handle, |entry| {
                (entry.record, entry.aaguid) = (Some(record.clone()), Some(registration.aaguid()));
            })?;
        }
        let mut step = match self.subject.judged_by(self.request.tenant) {
            Some((tenant, facts)) => judged.decide(tenant, facts).step,
            None => StepView::of_webauthn(judged.case()),
        };
        let notes = [emulation::notes(&made.conveyed), emulation::of_a_real_key(self.request.rp_id)];
        judging::prepend(&mut step, notes.concat());
        Ok(self.outcome(Some(State::Written), Some(id), step))
    }

    fn pending(&self, world: &World) -> Pending {
        let (challenges, mut rng) = judging::challenges(world);
        let kind = lab_relying_party::challenge::Kind::EntraRegistration;
        let challenge = challenges.issue(kind, world.at, &mut rng);
        let issue =
            Issue { challenge: &challenge, rp_id: self.request.rp_id, now: world.at, lifetime: judging::LIFETIME };
        Pending::registration(self.options(&challenge), issue)
    }

    /// Options of Entra's shape: a discoverable credential, user verification, direct attestation.
    fn options(&self, challenge: &lab_relying_party::Challenge) -> PublicKeyCredentialCreationOptions {
        let user = UserEntity {
            id: self.user_handle.clone().into(),
            name: self.subject.label.clone(),
            display_name: self.subject.display_name.clone(),
        };
        let creation = Creation {
            rp_id: self.request.rp_id,
            rp_name: entra::RP_NAME,
            user,
            challenge,
            exclude_credentials: Vec::new(),
        };
        let mut options = entra::creation(creation, entra::Path::Web);
        if self.request.rp_id == RP_ID {
            "Passkey Lab".clone_into(&mut options.rp.name);
        }
        options
    }

    fn entry(&self, world: &World) -> Entry {
        Entry {
            state: State::Asked,
            at: world.at,
            rp_id: self.request.rp_id.to_owned(),
            user_handle: self.user_handle.clone().into(),
            user_name: self.subject.label.clone(),
            key: self.key.clone(),
            credential_id: None,
            record: None,
            aaguid: None,
        }
    }

    fn outcome(self, ledger: Option<State>, credential_id: Option<Base64Url>, step: StepView) -> Registered {
        let mut notes = vec![format!(
            "rpId {} and the user handle {} are the lab's: no key but an emulated one in the same process is given \
             Entra's",
            self.request.rp_id,
            base64url::encode(&self.user_handle)
        )];
        if self.subject.facts.is_none() {
            notes.push("no --tenant given: only WebAuthn was judged, no policy".to_owned());
        }
        if ledger.is_some() {
            notes.push("the passkey stays on the key until `passkey-lab key credentials clean`".to_owned());
        }
        Registered {
            key: self.key,
            user: self.subject.label,
            groups: self.subject.groups,
            rp_id: self.request.rp_id.to_owned(),
            platform: self.platform.id.clone(),
            slots: self.slots,
            ledger,
            user_handle: self.user_handle.into(),
            credential_id,
            registration: step,
            notes,
        }
    }
}

/// By getInfo where it tells; else by credential management, where that needs no PIN that is not set.
fn slots(info: &get_info::Response, client: &mut dyn KeyClient) -> Slots {
    if let Some(remaining) = info.remaining_discoverable_credentials {
        return Slots { existing: None, remaining: Some(remaining) };
    }
    let managed = info.option("credMgmt") == Some(true) || info.option("credentialMgmtPreview") == Some(true);
    if !managed || info.option("clientPin") != Some(true) {
        return Slots::default();
    }
    // That a key does not tell is no reason not to use it.
    client.slots().map_or_else(
        |_| Slots::default(),
        |found| Slots { existing: Some(found.existing), remaining: Some(found.remaining) },
    )
}

pub(super) fn passkeys(count: usize) -> String {
    match count {
        0 => "no passkey".to_owned(),
        1 => "1 passkey".to_owned(),
        more => format!("{more} passkeys"),
    }
}

impl Registered {
    /// 0 allowed, 1 refused, 4 not known.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        self.registration.exit_status()
    }

    /// The report; `all` shows every check.
    #[must_use]
    pub fn report(&self, all: bool) -> Report {
        let mut document = Document::new();
        self.registration.opening(&mut document, "at registration", "the passkey registers");
        let slots = self.slots.remaining.map_or_else(|| "not told".to_owned(), |free| format!("{free} before"));
        let kept = match &self.credential_id {
            Some(id) => format!("credential {}", base64url::encode(&id.0)),
            None => "nothing".to_owned(),
        };
        document.fields(vec![
            ("key", self.key.to_string().into()),
            ("user", self.user.as_str().into()),
            ("relying party", Cell::from(format!("{}, platform {}", self.rp_id, self.platform))),
            ("free slots", slots.into()),
            ("written", kept.into()),
        ]);
        self.registration.show(&mut document, "Registration", all);
        let result = serde_json::to_value(self).unwrap_or_default();
        Report { command: "key-register", result, notes: self.notes.clone(), document }
    }
}
