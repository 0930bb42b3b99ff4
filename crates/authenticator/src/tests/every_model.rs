//! Every model registers a passkey and signs in with it.

use lab_protocol::cose::Algorithm;

use crate::testing::*;
use crate::{CounterBehaviour, JoinError, Model, SyncFabric, models};

fn registers_and_signs_in(model: &Model) {
    let mut bench = Bench::of(&model.id);
    let registered = bench.register(&create_for_any());
    let data = registered.data();
    let id = &model.id;
    assert_eq!(data.attested.as_ref().unwrap().aaguid, model.aaguid(), "{id}");
    assert_eq!(data.flags.0 & 8 != 0, model.passkeys.backup_eligible.value, "{id}: BE");
    let asked = [Algorithm::ES256, Algorithm::RS256, Algorithm::EDDSA];
    let expected = asked.iter().find(|alg| model.passkeys.algorithms.contains(alg)).unwrap();
    assert_eq!(registered.key().alg, *expected, "{id}");
    let asserted = bench.sign_in(&get());
    asserted.verify(&registered.key(), [0xee; 32]);
    assert_eq!(asserted.id(), registered.id(), "{id}");
    assert_eq!(asserted.flags().0 & 5, 5, "{id}: present and verified");
    let counts = model.passkeys.counter.value != CounterBehaviour::ConstantZero;
    assert_eq!(asserted.count() > data.sign_count, counts, "{id}: {} after {}", asserted.count(), data.sign_count);
}

#[test]
fn named() {
    models::built_in().iter().for_each(|model| registers_and_signs_in(model));
}

#[test]
fn generic() {
    models::generic().iter().step_by(5).for_each(|model| registers_and_signs_in(model));
    let spotted: Vec<_> = ["Swissbit iShield Key 2", "IDmelon Key", "KeePassPasskey", "Thales PIN iOS SDK"]
        .iter()
        .map(|name| models::generic().iter().find(|model| model.name == *name).unwrap())
        .collect();
    spotted.iter().for_each(|model| registers_and_signs_in(model));
}

/// Entra passkeys on Windows: several accounts on one PC, and none of them on another.
#[test]
fn several_accounts_have_a_passkey_on_one_windows_pc_that_never_leaves_it() {
    for id in ["entra-passkey-on-windows", "entra-passkey-on-windows-vbs", "entra-passkey-on-windows-software"] {
        let mut bench = Bench::of(id);
        let accounts: Vec<_> = (1..=3).map(|account| bench.register(&create_for(account))).collect();
        for (at, account) in accounts.iter().enumerate() {
            assert_eq!(account.data().flags.0 & 0x18, 0, "{id}: neither BE nor BS");
            let asserted = bench.sign_in(&get_listed(&[&account.id()]));
            asserted.verify(&account.key(), [0xee; 32]);
            assert!(accounts.iter().enumerate().all(|(other, it)| (other == at) == (it.id() == asserted.id())), "{id}");
        }
        let refused = bench.engine.join(&SyncFabric::new()).unwrap_err();
        assert!(matches!(refused, JoinError::DeviceBound { .. }), "{refused}");
    }
}
