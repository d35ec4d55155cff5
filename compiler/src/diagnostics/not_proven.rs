//! A proof that ran out of its step budget, which counts as not proven.

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct NotProven {
    /// The statement without its proof.
    pub what: String,
    pub span: Span,
}

impl NotProven {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some("write simpler patterns, with fewer `*` and `**`".to_owned()),
            ..Diagnostic::warning(
                Self::NAME,
                format!("not proven: {}", self.what),
                Label::new(self.span, "the proof ran out of its steps"),
            )
        }
    }
}
