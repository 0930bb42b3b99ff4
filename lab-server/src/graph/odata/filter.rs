//! What a `$filter` asks, and whether it holds of an object.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::Fault;

/// A condition on an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// One of them holds.
    Or(Vec<Filter>),
    /// All of them hold.
    And(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A property compared with a value.
    Compare(String, Operator, Literal),
    /// A property that has one of the values.
    In(String, Vec<Literal>),
    /// A function of a property and a value.
    Call(Function, String, Literal),
    /// `any` and `all` over the items of a property.
    Some {
        /// The property.
        path: String,
        /// Whether it has to hold of all items.
        all: bool,
        /// The condition; `None`: there is an item.
        condition: Option<Box<Filter>>,
    },
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "as OData names them")]
pub enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A function of two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "as OData names them")]
pub enum Function {
    StartsWith,
    EndsWith,
    Contains,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text; also times, GUIDs and members of enumerations, which stand without quotation marks.
    Text(String),
}

impl Operator {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }

    fn holds(self, order: Option<Ordering>) -> bool {
        match (self, order) {
            (Self::Ne, order) => order != Some(Ordering::Equal),
            (_, None) => false,
            (Self::Eq, Some(order)) => order.is_eq(),
            (Self::Gt, Some(order)) => order.is_gt(),
            (Self::Ge, Some(order)) => order.is_ge(),
            (Self::Lt, Some(order)) => order.is_lt(),
            (Self::Le, Some(order)) => order.is_le(),
        }
    }
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "contains" => Self::Contains,
            _ => return None,
        })
    }

    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }
}

impl Literal {
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "null" => Self::Null,
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            word => word
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map_or_else(|| Self::Text(word.to_owned()), Self::Number),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::from(*value),
            Self::Number(number) => Value::from(*number),
            Self::Text(text) => Value::from(text.as_str()),
        }
    }
}

impl Filter {
    /// What the variable of `any` and `all` is called inside.
    pub(super) const ITEM: &'static str = "$it";

    /// Reads a `$filter`.
    ///
    /// # Errors
    /// 400: what was expected where.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        super::parser::parse(text)
    }

    /// Whether an object meets it.
    #[must_use]
    pub fn holds(&self, item: &Value) -> bool {
        match self {
            Self::Or(any) => any.iter().any(|filter| filter.holds(item)),
            Self::And(all) => all.iter().all(|filter| filter.holds(item)),
            Self::Not(filter) => !filter.holds(item),
            Self::Compare(path, operator, literal) => operator.holds(order(at(item, path), &literal.value())),
            Self::In(path, literals) => {
                literals.iter().any(|literal| Operator::Eq.holds(order(at(item, path), &literal.value())))
            }
            Self::Call(function, path, literal) => match (at(item, path), literal) {
                (Value::String(text), Literal::Text(part)) => {
                    function.holds(&text.to_lowercase(), &part.to_lowercase())
                }
                _ => false,
            },
            Self::Some { path, all, condition } => {
                let items = at(item, path).as_array().map_or(&[][..], Vec::as_slice);
                let holds = |item: &Value| condition.as_ref().is_none_or(|condition| condition.holds(item));
                if *all { items.iter().all(holds) } else { items.iter().any(holds) }
            }
        }
    }
}

/// The property at a path; null where there is none. Names are compared without regard to case.
pub(super) fn at<'v>(item: &'v Value, path: &str) -> &'v Value {
    if path == Filter::ITEM {
        return item;
    }
    path.split('/').fold(item, |value, name| {
        let Value::Object(object) = value else { return &Value::Null };
        let other_case = || object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        object.get(name).or_else(other_case).unwrap_or(&Value::Null)
    })
}

/// How two values are ordered; texts without regard to case, as Graph does, and times as times.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => match (a.parse::<Timestamp>(), b.parse::<Timestamp>()) {
            (Ok(a), Ok(b)) => Some(a.cmp(&b)),
            _ => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        },
        _ => None,
    }
}

/// How two values are sorted: null first, then truth values, numbers, texts and all else.
pub(super) fn sorted(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    };
    rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default())
        }
        (Value::String(a), Value::String(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        _ => Ordering::Equal,
    })
}
