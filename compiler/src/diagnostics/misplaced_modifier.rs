//! A modifier on a rule or a limit that cannot have it.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct MisplacedModifier {
    pub word: String,
    pub span: Span,
    /// Where the modifier belongs; it continues the sentence "it belongs ...".
    pub belongs: String,
}

impl MisplacedModifier {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some(format!("remove {}", quoted(&self.word))),
            ..Diagnostic::error(
                Self::NAME,
                format!("{} cannot stand here", quoted(&self.word)),
                Label::new(self.span, format!("it belongs {}", self.belongs)),
            )
        }
    }
}
