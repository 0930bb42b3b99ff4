use lab_protocol::ctap2::make_credential::Request;

use crate::models;
use crate::testing::*;

/// Every byte that a registration and a sign-in give.
fn run(id: &str, seed: u64) -> Vec<u8> {
    let model = (**models::find(id).unwrap()).clone();
    let mut bench = Bench::with(model, seed);
    let registered = bench.register(&create_for_any()).0.encode();
    let plain = bench.register(&Request { user: create_for(2).user, ..create_for_any() }).0.encode();
    let asserted = bench.sign_in(&get()).0.encode();
    [registered, plain, asserted].concat()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for model in models::built_in() {
        assert_eq!(run(&model.id, 5), run(&model.id, 5), "{}", model.id);
        assert_ne!(run(&model.id, 5), run(&model.id, 6), "{}", model.id);
    }
}
