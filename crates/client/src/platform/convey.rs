//! Applying a platform's rules to what an authenticator made.

use lab_protocol::Aaguid;
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::make_credential::Response;

use super::{AaguidFate, Conveyance, Platform, Rule, Statement, When};
use crate::authenticator_data::{attested, zero_aaguid};
use crate::flow::Transport;

/// What a platform's rules look at beside the statement itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// What the page asked for.
    pub conveyance: Conveyance,
    /// The transport in use.
    pub transport: Transport,
    /// Whether the device's management permits enterprise attestation for the RP ID.
    pub enterprise_permitted: bool,
}

/// What a platform did to an attestation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conveyed {
    /// The platform.
    pub platform: String,
    /// The rule that decided, or none: everything passed unchanged.
    pub rule: Option<Rule>,
    /// The format that the authenticator made, where another one is passed on.
    pub removed_format: Option<String>,
    /// The AAGUID that the authenticator named, where zeros are passed on.
    pub hidden_aaguid: Option<Aaguid>,
}

impl Platform {
    /// The rule that decides, where one does.
    #[must_use]
    pub fn rule(&self, circumstances: Circumstances, anonymous_self: bool) -> Option<&Rule> {
        self.conveyance.iter().find(|rule| rule.when.holds(circumstances, anonymous_self))
    }

    /// Applies the rules, and tells what was taken out.
    pub(crate) fn convey(&self, circumstances: Circumstances, made: &mut Response) -> Conveyed {
        let aaguid = attested(&made.auth_data).map(|(aaguid, _)| aaguid);
        let anonymous_self = is_self_attestation(made) && aaguid.is_some_and(|aaguid| aaguid.is_zero());
        let mut conveyed = Conveyed { platform: self.id.clone(), ..Conveyed::default() };
        let Some(rule) = self.rule(circumstances, anonymous_self) else { return conveyed };
        if rule.statement == Statement::Remove && made.fmt != "none" {
            conveyed.removed_format = Some(std::mem::replace(&mut made.fmt, "none".to_owned()));
            made.att_stmt = Some(Value::Map(Vec::new()));
        }
        if rule.aaguid == AaguidFate::Zero && aaguid.is_some_and(|aaguid| !aaguid.is_zero()) {
            zero_aaguid(&mut made.auth_data);
            conveyed.hidden_aaguid = aaguid;
        }
        conveyed.rule = Some(rule.clone());
        conveyed
    }
}

impl When {
    fn holds(&self, circumstances: Circumstances, anonymous_self: bool) -> bool {
        let Circumstances { conveyance, transport, enterprise_permitted } = circumstances;
        self.attestation.as_ref().is_none_or(|list| list.contains(&conveyance))
            && self.transports.as_ref().is_none_or(|list| list.contains(&transport))
            && self.anonymous_self.is_none_or(|wanted| wanted == anonymous_self)
            && self.enterprise_permitted.is_none_or(|wanted| wanted == enterprise_permitted)
    }
}

fn is_self_attestation(made: &Response) -> bool {
    let has_x5c = |members: &Vec<(Value, Value)>| members.iter().any(|(name, _)| name.as_text() == Some("x5c"));
    made.fmt == "packed" && made.att_stmt.as_ref().and_then(Value::as_map).is_some_and(|members| !has_x5c(members))
}
