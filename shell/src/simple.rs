//! What both parsers reduce a line to: simple commands and redirections in source order.
//!
//! This is the common ground between the syntax trees and the judgement of commands. It keeps no
//! structure beyond what matters for places: whether a loop or a function may run a command again.

use tappass_ir::request::exec::Word;

use crate::arithmetic::Variables;
use crate::word::Shape;

/// A command with the assignments before it.
#[derive(Debug, Default)]
pub(crate) struct Simple {
    /// `NAME=value` before the command, or alone, as an argv shows it.
    pub(crate) assignments: Vec<Word>,
    pub(crate) words: Vec<Shape>,
    pub(crate) redirects: Vec<Redirect>,
}

/// A file that the shell opens for a command.
#[derive(Debug, Clone)]
pub(crate) struct Redirect {
    pub(crate) mode: Mode,
    pub(crate) target: Shape,
}

impl Redirect {
    /// Whether only a descriptor of the shell is copied, moved or closed.
    pub(crate) fn duplicates(&self) -> bool {
        self.mode == Mode::Duplicate && self.target.as_literal().is_some_and(is_descriptor)
    }
}

/// `1`, `1-` or `-`, as they stand behind `>&` and `<&`.
pub(crate) fn is_descriptor(text: &str) -> bool {
    text.strip_suffix('-')
        .unwrap_or(text)
        .chars()
        .all(|c| c.is_ascii_digit())
        && !text.is_empty()
}

/// What a redirection does to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
    ReadAndWrite,
    /// `>&` and `<&`: a descriptor, `-`, or for output a file.
    Duplicate,
}

/// Everything that a line may run.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) simples: Vec<Simple>,
    pub(crate) variables: Variables,
    /// Whether a loop or a function may run a command after one that stands behind it.
    pub(crate) repeats: bool,
}

/// What the two parsers must agree on: every command's words, and every word that a redirection names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) commands: Vec<Vec<Word>>,
    pub(crate) targets: Vec<Word>,
}

impl Outline {
    /// Two outlines are equal where the same things occur equally often.
    pub(crate) fn sorted(mut self) -> Self {
        self.commands.sort();
        self.targets.sort();
        self
    }
}

impl Script {
    pub(crate) fn outline(&self) -> Outline {
        let mut outline = Outline::default();
        for simple in &self.simples {
            // Duplicated descriptors are left out: brush writes `|&` as `2>&1 |`.
            let opened = simple
                .redirects
                .iter()
                .filter(|redirect| !redirect.duplicates());
            outline
                .targets
                .extend(opened.map(|redirect| redirect.target.word.clone()));
            let words: Vec<Word> = simple.argv();
            if !words.is_empty() {
                outline.commands.push(words);
            }
        }
        outline
    }
}

impl Simple {
    /// Assignments and words as the language shows them to rules.
    pub(crate) fn argv(&self) -> Vec<Word> {
        self.assignments
            .iter()
            .cloned()
            .chain(self.words.iter().map(|shape| shape.word.clone()))
            .collect()
    }
}
