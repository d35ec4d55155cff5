//! The names of MCP tools, and patterns for them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::canonical_text;
use super::error::{PatternError, PatternErrorKind};
use super::glob;

/// The name of one tool of one server, written `server/tool`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct McpName(Box<str>);

canonical_text!(McpName, McpName::parse, McpRefusal);

/// Why a text is not a name that can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum McpRefusal {
    /// A part is empty.
    Empty,
    /// A part holds a separator, a space, a wildcard or something that is not plain ASCII.
    Character,
}

impl fmt::Display for McpRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Empty => "the name of the server or of the tool is empty",
            Self::Character => {
                "the name of the server or of the tool is not plain ASCII, or holds a separator"
            }
        })
    }
}

impl std::error::Error for McpRefusal {}

impl McpName {
    /// Reads `server/tool`.
    pub fn parse(text: &str) -> Result<Self, McpRefusal> {
        let (server, tool) = text.split_once('/').ok_or(McpRefusal::Empty)?;
        Self::new(server, tool)
    }

    /// The tool `tool` of the server `server`.
    pub fn new(server: &str, tool: &str) -> Result<Self, McpRefusal> {
        if server.is_empty() || tool.is_empty() {
            return Err(McpRefusal::Empty);
        }
        if !server.bytes().chain(tool.bytes()).all(is_name_byte) {
            return Err(McpRefusal::Character);
        }
        Ok(Self(format!("{server}/{tool}").into_boxed_str()))
    }

    /// The server's part.
    pub fn server(&self) -> &str {
        self.0.split_once('/').map_or("", |(server, _)| server)
    }

    /// The tool's part.
    pub fn tool(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, tool)| tool)
    }
}

/// A pattern `server/tool`, with `*` for any run within a part; the case counts.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct McpPattern(Box<str>);

canonical_text!(McpPattern, McpPattern::parse, PatternError);

impl McpPattern {
    /// Reads an MCP pattern of the policy's text.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::new(0..0, PatternErrorKind::Empty));
        }
        if let Some((at, character)) = text
            .char_indices()
            .find(|(_, character)| !is_pattern_character(*character))
        {
            return Err(PatternError::new(
                at..at + character.len_utf8(),
                PatternErrorKind::McpCharacter,
            ));
        }
        match text.split_once('/') {
            Some((server, tool))
                if !server.is_empty() && !tool.is_empty() && !tool.contains('/') =>
            {
                Ok(Self(collapse_runs(text).into_boxed_str()))
            }
            Some(_) | None => Err(PatternError::new(0..text.len(), PatternErrorKind::McpShape)),
        }
    }

    /// Whether the pattern matches `name`.
    pub fn matches(&self, name: &McpName) -> bool {
        text_matches(&self.0, name)
    }

    /// The server's part.
    pub fn server(&self) -> &str {
        self.0.split_once('/').map_or("", |(server, _)| server)
    }

    /// The tool's part.
    pub fn tool(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, tool)| tool)
    }
}

/// Whether the canonical pattern text `pattern` matches. For callers that hold the text in a mapped
/// file and must not allocate.
pub fn text_matches(pattern: &str, name: &McpName) -> bool {
    pattern.split_once('/').is_some_and(|(server, tool)| {
        glob::matches(glob::plain(server), name.server().as_bytes())
            && glob::matches(glob::plain(tool), name.tool().as_bytes())
    })
}

/// Whether a server or a tool may have the byte in its name.
pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'/' | b'*')
}

fn is_pattern_character(character: char) -> bool {
    u8::try_from(character).is_ok_and(|byte| is_name_byte(byte) || matches!(byte, b'/' | b'*'))
}

/// `**` means no more than `*`; equal patterns have one text.
pub(super) fn collapse_runs(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '*' || !collapsed.ends_with('*') {
            collapsed.push(character);
        }
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        McpPattern::parse(pattern)
            .expect("a pattern")
            .matches(&McpName::parse(name).expect("a name"))
    }

    #[test]
    fn a_wildcard_stays_within_its_part() {
        assert!(matches("github/get_*", "github/get_issue"));
        assert!(matches("*/delete_*", "jira/delete_"));
    }

    #[test]
    fn the_case_counts() {
        assert!(!matches("github/Get", "github/get"));
    }

    #[test]
    fn a_name_that_is_not_plain_is_refused() {
        for name in [
            "github",
            "/x",
            "x/",
            "a/b/c",
            "a/b c",
            "gіthub/x",
            "a/*",
            "a/b\0",
        ] {
            assert!(McpName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn errors_point_at_their_bytes() {
        for (written, span, kind) in [
            ("", 0..0, PatternErrorKind::Empty),
            ("github", 0..6, PatternErrorKind::McpShape),
            ("a/b/c", 0..5, PatternErrorKind::McpShape),
            ("a/b c", 3..4, PatternErrorKind::McpCharacter),
        ] {
            let error = McpPattern::parse(written).expect_err("an error");
            assert_eq!((error.span, error.kind), (span, kind));
        }
    }
}
