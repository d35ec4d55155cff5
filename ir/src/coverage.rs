//! What a stack of providers really enforces of one policy.
//!
//! Coverage is computed from verdicts, never stated. An aspect is *full* if no leak remains on any
//! channel that applies, *unenforced* if nothing is enforced on any, else *partial*. It is computed
//! twice, with all mechanisms and with the compulsory ones alone. Authority (what is allowed) is
//! another lattice, and no word is shared between the two.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::policy::{CompiledPolicy, LimitUnit, Matcher, Period, Rule};
use crate::target::{Behaviour, Evidence, Mechanism, Strength};
use crate::verdict::{Extent, Finding, Question, Subject, Verdict};
use crate::vocabulary::{Aspect, Channel, Effect, Platform, Ring, Verb};

/// The providers of a runtime, as coverage sees them.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The runtime's name.
    pub runtime: String,
    /// One entry for each ring that the runtime fills.
    pub entries: BTreeMap<Ring, Entry>,
}

/// What stands in a ring.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The provider's id, or the harness's own name where no provider knows it.
    pub provider: String,
    /// What it does.
    pub state: State,
}

/// What is known of a ring's provider.
#[derive(Debug, Clone)]
pub enum State {
    /// Its model read the artifacts that it emitted.
    Modelled(Vec<Mechanism>),
    /// The id is known, but no provider is written yet: it enforces nothing.
    Planned,
    /// A harness that no provider knows: it enforces nothing.
    Unsupported,
}

/// How far an aspect is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AspectExtent {
    /// Nothing is enforced on any channel.
    Unenforced,
    /// Something is enforced, and a leak remains.
    Partial,
    /// No leak remains on any channel that applies.
    Full,
}

/// The report on one policy under one runtime.
#[derive(Debug, Clone, Serialize)]
pub struct CoverageReport {
    /// The runtime.
    pub runtime: String,
    /// The policy.
    pub policy: String,
    /// The platform.
    pub platform: Platform,
    /// One row for each aspect but identity, in order.
    pub rows: Vec<Row>,
    /// The counts, computed once without regard to accepted gaps.
    pub headline: Headline,
    /// The counts with every accepted gap taken as closed; absent where none is accepted.
    pub headline_accepting: Option<Headline>,
    /// Every leak that remains, by name.
    pub gaps: Vec<Gap>,
    /// Every subject on every channel that applies.
    pub subjects: Vec<SubjectCoverage>,
    /// What the runtime itself grants so that the agent can work.
    pub implicit_grants: Vec<ImplicitGrant>,
    /// Duties that nothing carries out.
    pub unenforced_obligations: Vec<String>,
}

/// How many aspects are covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Headline {
    /// Aspects that are full.
    pub full: usize,
    /// Aspects that count.
    pub counted: usize,
    /// Aspects that are partial.
    pub partial: usize,
    /// Aspects that are full by compulsory mechanisms alone.
    pub compulsory: usize,
}

/// One aspect of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The aspect.
    pub aspect: Aspect,
    /// With all mechanisms; absent where the policy does not mention the aspect.
    pub extent: Option<AspectExtent>,
    /// With compulsory mechanisms alone.
    pub compulsory: Option<AspectExtent>,
    /// The weakest strength among the mechanisms that enforce it.
    pub strength: Option<Strength>,
    /// Who enforces on which channels, such as `claude-code hook` on `tool`.
    pub enforced_by: BTreeMap<String, BTreeSet<Channel>>,
    /// Why the row is not full, each with what follows from it.
    pub reasons: Vec<String>,
    /// The least change that makes the row better, where there is one.
    pub fix: Option<Fix>,
}

/// A change of the runtime, found by computing the coverage again with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// The change, as one would write it in the runtime: `kernel: landlock`.
    pub change: String,
    /// What the row becomes.
    pub extent: AspectExtent,
    /// The whole runtime's counts with the change.
    pub headline: Headline,
}

/// A leak that remains after all providers of the runtime.
#[derive(Debug, Clone, Serialize)]
pub struct Gap {
    /// Stable kebab-case name.
    pub name: String,
    /// The aspect that it lowers.
    pub aspect: Aspect,
    /// The channel on which it stands.
    pub channel: Channel,
    /// One request that passes.
    pub witness: Finding,
    /// One sentence: what can happen.
    pub consequence: String,
    /// Why somebody decided to live with it.
    pub accepted: Option<String>,
}

