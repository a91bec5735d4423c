"""Rewire bipartite graphs at random with all degrees kept."""

from __future__ import annotations

import networkx as nx
import numpy as np

_EXCHANGES_PER_EDGE = 10


def rewired(graph: nx.Graph, rng: np.random.Generator) -> nx.Graph:
    """Exchange the ends of random pairs of edges, many times.

    Edges (a, x) and (b, y) become (a, y) and (b, x) unless one of these is there already, ten
    attempts an edge, which is where such chains are taken to have forgotten their start (Milo
    et al. 2003, arXiv cond-mat/0312028). Every node keeps its degree, and every word the
    weights of its edges.

    Parameters
    ----------
    graph : networkx.Graph
        Bipartite: nodes of ``kind`` word or topic, edges between the two with a `weight`.
    rng : numpy.random.Generator
        Source of the random pairs.

    Returns
    -------
    networkx.Graph
        With the same nodes in the same order.
    """
    words = [node for node, kind in graph.nodes(data="kind") if kind == "word"]
    edges = [(word, topic) for word in words for topic in graph[word]]
    weights = [graph[word][topic]["weight"] for word, topic in edges]
    there = set(edges)
    n = len(edges)
    for one, other in rng.integers(n, size=(_EXCHANGES_PER_EDGE * n, 2)).tolist():
        (a, x), (b, y) = edges[one], edges[other]
        if (a, y) in there or (b, x) in there:
            continue
        there -= {(a, x), (b, y)}
        there |= {(a, y), (b, x)}
        edges[one], edges[other] = (a, y), (b, x)
    made = nx.Graph()
    made.add_nodes_from(graph.nodes(data=True))
    made.add_weighted_edges_from(
        (word, topic, weight) for (word, topic), weight in zip(edges, weights, strict=True)
    )
    return made
