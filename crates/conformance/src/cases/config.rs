//! authenticatorConfig (`ctap-2.2 §6.11`).

use lab_client::manage::config::{self as settings, authenticated};
use lab_client::pin_uv::Token;
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::config::{Params, Request, SubCommand};
use lab_protocol::ctap2::{Command, Encoded, Permissions};

use crate::bench::{Bench, RP, Reply};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const CONFIG: Command = Command::CONFIG;
const OPEN: &[Need] =
    &[Need::Fresh, Need::Is("authnrCfg"), Need::IsNot("uv"), Need::IsNot("alwaysUv"), Need::IsNot("clientPin")];
const GUARDED: &[Need] = &[Need::Fresh, Need::Is("authnrCfg"), Need::Pin];
const LENGTH: &[Need] = &[Need::Fresh, Need::Is("setMinPINLength"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.cfg.no-sub",
        needs: &[Need::Is("authnrCfg")],
        sends: "no subCommand",
        must: "0x14",
        run: |b| b.send_value(CONFIG, &Value::Map(vec![]))?.is(0x14),
    },
    Case {
        id: "au.cfg.unknown-sub",
        needs: OPEN,
        sends: "the subcommand 0x7e",
        must: "0x02 (0x3e is seen)",
        run: |b| plain(b, SubCommand(0x7e), None)?.is_of(&[0x02], &[0x3e]),
    },
    Case {
        id: "au.cfg.no-uv-configured",
        needs: OPEN,
        sends: "setMinPINLength where nothing protects the key",
        must: "0x00",
        run: |b| {
            if b.info.option("setMinPINLength") != Some(true) {
                return Err(Stop::not_applicable("its option setMinPINLength is not true"));
            }
            plain(b, SubCommand::SET_MIN_PIN_LENGTH, Some(Params::default()))?.is(0x00)
        },
    },
    Case {
        id: "au.cfg.no-param",
        needs: GUARDED,
        sends: "toggleAlwaysUv without pinUvAuthParam",
        must: "0x36",
        run: |b| plain(b, SubCommand::TOGGLE_ALWAYS_UV, None)?.is_of(&[0x36], &[0x02]),
    },
    Case { id: "au.cfg.bad-mac", needs: LENGTH, sends: "a wrong pinUvAuthParam", must: "0x33", run: bad_mac },
    Case {
        id: "au.cfg.no-acfg",
        needs: LENGTH,
        sends: "a token without acfg",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::MAKE_CREDENTIAL, Some(RP))?;
            with_token(b, &token, SubCommand::SET_MIN_PIN_LENGTH, Some(Params::default()))?.is(0x33)
        },
    },
    Case {
        id: "au.cfg.min-lower",
        needs: LENGTH,
        sends: "a shorter minimum",
        must: "0x37",
        run: |b| {
            length(
                b,
                Params { new_min_pin_length: Some(b.info.min_pin_length.unwrap_or(4) - 1), ..Default::default() },
            )?
            .is(0x37)
        },
    },
    Case {
        id: "au.cfg.min-raise",
        needs: LENGTH,
        sends: "a minimum beyond the PIN's length",
        must: "0x00, forcePINChange true",
        run: raise,
    },
    Case {
        id: "au.cfg.force-no-pin",
        needs: &[
            Need::IsNot("alwaysUv"),
            Need::Fresh,
            Need::Is("setMinPINLength"),
            Need::IsNot("clientPin"),
            Need::IsNot("uv"),
        ],
        sends: "forceChangePin where no PIN is set",
        must: "0x35",
        run: |b| {
            plain(
                b,
                SubCommand::SET_MIN_PIN_LENGTH,
                Some(Params { force_change_pin: Some(true), ..Default::default() }),
            )?
            .is(0x35)
        },
    },
    Case {
        id: "au.cfg.rpids-too-many",
        needs: LENGTH,
        sends: "one RP ID more than it keeps",
        must: "0x28",
        run: rp_ids,
    },
    Case {
        id: "au.cfg.always-uv-toggle",
        needs: &[Need::Fresh, Need::Is("authnrCfg"), Need::Option("alwaysUv"), Need::Pin],
        sends: "toggleAlwaysUv twice",
        must: "getInfo follows; makeCredUvNotRqd never with alwaysUv",
        run: toggle,
    },
    Case {
        id: "au.cfg.ep-enable",
        needs: &[Need::Fresh, Need::Is("authnrCfg"), Need::Option("ep"), Need::Pin],
        sends: "enableEnterpriseAttestation twice",
        must: "0x00, ep true",
        run: enterprise,
    },
    Case {
        id: "au.cfg.ep-reset",
        needs: &[Need::Fresh, Need::Is("authnrCfg"), Need::Option("ep"), Need::Resets, Need::Replug, Need::Pin],
        sends: "enableEnterpriseAttestation, a replug, reset",
        must: "ep still true, then false",
        run: enterprise_until_reset,
    },
    Case {
        id: "au.cfg.ep-unsupported",
        needs: &[Need::Fresh, Need::Is("authnrCfg"), Need::Pin],
        sends: "enableEnterpriseAttestation where it cannot",
        must: "0x02",
        run: |b| {
            if b.info.option("ep").is_some() {
                return Err(Stop::not_applicable("it can"));
            }
            guarded(b, SubCommand::ENABLE_ENTERPRISE_ATTESTATION, None)?.is_of(&[0x02], &[0x3e])
        },
    },
    Case {
        id: "au.cfg.long-touch",
        needs: GUARDED,
        sends: "enableLongTouchForReset where it cannot",
        must: "0x02",
        run: |b| {
            if b.info.long_touch_for_reset.is_some() {
                return Err(Stop::not_applicable("it can"));
            }
            guarded(b, SubCommand::ENABLE_LONG_TOUCH_FOR_RESET, None)?.is_of(&[0x02], &[0x3e])
        },
    },
];

