//! JUnit XML, as CI servers read it.

use std::fmt::Write as _;

/// A suite of test cases.
#[derive(Debug, Default)]
pub(crate) struct Suite {
    /// Its name.
    pub(crate) name: String,
    /// What holds for all of it.
    pub(crate) properties: Vec<(&'static str, String)>,
    /// The cases.
    pub(crate) cases: Vec<Case>,
}

/// A test case.
#[derive(Debug)]
pub(crate) struct Case {
    /// What CI servers group by.
    pub(crate) class: String,
    /// Its name: the same in every run, so that histories hold together.
    pub(crate) name: String,
    /// What was found.
    pub(crate) properties: Vec<(&'static str, String)>,
    /// How it came out.
    pub(crate) result: CaseResult,
    /// What a reader wants to know beyond it.
    pub(crate) output: String,
}

/// How a case came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CaseResult {
    /// As it should.
    Passed,
    /// Not as it should.
    Failed(String),
    /// It could not be tried.
    Error(String),
    /// Nobody can tell.
    Skipped(String),
}

/// Writes the suites.
pub(crate) fn render(name: &str, suites: &[Suite]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = || suites.iter().flat_map(|suite| &suite.cases);
    let _ = writeln!(out, "<testsuites name=\"{}\"{}>", escaped(name), Counts::of(all()));
    suites.iter().for_each(|suite| write_suite(&mut out, suite));
    out.push_str("</testsuites>\n");
    out
}

fn write_suite(out: &mut String, suite: &Suite) {
    let _ = writeln!(out, "  <testsuite name=\"{}\"{}>", escaped(&suite.name), Counts::of(suite.cases.iter()));
    write_properties(out, &suite.properties, "    ");
    suite.cases.iter().for_each(|case| write_case(out, case));
    out.push_str("  </testsuite>\n");
}

fn write_case(out: &mut String, case: &Case) {
    let _ = writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"0\">",
        escaped(&case.class),
        escaped(&case.name)
    );
    write_properties(out, &case.properties, "      ");
    let (element, message) = match &case.result {
        CaseResult::Passed => ("", ""),
        CaseResult::Failed(message) => ("failure", message.as_str()),
        CaseResult::Error(message) => ("error", message.as_str()),
        CaseResult::Skipped(message) => ("skipped", message.as_str()),
    };
    if !element.is_empty() {
        let _ = writeln!(out, "      <{element} message=\"{}\"/>", escaped(message));
    }
    if !case.output.is_empty() {
        let _ = writeln!(out, "      <system-out>{}</system-out>", escaped(&case.output));
    }
    out.push_str("    </testcase>\n");
}

fn write_properties(out: &mut String, properties: &[(&'static str, String)], indent: &str) {
    if properties.is_empty() {
        return;
    }
    let _ = writeln!(out, "{indent}<properties>");
    for (name, value) in properties {
        let _ = writeln!(out, "{indent}  <property name=\"{name}\" value=\"{}\"/>", escaped(value));
    }
    let _ = writeln!(out, "{indent}</properties>");
}

/// The numbers that a suite carries.
struct Counts([(&'static str, usize); 4]);

impl Counts {
    fn of<'c>(cases: impl Iterator<Item = &'c Case>) -> Self {
        let mut counts = [("tests", 0), ("failures", 0), ("errors", 0), ("skipped", 0)];
        for case in cases {
            counts[0].1 += 1;
            match case.result {
                CaseResult::Passed => {}
                CaseResult::Failed(_) => counts[1].1 += 1,
                CaseResult::Error(_) => counts[2].1 += 1,
                CaseResult::Skipped(_) => counts[3].1 += 1,
            }
        }
        Self(counts)
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(name, count)| write!(f, " {name}=\"{count}\""))
    }
}

/// Text within XML 1.0, where most control characters cannot stand at all.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => _ = write!(out, "&#{};", c as u32),
            c if (c as u32) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_escapes() {
        let case = |name: &str, result| Case {
            class: "scope <1>".to_owned(),
            name: name.to_owned(),
            properties: vec![("verdict", "a & \"b\"\u{1}".to_owned())],
            result,
            output: "line\n]]>".to_owned(),
        };
        let cases = vec![case("a", CaseResult::Passed), case("b", CaseResult::Failed("because".to_owned()))];
        let xml = render("lab", &[Suite { name: "s".to_owned(), properties: vec![], cases }]);
        assert!(
            xml.contains("<testsuites name=\"lab\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">"),
            "{xml}"
        );
        assert!(
            xml.contains("classname=\"scope &lt;1&gt;\"") && xml.contains("a &amp; &quot;b&quot;\u{fffd}"),
            "{xml}"
        );
        assert!(xml.contains("line&#10;]]&gt;") && xml.contains("<failure message=\"because\"/>"), "{xml}");
    }
}
