//! Requests that cannot be read: members missing, of the wrong type, unknown.

use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::ctap2::Command;
use lab_protocol::ctap2::client_pin::{Request, SubCommand};

use super::{Done, HAS, SET, UNSET};
use crate::bench::{Bench, OTHER_PIN, PIN};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.pin.sub-unknown",
        needs: HAS,
        sends: "subcommands 0x0a and 0x7f",
        must: "0x3e (0x02 is seen)",
        run: unknown,
    },
    Case {
        id: "au.pin.missing-sub",
        needs: HAS,
        sends: "no subCommand",
        must: "0x14",
        run: |b| b.send_value(Command::CLIENT_PIN, &Value::Map(vec![(1.into(), 1.into())]))?.is(0x14),
    },
    Case {
        id: "au.pin.missing-key-agreement",
        needs: HAS,
        sends: "getKeyAgreement without protocol",
        must: "0x14",
        run: |b| without(b, SubCommand::GET_KEY_AGREEMENT, &[1]),
    },
    Case {
        id: "au.pin.missing-set",
        needs: UNSET,
        sends: "setPIN without each of its members",
        must: "0x14",
        run: |b| without(b, SubCommand::SET_PIN, &[1, 3, 4, 5]),
    },
    Case {
        id: "au.pin.missing-change",
        needs: SET,
        sends: "changePIN without each of its members",
        must: "0x14",
        run: |b| without(b, SubCommand::CHANGE_PIN, &[1, 3, 4, 5, 6]),
    },
    Case {
        id: "au.pin.missing-token",
        needs: SET,
        sends: "getPinToken without each of its members",
        must: "0x14",
        run: |b| without(b, SubCommand::GET_PIN_TOKEN, &[1, 3, 6]),
    },
    Case {
        id: "au.pin.missing-token-permissions",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "getPinUvAuthTokenUsingPinWithPermissions without each of its members",
        must: "0x14",
        run: |b| without(b, SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS, &[1, 3, 6, 9]),
    },
    Case {
        id: "au.pin.missing-uv-token",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Option("uv"), Need::Pin],
        sends: "getPinUvAuthTokenUsingUvWithPermissions without each of its members",
        must: "0x14",
        run: |b| without(b, SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS, &[1, 3, 9]),
    },
    Case { id: "au.pin.types", needs: HAS, sends: "each member as text or a number", must: "0x11", run: types },
    Case { id: "au.pin.proto-unknown", needs: HAS, sends: "protocols 0 and 3", must: "0x02", run: unknown_protocol },
];

fn unknown(b: &mut Bench<'_>) -> Done {
    let mut outcome = Outcome::Pass;
    for number in [0x0a, 0x7f] {
        let protocol = Some(b.protocol()?.number());
        let request = Request { pin_uv_auth_protocol: protocol, sub_command: SubCommand(number), ..Default::default() };
        outcome = b.client_pin(&request)?.is_of(&[0x3e], &[0x02])?;
    }
    Ok(outcome)
}

/// A request that has every member that any subcommand wants.
fn complete(b: &mut Bench<'_>, sub_command: SubCommand) -> Result<Vec<(Value, Value)>, Stop> {
    let agreement = b.agree()?;
    let request = b.change_request(&agreement, PIN, OTHER_PIN)?;
    let with_permissions = matches!(
        sub_command,
        SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS
            | SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS
    );
    let permissions = with_permissions.then_some(lab_protocol::ctap2::Permissions::CREDENTIAL_MANAGEMENT);
    let request = Request { sub_command, permissions, ..request };
    let value = cbor::decode(&request.encode(), Rules::CTAP2).map_err(|error| Stop::fail("CBOR", error))?;
    Ok(value.into_map().unwrap_or_default())
}

fn without(b: &mut Bench<'_>, sub_command: SubCommand, members: &[i64]) -> Done {
    let mut outcome = Outcome::Pass;
    for member in members {
        let kept = complete(b, sub_command)?.into_iter().filter(|(key, _)| *key != Value::from(*member)).collect();
        outcome = b.send_value(Command::CLIENT_PIN, &Value::Map(kept))?.is_of(&[0x14], &[0x02, 0x11])?;
    }
    Ok(outcome)
}

fn types(b: &mut Bench<'_>) -> Done {
    let mut outcome = Outcome::Pass;
    for (member, wrong) in
        [(1, "x".into()), (2, "x".into()), (3, "x".into()), (4, 5.into()), (5, 5.into()), (6, 5.into())]
    {
        let mut members: Vec<(Value, Value)> =
            vec![(1.into(), b.protocol()?.number().into()), (2.into(), SubCommand::CHANGE_PIN.0.into())];
        members.retain(|(key, _)| *key != Value::from(member));
        members.push((member.into(), wrong));
        outcome = b.send_value(Command::CLIENT_PIN, &Value::Map(members))?.is_of(&[0x11], &[0x12, 0x02, 0x14])?;
    }
    Ok(outcome)
}

fn unknown_protocol(b: &mut Bench<'_>) -> Done {
    for number in [0, 3] {
        let sub_command = SubCommand::GET_KEY_AGREEMENT;
        let request = Request { pin_uv_auth_protocol: Some(number), sub_command, ..Default::default() };
        b.client_pin(&request)?.must(0x02)?;
    }
    Ok(Outcome::Pass)
}
