//! One shell word, from its source text to what a program is passed.
//!
//! Quoting is undone exactly as bash does it; what depends on the run becomes an unknown word. Every
//! substitution inside is handed back in [`Inside`], because the commands in it run too. Both parsers'
//! words come through here, so a word means the same on both sides of the comparison.

use tappass_ir::request::exec::Word;

use crate::cursor::{Cursor, is_name, is_name_char};
use crate::refusal::{Reason, Stop, stop};
use crate::{ansi, substitution};

/// What one source word becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) word: Word,
    /// For `~` and `~/x`, the path below the home directory: the word is unknown, its place is not.
    pub(crate) below_home: Option<String>,
    /// Whether every value that the word can take is an integer, so that arithmetic may read it.
    pub(crate) integer: bool,
    /// For `NAME=value` behind a command name: the variable that a declaration or `env` sets by it.
    pub(crate) sets: Option<String>,
}

impl Shape {
    pub(crate) fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        let integer = is_integer(&text);
        Self {
            word: Word::Literal(text),
            below_home: None,
            integer,
            sets: None,
        }
    }

    pub(crate) const fn unknown(word: Word) -> Self {
        Self {
            word,
            below_home: None,
            integer: false,
            sets: None,
        }
    }

    pub(crate) fn as_literal(&self) -> Option<&str> {
        literal(&self.word)
    }
}

pub(crate) fn literal(word: &Word) -> Option<&str> {
    match word {
        Word::Literal(text) => Some(text),
        Word::OneUnknown | Word::ManyUnknown => None,
    }
}

/// What a word holds besides its text.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    /// The texts of command and process substitutions.
    pub(crate) commands: Vec<String>,
    /// The texts that the shell evaluates as arithmetic.
    pub(crate) arithmetic: Vec<String>,
    /// Variables that `${name:=value}` sets.
    pub(crate) assigned: Vec<String>,
}

/// Reads a whole word.
pub(crate) fn read(raw: &str, inside: &mut Inside) -> Result<Shape, Stop> {
    if let Some(kind) = raw.get(..2)
        && (kind == "<(" || kind == ">(")
    {
        return process_substitution(raw, inside);
    }
    let mut reader = Reader::new(raw, inside);
    reader.unquoted()?;
    Ok(reader.finish())
}

/// Reads the body of a here-document whose delimiter is unquoted: only expansions count in it.
pub(crate) fn read_heredoc(raw: &str, inside: &mut Inside) -> Result<(), Stop> {
    let mut reader = Reader::new(raw, inside);
    reader.quoted(None)
}

fn process_substitution(raw: &str, inside: &mut Inside) -> Result<Shape, Stop> {
    let mut cursor = Cursor::new(raw);
    cursor.bump();
    cursor.bump();
    inside
        .commands
        .push(substitution::command(&mut cursor)?.to_owned());
    if cursor.peek().is_some() {
        return stop(Reason::Substitution, raw);
    }
    Ok(Shape::unknown(Word::OneUnknown))
}

/// How much of a word is known, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Text,
    OneWord,
    Nothing,
}

/// Whether an expansion stands inside double quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    None,
    Double,
}

struct Reader<'a, 'i> {
    cursor: Cursor<'a>,
    inside: &'i mut Inside,
    text: String,
    known: Known,
    raw: &'a str,
    /// Whether the word is arithmetic or counters alone.
    counts: bool,
    home: Option<String>,
    globs: Globs,
}

/// Unquoted characters that may turn a word into several.
#[derive(Debug, Default)]
struct Globs {
    bracket: bool,
    brace: Brace,
    after_dot: bool,
}

/// How much of a brace expansion has been read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Brace {
    #[default]
    None,
    Open,
    Separated,
}

impl<'a, 'i> Reader<'a, 'i> {
    fn new(raw: &'a str, inside: &'i mut Inside) -> Self {
        Self {
            cursor: Cursor::new(raw),
            inside,
            text: String::new(),
            known: Known::Text,
            raw,
            counts: true,
            home: None,
            globs: Globs::default(),
        }
    }

    fn finish(self) -> Shape {
        let counted = self.counts && self.text.chars().all(|c| c.is_ascii_digit());
        match self.known {
            Known::Text => Shape::literal(self.text),
            Known::OneWord => Shape {
                word: Word::OneUnknown,
                below_home: self.home,
                integer: counted,
                sets: None,
            },
            Known::Nothing => Shape {
                word: Word::ManyUnknown,
                below_home: None,
                integer: counted || is_integer_range(self.raw),
                sets: None,
            },
        }
    }

