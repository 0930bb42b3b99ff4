//! The steps that makeCredential and getAssertion share (`ctap-2.2 §6.1.2, §6.2.2`).

use lab_protocol::ctap2::StatusCode;

use super::{Next, Outcome, Pending};
use crate::engine::Authenticator;
use crate::interaction::{Answer, Need, touched};
use crate::model::UvPolicy;
use crate::pin::Protocol;

/// A pinUvAuthParam whose protocol is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Param {
    pub protocol: Protocol,
    pub param: Vec<u8>,
}

/// 1: a parameter without bytes asks the user to choose an authenticator by touch.
pub(super) fn choice(authenticator: &Authenticator, param: Option<&[u8]>) -> Option<Next> {
    let asked = param.is_some_and(<[u8]>::is_empty) && authenticator.knows_pin_or_tokens();
    asked.then_some(Next::Ask(Need::Presence, Pending::Chosen))
}

/// 1, once the user has touched it: whether a PIN is set.
pub(super) fn chosen(authenticator: &Authenticator, answer: Answer) -> Outcome {
    touched(answer)?;
    Err(if authenticator.state.pin.is_some() { StatusCode::PIN_INVALID } else { StatusCode::PIN_NOT_SET })
}

impl Authenticator {
    /// 2: the protocol of a parameter.
    pub(super) fn param(&self, param: Option<&[u8]>, protocol: Option<i64>) -> Result<Option<Param>, StatusCode> {
        let Some(param) = param else { return Ok(None) };
        Ok(Some(Param { protocol: self.protocol(protocol)?, param: param.to_vec() }))
    }

    /// 5 of makeCredential, 4 of getAssertion: the option `uv`, which a parameter makes meaningless.
    pub(super) fn uv_option(&self, asked: Option<bool>, with_param: bool) -> Result<bool, StatusCode> {
        let asked = asked == Some(true) && !with_param;
        if asked && !self.has("uv") { Err(StatusCode::INVALID_OPTION) } else { Ok(asked) }
    }

    /// alwaysUv: 6 of makeCredential, 5 of getAssertion. Whether built-in user verification is wanted.
    pub(super) fn always_uv(&self, uv: bool, with_param: bool) -> Result<bool, StatusCode> {
        if !self.is_protected() {
            return Err(self.wants_token(self.option("clientPin").is_some()));
        }
        match uv || with_param || self.has("uv") {
            true => Ok(!with_param),
            false => Err(self.wants_token(self.has("clientPin"))),
        }
    }

    /// The status of a request that needs user verification and has none: the platform is to get a token,
    /// where a PIN can serve.
    pub(super) fn wants_token(&self, by_pin: bool) -> StatusCode {
        if by_pin && self.pin_serves_ceremonies() { StatusCode::PUAT_REQUIRED } else { StatusCode::OPERATION_DENIED }
    }

    /// Whether it verifies exactly when asked, as providers do that leave `ctap-2.2 §6.1.2` steps 7 and 8 out.
    pub(super) fn verifies_as_asked(&self) -> bool {
        self.model.user_verification.policy.value == UvPolicy::AsAsked
    }

    /// Presence was shown: what is left of the token in use may write large blobs, and nothing else.
    pub(super) fn spend_token(&mut self, now: jiff::Timestamp) {
        if let Some(token) = self.volatile.session.token(now) {
            token.spend();
        }
    }

    /// A parameter that nothing can have made: no PIN is set, and no sensor set up.
    pub(super) fn unprotected(&self) -> StatusCode {
        if self.option("clientPin").is_some() { StatusCode::PIN_NOT_SET } else { StatusCode::PIN_AUTH_INVALID }
    }
}
