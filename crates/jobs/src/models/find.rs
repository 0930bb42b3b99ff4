//! `models find`: the models that some words are about, best first.

use std::cmp::Reverse;
use std::sync::Arc;

use lab_authenticator::{Model, models as built_in};
use serde_json::Value;

use super::Catalogue;
use super::pages::{named_row, summary, tables};
use crate::report::{Document, Report};

/// The most words of a query that are looked at.
const MAX_WORDS: usize = 16;
/// How many models are shown where none has all words.
const ALMOST: usize = 10;

/// What a word of the query is to a word of a model.
const SAME: u32 = 8;
const START: u32 = 4;
const PART: u32 = 2;
/// The shortest part of an AAGUID that is looked for.
const MIN_HEX: usize = 4;

/// The models that have every word of `query` in name, id, vendor or AAGUID, or in the name that a list
/// gives them; where no model has all, those that have most.
#[must_use]
pub fn find(catalogue: &Catalogue, query: &str) -> Report {
    let words: Vec<String> = query.split_whitespace().take(MAX_WORDS).map(str::to_lowercase).collect();
    let mut found: Vec<(usize, u32, &Arc<Model>)> = catalogue
        .models()
        .iter()
        .map(|model| (model, text(model)))
        .map(|(model, text)| score(&words, model, &text))
        .collect();
    found.retain(|(hits, ..)| *hits > 0);
    found.sort_by_key(|(hits, score, model)| (Reverse(*hits), Reverse(*score), model.generic, model.id.clone()));
    let all = found.first().is_some_and(|(hits, ..)| *hits == words.len());
    let best = found.first().map_or(0, |(hits, ..)| *hits);
    found.retain(|(hits, ..)| *hits == best);
    let mut notes = catalogue.notes().to_vec();
    if !all {
        found.truncate(ALMOST);
        notes.push(format!(
            "no model has all of “{}”{}",
            words.join(" "),
            if found.is_empty() { "" } else { "; these come nearest" }
        ));
    }
    let models = || found.iter().map(|(_, _, model)| *model);
    let mut document = Document::new();
    let (generic, named): (Vec<&Arc<Model>>, Vec<_>) = models().partition(|model| model.generic);
    tables(&mut document, named.iter().map(|model| named_row(model)).collect(), &generic);
    let result: Vec<Value> = models().map(|model| summary(model)).collect();
    Report { command: "models-find", result: Value::Array(result), notes, document }
}

/// How many of the words a model has, and how well.
fn score<'m>(words: &[String], model: &'m Arc<Model>, text: &[String]) -> (usize, u32, &'m Arc<Model>) {
    let aaguid = model.aaguid().to_string();
    let plain = aaguid.replace('-', "");
    let of_aaguid = |word: &str| {
        let hex = word.replace('-', "");
        let part = hex.len() >= MIN_HEX && hex.chars().all(|c| c.is_ascii_hexdigit()) && plain.contains(&hex);
        if part { SAME } else { 0 }
    };
    let of_text = |word: &str| text.iter().map(|known| closeness(word, known)).max().unwrap_or(0);
    let whole = |word: &str| if model.id == word { 10 * SAME } else { 0 };
    let scores = words.iter().map(|word| of_aaguid(word).max(of_text(word)).max(whole(word)));
    let hits: Vec<u32> = scores.filter(|score| *score > 0).collect();
    (hits.len(), hits.iter().sum(), model)
}

fn closeness(word: &str, known: &str) -> u32 {
    match known.find(word) {
        Some(0) if known.len() == word.len() => SAME,
        Some(0) => START,
        Some(_) if word.len() > 2 => PART,
        _ => 0,
    }
}

/// The words of a model, in lower case.
fn text(model: &Model) -> Vec<String> {
    let listed = built_in::lists().iter().flat_map(|list| &list.rows).filter(|row| row.aaguid == model.aaguid());
    let names = listed.map(|row| row.name.as_str());
    let own = [model.name.as_str(), model.vendor.name.as_str(), model.id.as_str()];
    let all = own.into_iter().chain(names).map(str::to_lowercase);
    all.flat_map(|text| words(&text)).collect()
}

fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|word| !word.is_empty());
    split.map(str::to_owned).collect()
}
