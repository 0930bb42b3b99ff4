//! OData's query options, over collections of JSON objects.
//!
//! `$filter`, `$select`, `$expand`, `$orderby`, `$top`, `$skip`, `$skiptoken`, `$count`, `$search` is refused.
//! Source: OData 4.01 part 2 §5, and Graph's page on query parameters, read 2026-11-28.

mod filter;
mod lexer;
mod parser;

use std::cmp::Ordering;

use serde_json::{Map, Value};
use url::form_urlencoded;

pub use filter::Filter;

use super::fault::Fault;

/// The longest query that is read, in bytes.
const MAX_QUERY: usize = 8 * 1024;
/// The most objects of one page.
pub const MAX_TOP: usize = 999;
/// The objects of a page, unless `$top` says otherwise.
pub const PAGE: usize = 100;
/// The most names that `$select` or `$orderby` may have.
const MAX_NAMES: usize = 100;

/// The query options of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Which objects.
    pub filter: Option<Filter>,
    /// Which of their properties; empty: all.
    pub select: Vec<String>,
    /// Which related objects with them.
    pub expand: Vec<String>,
    /// By which properties they are ordered; `true`: descending.
    pub order_by: Vec<(String, bool)>,
    /// How many on one page.
    pub top: Option<usize>,
    /// How many are left out before the page.
    pub skip: usize,
    /// Whether their number is wanted.
    pub count: bool,
    /// What is no query option of OData's.
    pub other: Vec<(String, String)>,
    /// All of it, for the next page's link.
    given: Vec<(String, String)>,
}

/// A page of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The objects.
    pub value: Vec<Value>,
    /// How many there are on all pages, where that was asked for.
    pub count: Option<usize>,
    /// How many are left out before the next page, if there is one.
    pub next: Option<usize>,
}

