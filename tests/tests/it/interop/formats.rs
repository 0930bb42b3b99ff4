//! A model for each format, with each kind of key and each hierarchy that it has.

use std::sync::Arc;

use lab_authenticator::{Chain, Confidence, CounterBehaviour, IdScheme, Model, SecurityLevel, Sourced, models};
use lab_protocol::Aaguid;
use lab_protocol::cose::Algorithm;

/// What App Attest calls a key of an app from the store.
const APP_ATTEST: Aaguid = Aaguid(*b"appattest\0\0\0\0\0\0\0");

/// Models that no maker sells, each with the algorithm that it makes keys of.
pub fn every_format() -> Vec<(Arc<Model>, Algorithm)> {
    let (es256, rs256) = (Algorithm::ES256, Algorithm::RS256);
    let mut all = vec![
        in_format("android-safetynet", "", es256, |_| {}),
        in_format("fido-u2f", "", es256, |model| model.identity.aaguid.value = Aaguid::ZERO),
        in_format("apple", "", es256, |_| {}),
        in_format("apple-appattest", "", es256, |model| {
            model.identity.aaguid.value = APP_ATTEST;
            model.passkeys.id_scheme = Some(fact(IdScheme::KeySha256));
        }),
        in_format("compound", "packed+tpm", es256, |model| {
            model.attestation.parts = Some(fact(vec!["packed".to_owned(), "tpm".to_owned()]));
        }),
        in_format("packed", "two-intermediates", es256, |model| model.attestation.intermediates = Some(fact(2))),
        in_format("android-key", "rsa", rs256, |_| {}),
    ];
    for (detail, level) in [
        ("software", SecurityLevel::Software),
        ("trusted-environment", SecurityLevel::TrustedEnvironment),
        ("strongbox", SecurityLevel::StrongBox),
    ] {
        let kept = |model: &mut Model| model.attestation.security_level = Some(fact(level));
        all.push(in_format("android-key", detail, es256, kept));
    }
    for (detail, aik) in [("rs1", Algorithm::RS1), ("rs256", rs256), ("es256", es256)] {
        for alg in [es256, rs256] {
            let signed = |model: &mut Model| model.attestation.algorithm = Some(fact(aik));
            all.push(in_format("tpm", detail, alg, signed));
        }
    }
    all
}

fn in_format(fmt: &str, detail: &str, alg: Algorithm, change: impl FnOnce(&mut Model)) -> (Arc<Model>, Algorithm) {
    let mut model = Model::clone(models::find("apple-anonymous").unwrap());
    model.id = format!("{fmt}/{detail}").trim_end_matches('/').to_owned();
    model.passkeys.algorithms.value = vec![alg];
    model.passkeys.counter.value = CounterBehaviour::ConstantZero;
    model.passkeys.id_scheme = None;
    model.attestation.format.value = fmt.to_owned();
    model.attestation.chain.value = Chain::AttestationCa;
    model.attestation.algorithm = Some(fact(Algorithm::ES256));
    model.attestation.aaguid_extension = Some(fact(fmt == "packed"));
    change(&mut model);
    (Arc::new(model), alg)
}

fn fact<T>(value: T) -> Sourced<T> {
    Sourced { value, source: "test".to_owned(), confidence: Confidence::High, note: None }
}
