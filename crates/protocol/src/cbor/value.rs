//! Reading items that no structure knows, as trees.

use ciborium::Value;

use super::error::Error;
use super::reader::{Head, Key, Reader};
use super::rules::Type;

impl Reader<'_> {
    /// Reads one item of any kind.
    ///
    /// # Errors
    /// Whatever is wrong inside it.
    pub fn value(&mut self) -> Result<Value, Error> {
        Ok(match self.peek()? {
            Type::Bytes => Value::Bytes(self.bytes()?.to_vec()),
            Type::Text => Value::Text(self.text()?.to_owned()),
            Type::Array => self.array_value()?,
            Type::Map => self.map_value()?,
            _ => scalar(&self.head()?),
        })
    }

    fn array_value(&mut self) -> Result<Value, Error> {
        let mut values = Vec::new();
        self.array(|reader| {
            values.push(reader.value()?);
            Ok(())
        })?;
        Ok(Value::Array(values))
    }

    fn map_value(&mut self) -> Result<Value, Error> {
        let mut members = Vec::new();
        self.map(|reader, key| {
            let key = match key {
                Key::Int(number) => Value::from(number),
                Key::Text(text) => Value::from(text),
                Key::Other(bytes) => Reader::new(bytes, reader.rules).value()?,
            };
            members.push((key, reader.value()?));
            Ok(())
        })?;
        Ok(Value::Map(members))
    }
}

fn scalar(head: &Head) -> Value {
    match (head.major, head.info) {
        (0, _) => Value::from(head.argument),
        (1, _) => Value::Integer(
            ciborium::value::Integer::try_from(-1 - i128::from(head.argument)).unwrap_or_else(|_| 0.into()),
        ),
        (_, 20) => Value::Bool(false),
        (_, 21) => Value::Bool(true),
        (_, 25) => Value::Float(half(head.argument)),
        (_, 26) => Value::Float(f64::from(f32::from_bits(u32::try_from(head.argument).unwrap_or(0)))),
        (_, 27) => Value::Float(f64::from_bits(head.argument)),
        _ => Value::Null,
    }
}

/// The value of an IEEE 754 half-precision float (RFC 8949, appendix D).
fn half(bits: u64) -> f64 {
    let (sign, exponent, mantissa) = (bits >> 15 & 1, (bits >> 10 & 0x1f) as i32, (bits & 0x3ff) as f64);
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * 2f64.powi(exponent - 25),
    };
    if sign == 1 { -magnitude } else { magnitude }
}
