//! Graph's enums. A member that the lab does not know is kept as it is written.

use std::fmt;

use serde_json::Value;

use super::json::{Graph, Misfit, serde_through_graph};

/// An enum whose unknown members survive in `Unknown`, `unknownFutureValue` among them.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$member_doc])* $member,)+
            /// A member that the lab does not know, as it is written.
            Unknown(String),
        }

        impl $name {
            /// The members that the lab knows, as Graph spells them.
            pub const MEMBERS: &'static [&'static str] = &[$($text),+];

            /// The member as Graph spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$member => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            /// The text, if it is a member that the lab does not know.
            #[must_use]
            pub fn unknown(&self) -> Option<&str> {
                if let Self::Unknown(text) = self { Some(text) } else { None }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$member,)+
                    _ => Self::Unknown(text),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Graph for $name {
            fn read(value: Value) -> Result<Self, Misfit> {
                match value {
                    Value::String(text) => Ok(text.into()),
                    other => Err(Misfit::new(concat!("a text, one of:", $(" “", $text, "”"),+), &other)),
                }
            }

            fn write(&self) -> Value {
                Value::String(self.as_str().to_owned())
            }
        }

        serde_through_graph!($name);
    };
}

open_enum! {
    /// `authenticationMethodState`: whether a method is on in the tenant.
    AuthenticationMethodState {
        /// On.
        Enabled = "enabled",
        /// Off.
        Disabled = "disabled",
    }
}

open_enum! {
    /// `attestationEnforcement` of a passkey profile.
    AttestationEnforcement {
        /// No attestation is demanded.
        Disabled = "disabled",
        /// A registration needs a valid attestation.
        RegistrationOnly = "registrationOnly",
    }
}

open_enum! {
    /// `fido2RestrictionEnforcementType`: what the AAGUID list of a restriction means.
    EnforcementType {
        /// Only what is listed.
        Allow = "allow",
        /// All but what is listed.
        Block = "block",
    }
}

open_enum! {
    /// `authenticationMethodTargetType`.
    TargetType {
        /// A user; Microsoft has advised against it since December 2022.
        User = "user",
        /// A group, or everybody.
        Group = "group",
    }
}

open_enum! {
    /// `passkeyType` of a registered passkey.
    PasskeyType {
        /// It stays on its device.
        DeviceBound = "deviceBound",
        /// Its provider copies it between devices.
        Synced = "synced",
    }
}

open_enum! {
    /// `attestationLevel` of a registered passkey.
    AttestationLevel {
        /// Entra checked its attestation.
        Attested = "attested",
        /// It did not.
        NotAttested = "notAttested",
    }
}

/// `passkeyTypes` of a profile: flags, written as one text with commas, in any order, spaces allowed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PasskeyTypes {
    text: String,
}

impl PasskeyTypes {
    /// Whether passkeys that stay on their device are taken.
    #[must_use]
    pub fn device_bound(&self) -> bool {
        self.members().any(|member| member == "deviceBound")
    }

    /// Whether passkeys that are synced are taken.
    #[must_use]
    pub fn synced(&self) -> bool {
        self.members().any(|member| member == "synced")
    }

    /// The members that the lab does not know.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.members().filter(|member| !matches!(*member, "deviceBound" | "synced"))
    }

    /// The text as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn members(&self) -> impl Iterator<Item = &str> {
        self.text.split(',').map(str::trim).filter(|member| !member.is_empty())
    }
}

impl From<String> for PasskeyTypes {
    fn from(text: String) -> Self {
        Self { text }
    }
}

impl Graph for PasskeyTypes {
    fn read(value: Value) -> Result<Self, Misfit> {
        match value {
            Value::String(text) => Ok(text.into()),
            other => Err(Misfit::new("a text such as “deviceBound,synced”", &other)),
        }
    }

    fn write(&self) -> Value {
        Value::String(self.text.clone())
    }
}

serde_through_graph!(PasskeyTypes);
