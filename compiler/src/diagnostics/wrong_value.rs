//! A value of the wrong type.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct WrongValue {
    pub field: String,
    pub span: Span,
    /// What the field takes: "a quoted URL".
    pub expected: String,
}

impl WrongValue {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some(format!("write {}", self.expected)),
            ..Diagnostic::error(
                Self::NAME,
                format!("the field {} takes {}", quoted(&self.field), self.expected),
                Label::new(self.span, format!("expected {}", self.expected)),
            )
        }
    }
}
