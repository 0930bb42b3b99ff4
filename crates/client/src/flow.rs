//! The ways in which a person meets an authenticator, and what each means for the client.

use std::fmt;
use std::str::FromStr;

/// How a person and an authenticator meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// The authenticator's own app registers, without a browser: Microsoft Authenticator.
    InApp,
    /// The browser runs where the authenticator is: built in, installed, or plugged in.
    SameDevice,
    /// The browser shows a QR code, and a phone answers over Bluetooth and the internet (hybrid).
    CrossDevice,
}

/// What an authenticator is, as far as flows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Built into the device: Windows Hello, a phone's own store.
    Platform,
    /// A security key.
    Roaming,
    /// An app that the platform lets answer: a password manager, Microsoft Authenticator.
    Provider,
}

/// What the client has to know of a model to route a ceremony to it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The model's name, for sentences.
    pub name: &'a str,
    /// What it is.
    pub kind: Kind,
    /// The flows that the model can do.
    pub flows: &'a [Flow],
    /// The transports that the model has, such as `usb` and `nfc`.
    pub transports: &'a [String],
}

/// The way to an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// The transport in use.
    pub transport: Transport,
    /// What the client calls the authenticator.
    pub attachment: Attachment,
}

/// `AuthenticatorTransport` (`webauthn-3 §5.8.4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// USB.
    Usb,
    /// NFC.
    Nfc,
    /// Bluetooth Low Energy.
    Ble,
    /// A smart card with contacts.
    SmartCard,
    /// A phone near by, over Bluetooth and the internet.
    Hybrid,
    /// The client device itself.
    Internal,
}

/// `AuthenticatorAttachment` (`webauthn-3 §5.4.5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attachment {
    /// Part of the client device.
    Platform,
    /// Apart from it.
    CrossPlatform,
}

/// A combination of flow and model that cannot happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// Only Microsoft Authenticator registers in its own app.
    #[error("{model} cannot register in-app: only Microsoft Authenticator registers with Entra ID in its own app")]
    NoApp {
        /// The model's name.
        model: String,
    },
    /// A security key is where the browser is.
    #[error(
        "{model} cannot be used cross-device: a security key is plugged into, or held to, the device that runs the browser"
    )]
    RoamingIsHere {
        /// The model's name.
        model: String,
    },
    /// Nothing answers a QR code.
    #[error("{model} cannot be used cross-device: it belongs to the device that it is on and answers no QR code")]
    NoHybrid {
        /// The model's name.
        model: String,
    },
    /// It is never where the browser is.
    #[error("{model} cannot be used on the same device: it can only be reached from another one")]
    NotHere {
        /// The model's name.
        model: String,
    },
}

impl FlowError {
    /// What to do instead.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NoApp { .. } => "Use the flow same-device, or cross-device for a phone.",
            Self::RoamingIsHere { .. } | Self::NoHybrid { .. } => "Use the flow same-device.",
            Self::NotHere { .. } => "Use the flow cross-device.",
        }
    }
}

/// A text that names no flow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is no flow: expected in-app, same-device or cross-device")]
pub struct UnknownFlow {
    /// What was found, shortened.
    pub text: String,
}

impl Flow {
    /// Every flow.
    pub const ALL: [Self; 3] = [Self::InApp, Self::SameDevice, Self::CrossDevice];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InApp => "in-app",
            Self::SameDevice => "same-device",
            Self::CrossDevice => "cross-device",
        }
    }

    /// The flow that is meant where none is named: the same device if the model can do it, else the
    /// first that it can.
    #[must_use]
    pub fn usual(facts: &Facts<'_>) -> Self {
        let can = |flow: &Self| flow.route(facts).is_ok();
        [Self::SameDevice, Self::CrossDevice, Self::InApp].into_iter().find(can).unwrap_or(Self::SameDevice)
    }

    /// The way to an authenticator in this flow.
    ///
    /// # Errors
    /// The model cannot do it, or nothing of its kind can.
    pub fn route(self, facts: &Facts<'_>) -> Result<Route, FlowError> {
        let (model, able) = (|| facts.name.to_owned(), facts.flows.contains(&self));
        match (self, facts.kind) {
            (Self::InApp, Kind::Provider) if able => Ok(Route::new(Transport::Internal)),
            (Self::InApp, _) => Err(FlowError::NoApp { model: model() }),
            (Self::CrossDevice, Kind::Roaming) => Err(FlowError::RoamingIsHere { model: model() }),
            (Self::CrossDevice, _) if able => Ok(Route::new(Transport::Hybrid)),
            (Self::CrossDevice, _) => Err(FlowError::NoHybrid { model: model() }),
            (Self::SameDevice, _) if !able => Err(FlowError::NotHere { model: model() }),
            (Self::SameDevice, Kind::Roaming) => Ok(Route::new(plugged(facts.transports))),
            (Self::SameDevice, _) => Ok(Route::new(Transport::Internal)),
        }
    }
}

