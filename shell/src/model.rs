//! Argument models: what the words of a known command mean, whatever their spelling.
//!
//! A model turns an argv into its [`NormalForm`] and names the files that it touches. A command without
//! a model keeps every word as an operand, which is matched literally.

mod find;
mod git;

use std::collections::BTreeMap;

use tappass_ir::request::exec::{NormalForm, Word};
use tappass_ir::vocabulary::Verb;

use crate::options::{self, Table};
use crate::word::{Shape, literal};

/// Commands with an argument model.
pub const MODELLED: &[&str] = &["find", "git", "rm"];

pub(crate) use git::{Program as GitProgram, programs as git_programs};

const RM: &str = "f,force r,recursive R,recursive i I interactive? d,dir v,verbose one-file-system no-preserve-root preserve-root? help version";

/// The part of a program's name that its path does not change.
pub(crate) fn base_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// The normal form of an argv without assignments.
pub(crate) fn normal_form(words: &[Word]) -> NormalForm {
    let Some((name, arguments)) = words.split_first() else {
        return NormalForm {
            command: Vec::new(),
            options: BTreeMap::new(),
            operands: Vec::new(),
            open: false,
        };
    };
    match literal(name).map(base_name) {
        Some("rm") => simple("rm", RM, arguments),
        Some("git") => git::normal_form(arguments),
        Some("find") => find::normal_form(arguments),
        Some(base) => unmodelled(Word::Literal(base.to_owned()), arguments),
        None => unmodelled(name.clone(), arguments),
    }
}

fn simple(name: &str, table: &str, arguments: &[Word]) -> NormalForm {
    let parsed = options::parse(&Table::new(table), arguments);
    NormalForm {
        command: vec![Word::Literal(name.to_owned())],
        options: parsed.options,
        operands: parsed.operands,
        open: parsed.open,
    }
}

fn unmodelled(name: Word, arguments: &[Word]) -> NormalForm {
    NormalForm {
        command: vec![name],
        options: BTreeMap::new(),
        operands: arguments.to_vec(),
        open: false,
    }
}

/// The files that a command names and touches.
pub(crate) fn touched(name: &str, arguments: &[Shape]) -> Vec<(Verb, Shape)> {
    match name {
        "rm" => operands(RM, arguments)
            .into_iter()
            .map(|shape| (Verb::Write, shape))
            .collect(),
        "find" => find::touched(arguments),
        _ => Vec::new(),
    }
}

/// The words that are neither options nor their values, with what is known of their places.
fn operands(table: &str, arguments: &[Shape]) -> Vec<Shape> {
    let words: Vec<Word> = arguments.iter().map(|shape| shape.word.clone()).collect();
    let parsed = options::parse(&Table::new(table), &words);
    let mut rest = arguments.iter();
    parsed
        .operands
        .iter()
        .filter_map(|operand| rest.find(|shape| shape.word == *operand).cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn words(text: &str) -> Vec<Word> {
        text.split(' ')
            .map(|word| match word {
                "$" => Word::OneUnknown,
                "$$" => Word::ManyUnknown,
                _ => Word::Literal(word.into()),
            })
            .collect()
    }

    #[test]
    fn every_spelling_of_rm_is_one_form() {
        let expected = normal_form(&words("rm -rf x"));
        assert_eq!(
            expected.options.keys().collect::<Vec<_>>(),
            ["force", "recursive"]
        );
        for text in [
            "rm -fr x",
            "rm -r -f x",
            "rm x -rf",
            "rm -Rf x",
            "rm --recursive --force x",
            "rm --recurs x --fo",
            "/bin/rm -rf x",
            "rm -rf -- x",
        ] {
            assert_eq!(normal_form(&words(text)), expected, "{text}");
        }
        assert!(normal_form(&words("rm $")).open && !normal_form(&words("rm -- $")).open);
    }

    #[test]
    fn a_command_without_a_model_keeps_its_words() {
        let form = normal_form(&words("/usr/bin/cp -r a b"));
        assert_eq!(
            (form.command, form.operands, form.options.len()),
            (words("cp"), words("-r a b"), 0)
        );
    }
}
