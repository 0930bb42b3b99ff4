use lab_protocol::ctap2::StatusCode;
use lab_protocol::webauthn::Flags;

use crate::testing::*;
use crate::{BackupState, JoinError, Model, SyncFabric, models};

fn two_devices(model: &Model) -> (Bench, Bench, SyncFabric) {
    let account = SyncFabric::new();
    let (mut a, mut b) = (Bench::with(model.clone(), 1), Bench::with(model.clone(), 2));
    a.engine.join(&account).unwrap();
    b.engine.join(&account).unwrap();
    (a, b, account)
}

#[test]
fn a_second_device_signs_in_with_what_the_first_registered() {
    for model in models::built_in().iter().filter(|model| model.is_synced()) {
        let (mut a, mut b, account) = two_devices(model);
        let registered = a.register(&create());
        let asserted = b.sign_in(&get());
        asserted.verify(&registered.key(), get().client_data_hash);
        assert_eq!(asserted.id(), registered.id());
        assert_eq!(asserted.0.user, Some(create().user));
        assert_eq!((registered.data().sign_count, asserted.count()), (0, 0));
        assert_eq!(asserted.flags(), Flags(0x1d));
        assert_eq!(account.devices(), 2);
        b.register(&create());
        assert_eq!(a.engine.credentials().len(), 1, "the same account is overwritten on both");
        assert_eq!(a.sign_in_status(&get_listed(&[&registered.id()])), StatusCode::NO_CREDENTIALS);
    }
}

#[test]
fn bs_follows_the_life_that_the_model_gives_it() {
    let mut model: Model = (**models::find("icloud-keychain").unwrap()).clone();
    model.passkeys.backup_state.value = BackupState::OnceSynced;
    let account = SyncFabric::new();
    let (mut a, mut b) = (Bench::with(model.clone(), 1), Bench::with(model, 2));
    a.engine.join(&account).unwrap();
    assert!(!a.register(&create()).data().flags.has(Flags::BS));
    assert!(a.sign_in(&get()).flags().has(Flags::BE));
    b.engine.join(&account).unwrap();
    assert!(a.sign_in(&get()).flags().has(Flags::BS));
    assert!(b.sign_in(&get()).flags().has(Flags::BS));
}

#[test]
fn passkeys_made_before_joining_come_along() {
    let model = models::find("google-password-manager").unwrap();
    let account = SyncFabric::new();
    let (mut a, mut b) = (Bench::with((**model).clone(), 1), Bench::with((**model).clone(), 2));
    let registered = a.register(&create());
    a.engine.join(&account).unwrap();
    b.engine.join(&account).unwrap();
    b.sign_in(&get()).verify(&registered.key(), get().client_data_hash);
}

#[test]
fn devices_that_do_not_belong_are_refused() {
    let account = SyncFabric::new();
    let join = |id: &str| Bench::of(id).engine.join(&account);
    assert!(matches!(join("yubikey-5-nfc"), Err(JoinError::DeviceBound { .. })));
    assert_eq!(join("icloud-keychain"), Ok(()));
    assert!(matches!(join("google-password-manager"), Err(JoinError::OtherProvider { .. })));
    let mut bench = Bench::of("icloud-keychain");
    bench.engine.join(&account).unwrap();
    assert!(matches!(bench.engine.join(&SyncFabric::new()), Err(JoinError::Joined { .. })));
}
