//! Client data: the L3 serialization (`webauthn-3 §5.8.1.1`), and reading it as a relying party.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::trace::Reason;

/// The most bytes of client data that are read: Entra's challenges alone take 7 kB.
pub const MAX_LEN: usize = 64 * 1024;

/// Client data as received; every member may be absent or of another type, which is for the checks to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CollectedClientData<'a> {
    /// The ceremony: `webauthn.create` or `webauthn.get`.
    pub ty: Member<'a>,
    /// The challenge, as base64url text.
    pub challenge: Member<'a>,
    /// The origin of the caller.
    pub origin: Member<'a>,
    /// Whether the caller was framed by another origin.
    pub cross_origin: Member<'a>,
    /// The origin of the top-level page; only where `crossOrigin` is true.
    pub top_origin: Member<'a>,
    /// Whether the member `tokenBinding` of earlier levels is there; Level 3 ignores it.
    pub token_binding: bool,
    /// The names of other members.
    pub unknown: Vec<Cow<'a, str>>,
}

/// A member of the client data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Member<'a> {
    /// Not there, or null.
    #[default]
    Absent,
    /// A text.
    Text(Cow<'a, str>),
    /// A boolean.
    Bool(bool),
    /// Another type, by name.
    Other(&'static str),
}

/// Why bytes are no client data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientDataError {
    /// More bytes than are read.
    #[error("the client data has {found} bytes, at most {MAX_LEN} are read")]
    Length {
        /// The length found.
        found: usize,
    },
    /// Not UTF-8.
    #[error("byte {offset} is not UTF-8")]
    Utf8 {
        /// Where.
        offset: usize,
    },
    /// Not a JSON object.
    #[error("the client data is not one JSON object: {0}")]
    Json(String),
}

impl Reason for ClientDataError {}

impl Member<'_> {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the member is there.
    #[must_use]
    pub fn is_present(&self) -> bool {
        *self != Self::Absent
    }
}

impl<'m> From<&'m Member<'_>> for crate::trace::Value<'m> {
    fn from(member: &'m Member<'_>) -> Self {
        match member {
            Member::Absent => "nothing".into(),
            Member::Text(text) => Self::Text(Cow::Borrowed(text)),
            Member::Bool(value) => Self::Bool(*value),
            Member::Other(name) => Self::Text(Cow::Borrowed(name)),
        }
    }
}

/// Decodes client data as UTF-8, without its byte order mark (`webauthn-3 §7.1` step 5).
///
/// # Errors
/// [`ClientDataError::Length`] and [`ClientDataError::Utf8`].
pub fn decode_utf8(bytes: &[u8]) -> Result<&str, ClientDataError> {
    if bytes.len() > MAX_LEN {
        return Err(ClientDataError::Length { found: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ClientDataError::Utf8 { offset: error.valid_up_to() })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

impl<'a> CollectedClientData<'a> {
    /// Parses client data as JSON (`webauthn-3 §7.1` step 6). A member that occurs twice is refused:
    /// two parsers could read two different values.
    ///
    /// # Errors
    /// [`ClientDataError::Json`], with line and column.
    pub fn parse(text: &'a str) -> Result<Self, ClientDataError> {
        serde_json::from_str(text).map_err(|error| ClientDataError::Json(error.to_string()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for CollectedClientData<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = CollectedClientData<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut data = CollectedClientData::default();
        let mut seen = Vec::with_capacity(8);
        while let Some(Text(name)) = map.next_key()? {
            if seen.contains(&name) {
                return Err(A::Error::custom(format_args!("the member “{name}” occurs twice")));
            }
            match &*name {
                "type" => data.ty = map.next_value()?,
                "challenge" => data.challenge = map.next_value()?,
                "origin" => data.origin = map.next_value()?,
                "crossOrigin" => data.cross_origin = map.next_value()?,
                "topOrigin" => data.top_origin = map.next_value()?,
                other => {
                    data.token_binding |= other == "tokenBinding";
                    data.unknown.push(name.clone());
                    map.next_value::<IgnoredAny>()?;
                }
            }
            seen.push(name);
        }
        Ok(data)
    }
}

/// A text, borrowed where it has no escapes.
#[derive(PartialEq)]
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Member::deserialize(deserializer)? {
            Member::Text(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("a member name is no text")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Member<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Member::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Member::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Member::Bool(value))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Member::Absent)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Member::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Member::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Member::Other("a number"))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other("an object"))
    }
}

/// Client data that a client is about to serialize.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDataDraft {
    /// The ceremony: `webauthn.create` or `webauthn.get`.
    pub ty: String,
    /// The challenge, as base64url text.
    pub challenge: String,
    /// The origin of the caller.
    pub origin: String,
    /// Whether the caller is framed by another origin.
    pub cross_origin: bool,
    /// The origin of the top-level page, where `cross_origin` is true.
    pub top_origin: Option<String>,
    /// Further members with their encoded JSON values.
    pub extra: Vec<(String, String)>,
}

