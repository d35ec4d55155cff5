//! Questions, from an inclusion to any combination of languages.

use super::class::{Class, Domain};
use super::language::{Atom, Language};
use super::search::{self, Clause};
use super::{Answer, Budget};

/// How many clauses a formula may be written as before its sets are followed instead.
const MAX_CLAUSES: usize = 128;

/// Which requests are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// Those of the language.
    In(Language),
    /// Those of all; of nothing, every request.
    And(Vec<Formula>),
    /// Those of at least one; of nothing, none.
    Or(Vec<Formula>),
    /// The others.
    Not(Box<Formula>),
}

impl Formula {
    /// The requests of the first and not of the second.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self::And(vec![self, Self::Not(Box::new(other))])
    }

    /// Whether it holds where `holds` says which languages do.
    pub(crate) fn holds(&self, holds: &impl Fn(&Language) -> bool) -> bool {
        match self {
            Self::In(language) => holds(language),
            Self::And(parts) => parts.iter().all(|part| part.holds(holds)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(holds)),
            Self::Not(part) => !part.holds(holds),
        }
    }

    fn languages<'a>(&'a self, found: &mut Vec<&'a Language>) {
        match self {
            Self::In(language) => found.push(language),
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.languages(found);
                }
            }
            Self::Not(part) => part.languages(found),
        }
    }

    /// The formula, or its negation, as clauses; none if they would be too many.
    fn clauses(&self, sign: Sign) -> Option<Vec<Clause<'_>>> {
        match (self, sign) {
            (Self::In(language), Sign::Plain) => Some(vec![Clause {
                within: vec![vec![language]],
                outside: Vec::new(),
            }]),
            (Self::In(language), Sign::Negated) => Some(vec![Clause {
                within: Vec::new(),
                outside: vec![language],
            }]),
            (Self::Not(part), sign) => part.clauses(sign.flipped()),
            (Self::And(parts), Sign::Plain) | (Self::Or(parts), Sign::Negated) => {
                parts.iter().try_fold(vec![Clause::default()], |all, part| {
                    product(&all, &part.clauses(sign)?)
                })
            }
            (Self::Or(parts), Sign::Plain) | (Self::And(parts), Sign::Negated) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(part.clauses(sign)?);
                }
                Some(merged(all)).filter(|all| all.len() <= MAX_CLAUSES)
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plain,
    Negated,
}

impl Sign {
    fn flipped(self) -> Self {
        match self {
            Self::Plain => Self::Negated,
            Self::Negated => Self::Plain,
        }
    }
}

