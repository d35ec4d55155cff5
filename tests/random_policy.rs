//! Policies made at random, as text that the real compiler compiles, and requests around their patterns.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;
use tappass_compiler::load::{Loaded, Loader, load};
use tappass_compiler::lower::lower;
use tappass_compiler::request::action;
use tappass_compiler::{compile, diagnostics};
use tappass_ir::policy::CompiledPolicy;
use tappass_ir::request::Request;
use tappass_ir::vocabulary::{Channel, Platform, Verb};

/// Patterns that meet, contain and miss each other, by verb.
const PATTERNS: &[(Verb, &str, &[&str])] = &[
    (
        Verb::Read,
        "filesystem",
        &[
            "$project/**",
            "$project/src/**",
            "**/.env*",
            "/etc/hosts",
            "$home/.ssh",
            "$project/*.md",
        ],
    ),
    (
        Verb::Write,
        "filesystem",
        &["$project/**", "$project/src/**", "$tmp/**", "**/.git"],
    ),
    (
        Verb::Connect,
        "network",
        &[
            "**",
            "*.example.com:443",
            "api.example.com",
            "10.0.0.0/8",
            "**.evil.example:1-1024",
        ],
    ),
    (
        Verb::Exec,
        "tools",
        &["**", "git **", "git push **", "rm -rf **", "ls", "git * x"],
    ),
    (Verb::Mcp, "tools", &["*/*", "github/get_*", "*/delete_*"]),
    (
        Verb::Tool,
        "tools",
        &["web-search", "subagent", "shell", "other"],
    ),
];

/// Requests on and beside the boundaries of the patterns.
pub(crate) const REQUESTS: &[(Verb, &str)] = &[
    (Verb::Read, "$project/src/a.rs"),
    (Verb::Read, "$project/.env.d/x"),
    (Verb::Read, "$project/readme.md"),
    (Verb::Read, "/etc/hosts"),
    (Verb::Read, "$home/.ssh/id"),
    (Verb::Write, "$project/src"),
    (Verb::Write, "$project/.git/hooks/x"),
    (Verb::Write, "$tmp/a"),
    (Verb::Connect, "api.example.com:443"),
    (Verb::Connect, "api.example.com:80"),
    (Verb::Connect, "10.1.2.3:443"),
    (Verb::Connect, "a.b.evil.example:443"),
    (Verb::Exec, "git push origin"),
    (Verb::Exec, "git status && rm -r -f x"),
    (Verb::Exec, "ls"),
    (Verb::Exec, "git -C a push"),
    (Verb::Mcp, "github/get_issue"),
    (Verb::Mcp, "github/delete_repo"),
    (Verb::Tool, "web-search"),
    (Verb::Tool, "shell"),
];

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    section: &'static str,
    text: String,
}

fn rule() -> impl Strategy<Value = Rule> {
    (
        0..PATTERNS.len(),
        prop::sample::select(vec!["allow", "allow", "allow", "ask", "deny"]),
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(kind, effect, pattern, audit)| {
            let (verb, section, patterns) = &PATTERNS[kind];
            let audit = if audit { " audit" } else { "" };
            Rule {
                section,
                text: format!("{effect} {verb} \"{}\"{audit}", pattern.get(patterns)),
            }
        })
}

pub(crate) fn rules() -> impl Strategy<Value = Vec<Rule>> {
    prop::collection::vec(rule(), 0..8)
}

pub(crate) fn policy(name: &str, narrows: &str, rules: &[Rule]) -> String {
    let sections: Vec<String> = rules
        .iter()
        .map(|rule| format!("{} {{ {} }}", rule.section, rule.text))
        .collect();
    let sections = sections.join("\n");
    format!("policy {name} {narrows} {{\n{sections}\n}}\n")
}

struct Memory(String);

impl Loader for Memory {
    fn read(&self, _: &Utf8Path) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

/// One text and what ships with the compiler.
pub(crate) fn loaded(text: &str) -> Loaded {
    load(&[Utf8PathBuf::from("p.tappass")], &Memory(text.to_owned())).unwrap()
}

/// The Compiled Policy of the policy named `name`. That a grant lies outside its ancestors' is no matter here.
pub(crate) fn compiled(text: &str, name: &str) -> CompiledPolicy {
    let loaded = loaded(text);
    let compilation = compile(&loaded, Platform::Linux);
    let unexpected: Vec<_> = compilation
        .diagnostics
        .iter()
        .filter(|it| it.is_error() && it.name != diagnostics::WidensParent::NAME)
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}\n{text}");
    let id = compilation.program.policy_named(name).unwrap();
    lower(&compilation.program, id, Platform::Linux, None).0
}

pub(crate) fn request((verb, value): (Verb, &str)) -> Request {
    let channel = match verb {
        Verb::Exec => Channel::Shell,
        Verb::Mcp => Channel::Mcp,
        Verb::Connect
        | Verb::Listen
        | Verb::Read
        | Verb::Write
        | Verb::Tool
        | Verb::Import
        | Verb::Call => Channel::Tool,
    };
    Request::on(channel, action(verb, "python", value, None).unwrap())
}
