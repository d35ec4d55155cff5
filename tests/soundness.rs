//! No verdict is a lie: where coverage says that nothing leaks, the models of the emitted files admit
//! nothing that `decide` refuses, and every witness of a leak or a loss is one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod random_policy;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use random_policy::{REQUESTS, loaded, policy, rules};
use tappass_compiler::emit::{Built, Recipe, build};
use tappass_compiler::request::action;
use tappass_compiler::{compile, testing};
use tappass_ir::algebra::Sample;
use tappass_ir::coverage::{SubjectCoverage, cover};
use tappass_ir::decide::decide;
use tappass_ir::pattern::Binding;
use tappass_ir::request::exec::Analysis;
use tappass_ir::request::{Action, Request};
use tappass_ir::verdict::Finding;
use tappass_ir::vocabulary::{Channel, Effect, Platform, ToolKind, Verb};

const RUNTIMES: &str = r#"
runtime claude-alone { harness: claude-code }
runtime claude-nono  { harness: claude-code  kernel: nono  gateway: llm-gateway-anthropic }
runtime claude-lock  { harness: claude-code  kernel: landlock }
runtime sdk-alone    { harness: sdk-direct }
runtime stranger     { harness: "my-agent"  kernel: nono }
"#;

fn decided(built: &Built, action: &Action, channel: Channel) -> Effect {
    decide(
        &built.policy,
        &Binding::default(),
        &Request::on(channel, action.clone()),
    )
    .effect
}

/// A command without what it reads and writes, which are other verbs' requests on other rules.
fn alone(mut action: Action) -> Action {
    if let Action::Exec(line) = &mut action
        && let Analysis::Commands(commands) = &mut line.analysis
    {
        for command in commands {
            command.accesses.clear();
        }
    }
    action
}

/// The request that a witness stands for.
fn witness(verb: Verb, sample: &Sample) -> Action {
    match (verb, sample) {
        (Verb::Read, Sample::Path(path)) => Action::Read { path: path.clone() },
        (Verb::Write, Sample::Path(path)) => Action::Write { path: path.clone() },
        (Verb::Listen, Sample::Connect { authority, .. }) => Action::Listen {
            authority: authority.clone(),
        },
        (_, Sample::Connect { authority, method }) => Action::Connect {
            authority: authority.clone(),
            method: *method,
            addresses: Vec::new(),
        },
        (_, Sample::Mcp(name)) => Action::Mcp { name: name.clone() },
        (Verb::Tool, Sample::Name(name)) => match ToolKind::from_word(name) {
            Some(kind) => Action::Tool { kind, native: None },
            None => Action::Tool {
                kind: ToolKind::Other,
                native: Some(name.clone()),
            },
        },
        (_, Sample::Argv(words)) => {
            let quoted: Vec<String> = words
                .iter()
                .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
                .collect();
            action(Verb::Exec, "", &quoted.join(" "), None).unwrap()
        }
        (_, Sample::Path(_) | Sample::Name(_)) => {
            unreachable!("no verb of these tests has such a witness")
        }
    }
}

fn confirm(built: &Built, subject: &SubjectCoverage) -> Result<(), TestCaseError> {
    let verb = Verb::from_word(&subject.verb).unwrap();
    // What a command means beyond its words is `decide`'s alone; the algebra speaks of the words.
    if verb == Verb::Exec {
        return Ok(());
    }
    if let Finding::Witness(sample) = &subject.leak {
        let action = witness(verb, sample);
        let (wanted, found) = (
            decided(built, &action, subject.channel),
            testing::answer(&built.policy, &built.stack, &action, subject.channel),
        );
        prop_assert!(
            found < wanted,
            "{} on {}: leak {sample} is {found}, the policy says {wanted}",
            subject.subject,
            subject.channel
        );
    }
    if let Finding::Witness(sample) = &subject.loss {
        let action = witness(verb, sample);
        let (wanted, found) = (
            decided(built, &action, subject.channel),
            testing::answer(&built.policy, &built.stack, &action, subject.channel),
        );
        prop_assert!(
            found > wanted,
            "{} on {}: loss {sample} is {found}, the policy says {wanted}",
            subject.subject,
            subject.channel
        );
    }
    Ok(())
}

proptest! {
    // The seed is fixed so that a run can be repeated; `PROPTEST_CASES` goes further along the same sequence.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(20), ..ProptestConfig::with_cases(48) })]

    #[test]
    fn what_does_not_leak_is_refused_and_every_witness_is_one(org in rules(), child in rules()) {
        let text = [policy("org", "", &org), policy("child", "narrows org", &child), RUNTIMES.to_owned()].concat();
        let loaded = loaded(&text);
        let compilation = compile(&loaded, Platform::Linux);
        let program = &compilation.program;
        let id = program.policy_named("child").unwrap();
        for name in ["claude-alone", "claude-nono", "claude-lock", "sdk-alone", "stranger"] {
            let built = build(program, id, &Recipe::of(program, program.runtime_named(name).unwrap()), Platform::Linux);
            let report = cover(&built.policy, &built.stack);
            for subject in report.subjects.iter().filter(|subject| Verb::from_word(&subject.verb).is_some()) {
                confirm(&built, subject)?;
            }
            for (verb, value) in REQUESTS {
                let action = alone(action(*verb, "python", value, None).unwrap());
                for channel in verb.channels() {
                    let own = || report.subjects.iter().filter(|it| it.verb == verb.word() && it.channel == *channel);
                    let tight = own().next().is_some() && own().all(|subject| !subject.extent.leaks());
                    if tight && decided(&built, &action, *channel) == Effect::Deny {
                        let found = testing::answer(&built.policy, &built.stack, &action, *channel);
                        prop_assert_eq!(found, Effect::Deny, "{} {} on {} under {}\n{}", verb, value, channel, name, text);
                    }
                }
            }
        }
    }
}
