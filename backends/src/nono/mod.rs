#![doc = include_str!("README.md")]

mod base;
mod model;
mod profile;

use std::collections::{BTreeMap, BTreeSet};

use tappass_ir::bundle::{
    Artifact, Emission, Environment, Owner, Pointer, UpdateModel, to_stable_json,
};
use tappass_ir::flatten::{Grant, granted_hosts, granted_paths};
use tappass_ir::pattern::{HostShape, PathPattern};
use tappass_ir::policy::{CompiledPolicy, RuleId};
use tappass_ir::target::{Evidence, Mechanism, Strength};
use tappass_ir::vocabulary::{Aspect, Channel, Ring, Verb};

use crate::placeholder::placeholder;
use crate::{BaselineGrant, Claim, Context, GATEWAY_NAME, Provider, Tool, Unreadable};
use profile::{
    EnvironmentFilter, Filesystem, Groups, Linux, Meta, Network, Profile, Security, Workdir,
};

/// The nono sandbox, by its profile.
#[derive(Debug)]
pub(crate) struct Nono;

const PROFILE: &str = "profile.json";
/// Where the host puts the name of a gateway whose address it binds.
const GATEWAY_HOST: &str = "{gateway_host}";
/// One process tree carries all of these, and the ring cannot tell them apart.
const CHANNELS: &[Channel] = &[
    Channel::Llm,
    Channel::Tool,
    Channel::Shell,
    Channel::Mcp,
    Channel::Code,
];
/// Variables that programs need and that hold no secret.
const VARIABLES: &[&str] = &[
    "CLAUDE_*",
    "COLORTERM",
    "HOME",
    "LANG",
    "LC_*",
    "LOGNAME",
    "PATH",
    "PWD",
    "SHELL",
    "TAPPASS_*",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
];

