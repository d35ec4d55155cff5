//! The grammar of single statements, in chumsky.
//!
//! Each parser begins behind the word that begins its statement; the driver in [`super::parser`]
//! has dispatched on that word and owns blocks and recovery. A terminal names what it expects, and
//! none accepts a token at which the pre-scan says that another statement begins.

use chumsky::input::InputRef;
use chumsky::prelude::*;
use tappass_ir::vocabulary::{Effect, Meter, Verb};

use super::ast::{
    Limit, Modifier, ModifierKind, Name, Number, Pattern, Patterns, Period, Quantity, Rule, Text,
    Unit, Value, Version,
};
use super::fault::{Expected, Fault};
use super::token::{Token, TokenKind};
use super::words::{Block, takes_names};
use crate::source::{FileId, Span, Spanned};

pub(super) type Tokens<'t> = &'t [Token];
pub(super) type Extra = extra::Err<Fault>;
pub(super) type Input<'t, 'p> = InputRef<'t, 'p, Tokens<'t>, Extra>;
pub(super) type Grammar<'t, O> = Boxed<'t, 't, Tokens<'t>, O, Extra>;

/// The text that tokens point into.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceText<'src> {
    pub(super) file: FileId,
    pub(super) text: &'src str,
}

impl<'src> SourceText<'src> {
    pub(super) fn of(self, token: Token) -> &'src str {
        self.text
            .get(token.start as usize..token.end as usize)
            .unwrap_or("")
    }

    pub(super) fn span(self, token: Token) -> Span {
        token.span(self.file)
    }

    pub(super) fn name(self, token: Token) -> Name<'src> {
        Name {
            text: self.of(token),
            span: self.span(token),
        }
    }

    fn number(self, token: Token) -> Number<'src> {
        Number {
            text: self.of(token),
            span: self.span(token),
        }
    }

    fn version(self, token: Token) -> Version<'src> {
        Version {
            text: self.of(token),
            span: self.span(token),
        }
    }

    fn string(self, token: Token) -> Text<'src> {
        let quoted = self.of(token);
        let opened = quoted.strip_prefix('"').unwrap_or(quoted);
        let closed = token.kind != TokenKind::UnclosedText;
        let raw = if closed {
            opened.strip_suffix('"').unwrap_or(opened)
        } else {
            opened
        };
        Text {
            raw,
            span: self.span(token),
        }
    }

    /// The place of the tokens that a parser has consumed.
    fn place(self, tokens: &[Token]) -> Span {
        let start = tokens.first().map_or(0, |token| token.start);
        Span::new(
            self.file,
            start,
            tokens.last().map_or(start, |token| token.end),
        )
    }
}

/// Everything that a rule says behind its effect.
#[derive(Debug)]
pub(super) struct RuleBody<'src> {
    verb: Spanned<Verb>,
    patterns: Patterns<'src>,
    modifiers: Vec<Modifier<'src>>,
}

impl<'src> RuleBody<'src> {
    pub(super) fn under(self, effect: Spanned<Effect>, span: Span) -> Rule<'src> {
        let Self {
            verb,
            patterns,
            modifiers,
        } = self;
        Rule {
            effect,
            verb,
            patterns,
            modifiers,
            span,
        }
    }
}

/// What a test case says behind its verb.
#[derive(Debug)]
pub(super) struct CaseBody<'src> {
    pub(super) pattern: Pattern<'src>,
    pub(super) methods: Vec<Name<'src>>,
    pub(super) effect: Spanned<Effect>,
}

/// One parser for each statement and each part of a block's head, built once a file.
pub(super) struct Statements<'t, 'src> {
    pub(super) name: Grammar<'t, Name<'src>>,
    pub(super) text: Grammar<'t, Text<'src>>,
    pub(super) narrows: Grammar<'t, Vec<Name<'src>>>,
    pub(super) under: Grammar<'t, Option<Name<'src>>>,
    pub(super) at_version: Grammar<'t, Version<'src>>,
    pub(super) open_brace: Grammar<'t, Token>,
    pub(super) import: Grammar<'t, Text<'src>>,
    pub(super) use_pack: Grammar<'t, (Name<'src>, Option<Version<'src>>)>,
    pub(super) tags: Grammar<'t, Vec<Name<'src>>>,
    pub(super) accept: Grammar<'t, (Name<'src>, Text<'src>)>,
    pub(super) rule: Grammar<'t, RuleBody<'src>>,
    pub(super) limit: Grammar<'t, Limit<'src>>,
    pub(super) field_value: Grammar<'t, Value<'src>>,
    pub(super) requirement: Grammar<'t, (Name<'src>, Option<Name<'src>>)>,
    pub(super) case: Grammar<'t, CaseBody<'src>>,
}