/// How a security key is reached: by USB where it has that, as most people do.
fn plugged(transports: &[String]) -> Transport {
    let has = |transport: &Transport| transports.iter().any(|name| name == transport.name());
    [Transport::Usb, Transport::Nfc, Transport::Ble, Transport::SmartCard]
        .into_iter()
        .find(has)
        .unwrap_or(Transport::Usb)
}

impl Route {
    /// The way over a transport: only `internal` is a part of the client device.
    #[must_use]
    pub const fn new(transport: Transport) -> Self {
        let attachment = match transport {
            Transport::Internal => Attachment::Platform,
            _ => Attachment::CrossPlatform,
        };
        Self { transport, attachment }
    }
}

impl Transport {
    /// The name in `transports`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usb => "usb",
            Self::Nfc => "nfc",
            Self::Ble => "ble",
            Self::SmartCard => "smart-card",
            Self::Hybrid => "hybrid",
            Self::Internal => "internal",
        }
    }
}

impl Attachment {
    /// The name in `authenticatorAttachment`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::CrossPlatform => "cross-platform",
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Flow {
    type Err = UnknownFlow;

    fn from_str(text: &str) -> Result<Self, UnknownFlow> {
        let unknown = || UnknownFlow { text: text.chars().take(40).collect() };
        Self::ALL.into_iter().find(|flow| flow.name() == text).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: &[Flow] = &[Flow::SameDevice];
    const PHONE: &[Flow] = &[Flow::SameDevice, Flow::CrossDevice];

    fn facts(kind: Kind, flows: &'static [Flow]) -> Facts<'static> {
        Facts { name: "Model X", kind, flows, transports: &[] }
    }

    fn transport(flow: Flow, facts: Facts<'_>) -> Result<Transport, FlowError> {
        flow.route(&facts).map(|route| route.transport)
    }

    #[test]
    fn each_possible_combination_has_its_transport() {
        let key = facts(Kind::Roaming, SAME);
        assert_eq!(transport(Flow::SameDevice, key), Ok(Transport::Usb));
        let nfc = ["nfc".to_owned()];
        assert_eq!(transport(Flow::SameDevice, Facts { transports: &nfc, ..key }), Ok(Transport::Nfc));
        let phone = facts(Kind::Platform, PHONE);
        assert_eq!(transport(Flow::SameDevice, phone), Ok(Transport::Internal));
        assert_eq!(transport(Flow::CrossDevice, phone), Ok(Transport::Hybrid));
        let app = facts(Kind::Provider, &Flow::ALL);
        assert_eq!(transport(Flow::InApp, app), Ok(Transport::Internal));
        assert_eq!(Route::new(Transport::Internal).attachment.name(), "platform");
        assert_eq!(Route::new(Transport::Hybrid).attachment.name(), "cross-platform");
    }

    #[test]
    fn impossible_combinations_say_why_and_what_to_do() {
        let model = || "Model X".to_owned();
        for (flow, kind, flows, error) in [
            (Flow::InApp, Kind::Roaming, SAME, FlowError::NoApp { model: model() }),
            (Flow::InApp, Kind::Roaming, &Flow::ALL[..], FlowError::NoApp { model: model() }),
            (Flow::InApp, Kind::Provider, PHONE, FlowError::NoApp { model: model() }),
            (Flow::CrossDevice, Kind::Roaming, PHONE, FlowError::RoamingIsHere { model: model() }),
            (Flow::CrossDevice, Kind::Platform, SAME, FlowError::NoHybrid { model: model() }),
            (Flow::SameDevice, Kind::Provider, &[Flow::CrossDevice][..], FlowError::NotHere { model: model() }),
        ] {
            let facts = Facts { name: "Model X", kind, flows, transports: &[] };
            assert_eq!(flow.route(&facts), Err(error.clone()));
            assert!(error.to_string().starts_with("Model X cannot") && error.hint().starts_with("Use the flow"));
        }
    }

    #[test]
    fn the_usual_flow_is_one_that_the_model_can_do() {
        assert_eq!(Flow::usual(&facts(Kind::Provider, &Flow::ALL)), Flow::SameDevice);
        assert_eq!(Flow::usual(&facts(Kind::Provider, &[Flow::InApp])), Flow::InApp);
    }

    #[test]
    fn names_are_read_back() {
        for flow in Flow::ALL {
            assert_eq!(flow.name().parse(), Ok(flow));
        }
        assert_eq!("inapp".parse::<Flow>(), Err(UnknownFlow { text: "inapp".to_owned() }));
    }
}
