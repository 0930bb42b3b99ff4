//! Line and column of a JSON path, in a text that is known to be JSON.

use super::error::Position;
use crate::graph::{JsonPath, Segment};

/// Where the value at `path` begins; where it is missing, where the object that lacks it begins.
pub(super) fn locate(text: &str, path: &JsonPath) -> Position {
    let mut scanner = Scanner { text: text.as_bytes(), at: 0 };
    scanner.skip_space();
    let mut found = scanner.at;
    for segment in &path.0 {
        let entered = match segment {
            Segment::Key(key) => scanner.enter_key(key),
            Segment::Index(index) => scanner.enter_index(*index),
        };
        if entered.is_none() {
            break;
        }
        found = scanner.at;
    }
    position(text, found)
}

fn position(text: &str, at: usize) -> Position {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
    }
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Stands at an object; moves to the value of `key`.
    fn enter_key(&mut self, key: &str) -> Option<()> {
        self.eat(b'{')?;
        loop {
            self.skip_space();
            let start = self.at;
            self.skip_text()?;
            let name = serde_json::from_slice::<String>(self.text.get(start..self.at)?).ok()?;
            self.eat(b':')?;
            self.skip_space();
            if name == key {
                return Some(());
            }
            self.skip_value()?;
            self.eat(b',')?;
        }
    }

    /// Stands at an array; moves to its element at `index`.
    fn enter_index(&mut self, index: usize) -> Option<()> {
        self.eat(b'[')?;
        for _ in 0..index {
            self.skip_value()?;
            self.eat(b',')?;
        }
        self.skip_space();
        Some(())
    }

    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            self.skip_space();
            match self.peek()? {
                b'"' => self.skip_text()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                _ => self.skip_scalar(),
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn skip_scalar(&mut self) {
        while self.peek().is_some_and(|byte| !matches!(byte, b',' | b':' | b'}' | b']') && !byte.is_ascii_whitespace())
        {
            self.at += 1;
        }
    }

    fn skip_text(&mut self) -> Option<()> {
        self.eat(b'"')?;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, locate};
    use crate::graph::{JsonPath, Segment};

    const TEXT: &str = "{\n  \"a\\\"b\": [1, {\"x\": [[], \"]\", {}]}, \"ä\"],\n  \"c\": {\"d\": true}\n}";

    fn at(path: &[Segment]) -> (usize, usize) {
        let Position { line, column } = locate(TEXT, &JsonPath(path.to_vec()));
        (line, column)
    }

    #[test]
    fn values_are_found_behind_texts_arrays_and_objects() {
        assert_eq!(at(&[]), (1, 1));
        assert_eq!(at(&["a\"b".into()]), (2, 11));
        assert_eq!(at(&["a\"b".into(), 1.into(), "x".into(), 2.into()]), (2, 31));
        assert_eq!(at(&["a\"b".into(), 2.into()]), (2, 37));
        assert_eq!(at(&["c".into(), "d".into()]), (3, 14));
    }

    #[test]
    fn a_missing_value_is_placed_at_the_object_that_lacks_it() {
        assert_eq!(at(&["c".into(), "e".into()]), (3, 8));
        assert_eq!(at(&["c".into(), 4.into()]), (3, 8));
    }
}
