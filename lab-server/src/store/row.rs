//! Events as rows.

use jiff::Timestamp;
use lab_directory::{Actor, Event, Kind, Query, Recorded, Retention, StoreError, Taken, Use};
use rusqlite::types::Value;
use rusqlite::{Connection, Row as Found, params_from_iter};

use super::sqlite;

/// An event that is to be written.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) at: String,
    pub(super) kind: &'static str,
    pub(super) user: Option<String>,
    pub(super) actor: String,
    pub(super) body: String,
    pub(super) passing: bool,
    pub(super) input: Option<Vec<u8>>,
    pub(super) effect: Option<Effect>,
}

/// What a row changes beside the log.
#[derive(Debug)]
pub(super) enum Effect {
    /// A passkey was used.
    Used { passkey: String, used: String },
    /// What is known of a passkey's use is of another passkey, or of one that is gone.
    Forget { passkey: String },
}

/// An event's parts as text, made before anybody waits for the state.
pub(super) struct Encoded {
    actor: String,
    body: String,
    effect: Option<Effect>,
}

/// The texts of an event.
pub(super) fn encode(actor: &Actor, event: &Event) -> Result<Encoded, StoreError> {
    Ok(Encoded { actor: text(actor)?, body: text(event)?, effect: effect(event)? })
}

fn effect(event: &Event) -> Result<Option<Effect>, StoreError> {
    Ok(match event {
        Event::SignedIn { passkey, used, .. } => Some(Effect::Used { passkey: passkey.clone(), used: text(used)? }),
        Event::Registered(passkey) => Some(Effect::Forget { passkey: passkey.id.clone() }),
        Event::PasskeyDeleted { passkey, .. } => Some(Effect::Forget { passkey: passkey.clone() }),
        _ => None,
    })
}

fn text(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Io(format!("an event cannot be written: {error}")))
}

/// An event with its number.
pub(super) fn row(Taken { recorded, input }: Taken, encoded: Encoded) -> Row {
    let kind = recorded.event.kind();
    Row {
        seq: i64::try_from(recorded.seq).unwrap_or(i64::MAX),
        at: recorded.at.to_string(),
        kind: kind.name(),
        user: recorded.event.user().map(str::to_lowercase),
        actor: encoded.actor,
        body: encoded.body,
        passing: Retention::passes(kind),
        input,
        effect: encoded.effect,
    }
}

/// The number of an event as SQLite has it.
pub(super) fn number(seq: u64) -> Result<i64, StoreError> {
    i64::try_from(seq).map_err(|_| StoreError::Io(format!("{seq} is no number of an event")))
}

/// The events that a query asks for.
pub(super) fn select(connection: &Connection, query: &Query) -> Result<Vec<Recorded>, StoreError> {
    let (sql, values) = sql(query);
    let mut statement = connection.prepare_cached(&sql).map_err(sqlite)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(sqlite)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        found.push(recorded(row)?);
    }
    Ok(found)
}

fn sql(query: &Query) -> (String, Vec<Value>) {
    let mut conditions = vec!["1"];
    let mut values = Vec::new();
    let kinds = format!("kind IN ({})", vec!["?"; query.kinds.len()].join(", "));
    if !query.kinds.is_empty() {
        conditions.push(&kinds);
        values.extend(query.kinds.iter().map(|kind: &Kind| Value::from(kind.name().to_owned())));
    }
    let clamp = |seq: u64| Value::from(i64::try_from(seq).unwrap_or(i64::MAX));
    let optional = [
        ("user = ?", query.user.as_ref().map(|user| Value::from(user.to_lowercase()))),
        ("seq > ?", query.after.map(clamp)),
        ("seq < ?", query.before.map(clamp)),
    ];
    for (condition, value) in optional {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value);
        }
    }
    let order = if query.newest_first { "DESC" } else { "ASC" };
    let limit = query.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(-1));
    values.push(Value::from(limit));
    let conditions = conditions.join(" AND ");
    (format!("SELECT seq, at, actor, body FROM events WHERE {conditions} ORDER BY seq {order} LIMIT ?"), values)
}

fn recorded(row: &Found<'_>) -> Result<Recorded, StoreError> {
    let seq: i64 = row.get(0).map_err(sqlite)?;
    let seq = u64::try_from(seq).unwrap_or(0);
    let text = |index| row.get::<_, String>(index).map_err(sqlite);
    let corrupt = |what: &str, problem: String| StoreError::Corrupt { seq, problem: format!("{what}: {problem}") };
    let actor: Actor = serde_json::from_str(&text(2)?).map_err(|error| corrupt("who did it", error.to_string()))?;
    let event: Event = serde_json::from_str(&text(3)?).map_err(|error| corrupt("what happened", error.to_string()))?;
    let at = text(1)?.parse().map_err(|error: jiff::Error| corrupt("when", error.to_string()))?;
    Ok(Recorded { seq, at, actor, event })
}

/// What sign-ins left behind.
pub(super) fn uses(connection: &Connection) -> Result<Vec<(String, Use)>, StoreError> {
    let mut statement = connection.prepare("SELECT passkey, used FROM uses").map_err(sqlite)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
    let read = |row: Result<(String, String), rusqlite::Error>| {
        let (passkey, used) = row.map_err(sqlite)?;
        let used = serde_json::from_str(&used)
            .map_err(|error| StoreError::Io(format!("the use of the passkey {passkey}: {error}")))?;
        Ok((passkey, used))
    };
    rows.map_err(sqlite)?.map(read).collect()
}

/// The ceremonies that wait and may still be answered, the oldest first.
pub(super) fn waiting(connection: &Connection, now: Timestamp) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT body FROM waiting WHERE expires >= ? ORDER BY id";
    let mut statement = connection.prepare(sql).map_err(sqlite)?;
    let rows = statement.query_map([now.as_second()], |row| row.get(0)).map_err(sqlite)?;
    rows.map(|row| row.map_err(sqlite)).collect()
}

/// The number of the newest event.
pub(super) fn newest(connection: &Connection) -> Result<u64, StoreError> {
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0)).map_err(sqlite)?;
    Ok(u64::try_from(newest).unwrap_or(0))
}