impl Provider for Nono {
    fn id(&self) -> &'static str {
        "nono"
    }

    fn ring(&self) -> Ring {
        Ring::Kernel
    }

    fn tool(&self) -> Tool {
        Tool {
            name: "nono",
            version: "0.81.0",
            source: "the real binary (`why --json`, `run`) and the JSON Schema that it prints",
        }
    }

    fn claims(&self) -> &'static [Claim] {
        CLAIMS
    }

    fn baseline(&self, context: &Context<'_>) -> Vec<BaselineGrant> {
        let trees = |paths: &[&str]| paths.iter().map(|path| format!("{path}/**")).collect();
        vec![
            BaselineGrant {
                reason: "nono grants programs, libraries and base configuration whatever its profile says",
                verb: Verb::Read,
                patterns: trees(base::readable(context.platform)),
                channels: &[Channel::Llm, Channel::Shell, Channel::Mcp, Channel::Code],
            },
            BaselineGrant {
                reason: "programs write to the null device and their terminal",
                verb: Verb::Write,
                patterns: base::DEVICES
                    .iter()
                    .map(|path| (*path).to_owned())
                    .collect(),
                channels: &[Channel::Llm, Channel::Shell, Channel::Mcp, Channel::Code],
            },
        ]
    }

    fn emit(&self, policy: &CompiledPolicy, context: &Context<'_>) -> Emission {
        let mut files = Filesystem::default();
        let mut carried = Carried::default();
        for verb in [Verb::Read, Verb::Write] {
            for grant in granted_paths(policy, verb, CHANNELS) {
                if let Some((list, path)) = entry(verb, &grant, context) {
                    let list = select(&mut files, list);
                    list.push(path.clone());
                    carried.note(&grant.rules, path);
                }
            }
        }
        for list in [Entry::Read, Entry::Write, Entry::ReadFile, Entry::WriteFile] {
            let list = select(&mut files, list);
            list.sort();
            list.dedup();
        }
        let network = network(policy, context);
        let profile = Profile {
            extends: None,
            meta: Meta {
                name: "tappass".to_owned(),
            },
            groups: Groups {
                include: Vec::new(),
                exclude: owned(base::EXCLUDED),
            },
            filesystem: files,
            network,
            environment: EnvironmentFilter {
                allow_vars: owned(VARIABLES),
            },
            workdir: Workdir {
                access: "none".to_owned(),
            },
            security: Security {
                signal_mode: "isolated".to_owned(),
                process_info_mode: "isolated".to_owned(),
                capability_elevation: false,
            },
            linux: Linux {
                sandbox_policy: "auto".to_owned(),
                af_unix_mediation: "pathname".to_owned(),
            },
        };
        let artifact = to_stable_json(&profile).ok().map(|content| Artifact {
            path: PROFILE.to_owned(),
            target: "{nono}/tappass.json".to_owned(),
            content,
            mode: 0o644,
            owner: Owner::Root,
            update: UpdateModel::Restart,
        });
        let quiet = ["NONO_NO_SAVE_PROMPT", "NONO_NO_UPDATE_CHECK"]
            .map(|name| (name.to_owned(), "1".to_owned()));
        Emission {
            artifacts: artifact.into_iter().collect(),
            environment: Environment {
                set: BTreeMap::from(quiet),
                ..Environment::default()
            },
            carried: carried.pointers(&profile),
            assumptions: BTreeSet::from([
                "every granted path exists when the sandbox starts, or the start makes it"
                    .to_owned(),
                "the kernel has Landlock ABI 4 or later, and seccomp".to_owned(),
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

/// A list of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Read,
    Write,
    ReadFile,
    WriteFile,
}

fn select(files: &mut Filesystem, entry: Entry) -> &mut Vec<String> {
    match entry {
        Entry::Read => &mut files.read,
        Entry::Write => &mut files.write,
        Entry::ReadFile => &mut files.read_file,
        Entry::WriteFile => &mut files.write_file,
    }
}

/// The list and path of a grant, unless the tool cannot say it or grants it by itself.
fn entry(verb: Verb, grant: &Grant<PathPattern>, context: &Context<'_>) -> Option<(Entry, String)> {
    let tree = grant.pattern.literal_subtree();
    let is_tree = tree.is_some();
    let path = tree.or_else(|| grant.pattern.literal())?;
    let forced = verb == Verb::Read && base::readable(context.platform).contains(&path.as_str());
    if forced || holds_home(path.as_str()) {
        return None;
    }
    let entry = match (verb == Verb::Read, is_tree) {
        (true, true) => Entry::Read,
        (true, false) => Entry::ReadFile,
        (false, true) => Entry::Write,
        (false, false) => Entry::WriteFile,
    };
    Some((entry, placeholder(path.as_str())))
}

/// A tree that may hold the user's home, or what the tool protects in it: it refuses to start with one.
fn holds_home(path: &str) -> bool {
    let above = ["/", "/Users", "/home", "/root", "$home"];
    let beside = [
        "$home/.config",
        "$home/.local",
        "$home/.local/share",
        "$home/.local/state",
    ];
    above.contains(&path) || beside.contains(&path) || path.starts_with("$home/.local/state/nono")
}

/// The granted names. The proxy knows neither ports nor methods nor a single label, so the nearest name
/// around the pattern stands for it, and the verdicts show the difference.
fn network(policy: &CompiledPolicy, context: &Context<'_>) -> Network {
    let granted = granted_hosts(policy, Verb::Connect, CHANNELS);
    let names: BTreeSet<String> = granted
        .iter()
        .filter_map(|grant| domain(grant.pattern.shape(), context))
        .collect();
    Network {
        block: names.is_empty(),
        allow_domain: names.into_iter().collect(),
    }
}

fn domain(shape: HostShape<'_>, context: &Context<'_>) -> Option<String> {
    let numeric = |labels: &str| {
        labels
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match shape {
        HostShape::Name(labels) | HostShape::Beneath(labels) if numeric(labels) => None,
        HostShape::Name(GATEWAY_NAME) if context.gateway.is_none() => Some(GATEWAY_HOST.to_owned()),
        HostShape::Name(labels) if !labels.contains('*') => Some(labels.to_owned()),
        HostShape::Name(labels) => labels
            .strip_prefix("*.")
            .filter(|rest| !rest.contains('*'))
            .map(|rest| format!("*.{rest}")),
        HostShape::Beneath(labels) if !labels.contains('*') => Some(format!("*.{labels}")),
        // The proxy matches text, so that no wildcard may end in what could be part of an address.
        HostShape::Beneath(_) | HostShape::Anything | HostShape::Network { .. } => None,
    }
}

/// Which rules a path of the profile comes from.
#[derive(Default)]
struct Carried(BTreeMap<String, BTreeSet<RuleId>>);

impl Carried {
    fn note(&mut self, rules: &BTreeSet<RuleId>, path: String) {
        self.0.entry(path).or_default().extend(rules);
    }

    fn pointers(&self, profile: &Profile) -> BTreeMap<RuleId, BTreeSet<Pointer>> {
        let files = &profile.filesystem;
        let lists = [
            ("read", &files.read),
            ("write", &files.write),
            ("read_file", &files.read_file),
            ("write_file", &files.write_file),
        ];
        let mut carried: BTreeMap<RuleId, BTreeSet<Pointer>> = BTreeMap::new();
        for (list, paths) in lists {
            for (index, path) in paths.iter().enumerate() {
                for id in self.0.get(path).into_iter().flatten() {
                    let pointer = Pointer {
                        artifact: PROFILE.to_owned(),
                        pointer: format!("/filesystem/{list}/{index}"),
                    };
                    carried.entry(*id).or_default().insert(pointer);
                }
            }
        }
        carried
    }
}

const CLAIMS: &[Claim] = &[
    Claim {
        aspect: Aspect::Network,
        mechanism: "proxy",
        verbs: &[Verb::Connect, Verb::Listen],
        channels: CHANNELS,
        strength: Strength::Compulsory,
        evidence: Evidence::Documented,
        note: "names only: no ports, no methods; beside a proxy a program can listen on a port it does not choose",
    },
    Claim {
        aspect: Aspect::Filesystem,
        mechanism: "landlock",
        verbs: &[Verb::Read, Verb::Write],
        channels: CHANNELS,
        strength: Strength::Compulsory,
        evidence: Evidence::Documented,
        note: "trees and files; no deny inside a granted tree",
    },
];
