//! Nondeterministic automata without empty moves, built from the atoms from right to left.

use super::alphabet::{Alphabet, ClassId, Letter};
use super::class::Symbol;
use super::language::{Atom, Language};
use super::valid::{Precision, Valid};

/// The number of a state.
pub(crate) type StateId = u32;

/// The state that every word of the language can end in; it goes nowhere.
pub(crate) const ACCEPT: StateId = 0;

/// An automaton for a union of languages.
#[derive(Debug)]
pub(crate) struct Automaton {
    /// Where a word may begin, in order.
    pub(crate) start: Vec<StateId>,
    states: Vec<State>,
}

/// What a state reads, and where it may be afterwards.
#[derive(Debug)]
struct State {
    reads: Reads,
    next: Vec<StateId>,
}

/// What a state reads.
#[derive(Debug, Clone, Copy)]
enum Reads {
    Nothing,
    Letter(Letter),
    Class(ClassId),
}

impl Automaton {
    pub(crate) fn of<'a>(
        languages: impl Iterator<Item = &'a Language>,
        alphabet: &Alphabet,
    ) -> Self {
        let accept = State {
            reads: Reads::Nothing,
            next: Vec::new(),
        };
        let mut automaton = Self {
            start: Vec::new(),
            states: vec![accept],
        };
        let mut start = Vec::new();
        for branch in languages.flat_map(Language::branches) {
            start.extend(automaton.sequence(branch, vec![ACCEPT], alphabet));
        }
        automaton.start = in_order(start);
        automaton
    }

    pub(crate) fn size(&self) -> usize {
        self.states.len()
    }

    /// The states after `letter`, if `state` reads it.
    pub(crate) fn step(&self, state: StateId, letter: Letter, alphabet: &Alphabet) -> &[StateId] {
        match self.state(state) {
            Some(found) if found.reads.accepts(letter, alphabet) => &found.next,
            Some(_) | None => &[],
        }
    }

    /// The letters that `state` reads.
    pub(crate) fn letters<'a>(&'a self, state: StateId, alphabet: &'a Alphabet) -> &'a [Letter] {
        match self.state(state).map(|found| &found.reads) {
            Some(Reads::Letter(letter)) => std::slice::from_ref(letter),
            Some(Reads::Class(class)) => alphabet.members(*class),
            Some(Reads::Nothing) | None => &[],
        }
    }

    /// The states after `letter` from any of `states`, in order.
    pub(crate) fn step_all(
        &self,
        states: &[StateId],
        letter: Letter,
        alphabet: &Alphabet,
    ) -> Vec<StateId> {
        in_order(
            states
                .iter()
                .flat_map(|state| self.step(*state, letter, alphabet))
                .copied()
                .collect(),
        )
    }

    fn state(&self, id: StateId) -> Option<&State> {
        self.states.get(usize::try_from(id).ok()?)
    }

    fn add(&mut self, reads: Reads, next: Vec<StateId>) -> StateId {
        let id = StateId::try_from(self.states.len()).unwrap_or(StateId::MAX);
        self.states.push(State { reads, next });
        id
    }

    /// The states in front of `atoms`, when those behind it are `after`.
    fn sequence(
        &mut self,
        atoms: &[Atom],
        after: Vec<StateId>,
        alphabet: &Alphabet,
    ) -> Vec<StateId> {
        atoms
            .iter()
            .rev()
            .fold(after, |after, atom| self.atom(atom, after, alphabet))
    }

    fn atom(&mut self, atom: &Atom, after: Vec<StateId>, alphabet: &Alphabet) -> Vec<StateId> {
        match atom {
            Atom::Literal(literal) => {
                literal.symbols().iter().rev().fold(after, |after, symbol| {
                    alphabet.letter(*symbol).map_or(Vec::new(), |letter| {
                        vec![self.add(Reads::Letter(letter), after)]
                    })
                })
            }
            Atom::One(class) => match alphabet.class(class) {
                Some(class) => vec![self.add(Reads::Class(class), after)],
                None => Vec::new(),
            },
            Atom::Star(class) => {
                let Some(class) = alphabet.class(class) else {
                    return after;
                };
                let star = self.add(Reads::Class(class), Vec::new());
                let around = in_order(after.into_iter().chain([star]).collect());
                if let Some(state) = self.states.last_mut() {
                    state.next.clone_from(&around);
                }
                around
            }
            Atom::Optional(inner) => {
                let inside = self.sequence(inner, after.clone(), alphabet);
                in_order(after.into_iter().chain(inside).collect())
            }
            Atom::Repeat(inner) => self.repeat(inner, after, alphabet),
        }
    }

    fn repeat(
        &mut self,
        inner: &[Atom],
        mut after: Vec<StateId>,
        alphabet: &Alphabet,
    ) -> Vec<StateId> {
        let first = self.states.len();
        // A state of its own that reads nothing stands for the entry until the body is built.
        let entry = self.add(Reads::Nothing, Vec::new());
        after.push(entry);
        let inside = self.sequence(inner, after.clone(), alphabet);
        let mut around = in_order(after.into_iter().chain(inside).collect());
        around.retain(|state| *state != entry);
        for state in self
            .states
            .iter_mut()
            .skip(first)
            .filter(|state| state.next.contains(&entry))
        {
            state.next.retain(|next| *next != entry);
            state.next = in_order(state.next.iter().chain(&around).copied().collect());
        }
        around
    }
}

impl Reads {
    fn accepts(self, letter: Letter, alphabet: &Alphabet) -> bool {
        match self {
            Self::Nothing => false,
            Self::Letter(own) => own == letter,
            Self::Class(class) => alphabet.has(class, letter),
        }
    }
}

fn in_order(mut states: Vec<StateId>) -> Vec<StateId> {
    states.sort_unstable();
    states.dedup();
    states
}

/// Whether the language holds the word.
pub(crate) fn accepts(language: &Language, word: &[Symbol]) -> bool {
    // The word itself is part of the question, so that each of its symbols is its own letter.
    let marks = Language::of_word(language.domain(), word);
    let valid = Valid {
        domain: language.domain(),
        precision: Precision::Plain,
    };
    let alphabet = Alphabet::of(valid, [language, &marks].into_iter());
    let automaton = Automaton::of([language].into_iter(), &alphabet);
    let mut states = automaton.start.clone();
    for symbol in word {
        let Some(letter) = alphabet.letter(*symbol) else {
            return false;
        };
        states = automaton.step_all(&states, letter, &alphabet);
    }
    states.first() == Some(&ACCEPT)
}
