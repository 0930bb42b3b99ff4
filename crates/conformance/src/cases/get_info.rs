//! authenticatorGetInfo (`ctap-2.2 §6.4`).

use lab_client::manage;
use lab_client::pin_uv::Token;
use lab_protocol::ctap2::config::{Params, SubCommand};
use lab_protocol::ctap2::{Descriptor, Permissions, UserEntity};

use crate::bench::{Bench, user};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

/// What hides something from everybody but the holder of the persistent token.
const HIDES: &[Need] = &[Need::Fresh, Need::Is("rk"), Need::Is("perCredMgmtRO"), Need::Pin];
const MANAGES: &[Need] = &[Need::Fresh, Need::Is("rk"), Need::Is("perCredMgmtRO"), Need::Is("credMgmt"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.info.shape",
        needs: &[],
        sends: "getInfo",
        must: "every member of its type, versions not empty",
        run: shape,
    },
    Case {
        id: "au.info.no-fido22",
        needs: &[],
        sends: "getInfo",
        must: "no FIDO_2_2: it was never defined",
        run: no_fido22,
    },
    Case {
        id: "au.info.no-none-format",
        needs: &[],
        sends: "getInfo",
        must: "no `none` in attestationFormats",
        run: no_none,
    },
    Case {
        id: "au.info.options-consistent",
        needs: &[],
        sends: "getInfo",
        must: "options that imply each other, and the members that belong to them",
        run: options,
    },
    Case {
        id: "au.info.ext-consistent",
        needs: &[],
        sends: "getInfo",
        must: "extensions that imply each other",
        run: extensions,
    },
    Case {
        id: "au.info.clientpin-toggle",
        needs: &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin")],
        sends: "getInfo, setPIN, getInfo",
        must: "clientPin false, then true",
        run: toggle,
    },
    Case {
        id: "au.info.alwaysuv-u2f",
        needs: &[
            Need::Fresh,
            Need::Option("alwaysUv"),
            Need::IsNot("alwaysUv"),
            Need::IsNot("uv"),
            Need::Version("U2F_V2"),
            Need::Pin,
        ],
        sends: "toggleAlwaysUv, getInfo",
        must: "no U2F_V2",
        run: always_uv,
    },
    Case {
        id: "au.info.remaining",
        needs: &[Need::Fresh, Need::Is("rk")],
        sends: "a discoverable credential between two getInfo",
        must: "remainingDiscoverableCredentials one less",
        run: remaining,
    },
    Case {
        id: "au.info.enc-identifier",
        needs: HIDES,
        sends: "getInfo twice, by the holder of the persistent token",
        must: "another encIdentifier each time, which hides the same identifier",
        run: enc_identifier,
    },
    Case {
        id: "au.info.cred-store-state",
        needs: HIDES,
        sends: "getInfo twice, then after a discoverable credential was made",
        must: "encCredStoreState hides the same, then another state",
        run: |b| {
            let token = persistent_token(b)?;
            let before = store_state(b, &token)?;
            let unchanged = store_state(b, &token)?;
            if unchanged != before {
                return Err(Stop::fail("the same state while nothing changes", "another"));
            }
            changes(b, &token, |b| resident(b, 1).map(drop))
        },
    },
    Case {
        id: "au.info.cred-store-state-delete",
        needs: MANAGES,
        sends: "deleteCredential between two getInfo",
        must: "encCredStoreState hides another state",
        run: |b| {
            let (token, credential) = (persistent_token(b)?, resident(b, 1)?);
            changes(b, &token, |b| b.drive(manage::credentials::delete(credential)))
        },
    },
    Case {
        id: "au.info.cred-store-state-update",
        needs: MANAGES,
        sends: "updateUserInformation between two getInfo",
        must: "encCredStoreState hides another state",
        run: |b| {
            let (token, credential) = (persistent_token(b)?, resident(b, 1)?);
            let renamed = UserEntity { name: Some("new".to_owned()), ..user(1) };
            changes(b, &token, |b| b.drive(manage::credentials::update_user(credential, renamed)))
        },
    },
    Case {
        id: "au.info.cred-store-state-overwrite",
        needs: HIDES,
        sends: "a second discoverable credential of the same account between two getInfo",
        must: "encCredStoreState hides another state",
        run: |b| {
            let token = persistent_token(b)?;
            resident(b, 1)?;
            changes(b, &token, |b| resident(b, 1).map(drop))
        },
    },
    Case {
        id: "au.info.config-commands",
        needs: &[Need::Fresh, Need::Is("authnrCfg"), Need::Pin],
        sends: "each command of authenticatorConfig",
        must: "works exactly where 0x1f lists it",
        run: config_commands,
    },
];

