//! A lie that was asked for: a page and, where it needs one, the other model.

use std::fmt;
use std::sync::Arc;

use lab_authenticator::Model;
use lab_authenticator::models::{self, UnknownModel};
use lab_protocol::nearest::nearest;

use crate::page::{Make, Page};
use crate::tampers::Tampers;
use crate::{BoxedTamper, all};

/// A lie, ready to be told.
#[derive(Debug, Clone)]
pub struct Lie {
    page: &'static Page,
    subject: Subject,
}

#[derive(Debug, Clone)]
enum Subject {
    Plain(fn() -> BoxedTamper),
    Of(fn(&Model) -> BoxedTamper, Arc<Model>),
}

/// Why a text names no lie.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LieError {
    /// No lie has this name.
    #[error("there is no lie “{found}”{}", .nearest.map_or_else(|| format!(": known are {}", usages()), |name| format!(" (did you mean “{name}”?)")))]
    Unknown {
        /// The name that was asked for, shortened.
        found: String,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The lie needs an argument.
    #[error("the lie “{name}” needs a model behind a colon, such as {name}:icloud-keychain")]
    NoArgument {
        /// The lie.
        name: &'static str,
    },
    /// The lie takes no argument.
    #[error("the lie “{name}” takes no argument, found “{found}”")]
    NeedlessArgument {
        /// The lie.
        name: &'static str,
        /// What stands behind the colon, shortened.
        found: String,
    },
    /// The model of the argument does not exist.
    #[error("the lie “{name}” needs another model, and {error}")]
    UnknownModel {
        /// The lie.
        name: &'static str,
        /// What is wrong with the model.
        error: UnknownModel,
    },
}

/// Reads a lie, such as `be-hidden` or `aaguid-of:icloud-keychain`, with the built-in models.
///
/// # Errors
/// An unknown name, a missing or needless argument, an unknown model.
pub fn parse(text: &str) -> Result<Lie, LieError> {
    parse_among(text, models::built_in())
}

/// Reads a lie, with these models.
///
/// # Errors
/// As [`parse`].
pub fn parse_among(text: &str, models: &[Arc<Model>]) -> Result<Lie, LieError> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    let unknown =
        || LieError::Unknown { found: shortened(name), nearest: nearest(name, all().iter().map(|page| page.name)) };
    let page = *all().iter().find(|page| page.name == name).ok_or_else(unknown)?;
    let name = page.name;
    let subject = match (page.make, argument) {
        (Make::Plain(make), None) => Subject::Plain(make),
        (Make::Plain(_), Some(found)) => return Err(LieError::NeedlessArgument { name, found: shortened(found) }),
        (Make::Of(_), None | Some("")) => return Err(LieError::NoArgument { name }),
        (Make::Of(make), Some(id)) => {
            let model = models::find_in(models, id).map_err(|error| LieError::UnknownModel { name, error })?;
            Subject::Of(make, Arc::clone(model))
        }
    };
    Ok(Lie { page, subject })
}

/// A fresh tamper that tells every one of these lies, in this order.
#[must_use]
pub fn tamper(lies: &[Lie]) -> BoxedTamper {
    match lies {
        [only] => only.tamper(),
        several => Box::new(Tampers(several.iter().map(Lie::tamper).collect())),
    }
}

impl Lie {
    /// Its manual page.
    #[must_use]
    pub const fn page(&self) -> &'static Page {
        self.page
    }

    /// A fresh tamper that tells it.
    #[must_use]
    pub fn tamper(&self) -> BoxedTamper {
        match &self.subject {
            Subject::Plain(make) => make(),
            Subject::Of(make, model) => make(model),
        }
    }

    /// The model that the authenticator is to be built from: with the misbehaviours that the lie needs.
    #[must_use]
    pub fn adjust(&self, model: Arc<Model>) -> Arc<Model> {
        let missing = self.page.quirks.iter().filter(|quirk| !model.has_quirk(**quirk));
        let missing: Vec<_> = missing.copied().collect();
        if missing.is_empty() {
            return model;
        }
        let source = format!("the lie {self}");
        let model = Arc::unwrap_or_clone(model);
        Arc::new(missing.into_iter().fold(model, |model, quirk| model.with_quirk(quirk, &source)))
    }
}

impl fmt::Display for Lie {
    /// As it is read: `aaguid-of:icloud-keychain`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.page.name)?;
        match &self.subject {
            Subject::Plain(_) => Ok(()),
            Subject::Of(_, model) => write!(f, ":{}", model.id),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

fn usages() -> String {
    all().iter().map(|page| page.usage()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lies_are_read_and_written() {
        for text in ["be-hidden", "aaguid-of:icloud-keychain", "certificate-of:yubikey-5-nfc-5.4"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn each_misreading_has_its_sentence() {
        let error = |text| parse(text).unwrap_err();
        assert_eq!(error("be-hiden").to_string(), "there is no lie “be-hiden” (did you mean “be-hidden”?)");
        assert!(error("colour").to_string().contains("known are aaguid-of:MODEL, be-changed-at-sign-in"));
        assert_eq!(error("aaguid-of"), LieError::NoArgument { name: "aaguid-of" });
        assert_eq!(error("certificate-of:"), LieError::NoArgument { name: "certificate-of" });
        assert_eq!(
            error("be-hidden:icloud-keychain"),
            LieError::NeedlessArgument { name: "be-hidden", found: "icloud-keychain".into() }
        );
        let unknown = error("aaguid-of:icloud-keychian");
        assert!(
            matches!(&unknown, LieError::UnknownModel { error, .. } if error.nearest.as_deref() == Some("icloud-keychain"))
        );
        assert!(error(&"x".repeat(10_000)).to_string().len() < 1_000);
    }

    #[test]
    fn a_model_is_adjusted_only_where_the_lie_needs_it() {
        let model = Arc::clone(models::find("yubikey-5-nfc").unwrap());
        let same = parse("be-hidden").unwrap().adjust(Arc::clone(&model));
        assert!(Arc::ptr_eq(&same, &model));
        let claimed = parse("uv-claimed").unwrap();
        let adjusted = claimed.adjust(model);
        assert!(
            claimed.page().quirks.iter().all(|quirk| adjusted.has_quirk(*quirk)) && !claimed.page().quirks.is_empty()
        );
        assert!(Arc::ptr_eq(&claimed.adjust(Arc::clone(&adjusted)), &adjusted));
    }
}
