//! Paths of requests and path patterns.
//!
//! Both are read into one canonical spelling, and a match compares bytes. What a target does
//! otherwise (case folding, Unicode normalisation, symbolic links) is a gap that its provider
//! states; nothing of it is imitated here. Callers resolve paths before they ask.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::binding::Binding;
use super::error::{PatternError, PatternErrorKind};
use super::glob::{self, Token};
use super::{canonical_text, glob::Token::Byte};
use crate::vocabulary::Variable;

/// How many patterns the alternatives of one text may make.
const MAX_ALTERNATIVES: usize = 64;

/// The longest text of a path pattern, in bytes; it is that of a path on the platforms we serve.
const MAX_LENGTH: usize = 4096;

/// A resolved path of a request: `/a/b`, or `$project/a/b` where the variable is not bound.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct CanonicalPath(Box<str>);

canonical_text!(CanonicalPath, CanonicalPath::parse, PathRefusal);

/// Why a text is not a path that can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathRefusal {
    /// It begins with neither `/` nor a variable.
    Relative,
    /// It begins with `$` and a name that is no variable.
    UnknownVariable,
    /// It holds `.` or `..`.
    DotSegment,
    /// It holds a NUL.
    Nul,
}

impl fmt::Display for PathRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Relative => "the path is not absolute",
            Self::UnknownVariable => "the path begins with a variable that does not exist",
            Self::DotSegment => "the path holds `.` or `..`",
            Self::Nul => "the path holds a NUL",
        })
    }
}

impl std::error::Error for PathRefusal {}

impl CanonicalPath {
    /// Reads a resolved path; several `/` in a row count as one, and one at the end as none.
    pub fn parse(text: &str) -> Result<Self, PathRefusal> {
        if text.contains('\0') {
            return Err(PathRefusal::Nul);
        }
        let (root, rest) = split_root(text);
        match root {
            "" if rest.is_empty() => return Err(PathRefusal::Relative),
            "" => {}
            root if !root.starts_with('$') => return Err(PathRefusal::Relative),
            root if variable_named(root).is_none() => return Err(PathRefusal::UnknownVariable),
            _ => {}
        }
        let mut canonical = String::with_capacity(text.len());
        canonical.push_str(root);
        for segment in rest.split('/').filter(|segment| !segment.is_empty()) {
            if matches!(segment, "." | "..") {
                return Err(PathRefusal::DotSegment);
            }
            canonical.push('/');
            canonical.push_str(segment);
        }
        Ok(Self::from_body(canonical))
    }

    /// The variable that the path begins with, if it does.
    pub fn variable(&self) -> Option<Variable> {
        variable_named(split_root(&self.0).0)
    }

    /// The same path with its variable replaced, if `binding` has it.
    #[must_use]
    pub fn bind(&self, binding: &Binding) -> Self {
        match self.variable().and_then(|variable| binding.get(variable)) {
            None => self.clone(),
            Some(value) => Self::from_body(format!("{}{}", value.body(), split_root(&self.0).1)),
        }
    }

    /// The path one segment further down, if `segment` is a name that a directory can hold.
    pub fn child(&self, segment: &str) -> Result<Self, PathRefusal> {
        match segment {
            "" | "." | ".." => Err(PathRefusal::DotSegment),
            _ if segment.contains('/') => Err(PathRefusal::DotSegment),
            _ if segment.contains('\0') => Err(PathRefusal::Nul),
            _ => Ok(Self(format!("{}/{segment}", self.body()).into_boxed_str())),
        }
    }

    /// Whether the path is `ancestor` or lies beneath it.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        if ancestor.body().is_empty() {
            return true;
        }
        self.0
            .strip_prefix(&*ancestor.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The text with the root directory as the empty word, so that a path is `variable? (/segment)*`.
    pub(crate) fn body(&self) -> &str {
        if &*self.0 == "/" { "" } else { &self.0 }
    }

    fn from_body(body: String) -> Self {
        if body.is_empty() {
            Self("/".into())
        } else {
            Self(body.into_boxed_str())
        }
    }
}

