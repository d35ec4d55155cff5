//! A circle of names, each of which points at the next one and the last at the first.
//!
//! Imports and `narrows` run in circles alike, and both are reported as a walk that ends where it
//! begins.

use super::{Diagnostic, Label, quoted};
use crate::source::{FileId, Span};

/// The error that shows the walk, with a label for each step: "`a` `verb` `b`".
pub(super) fn cycle(
    name: &'static str,
    message: &str,
    verb: &str,
    links: &[(String, Span)],
) -> Diagnostic {
    let targets = links.iter().cycle().skip(1);
    let mut labels = links.iter().zip(targets).map(|((from, span), (to, _))| {
        Label::new(*span, format!("{} {verb} {}", quoted(from), quoted(to)))
    });
    // A circle without a link has no place; the start of the first file is as good as any.
    let primary = labels
        .next()
        .unwrap_or_else(|| Label::new(Span::new(FileId(0), 0, 0), ""));
    Diagnostic {
        secondary: labels.collect(),
        ..Diagnostic::error(name, format!("{message}: {}", walk(links)), primary)
    }
}

fn walk(links: &[(String, Span)]) -> String {
    let names = links.iter().chain(links.first());
    let names: Vec<String> = names.map(|(name, _)| quoted(name)).collect();
    names.join(" -> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str, start: u32) -> (String, Span) {
        (name.to_owned(), Span::new(FileId(0), start, start + 1))
    }

    #[test]
    fn the_walk_ends_where_it_begins_and_each_step_has_its_label() {
        let found = cycle("a-name", "a circle", "sees", &[link("a", 0), link("b", 5)]);
        assert_eq!(found.message, "a circle: `a` -> `b` -> `a`");
        assert_eq!(found.primary, Label::new(link("a", 0).1, "`a` sees `b`"));
        assert_eq!(
            found.secondary,
            [Label::new(link("b", 5).1, "`b` sees `a`")]
        );
    }

    #[test]
    fn one_name_can_be_a_circle() {
        let found = cycle("a-name", "a circle", "sees", &[link("a", 0)]);
        assert_eq!(found.message, "a circle: `a` -> `a`");
        assert_eq!(found.secondary, []);
    }
}
