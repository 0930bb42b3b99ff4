//! authenticatorGetInfo (`ctap-2.2 §6.4`).

use lab_client::manage;
use lab_protocol::ctap2::config::Params;

use crate::bench::{Bench, list};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

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
        needs: &[],
        sends: "getInfo twice",
        must: "another encIdentifier each time",
        run: enc_identifier,
    },
    Case {
        id: "au.info.cred-store-state",
        needs: &[Need::Fresh, Need::Is("rk")],
        sends: "a discoverable credential between two getInfo",
        must: "another encCredStoreState",
        run: store_state,
    },
    Case {
        id: "au.info.config-commands",
        needs: &[Need::Fresh, Need::Is("authnrCfg")],
        sends: "setMinPINLength",
        must: "works where 0x1f lists it",
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

fn enc_identifier(b: &mut Bench<'_>) -> Done {
    let absent = || Stop::not_applicable("it does not tell encIdentifier");
    let first = b.info.enc_identifier.clone().ok_or_else(absent)?;
    let second = b.get_info()?.enc_identifier.ok_or_else(absent)?;
    Ok(Outcome::check(first != second && first.len() == 32, "32 other bytes", format!("{} bytes", second.len())))
}

fn store_state(b: &mut Bench<'_>) -> Done {
    let absent = || Stop::not_applicable("it does not tell encCredStoreState");
    let first = b.info.enc_cred_store_state.clone().ok_or_else(absent)?;
    let request = b.resident(1);
    let credential = b.made(request)?;
    let second = b.get_info()?.enc_cred_store_state.ok_or_else(absent)?;
    let _ = list(&[&credential.id]);
    Ok(Outcome::check(first != second && first.len() == 32, "32 other bytes", format!("{} bytes", second.len())))
}

fn config_commands(b: &mut Bench<'_>) -> Done {
    let absent = || Stop::not_applicable("it does not tell authenticatorConfigCommands");
    let commands = b.info.authenticator_config_commands.clone().ok_or_else(absent)?;
    let works = b.drive(manage::config::set_min_pin_length(Params::default())).is_ok();
    Ok(Outcome::check(works == commands.contains(&3), format!("0x03 listed: {works}"), format!("{commands:?}")))
}
