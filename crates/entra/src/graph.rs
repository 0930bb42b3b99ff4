//! Microsoft Graph's types for passkeys, named and spelled as Graph does.
//!
//! Every object keeps the properties that the lab does not know, and those that are null, in `other`,
//! and every enum keeps members that it does not know: what is read is written again, value for value.
//! A property that is missing is `None`; what Graph means by that is said where it is evaluated
//! ([`crate::policy`]).
//!
//! Sources: `MicrosoftDocs/entra-docs`, Graph v1.0 and beta reference pages for
//! `fido2AuthenticationMethodConfiguration`, and the models of msgraph-sdk 1.65.0 and
//! msgraph-beta-sdk 1.66.0, read 2026-11-20.

mod collection;
mod directory;
mod enums;
mod fido2;
mod json;
mod method;

pub use collection::Collection;
pub use directory::{Group, Member, User};
pub use enums::{
    AttestationEnforcement, AttestationLevel, AuthenticationMethodState, EnforcementType, PasskeyType, PasskeyTypes,
    TargetType,
};
pub use fido2::{
    ExcludeTarget, Fido2AuthenticationMethodConfiguration, Fido2KeyRestrictions, PasskeyAuthenticationMethodTarget,
    PasskeyProfile,
};
pub use json::{Graph, GraphObject, JsonPath, Misfit, Other, Segment};
pub use method::Fido2AuthenticationMethod;

pub(crate) use json::{Object, describe};

#[cfg(test)]
mod tests;
