//! What a target does with requests, in the words of the pattern algebra.
//!
//! A provider's model reads the artifact that it emitted, with the target's own matcher, and states
//! what it found as [`Mechanism`]s. Nothing here is taken from the policy: this is the second
//! semantics, against which every verdict is computed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::algebra::{Formula, Language, Sample};
use crate::vocabulary::{Channel, Effect, Verb};

/// One thing that a target does: its permission rules, its sandbox, its hook.
#[derive(Debug, Clone)]
pub struct Mechanism {
    /// Stable name, unique within the provider, such as `hook` or `landlock`.
    pub name: &'static str,
    /// Whether the agent can get round it.
    pub strength: Strength,
    /// Where it stands and what it does there. It leaves everything else alone.
    pub scopes: Vec<Scope>,
}

/// A mechanism's behaviour for one verb on one channel.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The channel.
    pub channel: Channel,
    /// The verb.
    pub verb: Verb,
    /// What it does.
    pub behaviour: Behaviour,
    /// How we know.
    pub evidence: Evidence,
}

/// What a mechanism does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// Puts the request to `decide`, so that it answers as the policy does.
    Decides {
        /// Whether an `ask` reaches a person; if not, it is a refusal.
        asks: bool,
    },
    /// Matches its own rules.
    Matches(TargetRules),
}

/// A target's own rules, in its own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRules {
    /// How the target combines them.
    pub order: Order,
    /// The rules.
    pub rules: Vec<TargetRule>,
    /// What happens to a request that no rule matches.
    pub otherwise: Effect,
}

/// How a target combines its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The strictest of all that match.
    Strictest,
    /// The first that matches.
    First,
    /// The last that matches.
    Last,
}

/// One rule of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRule {
    /// What the target does.
    pub effect: Effect,
    /// The requests that the target's matcher takes it to mean.
    pub language: Language,
}

/// Whether an agent can get round a mechanism. The order is from weakest to strongest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Nothing is stopped; what happened is on record.
    Recorded,
    /// The harness enforces on itself.
    Cooperative,
    /// Something outside the agent enforces.
    Compulsory,
}

/// How a claim about a tool is known. The order is from weakest to strongest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Neither replayed nor documented by the vendor of an existing program. At most partial.
    Assumed,
    /// The vendor's documentation says so.
    Documented,
    /// A test of this repository replays it against the real tool.
    Proven,
}

impl TargetRules {
    /// The requests to which the target gives `effect`.
    pub fn formula(&self, effect: Effect) -> Formula {
        match self.order {
            Order::Strictest => self.strictest(effect),
            Order::First => self.decided_in_order(self.rules.iter(), effect),
            Order::Last => self.decided_in_order(self.rules.iter().rev(), effect),
        }
    }

    /// What the target does with one request.
    pub fn answer(&self, request: &Sample) -> Effect {
        let mut matching = self
            .rules
            .iter()
            .filter(|rule| rule.language.holds(request))
            .map(|rule| rule.effect);
        match self.order {
            Order::Strictest => matching.max(),
            Order::First => matching.next(),
            Order::Last => matching.next_back(),
        }
        .unwrap_or(self.otherwise)
    }

    fn strictest(&self, effect: Effect) -> Formula {
        let matched = |wanted: Effect| {
            Formula::Or(
                self.rules
                    .iter()
                    .filter(|rule| rule.effect == wanted)
                    .map(|rule| Formula::In(rule.language.clone()))
                    .collect(),
            )
        };
        let not_stricter = Effect::ALL
            .iter()
            .filter(|other| **other > effect)
            .map(|other| Formula::Not(Box::new(matched(*other))));
        let here = if self.otherwise == effect {
            // What matches nothing, or only what is laxer than the default's own effect, falls to the default.
            let laxer = Effect::ALL
                .iter()
                .filter(|other| **other != effect)
                .map(|other| matched(*other));
            Formula::Or(vec![
                matched(effect),
                Formula::Not(Box::new(Formula::Or(laxer.collect()))),
            ])
        } else {
            matched(effect)
        };
        Formula::And(not_stricter.chain([here]).collect())
    }

    fn decided_in_order<'a>(
        &self,
        rules: impl Iterator<Item = &'a TargetRule>,
        effect: Effect,
    ) -> Formula {
        let mut taken: Vec<Formula> = Vec::new();
        let mut decided: Vec<Formula> = Vec::new();
        for rule in rules {
            let here = Formula::In(rule.language.clone());
            if rule.effect == effect {
                let first = taken
                    .iter()
                    .cloned()
                    .map(|earlier| Formula::Not(Box::new(earlier)));
                decided.push(Formula::And(first.chain([here.clone()]).collect()));
            }
            taken.push(here);
        }
        if self.otherwise == effect {
            decided.push(Formula::And(
                taken
                    .into_iter()
                    .map(|earlier| Formula::Not(Box::new(earlier)))
                    .collect(),
            ));
        }
        Formula::Or(decided)
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Recorded => "recorded",
            Self::Cooperative => "cooperative",
            Self::Compulsory => "compulsory",
        })
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Assumed => "assumed",
            Self::Documented => "documented",
            Self::Proven => "proven",
        })
    }
}
