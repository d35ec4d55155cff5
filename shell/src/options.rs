//! Options as getopt reads them: clustered, abbreviated, with their value attached or not, anywhere.
//!
//! A [`Table`] is one line of text a command, so that a model reads like its manual page. Where a
//! spelling could mean several options, all of them count as present: a deny must not be missed.

use std::collections::BTreeMap;

use tappass_ir::request::exec::Word;

use crate::word::literal;

/// The options of a command: `f,force` is a flag with both spellings, `o,output=` takes a value,
/// `color?` may have one attached, a single character has no long form.
#[derive(Debug)]
pub(crate) struct Table<'t> {
    entries: Vec<Entry<'t>>,
}

#[derive(Debug, Clone, Copy)]
struct Entry<'t> {
    short: Option<char>,
    long: Option<&'t str>,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    None,
    Attached,
    Required,
}

/// Words with their options taken out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) options: BTreeMap<String, Vec<Word>>,
    pub(crate) operands: Vec<Word>,
    /// How many words were options, where the reading stops at the first operand.
    pub(crate) consumed: usize,
    /// An unknown word stands where an option could.
    pub(crate) open: bool,
    /// Options that the table does not name.
    pub(crate) unmodelled: Vec<String>,
}

impl<'t> Table<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            entries: text.split_ascii_whitespace().map(Entry::new).collect(),
        }
    }

    fn short(&self, letter: char) -> Option<Entry<'t>> {
        self.entries
            .iter()
            .copied()
            .find(|entry| entry.short == Some(letter))
    }

    /// The entry of exactly this long name, else every one that it abbreviates.
    fn long(&self, name: &str) -> Vec<Entry<'t>> {
        let exact: Vec<_> = self
            .entries
            .iter()
            .copied()
            .filter(|entry| entry.long == Some(name))
            .collect();
        if exact.is_empty() && !name.is_empty() {
            self.entries
                .iter()
                .copied()
                .filter(|entry| entry.long.is_some_and(|long| long.starts_with(name)))
                .collect()
        } else {
            exact
        }
    }
}

impl<'t> Entry<'t> {
    fn new(text: &'t str) -> Self {
        let (names, value) = match (text.strip_suffix('='), text.strip_suffix('?')) {
            (Some(names), _) => (names, Value::Required),
            (None, Some(names)) => (names, Value::Attached),
            (None, None) => (text, Value::None),
        };
        let (short, long) = match names.split_once(',') {
            Some((short, long)) => (short.chars().next(), Some(long)),
            None if names.chars().count() == 1 => (names.chars().next(), None),
            None => (None, Some(names)),
        };
        Self { short, long, value }
    }

    fn name(&self) -> String {
        match (self.long, self.short) {
            (Some(long), _) => long.to_owned(),
            (None, short) => short.map(String::from).unwrap_or_default(),
        }
    }
}

/// Reads options anywhere before `--`.
pub(crate) fn parse(table: &Table<'_>, words: &[Word]) -> Parsed {
    let mut reader = Reader {
        table,
        words,
        parsed: Parsed::default(),
    };
    while let Some(word) = reader.next() {
        if word == Word::Literal("--".to_owned()) {
            reader.parsed.operands.extend(reader.words.iter().cloned());
            break;
        }
        reader.word(word);
    }
    reader.parsed
}

/// Reads options up to the first operand, as programs that run another program do.
pub(crate) fn parse_leading(table: &Table<'_>, words: &[Word]) -> Parsed {
    let mut reader = Reader {
        table,
        words,
        parsed: Parsed::default(),
    };
    while let Some(first) = reader.words.first() {
        match literal(first) {
            Some("--") => {
                reader.next();
                break;
            }
            Some(text) if text.starts_with('-') && text != "-" => {
                let word = first.clone();
                reader.next();
                reader.word(word);
            }
            Some(_) | None => break,
        }
    }
    let mut parsed = reader.parsed;
    parsed.consumed = words.len().saturating_sub(reader.words.len());
    parsed.operands = reader.words.to_vec();
    parsed
}

struct Reader<'w, 't> {
    table: &'w Table<'t>,
    words: &'w [Word],
    parsed: Parsed,
}

