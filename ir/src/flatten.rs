//! The grants of all layers as one list, for targets that know no layers.
//!
//! A request is granted if every deciding layer grants it, so the list is an intersection. Multiplying
//! it out explodes; a pair of which one contains the other keeps the contained one, and any other pair
//! is dropped. What is dropped shows as a loss in the verdicts, never as a leak.

use std::collections::{BTreeMap, BTreeSet};

use crate::algebra::{Language, contains};
use crate::pattern::{HostPattern, PathPattern};
use crate::policy::{CompiledPolicy, Matcher, Rule, RuleId};
use crate::vocabulary::{Channel, Effect, Method, Verb};

/// One pattern that every deciding layer grants unasked, with the rules that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<P> {
    /// The pattern.
    pub pattern: P,
    /// The methods to which the grant is bound; empty is any.
    pub methods: Vec<Method>,
    /// The rules that it comes from, derived ones included.
    pub rules: BTreeSet<RuleId>,
}

/// The paths that are granted for `read` or `write` on any of `channels`, sorted.
pub fn granted_paths(
    policy: &CompiledPolicy,
    verb: Verb,
    channels: &[Channel],
) -> Vec<Grant<PathPattern>> {
    flatten(policy, verb, channels, |rule| match &rule.matcher {
        Matcher::Read { patterns } | Matcher::Write { patterns } => patterns
            .iter()
            .map(|pattern| (pattern.clone(), Vec::new(), Language::path(pattern)))
            .collect(),
        Matcher::Connect { .. }
        | Matcher::Listen { .. }
        | Matcher::Exec { .. }
        | Matcher::Tool { .. }
        | Matcher::Mcp { .. }
        | Matcher::Import { .. }
        | Matcher::Call { .. } => Vec::new(),
    })
}

/// The hosts that are granted for `connect` or `listen` on any of `channels`, sorted.
pub fn granted_hosts(
    policy: &CompiledPolicy,
    verb: Verb,
    channels: &[Channel],
) -> Vec<Grant<HostPattern>> {
    flatten(policy, verb, channels, |rule| match &rule.matcher {
        Matcher::Connect { patterns, methods } => {
            let language = |pattern| Language::connect(pattern, methods);
            patterns
                .iter()
                .map(|pattern| (pattern.clone(), methods.clone(), language(pattern)))
                .collect()
        }
        Matcher::Listen { patterns } => patterns
            .iter()
            .map(|pattern| (pattern.clone(), Vec::new(), Language::connect(pattern, &[])))
            .collect(),
        Matcher::Read { .. }
        | Matcher::Write { .. }
        | Matcher::Exec { .. }
        | Matcher::Tool { .. }
        | Matcher::Mcp { .. }
        | Matcher::Import { .. }
        | Matcher::Call { .. } => Vec::new(),
    })
}

struct Held<P> {
    grant: Grant<P>,
    language: Language,
}

fn flatten<P: Clone + Ord>(
    policy: &CompiledPolicy,
    verb: Verb,
    channels: &[Channel],
    patterns: impl Fn(&Rule) -> Vec<(P, Vec<Method>, Language)>,
) -> Vec<Grant<P>> {
    let holds = |rule: &Rule| channels.iter().any(|channel| rule.holds_on(Some(*channel)));
    let mut layers: Vec<Vec<Held<P>>> = Vec::new();
    let mut denied: Vec<Language> = Vec::new();
    for (name, layer) in &policy.layers {
        let own: Vec<&Rule> = policy
            .rules_of(verb)
            .filter(|at| at.layer == name)
            .map(|at| at.rule)
            .collect();
        denied.extend(
            own.iter()
                .filter(|rule| rule.effect == Effect::Deny)
                .map(|rule| crate::verdict::rule_language(rule)),
        );
        if !layer.root
            && !own
                .iter()
                .any(|rule| rule.derived.is_none() && rule.effect != Effect::Deny)
        {
            continue;
        }
        let granted = own
            .iter()
            .filter(|rule| rule.effect == Effect::Allow && holds(rule))
            .flat_map(|rule| {
                patterns(rule)
                    .into_iter()
                    .map(|(pattern, methods, language)| Held {
                        grant: Grant {
                            pattern,
                            methods,
                            rules: BTreeSet::from([rule.id]),
                        },
                        language,
                    })
            });
        layers.push(granted.collect());
    }
    let mut layers = layers.into_iter();
    let first = layers.next().unwrap_or_default();
    let met = layers.fold(first, |held, next| meet(&held, &next));
    let open = met
        .into_iter()
        .filter(|held| !denied.iter().any(|denied| contains(denied, &held.language)));
    let mut merged: BTreeMap<(P, Vec<Method>), BTreeSet<RuleId>> = BTreeMap::new();
    for held in open {
        merged
            .entry((held.grant.pattern, held.grant.methods))
            .or_default()
            .extend(held.grant.rules);
    }
    merged
        .into_iter()
        .map(|((pattern, methods), rules)| Grant {
            pattern,
            methods,
            rules,
        })
        .collect()
}

/// For each pair of which one contains the other, the contained one.
fn meet<P: Clone>(left: &[Held<P>], right: &[Held<P>]) -> Vec<Held<P>> {
    let mut met = Vec::new();
    for one in left {
        for other in right {
            let inner = if contains(&other.language, &one.language) {
                one
            } else if contains(&one.language, &other.language) {
                other
            } else {
                continue;
            };
            let rules = one.grant.rules.union(&other.grant.rules).copied().collect();
            met.push(Held {
                grant: Grant {
                    rules,
                    ..inner.grant.clone()
                },
                language: inner.language.clone(),
            });
        }
    }
    met
}
