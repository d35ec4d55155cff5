//! A place in a text, moved forward one character at a time.
//!
//! The scanners of words, substitutions and arithmetic share it, so that none of them indexes into a
//! string.

/// The unread rest of a text.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(crate) const fn rest(&self) -> &'a str {
        self.rest
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    /// Moves past `prefix` if the rest starts with it.
    pub(crate) fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Moves past the longest run of characters that `wanted` accepts.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let trimmed = self.rest.trim_start_matches(wanted);
        self.since(trimmed)
    }

    /// The text between an earlier state of this cursor and its present place.
    pub(crate) fn read_since(&self, start: &Self) -> &'a str {
        let read = start.rest.len().saturating_sub(self.rest.len());
        start.rest.get(..read).unwrap_or_default()
    }

    fn since(&mut self, rest: &'a str) -> &'a str {
        let start = self.clone();
        self.rest = rest;
        self.read_since(&start)
    }
}

/// Whether `text` is a name that bash accepts for a variable or a function.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(is_name_char)
}

pub(crate) const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
