//! Command patterns: the words of one simple command.
//!
//! A pattern is split and quoted as a POSIX shell does, and compared with words, never with a line:
//! `shell` has split that. An allow matches only what is certain; an ask or a deny matches whatever
//! an unknown word could turn out to be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::canonical_text;
use super::error::{PatternError, PatternErrorKind};
use super::glob::{self, Token};
use crate::request::exec::{NormalForm, NormalPattern, Word};

/// A command pattern.
///
/// `*` as a word of its own is any one word, within a word any run; a last word `**` is any rest,
/// none included, and alone any command. Quoted wildcards are ordinary characters.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct ArgvPattern(Box<str>);

canonical_text!(ArgvPattern, ArgvPattern::parse, PatternError);

impl ArgvPattern {
    /// Reads a command pattern of the policy's text.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut canonical = String::with_capacity(text.len());
        let mut rest_at = None;
        let mut reader = Reader { text, at: 0 };
        while let Some(word) = reader.next_word()? {
            if let Some(span) = rest_at {
                return Err(PatternError::new(span, PatternErrorKind::RestNotLast));
            }
            if !canonical.is_empty() {
                canonical.push(' ');
            }
            if word.is_rest() {
                rest_at = Some(word.start..reader.at);
                canonical.push_str("**");
            } else {
                word.check_runs(reader.at)?;
                word.push_canonical(&mut canonical);
            }
        }
        if canonical.is_empty() {
            return Err(PatternError::new(0..text.len(), PatternErrorKind::Empty));
        }
        Ok(Self(canonical.into_boxed_str()))
    }

    /// Whether an allow with this pattern matches: one unknown word matches a lone `*` or the rest,
    /// any number of them the rest alone.
    pub fn grants(&self, words: &[Word]) -> bool {
        text_grants(&self.0, words)
    }

    /// Whether an ask or a deny with this pattern could match, whatever the unknown words are.
    pub fn covers(&self, words: &[Word]) -> bool {
        text_covers(&self.0, words)
    }

    /// The words that the pattern fixes, without the rest.
    pub fn words(&self) -> impl Iterator<Item = WordPattern> {
        fixed_words(&self.0).map(|word| WordPattern(word.into()))
    }

    /// Whether further words may follow.
    pub fn has_rest(&self) -> bool {
        has_rest(&self.0)
    }
}

/// Whether the canonical pattern text `pattern` grants `words`. For callers that hold the text in a
/// mapped file and must not allocate.
pub fn text_grants(pattern: &str, words: &[Word]) -> bool {
    let mut given = words.iter();
    for wanted in fixed_words(pattern) {
        let matched = match given.next() {
            Some(Word::Literal(text)) => word_matches(wanted, text),
            Some(Word::OneUnknown) => wanted == "*",
            Some(Word::ManyUnknown) | None => false,
        };
        if !matched {
            return false;
        }
    }
    if has_rest(pattern) {
        !words.is_empty()
    } else {
        given.next().is_none()
    }
}

/// Whether the canonical pattern text `pattern` could match `words`, as for an ask or a deny.
pub fn text_covers(pattern: &str, words: &[Word]) -> bool {
    let patterns: Vec<&str> = fixed_words(pattern).collect();
    let tail = if has_rest(pattern) {
        Tail::Anything
    } else {
        Tail::Nothing
    };
    may_match(&patterns, tail, words, Vanishing::Never)
}

/// One word of a command pattern.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct WordPattern(Box<str>);

canonical_text!(WordPattern, WordPattern::parse, PatternError);

