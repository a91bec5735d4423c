"""Find communities of topics by the words that belong to several of them."""

from __future__ import annotations

import networkx as nx


def linking_words(graph: nx.Graph) -> nx.Graph:
    """Keep the topics, and the words of two topics or more.

    Parameters
    ----------
    graph : networkx.Graph
        Bipartite: nodes of ``kind`` word or topic.

    Returns
    -------
    networkx.Graph
        With the edges between what is kept.
    """
    kinds = graph.nodes(data="kind")
    kept = [node for node, kind in kinds if kind == "topic" or graph.degree(node) > 1]
    found = nx.Graph()
    found.add_nodes_from((node, graph.nodes[node]) for node in kept)
    found.add_edges_from(
        (word, topic, edge)
        for word in kept
        if kinds[word] == "word"
        for topic, edge in graph[word].items()
    )
    return found


def communities(graph: nx.Graph, seed: int) -> tuple[list[set[str]], float]:
    """Find communities of nodes by Louvain's method, and their modularity.

    Parameters
    ----------
    graph : networkx.Graph
        With at least one edge; edges have a `weight`.
    seed : int
        Seed of the order in which nodes are looked at.

    Returns
    -------
    tuple of (list of sets of str, float)
        Nodes by community, and Newman's Q with weights.

    References
    ----------
    Blondel et al. 2008, Journal of Statistical Mechanics P10008.
    """
    # By numbers, for the order of a set of words changes from run to run.
    names = list(graph)
    numbered = nx.convert_node_labels_to_integers(graph)
    groups = nx.community.louvain_communities(numbered, weight="weight", seed=seed)
    modularity = float(nx.community.modularity(numbered, groups, weight="weight"))
    return [{names[number] for number in group} for group in groups], modularity


def assign_all_nodes(graph: nx.Graph, groups: list[set[str]]) -> tuple[tuple[str, ...], ...]:
    """Extend communities to all nodes: a word of one topic goes with its topic.

    Parameters
    ----------
    graph : networkx.Graph
        The graph of all words.
    groups : list of sets of str
        Communities of `linking_words(graph)`.

    Returns
    -------
    tuple of tuples of str
        Nodes by community, the one with the most nodes first.
    """
    home = {node: number for number, group in enumerate(groups) for node in group}
    together: dict[int, list[str]] = {}
    for node in graph:
        known = node if node in home else next(iter(graph[node]))
        together.setdefault(home[known], []).append(node)
    return tuple(tuple(group) for group in sorted(together.values(), key=len, reverse=True))
