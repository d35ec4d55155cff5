//! The resolved program to the Compiled Policy of one policy under one runtime.
//!
//! The policy and its ancestors become layers side by side, packs dissolve into the layers that use
//! them, and what the runtime itself needs is added to every layer as derived rules.

use std::collections::{BTreeMap, BTreeSet};

use tappass_backends::{BaselineGrant, Context, provider};
use tappass_ir::pattern::{
    ArgvPattern, HostPattern, McpPattern, NamePattern, PathPattern, Pattern,
};
use tappass_ir::policy::{
    CompiledPolicy, Derived, Layer, Limits, Matcher, Obligations, Rule, RuleId, Rules,
};
use tappass_ir::vocabulary::{Aspect, Channel, Effect, Method, Platform, Verb};

use crate::hir::{self, PolicyId, Program};
use crate::source::Span;

/// Where each rule stands in the text. Derived rules stand nowhere.
pub type Origins = BTreeMap<RuleId, BTreeSet<Span>>;

/// The runtime's part in a Compiled Policy.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The runtime's name.
    pub runtime: &'a str,
    /// What its providers see.
    pub context: &'a Context<'a>,
}

/// Lowers one policy. Without surroundings there are no derived rules.
pub fn lower(
    program: &Program<'_>,
    id: PolicyId,
    platform: Platform,
    around: Option<Surroundings<'_>>,
) -> (CompiledPolicy, Origins) {
    let name = program.policy(id).map_or("", |policy| policy.name.text);
    let mut compiled = CompiledPolicy::empty(name, platform);
    compiled.runtime = around.map(|around| around.runtime.to_owned());
    let mut origins = Origins::new();
    for layer in program
        .layers(id)
        .into_iter()
        .filter_map(|layer| program.policy(layer))
    {
        compiled.layers.insert(
            layer.name.text.to_owned(),
            Layer {
                root: layer.parents.is_empty(),
            },
        );
        for (field, value) in &layer.identity {
            // The most specific layer comes first and keeps its word.
            compiled
                .identity
                .entry(field.text.to_owned())
                .or_insert_with(|| value.clone());
        }
        for body in program.bodies(layer) {
            lower_body(&mut compiled, layer.name.text, body, &mut origins);
        }
        for accept in &layer.accepts {
            compiled
                .accepted_gaps
                .entry(accept.gap.text.to_owned())
                .or_insert_with(|| accept.because.clone());
        }
        if let Some(around) = around {
            derive(&mut compiled, layer.name.text, around.context);
        }
    }
    sort(&mut compiled);
    (compiled, origins)
}

fn lower_body(
    compiled: &mut CompiledPolicy,
    layer: &str,
    body: &hir::Body<'_>,
    origins: &mut Origins,
) {
    compiled
        .compliance_tags
        .extend(body.tags.iter().map(|tag| tag.text.to_owned()));
    for rule in &body.rules {
        let lowered = Rule::new(
            layer,
            rule.effect,
            matcher(rule),
            rule.obligations.clone(),
            None,
        );
        origins.entry(lowered.id).or_default().insert(rule.span);
        rules_of(compiled, rule.verb, rule.language)
            .entry(layer.to_owned())
            .or_default()
            .push(lowered);
    }
    for at in &body.limits {
        limits_of(compiled, at)
            .entry(layer.to_owned())
            .or_default()
            .push(at.limit.clone());
    }
}

fn rules_of<'a>(compiled: &'a mut CompiledPolicy, verb: Verb, language: &str) -> &'a mut Rules {
    match verb {
        Verb::Connect | Verb::Listen => &mut compiled.network,
        Verb::Read | Verb::Write => &mut compiled.filesystem,
        Verb::Exec | Verb::Tool | Verb::Mcp => &mut compiled.tools,
        Verb::Import | Verb::Call => {
            &mut compiled
                .interpreter
                .entry(language.to_owned())
                .or_default()
                .rules
        }
    }
}

fn limits_of<'a>(compiled: &'a mut CompiledPolicy, at: &hir::LimitAt<'_>) -> &'a mut Limits {
    if at.limit.meter.aspect() == Aspect::Budget {
        &mut compiled.budget
    } else {
        &mut compiled
            .interpreter
            .entry(at.language.to_owned())
            .or_default()
            .limits
    }
}

/// The patterns of a rule under its verb. Order and repetition mean nothing, so both are removed.
pub(crate) fn matcher(rule: &hir::Rule<'_>) -> Matcher {
    typed(
        rule.verb,
        rule.effect,
        rule.patterns.iter().map(|at| &at.pattern),
        &rule.methods,
    )
}

