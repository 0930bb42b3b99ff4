use ciborium::Value;
use proptest::prelude::*;

use super::emit::{self, KeyOrder, Style};
use super::{DeviationKind, ErrorKind, Reader, Rules, decode, encode};

const ANY_DEPTH: Rules = Rules { depth: 16, ..Rules::CTAP2 };

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        ".{0,40}".prop_map(Value::Text),
        Just(Value::Null),
        any::<f64>().prop_filter("NaN is not equal to itself", |f| !f.is_nan()).prop_map(Value::Float),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(".{0,8}", inner.clone(), 0..6)
                .prop_map(|map| Value::Map(map.into_iter().map(|(key, value)| (key.into(), value)).collect())),
            prop::collection::btree_map(any::<i64>(), inner, 0..6)
                .prop_map(|map| Value::Map(map.into_iter().map(|(key, value)| (key.into(), value)).collect())),
        ]
    })
}

fn by_ciborium(bytes: &[u8]) -> Value {
    ciborium::from_reader(bytes).unwrap()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        Value::Map(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            members.sort_by(|a, b| super::key_order(&encode(&a.0), &encode(&b.0)));
            Value::Map(members)
        }
        other => other,
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_and_ciborium_agrees(value in values()) {
        let bytes = encode(&value);
        let expected = sorted(value);
        prop_assert_eq!(by_ciborium(&bytes), expected.clone());
        prop_assert_eq!(decode(&bytes, ANY_DEPTH).unwrap(), expected);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused_and_what_is_decoded_is_canonical(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(value) = decode(&bytes, ANY_DEPTH) {
            let text = format!("{value:?}");
            if !text.contains("Float") {
                prop_assert_eq!(encode(&value), bytes);
            }
        }
    }

    #[test]
    fn every_truncation_is_refused(value in values(), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&value);
        let cut = cut.index(bytes.len());
        prop_assert!(decode(&bytes[..cut], ANY_DEPTH).is_err());
    }
}

fn sample() -> Value {
    Value::Map(vec![("fmt".into(), "none".into()), ("attStmt".into(), Value::Map(vec![])), ("n".into(), 7.into())])
}

fn refusal(style: Style) -> ErrorKind {
    decode(&emit::encode(&sample(), &style), Rules::CTAP2).unwrap_err().kind
}

#[test]
fn every_deviation_can_be_emitted_and_is_refused_as_what_it_is() {
    let canonical = Style::CANONICAL;
    let kinds = [
        (Style { keys: KeyOrder::AsGiven, ..canonical.clone() }, DeviationKind::KeyOrder),
        (Style { keys: KeyOrder::Reversed, ..canonical.clone() }, DeviationKind::KeyOrder),
        (Style { longest: true, ..canonical.clone() }, DeviationKind::NotShortest),
        (Style { indefinite: true, ..canonical.clone() }, DeviationKind::Indefinite),
        (Style { chunks: Some(2), ..canonical.clone() }, DeviationKind::Indefinite),
        (Style { duplicate_first_key: true, ..canonical.clone() }, DeviationKind::DuplicateKey),
        (Style { tag: Some(24), ..canonical.clone() }, DeviationKind::Tag(24)),
    ];
    for (style, kind) in kinds {
        let name = format!("{style:?}");
        assert_eq!(refusal(style), ErrorKind::Deviation(kind), "{name}");
    }
    assert_eq!(refusal(Style { trailing: vec![0], ..canonical.clone() }), ErrorKind::Trailing(1));
    assert!(matches!(refusal(Style { truncate: Some(5), ..canonical }), ErrorKind::End { .. }));
}

#[test]
fn a_relying_party_notes_unsorted_keys_and_still_refuses_duplicates() {
    let unsorted = emit::encode(&sample(), &Style { keys: KeyOrder::AsGiven, ..Style::CANONICAL });
    let mut reader = Reader::new(&unsorted, Rules::RELYING_PARTY);
    reader.skip().unwrap();
    assert_eq!(reader.deviations()[0].kind, DeviationKind::KeyOrder);
    let twice = Value::Map(vec![("b".into(), 1.into()), ("a".into(), 1.into()), ("b".into(), 2.into())]);
    let twice = emit::encode(&twice, &Style { keys: KeyOrder::AsGiven, ..Style::CANONICAL });
    let error = decode(&twice, Rules::RELYING_PARTY).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Deviation(DeviationKind::DuplicateKey));
}

#[test]
fn simple_values_that_no_tree_can_carry_are_refused() {
    for byte in [0xe0, 0xf3, 0xf7] {
        assert_eq!(decode(&[byte], Rules::CTAP2).unwrap_err().kind, ErrorKind::Reserved(byte));
    }
    assert_eq!(decode(&[0xf8, 0xff], Rules::CTAP2).unwrap_err().kind, ErrorKind::Reserved(0xf8));
    assert_eq!(decode(&[0xf6], Rules::CTAP2).unwrap(), Value::Null);
}

#[test]
fn nesting_and_announced_lengths_are_capped() {
    let deep = vec![0x81; 10_000];
    assert_eq!(decode(&deep, Rules::CTAP2).unwrap_err().kind, ErrorKind::Depth(4));
    let huge = [0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert!(matches!(decode(&huge, Rules::CTAP2).unwrap_err().kind, ErrorKind::End { .. }));
    let many = [0x9a, 0x7f, 0xff, 0xff, 0xff];
    assert!(matches!(decode(&many, Rules::CTAP2).unwrap_err().kind, ErrorKind::Items { .. }));
}

#[test]
fn integer_keys_sort_before_negative_ones_and_texts_by_length() {
    let map = |keys: &[Value]| Value::Map(keys.iter().map(|key| (key.clone(), Value::Null)).collect());
    let keys = [Value::from("aa"), Value::from("b"), Value::from(-1), Value::from(100), Value::from(3)];
    let Value::Map(members) = decode(&encode(&map(&keys)), Rules::CTAP2).unwrap() else { panic!("a map") };
    let order: Vec<_> = members.into_iter().map(|(key, _)| key).collect();
    assert_eq!(order, [3.into(), 100.into(), Value::from(-1), "b".into(), "aa".into()]);
}
