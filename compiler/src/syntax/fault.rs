//! The parser's error: a place and the set of what could have stood there.
//!
//! Parsing tries alternatives all the time and nearly every one fails, so that a fault owns nothing
//! and merging two of them is one `or`. It becomes a diagnostic only when a statement is given up.

use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::input::Input;
use chumsky::util::MaybeRef;
use tappass_ir::vocabulary::{Meter, Verb};

use super::ast::Period;
use super::token::{Token, TokenKind};
use super::words::MODIFIERS;

macro_rules! expected {
    ($($name:ident = $description:literal,)+) => {
        /// Something that the grammar can ask for. Messages list it in this order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Expected { $($name,)+ }

        impl Expected {
            const ALL: &'static [Self] = &[$(Self::$name),+];

            pub(crate) const fn description(self) -> &'static str {
                match self { $(Self::$name => $description),+ }
            }
        }
    };
}

expected! {
    Name = "a name",
    Text = "a quoted string",
    Pattern = "a pattern",
    Verb = "a verb",
    Meter = "a meter",
    Number = "a number",
    Version = "a version",
    Unit = "a unit",
    Period = "a period",
    Effect = "an effect",
    Value = "a value",
    Narrows = "`narrows`",
    Under = "`under`",
    Gap = "`gap`",
    Because = "`because`",
    Methods = "`methods`",
    Then = "`then`",
    AtWord = "`at`",
    At = "`@`",
    Colon = "`:`",
    Comma = "`,`",
    Slash = "`/`",
    Arrow = "`=>`",
    OpenBrace = "`{`",
    OpenBracket = "`[`",
    CloseBracket = "`]`",
    Modifier = "a modifier",
    StatementEnd = "the end of the statement",
}

impl Expected {
    /// The words that satisfy it, where they are a closed set.
    pub(crate) fn words(self) -> Vec<&'static str> {
        match self {
            Self::Verb => Verb::ALL.iter().map(|verb| verb.word()).collect(),
            Self::Meter => Meter::ALL.iter().map(|meter| meter.word()).collect(),
            Self::Period => Period::ALL.iter().map(|period| period.word()).collect(),
            Self::Effect => vec!["allow", "ask", "deny"],
            Self::Modifier => MODIFIERS.iter().map(|kind| kind.text()).collect(),
            Self::Narrows => vec![TokenKind::Narrows.text()],
            Self::Under => vec![TokenKind::Under.text()],
            Self::Gap => vec![TokenKind::Gap.text()],
            Self::Because => vec![TokenKind::Because.text()],
            Self::Methods => vec![TokenKind::Methods.text()],
            Self::Then => vec![TokenKind::Then.text()],
            Self::AtWord => vec![TokenKind::AtWord.text()],
            // A unit is no word to correct: `MB` is near to `MiB`, and means another number.
            Self::Unit
            | Self::Name
            | Self::Text
            | Self::Pattern
            | Self::Number
            | Self::Version
            | Self::Value
            | Self::At
            | Self::Colon
            | Self::Comma
            | Self::Slash
            | Self::Arrow
            | Self::OpenBrace
            | Self::OpenBracket
            | Self::CloseBracket
            | Self::StatementEnd => Vec::new(),
        }
    }
}

/// A set of [`Expected`], one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ExpectedSet(u32);

impl ExpectedSet {
    pub(crate) const fn one(expected: Expected) -> Self {
        Self(1 << expected as u8)
    }

    pub(crate) const fn contains(self, expected: Expected) -> bool {
        self.0 & Self::one(expected).0 != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Expected> {
        Expected::ALL
            .iter()
            .copied()
            .filter(move |expected| self.contains(*expected))
    }

    /// `a, b or c`
    pub(crate) fn describe(self) -> String {
        let all: Vec<_> = self.iter().map(Expected::description).collect();
        match all.split_last() {
            None => "something else".to_owned(),
            Some((only, [])) => (*only).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Index of the token that does not fit; the number of tokens at the end of the file.
    pub(crate) at: usize,
    pub(crate) expected: ExpectedSet,
}

impl Fault {
    pub(crate) const fn new(at: usize, expected: Expected) -> Self {
        Self {
            at,
            expected: ExpectedSet::one(expected),
        }
    }
}

type Tokens<'t> = &'t [Token];

impl<'t> Error<'t, Tokens<'t>> for Fault {
    fn merge(self, other: Self) -> Self {
        Self {
            at: self.at,
            expected: ExpectedSet(self.expected.0 | other.expected.0),
        }
    }
}

/// Chumsky's own primitives name tokens, which tell a reader nothing: the labels do.
impl<'t> LabelError<'t, Tokens<'t>, DefaultExpected<'t, Token>> for Fault {
    fn expected_found<E: IntoIterator<Item = DefaultExpected<'t, Token>>>(
        _: E,
        _: Option<MaybeRef<'t, Token>>,
        span: <Tokens<'t> as Input<'t>>::Span,
    ) -> Self {
        Self {
            at: span.start,
            expected: ExpectedSet::default(),
        }
    }
}

impl<'t> LabelError<'t, Tokens<'t>, Expected> for Fault {
    fn expected_found<E: IntoIterator<Item = Expected>>(
        expected: E,
        _: Option<MaybeRef<'t, Token>>,
        span: <Tokens<'t> as Input<'t>>::Span,
    ) -> Self {
        let bits = expected
            .into_iter()
            .fold(0, |bits, one| bits | ExpectedSet::one(one).0);
        Self {
            at: span.start,
            expected: ExpectedSet(bits),
        }
    }

    fn label_with(&mut self, label: Expected) {
        self.expected = ExpectedSet::one(label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_unites_what_was_expected() {
        let merged = Fault::new(3, Expected::Comma).merge(Fault::new(3, Expected::Name));
        assert_eq!(merged.at, 3);
        assert_eq!(
            merged.expected.iter().collect::<Vec<_>>(),
            [Expected::Name, Expected::Comma]
        );
    }

    #[test]
    fn what_was_expected_is_listed_in_words() {
        let bits = [Expected::Comma, Expected::Name, Expected::CloseBracket]
            .map(|expected| ExpectedSet::one(expected).0);
        assert_eq!(ExpectedSet(bits[0]).describe(), "`,`");
        assert_eq!(
            ExpectedSet(bits[0] | bits[1] | bits[2]).describe(),
            "a name, `,` or `]`"
        );
    }

    #[test]
    fn the_set_has_a_bit_for_everything() {
        assert!(Expected::ALL.len() <= u32::BITS as usize);
    }
}
