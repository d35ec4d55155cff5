//! Patterns for names: kinds of tools, modules, functions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::canonical_text;
use super::error::{PatternError, PatternErrorKind};
use super::glob;
use super::mcp::collapse_runs;
use crate::vocabulary::ToolKind;

/// A pattern for a name, with `*` for any run.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct NamePattern(Box<str>);

canonical_text!(NamePattern, NamePattern::parse, PatternError);

impl NamePattern {
    /// Reads a name of the policy's text.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::new(0..0, PatternErrorKind::Empty));
        }
        if let Some((at, control)) = text
            .char_indices()
            .find(|(_, character)| character.is_control())
        {
            return Err(PatternError::new(
                at..at + control.len_utf8(),
                PatternErrorKind::NulByte,
            ));
        }
        Ok(Self(collapse_runs(text).into_boxed_str()))
    }

    /// Reads the pattern of a `tool` rule: a kind of tool, or `harness:Tool`.
    pub fn parse_tool(text: &str) -> Result<Self, PatternError> {
        let pattern = Self::parse(text)?;
        let names_something = match text.split_once(':') {
            Some((harness, tool)) => !harness.is_empty() && !tool.is_empty(),
            None => ToolKind::ALL
                .iter()
                .any(|kind| pattern.matches(kind.word())),
        };
        if names_something {
            Ok(pattern)
        } else {
            Err(PatternError::new(0..text.len(), PatternErrorKind::ToolKind))
        }
    }

    /// Whether the pattern matches `name`.
    pub fn matches(&self, name: &str) -> bool {
        text_matches(&self.0, name)
    }

    /// Whether the pattern matches the module `name` or a package that it is in.
    pub fn covers_module(&self, name: &str) -> bool {
        text_covers_module(&self.0, name)
    }
}

/// Whether the canonical pattern text `pattern` matches. For callers that hold the text in a mapped
/// file and must not allocate.
pub fn text_matches(pattern: &str, name: &str) -> bool {
    if pattern.contains('*') {
        glob::matches(glob::plain(pattern), name.as_bytes())
    } else {
        pattern == name
    }
}

/// [`NamePattern::covers_module`] for a canonical pattern text.
pub fn text_covers_module(pattern: &str, name: &str) -> bool {
    let packages = name.match_indices('.').filter_map(|(at, _)| name.get(..at));
    packages
        .chain([name])
        .any(|package| text_matches(pattern, package))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> NamePattern {
        NamePattern::parse(text).expect("a pattern")
    }

    #[test]
    fn a_name_matches_exactly_but_for_wildcards() {
        assert!(pattern("fetch_*").matches("fetch_ticket"));
        assert!(!pattern("fetch").matches("fetch_ticket"));
        assert!(!pattern("Fetch").matches("fetch"));
    }

    #[test]
    fn an_import_covers_submodules_and_no_namesake() {
        assert!(pattern("numpy").covers_module("numpy"));
        assert!(pattern("numpy").covers_module("numpy.linalg.lapack"));
        assert!(!pattern("numpy").covers_module("numpyro"));
        assert!(!pattern("numpy.linalg").covers_module("numpy"));
        assert!(pattern("num*y").covers_module("numpy.linalg"));
    }

    #[test]
    fn a_tool_is_a_kind_or_belongs_to_a_harness() {
        for accepted in [
            "web-search",
            "web-*",
            "*",
            "claude-code:Skill",
            "claude-code:*",
        ] {
            assert!(NamePattern::parse_tool(accepted).is_ok(), "{accepted}");
        }
        for refused in ["websearch", "Skill", ":Skill", "x:", "", "zz*"] {
            assert!(NamePattern::parse_tool(refused).is_err(), "{refused}");
        }
    }
}
