#![doc = include_str!("README.md")]

mod files;
mod model;

use std::collections::{BTreeMap, BTreeSet};

use tappass_ir::bundle::{
    Artifact, Emission, Environment, Owner, Pointer, UpdateModel, to_stable_json,
};
use tappass_ir::flatten::{granted_hosts, granted_paths};
use tappass_ir::policy::{CompiledPolicy, Matcher, RuleId};
use tappass_ir::target::{Evidence, Mechanism, Strength};
use tappass_ir::vocabulary::{Aspect, Channel, Effect, Platform, Ring, Verb};

use crate::placeholder::placeholder;
use crate::{BaselineGrant, Claim, Context, Provider, Tool, Unreadable, baseline};
use files::{Egress, EgressRule, Landlock as LandlockFile, PathBeneath, Ruleset};

/// Landlock, by a ruleset that the host runtime applies.
#[derive(Debug)]
pub(crate) struct Landlock;

const RULES: &str = "landlock.json";
const EGRESS: &str = "egress.json";
/// The first with truncation; without it a write right would not cover all of writing.
const ABI: u32 = 3;
/// One process tree carries all of these, and the ring cannot tell them apart.
const CHANNELS: &[Channel] = &[
    Channel::Llm,
    Channel::Tool,
    Channel::Shell,
    Channel::Mcp,
    Channel::Code,
];
const READ_TREE: &[&str] = &["execute", "read_dir", "read_file"];
const READ_FILE: &[&str] = &["execute", "read_file"];
const WRITE_TREE: &[&str] = &[
    "make_char",
    "make_dir",
    "make_fifo",
    "make_reg",
    "make_sock",
    "make_sym",
    "refer",
    "remove_dir",
    "remove_file",
    "truncate",
    "write_file",
];
const WRITE_FILE: &[&str] = &["truncate", "write_file"];

