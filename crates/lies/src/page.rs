//! The manual page of a lie.

use lab_authenticator::{Model, Quirk};

use crate::BoxedTamper;

/// What a lie is, who would tell it, and who notices.
#[derive(Debug)]
pub struct Page {
    /// The name on the command line, without argument.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub does: &'static str,
    /// Who would do it: an attacker, or a bug that was seen.
    pub who: &'static str,
    /// Where it reaches in.
    pub seams: &'static [Seam],
    /// The checks that refuse it, each with its condition. Empty where no response can give it away.
    pub caught_by: &'static [Caught],
    /// What is left where those conditions do not hold, and which setting helps.
    pub otherwise: &'static str,
    /// Where it is described or was seen.
    pub source: &'static str,
    /// Misbehaviours that the model needs for it.
    pub quirks: &'static [Quirk],
    /// How a tamper that does it is made.
    pub(crate) make: Make,
}

/// A check that refuses a lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caught {
    /// The check's id.
    pub check: &'static str,
    /// When it does.
    pub when: &'static str,
}

/// A place of tampering, as a method of [`lab_protocol::Tamper`]; or the model itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seam {
    /// The model, before the authenticator is built from it.
    Model,
    /// What the authenticator says of itself.
    GetInfo,
    /// Authenticator data, before it is signed.
    AuthenticatorData,
    /// The statement, before it is signed.
    StatementPlan,
    /// The statement, after it was signed.
    Statement,
    /// Client data, before it is hashed.
    ClientData,
}

impl Seam {
    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "the model",
            Self::GetInfo => "getInfo",
            Self::AuthenticatorData => "authenticator data before it is signed",
            Self::StatementPlan => "the statement before it is signed",
            Self::Statement => "the statement after it was signed",
            Self::ClientData => "client data",
        }
    }
}

/// How a tamper is made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Make {
    /// Of nothing.
    Plain(fn() -> BoxedTamper),
    /// Of another model.
    Of(fn(&Model) -> BoxedTamper),
}

impl Page {
    /// What stands behind the name and a colon, where the lie needs an argument: `MODEL`.
    #[must_use]
    pub const fn argument(&self) -> Option<&'static str> {
        match self.make {
            Make::Plain(_) => None,
            Make::Of(_) => Some("MODEL"),
        }
    }

    /// The name and its argument: `aaguid-of:MODEL`.
    #[must_use]
    pub fn usage(&self) -> String {
        self.argument().map_or_else(|| self.name.to_owned(), |argument| format!("{}:{argument}", self.name))
    }
}
