//! A runtime that gives less coverage than a sandbox requires.

use tappass_ir::vocabulary::Aspect;

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

/// More reasons than these nobody reads; `coverage` lists them all.
const MOST_REASONS: usize = 3;

#[derive(Debug)]
pub struct UnmetRequire {
    pub aspect: Aspect,
    pub wanted: String,
    pub found: String,
    pub runtime: String,
    pub span: Span,
    /// Why the coverage is no better, one sentence each.
    pub reasons: Vec<String>,
    /// What would meet the requirement.
    pub fix: Option<String>,
}

impl UnmetRequire {
    pub fn render(&self) -> Diagnostic {
        let reasons = self.reasons.iter().take(MOST_REASONS);
        let help = self.fix.clone().unwrap_or_else(|| {
            format!("require less of `{}`, or choose another runtime", self.aspect)
        });
        Diagnostic {
            notes: reasons.cloned().collect(),
            help: Some(help),
            ..Diagnostic::error(
                Self::NAME,
                format!(
                    "the runtime {} covers `{}` {}, {} is required",
                    quoted(&self.runtime),
                    self.aspect,
                    quoted(&self.found),
                    quoted(&self.wanted)
                ),
                Label::new(self.span, "required here"),
            )
        }
    }
}