impl WordPattern {
    /// Reads exactly one word, which may be quoted.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut reader = Reader { text, at: 0 };
        let Some(word) = reader.next_word()? else {
            return Err(PatternError::new(0..text.len(), PatternErrorKind::Empty));
        };
        word.check_runs(reader.at)?;
        if reader.next_word()?.is_some() {
            return Err(PatternError::new(
                0..text.len(),
                PatternErrorKind::ShellOperator,
            ));
        }
        let mut canonical = String::with_capacity(text.len());
        word.push_canonical(&mut canonical);
        Ok(Self(canonical.into_boxed_str()))
    }

    /// The pattern that matches exactly `text`.
    pub fn literal(text: &str) -> Self {
        let mut canonical = String::with_capacity(text.len());
        SourceWord {
            start: 0,
            glyphs: text.chars().map(Glyph::Literal).collect(),
        }
        .push_canonical(&mut canonical);
        Self(canonical.into_boxed_str())
    }

    /// Whether the pattern matches the word `text`.
    pub fn matches(&self, text: &str) -> bool {
        word_matches(&self.0, text)
    }

    /// Whether the pattern is `*`, which any word matches.
    pub fn is_any(&self) -> bool {
        &*self.0 == "*"
    }

    /// The only word that the pattern matches, if there is only one.
    pub fn as_literal(&self) -> Option<String> {
        let bytes: Option<Vec<u8>> = WordTokens::new(&self.0)
            .map(|token| match token {
                Token::Byte(byte) => Some(byte),
                Token::One | Token::Run => None,
            })
            .collect();
        String::from_utf8(bytes?).ok()
    }
}

/// Whether a command with the normal form `form` could be one that `pattern` means.
///
/// In an open form any option and any subcommand may be present; and what follows the first unknown
/// operand may be the value of such an option, so it need not be an operand at all.
pub fn normal_covers(pattern: &NormalPattern, form: &NormalForm) -> bool {
    let tail = if pattern.rest {
        Tail::Anything
    } else {
        Tail::Nothing
    };
    let vanishing = if form.open {
        Vanishing::AfterUnknown
    } else {
        Vanishing::Never
    };
    let operands: Vec<&str> = pattern.operands.iter().map(String::as_str).collect();
    names_cover(&pattern.command, form)
        && (form.open || options_cover(pattern, form))
        && may_match(&operands, tail, &form.operands, vanishing)
}

fn names_cover(wanted: &[String], form: &NormalForm) -> bool {
    let mut given = form.command.iter();
    for name in wanted {
        match given.next() {
            Some(Word::Literal(text)) if word_matches(name, text) => {}
            Some(Word::Literal(_)) => return false,
            Some(Word::OneUnknown) => {}
            Some(Word::ManyUnknown) => return true,
            None => return form.open,
        }
    }
    true
}

fn options_cover(pattern: &NormalPattern, form: &NormalForm) -> bool {
    pattern.options.iter().all(|(name, wanted)| {
        form.options.get(name).is_some_and(|given| {
            wanted
                .iter()
                .all(|value| given.iter().any(|word| word_may_match(value, word)))
        })
    })
}

fn word_may_match(pattern: &str, word: &Word) -> bool {
    match word {
        Word::Literal(text) => word_matches(pattern, text),
        Word::OneUnknown | Word::ManyUnknown => true,
    }
}

/// What may follow the words that a pattern fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    Nothing,
    Anything,
}

/// Whether a given word may turn out to be none that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vanishing {
    Never,
    AfterUnknown,
}