/// A path pattern without alternatives.
///
/// It begins with `/`, a variable or `**/`; `*` is any run within a segment, `?` one byte of it,
/// and `**` any number of whole segments. A `\` takes the meaning from the byte that follows.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct PathPattern(Box<str>);

canonical_text!(PathPattern, PathPattern::parse, PatternError);

/// What a path pattern begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// `**`: any path, whatever it begins with.
    Anywhere,
    /// `/`.
    Absolute,
    /// A variable.
    Variable(Variable),
}

impl PathPattern {
    /// Reads a text of the policy, whose alternatives (`{a,b}`) make several patterns.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, PatternError> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::new(0..text.len(), PatternErrorKind::TooLong));
        }
        if !text.contains(['{', '}']) {
            return Ok(vec![Self::parse(text)?]);
        }
        expand(text)?.iter().map(Expanded::parse).collect()
    }

    /// Reads a text without alternatives, such as the canonical text of a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::new(0..0, PatternErrorKind::Empty));
        }
        if let Some(at) = text.find('\0') {
            return Err(PatternError::new(at..at + 1, PatternErrorKind::NulByte));
        }
        let (root, rest) = split_root(text);
        let mut canonical = String::with_capacity(text.len());
        match root {
            "" | "**" => canonical.push_str(root),
            name if !name.starts_with('$') => {
                return Err(PatternError::new(
                    0..name.len(),
                    PatternErrorKind::NotRooted,
                ));
            }
            name if variable_named(name).is_none() => {
                return Err(PatternError::new(
                    0..name.len(),
                    PatternErrorKind::UnknownVariable,
                ));
            }
            name => canonical.push_str(name),
        }
        if rest != "/" || !root.is_empty() {
            push_segments(&mut canonical, rest, root.len())?;
        }
        Ok(Self::from_body(canonical))
    }

    /// The pattern that matches exactly `path`.
    pub fn exactly(path: &CanonicalPath) -> Self {
        Self::from_body(escape(path.body()))
    }

    /// The pattern that matches `path` and all that lies beneath it.
    pub fn subtree(path: &CanonicalPath) -> Self {
        Self::from_body(escape(path.body()) + "/**")
    }

    /// Whether the pattern matches `path` itself.
    pub fn matches(&self, path: &CanonicalPath) -> bool {
        text_matches(&self.0, path.as_str(), Extent::Itself)
    }

    /// Whether the pattern matches `path` or one of its ancestors, which is what a deny means.
    pub fn covers(&self, path: &CanonicalPath) -> bool {
        text_matches(&self.0, path.as_str(), Extent::Beneath)
    }

    /// The same pattern with its variable replaced, if `binding` has it. Wildcards in the bound
    /// path are ordinary characters.
    #[must_use]
    pub fn bind(&self, binding: &Binding) -> Self {
        let (root, rest) = split_root(&self.0);
        match variable_named(root).and_then(|variable| binding.get(variable)) {
            None => self.clone(),
            Some(value) => Self::from_body(escape(value.body()) + body_of(rest)),
        }
    }

    /// What the pattern begins with.
    pub fn root(&self) -> Root {
        match split_root(&self.0).0 {
            "**" => Root::Anywhere,
            root => variable_named(root).map_or(Root::Absolute, Root::Variable),
        }
    }

    /// The segments after the root, in canonical spelling; `**` is one.
    pub fn segments(&self) -> impl Iterator<Item = &str> + Clone {
        Segments(body_of(split_root(&self.0).1))
    }

    /// The only path that the pattern matches, if there is only one.
    pub fn literal(&self) -> Option<CanonicalPath> {
        if self.root() == Root::Anywhere || !self.segments().all(is_literal) {
            return None;
        }
        Some(CanonicalPath::from_body(unescape(body_of(&self.0))))
    }

    /// The directory of a pattern that is a directory and all beneath it (`/a/**`).
    pub fn literal_subtree(&self) -> Option<CanonicalPath> {
        match &*self.0 {
            "**" => Some(CanonicalPath("/".into())),
            text => Self::from_body(text.strip_suffix("/**")?.to_owned()).literal(),
        }
    }

    /// `body` must be canonical but for a leading `/**`.
    fn from_body(body: String) -> Self {
        match body.as_str() {
            "" => Self("/".into()),
            "/**" => Self("**".into()),
            text if text.starts_with("/**/") => Self(text.trim_start_matches('/').into()),
            _ => Self(body.into_boxed_str()),
        }
    }
}

