//! Text to tokens. What cannot be lexed is reported and becomes a token too, so that the parser
//! sees where it stood.
//!
//! Comments are trivia: they stand beside the tokens, with spans, for the formatter. Whitespace is
//! what neither covers. The text of an approved file must mean what a reviewer saw, so characters
//! that a screen does not show as they are read are refused even in strings and comments.

use logos::Logos;

use super::MAX_ERRORS;
use super::token::{Token, TokenKind};
use crate::diagnostics::{Diagnostic, InvalidCharacter, InvalidString, StringFault};
use crate::source::{FileId, Span, is_deceptive};

/// Everything that stands in a text, in its order.
#[derive(Debug, Default)]
pub struct Lexed {
    pub tokens: Vec<Token>,
    pub comments: Vec<Span>,
}

/// Lexes the whole text, whatever it holds. `text` is at most 4 GiB long.
pub fn lex(file: FileId, text: &str) -> (Lexed, Vec<Diagnostic>) {
    let mut output = Output {
        file,
        text,
        lexed: Lexed::default(),
        diagnostics: Vec::new(),
    };
    // An average token and the blank after it take seven bytes in policies that we have seen.
    output.lexed.tokens.reserve(text.len() / 7);
    let mut lexer = TokenKind::lexer(text);
    let mut previous_end = 0;
    while let Some(result) = lexer.next() {
        let range = lexer.span();
        let blank = text.get(previous_end..range.start).unwrap_or("");
        let starts_line = previous_end == 0 || blank.contains('\n');
        previous_end = range.end;
        let span = Span::new(file, offset(range.start), offset(range.end));
        output.push(result.unwrap_or(TokenKind::Invalid), span, starts_line);
    }
    if !text.bytes().all(is_plain) {
        output.report_deceptive_characters();
    }
    (output.lexed, output.diagnostics)
}

/// The characters of a string's content that form one escape, without the backslash, and what
/// they stand for; `None` for an escape that the language does not have.
pub(super) fn unescape(after_backslash: &str) -> (usize, Option<char>) {
    let mut characters = after_backslash.chars();
    match characters.next() {
        Some('"') => (1, Some('"')),
        Some('\\') => (1, Some('\\')),
        Some('n') => (1, Some('\n')),
        Some('t') => (1, Some('\t')),
        Some('u') => unescape_unicode(characters.as_str()),
        Some(other) => (other.len_utf8(), None),
        None => (0, None),
    }
}

fn unescape_unicode(after_u: &str) -> (usize, Option<char>) {
    let digits = after_u
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'));
    match digits {
        Some((digits, _)) => {
            let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let value = u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal);
            ("u{}".len() + digits.len(), value.and_then(char::from_u32))
        }
        None => ("u".len(), None),
    }
}

struct Output<'src> {
    file: FileId,
    text: &'src str,
    lexed: Lexed,
    diagnostics: Vec<Diagnostic>,
}

impl Output<'_> {
    fn push(&mut self, kind: TokenKind, span: Span, starts_line: bool) {
        if kind == TokenKind::Comment {
            self.lexed.comments.push(span);
            return;
        }
        if kind == TokenKind::Invalid {
            if self.joins_invalid(span) {
                return;
            }
            self.report_invalid(span);
        }
        if kind == TokenKind::UnclosedText {
            self.report_string(span, StringFault::Unterminated);
        }
        if kind == TokenKind::EscapedText {
            self.check_escapes(span);
        }
        self.lexed.tokens.push(Token {
            start: span.start,
            end: span.end,
            kind,
            starts_line,
            boundary: false,
        });
    }

    /// A run of invalid characters is one fault.
    fn joins_invalid(&mut self, span: Span) -> bool {
        match self.lexed.tokens.last_mut() {
            Some(last) if last.kind == TokenKind::Invalid && last.end == span.start => {
                last.end = span.end;
                if let Some(reported) = self.diagnostics.last_mut()
                    && reported.primary.span.end == span.start
                {
                    reported.primary.span.end = span.end;
                }
                true
            }
            _ => false,
        }
    }

    fn report_invalid(&mut self, span: Span) {
        let found = self
            .text
            .get(span.range())
            .and_then(|text| text.chars().next());
        let found = found.unwrap_or_default();
        self.report(|| InvalidCharacter { found, span }.render());
    }

    fn report_string(&mut self, span: Span, fault: StringFault) {
        self.report(|| InvalidString { fault, span }.render());
    }

    /// A diagnostic that nobody will see is not even made: a file may be nothing but faults.
    fn report(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        // One more than is shown: the parser sees that there were too many.
        if self.diagnostics.len() <= MAX_ERRORS {
            self.diagnostics.push(diagnostic());
        }
    }

    fn check_escapes(&mut self, span: Span) {
        let content_start = span.start + 1;
        let content = self
            .text
            .get(content_start as usize..span.end as usize - 1)
            .unwrap_or("");
        let mut at = 0;
        while let Some(found) = content.get(at..).and_then(|rest| rest.find('\\')) {
            let backslash = at + found;
            let (length, value) = unescape(content.get(backslash + 1..).unwrap_or(""));
            at = backslash + 1 + length;
            if value.is_none() {
                let escape = Span::new(
                    self.file,
                    content_start + offset(backslash),
                    content_start + offset(at),
                );
                let written = content.get(backslash..at).unwrap_or("").to_owned();
                self.report_string(escape, StringFault::Escape(written));
            }
        }
    }

    fn report_deceptive_characters(&mut self) {
        for (at, character) in self
            .text
            .char_indices()
            .filter(|(_, found)| is_deceptive(*found))
        {
            let start = offset(at);
            let span = Span::new(self.file, start, start + offset(character.len_utf8()));
            let byte_order_mark = at == 0 && character == '\u{feff}';
            if !byte_order_mark && !self.is_invalid_token(start) {
                let found = character;
                self.report(|| InvalidCharacter { found, span }.render());
            }
        }
    }

    fn is_invalid_token(&self, at: u32) -> bool {
        let index = self.lexed.tokens.partition_point(|token| token.end <= at);
        let token = self.lexed.tokens.get(index);
        token.is_some_and(|token| token.kind == TokenKind::Invalid && token.start <= at)
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