impl<'t, 'src: 't> Statements<'t, 'src> {
    pub(super) fn new(source: SourceText<'src>) -> Self {
        let end = || statement_end(|_| false);
        let begins_case = move |token| Verb::from_word(source.of(token)).is_some();
        Self {
            name: name(source).boxed(),
            text: text(source).boxed(),
            narrows: narrows(source).boxed(),
            under: word(TokenKind::Under, Expected::Under)
                .ignore_then(name(source))
                .or_not()
                .boxed(),
            at_version: at_version(source).boxed(),
            open_brace: sign(TokenKind::OpenBrace, Expected::OpenBrace).boxed(),
            import: text(source).then_ignore(end()).boxed(),
            use_pack: name(source)
                .then(at_version(source).or_not())
                .then_ignore(end())
                .boxed(),
            tags: names(source).then_ignore(end()).boxed(),
            accept: accept(source).then_ignore(end()).boxed(),
            rule: rule(source).then_ignore(end()).boxed(),
            limit: limit(source).then_ignore(end()).boxed(),
            field_value: field_value(source).then_ignore(end()).boxed(),
            requirement: name(source)
                .then(name(source).or_not())
                .then_ignore(end())
                .boxed(),
            case: case(source).then_ignore(statement_end(begins_case)).boxed(),
        }
    }
}

/// A parser of tokens; what it yields is said by `O`.
trait Parse<'t, O>: Parser<'t, Tokens<'t>, O, Extra> + Clone + 't {}
impl<'t, O, P: Parser<'t, Tokens<'t>, O, Extra> + Clone + 't> Parse<'t, O> for P {}

fn terminal<'t, O: 't>(
    expected: Expected,
    accept: impl Fn(Token) -> Option<O> + Clone + 't,
) -> impl Parse<'t, O> {
    custom(move |input: &mut Input<'t, '_>| {
        let at = *input.cursor().inner();
        let token = input.next().filter(|token| !token.boundary);
        token
            .and_then(&accept)
            .ok_or_else(|| Fault::new(at, expected))
    })
}

fn sign<'t>(kind: TokenKind, expected: Expected) -> impl Parse<'t, Token> {
    terminal(expected, move |token| (token.kind == kind).then_some(token))
}

fn word<'t>(kind: TokenKind, expected: Expected) -> impl Parse<'t, Token> {
    sign(kind, expected)
}

fn name<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Name<'src>> {
    terminal(Expected::Name, move |token| {
        token.kind.is_name().then(|| source.name(token))
    })
}

fn text<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Text<'src>> {
    terminal(Expected::Text, move |token| {
        token.kind.is_text().then(|| source.string(token))
    })
}

/// A word of a closed set.
fn member<'t, 'src: 't, T: 't>(
    source: SourceText<'src>,
    expected: Expected,
    from_word: impl Fn(&str) -> Option<T> + Clone + 't,
) -> impl Parse<'t, Spanned<T>> {
    terminal(expected, move |token| {
        let value = token
            .kind
            .is_name()
            .then(|| from_word(source.of(token)))
            .flatten()?;
        Some(Spanned {
            value,
            span: source.span(token),
        })
    })
}

fn effect<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Spanned<Effect>> {
    member(source, Expected::Effect, Effect::from_word)
}

/// Succeeds, without consuming, where a statement may end: before a closing brace, at the end of
/// a line or of the file, and where another statement begins on the same line.
fn statement_end<'t>(begins_another: impl Fn(Token) -> bool + Clone + 't) -> impl Parse<'t, ()> {
    custom(move |input: &mut Input<'t, '_>| {
        let ends = input.peek().is_none_or(|token| {
            token.boundary
                || token.starts_line
                || token.kind == TokenKind::CloseBrace
                || Block::home_of(token.kind).is_some()
                || begins_another(token)
        });
        if ends {
            Ok(())
        } else {
            Err(Fault::new(*input.cursor().inner(), Expected::StatementEnd))
        }
    })
}

/// `[` one or more items, with or without commas, `]`.
fn list<'t, O: 't>(item: impl Parse<'t, O>) -> impl Parse<'t, Vec<O>> {
    let comma = sign(TokenKind::Comma, Expected::Comma);
    sign(TokenKind::OpenBracket, Expected::OpenBracket)
        .ignore_then(
            item.then_ignore(comma.or_not())
                .repeated()
                .at_least(1)
                .collect(),
        )
        .then_ignore(sign(TokenKind::CloseBracket, Expected::CloseBracket))
}

fn names<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Vec<Name<'src>>> {
    list(name(source))
}

fn narrows<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Vec<Name<'src>>> {
    let comma = sign(TokenKind::Comma, Expected::Comma);
    word(TokenKind::Narrows, Expected::Narrows)
        .ignore_then(name(source).separated_by(comma).at_least(1).collect())
        .or_not()
        .map(Option::unwrap_or_default)
}

fn version<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Version<'src>> {
    terminal(Expected::Version, move |token| {
        let digits = matches!(token.kind, TokenKind::Number | TokenKind::Version);
        (digits && !source.of(token).contains('_')).then(|| source.version(token))
    })
}

fn at_version<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Version<'src>> {
    sign(TokenKind::At, Expected::At).ignore_then(version(source))
}

fn number<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Number<'src>> {
    terminal(Expected::Number, move |token| {
        (token.kind == TokenKind::Number).then(|| source.number(token))
    })
}

