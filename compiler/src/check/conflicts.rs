//! Rules of one policy that contradict or repeat each other.
//!
//! A pattern is asked about only those whose fixed beginning agrees, and containment is structural:
//! what this misses is a missing hint, never a wrong one.

use std::collections::BTreeMap;

use tappass_ir::algebra::{Index, Language, contains};
use tappass_ir::vocabulary::{Effect, Verb};

use super::language;
use crate::diagnostics::{ContradictoryRules, Diagnostic, RedundantRule};
use crate::hir::{Body, PatternAt, Policy, Program, Rule};
use crate::load::Loaded;
use crate::source::Span;

/// One pattern of a rule.
struct Entry<'a, 's> {
    rule: &'a Rule<'s>,
    at: &'a PatternAt,
    language: Language,
    /// Whether the policy itself holds it, so that a hint about it is for its author.
    own: bool,
}

pub(super) fn conflicts(loaded: &Loaded, program: &Program<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for policy in program
        .policies
        .iter()
        .filter(|policy| !loaded.is_curated(policy.file))
    {
        let mut groups: BTreeMap<(Verb, &str), Vec<Entry<'_, '_>>> = BTreeMap::new();
        for (body, own) in bodies(program, policy) {
            for rule in &body.rules {
                let group = groups.entry((rule.verb, rule.language)).or_default();
                group.extend(rule.patterns.iter().map(|at| entry(rule, at, own)));
            }
        }
        for entries in groups.values() {
            group(entries, diagnostics);
        }
    }
}

fn bodies<'a, 's>(
    program: &'a Program<'s>,
    policy: &'a Policy<'s>,
) -> impl Iterator<Item = (&'a Body<'s>, bool)> {
    program
        .bodies(policy)
        .zip(std::iter::once(true).chain(std::iter::repeat(false)))
}

fn entry<'a, 's>(rule: &'a Rule<'s>, at: &'a PatternAt, own: bool) -> Entry<'a, 's> {
    let language = language(
        &at.pattern,
        rule.effect,
        rule.verb == Verb::Import,
        &rule.methods,
    );
    Entry {
        rule,
        at,
        language,
        own,
    }
}

fn group(entries: &[Entry<'_, '_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut index = Index::new();
    for (number, entry) in entries.iter().enumerate() {
        index.insert(&entry.language, number);
    }
    for (number, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.own) {
        // A category stands for many patterns of one place; a hint about one of them helps nobody.
        let whole = entry
            .rule
            .patterns
            .iter()
            .filter(|at| at.span == entry.at.span)
            .count()
            == 1;
        let mut around = index
            .candidates_containing(&entry.language)
            .into_iter()
            .filter(|other| **other != number)
            .filter_map(|other| Some((*other, entries.get(*other)?)))
            .filter(|(_, other)| contains(&other.language, &entry.language));
        if whole
            && let Some(found) = around.find_map(|(other, by)| hint((number, entry), (other, by)))
        {
            diagnostics.push(found);
        }
    }
}

fn hint(
    (number, entry): (usize, &Entry<'_, '_>),
    (other, by): (usize, &Entry<'_, '_>),
) -> Option<Diagnostic> {
    let (pattern, span) = (entry.at.pattern.as_str().to_owned(), entry.at.span);
    if entry.rule.effect != Effect::Deny && by.rule.effect == Effect::Deny {
        let effect = entry.rule.effect;
        return Some(
            ContradictoryRules {
                pattern,
                span,
                effect,
                denied_by: place(by),
            }
            .render(),
        );
    }
    // A rule with duties of its own says something even where another grants the same.
    let adds_nothing =
        entry.rule.obligations.is_empty() || entry.rule.obligations == by.rule.obligations;
    let equal = contains(&entry.language, &by.language);
    let repeats = entry.rule.effect == by.rule.effect && adds_nothing && (!equal || other < number);
    repeats.then(|| {
        RedundantRule {
            pattern,
            span,
            covered_by: place(by),
        }
        .render()
    })
}

fn place(entry: &Entry<'_, '_>) -> Span {
    entry.at.span
}
