//! Permission rules of Claude Code: written from patterns, and read back as the tool takes them.
//!
//! A deny is written only if the tool's rule contains all of it. What a shell line means is beyond
//! this grammar (`Bash(rm -rf *)` lets `rm -r -f` run), so commands are the hook's alone.

use tappass_ir::algebra::Language;
use tappass_ir::pattern::{HostPattern, HostShape, McpPattern, NamePattern, PathPattern, Ports};
use tappass_ir::policy::Matcher;
use tappass_ir::vocabulary::{ToolKind, Verb};

use super::tools;
use crate::placeholder::{placeholder, variable};

/// The deny rules for a denying matcher; fewer than its patterns where the grammar lacks words.
pub(super) fn denies(matcher: &Matcher) -> Vec<String> {
    match matcher {
        Matcher::Read { patterns } => patterns
            .iter()
            .filter_map(|pattern| path_rule("Read", pattern))
            .collect(),
        Matcher::Write { patterns } => patterns
            .iter()
            .filter_map(|pattern| path_rule("Edit", pattern))
            .collect(),
        Matcher::Connect { patterns, methods } if methods.is_empty() => {
            patterns.iter().filter_map(host_rule).collect()
        }
        Matcher::Tool { patterns } => patterns.iter().flat_map(tool_rules).collect(),
        Matcher::Mcp { patterns } => patterns.iter().filter_map(mcp_rule).collect(),
        Matcher::Exec { patterns, .. }
            if patterns.iter().any(|pattern| pattern.as_str() == "**") =>
        {
            vec!["Bash".to_owned()]
        }
        Matcher::Connect { .. }
        | Matcher::Listen { .. }
        | Matcher::Exec { .. }
        | Matcher::Import { .. }
        | Matcher::Call { .. } => Vec::new(),
    }
}

/// `//` is absolute; a single slash would be relative to the settings' own place.
fn path_rule(tool: &str, pattern: &PathPattern) -> Option<String> {
    let text = pattern.as_str();
    // The grammar has no way to write its own brackets, and an escape is not its own either.
    if text.contains(['(', ')', '\\', '!', '[']) {
        return None;
    }
    // A match covers what lies beneath it here as there, so the tail only repeats that.
    let text = text.strip_suffix("/**").unwrap_or(text);
    let rooted = match text {
        "" => "//**".to_owned(),
        _ if text.starts_with("**") => format!("//{text}"),
        _ => format!("/{}", placeholder(text)),
    };
    Some(format!("{tool}({rooted})"))
}

fn host_rule(pattern: &HostPattern) -> Option<String> {
    if pattern.ports() != Ports::Any {
        return None;
    }
    match pattern.shape() {
        HostShape::Name(labels) if !labels.contains('*') => {
            Some(format!("WebFetch(domain:{labels})"))
        }
        HostShape::Anything => Some("WebFetch".to_owned()),
        HostShape::Name(_) | HostShape::Beneath(_) | HostShape::Network { .. } => None,
    }
}

fn tool_rules(pattern: &NamePattern) -> Vec<String> {
    let text = pattern.as_str();
    match text.strip_prefix("claude-code:") {
        Some(tool) if tool.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            vec![tool.to_owned()]
        }
        Some(_) => Vec::new(),
        None if text == ToolKind::Internal.word() => Vec::new(),
        None => tools::of_kind(text).map(str::to_owned).collect(),
    }
}

fn mcp_rule(pattern: &McpPattern) -> Option<String> {
    let (server, tool) = (pattern.server(), pattern.tool());
    // A wildcard inside a server's name is unmeasured, and `__` is the tool's own separator.
    let plain = server == "*" || !server.contains('*');
    (plain && !server.contains("__") && !tool.contains("__"))
        .then(|| format!("mcp__{server}__{tool}"))
}

/// What a deny rule refuses: verb and language.
pub(super) fn refuses(rule: &str) -> Option<Vec<(Verb, Language)>> {
    if let Some(name) = rule.strip_prefix("mcp__") {
        let (server, tool) = name.split_once("__")?;
        let pattern = McpPattern::parse(&format!("{server}/{tool}")).ok()?;
        return Some(vec![(Verb::Mcp, Language::mcp(&pattern))]);
    }
    let Some((tool, argument)) = rule.strip_suffix(')').and_then(|rule| rule.split_once('('))
    else {
        return bare(rule);
    };
    match tool {
        // A file that may not be read may not be written by the file tools either.
        "Read" => Some(
            [Verb::Read, Verb::Write]
                .into_iter()
                .map(|verb| Some((verb, path_language(argument)?)))
                .collect::<Option<_>>()?,
        ),
        "Edit" => Some(vec![(Verb::Write, path_language(argument)?)]),
        "WebFetch" => {
            let host = HostPattern::parse(argument.strip_prefix("domain:")?).ok()?;
            Some(vec![(Verb::Connect, Language::connect(&host, &[]))])
        }
        _ => None,
    }
}

