//! A grant wholly inside a deny of the same policy.

use tappass_ir::vocabulary::Effect;

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct ContradictoryRules {
    pub pattern: String,
    pub span: Span,
    /// `allow` or `ask`.
    pub effect: Effect,
    pub denied_by: Span,
}

impl ContradictoryRules {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            secondary: vec![Label::new(self.denied_by, "this denies all of it")],
            help: Some("remove the pattern, or narrow the deny".to_owned()),
            ..Diagnostic::warning(
                Self::NAME,
                format!("`{}` {} never applies", self.effect, quoted(&self.pattern)),
                Label::new(self.span, "grants nothing, a deny wins"),
            )
        }
    }
}
