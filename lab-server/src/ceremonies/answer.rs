//! A response to its pending ceremony: judged, recorded, told.

use jiff::Timestamp;
use lab_directory::ceremonies::Waiting;
use lab_directory::{Actor, Batch, Directory, Door, Event, Facet, Given, StoreError, Use, passkey::method_id};
use lab_entra::{Tenant, Verdict};
use lab_jobs::ceremony::StepView;
use lab_jobs::live::Asked;
use lab_protocol::webauthn::{Ceremony, Flags};
use lab_protocol::{Base64Url, base64url};
use lab_relying_party::CredentialRecord;
use lab_relying_party::challenge::fingerprint;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use super::discretion::{is_of_a_real_passkey, sentence_of};
use super::input::{self, Failure, Input, Judged};
use super::passkey::{LONGEST_NAME, Owner, fits_as_name, passkey};
use super::{Context, Rules};
use crate::lab::Lab;
use crate::problem::Problem;

/// How often a response is judged again because the lab changed meanwhile.
const TRIES: usize = 5;

/// How a ceremony came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Its number in the log; `/ceremonies/{number}` shows it.
    pub ceremony: u64,
    /// `allowed`, `refused` or `unknown`.
    pub verdict: Verdict,
    /// The check or rule that decided.
    pub decided_by: Option<String>,
    /// The sentence.
    pub message: String,
    /// The user's object id, where the ceremony found one.
    pub user: Option<String>,
    /// The id of the passkey, where one was registered or used.
    pub passkey: Option<String>,
}

/// What the directory says of a response, in one look.
struct Look {
    tenant: Arc<Tenant>,
    given: Vec<Given>,
}

