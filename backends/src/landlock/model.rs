//! What the emitted rules do, as the kernel and the egress proxy take them.

use tappass_ir::algebra::Language;
use tappass_ir::bundle::Artifact;
use tappass_ir::pattern::{CanonicalPath, HostPattern, PathPattern};
use tappass_ir::target::{
    Behaviour, Evidence, Mechanism, Order, Scope, Strength, TargetRule, TargetRules,
};
use tappass_ir::vocabulary::{Channel, Effect, Platform, Verb};

use super::files::{Egress, EgressRule, Landlock, PathBeneath};
use super::{CHANNELS, EGRESS, RULES};
use crate::placeholder::variable;
use crate::{Context, Unreadable};

pub(super) fn read(
    artifacts: &[Artifact],
    context: &Context<'_>,
) -> Result<Vec<Mechanism>, Unreadable> {
    let rules: Landlock = parse(artifacts, RULES)?;
    let egress: Egress = parse(artifacts, EGRESS)?;
    let handled =
        |it: &super::files::Ruleset| it.handled_access_fs.iter().any(|right| right == "abi.all");
    // Rights that no ruleset handles are open, whatever is granted.
    if context.platform != Platform::Linux || !rules.ruleset.iter().any(handled) {
        return Ok(Vec::new());
    }
    Ok(vec![ruleset(&rules), proxy(&egress)])
}

fn parse<T: serde::de::DeserializeOwned>(
    artifacts: &[Artifact],
    path: &str,
) -> Result<T, Unreadable> {
    let unreadable = |detail: String| Unreadable {
        artifact: path.to_owned(),
        detail,
    };
    let artifact = artifacts
        .iter()
        .find(|artifact| artifact.path == path)
        .ok_or_else(|| unreadable("missing".to_owned()))?;
    serde_json::from_str(&artifact.content).map_err(|error| unreadable(error.to_string()))
}

fn scopes(verb: Verb, behaviour: &Behaviour, evidence: impl Fn(Channel) -> Evidence) -> Vec<Scope> {
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

fn matches(rules: Vec<TargetRule>) -> Behaviour {
    Behaviour::Matches(TargetRules {
        order: Order::Strictest,
        rules,
        otherwise: Effect::Deny,
    })
}

fn ruleset(rules: &Landlock) -> Mechanism {
    // Nothing of ours runs an interpreter inside yet, so what holds there is an expectation.
    let evidence = |channel| {
        if channel == Channel::Code {
            Evidence::Assumed
        } else {
            Evidence::Documented
        }
    };
    let mut all = scopes(
        Verb::Read,
        &granting(rules, "read_file", "read_dir"),
        evidence,
    );
    all.extend(scopes(
        Verb::Write,
        &granting(rules, "write_file", "make_reg"),
        evidence,
    ));
    Mechanism {
        name: "ruleset",
        strength: Strength::Compulsory,
        scopes: all,
    }
}

/// What is granted with `right`; beneath a path where the right on directories is granted with it.
fn granting(rules: &Landlock, right: &str, on_trees: &str) -> Behaviour {
    let has = |entry: &PathBeneath, right: &str| entry.allowed_access.iter().any(|it| it == right);
    let granted = rules.path_beneath.iter().filter(|entry| has(entry, right));
    let languages = granted.flat_map(|entry| {
        let tree = has(entry, on_trees);
        entry
            .parent
            .iter()
            .filter_map(move |path| language(path, tree))
    });
    matches(
        languages
            .map(|language| TargetRule {
                effect: Effect::Allow,
                language,
            })
            .collect(),
    )
}

fn language(path: &str, tree: bool) -> Option<Language> {
    let path = CanonicalPath::parse(&variable(path)?).ok()?;
    let pattern = if tree {
        PathPattern::subtree(&path)
    } else {
        PathPattern::exactly(&path)
    };
    Some(Language::path(&pattern))
}

fn proxy(egress: &Egress) -> Mechanism {
    let rule = |effect: Effect| {
        move |rule: &EgressRule| {
            let pattern = HostPattern::parse(&rule.host).ok()?;
            let language = match effect {
                Effect::Allow => Language::connect(&pattern, &rule.methods),
                Effect::Ask | Effect::Deny => Language::connect_covered(&pattern, &rule.methods),
            };
            Some(TargetRule { effect, language })
        }
    };
    let denied = egress.deny.iter().filter_map(rule(Effect::Deny));
    let granted = egress.allow.iter().filter_map(rule(Effect::Allow));
    let connect = matches(denied.chain(granted).collect());
    let mut all = scopes(Verb::Connect, &connect, |_| Evidence::Assumed);
    all.extend(scopes(Verb::Listen, &matches(Vec::new()), |_| {
        Evidence::Assumed
    }));
    Mechanism {
        name: "egress",
        strength: Strength::Compulsory,
        scopes: all,
    }
}
