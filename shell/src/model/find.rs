//! The argument model of find: roots, then an expression of single-dash words.

use std::collections::BTreeMap;

use tappass_ir::request::exec::{NormalForm, Word};
use tappass_ir::vocabulary::Verb;

use crate::word::{Shape, literal};

/// Primaries that take one word.
const ONE: &[&str] = &[
    "amin",
    "anewer",
    "atime",
    "cmin",
    "cnewer",
    "context",
    "ctime",
    "files0-from",
    "fls",
    "fprint",
    "fprint0",
    "fstype",
    "gid",
    "group",
    "ilname",
    "iname",
    "inum",
    "ipath",
    "iregex",
    "iwholename",
    "links",
    "lname",
    "maxdepth",
    "mindepth",
    "mmin",
    "mtime",
    "name",
    "newer",
    "newerXY",
    "path",
    "perm",
    "printf",
    "regex",
    "regextype",
    "samefile",
    "size",
    "type",
    "uid",
    "used",
    "user",
    "wholename",
    "xtype",
];

/// Primaries that take words up to `;` or `+`.
pub(crate) const RUN: &[&str] = &["exec", "execdir", "ok", "okdir"];

pub(super) fn normal_form(arguments: &[Word]) -> NormalForm {
    let mut form = NormalForm {
        command: vec![Word::Literal("find".to_owned())],
        options: BTreeMap::new(),
        operands: Vec::new(),
        open: false,
    };
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match primary(word) {
            Some(name) if RUN.contains(&name) => {
                let run = rest
                    .by_ref()
                    .take_while(|word| !matches!(literal(word), Some(";" | "+")))
                    .cloned();
                form.options.entry(name.to_owned()).or_default().extend(run);
            }
            Some(name) => {
                let values = form.options.entry(name.to_owned()).or_default();
                values.extend(rest.by_ref().take(arity(name)).cloned());
            }
            None => {
                form.open |= literal(word).is_none();
                form.operands.push(word.clone());
            }
        }
    }
    form
}

fn primary(word: &Word) -> Option<&str> {
    literal(word)?
        .strip_prefix('-')
        .filter(|name| !name.is_empty())
}

fn arity(name: &str) -> usize {
    if name == "fprintf" {
        2
    } else {
        usize::from(ONE.contains(&name) || name.starts_with("newer"))
    }
}

/// Roots are read, and written with `-delete`; `-fprint` and its like write their file.
pub(super) fn touched(arguments: &[Shape]) -> Vec<(Verb, Shape)> {
    let leading = |shape: &&Shape| matches!(shape.as_literal(), Some("-H" | "-L" | "-P"));
    let rest: Vec<&Shape> = arguments.iter().skip_while(leading).collect();
    let mut roots: Vec<Shape> = rest
        .iter()
        .take_while(|shape| is_root(shape))
        .map(|shape| (*shape).clone())
        .collect();
    if roots.is_empty() {
        roots.push(Shape::literal("."));
    }
    let mut touched: Vec<(Verb, Shape)> = roots
        .iter()
        .map(|root| (Verb::Read, root.clone()))
        .collect();
    if rest
        .iter()
        .any(|shape| shape.as_literal() == Some("-delete"))
    {
        touched.extend(roots.into_iter().map(|root| (Verb::Write, root)));
    }
    for pair in rest.windows(2) {
        if let [option, file] = pair
            && matches!(
                option.as_literal(),
                Some("-fprint" | "-fprint0" | "-fprintf" | "-fls")
            )
        {
            touched.push((Verb::Write, (*file).clone()));
        }
    }
    touched
}

fn is_root(shape: &Shape) -> bool {
    shape
        .as_literal()
        .is_none_or(|text| !text.starts_with('-') && text != "(" && text != "!")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::words;

    #[test]
    fn primaries_are_options_with_their_words() {
        let form = normal_form(&words("a b -name x -exec rm {} ; -delete"));
        assert_eq!(form.operands, words("a b"));
        assert_eq!(form.options["exec"], words("rm {}"));
        assert_eq!(form.options["name"], words("x"));
        assert!(form.options.contains_key("delete") && !form.open);
    }

    #[test]
    fn an_unknown_word_may_be_any_primary() {
        assert!(normal_form(&words(". $")).open);
        assert!(!normal_form(&words(". -name $")).open);
    }

    #[test]
    fn roots_are_read_and_deleted() {
        let named = |text: &str| {
            let shapes: Vec<Shape> = text.split(' ').map(Shape::literal).collect();
            touched(&shapes)
                .into_iter()
                .map(|(verb, shape)| (verb, shape.as_literal().unwrap_or_default().to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(named("-L a -name x"), [(Verb::Read, "a".to_owned())]);
        assert_eq!(
            named("-delete"),
            [(Verb::Read, ".".to_owned()), (Verb::Write, ".".to_owned())]
        );
        assert_eq!(
            named("a -fprint o").last(),
            Some(&(Verb::Write, "o".to_owned()))
        );
    }
}
