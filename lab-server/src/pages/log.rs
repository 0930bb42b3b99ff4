//! `/log`: everything that happened, the newest first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use lab_directory::{Event, Kind, Query as Events, Recorded};
use serde::Deserialize;

use super::view::{self, UserView};
use super::{Failure, page as render};
use crate::lab::Shared;

/// How many events a page shows.
const EVENTS: usize = 100;

#[derive(Template)]
#[template(path = "log.html")]
struct Log {
    here: &'static str,
    lines: Vec<Line>,
    older: Option<u64>,
}

struct Line {
    seq: u64,
    at: String,
    door: &'static str,
    what: String,
    ceremony: bool,
}

/// Where to begin.
#[derive(Debug, Deserialize)]
pub struct From {
    #[serde(default)]
    before: Option<u64>,
}

pub async fn page(State(lab): State<Shared>, Query(from): Query<From>) -> Result<Response, Failure> {
    let query = Events { before: from.before, newest_first: true, limit: Some(EVENTS), ..Events::default() };
    let recorded = lab.store.log(&query)?;
    let older = recorded.last().map(|last| last.seq).filter(|seq| *seq > 1 && recorded.len() == EVENTS);
    let lines = lab.store.read(|directory| {
        let name = |id: &str| view::user(directory, id).map_or_else(|| id.to_owned(), |UserView { name, .. }| name);
        recorded.iter().map(|recorded| line(recorded, name)).collect()
    });
    render(&Log { here: "/log", lines, older })
}

fn line(recorded: &Recorded, name: impl Fn(&str) -> String) -> Line {
    let what = match &recorded.event {
        Event::TenantImported { .. } => "a tenant was imported".to_owned(),
        Event::PolicyChanged { resource, .. } => format!("policy changed: {}", resource.key()),
        Event::UserChanged { id, before, after } => format!("user {} {}", name(id), changed(before, after)),
        Event::GroupChanged { id, before, after } => format!("group {id} {}", changed(before, after)),
        Event::OptionsIssued { user } => format!("creation options for {}", name(user)),
        Event::Registered(passkey) => {
            let of = passkey.method.display_name.as_deref().unwrap_or("a passkey");
            format!("{} registered {of}", name(&passkey.user))
        }
        Event::SignedIn { user, .. } => format!("{} signed in", name(user)),
        Event::Refused { user, verdict, message, .. } => {
            format!(
                "{} for {}: {message}",
                verdict.name(),
                user.as_deref().map_or_else(|| "nobody known".to_owned(), &name)
            )
        }
        Event::PasskeyRenamed { user, after, .. } => format!("{} renamed a passkey to {after}", name(user)),
        Event::PasskeyDeleted { user, display_name, .. } => {
            format!("{} lost the passkey {}", name(user), display_name.as_deref().unwrap_or("without a name"))
        }
        Event::PassIssued { user, .. } => format!("a pass for {}", name(user)),
        Event::PassDeleted { user, .. } => format!("the pass of {} was deleted", name(user)),
    };
    Line {
        seq: recorded.seq,
        at: view::moment(&recorded.at.to_string()),
        door: view::door(recorded),
        what,
        ceremony: Kind::CEREMONIES.contains(&recorded.event.kind()),
    }
}

fn changed<T>(before: &Option<T>, after: &Option<T>) -> &'static str {
    match (before, after) {
        (None, _) => "was made",
        (_, None) => "was deleted",
        _ => "was changed",
    }
}
