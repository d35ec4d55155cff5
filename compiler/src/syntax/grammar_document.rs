//! GRAMMAR.md against the tables of the parser: a small reader of EBNF, and what must agree.

use std::collections::{BTreeMap, BTreeSet};

use tappass_ir::vocabulary::{Effect, Meter, Verb};

use super::ast::{Period, Unit};
use super::token::{SIGNS, TokenKind, WORDS};
use super::words::{Block, MODIFIERS};

type Productions<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// Each production's name and symbols. A quoted symbol keeps its quotes.
fn productions() -> Productions<'static> {
    let document = include_str!("../../../GRAMMAR.md");
    let ebnf = document
        .split_once("```ebnf\n")
        .unwrap()
        .1
        .split_once("```")
        .unwrap()
        .0;
    let definitions = ebnf
        .split(" ;\n")
        .filter(|definition| !definition.trim().is_empty());
    definitions
        .map(|definition| {
            let (name, body) = definition.split_once(" = ").unwrap();
            (name.trim(), body.split_whitespace().collect())
        })
        .collect()
}

fn terminal(symbol: &str) -> Option<&str> {
    symbol.strip_prefix('"')?.strip_suffix('"')
}

fn terminals<'a>(symbols: &[&'a str]) -> BTreeSet<&'a str> {
    symbols
        .iter()
        .filter_map(|symbol| terminal(symbol))
        .collect()
}

/// The words with which a choice of productions may begin.
fn first<'a>(productions: &Productions<'a>, name: &str) -> BTreeSet<&'a str> {
    let mut words = BTreeSet::new();
    // Whether the next symbol begins the production; below, the same for each open group.
    let mut begins = true;
    let mut groups = Vec::new();
    for symbol in &productions[name] {
        match *symbol {
            "(" => groups.push(begins),
            ")" => begins &= groups.pop().is_none(),
            "|" => begins = groups.last().copied().unwrap_or(true),
            _ if !begins => {}
            word => {
                begins = false;
                match terminal(word) {
                    Some(word) => words.extend([word]),
                    None if productions.contains_key(word) => {
                        words.extend(first(productions, word));
                    }
                    None => words.extend([word]),
                }
            }
        }
    }
    words
}

#[test]
fn the_words_and_signs_are_those_of_the_lexer() {
    let productions = productions();
    let closed_sets = ["verb", "meter", "unit", "period"];
    let written: BTreeSet<_> = productions
        .iter()
        .filter(|(name, _)| !closed_sets.contains(*name))
        .flat_map(|(_, symbols)| terminals(symbols))
        .collect();
    let known = WORDS.iter().chain(SIGNS);
    // A misspelt `:` or `=>`; lexed to be reported.
    let known = known.filter(|(_, kind)| *kind != TokenKind::Equals);
    assert_eq!(written, known.map(|(text, _)| *text).collect());
}

#[test]
fn the_closed_sets_are_those_of_the_vocabulary() {
    let productions = productions();
    let set = |name: &str| terminals(&productions[name]);
    assert_eq!(
        set("effect"),
        Effect::ALL.iter().map(|effect| effect.word()).collect()
    );
    assert_eq!(
        set("verb"),
        Verb::ALL.iter().map(|verb| verb.word()).collect()
    );
    assert_eq!(
        set("meter"),
        Meter::ALL.iter().map(|meter| meter.word()).collect()
    );
    assert_eq!(
        set("unit"),
        Unit::ALL.iter().map(|unit| unit.word()).collect()
    );
    assert_eq!(
        set("period"),
        Period::ALL.iter().map(|period| period.word()).collect()
    );
}

#[test]
fn the_modifiers_are_those_of_the_parser() {
    let written = first(&productions(), "modifier");
    assert_eq!(written, MODIFIERS.iter().map(|kind| kind.text()).collect());
}

#[test]
fn every_block_begins_its_statements_with_the_words_of_its_table() {
    let productions = productions();
    let blocks = [
        ("file-item", Block::File, None),
        ("policy-item", Block::Policy, None),
        ("pack-item", Block::Pack, None),
        ("section-item", Block::Section, None),
        ("sandbox-item", Block::Sandbox, Some("NAME")),
        ("field", Block::Fields, Some("NAME")),
        ("requirement", Block::Require, Some("NAME")),
    ];
    for (name, block, other) in blocks {
        let heads = block.heads().iter().map(|kind| kind.text()).chain(other);
        assert_eq!(first(&productions, name), heads.collect(), "{name}");
    }
    let verbs: BTreeSet<_> = Verb::ALL.iter().map(|verb| verb.word()).collect();
    assert_eq!(first(&productions, "case"), verbs);
}

#[test]
fn every_production_is_defined_and_used() {
    let productions = productions();
    let used: BTreeSet<_> = productions.values().flatten().copied().collect();
    for symbol in &used {
        let lower = symbol.starts_with(|first: char| first.is_ascii_lowercase());
        assert!(
            !lower || productions.contains_key(symbol),
            "{symbol} is not defined"
        );
    }
    for name in productions.keys().filter(|name| **name != "file") {
        assert!(used.contains(name), "{name} is not used");
    }
}
