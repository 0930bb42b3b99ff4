//! From the words of a `$filter` to what it asks.

use super::filter::{Filter, Function, Literal, Operator};
use super::lexer::{Token, tokens};
use super::{Fault, shown};

/// How deep a filter may be nested.
const MAX_DEPTH: usize = 32;
/// The most words of a filter.
const MAX_TOKENS: usize = 1_000;

pub(super) fn parse(text: &str) -> Result<Filter, Fault> {
    let tokens = tokens(text)?;
    if tokens.len() > MAX_TOKENS {
        return Err(Fault::bad_request(format!("$filter: expected at most {MAX_TOKENS} words.")));
    }
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let filter = parser.or()?;
    match parser.tokens.first() {
        None => Ok(filter),
        Some(_) => Err(parser.expected("“and”, “or” or the end")),
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Filter, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::bad_request(format!("$filter: expected at most {MAX_DEPTH} levels of parentheses.")));
        }
        let mut any = vec![self.and()?];
        while self.word("or") {
            any.push(self.and()?);
        }
        self.depth -= 1;
        Ok(one_or(any, Filter::Or))
    }

    fn and(&mut self) -> Result<Filter, Fault> {
        let mut all = vec![self.not()?];
        while self.word("and") {
            all.push(self.not()?);
        }
        Ok(one_or(all, Filter::And))
    }

    fn not(&mut self) -> Result<Filter, Fault> {
        let mut negated = false;
        while self.word("not") {
            negated = !negated;
        }
        let filter = self.condition()?;
        Ok(if negated { Filter::Not(Box::new(filter)) } else { filter })
    }

    fn condition(&mut self) -> Result<Filter, Fault> {
        if self.take(&Token::Open) {
            let inner = self.or()?;
            self.close()?;
            return Ok(inner);
        }
        let name = self.name()?;
        if self.take(&Token::Open) { self.call(&name) } else { self.comparison(name) }
    }

    /// What stands in the parentheses of a function or of `any` and `all`.
    fn call(&mut self, name: &str) -> Result<Filter, Fault> {
        if let Some((path, quantifier)) = name.rsplit_once('/')
            && let "any" | "all" = quantifier
        {
            return self.lambda(path, quantifier == "all");
        }
        let function = Function::named(name).ok_or_else(|| {
            let known = "startswith, endswith, contains, any and all";
            Fault::bad_request(format!("$filter: the function '{}' is not supported; {known} are.", shown(name)))
        })?;
        let path = self.name()?;
        if !self.take(&Token::Comma) {
            return Err(self.expected("a comma"));
        }
        let literal = self.literal()?;
        self.close()?;
        // `contains(a, 'b') eq true` says the same as `contains(a, 'b')`.
        if self.word("eq") && self.literal()? == Literal::Bool(false) {
            return Ok(Filter::Not(Box::new(Filter::Call(function, path, literal))));
        }
        Ok(Filter::Call(function, path, literal))
    }

    fn lambda(&mut self, path: &str, all: bool) -> Result<Filter, Fault> {
        if !all && self.take(&Token::Close) {
            return Ok(Filter::Some { path: path.to_owned(), all, condition: None });
        }
        let Some((Token::Word(word), rest)) = self.tokens.split_first() else {
            return Err(self.expected("a variable"));
        };
        let (variable, condition) = word.split_once(':').ok_or_else(|| self.expected("a variable and a colon"))?;
        // What follows the variable reads as a filter over the items, in which the variable is the item.
        let mut tokens = Vec::with_capacity(self.tokens.len());
        if !condition.is_empty() {
            tokens.push(Token::Word(condition.to_owned()));
        }
        tokens.extend(rest.iter().cloned());
        let tokens: Vec<_> = tokens.into_iter().map(|token| over_item(token, variable)).collect();
        let mut inner = Parser { tokens: &tokens, depth: self.depth };
        let condition = inner.or()?;
        inner.close()?;
        let left = inner.tokens.len();
        self.tokens = &self.tokens[self.tokens.len() - left..];
        Ok(Filter::Some { path: path.to_owned(), all, condition: Some(Box::new(condition)) })
    }

    fn comparison(&mut self, path: String) -> Result<Filter, Fault> {
        if self.word("in") {
            if !self.take(&Token::Open) {
                return Err(self.expected("a parenthesis"));
            }
            let mut literals = vec![self.literal()?];
            while self.take(&Token::Comma) {
                literals.push(self.literal()?);
            }
            self.close()?;
            return Ok(Filter::In(path, literals));
        }
        let operator = match self.tokens.first() {
            Some(Token::Word(word)) => Operator::named(word),
            _ => None,
        };
        let operator = operator.ok_or_else(|| self.expected("eq, ne, gt, ge, lt, le or in"))?;
        self.tokens = &self.tokens[1..];
        Ok(Filter::Compare(path, operator, self.literal()?))
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        let literal = match self.tokens.first() {
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Word(word)) => Literal::of_word(word),
            _ => return Err(self.expected("a value")),
        };
        self.tokens = &self.tokens[1..];
        Ok(literal)
    }

    fn name(&mut self) -> Result<String, Fault> {
        let plain = |word: &str| word.chars().all(|c| c.is_alphanumeric() || "_/.@$".contains(c));
        match self.tokens.first() {
            Some(Token::Word(word)) if plain(word) => {
                self.tokens = &self.tokens[1..];
                Ok(word.clone())
            }
            _ => Err(self.expected("a property")),
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        if self.take(&Token::Close) { Ok(()) } else { Err(self.expected("a closing parenthesis")) }
    }

    fn word(&mut self, expected: &str) -> bool {
        let here = matches!(self.tokens.first(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(expected));
        if here {
            self.tokens = &self.tokens[1..];
        }
        here
    }

    fn take(&mut self, expected: &Token) -> bool {
        let here = self.tokens.first() == Some(expected);
        if here {
            self.tokens = &self.tokens[1..];
        }
        here
    }

    fn expected(&self, what: &str) -> Fault {
        let found = match self.tokens.first() {
            None => "the end".to_owned(),
            Some(Token::Open) => "“(”".to_owned(),
            Some(Token::Close) => "“)”".to_owned(),
            Some(Token::Comma) => "a comma".to_owned(),
            Some(Token::Text(text)) => format!("the text '{}'", shown(text)),
            Some(Token::Word(word)) => format!("“{}”", shown(word)),
        };
        Fault::bad_request(format!("$filter: expected {what}, found {found}."))
    }
}

fn one_or(mut filters: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match (filters.len(), filters.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            filters.extend(last);
            many(filters)
        }
    }
}

/// A word of a condition over items: the variable is the item itself.
fn over_item(token: Token, variable: &str) -> Token {
    match token {
        Token::Word(word) if word == variable => Token::Word(Filter::ITEM.to_owned()),
        Token::Word(word) => match word.strip_prefix(variable).and_then(|rest| rest.strip_prefix('/')) {
            Some(path) => Token::Word(path.to_owned()),
            None => Token::Word(word),
        },
        other => other,
    }
}
