//! What the emitted managed settings do, as Claude Code 2.1.329 takes them.
//!
//! Permission rules, the hook and the sandbox are three mechanisms. A call runs if none refuses it: in
//! `dontAsk` the hook's `allow` grants what no rule denies, and nothing else does.

use std::collections::BTreeMap;

use tappass_ir::algebra::Language;
use tappass_ir::bundle::Artifact;
use tappass_ir::pattern::{Authority, HostPattern, PathPattern};
use tappass_ir::target::{
    Behaviour, Evidence, Mechanism, Order, Scope, Strength, TargetRule, TargetRules,
};
use tappass_ir::vocabulary::{Channel, Effect, Verb};

use super::settings::{Hook, Settings};
use super::{GATEWAY, SETTINGS, VENDOR_HOST, VERSION, rules};
use crate::placeholder::variable;
use crate::{Context, Unreadable};

pub(super) fn read(
    artifacts: &[Artifact],
    context: &Context<'_>,
) -> Result<Vec<Mechanism>, Unreadable> {
    let unreadable = |detail: String| Unreadable {
        artifact: SETTINGS.to_owned(),
        detail,
    };
    let artifact = artifacts
        .iter()
        .find(|artifact| artifact.path == SETTINGS)
        .ok_or_else(|| unreadable("missing".to_owned()))?;
    let settings: Settings =
        serde_json::from_str(&artifact.content).map_err(|error| unreadable(error.to_string()))?;
    let mut mechanisms = vec![permission_rules(&settings)?];
    mechanisms.extend(hook(&settings));
    mechanisms.extend(model_endpoint(&settings, context));
    mechanisms.extend(sandbox(&settings));
    Ok(mechanisms)
}

fn scope(channel: Channel, verb: Verb, behaviour: Behaviour, evidence: Evidence) -> Scope {
    Scope {
        channel,
        verb,
        behaviour,
        evidence,
    }
}

fn permission_rules(settings: &Settings) -> Result<Mechanism, Unreadable> {
    let mut refused: BTreeMap<Verb, Vec<TargetRule>> = BTreeMap::new();
    for rule in &settings.permissions.deny {
        let parsed = rules::refuses(rule).ok_or_else(|| Unreadable {
            artifact: SETTINGS.to_owned(),
            detail: format!("`{rule}` is not a rule that we write"),
        })?;
        for (verb, language) in parsed {
            refused.entry(verb).or_default().push(TargetRule {
                effect: Effect::Deny,
                language,
            });
        }
    }
    let scopes = refused
        .into_iter()
        .map(|(verb, rules)| {
            let behaviour = Behaviour::Matches(TargetRules {
                order: Order::Strictest,
                rules,
                otherwise: Effect::Allow,
            });
            scope(own_channel(verb), verb, behaviour, Evidence::Documented)
        })
        .collect();
    Ok(Mechanism {
        name: "permission-rules",
        strength: Strength::Cooperative,
        scopes,
    })
}

/// The channel on which a permission rule for `verb` stands.
const fn own_channel(verb: Verb) -> Channel {
    match verb {
        Verb::Exec => Channel::Shell,
        Verb::Mcp => Channel::Mcp,
        Verb::Import | Verb::Call => Channel::Code,
        Verb::Connect | Verb::Listen | Verb::Read | Verb::Write | Verb::Tool => Channel::Tool,
    }
}

/// The hook decides every call, provided that nothing lets a call run without it.
fn hook(settings: &Settings) -> Option<Mechanism> {
    let closed = |hook: &Hook| {
        hook.kind == "command"
            && hook.on_failure == "block"
            && hook
                .args
                .first()
                .is_some_and(|verb| verb == "verify-toolcall")
    };
    let stands = settings
        .hooks
        .pre_tool_use
        .iter()
        .any(|group| group.matcher == "*" && group.hooks.iter().any(closed));
    let alone = settings.allow_managed_hooks_only && !settings.disable_all_hooks;
    // An older version ignores `onFailure`, so the pin is part of the mechanism.
    if !stands
        || !alone
        || settings.required_minimum_version != VERSION
        || settings.required_maximum_version != VERSION
    {
        return None;
    }
    let judged = [
        (Channel::Tool, Verb::Connect),
        (Channel::Tool, Verb::Read),
        (Channel::Tool, Verb::Write),
        (Channel::Tool, Verb::Tool),
        (Channel::Shell, Verb::Exec),
        (Channel::Mcp, Verb::Mcp),
    ];
    let decides = |(channel, verb)| {
        scope(
            channel,
            verb,
            Behaviour::Decides { asks: false },
            Evidence::Proven,
        )
    };
    Some(Mechanism {
        name: "hook",
        strength: Strength::Cooperative,
        scopes: judged.map(decides).to_vec(),
    })
}