fn shape(b: &mut Bench<'_>) -> Done {
    let info = &b.info;
    let known = ["U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1", "FIDO_2_3"];
    let odd: Vec<_> = info.versions.iter().filter(|version| !known.contains(&&version[..])).collect();
    if info.versions.is_empty() {
        return Err(Stop::fail("versions", "none"));
    }
    if let Ok(facts) = b.facts()
        && facts.aaguid != b.info.aaguid
    {
        return Err(Stop::fail(format!("the model's AAGUID {}", facts.aaguid), b.info.aaguid));
    }
    if odd.is_empty() { Ok(Outcome::Pass) } else { Ok(Outcome::observe(format!("versions {odd:?}"))) }
}

fn no_fido22(b: &mut Bench<'_>) -> Done {
    Ok(Outcome::check(!b.info.versions.iter().any(|version| version == "FIDO_2_2"), "no FIDO_2_2", "FIDO_2_2"))
}

fn no_none(b: &mut Bench<'_>) -> Done {
    let formats = &b.info.attestation_formats;
    Ok(Outcome::check(!formats.iter().any(|format| format == "none"), "no `none`", format!("{formats:?}")))
}

/// The first rule that does not hold, in words.
fn first_broken(rules: &[(bool, &'static str)]) -> Outcome {
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, rule)) => Stop::fail(rule, "the contrary").into(),
        None => Outcome::Pass,
    }
}

fn options(b: &mut Bench<'_>) -> Done {
    let info = &b.info;
    let is = |name: &str| info.option(name) == Some(true);
    let there = |name: &str| info.option(name).is_some();
    let implies = |cause: bool, effect: bool| !cause || effect;
    let has = |name: &str| info.extensions.iter().any(|found| found == name);
    Ok(first_broken(&[
        (
            is("largeBlobs") == info.max_serialized_large_blob_array.is_some(),
            "largeBlobs exactly with maxSerializedLargeBlobArray",
        ),
        (has("credBlob") == info.max_cred_blob_length.is_some(), "credBlob exactly with maxCredBlobLength"),
        (implies(is("setMinPINLength"), is("authnrCfg")), "setMinPINLength only with authnrCfg"),
        (implies(is("uvBioEnroll"), there("bioEnroll")), "uvBioEnroll only with bioEnroll"),
        (implies(is("uvAcfg"), is("authnrCfg")), "uvAcfg only with authnrCfg"),
        (implies(is("perCredMgmtRO"), is("credMgmt")), "perCredMgmtRO only with credMgmt"),
        (implies(is("pinUvAuthToken"), there("clientPin") || there("uv")), "pinUvAuthToken only with clientPin or uv"),
        (implies(is("alwaysUv"), !is("makeCredUvNotRqd")), "alwaysUv without makeCredUvNotRqd"),
        (
            info.max_serialized_large_blob_array.is_none_or(|size| size >= 1024),
            "maxSerializedLargeBlobArray of at least 1024",
        ),
        (info.max_cred_blob_length.is_none_or(|length| length >= 32), "maxCredBlobLength of at least 32"),
    ]))
}

fn extensions(b: &mut Bench<'_>) -> Done {
    let has = |name: &str| b.info.extensions.iter().any(|found| found == name);
    let implies = |cause: bool, effect: bool| !cause || effect;
    Ok(first_broken(&[
        (implies(has("hmac-secret-mc"), has("hmac-secret")), "hmac-secret-mc only with hmac-secret"),
        (implies(has("largeBlobKey"), b.info.option("largeBlobs") == Some(true)), "largeBlobKey only with largeBlobs"),
    ]))
}

