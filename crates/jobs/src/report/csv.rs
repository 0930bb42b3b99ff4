//! Comma-separated values (RFC 4180).

/// A text of records.
#[derive(Debug)]
pub(crate) struct Csv(String);

impl Csv {
    /// Begins with the names of the columns.
    pub(crate) fn new(headers: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.record(headers);
        csv
    }

    /// Adds a record.
    pub(crate) fn record(&mut self, fields: impl IntoIterator<Item = impl AsRef<str>>) {
        for (index, text) in fields.into_iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            self.field(text.as_ref());
        }
        self.0.push_str("\r\n");
    }

    /// The text.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    /// Names come from tenants and certificates: a spreadsheet must not take one for a formula, so such
    /// a text gets an apostrophe in front, as spreadsheets have it for texts.
    fn field(&mut self, text: &str) {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = formula || text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
        if !quoted {
            return self.0.push_str(text);
        }
        self.0.push('"');
        if formula {
            self.0.push('\'');
        }
        text.chars().for_each(|c| match c {
            '"' => self.0.push_str("\"\""),
            c => self.0.push(c),
        });
        self.0.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_or_a_spreadsheet_could_misread_is_quoted() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.record(["plain", "with, comma"]);
        csv.record(["said \"no\"", "two\nlines"]);
        csv.record(["=HYPERLINK(1)", "-1"]);
        let expected =
            "a,b\r\nplain,\"with, comma\"\r\n\"said \"\"no\"\"\",\"two\nlines\"\r\n\"'=HYPERLINK(1)\",\"'-1\"\r\n";
        assert_eq!(csv.finish(), expected);
    }
}