impl Provider for Landlock {
    fn id(&self) -> &'static str {
        "landlock"
    }

    fn ring(&self) -> Ring {
        Ring::Kernel
    }

    fn tool(&self) -> Tool {
        Tool {
            name: "Linux Landlock",
            version: "ABI 3",
            source: "the kernel's documentation, and the landlockconfig format",
        }
    }

    fn claims(&self) -> &'static [Claim] {
        CLAIMS
    }

    fn baseline(&self, context: &Context<'_>) -> Vec<BaselineGrant> {
        if context.platform != Platform::Linux {
            return Vec::new();
        }
        let channels = &[Channel::Llm, Channel::Shell, Channel::Mcp, Channel::Code];
        let trees = baseline::LINUX_READABLE
            .iter()
            .map(|path| format!("{path}/**"));
        let devices = baseline::DEVICES.iter().map(|path| (*path).to_owned());
        vec![
            BaselineGrant {
                reason: "programs, libraries and base configuration, without which nothing starts",
                verb: Verb::Read,
                patterns: trees.collect(),
                channels,
            },
            BaselineGrant {
                reason: "programs write to the null device and their terminal",
                verb: Verb::Write,
                patterns: devices.collect(),
                channels,
            },
        ]
    }

    fn emit(&self, policy: &CompiledPolicy, _: &Context<'_>) -> Emission {
        let mut grants: BTreeMap<&'static [&'static str], BTreeMap<String, BTreeSet<RuleId>>> =
            BTreeMap::new();
        for (verb, tree, file) in [
            (Verb::Read, READ_TREE, READ_FILE),
            (Verb::Write, WRITE_TREE, WRITE_FILE),
        ] {
            for grant in granted_paths(policy, verb, CHANNELS) {
                let subtree = grant.pattern.literal_subtree();
                let rights = if subtree.is_some() { tree } else { file };
                if let Some(path) = subtree.or_else(|| grant.pattern.literal()) {
                    let paths = grants.entry(rights).or_default();
                    paths
                        .entry(placeholder(path.as_str()))
                        .or_default()
                        .extend(grant.rules);
                }
            }
        }
        let rules = LandlockFile {
            abi: ABI,
            ruleset: vec![Ruleset {
                handled_access_fs: owned(&["abi.all"]),
                scoped: owned(&["abi.all"]),
            }],
            path_beneath: grants
                .iter()
                .map(|(rights, paths)| PathBeneath {
                    allowed_access: owned(rights),
                    parent: paths.keys().cloned().collect(),
                })
                .collect(),
        };
        let files = [
            (RULES, to_stable_json(&rules)),
            (EGRESS, to_stable_json(&egress(policy))),
        ];
        let artifacts = files.into_iter().filter_map(|(path, content)| {
            Some(Artifact {
                path: path.to_owned(),
                target: format!("{{host}}/{path}"),
                content: content.ok()?,
                mode: 0o644,
                owner: Owner::Root,
                update: UpdateModel::Restart,
            })
        });
        Emission {
            artifacts: artifacts.collect(),
            environment: Environment::default(),
            carried: carried(&grants),
            assumptions: BTreeSet::from([
                "every granted path exists when the sandbox starts".to_owned(),
                format!("the kernel has Landlock ABI {ABI} or later, all of it a hard requirement"),
            ]),
            harness: None,
        }
    }

    fn model(
        &self,
        artifacts: &[Artifact],
        context: &Context<'_>,
    ) -> Result<Vec<Mechanism>, Unreadable> {
        model::read(artifacts, context)
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The proxy speaks the language's own patterns, so that nothing is lost but what the channel hides.
fn egress(policy: &CompiledPolicy) -> Egress {
    let granted = granted_hosts(policy, Verb::Connect, CHANNELS);
    let allow: BTreeSet<EgressRule> = granted
        .into_iter()
        .map(|grant| EgressRule {
            host: grant.pattern.to_string(),
            methods: grant.methods,
        })
        .collect();
    let denied = policy
        .rules_of(Verb::Connect)
        .filter(|at| at.rule.effect == Effect::Deny);
    let deny: BTreeSet<EgressRule> = denied.flat_map(|at| hosts(&at.rule.matcher)).collect();
    Egress {
        format: 1,
        deny: deny.into_iter().collect(),
        allow: allow.into_iter().collect(),
    }
}

fn hosts(matcher: &Matcher) -> Vec<EgressRule> {
    match matcher {
        Matcher::Connect { patterns, methods } => patterns
            .iter()
            .map(|pattern| EgressRule {
                host: pattern.to_string(),
                methods: methods.clone(),
            })
            .collect(),
        Matcher::Listen { .. }
        | Matcher::Read { .. }
        | Matcher::Write { .. }
        | Matcher::Exec { .. }
        | Matcher::Tool { .. }
        | Matcher::Mcp { .. }
        | Matcher::Import { .. }
        | Matcher::Call { .. } => Vec::new(),
    }
}

fn carried(
    grants: &BTreeMap<&'static [&'static str], BTreeMap<String, BTreeSet<RuleId>>>,
) -> BTreeMap<RuleId, BTreeSet<Pointer>> {
    let mut carried: BTreeMap<RuleId, BTreeSet<Pointer>> = BTreeMap::new();
    for (list, paths) in grants.values().enumerate() {
        for (index, rules) in paths.values().enumerate() {
            for rule in rules {
                let pointer = format!("/pathBeneath/{list}/parent/{index}");
                carried.entry(*rule).or_default().insert(Pointer {
                    artifact: RULES.to_owned(),
                    pointer,
                });
            }
        }
    }
    carried
}

const CLAIMS: &[Claim] = &[
    Claim {
        aspect: Aspect::Network,
        mechanism: "egress",
        verbs: &[Verb::Connect, Verb::Listen],
        channels: CHANNELS,
        strength: Strength::Compulsory,
        evidence: Evidence::Assumed,
        note: "a network namespace whose only way out is the egress proxy; not there yet",
    },
    Claim {
        aspect: Aspect::Filesystem,
        mechanism: "ruleset",
        verbs: &[Verb::Read, Verb::Write],
        channels: CHANNELS,
        strength: Strength::Compulsory,
        evidence: Evidence::Documented,
        note: "trees and files; no deny inside a granted tree",
    },
];