/// One subject on one channel, after all providers.
#[derive(Debug, Clone, Serialize)]
pub struct SubjectCoverage {
    /// The aspect.
    pub aspect: Aspect,
    /// The verb, or the meter of a limit.
    pub verb: String,
    /// The rule as the report writes it, or `default`.
    pub subject: String,
    /// The rule's id; absent for a default or a limit.
    pub rule: Option<crate::policy::RuleId>,
    /// What the rule says; a default and a limit refuse.
    pub effect: Effect,
    /// The channel.
    pub channel: Channel,
    /// What became of it.
    pub extent: Extent,
    /// What became of it by compulsory mechanisms alone.
    pub compulsory: Extent,
    /// A request that is admitted though the policy refuses it.
    pub leak: Finding,
    /// A request that is refused though the policy grants it.
    pub loss: Finding,
    /// Whether the leak is closed only by mechanisms that nobody has checked.
    pub assumed: bool,
    /// The same, among the compulsory mechanisms.
    pub compulsory_assumed: bool,
    /// The mechanisms that stand on the channel, each with what it makes of the subject alone.
    pub mechanisms: Vec<MechanismVerdict>,
}

/// What one mechanism alone makes of a subject.
#[derive(Debug, Clone, Serialize)]
pub struct MechanismVerdict {
    /// Provider and mechanism, such as `nono landlock`.
    pub mechanism: String,
    /// Its summary.
    pub extent: Extent,
    /// Its leak.
    pub leak: Finding,
    /// Its loss.
    pub loss: Finding,
    /// Whether the agent can get round it.
    pub strength: Strength,
    /// How it is known.
    pub evidence: Evidence,
}

/// A grant that nobody wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ImplicitGrant {
    /// What needs it.
    pub reason: String,
    /// The verb.
    pub verb: Verb,
    /// The patterns.
    pub patterns: Vec<String>,
    /// The channels on which it holds; empty is every channel.
    pub channels: BTreeSet<Channel>,
}

/// Computes the coverage of `policy` under `stack`. Fixes are left empty: finding them takes other
/// stacks, which only the caller can build.
pub fn cover(policy: &CompiledPolicy, stack: &Stack) -> CoverageReport {
    let subjects: Vec<SubjectCoverage> = judged_verbs(policy)
        .iter()
        .flat_map(|(verb, language)| cover_verb(policy, stack, *verb, language))
        .chain(cover_limits(policy))
        .collect();
    let gaps = gaps(policy, &subjects);
    let accepted: BTreeSet<&str> = gaps
        .iter()
        .filter(|gap| gap.accepted.is_some())
        .map(|gap| gap.name.as_str())
        .collect();
    let rows: Vec<Row> = counted_aspects()
        .map(|aspect| row(policy, stack, aspect, &subjects, &BTreeSet::new()))
        .collect();
    let headline_accepting = (!accepted.is_empty()).then(|| {
        let accepting: Vec<Row> = counted_aspects()
            .map(|aspect| row(policy, stack, aspect, &subjects, &accepted))
            .collect();
        Headline::of(&accepting)
    });
    CoverageReport {
        runtime: stack.runtime.clone(),
        policy: policy.policy.clone(),
        platform: policy.platform,
        headline: Headline::of(&rows),
        headline_accepting,
        rows,
        implicit_grants: implicit_grants(policy),
        unenforced_obligations: unenforced_obligations(policy),
        gaps,
        subjects,
    }
}

/// The channels on which `verb` can happen under `stack`.
pub fn applicable_channels(policy: &CompiledPolicy, stack: &Stack, verb: Verb) -> Vec<Channel> {
    let grants = |verb: Verb| {
        policy
            .rules_of(verb)
            .any(|at| at.rule.derived.is_none() && at.rule.effect != Effect::Deny)
    };
    let applies = |channel: &Channel| match (channel, verb) {
        // A verb's own channel carries the refusals too, so it applies even where nothing is granted.
        (Channel::Mcp, Verb::Mcp)
        | (Channel::Tool | Channel::Llm, _)
        | (Channel::Shell, Verb::Exec) => true,
        // A server starts only if the policy lets some of its tools be called.
        (Channel::Mcp, _) => grants(Verb::Mcp),
        (Channel::Shell, _) => grants(Verb::Exec),
        (Channel::Code, _) => stack.entries.contains_key(&Ring::Interpreter),
        (Channel::Audit, _) => false,
    };
    verb.channels()
        .iter()
        .copied()
        .filter(|channel| applies(channel))
        .collect()
}