impl Query {
    /// Reads the query of a URL.
    ///
    /// # Errors
    /// 400, with the option.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > MAX_QUERY {
            return Err(Fault::bad_request(format!("Expected a query of at most {MAX_QUERY} bytes.")));
        }
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            query.add(&name, &value)?;
            query.given.push((name.into_owned(), value.into_owned()));
        }
        Ok(query)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let lower = name.to_lowercase();
        match lower.strip_prefix('$').unwrap_or(&lower) {
            "filter" => self.filter = Some(Filter::parse(value)?),
            "select" => self.select = names("$select", value)?,
            "expand" => self.expand = names("$expand", value)?,
            "orderby" => self.order_by = orders(value)?,
            "top" => self.top = Some(number("$top", value, 1..=MAX_TOP)?),
            "skip" | "skiptoken" => self.skip = number("$skiptoken", value, 0..=usize::MAX >> 1)?,
            "count" => self.count = flag("$count", value)?,
            "format" if value == "json" || value.starts_with("application/json") => {}
            _ if lower.starts_with('$') => {
                let name: String = name.chars().take(40).collect();
                return Err(Fault::bad_request(format!("The query option '{name}' is not supported.")));
            }
            _ => self.other.push((name.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// Whether related objects are wanted.
    #[must_use]
    pub fn expands(&self, what: &str) -> bool {
        self.expand.iter().any(|name| name.eq_ignore_ascii_case(what))
    }

    /// The page of a collection that is asked for.
    #[must_use]
    pub fn page(&self, mut items: Vec<Value>) -> Page {
        if let Some(filter) = &self.filter {
            items.retain(|item| filter.holds(item));
        }
        if !self.order_by.is_empty() {
            items.sort_by(|a, b| self.order(a, b));
        }
        let all = items.len();
        let page = items.into_iter().skip(self.skip).take(self.top());
        self.paged(page.map(|item| self.selected(item)).collect(), all)
    }

    /// The same of objects that are not JSON yet: without `$orderby` only those become JSON that are looked at.
    #[must_use]
    pub fn page_of<T>(&self, items: &[T], write: impl Fn(&T) -> Value) -> Page {
        if !self.order_by.is_empty() {
            return self.page(items.iter().map(write).collect());
        }
        let Some(filter) = &self.filter else {
            let page = items.iter().skip(self.skip).take(self.top());
            return self.paged(page.map(|item| self.selected(write(item))).collect(), items.len());
        };
        let (first, end) = (self.skip, self.skip.saturating_add(self.top()));
        let (mut value, mut all) = (Vec::new(), 0);
        for item in items.iter().map(write).filter(|item| filter.holds(item)) {
            if all == end && !self.count {
                // There is a next page, and nobody asks how many more.
                return self.paged(value, all + 1);
            }
            if (first..end).contains(&all) {
                value.push(self.selected(item));
            }
            all += 1;
        }
        self.paged(value, all)
    }

    fn top(&self) -> usize {
        self.top.unwrap_or(PAGE)
    }

    /// A page, of a collection of so many.
    fn paged(&self, value: Vec<Value>, all: usize) -> Page {
        let end = self.skip.saturating_add(value.len());
        Page { next: (end < all && !value.is_empty()).then_some(end), count: self.count.then_some(all), value }
    }

    fn order(&self, a: &Value, b: &Value) -> Ordering {
        let by = |(path, descending): &(String, bool)| {
            let order = filter::sorted(filter::at(a, path), filter::at(b, path));
            if *descending { order.reverse() } else { order }
        };
        self.order_by.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// An object with the properties that are wanted; annotations stay.
    #[must_use]
    pub fn selected(&self, item: Value) -> Value {
        let Value::Object(object) = item else { return item };
        if self.select.is_empty() || self.select.iter().any(|name| name == "*") {
            return Value::Object(object);
        }
        let wanted = |key: &str| {
            key.starts_with('@') || self.select.iter().chain(&self.expand).any(|name| name.eq_ignore_ascii_case(key))
        };
        Value::Object(object.into_iter().filter(|(key, _)| wanted(key)).collect::<Map<_, _>>())
    }

    /// The query of the next page.
    #[must_use]
    pub fn next(&self, skip: usize) -> String {
        let is_skip = |name: &str| matches!(name.trim_start_matches('$').to_lowercase().as_str(), "skip" | "skiptoken");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.given.iter().filter(|(name, _)| !is_skip(name)));
        query.append_pair("$skiptoken", &skip.to_string()).finish()
    }
}

fn names(option: &str, value: &str) -> Result<Vec<String>, Fault> {
    let names: Vec<_> = value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let plain = |name: &String| name == "*" || name.chars().all(|c| c.is_alphanumeric() || "_./@".contains(c));
    if names.is_empty() || names.len() > MAX_NAMES || !names.iter().all(plain) {
        let message = format!("{option}: expected names of properties separated by commas, found '{}'.", shown(value));
        return Err(Fault::bad_request(message));
    }
    Ok(names)
}

fn orders(value: &str) -> Result<Vec<(String, bool)>, Fault> {
    let order = |text: &str| match text.split_whitespace().collect::<Vec<_>>()[..] {
        [name] => Some((name.to_owned(), false)),
        [name, direction] if direction.eq_ignore_ascii_case("asc") => Some((name.to_owned(), false)),
        [name, direction] if direction.eq_ignore_ascii_case("desc") => Some((name.to_owned(), true)),
        _ => None,
    };
    let orders: Option<Vec<_>> = value.split(',').take(MAX_NAMES).map(order).collect();
    orders.ok_or_else(|| {
        let message = format!("$orderby: expected 'property' or 'property desc', found '{}'.", shown(value));
        Fault::bad_request(message)
    })
}

fn number(option: &str, value: &str, range: std::ops::RangeInclusive<usize>) -> Result<usize, Fault> {
    value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        let found = shown(value);
        Fault::bad_request(format!("{option}: expected a whole number from {least} to {most}, found '{found}'."))
    })
}

fn flag(option: &str, value: &str) -> Result<bool, Fault> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Fault::bad_request(format!("{option}: expected true or false, found '{}'.", shown(value)))),
    }
}

/// A text of the client's, short enough for an error.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests;