    fn at_most(&mut self, known: Known) {
        self.known = self.known.max(known);
        self.home = None;
    }

    /// Reads to the end of the word.
    fn unquoted(&mut self) -> Result<(), Stop> {
        self.tilde();
        while let Some(c) = self.cursor.bump() {
            let dot = c == '.';
            match c {
                '\\' => self.escaped()?,
                '\'' => self.single()?,
                '"' => self.double()?,
                '$' => self.dollar(Quoting::None)?,
                '`' => self.backticks(Known::Nothing)?,
                '*' | '?' => self.glob(c),
                '[' => self.bracket(),
                ']' if self.globs.bracket => self.glob(c),
                '{' if self.globs.brace == Brace::None => self.brace(c, Brace::Open),
                ',' if self.globs.brace == Brace::Open => self.brace(c, Brace::Separated),
                '.' if self.globs.brace == Brace::Open && self.globs.after_dot => {
                    self.brace(c, Brace::Separated);
                }
                '}' if self.globs.brace == Brace::Separated => self.glob(c),
                '=' | ':' if self.cursor.peek() == Some('~') => {
                    self.text.push(c);
                    self.at_most(Known::OneWord);
                }
                '(' | ')' | '<' | '>' | '|' | '&' | ';' => {
                    return stop(Reason::UnknownSyntax, self.raw);
                }
                c if c.is_whitespace() && c.is_ascii() => {
                    return stop(Reason::UnknownSyntax, self.raw);
                }
                c => self.text.push(c),
            }
            self.globs.after_dot = dot;
        }
        Ok(())
    }

    /// `~` and `~/x` name the home directory; `~user`, `~+` and `~-` name one that the line does not.
    fn tilde(&mut self) {
        if self.cursor.peek() != Some('~') {
            return;
        }
        self.known = Known::OneWord;
        self.counts = false;
        let mut inside = Inside::default();
        if let Some(rest) = self.raw.strip_prefix('~')
            && (rest.is_empty() || rest.starts_with('/'))
            && let Ok(shape) = read(rest, &mut inside)
        {
            self.home = shape.as_literal().map(str::to_owned);
        }
        self.cursor.bump();
    }

    fn glob(&mut self, c: char) {
        self.text.push(c);
        self.counts = false;
        self.at_most(Known::Nothing);
    }

    fn bracket(&mut self) {
        self.text.push('[');
        self.globs.bracket = self.raw != "[";
    }

    fn brace(&mut self, c: char, brace: Brace) {
        self.text.push(c);
        self.globs.brace = brace;
    }

    fn escaped(&mut self) -> Result<(), Stop> {
        match self.cursor.bump() {
            Some('\n') => Ok(()),
            Some(c) => {
                self.text.push(c);
                Ok(())
            }
            None => stop(Reason::Escape, self.raw),
        }
    }

    fn single(&mut self) -> Result<(), Stop> {
        let text = self.cursor.take_while(|c| c != '\'');
        self.text.push_str(text);
        self.expect('\'')
    }

    fn double(&mut self) -> Result<(), Stop> {
        self.quoted(Some('"'))
    }

    fn expect(&mut self, end: char) -> Result<(), Stop> {
        if self.cursor.bump() == Some(end) {
            Ok(())
        } else {
            stop(Reason::ParseError, self.raw)
        }
    }

    /// Reads up to the closing double quote, or to the end of a here-document.
    fn quoted(&mut self, end: Option<char>) -> Result<(), Stop> {
        while let Some(c) = self.cursor.bump() {
            match c {
                '\\' => match self.cursor.peek() {
                    Some('\n') => {
                        self.cursor.bump();
                    }
                    Some(next @ ('$' | '`' | '\\')) => {
                        self.cursor.bump();
                        self.text.push(next);
                    }
                    Some('"') if end.is_some() => {
                        self.cursor.bump();
                        self.text.push('"');
                    }
                    Some(_) | None => self.text.push('\\'),
                },
                '$' => self.dollar(Quoting::Double)?,
                '`' => self.backticks(Known::OneWord)?,
                c if Some(c) == end => return Ok(()),
                c => self.text.push(c),
            }
        }
        if end.is_none() {
            Ok(())
        } else {
            stop(Reason::ParseError, self.raw)
        }
    }

