//! The statement: its format, its chain, enterprise attestation, backup flags.

use lab_attestation::trust::{self, Anchor, Anchors, Origin, Trust};
use lab_attestation::verify::{self, Input, Policy};
use lab_client::manage;
use lab_protocol::cbor::{self, Value};
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::trace::{Known, Trace};
use lab_protocol::webauthn::{AuthenticatorData, Flags};

use super::{Done, UNPROTECTED};
use crate::bench::{Bench, Credential};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.mc.ep-unsupported",
        needs: &[Need::IsNot("ep")],
        sends: "enterpriseAttestation 1 where it is off",
        must: "0x02",
        run: |b| {
            let request = Request { enterprise_attestation: Some(1), ..b.creation() };
            b.make(&request)?.is(0x02)
        },
    },
    Case {
        id: "au.mc.ep-value",
        needs: &[Need::Fresh, Need::Option("ep"), Need::Is("authnrCfg"), UNPROTECTED],
        sends: "enterpriseAttestation 3 where it is on",
        must: "0x2c",
        run: ep_value,
    },
    Case {
        id: "au.mc.ep-vendor",
        needs: &[Need::Fresh, Need::Option("ep"), Need::Is("authnrCfg"), UNPROTECTED],
        sends: "enterpriseAttestation 1 for an RP that the vendor did not list",
        must: "epAtt not true",
        run: |b| ep_mode(b, 1),
    },
    Case {
        id: "au.mc.ep-platform",
        needs: &[Need::Fresh, Need::Option("ep"), Need::Is("authnrCfg"), UNPROTECTED],
        sends: "enterpriseAttestation 2",
        must: "epAtt true where the model is platform-managed: recorded",
        run: |b| ep_mode(b, 2),
    },
    Case {
        id: "au.mc.fmtpref-none",
        needs: &[],
        sends: "attestationFormatsPreference [none]",
        must: "fmt none, no attStmt",
        run: |b| preference(b, &["none"]),
    },
    Case {
        id: "au.mc.fmtpref-none-packed",
        needs: &[],
        sends: "attestationFormatsPreference [none, packed]",
        must: "fmt none, an empty attStmt",
        run: |b| preference(b, &["none", "packed"]),
    },
    Case {
        id: "au.mc.fmtpref-unknown",
        needs: &[],
        sends: "attestationFormatsPreference [tomato]",
        must: "the format without a preference",
        run: unknown_format,
    },
    Case {
        id: "au.mc.att-verify",
        needs: &[],
        sends: "a credential",
        must: "a statement that verifies, of the model's own kind",
        run: attestation,
    },
    Case {
        id: "au.mc.be-bs",
        needs: &[],
        sends: "a credential",
        must: "BE as the model says, BS only with BE",
        run: backup_flags,
    },
];

fn enable_enterprise(b: &mut Bench<'_>) -> Result<(), Stop> {
    b.drive(manage::config::enable_enterprise_attestation())
}

fn ep_value(b: &mut Bench<'_>) -> Done {
    enable_enterprise(b)?;
    let request = Request { enterprise_attestation: Some(3), ..b.creation() };
    b.make(&request)?.is(0x2c)
}

fn ep_mode(b: &mut Bench<'_>, mode: i64) -> Done {
    enable_enterprise(b)?;
    let credential = b.made(Request { enterprise_attestation: Some(mode), ..b.creation() })?;
    match (mode, credential.response.ep_att) {
        (1, Some(true)) => Err(Stop::fail("epAtt not true", "true")),
        (1, _) => Ok(Outcome::Pass),
        (_, found) => Ok(Outcome::observe(format!("epAtt {found:?}"))),
    }
}

fn preference(b: &mut Bench<'_>, formats: &[&str]) -> Done {
    if b.info.attestation_formats.is_empty() {
        return Err(Stop::not_applicable("it lists no attestationFormats, so it need not know the preference"));
    }
    let wished = formats.iter().map(|format| (*format).to_owned()).collect();
    let made = b.made(Request { attestation_formats_preference: wished, ..b.creation() })?.response;
    let expected = if formats.len() == 1 { None } else { Some(Value::Map(vec![])) };
    let found = format!("{} with {:?}", made.fmt, made.att_stmt);
    Ok(Outcome::check(made.fmt == "none" && made.att_stmt == expected, format!("none with {expected:?}"), found))
}