/// Whether some reading of the unknown words makes `words` match: the positions of the pattern that
/// can be reached, word after word.
fn may_match(patterns: &[&str], tail: Tail, words: &[Word], vanishing: Vanishing) -> bool {
    let mut reached = vec![false; patterns.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    let mut unknown_seen = false;
    for word in words {
        unknown_seen |= !matches!(word, Word::Literal(_));
        let mut next = after_word(&reached, patterns, tail, word);
        if vanishing == Vanishing::AfterUnknown && unknown_seen {
            next.iter_mut()
                .zip(&reached)
                .for_each(|(after, before)| *after |= before);
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

fn after_word(reached: &[bool], patterns: &[&str], tail: Tail, word: &Word) -> Vec<bool> {
    if *word == Word::ManyUnknown {
        let mut any = false;
        return reached
            .iter()
            .map(|&here| {
                any |= here;
                any
            })
            .collect();
    }
    let mut next = vec![false; reached.len()];
    for ((&here, pattern), after) in reached.iter().zip(patterns).zip(next.iter_mut().skip(1)) {
        *after |= here && word_may_match(pattern, word);
    }
    if let (Tail::Anything, Some(true), Some(last)) = (tail, reached.last(), next.last_mut()) {
        *last = true;
    }
    next
}

/// Whether a word of a canonical pattern matches `text`.
pub fn word_matches(pattern: &str, text: &str) -> bool {
    if !pattern
        .bytes()
        .any(|byte| matches!(byte, b'*' | b'\'' | b'\\'))
    {
        return pattern == text;
    }
    glob::matches(WordTokens::new(pattern), text.as_bytes())
}

fn has_rest(text: &str) -> bool {
    text == "**" || text.ends_with(" **")
}

/// The words of a canonical pattern, as they are written, without the rest.
pub(crate) fn fixed_words(text: &str) -> impl Iterator<Item = &str> {
    let fixed = match text.strip_suffix("**") {
        Some(front) if has_rest(text) => front.strip_suffix(' ').unwrap_or(front),
        Some(_) | None => text,
    };
    let mut rest = Some(fixed).filter(|fixed| !fixed.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let mut tokens = WordTokens::new(text);
        tokens.skip_word();
        let word = text.get(..text.len() - tokens.rest.len()).unwrap_or(text);
        rest = text.get(word.len() + 1..);
        Some(word)
    })
}

/// The tokens of a canonical word.
#[derive(Debug, Clone)]
pub(crate) struct WordTokens<'a> {
    rest: &'a [u8],
    quoted: bool,
}

impl<'a> WordTokens<'a> {
    pub(crate) fn new(word: &'a str) -> Self {
        Self {
            rest: word.as_bytes(),
            quoted: false,
        }
    }

    /// Stands on the space after the word, or at the end.
    fn skip_word(&mut self) {
        while self.quoted || self.rest.first().is_some_and(|byte| *byte != b' ') {
            // Quotes are consumed with what follows them, so an empty word yields no token.
            if self.rest.starts_with(b"''") && !self.quoted {
                self.rest = self.rest.get(2..).unwrap_or_default();
            } else if self.quoted && self.rest.starts_with(b"'") {
                self.quoted = false;
                self.rest = self.rest.get(1..).unwrap_or_default();
            } else if self.next().is_none() {
                return;
            }
        }
    }
}

impl Iterator for WordTokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match (byte, self.quoted) {
                (b'\'', quoted) => self.quoted = !quoted,
                (b'\\', false) => {
                    let (&escaped, rest) = rest.split_first()?;
                    self.rest = rest;
                    return Some(Token::Byte(escaped));
                }
                (b'*', false) => return Some(Token::Run),
                (byte, _) => return Some(Token::Byte(byte)),
            }
        }
    }
}

/// One character of a word in the policy's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glyph {
    Literal(char),
    Run,
}

/// A word of the policy's text.
#[derive(Debug)]
struct SourceWord {
    start: usize,
    glyphs: Vec<Glyph>,
}

impl SourceWord {
    fn is_rest(&self) -> bool {
        self.glyphs == [Glyph::Run, Glyph::Run]
    }

    fn check_runs(&self, end: usize) -> Result<(), PatternError> {
        if self
            .glyphs
            .windows(2)
            .any(|pair| pair == [Glyph::Run, Glyph::Run])
        {
            return Err(PatternError::new(
                self.start..end,
                PatternErrorKind::RestNotLast,
            ));
        }
        Ok(())
    }

    /// Bare where possible, in quotes where nothing is a wildcard, else with escapes.
    fn push_canonical(&self, canonical: &mut String) {
        let bare = |glyph: &Glyph| match glyph {
            Glyph::Run => true,
            Glyph::Literal(character) => !needs_quotes(*character),
        };
        let quoted = self.glyphs.is_empty()
            || !(self.glyphs.contains(&Glyph::Run) || self.glyphs.iter().all(bare));
        if quoted {
            canonical.push('\'');
        }
        for glyph in &self.glyphs {
            match glyph {
                Glyph::Run => canonical.push('*'),
                Glyph::Literal('\'') if quoted => canonical.push_str("'\\''"),
                Glyph::Literal(character) => {
                    if !quoted && needs_quotes(*character) {
                        canonical.push('\\');
                    }
                    canonical.push(*character);
                }
            }
        }
        if quoted {
            canonical.push('\'');
        }
    }
}

fn needs_quotes(character: char) -> bool {
    is_operator(character) || matches!(character, ' ' | '\'' | '"' | '\\' | '*')
}

/// What a shell does not pass on when it is not quoted.
fn is_operator(character: char) -> bool {
    matches!(
        character,
        ';' | '|' | '&' | '<' | '>' | '(' | ')' | '$' | '`'
    )
}