/// A tool's name alone takes the tool away.
fn bare(tool: &str) -> Option<Vec<(Verb, Language)>> {
    let named = Language::name(&NamePattern::parse(&format!("claude-code:{tool}")).ok()?);
    let kinds = ToolKind::ALL
        .iter()
        .filter(|kind| tools::of_kind(kind.word()).any(|name| name == tool));
    let of_kind = kinds
        .filter_map(|kind| NamePattern::parse(kind.word()).ok())
        .map(|kind| Language::name(&kind));
    let mut refused = vec![(Verb::Tool, of_kind.fold(named, Language::union))];
    if tool == "WebFetch" {
        refused.push((
            Verb::Connect,
            Language::connect(&HostPattern::parse("**").ok()?, &[]),
        ));
    }
    if tool == "Bash" {
        refused.push((
            Verb::Exec,
            Language::argv(&tappass_ir::pattern::ArgvPattern::parse("**").ok()?),
        ));
    }
    Some(refused)
}

fn path_language(argument: &str) -> Option<Language> {
    let absolute = argument.strip_prefix('/')?;
    let text = match absolute.strip_prefix('/') {
        Some(pattern) if pattern.starts_with("**") => pattern.to_owned(),
        _ => variable(absolute)?,
    };
    let patterns = PathPattern::parse_all(&text).ok()?;
    patterns
        .iter()
        .map(Language::path_and_beneath)
        .reduce(Language::union)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(verb: Verb, pattern: &str) -> Vec<String> {
        let path = || vec![PathPattern::parse(pattern).unwrap()];
        denies(&match verb {
            Verb::Read => Matcher::Read { patterns: path() },
            Verb::Write => Matcher::Write { patterns: path() },
            Verb::Connect => Matcher::Connect {
                patterns: vec![HostPattern::parse(pattern).unwrap()],
                methods: vec![],
            },
            Verb::Mcp => Matcher::Mcp {
                patterns: vec![McpPattern::parse(pattern).unwrap()],
            },
            Verb::Tool => Matcher::Tool {
                patterns: vec![NamePattern::parse(pattern).unwrap()],
            },
            Verb::Exec => Matcher::Exec {
                patterns: vec![tappass_ir::pattern::ArgvPattern::parse(pattern).unwrap()],
                normal: vec![],
            },
            Verb::Listen | Verb::Import | Verb::Call => unreachable!("not written"),
        })
    }

    #[test]
    fn a_path_is_written_absolute_whatever_it_stands_on() {
        assert_eq!(written(Verb::Read, "**/.env*"), ["Read(//**/.env*)"]);
        assert_eq!(written(Verb::Read, "/etc/shadow"), ["Read(//etc/shadow)"]);
        assert_eq!(
            written(Verb::Write, "$project/ci/**"),
            ["Edit(/{project}/ci)"]
        );
        assert_eq!(written(Verb::Read, "**"), ["Read(//**)"]);
    }

    #[test]
    fn a_pattern_that_the_grammar_would_misread_is_left_to_the_hook() {
        assert_eq!(written(Verb::Read, "/srv/a(b)"), Vec::<String>::new());
        assert_eq!(written(Verb::Connect, "10.0.0.0/8"), Vec::<String>::new());
        assert_eq!(
            written(Verb::Connect, "evil.example:8443"),
            Vec::<String>::new()
        );
        assert_eq!(written(Verb::Mcp, "git*/x"), Vec::<String>::new());
        assert_eq!(written(Verb::Exec, "rm -rf **"), Vec::<String>::new());
    }

    #[test]
    fn a_denied_kind_takes_every_tool_of_it() {
        assert_eq!(written(Verb::Tool, "subagent"), ["Agent", "Task"]);
        assert_eq!(written(Verb::Tool, "claude-code:Skill"), ["Skill"]);
        assert_eq!(written(Verb::Tool, "internal"), Vec::<String>::new());
    }

    #[test]
    fn every_written_rule_is_read_back() {
        for (verb, pattern) in [
            (Verb::Read, "**/.env*"),
            (Verb::Read, "**"),
            (Verb::Write, "$home/.ssh/**"),
            (Verb::Connect, "evil.example"),
            (Verb::Connect, "**"),
            (Verb::Mcp, "*/delete_*"),
            (Verb::Tool, "web-search"),
            (Verb::Exec, "**"),
        ] {
            for rule in written(verb, pattern) {
                let read = refuses(&rule).unwrap_or_default();
                assert!(read.iter().any(|(of, _)| *of == verb), "{rule}");
            }
        }
    }
}
