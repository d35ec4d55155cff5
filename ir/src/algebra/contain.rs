//! Containment that can be seen: every branch of one language within one branch of the other.
//!
//! It compares the atoms one to one. That decides nearly all true inclusions of a real policy in a
//! fraction of the time of a search; what it does not see, [`super::outside`] decides.

use super::class::{Class, Symbol};
use super::language::{Atom, Language};

/// How many comparisons are worth it; more means that the search is the better judge.
const MAX_STEPS: u32 = 2_000;

/// Whether it can be seen that `outer` holds all of `inner`. *No* says nothing.
pub fn contains(outer: &Language, inner: &Language) -> bool {
    outer.domain() == inner.domain()
        && inner.branches().iter().all(|branch| {
            outer.branches().iter().any(|candidate| {
                let mut steps = MAX_STEPS;
                within(Rest::of(branch), Rest::of(candidate), &mut steps)
            })
        })
}

/// What is left of a branch: symbols of a literal, then atoms, then what follows the sequence that
/// they stand in.
#[derive(Debug, Clone, Copy)]
struct Rest<'a> {
    literal: &'a [Symbol],
    atoms: &'a [Atom],
    then: Option<&'a Rest<'a>>,
}

/// The first element of what is left.
#[derive(Debug, Clone, Copy)]
enum Head<'a> {
    Symbol(Symbol),
    One(&'a Class),
    Star(&'a Class),
    Optional(&'a [Atom]),
    Repeat(&'a [Atom]),
}

impl<'a> Rest<'a> {
    fn of(atoms: &'a [Atom]) -> Self {
        Self {
            literal: &[],
            atoms,
            then: None,
        }
    }

    fn split(mut self) -> Option<(Head<'a>, Self)> {
        loop {
            if let Some((first, rest)) = self.literal.split_first() {
                return Some((
                    Head::Symbol(*first),
                    Self {
                        literal: rest,
                        ..self
                    },
                ));
            }
            let Some((first, atoms)) = self.atoms.split_first() else {
                self = *self.then?;
                continue;
            };
            self.atoms = atoms;
            let head = match first {
                Atom::Literal(literal) => {
                    self.literal = literal.symbols();
                    continue;
                }
                Atom::One(class) => Head::One(class),
                Atom::Star(class) => Head::Star(class),
                Atom::Optional(inner) => Head::Optional(inner),
                Atom::Repeat(inner) => Head::Repeat(inner),
            };
            return Some((head, self));
        }
    }
}

/// Whether every word of `inner` is one of `outer`, as far as it can be seen.
fn within(inner: Rest<'_>, outer: Rest<'_>, steps: &mut u32) -> bool {
    let (mut inner, mut outer) = (inner, outer);
    loop {
        let Some(left) = steps.checked_sub(1) else {
            return false;
        };
        *steps = left;
        let Some((wanted, outer_rest)) = outer.split() else {
            return inner.split().is_none();
        };
        let Some((given, inner_rest)) = inner.split() else {
            // What is left of the outer branch must be able to be nothing.
            match wanted {
                Head::Star(_) | Head::Optional(_) | Head::Repeat(_) => outer = outer_rest,
                Head::Symbol(_) | Head::One(_) => return false,
            }
            continue;
        };
        match (given, wanted) {
            (Head::Symbol(symbol), Head::Symbol(other)) if symbol == other => {}
            (Head::Symbol(symbol), Head::One(class)) if class.has(symbol) => {}
            (Head::One(one), Head::One(class)) if class.includes(one) => {}
            (Head::Optional(one), Head::Optional(other))
            | (Head::Repeat(one), Head::Repeat(other))
                if one == other => {}
            (given, Head::Star(class)) if stays_in(given, class) => {
                // The star takes this, or it ends before it.
                if within(inner_rest, outer, steps) {
                    return true;
                }
                outer = outer_rest;
                continue;
            }
            (_, Head::Star(_) | Head::Repeat(_)) => {
                outer = outer_rest;
                continue;
            }
            (Head::Optional(one), _) => {
                let with = Rest {
                    literal: &[],
                    atoms: one,
                    then: Some(&inner_rest),
                };
                if !within(with, outer, steps) {
                    return false;
                }
                inner = inner_rest;
                continue;
            }
            (_, Head::Optional(other)) => {
                let with = Rest {
                    literal: &[],
                    atoms: other,
                    then: Some(&outer_rest),
                };
                if within(inner, with, steps) {
                    return true;
                }
                outer = outer_rest;
                continue;
            }
            (
                Head::Symbol(_) | Head::One(_) | Head::Star(_) | Head::Repeat(_),
                Head::Symbol(_) | Head::One(_),
            ) => {
                return false;
            }
        }
        (inner, outer) = (inner_rest, outer_rest);
    }
}

/// Whether a run of `class` can take all of the element.
fn stays_in(head: Head<'_>, class: &Class) -> bool {
    match head {
        Head::Symbol(symbol) => class.has(symbol),
        Head::One(own) | Head::Star(own) => class.includes(own),
        Head::Optional(inner) | Head::Repeat(inner) => {
            inner.iter().all(|atom| atom_stays_in(atom, class))
        }
    }
}

fn atom_stays_in(atom: &Atom, class: &Class) -> bool {
    match atom {
        Atom::Literal(literal) => literal.symbols().iter().all(|symbol| class.has(*symbol)),
        Atom::One(own) | Atom::Star(own) => class.includes(own),
        Atom::Optional(inner) | Atom::Repeat(inner) => {
            inner.iter().all(|atom| atom_stays_in(atom, class))
        }
    }
}
