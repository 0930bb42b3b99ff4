use lab_attestation::keys::SigningKey;
use lab_attestation::layout::oid;
use lab_attestation::x509::Certificate;
use lab_protocol::Event;

use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::UserEntity;
use proptest::prelude::*;

use super::*;
use crate::store::{CredProtect, CredRandom, Credential};
use crate::testing::*;

/// A fresh authenticator of the same model, with the state of `bench`.
fn reborn(id: &str, bytes: &[u8]) -> Result<Bench, StateError> {
    let mut bench = Bench::of(id);
    bench.engine.restore(bytes)?;
    Ok(bench)
}

fn refused(bytes: &[u8]) -> StateErrorKind {
    reborn("yubikey-5-nfc", bytes).unwrap_err().kind
}

#[test]
fn what_was_registered_signs_in_after_a_restart() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let (first, plain) = (bench.register(&create()), bench.register(&create_plain()));
    let count = bench.sign_in(&get_listed(&[&plain.id()])).count();
    let bytes = bench.engine.export();
    let mut again = reborn("yubikey-5-nfc", &bytes).unwrap();
    assert_eq!(again.engine.export(), bytes);
    let asserted = again.sign_in(&get());
    asserted.verify(&first.key(), get().client_data_hash);
    assert_eq!(asserted.count(), count + 1, "the counter goes on");
    again.sign_in(&get_listed(&[&plain.id()])).verify(&plain.key(), get().client_data_hash);
}

#[test]
fn after_a_restart_attestations_end_in_the_same_root() {
    let state = Bench::of("yubikey-5-nfc").engine;
    let mut other = Bench::of_another_run("yubikey-5-nfc");
    assert_ne!(other.engine.anchor(), state.anchor(), "another run has a root of its own");
    other.engine.restore(&state.export()).unwrap();
    assert_eq!(other.engine.anchor(), state.anchor());
    let attested = other.register(&create());
    let statement = attested.0.att_stmt.clone().unwrap();
    let leaf = member(&statement, "x5c").and_then(|x5c| x5c.as_array()).unwrap()[0].as_bytes().unwrap().to_vec();
    let (leaf, root) = (Certificate::parse(&leaf).unwrap(), Certificate::parse(state.anchor()).unwrap());
    let identifier = |certificate: &Certificate<'_>, id| certificate.extension(id).unwrap().value.to_vec();
    let issuer = identifier(&leaf, oid::AUTHORITY_KEY_ID);
    assert!(issuer.ends_with(&identifier(&root, oid::SUBJECT_KEY_ID)[2..]), "issued by the key of the kept root");
}

#[test]
fn a_root_whose_key_is_another_is_refused() {
    let (state, other) = (Bench::of("yubikey-5-nfc").engine, Bench::of_another_run("yubikey-5-nfc").engine);
    let (kept, foreign) = (state.vendors.kept_root(), other.vendors.kept_root());
    let bytes = state.export();
    let at = bytes.windows(kept.secret.len()).position(|window| window == kept.secret).unwrap();
    let mut bytes = bytes;
    bytes[at..at + kept.secret.len()].copy_from_slice(&foreign.secret);
    let kind = refused(&bytes);
    assert!(kind.to_string().contains("not the one of its certificate"), "{kind}");
}

#[test]
fn the_revision_grows_exactly_with_what_is_kept() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let revision = |bench: &mut Bench, act: &mut dyn FnMut(&mut Bench)| {
        let (before, bytes) = (bench.engine.revision(), bench.engine.export());
        act(bench);
        let grew = bench.engine.revision() > before;
        assert_eq!(grew, bench.engine.export() != bytes);
        grew
    };
    assert!(!revision(&mut bench, &mut |bench| _ = bench.info()));
    assert!(revision(&mut bench, &mut |bench| _ = bench.register(&create())));
    assert!(revision(&mut bench, &mut |bench| _ = bench.sign_in(&get())));
    assert!(!revision(&mut bench, &mut |bench| _ = bench.sign_in_status(&get_listed(&[&[1; 16]]))));
    assert!(!revision(&mut bench, &mut |bench| _ = bench.engine.event(Event::PowerCycle, now())));
    assert!(revision(&mut bench, &mut |bench| bench.engine.state.change(|state| state.pin_retries -= 1)));
    assert!(!revision(&mut bench, &mut |bench| bench.engine.state.change(|state| state.always_uv = false)));
}

#[test]
fn other_files_are_refused_with_their_reason() {
    let good = Bench::of("yubikey-5-nfc").engine.export();
    assert!(matches!(refused(&[]), StateErrorKind::Cbor(_)));
    assert!(matches!(refused(&[0xa0]), StateErrorKind::Format));
    let other = Bench::of("yubikey-5").engine.export();
    let error = reborn("yubikey-5-nfc", &other).unwrap_err();
    assert!(error.to_string().contains("is of model “yubikey-5”, this authenticator is “yubikey-5-nfc”"), "{error}");
    assert!(error.hint().contains("Name the model"));
    assert!(matches!(refused(&[&good[..], &[0]].concat()), StateErrorKind::Cbor(_)), "bytes behind the end");
    let replaced = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).position(|window| window == from).unwrap();
        [&good[..at], to, &good[at + from.len()..]].concat()
    };
    let kind = refused(&replaced(b"\x67version\x01", b"\x67version\x02"));
    assert!(matches!(kind, StateErrorKind::Version { found: 2, known: 1 }), "{kind}");
    let kind = refused(&replaced(b"\x68alwaysUv", b"\x68alwaysUw"));
    assert!(kind.to_string().contains("alwaysUv"), "{kind}");
    let kind = refused(&replaced(b"\x6bcredentials\x00", b"\x6bcredentials\x03"));
    assert!(matches!(kind, StateErrorKind::Credentials { announced: 3, found: 0 }), "{kind}");
}