/// How far down a pattern reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The matched path alone.
    Itself,
    /// The matched path and everything beneath it.
    Beneath,
}

/// Whether the canonical pattern text `pattern` matches the canonical path text `path`. For callers
/// that hold the texts in a mapped file and must not allocate.
pub fn text_matches(pattern: &str, path: &str, extent: Extent) -> bool {
    let (root, pattern_rest) = split_root(pattern);
    let (path_root, path_rest) = split_root(path);
    let (wanted, given) = (
        Segments(body_of(pattern_rest)),
        Segments(body_of(path_rest)),
    );
    if root == "**" {
        let retry = Some((wanted.clone(), given.clone()));
        return segments_match(wanted, given, retry, extent);
    }
    if pattern == "/" && extent == Extent::Beneath {
        return true;
    }
    root == path_root && segments_match(wanted, given, None, extent)
}

/// A pattern's segments against a path's; `retry` is the position after the latest `**`.
fn segments_match<'a>(
    mut wanted: Segments<'a>,
    mut given: Segments<'a>,
    mut retry: Option<(Segments<'a>, Segments<'a>)>,
    extent: Extent,
) -> bool {
    if retry.is_some() && wanted.0.is_empty() {
        return true;
    }
    loop {
        let matched = match wanted.next() {
            None if given.0.is_empty() || extent == Extent::Beneath => return true,
            None => false,
            Some("**") if wanted.0.is_empty() => return true,
            Some("**") => {
                retry = Some((wanted.clone(), given.clone()));
                true
            }
            Some(pattern) => given
                .next()
                .is_some_and(|segment| segment_matches(pattern, segment)),
        };
        if !matched {
            let Some((after, from)) = &mut retry else {
                return false;
            };
            if from.next().is_none() {
                return false;
            }
            (wanted, given) = (after.clone(), from.clone());
        }
    }
}

fn segment_matches(pattern: &str, segment: &str) -> bool {
    if is_plain(pattern) {
        return pattern == segment;
    }
    glob::matches(SegmentTokens(pattern.as_bytes()), segment.as_bytes())
}

/// The segments of `/a/b`, or of the empty text.
#[derive(Debug, Clone)]
struct Segments<'a>(&'a str);

impl<'a> Iterator for Segments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.strip_prefix('/')?;
        let (segment, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        self.0 = tail;
        Some(segment)
    }
}

/// The tokens of one segment of a canonical pattern.
#[derive(Debug, Clone)]
pub(crate) struct SegmentTokens<'a>(pub(crate) &'a [u8]);

impl Iterator for SegmentTokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(match first {
            b'*' => Token::Run,
            b'?' => Token::One,
            b'\\' => match rest.split_first() {
                Some((&escaped, rest)) => {
                    self.0 = rest;
                    Byte(escaped)
                }
                None => Byte(b'\\'),
            },
            byte => Byte(byte),
        })
    }
}

/// What stands before the first `/`, and the rest from there.
fn split_root(text: &str) -> (&str, &str) {
    text.split_at(text.find('/').unwrap_or(text.len()))
}

fn variable_named(root: &str) -> Option<Variable> {
    Variable::from_word(root.strip_prefix('$')?)
}

fn body_of(text: &str) -> &str {
    if text == "/" { "" } else { text }
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'*' | b'?' | b'\\' | b'{' | b'}')
}

