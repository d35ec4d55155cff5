//! What the text consists of: words, literals, signs, comments.
//!
//! One declaration per kind feeds the lexer (logos), the parser's tables, the messages and the
//! grammar test. The language's own words have kinds of their own only so that a comparison is one
//! byte; none is reserved, and [`TokenKind::is_name`] holds for every word.

use logos::Logos;

use crate::source::{FileId, Span};

/// One token: 12 bytes, so that a long file stays in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub start: u32,
    pub end: u32,
    pub kind: TokenKind,
    /// First on its line.
    pub starts_line: bool,
    /// No statement continues across this token: it begins one. Set by the pre-scan of the parser.
    pub boundary: bool,
}

impl Token {
    pub fn span(self, file: FileId) -> Span {
        Span::new(file, self.start, self.end)
    }
}

macro_rules! token_kinds {
    (
        literals { $($(#[$literal_attribute:meta])* $literal:ident = $description:tt,)+ }
        signs { $($sign:ident = $sign_text:tt,)+ }
        words { $($word:ident = $word_text:tt,)+ }
    ) => {
        #[derive(Logos, Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[logos(skip r"(?:[ \t\n\u{feff}]|\r\n)+")]
        #[repr(u8)]
        pub enum TokenKind {
            $($(#[$literal_attribute])* $literal,)+
            $(#[token($sign_text)] $sign,)+
            $(#[token($word_text)] $word,)+
        }

        /// Every sign of the language and its kind.
        pub const SIGNS: &[(&str, TokenKind)] = &[$(($sign_text, TokenKind::$sign)),+];

        /// Every word that the grammar itself uses and its kind.
        pub const WORDS: &[(&str, TokenKind)] = &[$(($word_text, TokenKind::$word)),+];

        impl TokenKind {
            /// The text of a sign or word; what a literal is, in words.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$literal => $description,)+
                    $(Self::$sign => $sign_text,)+
                    $(Self::$word => $word_text,)+
                }
            }

            /// Whether the token may stand where the grammar expects a NAME.
            pub const fn is_name(self) -> bool {
                match self {
                    $(Self::$word => true,)+
                    $(Self::$sign => false,)+
                    $(Self::$literal => matches!(self, Self::Name),)+
                }
            }
        }
    };
}

token_kinds! {
    literals {
        #[regex(r"[A-Za-z_][A-Za-z0-9_.\-]*")]
        Name = "a name",
        #[regex(r#""[^"\\\r\n]*""#, priority = 8)]
        Text = "a quoted string",
        #[regex(r#""(?:[^"\\\r\n]|\\[^\r\n])*""#)]
        EscapedText = "a quoted string",
        #[regex(r#""(?:[^"\\\r\n]|\\[^\r\n])*\\?"#)]
        UnclosedText = "an unterminated string",
        #[regex(r"[0-9][0-9_]*(?:\.[0-9]+)?")]
        Number = "a number",
        #[regex(r"[0-9]+(?:\.[0-9]+){2,}")]
        Version = "a version",
        #[regex(r"#[^\r\n]*", allow_greedy = true)]
        Comment = "a comment",
        Invalid = "an invalid character",
    }
    signs {
        OpenBrace = "{",
        CloseBrace = "}",
        OpenBracket = "[",
        CloseBracket = "]",
        Colon = ":",
        Comma = ",",
        Slash = "/",
        At = "@",
        Arrow = "=>",
        Equals = "=",
    }
    words {
        Import = "import",
        Policy = "policy",
        Pack = "pack",
        Server = "server",
        Runtime = "runtime",
        Sandbox = "sandbox",
        Network = "network",
        Filesystem = "filesystem",
        Tools = "tools",
        Budget = "budget",
        Interpreter = "interpreter",
        Identity = "identity",
        Compliance = "compliance",
        Require = "require",
        Use = "use",
        Accept = "accept",
        Test = "test",
        Limit = "limit",
        Allow = "allow",
        Ask = "ask",
        Deny = "deny",
        Narrows = "narrows",
        Category = "category",
        Because = "because",
        Audit = "audit",
        By = "by",
        Within = "within",
        Methods = "methods",
        Then = "then",
        Gap = "gap",
        AtWord = "at",
        Under = "under",
    }
}

impl TokenKind {
    /// Whether the token may stand where the grammar expects a STRING. An unterminated string
    /// counts, because the lexer has reported it.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::EscapedText | Self::UnclosedText)
    }

    pub const fn is_effect(self) -> bool {
        matches!(self, Self::Allow | Self::Ask | Self::Deny)
    }

    /// Whether an effect behind this token belongs to the same statement. `=` is a misspelt `=>`.
    pub const fn awaits_effect(self) -> bool {
        matches!(self, Self::Arrow | Self::Then | Self::Equals)
    }

    /// Whether the lexer has reported this token, so that the parser need not complain again.
    pub const fn is_reported(self) -> bool {
        matches!(self, Self::UnclosedText | Self::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_compact() {
        assert_eq!(size_of::<Token>(), 12);
    }

    #[test]
    fn every_word_and_sign_is_lexed_as_its_own_kind() {
        for (text, kind) in WORDS.iter().chain(SIGNS) {
            let mut lexer = TokenKind::lexer(text);
            assert_eq!(lexer.next(), Some(Ok(*kind)), "{text}");
            assert_eq!(lexer.next(), None, "{text}");
            assert_eq!(kind.text(), *text);
        }
    }

    #[test]
    fn every_word_may_stand_for_a_name_and_no_sign_does() {
        assert!(WORDS.iter().all(|(_, kind)| kind.is_name()));
        assert!(!SIGNS.iter().any(|(_, kind)| kind.is_name()));
        assert!(TokenKind::Name.is_name() && !TokenKind::Text.is_name());
    }
}