fn toggle(b: &mut Bench<'_>) -> Done {
    b.set_pin()?;
    Ok(Outcome::check(
        b.info.option("clientPin") == Some(true),
        "clientPin true",
        format!("{:?}", b.info.option("clientPin")),
    ))
}

fn always_uv(b: &mut Bench<'_>) -> Done {
    b.drive(manage::config::toggle_always_uv())?;
    let versions = b.get_info()?.versions;
    Ok(Outcome::check(!versions.iter().any(|version| version == "U2F_V2"), "no U2F_V2", format!("{versions:?}")))
}

fn remaining(b: &mut Bench<'_>) -> Done {
    let absent = || Stop::not_applicable("it does not tell remainingDiscoverableCredentials");
    let before = b.info.remaining_discoverable_credentials.ok_or_else(absent)?;
    let request = b.resident(1);
    b.made(request)?;
    let after = b.get_info()?.remaining_discoverable_credentials.ok_or_else(absent)?;
    Ok(Outcome::check(after < before, format!("less than {before}"), after))
}

fn persistent_token(b: &mut Bench<'_>) -> Result<Token, Stop> {
    b.token(Permissions::PERSISTENT_CREDENTIAL_MANAGEMENT_READ_ONLY, None)
}

fn resident(b: &mut Bench<'_>, number: u8) -> Result<Descriptor, Stop> {
    let request = b.resident(number);
    b.made(request).map(|credential| Descriptor::new(credential.id))
}

/// What a member hides, and how it was hidden.
fn unsealed(token: &Token, member: &str, sealed: Option<Vec<u8>>) -> Result<(Vec<u8>, [u8; 16]), Stop> {
    let sealed = sealed.ok_or_else(|| Stop::not_applicable(format!("it does not tell {member}")))?;
    let plain = token.unseal(member, &sealed);
    let plain = plain.ok_or_else(|| Stop::fail("32 bytes", format!("{} bytes", sealed.len())))?;
    Ok((sealed, plain))
}

fn enc_identifier(b: &mut Bench<'_>) -> Done {
    let token = persistent_token(b)?;
    let mut read = || unsealed(&token, "encIdentifier", b.get_info()?.enc_identifier);
    let (first, second) = (read()?, read()?);
    if first.0 == second.0 {
        return Err(Stop::fail("another encIdentifier", "the same"));
    }
    Ok(Outcome::check(first.1 == second.1, "the same identifier", "another"))
}

fn store_state(b: &mut Bench<'_>, token: &Token) -> Result<[u8; 16], Stop> {
    Ok(unsealed(token, "encCredStoreState", b.get_info()?.enc_cred_store_state)?.1)
}

/// Something that changes what is kept.
fn changes(b: &mut Bench<'_>, token: &Token, change: impl FnOnce(&mut Bench<'_>) -> Result<(), Stop>) -> Done {
    let before = store_state(b, token)?;
    change(b)?;
    Ok(Outcome::check(store_state(b, token)? != before, "another state", "the same"))
}

/// toggleAlwaysUv comes last: after it, more has to be verified.
fn config_commands(b: &mut Bench<'_>) -> Done {
    let absent = || Stop::not_applicable("it does not tell authenticatorConfigCommands");
    let listed = b.info.authenticator_config_commands.clone().ok_or_else(absent)?;
    let token = b.token(Permissions::AUTHENTICATOR_CONFIG, None)?;
    for sub_command in [
        SubCommand::ENABLE_ENTERPRISE_ATTESTATION,
        SubCommand::SET_MIN_PIN_LENGTH,
        SubCommand::ENABLE_LONG_TOUCH_FOR_RESET,
        SubCommand::TOGGLE_ALWAYS_UV,
    ] {
        let params = (sub_command == SubCommand::SET_MIN_PIN_LENGTH).then(Params::default);
        let status = super::config::with_token(b, &token, sub_command, params)?.status;
        let works = !matches!(status.0, 0x01 | 0x02 | 0x3e);
        if works != listed.contains(&sub_command.0) {
            let expected = if works { "listed" } else { "not listed" };
            return Err(Stop::fail(
                format!("{sub_command:?} {expected}, as it answers {status}"),
                format!("{listed:?}"),
            ));
        }
    }
    Ok(Outcome::Pass)
}