fn typed<'p>(
    verb: Verb,
    effect: Effect,
    patterns: impl Iterator<Item = &'p Pattern>,
    methods: &[Method],
) -> Matcher {
    let mut sorted = Sorted::default();
    for pattern in patterns {
        match pattern {
            Pattern::Path(path) => drop(sorted.paths.insert(path.clone())),
            Pattern::Host(host) => drop(sorted.hosts.insert(host.clone())),
            Pattern::Argv(argv) => drop(sorted.commands.insert(argv.clone())),
            Pattern::Mcp(mcp) => drop(sorted.mcp.insert(mcp.clone())),
            Pattern::Name(name) => drop(sorted.names.insert(name.clone())),
        }
    }
    match verb {
        Verb::Connect => Matcher::Connect {
            patterns: sorted.hosts.into_iter().collect(),
            methods: methods.to_vec(),
        },
        Verb::Listen => Matcher::Listen {
            patterns: sorted.hosts.into_iter().collect(),
        },
        Verb::Read => Matcher::Read {
            patterns: sorted.paths.into_iter().collect(),
        },
        Verb::Write => Matcher::Write {
            patterns: sorted.paths.into_iter().collect(),
        },
        Verb::Exec => {
            let patterns: Vec<ArgvPattern> = sorted.commands.into_iter().collect();
            let normal = match effect {
                // An allow means its spelling; only a refusal looks through one.
                Effect::Allow => Vec::new(),
                Effect::Ask | Effect::Deny => {
                    let forms = patterns
                        .iter()
                        .filter_map(|pattern| tappass_shell::normalise_pattern(pattern.as_str()));
                    forms.collect::<BTreeSet<_>>().into_iter().collect()
                }
            };
            Matcher::Exec { patterns, normal }
        }
        Verb::Tool => Matcher::Tool {
            patterns: sorted.names.into_iter().collect(),
        },
        Verb::Mcp => Matcher::Mcp {
            patterns: sorted.mcp.into_iter().collect(),
        },
        Verb::Import => Matcher::Import {
            patterns: sorted.names.into_iter().collect(),
        },
        Verb::Call => Matcher::Call {
            patterns: sorted.names.into_iter().collect(),
        },
    }
}

#[derive(Default)]
struct Sorted {
    paths: BTreeSet<PathPattern>,
    hosts: BTreeSet<HostPattern>,
    commands: BTreeSet<ArgvPattern>,
    mcp: BTreeSet<McpPattern>,
    names: BTreeSet<NamePattern>,
}

/// Adds what the runtime needs in order to work, marked as derived.
fn derive(compiled: &mut CompiledPolicy, layer: &str, context: &Context<'_>) {
    let of_providers = context
        .rings
        .iter()
        .filter_map(|(_, id)| provider(id))
        .flat_map(|it| it.baseline(context));
    for grant in of_providers.chain(plumbing(context)) {
        let patterns: Vec<Pattern> = grant
            .patterns
            .iter()
            .filter_map(|text| Pattern::parse_all(grant.verb, text).ok())
            .flatten()
            .collect();
        let derived = Derived {
            reason: grant.reason.to_owned(),
            channels: grant.channels.iter().copied().collect(),
        };
        let rule = Rule::new(
            layer,
            Effect::Allow,
            typed(grant.verb, Effect::Allow, patterns.iter(), &[]),
            Obligations::default(),
            Some(derived),
        );
        rules_of(compiled, grant.verb, "")
            .entry(layer.to_owned())
            .or_default()
            .push(rule);
    }
}

/// The addresses of the runtime's own gateway and broker, and the files of the hook.
fn plumbing(context: &Context<'_>) -> Vec<BaselineGrant> {
    let mut grants = Vec::new();
    for (reason, host) in [
        ("the LLM gateway", context.gateway_host()),
        ("the MCP broker", context.broker_host()),
    ] {
        grants.extend(host.map(|host| BaselineGrant {
            reason,
            verb: Verb::Connect,
            patterns: vec![host],
            channels: &[],
        }));
    }
    grants.push(BaselineGrant {
        reason: "the policy in force and the hook that reads it",
        verb: Verb::Read,
        patterns: vec![
            "/run/tappass/**".to_owned(),
            "/usr/libexec/tappass/**".to_owned(),
        ],
        channels: &[Channel::Llm, Channel::Shell, Channel::Mcp],
    });
    grants
}

fn sort(compiled: &mut CompiledPolicy) {
    let plain = [
        &mut compiled.network,
        &mut compiled.filesystem,
        &mut compiled.tools,
    ];
    let interpreted = compiled.interpreter.values_mut();
    let (rules, limits): (Vec<&mut Rules>, Vec<&mut Limits>) = interpreted
        .map(|it| (&mut it.rules, &mut it.limits))
        .unzip();
    for rules in plain
        .into_iter()
        .chain(rules)
        .flat_map(BTreeMap::values_mut)
    {
        rules.sort_by_key(|rule| rule.id);
        rules.dedup_by_key(|rule| rule.id);
    }
    for limits in limits
        .into_iter()
        .chain([&mut compiled.budget])
        .flat_map(BTreeMap::values_mut)
    {
        limits.sort();
        limits.dedup();
    }
}

/// A pack alone, as the only layer of a policy that grants everything that the pack does not refuse: a
/// pack's own tests then fail for what it lets through, and for nothing else.
pub fn lower_pack(name: &str, body: &hir::Body<'_>, platform: Platform) -> CompiledPolicy {
    let mut compiled = CompiledPolicy::empty(name, platform);
    compiled
        .layers
        .insert(name.to_owned(), Layer { root: true });
    lower_body(&mut compiled, name, body, &mut Origins::new());
    for (verb, pattern) in [
        (Verb::Connect, "**"),
        (Verb::Listen, "**"),
        (Verb::Read, "**"),
        (Verb::Write, "**"),
        (Verb::Exec, "**"),
        (Verb::Mcp, "*/*"),
    ] {
        let patterns = Pattern::parse_all(verb, pattern).unwrap_or_default();
        let rule = Rule::new(
            name,
            Effect::Allow,
            typed(verb, Effect::Allow, patterns.iter(), &[]),
            Obligations::default(),
            None,
        );
        rules_of(&mut compiled, verb, "")
            .entry(name.to_owned())
            .or_default()
            .push(rule);
    }
    sort(&mut compiled);
    compiled
}
