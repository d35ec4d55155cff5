//! A grant that an ancestor grants under some bindings of a variable only.

use tappass_ir::vocabulary::{Variable, Verb};

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct DependsOnBinding {
    pub policy: String,
    pub parent: String,
    pub pattern: String,
    pub verb: Verb,
    pub span: Span,
    pub variable: Variable,
    pub parent_span: Span,
}

impl DependsOnBinding {
    pub fn render(&self) -> Diagnostic {
        let (policy, parent) = (quoted(&self.policy), quoted(&self.parent));
        let variable = self.variable;
        Diagnostic {
            secondary: vec![Label::new(
                self.parent_span,
                format!("what {parent} grants is written otherwise"),
            )],
            help: Some(format!(
                "write the pattern of {policy} and that of {parent} with the same root"
            )),
            ..Diagnostic::warning(
                Self::NAME,
                format!(
                    "whether {parent} grants `{}` {} depends on `${variable}`",
                    self.verb,
                    quoted(&self.pattern)
                ),
                Label::new(
                    self.span,
                    format!("denied under some bindings of `${variable}`"),
                ),
            )
        }
    }
}