/// Every verb that counts, with its language; interpreters only where the policy mentions one.
fn judged_verbs(policy: &CompiledPolicy) -> Vec<(Verb, String)> {
    let plain = Verb::ALL
        .iter()
        .filter(|verb| verb.aspect() != Aspect::Interpreter)
        .map(|verb| (*verb, String::new()));
    let interpreted = policy
        .interpreter
        .keys()
        .flat_map(|language| [Verb::Import, Verb::Call].map(|verb| (verb, language.clone())));
    plain.chain(interpreted).collect()
}

/// A mechanism's scope with the name under which reports show it.
struct Standing<'a> {
    name: String,
    strength: Strength,
    evidence: Evidence,
    behaviour: &'a Behaviour,
}

fn standing(stack: &Stack, verb: Verb, channel: Channel) -> Vec<Standing<'_>> {
    let mut found = Vec::new();
    for entry in stack.entries.values() {
        let State::Modelled(mechanisms) = &entry.state else {
            continue;
        };
        for mechanism in mechanisms {
            for scope in mechanism
                .scopes
                .iter()
                .filter(|scope| scope.verb == verb && scope.channel == channel)
            {
                found.push(Standing {
                    name: format!("{} {}", entry.provider, mechanism.name),
                    strength: mechanism.strength,
                    evidence: scope.evidence,
                    behaviour: &scope.behaviour,
                });
            }
        }
    }
    found
}

fn cover_verb(
    policy: &CompiledPolicy,
    stack: &Stack,
    verb: Verb,
    language: &str,
) -> Vec<SubjectCoverage> {
    let mut covered = Vec::new();
    let mut known = Known::default();
    for channel in applicable_channels(policy, stack, verb) {
        let question = Question::new(policy, verb, language, channel);
        let standing = standing(stack, verb, channel);
        for subject in question.subjects() {
            // A derived rule is a grant that coverage lists by itself; it decides nothing that could leak.
            if question
                .rule(subject)
                .is_some_and(|rule| rule.derived.is_some())
            {
                continue;
            }
            covered.push(cover_subject(
                &question, subject, channel, &standing, &mut known,
            ));
        }
    }
    covered
}

/// Verdicts on denies, which depend on the rule and on what stands there, and on no channel.
#[derive(Default)]
struct Known<'a>(Vec<(Subject, Vec<&'a Behaviour>, Verdict)>);

