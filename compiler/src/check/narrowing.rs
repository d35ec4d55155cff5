//! Whether a policy stays within what its ancestors grant.
//!
//! By construction it cannot widen: the decision is the strictest over the layers. So a grant beyond
//! an ancestor is a misunderstanding, and is said with a request that shows it.

use std::collections::BTreeMap;

use tappass_ir::algebra::{Answer, Budget, Index, Language, contains, outside, overlap};
use tappass_ir::pattern::{PathPattern, Pattern};
use tappass_ir::vocabulary::{Effect, Variable, Verb};

use super::language;
use crate::diagnostics::{ClippedRule, DependsOnBinding, Diagnostic, NotProven, WidensParent};
use crate::hir::{PatternAt, Policy, PolicyId, Program, Rule};
use crate::source::Span;

/// Steps for one pattern against one ancestor; far more than a policy written by people takes.
const STEPS: u64 = 200_000;

/// What one layer grants or denies for one verb.
struct Side {
    grants: Index<Language>,
    all: Vec<Language>,
    denies: Vec<Language>,
    span: Option<Span>,
}

impl Side {
    fn new() -> Self {
        Self {
            grants: Index::new(),
            all: Vec::new(),
            denies: Vec::new(),
            span: None,
        }
    }
}

type Sides<'s> = BTreeMap<(Verb, &'s str), Side>;

pub(super) fn narrowing(program: &Program<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut sides: BTreeMap<PolicyId, Sides<'_>> = BTreeMap::new();
    for (index, policy) in program.policies.iter().enumerate() {
        let ancestors = program.layers(PolicyId(index)).into_iter().skip(1);
        for ancestor in ancestors {
            let Some(parent) = program.policy(ancestor) else {
                continue;
            };
            let of_parent = sides
                .entry(ancestor)
                .or_insert_with(|| self::sides(program, parent));
            for rule in policy
                .body
                .rules
                .iter()
                .filter(|rule| rule.effect != Effect::Deny)
            {
                // An ancestor that leaves the verb to its own ancestors grants nothing and refuses nothing.
                let silent = Side::new();
                let side = of_parent
                    .get(&(rule.verb, rule.language))
                    .unwrap_or(&silent);
                if !side.all.is_empty() || parent.parents.is_empty() {
                    compare(policy, rule, parent, side, diagnostics);
                }
            }
        }
    }
}

fn sides<'s>(program: &Program<'s>, policy: &Policy<'s>) -> Sides<'s> {
    let mut sides: Sides<'s> = BTreeMap::new();
    for rule in program.rules_of(policy) {
        let side = sides
            .entry((rule.verb, rule.language))
            .or_insert_with(Side::new);
        for at in &rule.patterns {
            // What is asked about is granted, if only by a person; methods bind where they are visible.
            let language = language(
                &at.pattern,
                rule.effect,
                rule.verb == Verb::Import,
                &rule.methods,
            );
            if rule.effect == Effect::Deny {
                side.denies.push(language);
            } else {
                side.grants.insert(&language, language.clone());
                side.all.push(language);
                side.span.get_or_insert(rule.span);
            }
        }
    }
    sides
}

fn compare(
    policy: &Policy<'_>,
    rule: &Rule<'_>,
    parent: &Policy<'_>,
    side: &Side,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for at in &rule.patterns {
        let inner = language(
            &at.pattern,
            rule.effect,
            rule.verb == Verb::Import,
            &rule.methods,
        );
        let within = side
            .grants
            .candidates_containing(&inner)
            .into_iter()
            .any(|outer| contains(outer, &inner));
        let denied = side.denies.iter().any(|denied| contains(denied, &inner));
        if within && !denied {
            continue;
        }
        let place = Place {
            policy,
            rule,
            at,
            parent,
            parent_span: side.span.unwrap_or(parent.name.span),
        };
        diagnostics.extend(place.judge(&inner, side, denied));
    }
}

struct Place<'a, 's> {
    policy: &'a Policy<'s>,
    rule: &'a Rule<'s>,
    at: &'a PatternAt,
    parent: &'a Policy<'s>,
    parent_span: Span,
}

impl Place<'_, '_> {
    fn judge(&self, inner: &Language, side: &Side, denied: bool) -> Option<Diagnostic> {
        let outer: Vec<&Language> = if denied {
            Vec::new()
        } else {
            side.all.iter().collect()
        };
        let mut budget = Budget { steps: STEPS };
        let witness = match outside(inner, &outer, &mut budget) {
            Answer::No => return None,
            Answer::Unknown => return Some(self.not_proven()),
            Answer::Witness(sample) => sample.to_string(),
        };
        let mut overlaps = false;
        for outer in outer {
            match overlap(inner, outer, &mut budget) {
                Answer::No => {}
                Answer::Unknown => return Some(self.not_proven()),
                Answer::Witness(_) => overlaps = true,
            }
        }
        match (overlaps, variable(&self.at.pattern)) {
            (false, _) => Some(self.widens(witness)),
            (true, Some(variable)) if !shares_variable(inner, &side.all) => {
                Some(self.depends(variable))
            }
            (true, _) => Some(self.clipped(witness)),
        }
    }

    fn widens(&self, witness: String) -> Diagnostic {
        WidensParent {
            policy: self.policy.name.text.to_owned(),
            parent: self.parent.name.text.to_owned(),
            pattern: self.at.pattern.as_str().to_owned(),
            verb: self.rule.verb,
            span: self.at.span,
            witness,
            parent_span: self.parent_span,
        }
        .render()
    }

    fn clipped(&self, witness: String) -> Diagnostic {
        ClippedRule {
            policy: self.policy.name.text.to_owned(),
            parent: self.parent.name.text.to_owned(),
            pattern: self.at.pattern.as_str().to_owned(),
            verb: self.rule.verb,
            span: self.at.span,
            witness,
            parent_span: self.parent_span,
        }
        .render()
    }

    fn depends(&self, variable: Variable) -> Diagnostic {
        DependsOnBinding {
            policy: self.policy.name.text.to_owned(),
            parent: self.parent.name.text.to_owned(),
            pattern: self.at.pattern.as_str().to_owned(),
            verb: self.rule.verb,
            span: self.at.span,
            variable,
            parent_span: self.parent_span,
        }
        .render()
    }

    fn not_proven(&self) -> Diagnostic {
        let what = format!(
            "that `{}` stays within what `{}` grants",
            self.at.pattern, self.parent.name.text
        );
        NotProven {
            what,
            span: self.at.span,
        }
        .render()
    }
}

/// The variable that a path pattern begins with.
fn variable(pattern: &Pattern) -> Option<Variable> {
    match pattern {
        Pattern::Path(path) => path_variable(path),
        Pattern::Host(_) | Pattern::Argv(_) | Pattern::Mcp(_) | Pattern::Name(_) => None,
    }
}

fn path_variable(path: &PathPattern) -> Option<Variable> {
    match path.root() {
        tappass_ir::pattern::path::Root::Variable(variable) => Some(variable),
        tappass_ir::pattern::path::Root::Absolute | tappass_ir::pattern::path::Root::Anywhere => {
            None
        }
    }
}

/// Whether some of what is granted overlaps whatever the variable stands for: then the part outside is
/// outside under every binding.
fn shares_variable(inner: &Language, grants: &[Language]) -> bool {
    let mut index = Index::new();
    for (number, grant) in grants.iter().enumerate() {
        index.insert(grant, number);
    }
    !index.candidates_meeting(inner).is_empty()
}