fn product<'a>(left: &[Clause<'a>], right: &[Clause<'a>]) -> Option<Vec<Clause<'a>>> {
    if left.len() * right.len() > MAX_CLAUSES {
        return None;
    }
    let both = |one: &Clause<'a>, other: &Clause<'a>| Clause {
        within: one.within.iter().chain(&other.within).cloned().collect(),
        outside: one.outside.iter().chain(&other.outside).copied().collect(),
    };
    Some(
        left.iter()
            .flat_map(|one| right.iter().map(move |other| both(one, other)))
            .collect(),
    )
}

/// Clauses that ask for one union only are one clause that asks for all of theirs.
fn merged(clauses: Vec<Clause<'_>>) -> Vec<Clause<'_>> {
    let mut union = Vec::new();
    let mut others = Vec::new();
    for clause in clauses {
        match clause.within.as_slice() {
            [only] if clause.outside.is_empty() => union.extend(only.iter().copied()),
            [..] => others.push(clause),
        }
    }
    if !union.is_empty() {
        others.insert(
            0,
            Clause {
                within: vec![union],
                outside: Vec::new(),
            },
        );
    }
    others
}

/// A shortest request that `formula` asks for. Its languages are of one domain; with two, or none,
/// nothing is proven.
pub fn find(formula: &Formula, budget: &mut Budget) -> Answer {
    let mut languages = Vec::new();
    formula.languages(&mut languages);
    let Some(domain) = common_domain(&languages) else {
        return Answer::Unknown;
    };
    match formula.clauses(Sign::Plain) {
        Some(clauses) => search::any_clause(domain, &clauses, budget),
        None => search::by_sets(domain, formula, &languages, budget),
    }
}

/// A shortest request of `inner` that no language of `outer` holds; *no* proves the inclusion.
pub fn outside(inner: &Language, outer: &[&Language], budget: &mut Budget) -> Answer {
    let outer = outer
        .iter()
        .copied()
        .filter(|language| language.domain() == inner.domain());
    let clause = Clause {
        within: vec![vec![inner]],
        outside: outer.collect(),
    };
    search::any_clause(inner.domain(), &[clause], budget)
}

/// A shortest request that both hold under some binding of the variables; *no* proves that they
/// have none in common under any.
///
/// A variable may be bound to any absolute path, so `$project/**` and `/etc/**` overlap, and the
/// witness is then a path in that place. The same variable on both sides is the same path.
pub fn overlap(one: &Language, other: &Language, budget: &mut Budget) -> Answer {
    if one.domain() != other.domain() {
        return Answer::No;
    }
    let (left, right) = (by_variable(one), by_variable(other));
    let (left_bound, right_bound) = (bound_anywhere(&left), bound_anywhere(&right));
    let mut clauses = Vec::new();
    for ((variable, kept), (_, moved)) in left.iter().zip(&left_bound) {
        for ((other_variable, other_kept), (_, other_moved)) in right.iter().zip(&right_bound) {
            let pair = if variable == other_variable {
                [kept, other_kept]
            } else {
                [moved, other_moved]
            };
            clauses.push(Clause {
                within: pair.map(|language| vec![language]).to_vec(),
                outside: Vec::new(),
            });
        }
    }
    search::any_clause(one.domain(), &clauses, budget)
}

fn common_domain(languages: &[&Language]) -> Option<Domain> {
    let (first, rest) = languages.split_first()?;
    rest.iter()
        .all(|language| language.domain() == first.domain())
        .then(|| first.domain())
}

/// The branches of a language by the variables that they begin with, if they must begin with some.
fn by_variable(language: &Language) -> Vec<(Option<Class>, Language)> {
    let mut groups: Vec<(Option<Class>, Language)> = Vec::new();
    for branch in language.branches() {
        let variable = leading_variables(branch);
        let branch = Language::from_atoms(language.domain(), vec![branch.clone()]);
        match groups.iter_mut().find(|(other, _)| *other == variable) {
            Some((_, group)) => *group = group.clone().union(branch),
            None => groups.push((variable, branch)),
        }
    }
    groups
}

fn leading_variables(branch: &[Atom]) -> Option<Class> {
    let class = match branch.first()? {
        Atom::Literal(literal) => Class::single(*literal.symbols().first()?),
        Atom::One(class) => class.clone(),
        Atom::Star(_) | Atom::Optional(_) | Atom::Repeat(_) => return None,
    };
    Class::any_variable().includes(&class).then_some(class)
}

/// The same groups with any absolute path in the place of the variable.
fn bound_anywhere(groups: &[(Option<Class>, Language)]) -> Vec<(Option<Class>, Language)> {
    let bound = |(variable, language): &(Option<Class>, Language)| {
        let branches = language.branches().iter().map(|branch| match variable {
            Some(_) => with_any_path_first(branch),
            None => branch.clone(),
        });
        (
            variable.clone(),
            Language::from_atoms(language.domain(), branches.collect()),
        )
    };
    groups.iter().map(bound).collect()
}

fn with_any_path_first(branch: &[Atom]) -> Vec<Atom> {
    let mut atoms = vec![Atom::beneath()];
    if let Some((first, rest)) = branch.split_first() {
        if let Atom::Literal(literal) = first {
            atoms.push(Atom::Literal(literal.after_first()));
        }
        atoms.extend_from_slice(rest);
    }
    atoms
}