    /// Back-ticks with a backslash inside are read by two rules at once; `$(...)` says the same plainly.
    fn backticks(&mut self, known: Known) -> Result<(), Stop> {
        let text = self.cursor.take_while(|c| c != '`');
        if text.contains('\\') {
            return stop(Reason::Substitution, text);
        }
        self.inside.commands.push(text.to_owned());
        self.counts = false;
        self.at_most(known);
        self.expect('`')
    }

    fn dollar(&mut self, quoting: Quoting) -> Result<(), Stop> {
        let known = match quoting {
            Quoting::None => Known::Nothing,
            Quoting::Double => Known::OneWord,
        };
        match self.cursor.peek() {
            Some('\'') if quoting == Quoting::None => {
                self.cursor.bump();
                let text = ansi::decode(&mut self.cursor)?;
                self.text.push_str(&text);
            }
            Some('"') if quoting == Quoting::None => return stop(Reason::Escape, self.raw),
            Some('[') => return stop(Reason::Arithmetic, self.raw),
            Some('(') => self.substitution(known)?,
            Some('{') => {
                self.cursor.bump();
                self.counts = false;
                self.braced(quoting, known)?;
            }
            Some('#' | '?' | '$') => {
                self.cursor.bump();
                self.at_most(Known::OneWord);
            }
            Some('@') => {
                self.cursor.bump();
                self.counts = false;
                self.at_most(Known::Nothing);
            }
            Some('*' | '-' | '!' | '0'..='9') => {
                self.cursor.bump();
                self.counts = false;
                self.at_most(known);
            }
            Some(c) if is_name_char(c) => {
                self.cursor.take_while(is_name_char);
                self.counts = false;
                self.at_most(known);
            }
            Some(_) | None => self.text.push('$'),
        }
        Ok(())
    }

    fn substitution(&mut self, known: Known) -> Result<(), Stop> {
        self.cursor.bump();
        if self.cursor.eat("(") {
            let text = substitution::arithmetic(&mut self.cursor)?;
            self.inside.arithmetic.push(text.to_owned());
            // The result is one number; the default IFS splits none, and setting IFS is refused.
            self.at_most(Known::OneWord);
        } else {
            let text = substitution::command(&mut self.cursor)?;
            self.inside.commands.push(text.to_owned());
            self.counts = false;
            self.at_most(known);
        }
        Ok(())
    }

    /// Reads `${...}` after its brace.
    fn braced(&mut self, quoting: Quoting, known: Known) -> Result<(), Stop> {
        if self.cursor.peek() == Some('!') {
            return self.names(known);
        }
        if self.cursor.peek() == Some('#') && self.length()? {
            self.at_most(Known::OneWord);
            return Ok(());
        }
        let name = self.parameter()?;
        let many = name == "@" || self.subscript()?;
        self.at_most(if many { Known::Nothing } else { known });
        self.operation(name, quoting)
    }

    /// `${!prefix*}`, `${!prefix@}`, `${!name[@]}` and `${!name[*]}` list names; every other `!` reads
    /// a variable whose name, subscript included, is data.
    fn names(&mut self, known: Known) -> Result<(), Stop> {
        self.cursor.bump();
        let name = self.cursor.take_while(is_name_char);
        let many = self.cursor.eat("@}") || self.cursor.eat("[@]}");
        if !is_name(name) || !(many || self.cursor.eat("*}") || self.cursor.eat("[*]}")) {
            return stop(Reason::IndirectExpansion, self.raw);
        }
        self.at_most(if many { Known::Nothing } else { known });
        Ok(())
    }

    /// Reads `${#name}`; false where the `#` is itself the parameter.
    fn length(&mut self) -> Result<bool, Stop> {
        let mut ahead = self.cursor.clone();
        ahead.bump();
        if ahead.peek() == Some('}') {
            return Ok(false);
        }
        self.cursor = ahead;
        self.parameter()?;
        self.subscript()?;
        self.expect('}')?;
        Ok(true)
    }