impl Reader<'_, '_> {
    fn next(&mut self) -> Option<Word> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first.clone())
    }

    fn word(&mut self, word: Word) {
        match &word {
            Word::Literal(text) => {
                if let Some(long) = text.strip_prefix("--") {
                    self.long(long);
                } else if let Some(cluster) =
                    text.strip_prefix('-').filter(|cluster| !cluster.is_empty())
                {
                    self.cluster(cluster);
                } else {
                    self.parsed.operands.push(word);
                }
            }
            Word::OneUnknown | Word::ManyUnknown => {
                self.parsed.open = true;
                self.parsed.operands.push(word);
            }
        }
    }

    fn long(&mut self, text: &str) {
        let (name, attached) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let entries = self.table.long(name);
        if entries.is_empty() {
            self.negated(name, attached);
            return;
        }
        let value = match attached {
            Some(value) => Some(Word::Literal(value.to_owned())),
            None if entries.iter().any(|entry| entry.value == Value::Required) => self.value(),
            None => None,
        };
        for entry in entries {
            self.present(entry.name(), value.clone());
        }
    }

    /// `--no-x` takes `x` back; it is an option of its own, abbreviated like the others.
    fn negated(&mut self, name: &str, attached: Option<&str>) {
        let entries = name
            .strip_prefix("no-")
            .map(|positive| self.table.long(positive))
            .unwrap_or_default();
        if entries.is_empty() {
            self.parsed.unmodelled.push(format!("--{name}"));
            self.present(
                name.to_owned(),
                attached.map(|value| Word::Literal(value.to_owned())),
            );
        }
        for entry in entries {
            self.present(format!("no-{}", entry.name()), None);
        }
    }

    fn cluster(&mut self, letters: &str) {
        let mut chars = letters.chars();
        while let Some(letter) = chars.next() {
            let Some(entry) = self.table.short(letter) else {
                self.parsed.unmodelled.push(format!("-{letter}"));
                self.present(letter.to_string(), None);
                continue;
            };
            let rest = chars.as_str();
            let value = match entry.value {
                Value::Attached | Value::Required if !rest.is_empty() => {
                    Some(Word::Literal(rest.to_owned()))
                }
                Value::None | Value::Attached => None,
                Value::Required => self.value(),
            };
            self.present(entry.name(), value);
            if entry.value != Value::None {
                return;
            }
        }
    }

    /// The next word as a value. One that may be several words or none leaves options behind it open.
    fn value(&mut self) -> Option<Word> {
        let value = self.next()?;
        self.parsed.open |= value == Word::ManyUnknown;
        Some(value)
    }

    fn present(&mut self, name: String, value: Option<Word>) {
        self.parsed.options.entry(name).or_default().extend(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "f,force r,recursive R,recursive o,output= color? verify verbose x";

    fn words(text: &str) -> Vec<Word> {
        text.split(' ')
            .map(|word| {
                if word == "$" {
                    Word::OneUnknown
                } else if word == "$$" {
                    Word::ManyUnknown
                } else {
                    Word::Literal(word.into())
                }
            })
            .collect()
    }

    fn names(text: &str) -> Vec<String> {
        parse(&Table::new(TABLE), &words(text))
            .options
            .into_keys()
            .collect()
    }

    #[test]
    fn every_spelling_is_the_same_option() {
        for text in [
            "-r -f",
            "-rf",
            "-fr",
            "-Rf",
            "--recursive --force",
            "--rec --fo",
            "a -rf",
            "-r a -f",
        ] {
            assert_eq!(names(text), ["force", "recursive"], "{text}");
        }
    }

    #[test]
    fn values_are_attached_or_next() {
        for text in [
            "-ov a",
            "-o v a",
            "--output=v a",
            "--output v a",
            "--out v a",
            "-fov a",
        ] {
            let parsed = parse(&Table::new(TABLE), &words(text));
            assert_eq!(parsed.options["output"], words("v"), "{text}");
            assert_eq!(parsed.operands, words("a"), "{text}");
        }
        assert_eq!(
            parse(&Table::new(TABLE), &words("--color a")).operands,
            words("a")
        );
    }

    #[test]
    fn an_ambiguous_abbreviation_counts_as_each() {
        assert_eq!(names("--ver"), ["verbose", "verify"]);
        assert_eq!(names("--no-verif"), ["no-verify"]);
    }

    #[test]
    fn what_stands_behind_two_dashes_is_an_operand() {
        let parsed = parse(&Table::new(TABLE), &words("-f -- -r $"));
        assert_eq!(
            (parsed.options.len(), parsed.operands, parsed.open),
            (1, words("-r $"), false)
        );
    }

    #[test]
    fn an_unknown_word_may_be_any_option() {
        assert!(parse(&Table::new(TABLE), &words("-f $")).open);
        assert!(!parse(&Table::new(TABLE), &words("-o $")).open);
        assert!(parse(&Table::new(TABLE), &words("-o $$")).open);
    }

    #[test]
    fn leading_options_stop_at_the_first_operand() {
        let parsed = parse_leading(&Table::new(TABLE), &words("-o v a -f"));
        assert_eq!((parsed.consumed, parsed.operands), (2, words("a -f")));
        assert_eq!(
            parse_leading(&Table::new(TABLE), &words("-f -- -x")).operands,
            words("-x")
        );
    }
}