/// Reads words as a POSIX shell does, refusing what it would expand or obey.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn bump(&mut self) -> Option<char> {
        let character = self.text.get(self.at..)?.chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next_word(&mut self) -> Result<Option<SourceWord>, PatternError> {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
        if self.peek().is_none() {
            return Ok(None);
        }
        let mut word = SourceWord {
            start: self.at,
            glyphs: Vec::new(),
        };
        while let Some(character) = self.peek().filter(|character| *character != ' ') {
            let start = self.at;
            self.at += character.len_utf8();
            match character {
                '\'' => self.read_single_quoted(&mut word.glyphs, start)?,
                '"' => self.read_double_quoted(&mut word.glyphs, start)?,
                '\\' => match self.bump() {
                    Some(escaped) => word.glyphs.push(self.literal(escaped)?),
                    None => {
                        return Err(PatternError::new(
                            start..self.at,
                            PatternErrorKind::DanglingEscape,
                        ));
                    }
                },
                '*' => word.glyphs.push(Glyph::Run),
                _ if is_operator(character) => {
                    return Err(PatternError::new(
                        start..self.at,
                        PatternErrorKind::ShellOperator,
                    ));
                }
                _ => word.glyphs.push(self.literal(character)?),
            }
        }
        Ok(Some(word))
    }

    fn read_single_quoted(
        &mut self,
        glyphs: &mut Vec<Glyph>,
        start: usize,
    ) -> Result<(), PatternError> {
        loop {
            match self.bump() {
                None => {
                    return Err(PatternError::new(
                        start..start + 1,
                        PatternErrorKind::UnclosedQuote,
                    ));
                }
                Some('\'') => return Ok(()),
                Some(character) => glyphs.push(self.literal(character)?),
            }
        }
    }

    fn read_double_quoted(
        &mut self,
        glyphs: &mut Vec<Glyph>,
        start: usize,
    ) -> Result<(), PatternError> {
        loop {
            let here = self.at;
            match self.bump() {
                None => {
                    return Err(PatternError::new(
                        start..start + 1,
                        PatternErrorKind::UnclosedQuote,
                    ));
                }
                Some('"') => return Ok(()),
                Some('$' | '`') => {
                    return Err(PatternError::new(
                        here..self.at,
                        PatternErrorKind::ShellOperator,
                    ));
                }
                Some('\\') => match self.peek() {
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        glyphs.push(Glyph::Literal(escaped));
                    }
                    Some(_) | None => glyphs.push(Glyph::Literal('\\')),
                },
                Some(character) => glyphs.push(self.literal(character)?),
            }
        }
    }

    /// `character` has just been read.
    fn literal(&self, character: char) -> Result<Glyph, PatternError> {
        if character.is_control() {
            return Err(PatternError::new(
                self.at - character.len_utf8()..self.at,
                PatternErrorKind::NulByte,
            ));
        }
        Ok(Glyph::Literal(character))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> ArgvPattern {
        ArgvPattern::parse(text).expect("a pattern")
    }

    /// `$1` stands for one unknown word, `$@` for any number.
    fn words(text: &str) -> Vec<Word> {
        text.split(' ')
            .map(|word| match word {
                "$1" => Word::OneUnknown,
                "$@" => Word::ManyUnknown,
                _ => Word::Literal(word.to_owned()),
            })
            .collect()
    }

    #[test]
    fn the_table_of_matches_holds() {
        for (wanted, given, grants, covers) in [
            ("git status", "git status", true, true),
            ("git status", "git status -s", false, false),
            ("git status **", "git status", true, true),
            ("git status **", "git status -s x", true, true),
            ("git *", "git status", true, true),
            ("git *", "git", false, false),
            ("git *", "git status -s", false, false),
            ("git**x", "git", false, false),
            ("npm run test:*", "npm run test:unit", true, true),
            ("npm run test:*", "npm run build", false, false),
            ("**", "anything at all", true, true),
            ("git *", "git $1", true, true),
            ("git s*", "git $1", false, true),
            ("git **", "git $@", true, true),
            ("git *", "git $@", false, true),
            ("git push", "git $@ push", false, true),
            ("git push", "$@", false, true),
            ("rm -rf /", "rm $1 /", false, true),
            ("rm -rf /", "rm $1", false, false),
            ("rm -rf /", "$1 $1 $1", false, true),
            ("git **", "FOO=1 git status", false, false),
        ] {
            let Ok(pattern) = ArgvPattern::parse(wanted) else {
                assert_eq!(wanted, "git**x");
                continue;
            };
            assert_eq!(
                pattern.grants(&words(given)),
                grants,
                "allow {wanted} {given}"
            );
            assert_eq!(
                pattern.covers(&words(given)),
                covers,
                "deny {wanted} {given}"
            );
        }
    }

    #[test]
    fn quoting_is_that_of_a_shell() {
        for (written, canonical) in [
            ("  git   status ", "git status"),
            ("git 'status'", "git status"),
            (r#"awk "{print \$1}""#, "awk '{print $1}'"),
            ("echo '*'", "echo '*'"),
            (r"echo \*", "echo '*'"),
            (r"echo \*\ *", r"echo \*\ *"),
            ("echo ''", "echo ''"),
            (r#"echo "it's""#, r"echo 'it'\''s'"),
            ("find . -name *.rs", "find . -name *.rs"),
            ("'**' **", "'**' **"),
        ] {
            assert_eq!(pattern(written).as_str(), canonical);
        }
    }

    #[test]
    fn quoted_wildcards_are_characters() {
        assert!(pattern("echo '*'").grants(&words("echo *")));
        assert!(!pattern("echo '*'").grants(&words("echo x")));
        assert!(pattern("echo '' x").grants(&[
            Word::Literal("echo".into()),
            Word::Literal(String::new()),
            Word::Literal("x".into())
        ]));
        assert!(
            pattern(r"echo \*\ *")
                .grants(&[Word::Literal("echo".into()), Word::Literal("* a".into())])
        );
    }

    #[test]
    fn the_words_of_a_pattern_are_found() {
        let found: Vec<_> = pattern("git 'a b' '' x* **")
            .words()
            .map(|word| word.to_string())
            .collect();
        assert_eq!(found, ["git", "'a b'", "''", "x*"]);
        assert!(pattern("**").words().next().is_none() && pattern("**").has_rest());
        assert!(!pattern("a '**'").has_rest());
        assert_eq!(
            WordPattern::literal("it's *").as_literal().as_deref(),
            Some("it's *")
        );
        assert_eq!(WordPattern::parse("a*").expect("a word").as_literal(), None);
    }

    #[test]
    fn errors_point_at_their_bytes() {
        for (written, span, kind) in [
            ("", 0..0, PatternErrorKind::Empty),
            ("  ", 0..2, PatternErrorKind::Empty),
            ("git && rm", 4..5, PatternErrorKind::ShellOperator),
            ("echo $HOME", 5..6, PatternErrorKind::ShellOperator),
            ("echo \"$HOME\"", 6..7, PatternErrorKind::ShellOperator),
            ("echo 'a", 5..6, PatternErrorKind::UnclosedQuote),
            ("echo a\\", 6..7, PatternErrorKind::DanglingEscape),
            ("git ** push", 4..6, PatternErrorKind::RestNotLast),
            ("git a**", 4..7, PatternErrorKind::RestNotLast),
            ("git\tstatus", 3..4, PatternErrorKind::NulByte),
        ] {
            let error = ArgvPattern::parse(written).expect_err("an error");
            assert_eq!((error.span, error.kind), (span, kind), "{written}");
        }
    }

    fn form(command: &str, options: &[(&str, &str)], operands: &str) -> NormalForm {
        let list = |text: &str| {
            if text.is_empty() {
                Vec::new()
            } else {
                words(text)
            }
        };
        NormalForm {
            command: words(command),
            options: options
                .iter()
                .map(|(name, values)| ((*name).to_owned(), list(values)))
                .collect(),
            operands: list(operands),
            open: false,
        }
    }

    fn normal(
        command: &[&str],
        options: &[(&str, &[&str])],
        operands: &[&str],
        tail: Tail,
    ) -> NormalPattern {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        NormalPattern {
            command: list(command),
            options: options
                .iter()
                .map(|(name, values)| ((*name).to_owned(), list(values)))
                .collect::<BTreeMap<_, _>>(),
            operands: list(operands),
            rest: tail == Tail::Anything,
        }
    }

    #[test]
    fn a_normal_form_needs_the_options_of_the_pattern_and_may_have_more() {
        let rm = normal(
            &["rm"],
            &[("recursive", &[]), ("force", &[])],
            &[],
            Tail::Anything,
        );
        assert!(normal_covers(
            &rm,
            &form(
                "rm",
                &[("force", ""), ("recursive", ""), ("verbose", "")],
                "/x"
            )
        ));
        assert!(!normal_covers(&rm, &form("rm", &[("force", "")], "/x")));
        let curl = normal(&["curl"], &[("request", &["P*"])], &[], Tail::Anything);
        assert!(normal_covers(
            &curl,
            &form("curl", &[("request", "POST")], "")
        ));
        assert!(normal_covers(
            &curl,
            &form("curl", &[("request", "$1")], "")
        ));
        assert!(!normal_covers(
            &curl,
            &form("curl", &[("request", "GET")], "")
        ));
    }

    #[test]
    fn an_open_form_may_have_any_option_and_subcommand() {
        let rm = normal(&["rm"], &[("recursive", &[])], &["/"], Tail::Nothing);
        let mut unknown = form("rm", &[], "$1 /");
        assert!(!normal_covers(&rm, &unknown));
        unknown.open = true;
        assert!(normal_covers(&rm, &unknown));
        let push = normal(&["git", "push"], &[], &["origin"], Tail::Nothing);
        let mut dynamic = form("git", &[], "$1 a=b push origin");
        dynamic.open = true;
        assert!(normal_covers(&push, &dynamic));
        let two = normal(&["git", "push"], &[], &["origin", "main"], Tail::Nothing);
        dynamic.operands = words("$1 push upstream");
        assert!(!normal_covers(&two, &dynamic));
    }

    #[test]
    fn operands_before_an_unknown_word_stay() {
        let rm = normal(&["rm"], &[], &["b"], Tail::Nothing);
        let mut given = form("rm", &[], "a $1");
        given.open = true;
        assert!(!normal_covers(&rm, &given));
    }

    proptest! {
        #[test]
        fn the_canonical_text_is_a_fixed_point(written in "[a*'\"\\\\ $]{0,10}") {
            if let Ok(pattern) = ArgvPattern::parse(&written) {
                prop_assert_eq!(ArgvPattern::parse(pattern.as_str()), Ok(pattern.clone()));
            }
        }

        #[test]
        fn what_is_granted_is_covered(wanted in "[ab](\\*)?( [ab*]{1,2}){0,2}( \\*\\*)?", given in "[ab]{1,2}( ([ab]{1,2}|\\$1|\\$@)){0,3}") {
            let Ok(pattern) = ArgvPattern::parse(&wanted) else { return Ok(()) };
            let given = words(&given);
            prop_assert!(!pattern.grants(&given) || pattern.covers(&given));
        }

        #[test]
        fn a_deny_covers_every_reading_of_the_unknown_words(
            wanted in "[ab](\\*)?( [ab*]{1,2}){0,2}( \\*\\*)?",
            given in "[ab]{1,2}( ([ab]{1,2}|\\$1|\\$@)){0,2}",
            readings in proptest::collection::vec("[ab]{0,2}( [ab]{1,2})?", 3),
        ) {
            let Ok(pattern) = ArgvPattern::parse(&wanted) else { return Ok(()) };
            let mut readings = readings.iter();
            let concrete: Vec<Word> = words(&given).into_iter().flat_map(|word| match word {
                Word::Literal(_) => vec![word],
                Word::OneUnknown => vec![Word::Literal(readings.next().cloned().unwrap_or_default())],
                Word::ManyUnknown => readings.next().map(|text| words(text)).unwrap_or_default(),
            }).collect();
            prop_assert!(!pattern.covers(&concrete) || pattern.covers(&words(&given)));
        }

        #[test]
        fn a_literal_word_matches_itself_alone(text in "[a*'\"\\\\ $]{0,6}", other in "[a*'\"\\\\ $]{0,6}") {
            let word = WordPattern::literal(&text);
            prop_assert_eq!(word.matches(&other), text == other);
            prop_assert_eq!(word.as_literal(), Some(text));
            prop_assert_eq!(WordPattern::parse(word.as_str()), Ok(word));
        }
    }
}