fn quantity<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Quantity<'src>> {
    let unit = member(source, Expected::Unit, Unit::from_word);
    number(source).then(unit.or_not()).map(|(number, unit)| {
        let span = number.span.to(unit.map_or(number.span, |unit| unit.span));
        Quantity { number, unit, span }
    })
}

fn accept<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, (Name<'src>, Text<'src>)> {
    word(TokenKind::Gap, Expected::Gap)
        .ignore_then(name(source))
        .then_ignore(word(TokenKind::Because, Expected::Because))
        .then(text(source))
}

fn rule<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, RuleBody<'src>> {
    let verb = |named: bool| {
        member(source, Expected::Verb, move |text| {
            Verb::from_word(text).filter(|verb| takes_names(*verb) == named)
        })
    };
    let named = verb(true).then(patterns(source, pattern(source)));
    let quoted = verb(false).then(patterns(source, quoted_pattern(source)));
    quoted
        .or(named)
        .then(modifier(source).repeated().collect())
        .map(|((verb, patterns), modifiers)| RuleBody {
            verb,
            patterns,
            modifiers,
        })
}

fn pattern<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Pattern<'src>> {
    terminal(Expected::Pattern, move |token| {
        if token.kind.is_text() {
            Some(Pattern::Text(source.string(token)))
        } else {
            token
                .kind
                .is_name()
                .then(|| Pattern::Name(source.name(token)))
        }
    })
}

/// A pattern of a verb that takes strings only. A name is let through, because the driver says
/// better than "expected a pattern" what it lacks; a word of the language is not, because there
/// the pattern itself is missing.
fn quoted_pattern<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Pattern<'src>> {
    terminal(Expected::Pattern, move |token| {
        if token.kind.is_text() {
            Some(Pattern::Text(source.string(token)))
        } else {
            (token.kind == TokenKind::Name).then(|| Pattern::Name(source.name(token)))
        }
    })
}

fn patterns<'t, 'src: 't>(
    source: SourceText<'src>,
    pattern: impl Parse<'t, Pattern<'src>>,
) -> impl Parse<'t, Patterns<'src>> {
    let category = word(TokenKind::Category, Expected::Pattern)
        .ignore_then(name(source).map(|name| vec![name]).or(names(source)))
        .map_with(move |names, extra| Patterns::Category {
            names,
            span: source.place(extra.slice()),
        });
    let several = list(pattern.clone()).map_with(move |patterns, extra| Patterns::List {
        patterns,
        span: source.place(extra.slice()),
    });
    category
        .or(several)
        .or(pattern.map(Patterns::One))
        .labelled(Expected::Pattern)
}

fn modifier<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Modifier<'src>> {
    let word = |kind| word(kind, Expected::Modifier);
    let because = word(TokenKind::Because)
        .ignore_then(text(source))
        .map(ModifierKind::Because);
    let audit = word(TokenKind::Audit).to(ModifierKind::Audit);
    let by = word(TokenKind::By)
        .ignore_then(name(source))
        .map(ModifierKind::By);
    let within = word(TokenKind::Within)
        .ignore_then(quantity(source))
        .map(ModifierKind::Within);
    let methods = word(TokenKind::Methods)
        .ignore_then(names(source))
        .map(ModifierKind::Methods);
    choice((because, audit, by, within, methods)).map_with(move |kind, extra| Modifier {
        kind,
        span: source.place(extra.slice()),
    })
}

fn limit<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Limit<'src>> {
    let period = sign(TokenKind::Slash, Expected::Slash).ignore_then(member(
        source,
        Expected::Period,
        Period::from_word,
    ));
    let then = word(TokenKind::Then, Expected::Then).ignore_then(effect(source));
    member(source, Expected::Meter, Meter::from_word)
        .then(quantity(source))
        .then(period.or_not())
        .then(then.or_not())
        .map_with(move |(((meter, amount), period), then), extra| Limit {
            meter,
            amount,
            period,
            then,
            span: source.place(extra.slice()),
        })
}

fn field_value<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, Value<'src>> {
    let at = word(TokenKind::AtWord, Expected::AtWord).ignore_then(text(source));
    let reference = name(source)
        .then(at_version(source).or_not())
        .then(at.or_not())
        .map(|((name, version), at)| Value::Name { name, version, at });
    let several = names(source).map_with(move |names, extra| Value::Names {
        names,
        span: source.place(extra.slice()),
    });
    choice((
        reference,
        text(source).map(Value::Text),
        number(source).map(Value::Number),
        several,
    ))
    .labelled(Expected::Value)
}

fn case<'t, 'src: 't>(source: SourceText<'src>) -> impl Parse<'t, CaseBody<'src>> {
    let methods = word(TokenKind::Methods, Expected::Methods).ignore_then(names(source));
    pattern(source)
        .then(methods.or_not().map(Option::unwrap_or_default))
        .then_ignore(sign(TokenKind::Arrow, Expected::Arrow))
        .then(effect(source))
        .map(|((pattern, methods), effect)| CaseBody {
            pattern,
            methods,
            effect,
        })
}
