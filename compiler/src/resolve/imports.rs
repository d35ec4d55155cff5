//! The graph of imports: which file sees which, and the circles that make no sense.

use camino::Utf8Path;
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use petgraph::visit::Dfs;

use crate::diagnostics::{Diagnostic, ImportCycle, ImportNotFound};
use crate::load::{Loaded, relative_to};
use crate::source::{FileId, Span};
use crate::syntax::ast;

/// Which file sees which through imports.
pub(super) struct Visibility {
    graph: DiGraphMap<u32, ()>,
}

impl Visibility {
    pub(super) fn reaches(&self, from: FileId, to: FileId) -> bool {
        if !self.graph.contains_node(from.0) {
            return false;
        }
        let mut reached = Dfs::new(&self.graph, from.0);
        while let Some(file) = reached.next(&self.graph) {
            if file == to.0 {
                return true;
            }
        }
        false
    }
}

pub(super) fn visibility(
    loaded: &Loaded,
    trees: &[ast::File<'_>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Visibility {
    let mut graph: DiGraphMap<u32, ()> = DiGraphMap::new();
    let mut places: Vec<(u32, u32, Span)> = Vec::new();
    for (tree, file) in trees.iter().zip(0..) {
        for item in &tree.items {
            let ast::Item::Import(import) = item else {
                continue;
            };
            let importer = Utf8Path::new(loaded.sources.path(FileId(file)));
            let path = relative_to(importer, &import.path.value());
            if let Some(target) = loaded.files.get(&path) {
                graph.add_edge(file, target.0, ());
                places.push((file, target.0, import.path.span));
            } else {
                let detail = loaded
                    .failures
                    .get(&path)
                    .map_or("not loaded", String::as_str);
                diagnostics.push(
                    ImportNotFound {
                        path: path.into_string(),
                        span: import.path.span,
                        detail: detail.to_owned(),
                    }
                    .render(),
                );
            }
        }
    }
    for component in tarjan_scc(&graph) {
        let circle = circle(&graph, component);
        let links: Vec<(String, Span)> = circle
            .iter()
            .zip(circle.iter().cycle().skip(1))
            .filter_map(|(from, to)| {
                let place = places
                    .iter()
                    .find(|(importer, target, _)| importer == from && target == to)?;
                Some((loaded.sources.path(FileId(*from)).to_owned(), place.2))
            })
            .collect();
        if !links.is_empty() {
            diagnostics.push(ImportCycle { links }.render());
        }
    }
    Visibility { graph }
}

/// One closed walk through a strongly connected component, from its least node on; empty where the
/// component is a single node that does not point at itself.
pub(super) fn circle<N: petgraph::graphmap::NodeTrait>(
    graph: &DiGraphMap<N, ()>,
    mut component: Vec<N>,
) -> Vec<N> {
    component.sort();
    let Some(start) = component.first().copied() else {
        return Vec::new();
    };
    if component.len() == 1 && !graph.contains_edge(start, start) {
        return Vec::new();
    }
    // A shortest way back to the start, breadth first, within the component.
    let mut ways: Vec<Vec<N>> = vec![vec![start]];
    let mut seen: Vec<N> = Vec::new();
    let mut next = 0;
    while let Some(way) = ways.get(next).cloned() {
        next += 1;
        let Some(last) = way.last().copied() else {
            continue;
        };
        let mut neighbours: Vec<N> = graph
            .neighbors(last)
            .filter(|node| component.contains(node))
            .collect();
        neighbours.sort();
        for node in neighbours {
            if node == start {
                return way;
            }
            if !seen.contains(&node) {
                seen.push(node);
                ways.push(way.iter().copied().chain([node]).collect());
            }
        }
    }
    Vec::new()
}

/// The path by which the file at `from` would import the one at `to`.
pub(super) fn path_between(from: &str, to: &str) -> String {
    let folder = Utf8Path::new(from).parent().unwrap_or(Utf8Path::new(""));
    let (mut up, mut base) = (String::new(), folder);
    loop {
        if let Ok(rest) = Utf8Path::new(to).strip_prefix(base) {
            return format!("{up}{rest}");
        }
        let Some(parent) = base.parent() else {
            return to.to_owned();
        };
        up.push_str("../");
        base = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_between_two_files_goes_up_and_down() {
        assert_eq!(
            path_between("team/a.tappass", "org/b.tappass"),
            "../org/b.tappass"
        );
        assert_eq!(path_between("a.tappass", "b.tappass"), "b.tappass");
    }

    #[test]
    fn a_circle_is_a_closed_walk_from_its_least_node() {
        let graph: DiGraphMap<u32, ()> = DiGraphMap::from_edges([(3, 1), (1, 2), (2, 3), (3, 4)]);
        assert_eq!(circle(&graph, vec![2, 3, 1]), [1, 2, 3]);
        assert_eq!(circle(&graph, vec![4]), Vec::<u32>::new());
    }
}
