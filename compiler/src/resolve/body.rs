//! Sections to typed rules and limits: the verb fixes the type of the pattern, the meter that of the
//! quantity.

use tappass_ir::pattern::Pattern;
use tappass_ir::policy::{Limit, LimitUnit, Obligations, Period};
use tappass_ir::vocabulary::{Aspect, Effect, Meter, Method, Verb};

use super::unknown;
use crate::diagnostics::{
    Diagnostic, InvalidPattern, MisplacedCategory, MisplacedModifier, WrongSection, WrongUnit,
};
use crate::hir;
use crate::source::{Span, Spanned};
use crate::syntax::ast;

/// Adds what stands in a section to `body`.
pub(super) fn section<'s>(
    body: &mut hir::Body<'s>,
    section: &ast::Section<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let (aspect, language) = match section.kind {
        ast::SectionKind::Network => (Aspect::Network, ""),
        ast::SectionKind::Filesystem => (Aspect::Filesystem, ""),
        ast::SectionKind::Tools => (Aspect::Tools, ""),
        ast::SectionKind::Budget => (Aspect::Budget, ""),
        ast::SectionKind::Interpreter(language) => (Aspect::Interpreter, language.text),
    };
    body.sections.insert(aspect);
    for item in &section.items {
        match item {
            ast::SectionItem::Rule(rule) => {
                if in_place(
                    aspect,
                    rule.verb.value.aspect(),
                    rule.verb.value.word(),
                    rule.verb.span,
                    diagnostics,
                ) {
                    body.rules.extend(self::rule(rule, language, diagnostics));
                }
            }
            ast::SectionItem::Limit(limit) => {
                if in_place(
                    aspect,
                    limit.meter.value.aspect(),
                    limit.meter.value.word(),
                    limit.meter.span,
                    diagnostics,
                ) {
                    body.limits
                        .extend(self::limit(limit, language, diagnostics));
                }
            }
        }
    }
}

fn in_place(
    section: Aspect,
    home: Aspect,
    word: &str,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    if section != home {
        diagnostics.push(
            WrongSection {
                word: word.to_owned(),
                span,
                section,
                home,
            }
            .render(),
        );
    }
    section == home
}

fn rule<'s>(
    rule: &ast::Rule<'s>,
    language: &'s str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<hir::Rule<'s>> {
    let before = diagnostics.len();
    let verb = rule.verb.value;
    let patterns = patterns(verb, &rule.patterns, diagnostics);
    let mut methods = Vec::new();
    let obligations = modifiers(rule, &mut methods, diagnostics);
    // A rule with a fault is left out as a whole: half of a deny would be less than was meant.
    (diagnostics.len() == before).then(|| hir::Rule {
        effect: rule.effect.value,
        verb,
        language: if verb.aspect() == Aspect::Interpreter {
            language
        } else {
            ""
        },
        patterns,
        methods,
        obligations,
        span: rule.span,
    })
}