fn plain(b: &mut Bench<'_>, sub_command: SubCommand, params: Option<Params>) -> Result<Reply, Stop> {
    let request = Request { sub_command, sub_command_params: params.map(Encoded::from), ..Default::default() };
    b.send(CONFIG, &request.encode())
}

pub(super) fn with_token(
    b: &mut Bench<'_>,
    token: &Token,
    sub_command: SubCommand,
    params: Option<Params>,
) -> Result<Reply, Stop> {
    let params = params.map(Encoded::from);
    let request = Request {
        sub_command,
        pin_uv_auth_param: Some(token.authenticate(&authenticated(sub_command, params.as_ref()))),
        pin_uv_auth_protocol: Some(token.protocol().number()),
        sub_command_params: params,
        unknown: vec![],
    };
    b.send(CONFIG, &request.encode())
}

fn guarded(b: &mut Bench<'_>, sub_command: SubCommand, params: Option<Params>) -> Result<Reply, Stop> {
    let token = b.token(Permissions::AUTHENTICATOR_CONFIG, None)?;
    with_token(b, &token, sub_command, params)
}

fn length(b: &mut Bench<'_>, params: Params) -> Result<Reply, Stop> {
    guarded(b, SubCommand::SET_MIN_PIN_LENGTH, Some(params))
}

fn bad_mac(b: &mut Bench<'_>) -> Done {
    let token = b.token(Permissions::AUTHENTICATOR_CONFIG, None)?;
    let request = Request {
        sub_command: SubCommand::SET_MIN_PIN_LENGTH,
        sub_command_params: Some(Params::default().into()),
        pin_uv_auth_param: Some(token.authenticate(b"another message")),
        pin_uv_auth_protocol: Some(token.protocol().number()),
        unknown: vec![],
    };
    b.send(CONFIG, &request.encode())?.is(0x33)
}

fn raise(b: &mut Bench<'_>) -> Done {
    length(b, Params { new_min_pin_length: Some(12), ..Default::default() })?.must(0x00)?;
    let info = b.get_info()?;
    let found = (info.min_pin_length, info.force_pin_change);
    Ok(Outcome::check(found == (Some(12), Some(true)), "minPINLength 12, forcePINChange true", format!("{found:?}")))
}

fn rp_ids(b: &mut Bench<'_>) -> Done {
    let most = b.info.max_rp_ids_for_set_min_pin_length;
    let most = most.ok_or_else(|| Stop::not_applicable("it does not tell maxRPIDsForSetMinPINLength"))?;
    let ids = (0..=most).map(|number| format!("rp{number}.test")).collect();
    length(b, Params { min_pin_length_rp_ids: Some(ids), ..Default::default() })?.is_of(&[0x28], &[0x15, 0x02])
}

fn toggle(b: &mut Bench<'_>) -> Done {
    let before = b.info.option("alwaysUv") == Some(true);
    for round in 1..=2 {
        let reply = guarded(b, SubCommand::TOGGLE_ALWAYS_UV, None)?;
        if reply.status.0 == 0x27 {
            return Ok(Outcome::observe("it cannot turn alwaysUv off"));
        }
        reply.must(0x00)?;
        let info = b.get_info()?;
        let on = info.option("alwaysUv") == Some(true);
        if on == (before == (round % 2 == 1)) {
            return Err(Stop::fail(format!("alwaysUv {}", !on), on));
        }
        if on && info.option("makeCredUvNotRqd") == Some(true) {
            return Err(Stop::fail("makeCredUvNotRqd false with alwaysUv", "true"));
        }
    }
    Ok(Outcome::Pass)
}

fn enterprise_until_reset(b: &mut Bench<'_>) -> Done {
    b.drive(settings::enable_enterprise_attestation())?;
    b.replug()?;
    let kept = b.get_info()?.option("ep");
    b.drive(lab_client::manage::reset())?;
    let found = (kept, b.get_info()?.option("ep"));
    Ok(Outcome::check(found == (Some(true), Some(false)), "ep true, then false", format!("{found:?}")))
}

fn enterprise(b: &mut Bench<'_>) -> Done {
    for _ in 0..2 {
        b.drive(settings::enable_enterprise_attestation())?;
    }
    let ep = b.get_info()?.option("ep");
    Ok(Outcome::check(ep == Some(true), "ep true", format!("{ep:?}")))
}
