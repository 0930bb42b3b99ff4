//! Paths: their segments, decoded, and where they lead.

use super::fault::Fault;

/// The most segments that a path may have.
const MAX_SEGMENTS: usize = 16;

/// The segments of a path. A key in parentheses, as OData writes it, is a segment of its own:
/// `users('x')` is `users/x`. The parentheses of a function stay.
///
/// # Errors
/// 400: the path is too long, or not UTF-8.
pub(super) fn segments(path: &str) -> Result<Vec<String>, Fault> {
    let mut segments = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let text = percent_encoding::percent_decode_str(segment).decode_utf8();
        let text = text.map_err(|_| Fault::bad_request("The path is not UTF-8."))?;
        match text.strip_suffix("')").and_then(|text| text.split_once("('")) {
            Some((name, key)) => segments.extend([name.to_owned(), key.replace("''", "'")]),
            None => segments.push(text.into_owned()),
        }
        if segments.len() > MAX_SEGMENTS {
            return Err(Fault::bad_request(format!("Expected a path of at most {MAX_SEGMENTS} segments.")));
        }
    }
    Ok(segments)
}

/// What stands for each `{...}` of a route in a path; `None`: it is another path. Names are compared
/// without regard to case, as Graph does.
pub(super) fn matches(route: &str, path: &[String]) -> Option<Vec<String>> {
    let route: Vec<_> = route.split('/').collect();
    if route.len() != path.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (expected, found) in route.into_iter().zip(path) {
        match expected {
            "{function}" if !is_function(found) => return None,
            expected if expected.starts_with('{') => parameters.push(found.clone()),
            expected if !expected.eq_ignore_ascii_case(found) => return None,
            _ => {}
        }
    }
    Some(parameters)
}

/// `creationOptions`, with or without arguments.
fn is_function(segment: &str) -> bool {
    segment.split('(').next().is_some_and(|name| name.eq_ignore_ascii_case("creationOptions"))
}
