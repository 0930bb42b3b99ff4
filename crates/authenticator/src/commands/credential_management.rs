//! authenticatorCredentialManagement (`ctap-2.2 §6.8`), and its preview under 0x41, which has fewer answers.

mod enumerate;

use jiff::Timestamp;
use lab_protocol::ctap2::credential_management::{Params, Request, Response, SubCommand};
use lab_protocol::ctap2::{Command, Descriptor, Permissions, StatusCode, UserEntity};

use super::{Next, Outcome};
use crate::authorize::{Claim, RpRule};
use crate::engine::Authenticator;
use crate::store::{Credential, MAX_CREDENTIALS, Store};

pub(crate) use enumerate::Enumeration;

/// Reading needs `cm`, or the persistent token.
const READ: Permissions =
    Permissions(Permissions::CREDENTIAL_MANAGEMENT.0 | Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY.0);
/// Writing needs `cm`.
const WRITE: Permissions = Permissions::CREDENTIAL_MANAGEMENT;

/// A request under way.
struct Call {
    request: Request,
    preview: bool,
}

pub(super) fn start(
    authenticator: &mut Authenticator,
    command: Command,
    parameters: &[u8],
    enumeration: Option<Enumeration>,
    now: Timestamp,
) -> Outcome {
    let preview = command == Command::CREDENTIAL_MANAGEMENT_PREVIEW;
    if !authenticator.has(if preview { "credentialMgmtPreview" } else { "credMgmt" }) {
        return Err(StatusCode::INVALID_COMMAND);
    }
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    let call = Call { request, preview };
    let response = match call.request.sub_command {
        SubCommand::GET_CREDS_METADATA => call.metadata(authenticator, now),
        SubCommand::ENUMERATE_RPS_BEGIN => call.rps_begin(authenticator, now),
        SubCommand::ENUMERATE_RPS_GET_NEXT_RP => call.rps_next(authenticator, enumeration),
        SubCommand::ENUMERATE_CREDENTIALS_BEGIN => call.credentials_begin(authenticator, now),
        SubCommand::ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL => call.credentials_next(authenticator, enumeration),
        SubCommand::DELETE_CREDENTIAL => call.delete(authenticator, now),
        SubCommand::UPDATE_USER_INFORMATION if !preview => call.update(authenticator, now),
        _ => Err(StatusCode::INVALID_SUBCOMMAND),
    }?;
    Ok(Next::Reply(response.encode()))
}

impl Call {
    /// A parameter of the subcommand; those of an unauthorised request are not looked at.
    fn parameter<T>(&self, read: impl FnOnce(&Params) -> Option<T>) -> Result<T, StatusCode> {
        if self.request.pin_uv_auth_param.is_none() {
            return Err(StatusCode::PUAT_REQUIRED);
        }
        self.request.sub_command_params.as_deref().and_then(read).ok_or(StatusCode::MISSING_PARAMETER)
    }

    fn authorize(
        &self,
        authenticator: &mut Authenticator,
        permissions: Permissions,
        rp: RpRule<'_>,
        now: Timestamp,
    ) -> Result<(), StatusCode> {
        let sub_command = u8::try_from(self.request.sub_command.0).unwrap_or_default();
        let params = self.request.sub_command_params.as_ref().map_or(&[][..], |params| params.as_bytes());
        let claim = Claim {
            protocol: self.request.pin_uv_auth_protocol,
            param: self.request.pin_uv_auth_param.as_deref(),
            message: &[&[sub_command], params].concat(),
            permissions,
            rp,
        };
        authenticator.authorize(&claim, now)
    }

    fn metadata(&self, authenticator: &mut Authenticator, now: Timestamp) -> Result<Response, StatusCode> {
        self.authorize(authenticator, READ, RpRule::Unbound, now)?;
        let used = authenticator.home.read(Store::slots_used);
        let slots = authenticator.model.passkeys.slots.as_ref().and_then(|slots| usize::try_from(slots.value).ok());
        let left = slots.unwrap_or(MAX_CREDENTIALS).saturating_sub(used);
        Ok(Response {
            existing_resident_credentials_count: i64::try_from(used).ok(),
            max_possible_remaining_resident_credentials_count: i64::try_from(left).ok(),
            ..Response::default()
        })
    }

    fn delete(&self, authenticator: &mut Authenticator, now: Timestamp) -> Result<Response, StatusCode> {
        let named = self.parameter(|params| params.credential_id.clone())?;
        let credential = self.own(authenticator, &named, now)?;
        authenticator.home.with(|store| store.remove(&credential.id));
        authenticator.renew_cred_store_state();
        Ok(Response::default())
    }

    fn update(&self, authenticator: &mut Authenticator, now: Timestamp) -> Result<Response, StatusCode> {
        let named = self.parameter(|params| params.credential_id.clone())?;
        let user: UserEntity = self.parameter(|params| params.user.clone())?;
        let credential = self.own(authenticator, &named, now)?;
        if user.id != credential.user.id {
            return Err(StatusCode::INVALID_PARAMETER);
        }
        authenticator.home.with(|store| store.set_user(&credential.id, user));
        authenticator.renew_cred_store_state();
        Ok(Response::default())
    }

    /// The discoverable credential that is to be changed, if the platform may.
    fn own(
        &self,
        authenticator: &mut Authenticator,
        named: &Descriptor,
        now: Timestamp,
    ) -> Result<Credential, StatusCode> {
        let found = authenticator.home.read(|store| store.get(&named.id).cloned());
        let found = found.filter(|credential| credential.discoverable);
        let rule = found.as_ref().map_or(RpRule::Any, |credential| RpRule::UnboundOr(&credential.rp_id_hash));
        self.authorize(authenticator, WRITE, rule, now)?;
        found.ok_or(StatusCode::NO_CREDENTIALS)
    }
}
