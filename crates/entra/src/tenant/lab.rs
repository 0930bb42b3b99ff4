//! `lab.json`: what Graph does not say.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::candidate::InAppAttestation;
use crate::graph::{Graph, Misfit, Object, describe};
use crate::switches::{self, Switches};
use lab_protocol::nearest::nearest;

/// Entra's rpId (`webauthn-interop` @2d23b603, read 2026-11-20).
pub const RP_ID: &str = "login.microsoft.com";
/// The origins that `/.well-known/webauthn` of Entra's rpId adds (slides of Black Hat USA 2026).
pub const RELATED_ORIGINS: [&str; 2] = ["https://login.microsoftonline.com", "https://login.live.com"];

const KEYS: &[&str] =
    &["comment", "rpId", "origins", "relatedOrigins", "tenantId", "inAppAttestation", "clock", "switches"];

/// The lab's settings for one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabSettings {
    /// The relying party id; `login.microsoft.com` unless given.
    pub rp_id: String,
    /// Where ceremonies take place; `https://` and the rpId unless given.
    pub origins: Vec<String>,
    /// Further origins of the same relying party.
    pub related_origins: Vec<String>,
    /// The tenant's GUID, which user handles carry.
    pub tenant_id: Option<String>,
    /// What Microsoft's services say about registrations inside the Authenticator app.
    pub in_app_attestation: InAppAttestation,
    /// The time at which ceremonies take place.
    pub clock: Option<Timestamp>,
    /// The readings of what Microsoft leaves open.
    pub switches: Switches,
    /// The object as it was given.
    pub given: Option<Map<String, Value>>,
}

impl Default for LabSettings {
    fn default() -> Self {
        Self {
            rp_id: RP_ID.to_owned(),
            origins: vec![format!("https://{RP_ID}")],
            related_origins: RELATED_ORIGINS.map(str::to_owned).to_vec(),
            tenant_id: None,
            in_app_attestation: InAppAttestation::Passed,
            clock: None,
            switches: Switches::default(),
            given: None,
        }
    }
}

impl LabSettings {
    /// Reads `lab.json`. Unlike Graph's objects, it takes no key that the lab does not know.
    pub(super) fn read(value: Value) -> Result<Self, Misfit> {
        let given = value.as_object().cloned();
        let mut object = Object::of(value, "an object of lab settings")?;
        let rp_id = object.optional::<String>("rpId")?;
        let own_rp_id = rp_id.as_deref().is_some_and(|rp_id| rp_id != RP_ID);
        let rp_id = rp_id.unwrap_or_else(|| RP_ID.to_owned());
        let related = if own_rp_id { Vec::new() } else { RELATED_ORIGINS.map(str::to_owned).to_vec() };
        let settings = Self {
            origins: object.optional("origins")?.unwrap_or_else(|| vec![format!("https://{rp_id}")]),
            related_origins: object.optional("relatedOrigins")?.unwrap_or(related),
            tenant_id: object.optional::<Guid>("tenantId")?.map(|guid| guid.0),
            in_app_attestation: object.optional("inAppAttestation")?.unwrap_or(InAppAttestation::Passed),
            clock: object.optional::<Clock>("clock")?.map(|clock| clock.0),
            switches: object.optional("switches")?.unwrap_or_default(),
            rp_id,
            given,
        };
        nothing_else(object.rest(), KEYS)?;
        Ok(settings)
    }
}

/// Refuses keys that are not `known`; a known one that is left is a null or a comment.
fn nothing_else(rest: Map<String, Value>, known: &[&str]) -> Result<(), Misfit> {
    rest.keys().find(|key| !known.contains(&key.as_str())).map_or(Ok(()), |key| Err(unknown_key(key, known)))
}

fn unknown_key(key: &str, known: &[&str]) -> Misfit {
    let expected = match nearest(key, known.iter().copied()) {
        Some(name) => format!("a key that the lab knows, such as “{name}”"),
        None => format!("one of the keys {}", known.join(", ")),
    };
    Misfit::found(expected, format!("the unknown key “{}”", key.escape_debug())).within(key)
}

impl Graph for Switches {
    fn read(value: Value) -> Result<Self, Misfit> {
        let Value::Object(map) = value else { return Err(Misfit::new("an object of switches", &value)) };
        map.into_iter().try_fold(Self::default(), |all, (name, value)| {
            let known: Vec<_> = switches::switches().iter().map(|switch| switch.name).collect();
            let switch = switches::find(&name).ok_or_else(|| unknown_key(&name, &known))?;
            match value.as_str() {
                Some(text) if text == switch.other => Ok(all.with_other(switch)),
                Some(text) if text == switch.default => Ok(all),
                _ => {
                    let expected = format!("“{}” or “{}”", switch.default, switch.other);
                    Err(Misfit::new(expected, &value).within(name))
                }
            }
        })
    }

    fn write(&self) -> Value {
        self.departures()
            .map(|switch| (switch.name.to_owned(), Value::from(switch.other)))
            .collect::<Map<_, _>>()
            .into()
    }
}

impl Graph for InAppAttestation {
    fn read(value: Value) -> Result<Self, Misfit> {
        match value.as_str() {
            Some("passed") => Ok(Self::Passed),
            Some("failed") => Ok(Self::Failed),
            Some("unavailable") => Ok(Self::Unavailable),
            _ => Err(Misfit::new("“passed”, “failed” or “unavailable”", &value)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Passed => "passed".into(),
            Self::Failed => "failed".into(),
            Self::Unavailable => "unavailable".into(),
        }
    }
}

struct Guid(String);

impl Graph for Guid {
    fn read(value: Value) -> Result<Self, Misfit> {
        let text = value.as_str().filter(|text| text.parse::<lab_protocol::Aaguid>().is_ok());
        text.map(|text| Self(text.to_lowercase())).ok_or_else(|| Misfit::new("a GUID", &value))
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}

struct Clock(Timestamp);

impl Graph for Clock {
    fn read(value: Value) -> Result<Self, Misfit> {
        let time = value.as_str().and_then(|text| text.parse().ok());
        time.map(Self).ok_or_else(|| Misfit::found("a time such as 2026-11-20T09:00:00Z", describe(&value)))
    }

    fn write(&self) -> Value {
        self.0.to_string().into()
    }
}
