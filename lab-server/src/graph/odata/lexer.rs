//! The words of a `$filter`.

use super::{Fault, shown};

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `,`.
    Comma,
    /// A text in quotation marks, without them.
    Text(String),
    /// Anything else up to a space, a parenthesis or a comma: names, operators, numbers, times.
    Word(String),
}

/// The words of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut rest = text;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            '(' | ')' | ',' => {
                tokens.push(match first {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Comma,
                });
                after
            }
            '\'' => {
                let (text, rest) = quoted(after)?;
                tokens.push(Token::Text(text));
                rest
            }
            space if space.is_whitespace() => after,
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "(),'".contains(c)).unwrap_or(rest.len());
                let (word, rest) = rest.split_at(end);
                tokens.push(Token::Word(word.to_owned()));
                rest
            }
        };
    }
    Ok(tokens)
}

/// A text up to its closing quotation mark; two of them stand for one inside it.
fn quoted(text: &str) -> Result<(String, &str), Fault> {
    let mut inside = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\'') {
        inside.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                inside.push('\'');
                rest = after;
            }
            None => return Ok((inside, after)),
        }
    }
    Err(Fault::bad_request(format!("$filter: expected a closing ' after '{}.", shown(text))))
}
