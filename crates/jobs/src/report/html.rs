//! One self-contained page: data as JSON, rendered by a small script of the page itself.
//!
//! The page loads nothing and sends nothing: its content security policy allows its own inline style
//! and script, by their hashes, and that is all.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

const SHELL: &str = include_str!("../../assets/page.html");
const STYLE: &str = include_str!("../../assets/page.css");
const SCRIPT: &str = include_str!("../../assets/page.js");

/// Writes a page. `title` is a text, `data` what the script reads.
pub(crate) fn render(title: &str, data: &Value) -> String {
    let parts = [
        ("{{title}}", escaped(title)),
        ("{{style-hash}}", hash(STYLE)),
        ("{{script-hash}}", hash(SCRIPT)),
        ("{{style}}", STYLE.to_owned()),
        ("{{data}}", embedded(data)),
        ("{{script}}", SCRIPT.to_owned()),
    ];
    let mut page = String::new();
    let mut rest = SHELL;
    // What is filled in is not looked at again: a name in the data stays one.
    while let Some((before, (_, text), after)) = first(rest, &parts) {
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page + rest
}

/// The first place of the shell that is to be filled in, what goes there, and what is around it.
fn first<'r, 'p>(
    rest: &'r str,
    parts: &'p [(&'static str, String)],
) -> Option<(&'r str, &'p (&'static str, String), &'r str)> {
    let places = parts.iter().filter_map(|part| Some((rest.find(part.0)?, part)));
    let (_, part) = places.min_by_key(|(place, _)| *place)?;
    let (before, after) = rest.split_once(part.0)?;
    Some((before, part, after))
}

/// A source of the content security policy: `'sha256-...'` of an inline element's text.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(lab_attestation::sha256(text.as_bytes())))
}

/// JSON within a script element: without `<`, no text can end it.
fn embedded(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_of_a_tenant_leaves_its_place() {
        let page = render("</title><b>{{data}}", &json!({"name": "</script><script>alert(1)//{{script}}"}));
        assert!(page.contains("<title>&lt;/title&gt;&lt;b&gt;{{data}}"), "the title is text");
        assert!(page.contains(r#"{"name":"\u003c/script>\u003cscript>alert(1)//{{script}}"}"#), "the data is data");
        assert_eq!(page.matches("<script").count(), 2, "the data and the page's own script");
    }

    #[test]
    fn the_page_loads_nothing() {
        let page = render("x", &json!({}));
        for outside in ["http://", "https://", "src=", "@import", "url(", "<link", "fetch(", "XMLHttpRequest"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    }
}
