//! The matrix as CSV: one record for each cell.

use lab_entra::Scope;

use super::result::profile_name;
use super::{Access, Cell, Outcome, Row, Step};
use crate::report::csv;

const HEADERS: [&str; 24] = [
    "model",
    "name",
    "aaguid",
    "generic",
    "vendor",
    "flow",
    "platform",
    "scope",
    "scope_label",
    "members",
    "access",
    "registration",
    "registration_decided_by",
    "registration_profile",
    "registration_failed",
    "registration_message",
    "registration_hint",
    "sign_in",
    "sign_in_decided_by",
    "sign_in_profile",
    "sign_in_failed",
    "sign_in_message",
    "sign_in_hint",
    "earlier",
];

impl Outcome<'_> {
    /// One record for each cell. `earlier` is the sign-in of a passkey that is registered already, where
    /// the policy takes no new one.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = csv::Csv::new(&HEADERS);
        for (row, scope, cell) in self.cells() {
            out.record(self.record(row, scope, cell));
        }
        out.finish()
    }

    fn record(&self, row: &Row, scope: &Scope, cell: &Cell) -> Vec<String> {
        let mut record = vec![
            row.id.clone(),
            row.name.clone(),
            row.aaguid.to_string(),
            row.generic.to_string(),
            row.vendor.clone(),
            row.flow.to_string(),
            row.platform.clone(),
            scope.id.clone(),
            scope.label.clone(),
            scope.members.len().to_string(),
            Access::of(cell).name().to_owned(),
        ];
        record.extend(self.step(Some(&cell.registration)));
        record.extend(self.step(cell.sign_in()));
        record.push(cell.earlier().map(|step| step.verdict.name().to_owned()).unwrap_or_default());
        record
    }

    fn step(&self, step: Option<&Step>) -> [String; 6] {
        let Some(step) = step else { return Default::default() };
        [
            step.verdict.name().to_owned(),
            step.decided_by.unwrap_or_default().to_owned(),
            step.profile.map(|profile| profile_name(self.tenant, profile).to_owned()).unwrap_or_default(),
            step.failed.join(" "),
            step.message.clone(),
            step.hint.clone().unwrap_or_default(),
        ]
    }
}
