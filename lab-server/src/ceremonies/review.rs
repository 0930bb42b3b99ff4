//! A recorded ceremony, looked at: judged again from its bytes by the tenant as it was then.

use lab_directory::{Event, Kind, Query, Recorded};
use lab_jobs::anatomy::{self, Document};
use lab_jobs::ceremony::StepView;
use lab_protocol::webauthn::Ceremony;
use serde_json::{Value, json};

use super::input::{self, Failure, Input};
use crate::lab::Lab;
use crate::problem::Problem;

/// A recorded ceremony.
#[derive(Debug)]
pub struct Review {
    /// The event.
    pub recorded: Recorded,
    /// What it was judged by; `None` where retention has dropped it.
    pub input: Option<Input>,
    /// The verdict with its traces; `None` without input or response.
    pub step: Option<StepView>,
    /// Its bytes, taken apart.
    pub anatomy: Vec<Document>,
}

impl Lab {
    /// The newest ceremonies.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn ceremonies(&self, limit: usize) -> Result<Vec<Recorded>, Problem> {
        let query =
            Query { kinds: Kind::CEREMONIES.to_vec(), newest_first: true, limit: Some(limit), ..Query::default() };
        Ok(self.store.log(&query)?)
    }

    /// The ceremony with this number, judged again.
    ///
    /// # Errors
    /// 404 where there is none; the log cannot be read.
    pub fn review(&self, seq: u64) -> Result<Review, Problem> {
        let query = Query {
            kinds: Kind::CEREMONIES.to_vec(),
            after: Some(seq.saturating_sub(1)),
            before: Some(seq.saturating_add(1)),
            limit: Some(1),
            ..Query::default()
        };
        let recorded = self.store.log(&query)?.into_iter().next();
        let recorded = recorded.ok_or_else(|| {
            Problem::not_found(format!("There is no ceremony {seq}.")).hint("Old ones are forgotten in time.")
        })?;
        let input: Option<Input> = match self.store.input(seq)? {
            Some(bytes) => serde_json::from_slice(&bytes).ok(),
            None => None,
        };
        let step = match &input {
            Some(input) if input.response.is_some() => {
                let tenant = self.store.tenant_before(seq)?;
                Some(input.judge(&self.grounds, &tenant)?.into_step())
            }
            _ => None,
        };
        let anatomy = input.as_ref().map(anatomy_of).unwrap_or_default();
        Ok(Review { recorded, input, step, anatomy })
    }
}

fn anatomy_of(input: &Input) -> Vec<Document> {
    let Some(response) = &input.response else { return Vec::new() };
    match input.ceremony {
        Ceremony::Registration => {
            input::registration(response).map(|response| anatomy::of_registration(&response)).unwrap_or_default()
        }
        Ceremony::Authentication => {
            input::authentication(response).map(|response| anatomy::of_authentication(&response)).unwrap_or_default()
        }
    }
}

impl Review {
    /// Which ceremony it was.
    #[must_use]
    pub fn ceremony(&self) -> Ceremony {
        match &self.recorded.event {
            Event::SignedIn { .. } => Ceremony::Authentication,
            Event::Refused { ceremony, .. } => *ceremony,
            _ => Ceremony::Registration,
        }
    }

    /// How the browser failed, where it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.input.as_ref()?.failure.as_ref()
    }
}

/// The ceremony as a recorded case, for `passkey-lab verify` and whoever else takes the format.
#[must_use]
pub fn case(input: &Input) -> Option<Value> {
    let asked = &input.asked;
    let mut case = json!({
        "id": format!("lab-{}", input.at),
        "kind": match input.ceremony {
            Ceremony::Registration => "registration",
            Ceremony::Authentication => "authentication",
        },
        "rp_id": asked.rp_id,
        "origin": asked.origins.first(),
        "challenge": asked.challenge,
        "verify_time": input.at.to_string(),
        "require_user_verification": asked.user_verification,
        "response": input.response.as_ref()?,
    });
    if !asked.algorithms.is_empty() {
        case["allowed_algs"] = json!(asked.algorithms);
    }
    if !asked.allow_credentials.is_empty() {
        case["allow_credentials"] = json!(asked.allow_credentials);
    }
    if let Some(record) = &input.record {
        case["stored"] = json!({
            "credential_id": lab_protocol::base64url::encode(&record.id),
            "credential_public_key_cose": lab_protocol::base64url::encode(&record.cose),
            "sign_count": record.sign_count,
            "backup_eligible": record.backup_eligible,
            "backup_state": record.backup_state,
            "user_handle": record.user_handle.as_ref().map(lab_protocol::base64url::encode),
        });
    }
    Some(case)
}
