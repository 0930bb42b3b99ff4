//! The lines of a section of a model file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// The transcript.
    Seen,
    /// The built-in model of the same AAGUID.
    Known,
    /// Nowhere.
    Assumed,
}

impl Source {
    pub const fn source(self) -> &'static str {
        match self {
            Self::Seen => "transcript",
            Self::Known => "built-in",
            Self::Assumed => "assumed",
        }
    }

    const fn confidence(self) -> &'static str {
        match self {
            Self::Seen => "high",
            Self::Known => "low",
            Self::Assumed => "unverified",
        }
    }
}

/// A value in TOML, and where it comes from.
pub(super) type Fact = (String, Source);

/// The text of sections, and the sources that they cite.
#[derive(Default)]
pub(super) struct Sections {
    pub text: String,
    pub cited: BTreeSet<Source>,
}

impl Sections {
    pub fn section(&mut self, name: &str) {
        let _ = write!(self.text, "\n[{name}]\n");
    }

    pub fn fact(&mut self, key: &str, (value, from): Fact) {
        self.cited.insert(from);
        let (source, confidence) = (from.source(), from.confidence());
        let _ =
            writeln!(self.text, "{key} = {{ value = {value}, source = \"{source}\", confidence = \"{confidence}\" }}");
    }

    pub fn some(&mut self, key: &str, fact: Option<Fact>) {
        if let Some(fact) = fact {
            self.fact(key, fact);
        }
    }
}

/// A text; TOML's basic strings have the escapes of JSON's.
pub(super) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

pub(super) fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    array(texts.into_iter().map(|item| text(item.as_ref())))
}

pub(super) fn numbers<T: ToString>(numbers: impl IntoIterator<Item = T>) -> String {
    array(numbers.into_iter().map(|number| number.to_string()))
}

pub(super) fn pairs<T: ToString>(pairs: impl IntoIterator<Item = (String, T)>) -> String {
    let pairs: Vec<_> =
        pairs.into_iter().map(|(key, value)| format!("{} = {}", text(&key), value.to_string())).collect();
    format!("{{ {} }}", pairs.join(", "))
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}
