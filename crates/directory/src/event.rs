//! The events of a lab, in the order in which they happened.

use jiff::Timestamp;
use lab_entra::tenant::Resource;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{RegisteredPasskey, TemporaryAccessPass, Use};

/// An event as the log has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its number; they rise, and are never used twice.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Who did something, and by which door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// Where the request came in.
    pub door: Door,
    /// The user or application, where the door knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The request's id, by which logs and answers are matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Where a request comes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Door {
    /// The program itself: a tenant read at its start.
    #[default]
    Lab,
    /// A page for people.
    Pages,
    /// Microsoft Graph's interface.
    Graph,
    /// The lab's own interface.
    Api,
    /// The FIDO conformance server interface.
    Conformance,
}

/// What happened. As JSON, `event` names the kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// A whole tenant took the place of what was there: policies, users, groups, and the passkeys of its
    /// `passkeys.json`. Passkeys that were registered here stay with the users that stay.
    TenantImported {
        /// The tenant as one JSON object.
        tenant: Value,
    },
    /// A policy, or the lab's settings.
    PolicyChanged {
        /// Which.
        #[serde(with = "resource")]
        resource: Resource,
        /// As it was; `None`: it was not there.
        before: Option<Value>,
        /// As it is; `None`: it is gone.
        after: Option<Value>,
    },
    /// A user was made, changed or deleted. With a deleted user go passkeys and passes.
    UserChanged {
        /// The object id.
        id: String,
        /// As it was; `None`: it was not there.
        before: Option<Value>,
        /// As it is; `None`: it is gone.
        after: Option<Value>,
    },
    /// A group was made, changed or deleted.
    GroupChanged {
        /// The object id.
        id: String,
        /// As it was; `None`: it was not there.
        before: Option<Value>,
        /// As it is; `None`: it is gone.
        after: Option<Value>,
    },
    /// Somebody asked for creation options.
    OptionsIssued {
        /// For which user.
        user: String,
    },
    /// A passkey was registered.
    Registered(Box<RegisteredPasskey>),
    /// A passkey signed in.
    SignedIn {
        /// Whose.
        user: String,
        /// The id of the passkey.
        passkey: String,
        /// What the sign-in leaves behind.
        #[serde(rename = "use")]
        used: Use,
    },
    /// A registration or sign-in did not come about.
    Refused {
        /// Which of the two.
        ceremony: lab_protocol::webauthn::Ceremony,
        /// `refused` or `unknown`.
        verdict: lab_entra::Verdict,
        /// Whose, where that is known.
        user: Option<String>,
        /// The id of the passkey, where that is known.
        passkey: Option<String>,
        /// The check or rule that decided.
        decided_by: Option<String>,
        /// The sentence for an administrator.
        message: String,
    },
    /// A passkey has another name.
    PasskeyRenamed {
        /// Whose.
        user: String,
        /// The id of the passkey.
        passkey: String,
        /// Its name before.
        before: Option<String>,
        /// Its name now.
        after: String,
    },
    /// A passkey was deleted.
    PasskeyDeleted {
        /// Whose.
        user: String,
        /// The id of the passkey.
        passkey: String,
        /// Its name.
        display_name: Option<String>,
        /// Its model.
        aa_guid: Option<String>,
    },
    /// A Temporary Access Pass took the place of the user's last one.
    PassIssued {
        /// Whose.
        user: String,
        /// The pass, without its secret.
        pass: TemporaryAccessPass,
    },
    /// A Temporary Access Pass was deleted.
    PassDeleted {
        /// Whose.
        user: String,
        /// The id of the pass.
        pass: String,
    },
}

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the variant of `Event` with its name")]
pub enum Kind {
    TenantImported,
    PolicyChanged,
    UserChanged,
    GroupChanged,
    OptionsIssued,
    Registered,
    SignedIn,
    Refused,
    PasskeyRenamed,
    PasskeyDeleted,
    PassIssued,
    PassDeleted,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::TenantImported,
        Self::PolicyChanged,
        Self::UserChanged,
        Self::GroupChanged,
        Self::OptionsIssued,
        Self::Registered,
        Self::SignedIn,
        Self::Refused,
        Self::PasskeyRenamed,
        Self::PasskeyDeleted,
        Self::PassIssued,
        Self::PassDeleted,
    ];
    /// What a tenant is made of.
    pub const TENANT: [Self; 4] = [Self::TenantImported, Self::PolicyChanged, Self::UserChanged, Self::GroupChanged];
    /// What came of ceremonies.
    pub const CEREMONIES: [Self; 3] = [Self::Registered, Self::SignedIn, Self::Refused];
    /// What is forgotten once there are enough newer ones: everything that follows from it is kept elsewhere.
    pub const PASSING: [Self; 3] = [Self::SignedIn, Self::Refused, Self::OptionsIssued];

    /// The name that `event` has as JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TenantImported => "tenantImported",
            Self::PolicyChanged => "policyChanged",
            Self::UserChanged => "userChanged",
            Self::GroupChanged => "groupChanged",
            Self::OptionsIssued => "optionsIssued",
            Self::Registered => "registered",
            Self::SignedIn => "signedIn",
            Self::Refused => "refused",
            Self::PasskeyRenamed => "passkeyRenamed",
            Self::PasskeyDeleted => "passkeyDeleted",
            Self::PassIssued => "passIssued",
            Self::PassDeleted => "passDeleted",
        }
    }
}

impl Event {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::TenantImported { .. } => Kind::TenantImported,
            Self::PolicyChanged { .. } => Kind::PolicyChanged,
            Self::UserChanged { .. } => Kind::UserChanged,
            Self::GroupChanged { .. } => Kind::GroupChanged,
            Self::OptionsIssued { .. } => Kind::OptionsIssued,
            Self::Registered(_) => Kind::Registered,
            Self::SignedIn { .. } => Kind::SignedIn,
            Self::Refused { .. } => Kind::Refused,
            Self::PasskeyRenamed { .. } => Kind::PasskeyRenamed,
            Self::PasskeyDeleted { .. } => Kind::PasskeyDeleted,
            Self::PassIssued { .. } => Kind::PassIssued,
            Self::PassDeleted { .. } => Kind::PassDeleted,
        }
    }

    /// The object id of the user that it is about.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::UserChanged { id, .. } => Some(id),
            Self::Registered(passkey) => Some(&passkey.user),
            Self::Refused { user, .. } => user.as_deref(),
            Self::OptionsIssued { user }
            | Self::SignedIn { user, .. }
            | Self::PasskeyRenamed { user, .. }
            | Self::PasskeyDeleted { user, .. }
            | Self::PassIssued { user, .. }
            | Self::PassDeleted { user, .. } => Some(user),
            Self::TenantImported { .. } | Self::PolicyChanged { .. } | Self::GroupChanged { .. } => None,
        }
    }
}

/// A resource by its key, such as `fido2`.
mod resource {
    use lab_entra::tenant::Resource;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(resource: &Resource, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(resource.key())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Resource, D::Error> {
        let key = String::deserialize(deserializer)?;
        Resource::named(&key).ok_or_else(|| D::Error::custom(format!("expected a resource's key, found “{key}”")))
    }
}
