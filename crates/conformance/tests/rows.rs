//! The catalogue against the rows of spec.md §7.4, which it is made from.

// Helpers of tests are tests too, which the lint does not see.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::Path;

use lab_conformance::find;

/// The cases of rows that are written as a family.
const FAMILIES: [(&str, &[&str]); 6] = [
    ("au.ga.pin-*", &["zero-len", "bad-protocol", "no-pin", "ok", "bad", "missing"]),
    ("au.ga.perm-*", &["missing", "rp-mismatch", "once"]),
    ("au.pin.missing-*", &["sub", "key-agreement", "set", "change", "token", "token-permissions", "uv-token"]),
    ("au.pin.types-*", &[""]),
    ("au.ext.hmac-missing-*", &["key", "salt", "auth"]),
    ("au.bio.*", &["modality", "sensor", "enroll", "cancel", "names", "remove", "full", "timeout"]),
];

/// Ends of ids that the rows write in another way than the cases.
const SPELT: [(&str, &str); 3] = [
    ("au.lb.set-16", "au.lb.set-length-16"),
    ("au.ext.blob-max+1", "au.ext.blob-max-1"),
    ("au.pin.types-", "au.pin.types"),
];

/// Rows that are no case, and why.
const NO_CASE: [(&str, &str); 0] = [];

/// The first cells of §7.4; `None` where the text is not beside the workspace.
fn cells() -> Option<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/spec.md");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    };
    let (_, from) = text.split_once("### 7.4").unwrap();
    let (section, _) = from.split_once("\n### ").unwrap();
    let first =
        |line: &str| line.strip_prefix("| au.").map(|rest| format!("au.{}", rest.split('|').next().unwrap().trim()));
    Some(section.lines().filter_map(first).collect())
}

/// The ids that a cell names, each as the spellings that it may have.
fn ids(cell: &str) -> Vec<Vec<String>> {
    if let Some((_, ends)) = FAMILIES.iter().find(|(family, _)| *family == cell) {
        return ends.iter().map(|end| vec![cell.replace('*', end)]).collect();
    }
    if let Some((begin, ends)) = cell.split_once('{') {
        return braces(ends.trim_end_matches('}')).iter().map(|end| vec![format!("{begin}{end}")]).collect();
    }
    let mut alternatives = cell.split(" / ").map(|part| part.split(' ').next().unwrap());
    let first = alternatives.next().unwrap();
    std::iter::once(vec![first.to_owned()]).chain(alternatives.map(|end| endings(first, end))).collect()
}

/// `cdh,rp` and `1..0x0B`.
fn braces(text: &str) -> Vec<String> {
    match text.split_once("..0x") {
        Some((from, to)) => {
            let range = from.parse().unwrap()..=u32::from_str_radix(to, 16).unwrap();
            range.map(|number| number.to_string()).collect()
        }
        None => text.split(',').map(str::to_owned).collect(),
    }
}

/// What an end after a slash stands for: it takes the place of one or more words of the first id.
fn endings(first: &str, end: &str) -> Vec<String> {
    if end.starts_with("au.") {
        return vec![end.to_owned()];
    }
    let end = end.trim_start_matches('-');
    let cuts = first.match_indices(['-', '.']).map(|(at, _)| at).filter(|at| *at > 2);
    cuts.map(|at| format!("{}{end}", &first[..=at])).collect()
}

fn is_case(id: &str) -> bool {
    let spelt = SPELT.iter().find(|(row, _)| *row == id).map_or(id, |(_, case)| case);
    find(spelt).is_some()
}

#[test]
fn every_row_is_a_case() {
    let Some(cells) = cells() else { return };
    assert!(cells.len() > 250, "{} rows", cells.len());
    for (cell, _) in FAMILIES.iter().map(|(family, _)| (*family, "")).chain(NO_CASE) {
        assert!(cells.iter().any(|found| found == cell), "{cell} is no row");
    }
    let told: Vec<_> = cells.iter().filter(|cell| !NO_CASE.iter().any(|(row, _)| row == cell)).collect();
    let missing: Vec<_> =
        told.iter().flat_map(|cell| ids(cell)).filter(|ids| !ids.iter().any(|id| is_case(id))).collect();
    assert!(missing.is_empty(), "rows without a case: {missing:?}");
}

#[test]
fn rows_are_read_as_they_are_meant() {
    assert_eq!(ids("au.mc.missing-{cdh,rp}"), [["au.mc.missing-cdh"], ["au.mc.missing-rp"]]);
    assert_eq!(ids("au.mc.type-{1..0x0B}").len(), 11);
    assert_eq!(ids("au.pin.set-63 / 64 bytes"), [vec!["au.pin.set-63"], vec!["au.pin.64", "au.pin.set-64"]]);
    assert_eq!(ids("au.cm.delete / delete-unknown")[1], ["au.cm.delete-unknown"]);
    assert_eq!(ids("au.ga.perm-*").len(), 3);
}