impl ClientDataDraft {
    /// The exact bytes of `webauthn-3 §5.8.1.1`.
    #[must_use]
    pub fn serialize(&self) -> Vec<u8> {
        let mut out = String::with_capacity(self.challenge.len() + 128);
        out.push_str("{\"type\":");
        ccd_to_string(&mut out, &self.ty);
        out.push_str(",\"challenge\":");
        ccd_to_string(&mut out, &self.challenge);
        out.push_str(",\"origin\":");
        ccd_to_string(&mut out, &self.origin);
        out.push_str(if self.cross_origin { ",\"crossOrigin\":true" } else { ",\"crossOrigin\":false" });
        if let Some(top_origin) = &self.top_origin {
            out.push_str(",\"topOrigin\":");
            ccd_to_string(&mut out, top_origin);
        }
        for (name, value) in &self.extra {
            out.push(',');
            ccd_to_string(&mut out, name);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
        out.into_bytes()
    }
}

/// `CCDToString` of `webauthn-3 §5.8.1.1`. What needs no escape is copied in runs: a challenge alone
/// may take 7 kB.
fn ccd_to_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        // The byte found is ASCII, so both ends of it are boundaries of characters.
        let (plain, escaped) = rest.split_at(at);
        let (escaped, tail) = escaped.split_at(1);
        out.push_str(plain);
        match escaped {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            control => control.bytes().for_each(|byte| out.push_str(&format!("\\u{byte:04x}"))),
        }
        rest = tail;
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draft(challenge: &str, origin: &str) -> ClientDataDraft {
        ClientDataDraft {
            ty: "webauthn.create".into(),
            challenge: challenge.into(),
            origin: origin.into(),
            cross_origin: false,
            top_origin: None,
            extra: vec![],
        }
    }

    proptest! {
        #[test]
        fn what_is_serialized_is_parsed(challenge: String, origin: String, top in prop::option::of(any::<String>())) {
            let draft = ClientDataDraft { cross_origin: top.is_some(), top_origin: top.clone(), ..draft(&challenge, &origin) };
            let bytes = draft.serialize();
            let data = CollectedClientData::parse(decode_utf8(&bytes).unwrap()).unwrap();
            prop_assert_eq!(data.challenge.text(), Some(&challenge[..]));
            prop_assert_eq!(data.origin.text(), Some(&origin[..]));
            prop_assert_eq!(data.top_origin.text(), top.as_deref());
            prop_assert_eq!(data.cross_origin, Member::Bool(top.is_some()));
        }

        #[test]
        fn any_text_is_parsed_or_refused(text: String) {
            let _ = CollectedClientData::parse(&text);
        }
    }

    #[test]
    fn the_serialization_is_that_of_level_3_to_the_byte() {
        let bytes = draft("a\"b\\\u{1f}/\u{7f}", "https://exämple.org").serialize();
        let expected = "{\"type\":\"webauthn.create\",\"challenge\":\"a\\\"b\\\\\\u001f/\u{7f}\",\"origin\":\"https://exämple.org\",\"crossOrigin\":false}";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn other_types_are_kept_for_the_check_to_report() {
        let data = CollectedClientData::parse(
            r#"{"type":["webauthn.create"],"challenge":7,"origin":{"a":1},"crossOrigin":"true","x":null}"#,
        )
        .unwrap();
        assert_eq!(data.ty, Member::Other("an array"));
        assert_eq!(data.challenge, Member::Other("a number"));
        assert_eq!(data.origin, Member::Other("an object"));
        assert_eq!(data.cross_origin.text(), Some("true"));
        assert_eq!(data.unknown, ["x"]);
    }

    #[test]
    fn a_member_that_occurs_twice_is_refused() {
        let error = CollectedClientData::parse(r#"{"origin":"https://a","origin":"https://b"}"#).unwrap_err();
        assert!(error.to_string().contains("“origin” occurs twice"), "{error}");
    }

    #[test]
    fn a_byte_order_mark_is_stripped_and_broken_utf8_has_its_place() {
        assert_eq!(decode_utf8(b"\xef\xbb\xbf{}").unwrap(), "{}");
        assert_eq!(decode_utf8(b"{\"a\":\"\xff\"}").unwrap_err(), ClientDataError::Utf8 { offset: 6 });
    }

    #[test]
    fn deeply_nested_json_is_refused() {
        let text = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(CollectedClientData::parse(&text[..60_000]).is_err());
    }
}
