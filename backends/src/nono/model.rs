//! What the emitted profile does, as nono 0.81.0 takes it.

use tappass_ir::algebra::Language;
use tappass_ir::bundle::Artifact;
use tappass_ir::pattern::{CanonicalPath, HostPattern, PathPattern};
use tappass_ir::target::{
    Behaviour, Evidence, Mechanism, Order, Scope, Strength, TargetRule, TargetRules,
};
use tappass_ir::vocabulary::{Channel, Effect, Platform, Verb};

use super::profile::Profile;
use super::{CHANNELS, GATEWAY_HOST, PROFILE, base};
use crate::placeholder::variable;
use crate::{Context, GATEWAY_NAME, Unreadable};

pub(super) fn read(
    artifacts: &[Artifact],
    context: &Context<'_>,
) -> Result<Vec<Mechanism>, Unreadable> {
    let unreadable = |detail: String| Unreadable {
        artifact: PROFILE.to_owned(),
        detail,
    };
    let artifact = artifacts
        .iter()
        .find(|artifact| artifact.path == PROFILE)
        .ok_or_else(|| unreadable("missing".to_owned()))?;
    let profile: Profile =
        serde_json::from_str(&artifact.content).map_err(|error| unreadable(error.to_string()))?;
    if profile.extends.is_some()
        || !profile.filesystem.deny.is_empty()
        || !profile.groups.include.is_empty()
    {
        return Err(unreadable(
            "inherits or denies, which this reader does not follow".to_owned(),
        ));
    }
    if context.platform == Platform::Windows {
        return Ok(Vec::new());
    }
    Ok(vec![landlock(&profile, context), proxy(&profile)])
}

fn admits(languages: impl Iterator<Item = Language>) -> Behaviour {
    let rules = languages
        .map(|language| TargetRule {
            effect: Effect::Allow,
            language,
        })
        .collect();
    Behaviour::Matches(TargetRules {
        order: Order::Strictest,
        rules,
        otherwise: Effect::Deny,
    })
}

/// Nothing of ours runs an interpreter inside yet, so what holds there is an expectation.
fn evidence(channel: Channel) -> Evidence {
    if channel == Channel::Code {
        Evidence::Assumed
    } else {
        Evidence::Documented
    }
}

fn scopes(verb: Verb, behaviour: &Behaviour) -> Vec<Scope> {
    let carried = CHANNELS
        .iter()
        .filter(|channel| verb.channels().contains(channel));
    carried
        .map(|channel| Scope {
            channel: *channel,
            verb,
            behaviour: behaviour.clone(),
            evidence: evidence(*channel),
        })
        .collect()
}

fn landlock(profile: &Profile, context: &Context<'_>) -> Mechanism {
    let files = &profile.filesystem;
    let base = base::readable(context.platform)
        .iter()
        .filter_map(|path| tree(path));
    let read = files
        .allow
        .iter()
        .chain(&files.read)
        .filter_map(|path| tree(path));
    let read_files = files
        .allow_file
        .iter()
        .chain(&files.read_file)
        .filter_map(|path| file(path));
    let write = files
        .allow
        .iter()
        .chain(&files.write)
        .filter_map(|path| tree(path));
    let write_files = files
        .allow_file
        .iter()
        .chain(&files.write_file)
        .filter_map(|path| file(path));
    let mut all = scopes(Verb::Read, &admits(base.chain(read).chain(read_files)));
    all.extend(scopes(Verb::Write, &admits(write.chain(write_files))));
    Mechanism {
        name: "landlock",
        strength: Strength::Compulsory,
        scopes: all,
    }
}

fn tree(path: &str) -> Option<Language> {
    let path = CanonicalPath::parse(&variable(path)?).ok()?;
    Some(Language::path(&PathPattern::subtree(&path)))
}

fn file(path: &str) -> Option<Language> {
    let path = CanonicalPath::parse(&variable(path)?).ok()?;
    Some(Language::path(&PathPattern::exactly(&path)))
}

fn proxy(profile: &Profile) -> Mechanism {
    let network = &profile.network;
    // An empty list without `block` is an open network.
    let connect = if network.block || !network.allow_domain.is_empty() {
        admits(network.allow_domain.iter().filter_map(|name| domain(name)))
    } else {
        Behaviour::Matches(TargetRules {
            order: Order::Strictest,
            rules: Vec::new(),
            otherwise: Effect::Allow,
        })
    };
    // Only `auto` adds the seccomp part; without it UDP reaches any host.
    let closed = profile.linux.sandbox_policy == "auto";
    let mut all = if closed {
        scopes(Verb::Connect, &connect)
    } else {
        Vec::new()
    };
    // `block` refuses the socket itself. Beside a proxy only `bind` is refused, and a socket that listens
    // without one gets a port of the system's choice.
    if closed && network.block {
        all.extend(scopes(Verb::Listen, &admits(std::iter::empty())));
    }
    Mechanism {
        name: "proxy",
        strength: Strength::Compulsory,
        scopes: all,
    }
}

/// Any port of the name; `*.x` is one or more labels before `x`.
fn domain(name: &str) -> Option<Language> {
    let text = match name.strip_prefix("*.") {
        _ if name == GATEWAY_HOST => GATEWAY_NAME.to_owned(),
        Some(rest) => format!("**.{rest}"),
        None => name.to_owned(),
    };
    HostPattern::parse(&text)
        .ok()
        .map(|pattern| Language::connect(&pattern, &[]))
}
