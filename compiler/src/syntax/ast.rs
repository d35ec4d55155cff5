//! The tree of one file: what is written, in its order, with the place of everything.
//!
//! Nothing is resolved or judged here; a name is a text, a path is a string. Texts are borrowed
//! from the source, so that a long file costs little more than itself. Comments and line breaks
//! are not part of the tree; [`super::lexer::Lexed`] has them.

use std::borrow::Cow;
use std::ops::Range;

use tappass_ir::vocabulary::{Effect, Meter, Verb};

use super::lexer::unescape;
use crate::source::{Span, Spanned};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File<'src> {
    pub items: Vec<Item<'src>>,
    pub comments: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'src> {
    Import(Import<'src>),
    Policy(Policy<'src>),
    Pack(Pack<'src>),
    Server(Server<'src>),
    Runtime(Runtime<'src>),
    Sandbox(Sandbox<'src>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import<'src> {
    pub path: Text<'src>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy<'src> {
    pub name: Name<'src>,
    pub narrows: Vec<Name<'src>>,
    pub items: Vec<PolicyItem<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyItem<'src> {
    Use(Use<'src>),
    Section(Section<'src>),
    Identity(Identity<'src>),
    Tags(Tags<'src>),
    Accept(Accept<'src>),
    Test(Test<'src>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack<'src> {
    pub name: Name<'src>,
    pub version: Version<'src>,
    pub items: Vec<PackItem<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackItem<'src> {
    Section(Section<'src>),
    Tags(Tags<'src>),
    Test(Test<'src>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use<'src> {
    pub pack: Name<'src>,
    pub version: Option<Version<'src>>,
    pub span: Span,
}

/// The rules and limits of one aspect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'src> {
    pub kind: SectionKind<'src>,
    /// The word that opens the section.
    pub head: Span,
    pub items: Vec<SectionItem<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind<'src> {
    Network,
    Filesystem,
    Tools,
    Budget,
    /// With the language that the interpreter runs.
    Interpreter(Name<'src>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionItem<'src> {
    Rule(Rule<'src>),
    Limit(Limit<'src>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule<'src> {
    pub effect: Spanned<Effect>,
    pub verb: Spanned<Verb>,
    pub patterns: Patterns<'src>,
    pub modifiers: Vec<Modifier<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patterns<'src> {
    One(Pattern<'src>),
    List {
        patterns: Vec<Pattern<'src>>,
        span: Span,
    },
    Category {
        names: Vec<Name<'src>>,
        span: Span,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern<'src> {
    Text(Text<'src>),
    Name(Name<'src>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modifier<'src> {
    pub kind: ModifierKind<'src>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModifierKind<'src> {
    Because(Text<'src>),
    Audit,
    By(Name<'src>),
    Within(Quantity<'src>),
    Methods(Vec<Name<'src>>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit<'src> {
    pub meter: Spanned<Meter>,
    pub amount: Quantity<'src>,
    pub period: Option<Spanned<Period>>,
    pub then: Option<Spanned<Effect>>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity<'src> {
    pub number: Number<'src>,
    pub unit: Option<Spanned<Unit>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity<'src> {
    pub fields: Vec<Field<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags<'src> {
    pub names: Vec<Name<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept<'src> {
    pub gap: Name<'src>,
    pub because: Text<'src>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server<'src> {
    pub name: Name<'src>,
    pub fields: Vec<Field<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime<'src> {
    pub name: Name<'src>,
    pub fields: Vec<Field<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox<'src> {
    pub name: Name<'src>,
    pub items: Vec<SandboxItem<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxItem<'src> {
    Field(Field<'src>),
    Require(Require<'src>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Require<'src> {
    pub entries: Vec<Requirement<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement<'src> {
    pub aspect: Name<'src>,
    pub extent: Name<'src>,
    pub strength: Option<Name<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'src> {
    pub name: Name<'src>,
    pub value: Value<'src>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'src> {
    Name {
        name: Name<'src>,
        version: Option<Version<'src>>,
        at: Option<Text<'src>>,
    },
    Text(Text<'src>),
    Number(Number<'src>),
    Names {
        names: Vec<Name<'src>>,
        span: Span,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test<'src> {
    pub title: Text<'src>,
    pub under: Option<Name<'src>>,
    pub cases: Vec<Case<'src>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case<'src> {
    pub verb: Spanned<Verb>,
    pub pattern: Pattern<'src>,
    /// Empty where the case names none.
    pub methods: Vec<Name<'src>>,
    pub effect: Spanned<Effect>,
    pub span: Span,
}

/// A word. Empty, with an empty span, where the text lacks it; the parser has reported that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'src> {
    pub text: &'src str,
    pub span: Span,
}

/// Digits and dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version<'src> {
    pub text: &'src str,
    pub span: Span,
}

/// A quoted string, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'src> {
    /// What stands between the quotes, escapes and all.
    pub raw: &'src str,
    /// With the quotes.
    pub span: Span,
}

/// A number as it is written, underscores and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<'src> {
    pub text: &'src str,
    pub span: Span,
}

macro_rules! word_set {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

word_set! {
    /// What a number counts.
    Unit {
        Byte = "B",
        KiB = "KiB",
        MiB = "MiB",
        GiB = "GiB",
        Millisecond = "ms",
        Second = "s",
        Minute = "min",
        Hour = "h",
        Usd = "USD",
        Eur = "EUR",
    }
}

word_set! {
    /// After which time a limit starts afresh.
    Period {
        Minute = "min",
        Hour = "h",
        Day = "day",
        Month = "month",
    }
}

impl<'src> Pattern<'src> {
    pub fn value(&self) -> Cow<'src, str> {
        match self {
            Self::Text(text) => text.value(),
            Self::Name(name) => Cow::Borrowed(name.text),
        }
    }

    /// With the quotes, if there are any.
    pub fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span,
            Self::Name(name) => name.span,
        }
    }

    /// Where a range of bytes of [`Self::value`] is written.
    pub fn source_span(&self, range: Range<usize>) -> Span {
        match self {
            Self::Text(text) => text.source_span(range),
            Self::Name(name) => inside(name.span, range),
        }
    }
}

impl Patterns<'_> {
    pub fn span(&self) -> Span {
        match self {
            Self::One(pattern) => pattern.span(),
            Self::List { span, .. } | Self::Category { span, .. } => *span,
        }
    }
}

impl Value<'_> {
    pub fn span(&self) -> Span {
        match self {
            Self::Name { name, version, at } => {
                let last = at.map(|at| at.span).or(version.map(|version| version.span));
                name.span.to(last.unwrap_or(name.span))
            }
            Self::Text(text) => text.span,
            Self::Number(number) => number.span,
            Self::Names { span, .. } => *span,
        }
    }
}

impl<'src> Text<'src> {
    /// What the string means. An escape that the lexer has refused stands for itself.
    pub fn value(&self) -> Cow<'src, str> {
        if !self.has_escapes() {
            return Cow::Borrowed(self.raw);
        }
        let mut value = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        while let Some((piece, decoded, after)) = next_piece(rest) {
            match decoded {
                Some(character) => value.push(character),
                None => value.push_str(piece),
            }
            rest = after;
        }
        Cow::Owned(value)
    }

    pub fn has_escapes(&self) -> bool {
        self.raw.contains('\\')
    }

    /// What stands between the quotes.
    pub fn content(&self) -> Span {
        inside(self.span, 1..1 + self.raw.len())
    }

    /// Where a range of bytes of [`Self::value`] is written. An escape is covered as a whole.
    pub fn source_span(&self, range: Range<usize>) -> Span {
        let content = self.content();
        if !self.has_escapes() {
            return inside(content, range);
        }
        let start = self.raw_offset(range.start);
        let end = if range.end <= range.start {
            start
        } else {
            self.raw_offset_after(range.end)
        };
        inside(content, start..end)
    }

    /// The start of the piece that yields the byte at `offset` of the value.
    fn raw_offset(&self, offset: usize) -> usize {
        self.walk(|value_start, value_end| value_start <= offset && offset < value_end)
            .start
    }

    /// The end of the piece that yields the byte before `offset` of the value.
    fn raw_offset_after(&self, offset: usize) -> usize {
        self.walk(|_, value_end| value_end >= offset).end
    }

    /// The raw range of the first piece whose range in the value satisfies `found`, else the end.
    fn walk(&self, found: impl Fn(usize, usize) -> bool) -> Range<usize> {
        let mut rest = self.raw;
        let mut value_start = 0;
        while let Some((piece, decoded, after)) = next_piece(rest) {
            let value_end = value_start + decoded.map_or(piece.len(), char::len_utf8);
            if found(value_start, value_end) {
                let start = self.raw.len() - rest.len();
                return start..start + piece.len();
            }
            value_start = value_end;
            rest = after;
        }
        self.raw.len()..self.raw.len()
    }
}

/// One character or one escape: how it is written, what an escape stands for, and the rest.
fn next_piece(raw: &str) -> Option<(&str, Option<char>, &str)> {
    let first = raw.chars().next()?;
    let (length, decoded) = match raw.strip_prefix('\\') {
        Some(after) => {
            let (length, decoded) = unescape(after);
            (1 + length, decoded)
        }
        None => (first.len_utf8(), None),
    };
    let (piece, after) = raw.split_at_checked(length)?;
    Some((piece, decoded, after))
}

impl Number<'_> {
    /// The number times ten to the power of `decimals`, if that is whole and fits: `1.50` with two
    /// decimals is 150. So that money and memory are never rounded.
    pub fn scaled(&self, decimals: u32) -> Option<u64> {
        let (whole, fraction) = self.text.split_once('.').unwrap_or((self.text, ""));
        let fraction = fraction.trim_end_matches('0');
        let missing = decimals.checked_sub(u32::try_from(fraction.len()).ok()?)?;
        let mut digits = whole
            .bytes()
            .chain(fraction.bytes())
            .filter(|byte| *byte != b'_');
        let value = digits.try_fold(0_u64, |value, digit| {
            value
                .checked_mul(10)?
                .checked_add(u64::from(digit.checked_sub(b'0')?))
        })?;
        value.checked_mul(10_u64.checked_pow(missing)?)
    }
}

/// A range of bytes within a span, never beyond its end.
fn inside(span: Span, range: Range<usize>) -> Span {
    let at = |offset: usize| {
        let moved = span
            .start
            .saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        moved.min(span.end)
    };
    Span::new(span.file, at(range.start), at(range.end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::FileId;

    /// A string whose opening quote stands at byte 10.
    fn quoted(raw: &str) -> Text<'_> {
        let length = u32::try_from(raw.len()).unwrap();
        Text {
            raw,
            span: Span::new(FileId(0), 10, 12 + length),
        }
    }

    fn number(text: &str) -> Number<'_> {
        Number {
            text,
            span: Span::new(FileId(0), 0, 0),
        }
    }

    #[test]
    fn a_string_without_escapes_is_borrowed() {
        assert!(matches!(
            quoted("/srv/**").value(),
            Cow::Borrowed("/srv/**")
        ));
    }

    #[test]
    fn every_escape_is_decoded() {
        assert_eq!(quoted(r#"\"\\\n\t\u{e9}"#).value(), "\"\\\n\té");
    }

    #[test]
    fn a_refused_escape_stands_for_itself() {
        for raw in [r"\q", r"\u{}", r"\u{110000}", r"\u{+41}", r"\u41", r"\u{41"] {
            assert_eq!(quoted(raw).value(), raw);
        }
    }

    #[test]
    fn an_offset_in_the_value_leads_to_its_escape() {
        let text = quoted(r"a\u{e9}b");
        assert_eq!(text.value(), "aéb");
        assert_eq!(text.source_span(0..1).range(), 11..12);
        assert_eq!(text.source_span(1..3).range(), 12..18);
        assert_eq!(text.source_span(3..4).range(), 18..19);
        assert_eq!(text.source_span(4..4).range(), 19..19);
    }

    #[test]
    fn a_number_is_scaled_without_rounding() {
        assert_eq!(number("2_000_000").scaled(0), Some(2_000_000));
        assert_eq!(number("1.50").scaled(2), Some(150));
        assert_eq!(number("1.5").scaled(0), None);
        assert_eq!(number("1.0").scaled(0), Some(1));
        assert_eq!(number("99999999999999999999").scaled(0), None);
    }

    proptest! {
        #[test]
        fn source_spans_of_the_characters_tile_the_content(raw in r#"([a-zé]|\\["\\nt]|\\u\{[0-9a-f]{2}\}){0,12}"#) {
            let text = quoted(&raw);
            let mut at = text.content().start;
            for (start, character) in text.value().char_indices() {
                let span = text.source_span(start..start + character.len_utf8());
                prop_assert_eq!(span.start, at);
                at = span.end;
            }
            prop_assert_eq!(at, text.content().end);
        }
    }
}
