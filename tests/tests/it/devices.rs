//! What Yubico's device suite came to (`tests/oracles/device_suite.json`), as README says it.

use std::fs;
use std::path::Path;

use serde_json::Value;

#[test]
fn readme_quotes_the_device_suite_as_it_came_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("oracles/device_suite.json")).unwrap();
    let counts: Value = serde_json::from_str(&text).unwrap();
    let readme = fs::read_to_string(root.join("../README.md")).unwrap();
    let models = counts["models"].as_object().unwrap();
    assert!(!models.is_empty());
    for (model, counted) in models {
        let number = |name: &str| counted[name].as_u64().unwrap();
        let skipped: u64 = counted["skipped"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(number("failed"), 0, "{model}");
        assert_eq!(number("passed") + skipped, number("collected"), "{model}");
        let row = format!("| `{model}` | {} | {skipped} |", number("passed"));
        let quoted = readme.lines().filter(|line| line.starts_with(&format!("| `{model}` | ")));
        quoted.for_each(|line| assert_eq!(line, row, "README.md"));
    }
}
