//! An accepted gap that no runtime has.

use super::listing::listing;
use super::{Diagnostic, Fix, Label, quoted};
use crate::nearest::nearest;
use crate::source::Span;

#[derive(Debug)]
pub struct UnknownGap {
    pub gap: String,
    pub span: Span,
    /// The runtimes to which a sandbox binds the policy.
    pub runtimes: Vec<String>,
    /// The gaps of those runtimes.
    pub known: Vec<String>,
}

impl UnknownGap {
    pub fn render(&self) -> Diagnostic {
        let nearest = nearest(&self.gap, self.known.iter().map(String::as_str));
        Diagnostic {
            help: Some(self.help(nearest)),
            fixes: nearest
                .map(|nearest| Fix::replace(self.span, nearest))
                .into_iter()
                .collect(),
            ..Diagnostic::warning(
                Self::NAME,
                self.message(),
                Label::new(self.span, "accepts nothing"),
            )
        }
    }

    fn message(&self) -> String {
        let gap = quoted(&self.gap);
        match self.runtimes.as_slice() {
            [] => format!("no runtime has a gap {gap}"),
            [runtime] => format!("the runtime {} has no gap {gap}", quoted(runtime)),
            [_, ..] => {
                let runtimes = listing(self.runtimes.iter().map(String::as_str), "and");
                format!("none of the runtimes {runtimes} has a gap {gap}")
            }
        }
    }

    fn help(&self, nearest: Option<&str>) -> String {
        if let Some(nearest) = nearest {
            return format!("write {}", quoted(nearest));
        }
        if self.known.is_empty() {
            return "remove the line".to_owned();
        }
        let known = listing(self.known.iter().map(String::as_str), "or");
        format!("remove the line, or write {known}")
    }
}
