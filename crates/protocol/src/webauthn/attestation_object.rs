//! The attestation object (`webauthn-3 §6.5.4`): a CBOR map of `fmt`, `attStmt`, `authData`.

use crate::cbor::{self, Deviation, Key, Reader, Rules, Value, Writer};

/// An attestation object, borrowed from its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct AttestationObject<'a> {
    /// The attestation statement format identifier.
    pub fmt: &'a str,
    /// The encoded statement: a map, or for `compound` an array.
    pub att_stmt: &'a [u8],
    /// The encoded authenticator data.
    pub auth_data: &'a [u8],
    /// Members that the specification does not name.
    pub unknown: Vec<(Value, Value)>,
    /// What deviates from canonical CBOR and was tolerated.
    pub deviations: Vec<Deviation>,
}

impl<'a> AttestationObject<'a> {
    /// Reads an attestation object; the statement is read by its format.
    ///
    /// # Errors
    /// Anything but one CBOR map with the three members in their types.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, cbor::Error> {
        let (mut fmt, mut att_stmt, mut auth_data, mut unknown) = (None, None, None, Vec::new());
        let mut reader = Reader::new(bytes, Rules::RELYING_PARTY);
        reader.map(|reader, key| {
            match key {
                Key::Text("fmt") => fmt = Some(reader.text()?),
                Key::Text("attStmt") => att_stmt = Some(statement(reader)?),
                Key::Text("authData") => auth_data = Some(reader.bytes()?),
                Key::Text(name) => unknown.push((name.into(), reader.value()?)),
                Key::Int(number) => unknown.push((number.into(), reader.value()?)),
                Key::Other(encoded) => unknown.push((Value::Bytes(encoded.to_vec()), reader.value()?)),
            }
            Ok(())
        })?;
        reader.end()?;
        let missing = |name| cbor::Error { offset: 0, kind: cbor::ErrorKind::Missing(name) };
        Ok(Self {
            fmt: fmt.ok_or_else(|| missing("fmt"))?,
            att_stmt: att_stmt.ok_or_else(|| missing("attStmt"))?,
            auth_data: auth_data.ok_or_else(|| missing("authData"))?,
            unknown,
            deviations: reader.deviations().to_vec(),
        })
    }
}

fn statement<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], cbor::Error> {
    match reader.peek()? {
        cbor::Type::Map | cbor::Type::Array => reader.skip(),
        found => Err(cbor::Error { offset: reader.offset(), kind: cbor::ErrorKind::Type { expected: "a map", found } }),
    }
}

/// Encodes an attestation object in canonical form. `att_stmt` is an encoded statement.
#[must_use]
pub fn encode(fmt: &str, att_stmt: &[u8], auth_data: &[u8]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(fmt.len() + att_stmt.len() + auth_data.len() + 32);
    writer.map(3).text("fmt").text(fmt).text("attStmt").raw(att_stmt).text("authData").bytes(auth_data);
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(fmt in "[a-z-]{1,32}", data in prop::collection::vec(any::<u8>(), 0..400)) {
            let bytes = encode(&fmt, &[0xa0], &data);
            let object = AttestationObject::parse(&bytes).unwrap();
            prop_assert_eq!((object.fmt, object.att_stmt, object.auth_data), (&fmt[..], &[0xa0][..], &data[..]));
            prop_assert!(object.deviations.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = AttestationObject::parse(&bytes);
        }
    }

    #[test]
    fn members_that_nobody_knows_are_kept() {
        let object = Value::Map(vec![
            ("fmt".into(), "none".into()),
            ("attStmt".into(), Value::Map(vec![])),
            ("authData".into(), Value::Bytes(vec![1])),
            ("future".into(), 7.into()),
        ]);
        let bytes = cbor::encode(&object);
        let parsed = AttestationObject::parse(&bytes).unwrap();
        assert_eq!(parsed.unknown, [("future".into(), 7.into())]);
    }

    #[test]
    fn the_integer_keys_of_ctap_are_no_attestation_object() {
        let object = Value::Map(vec![
            (1.into(), "none".into()),
            (2.into(), Value::Bytes(vec![])),
            (3.into(), Value::Map(vec![])),
        ]);
        let bytes = cbor::encode(&object);
        let error = AttestationObject::parse(&bytes).unwrap_err();
        assert_eq!(error.kind, cbor::ErrorKind::Missing("fmt"));
    }
}
