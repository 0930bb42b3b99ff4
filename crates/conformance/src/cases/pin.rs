//! authenticatorClientPIN: keys, PINs and attempts (`ctap-2.2 §6.5`).

use lab_client::manage;
use lab_client::pin_uv::Protocol;
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::ctap2::client_pin::{Request, SubCommand};
use lab_protocol::ctap2::config::Params;
use lab_protocol::ctap2::{Command, KeyAgreement};

use crate::bench::{Agreement, Bench, OTHER_PIN, PIN};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const HAS: &[Need] = &[Need::Option("clientPin")];
const UNSET: &[Need] = &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin")];
const SET: &[Need] = &[Need::Fresh, Need::Pin];
const FORCED: &[Need] = &[Need::Fresh, Need::Is("setMinPINLength"), Need::Pin];
const REPLUGGED: &[Need] = &[Need::Fresh, Need::Replug, Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.pin.retries-initial",
        needs: UNSET,
        sends: "getPINRetries",
        must: "8 (0x35 is seen before a PIN is set)",
        run: initial_retries,
    },
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
    Case {
        id: "au.pin.ka-shape",
        needs: HAS,
        sends: "getKeyAgreement",
        must: "kty 2, alg -25, crv 1, x and y of 32 bytes",
        run: shape,
    },
    Case {
        id: "au.pin.ka-off-curve",
        needs: UNSET,
        sends: "a platform key that is not on the curve",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement::p256([1; 32], [1; 32])),
    },
    Case {
        id: "au.pin.ka-infinity",
        needs: UNSET,
        sends: "a platform key of zeros",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement::p256([0; 32], [0; 32])),
    },
    Case {
        id: "au.pin.ka-31-byte",
        needs: UNSET,
        sends: "an x of 31 bytes",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement { x: vec![1; 31], ..KeyAgreement::p256([1; 32], [1; 32]) }),
    },
    Case {
        id: "au.pin.ka-33-byte",
        needs: UNSET,
        sends: "an x of 33 bytes",
        must: "0x02",
        run: |b| platform_key(b, KeyAgreement { x: vec![1; 33], ..KeyAgreement::p256([1; 32], [1; 32]) }),
    },
    Case {
        id: "au.pin.ka-stable",
        needs: SET,
        sends: "getKeyAgreement before and after a wrong PIN",
        must: "the same key, then another",
        run: stable,
    },
    Case {
        id: "au.pin.ka-replug",
        needs: &[Need::Replug, Need::Option("clientPin")],
        sends: "getKeyAgreement before and after a replug",
        must: "another key",
        run: replugged_key,
    },
    Case {
        id: "au.pin.set-ok",
        needs: UNSET,
        sends: "setPIN",
        must: "0x00, clientPin true",
        run: |b| {
            b.set_pin()?;
            Ok(Outcome::check(b.info.option("clientPin") == Some(true), "clientPin true", "false"))
        },
    },
    Case {
        id: "au.pin.set-twice",
        needs: SET,
        sends: "setPIN where one is set",
        must: "0x33",
        run: |b| set(b, &padded(PIN), &[0x33]),
    },
    Case {
        id: "au.pin.set-short",
        needs: UNSET,
        sends: "a PIN of three characters",
        must: "0x37",
        run: |b| set(b, &padded("123"), &[0x37]),
    },
    Case {
        id: "au.pin.set-short-utf8",
        needs: UNSET,
        sends: "a PIN of three characters and twelve bytes",
        must: "0x37",
        run: |b| set(b, &padded("🔑🔑🔑"), &[0x37]),
    },
    Case {
        id: "au.pin.set-63",
        needs: UNSET,
        sends: "a PIN of 63 bytes",
        must: "0x00",
        run: |b| set(b, &padded(&"x".repeat(63)), &[0x00]),
    },
    Case {
        id: "au.pin.set-64",
        needs: UNSET,
        sends: "a PIN of 64 bytes",
        must: "0x37",
        run: |b| set(b, &padded(&"1234567890abcdef".repeat(4)), &[0x37]),
    },
    Case {
        id: "au.pin.set-len-not-64",
        needs: UNSET,
        sends: "a PIN padded to 48 and to 80 bytes",
        must: "0x02",
        run: wrong_padding,
    },
    Case {
        id: "au.pin.set-no-zero-end",
        needs: UNSET,
        sends: "64 bytes without a zero",
        must: "0x37",
        run: |b| set(b, &[0xff; 64], &[0x37]),
    },
    Case {
        id: "au.pin.set-bad-mac",
        needs: UNSET,
        sends: "setPIN with a wrong pinUvAuthParam",
        must: "0x33",
        run: set_bad_mac,
    },
    Case { id: "au.pin.change-ok", needs: SET, sends: "changePIN", must: "0x00; the new one works", run: change_ok },
    Case {
        id: "au.pin.change-wrong",
        needs: SET,
        sends: "changePIN with a wrong PIN",
        must: "0x31, 7 attempts left",
        run: change_wrong,
    },
    Case {
        id: "au.pin.change-no-pin",
        needs: UNSET,
        sends: "changePIN where none is set",
        must: "0x35 (0x36 is seen)",
        run: change_unset,
    },
    Case {
        id: "au.pin.change-same-forced",
        needs: FORCED,
        sends: "forceChangePin, then the same PIN again",
        must: "0x37",
        run: |b| {
            force(b)?;
            let agreement = b.agree()?;
            let request = b.change_request(&agreement, PIN, PIN)?;
            b.client_pin(&request)?.is(0x37)
        },
    },
    Case { id: "au.pin.token-wrong", needs: SET, sends: "a wrong PIN", must: "0x31, 7 attempts left", run: wrong_once },
    Case {
        id: "au.pin.token-wrong-3",
        needs: REPLUGGED,
        sends: "three wrong PINs, then the right one, and changePIN",
        must: "0x31, 0x31, 0x34, 5 attempts left; 0x34 twice",
        run: wrong_thrice,
    },
    Case {
        id: "au.pin.token-replug",
        needs: REPLUGGED,
        sends: "three wrong PINs, a replug, the right one",
        must: "5 attempts left, 0x00",
        run: wrong_and_replugged,
    },
    Case {
        id: "au.pin.token-right-resets",
        needs: SET,
        sends: "a wrong PIN, then the right one",
        must: "8 attempts left",
        run: right_resets,
    },
    Case {
        id: "au.pin.blocked",
        needs: REPLUGGED,
        sends: "eight wrong PINs, then a token and changePIN by the right one",
        must: "0x32, no attempt left; 0x32 twice",
        run: blocked,
    },
    Case {
        id: "au.pin.blocked-reset",
        needs: &[Need::Fresh, Need::Resets, Need::Replug, Need::Pin],
        sends: "eight wrong PINs, then reset and setPIN",
        must: "0x00 twice, 8 attempts left",
        run: reset_after_block,
    },
    Case {
        id: "au.pin.decrement-first",
        needs: REPLUGGED,
        sends: "a wrong PIN, a replug at once",
        must: "7 attempts left",
        run: |b| {
            b.try_pin(OTHER_PIN)?;
            b.replug()?;
            let found = b.pin_retries()?;
            Ok(Outcome::check(found == 7, 7, found))
        },
    },
    Case {
        id: "au.pin.token-no-pin",
        needs: UNSET,
        sends: "a token where no PIN is set",
        must: "0x35 (0x36 is seen)",
        run: |b| b.try_pin(PIN)?.is_of(&[0x35], &[0x36, 0x33]),
    },
];