impl<'a> Known<'a> {
    fn judge(
        &mut self,
        question: &Question<'_>,
        subject: Subject,
        behaviours: &[&'a Behaviour],
    ) -> Verdict {
        let denies = question
            .rule(subject)
            .is_some_and(|rule| rule.effect == Effect::Deny);
        let same = |known: &&(Subject, Vec<&Behaviour>, Verdict)| {
            known.0 == subject && known.1 == behaviours
        };
        if let Some((_, _, verdict)) = self.0.iter().find(same).filter(|_| denies) {
            return verdict.clone();
        }
        let verdict = question.judge(subject, behaviours);
        if denies {
            self.0.push((subject, behaviours.to_vec(), verdict.clone()));
        }
        verdict
    }
}

fn cover_subject<'a>(
    question: &Question<'_>,
    subject: Subject,
    channel: Channel,
    standing: &[Standing<'a>],
    known: &mut Known<'a>,
) -> SubjectCoverage {
    // The same mechanisms get the same verdict, and most questions are about the same ones.
    let mut judged: BTreeMap<Vec<usize>, Verdict> = BTreeMap::new();
    let mut judge = |keep: &dyn Fn(usize, &Standing<'_>) -> bool| -> Verdict {
        let kept: Vec<usize> = standing
            .iter()
            .enumerate()
            .filter(|(at, it)| keep(*at, it))
            .map(|(at, _)| at)
            .collect();
        let behaviours: Vec<&Behaviour> = kept
            .iter()
            .filter_map(|at| standing.get(*at))
            .map(|it| it.behaviour)
            .collect();
        judged
            .entry(kept)
            .or_insert_with(|| known.judge(question, subject, &behaviours))
            .clone()
    };
    let all = judge(&|_, _| true);
    let compulsory = judge(&|_, it| it.strength == Strength::Compulsory);
    let checked = judge(&|_, it| it.evidence > Evidence::Assumed).extent;
    let compulsory_checked =
        judge(&|_, it| it.strength == Strength::Compulsory && it.evidence > Evidence::Assumed)
            .extent;
    let mechanisms = standing
        .iter()
        .enumerate()
        .map(|(at, it)| {
            let alone = judge(&|other, _| other == at);
            MechanismVerdict {
                mechanism: it.name.clone(),
                extent: alone.extent,
                leak: alone.leak,
                loss: alone.loss,
                strength: it.strength,
                evidence: it.evidence,
            }
        })
        .collect();
    let rule = question.rule(subject);
    SubjectCoverage {
        aspect: question.verb().aspect(),
        verb: question.verb().word().to_owned(),
        subject: rule.map_or_else(|| "default".to_owned(), rule_text),
        rule: rule.map(|rule| rule.id),
        effect: rule.map_or(Effect::Deny, |rule| rule.effect),
        channel,
        assumed: checked.leaks() && !all.extent.leaks(),
        compulsory_assumed: compulsory_checked.leaks() && !compulsory.extent.leaks(),
        extent: all.extent,
        compulsory: compulsory.extent,
        leak: all.leak,
        loss: all.loss,
        mechanisms,
    }
}

/// No mechanism of any provider enforces a limit yet, so each is a leak of everything past it.
fn cover_limits(policy: &CompiledPolicy) -> Vec<SubjectCoverage> {
    let limits = [Aspect::Interpreter, Aspect::Budget]
        .into_iter()
        .flat_map(|aspect| policy.effective_limits(aspect));
    limits
        .map(|limit| SubjectCoverage {
            aspect: limit.meter.aspect(),
            verb: limit.meter.word().to_owned(),
            subject: limit.to_string(),
            rule: None,
            effect: limit.then,
            channel: match limit.meter.aspect() {
                Aspect::Budget => Channel::Llm,
                Aspect::Identity
                | Aspect::Network
                | Aspect::Filesystem
                | Aspect::Tools
                | Aspect::Interpreter
                | Aspect::ComplianceTags => Channel::Code,
            },
            extent: Extent::Unenforced,
            compulsory: Extent::Unenforced,
            leak: Finding::NotProven,
            loss: Finding::None,
            assumed: false,
            compulsory_assumed: false,
            mechanisms: Vec::new(),
        })
        .collect()
}

/// A rule as the language writes it.
pub fn rule_text(rule: &Rule) -> String {
    let texts = rule.matcher.texts();
    let shown: Vec<String> = texts
        .iter()
        .take(3)
        .map(|text| format!("\"{text}\""))
        .collect();
    let patterns = match (shown.as_slice(), texts.len()) {
        ([only], 1) => only.clone(),
        (some, count) if count > some.len() => {
            format!("[{} and {} more]", some.join(" "), count - some.len())
        }
        (some, _) => format!("[{}]", some.join(" ")),
    };
    let mut text = format!("{} {} {patterns}", rule.effect, rule.matcher.verb());
    if let Matcher::Connect { methods, .. } = &rule.matcher
        && !methods.is_empty()
    {
        let words: Vec<&str> = methods.iter().map(|method| method.word()).collect();
        text = format!("{text} methods [{}]", words.join(" "));
    }
    text
}

fn counted_aspects() -> impl Iterator<Item = Aspect> {
    Aspect::ALL
        .iter()
        .copied()
        .filter(|aspect| *aspect != Aspect::Identity)
}

/// Whether an aspect counts at all.
fn counts(policy: &CompiledPolicy, stack: &Stack, aspect: Aspect) -> bool {
    match aspect {
        Aspect::Network | Aspect::Filesystem | Aspect::Tools => true,
        Aspect::Interpreter => {
            policy.mentions(aspect) || stack.entries.contains_key(&Ring::Interpreter)
        }
        Aspect::Budget | Aspect::ComplianceTags => policy.mentions(aspect),
        Aspect::Identity => false,
    }
}

fn row(
    policy: &CompiledPolicy,
    stack: &Stack,
    aspect: Aspect,
    subjects: &[SubjectCoverage],
    accepted: &BTreeSet<&str>,
) -> Row {
    if !counts(policy, stack, aspect) {
        return Row {
            aspect,
            extent: None,
            compulsory: None,
            strength: None,
            enforced_by: BTreeMap::new(),
            reasons: Vec::new(),
            fix: None,
        };
    }
    if aspect == Aspect::ComplianceTags {
        return audit_row();
    }
    // An allow cannot leak, so that it holds says nothing about what is enforced.
    let refuses =
        |subject: &&SubjectCoverage| subject.aspect == aspect && subject.effect != Effect::Allow;
    let own: Vec<&SubjectCoverage> = subjects.iter().filter(refuses).collect();
    let open = open_channels(subjects);
    let closed = |subject: &SubjectCoverage| accepted.contains(gap_name(subject, &open).as_str());
    let extent = aspect_extent(own.iter().map(|subject| match subject.extent {
        extent if extent.leaks() && closed(subject) => (Extent::Narrowed, false),
        extent => (extent, subject.assumed),
    }));
    let compulsory = aspect_extent(
        own.iter()
            .map(|subject| (subject.compulsory, subject.compulsory_assumed)),
    );
    let mut enforced_by: BTreeMap<String, BTreeSet<Channel>> = BTreeMap::new();
    let mut strength: Option<Strength> = None;
    for (subject, mechanism) in own
        .iter()
        .flat_map(|subject| subject.mechanisms.iter().map(move |it| (subject, it)))
    {
        if mechanism.extent != Extent::Unenforced && subject.extent != Extent::Unenforced {
            enforced_by
                .entry(mechanism.mechanism.clone())
                .or_default()
                .insert(subject.channel);
            strength =
                Some(strength.map_or(mechanism.strength, |held| held.min(mechanism.strength)));
        }
    }
    Row {
        aspect,
        extent: Some(extent),
        compulsory: Some(compulsory),
        strength,
        enforced_by,
        reasons: reasons(stack, aspect, &own),
        fix: None,
    }
}

/// The record that the host keeps; nothing writes one yet, so it is not more than an intention.
fn audit_row() -> Row {
    Row {
        aspect: Aspect::ComplianceTags,
        extent: Some(AspectExtent::Unenforced),
        compulsory: Some(AspectExtent::Unenforced),
        strength: None,
        enforced_by: BTreeMap::new(),
        reasons: vec!["the record is kept by tappass-host, which does not exist yet: tags and `audit` reach no log".to_owned()],
        fix: None,
    }
}

fn aspect_extent(subjects: impl Iterator<Item = (Extent, bool)>) -> AspectExtent {
    let (mut leaks, mut enforces, mut any) = (false, false, false);
    for (extent, assumed) in subjects {
        any = true;
        leaks |= extent.leaks() || assumed;
        enforces |= extent != Extent::Unenforced;
    }
    match (any && enforces, leaks) {
        (false, _) => AspectExtent::Unenforced,
        (true, true) => AspectExtent::Partial,
        (true, false) => AspectExtent::Full,
    }
}

/// One sentence for each verb and channel on which something leaks, the default's witness first.
fn reasons(stack: &Stack, aspect: Aspect, own: &[&SubjectCoverage]) -> Vec<String> {
    let mut reasons = Vec::new();
    for ring in Ring::ALL {
        let concerns = match ring {
            Ring::Interpreter => aspect == Aspect::Interpreter,
            Ring::Gateway => aspect == Aspect::Budget || aspect == Aspect::Network,
            Ring::Broker => aspect == Aspect::Tools,
            Ring::Harness | Ring::Kernel => {
                aspect != Aspect::Budget && aspect != Aspect::Interpreter
            }
        };
        if let (true, Some(entry)) = (concerns, stack.entries.get(ring)) {
            match entry.state {
                State::Planned => reasons.push(format!(
                    "{ring} {}: unenforced: no provider yet",
                    entry.provider
                )),
                State::Unsupported => {
                    reasons.push(format!(
                        "{ring} \"{}\": unenforced: no provider knows this harness",
                        entry.provider
                    ));
                }
                State::Modelled(_) => {}
            }
        }
    }
    reasons.extend(consequences(own));
    if own.iter().any(|subject| subject.assumed) {
        reasons.push("closed only by mechanisms that no test and no vendor confirms".to_owned());
    }
    reasons
}

/// One sentence for each verb and channel on which something leaks, those that say the same as one.
fn consequences(own: &[&SubjectCoverage]) -> Vec<String> {
    let mut leaking: Vec<&&SubjectCoverage> = own
        .iter()
        .filter(|subject| subject.extent.leaks())
        .collect();
    // The default stands for most of what can go wrong, so its witness speaks for the channel.
    leaking.sort_by_key(|subject| (&subject.verb, subject.channel, subject.rule.is_some()));
    leaking.dedup_by_key(|subject| {
        // A limit is a subject of its own; of a verb, the first on each channel is enough.
        let limit = Verb::from_word(&subject.verb)
            .is_none()
            .then(|| subject.subject.clone());
        (subject.verb.clone(), subject.channel, limit)
    });
    let mut sentences: Vec<(String, Vec<Channel>)> = Vec::new();
    for subject in leaking {
        let sentence = deed(subject);
        match sentences.iter_mut().find(|(held, _)| *held == sentence) {
            Some((_, channels)) => channels.push(subject.channel),
            None => sentences.push((sentence, vec![subject.channel])),
        }
    }
    sentences
        .into_iter()
        .map(|(sentence, channels)| at_channels(&channels, &sentence))
        .collect()
}

fn at_channels(channels: &[Channel], sentence: &str) -> String {
    let words: Vec<&str> = channels.iter().map(|channel| channel.word()).collect();
    let who = match channels {
        [Channel::Llm] => "a model call",
        [Channel::Tool] => "a tool of the harness",
        [Channel::Shell] => "a command",
        [Channel::Mcp] => "an MCP server",
        [Channel::Code] => "interpreted code",
        _ => "any of them",
    };
    format!("{}: {who} {sentence}", words.join(", "))
}

fn consequence(subject: &SubjectCoverage) -> String {
    at_channels(&[subject.channel], &deed(subject))
}

/// What passes, without who does it.
fn deed(subject: &SubjectCoverage) -> String {
    let does = match Verb::from_word(&subject.verb) {
        Some(Verb::Connect) => "reaches",
        Some(Verb::Listen) => "listens on",
        Some(Verb::Read) => "reads",
        Some(Verb::Write) => "writes",
        Some(Verb::Exec) => "runs",
        Some(Verb::Tool) => "uses",
        Some(Verb::Mcp | Verb::Call) => "calls",
        Some(Verb::Import) => "imports",
        None => return format!("exceeds `{}`, which nothing enforces", subject.subject),
    };
    let what = match &subject.leak {
        Finding::Witness(sample) => format!("`{sample}`"),
        Finding::None | Finding::NotProven => "something that no proof excludes".to_owned(),
    };
    let despite = match (&subject.rule, subject.extent) {
        (None, Extent::Unenforced) => "nothing stands in the way".to_owned(),
        (None, _) => "no rule grants it".to_owned(),
        (Some(_), _) => format!("despite `{}`", subject.subject),
    };
    format!("{does} {what}, {despite}")
}

fn gaps(policy: &CompiledPolicy, subjects: &[SubjectCoverage]) -> Vec<Gap> {
    let mut gaps: BTreeMap<String, Gap> = BTreeMap::new();
    let open = open_channels(subjects);
    // The default comes first, so that its witness speaks for a channel on which nothing stands.
    let defaults_first = subjects
        .iter()
        .filter(|it| it.rule.is_none())
        .chain(subjects.iter().filter(|it| it.rule.is_some()));
    for subject in defaults_first.filter(|subject| subject.extent.leaks()) {
        let name = gap_name(subject, &open);
        gaps.entry(name.clone()).or_insert_with(|| Gap {
            aspect: subject.aspect,
            channel: subject.channel,
            witness: subject.leak.clone(),
            consequence: consequence(subject),
            accepted: policy.accepted_gaps.get(&name).cloned(),
            name,
        });
    }
    gaps.into_values().collect()
}

/// The verbs and channels on which nothing stands at all.
fn open_channels(subjects: &[SubjectCoverage]) -> BTreeSet<(String, Channel)> {
    let defaults = subjects
        .iter()
        .filter(|subject| subject.rule.is_none() && subject.extent == Extent::Unenforced);
    defaults
        .map(|subject| (subject.verb.clone(), subject.channel))
        .collect()
}

/// `shell-reads-unenforced` where nothing stands on the channel, and then one name for all its rules;
/// else `shell-reads-beyond-grants` for the default and `shell-reads-despite-deny-read-env` for a rule.
/// Made from what the policy says, so that it survives a reformat and names one decision.
fn gap_name(subject: &SubjectCoverage, open: &BTreeSet<(String, Channel)>) -> String {
    let deed = match Verb::from_word(&subject.verb) {
        Some(Verb::Connect) => "connects",
        Some(Verb::Listen) => "listens",
        Some(Verb::Read) => "reads",
        Some(Verb::Write) => "writes",
        Some(Verb::Exec) => "commands",
        Some(Verb::Tool) => "tools",
        Some(Verb::Mcp) => "mcp-calls",
        Some(Verb::Import) => "imports",
        Some(Verb::Call) => "calls",
        None => return slug(&format!("{} unenforced", subject.subject)),
    };
    if open.contains(&(subject.verb.clone(), subject.channel)) {
        return format!("{}-{deed}-unenforced", subject.channel);
    }
    if subject.rule.is_none() {
        return format!("{}-{deed}-beyond-grants", subject.channel);
    }
    slug(&format!(
        "{} {deed} despite {}",
        subject.channel, subject.subject
    ))
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn implicit_grants(policy: &CompiledPolicy) -> Vec<ImplicitGrant> {
    let grants: BTreeSet<ImplicitGrant> = policy
        .rules()
        .filter_map(|at| {
            let derived = at.rule.derived.as_ref()?;
            Some(ImplicitGrant {
                reason: derived.reason.clone(),
                verb: at.rule.matcher.verb(),
                patterns: at
                    .rule
                    .matcher
                    .texts()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                channels: derived.channels.clone(),
            })
        })
        .collect();
    grants.into_iter().collect()
}

fn unenforced_obligations(policy: &CompiledPolicy) -> Vec<String> {
    let duties: BTreeSet<String> = policy
        .rules()
        .filter(|at| at.rule.obligations.by.is_some() || at.rule.obligations.within_ms.is_some())
        .map(|at| {
            let group = at
                .rule
                .obligations
                .by
                .as_deref()
                .unwrap_or("whoever is asked");
            format!(
                "`{}`: nothing checks that {group} approves",
                rule_text(at.rule)
            )
        })
        .collect();
    duties.into_iter().collect()
}

impl Headline {
    fn of(rows: &[Row]) -> Self {
        let count = |test: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| test(row)).count();
        Self {
            full: count(&|row| row.extent == Some(AspectExtent::Full)),
            counted: count(&|row| row.extent.is_some()),
            partial: count(&|row| row.extent == Some(AspectExtent::Partial)),
            compulsory: count(&|row| row.compulsory == Some(AspectExtent::Full)),
        }
    }
}

impl fmt::Display for Headline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Covers {}/{}; partial {}; compulsory {}",
            self.full, self.counted, self.partial, self.compulsory
        )
    }
}

