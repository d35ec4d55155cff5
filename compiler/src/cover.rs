//! Coverage of a built runtime, with the fixes that would better it.
//!
//! A fix is found by building again with one ring changed and comparing, never from a table, so that
//! it takes the other providers into account.

use tappass_backends::PROVIDERS;
use tappass_ir::coverage::{CoverageReport, Fix, Row, cover};
use tappass_ir::vocabulary::{Platform, Ring};

use crate::emit::{Built, Recipe, build};
use crate::hir::{Choice, PolicyId, Program, RingChoice};

/// The report on `built`, with the least change that betters each row.
pub fn coverage(
    program: &Program<'_>,
    policy: PolicyId,
    recipe: &Recipe<'_>,
    platform: Platform,
    built: &Built,
) -> CoverageReport {
    let mut report = cover(&built.policy, &built.stack);
    let not_full = |row: &Row| {
        row.extent
            .is_some_and(|extent| extent != tappass_ir::coverage::AspectExtent::Full)
    };
    if !report.rows.iter().any(not_full) {
        return report;
    }
    for (change, other) in alternatives(recipe) {
        let built = build(program, policy, &other, platform);
        let better = cover(&built.policy, &built.stack);
        for (row, with) in report.rows.iter_mut().zip(&better.rows) {
            let (Some(before), Some(after)) = (row.extent, with.extent) else {
                continue;
            };
            let improves = after > before || (after == before && with.compulsory > row.compulsory);
            let best = row.fix.as_ref().is_none_or(|held| after > held.extent);
            if improves && best {
                row.fix = Some(Fix {
                    change: change.clone(),
                    extent: after,
                    headline: better.headline,
                });
            }
        }
    }
    report
}

/// The same runtime with each other provider in each ring but the harness's: nobody changes the agent
/// for the sake of a report.
fn alternatives<'s>(recipe: &Recipe<'s>) -> Vec<(String, Recipe<'s>)> {
    let mut found = Vec::new();
    for provider in PROVIDERS
        .iter()
        .filter(|provider| provider.ring() != Ring::Harness)
    {
        let ring = provider.ring();
        let held = recipe.rings.iter().find(|choice| choice.ring == ring);
        if held.is_some_and(|held| held.choice.id() == provider.id()) {
            continue;
        }
        let Some(span) = held
            .or_else(|| recipe.rings.first())
            .map(|choice| choice.span)
        else {
            continue;
        };
        let choice = RingChoice {
            ring,
            choice: Choice::Provider(provider.id()),
            at: None,
            span,
        };
        found.push((
            format!("{ring}: {}", provider.id()),
            recipe.clone().with(choice),
        ));
    }
    found
}
