//! The client between a page and an authenticator: what a browser or an operating system does.
//!
//! ```text
//! options + origin ──> client data ──> CTAP2 messages ──> response JSON
//!      Context            sha256          Machine           Conveyed
//! ```
//!
//! A ceremony is a [`Machine`] without thread or clock: [`Next::Send`] asks its driver to carry one
//! CTAP2 message to an authenticator and to come back with the reply, [`Next::NeedPin`] for the PIN.
//! [`Client`] is the driver that blocks on a [`lab_protocol::Device`]. What a key's owner does with it
//! beside ceremonies ([`manage`]) are machines too.
//!
//! What it refuses, it refuses as a page would see it, with a DOM exception name, and as an
//! administrator needs it, with the cause and both values ([`ClientError`]). What an authenticator
//! says is passed on as it stands, as far as a response can be built from it at all: the relying
//! party is what the lab tests, so the client does not shield it. That is why the rpIdHash of a reply
//! is not compared here, as browsers do.

mod accounts;
mod authenticator_data;
mod authorize;
mod blocking;
mod call;
mod context;
mod create;
pub mod device_flow;
mod error;
mod extensions;
mod flow;
mod get;
mod key;
pub mod large_blobs;
mod machine;
pub mod manage;
pub mod options;
mod origin;
mod pin;
pub mod pin_uv;
pub mod platform;
mod probe;
pub mod rp_id;
mod script;
pub mod transcript;

pub use accounts::{Account, Choice, MAX_ACCOUNTS};
pub use blocking::{Client, no_pin};
pub use context::{Context, Framing};
pub use create::{Create, Registration, create};
pub use device_flow::DeviceFlow;
pub use error::{Cause, ClientError, DomName, ReplyError};
pub use extensions::prf_salt;
pub use flow::{Attachment, Facts, Flow, FlowError, Kind, Route, Transport, UnknownFlow};
pub use get::{Authentication, Get, get};
pub use machine::{Machine, Next, PinPrompt, PinReason};
pub use options::OptionsError;
pub use origin::{Origin, OriginError};
pub use pin::{Pin, PinError};
pub use platform::{Conveyed, Platform};
pub use rp_id::{RelatedOrigins, RpIdError};
pub use script::Script;