fn unknown_format(b: &mut Bench<'_>) -> Done {
    let usual = b.made(b.creation())?.response.fmt;
    let wished = vec!["tomato".to_owned()];
    let found = b.made(Request { attestation_formats_preference: wished, ..b.creation() })?.response.fmt;
    Ok(Outcome::check(found == usual, usual, &found))
}

/// The statement verifies; of a model that is known, it is of the known format, with certificates that end in its root.
fn attestation(b: &mut Bench<'_>) -> Done {
    let request = b.creation();
    let hash = request.client_data_hash;
    let credential = b.made(request)?;
    let trust_path = verified(b, &credential, &hash)?;
    let Ok(facts) = b.facts() else {
        return Ok(Outcome::observe(format!("{} with {} certificates", credential.response.fmt, trust_path.len())));
    };
    let fmt = &credential.response.fmt;
    if *fmt != facts.format {
        return Err(Stop::fail(format!("the model's format {}", facts.format), fmt));
    }
    if facts.certified == trust_path.is_empty() {
        let expected = if facts.certified { "certificates" } else { "no certificates" };
        return Err(Stop::fail(expected, format!("{} of them", trust_path.len())));
    }
    if facts.certified { trusted(b, &facts.root, &trust_path) } else { Ok(Outcome::Pass) }
}

fn verified(b: &mut Bench<'_>, credential: &Credential, hash: &[u8; 32]) -> Result<Vec<Vec<u8>>, Stop> {
    let made = &credential.response;
    let data = AuthenticatorData::parse(&made.auth_data).map_err(|error| Stop::fail("authenticator data", error))?;
    let aaguid = data.attested.as_ref().map(|attested| attested.aaguid);
    if aaguid != Some(b.info.aaguid) {
        return Err(Stop::fail(format!("the AAGUID of getInfo {}", b.info.aaguid), format!("{aaguid:?}")));
    }
    let Some(format) = verify::format(&made.fmt) else {
        return Err(Stop::not_applicable(format!("the format {} is not verified here", made.fmt)));
    };
    let att_stmt = cbor::encode(made.att_stmt.as_ref().unwrap_or(&Value::Map(vec![])));
    let (mut trace, policy) = (Trace::new(), Policy::default());
    let input = Input {
        auth_data: &data,
        credential_key: Known::Value(&credential.public_key),
        att_stmt: &att_stmt,
        client_data_hash: hash,
        policy: &policy,
        at: b.now(),
    };
    let attested = format.verify(&input, &mut trace);
    let failed: Vec<_> = trace.failures().map(|entry| entry.check.id).collect();
    attested
        .map(|attested| attested.trust_path)
        .ok_or_else(|| Stop::fail("a statement that verifies", failed.join(", ")))
}

fn trusted(b: &mut Bench<'_>, root: &[u8], path: &[Vec<u8>]) -> Done {
    let anchor = Anchor::from_der(root, Origin::StandIn).map_err(|error| Stop::fail("a root", error))?;
    let anchors: Anchors = [anchor].into_iter().collect();
    match trust::chain(path, &anchors, &[], b.now(), &mut Trace::new()) {
        Trust::Trusted { .. } => Ok(Outcome::Pass),
        other => {
            Err(Stop::fail("a chain to the model's root", format!("{other:?}").chars().take(120).collect::<String>()))
        }
    }
}

fn backup_flags(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let (eligible, state) = (credential.flags.has(Flags::BE), credential.flags.has(Flags::BS));
    if state && !eligible {
        return Err(Stop::fail("BS only with BE", credential.flags));
    }
    match b.facts() {
        Ok(facts) => Ok(Outcome::check(
            eligible == facts.backup_eligible,
            format!("BE {}", facts.backup_eligible),
            credential.flags,
        )),
        Err(_) => Ok(Outcome::check(!eligible, "BE clear on hardware", credential.flags)),
    }
}
