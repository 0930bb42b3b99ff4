//! `metadata show`: what a BLOB is, in a few lines.

use std::collections::BTreeMap;

use lab_metadata::Payload;
use lab_metadata::open::Opened;
use serde_json::json;

use super::{Loaded, today, verdict_name};
use crate::report::{Cell, Document, Report, Tone};

/// The header of a BLOB, and how many models have which status in effect. A BLOB that does not verify is
/// shown as well, and said not to.
#[must_use]
pub fn show(loaded: &Loaded) -> Report {
    let mut document = Document::new();
    let fault = loaded.fault();
    heading(&mut document, loaded, fault.as_ref());
    let Some(payload) = &loaded.opened.payload else {
        let result = json!({"verified": false, "decided_by": fault.as_ref().map(|(id, _)| id)});
        return Report { command: "metadata-show", result, notes: Vec::new(), document };
    };
    let counts = Counts::of(payload, loaded);
    document.fields(fields(payload, &loaded.opened, &counts));
    let row = |(status, models): (&String, &usize)| vec![status.as_str().into(), models.into()];
    document.table(&["status in effect", "models"], counts.statuses.iter().map(row).collect());
    document.aside(
        "`passkey-lab metadata check BLOB` verifies it step by step, `metadata find BLOB WORD` looks a model up",
    );
    let result = json!({
        "no": payload.no,
        "next_update": payload.next_update.to_string(),
        "due": payload.next_update < super::day(loaded.at),
        "legal_header": payload.legal_header,
        "verified": loaded.opened.verified(),
        "decided_by": fault.map(|(id, _)| id),
        "root": loaded.opened.root.as_ref().map(|root| json!({"subject": root.subject, "stand_in": root.stand_in})),
        "entries": payload.len(),
        "families": counts.families,
        "statuses": counts.statuses,
        "verdicts": counts.verdicts,
        "other_members": payload.other.keys().collect::<Vec<_>>(),
    });
    Report { command: "metadata-show", result, notes: Vec::new(), document }
}

/// What the entries come to.
struct Counts {
    families: BTreeMap<String, usize>,
    statuses: BTreeMap<String, usize>,
    verdicts: BTreeMap<&'static str, usize>,
}

impl Counts {
    fn of(payload: &Payload, loaded: &Loaded) -> Self {
        let mut counts = Self { families: BTreeMap::new(), statuses: BTreeMap::new(), verdicts: BTreeMap::new() };
        let day = super::day(loaded.at);
        for entry in payload.entries() {
            let family = entry.statement().and_then(|statement| statement.protocol_family.as_ref());
            let family = family.map_or_else(|| "(none)".to_owned(), ToString::to_string);
            *counts.families.entry(family).or_default() += 1;
            let reports = entry.status_reports().iter();
            let current = reports.filter(|report| report.effective_date.is_none_or(|date| date <= day));
            let mut statuses: Vec<_> =
                current.filter_map(|report| report.status.as_ref().map(ToString::to_string)).collect();
            statuses.sort();
            statuses.dedup();
            statuses.into_iter().for_each(|status| *counts.statuses.entry(status).or_default() += 1);
            *counts.verdicts.entry(verdict_name(&today(entry, loaded.at))).or_default() += 1;
        }
        counts
    }
}

fn heading(document: &mut Document, loaded: &Loaded, fault: Option<&(&'static str, String)>) {
    match fault {
        None => {
            document.text(Cell::new("VERIFIED", Tone::Good));
        }
        Some((id, message)) => {
            document.text(Cell::new(format!("NOT VERIFIED by {id}"), Tone::Bad)).text(message.as_str());
            let hint = loaded.opened.trace.entry(id).and_then(|entry| entry.hint().map(str::to_owned));
            document.hint(hint);
        }
    }
}

fn fields(payload: &Payload, opened: &Opened, counts: &Counts) -> Vec<(&'static str, Cell)> {
    let list = |counts: &BTreeMap<String, usize>| {
        counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    };
    let due = opened.trace.entry("metadata/next-update").is_some_and(|entry| entry.finding.reason.is_some());
    let next = payload.next_update.to_string();
    let next =
        if due { Cell::new(format!("{next}: due, statuses can have changed since"), Tone::Doubt) } else { next.into() };
    let mut fields: Vec<(&'static str, Cell)> = vec![
        ("number", payload.no.into()),
        ("next update", next),
        ("entries", format!("{}: {}", payload.len(), list(&counts.families)).into()),
    ];
    if let Some(root) = &opened.root {
        let whose = if root.stand_in { " (a laboratory's)" } else { "" };
        fields.push(("root", format!("{}{whose}", root.subject).into()));
    }
    for signer in &opened.signers {
        let text = format!("{}, valid to {}: {}", signer.subject, signer.not_after, signer.revocation);
        fields.push(("signed by", text.into()));
    }
    fields.push(("legal header", payload.legal_header.as_deref().unwrap_or("none").into()));
    fields
}
