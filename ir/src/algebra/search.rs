//! The search for a word: breadth first, so that the first one found is a shortest.
//!
//! A clause asks for a word in every one of its positive unions and in none of its negative
//! languages. Of the first union one state is followed, on the negative side the set of all states
//! that the word can lead to. Of two positions that differ only in that set, the
//! one with the smaller set reaches all that the other does, so only the smallest sets are kept (an
//! antichain); this is what spares us the determinisation that explodes on `**/x/**`.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::alphabet::{Alphabet, Letter};
use super::automaton::{ACCEPT, Automaton, StateId};
use super::class::{Domain, Symbol};
use super::formula::Formula;
use super::language::Language;
use super::valid::{self, Precision, Valid};
use super::{Answer, Budget, OutOfSteps, Sample};

/// A word of every union in `within`, and of no language in `outside`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clause<'a> {
    pub(crate) within: Vec<Vec<&'a Language>>,
    pub(crate) outside: Vec<&'a Language>,
}

/// A shortest real request that satisfies one of the clauses.
pub(crate) fn any_clause(domain: Domain, clauses: &[Clause<'_>], budget: &mut Budget) -> Answer {
    real_request(domain, |valid| breadth_first(valid, clauses, budget))
}

/// A shortest real request that satisfies `formula`, by following every language's whole set of
/// states: always right, and exponential where clauses are not.
pub(crate) fn by_sets(
    domain: Domain,
    formula: &Formula,
    languages: &[&Language],
    budget: &mut Budget,
) -> Answer {
    real_request(domain, |valid| {
        joint_sets(valid, formula, languages, budget)
    })
}

/// Asks the plain automaton first, and the exact one only if the witness is no real request.
fn real_request(
    domain: Domain,
    mut search: impl FnMut(Valid) -> Result<Option<Vec<Symbol>>, OutOfSteps>,
) -> Answer {
    for precision in [Precision::Plain, Precision::Exact] {
        match search(Valid { domain, precision }) {
            Err(OutOfSteps) => return Answer::Unknown,
            Ok(None) => return Answer::No,
            Ok(Some(word)) => {
                if let Some(sample) =
                    Sample::decode(domain, &word).filter(|sample| sample.encode() == word)
                {
                    return Answer::Witness(sample);
                }
            }
        }
    }
    // The exact automaton and the decoder disagree, so nothing is proven.
    Answer::Unknown
}

/// One position that the search has reached.
struct Node {
    clause: usize,
    left: u32,
    right: u32,
    depth: usize,
    /// The node before it, and the letter between them.
    from: Option<(usize, Letter)>,
}

/// The automata of a clause, and what the search has found out about it.
struct Board {
    first: Option<Automaton>,
    others: Vec<Automaton>,
    outside: Automaton,
    lefts: Numbering<Left>,
    rights: Numbering<Vec<StateId>>,
    /// The right side after a letter.
    moves: HashMap<(u32, Letter), u32>,
    /// The smallest right sides that were reached, for each left side.
    smallest: HashMap<u32, Vec<u32>>,
}

/// Where a word has led on the positive side. The first automaton is followed state by state, which
/// keeps an inclusion small; the others by their sets, so that their choices do not multiply.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Left {
    first: Option<StateId>,
    others: Rc<Vec<Vec<StateId>>>,
    valid: valid::State,
}

/// Things that were seen, each with a number.
struct Numbering<T> {
    things: Vec<Rc<T>>,
    numbers: HashMap<Rc<T>, u32>,
}

