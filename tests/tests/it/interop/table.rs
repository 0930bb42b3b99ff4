//! `fixtures/interop.csv`: format by verifier, as README shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::divergences::Divergences;
use super::judges::Verdict;
use super::responses::Made;

/// The verifiers, in the order of the table.
const JUDGES: [&str; 4] = ["py_webauthn", "python-fido2", "@simplewebauthn/server", "webauthn-rs-core"];

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/interop.csv")
}

/// What a judge says of each format: `yes`, or the divergences by which it takes some or none.
pub fn column(judge: &str, responses: &[Made], verdicts: &[Verdict]) -> BTreeMap<String, String> {
    let known = Divergences::read();
    let mut formats: BTreeMap<&str, (usize, usize, BTreeSet<String>)> = BTreeMap::new();
    let registrations = responses.iter().zip(verdicts).filter(|(made, _)| made.ceremony == "registration");
    for (made, verdict) in registrations {
        let (accepted, all, reasons) = formats.entry(&made.format).or_default();
        *all += 1;
        *accepted += usize::from(verdict.result == "accept");
        let reason = known.find(judge, made).filter(|_| verdict.result != "accept");
        reasons.extend(reason.map(|row| row.id.clone()));
    }
    let cell = |(accepted, all, reasons): (usize, usize, BTreeSet<String>)| {
        let reasons = reasons.into_iter().collect::<Vec<_>>().join(" ");
        match accepted {
            0 => format!("no: {reasons}"),
            accepted if accepted == all => "yes".to_owned(),
            _ => format!("yes, but: {reasons}"),
        }
    };
    formats.into_iter().map(|(format, counts)| (format.to_owned(), cell(counts))).collect()
}

/// Holds a column against the file, and says what has to stand there.
pub fn hold(judge: &str, column: &BTreeMap<String, String>) {
    let found: BTreeMap<_, _> =
        rows().into_iter().filter(|row| row[1] == judge).map(|[f, _, cell]| (f, cell)).collect();
    let lines: Vec<_> = column.iter().map(|(format, cell)| format!("{format},{judge},{cell}")).collect();
    assert_eq!(&found, column, "{} has to say of {judge}:\n{}", file().display(), lines.join("\n"));
}

/// Format, verifier, cell.
fn rows() -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let row = |line: &str| {
        let mut cells = line.splitn(3, ',').map(str::to_owned);
        [cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap()]
    };
    text.lines().skip(1).map(row).collect()
}

/// The table as README has it; it is printed with the verdicts.
#[test]
fn every_format_has_a_cell_for_every_verifier_and_every_reason_is_a_divergence() {
    let (rows, known) = (rows(), Divergences::read());
    let cell = |format: &str, judge: &str| {
        let found = rows.iter().find(|row| row[0] == format && row[1] == judge);
        found.unwrap_or_else(|| panic!("{format} by {judge} is missing")).clone()[2].clone()
    };
    eprintln!("INTEROP: | format | {} |", JUDGES.join(" | "));
    for format in lab_attestation::emit::formats() {
        let cells: Vec<_> = JUDGES.iter().map(|judge| cell(format, judge)).collect();
        eprintln!("INTEROP: | {format} | {} |", cells.join(" | "));
        for (judge, cell) in JUDGES.iter().zip(&cells) {
            let reasons = cell.split_once(": ").map_or("", |(_, reasons)| reasons);
            let unknown = reasons.split_whitespace().find(|id| known.of(judge).all(|row| row.id != **id));
            assert_eq!(unknown, None, "{format} by {judge}");
        }
    }
}
