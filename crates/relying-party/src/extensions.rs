//! Extension outputs (`webauthn-3 §7.1` step 28, `§7.2` step 23). A relying party has to cope with outputs
//! that it did not ask for and with those that are missing, so nothing here refuses: it reports.

use lab_protocol::cbor::{Key, Reader, Rules, Type};
use lab_protocol::trace::{Finding, Reason, Value};
use lab_protocol::webauthn::Ceremony;

/// Something about the extension outputs that is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionNote {
    /// An output of another type than its extension defines.
    #[error("the output {id} is {found}, expected {expected}; it is not used")]
    Type {
        /// The extension.
        id: &'static str,
        /// The type that it defines.
        expected: &'static str,
        /// What was found.
        found: Type,
    },
    /// A level that credProtect does not have.
    #[error("credProtect is {0}, expected 1, 2 or 3; it is not used")]
    CredProtect(i64),
    /// A key that is no text.
    #[error("an extension identifier is no text; its output is not used")]
    Identifier,
    /// PRF outputs where everybody can read them.
    #[error("the output prf is in the authenticator data, where its secrets may never be (webauthn-3 §10.1.4)")]
    PrfInClear,
}

impl Reason for ExtensionNote {}

/// Lists the authenticator's outputs, and notes what is odd about them. `map` is one well-formed CBOR map.
pub(crate) fn outputs<'a>(map: Option<&'a [u8]>, ceremony: Ceremony) -> Finding<'a> {
    let Some(map) = map else { return Finding::not_applicable() };
    let (mut names, mut note) = (Vec::new(), None);
    let mut reader = Reader::new(map, Rules::RELYING_PARTY);
    let read = reader.map(|reader, key| {
        let Key::Text(name) = key else {
            note.get_or_insert(ExtensionNote::Identifier);
            return reader.skip().map(|_| ());
        };
        names.push(Value::from(name));
        let output = output(name, reader, ceremony)?;
        note = note.take().or(output);
        Ok(())
    });
    let finding = match (note, read) {
        (Some(note), _) => Finding::note(note),
        (None, _) => Finding::pass(),
    };
    Finding { actual: Some(Value::List(names)), ..finding }
}

fn output(
    name: &str,
    reader: &mut Reader<'_>,
    ceremony: Ceremony,
) -> Result<Option<ExtensionNote>, lab_protocol::cbor::Error> {
    let registration = ceremony == Ceremony::Registration;
    let (id, types, expected): (_, &[Type], _) = match name {
        "credProtect" => return cred_protect(reader),
        "prf" => return reader.skip().map(|_| Some(ExtensionNote::PrfInClear)),
        "hmac-secret" if registration => ("hmac-secret", &[Type::Bool], "a boolean"),
        "hmac-secret" => ("hmac-secret", &[Type::Bytes], "a byte string"),
        "hmac-secret-mc" => ("hmac-secret-mc", &[Type::Bytes], "a byte string"),
        "credBlob" if registration => ("credBlob", &[Type::Bool], "a boolean"),
        "credBlob" => ("credBlob", &[Type::Bytes], "a byte string"),
        "minPinLength" => ("minPinLength", &[Type::Integer], "an integer"),
        "thirdPartyPayment" => ("thirdPartyPayment", &[Type::Bool], "a boolean"),
        "uvm" => ("uvm", &[Type::Array], "an array"),
        _ => return reader.skip().map(|_| None),
    };
    let found = reader.peek()?;
    reader.skip()?;
    Ok((!types.contains(&found)).then_some(ExtensionNote::Type { id, expected, found }))
}

fn cred_protect(reader: &mut Reader<'_>) -> Result<Option<ExtensionNote>, lab_protocol::cbor::Error> {
    let found = reader.peek()?;
    if found != Type::Integer {
        reader.skip()?;
        return Ok(Some(ExtensionNote::Type { id: "credProtect", expected: "an integer", found }));
    }
    let level = reader.integer()?;
    Ok((!(1..=3).contains(&level)).then_some(ExtensionNote::CredProtect(level)))
}

#[cfg(test)]
mod tests {
    use ciborium::Value as Cbor;
    use lab_protocol::cbor;
    use lab_protocol::trace::Outcome;

    use super::*;

    fn of(members: Vec<(Cbor, Cbor)>, ceremony: Ceremony) -> (Outcome, Option<String>) {
        let map = cbor::encode(&Cbor::Map(members));
        let finding = outputs(Some(&map), ceremony);
        (finding.outcome, finding.reason.map(|reason| reason.to_string()))
    }

    #[test]
    fn known_unknown_and_missing_outputs_pass() {
        assert_eq!(outputs(None, Ceremony::Registration).outcome, Outcome::NotApplicable);
        let members =
            vec![("credProtect".into(), 2.into()), ("hmac-secret".into(), true.into()), ("x".into(), Cbor::Null)];
        assert_eq!(of(members, Ceremony::Registration), (Outcome::Pass, None));
    }

    #[test]
    fn odd_outputs_are_noted() {
        let odd = [
            (("credProtect".into(), "3".into()), "the output credProtect is a text string, expected an integer"),
            (("credProtect".into(), 4.into()), "credProtect is 4"),
            (("hmac-secret".into(), Cbor::Bytes(vec![1])), "the output hmac-secret is a byte string"),
            (("prf".into(), Cbor::Map(vec![])), "the output prf is in the authenticator data"),
            ((1.into(), true.into()), "an extension identifier is no text"),
        ];
        for (member, start) in odd {
            let (outcome, sentence) = of(vec![member], Ceremony::Registration);
            assert_eq!(outcome, Outcome::Note);
            assert!(sentence.unwrap().starts_with(start), "{start}");
        }
        let secret = vec![("hmac-secret".into(), Cbor::Bytes(vec![0; 32]))];
        assert_eq!(of(secret, Ceremony::Authentication), (Outcome::Pass, None));
    }
}