    fn parameter(&mut self) -> Result<&'a str, Stop> {
        let start = self.cursor.clone();
        match self.cursor.peek() {
            Some(c) if c.is_ascii_digit() => {
                self.cursor.take_while(|c| c.is_ascii_digit());
            }
            Some(c) if is_name_char(c) => {
                self.cursor.take_while(is_name_char);
            }
            Some('@' | '*' | '#' | '?' | '-' | '$') => {
                self.cursor.bump();
            }
            Some(_) | None => return stop(Reason::UnknownSyntax, self.raw),
        }
        Ok(self.cursor.read_since(&start))
    }

    /// Reads `[...]` if it is there, and says whether it selects every element as a word of its own.
    fn subscript(&mut self) -> Result<bool, Stop> {
        if !self.cursor.eat("[") {
            return Ok(false);
        }
        let text = self.cursor.take_while(|c| c != ']');
        self.expect(']')?;
        if !is_plain_subscript(text) {
            return stop(Reason::Subscript, self.raw);
        }
        Ok(text == "@")
    }

    fn operation(&mut self, name: &str, quoting: Quoting) -> Result<(), Stop> {
        let Some(c) = self.cursor.bump() else {
            return stop(Reason::ParseError, self.raw);
        };
        match c {
            '}' => Ok(()),
            '@' => self.transformation(),
            ':' if !matches!(self.cursor.peek(), Some('-' | '=' | '?' | '+')) => self.slice(),
            ':' => self.default(name, quoting),
            '=' => {
                self.inside.assigned.push(name.to_owned());
                self.operand(quoting)
            }
            '-' | '?' | '+' | '#' | '%' | '/' | '^' | ',' => self.operand(quoting),
            _ => stop(Reason::UnknownSyntax, self.raw),
        }
    }

    fn default(&mut self, name: &str, quoting: Quoting) -> Result<(), Stop> {
        if self.cursor.bump() == Some('=') {
            self.inside.assigned.push(name.to_owned());
        }
        self.operand(quoting)
    }

    fn transformation(&mut self) -> Result<(), Stop> {
        match self.cursor.bump() {
            Some('P') => stop(Reason::PromptExpansion, self.raw),
            Some('U' | 'u' | 'L' | 'Q' | 'E' | 'K' | 'k' | 'a' | 'A') => self.expect('}'),
            Some(_) | None => stop(Reason::UnknownSyntax, self.raw),
        }
    }

    /// `${name:offset:length}`: both are arithmetic.
    fn slice(&mut self) -> Result<(), Stop> {
        let text = self.cursor.take_while(|c| c != '}');
        self.inside
            .arithmetic
            .extend(text.split(':').map(str::to_owned));
        self.expect('}')
    }

    /// Reads the word after an operator up to the closing brace, for what runs inside it.
    fn operand(&mut self, quoting: Quoting) -> Result<(), Stop> {
        while let Some(c) = self.cursor.bump() {
            match c {
                '}' => return Ok(()),
                '\\' => {
                    self.cursor.bump();
                }
                // Inside double quotes bash gives a single quote two meanings, by operator.
                '\'' if quoting == Quoting::Double => return stop(Reason::UnknownSyntax, self.raw),
                '\'' => self.single()?,
                '"' => self.double()?,
                '$' => self.dollar(quoting)?,
                '`' => self.backticks(Known::Nothing)?,
                '<' | '>' if self.cursor.peek() == Some('(') => {
                    return stop(Reason::Substitution, self.raw);
                }
                _ => {}
            }
        }
        stop(Reason::ParseError, self.raw)
    }
}

/// A subscript that runs nothing: all elements, or a number.
pub(crate) fn is_plain_subscript(text: &str) -> bool {
    text == "@" || text == "*" || is_integer(text)
}

/// Whether arithmetic reads `text` as a number.
pub(crate) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