fn is_plain(segment: &str) -> bool {
    !segment.bytes().any(is_special)
}

/// Whether a canonical segment matches one text only.
fn is_literal(segment: &str) -> bool {
    SegmentTokens(segment.as_bytes()).all(|token| matches!(token, Byte(_)))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 4);
    for character in text.chars() {
        if u8::try_from(character).is_ok_and(is_special) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            _ => plain.push(character),
        }
    }
    plain
}

/// Appends the canonical spelling of `rest` (`/a/b`); `offset` is where it stands in the pattern.
fn push_segments(canonical: &mut String, rest: &str, offset: usize) -> Result<(), PatternError> {
    let mut start = offset;
    for segment in rest.split('/').skip(1) {
        start += 1;
        let span = start..start + segment.len();
        start = span.end;
        match segment {
            "" => return Err(PatternError::new(span, PatternErrorKind::EmptySegment)),
            "**" if canonical.ends_with("/**") || canonical == "**" => {}
            "**" => canonical.push_str("/**"),
            _ => {
                canonical.push('/');
                push_segment(canonical, segment, span)?;
            }
        }
    }
    Ok(())
}

fn push_segment(
    canonical: &mut String,
    segment: &str,
    span: Range<usize>,
) -> Result<(), PatternError> {
    let from = canonical.len();
    if is_plain(segment) {
        canonical.push_str(segment);
    } else {
        push_wild_segment(canonical, segment, span.start)?;
    }
    match canonical.get(from..) {
        Some("." | "..") => Err(PatternError::new(span, PatternErrorKind::DotSegment)),
        Some(_) | None => Ok(()),
    }
}

fn push_wild_segment(
    canonical: &mut String,
    segment: &str,
    offset: usize,
) -> Result<(), PatternError> {
    let mut characters = segment.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let here = offset + at;
        match character {
            '\\' => {
                let Some((_, escaped)) = characters.next() else {
                    return Err(PatternError::new(
                        here..here + 1,
                        PatternErrorKind::DanglingEscape,
                    ));
                };
                if u8::try_from(escaped).is_ok_and(is_special) {
                    canonical.push('\\');
                }
                canonical.push(escaped);
            }
            '*' if characters.peek().is_some_and(|(_, next)| *next == '*') => {
                return Err(PatternError::new(
                    here..here + 2,
                    PatternErrorKind::DoubleStar,
                ));
            }
            '{' | '}' => {
                return Err(PatternError::new(
                    here..here + 1,
                    PatternErrorKind::SeveralPatterns,
                ));
            }
            _ => canonical.push(character),
        }
    }
    Ok(())
}

/// One way to choose among the alternatives of a text; each byte knows where it came from.
#[derive(Debug, Clone, Default)]
struct Expanded {
    text: String,
    origins: Vec<usize>,
}

impl Expanded {
    fn push(&mut self, character: char, origin: usize) {
        self.text.push(character);
        self.origins
            .extend((0..character.len_utf8()).map(|byte| origin + byte));
    }

    fn append(&mut self, from: &Self, range: Range<usize>) {
        if let (Some(text), Some(origins)) = (from.text.get(range.clone()), from.origins.get(range))
        {
            self.text.push_str(text);
            self.origins.extend_from_slice(origins);
        }
    }

    fn origin(&self, at: usize) -> usize {
        self.origins
            .get(at)
            .or(self.origins.last())
            .copied()
            .unwrap_or(0)
    }

    fn parse(&self) -> Result<PathPattern, PatternError> {
        PathPattern::parse(&self.text).map_err(|error| {
            let start = self.origin(error.span.start);
            let end = match error.span.end.checked_sub(1) {
                Some(last) if last >= error.span.start => self.origin(last) + 1,
                Some(_) | None => start,
            };
            PatternError::new(start..end.max(start), error.kind)
        })
    }
}

