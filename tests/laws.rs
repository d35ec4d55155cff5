//! Laws of layering and of the two forms, over policies made at random and compiled from text.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;
use tappass_compiler::load::{Loader, load};
use tappass_compiler::lower::lower;
use tappass_compiler::request::action;
use tappass_compiler::{compile, diagnostics};
use tappass_ir::decide::decide;
use tappass_ir::keyring::{self, Keyring};
use tappass_ir::pattern::Binding;
use tappass_ir::policy::CompiledPolicy;
use tappass_ir::request::Request;
use tappass_ir::vocabulary::{Channel, Effect, Platform, Verb};

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
const REQUESTS: &[(Verb, &str)] = &[
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
struct Rule {
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

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    prop::collection::vec(rule(), 0..8)
}

fn policy(name: &str, narrows: &str, rules: &[Rule]) -> String {
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

/// The Compiled Policy of the policy named `name`. That a grant lies outside its ancestors' is no matter here.
fn compiled(text: &str, name: &str) -> CompiledPolicy {
    let loaded = load(&[Utf8PathBuf::from("p.tappass")], &Memory(text.to_owned())).unwrap();
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

fn request((verb, value): (Verb, &str)) -> Request {
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

fn effect(policy: &CompiledPolicy, asked: (Verb, &str)) -> Effect {
    decide(policy, &Binding::default(), &request(asked)).effect
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_layer_never_admits_what_an_ancestor_refuses(org in rules(), project in rules(), agent in rules()) {
        let text = [policy("org", "", &org), policy("project", "narrows org", &project), policy("agent", "narrows project", &agent)].concat();
        let [org, project, agent] = ["org", "project", "agent"].map(|name| compiled(&text, name));
        for asked in REQUESTS {
            let (org, project, agent) = (effect(&org, *asked), effect(&project, *asked), effect(&agent, *asked));
            prop_assert!(org <= project && project <= agent, "{asked:?}: {org} {project} {agent}\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_rules_and_parents_means_nothing(
        left in rules(), right in rules(), child in rules().prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
    ) {
        let (straight, shuffled) = child;
        let parents = [policy("left", "", &left), policy("right", "", &right)];
        let one = [parents[0].clone(), parents[1].clone(), policy("child", "narrows left, right", &straight)].concat();
        let other = [policy("child", "narrows right, left", &shuffled), parents[1].clone(), parents[0].clone()].concat();
        prop_assert_eq!(
            compiled(&one, "child").to_canonical_json().unwrap(),
            compiled(&other, "child").to_canonical_json().unwrap()
        );
    }

    #[test]
    fn the_binary_form_answers_as_the_value_does(org in rules(), child in rules()) {
        let text = [policy("org", "", &org), policy("child", "narrows org", &child)].concat();
        let policy = compiled(&text, "child");
        let bytes = keyring::write(&policy);
        let keyring = Keyring::read(&bytes).unwrap();
        for asked in REQUESTS {
            let request = request(*asked);
            prop_assert_eq!(decide(&keyring, &Binding::default(), &request), decide(&policy, &Binding::default(), &request));
        }
    }

    #[test]
    fn a_damaged_keyring_is_an_error_or_answers_without_panic(org in rules(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = keyring::write(&compiled(&policy("org", "", &org), "org"));
        let length = cut.index(bytes.len());
        prop_assert!(Keyring::read(&bytes[..length]).is_err());
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(keyring) = Keyring::read(&bytes) {
            for asked in REQUESTS {
                let _ = decide(&keyring, &Binding::default(), &request(*asked));
            }
        }
    }

    #[test]
    fn the_json_form_is_read_back_as_it_was_written(org in rules()) {
        let policy = compiled(&policy("org", "", &org), "org");
        let text = policy.to_canonical_json().unwrap();
        prop_assert_eq!(CompiledPolicy::from_json(&text).unwrap(), policy);
        prop_assert!(CompiledPolicy::from_json(&text.replacen("\"format\"", "\"surprise\": 1, \"format\"", 1)).is_err());
    }
}