fn is_integer_range(raw: &str) -> bool {
    raw.strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|range| range.split("..").all(is_integer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(raw: &str) -> Result<Word, Reason> {
        read(raw, &mut Inside::default())
            .map(|shape| shape.word)
            .map_err(|stop| stop.reason)
    }

    #[test]
    fn quoting_is_undone_as_bash_does() {
        for (raw, expected) in [
            ("rm", "rm"),
            ("'rm'", "rm"),
            ("r\"m\"", "rm"),
            ("\\rm", "rm"),
            ("r\\\nm", "rm"),
            ("\"a\\$b\\\\c\\d\"", "a$b\\c\\d"),
            ("'a\\b'", "a\\b"),
            ("$'r\\x6d'", "rm"),
            ("a$", "a$"),
            ("\"$\"", "$"),
            ("''", ""),
            ("{}", "{}"),
            ("a@{1}", "a@{1}"),
            ("[", "["),
            ("]", "]"),
            ("\"*\"", "*"),
            ("\\*", "*"),
            ("'{a,b}'", "{a,b}"),
            ("{a\\,b}", "{a,b}"),
            ("a#b", "a#b"),
            ("a~", "a~"),
            ("'~/x'", "~/x"),
        ] {
            assert_eq!(word(raw), Ok(Word::Literal(expected.into())), "{raw}");
        }
    }

    #[test]
    fn what_depends_on_the_run_is_unknown() {
        for raw in [
            "\"$x\"",
            "\"a$x\"",
            "\"$(ls)\"",
            "\"`ls`\"",
            "\"${x:-a}\"",
            "~",
            "~/x",
            "a=~/x",
            "$#",
            "${#x}",
            "$((1+2))",
            "\"${a[1]}\"",
            "\"$*\"",
            "<(ls)",
        ] {
            assert_eq!(word(raw), Ok(Word::OneUnknown), "{raw}");
        }
        for raw in [
            "$x",
            "a$x",
            "$(ls)",
            "`ls`",
            "*.rs",
            "a?",
            "[ab]c",
            "{a,b}",
            "{1..3}",
            "\"$@\"",
            "\"${a[@]}\"",
            "\"${@:1}\"",
            "\"${!a@}\"",
            "${x}",
            "$1",
        ] {
            assert_eq!(word(raw), Ok(Word::ManyUnknown), "{raw}");
        }
    }

    #[test]
    fn what_has_no_certain_reading_is_refused() {
        for (raw, reason) in [
            ("${x@P}", Reason::PromptExpansion),
            ("\"${x@P}\"", Reason::PromptExpansion),
            ("${!x}", Reason::IndirectExpansion),
            ("${!x@P}", Reason::IndirectExpansion),
            ("${a[i]}", Reason::Subscript),
            ("${a[$(x)]}", Reason::Subscript),
            ("$[1+1]", Reason::Arithmetic),
            ("$\"x\"", Reason::Escape),
            ("`a \\`b\\``", Reason::Substitution),
            ("'a", Reason::ParseError),
            ("\"a", Reason::ParseError),
            ("${x", Reason::ParseError),
            ("\"${x:-'a'}\"", Reason::UnknownSyntax),
            ("${x:-<(ls)}", Reason::Substitution),
            ("a(b)", Reason::UnknownSyntax),
            ("@(a|b)", Reason::UnknownSyntax),
        ] {
            assert_eq!(word(raw), Err(reason), "{raw}");
        }
    }

    #[test]
    fn every_substitution_is_handed_back() {
        for (raw, commands) in [
            ("$(a b)", vec!["a b"]),
            ("\"x$(a)`b`\"", vec!["a", "b"]),
            ("${x:-$(a)}", vec!["a"]),
            ("\"${x:+\"$(a)\"}\"", vec!["a"]),
            ("${x//a/$(b)}", vec!["b"]),
            (">(a)", vec!["a"]),
            ("'$(a)'", vec![]),
            ("\\$\\(a\\)", vec![]),
            ("$(a \")\" $(b))", vec!["a \")\" $(b)"]),
        ] {
            let mut inside = Inside::default();
            read(raw, &mut inside).expect(raw);
            assert_eq!(inside.commands, commands, "{raw}");
        }
    }

    #[test]
    fn a_heredoc_runs_its_substitutions_and_keeps_its_quotes() {
        let mut inside = Inside::default();
        read_heredoc("it's \"$(a)\" \\$(b) `c`\n", &mut inside).expect("body");
        assert_eq!(inside.commands, ["a", "c"]);
    }

    #[test]
    fn the_place_of_a_home_path_is_known() {
        for (raw, below) in [
            ("~", Some("")),
            ("~/x", Some("/x")),
            ("~/'a b'", Some("/a b")),
            ("~/$x", None),
            ("~root/x", None),
            ("~/*", None),
        ] {
            let shape = read(raw, &mut Inside::default()).expect(raw);
            assert_eq!(shape.below_home.as_deref(), below, "{raw}");
        }
    }

    #[test]
    fn integers_are_recognised() {
        for (raw, integer) in [
            ("1", true),
            ("-1", true),
            ("$((1+1))", true),
            ("{1..9}", true),
            ("$#", true),
            ("a", false),
            ("a$#", false),
            ("$x", false),
            ("$(x)", false),
            ("\"\"", false),
        ] {
            assert_eq!(
                read(raw, &mut Inside::default()).expect(raw).integer,
                integer,
                "{raw}"
            );
        }
    }
}
