use super::{Check, Document, Finding, Hinted, Outcome, Reason, Trace, Value};

static PARSE: Check = Check::new("t/parse", Document::Lab, "1", "The text is a number.").step(1);
static EVEN: Check = Check::new("t/even", Document::Lab, "1", "The number is even.").step(2).hint("Add one.");
static SMALL: Check = Check::new("t/small", Document::Lab, "1", "The number is below ten.").step(3);

fn run(text: &str) -> Trace<'_> {
    let mut trace = Trace::new();
    let number = trace.need(&PARSE, text.parse::<i64>().map_err(|_| Finding::fail("a number", text)));
    trace.check(&EVEN, number.judge(|n| Finding::require(n % 2 == 0, "an even number", *n)));
    trace.check(&SMALL, number.judge(|n| Finding::require(*n < 10, "below 10", *n)));
    trace
}

#[test]
fn everything_wrong_shows_in_one_run_and_the_first_failure_decides() {
    let trace = run("11");
    assert_eq!(trace.failures().map(|entry| entry.check.id).collect::<Vec<_>>(), ["t/even", "t/small"]);
    assert_eq!(trace.decided_by().unwrap().id, "t/even");
    assert_eq!(trace.entry("t/even").unwrap().hint(), Some("Add one."));
}

#[test]
fn checks_behind_a_missing_value_name_what_stopped_them() {
    let trace = run("eleven");
    let outcomes: Vec<_> = trace.entries().iter().map(|entry| entry.finding.outcome).collect();
    assert_eq!(outcomes, [Outcome::Fail, Outcome::NotJudged, Outcome::NotJudged]);
    assert_eq!(trace.entries()[1].message(), "Could not be judged, because t/parse failed: The number is even.");
}

#[test]
fn a_failure_is_a_sentence_with_both_values() {
    let trace = run("11");
    assert_eq!(trace.entries()[1].message(), "The number is even: expected “an even number”, found 11.");
}

#[test]
fn the_hint_of_the_cause_comes_before_that_of_the_check() {
    let cause = Hinted { sentence: "it is odd.".into(), hint: Some("Try another.".into()) };
    let mut trace = Trace::new();
    trace.check(&EVEN, Finding::refuse(cause));
    assert_eq!(trace.entries()[0].hint(), Some("Try another."));
    assert_eq!(trace.entries()[0].message(), "it is odd (required: The number is even).");
}

#[test]
fn long_values_are_shortened_with_their_length() {
    let bytes = [0xab; 64];
    assert!(Value::from(&bytes).to_string().ends_with("… (64 bytes)"));
    assert!(Value::from("x".repeat(500)).to_string().ends_with("… (500 bytes)"));
    assert_eq!(serde_json::to_string(&Value::from(&[0x0a_u8, 0xff])).unwrap(), "\"0aff\"");
}

#[derive(Debug)]
struct NotBuilt;

impl std::fmt::Display for NotBuilt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nobody has built it.")
    }
}

impl Reason for NotBuilt {
    fn is_unsupported(&self) -> bool {
        true
    }
}

#[test]
fn what_is_not_built_is_no_failure_and_is_named() {
    let mut trace = Trace::new();
    let value = trace.need(&PARSE, Err::<(), _>(NotBuilt));
    trace.check(&EVEN, value.judge(|()| Finding::pass()));
    assert_eq!(trace.decided_by(), None);
    assert_eq!(trace.unsupported().unwrap().id, "t/parse");
    assert_eq!(trace.entries()[0].message(), "Could not be judged: nobody has built it.");
    assert_eq!(trace.entries()[1].finding.outcome, Outcome::NotJudged);
}
