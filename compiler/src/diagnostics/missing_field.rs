//! A block without a field that it needs.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct MissingField {
    pub block: &'static str,
    pub name: String,
    pub span: Span,
    /// The field in backticks, or a choice of them such as "either `url` or `command`".
    pub field: String,
}

impl MissingField {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some(format!("write {} into its block", self.field)),
            ..Diagnostic::error(
                Self::NAME,
                format!(
                    "the {} {} needs {}",
                    self.block,
                    quoted(&self.name),
                    self.field
                ),
                Label::new(self.span, format!("a {} needs {}", self.block, self.field)),
            )
        }
    }
}
