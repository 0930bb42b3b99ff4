//! `models check`: the invariants that models and lists break.

use std::collections::{BTreeMap, BTreeSet};

use lab_authenticator::lists::AaguidList;
use lab_authenticator::{Model, ModelError, models as built_in};
use lab_protocol::Aaguid;
use serde_json::{Value, json};

use super::catalogue::is_list;
use super::import;
use crate::report::{Cell, Document, Report, Tone};

/// What was checked, and what is wrong.
#[derive(Debug)]
pub struct Checked {
    /// Each problem with its place.
    pub report: Report,
    /// Nothing is wrong.
    pub clean: bool,
}

/// What is found on the way.
#[derive(Default)]
struct Findings {
    problems: Vec<Value>,
    lines: Vec<String>,
    /// The file of each id.
    ids: BTreeMap<String, String>,
    /// The file and id of each AAGUID that is not another use of a model's.
    aaguids: BTreeMap<Aaguid, (String, String)>,
    seen: BTreeSet<Aaguid>,
    models: usize,
}

/// Checks users' files, each with its name: `*.csv` is a list, everything else a model; without files the
/// built-in models and lists.
#[must_use]
pub fn check(files: &[(String, String)]) -> Checked {
    let mut findings = Findings::default();
    if files.is_empty() {
        findings.built_in();
    }
    for (name, text) in files {
        if is_list(name) { findings.list(name, text) } else { findings.model_file(name, text) }
    }
    findings.report(if files.is_empty() { built_in::ids().count() + built_in::lists().len() } else { files.len() })
}

impl Findings {
    fn built_in(&mut self) {
        for model in built_in::built_in().iter().chain(built_in::generic()) {
            self.model("built in", model);
            for violation in model.check() {
                self.problem("built in", None, &format!("{}: {}", model.id, violation.key), &violation.to_string());
            }
        }
        for list in built_in::lists() {
            self.rows(list);
        }
    }

    fn model_file(&mut self, name: &str, text: &str) {
        let (model, errors) = Model::examine(name, text);
        for ModelError { place, key, kind, .. } in &errors {
            self.problem(name, Some((place.line, place.column)), key, &kind.to_string());
        }
        let Some(model) = model else { return };
        let named = built_in::by_aaguid(model.aaguid()).filter(|named| !named.generic && named.id != model.id);
        if let Some(named) = named.filter(|_| !another_use(&model)) {
            let id = &named.id;
            let message = format!(
                "the built-in model {id} has this AAGUID; inherits.same-aaguid says that this is another use of it"
            );
            self.problem(name, None, "identity.aaguid", &message);
        }
        self.model(name, &model);
    }

    /// A model whose id and AAGUID must be its own.
    fn model(&mut self, file: &str, model: &Model) {
        self.models += 1;
        self.seen.insert(model.aaguid());
        if let Some(other) = self.ids.insert(model.id.clone(), file.to_owned()) {
            self.problem(file, None, "id", &format!("{} is the id of another model too, in {other}", model.id));
        }
        let built_in_use =
            file == "built in" && built_in::by_aaguid(model.aaguid()).is_some_and(|first| first.id != model.id);
        if another_use(model) || built_in_use {
            return;
        }
        let here = (file.to_owned(), model.id.clone());
        if let Some((other, id)) = self.aaguids.insert(model.aaguid(), here) {
            let message = format!("{} is the AAGUID of {id} too, in {other}", model.aaguid());
            self.problem(file, None, "identity.aaguid", &message);
        }
    }

    fn list(&mut self, name: &str, text: &str) {
        match AaguidList::from_csv(name, text) {
            Ok(list) => {
                self.rows(&list);
                for row in &list.rows {
                    self.models += 1;
                    self.seen.insert(row.aaguid);
                }
            }
            Err(error) => {
                self.lines.push(error.to_string());
                self.problems.push(import::problem(&error));
            }
        }
    }

    fn rows(&mut self, list: &AaguidList) {
        for error in list.problems.iter().chain(&list.repeated) {
            self.lines.push(error.to_string());
            self.problems.push(import::problem(error));
        }
    }

    fn problem(&mut self, file: &str, place: Option<(usize, usize)>, key: &str, message: &str) {
        let at = place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        self.lines.push(format!("{file}{at}: {key}: {message}"));
        let mut problem = json!({"file": file, "key": key, "message": message});
        if let (Some((line, column)), Value::Object(members)) = (place, &mut problem) {
            members.insert("line".to_owned(), line.into());
            members.insert("column".to_owned(), column.into());
        }
        self.problems.push(problem);
    }

    fn report(self, files: usize) -> Checked {
        let clean = self.problems.is_empty();
        let aaguids = self.seen.len();
        let result = json!({"files": files, "models": self.models, "aaguids": aaguids, "problems": self.problems});
        let mut document = Document::new();
        let verdict = if clean { "nothing is wrong".to_owned() } else { format!("{} problems", self.lines.len()) };
        let counts = format!("{} models in {files} files, {aaguids} distinct AAGUIDs: ", self.models);
        document.text(Cell::new(counts + &verdict, if clean { Tone::Good } else { Tone::Bad }));
        self.lines.iter().for_each(|line| _ = document.text(line.as_str()));
        Checked { report: Report { command: "models-check", result, notes: Vec::new(), document }, clean }
    }
}

fn another_use(model: &Model) -> bool {
    model.inherits.as_ref().is_some_and(|inherits| inherits.same_aaguid)
}
