//! Coverage as a contract: what a sandbox requires, against what its runtime gives.

use tappass_ir::coverage::{AspectExtent, CoverageReport, Row, cover};
use tappass_ir::vocabulary::Platform;

use crate::cover::coverage;
use crate::diagnostics::{Diagnostic, UnknownGap, UnmetRequire};
use crate::emit::{Recipe, build};
use crate::hir::{Program, Requirement, Sandbox};

/// Builds every sandbox that requires something, and reports what it does not get.
pub fn require(program: &Program<'_>, platform: Platform) -> Vec<Diagnostic> {
    program
        .sandboxes
        .iter()
        .flat_map(|sandbox| of_sandbox(program, sandbox, platform))
        .collect()
}

fn of_sandbox(program: &Program<'_>, sandbox: &Sandbox<'_>, platform: Platform) -> Vec<Diagnostic> {
    let (Some((policy, _)), Some((runtime, _))) = (sandbox.policy, sandbox.runtime) else {
        return Vec::new();
    };
    let accepts = program
        .layers(policy)
        .into_iter()
        .filter_map(|id| program.policy(id))
        .any(|policy| !policy.accepts.is_empty());
    if sandbox.require.is_empty() && !accepts {
        return Vec::new();
    }
    let Some(runtime) = program.runtimes.get(runtime) else {
        return Vec::new();
    };
    let recipe = Recipe::of(program, runtime);
    let built = build(program, policy, &recipe, platform);
    let mut report = cover(&built.policy, &built.stack);
    let missed = |report: &CoverageReport| -> Vec<Diagnostic> {
        let rows = |requirement: &Requirement| {
            report
                .rows
                .iter()
                .find(|row| row.aspect == requirement.aspect)
                .cloned()
        };
        let unmet = sandbox
            .require
            .iter()
            .filter_map(|requirement| unmet(requirement, &rows(requirement)?, &report.runtime));
        unmet.collect()
    };
    let mut diagnostics = missed(&report);
    if !diagnostics.is_empty() {
        // What would help is only worth finding where something is missing.
        report = coverage(program, policy, &recipe, platform, &built);
        diagnostics = missed(&report);
    }
    let known: Vec<String> = report.gaps.iter().map(|gap| gap.name.clone()).collect();
    for accept in program
        .policy(policy)
        .into_iter()
        .flat_map(|policy| &policy.accepts)
    {
        if !known.iter().any(|gap| gap == accept.gap.text) {
            let gap = accept.gap.text.to_owned();
            let runtimes = vec![report.runtime.clone()];
            diagnostics.push(
                UnknownGap {
                    gap,
                    span: accept.gap.span,
                    runtimes,
                    known: known.clone(),
                }
                .render(),
            );
        }
    }
    diagnostics
}

fn unmet(requirement: &Requirement, row: &Row, runtime: &str) -> Option<Diagnostic> {
    let given = if requirement.compulsory {
        row.compulsory
    } else {
        row.extent
    };
    // An aspect that the policy never mentions has nothing to enforce.
    let given = given.unwrap_or(AspectExtent::Full);
    if given >= requirement.extent {
        return None;
    }
    let strength = if requirement.compulsory {
        " compulsory"
    } else {
        ""
    };
    Some(
        UnmetRequire {
            aspect: requirement.aspect,
            wanted: format!("{}{strength}", requirement.extent),
            found: format!("{given}{strength}"),
            runtime: runtime.to_owned(),
            span: requirement.span,
            reasons: row.reasons.clone(),
            fix: row
                .fix
                .as_ref()
                .map(|fix| format!("{} makes it {}", fix.change, fix.extent)),
        }
        .render(),
    )
}
