//! A collection as administrators export it: an object, an array, or `{"value": [...]}`.

use serde_json::Value;

use super::json::{Graph, JsonPath, Misfit, Other, Segment};

/// Several objects of one kind, and the form in which they came.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection<T> {
    /// The objects.
    pub value: Vec<T>,
    form: Form,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    One,
    Array,
    Envelope(Other),
}

impl<T> Collection<T> {
    /// None at all, as an array.
    #[must_use]
    pub const fn empty() -> Self {
        Self { value: Vec::new(), form: Form::Array }
    }

    /// The path of the object at `index`, from the place of the collection.
    #[must_use]
    pub fn path(&self, index: usize) -> JsonPath {
        JsonPath(match self.form {
            Form::One => Vec::new(),
            Form::Array => vec![Segment::Index(index)],
            Form::Envelope(_) => vec!["value".into(), index.into()],
        })
    }
}

impl<T: Graph> Graph for Collection<T> {
    fn read(value: Value) -> Result<Self, Misfit> {
        match value {
            Value::Array(_) => Ok(Self { value: Graph::read(value)?, form: Form::Array }),
            Value::Object(mut map) if map.contains_key("value") => {
                let items = map.remove("value").unwrap_or_default();
                let value = Graph::read(items).map_err(|misfit| misfit.within("value"))?;
                Ok(Self { value, form: Form::Envelope(map) })
            }
            Value::Object(_) => Ok(Self { value: vec![T::read(value)?], form: Form::One }),
            other => Err(Misfit::new("an object, an array, or {\"value\": [...]}", &other)),
        }
    }

    fn write(&self) -> Value {
        match &self.form {
            Form::Array => self.value.write(),
            Form::One if self.value.len() == 1 => self.value.first().map(Graph::write).unwrap_or_default(),
            Form::One => self.value.write(),
            Form::Envelope(other) => {
                let mut map = other.clone();
                map.insert("value".to_owned(), self.value.write());
                Value::Object(map)
            }
        }
    }
}
