//! A coverage report as text: the table that a person reads first, the list of every rule behind it,
//! and both as Markdown.

use std::fmt::Write as _;

use tappass_ir::coverage::{AspectExtent, CoverageReport, Row, SubjectCoverage};
use tappass_ir::target::Strength;
use tappass_ir::verdict::Finding;

const NOT_MENTIONED: &str = "not in this policy";

/// The report as a table: one line for each aspect, then who enforces it, what gets past, and what would help.
pub(super) fn table(report: &CoverageReport) -> String {
    let mut text = format!(
        "Runtime {} · policy {} · {}\n",
        report.runtime, report.policy, report.platform
    );
    for row in &report.rows {
        let (mark, extent) = extent(row);
        let line = format!("  {:<16} {mark} {extent:<11} {}", row.aspect, strength(row));
        let _ = writeln!(text, "{}", line.trim_end());
        for line in explanation(row) {
            let _ = writeln!(text, "      {line}");
        }
    }
    if !report.unenforced_obligations.is_empty() {
        text.push_str("  approval         ✗ unenforced\n");
        for duty in &report.unenforced_obligations {
            let _ = writeln!(text, "      {duty}");
        }
    }
    text.push('\n');
    text.push_str(&headline(report));
    text
}

/// Every rule on every channel, after the table.
pub(super) fn rules(report: &CoverageReport) -> String {
    let mut text = String::new();
    let mut verb = "";
    for subject in &report.subjects {
        if subject.verb != verb {
            verb = &subject.verb;
            let _ = writeln!(text, "{} · {verb}", subject.aspect);
        }
        let _ = writeln!(
            text,
            "  {:<5} {:<11} {}",
            subject.channel, subject.extent, subject.subject
        );
        for line in findings(subject) {
            let _ = writeln!(text, "                    {line}");
        }
    }
    if !report.implicit_grants.is_empty() {
        text.push_str(
            "implicit grants: what the runtime needs, in every layer, beaten by any deny\n",
        );
        for grant in &report.implicit_grants {
            let _ = writeln!(
                text,
                "  {:<7} {} ({})",
                grant.verb,
                grant.patterns.join(" "),
                grant.reason
            );
        }
    }
    text.push_str("gaps: name one in `accept gap NAME because \"...\"` to live with it\n");
    for gap in &report.gaps {
        let accepted = gap
            .accepted
            .as_ref()
            .map_or_else(String::new, |why| format!("  accepted: {why}"));
        let _ = writeln!(text, "  {}{accepted}", gap.name);
    }
    text
}

/// The report as Markdown, fit for a comment.
pub(super) fn markdown(report: &CoverageReport, with_rules: bool) -> String {
    let mut text = format!(
        "### `{}` · policy `{}` · {}\n\n",
        report.runtime, report.policy, report.platform
    );
    text.push_str("| aspect | coverage | strength | why, and what follows |\n|---|---|---|---|\n");
    for row in &report.rows {
        let (mark, extent) = extent(row);
        let _ = writeln!(
            text,
            "| {} | {mark} {extent} | {} | {} |",
            row.aspect,
            strength(row),
            escaped(&explanation(row).join("<br>"))
        );
    }
    let _ = write!(text, "\n{}\n", headline(report));
    if with_rules {
        text.push_str("| channel | rule | verdict | leak | loss |\n|---|---|---|---|---|\n");
        for subject in &report.subjects {
            let cell = |finding: &Finding| {
                if *finding == Finding::None {
                    String::new()
                } else {
                    format!("`{finding}`")
                }
            };
            let _ = writeln!(
                text,
                "| {} | `{}` | {} | {} | {} |",
                subject.channel,
                escaped(&subject.subject),
                subject.extent,
                escaped(&cell(&subject.leak)),
                escaped(&cell(&subject.loss))
            );
        }
        text.push('\n');
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn extent(row: &Row) -> (&'static str, &'static str) {
    match row.extent {
        None => ("–", ""),
        Some(AspectExtent::Full) => ("✓", "full"),
        Some(AspectExtent::Partial) => ("◐", "partial"),
        Some(AspectExtent::Unenforced) => ("✗", "unenforced"),
    }
}

fn strength(row: &Row) -> String {
    match (row.strength, row.compulsory) {
        (Some(strength), Some(compulsory)) if strength != Strength::Compulsory => {
            format!("{strength} (compulsory: {compulsory})")
        }
        (Some(strength), _) => strength.to_string(),
        (None, _) => String::new(),
    }
}

/// Who enforces, then why that is not all, then what would help.
fn explanation(row: &Row) -> Vec<String> {
    if row.extent.is_none() {
        return vec![NOT_MENTIONED.to_owned()];
    }
    let by = row.enforced_by.iter().map(|(mechanism, channels)| {
        let channels: Vec<&str> = channels.iter().map(|channel| channel.word()).collect();
        format!("{mechanism} ({})", channels.join(" "))
    });
    let by: Vec<String> = by.collect();
    let mut lines = Vec::new();
    if !by.is_empty() {
        lines.push(format!("by {}", by.join(", ")));
    }
    lines.extend(row.reasons.iter().cloned());
    if let Some(fix) = &row.fix {
        lines.push(format!("fix: {} makes it {}", fix.change, fix.extent));
    }
    lines
}

fn headline(report: &CoverageReport) -> String {
    let mut text = report.headline.to_string();
    if let Some(accepting) = report.headline_accepting {
        let accepted = report
            .gaps
            .iter()
            .filter(|gap| gap.accepted.is_some())
            .count();
        let gaps = if accepted == 1 { "gap" } else { "gaps" };
        let _ = write!(
            text,
            "; {}/{} with {accepted} accepted {gaps}",
            accepting.full, accepting.counted
        );
    }
    text.push('.');
    let best = report
        .rows
        .iter()
        .filter_map(|row| row.fix.as_ref())
        .max_by_key(|fix| fix.headline.full);
    if let Some(fix) = best.filter(|fix| fix.headline.full > report.headline.full) {
        let _ = write!(
            text,
            "   Fix: {} → {}/{}.",
            fix.change, fix.headline.full, fix.headline.counted
        );
    }
    let leaks = report
        .subjects
        .iter()
        .filter(|subject| subject.extent.leaks())
        .count();
    if leaks > 0 {
        let _ = write!(
            text,
            "   {leaks} subjects have leaks: tappassc coverage --rules"
        );
    }
    text.push('\n');
    text
}

fn findings(subject: &SubjectCoverage) -> Vec<String> {
    let mut lines = Vec::new();
    if subject.leak != Finding::None {
        lines.push(format!("leak: {}", subject.leak));
    }
    if subject.loss != Finding::None {
        lines.push(format!("loss: {}", subject.loss));
    }
    if subject.assumed {
        lines.push("closed only by mechanisms that nobody has checked".to_owned());
    }
    for mechanism in &subject.mechanisms {
        lines.push(format!(
            "{}: {} [{}, {}]",
            mechanism.mechanism, mechanism.extent, mechanism.strength, mechanism.evidence
        ));
    }
    lines
}
