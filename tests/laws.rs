//! Laws of layering and of the two forms, over policies made at random and compiled from text.

mod random_policy;

use proptest::prelude::*;
use random_policy::{REQUESTS, compiled, policy, request, rules};
use tappass_ir::decide::decide;
use tappass_ir::keyring::{self, Keyring};
use tappass_ir::pattern::Binding;
use tappass_ir::policy::CompiledPolicy;
use tappass_ir::vocabulary::{Effect, Verb};

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
