//! A verb or a meter in the section of another aspect.

use tappass_ir::vocabulary::Aspect;

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct WrongSection {
    /// The verb or the meter.
    pub word: String,
    pub span: Span,
    pub section: Aspect,
    pub home: Aspect,
}

impl WrongSection {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some(format!("move it into {}", section_text(self.home))),
            ..Diagnostic::error(
                Self::NAME,
                format!("{} cannot stand in `{}`", quoted(&self.word), self.section),
                Label::new(self.span, format!("belongs in `{}`", self.home)),
            )
        }
    }
}

fn section_text(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Identity => "`identity { ... }`",
        Aspect::Network => "`network { ... }`",
        Aspect::Filesystem => "`filesystem { ... }`",
        Aspect::Tools => "`tools { ... }`",
        Aspect::Interpreter => "a section such as `interpreter python { ... }`",
        Aspect::Budget => "`budget { ... }`",
        Aspect::ComplianceTags => "`compliance [...]`",
    }
}
