//! Files that import each other.

use super::Diagnostic;
use super::cycle::cycle;
use crate::source::Span;

#[derive(Debug)]
pub struct ImportCycle {
    /// Each file with the place where it imports the next one; the last imports the first.
    pub links: Vec<(String, Span)>,
}

impl ImportCycle {
    pub fn render(&self) -> Diagnostic {
        let help = match self.links.as_slice() {
            [_] => "remove the import",
            [] | [_, ..] => "move what several of the files need into one that imports none of them",
        };
        Diagnostic {
            help: Some(help.to_owned()),
            ..cycle(Self::NAME, "imports run in a circle", "imports", &self.links)
        }
    }
}