impl Lab {
    /// Judges a response, as whatever ceremony its challenge belongs to.
    ///
    /// # Errors
    /// 400 where it is no response, 404, 409 or 410 where no ceremony waits for it, 409 where the user is gone.
    pub async fn answer(
        &self,
        ceremony: Ceremony,
        response: Value,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<Told, Problem> {
        let challenge = challenge(ceremony, &response)?;
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        if !name.is_none_or(fits_as_name) {
            return Err(Problem::bad_request(format!("A passkey's name has 1 to {LONGEST_NAME} visible characters.")));
        }
        let waiting = self.take(ceremony, &challenge, now)?;
        let mut input = self.input(ceremony, &waiting, now);
        input.response = Some(response);
        for _ in 0..TRIES {
            match self.judge_and_record(&mut input, name).await {
                Err(StoreError::Conflict { .. }) => {}
                Err(error @ StoreError::Unavailable(_)) => {
                    // Nothing has happened: it may be answered again.
                    self.waiting().wait(waiting.pending, waiting.context);
                    return Err(error.into());
                }
                other => return other?,
            }
        }
        Err(Problem::conflict("The lab kept changing while this was judged.").hint("Begin again."))
    }

    /// Records that a browser gave no response.
    ///
    /// # Errors
    /// As [`Lab::answer`].
    pub async fn fail(
        &self,
        ceremony: Ceremony,
        challenge: &[u8],
        failure: Failure,
        now: Timestamp,
    ) -> Result<Told, Problem> {
        let waiting = self.take(ceremony, challenge, now)?;
        let mut input = self.input(ceremony, &waiting, now);
        let message = format!("The browser gave no response: {}.", failure.name);
        input.failure = Some(failure);
        let event = Event::Refused {
            ceremony,
            verdict: Input::verdict_of_failure(),
            user: input.user.clone(),
            passkey: None,
            decided_by: None,
            message: message.clone(),
        };
        let seq = self.record(event, &input, Vec::new()).await?;
        let verdict = Input::verdict_of_failure();
        Ok(Told { ceremony: seq, verdict, decided_by: None, message, user: input.user, passkey: None })
    }

    /// The pending ceremony of a challenge, which thereby is answered; one of the other kind stays pending.
    fn take(&self, ceremony: Ceremony, challenge: &[u8], now: Timestamp) -> Result<Waiting<Context>, Problem> {
        let mut all = self.waiting();
        if all.look(challenge).is_some_and(|waiting| waiting.pending.ceremony() != ceremony) {
            return Err(Problem::bad_request("The challenge belongs to the other ceremony.").hint("Begin again."));
        }
        Ok(all.answer(challenge, now)?)
    }

    fn input(&self, ceremony: Ceremony, waiting: &Waiting<Context>, now: Timestamp) -> Input {
        let context = &waiting.context;
        Input {
            ceremony,
            door: context.door,
            rules: context.rules,
            asked: Asked::of(&waiting.pending, std::slice::from_ref(&self.settings.origin)),
            response: None,
            failure: None,
            at: now,
            user: context.user.clone(),
            circumstances: context.circumstances,
            in_app: context.in_app,
            owner: None,
            record: None,
            passkey: None,
        }
    }

    async fn judge_and_record(
        &self,
        input: &mut Input,
        name: Option<&str>,
    ) -> Result<Result<Told, Problem>, StoreError> {
        let known_before = input.user.clone();
        let look = match self.store.read(|directory| look(directory, input)) {
            Ok(look) => look,
            Err(problem) => return Ok(Err(problem)),
        };
        let judged = match input.judge(&self.grounds, &look.tenant) {
            Ok(judged) => judged,
            Err(problem) => return Ok(Err(problem)),
        };
        let event = event(input, &judged, name);
        let told = told(&event, input, judged.step());
        let written = self.record(event, input, look.given).await;
        if written.is_err() {
            input.user = known_before;
        }
        Ok(Ok(Told { ceremony: written?, ..told }))
    }

    async fn record(&self, event: Event, input: &Input, given: Vec<Given>) -> Result<u64, StoreError> {
        let actor = Actor { door: input.door, name: input.user.clone(), request_id: None };
        // Only what Graph began is kept across a restart.
        let kept = (input.door == Door::Graph).then(|| base64url::decode(&input.asked.challenge).ok()).flatten();
        let mut batch = Batch::of(input.at, actor, event).given(given);
        if !is_of_a_real_passkey(input) {
            batch = batch.with_input(serde_json::to_vec(input).map_err(|error| StoreError::Io(error.to_string()))?);
        }
        let seq = self.store.append(batch.answers(kept.map(|challenge| fingerprint(&challenge)))).await?;
        self.announce();
        Ok(seq)
    }
}

/// The challenge that a response answers.
fn challenge(ceremony: Ceremony, response: &Value) -> Result<Vec<u8>, Problem> {
    let client_data = match ceremony {
        Ceremony::Registration => input::registration(response)?.response.client_data_json,
        Ceremony::Authentication => input::authentication(response)?.response.client_data_json,
    };
    let client_data: Value = serde_json::from_slice(&client_data.0)
        .map_err(|error| Problem::bad_request(format!("clientDataJSON is no JSON: {error}.")))?;
    let challenge = client_data.get("challenge").and_then(Value::as_str);
    let challenge = challenge.and_then(|text| base64url::decode(text).ok());
    challenge.ok_or_else(|| Problem::bad_request("clientDataJSON has no challenge that is base64url."))
}

/// Fills in what the directory knows of a response.
fn look(directory: &Directory, input: &mut Input) -> Result<Look, Problem> {
    let id = input.response.as_ref().and_then(|response| response.get("rawId")?.as_str()).unwrap_or_default();
    let credential_id = base64url::decode(id).unwrap_or_default();
    let mut given = vec![directory.given(Facet::Policies), directory.given(Facet::Passkey(method_id(&credential_id)))];
    if input.ceremony == Ceremony::Authentication {
        let passkey = directory.credential(&credential_id);
        input.record = passkey.and_then(|passkey| passkey.record.clone());
        input.passkey = passkey.and_then(|passkey| passkey.facts());
        input.asked.user_handle =
            input.user.as_deref().and_then(|named| handle(directory, named, input.record.as_ref()));
        if let Some(passkey) = passkey {
            input.user = Some(passkey.user.clone());
        }
    } else {
        input.owner = lab_relying_party::KnownCredentials::owner(directory, &credential_id);
    }
    if let Some(user) = &input.user {
        if directory.user(user).is_none() {
            return Err(Problem::conflict("The user was deleted while this ceremony was under way."));
        }
        given.push(directory.given(Facet::User(user.clone())));
    }
    Ok(Look { tenant: Arc::clone(directory.tenant()), given })
}

/// The user handle that a sign-in with a user name expects: that of the record, where it is one of the user's,
/// for tabs that were open at the same time may have given them several.
fn handle(directory: &Directory, named: &str, record: Option<&CredentialRecord>) -> Option<Base64Url> {
    let of_record = record.and_then(|record| record.user_handle.as_deref());
    let own = of_record
        .filter(|handle| directory.user_of_handle(handle).is_some_and(|user| user.eq_ignore_ascii_case(named)));
    own.or_else(|| directory.handle_of(named)).map(|handle| handle.to_vec().into())
}

fn event(input: &Input, judged: &Judged, name: Option<&str>) -> Event {
    let step = judged.step();
    let user = input.user.clone();
    match judged {
        Judged::Registration(registered, decided) if step.verdict == Verdict::Allowed => {
            let handle = input.asked.user_handle.as_ref().map(|handle| &handle.0[..]);
            let user = user.as_deref().unwrap_or_default();
            let owner = Owner { user, handle, display_name: name, at: input.at };
            if let Some(passkey) = passkey(registered, decided, owner) {
                return Event::Registered(Box::new(passkey));
            }
        }
        Judged::SignIn(signed_in, _) if step.verdict == Verdict::Allowed => {
            if let (Some(assertion), Some(user)) = (signed_in.assertion(), user.clone()) {
                let used = Use {
                    at: input.at,
                    sign_count: assertion.sign_count(),
                    backup_state: assertion.backup_state(),
                    uv_initialized: assertion.flags().has(Flags::UV),
                };
                return Event::SignedIn { user, passkey: method_id(assertion.credential_id()), used };
            }
        }
        _ => {}
    }
    let passkey = input.record.as_ref().map(|record| method_id(&record.id));
    Event::Refused {
        ceremony: input.ceremony,
        verdict: step.verdict,
        user,
        passkey,
        decided_by: step.decided_by.map(str::to_owned),
        message: sentence_of(input, step),
    }
}

fn told(event: &Event, input: &Input, step: &StepView) -> Told {
    let passkey = match event {
        Event::Registered(passkey) => Some(passkey.id.clone()),
        Event::SignedIn { passkey, .. } => Some(passkey.clone()),
        Event::Refused { passkey, .. } => passkey.clone(),
        _ => None,
    };
    Told {
        ceremony: 0,
        verdict: step.verdict,
        decided_by: step.decided_by.map(str::to_owned),
        message: sentence_of(input, step),
        user: event.user().map(str::to_owned),
        passkey,
    }
}

impl Rules {
    /// What decides, in a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entra => "Entra",
            Self::Webauthn => "WebAuthn",
        }
    }
}
