use lab_protocol::cbor;
use lab_protocol::cose::Algorithm;
use lab_protocol::tamper::Root;

use super::*;
use crate::keys::Backend;
use crate::test_rng::Counter;
use crate::vendors::tests::{model, stand_in};

fn make(fmt: &str, batch: Option<&Batch>, alg: i64) -> Result<Statement, EmitError> {
    let mut rng = Counter::new(3);
    let credential = SigningKey::generate(Algorithm(alg), Backend::Deterministic, &mut rng).unwrap();
    let attest =
        Attest { auth_data: &[1; 37], client_data_hash: &[2; 32], credential: &credential, batch, rng: &mut rng };
    statement(fmt, attest)
}

fn names(statement: &Statement) -> Vec<&str> {
    statement.att_stmt.as_map().unwrap().iter().map(|(name, _)| name.as_text().unwrap()).collect()
}

#[test]
fn members_are_in_canonical_order() {
    let batch = stand_in().certificate(&model(), Algorithm::ES384, Root::StandIn).unwrap();
    let full = make("packed", Some(&batch), -7).unwrap();
    assert_eq!(names(&full), ["alg", "sig", "x5c"]);
    assert_eq!(full.att_stmt.as_map().unwrap()[0].1, Value::from(-35));
    let by_itself = make("packed", None, -8).unwrap();
    assert_eq!(names(&by_itself), ["alg", "sig"]);
    for statement in [full, by_itself, make("none", None, -7).unwrap()] {
        let style = cbor::emit::Style { keys: cbor::emit::KeyOrder::AsGiven, ..cbor::emit::Style::CANONICAL };
        assert_eq!(cbor::emit::encode(&statement.att_stmt, &style), cbor::encode(&statement.att_stmt));
    }
}

#[test]
fn the_same_seed_makes_the_same_statement() {
    for alg in [-7, -35, -36, -8, -257, -37] {
        assert_eq!(make("packed", None, alg), make("packed", None, alg));
    }
}

#[test]
fn what_is_not_built_is_an_error_that_says_what_is() {
    assert!(!can_emit("tpm"));
    let error = make("tpm", None, -7).unwrap_err();
    assert_eq!(error.to_string(), "statements of format “tpm” cannot be made; these can: packed, none");
}
