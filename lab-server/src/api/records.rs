//! `/api/ceremonies`: what was recorded, and why it came out as it did.

use axum::Json;
use axum::extract::State;
use lab_directory::{Event, Kind, Query, Recorded};
use lab_entra::Verdict;
use lab_protocol::webauthn::Ceremony;

use super::extract::{Asked, Named};
use super::types::{CeremonyDetail, CeremonyList, CeremonyQuery, CeremonySummary};
use crate::ceremonies::ask::no_user;
use crate::ceremonies::review;
use crate::lab::Shared;
use crate::problem::Problem;

/// How many a page has, unless somebody says; and at most.
const USUAL: usize = 20;
const MOST: usize = 100;

pub async fn list(
    State(lab): State<Shared>,
    Asked(query): Asked<CeremonyQuery>,
) -> Result<Json<CeremonyList>, Problem> {
    let limit = limit(query.limit, USUAL, MOST)?;
    let find = |name: &String| lab.store.read(|directory| directory.user(name).map(str::to_owned));
    let user = query.user.as_ref().map(|name| find(name).ok_or_else(|| no_user(name))).transpose()?;
    let query = Query {
        kinds: Kind::CEREMONIES.to_vec(),
        user,
        before: query.before,
        newest_first: true,
        // One more tells whether there is another page.
        limit: Some(limit + 1),
        ..Query::default()
    };
    let recorded = lab.store.log(&query)?;
    let more = recorded.len() > limit;
    let ceremonies: Vec<_> = recorded.iter().take(limit).filter_map(CeremonySummary::of).collect();
    let next = ceremonies.last().map(|last| last.number).filter(|_| more);
    Ok(Json(CeremonyList { ceremonies, next }))
}

pub async fn one(State(lab): State<Shared>, Named(number): Named<u64>) -> Result<Json<CeremonyDetail>, Problem> {
    let review = lab.review(number)?;
    let gone = || Problem::not_found(format!("There is no ceremony {number}."));
    Ok(Json(CeremonyDetail {
        summary: CeremonySummary::of(&review.recorded).ok_or_else(gone)?,
        rules: review.input.as_ref().map(|input| input.rules),
        step: review.step.as_ref().and_then(|step| serde_json::to_value(step).ok()),
        anatomy: serde_json::to_value(&review.anatomy).unwrap_or_default(),
        case: review.input.as_ref().and_then(review::case),
        failure: review.failure().cloned(),
    }))
}

/// How many items a page has.
///
/// # Errors
/// 400 where it is none, or more than there may be.
pub(super) fn limit(wanted: Option<usize>, usual: usize, most: usize) -> Result<usize, Problem> {
    let limit = wanted.unwrap_or(usual);
    let fits = (1..=most).contains(&limit);
    if fits { Ok(limit) } else { Err(Problem::bad_request(format!("limit is a whole number from 1 to {most}."))) }
}

impl CeremonySummary {
    /// Of an event of the log; `None` where it was no ceremony.
    #[must_use]
    pub fn of(recorded: &Recorded) -> Option<Self> {
        let allowed = |ceremony, passkey: &str| (ceremony, Verdict::Allowed, None, None, Some(passkey.to_owned()));
        let (ceremony, verdict, decided_by, message, passkey) = match &recorded.event {
            Event::Registered(passkey) => allowed(Ceremony::Registration, &passkey.id),
            Event::SignedIn { passkey, .. } => allowed(Ceremony::Authentication, passkey),
            Event::Refused { ceremony, verdict, decided_by, message, passkey, .. } => {
                (*ceremony, *verdict, decided_by.clone(), Some(message.clone()), passkey.clone())
            }
            _ => return None,
        };
        Some(Self {
            number: recorded.seq,
            at: recorded.at,
            ceremony,
            door: recorded.actor.door,
            verdict,
            decided_by,
            message,
            user: recorded.event.user().map(str::to_owned),
            passkey,
        })
    }
}