fn initial_retries(b: &mut Bench<'_>) -> Done {
    let protocol = Some(b.protocol()?.number());
    let sub_command = SubCommand::GET_PIN_RETRIES;
    let reply = b.client_pin(&Request { pin_uv_auth_protocol: protocol, sub_command, ..Default::default() })?;
    if reply.is_of(&[0x00], &[0x35])? != Outcome::Pass {
        return reply.record();
    }
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 8, 8, found))
}

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

fn shape(b: &mut Bench<'_>) -> Done {
    let protocol = b.protocol()?;
    let key = b.authenticator_key(protocol)?;
    let expected = KeyAgreement { x: key.x.clone(), y: key.y.clone(), ..KeyAgreement::p256([0; 32], [0; 32]) };
    let lengths = (key.x.len(), key.y.len());
    if lengths != (32, 32) || key != expected {
        return Err(Stop::fail("kty 2, alg -25, crv 1, 32 and 32 bytes", format!("{key:?}")));
    }
    b.agree().map(|_| Outcome::Pass)
}

fn platform_key(b: &mut Bench<'_>, key: KeyAgreement) -> Done {
    let agreement = b.agree()?;
    let request = Request { key_agreement: Some(key), ..b.set_request(&agreement, &padded(PIN)) };
    b.client_pin(&request)?.is_of(&[0x02], &[0x11, 0x12, 0x03])
}

fn stable(b: &mut Bench<'_>) -> Done {
    let protocol = b.protocol()?;
    let keys = [b.authenticator_key(protocol)?, b.authenticator_key(protocol)?];
    if keys[0] != keys[1] {
        return Err(Stop::fail("the same key", "another one"));
    }
    b.try_pin(OTHER_PIN)?.must(0x31)?;
    Ok(Outcome::check(b.authenticator_key(protocol)? != keys[0], "another key after a wrong PIN", "the same"))
}

fn replugged_key(b: &mut Bench<'_>) -> Done {
    let protocol = b.protocol()?;
    let before = b.authenticator_key(protocol)?;
    b.replug()?;
    Ok(Outcome::check(b.authenticator_key(protocol)? != before, "another key", "the same"))
}

/// A PIN as it is padded, of any length.
fn padded(text: &str) -> Vec<u8> {
    let mut padded = text.as_bytes().to_vec();
    padded.resize(64, 0);
    padded
}