/// Every choice among the alternatives of `text`, in the order in which they are written.
fn expand(text: &str) -> Result<Vec<Expanded>, PatternError> {
    let mut whole = Expanded::default();
    for (at, character) in text.char_indices() {
        whole.push(character, at);
    }
    let mut done = Vec::new();
    let mut waiting = vec![whole];
    while let Some(next) = waiting.pop() {
        let Some(group) = first_group(&next)? else {
            done.push(next);
            continue;
        };
        for alternative in group.alternatives.iter().rev() {
            let mut chosen = Expanded::default();
            chosen.append(&next, 0..group.open);
            chosen.append(&next, alternative.clone());
            chosen.append(&next, group.close + 1..next.text.len());
            waiting.push(chosen);
        }
        if done.len() + waiting.len() > MAX_ALTERNATIVES {
            return Err(PatternError::new(
                0..text.len(),
                PatternErrorKind::TooManyAlternatives,
            ));
        }
    }
    Ok(done)
}

/// The outermost alternatives that stand first in a text.
struct Group {
    open: usize,
    close: usize,
    alternatives: Vec<Range<usize>>,
}

fn first_group(expanded: &Expanded) -> Result<Option<Group>, PatternError> {
    let mut group: Option<Group> = None;
    let (mut depth, mut start) = (0_usize, 0);
    let mut bytes = expanded.text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (byte, &mut group) {
            (b'\\', _) => {
                bytes.next();
            }
            (b'{', None) => {
                group = Some(Group {
                    open: at,
                    close: at,
                    alternatives: Vec::new(),
                });
                start = at + 1;
            }
            (b'{', Some(_)) => depth += 1,
            (b'}', None) => {
                let origin = expanded.origin(at);
                return Err(PatternError::new(
                    origin..origin + 1,
                    PatternErrorKind::UnbalancedBrace,
                ));
            }
            (b',' | b'}', Some(group)) if depth == 0 => {
                group.alternatives.push(start..at);
                start = at + 1;
                if byte == b'}' {
                    group.close = at;
                    break;
                }
            }
            (b'}', Some(_)) => depth -= 1,
            (_, _) => {}
        }
    }
    match group {
        Some(group) if group.close == group.open => {
            let origin = expanded.origin(group.open);
            Err(PatternError::new(
                origin..origin + 1,
                PatternErrorKind::UnbalancedBrace,
            ))
        }
        group => Ok(group),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> CanonicalPath {
        CanonicalPath::parse(text).expect("a path")
    }

    fn pattern(text: &str) -> PathPattern {
        PathPattern::parse(text).expect("a pattern")
    }

    fn kind(text: &str) -> (Range<usize>, PatternErrorKind) {
        let error = PathPattern::parse_all(text).expect_err("an error");
        (error.span, error.kind)
    }

    fn expanded(text: &str) -> Vec<String> {
        let patterns = PathPattern::parse_all(text).expect("patterns");
        patterns.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_path_has_one_spelling() {
        for (written, canonical) in [
            ("/", "/"),
            ("//", "/"),
            ("/a//b/", "/a/b"),
            ("$project/", "$project"),
            ("$home//x", "$home/x"),
        ] {
            assert_eq!(path(written).as_str(), canonical);
        }
    }

    #[test]
    fn a_path_that_cannot_be_judged_is_refused() {
        for (written, refusal) in [
            ("", PathRefusal::Relative),
            ("a/b", PathRefusal::Relative),
            ("/a/../b", PathRefusal::DotSegment),
            ("/a/.", PathRefusal::DotSegment),
            ("/a\0", PathRefusal::Nul),
            ("$work/a", PathRefusal::UnknownVariable),
            ("$projects", PathRefusal::UnknownVariable),
            ("**/a", PathRefusal::Relative),
        ] {
            assert_eq!(CanonicalPath::parse(written), Err(refusal), "{written:?}");
        }
    }

    #[test]
    fn the_table_of_matches_holds() {
        for (wanted, given, expected) in [
            ("/a/**", "/a", true),
            ("/a/**", "/a/b/c", true),
            ("/a/**", "/ab", false),
            ("/a/*", "/a", false),
            ("/a/*", "/a/b/c", false),
            ("/a", "/a/b", false),
            ("/*", "/", false),
            ("/**", "/", true),
            ("/**", "$project/x", true),
            ("**", "$project", true),
            ("**/.env*", "$project/.env.local", true),
            ("**/.env*", "/.env", true),
            ("**/.env*", "/x.env", false),
            ("/a/**/b", "/a/b", true),
            ("/a/**/b", "/a/x/y/b", true),
            ("/a/**/b", "/a/xb", false),
            ("$project/*", "$project/x", true),
            ("$project/*", "$home/x", false),
            ("$project/*", "/x", false),
            ("/*.rs", "/a.rs", true),
            ("/?", "/a", true),
            ("/?", "/é", false),
            ("/??", "/é", true),
            (r"/\*", "/*", true),
            (r"/\*", "/a", false),
            ("/A", "/a", false),
        ] {
            assert_eq!(
                pattern(wanted).matches(&path(given)),
                expected,
                "{wanted} {given}"
            );
        }
    }

    #[test]
    fn a_deny_reaches_beneath_its_match() {
        assert!(pattern("/a/*").covers(&path("/a/b/c")));
        assert!(pattern("**/x").covers(&path("$project/x/y")));
        assert!(pattern("/").covers(&path("$home/a")));
        assert!(!pattern("/a").covers(&path("/ab")));
    }

    #[test]
    fn equal_patterns_have_equal_texts() {
        for (written, canonical) in [
            ("/**", "**"),
            ("/**/x", "**/x"),
            ("**/**", "**"),
            ("/a/**/**", "/a/**"),
            (r"/\a", "/a"),
            ("/", "/"),
        ] {
            assert_eq!(pattern(written).as_str(), canonical);
        }
    }

    #[test]
    fn errors_point_at_their_bytes() {
        assert_eq!(kind(""), (0..0, PatternErrorKind::Empty));
        assert_eq!(kind("a/b"), (0..1, PatternErrorKind::NotRooted));
        assert_eq!(kind("$work/b"), (0..5, PatternErrorKind::UnknownVariable));
        assert_eq!(kind("/a//b"), (3..3, PatternErrorKind::EmptySegment));
        assert_eq!(kind("/a/../b"), (3..5, PatternErrorKind::DotSegment));
        assert_eq!(kind("/a/b**"), (4..6, PatternErrorKind::DoubleStar));
        assert_eq!(kind("/a/{b,c"), (3..4, PatternErrorKind::UnbalancedBrace));
        assert_eq!(kind("/a}"), (2..3, PatternErrorKind::UnbalancedBrace));
        assert_eq!(kind("/{a,b}/.."), (7..9, PatternErrorKind::DotSegment));
        assert_eq!(kind("/{a,..}"), (4..6, PatternErrorKind::DotSegment));
        assert_eq!(kind("/a\\"), (2..3, PatternErrorKind::DanglingEscape));
        assert_eq!(kind("/a\0"), (2..3, PatternErrorKind::NulByte));
        assert_eq!(
            kind(&format!("/{}", "{a,b}".repeat(7))).1,
            PatternErrorKind::TooManyAlternatives
        );
        assert_eq!(
            kind(&format!("/{}", "{".repeat(5000))).1,
            PatternErrorKind::TooLong
        );
    }

    #[test]
    fn alternatives_are_written_out_in_order() {
        assert_eq!(
            expanded("/{a,b}/{c,d{e,f}}"),
            ["/a/c", "/a/de", "/a/df", "/b/c", "/b/de", "/b/df"]
        );
        assert_eq!(expanded("{/a,$tmp/**}"), ["/a", "$tmp/**"]);
        assert_eq!(expanded(r"/\{a,b\}"), [r"/\{a,b\}"]);
        assert_eq!(expanded("/a{,.bak}"), ["/a", "/a.bak"]);
    }

    #[test]
    fn a_bound_value_is_literal() {
        let binding = Binding::default()
            .with(Variable::Project, path("/w/[x]*"))
            .expect("absolute");
        let bound = pattern("$project/**").bind(&binding);
        assert!(bound.matches(&path("$project/a").bind(&binding)));
        assert!(!bound.matches(&path("/w/[x]y/a")));
        assert_eq!(pattern("$home/a").bind(&binding).as_str(), "$home/a");
    }

    #[test]
    fn a_variable_may_be_bound_to_the_root() {
        let binding = Binding::default()
            .with(Variable::Project, path("/"))
            .expect("absolute");
        assert_eq!(pattern("$project/**").bind(&binding).as_str(), "**");
        assert_eq!(pattern("$project").bind(&binding).as_str(), "/");
        assert_eq!(path("$project/a").bind(&binding).as_str(), "/a");
    }

    #[test]
    fn the_literal_of_a_pattern_is_found() {
        assert_eq!(pattern(r"/a\*").literal(), Some(path("/a*")));
        assert_eq!(pattern("/a/*").literal(), None);
        assert_eq!(pattern("$tmp/a/**").literal_subtree(), Some(path("$tmp/a")));
        assert_eq!(pattern("**").literal_subtree(), Some(path("/")));
        assert_eq!(pattern("/*/**").literal_subtree(), None);
    }

    proptest! {
        #[test]
        fn the_matcher_agrees_with_globset(
            wanted in "(\\*\\*)?(/([ab]|[ab.*?]{1,3}|\\*\\*)){1,4}",
            given in "(/([abc]|[ab.]{1,3})){1,4}",
        ) {
            let (Ok(pattern), Ok(path)) = (PathPattern::parse(&wanted), CanonicalPath::parse(&given)) else {
                return Ok(());
            };
            // `p/**` includes `p` here and not there; and there `*` is an empty segment before a
            // leading `/`, so both sides go without it.
            let texts = match pattern.as_str().strip_suffix("/**") {
                Some(parent) => vec![parent, pattern.as_str()],
                None => vec![pattern.as_str()],
            };
            let relative = path.as_str().trim_start_matches('/');
            let oracle = texts.iter().any(|text| {
                let text = text.trim_start_matches('/');
                let glob = globset::GlobBuilder::new(text).literal_separator(true).build().expect("a glob");
                glob.compile_matcher().is_match(relative)
            });
            prop_assert_eq!(pattern.matches(&path), oracle);
        }

        #[test]
        fn a_deny_covers_what_an_ancestor_matches(
            wanted in "(\\*\\*|\\$tmp)?(/([ab]|[ab*?]{1,3}|\\*\\*)){1,4}",
            given in "(\\$tmp)?(/[ab]{1,2}){0,4}",
        ) {
            let (Ok(pattern), Ok(path)) = (PathPattern::parse(&wanted), CanonicalPath::parse(&given)) else {
                return Ok(());
            };
            let mut ancestors = vec![path.as_str().to_owned()];
            while let Some((parent, _)) = ancestors.last().and_then(|text| text.rsplit_once('/')) {
                ancestors.push(parent.to_owned());
            }
            let expected = ancestors.iter().any(|text| {
                CanonicalPath::parse(if text.is_empty() { "/" } else { text }).is_ok_and(|path| pattern.matches(&path))
            });
            prop_assert_eq!(pattern.covers(&path), expected);
        }

        #[test]
        fn the_canonical_text_is_a_fixed_point(written in "(\\*\\*|\\$tmp)?(/[ab.*?{},\\\\]{0,4}){0,3}") {
            for pattern in PathPattern::parse_all(&written).unwrap_or_default() {
                prop_assert_eq!(PathPattern::parse(pattern.as_str()), Ok(pattern.clone()));
            }
        }
    }
}
