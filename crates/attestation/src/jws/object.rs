//! JSON objects without repeated members: of two values under one name, two readers could take
//! different ones.

use std::fmt;

use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Why bytes are not one JSON object; the sentence has line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ObjectError(String);

/// Reads one JSON object, whose own members have to differ.
///
/// # Errors
/// Not JSON, not an object, a repeated member, or something behind the object.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, ObjectError> {
    let wrong = |error: serde_json::Error| ObjectError(error.to_string());
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let members = deserializer.deserialize_map(Members).map_err(wrong)?;
    deserializer.end().map_err(wrong)?;
    Ok(members)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member “{name}” occurs twice")));
            }
            let value = map.next_value()?;
            members.insert(name, value);
        }
        Ok(members)
    }
}