/// The model is called at the pinned address only.
fn model_endpoint(settings: &Settings, context: &Context<'_>) -> Option<Mechanism> {
    let host = match (
        settings.env.get("ANTHROPIC_BASE_URL"),
        settings.allowed_providers.as_slice(),
    ) {
        (None, [only]) if only == "anthropic" => VENDOR_HOST.to_owned(),
        (Some(url), [only]) if only == "customEndpoint" && url == GATEWAY => {
            context.gateway_host()?
        }
        (Some(url), [only]) if only == "customEndpoint" => Authority::parse(url).ok()?.to_string(),
        (None | Some(_), _) => return None,
    };
    let language = Language::connect(&HostPattern::parse(&host).ok()?, &[]);
    let rules = vec![TargetRule {
        effect: Effect::Allow,
        language,
    }];
    let behaviour = Behaviour::Matches(TargetRules {
        order: Order::Strictest,
        rules,
        otherwise: Effect::Deny,
    });
    // Without a gateway no address is pinned, and that the vendor's alone is called is not checked.
    let pinned = settings.env.contains_key("ANTHROPIC_BASE_URL");
    let evidence = if pinned {
        Evidence::Documented
    } else {
        Evidence::Assumed
    };
    Some(Mechanism {
        name: "model-endpoint",
        strength: Strength::Cooperative,
        scopes: vec![scope(Channel::Llm, Verb::Connect, behaviour, evidence)],
    })
}

/// The sandbox of shell children: closed by default, except for the working directory and the
/// temporary directory, which stay open whatever the settings say.
fn sandbox(settings: &Settings) -> Option<Mechanism> {
    let sandbox = &settings.sandbox;
    if !sandbox.enabled || !sandbox.fail_if_unavailable || sandbox.allow_unsandboxed_commands {
        return None;
    }
    let files = &sandbox.filesystem;
    let read = if files.deny_read.iter().any(|path| path == "/") {
        admits(paths(
            files
                .allow_read
                .iter()
                .map(String::as_str)
                .chain(["{project}"]),
        ))
    } else {
        TargetRules {
            order: Order::Strictest,
            rules: Vec::new(),
            otherwise: Effect::Allow,
        }
    };
    let write = admits(paths(
        files
            .allow_write
            .iter()
            .map(String::as_str)
            .chain(["{project}", "{tmp}"]),
    ));
    let network = &sandbox.network;
    let connect = if network.allow_managed_domains_only {
        admits(
            network
                .allowed_domains
                .iter()
                .filter_map(|domain| domain_language(domain))
                .collect(),
        )
    } else {
        TargetRules {
            order: Order::Strictest,
            rules: Vec::new(),
            otherwise: Effect::Allow,
        }
    };
    let scopes = [
        (Verb::Read, read),
        (Verb::Write, write),
        (Verb::Connect, connect),
    ]
    .into_iter()
    .map(|(verb, rules)| {
        scope(
            Channel::Shell,
            verb,
            Behaviour::Matches(rules),
            Evidence::Documented,
        )
    })
    .collect();
    Some(Mechanism {
        name: "sandbox",
        strength: Strength::Compulsory,
        scopes,
    })
}

fn admits(languages: Vec<Language>) -> TargetRules {
    let rules = languages
        .into_iter()
        .map(|language| TargetRule {
            effect: Effect::Allow,
            language,
        })
        .collect();
    TargetRules {
        order: Order::Strictest,
        rules,
        otherwise: Effect::Deny,
    }
}

fn paths<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Language> {
    let patterns = texts
        .filter_map(variable)
        .filter_map(|text| PathPattern::parse(&text).ok());
    patterns
        .map(|pattern| Language::path_and_beneath(&pattern))
        .collect()
}

/// `*.x` is any depth below `x`, at any port.
fn domain_language(domain: &str) -> Option<Language> {
    let text = domain
        .strip_prefix("*.")
        .map_or_else(|| domain.to_owned(), |rest| format!("**.{rest}"));
    HostPattern::parse(&text)
        .ok()
        .map(|pattern| Language::connect(&pattern, &[]))
}
