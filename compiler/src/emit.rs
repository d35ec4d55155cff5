//! The Compiled Policy to the files of one runtime, and those files back to what they do.
//!
//! The only caller of `Provider::emit` and `Provider::model`.

use std::collections::BTreeMap;

use tappass_backends::{Context, Provider, Reach, Server, provider};
use tappass_ir::bundle::Emission;
use tappass_ir::coverage::{Entry, Stack, State};
use tappass_ir::policy::CompiledPolicy;
use tappass_ir::target::Mechanism;
use tappass_ir::vocabulary::{Platform, Ring};

use crate::hir::{self, Choice, Program, RingChoice};
use crate::lower::{Origins, Surroundings, lower};

/// A runtime as `emit` takes it: the rings that it fills, and with what.
#[derive(Debug, Clone)]
pub struct Recipe<'s> {
    pub name: String,
    pub rings: Vec<RingChoice<'s>>,
    pub servers: Vec<Server>,
}

/// One policy built for one runtime.
#[derive(Debug)]
pub struct Built {
    pub runtime: String,
    pub policy: CompiledPolicy,
    pub origins: Origins,
    /// What each ring's provider emitted.
    pub emissions: BTreeMap<Ring, ProviderEmission>,
    /// What the emitted files do.
    pub stack: Stack,
}

/// What one provider emitted, and what reading it back gave.
#[derive(Debug)]
pub struct ProviderEmission {
    pub provider: &'static dyn Provider,
    pub emission: Emission,
}

impl<'s> Recipe<'s> {
    pub fn of(program: &Program<'s>, runtime: &hir::Runtime<'s>) -> Self {
        let servers = program
            .servers
            .iter()
            .map(|server| Server {
                name: server.name.text.to_owned(),
                reach: match &server.reach {
                    hir::Reach::Url(url) => Reach::Url(url.clone()),
                    hir::Reach::Command(words) => Reach::Command(words.clone()),
                },
            })
            .collect();
        Self {
            name: runtime.name.text.to_owned(),
            rings: runtime.rings.clone(),
            servers,
        }
    }

    /// The same runtime with another provider in one ring.
    #[must_use]
    pub fn with(mut self, choice: RingChoice<'s>) -> Self {
        self.rings.retain(|held| held.ring != choice.ring);
        self.rings.push(choice);
        self.rings.sort_by_key(|choice| choice.ring);
        self
    }

    fn at(&self, ring: Ring) -> Option<&str> {
        self.rings
            .iter()
            .find(|choice| choice.ring == ring)?
            .at
            .as_deref()
    }
}

/// Lowers, emits and reads back.
pub fn build(
    program: &Program<'_>,
    policy: hir::PolicyId,
    recipe: &Recipe<'_>,
    platform: Platform,
) -> Built {
    let rings: Vec<(Ring, String)> = recipe
        .rings
        .iter()
        .map(|choice| (choice.ring, choice.choice.id().to_owned()))
        .collect();
    let unknown_harness = recipe.rings.iter().find_map(|choice| match choice.choice {
        Choice::Unsupported(name) => Some(name),
        Choice::Provider(_) | Choice::Planned(_) => None,
    });
    let context = Context {
        platform,
        rings: &rings,
        gateway: recipe.at(Ring::Gateway),
        broker: recipe.at(Ring::Broker),
        servers: &recipe.servers,
        unknown_harness,
    };
    let (policy, origins) = lower(
        program,
        policy,
        platform,
        Some(Surroundings {
            runtime: &recipe.name,
            context: &context,
        }),
    );
    let mut emissions = BTreeMap::new();
    let mut entries = BTreeMap::new();
    for choice in &recipe.rings {
        let (state, emitted) = match choice.choice {
            Choice::Planned(_) => (State::Planned, None),
            // An unknown agent gets the generic configuration; that nothing makes it read the file is the point.
            Choice::Unsupported(_) => (
                State::Unsupported,
                provider("sdk-direct").map(|it| emit(it, &policy, &context).0),
            ),
            Choice::Provider(id) => match provider(id).map(|it| emit(it, &policy, &context)) {
                Some((emission, mechanisms)) => (State::Modelled(mechanisms), Some(emission)),
                None => (State::Planned, None),
            },
        };
        emissions.extend(emitted.map(|emission| (choice.ring, emission)));
        entries.insert(
            choice.ring,
            Entry {
                provider: choice.choice.id().to_owned(),
                state,
            },
        );
    }
    Built {
        runtime: recipe.name.clone(),
        policy,
        origins,
        emissions,
        stack: Stack {
            runtime: recipe.name.clone(),
            entries,
        },
    }
}

fn emit(
    provider: &'static dyn Provider,
    policy: &CompiledPolicy,
    context: &Context<'_>,
) -> (ProviderEmission, Vec<Mechanism>) {
    let mut emission = provider.emit(policy, context);
    emission
        .artifacts
        .sort_by(|left, right| left.path.cmp(&right.path));
    // A model that cannot read the provider's own file proves nothing, so nothing counts as enforced.
    let mechanisms = provider
        .model(&emission.artifacts, context)
        .unwrap_or_default();
    (ProviderEmission { provider, emission }, mechanisms)
}
