//! A harness that no provider knows.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct UnsupportedHarness {
    pub harness: String,
    pub span: Span,
}

impl UnsupportedHarness {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            notes: vec![
                "it gets the generic agent configuration, which enforces nothing".to_owned(),
            ],
            help: Some("name a provider, or add a `kernel` ring".to_owned()),
            ..Diagnostic::warning(
                Self::NAME,
                format!("no provider knows the harness {}", quoted(&self.harness)),
                Label::new(self.span, "enforces nothing"),
            )
        }
    }
}