fn patterns(
    verb: Verb,
    patterns: &ast::Patterns<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<hir::PatternAt> {
    let mut typed = Vec::new();
    match patterns {
        ast::Patterns::One(one) => pattern(verb, one, &mut typed, diagnostics),
        ast::Patterns::List { patterns, .. } => {
            for one in patterns {
                pattern(verb, one, &mut typed, diagnostics);
            }
        }
        ast::Patterns::Category { names, span } if verb != Verb::Connect => {
            diagnostics.push(MisplacedCategory { verb, span: *span }.render());
            let _ = names;
        }
        ast::Patterns::Category { names, .. } => {
            for name in names {
                category(*name, &mut typed, diagnostics);
            }
        }
    }
    typed
}

fn pattern(
    verb: Verb,
    pattern: &ast::Pattern<'_>,
    typed: &mut Vec<hir::PatternAt>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let value = pattern.value();
    match Pattern::parse_all(verb, &value) {
        Ok(parsed) => {
            let span = pattern.span();
            typed.extend(
                parsed
                    .into_iter()
                    .map(|pattern| hir::PatternAt { pattern, span }),
            );
        }
        Err(error) => {
            let span = pattern.source_span(error.span.clone());
            diagnostics.push(
                InvalidPattern {
                    verb,
                    text: value.into_owned(),
                    span,
                    error,
                }
                .render(),
            );
        }
    }
}

fn category(
    name: ast::Name<'_>,
    typed: &mut Vec<hir::PatternAt>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(hosts) = tappass_stdlib::category(name.text) else {
        let known = tappass_stdlib::CATEGORIES
            .iter()
            .map(|category| category.name);
        diagnostics.push(unknown("category", name.text, name.span, known));
        return;
    };
    // The data ships with the compiler, and a test reads every line of it.
    let parsed = hosts
        .filter_map(|host| Pattern::parse_all(Verb::Connect, host).ok())
        .flatten();
    typed.extend(parsed.map(|pattern| hir::PatternAt {
        pattern,
        span: name.span,
    }));
}

fn modifiers(
    rule: &ast::Rule<'_>,
    methods: &mut Vec<Method>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Obligations {
    let mut obligations = Obligations::default();
    let (effect, verb) = (rule.effect.value, rule.verb.value);
    for modifier in &rule.modifiers {
        let misplaced = |word: &str, belongs: &str| {
            MisplacedModifier {
                word: word.to_owned(),
                span: modifier.span,
                belongs: belongs.to_owned(),
            }
            .render()
        };
        match &modifier.kind {
            ast::ModifierKind::Because(text) if obligations.because.is_some() => {
                let _ = text;
                diagnostics.push(misplaced("because", "once on a rule"));
            }
            ast::ModifierKind::Because(text) => {
                obligations.because = Some(text.value().into_owned());
            }
            ast::ModifierKind::Audit => obligations.audit = true,
            ast::ModifierKind::By(_) | ast::ModifierKind::Within(_) if effect != Effect::Ask => {
                let word = if matches!(modifier.kind, ast::ModifierKind::By(_)) {
                    "by"
                } else {
                    "within"
                };
                diagnostics.push(misplaced(
                    word,
                    "on an `ask` rule, the only one that waits for somebody",
                ));
            }
            ast::ModifierKind::By(group) => obligations.by = Some(group.text.to_owned()),
            ast::ModifierKind::Within(quantity) => {
                obligations.within_ms = amount(quantity, Measure::Duration, "within", diagnostics)
                    .map(|(amount, _)| amount);
            }
            ast::ModifierKind::Methods(_) if verb != Verb::Connect => {
                diagnostics.push(misplaced("methods", "on a `connect` rule"));
            }
            ast::ModifierKind::Methods(names) => methods.extend(self::methods(names, diagnostics)),
        }
    }
    methods.sort();
    methods.dedup();
    obligations
}

fn methods(names: &[ast::Name<'_>], diagnostics: &mut Vec<Diagnostic>) -> Vec<Method> {
    let mut methods = Vec::new();
    for name in names {
        if let Some(method) = Method::from_word(name.text) {
            methods.push(method);
            continue;
        }
        diagnostics.push(unknown(
            "method",
            name.text,
            name.span,
            Method::ALL.iter().map(|method| method.word()),
        ));
    }
    methods
}

/// What a quantity measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Count,
    Memory,
    Duration,
    Money,
}

impl Measure {
    const fn of(meter: Meter) -> Self {
        match meter {
            Meter::Tokens | Meter::Calls | Meter::Allocations | Meter::Recursion => Self::Count,
            Meter::Spend => Self::Money,
            Meter::Memory => Self::Memory,
            Meter::Time => Self::Duration,
        }
    }

    const fn units(self) -> &'static [ast::Unit] {
        match self {
            Self::Count => &[],
            Self::Memory => &[
                ast::Unit::Byte,
                ast::Unit::KiB,
                ast::Unit::MiB,
                ast::Unit::GiB,
            ],
            Self::Duration => &[
                ast::Unit::Millisecond,
                ast::Unit::Second,
                ast::Unit::Minute,
                ast::Unit::Hour,
            ],
            Self::Money => &[ast::Unit::Usd, ast::Unit::Eur],
        }
    }
}

fn limit<'s>(
    limit: &ast::Limit<'s>,
    language: &'s str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<hir::LimitAt<'s>> {
    let meter = limit.meter.value;
    let (amount, unit) = amount(&limit.amount, Measure::of(meter), meter.word(), diagnostics)?;
    let period = limit.period.map(|period| match period.value {
        ast::Period::Minute => Period::Minute,
        ast::Period::Hour => Period::Hour,
        ast::Period::Day => Period::Day,
        ast::Period::Month => Period::Month,
    });
    let then = match limit.then {
        Some(Spanned {
            value: Effect::Allow,
            span,
        }) => {
            diagnostics.push(
                MisplacedModifier {
                    word: "then allow".to_owned(),
                    span,
                    belongs: "nowhere: a limit that allows what exceeds it is none".to_owned(),
                }
                .render(),
            );
            return None;
        }
        Some(Spanned { value, .. }) => value,
        None => Effect::Deny,
    };
    let language = if meter.aspect() == Aspect::Interpreter {
        language
    } else {
        ""
    };
    Some(hir::LimitAt {
        limit: Limit {
            meter,
            unit,
            period,
            amount,
            then,
        },
        language,
        span: limit.span,
    })
}

/// The amount in the smallest unit of its measure.
fn amount(
    quantity: &ast::Quantity<'_>,
    measure: Measure,
    word: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(u64, LimitUnit)> {
    let unit = quantity.unit.map(|unit| unit.value);
    let scaled = |decimals: u32, factor: u64| quantity.number.scaled(decimals)?.checked_mul(factor);
    let found = match (measure, unit) {
        (Measure::Count, None) => scaled(0, 1).map(|amount| (amount, LimitUnit::Count)),
        (Measure::Memory, Some(ast::Unit::Byte)) => {
            scaled(0, 1).map(|amount| (amount, LimitUnit::Bytes))
        }
        (Measure::Memory, Some(ast::Unit::KiB)) => binary(quantity, 1 << 10),
        (Measure::Memory, Some(ast::Unit::MiB)) => binary(quantity, 1 << 20),
        (Measure::Memory, Some(ast::Unit::GiB)) => binary(quantity, 1 << 30),
        (Measure::Duration, Some(ast::Unit::Millisecond)) => {
            scaled(0, 1).map(|amount| (amount, LimitUnit::Milliseconds))
        }
        (Measure::Duration, Some(ast::Unit::Second)) => {
            scaled(3, 1).map(|amount| (amount, LimitUnit::Milliseconds))
        }
        (Measure::Duration, Some(ast::Unit::Minute)) => {
            scaled(3, 60).map(|amount| (amount, LimitUnit::Milliseconds))
        }
        (Measure::Duration, Some(ast::Unit::Hour)) => {
            scaled(3, 3_600).map(|amount| (amount, LimitUnit::Milliseconds))
        }
        (Measure::Money, Some(ast::Unit::Usd)) => {
            scaled(6, 1).map(|amount| (amount, LimitUnit::MicroUsd))
        }
        (Measure::Money, Some(ast::Unit::Eur)) => {
            scaled(6, 1).map(|amount| (amount, LimitUnit::MicroEur))
        }
        (Measure::Count | Measure::Memory | Measure::Duration | Measure::Money, _) => None,
    };
    if found.is_none() {
        let units = measure
            .units()
            .iter()
            .map(|unit| unit.word().to_owned())
            .collect();
        let unit = unit.map(|unit| unit.word().to_owned());
        let text = quantity.number.text.to_owned();
        diagnostics.push(
            WrongUnit {
                word: word.to_owned(),
                text,
                span: quantity.span,
                unit,
                units,
            }
            .render(),
        );
    }
    found
}

/// A multiple of a power of two, which a decimal fraction such as `1.5 GiB` may be as well.
fn binary(quantity: &ast::Quantity<'_>, factor: u64) -> Option<(u64, LimitUnit)> {
    let thousandths = quantity.number.scaled(3)?.checked_mul(factor)?;
    thousandths
        .is_multiple_of(1_000)
        .then_some((thousandths / 1_000, LimitUnit::Bytes))
}

/// The cases of a test. Their values are read by the verb when the test runs, against a binding.
pub(super) fn test<'s>(test: &ast::Test<'s>, diagnostics: &mut Vec<Diagnostic>) -> hir::Test<'s> {
    let cases = test
        .cases
        .iter()
        .map(|case| hir::Case {
            verb: case.verb.value,
            language: None,
            value: case.pattern.value().into_owned(),
            value_span: case.pattern.span(),
            methods: methods(&case.methods, diagnostics),
            expected: case.effect,
            span: case.span,
        })
        .collect();
    hir::Test {
        title: test.title.value().into_owned(),
        under: test.under,
        cases,
        span: test.span,
    }
}
