//! Policies that narrow each other.

use super::Diagnostic;
use super::cycle::cycle;
use crate::source::Span;

#[derive(Debug)]
pub struct NarrowsCycle {
    /// Each policy with the place of its name; each narrows the next one, the last the first.
    pub links: Vec<(String, Span)>,
}

impl NarrowsCycle {
    pub fn render(&self) -> Diagnostic {
        let help = match self.links.as_slice() {
            [_] => "remove its name from its own `narrows`",
            [] | [_, ..] => "remove one of the names after `narrows`",
        };
        Diagnostic {
            help: Some(help.to_owned()),
            ..cycle(Self::NAME, "policies narrow in a circle", "narrows", &self.links)
        }
    }
}