#[test]
fn a_state_that_is_cut_or_repeated_is_refused_and_changes_nothing() {
    let mut bench = Bench::of("yubikey-5-nfc");
    bench.register(&create());
    let bytes = bench.engine.export();
    for end in 0..bytes.len() {
        let mut fresh = Bench::of("yubikey-5-nfc");
        let before = fresh.engine.export();
        assert!(fresh.engine.restore(&bytes[..end]).is_err(), "cut at {end}");
        assert_eq!(fresh.engine.export(), before);
    }
    bench.engine.home.with(crate::store::Store::clear);
    let head = bench.engine.export().len();
    let twice = [&bytes[..], &bytes[head..]].concat();
    let at = twice.windows(12).position(|window| window == b"\x6bcredentials").unwrap() + 12;
    let mut twice = twice;
    twice[at] = 2;
    assert!(matches!(refused(&twice), StateErrorKind::Twice("credential ids")));
}

fn durable() -> impl Strategy<Value = Durable> {
    let pin = prop::option::of((any::<[u8; 16]>(), any::<u8>()));
    let pin = pin.prop_map(|pin| pin.map(|(hash, code_points)| Pin { hash, code_points }));
    let templates =
        prop::collection::btree_map(prop::collection::vec(any::<u8>(), 1..4), prop::option::of(".{0,20}"), 0..5);
    let secrets =
        (prop::option::of(any::<[u8; 32]>()), prop::option::of(any::<[u8; 16]>()), prop::option::of(any::<[u8; 16]>()));
    let rest = (templates, prop::collection::vec(any::<u8>(), 0..300), secrets, prop::collection::vec(".{0,30}", 0..4));
    (pin, any::<[u8; 3]>(), any::<[bool; 4]>(), rest).prop_map(|(pin, numbers, flags, rest)| {
        let (templates, large_blob_array, secrets, min_pin_length_rp_ids) = rest;
        Durable {
            pin,
            pin_retries: numbers[0],
            uv_retries: numbers[1],
            min_pin_length: numbers[2],
            force_pin_change: flags[0],
            min_pin_length_rp_ids,
            always_uv: flags[1],
            enterprise_attestation: flags[2],
            long_touch_for_reset: flags[3],
            templates: templates.into_iter().map(|(id, name)| Template { id, name }).collect(),
            large_blob_array,
            persistent_token: secrets.0,
            unit: secrets.1,
            device_identifier: secrets.1,
            cred_store_state: secrets.2,
        }
    })
}

fn credential() -> impl Strategy<Value = Credential> {
    let algorithm = prop::sample::select(vec![Algorithm::ES256, Algorithm::EDDSA]);
    let user = (prop::collection::vec(any::<u8>(), 0..65), prop::option::of(".{0,20}"), prop::option::of(".{0,20}"));
    let who = (prop::collection::vec(any::<u8>(), 1..80), prop::option::of("[a-z]{1,9}"), any::<[u8; 32]>(), user);
    let more = (
        prop::option::of(any::<[u8; 32]>()),
        prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        any::<[bool; 4]>(),
    );
    (who, algorithm, any::<u32>(), 1..4_i64, more).prop_map(|(who, algorithm, sign_count, level, more)| {
        let (id, rp_id, hash, (user_id, name, display_name)) = who;
        let (large_blob_key, cred_blob, [discoverable, backup_eligible, random, third_party_payment]) = more;
        Credential {
            rp_id_hash: rp_id.as_ref().map_or(hash, |rp_id| lab_attestation::sha256(rp_id.as_bytes())),
            discoverable: discoverable && rp_id.is_some(),
            rp_id,
            user: UserEntity { id: user_id, name, display_name },
            key: SigningKey::generate(
                algorithm,
                lab_attestation::keys::Backend::Deterministic,
                &mut Seeded(u64::from(sign_count), 0),
            )
            .unwrap(),
            sign_count,
            created: 0,
            backup_eligible,
            cred_protect: CredProtect::of(level).unwrap(),
            cred_random: random.then_some(CredRandom { with_uv: hash, without_uv: [3; 32] }),
            large_blob_key,
            cred_blob,
            third_party_payment,
            id,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_state_survives_its_encoding(durable in durable(), credentials in prop::collection::vec(credential(), 0..6), next in any::<u32>()) {
        let mut bench = Bench::of("yubikey-5-nfc");
        bench.engine.state.change(|state| *state = durable.clone());
        bench.engine.counter.resume(next);
        bench.engine.home.with(|store| credentials.into_iter().for_each(|credential| store.insert(credential)));
        let bytes = bench.engine.export();
        let again = reborn("yubikey-5-nfc", &bytes).unwrap();
        prop_assert_eq!(&*again.engine.state, &durable);
        prop_assert_eq!(again.engine.export(), bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>(), noise in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut bench = Bench::of("yubikey-5-nfc");
        bench.register(&create());
        let mut bytes = bench.engine.export();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(again) = reborn("yubikey-5-nfc", &bytes) {
            prop_assert_eq!(again.engine.export(), bytes);
        }
        prop_assert!(reborn("yubikey-5-nfc", &noise).is_err());
    }
}