fn set(b: &mut Bench<'_>, padded: &[u8], expected: &[u8]) -> Done {
    let agreement = b.agree()?;
    let request = b.set_request(&agreement, padded);
    b.client_pin(&request)?.is_of(expected, &[])
}

fn wrong_padding(b: &mut Bench<'_>) -> Done {
    for length in [48, 80] {
        let mut padded = PIN.as_bytes().to_vec();
        padded.resize(length, 0);
        let agreement = b.agree()?;
        let request = b.set_request(&agreement, &padded);
        b.client_pin(&request)?.is_of(&[0x02], &[0x37, 0x03, 0x33])?;
    }
    Ok(Outcome::Pass)
}

fn set_bad_mac(b: &mut Bench<'_>) -> Done {
    let agreement = b.agree()?;
    let mut request = b.set_request(&agreement, &padded(PIN));
    request.pin_uv_auth_param = Some(agreement.secret.authenticate(b"another message"));
    b.client_pin(&request)?.is(0x33)
}

fn change(b: &mut Bench<'_>, current: &str, new: &str) -> Result<crate::bench::Reply, Stop> {
    let agreement: Agreement = b.agree()?;
    let request = b.change_request(&agreement, current, new)?;
    b.client_pin(&request)
}

fn change_ok(b: &mut Bench<'_>) -> Done {
    for protocol in [Protocol::One, Protocol::Two] {
        let Ok(protocol) = b.with_protocol(protocol) else { continue };
        for (current, new) in [(PIN, OTHER_PIN), (OTHER_PIN, PIN)] {
            let agreement = b.agree_by(protocol)?;
            let request = b.change_request(&agreement, current, new)?;
            b.client_pin(&request)?.must(0x00)?;
        }
    }
    b.try_pin(PIN)?.is(0x00)
}

fn change_wrong(b: &mut Bench<'_>) -> Done {
    change(b, OTHER_PIN, "161803")?.must(0x31)?;
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 7, 7, found))
}

fn change_unset(b: &mut Bench<'_>) -> Done {
    change(b, OTHER_PIN, PIN)?.is_of(&[0x35], &[0x36, 0x31, 0x33])
}

/// setMinPINLength with forceChangePin.
pub(super) fn force(b: &mut Bench<'_>) -> Result<(), Stop> {
    b.drive(manage::config::set_min_pin_length(Params { force_change_pin: Some(true), ..Default::default() }))
}

fn wrong_once(b: &mut Bench<'_>) -> Done {
    b.try_pin(OTHER_PIN)?.must(0x31)?;
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 7, 7, found))
}

fn three_wrong(b: &mut Bench<'_>) -> Result<(), Stop> {
    for expected in [0x31, 0x31, 0x34] {
        b.try_pin(OTHER_PIN)?.must(expected)?;
    }
    Ok(())
}

fn wrong_thrice(b: &mut Bench<'_>) -> Done {
    three_wrong(b)?;
    let found = b.pin_retries()?;
    if found != 5 {
        return Err(Stop::fail(5, found));
    }
    b.try_pin(PIN)?.must(0x34)?;
    let outcome = change(b, PIN, OTHER_PIN)?.is(0x34);
    b.replug()?;
    outcome
}

fn wrong_and_replugged(b: &mut Bench<'_>) -> Done {
    three_wrong(b)?;
    b.replug()?;
    let found = b.pin_retries()?;
    if found != 5 {
        return Err(Stop::fail(5, found));
    }
    b.try_pin(PIN)?.is(0x00)
}

fn right_resets(b: &mut Bench<'_>) -> Done {
    b.try_pin(OTHER_PIN)?.must(0x31)?;
    b.try_pin(PIN)?.must(0x00)?;
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 8, 8, found))
}

/// Uses up the attempts; a replug comes after every third, and after the last.
fn use_up(b: &mut Bench<'_>) -> Result<(), Stop> {
    let mut last = 0x31;
    for attempt in 1..=8 {
        last = b.try_pin(OTHER_PIN)?.status.0;
        if attempt % 3 == 0 {
            b.replug()?;
        }
    }
    if last != 0x32 {
        return Err(Stop::fail("CTAP2_ERR_PIN_BLOCKED (0x32)", format!("0x{last:02x}")));
    }
    b.replug()
}

fn blocked(b: &mut Bench<'_>) -> Done {
    use_up(b)?;
    let left = b.pin_retries()?;
    if left != 0 {
        return Err(Stop::fail("no attempt left", left));
    }
    b.try_pin(PIN)?.must(0x32)?;
    change(b, PIN, OTHER_PIN)?.is(0x32)
}

fn reset_after_block(b: &mut Bench<'_>) -> Done {
    use_up(b)?;
    b.drive(manage::reset())?;
    b.drive(manage::pin::set(crate::bench::pin(OTHER_PIN)?))?;
    let left = b.pin_retries()?;
    Ok(Outcome::check(left == 8, 8, left))
}
