use serde_json::json;

use super::{Cell, Document, Envelope, Format, Report, Style, Tone};

fn report() -> Report {
    let mut document = Document::new();
    document
        .heading("Registration")
        .text(Cell::new("refused", Tone::Bad))
        .hint(Some("Add the AAGUID to the allow list."));
    document.fields(vec![("model", "YubiKey 5 NFC".into()), ("profile", Cell::new("Admins | *all*", Tone::Plain))]);
    document
        .table(&["check", "found"], vec![vec!["entra/key-restrictions".into(), Cell::new("not listed", Tone::Bad)]]);
    Report { command: "ceremony", result: json!([{"a": 1}, {"b": 2}]), notes: vec!["a note".into()], document }
}

#[test]
fn a_report_in_every_form() {
    let envelope = Envelope { seed: Some(7), at: "2026-11-20T12:00:00Z".parse().ok() };
    let form = |format| report().render(format, &envelope, Style { color: false, width: 60 });
    insta::assert_snapshot!("table", form(Format::Table));
    insta::assert_snapshot!("markdown", form(Format::Markdown));
    insta::assert_snapshot!("json", form(Format::Json));
    insta::assert_snapshot!("json_lines", form(Format::JsonLines));
}

#[test]
fn colours_only_where_they_are_asked_for() {
    let text = |color| report().render(Format::Table, &Envelope::default(), Style { color, width: 60 });
    assert!(text(true).contains("\u{1b}[31mrefused\u{1b}[0m"));
    assert!(!text(false).contains('\u{1b}'));
}