impl AspectExtent {
    /// The word that reports and `require` use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unenforced => "unenforced",
            Self::Partial => "partial",
            Self::Full => "full",
        }
    }

    /// The extent that `word` names, if it names one.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Unenforced, Self::Partial, Self::Full]
            .into_iter()
            .find(|extent| extent.word() == word)
    }
}

impl fmt::Display for AspectExtent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Display for crate::policy::Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "limit {} {}", self.meter, self.amount_text())?;
        if let Some(period) = self.period {
            let word = match period {
                Period::Minute => "min",
                Period::Hour => "h",
                Period::Day => "day",
                Period::Month => "month",
            };
            write!(f, " / {word}")?;
        }
        Ok(())
    }
}

impl crate::policy::Limit {
    /// The amount in the largest unit that holds it without a remainder.
    pub fn amount_text(&self) -> String {
        let scaled = |steps: &[(u64, &str)]| {
            steps
                .iter()
                .find(|(size, _)| self.amount >= *size && self.amount.is_multiple_of(*size))
                .map_or_else(
                    || self.amount.to_string(),
                    |(size, unit)| format!("{} {unit}", self.amount / size),
                )
        };
        let money = |currency: &str| {
            let (whole, millionths) = (self.amount / 1_000_000, self.amount % 1_000_000);
            let fraction = format!("{millionths:06}");
            match fraction.trim_end_matches('0') {
                "" => format!("{whole} {currency}"),
                digits => format!("{whole}.{digits} {currency}"),
            }
        };
        match self.unit {
            LimitUnit::Count => self.amount.to_string(),
            LimitUnit::Bytes => scaled(&[
                (1 << 30, "GiB"),
                (1 << 20, "MiB"),
                (1 << 10, "KiB"),
                (1, "B"),
            ]),
            LimitUnit::Milliseconds => {
                scaled(&[(3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")])
            }
            LimitUnit::MicroUsd => money("USD"),
            LimitUnit::MicroEur => money("EUR"),
        }
    }
}