impl<T: std::hash::Hash + Eq> Numbering<T> {
    fn new() -> Self {
        Self {
            things: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    fn number(&mut self, thing: T) -> u32 {
        if let Some(number) = self.numbers.get(&thing) {
            return *number;
        }
        let number = u32::try_from(self.things.len()).unwrap_or(u32::MAX);
        let thing = Rc::new(thing);
        self.things.push(Rc::clone(&thing));
        self.numbers.insert(thing, number);
        number
    }

    fn thing(&self, number: u32) -> Option<Rc<T>> {
        self.things.get(usize::try_from(number).ok()?).cloned()
    }
}

impl Board {
    fn of(clause: &Clause<'_>, alphabet: &Alphabet) -> Self {
        let automaton = |union: &Vec<&Language>| Automaton::of(union.iter().copied(), alphabet);
        Self {
            first: clause.within.first().map(automaton),
            others: clause.within.iter().skip(1).map(automaton).collect(),
            outside: Automaton::of(clause.outside.iter().copied(), alphabet),
            lefts: Numbering::new(),
            rights: Numbering::new(),
            moves: HashMap::new(),
            smallest: HashMap::new(),
        }
    }

    fn size(&self) -> usize {
        let within = self.first.iter().chain(&self.others).map(Automaton::size);
        within.sum::<usize>() + self.outside.size()
    }

    /// Whether a word that leads here is one that the clause asks for.
    fn is_witness(&self, node: &Node, valid: Valid) -> bool {
        let (Some(left), Some(right)) =
            (self.lefts.thing(node.left), self.rights.thing(node.right))
        else {
            return false;
        };
        valid.accepts(left.valid)
            && left.first.is_none_or(|state| state == ACCEPT)
            && left.others.iter().all(|set| set.first() == Some(&ACCEPT))
            && right.first() != Some(&ACCEPT)
    }

    /// Keeps the position unless one that reaches more is kept; drops those that reach less.
    fn keep(&mut self, left: u32, right: u32) -> bool {
        let Some(new) = self.rights.thing(right) else {
            return false;
        };
        let kept = self.smallest.entry(left).or_default();
        let rights = &self.rights;
        let set = |number: u32| rights.thing(number);
        if kept
            .iter()
            .any(|old| *old == right || set(*old).is_some_and(|old| is_subset(&old, &new)))
        {
            return false;
        }
        kept.retain(|old| !set(*old).is_some_and(|old| is_subset(&new, &old)));
        kept.push(right);
        true
    }

    fn is_kept(&self, left: u32, right: u32) -> bool {
        self.smallest
            .get(&left)
            .is_some_and(|kept| kept.contains(&right))
    }

    /// The right side after `letter`, and what it cost to find.
    fn move_right(&mut self, right: u32, letter: Letter, alphabet: &Alphabet) -> (u32, usize) {
        if let Some(after) = self.moves.get(&(right, letter)) {
            return (*after, 1);
        }
        let states = self.rights.thing(right).unwrap_or_default();
        let after = self
            .rights
            .number(self.outside.step_all(&states, letter, alphabet));
        self.moves.insert((right, letter), after);
        (after, 1 + states.len())
    }

    /// The left sides after `letter`, and what it cost to find them.
    fn move_left(
        &mut self,
        left: &Left,
        letter: Letter,
        valid: Valid,
        alphabet: &Alphabet,
    ) -> (Vec<u32>, usize) {
        let Some(after) = alphabet
            .shown(letter)
            .and_then(|symbol| valid.step(left.valid, symbol))
        else {
            return (Vec::new(), 1);
        };
        let cost = 1 + left.others.iter().map(Vec::len).sum::<usize>();
        let pairs = left.others.iter().zip(&self.others);
        let others: Vec<_> = pairs
            .map(|(set, automaton)| automaton.step_all(set, letter, alphabet))
            .collect();
        if others.iter().any(Vec::is_empty) {
            return (Vec::new(), cost);
        }
        let others = Rc::new(others);
        let firsts: Vec<Option<StateId>> = match (left.first, &self.first) {
            (Some(state), Some(automaton)) => automaton
                .step(state, letter, alphabet)
                .iter()
                .copied()
                .map(Some)
                .collect(),
            (_, _) => vec![None],
        };
        let lefts = firsts.into_iter().map(|first| Left {
            first,
            others: Rc::clone(&others),
            valid: after,
        });
        (lefts.map(|left| self.lefts.number(left)).collect(), cost)
    }

    /// The letters that the first automaton reads; the others only take some away.
    fn letters(&self, left: &Left, alphabet: &Alphabet) -> Vec<Letter> {
        match (left.first, &self.first) {
            (Some(state), Some(automaton)) => automaton.letters(state, alphabet).to_vec(),
            (_, _) => alphabet.letters().collect(),
        }
    }

    /// The left sides of the empty word.
    fn starts(&mut self) -> Vec<u32> {
        let others = Rc::new(
            self.others
                .iter()
                .map(|automaton| automaton.start.clone())
                .collect::<Vec<_>>(),
        );
        let firsts: Vec<Option<StateId>> = match &self.first {
            Some(automaton) => automaton.start.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        let lefts = firsts.into_iter().map(|first| Left {
            first,
            others: Rc::clone(&others),
            valid: Valid::START,
        });
        lefts.map(|left| self.lefts.number(left)).collect()
    }
}

fn is_subset(small: &[StateId], large: &[StateId]) -> bool {
    if small.len() > large.len() {
        return false;
    }
    let mut rest = large.iter();
    small
        .iter()
        .all(|state| rest.by_ref().find(|other| *other >= state) == Some(state))
}

fn breadth_first(
    valid: Valid,
    clauses: &[Clause<'_>],
    budget: &mut Budget,
) -> Result<Option<Vec<Symbol>>, OutOfSteps> {
    let languages = clauses
        .iter()
        .flat_map(|clause| clause.within.iter().flatten().chain(&clause.outside))
        .copied();
    let alphabet = Alphabet::of(valid, languages);
    let mut boards: Vec<Board> = clauses
        .iter()
        .map(|clause| Board::of(clause, &alphabet))
        .collect();
    budget.spend(boards.iter().map(Board::size).sum())?;
    let mut nodes = starts(&mut boards);
    let mut next = 0;
    while let Some(node) = nodes.get(next) {
        let (clause, left, right, depth) = (node.clause, node.left, node.right, node.depth);
        let Some(board) = boards.get_mut(clause) else {
            break;
        };
        if board.is_witness(node, valid) {
            return Ok(Some(word_to(&nodes, next, &alphabet)));
        }
        let long_enough = valid.max_length().is_some_and(|longest| depth >= longest);
        if !long_enough && board.is_kept(left, right) {
            let found = successors(board, left, right, valid, &alphabet, budget)?;
            nodes.extend(found.into_iter().map(|(letter, left, right)| Node {
                clause,
                left,
                right,
                depth: depth + 1,
                from: Some((next, letter)),
            }));
        }
        next += 1;
    }
    Ok(None)
}

fn starts(boards: &mut [Board]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (clause, board) in boards.iter_mut().enumerate() {
        let right = board.rights.number(board.outside.start.clone());
        for left in board.starts() {
            if board.keep(left, right) {
                nodes.push(Node {
                    clause,
                    left,
                    right,
                    depth: 0,
                    from: None,
                });
            }
        }
    }
    nodes
}

/// The positions one letter further on that are worth keeping.
fn successors(
    board: &mut Board,
    left: u32,
    right: u32,
    valid: Valid,
    alphabet: &Alphabet,
    budget: &mut Budget,
) -> Result<Vec<(Letter, u32, u32)>, OutOfSteps> {
    let mut found = Vec::new();
    let Some(side) = board.lefts.thing(left) else {
        return Ok(found);
    };
    for letter in board.letters(&side, alphabet) {
        let (lefts, cost) = board.move_left(&side, letter, valid, alphabet);
        budget.spend(cost + lefts.len())?;
        if lefts.is_empty() {
            continue;
        }
        let (after, cost) = board.move_right(right, letter, alphabet);
        budget.spend(cost)?;
        for left in lefts {
            if board.keep(left, after) {
                found.push((letter, left, after));
            }
        }
    }
    Ok(found)
}

fn word_to(nodes: &[Node], at: usize, alphabet: &Alphabet) -> Vec<Symbol> {
    let mut word = Vec::new();
    let mut node = nodes.get(at);
    while let Some((before, letter)) = node.and_then(|node| node.from) {
        word.extend(alphabet.shown(letter));
        node = nodes.get(before);
    }
    word.reverse();
    word
}

/// A position of the search by sets.
struct SetNode {
    valid: valid::State,
    sets: Rc<Vec<Vec<StateId>>>,
    depth: usize,
    from: Option<(usize, Letter)>,
}

fn joint_sets(
    valid: Valid,
    formula: &Formula,
    languages: &[&Language],
    budget: &mut Budget,
) -> Result<Option<Vec<Symbol>>, OutOfSteps> {
    let alphabet = Alphabet::of(valid, languages.iter().copied());
    let automata: Vec<Automaton> = languages
        .iter()
        .map(|language| Automaton::of([*language].into_iter(), &alphabet))
        .collect();
    budget.spend(automata.iter().map(Automaton::size).sum())?;
    let start = Rc::new(
        automata
            .iter()
            .map(|automaton| automaton.start.clone())
            .collect::<Vec<_>>(),
    );
    let mut seen = HashSet::from([(Valid::START, Rc::clone(&start))]);
    let mut nodes = vec![SetNode {
        valid: Valid::START,
        sets: start,
        depth: 0,
        from: None,
    }];
    let mut next = 0;
    while let Some(node) = nodes.get(next) {
        let (state, sets, depth) = (node.valid, Rc::clone(&node.sets), node.depth);
        if valid.accepts(state) && formula.holds(&|language| ends_in(language, languages, &sets)) {
            return Ok(Some(set_word_to(&nodes, next, &alphabet)));
        }
        if valid.max_length().is_none_or(|longest| depth < longest) {
            for letter in alphabet.letters() {
                let Some(valid) = alphabet
                    .shown(letter)
                    .and_then(|symbol| valid.step(state, symbol))
                else {
                    continue;
                };
                budget.spend(1 + sets.iter().map(Vec::len).sum::<usize>())?;
                let after = automata
                    .iter()
                    .zip(sets.iter())
                    .map(|(automaton, set)| automaton.step_all(set, letter, &alphabet));
                let sets = Rc::new(after.collect::<Vec<_>>());
                if seen.insert((valid, Rc::clone(&sets))) {
                    nodes.push(SetNode {
                        valid,
                        sets,
                        depth: depth + 1,
                        from: Some((next, letter)),
                    });
                }
            }
        }
        next += 1;
    }
    Ok(None)
}

fn ends_in(language: &Language, languages: &[&Language], sets: &[Vec<StateId>]) -> bool {
    languages
        .iter()
        .zip(sets)
        .any(|(other, set)| std::ptr::eq(*other, language) && set.first() == Some(&ACCEPT))
}

fn set_word_to(nodes: &[SetNode], at: usize, alphabet: &Alphabet) -> Vec<Symbol> {
    let mut word = Vec::new();
    let mut node = nodes.get(at);
    while let Some((before, letter)) = node.and_then(|node| node.from) {
        word.extend(alphabet.shown(letter));
        node = nodes.get(before);
    }
    word.reverse();
    word
}
