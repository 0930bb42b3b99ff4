//! What surrounds a registration: the way it takes, and what came before it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The circumstances of a registration. The default is Security info, with nothing else said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Circumstances {
    /// The way it takes.
    pub path: RegistrationPath,
    /// How the user authenticated before it.
    pub mfa: Mfa,
    /// Windows Hello for Business on the device, where a Windows Hello passkey is registered.
    pub windows_hello: WindowsHelloContainer,
}

/// The way a registration takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationPath {
    /// The user, on the Security info page or in an interrupt of a sign-in.
    #[default]
    SecurityInfo,
    /// The user, inside the Microsoft Authenticator app.
    InApp,
    /// Graph, called by this caller.
    Graph(Caller),
}

/// Who calls Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caller {
    /// An administrator who may register methods of others.
    Administrator,
    /// The user whose passkey it is to be.
    Themself,
    /// Somebody without the role.
    Other,
}

/// How the user authenticated before registering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mfa {
    /// The caller says nothing: the rule is left to the caller.
    #[default]
    NotStated,
    /// With one factor only.
    Missing,
    /// With multifactor authentication, so long ago.
    Age(SignedDuration),
    /// With a one-time Temporary Access Pass, so long ago.
    OneTimePass(SignedDuration),
}

/// What a device already holds, when Windows Hello is to hold a passkey.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowsHelloContainer {
    /// A Windows Hello for Business credential of the same account in the same container.
    pub for_business: bool,
    /// How many platform credentials there are.
    pub platform_credentials: u32,
}
